/** Python source text -> CodeModel, with tree-sitter compiled to WebAssembly. */
import { Language, Parser } from 'web-tree-sitter';
import type { FrontEnd } from '../front-end.ts';
import { lower } from './lower.ts';
import { parseTolerantly } from './repair.ts';
import { flatten, kindTable, MAX_LENGTH, type PythonParser, patience } from './syntax-tree.ts';

/** The WebAssembly parser: `runtime` is web-tree-sitter.wasm, `grammar` tree-sitter-python.wasm. */
export async function loadWasmParser(assets: {
  runtime: Uint8Array;
  grammar: Uint8Array;
}): Promise<PythonParser> {
  await Parser.init({ wasmBinary: assets.runtime });
  const language = await Language.load(assets.grammar);
  const parser = new Parser().setLanguage(language);
  const table = kindTable();
  return {
    parse(text) {
      if (text.length > MAX_LENGTH) return null;
      const isSpent = patience(text.length);
      const tree = parser.parse(text, null, {
        progressCallback: ({ hasError }) => isSpent(hasError),
      });
      if (!tree) {
        parser.reset();
        return null;
      }
      const cursor = tree.walk();
      try {
        return flatten(cursor, text, table, tree.rootNode.hasError);
      } finally {
        cursor.delete();
        tree.delete();
      }
    },
  };
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
