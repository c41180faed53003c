/**
 * Marked fixtures: `# ~ rule-id` (`// ~ rule-id` in TypeScript) at the end of a line says that a finding of that rule
 * starts there; several ids stand with commas between them.
 */
import type { Finding } from '../engine/types.ts';

export interface Mark {
  readonly path: string;
  /** From 0; null outside notebooks. */
  readonly cell: number | null;
  readonly line: number;
  readonly rule: string;
}

const MARK = /(?:#|\/\/)\s*~\s*([a-z0-9-]+(?:\s*,\s*[a-z0-9-]+)*)\s*$/;

function marksOf(path: string, cell: number | null, source: string): Mark[] {
  return source.split(/\r\n|\r|\n/).flatMap((text, index) => {
    const rules = MARK.exec(text)?.[1]?.split(',') ?? [];
    return rules.map((rule) => ({ path, cell, line: index + 1, rule: rule.trim() }));
  });
}

/** The marks of a file, of each code cell in a notebook. */
export function readMarks(path: string, text: string): Mark[] {
  if (!path.endsWith('.ipynb')) return marksOf(path, null, text);
  type Cell = { cell_type: string; source: string | string[] };
  const { cells = [] } = JSON.parse(text) as { cells?: Cell[] };
  return cells.flatMap(({ cell_type: type, source }, index) =>
    type === 'code' ? marksOf(path, index, [source].flat().join('')) : [],
  );
}

function key({ path, cell, line, rule }: Mark | Finding): string {
  return `${path}${cell === null ? '' : `:cell ${cell + 1}`}:${line} ${rule}`;
}

function without(list: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return list.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** What disagrees, a line each: marks without their finding, findings without their mark. */
export function disagreements(marks: readonly Mark[], findings: readonly Finding[]): string[] {
  const marked = marks.map(key);
  const found = findings.map(key);
  const messages = new Map(findings.map((finding) => [key(finding), finding.message]));
  return [
    ...without(marked, found).map((one) => `marked, not found: ${one}`),
    ...without(found, marked).map((one) => `found, not marked: ${one}: ${messages.get(one)}`),
  ].sort();
}
