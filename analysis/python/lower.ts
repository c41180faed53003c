/**
 * Syntax tree -> CodeModel.
 *
 * Parentheses around an expression are dropped, the expression keeps its own span. A chained comparison nests to the
 * left: `a < b < c` is `(a < b) < c`. A decorated function or class starts at its first decorator. Formatted values
 * (`{x:.2f}`, `{x!r}`, `{x=}`) are `unknown` around the expression, for the text is not that of the value alone.
 */
import type {
  Argument,
  Assign,
  Block,
  Case,
  ClassNode,
  Comprehension,
  ComprehensionClause,
  DictEntry,
  Expr,
  FunctionNode,
  Handler,
  If,
  ImportBinding,
  Literal,
  Name,
  Parameter,
  ParsedModule,
  Sequence,
  Stmt,
  Unary,
  Unknown,
  WithItem,
} from '../model.ts';
import { formattedText, numberValue, stringHead, stringValue } from './literals.ts';
import { byKind, FIRST_TOKEN, kindOf, type SyntaxTree, tokenKind, tokenText } from './syntax-tree.ts';

/** Deeper expressions and blocks are flattened into `unknown`, so that whoever walks the model may recurse. */
const MAX_DEPTH = 300;
/** Height of the subtrees that are still lowered whole beyond that depth. */
const MAX_TAIL = 60;
/** An `elif` nests in the one before; beyond this many they follow one another instead. */
const MAX_ELIF = 80;

const ERROR = kindOf('ERROR');
const MISSING = kindOf('(missing)');
const BLOCK = kindOf('block');
const IDENTIFIER = kindOf('identifier');
const INTERPOLATION = kindOf('interpolation');
const STRING_CONTENT = kindOf('string_content');
const FORMAT_SPECIFIER = kindOf('format_specifier');
const FORMAT_EXPRESSION = kindOf('format_expression');
const TYPE_CONVERSION = kindOf('type_conversion');
const STRING = kindOf('string');
const ARGUMENT_LIST = kindOf('argument_list');
const KEYWORD_ARGUMENT = kindOf('keyword_argument');
const LIST_SPLAT = kindOf('list_splat');
const LIST_SPLAT_PATTERN = kindOf('list_splat_pattern');
const DICTIONARY_SPLAT = kindOf('dictionary_splat');
const DICTIONARY_SPLAT_PATTERN = kindOf('dictionary_splat_pattern');
const PARENTHESIZED = kindOf('parenthesized_expression');
const CHEVRON = kindOf('chevron');
const PAIR = kindOf('pair');
const FOR_IN_CLAUSE = kindOf('for_in_clause');
const IF_CLAUSE = kindOf('if_clause');
const ASSIGNMENT = kindOf('assignment');
const AUGMENTED_ASSIGNMENT = kindOf('augmented_assignment');
const TYPE = kindOf('type');
const AS_PATTERN = kindOf('as_pattern');
const TUPLE = kindOf('tuple');
const LAMBDA_PARAMETERS = kindOf('lambda_parameters');
const PARAMETERS = kindOf('parameters');
const TYPED_PARAMETER = kindOf('typed_parameter');
const DEFAULT_PARAMETER = kindOf('default_parameter');
const TYPED_DEFAULT_PARAMETER = kindOf('typed_default_parameter');
const KEYWORD_SEPARATOR = kindOf('keyword_separator');
const POSITIONAL_SEPARATOR = kindOf('positional_separator');
const TUPLE_PATTERN = kindOf('tuple_pattern');
const DECORATOR = kindOf('decorator');
const FUNCTION = kindOf('function_definition');
const CLASS = kindOf('class_definition');
const ELIF = kindOf('elif_clause');
const ELSE = kindOf('else_clause');
const FINALLY = kindOf('finally_clause');
const EXCEPT = kindOf('except_clause');
const WITH_CLAUSE = kindOf('with_clause');
const WITH_ITEM = kindOf('with_item');
const CASE_CLAUSE = kindOf('case_clause');
const CASE_PATTERN = kindOf('case_pattern');
const DOTTED_NAME = kindOf('dotted_name');
const ALIASED_IMPORT = kindOf('aliased_import');
const RELATIVE_IMPORT = kindOf('relative_import');
const IMPORT_PREFIX = kindOf('import_prefix');
const WILDCARD = kindOf('wildcard_import');

const ASYNC = tokenKind('async');
const FROM = tokenKind('from');
const COLON = tokenKind(':');
const EQUALS = tokenKind('=');
const COMMA = tokenKind(',');
const NOT_EQUAL_OLD = tokenKind('<>');
const UNDERSCORE = tokenKind('_');
const MINUS = tokenKind('-');

/** What one lowering carries about. */
interface Source {
  readonly text: string;
  readonly tree: SyntaxTree;
  depth: number;
  /** Set by `yield`, read and reset by the function around it. */
  yields: boolean;
  /** Row of the parentheses in a misread `type(x).y = z`; else 0. */
  typeArguments: Row;
  /** Height of the subtree at each row; computed only for trees that are too deep. */
  heights: Uint32Array | null;
}

type Row = number;
type LowerExpr = (s: Source, n: Row) => Expr;
type LowerStmt = (s: Source, n: Row, out: Stmt[]) => void;

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

// ---------------------------------------------------------------------- rows

/** First child that is no token and no error; 0 if there is none. */
function firstNode(s: Source, n: Row): Row {
  return nodeFrom(s, n, n + 1);
}

/** First child of `n`, at or after row `from`, that is no token and no error; 0 if there is none. */
function nodeFrom(s: Source, n: Row, from: Row): Row {
  const { kinds, nexts } = s.tree;
  for (let i = from; i < nexts[n]!; i = nexts[i]!) {
    const kind = kinds[i]!;
    if (kind < FIRST_TOKEN && kind !== ERROR) return i;
  }
  return 0;
}

/** The node after child `i` of `n`. */
function nodeAfter(s: Source, n: Row, i: Row): Row {
  return i ? nodeFrom(s, n, s.tree.nexts[i]!) : 0;
}

/** Children that are no tokens. Errors are among them. */
function nodesOf(s: Source, n: Row): Row[] {
  const { kinds, nexts } = s.tree;
  const rows: Row[] = [];
  for (let i = n + 1; i < nexts[n]!; i = nexts[i]!) if (kinds[i]! < FIRST_TOKEN) rows.push(i);
  return rows;
}

function childOf(s: Source, n: Row, wanted: number): Row {
  const { kinds, nexts } = s.tree;
  for (let i = n + 1; i < nexts[n]!; i = nexts[i]!) if (kinds[i] === wanted) return i;
  return 0;
}

function hasError(s: Source, n: Row): boolean {
  if (!s.tree.errors.length) return false;
  const { kinds, nexts } = s.tree;
  for (let i = n + 1; i < nexts[n]!; i = nexts[i]!)
    if (kinds[i] === ERROR || kinds[i] === MISSING) return true;
  return false;
}

function slice(s: Source, n: Row): string {
  return s.text.slice(s.tree.starts[n], s.tree.ends[n]);
}

// --------------------------------------------------------------- expressions

function expr(s: Source, n: Row): Expr {
  if (s.depth >= MAX_DEPTH && height(s, n) > MAX_TAIL) return flattened(s, n);
  s.depth++;
  const node = EXPRESSIONS[s.tree.kinds[n]!]!(s, n);
  s.depth--;
  return node;
}

/** Row 0 stands for a part that is not there. */
function exprOrGap(s: Source, n: Row, at: number): Expr {
  return n ? expr(s, n) : { kind: 'unknown', start: at, end: at, parent: null, children: [] };
}

function exprOrNull(s: Source, n: Row): Expr | null {
  return n ? expr(s, n) : null;
}

/** Wraps a lowering of fixed shape: with an error among its children the shape does not hold. */
function shaped(of: LowerExpr): LowerExpr {
  return (s, n) => (hasError(s, n) ? unknown(s, n) : of(s, n));
}

function unknown(s: Source, n: Row): Unknown {
  const children: Expr[] = [];
  collect(s, n, children, false);
  return { kind: 'unknown', start: s.tree.starts[n]!, end: s.tree.ends[n]!, parent: null, children };
}

/** Too deep to nest: keeps every shallow sub-expression, in one list. */
function flattened(s: Source, n: Row): Unknown {
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

function height(s: Source, n: Row): number {
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

function name(s: Source, n: Row): Expr {
  if (s.tree.starts[n] === s.tree.ends[n]) return unknown(s, n); // put in to mend a half-typed line
  return { kind: 'name', start: s.tree.starts[n]!, end: s.tree.ends[n]!, parent: null, name: slice(s, n) };
}

function literal(s: Source, n: Row, value: Literal['value']): Literal {
  return { kind: 'literal', start: s.tree.starts[n]!, end: s.tree.ends[n]!, parent: null, value };
}

function number(s: Source, n: Row): Expr {
  const value = numberValue(slice(s, n));
  return value === null ? unknown(s, n) : literal(s, n, value);
}

function inner(s: Source, n: Row): Expr {
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

function args(s: Source, n: Row): Argument[] {
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

function tuple(items: Expr[], start: number, end: number): Sequence {
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

function string(s: Source, n: Row): Expr {
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

function comparison(s: Source, n: Row): Expr {
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

function assign(
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

const tupleOf = sequence('tuple');

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

function clause(s: Source, n: Row, conditions: readonly Row[]): ComprehensionClause {
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

const EXPRESSIONS: LowerExpr[] = byKind<LowerExpr>(
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

// ---------------------------------------------------------------- statements

function statementsOf(s: Source, n: Row, out: Stmt[]): void {
  const { kinds, nexts } = s.tree;
  for (let i = n + 1; i < nexts[n]!; i = nexts[i]!)
    if (kinds[i]! < FIRST_TOKEN) STATEMENTS[kinds[i]!]!(s, i, out);
}

/** The block at row `n`; an empty one at `at` if the row is missing. */
function block(s: Source, n: Row, at: number): Block {
  const statements: Stmt[] = [];
  if (n) nested(s, n, statements);
  const start = n ? s.tree.starts[n]! : at;
  return { kind: 'block', start, end: n ? s.tree.ends[n]! : at, parent: null, statements };
}

function nested(s: Source, n: Row, out: Stmt[]): void {
  if (s.depth >= MAX_DEPTH && height(s, n) > MAX_TAIL) {
    const expression = flattened(s, n);
    out.push({ kind: 'expression', start: expression.start, end: expression.end, parent: null, expression });
    return;
  }
  s.depth++;
  statementsOf(s, n, out);
  s.depth--;
}

/** Anything that stands where a statement should: its parts that can be modelled. */
function stray(s: Source, n: Row, out: Stmt[]): void {
  const { kinds, starts, ends, nexts } = s.tree;
  const kind = kinds[n]!;
  if (kind === MISSING) return;
  const isExpression = EXPRESSIONS[kind] !== unknown;
  if (isExpression) {
    out.push({ kind: 'expression', start: starts[n]!, end: ends[n]!, parent: null, expression: expr(s, n) });
    return;
  }
  // Descends without recursion as far as stray parts go, since an ERROR can be as deep as the text is long.
  for (let i = n + 1; i < nexts[n]!; ) {
    const child = kinds[i]!;
    if (child < FIRST_TOKEN && STATEMENTS[child] !== stray) {
      nestedStatement(s, i, out);
      i = nexts[i]!;
    } else if (child < FIRST_TOKEN && EXPRESSIONS[child] !== unknown) {
      const expression = expr(s, i);
      const whole: Unknown = {
        kind: 'unknown',
        start: starts[i]!,
        end: ends[i]!,
        parent: null,
        children: [expression],
      };
      out.push({ kind: 'expression', start: starts[i]!, end: ends[i]!, parent: null, expression: whole });
      i = nexts[i]!;
    } else i++;
  }
}

function nestedStatement(s: Source, n: Row, out: Stmt[]): void {
  if (s.depth >= MAX_DEPTH && height(s, n) > MAX_TAIL) return nested(s, n, out);
  s.depth++;
  STATEMENTS[s.tree.kinds[n]!]!(s, n, out);
  s.depth--;
}

function expressionStatement(s: Source, n: Row, out: Stmt[]): void {
  const { kinds, starts, ends, nexts } = s.tree;
  const start = starts[n]!;
  const end = ends[n]!;
  const first = firstNode(s, n);
  if (!first || hasError(s, n)) {
    out.push({ kind: 'expression', start, end, parent: null, expression: unknown(s, n) });
    return;
  }
  const single = nexts[first] === nexts[n];
  const kind = kinds[first]!;
  const isTuple = !single || (end > ends[first]! && s.text[end - 1] === ',');
  if (!isTuple && (kind === ASSIGNMENT || kind === AUGMENTED_ASSIGNMENT)) {
    const node = expr(s, first);
    out.push(
      node.kind === 'assign' ? node : { kind: 'expression', start, end, parent: null, expression: node },
    );
    return;
  }
  out.push({
    kind: 'expression',
    start,
    end,
    parent: null,
    expression: isTuple ? tupleOf(s, n) : expr(s, first),
  });
}

function returnStatement(s: Source, n: Row, out: Stmt[]): void {
  const { starts, ends } = s.tree;
  out.push({ kind: 'return', start: starts[n]!, end: ends[n]!, parent: null, value: loneValue(s, n) });
}

/** The one expression of a statement, `unknown` if there is an error beside it. */
function loneValue(s: Source, n: Row): Expr | null {
  return hasError(s, n) ? unknown(s, n) : exprOrNull(s, firstNode(s, n));
}

function raiseStatement(s: Source, n: Row, out: Stmt[]): void {
  const { kinds, starts, ends, nexts } = s.tree;
  const [first, second] = nodesOf(s, n);
  let value: Expr | null = null;
  let cause: Expr | null = null;
  if (hasError(s, n)) value = unknown(s, n);
  else if (first !== undefined) {
    if (kinds[n + 1] === FROM) cause = expr(s, first);
    else value = expr(s, first);
    if (second !== undefined && kinds[nexts[first]!] === FROM) cause = expr(s, second);
  }
  out.push({ kind: 'raise', start: starts[n]!, end: ends[n]!, parent: null, value, cause });
}

function simple(kind: 'break' | 'continue' | 'pass'): LowerStmt {
  return (s, n, out) => {
    out.push({ kind, start: s.tree.starts[n]!, end: s.tree.ends[n]!, parent: null });
  };
}

function deleteStatement(s: Source, n: Row, out: Stmt[]): void {
  const value = loneValue(s, n);
  let targets: readonly Expr[] = value ? [value] : [];
  const row = firstNode(s, n);
  if (value?.kind === 'sequence' && row && s.tree.kinds[row] !== kindOf('list')) targets = value.items;
  out.push({ kind: 'delete', start: s.tree.starts[n]!, end: s.tree.ends[n]!, parent: null, targets });
}

function assertStatement(s: Source, n: Row, out: Stmt[]): void {
  const { starts, ends } = s.tree;
  const broken = hasError(s, n);
  const test = firstNode(s, n);
  out.push({
    kind: 'assert',
    start: starts[n]!,
    end: ends[n]!,
    parent: null,
    test: broken ? unknown(s, n) : exprOrGap(s, test, ends[n]!),
    message: broken ? null : exprOrNull(s, nodeAfter(s, n, test)),
  });
}

function globalStatement(isNonlocal: boolean): LowerStmt {
  return (s, n, out) => {
    const { kinds, starts, ends } = s.tree;
    const names = nodesOf(s, n)
      .filter((row) => kinds[row] === IDENTIFIER)
      .map((row) => slice(s, row));
    out.push({ kind: 'global', start: starts[n]!, end: ends[n]!, parent: null, names, isNonlocal });
  };
}

/** Python 2's `print a, b` and `exec code in scope`, as calls without parentheses. */
function callStatement(keyword: string): LowerStmt {
  return (s, n, out) => {
    const { starts, ends } = s.tree;
    const start = starts[n]!;
    const end = ends[n]!;
    const at = start + keyword.length;
    const callee: Name = { kind: 'name', start, end: at, parent: null, name: keyword };
    const expression: Expr = {
      kind: 'call',
      start,
      end,
      parent: null,
      callee,
      args: args(s, n),
      argsStart: at,
      argsEnd: at,
      isNew: false,
    };
    out.push({ kind: 'expression', start, end, parent: null, expression });
  };
}

function typeAlias(s: Source, n: Row, out: Stmt[]): void {
  const { kinds, starts } = s.tree;
  const target = firstNode(s, n);
  // `type(x).y = z` is misread as an alias named `(x).y`: give the nodes on its left edge their true start.
  let left = target;
  while (left && kinds[left]! < FIRST_TOKEN && s.text[starts[target]!] === '(') {
    if (kinds[left] === PARENTHESIZED || kinds[left] === TUPLE) {
      s.typeArguments = left;
      for (let i = target; i < left; i++) starts[i] = starts[n]!;
      break;
    }
    left++;
  }
  const value = nodeAfter(s, n, target);
  out.push(assign(s, n, target ? [expr(s, target)] : [], exprOrNull(s, value), null, null));
}

// --- imports

/** `a . b` as `a.b`. */
function dotted(s: Source, n: Row): string {
  return slice(s, n).replace(/[\s\\]+/g, '');
}

function importStatement(s: Source, n: Row, out: Stmt[]): void {
  const { kinds, starts, ends } = s.tree;
  const rows = nodesOf(s, n).filter((row) => kinds[row] === DOTTED_NAME || kinds[row] === ALIASED_IMPORT);
  for (const row of rows) {
    const whole = rows.length === 1 ? n : row;
    const aliased = kinds[row] === ALIASED_IMPORT;
    const module = dotted(s, aliased ? firstNode(s, row) : row);
    const local = aliased ? aliasOf(s, row) : module.split('.', 1)[0]!;
    out.push({
      kind: 'import',
      start: starts[whole]!,
      end: ends[whole]!,
      parent: null,
      module,
      relative: 0,
      bindings: [{ start: starts[row]!, end: ends[row]!, local, imported: null }],
      star: false,
      bindsRoot: !aliased,
      typeOnly: false,
    });
  }
}

function aliasOf(s: Source, n: Row): string {
  const alias = nodeAfter(s, n, firstNode(s, n));
  return alias ? slice(s, alias) : '';
}

function importFrom(s: Source, n: Row, out: Stmt[]): void {
  const { kinds, starts, ends } = s.tree;
  const isFuture = kinds[n] === kindOf('future_import_statement');
  const rows = nodesOf(s, n);
  let module = isFuture ? '__future__' : '';
  let relative = 0;
  if (!isFuture) {
    const source = rows.shift();
    if (source !== undefined && kinds[source] === RELATIVE_IMPORT) {
      const prefix = childOf(s, source, IMPORT_PREFIX);
      const rest = childOf(s, source, DOTTED_NAME);
      relative = prefix ? dotted(s, prefix).length : 1;
      module = rest ? dotted(s, rest) : '';
    } else if (source !== undefined) module = dotted(s, source);
  }
  const bindings: ImportBinding[] = [];
  for (const row of rows) {
    const aliased = kinds[row] === ALIASED_IMPORT;
    if (!aliased && kinds[row] !== DOTTED_NAME) continue;
    const imported = dotted(s, aliased ? firstNode(s, row) : row);
    bindings.push({
      start: starts[row]!,
      end: ends[row]!,
      local: aliased ? aliasOf(s, row) : imported,
      imported,
    });
  }
  out.push({
    kind: 'import',
    start: starts[n]!,
    end: ends[n]!,
    parent: null,
    module,
    relative,
    bindings,
    star: rows.some((row) => kinds[row] === WILDCARD),
    bindsRoot: false,
    typeOnly: false,
  });
}

// --- compound statements

function ifStatement(s: Source, n: Row, out: Stmt[]): void {
  const { kinds, starts, ends } = s.tree;
  const links: Row[] = [n];
  let orelse: Row = 0;
  for (const row of nodesOf(s, n)) {
    if (kinds[row] === ELIF) links.push(row);
    else if (kinds[row] === ELSE) orelse = row;
  }
  const blockOf = (statements: If[]): Block => {
    return {
      kind: 'block',
      start: statements[0]!.start,
      end: statements.at(-1)!.end,
      parent: null,
      statements,
    };
  };
  // From the last link to the first, in groups; the groups after the first follow one another in its last `otherwise`.
  let groups: If[] = [];
  for (let from = Math.floor((links.length - 1) / MAX_ELIF) * MAX_ELIF; from >= 0; from -= MAX_ELIF) {
    const to = Math.min(from + MAX_ELIF, links.length);
    let otherwise: Block | null = null;
    if (to === links.length) otherwise = orelse ? suite(s, orelse) : null;
    else if (from === 0) otherwise = blockOf(groups);
    const end = from === 0 || to === links.length ? ends[n]! : ends[links[to - 1]!]!;
    for (let i = to - 1; i >= from; i--) {
      const row = links[i]!;
      s.depth += 2 * (i - from);
      const link: If = {
        kind: 'if',
        start: starts[row]!,
        end,
        parent: null,
        test: header(s, row),
        then: suite(s, row),
        otherwise,
      };
      s.depth -= 2 * (i - from);
      if (i > from) otherwise = blockOf([link]);
      else groups = [link, ...(from === 0 ? [] : groups)];
    }
  }
  out.push(groups[0]!);
}

/** The block of a statement or clause. */
function suite(s: Source, n: Row): Block {
  return block(s, childOf(s, n, BLOCK), s.tree.ends[n]!);
}

/** The first expression of a statement, in front of its block. */
function header(s: Source, n: Row): Expr {
  const row = firstNode(s, n);
  const { kinds, starts, ends } = s.tree;
  return exprOrGap(s, kinds[row] === BLOCK ? 0 : row, row ? starts[row]! : ends[n]!);
}

/** The block of the clause of that kind, if the statement has one. */
function clauseBlock(s: Source, n: Row, kind: number): Block | null {
  const row = childOf(s, n, kind);
  return row ? suite(s, row) : null;
}

function forStatement(s: Source, n: Row, out: Stmt[]): void {
  const { kinds, starts, ends } = s.tree;
  const target = header(s, n);
  const first = firstNode(s, n);
  const second = nodeAfter(s, n, first);
  out.push({
    kind: 'for',
    start: starts[n]!,
    end: ends[n]!,
    parent: null,
    target,
    iterable: exprOrGap(s, kinds[second] === BLOCK ? 0 : second, target.end),
    body: suite(s, n),
    orelse: clauseBlock(s, n, ELSE),
    isAsync: childOf(s, n, ASYNC) > 0,
  });
}

function whileStatement(s: Source, n: Row, out: Stmt[]): void {
  out.push({
    kind: 'while',
    start: s.tree.starts[n]!,
    end: s.tree.ends[n]!,
    parent: null,
    test: header(s, n),
    body: suite(s, n),
    orelse: clauseBlock(s, n, ELSE),
    init: null,
    update: null,
  });
}

function tryStatement(s: Source, n: Row, out: Stmt[]): void {
  const { kinds, starts, ends } = s.tree;
  const handlers = nodesOf(s, n)
    .filter((row) => kinds[row] === EXCEPT)
    .map((row) => handler(s, row));
  out.push({
    kind: 'try',
    start: starts[n]!,
    end: ends[n]!,
    parent: null,
    body: suite(s, n),
    handlers,
    orelse: clauseBlock(s, n, ELSE),
    finalizer: clauseBlock(s, n, FINALLY),
  });
}

function handler(s: Source, n: Row): Handler {
  const { kinds, starts, ends } = s.tree;
  let type = firstNode(s, n);
  if (kinds[type] === BLOCK) type = 0;
  let alias = nodeAfter(s, n, type);
  if (kinds[type] === AS_PATTERN) {
    alias = nodeAfter(s, type, firstNode(s, type));
    type = firstNode(s, type);
  }
  const named = alias > 0 && kinds[alias] !== BLOCK;
  return {
    kind: 'handler',
    start: starts[n]!,
    end: ends[n]!,
    parent: null,
    type: exprOrNull(s, type),
    name: named ? slice(s, alias) : null,
    body: suite(s, n),
  };
}

function withStatement(s: Source, n: Row, out: Stmt[]): void {
  const { kinds, starts, ends } = s.tree;
  const items: WithItem[] = [];
  const list = childOf(s, n, WITH_CLAUSE);
  const rows = list ? nodesOf(s, list).filter((row) => kinds[row] === WITH_ITEM) : [];
  for (const row of rows) {
    const value = firstNode(s, row);
    for (const part of unparenthesized(s, value)) items.push(withItem(s, part));
  }
  out.push({
    kind: 'with',
    start: starts[n]!,
    end: ends[n]!,
    parent: null,
    items,
    body: suite(s, n),
    isAsync: childOf(s, n, ASYNC) > 0,
  });
}

/** `with (a as b):` reaches us as one parenthesised expression. */
function unparenthesized(s: Source, n: Row): Row[] {
  const { kinds } = s.tree;
  if (!n) return [];
  if (kinds[n] !== PARENTHESIZED && kinds[n] !== TUPLE) return [n];
  const parts = nodesOf(s, n);
  return parts.some((row) => kinds[row] === AS_PATTERN) ? parts : [n];
}

function withItem(s: Source, n: Row): WithItem {
  const { kinds, starts, ends } = s.tree;
  const named = kinds[n] === AS_PATTERN && !hasError(s, n);
  const context = named ? firstNode(s, n) : n;
  return {
    kind: 'item',
    start: starts[n]!,
    end: ends[n]!,
    parent: null,
    context: exprOrGap(s, context, ends[n]!),
    target: named ? exprOrNull(s, nodeAfter(s, n, context)) : null,
  };
}

function matchStatement(s: Source, n: Row, out: Stmt[]): void {
  const { kinds, starts, ends } = s.tree;
  const rows = nodesOf(s, n);
  const subjects = rows.filter((row) => kinds[row] !== BLOCK && kinds[row] !== ERROR);
  const body = childOf(s, n, BLOCK);
  const cases = body ? nodesOf(s, body).filter((row) => kinds[row] === CASE_CLAUSE) : [];
  const parts = subjects.map((row) => expr(s, row));
  const first = parts[0] ?? exprOrGap(s, 0, ends[n]!);
  out.push({
    kind: 'match',
    start: starts[n]!,
    end: ends[n]!,
    parent: null,
    subject: parts.length > 1 ? tuple(parts, first.start, parts.at(-1)!.end) : first,
    cases: cases.map((row) => caseClause(s, row)),
  });
}

function caseClause(s: Source, n: Row): Case {
  const { kinds, starts, ends } = s.tree;
  const patterns = nodesOf(s, n).filter((row) => kinds[row] === CASE_PATTERN);
  const guard = childOf(s, n, IF_CLAUSE);
  const parts = patterns.map((row) => expr(s, row));
  let pattern: Expr | null = parts[0] ?? null;
  if (parts.length === 1 && kinds[patterns[0]! + 1] === UNDERSCORE) pattern = null;
  if (parts.length > 1) pattern = tuple(parts, parts[0]!.start, parts.at(-1)!.end);
  return {
    kind: 'case',
    start: starts[n]!,
    end: ends[n]!,
    parent: null,
    pattern,
    guard: guard ? exprOrGap(s, firstNode(s, guard), ends[guard]!) : null,
    body: suite(s, n),
  };
}

// --- functions and classes

/** Parameters of a `def` or a lambda. */
function parametersOf(s: Source, n: Row): Parameter[] {
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

function functionDefinition(s: Source, n: Row, decorators: readonly Expr[], start: number): FunctionNode {
  const { starts, ends } = s.tree;
  const identifier = childOf(s, n, IDENTIFIER);
  const list = childOf(s, n, PARAMETERS);
  const returns = childOf(s, n, TYPE);
  const outerYields = s.yields;
  const parameters = list ? parametersOf(s, list) : [];
  const returnType = exprOrNull(s, returns);
  s.yields = false;
  const body = suite(s, n);
  const isGenerator = s.yields;
  s.yields = outerYields;
  return {
    kind: 'function',
    start,
    end: ends[n]!,
    parent: null,
    name: identifier ? slice(s, identifier) : null,
    nameStart: identifier ? starts[identifier]! : start,
    parameters,
    body,
    decorators,
    returns: returnType,
    isAsync: childOf(s, n, ASYNC) > 0,
    isGenerator,
    isLambda: false,
    isStatic: decorators.some((node) => node.kind === 'name' && node.name === 'staticmethod'),
  };
}

function classDefinition(s: Source, n: Row, decorators: readonly Expr[], start: number): ClassNode {
  const { starts, ends } = s.tree;
  const identifier = childOf(s, n, IDENTIFIER);
  const list = childOf(s, n, ARGUMENT_LIST);
  const bases: Expr[] = [];
  const keywords: Argument[] = [];
  for (const node of list ? args(s, list) : []) {
    if (node.name !== null || node.spread === 'dict') keywords.push(node);
    else if (node.spread)
      bases.push({ kind: 'spread', start: node.start, end: node.end, parent: null, value: node.value });
    else bases.push(node.value);
  }
  return {
    kind: 'class',
    start,
    end: ends[n]!,
    parent: null,
    name: identifier ? slice(s, identifier) : null,
    nameStart: identifier ? starts[identifier]! : start,
    bases,
    keywords,
    decorators,
    body: suite(s, n),
  };
}

function decorated(s: Source, n: Row, out: Stmt[]): void {
  const { kinds, starts } = s.tree;
  const decorators: Expr[] = [];
  let definition: Row = 0;
  for (const row of nodesOf(s, n)) {
    if (kinds[row] === DECORATOR) decorators.push(inner(s, row));
    else if (kinds[row] === FUNCTION || kinds[row] === CLASS) definition = row;
  }
  const start = starts[n]!;
  if (!definition) {
    for (const expression of decorators) {
      out.push({
        kind: 'expression',
        start: expression.start,
        end: expression.end,
        parent: null,
        expression,
      });
    }
  } else if (kinds[definition] === CLASS) out.push(classDefinition(s, definition, decorators, start));
  else out.push(functionDefinition(s, definition, decorators, start));
}

const STATEMENTS: LowerStmt[] = byKind<LowerStmt>(
  {
    expression_statement: expressionStatement,
    assert_statement: assertStatement,
    return_statement: returnStatement,
    raise_statement: raiseStatement,
    delete_statement: deleteStatement,
    pass_statement: simple('pass'),
    break_statement: simple('break'),
    continue_statement: simple('continue'),
    global_statement: globalStatement(false),
    nonlocal_statement: globalStatement(true),
    print_statement: callStatement('print'),
    exec_statement: callStatement('exec'),
    type_alias_statement: typeAlias,
    import_statement: importStatement,
    import_from_statement: importFrom,
    future_import_statement: importFrom,
    if_statement: ifStatement,
    for_statement: forStatement,
    while_statement: whileStatement,
    try_statement: tryStatement,
    with_statement: withStatement,
    match_statement: matchStatement,
    function_definition: (s, n, out) => out.push(functionDefinition(s, n, [], s.tree.starts[n]!)),
    class_definition: (s, n, out) => out.push(classDefinition(s, n, [], s.tree.starts[n]!)),
    decorated_definition: decorated,
  },
  stray,
);
