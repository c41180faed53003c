import { expect, it } from 'vitest';
import type { CorpusRun, Finding } from '../corpus.ts';
import { diffRuns } from './diff.ts';

const finding = (line: number, message = 'm', repository = 'o/n'): Finding => ({
  ...{
    repository,
    path: 'a.py',
    cell: null,
    line,
    column: 1,
    rule: 'r',
    severity: 'warning',
    status: 'stable',
  },
  message,
});

const run = (findings: Finding[], commit = 'abc', errors: string[] = []): CorpusRun => ({
  date: '2025-01-01',
  repositories: [
    {
      ...{
        name: 'o/n',
        folder: '/',
        commit,
        kind: 'hobby',
        files: 1,
        analysed: 1,
        lines: 1,
        ms: 1,
        failure: null,
      },
      errors,
    },
  ],
  findings,
});

it('tells added, removed and changed findings apart', () => {
  const diff = diffRuns(
    run([finding(1), finding(2), finding(3)]),
    run([finding(2, 'other words'), finding(3), finding(4)]),
  );
  expect(diff.added.map(({ line }) => line)).toEqual([4]);
  expect(diff.removed.map(({ line }) => line)).toEqual([1]);
  expect(diff.changed.map(({ after }) => after.message)).toEqual(['other words']);
});

it('compares a repository at the same commit only', () => {
  const diff = diffRuns(run([finding(1)]), run([finding(2)], 'def'));
  expect([diff.added, diff.removed]).toEqual([[], []]);
});

it('reports new and mended problems', () => {
  const diff = diffRuns(run([], 'abc', ['a.py: old']), run([], 'abc', ['a.py: new']));
  expect(diff.broken).toEqual(['o/n: a.py: new']);
  expect(diff.mended).toEqual(['o/n: a.py: old']);
});
