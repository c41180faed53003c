/**
 * TypeScript syntax tree -> CodeModel.
 *
 * Types, interfaces, ambient declarations, overload signatures and type-only exports are dropped; parentheses, `as`,
 * `satisfies` and `!` too, the expression inside keeps its own span. What the model leaves open is settled so:
 * - a statement's span has its semicolon; of `const a = 1, b = 2` the first begins with `const`, the last ends with `;`;
 * - an exported declaration begins after `export`, and the Export that follows it has the whole statement's span;
 * - `export * as ns from 'm'` is an Export of the name `*` as `ns`;
 * - `exports.a = EXPR` also assigns and exports the name `a`, `module.exports = { a }` also exports the names in it;
 * - a constructor's parameter property is a plain parameter;
 * - a parameter's decorators follow its function's own; a field's stand in front of it as expression statements;
 * - a plain type name annotates parameters and declarations without a value, nothing else.
 */
import type { ts } from 'ts-morph';
import type { Block, Stmt } from '../model.ts';
import type { Source } from './pieces.ts';
import { statementInto } from './statements.ts';

/** Lowers a parsed file. */
export function lowerSourceFile(source: ts.SourceFile): Block {
  const s: Source = { source, text: source.text, depth: 0 };
  const statements: Stmt[] = [];
  for (const statement of source.statements) statementInto(s, statement, statements, true);
  return { kind: 'block', start: 0, end: s.text.length, statements, parent: null };
}
