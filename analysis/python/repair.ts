/**
 * Half-typed code. tree-sitter may give up a whole class for one broken line, so a text that does not parse is taken
 * line by line: each logical line must parse on its own. One that does not is completed with what it lacks (closing
 * quotes and brackets, a colon, an operand) or blanked, the text is parsed again, and offsets are mapped back.
 */
import type { Span } from '../model.ts';
import type { PythonParser, SyntaxTree } from './syntax-tree.ts';

/** Text put in at an offset. */
interface Insertion {
  readonly at: number;
  readonly text: string;
}

/** A statement with its continuation lines, or a clause header. */
interface LogicalLine {
  /** First character that is not blank. */
  readonly start: number;
  readonly indent: number;
  /** Where the code ends, trailing comment and blanks excluded. */
  readonly end: number;
  /** Start of the next physical line. */
  readonly next: number;
  /** What would close the quotes and brackets still open at `end`. */
  readonly closers: string;
  /** A line that reads like a statement of its own stands inside these brackets: where the line before it ends. */
  readonly doubt: LogicalLine | null;
  /** Its first physical line, if it has more. */
  readonly first: LogicalLine | null;
}

/** Beyond this a broken file costs too much to mend while someone types. */
const MAX_LENGTH = 300_000;
/** How often the text's own length may be parsed over again. */
const MAX_WORK = 8;
/** How far an unclosed bracket is followed. */
const MAX_LOOKAHEAD = 2_000;
const MAX_OPEN_STRINGS = 20;

const CLOSER: Record<string, string> = { '(': ')', '[': ']', '{': '}' };
const HEADER = /^(?:async\s+)?(?:if|elif|else|for|while|try|except|finally|with|def|class|match|case)\b/;
const CLAUSE = /^(?:elif|else|except|finally)\b/;
const STATEMENT =
  /^(?:(?:def|class|return|import|raise|assert|pass|break|continue|global|nonlocal|del|while|with|try|except|finally|elif)\b(?!\s*[=,)])|from\s+[\w.]+\s+import\b|(?:if|for|else)\b.*:[ \t]*(?:#.*)?$|@\w|async\s+(?:def|for|with)\b|[A-Za-z_][\w.]*(?:\[[^\]]*\])?(?:\s+[-+*/]?=\s|\.\w+\s*=[^=]))/;
const CODE_IN_STRING =
  /^[ \t]*(?:(?:async\s+)?(?:def|class)\s+\w+.*:?|(?:import|from)\s+[\w.]+(?:\s+(?:as|import)\s.*)?|return\b[^.]*|@\w[\w.]*(?:\(.*\))?|[\w.]+\s*[-+*/]?=\s*\S.*|[\w.]+\(.*\)|(?:for|if|while|with|elif|else|try|except)\b.*:)[ \t]*$/;
const DANGLING_WORD =
  /(?:^|[^\w.])(?:and|or|not|in|is|if|else|lambda|await|import|from|as|for|while|with|del|assert|async)$/;

/** Parses `text`, mending it first where it is broken. */
export function parseTolerantly(parser: PythonParser, text: string): SyntaxTree | null {
  const tree = parser.parse(text);
  if (!tree || text.length > MAX_LENGTH) return tree;
  if (!tree.errors.length && !hasDanglingLine(text)) return tree;
  return mend(parser, text, tree);
}

function mend(parser: PythonParser, text: string, tree: SyntaxTree): SyntaxTree {
  const strings = closeStrings(text);
  const closed = insert(text, strings);
  const { broken, patches, blanks } = findBroken(parser, closed);
  if (!strings.length && !broken.length) return tree;

  const mended = parser.parse(insert(blank(closed, blanks), patches));
  if (!mended) return tree;
  const lost = blanks.reduce((sum, span) => sum + span.end - span.start, 0);
  if (mended.errors.length > 0 && cost(mended.errors) + lost > cost(tree.errors)) return tree;

  const outOfStrings = mapBack(strings);
  const outOfPatches = mapBack(patches);
  const toOriginal = (offset: number) => outOfStrings(outOfPatches(offset));
  const openStrings = strings.map(({ at, text: quotes }) => ({
    start: Math.max(0, at - quotes.length),
    end: at,
  }));
  return {
    ...mended,
    starts: mended.starts.map(toOriginal),
    ends: mended.ends.map(toOriginal),
    comments: mended.comments.map((span) => mapSpan(span, toOriginal)),
    errors: outermost([
      ...openStrings,
      ...broken.map((span) => mapSpan(span, outOfStrings)),
      ...mended.errors.map((span) => mapSpan(span, toOriginal)),
    ]),
  };
}

interface Findings {
  readonly broken: Span[];
  /** What completes a broken line, in source order. */
  readonly patches: Insertion[];
  /** Broken lines that nothing completes. */
  readonly blanks: Span[];
}

/** The lines that do not parse on their own, as far as the work allowed goes. */
function findBroken(parser: PythonParser, text: string): Findings {
  let work = MAX_WORK * (text.length + 1000);
  const limited: PythonParser = {
    parse(part) {
      work -= part.length + 40;
      return work < 0 ? null : parser.parse(part);
    },
  };
  const found: Findings = { broken: [], patches: [], blanks: [] };
  let checked = 0;
  for (const chunk of chunks(text, logicalLines(limited, text))) {
    const whole = text.slice(chunk[0]!.start, chunk.at(-1)!.end);
    if (clean(limited, whole) && !hasDanglingLine(whole)) continue;
    const blanks: Span[] = [];
    for (const line of chunk) {
      const suffix = completion(limited, text, line);
      if (work < 0) return found;
      checked++;
      if (suffix === '') continue;
      found.broken.push({ start: line.start, end: line.end });
      if (suffix === null) blanks.push({ start: line.start, end: line.end });
      else found.patches.push({ at: line.end, text: suffix });
    }
    const stray = orphans(text, chunk, blanks);
    found.broken.push(...stray);
    found.blanks.push(...blanks, ...stray);
    // This is no Python with slips in it; it is something else.
    if (checked > 100 && found.blanks.length > checked / 2) return { broken: [], patches: [], blanks: [] };
  }
  return found;
}

function cost(errors: readonly Span[]): number {
  return errors.reduce((sum, { start, end }) => sum + 10 + end - start, 0);
}

/** In source order, none within another. */
function outermost(spans: Span[]): Span[] {
  spans.sort((a, b) => a.start - b.start || b.end - a.end);
  const kept: Span[] = [];
  for (const span of spans) {
    const last = kept.at(-1);
    if (!last || span.end > last.end || (span.start >= last.end && span.start !== last.start))
      kept.push(span);
  }
  return kept;
}

// --------------------------------------------------------------------- edits

function insert(text: string, insertions: readonly Insertion[]): string {
  let result = '';
  let from = 0;
  for (const { at, text: added } of insertions) {
    result += text.slice(from, at) + added;
    from = at;
  }
  return result + text.slice(from);
}

/** From offsets in the text with the insertions to offsets in the text without. */
function mapBack(insertions: readonly Insertion[]): (offset: number) => number {
  // Where each insertion starts in the new text, and how much was added before it.
  const starts: number[] = [];
  const before: number[] = [];
  let added = 0;
  for (const { at, text } of insertions) {
    starts.push(at + added);
    before.push(added);
    added += text.length;
  }
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[middle]! < offset) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return offset;
    const { at, text } = insertions[low - 1]!;
    return Math.max(at, offset - before[low - 1]! - text.length);
  };
}

function mapSpan({ start, end }: Span, map: (offset: number) => number): Span {
  return { start: map(start), end: map(end) };
}

/** Same length, line breaks kept. */
function blank(text: string, spans: readonly Span[]): string {
  let result = '';
  let from = 0;
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    result += text.slice(from, start) + text.slice(start, end).replace(/[^\r\n]/g, ' ');
    from = end;
  }
  return result + text.slice(from);
}

// --------------------------------------------------------------------- lines

/** Past the string literal whose quote is at `at`; `closed` tells whether it ends as it should. */
function skipString(text: string, at: number): { end: number; quotes: string; closed: boolean } {
  const quote = text[at]!;
  const triple = text[at + 1] === quote && text[at + 2] === quote;
  const quotes = triple ? quote.repeat(3) : quote;
  for (let i = at + quotes.length; i < text.length; i++) {
    const char = text[i]!;
    if (char === '\\') {
      if (text[i + 1] === '\r' && text[i + 2] === '\n') i++;
      i++;
    } else if (!triple && (char === '\n' || char === '\r')) return { end: i, quotes, closed: false };
    else if (char === quote && (!triple || text.startsWith(quotes, i))) {
      return { end: i + quotes.length, quotes, closed: true };
    }
  }
  return { end: text.length, quotes, closed: false };
}

function lineEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && text[end] !== '\n' && text[end] !== '\r') end++;
  return end;
}

function nextLine(text: string, end: number): number {
  return text[end] === '\r' && text[end + 1] === '\n' ? end + 2 : Math.min(end + 1, text.length);
}

/** Where triple quotes must be closed so that no string runs to the end of the text. */
function closeStrings(text: string): Insertion[] {
  const insertions: Insertion[] = [];
  let from = 0;
  for (let round = 0; round < MAX_OPEN_STRINGS; round++) {
    let suspect: Insertion | null = null;
    let resume = 0;
    let open = false;
    for (let i = from; i < text.length; ) {
      const char = text[i]!;
      if (char === '#') i = lineEnd(text, i);
      else if (char === '"' || char === "'") {
        const { end, quotes, closed } = skipString(text, i);
        if (quotes.length === 3 && !suspect) {
          const code = codeInside(text, i + 3, end);
          if (code !== null || !closed) {
            resume = code ?? text.length;
            suspect = {
              at: code === null ? text.trimEnd().length : trimmedEnd(text, i + 3, code),
              text: quotes,
            };
          }
        }
        if (!closed && quotes.length === 3) open = true;
        i = end;
      } else i++;
    }
    if (!open || !suspect) break;
    insertions.push(suspect);
    from = resume;
  }
  return insertions;
}

/** Start of the first line between the offsets, the opening one excepted, that reads like code. */
function codeInside(text: string, from: number, to: number): number | null {
  for (let line = nextLine(text, lineEnd(text, from)); line < to; ) {
    const end = lineEnd(text, line);
    if (end <= to && end - line < 300 && CODE_IN_STRING.test(text.slice(line, end))) return line;
    line = nextLine(text, end);
  }
  return null;
}

function trimmedEnd(text: string, from: number, to: number): number {
  let end = to;
  while (end > from && /\s/.test(text[end - 1]!)) end--;
  return end;
}

/** Reads the logical line that starts with the physical line at `at`; null if that is blank or a comment. */
function readLine(text: string, at: number): LogicalLine | null {
  let start = at;
  let indent = 0;
  for (; ; start++) {
    if (text[start] === ' ') indent++;
    else if (text[start] === '\t') indent += 8 - (indent % 8);
    else if (text[start] !== '\f' && text[start] !== '\uFEFF') break;
  }
  const first = text[start];
  if (first === undefined || first === '#' || first === '\n' || first === '\r') return null;
  const defines = /^(?:async\s+)?(?:def|class)\b/.test(text.slice(start, start + 20));
  const stack: string[] = [];
  let openQuotes = '';
  let end = start; // past the last significant character
  let doubt: LogicalLine | null = null;
  let opening: LogicalLine | null = null;
  const result = (next: number): LogicalLine => {
    const closers =
      openQuotes +
      stack
        .map((bracket) => CLOSER[bracket])
        .reverse()
        .join('');
    return { start, indent, end, next, closers, doubt, first: opening };
  };
  for (let i = start; i < text.length; ) {
    const char = text[i]!;
    if (char === '#') i = lineEnd(text, i);
    else if (char === '"' || char === "'") {
      const string = skipString(text, i);
      if (
        !string.closed &&
        !(string.quotes.length === 1 && string.end === i + 1 && stack.length === 0 && openQuotes)
      ) {
        openQuotes = string.quotes;
        end = string.end;
        return result(nextLine(text, lineEnd(text, string.end)));
      }
      i = end = string.end;
    } else if (char === '\n' || char === '\r') {
      const next = nextLine(text, i);
      if (!stack.length) return result(next);
      opening ??= result(next);
      if (!doubt && startsStatement(text, next, indent, defines)) doubt = result(next);
      if (doubt && next - start > MAX_LOOKAHEAD) return doubt;
      i = next;
    } else if (char === '\\' && (text[i + 1] === '\n' || text[i + 1] === '\r')) {
      i = nextLine(text, i + 1);
    } else {
      if (char === '(' || char === '[' || char === '{') stack.push(char);
      else if ((char === ')' || char === ']' || char === '}') && CLOSER[stack.at(-1) ?? ''] === char)
        stack.pop();
      i++;
      if (char !== ' ' && char !== '\t' && char !== '\f') end = i;
    }
  }
  return result(text.length);
}

/** Whether the physical line at `at`, inside brackets opened at `indent`, rather begins a statement. */
function startsStatement(text: string, at: number, indent: number, inParameters: boolean): boolean {
  const line = text.slice(at, Math.min(lineEnd(text, at), at + 300));
  const code = line.trimStart();
  if (code === '' || /^[#)\]}]/.test(code)) return false;
  let width = 0;
  for (const char of line.slice(0, line.length - code.length)) width += char === '\t' ? 8 - (width % 8) : 1;
  return width <= indent || STATEMENT.test(code) || (inParameters && /^[\w.]+\(.*\)/.test(code));
}

/** How much of a line whose brackets may be unclosed is one statement. */
function extent(parser: PythonParser, text: string, line: LogicalLine): LogicalLine {
  if (line.closers === '' && (!line.doubt || alone(parser, text, line, ''))) return line;
  const shorter = line.doubt ?? line;
  return shorter.first && completion(parser, text, shorter) === null ? shorter.first : shorter;
}

/** Splits a text into logical lines; brackets that seem unclosed end where the next statement begins. */
function logicalLines(parser: PythonParser, text: string): LogicalLine[] {
  const lines: LogicalLine[] = [];
  for (let at = 0; at < text.length; ) {
    const line = readLine(text, at);
    if (!line) {
      at = nextLine(text, lineEnd(text, at));
      continue;
    }
    const whole = extent(parser, text, line);
    lines.push(whole);
    at = whole.next;
  }
  return lines;
}

/** Top-level statements with all that belongs to them. */
function chunks(text: string, lines: readonly LogicalLine[]): LogicalLine[][] {
  const result: LogicalLine[][] = [];
  for (const line of lines) {
    const last = result.at(-1);
    const decorator = last?.length === 1 && text[last[0]!.start] === '@';
    const clause = CLAUSE.test(text.slice(line.start, line.start + 10));
    if (!last || (line.indent === 0 && !decorator && !clause)) result.push([line]);
    else last.push(line);
  }
  return result;
}

// -------------------------------------------------------------------- mending

/** Endings to try, from the likeliest. `_` stands for the operand that is still to come. */
const ENDINGS = ['', '_', ' in _', ' else _', ': _', '()', ' import _'];

/** What makes the line parse on its own: '' if nothing is needed, null if nothing helps. */
function completion(parser: PythonParser, text: string, line: LogicalLine): string | null {
  if (line.closers === '' && alone(parser, text, line, '')) return '';
  const code = text.slice(line.start, Math.min(line.end, line.start + 40));
  const colons = HEADER.test(code) ? [':', ''] : [''];
  for (const colon of colons) {
    for (const ending of ENDINGS) {
      const suffix =
        line.closers.startsWith('"') || line.closers.startsWith("'")
          ? line.closers + ending
          : ending + line.closers;
      if (suffix + colon !== '' && alone(parser, text, line, suffix + colon)) return suffix + colon;
    }
  }
  return null;
}

/** Whether the line with `suffix` parses, in the surroundings that its first word asks for. */
function alone(parser: PythonParser, text: string, line: LogicalLine, suffix: string): boolean {
  const code = text.slice(line.start, line.end) + suffix;
  if (/^(?:elif|else)\b/.test(code)) return clean(parser, `if _: pass\n${code}\n`);
  if (/^(?:except|finally)\b/.test(code)) return clean(parser, `try: pass\n${code}\n`);
  if (code.startsWith('@')) return clean(parser, `${code}\ndef _(): pass\n`);
  if (/^case\b.*:$/s.test(code)) return clean(parser, `match _:\n ${code}\n`);
  return clean(parser, `${code}\n`);
}

function clean(parser: PythonParser, text: string): boolean {
  return parser.parse(text)?.errors.length === 0;
}

/** Clauses without their statement, decorators without their function. */
function orphans(text: string, chunk: readonly LogicalLine[], blanks: readonly Span[]): Span[] {
  const gone = new Set(blanks.map(({ start }) => start));
  const found: Span[] = [];
  const openers: LogicalLine[] = []; // headers that a clause may follow, by growing indent
  const lines = chunk.filter((line) => !gone.has(line.start));
  for (const [index, line] of lines.entries()) {
    const code = text.slice(line.start, line.start + 20);
    while (openers.length && openers.at(-1)!.indent > line.indent) openers.pop();
    const opener = openers.at(-1)?.indent === line.indent ? openers.pop()! : null;
    if (CLAUSE.test(code)) {
      if (opener) openers.push(line);
      else found.push({ start: line.start, end: line.end });
    } else if (HEADER.test(code)) openers.push(line);
    if (code.startsWith('@')) {
      const next = lines[index + 1];
      if (next && !/^(?:@|def\b|class\b|async\b)/.test(text.slice(next.start, next.start + 8))) {
        found.push({ start: line.start, end: line.end });
      }
    }
  }
  return found;
}

/**
 * Whether a line ends in the middle of an expression outside brackets. The grammar would read on in the next line
 * and take `model.` and `step()` below it for `model.step()`.
 */
function hasDanglingLine(text: string): boolean {
  let depth = 0;
  let last = 0; // past the last significant character of the line
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 10 || code === 13) {
      if (depth === 0 && last > 0 && isDangling(text, last)) return true;
      last = 0;
    } else if (code === 35) i = lineEnd(text, i) - 1;
    else if (code === 34 || code === 39) {
      i = skipString(text, i).end - 1;
      last = i + 1;
    } else if (code === 92) {
      if (text[i + 1] === '\r' && text[i + 2] === '\n') i++;
      i++;
      last = 0;
    } else if (code > 32) {
      last = i + 1;
      if (code === 40 || code === 91 || code === 123) depth++;
      else if ((code === 41 || code === 93 || code === 125) && depth > 0) depth--;
    }
  }
  return last > 0 && depth === 0 && isDangling(text, last);
}

function isDangling(text: string, end: number): boolean {
  const last = text[end - 1]!;
  if (last === '.') return !/(?:\.\.|(?:^|\W)\d[\d_]*\.)$/.test(text.slice(Math.max(0, end - 20), end));
  if (last === '*') return !/import\s*\*$/.test(text.slice(Math.max(0, end - 20), end));
  if ('=+-/%&|^<>~@!'.includes(last)) return true;
  return last >= 'a' && last <= 't' && DANGLING_WORD.test(text.slice(Math.max(0, end - 8), end));
}
