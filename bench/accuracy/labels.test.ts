import { describe, expect, it } from 'vitest';
import { accuracy, applicable, formatLabel, type Label, parseLabels, sample } from './labels.ts';

const label = (line: number, verdict: Label['verdict'], rule = 'r'): Label => ({
  ...{ repository: 'o/n', commit: 'abc', path: 'a.py', cell: null, line, rule, verdict, note: '' },
});
const finding = (line: number, rule = 'r', repository = 'o/n') => ({
  ...{ repository, path: 'a.py', cell: null, line, rule },
});

describe('labels', () => {
  it('reads what it writes', () => {
    const labels = [label(3, 'right'), { ...label(4, 'missed'), cell: 2, note: 'eval() is in train.py' }];
    expect(parseLabels(labels.map(formatLabel).join('\n'))).toEqual(labels);
  });

  it('skips the head, comments and empty lines', () => {
    expect(parseLabels('repository\tcommit\n# a comment\n\n')).toEqual([]);
  });

  it.each([
    ['o/n\tabc\ta.py\t-\t3\tr\tmaybe\t', 'line 1: verdict "maybe"'],
    ['\no/n\tabc\ta.py\t-\tx\tr\tright\t', 'line 2: line "x"'],
    ['o/n\tabc\ta.py\tfirst\t3\tr\tright\t', 'cell "first"'],
    ['o/n\tabc\t\t-\t3\tr\tright\t', 'are needed'],
  ])('says where a row is wrong: %j', (text, message) => {
    expect(() => parseLabels(text)).toThrow(message);
  });

  it('leaves labels of another commit and another repository out', () => {
    const labels = [
      label(1, 'right'),
      { ...label(2, 'right'), commit: 'zzz' },
      { ...label(3, 'right'), repository: 'x/y' },
    ];
    const { holding, stale } = applicable(labels, new Map([['o/n', 'abcdef']]));
    expect(holding.map(({ line }) => line)).toEqual([1]);
    expect(stale.map(({ line }) => line)).toEqual([2]);
  });
});

describe('accuracy', () => {
  it('counts right, wrong, missed and open findings of each rule', () => {
    const findings = [finding(1), finding(2), finding(3), finding(9, 'other')];
    const labels = [
      label(1, 'right'),
      label(2, 'wrong'),
      label(7, 'missed'),
      label(8, 'right'),
      label(6, 'wrong'),
    ];
    expect(accuracy(findings, labels)).toEqual([
      { rule: 'other', findings: 1, unlabelled: 1, truePositives: 0, falsePositives: 0, falseNegatives: 0 },
      { rule: 'r', findings: 3, unlabelled: 1, truePositives: 1, falsePositives: 1, falseNegatives: 2 },
    ]);
  });

  it('takes a missed one that is found now as right', () => {
    expect(accuracy([finding(7)], [label(7, 'missed')])[0]).toMatchObject({
      truePositives: 1,
      falseNegatives: 0,
    });
  });
});

describe('sample', () => {
  const many = Array.from({ length: 20 }, (_, i) => finding(i, 'r', 'big/one'));
  const all = [...many, finding(1, 'r', 'small/one'), finding(1, 'r', 'small/two')];

  it('spreads over repositories first', () => {
    expect(new Set(sample(all, 3, 1).map(({ repository }) => repository)).size).toBe(3);
  });

  it('is the same for the same seed, another for another', () => {
    expect(sample(all, 10, 1)).toEqual(sample(all, 10, 1));
    expect(sample(all, 10, 1)).not.toEqual(sample(all, 10, 2));
  });
});
