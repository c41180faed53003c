import { expect, test } from 'vitest';
import type { RuleDefinition } from '../rules/rule.ts';
import { createGate } from './gate.ts';

const rule = (...libraries: string[]) => ({ libraries }) as unknown as RuleDefinition;

test('whole names, anywhere in the text', () => {
  const gate = createGate([
    rule('torch', 'tensorflow'),
    rule('@huggingface/transformers', 'torch', 'openai'),
  ]);
  const through = [
    'import torch',
    'from torch.nn import x',
    '"torch"',
    "import '@huggingface/transformers'",
    'x=tensorflow',
    '["import torch\\n"]',
  ];
  expect(through.filter((text) => !gate(text))).toEqual([]);
  const stopped = [
    '',
    'import torchlight',
    'import pytorch',
    'storch',
    '@huggingface/transformersjs',
    'my_openai',
  ];
  expect(stopped.filter((text) => gate(text))).toEqual([]);
});

test('without libraries nothing passes; their names are no patterns', () => {
  expect(createGate([rule()])('import torch')).toBe(false);
  const gate = createGate([rule('a.b', 'c++', '@x/y')]);
  expect([gate('aXb'), gate('a.b'), gate('c++'), gate('@x/y')]).toEqual([false, true, true, true]);
});
