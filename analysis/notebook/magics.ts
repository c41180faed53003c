/**
 * IPython's additions to Python, masked so that what is left is Python and no position moves: same length, newlines kept.
 */

/** Cell magics whose body is Python run in the notebook's own process. Any other cell magic masks its whole cell. */
export const CODE_CELL_MAGICS = new Set(
  'time timeit capture prun memit snakeviz scalene pyinstrument debug local px add_to ipytest wandb run_pytest'.split(
    ' ',
  ),
);

/** Line magics that run the statement after their options, with the options that take a value. */
const CODE_LINE_MAGICS: Readonly<Record<string, string>> = {
  time: '',
  timeit: 'nrp',
  prun: 'lsTD',
  memit: 'rti',
  lprun: 'fmDTu',
  mprun: 'fT',
};

/** Databricks: a single `%` on the first line names the language of the whole cell. */
const CELL_LANGUAGES = new Set(['md', 'md-sandbox', 'scala', 'r', 'fs', 'sh']);

/** Shell commands that IPython runs without a `%`. What follows must be something that cannot follow a Python name. */
const AUTOMAGIC =
  /^(?:pip3?|conda|mamba|uv|cd|ls|cat|cp|mv|rm|mkdir|rmdir|matplotlib|load_ext|reload_ext|autoreload|run)[ \t]+(?!(?:and|or|in|is|not|if|else|for)\b)["'\w~$]/;
const HELP =
  /^(?:\?{1,2}[ \t]*%{0,2}[\w.*]+|%{0,2}[A-Za-z_*][\w.*]*(?:\[[^\]\n]*\])?[ \t]*\?{1,2})[ \t;]*(?:#.*)?$/;
const COMPOUND = /^(?:for|while|with|if|try|def|class|async|match|@)(?![\w])/;

const blank = (text: string): string => text.replace(/[^\r\n]/g, ' ');

/** `word` in place of `text`, as long as it: a digit where the word does not fit on the first line. */
function inPlaceOf(text: string, word: string): string {
  const first = text.search(/[\r\n]/);
  const length = first === -1 ? text.length : first;
  const shown = length >= word.length ? word : '0';
  return shown + blank(text.slice(shown.length));
}

/** A statement that does nothing: an indented magic may be all a block has. */
const idle = (text: string): string => inPlaceOf(text, 'pass');

/** Length of `magic options ` in front of the statement, or -1 when no statement is left. */
function statementOffset(line: string): number {
  const magic = /^%%?(\w+)/.exec(line);
  const valued = magic ? CODE_LINE_MAGICS[magic[1]!] : undefined;
  if (!magic || valued === undefined) return -1;
  let offset = magic[0].length;
  const option = /[ \t]+(-(?:-[\w-]+|(\w)([^ \t]*)))(?=[ \t]|$)/y;
  for (;;) {
    option.lastIndex = offset;
    const match = option.exec(line);
    if (!match) break;
    // A minus sign in front of an expression is no option: `%timeit -x`.
    if (match[2] && !/[A-Za-z]/.test(match[2])) break;
    offset += match[0].length;
    if (match[2] && !match[3] && valued.includes(match[2]))
      offset += /^[ \t]+[^ \t]*/.exec(line.slice(offset))?.[0].length ?? 0;
  }
  offset += /^[ \t]*/.exec(line.slice(offset))![0].length;
  return offset < line.length && !line.startsWith('#', offset) ? offset : -1;
}

/** Masks one line magic (without its indentation). */
function maskLineMagic(line: string): string {
  const offset = statementOffset(line);
  if (offset === -1 || COMPOUND.test(line.slice(offset))) return idle(line);
  // The statement must stay in its column without becoming an indented line: `0;` opens the line.
  return `0;${' '.repeat(offset - 2)}${line.slice(offset)}`;
}

/** Masks the right-hand side of `x = %magic …` or `x = !command`. */
function maskAssigned(value: string): string {
  const offset = value.startsWith('%') ? statementOffset(value) : -1;
  if (offset !== -1 && !COMPOUND.test(value.slice(offset))) return ' '.repeat(offset) + value.slice(offset);
  return inPlaceOf(value, 'None');
}

/** End of the line at `at`, lines joined by a trailing backslash included; the newline is not. */
function lineEnd(text: string, at: number): number {
  const newline = /\r?\n/g;
  newline.lastIndex = at;
  for (let match = newline.exec(text); match; match = newline.exec(text)) {
    if (text.charAt(match.index - 1) !== '\\' || match.index === at) return match.index;
  }
  return text.length;
}

/** Where the string that opens at `at` ends. An unclosed one-line string ends with its line. */
function stringEnd(text: string, at: number): number {
  const quote = text.charAt(at);
  const triple = quote.repeat(3);
  if (text.startsWith(triple, at)) {
    for (let next = at + 3; next < text.length; next++) {
      if (text.charAt(next) === '\\') next++;
      else if (text.startsWith(triple, next)) return next + 3;
    }
    return text.length;
  }
  for (let next = at + 1; next < text.length; next++) {
    const char = text.charAt(next);
    if (char === '\\') next++;
    else if (char === quote) return next + 1;
    else if (char === '\n') return next;
  }
  return text.length;
}

/** Masks the line magics of Python code. Only the start of a logical line can be one: `%` inside brackets is an operator. */
function maskLines(code: string): string {
  const pieces: string[] = [];
  let copied = 0;
  let depth = 0;
  let lineStart = true;
  const replace = (start: number, end: number, text: string): void => {
    pieces.push(code.slice(copied, start), text);
    copied = end;
  };
  for (let at = 0; at < code.length; ) {
    const char = code.charAt(at);
    if (char === ' ' || char === '\t' || char === '\r' || char === '\f') {
      at++;
      continue;
    }
    if (char === '\n') {
      lineStart = depth === 0;
      at++;
      continue;
    }
    if (lineStart) {
      lineStart = false;
      const end = lineEnd(code, at);
      const line = code.slice(at, end);
      const masked =
        char === '%' && !HELP.test(line)
          ? maskLineMagic(line)
          : char === '%' || char === '!' || char === '?' || char === '/' || char === ',' || char === ';'
            ? idle(line)
            : HELP.test(line) || AUTOMAGIC.test(line)
              ? idle(line)
              : null;
      if (masked !== null) {
        replace(at, end, masked);
        at = end;
        continue;
      }
    }
    if (char === '#') {
      const end = code.indexOf('\n', at);
      at = end === -1 ? code.length : end;
    } else if (char === '"' || char === "'") {
      at = stringEnd(code, at);
    } else if (char === '\\') {
      at += code.startsWith('\r\n', at + 1) ? 3 : 2;
    } else {
      if (char === '(' || char === '[' || char === '{') depth++;
      else if (char === ')' || char === ']' || char === '}') depth = Math.max(0, depth - 1);
      else if (char === '=' && depth === 0) {
        const value = /[ \t]*(?=%[A-Za-z]|!(?!=))/y;
        value.lastIndex = at + 1;
        const match = value.exec(code);
        if (match) {
          const start = at + 1 + match[0].length;
          const end = lineEnd(code, start);
          replace(start, end, maskAssigned(code.slice(start, end)));
          at = end;
          continue;
        }
      }
      at++;
    }
  }
  return pieces.join('') + code.slice(copied);
}

/** Python code of a notebook cell with everything that is not Python masked. Same length, newlines kept. */
export function maskPythonCell(source: string): string {
  // Blank and comment lines may stand before a cell magic.
  const head = /^(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]*/.exec(source)![0];
  const magic = /^%(%?)([\w-]+)[^\n]*/.exec(source.slice(head.length));
  if (!magic) return maskLines(source);
  const [line, cellMagic, name = ''] = magic;
  const body = head.length + line.length;
  // `%sql` with the query below it, as Databricks writes it; with the query beside it, it is a line magic.
  const wholeCell = cellMagic || CELL_LANGUAGES.has(name) || (name === 'sql' && line.trim() === '%sql');
  if (wholeCell && CODE_CELL_MAGICS.has(name)) return head + blank(line) + maskPythonCell(source.slice(body));
  if (wholeCell) return blank(source);
  if (name === 'python' && line.trim() === '%python')
    return head + blank(line) + maskLines(source.slice(body));
  return maskLines(source);
}

/** A TypeScript or JavaScript cell: kernels take lines that start with `%` or `#!` for themselves. */
export function maskTypeScriptCell(source: string): string {
  return source.replace(/^[ \t]*(?:%|#!)[^\r\n]*/gm, blank);
}
