/**
 * Text edits that fixes are made of. They insert, wrap and replace source text, never print a tree, so that
 * indentation, quotes, comments and trailing commas survive.
 */
import type { Call, Dict, FunctionNode, Module, Node, Span, Stmt } from '../analysis/model.ts';
import { walk } from '../analysis/tree.ts';
import type { Edit } from './rule.ts';

export function lineStart(module: Module, offset: number): number {
  return module.text.lastIndexOf('\n', offset - 1) + 1;
}

/** Offset of the line's end, before its newline. */
export function lineEnd(module: Module, offset: number): number {
  const end = module.text.indexOf('\n', offset);
  const at = end < 0 ? module.text.length : end;
  return at > 0 && module.text[at - 1] === '\r' && at > offset ? at - 1 : at;
}

/** White space at the start of the line that holds the offset. */
export function indentAt(module: Module, offset: number): string {
  const start = lineStart(module, offset);
  return /^[ \t]*/.exec(module.text.slice(start, start + 400))?.[0] ?? '';
}

export function newlineOf(module: Module): string {
  return module.text.includes('\r\n') ? '\r\n' : '\n';
}

/**
 * One level of indentation as the file writes it; four spaces (two in TypeScript) where it has none. With a place, as
 * the lines there write it: Python refuses a block that mixes tabs and spaces.
 */
export function indentUnit(module: Module, at: number | null = null): string {
  const around = at === null ? '' : indentAt(module, at);
  const found = /\n(\t+| {2,8})\S/.exec(module.text)?.[1];
  if (around.endsWith('\t') || (around === '' && found?.startsWith('\t'))) return '\t';
  if (found && !found.startsWith('\t') && found.length >= 2 && found.length <= 4) return found;
  return module.language === 'python' ? '    ' : '  ';
}

/** The quote that the file's strings mostly use. */
export function quoteIn(module: Module): '"' | "'" {
  const single = module.text.split("'").length;
  const double = module.text.split('"').length;
  return double > single ? '"' : "'";
}

export function textOf(module: Module, span: Span): string {
  return module.text.slice(span.start, span.end);
}

/** Whether only white space stands before the statement on its line: false in `if x: y` and `a; b`. */
export function startsLine(module: Module, node: Span): boolean {
  return module.text.slice(lineStart(module, node.start), node.start).trim() === '';
}

/** Lines put before a statement at its own indentation. `lines` may be indented further, in the file's own unit. */
export function insertBefore(module: Module, statement: Stmt, lines: readonly string[]): Edit {
  if (!startsLine(module, statement)) {
    return { start: statement.start, end: statement.start, text: `${lines.join('; ')}; ` };
  }
  const indent = indentAt(module, statement.start);
  const newline = newlineOf(module);
  return {
    start: statement.start,
    end: statement.start,
    text: lines.map((line) => line + newline + indent).join(''),
  };
}

/** Lines put after a statement (and the comment behind it) at its own indentation. */
export function insertAfter(module: Module, statement: Stmt, lines: readonly string[]): Edit {
  const newline = newlineOf(module);
  const end = lineEnd(module, statement.end);
  const rest = module.text.slice(statement.end, end).trim();
  if (rest !== '' && !rest.startsWith('#') && !rest.startsWith('//') && rest !== ';') {
    return { start: statement.end, end: statement.end, text: `; ${lines.join('; ')}` }; // `a; b` on one line
  }
  const indent = startsLine(module, statement)
    ? indentAt(module, statement.start)
    : blockIndent(module, statement);
  return {
    start: end,
    end,
    text: lines.map((line) => newline + (line === '' ? '' : indent + line)).join(''),
  };
}

function blockIndent(module: Module, statement: Stmt): string {
  const first = statement.parent?.kind === 'block' ? statement.parent.statements[0] : undefined;
  return first && startsLine(module, first)
    ? indentAt(module, first.start)
    : indentAt(module, statement.start);
}

/** Offsets of lines that begin inside a string: indenting them would change the string. */
function linesInsideStrings(module: Module, nodes: readonly Node[]): Set<number> {
  const inside = new Set<number>();
  for (const node of nodes) {
    walk(node, (one) => {
      if (one.kind !== 'literal' && one.kind !== 'template') return;
      if (one.kind === 'literal' && typeof one.value !== 'string') return;
      for (
        let at = module.text.indexOf('\n', one.start);
        at >= 0 && at < one.end;
        at = module.text.indexOf('\n', at + 1)
      ) {
        inside.add(at + 1);
      }
    });
  }
  return inside;
}

/**
 * Puts consecutive statements of one block under a header such as `with torch.inference_mode():`.
 * @returns null where a statement does not start its own line
 */
export function wrapStatements(module: Module, statements: readonly Stmt[], header: string): Edit[] | null {
  const first = statements[0];
  const last = statements.at(-1);
  if (!first || !last || !startsLine(module, first)) return null;
  const newline = newlineOf(module);
  const indent = indentAt(module, first.start);
  const end = lineEnd(module, last.end);
  // a statement at the margin is indented like what stands in it
  const inner = indent === '' ? /\n[ \t]+\S/.exec(module.text.slice(first.start, end)) : null;
  const unit = indentUnit(module, inner ? first.start + inner.index + 1 : first.start);
  const protectedLines = linesInsideStrings(module, statements);
  const edits: Edit[] = [{ start: first.start, end: first.start, text: header + newline + indent + unit }];
  for (
    let at = module.text.indexOf('\n', first.start);
    at >= 0 && at < end;
    at = module.text.indexOf('\n', at + 1)
  ) {
    const line = at + 1;
    const isBlank = /^[ \t]*(\r?\n|$)/.test(module.text.slice(line, line + 400));
    if (!protectedLines.has(line) && !isBlank) edits.push({ start: line, end: line, text: unit });
  }
  return edits;
}

/**
 * Adds arguments as the call's last: `f(a)` -> `f(a, name=value)`; keeps one-per-line layouts and trailing commas.
 * @returns null for a call without parentheses or with a bare generator argument
 */
export function addArgument(module: Module, call: Call, text: string | readonly string[]): Edit | null {
  if (call.argsStart === call.argsEnd) return null;
  const last = call.args.at(-1);
  const close = call.argsEnd - 1;
  const added = [text].flat();
  if (!last) return { start: close, end: close, text: added.join(', ') };
  if (
    last.value.kind === 'comprehension' &&
    last.value.type === 'generator' &&
    module.text[last.value.start] !== '('
  )
    return null;
  return appendItem(module, last, close, added);
}

/** Adds `key: value` text as an object literal's or dict's last entry. */
export function addEntry(module: Module, dict: Dict, text: string): Edit | null {
  const close = dict.end - 1;
  const last = dict.entries.at(-1);
  if (module.text[close] !== '}') return null;
  if (!last) return { start: dict.start + 1, end: close, text: ` ${text} ` };
  return appendItem(module, last, close, [text]);
}

function appendItem(module: Module, last: Span, close: number, texts: readonly string[]): Edit {
  const tail = module.text.slice(last.end, close);
  const comma = /^\s*,/.exec(withoutComments(tail))?.[0];
  const after = comma ? last.end + comma.length : last.end;
  const ownLines =
    module.text.slice(last.end, close).includes('\n') &&
    lineStart(module, last.start) !== lineStart(module, close);
  const newline = newlineOf(module);
  if (ownLines && startsLine(module, last)) {
    const indent = indentAt(module, last.start);
    const text = texts.join(`,${newline}${indent}`);
    // what is said of the last item stays on its line
    const end = Math.min(lineEnd(module, after), close);
    const said = module.text.slice(after, end);
    const at = /^[ \t]*(?:#|\/\/)/.test(said) ? end : after;
    return comma
      ? { start: at, end: at, text: `${newline}${indent}${text},` }
      : { start: after, end: at, text: `,${module.text.slice(after, at)}${newline}${indent}${text}` };
  }
  const text = texts.join(', ');
  return comma
    ? { start: after, end: after, text: ` ${text},` }
    : { start: last.end, end: last.end, text: `, ${text}` };
}

/** Comments blanked at equal length, so that offsets hold. */
function withoutComments(text: string): string {
  return text.replace(/#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (comment) => ' '.repeat(comment.length));
}

/** A decorator line above the function, below the ones that are there. */
export function addDecorator(module: Module, fn: FunctionNode, decorator: string): Edit {
  const text = module.text;
  const lastDecorator = fn.decorators.at(-1);
  let at = fn.start;
  if (lastDecorator) {
    const from = lineEnd(module, lastDecorator.end);
    const word = /\b(async\s+def|def)\b/g;
    word.lastIndex = from;
    at = word.exec(text)?.index ?? fn.start;
  }
  return { start: at, end: at, text: decorator + newlineOf(module) + indentAt(module, at) };
}

/** Removes statements' whole lines, the comment behind them included. */
export function removeLines(module: Module, statement: Stmt): Edit {
  const start = lineStart(module, statement.start);
  const end = lineEnd(module, statement.end);
  const newline = module.text.startsWith('\r\n', end) ? 2 : module.text[end] === '\n' ? 1 : 0;
  return { start, end: end + newline, text: '' };
}

export function replace(span: Span, text: string): Edit {
  return { start: span.start, end: span.end, text };
}
