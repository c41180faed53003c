/** Python scripts that notebooks were exported to: Databricks' source format and nbconvert's `get_ipython()` calls. */
import { CODE_CELL_MAGICS, maskPythonCell } from './magics.ts';

const DATABRICKS_HEADER = /^\ufeff?# Databricks notebook source\b/;
const PYTHON_MAGIC = /^# MAGIC %python[ \t]*$/;

/** `# MAGIC %python` cells as code. Their lines keep their columns, so they become the body of an `if 1:`. */
function unmaskDatabricksCell(lines: readonly string[]): string[] {
  const first = lines.findIndex((line) => line.trim() !== '' && !line.startsWith('# COMMAND ---'));
  if (first === -1 || !PYTHON_MAGIC.test(lines[first]!.trimEnd())) return [...lines];
  const body = lines.slice(first + 1).map((line) => line.replace(/^# MAGIC(?=\s|$)/, '       '));
  const isCode = body.some(
    (line, index) => lines[first + 1 + index]!.startsWith('# MAGIC') && /^ *[^ #]/.test(line),
  );
  if (!isCode) return [...lines];
  return [...lines.slice(0, first), `if 1:${lines[first]!.slice(5).replace(/[^\r]/g, ' ')}`, ...body];
}

/**
 * A Databricks `.py` export with its `# MAGIC %python` cells as code; any other text comes back as it is. Cells in other
 * languages are comments already. Same length, newlines kept.
 */
export function maskScript(text: string): string {
  if (!DATABRICKS_HEADER.test(text) || !text.includes('# MAGIC %python')) return text;
  const lines = text.split('\n');
  const output: string[] = [];
  let start = 0;
  for (let end = 1; end <= lines.length; end++) {
    if (end < lines.length && !lines[end]!.startsWith('# COMMAND ---')) continue;
    output.push(...unmaskDatabricksCell(lines.slice(start, end)));
    start = end;
  }
  return output.join('\n');
}

/** Code taken out of a string: `text` has the same length as the script, but lines break where the string says `\n`. */
export interface ExpandedScript {
  readonly text: string;
  /** Where unescaped code lies: findings are shown there, fixes must not be applied there. */
  readonly regions: readonly { readonly start: number; readonly end: number }[];
  /** Offset in the script of an offset in `text`. The two differ inside regions only, and never by a line of the script. */
  toOriginal(offset: number): number;
}

const EXPORTED_CELL =
  /^get_ipython\(\)\.run_cell_magic\(\s*u?(['"])(\w+)\1\s*,\s*u?(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")\s*,\s*u?('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")\s*\)/gm;
const ESCAPE = /\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|[ntr\\'"])/y;

function unescaped(escaped: string): string {
  const kind = escaped.charAt(1);
  if (kind === 'x' || kind === 'u') return String.fromCharCode(Number.parseInt(escaped.slice(2), 16));
  return kind === 'n' ? '\n' : kind === 't' ? '\t' : kind === 'r' ? '\r' : kind;
}

/**
 * nbconvert writes a `%%time` cell as `get_ipython().run_cell_magic('time', '', 'x = f()\n')`: here the string is code.
 * What unescaping saves is paid back as spaces at each line's end, so positions shift within a line only; `toOriginal`
 * undoes that. Lines must be counted in the script, not in `text`.
 */
export function expandCellMagics(text: string): ExpandedScript {
  const regions: { start: number; end: number }[] = [];
  const shifts: { at: number; original: number }[] = [];
  let output = '';
  let copied = 0;
  if (text.includes('run_cell_magic')) {
    for (const match of text.matchAll(EXPORTED_CELL)) {
      if (!CODE_CELL_MAGICS.has(match[2]!)) continue;
      const end = match.index + match[0].length;
      const string = match[3]!;
      const contentStart = match.index + match[0].lastIndexOf(string) + 1;
      const contentEnd = contentStart + string.length - 2;
      // `pass`, spaces, and a newline so that the code starts in the first column.
      output += text.slice(copied, match.index);
      output += `pass${' '.repeat(contentStart - match.index - 5)}\n`;
      let code = '';
      let debt = 0;
      for (let at = contentStart; at < contentEnd; ) {
        ESCAPE.lastIndex = at;
        const escaped = ESCAPE.exec(text)?.[0];
        const char = escaped ? unescaped(escaped) : text.charAt(at);
        const length = escaped?.length ?? 1;
        if (char === '\n') {
          const continued = code.endsWith('\\');
          const padding = ' '.repeat(debt + length - 1);
          code = continued ? `${code.slice(0, -1)}${padding}\\\n` : `${code}${padding}\n`;
          debt = 0;
        } else {
          code += char;
          debt += length - 1;
        }
        at += length;
        shifts.push({ at: contentStart + code.length, original: at });
      }
      output += maskPythonCell(code) + ' '.repeat(debt + end - contentEnd);
      regions.push({ start: contentStart, end: contentEnd });
      copied = end;
    }
  }
  output += text.slice(copied);
  return {
    text: output,
    regions,
    toOriginal(offset) {
      if (!regions.some((region) => region.start <= offset && offset <= region.end)) return offset;
      let low = 0;
      let high = shifts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (shifts[middle]!.at <= offset) low = middle;
        else high = middle - 1;
      }
      const shift = shifts[low];
      return shift && shift.at <= offset ? Math.min(shift.original + offset - shift.at, text.length) : offset;
    },
  };
}
