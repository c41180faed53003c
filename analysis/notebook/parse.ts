/** Parses the cells of a notebook as one module, keeping a broken cell from spoiling the others. */
import type { FrontEnd } from '../front-end.ts';
import type { ParsedModule, Span } from '../model.ts';
import type { JoinedCells } from './notebook.ts';

type Parse = (code: string) => ParsedModule;

/** How many pieces a statement of a broken cell may have before it is given up. */
const MAX_PIECES = 8;
/** Cells longer than this are blanked whole when broken, not searched for what is whole. */
const MAX_SEARCHED = 10_000;

const blank = (text: string): string => text.replace(/[^\r\n]/g, ' ');

/**
 * Offsets where a new statement may start: lines that begin in the first column, except those that can only go on with
 * what stands above.
 */
function pieceStarts(code: string): number[] {
  const starts: number[] = [];
  const line = /^(?!(?:else|elif|except|finally|case|catch)\b)[\w@'"$#({[*~`+-]/gm;
  for (const match of code.matchAll(line)) starts.push(match.index);
  if (starts[0] !== 0) starts.unshift(0);
  return starts;
}

/** Whether an error in `code` stays in `code`: the statements in front of it and behind it are still read as such. */
function isContained(parse: Parse, code: string): boolean {
  const head = 'frugal_start = 1\n';
  const { statements } = parse(`${head}${code}\nfrugal_end = 1\n`).body;
  const first = statements[0];
  const last = statements.at(-1);
  return (
    first?.kind === 'assign' &&
    first.end < head.length &&
    last?.kind === 'assign' &&
    last.start === head.length + code.length + 1
  );
}

/** Spans of a broken cell that must go so that the rest of the notebook parses. */
function brokenSpans(parse: Parse, code: string): Span[] {
  // What the front end can recover from, a half-typed line in a function, is better kept.
  if (isContained(parse, code)) return [];
  if (code.length > MAX_SEARCHED) return [{ start: 0, end: code.length }];
  const starts = pieceStarts(code);
  const spans: Span[] = [];
  for (let first = 0; first < starts.length; ) {
    const start = starts[first]!;
    let next = first + 1;
    let end = starts[next] ?? code.length;
    while (parse(code.slice(start, end)).errors.length > 0) {
      if (next >= starts.length || next - first >= MAX_PIECES) {
        next = first + 1;
        end = starts[next] ?? code.length;
        if (!isContained(parse, code.slice(start, end))) spans.push({ start, end });
        break;
      }
      next++;
      end = starts[next] ?? code.length;
    }
    first = next;
  }
  return spans;
}

/** Parses joined cells. `errors` names what was left out besides what the front end reports. */
export function parseCells(frontEnd: FrontEnd, path: string, notebook: JoinedCells): ParsedModule {
  const parse: Parse = (code) => frontEnd.parse(path, code);
  const whole = parse(notebook.text);
  if (whole.errors.length === 0) return whole;

  const broken: Span[] = [];
  for (const cell of notebook.cells) {
    const code = notebook.text.slice(cell.start, cell.end);
    if (parse(code).errors.length === 0) continue;
    for (const span of brokenSpans(parse, code)) {
      broken.push({ start: cell.start + span.start, end: cell.start + span.end });
    }
  }
  if (broken.length === 0) return whole;

  let text = '';
  let copied = 0;
  for (const span of broken) {
    text += notebook.text.slice(copied, span.start) + blank(notebook.text.slice(span.start, span.end));
    copied = span.end;
  }
  const mended = parse(text + notebook.text.slice(copied));
  const errors = [...broken, ...mended.errors].sort((a, b) => a.start - b.start);
  return { ...mended, text: notebook.text, errors };
}
