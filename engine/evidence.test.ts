import { describe, expect, test } from 'vitest';
import type { Entry } from '../bench/evidence/result.ts';
import { rules } from '../rules/index.ts';
import { EVIDENCE } from '../rules/knowledge/evidence.generated.ts';
import type { Evidence } from '../rules/knowledge/evidence.ts';
import { bundledEvidence, evidencePage } from '../scripts/generate/evidence.ts';
import { evidenceTexts, figure } from './evidence.ts';

const gain: Evidence = {
  subject: { en: 'ResNet-18, batch 32', fr: 'ResNet-18, lot de 32' },
  status: 'measured',
  measure: 'cpu',
  verdict: 'gain',
  ratios: {
    cpu: { median: 0.412, low: 0.39, high: 0.4449 },
    wall: { median: 0.3, low: 0.2, high: 0.35 },
    memory: { median: 0.5, low: 0.48, high: 0.52 },
    bytes: { median: 0.99, low: 0.9, high: 1.2 },
  },
  runs: 1,
  cores: 2,
  threads: 1,
  versions: 'torch 2.14.1',
};
const table = (...entries: Evidence[]) => ({ 'some-rule': entries });

describe('what is quoted', () => {
  test('the measure that the rule is about, then what moved with it', () => {
    expect(evidenceTexts('some-rule', 'en', table(gain))).toEqual([
      'Measured: 0.41 × the processor time (0.39 to 0.44), 0.5 × the memory (0.48 to 0.52), ResNet-18, batch 32 (2-core CPU, 1 thread, torch 2.14.1)',
    ]);
    expect(evidenceTexts('some-rule', 'fr', table(gain))).toEqual([
      'Mesuré : 0,41 × le temps processeur (0,39 à 0,44), 0,5 × la mémoire (0,48 à 0,52), ResNet-18, lot de 32 (CPU à 2 cœurs, 1 fil, torch 2.14.1)',
    ]);
  });

  test('no gain, worse and executed are said as they are', () => {
    const idle = {
      ...gain,
      verdict: 'no gain',
      ratios: { cpu: { median: 1, low: 0.96, high: 1.03 } },
    } as const;
    const worse = {
      ...gain,
      verdict: 'worse',
      ratios: { cpu: { median: 1.5, low: 1.4, high: 1.6 } },
    } as const;
    const run = { ...gain, status: 'executed', verdict: null, measure: null, ratios: {} } as const;
    const [a, b, c] = evidenceTexts('some-rule', 'en', table(idle, worse, run));
    expect(a).toMatch(/^Measured, no gain: 1 × the processor time \(0\.96 to 1\.03\)/);
    expect(b).toMatch(/^Measured, worse: 1\.5 ×/);
    expect(c).toMatch(/^Executed, its output agrees; not timed: ResNet-18/);
  });

  test('of several runs the widest spread is quoted, and no gain where it reaches 1', () => {
    const twice = { ...gain, runs: 2 };
    expect(evidenceTexts('some-rule', 'en', table(twice))[0]).toContain('(0.39 to 0.44 over 2 runs), 0.5');
    expect(evidenceTexts('some-rule', 'fr', table(twice))[0]).toContain('(0,39 à 0,44 sur 2 séries), 0,5');
    const entry = {
      ...gain,
      measures: { cpu: { median: 0.6, low: 0.55, high: 0.64, before: 1, after: 1 } },
      machine: { cores: 2, threads: 1, cpu: 'x', memoryGiB: 1, system: 'x' },
      versions: { python: '3' },
      repeats: [
        { median: 1.2, low: 1.1, high: 1.3, verdict: 'worse', pairs: 3, agrees: false, date: '', load: 1 },
      ],
    } as unknown as Entry;
    const bundle = bundledEvidence([{ $schema: '', rule: 'some-rule', entries: [entry] }]);
    expect(bundle['some-rule']?.[0]).toMatchObject({
      verdict: 'no gain',
      runs: 2,
      ratios: { cpu: { low: 0.55, high: 1.3 } },
    });
  });

  test('nothing measured is said, also for names of every object', () => {
    expect(evidenceTexts('other-rule', 'en', table(gain))).toEqual(['Not measured here']);
    expect(evidenceTexts('constructor', 'fr', table(gain))).toEqual(['Non mesuré ici']);
  });

  test('figures', () => {
    expect([0.00942, 0.0344, 0.4, 1.004, 12.4].map((value) => figure(value, 'en'))).toEqual([
      '0.0094',
      '0.034',
      '0.4',
      '1',
      '12',
    ]);
  });
});

test('the bundle quotes rules of the catalogue', () => {
  expect(Object.keys(EVIDENCE).length).toBeGreaterThan(0);
  for (const id of Object.keys(EVIDENCE)) expect(rules.map((rule) => rule.id)).toContain(id);
});

test('the page lists what was measured, executed and not run, in both languages', () => {
  const entry = {
    program: 'array-growth-in-loop.py',
    case: null,
    subject: gain.subject,
    hash: '0',
    fixes: [],
    findings: 1,
    compared: 'equal within 0.1',
    status: 'measured',
    measure: 'cpu',
    verdict: 'gain',
    pairs: 3,
    measures: { cpu: { median: 0.4, low: 0.3, high: 0.5, before: 10, after: 4 } },
    date: '2026-01-01',
    machine: { cpu: 'x', cores: 2, memoryGiB: 1, system: 'x', threads: 1 },
    versions: { python: '3', sklearn: '1.9' },
  } as const;
  const results = [{ $schema: '', rule: 'array-growth-in-loop', entries: [entry] }];
  expect(bundledEvidence(results)['array-growth-in-loop']?.[0]?.versions).toBe('scikit-learn 1.9');
  const page = evidencePage(rules, results, [], 'en');
  expect(page).toContain(
    '| [`array-growth-in-loop`](rules/array-growth-in-loop.md) | measured: 0.4 × the processor time',
  );
  expect(page).toMatch(/uncapped-llm-output.*calls a hosted model/);
  expect(page).toContain('| Model size | 50 to 90 % less | not measured here |');
  expect(evidencePage(rules, results, [], 'fr')).toContain('égales à 0.1 près');
});
