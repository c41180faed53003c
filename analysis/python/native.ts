/**
 * The native tree-sitter binding as an accelerator. Where its prebuilt binary fits the system it parses faster than
 * WebAssembly; where it does not, loading it throws, which is why the loaded modules are handed in.
 */
import { type Cursor, flatten, kindTable, MAX_LENGTH, type PythonParser, patience } from './syntax-tree.ts';

/** What is used of the `tree-sitter` module, 0.25. */
export interface NativeTreeSitter {
  new (): {
    setLanguage(language: unknown): void;
    reset(): void;
    parse(
      input: (index: number) => string,
      oldTree: null,
      options: { progressCallback: (index: number, hasError: boolean) => boolean },
    ): { readonly rootNode: { readonly hasError: boolean }; walk(): Cursor } | null;
  };
}

/** How much text the parser asks for at once. */
const CHUNK = 8192;

/** @param grammar the loaded `tree-sitter-python` module */
export function nativeParser(TreeSitter: NativeTreeSitter, grammar: unknown): PythonParser {
  const parser = new TreeSitter();
  parser.setLanguage(grammar);
  const table = kindTable();
  return {
    parse(text) {
      if (text.length > MAX_LENGTH) return null;
      const isSpent = patience(text.length);
      const tree = parser.parse((index) => text.slice(index, index + CHUNK), null, {
        progressCallback: (_index, hasError) => isSpent(hasError),
      });
      if (tree) return flatten(tree.walk(), text, table, tree.rootNode.hasError);
      parser.reset();
      return null;
    },
  };
}
