import { describe, expect, test } from 'vitest';
import type { RuleDefinition } from '../rules/rule.ts';
import type { RuleSetting } from './config.ts';
import { RuleIndex } from './rule-runner.ts';

const index = (...names: string[]) =>
  new RuleIndex(
    names.map(
      (name) =>
        ({
          rule: { id: name, on: { calls: { names: [name] } } } as unknown as RuleDefinition,
        }) as RuleSetting,
    ),
  );

describe('names', () => {
  const rules = index(
    'torch.save',
    'transformers.*.from_pretrained',
    '?.fit',
    'keras.*.fit',
    'a.*.*.b',
    'x.Auto*.load',
  );
  test.each([
    ['torch.save', [0]],
    ['torch.saved', []],
    ['transformers.AutoModel.from_pretrained', [1]],
    ['transformers.models.AutoModel.from_pretrained', []],
    ['transformersXAutoModel.from_pretrained', []],
    ['?.fit', [2]],
    ['x.fit', []],
    ['keras.Model.fit', [3]],
    ['a.b.c.b', [4]],
    ['x.AutoModel.load', [5]],
    ['constructor', []],
    ['__proto__', []],
  ])('%s', (name, expected) => {
    expect(rules.rulesOf(name)).toEqual(expected);
    expect(rules.rulesOf(name), 'remembered').toEqual(expected);
  });
});
