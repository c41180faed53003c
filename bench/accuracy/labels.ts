/**
 * Labels: what a reader judged of a place in a real repository. A tab-separated file, one judgement a row:
 * repository, commit, path, cell (`-` outside notebooks), line, rule, verdict, note.
 */
import type { Finding } from '../corpus.ts';

/** `right` and `wrong` judge a finding; `missed` says that one should have been there. */
export const VERDICTS = ['right', 'wrong', 'missed'] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface Label {
  readonly repository: string;
  readonly commit: string;
  readonly path: string;
  readonly cell: number | null;
  readonly line: number;
  readonly rule: string;
  readonly verdict: Verdict;
  readonly note: string;
}

export const COLUMNS = ['repository', 'commit', 'path', 'cell', 'line', 'rule', 'verdict', 'note'] as const;

/** Reads a labels file; throws with the line's number on a row that cannot be meant. */
export function parseLabels(text: string): Label[] {
  return text.split(/\r?\n/).flatMap((row, index) => {
    if (row.trim() === '' || row.startsWith('#') || row.startsWith('repository\t')) return [];
    const [
      repository = '',
      commit = '',
      path = '',
      cell = '',
      line = '',
      rule = '',
      verdict = '',
      note = '',
    ] = row.split('\t');
    const known = VERDICTS.find((name) => name === verdict);
    const bad = (what: string) => new Error(`labels, line ${index + 1}: ${what}`);
    if (!known) throw bad(`verdict "${verdict}" is none of ${VERDICTS.join(', ')}`);
    if (!/^\d+$/.test(line)) throw bad(`line "${line}" is no number`);
    if (!/^(-|\d+)$/.test(cell)) throw bad(`cell "${cell}" is neither a number nor -`);
    if (!repository || !path || !rule) throw bad('repository, path and rule are needed');
    const at = { cell: cell === '-' ? null : Number(cell), line: Number(line) };
    return [{ repository, commit, path, ...at, rule, verdict: known, note }];
  });
}

/** The row of a label; `verdict` may be a `?` to fill in. */
export function formatLabel(label: Omit<Label, 'verdict'> & { verdict: Verdict | '?' }): string {
  const { repository, commit, path, cell, line, rule, verdict, note } = label;
  return [repository, commit.slice(0, 10), path, cell ?? '-', line, rule, verdict, note].join('\t');
}

type Place = Pick<Finding, 'repository' | 'path' | 'cell' | 'line' | 'rule'>;

/** What makes two judgements, or a judgement and a finding, be about the same thing. */
export const placeKey = (at: Place): string =>
  [at.repository, at.path, at.cell ?? '-', at.line, at.rule].join('\t');

export interface Accuracy {
  readonly rule: string;
  /** Findings of this run. */
  readonly findings: number;
  readonly unlabelled: number;
  /** Reported and true; reported and false; true and not reported. */
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
}

/** Compares a run with the labels that hold for it. Precision is over labelled findings only. */
export function accuracy(findings: readonly Place[], labels: readonly Label[]): Accuracy[] {
  const reported = new Set(findings.map(placeKey));
  const labelled = new Set(labels.map(placeKey));
  const rules = [...new Set([...findings, ...labels].map(({ rule }) => rule))].sort();
  return rules.map((rule) => {
    const own = findings.filter((finding) => finding.rule === rule);
    const judged = labels.filter((label) => label.rule === rule);
    const count = (isTrue: boolean, isReported: boolean) =>
      judged.filter(
        (label) => (label.verdict !== 'wrong') === isTrue && reported.has(placeKey(label)) === isReported,
      ).length;
    return {
      rule,
      findings: own.length,
      unlabelled: own.filter((finding) => !labelled.has(placeKey(finding))).length,
      truePositives: count(true, true),
      falsePositives: count(false, true),
      falseNegatives: count(true, false),
    };
  });
}

/** Labels that hold for a run: of its repositories, at its commits. A short commit stands for its long form. */
export function applicable(
  labels: readonly Label[],
  commits: ReadonlyMap<string, string>,
): { holding: Label[]; stale: Label[] } {
  const ours = labels.filter((label) => commits.has(label.repository));
  const holds = (label: Label) => (commits.get(label.repository) ?? '').startsWith(label.commit);
  return { holding: ours.filter(holds), stale: ours.filter((label) => !holds(label)) };
}

/** A repeatable sample, spread over repositories before taking a second one of the same. */
export function sample<T extends Place>(findings: readonly T[], size: number, seed: number): T[] {
  const random = mulberry32(seed);
  const shuffled = findings
    .map((finding) => ({ finding, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ finding }) => finding);
  const seen = new Map<string, number>();
  return shuffled
    .map((finding) => {
      const round = seen.get(finding.repository) ?? 0;
      seen.set(finding.repository, round + 1);
      return { finding, round };
    })
    .sort((a, b) => a.round - b.round)
    .slice(0, size)
    .map(({ finding }) => finding);
}

/** A small seeded generator (Tommy Ettinger's mulberry32): a sample can be drawn again. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
