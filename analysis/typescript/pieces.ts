/** What every lowered thing is made of: spans, names, literals, assignments; and a file on its way to the CodeModel. */
import { ts } from 'ts-morph';
import type { Assign, Constant, Expr, Literal, Name, Span, Unknown } from '../model.ts';

export const K = ts.SyntaxKind;

/** What is nested deeper is `unknown`, so that whoever walks the model may recurse. */
export const MAX_DEPTH = 300;

/** A file that is being lowered. */
export interface Source {
  readonly source: ts.SourceFile;
  readonly text: string;
  /** How deep the node at hand is nested. */
  depth: number;
}

export function has(node: ts.Node, kind: ts.SyntaxKind): boolean {
  const { modifiers } = node as { modifiers?: ts.NodeArray<ts.ModifierLike> };
  return modifiers?.some((modifier) => modifier.kind === kind) ?? false;
}

/** The plain name of a member: not that of a computed one. */
export function staticName(name: ts.PropertyName | ts.BindingName | undefined): string | null {
  if (!name) return null;
  switch (name.kind) {
    case K.Identifier:
    case K.PrivateIdentifier:
    case K.StringLiteral:
    case K.NoSubstitutionTemplateLiteral:
    case K.NumericLiteral:
      return (name as ts.Identifier).text;
    default:
      return null;
  }
}

export function startAt(s: Source, node: ts.Node): number {
  return node.getStart(s.source);
}

export function nameAt(name: string, start: number, end: number): Name {
  return { kind: 'name', start, end, name, parent: null };
}

export function literalAt(value: Constant, start: number, end: number): Literal {
  return { kind: 'literal', start, end, value, parent: null };
}

export function unknownOf(s: Source, node: ts.Node, children: readonly Expr[] = []): Unknown {
  return { kind: 'unknown', start: startAt(s, node), end: node.end, children, parent: null };
}

export function identifierOf(s: Source, node: ts.Identifier | ts.PrivateIdentifier): Expr {
  const start = startAt(s, node);
  if (node.text === '') return unknownOf(s, node); // missing in half-typed code
  if (node.text === 'undefined') return literalAt(null, start, node.end);
  return nameAt(node.text, start, node.end);
}

export function assignOf(
  span: Span,
  targets: readonly Expr[],
  value: Expr | null,
  more: Partial<Assign> = {},
): Assign {
  return {
    kind: 'assign',
    start: span.start,
    end: span.end,
    targets,
    value,
    operator: more.operator ?? null,
    annotation: more.annotation ?? null,
    declaration: more.declaration ?? null,
    parent: null,
  };
}

/** A type that is just a name, `Foo` or `ns.Foo`. */
export function typeNameOf(s: Source, type: ts.TypeNode | undefined): Expr | null {
  if (type?.kind !== K.TypeReference) return null;
  const { typeName, typeArguments } = type as ts.TypeReferenceNode;
  return typeArguments ? null : entityNameOf(s, typeName);
}

export function entityNameOf(s: Source, name: ts.EntityName): Expr {
  if (name.kind === K.Identifier) return identifierOf(s, name);
  const object = entityNameOf(s, name.left);
  return {
    kind: 'member',
    start: startAt(s, name),
    end: name.end,
    object,
    property: name.right.text,
    propertyStart: startAt(s, name.right),
    parent: null,
  };
}

/** Where a declaration begins once `export` and `default` are taken away. */
export function declarationStart(s: Source, node: ts.Node): number {
  const { modifiers } = node as { modifiers?: ts.NodeArray<ts.ModifierLike> };
  const exported = modifiers?.findIndex((modifier) => modifier.kind === K.ExportKeyword) ?? -1;
  if (exported !== 0) return startAt(s, node);
  const last = modifiers![modifiers![1]?.kind === K.DefaultKeyword ? 1 : 0]!;
  const gap = /(?:\s|\/\/.*|\/\*[\s\S]*?\*\/)*/y;
  gap.lastIndex = last.end;
  gap.exec(s.text);
  return gap.lastIndex;
}
