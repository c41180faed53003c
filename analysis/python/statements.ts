/** Lowering of statements. */
import type {
  Argument,
  Block,
  Case,
  ClassNode,
  Expr,
  FunctionNode,
  Handler,
  If,
  ImportBinding,
  Name,
  Stmt,
  Unknown,
  WithItem,
} from '../model.ts';
import {
  args,
  assign,
  EXPRESSIONS,
  expr,
  exprOrGap,
  exprOrNull,
  flattened,
  height,
  inner,
  MAX_DEPTH,
  MAX_TAIL,
  parametersOf,
  tuple,
  tupleOf,
  unknown,
} from './expressions.ts';
import {
  ALIASED_IMPORT,
  ARGUMENT_LIST,
  AS_PATTERN,
  ASSIGNMENT,
  ASYNC,
  AUGMENTED_ASSIGNMENT,
  BLOCK,
  CASE_CLAUSE,
  CASE_PATTERN,
  CLASS,
  DECORATOR,
  DOTTED_NAME,
  ELIF,
  ELSE,
  ERROR,
  EXCEPT,
  FINALLY,
  FROM,
  FUNCTION,
  IDENTIFIER,
  IF_CLAUSE,
  IMPORT_PREFIX,
  MISSING,
  PARAMETERS,
  PARENTHESIZED,
  RELATIVE_IMPORT,
  TUPLE,
  TYPE,
  UNDERSCORE,
  WILDCARD,
  WITH_CLAUSE,
  WITH_ITEM,
} from './kinds.ts';
import { childOf, firstNode, hasError, nodeAfter, nodesOf, type Row, type Source, slice } from './rows.ts';
import { byKind, FIRST_TOKEN, kindOf } from './syntax-tree.ts';

/** An `elif` nests in the one before; beyond this many they follow one another instead. */
const MAX_ELIF = 80;

type LowerStmt = (s: Source, n: Row, out: Stmt[]) => void;

export function statementsOf(s: Source, n: Row, out: Stmt[]): void {
  const { kinds, nexts } = s.tree;
  for (let i = n + 1; i < nexts[n]!; i = nexts[i]!)
    if (kinds[i]! < FIRST_TOKEN) STATEMENTS[kinds[i]!]!(s, i, out);
}

/** The block at row `n`; an empty one at `at` if the row is missing. */
export function block(s: Source, n: Row, at: number): Block {
  const statements: Stmt[] = [];
  if (n) nested(s, n, statements);
  const start = n ? s.tree.starts[n]! : at;
  return { kind: 'block', start, end: n ? s.tree.ends[n]! : at, parent: null, statements };
}

export function nested(s: Source, n: Row, out: Stmt[]): void {
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

export function decorated(s: Source, n: Row, out: Stmt[]): void {
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
