/** Python source text -> CodeModel, with tree-sitter compiled to WebAssembly. */
import { Edit, Language, Parser, type Tree } from 'web-tree-sitter';
import type { FrontEnd } from '../front-end.ts';
import { lower } from './lower.ts';
import { parseTolerantly } from './repair.ts';
import {
  flatten,
  flattenEdited,
  kindTable,
  MAX_LENGTH,
  type PythonParser,
  patience,
  type Statements,
} from './syntax-tree.ts';
import { type Runtime, WasmCursor } from './wasm-cursor.ts';

/** The options of the one `Parser.init`, which has it filled with the module's C functions. */
const runtime = {} as Runtime;

/** A text parsed lately, kept because the next may be the same after a keystroke. */
interface Recent {
  readonly text: string;
  readonly tree: Tree;
  /** Null until a text like it was parsed: a file that nobody edits is spared the bookkeeping. */
  readonly statements: Statements | null;
}

/** Documents somebody types in at one time. */
const MAX_RECENT = 4;
/** Shorter texts are parsed as fast anew; trees of longer ones are too heavy to keep. */
const MIN_RECENT_LENGTH = 2_000;
const MAX_RECENT_LENGTH = 500_000;
/** Two texts that differ in a longer piece are two files. */
const MAX_EDIT = 2_000;

/** The WebAssembly parser: `runtime` is web-tree-sitter.wasm, `grammar` tree-sitter-python.wasm. */
export async function loadWasmParser(assets: {
  runtime: Uint8Array;
  grammar: Uint8Array;
}): Promise<PythonParser> {
  runtime.wasmBinary ??= assets.runtime;
  await Parser.init(runtime);
  const language = await Language.load(assets.grammar);
  const parser = new Parser().setLanguage(language);
  const table = kindTable();
  const recent: Recent[] = [];

  const parse = (text: string, before: Tree | null): Tree | null => {
    const isSpent = patience(text.length);
    const tree = parser.parse(text, before, { progressCallback: ({ hasError }) => isSpent(hasError) });
    if (!tree) parser.reset();
    return tree;
  };
  const keep = (one: Recent): void => {
    recent.unshift(one);
    recent.splice(MAX_RECENT).forEach(({ tree }) => void tree.delete());
  };
  /** Null where the edit breaks the code: recovery from errors must not depend on what was typed before. */
  const parseEdited = (text: string): Statements | null => {
    for (const [index, known] of recent.entries()) {
      const edit = editBetween(known.text, text);
      if (!edit) continue;
      const before = known.tree.copy();
      before.edit(edit);
      const tree = parse(text, before);
      before.delete();
      if (!tree || tree.rootNode.hasError) {
        tree?.delete();
        return null;
      }
      const cursor = new WasmCursor(runtime, tree);
      const statements = flattenEdited(cursor, text, table, known.statements);
      cursor.delete();
      recent.splice(index, 1);
      known.tree.delete();
      keep({ text, tree, statements });
      return statements;
    }
    return null;
  };

  return {
    parse(text) {
      if (text.length > MAX_LENGTH) return null;
      const isKept = text.length >= MIN_RECENT_LENGTH && text.length <= MAX_RECENT_LENGTH;
      const edited = isKept ? parseEdited(text) : null;
      if (edited) return edited.table;
      const tree = parse(text, null);
      if (!tree) return null;
      const hasErrors = tree.rootNode.hasError;
      const cursor = new WasmCursor(runtime, tree);
      try {
        return flatten(cursor, text, table, hasErrors);
      } finally {
        cursor.delete();
        if (isKept && !hasErrors) keep({ text, tree, statements: null });
        else tree.delete();
      }
    },
  };
}

/** The one replacement that makes `to` of `from`; null where it would be a long one. */
function editBetween(from: string, to: string): Edit | null {
  const longest = Math.min(from.length, to.length);
  if (Math.abs(from.length - to.length) > MAX_EDIT) return null;
  let start = 0;
  while (start < longest && from.charCodeAt(start) === to.charCodeAt(start)) start++;
  let same = 0;
  const rest = longest - start;
  while (same < rest && from.charCodeAt(from.length - 1 - same) === to.charCodeAt(to.length - 1 - same))
    same++;
  const oldEnd = from.length - same;
  const newEnd = to.length - same;
  if (Math.max(oldEnd, newEnd) - start > MAX_EDIT) return null;
  return new Edit({
    startIndex: start,
    oldEndIndex: oldEnd,
    newEndIndex: newEnd,
    startPosition: positionAt(to, start),
    oldEndPosition: positionAt(from, oldEnd),
    newEndPosition: positionAt(to, newEnd),
  });
}

/** Row and column, from 0, as tree-sitter counts them: only `\n` ends a line. */
function positionAt(text: string, offset: number): { row: number; column: number } {
  let row = 0;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', lineStart)) {
    row++;
    lineStart = at + 1;
  }
  return { row, column: offset - lineStart };
}

/** Whether this is binary data by any name: its beginning is full of what no text contains. */
function isBinary(text: string): boolean {
  const head = text.slice(0, 10_000);
  const odd = head.match(/[^\P{Cc}\s]|\ufffd|\p{Surrogate}/gu)?.length ?? 0;
  return odd > 10 && odd > head.length / 100;
}

/** Same length, without what ends a line or a text for Python or the parser but not for the other. */
function normalized(text: string): string {
  return /\0|\r(?!\n)/.test(text) ? text.replaceAll('\0', ' ').replace(/\r(?!\n)/g, '\n') : text;
}

/** A front end over any parser of Python. */
export function pythonFrontEnd(parser: PythonParser): FrontEnd {
  return {
    parse(_path, text) {
      const tree = isBinary(text) ? null : parseTolerantly(parser, normalized(text));
      if (tree) return lower(text, tree);
      const span = { start: 0, end: text.length };
      const body = { kind: 'block' as const, ...span, parent: null, statements: [] };
      return { language: 'python', text, body, comments: [], errors: [span] };
    },
  };
}

export async function loadPythonFrontEnd(assets: {
  runtime: Uint8Array;
  grammar: Uint8Array;
}): Promise<FrontEnd> {
  return pythonFrontEnd(await loadWasmParser(assets));
}
