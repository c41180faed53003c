/**
 * Syntax tree -> CodeModel.
 *
 * Parentheses around an expression are dropped, the expression keeps its own span. A chained comparison nests to the
 * left: `a < b < c` is `(a < b) < c`. A decorated function or class starts at its first decorator. Formatted values
 * (`{x:.2f}`, `{x!r}`, `{x=}`) are `unknown` around the expression, for the text is not that of the value alone.
 */
import type { ParsedModule, Stmt } from '../model.ts';
import type { Source } from './rows.ts';
import { statementsOf } from './statements.ts';
import type { SyntaxTree } from './syntax-tree.ts';

/** Lowers a tree of `text`. Never throws. */
export function lower(text: string, tree: SyntaxTree): ParsedModule {
  const s: Source = { text, tree, depth: 0, yields: false, typeArguments: 0, heights: null };
  const statements: Stmt[] = [];
  statementsOf(s, 0, statements);
  return {
    language: 'python',
    text,
    body: { kind: 'block', start: 0, end: text.length, parent: null, statements },
    comments: tree.comments.map(({ start, end }) => ({ start, end, text: text.slice(start, end) })),
    errors: tree.errors,
  };
}
