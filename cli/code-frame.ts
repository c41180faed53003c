/** The source lines around a finding, with carets under it. */
import stringWidth from 'string-width';
import { escapeHidden } from './escape.ts';
import type { Style } from './style.ts';

const CONTEXT = 2;
/** Longest piece of a line that is shown; the window moves so that the finding is in it. */
const WIDTH = 160;
const TAB = '    ';

export interface Place {
  /** From 1; columns in code points, end exclusive. */
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

const show = (characters: readonly string[]) => escapeHidden(characters.join('')).replaceAll('\t', TAB);

/** A line cut to a window around `from`…`to` (code points), and where the carets go. */
function cut(line: string, from: number, to: number): { text: string; before: string; marked: string } {
  // Only what can be shown is split into code points: a line may be 20 MB long.
  let offset = 0;
  const rough = Math.max(0, from - WIDTH);
  if (line.length > 4 * WIDTH) {
    let units = 0;
    for (let index = 0; index < rough && units < line.length; index++) {
      units += (line.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
    }
    offset = rough;
    line = line.slice(units, units + 8 * WIDTH);
  }
  const characters = [...line];
  const first = from - offset;
  const last = Math.min(to - offset, characters.length);
  const start = characters.length <= WIDTH || first < WIDTH / 2 ? 0 : first - WIDTH / 4;
  const end = Math.min(characters.length, start + WIDTH);
  const head = offset > 0 || start > 0 ? '…' : '';
  const tail = end < characters.length ? '…' : '';
  return {
    text: `${head}${show(characters.slice(start, end))}${tail}`,
    before: `${head}${show(characters.slice(start, first))}`,
    marked: show(characters.slice(first, Math.min(last, end))),
  };
}

/** Renders the lines of `text` around `place`. A finding over several lines is underlined on its first. */
export function codeFrame(lines: readonly string[], place: Place, style: Style): string {
  const first = Math.max(1, place.line - CONTEXT);
  const last = Math.min(lines.length, place.line + CONTEXT);
  const gutter = String(last).length;
  const bar = style.blue('|');
  const out = [`${' '.repeat(gutter)} ${bar}`];
  for (let number = first; number <= last; number++) {
    const line = lines[number - 1] ?? '';
    const isPlace = number === place.line;
    const from = isPlace ? place.column - 1 : 0;
    const to = !isPlace ? 0 : place.endLine === place.line ? place.endColumn - 1 : Number.POSITIVE_INFINITY;
    const { text, before, marked } = cut(line, from, to);
    out.push(`${style.blue(String(number).padStart(gutter))} ${bar} ${text}`.trimEnd());
    if (isPlace) {
      const carets = '^'.repeat(Math.max(1, stringWidth(marked)));
      out.push(
        `${' '.repeat(gutter)} ${bar} ${' '.repeat(stringWidth(before))}${style.bold(style.yellow(carets))}`,
      );
    }
  }
  out.push(`${' '.repeat(gutter)} ${bar}`);
  return out.join('\n');
}
