/** Python source text -> CodeModel, with tree-sitter compiled to WebAssembly. */
import { Language, Parser } from 'web-tree-sitter';
import type { FrontEnd } from '../front-end.ts';
import { lower } from './lower.ts';
import { parseTolerantly } from './repair.ts';
import { flatten, kindTable, type PythonParser } from './syntax-tree.ts';

/** Texts beyond this are data, not programs; parsing them would need gigabytes. */
const MAX_LENGTH = 4_000_000;

/** tree-sitter reports back every 100 steps; ordinary code takes at most one report per 70 characters. */
const reportsAllowed = (length: number) => 2000 + length / 4;

/** The WebAssembly parser: `runtime` is web-tree-sitter.wasm, `grammar` tree-sitter-python.wasm. */
export async function loadWasmParser(assets: {
  runtime: Uint8Array;
  grammar: Uint8Array;
}): Promise<PythonParser> {
  await Parser.init({ wasmBinary: assets.runtime });
  const language = await Language.load(assets.grammar);
  const parser = new Parser().setLanguage(language);
  const table = kindTable(language.types, (id) => language.nodeTypeIsNamed(id));
  return {
    parse(text) {
      if (text.length > MAX_LENGTH) return null;
      let reports = reportsAllowed(text.length);
      const tree = parser.parse(text, null, { progressCallback: () => --reports < 0 });
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

/** A front end over any parser of Python. */
export function pythonFrontEnd(parser: PythonParser): FrontEnd {
  return {
    parse(_path, text) {
      const tree = parseTolerantly(parser, text);
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
