/** Offsets -> lines and columns, as people and editors count them. */

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in characters (code points). */
  readonly column: number;
}

/** Where each line starts. Lines end with `\n`, `\r\n` or a lone `\r`, as in editors. */
export function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10 || (code === 13 && text.charCodeAt(at + 1) !== 10)) starts.push(at + 1);
  }
  return starts;
}

/** Index of the line that holds an offset, from 0. */
export function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

export function positionAt(text: string, starts: readonly number[], offset: number): Position {
  const line = lineAt(starts, offset);
  let column = 1;
  for (let at = starts[line] ?? 0; at < offset; at++) {
    const code = text.charCodeAt(at);
    const isPair =
      code >= 0xd800 && code < 0xdc00 && at + 1 < offset && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
    if (isPair) at++;
    column++;
  }
  return { line: line + 1, column };
}

/** `line:column` of an offset, for messages. */
export function placeOf(text: string, offset: number): string {
  const { line, column } = positionAt(text, lineStarts(text), offset);
  return `${line}:${column}`;
}
