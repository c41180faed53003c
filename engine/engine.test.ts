import { describe, expect, test } from 'vitest';
import { defineRule, type RuleDefinition } from '../rules/rule.ts';
import { applyEdits, mergeFixes } from './fixes.ts';
import { workspace } from './testing.ts';
import { ConfigError, type FileResult } from './types.ts';

const text = { en: 'x', fr: 'x' };
const base = {
  phase: 'training',
  languages: ['python', 'typescript'],
  severity: 'warning',
  status: 'stable',
  fix: 'safe',
  impact: { resource: 'compute', band: 'low', source: 'test' },
  references: { course: [] },
  libraries: ['torch', 'fakelib'],
  title: text,
  what: text,
  why: text,
  instead: text,
  examples: { bad: [], good: [] },
} as const;

/** Wants `torch.ones`, `torch.full` in place of `torch.zeros`; passes on `torch.ones`. */
const noZeros: RuleDefinition = defineRule({
  ...base,
  id: 'no-zeros',
  messages: { default: { en: 'Zeros of {size}.', fr: 'Des zéros, {size}.' } },
  options: { limit: { type: 'integer', default: 0, minimum: 0, description: text } },
  on: {
    calls: {
      names: ['torch.zeros', 'torch.*.zeros', 'torch.ones', 'fakelib.zeros'],
      check(call, { module, pass, fail, flow, options }) {
        if (flow.names(call).includes('torch.ones')) return pass(call);
        const size = flow.constant(call.args[0]!.value);
        if (typeof size === 'number' && size < (options.limit as number)) return pass(call);
        const callee = module.text.slice(call.callee.start, call.callee.end);
        fail(call, {
          data: { size: String(size) },
          fixes: [
            {
              title: text,
              imports: ['from saver import ones'],
              packages: ['saver-lib'],
              edits: () => [
                { start: call.callee.start, end: call.callee.end, text: callee === 'ones' ? callee : 'ones' },
              ],
            },
          ],
        });
      },
    },
  },
});

const rules = [noZeros];
const lines = (file: FileResult | undefined) =>
  file?.findings.map((finding) => `${finding.line}:${finding.column} ${finding.rule}`);
const ROOT = '/workspace';

describe('lint', () => {
  test('finds, with place, message and counts', async () => {
    const { engine } = workspace(
      { 'a.py': 'import torch\n\n# é𝔸\ns = "é𝔸"; x = torch.zeros(3)\ny = torch.ones(3)\n' },
      rules,
    );
    const result = await engine.lint([ROOT], ROOT);
    expect(result.problems).toEqual([]);
    const [finding] = result.files[0]!.findings;
    expect(finding).toMatchObject({
      path: '/workspace/a.py',
      cell: null,
      line: 4,
      column: 15,
      endLine: 4,
      endColumn: 29,
      rule: 'no-zeros',
      message: 'Zeros of 3.',
    });
    expect(result.sites).toEqual({ 'no-zeros': { pass: 1, fail: 1 } });
    expect(result.stats).toMatchObject({ files: 1, analysed: 1, skipped: 0, lines: 5 });
  });
});
