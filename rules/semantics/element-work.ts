/** Work on single values, row by row, that pandas and numpy do on whole columns at once. */
import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, Node, Template } from '../../analysis/model.ts';
import { descendants } from '../../analysis/tree.ts';

const CHEAP_FUNCTIONS =
  /^(?:builtins\.(?:int|float|str|bool|len|abs|round|min|max|sum|range|zip|isinstance|list|dict|tuple|pow|divmod)$|math\.|datetime\.|numpy\.(?:abs|absolute|log\w*|exp|sqrt|square|round\w*|floor|ceil|isnan|sin|cos|tan|arctan2?|arcsin|arccos|radians|deg2rad|nan_to_num|sign|power|maximum|minimum|max|min|mean|sum|where|clip|float\d+|int\d+|logical_\w+|timedelta64)$|pandas\.(?:isnull|isna|notnull|notna|Timedelta|to_datetime|to_numeric|Timestamp)$)/;

const CHEAP_METHODS = new Set(
  'append extend add get split rsplit strip lstrip rstrip lower upper title capitalize replace startswith endswith find format total_seconds zfill isdigit date time weekday year month day items keys values pop setdefault isin isnull isna notnull notna astype item mean sum min max round days'.split(
    ' ',
  ),
);

const MAX_DEPTH = 3;

/**
 * Whether running the node only computes with numbers and text: no file, no picture, no model, nothing unknown,
 * local functions looked into.
 */
export function isElementWork(flow: Flow, node: Node, depth = MAX_DEPTH): boolean {
  if (['await', 'yield', 'try', 'with', 'while', 'raise'].some((kind) => descendants(node, kind as 'try')[0]))
    return false;
  if (descendants(node, 'template').some(formats)) return false;
  return descendants(node, 'call').every((call) => isCheap(flow, call, depth) && !looksUpPair(call));
}

/** `f"{row.lat:.6f}"`: columns have no method that writes numbers so. */
function formats({ parts }: Template): boolean {
  return parts.some((part) => typeof part !== 'string' && part.kind === 'unknown'); // a value with a format
}

/** `heights.get((row.x, row.y))`: `map` looks up one column. */
function looksUpPair({ callee, args }: Call): boolean {
  return callee.kind === 'member' && callee.property === 'get' && args[0]?.value.kind === 'sequence';
}

function isCheap(flow: Flow, call: Call, depth: number): boolean {
  const targets = flow.targets(call);
  if (targets.length > 0) {
    return depth > 0 && targets.every((target) => isElementWork(flow, target.body, depth - 1));
  }
  const names = flow.names(call);
  if (names.some((name) => CHEAP_FUNCTIONS.test(name))) return true;
  if (names.includes('builtins.set')) return call.args.length === 0; // the words of a text: columns hold no sets
  return (
    call.callee.kind === 'member' &&
    CHEAP_METHODS.has(call.callee.property) &&
    names.every(
      (name) =>
        /^(?:\?|builtins|pandas\.Series|numpy\.ndarray|datetime)\b/.test(name) || name.startsWith('?'),
    )
  );
}

/** The column that an expression takes from a row: `row['a']`, `row.a`, `row.loc['a']`; null for anything else. */
export function columnOf(expr: Expr, row: string): string | null {
  if (expr.kind === 'member') {
    return expr.object.kind === 'name' && expr.object.name === row ? expr.property : null;
  }
  if (expr.kind !== 'index' || expr.index.kind !== 'literal' || typeof expr.index.value !== 'string')
    return null;
  const from =
    expr.object.kind === 'member' && expr.object.property === 'loc' ? expr.object.object : expr.object;
  return from.kind === 'name' && from.name === row ? expr.index.value : null;
}

/** What a column called so is not reached by as an attribute of a table. */
const TABLE_ATTRIBUTES = new Set(
  'index name size shape values count columns dtype dtypes T loc iloc at iat sum mean min max rank mode first last filter items keys pop get head tail abs all any class type'.split(
    ' ',
  ),
);

/**
 * Whether the expression means the same for a table as for its row: columns, numbers and outer names, put together
 * by arithmetic or one comparison.
 */
export function isColumnwise(expr: Expr, row: string): boolean {
  return mentions(expr, row) && columnwise(expr, row, true);
}

function columnwise(expr: Expr, row: string, top: boolean): boolean {
  if (columnOf(expr, row) !== null) {
    return expr.kind === 'index' || (expr.kind === 'member' && !TABLE_ATTRIBUTES.has(expr.property));
  }
  if (expr.kind === 'literal') return true;
  if (expr.kind === 'name') return expr.name !== row && /^[A-Z][A-Z0-9_]*$/.test(expr.name); // a constant, by habit
  if (expr.kind === 'unary') return expr.operator === '-' && columnwise(expr.operand, row, false);
  if (expr.kind !== 'binary') return false;
  const isComparison = ['<', '>', '<=', '>=', '==', '!='].includes(expr.operator);
  if (isComparison ? !top : !['+', '-', '*', '/', '**'].includes(expr.operator)) return false;
  return columnwise(expr.left, row, false) && columnwise(expr.right, row, false);
}

function mentions(expr: Expr, name: string): boolean {
  return descendants(expr, 'name').some((one) => one.name === name);
}
