/** Lowering of what a file declares: functions, classes with their members, enums, variables. */
import { ts } from 'ts-morph';
import type {
  Assign,
  Block,
  ClassNode,
  DictEntry,
  Expr,
  FunctionNode,
  Parameter,
  Span,
  Stmt,
} from '../model.ts';
import { expr, exprs, keyOf, patternOf } from './expressions.ts';
import {
  assignOf,
  declarationStart,
  has,
  identifierOf,
  K,
  literalAt,
  nameAt,
  type Source,
  startAt,
  staticName,
  typeNameOf,
  unknownOf,
} from './pieces.ts';
import { blockOf } from './statements.ts';

type Declared = 'const' | 'let' | 'var' | 'using';

function decoratorsOf(s: Source, node: ts.Node): Expr[] {
  const { modifiers } = node as { modifiers?: ts.NodeArray<ts.ModifierLike> };
  const decorators: Expr[] = [];
  for (const modifier of modifiers ?? []) {
    if (modifier.kind === K.Decorator) decorators.push(expr(s, (modifier as ts.Decorator).expression));
  }
  return decorators;
}

/** Decorators as statements of their own, where what they decorate has no room for them. */
export function decoratorStatements(s: Source, node: ts.Node): Stmt[] {
  return decoratorsOf(s, node).map((expression) => {
    const { start, end } = expression;
    return { kind: 'expression', start, end, expression, parent: null };
  });
}

function parameterOf(s: Source, node: ts.ParameterDeclaration): Parameter {
  const isName = node.name.kind === K.Identifier;
  return {
    kind: 'parameter',
    start: startAt(s, node),
    end: node.end,
    name: isName ? (node.name as ts.Identifier).text : '',
    pattern: isName ? null : patternOf(s, node.name),
    defaultValue: node.initializer ? expr(s, node.initializer) : null,
    annotation: typeNameOf(s, node.type),
    spread: node.dotDotDotToken ? 'list' : null,
    keywordOnly: false,
    parent: null,
  };
}

export function functionOf(
  s: Source,
  node:
    | ts.ArrowFunction
    | ts.FunctionExpression
    | ts.FunctionDeclaration
    | ts.MethodDeclaration
    | ts.AccessorDeclaration
    | ts.ConstructorDeclaration,
): FunctionNode {
  const start = declarationStart(s, node);
  const decorators = decoratorsOf(s, node);
  const parameters: Parameter[] = [];
  for (const parameter of node.parameters) {
    if (parameter.name.kind === K.Identifier && parameter.name.text === 'this') continue;
    decorators.push(...decoratorsOf(s, parameter));
    parameters.push(parameterOf(s, parameter));
  }
  const { body } = node;
  let lowered: Block;
  if (!body) lowered = { kind: 'block', start: node.end, end: node.end, statements: [], parent: null };
  else if (body.kind === K.Block) lowered = blockOf(s, body as ts.Block);
  else {
    const value = expr(s, body);
    const span = { start: startAt(s, body), end: body.end };
    lowered = {
      kind: 'block',
      ...span,
      statements: [{ kind: 'return', ...span, value, parent: null }],
      parent: null,
    };
  }
  const isConstructor = node.kind === K.Constructor;
  if (isConstructor && body) {
    const fields = parameterFields(node.parameters, lowered.start + 1);
    lowered = { ...lowered, statements: [...fields, ...lowered.statements] };
  }
  const name = isConstructor ? 'constructor' : staticName(node.name);
  const nameStart = isConstructor
    ? s.text.lastIndexOf('constructor', node.parameters.pos)
    : name !== null && node.name
      ? startAt(s, node.name)
      : start;
  return {
    kind: 'function',
    start,
    end: node.end,
    name,
    nameStart: Math.max(nameStart, start),
    parameters,
    body: lowered,
    decorators,
    returns: null,
    isAsync: has(node, K.AsyncKeyword),
    isGenerator: 'asteriskToken' in node && node.asteriskToken !== undefined,
    isLambda: node.kind === K.ArrowFunction,
    isStatic: has(node, K.StaticKeyword),
    parent: null,
  };
}

/** `constructor(private readonly service: Service)` sets `this.service`: statements that take no room in the text. */
function parameterFields(parameters: readonly ts.ParameterDeclaration[], at: number): Stmt[] {
  const kinds = [K.PublicKeyword, K.PrivateKeyword, K.ProtectedKeyword, K.ReadonlyKeyword];
  return parameters.flatMap((parameter): Stmt[] => {
    if (!kinds.some((kind) => has(parameter, kind)) || parameter.name.kind !== K.Identifier) return [];
    const name = (parameter.name as ts.Identifier).text;
    const span = { start: at, end: at };
    const target: Expr = {
      kind: 'member',
      ...span,
      object: nameAt('this', at, at),
      property: name,
      propertyStart: at,
      parent: null,
    };
    return [assignOf(span, [target], nameAt(name, at, at))];
  });
}

export function classOf(s: Source, node: ts.ClassDeclaration | ts.ClassExpression): ClassNode {
  const start = declarationStart(s, node);
  const bases: Expr[] = [];
  for (const clause of node.heritageClauses ?? []) {
    if (clause.token === K.ExtendsKeyword) bases.push(...exprs(s, clause.types));
  }
  const statements: Stmt[] = [];
  for (const member of node.members) memberInto(s, member, statements);
  const open = Math.max(start, node.members.pos - 1);
  return {
    kind: 'class',
    start,
    end: node.end,
    name: node.name?.text ?? null,
    nameStart: node.name ? startAt(s, node.name) : start,
    bases,
    keywords: [],
    decorators: decoratorsOf(s, node),
    body: { kind: 'block', start: open, end: node.end, statements, parent: null },
    parent: null,
  };
}

function memberInto(s: Source, member: ts.ClassElement, into: Stmt[]): void {
  switch (member.kind) {
    case K.MethodDeclaration:
    case K.Constructor:
    case K.GetAccessor:
    case K.SetAccessor: {
      const method = member as ts.MethodDeclaration;
      if (method.body) into.push(functionOf(s, method));
      return;
    }
    case K.PropertyDeclaration: {
      const field = member as ts.PropertyDeclaration;
      into.push(...decoratorStatements(s, field));
      const name = staticName(field.name);
      const value = field.initializer ? expr(s, field.initializer) : null;
      const target =
        name === null
          ? unknownOf(s, field.name, [keyOf(s, field.name)])
          : nameAt(name, startAt(s, field.name), field.name.end);
      const decorated = into.at(-1);
      const start = startAt(s, field);
      // A decorated field begins after its decorators: they are statements of their own.
      const from = decorated && decorated.end > start ? target.start : start;
      const annotation = value ? null : typeNameOf(s, field.type);
      into.push(assignOf({ start: from, end: field.end }, [target], value, { annotation }));
      return;
    }
    case K.ClassStaticBlockDeclaration:
      into.push(blockOf(s, (member as ts.ClassStaticBlockDeclaration).body));
      return;
    default: // index signatures, stray semicolons
  }
}

/** An enum is a constant with an entry for each member. */
export function enumOf(s: Source, node: ts.EnumDeclaration): Assign {
  const { name, members, end } = node;
  const start = members.pos - 1;
  const dict: Expr = { kind: 'dict', start, end, entries: enumEntries(s, members), parent: null };
  const span = { start: declarationStart(s, node), end };
  return assignOf(span, [identifierOf(s, name)], dict, { declaration: 'const' });
}

/** Members without a value count on from the one before. */
function enumEntries(s: Source, members: readonly ts.EnumMember[]): DictEntry[] {
  let next: number | null = 0;
  return members.map((member) => {
    const start = startAt(s, member);
    const given = member.initializer ? expr(s, member.initializer) : null;
    const value =
      given ??
      (next === null ? unknownOf(s, member.name) : literalAt(next, startAt(s, member.name), member.name.end));
    const constant = value.kind === 'literal' ? value.value : null;
    next = typeof constant === 'number' ? constant + 1 : null;
    return { kind: 'entry', start, end: member.end, key: keyOf(s, member.name), value, parent: null };
  });
}

/** One assignment for each variable; together they have the span. */
export function declarationsOf(s: Source, list: ts.VariableDeclarationList, span: Span): Assign[] {
  const flags = list.flags & ts.NodeFlags.BlockScoped;
  const declaration: Declared =
    flags === ts.NodeFlags.Const
      ? 'const'
      : flags === ts.NodeFlags.Let
        ? 'let'
        : flags === ts.NodeFlags.None
          ? 'var'
          : 'using';
  const { declarations } = list;
  return declarations.map((node, index) => {
    const value = node.initializer ? expr(s, node.initializer) : null;
    const start = index === 0 ? span.start : startAt(s, node);
    const end = index === declarations.length - 1 ? span.end : node.end;
    const annotation = value ? null : typeNameOf(s, node.type);
    return assignOf({ start, end }, [patternOf(s, node.name)], value, { declaration, annotation });
  });
}
