/** Lowering of expressions, parameters and patterns. */
import type {
  Argument,
  Assign,
  Block,
  Comprehension,
  ComprehensionClause,
  DictEntry,
  Expr,
  Literal,
  Name,
  Parameter,
  Sequence,
  Unary,
  Unknown,
} from '../model.ts';
import {
  ARGUMENT_LIST,
  ASSIGNMENT,
  ASYNC,
  CHEVRON,
  COLON,
  COMMA,
  DEFAULT_PARAMETER,
  DICTIONARY_SPLAT,
  DICTIONARY_SPLAT_PATTERN,
  EQUALS,
  ERROR,
  FOR_IN_CLAUSE,
  FORMAT_EXPRESSION,
  FORMAT_SPECIFIER,
  FROM,
  IDENTIFIER,
  IF_CLAUSE,
  INTERPOLATION,
  KEYWORD_ARGUMENT,
  KEYWORD_SEPARATOR,
  LAMBDA_PARAMETERS,
  LIST_SPLAT,
  LIST_SPLAT_PATTERN,
  MINUS,
  MISSING,
  NOT_EQUAL_OLD,
  PAIR,
  POSITIONAL_SEPARATOR,
  STRING,
  STRING_CONTENT,
  TUPLE_PATTERN,
  TYPE,
  TYPE_CONVERSION,
  TYPED_DEFAULT_PARAMETER,
  TYPED_PARAMETER,
} from './kinds.ts';
import { formattedText, numberValue, stringHead, stringValue } from './literals.ts';
import { childOf, firstNode, hasError, nodeAfter, nodesOf, type Row, type Source, slice } from './rows.ts';
import { byKind, FIRST_TOKEN, tokenText } from './syntax-tree.ts';

/** Deeper expressions and blocks are flattened into `unknown`, so that whoever walks the model may recurse. */
export const MAX_DEPTH = 300;
/** Height of the subtrees that are still lowered whole beyond that depth. */
export const MAX_TAIL = 60;
type LowerExpr = (s: Source, n: Row) => Expr;

export function expr(s: Source, n: Row): Expr {
  if (s.depth >= MAX_DEPTH && height(s, n) > MAX_TAIL) return flattened(s, n);
  s.depth++;
  const node = EXPRESSIONS[s.tree.kinds[n]!]!(s, n);
  s.depth--;
  return node;
}

/** Row 0 stands for a part that is not there. */
export function exprOrGap(s: Source, n: Row, at: number): Expr {
  return n ? expr(s, n) : { kind: 'unknown', start: at, end: at, parent: null, children: [] };
}

export function exprOrNull(s: Source, n: Row): Expr | null {
  return n ? expr(s, n) : null;
}

/** Wraps a lowering of fixed shape: with an error among its children the shape does not hold. */
function shaped(of: LowerExpr): LowerExpr {
  return (s, n) => (hasError(s, n) ? unknown(s, n) : of(s, n));
}

export function unknown(s: Source, n: Row): Unknown {
  const children: Expr[] = [];
  collect(s, n, children, false);
  return { kind: 'unknown', start: s.tree.starts[n]!, end: s.tree.ends[n]!, parent: null, children };
}

/** Too deep to nest: keeps every shallow sub-expression, in one list. */
export function flattened(s: Source, n: Row): Unknown {
  const children: Expr[] = [];
  collect(s, n, children, true);
  return { kind: 'unknown', start: s.tree.starts[n]!, end: s.tree.ends[n]!, parent: null, children };
}

/** Lowers the outermost expressions below `n`; with `shallow` those that are not too high. */
function collect(s: Source, n: Row, out: Expr[], shallow: boolean): void {
  const { kinds, nexts } = s.tree;
  const end = nexts[n]!;
  for (let i = n + 1; i < end; ) {
    const known = EXPRESSIONS[kinds[i]!] !== unknown && kinds[i]! < FIRST_TOKEN;
    if (known && (!shallow || height(s, i) <= MAX_TAIL)) {
      out.push(expr(s, i));
      i = nexts[i]!;
    } else i++;
  }
}

export function height(s: Source, n: Row): number {
  if (!s.heights) {
    const { nexts } = s.tree;
    const size = nexts[0]!;
    const heights = new Uint32Array(size);
    for (let i = size - 1; i >= 0; i--) {
      for (let child = i + 1; child < nexts[i]!; child = nexts[child]!) {
        if (heights[child]! >= heights[i]!) heights[i] = heights[child]! + 1;
      }
    }
    s.heights = heights;
  }
  return s.heights[n]!;
}

export function name(s: Source, n: Row): Expr {
  if (s.tree.starts[n] === s.tree.ends[n]) return unknown(s, n); // put in to mend a half-typed line
  return { kind: 'name', start: s.tree.starts[n]!, end: s.tree.ends[n]!, parent: null, name: slice(s, n) };
}

function literal(s: Source, n: Row, value: Literal['value']): Literal {
  return { kind: 'literal', start: s.tree.starts[n]!, end: s.tree.ends[n]!, parent: null, value };
}

export function number(s: Source, n: Row): Expr {
  const value = numberValue(slice(s, n));
  return value === null ? unknown(s, n) : literal(s, n, value);
}

export function inner(s: Source, n: Row): Expr {
  const first = firstNode(s, n);
  return first ? expr(s, first) : unknown(s, n);
}

function attribute(s: Source, n: Row): Expr {
  const { starts, ends } = s.tree;
  const object = firstNode(s, n);
  const property = nodeAfter(s, n, object);
  if (!property) return unknown(s, n);
  return starred(
    {
      kind: 'member',
      start: starts[n]!,
      end: ends[n]!,
      parent: null,
      object: expr(s, object),
      property: slice(s, property),
      propertyStart: starts[property]!,
    },
    'object',
  );
}

function call(s: Source, n: Row): Expr {
  const { kinds, starts, ends } = s.tree;
  const callee = firstNode(s, n);
  const list = nodeAfter(s, n, callee);
  if (!list) return unknown(s, n);
  return starred(
    {
      kind: 'call',
      start: starts[n]!,
      end: ends[n]!,
      parent: null,
      callee: expr(s, callee),
      args: kinds[list] === ARGUMENT_LIST ? args(s, list) : [argument(s, list)],
      argsStart: starts[list]!,
      argsEnd: ends[list]!,
      isNew: false,
    },
    'callee',
  );
}

/** The call of `type` whose parentheses are row `n`. */
function typeCall(s: Source, n: Row): Expr {
  const { starts, ends } = s.tree;
  const argsStart = starts[n]!;
  const start = s.text.lastIndexOf('type', argsStart);
  const callee: Name = { kind: 'name', start, end: start + 4, parent: null, name: 'type' };
  const end = ends[n]!;
  return {
    kind: 'call',
    start,
    end,
    parent: null,
    callee,
    args: args(s, n),
    argsStart,
    argsEnd: end,
    isNew: false,
  };
}

/** The grammar binds the star of `[*a.b()]` to `a` alone; here it takes the whole. */
function starred<Key extends string>(node: Expr & Record<Key, Expr>, key: Key): Expr {
  const part = node[key];
  if (part.kind !== 'spread') return node;
  const value = { ...node, [key]: part.value, start: part.value.start };
  return { kind: 'spread', start: node.start, end: node.end, parent: null, value };
}

export function args(s: Source, n: Row): Argument[] {
  const { kinds, nexts } = s.tree;
  const list: Argument[] = [];
  for (let i = n + 1; i < nexts[n]!; i = nexts[i]!) if (kinds[i]! < FIRST_TOKEN) list.push(argument(s, i));
  return list;
}

function argument(s: Source, n: Row): Argument {
  const { kinds, starts, ends } = s.tree;
  const kind = kinds[n]!;
  let keyword: string | null = null;
  let spread: Argument['spread'] = null;
  let value = n;
  if (kind === KEYWORD_ARGUMENT) {
    const key = firstNode(s, n);
    keyword = slice(s, key);
    value = nodeAfter(s, n, key);
  } else if (kind === LIST_SPLAT || kind === DICTIONARY_SPLAT) {
    spread = kind === LIST_SPLAT ? 'list' : 'dict';
    value = firstNode(s, n);
  } else if (kind === CHEVRON) {
    keyword = 'file'; // Python 2: print >>f, x
    value = firstNode(s, n);
  }
  return {
    kind: 'argument',
    start: starts[n]!,
    end: ends[n]!,
    parent: null,
    name: keyword,
    value: exprOrGap(s, value, ends[n]!),
    spread,
  };
}

function subscript(s: Source, n: Row): Expr {
  const { kinds, starts, ends, nexts } = s.tree;
  const object = firstNode(s, n);
  const rows: Row[] = [];
  let commas = 0;
  for (let i = object ? nexts[object]! : n + 1; i < nexts[n]!; i = nexts[i]!) {
    if (kinds[i] === COMMA) commas++;
    else if (kinds[i]! < FIRST_TOKEN) rows.push(i);
  }
  if (!object || !rows.length) return unknown(s, n);
  const items = rows.map((row) => expr(s, row));
  return starred(
    {
      kind: 'index',
      start: starts[n]!,
      end: ends[n]!,
      parent: null,
      object: expr(s, object),
      index: commas ? tuple(items, starts[rows[0]!]!, ends[rows.at(-1)!]!) : items[0]!,
    },
    'object',
  );
}

export function tuple(items: Expr[], start: number, end: number): Sequence {
  return { kind: 'sequence', start, end, parent: null, type: 'tuple', items };
}

function sliceExpr(s: Source, n: Row): Expr {
  const { kinds, starts, ends, nexts } = s.tree;
  const parts: (Expr | null)[] = [null, null, null];
  let part = 0;
  for (let i = n + 1; i < nexts[n]!; i = nexts[i]!) {
    if (kinds[i] === COLON) part++;
    else if (kinds[i]! < FIRST_TOKEN && part < 3) parts[part] = expr(s, i);
  }
  const [lower, upper, step] = parts as [Expr | null, Expr | null, Expr | null];
  return { kind: 'slice', start: starts[n]!, end: ends[n]!, parent: null, lower, upper, step };
}

export function string(s: Source, n: Row): Expr {
  const { starts, ends } = s.tree;
  const parts: (string | Expr)[] = [];
  stringParts(s, n, parts);
  return joined(parts, starts[n]!, ends[n]!);
}

function concatenated(s: Source, n: Row): Expr {
  const { kinds, starts, ends } = s.tree;
  const parts: (string | Expr)[] = [];
  for (const row of nodesOf(s, n)) if (kinds[row] === STRING) stringParts(s, row, parts);
  return joined(parts, starts[n]!, ends[n]!);
}

function joined(parts: (string | Expr)[], start: number, end: number): Expr {
  if (parts.every((part) => typeof part === 'string')) {
    return {
      kind: 'literal',
      start,
      end,
      parent: null,
      value: parts.length === 1 ? parts[0]! : parts.join(''),
    };
  }
  const merged: (string | Expr)[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (typeof part !== 'string') merged.push(part);
    else if (typeof last === 'string') merged[merged.length - 1] = last + part;
    else if (part) merged.push(part);
  }
  return { kind: 'template', start, end, parent: null, parts: merged };
}

function stringParts(s: Source, n: Row, parts: (string | Expr)[]): void {
  const { kinds, starts, ends } = s.tree;
  if (!childOf(s, n, INTERPOLATION)) {
    parts.push(stringValue(s.text, starts[n]!, ends[n]!));
    return;
  }
  const { prefix } = stringHead(s.text, starts[n]!);
  for (const row of nodesOf(s, n)) {
    if (kinds[row] === STRING_CONTENT) parts.push(formattedText(slice(s, row), prefix));
    else if (kinds[row] === INTERPOLATION) parts.push(interpolation(s, row));
    else if (kinds[row] === ERROR) parts.push(unknown(s, row));
  }
}

function interpolation(s: Source, n: Row): Expr {
  const { kinds, starts, ends } = s.tree;
  let formatted = childOf(s, n, EQUALS) > 0;
  const children: Expr[] = [];
  for (const row of nodesOf(s, n)) {
    if (kinds[row] === TYPE_CONVERSION) formatted = true;
    else if (kinds[row] === FORMAT_SPECIFIER) {
      formatted = true;
      for (const nested of nodesOf(s, row)) {
        if (kinds[nested] === FORMAT_EXPRESSION || kinds[nested] === ERROR)
          children.push(interpolation(s, nested));
      }
    } else children.push(expr(s, row));
  }
  if (children.length === 1 && !formatted) return children[0]!;
  return { kind: 'unknown', start: starts[n]!, end: ends[n]!, parent: null, children };
}

function unary(s: Source, n: Row): Expr {
  const { starts, ends, kinds } = s.tree;
  const operand = firstNode(s, n);
  const operator = (tokenText(kinds[n + 1]!) || 'not') as Unary['operator'];
  if (!operand) return unknown(s, n);
  return {
    kind: 'unary',
    start: starts[n]!,
    end: ends[n]!,
    parent: null,
    operator,
    operand: expr(s, operand),
  };
}

function binary(s: Source, n: Row): Expr {
  const { starts, ends, kinds, nexts } = s.tree;
  const left = firstNode(s, n);
  const operator = left ? nexts[left]! : 0;
  const right = nodeAfter(s, n, left);
  if (!right || kinds[operator]! < FIRST_TOKEN) return unknown(s, n);
  return starred(
    {
      kind: 'binary',
      start: starts[n]!,
      end: ends[n]!,
      parent: null,
      operator: tokenText(kinds[operator]!),
      left: expr(s, left),
      right: expr(s, right),
    },
    'left',
  );
}

export function comparison(s: Source, n: Row): Expr {
  const { starts, ends, kinds, nexts } = s.tree;
  const first = firstNode(s, n);
  if (!first || (nexts[n]! - n > MAX_TAIL && nodesOf(s, n).length > MAX_TAIL)) return flattened(s, n);
  let left = expr(s, first);
  let operator = '';
  for (let i = nexts[first]!; i < nexts[n]!; i = nexts[i]!) {
    const kind = kinds[i]!;
    if (kind >= FIRST_TOKEN) operator = kind === NOT_EQUAL_OLD ? '!=' : tokenText(kind);
    else {
      const right = expr(s, i);
      left = { kind: 'binary', start: starts[n]!, end: ends[i]!, parent: null, operator, left, right };
    }
  }
  return left;
}

function lambda(s: Source, n: Row): Expr {
  const { starts, ends, kinds } = s.tree;
  const first = firstNode(s, n);
  const list = kinds[first] === LAMBDA_PARAMETERS ? first : 0;
  const bodyRow = list ? nodeAfter(s, n, list) : first;
  const outerYields = s.yields;
  s.depth += 2; // the block and its `return`
  const parameters = list ? parametersOf(s, list) : [];
  s.yields = false;
  const value = exprOrGap(s, bodyRow, ends[n]!);
  const isGenerator = s.yields;
  s.yields = outerYields;
  s.depth -= 2;
  const body: Block = {
    kind: 'block',
    start: value.start,
    end: value.end,
    parent: null,
    statements: [{ kind: 'return', start: value.start, end: value.end, parent: null, value }],
  };
  return {
    kind: 'function',
    start: starts[n]!,
    end: ends[n]!,
    parent: null,
    name: null,
    nameStart: starts[n]!,
    parameters,
    body,
    decorators: [],
    returns: null,
    isAsync: false,
    isGenerator,
    isLambda: true,
    isStatic: false,
  };
}

function conditional(s: Source, n: Row): Expr {
  const { starts, ends } = s.tree;
  const then = firstNode(s, n);
  const test = nodeAfter(s, n, then);
  const otherwise = nodeAfter(s, n, test);
  if (!otherwise) return unknown(s, n);
  return {
    kind: 'conditional',
    start: starts[n]!,
    end: ends[n]!,
    parent: null,
    test: expr(s, test),
    then: expr(s, then),
    otherwise: expr(s, otherwise),
  };
}

export function assign(
  s: Source,
  n: Row,
  targets: Expr[],
  value: Expr | null,
  operator: string | null,
  annotation: Expr | null,
): Assign {
  const { starts, ends } = s.tree;
  return {
    kind: 'assign',
    start: starts[n]!,
    end: ends[n]!,
    parent: null,
    targets,
    value,
    operator,
    annotation,
    declaration: null,
  };
}

function walrus(s: Source, n: Row): Expr {
  const target = firstNode(s, n);
  const value = nodeAfter(s, n, target);
  return value ? assign(s, n, [expr(s, target)], expr(s, value), null, null) : unknown(s, n);
}

/** `a = b = c` is an assignment within an assignment; here it becomes one with two targets. */
function assignment(s: Source, n: Row): Expr {
  const { kinds } = s.tree;
  const targets: Expr[] = [];
  let annotation: Expr | null = null;
  for (let row = n; ; ) {
    if (row !== n && hasError(s, row)) return assign(s, n, targets, unknown(s, row), null, annotation);
    const target = firstNode(s, row);
    if (!target) return unknown(s, n);
    targets.push(expr(s, target));
    let value = nodeAfter(s, row, target);
    if (value && kinds[value] === TYPE) {
      annotation = expr(s, value);
      value = nodeAfter(s, row, value);
    }
    if (value && kinds[value] === ASSIGNMENT) row = value;
    else return assign(s, n, targets, exprOrNull(s, value), null, annotation);
  }
}

function augmented(s: Source, n: Row): Expr {
  const { kinds, nexts } = s.tree;
  const target = firstNode(s, n);
  const value = nodeAfter(s, n, target);
  if (!value) return unknown(s, n);
  return assign(s, n, [expr(s, target)], expr(s, value), tokenText(kinds[nexts[target]!]!), null);
}

/** `value as target` where the grammar takes it for an expression. */
function asPattern(s: Source, n: Row): Expr {
  return unknown(s, n);
}

function awaitExpr(s: Source, n: Row): Expr {
  const { starts, ends } = s.tree;
  return {
    kind: 'await',
    start: starts[n]!,
    end: ends[n]!,
    parent: null,
    value: exprOrGap(s, firstNode(s, n), ends[n]!),
  };
}

function yieldExpr(s: Source, n: Row): Expr {
  const { starts, ends } = s.tree;
  s.yields = true;
  const delegate = childOf(s, n, FROM) > 0;
  const value = exprOrNull(s, firstNode(s, n));
  return { kind: 'yield', start: starts[n]!, end: ends[n]!, parent: null, value, delegate };
}

function sequence(type: Sequence['type']): LowerExpr {
  return (s, n) => {
    const { kinds, starts, ends, nexts } = s.tree;
    const items: Expr[] = [];
    for (let i = n + 1; i < nexts[n]!; i = nexts[i]!) if (kinds[i]! < FIRST_TOKEN) items.push(expr(s, i));
    return { kind: 'sequence', start: starts[n]!, end: ends[n]!, parent: null, type, items };
  };
}

export const tupleOf = sequence('tuple');

function dictionary(s: Source, n: Row): Expr {
  const { starts, ends } = s.tree;
  const entries = nodesOf(s, n).map((row) => entry(s, row));
  return { kind: 'dict', start: starts[n]!, end: ends[n]!, parent: null, entries };
}

function entry(s: Source, n: Row): DictEntry {
  const { kinds, starts, ends } = s.tree;
  let key: Expr | null = null;
  let value: Expr;
  if (kinds[n] === PAIR) {
    const keyRow = firstNode(s, n);
    key = exprOrGap(s, keyRow, starts[n]!);
    value = exprOrGap(s, nodeAfter(s, n, keyRow), ends[n]!);
  } else if (kinds[n] === DICTIONARY_SPLAT) value = exprOrGap(s, firstNode(s, n), ends[n]!);
  else value = expr(s, n);
  return { kind: 'entry', start: starts[n]!, end: ends[n]!, parent: null, key, value };
}

function comprehension(type: Comprehension['type']): LowerExpr {
  return (s, n) => {
    const { kinds, starts, ends } = s.tree;
    const [body, ...rest] = nodesOf(s, n);
    if (body === undefined) return unknown(s, n);
    let key: Expr | null = null;
    let element: Expr;
    if (kinds[body] === PAIR) {
      const keyRow = firstNode(s, body);
      key = exprOrGap(s, keyRow, starts[body]!);
      element = exprOrGap(s, nodeAfter(s, body, keyRow), ends[body]!);
    } else element = expr(s, body);
    const clauses: ComprehensionClause[] = [];
    for (let i = 0; i < rest.length; i++) {
      if (kinds[rest[i]!] !== FOR_IN_CLAUSE) continue;
      const conditions: Row[] = [];
      for (let j = i + 1; j < rest.length && kinds[rest[j]!] === IF_CLAUSE; j++) conditions.push(rest[j]!);
      clauses.push(clause(s, rest[i]!, conditions));
    }
    return {
      kind: 'comprehension',
      start: starts[n]!,
      end: ends[n]!,
      parent: null,
      type,
      element,
      key,
      clauses,
    };
  };
}

export function clause(s: Source, n: Row, conditions: readonly Row[]): ComprehensionClause {
  const { starts, ends } = s.tree;
  const target = firstNode(s, n);
  const first = nodeAfter(s, n, target);
  const second = nodeAfter(s, n, first);
  const rows = first ? nodesOf(s, n).filter((row) => row >= first) : [];
  const items = rows.map((row) => expr(s, row));
  return {
    kind: 'clause',
    start: starts[n]!,
    end: ends[conditions.at(-1) ?? n]!,
    parent: null,
    target: exprOrGap(s, target, ends[n]!),
    iterable: second
      ? tuple(items, starts[first]!, ends[rows.at(-1)!]!)
      : (items[0] ?? exprOrGap(s, 0, ends[n]!)),
    conditions: conditions.map((row) => exprOrGap(s, firstNode(s, row), ends[row]!)),
    isAsync: childOf(s, n, ASYNC) > 0,
  };
}

function spread(s: Source, n: Row): Expr {
  const { starts, ends } = s.tree;
  return {
    kind: 'spread',
    start: starts[n]!,
    end: ends[n]!,
    parent: null,
    value: exprOrGap(s, firstNode(s, n), ends[n]!),
  };
}

/** `list[int]` where the grammar knows that it reads a type. */
function genericType(s: Source, n: Row): Expr {
  const { starts, ends } = s.tree;
  const object = firstNode(s, n);
  const parameter = nodeAfter(s, n, object);
  if (!parameter) return unknown(s, n);
  const rows = nodesOf(s, parameter);
  const items = rows.map((row) => expr(s, row));
  if (!items.length) return unknown(s, n);
  return {
    kind: 'index',
    start: starts[n]!,
    end: ends[n]!,
    parent: null,
    object: expr(s, object),
    index: items.length > 1 ? tuple(items, starts[rows[0]!]!, ends[rows.at(-1)!]!) : items[0]!,
  };
}

function unionType(s: Source, n: Row): Expr {
  const { starts, ends } = s.tree;
  const left = firstNode(s, n);
  const right = nodeAfter(s, n, left);
  if (!right) return unknown(s, n);
  return {
    kind: 'binary',
    start: starts[n]!,
    end: ends[n]!,
    parent: null,
    operator: '|',
    left: expr(s, left),
    right: expr(s, right),
  };
}

/** `a.b.c` as names in `match` patterns have it: one leaf of the tree. */
function dottedName(s: Source, n: Row): Expr {
  const start = s.tree.starts[n]!;
  const matches = [...slice(s, n).matchAll(/[^\s.\\]+/g)];
  let node: Expr = { kind: 'name', start, end: start, parent: null, name: '' };
  for (const [index, match] of matches.entries()) {
    const at = start + match.index;
    const end = at + match[0].length;
    if (index === 0) node = { kind: 'name', start: at, end, parent: null, name: match[0] };
    else
      node = {
        kind: 'member',
        start,
        end,
        parent: null,
        object: node,
        property: match[0],
        propertyStart: at,
      };
  }
  return node;
}

/** A pattern stays an expression where it reads like one: a literal, a name, `-1`. */
function casePattern(s: Source, n: Row): Expr {
  const { starts, ends, kinds } = s.tree;
  const rows = nodesOf(s, n);
  if (rows.length !== 1) return unknown(s, n);
  const operand = expr(s, rows[0]!);
  if (kinds[n + 1] !== MINUS) return operand;
  return { kind: 'unary', start: starts[n]!, end: ends[n]!, parent: null, operator: '-', operand };
}

export const EXPRESSIONS: LowerExpr[] = byKind<LowerExpr>(
  {
    identifier: name,
    integer: number,
    float: number,
    true: (s, n) => literal(s, n, true),
    false: (s, n) => literal(s, n, false),
    none: (s, n) => literal(s, n, null),
    attribute: shaped(attribute),
    call: shaped(call),
    subscript: shaped(subscript),
    slice: shaped(sliceExpr),
    string,
    concatenated_string: concatenated,
    unary_operator: shaped(unary),
    not_operator: shaped(unary),
    binary_operator: shaped(binary),
    boolean_operator: shaped(binary),
    comparison_operator: shaped(comparison),
    lambda: shaped(lambda),
    conditional_expression: shaped(conditional),
    named_expression: shaped(walrus),
    as_pattern: asPattern,
    as_pattern_target: inner,
    await: shaped(awaitExpr),
    yield: shaped(yieldExpr),
    list: sequence('list'),
    set: sequence('set'),
    tuple: (s, n) => (n === s.typeArguments ? typeCall(s, n) : tupleOf(s, n)),
    expression_list: tupleOf,
    pattern_list: tupleOf,
    tuple_pattern: tupleOf,
    list_pattern: sequence('list'),
    dictionary,
    list_comprehension: shaped(comprehension('list')),
    set_comprehension: shaped(comprehension('set')),
    dictionary_comprehension: shaped(comprehension('dict')),
    generator_expression: shaped(comprehension('generator')),
    list_splat: spread,
    dictionary_splat: spread,
    list_splat_pattern: spread,
    dictionary_splat_pattern: spread,
    splat_type: spread,
    parenthesized_expression: shaped((s, n) => (n === s.typeArguments ? typeCall(s, n) : inner(s, n))),
    parenthesized_list_splat: shaped(inner),
    type: shaped(inner),
    generic_type: shaped(genericType),
    union_type: shaped(unionType),
    member_type: shaped(attribute),
    assignment: shaped(assignment),
    augmented_assignment: shaped(augmented),
    dotted_name: dottedName,
    case_pattern: shaped(casePattern),
  },
  unknown,
);

// ---------------------------------------------------------------- parameters

/** Parameters of a `def` or a lambda. */
export function parametersOf(s: Source, n: Row): Parameter[] {
  const { kinds } = s.tree;
  const list: Parameter[] = [];
  let keywordOnly = false;
  for (const row of nodesOf(s, n)) {
    const kind = kinds[row]!;
    if (kind === KEYWORD_SEPARATOR) keywordOnly = true;
    else if (kind !== POSITIONAL_SEPARATOR && kind !== ERROR && kind !== MISSING) {
      const node = parameter(s, row, keywordOnly);
      list.push(node);
      if (node.spread === 'list') keywordOnly = true;
    }
  }
  return list;
}

function parameter(s: Source, n: Row, keywordOnly: boolean): Parameter {
  const { kinds, starts, ends } = s.tree;
  const kind = kinds[n]!;
  let target = n;
  let annotation: Row = 0;
  let defaultValue: Row = 0;
  if (kind === TYPED_PARAMETER || kind === DEFAULT_PARAMETER || kind === TYPED_DEFAULT_PARAMETER) {
    target = firstNode(s, n);
    const second = nodeAfter(s, n, target);
    if (kind === DEFAULT_PARAMETER) defaultValue = second;
    else annotation = second;
    if (kind === TYPED_DEFAULT_PARAMETER) defaultValue = nodeAfter(s, n, second);
  }
  let spreadKind: Parameter['spread'] = null;
  if (kinds[target] === LIST_SPLAT_PATTERN) spreadKind = 'list';
  else if (kinds[target] === DICTIONARY_SPLAT_PATTERN) spreadKind = 'dict';
  const named = spreadKind ? firstNode(s, target) : target;
  return {
    kind: 'parameter',
    start: starts[n]!,
    end: ends[n]!,
    parent: null,
    name: kinds[named] === IDENTIFIER ? slice(s, named) : '',
    pattern: kinds[named] === TUPLE_PATTERN ? expr(s, named) : null, // Python 2: def f(a, (b, c))
    defaultValue: exprOrNull(s, defaultValue),
    annotation: exprOrNull(s, annotation),
    spread: spreadKind,
    keywordOnly: keywordOnly && spreadKind === null,
  };
}
