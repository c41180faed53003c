import { ERROR, MISSING } from './kinds.ts';
import { FIRST_TOKEN, type SyntaxTree } from './syntax-tree.ts';

/** What one lowering carries about. */
export interface Source {
  readonly text: string;
  readonly tree: SyntaxTree;
  depth: number;
  /** Set by `yield`, read and reset by the function around it. */
  yields: boolean;
  /** Row of the parentheses in a misread `type(x).y = z`; else 0. */
  typeArguments: Row;
  /** Height of the subtree at each row; computed only for trees that are too deep. */
  heights: Uint32Array | null;
}

export type Row = number;

/** First child that is no token and no error; 0 if there is none. */
export function firstNode(s: Source, n: Row): Row {
  return nodeFrom(s, n, n + 1);
}

/** First child of `n`, at or after row `from`, that is no token and no error; 0 if there is none. */
export function nodeFrom(s: Source, n: Row, from: Row): Row {
  const { kinds, nexts } = s.tree;
  for (let i = from; i < nexts[n]!; i = nexts[i]!) {
    const kind = kinds[i]!;
    if (kind < FIRST_TOKEN && kind !== ERROR) return i;
  }
  return 0;
}

/** The node after child `i` of `n`. */
export function nodeAfter(s: Source, n: Row, i: Row): Row {
  return i ? nodeFrom(s, n, s.tree.nexts[i]!) : 0;
}

/** Children that are no tokens. Errors are among them. */
export function nodesOf(s: Source, n: Row): Row[] {
  const { kinds, nexts } = s.tree;
  const rows: Row[] = [];
  for (let i = n + 1; i < nexts[n]!; i = nexts[i]!) if (kinds[i]! < FIRST_TOKEN) rows.push(i);
  return rows;
}

export function childOf(s: Source, n: Row, wanted: number): Row {
  const { kinds, nexts } = s.tree;
  for (let i = n + 1; i < nexts[n]!; i = nexts[i]!) if (kinds[i] === wanted) return i;
  return 0;
}

export function hasError(s: Source, n: Row): boolean {
  if (!s.tree.errors.length) return false;
  const { kinds, nexts } = s.tree;
  for (let i = n + 1; i < nexts[n]!; i = nexts[i]!)
    if (kinds[i] === ERROR || kinds[i] === MISSING) return true;
  return false;
}

export function slice(s: Source, n: Row): string {
  return s.text.slice(s.tree.starts[n], s.tree.ends[n]);
}
