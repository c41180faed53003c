/** The lines that a finding's place counts in. */
import { cellSource } from '../engine/file-text.ts';
import type { FileResult } from '../engine/types.ts';

const known = new WeakMap<FileResult, Map<number | null, readonly string[]>>();

/** Lines of a file, or of a notebook's cell; none when there is no text. */
export function sourceLines(file: FileResult, cell: number | null): readonly string[] {
  const cells = known.get(file) ?? new Map<number | null, readonly string[]>();
  known.set(file, cells);
  let lines = cells.get(cell);
  if (!lines) {
    const text = file.text ?? '';
    const source = cell === null ? text : (cellSource(text, cell) ?? '');
    const all = source.split(/\r\n|\r|\n/);
    lines = all.at(-1) === '' ? all.slice(0, -1) : all;
    cells.set(cell, lines);
  }
  return lines;
}
