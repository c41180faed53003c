/** Which columns of a table the code uses, where every use of the table can be seen. */
import { reachingBindings } from '../../analysis/flow/reaching.ts';
import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, Index, Member, Name, Node } from '../../analysis/model.ts';
import { contains, descendants } from '../../analysis/tree.ts';
import { usesOfBinding } from './bindings.ts';

export interface ColumnUse {
  /** Columns that the table must bring, in the order in which the code names them. */
  readonly columns: readonly string[];
  /** Lists of columns that the code selects at once. */
  readonly selections: readonly (readonly string[])[];
  /** What selects a list of columns by its name, `df[columns]`, with these columns. */
  readonly named: ReadonlyMap<Name, readonly string[]>;
  /** Nothing but cells of rows by their number is taken, `df.loc[0, "shape"]`. */
  readonly isOneCell: boolean;
}

/** Methods that give a table of the same columns. */
const SAME_TABLE =
  /^(?:copy|reset_index|sort_index|sample|head|tail|sort_values|dropna|drop_duplicates|set_index|fillna|ffill|bfill|truncate|nlargest|nsmallest)$/;
/** What only tells about the table. */
const ABOUT = /^(?:shape|index|empty|size|ndim|__len__)$/;
const SHOWN = /^(?:head|tail|info|sample)$/;
const SHOWN_ATTRIBUTES = /^(?:columns|dtypes)$/;

/** Attributes and methods of a DataFrame: anything else after the dot is a column. */
const OWN = new Set(
  'T abs add add_prefix add_suffix agg aggregate align all any apply applymap asfreq asof assign astype at at_time attrs axes backfill between_time bfill bool boxplot clip columns combine combine_first compare convert_dtypes copy corr corrwith count cov cummax cummin cumprod cumsum describe diff div divide dot drop drop_duplicates droplevel dropna dtypes duplicated empty eq equals eval ewm expanding explode ffill fillna filter first first_valid_index flags floordiv from_dict from_records ge get groupby gt head hist iat idxmax idxmin iloc index infer_objects info insert interpolate isetitem isin isna isnull items iteritems iterrows itertuples join keys kurt kurtosis last last_valid_index le loc lookup lt mad map mask max mean median melt memory_usage merge min mod mode mul multiply ndim ne nlargest notna notnull nsmallest nunique pad pct_change pipe pivot pivot_table plot pop pow prod product quantile query radd rank rdiv reindex reindex_like rename rename_axis reorder_levels replace resample reset_index rfloordiv rmod rmul rolling round rpow rsub rtruediv sample select_dtypes sem set_axis set_flags set_index shape shift size skew sort_index sort_values sparse squeeze stack std style sub subtract sum swapaxes swaplevel tail take to_clipboard to_csv to_dict to_excel to_feather to_gbq to_hdf to_html to_json to_latex to_markdown to_numpy to_orc to_parquet to_period to_pickle to_records to_sql to_stata to_string to_timestamp to_xarray to_xml transform transpose truediv truncate tz_convert tz_localize unstack update value_counts values var where xs'.split(
    ' ',
  ),
);

const MAX_NAMES = 12;

/**
 * The columns that the code takes from the table that an expression gives; null where some use of it is out of sight,
 * or takes the table whole.
 */
export function columnsUsed(flow: Flow, table: Expr): ColumnUse | null {
  const reads = new Map<string, number>();
  const stores = new Map<string, number>();
  const selections: string[][] = [];
  const listed = new Map<Name, readonly string[]>();
  const seen = new Set<Node>();
  let inCell = false;
  let isOneCell = true;

  const read = (column: string, at: number) => {
    if (!inCell) isOneCell = false;
    const known = reads.get(column);
    if (known === undefined || at < known) reads.set(column, at);
  };
  const readAll = (expr: Expr): boolean => {
    const names = columnNames(flow, expr);
    for (const name of names ?? []) read(name, expr.start);
    return names !== null && names.length > 0;
  };

  /** Whether every use of the value is understood. */
  const follow = (value: Expr): boolean => {
    const parent = value.parent;
    switch (parent?.kind) {
      case 'member':
        return parent.object === value && member(parent);
      case 'index':
        return parent.object === value && index(parent);
      case 'assign': {
        const [target] = parent.targets;
        if (parent.value !== value || parent.targets.length !== 1 || parent.operator !== null) return false;
        return target?.kind === 'name' && named(target, parent);
      }
      case 'argument': {
        const call = parent.parent;
        if (call?.kind !== 'call' || parent.spread) return false;
        if (flow.names(call).includes('builtins.len')) return true;
        return parent.name === 'data' && plotted(call);
      }
      case 'binary':
        return parent.operator === 'is' || parent.operator === 'is not';
      default:
        return false;
    }
  };

  const named = (target: Name, binder: Node): boolean => {
    if (seen.has(binder)) return true;
    seen.add(binder);
    if (seen.size > MAX_NAMES || isImported(flow, target)) return false;
    const module = flow.moduleOf(target);
    return usesOfBinding(flow, target, binder).every((use) => {
      if (use.parent?.kind === 'delete') return true;
      if (use.parent?.kind === 'assign' && use.parent.targets.includes(use)) return true;
      const others = reachingBindings(use, module).filter(({ node }) => node !== binder && !seen.has(node));
      return others.length === 0 && follow(use);
    });
  };

  const member = (node: Member): boolean => {
    const name = node.property;
    const call = node.parent?.kind === 'call' && node.parent.callee === node ? node.parent : null;
    if (call) return method(name, call);
    if (ABOUT.test(name)) return !(node.parent?.kind === 'assign' && node.parent.targets.includes(node));
    if (SHOWN_ATTRIBUTES.test(name)) return isShown(flow, node);
    if (/^(?:i?loc|i?at)$/.test(name)) return node.parent?.kind === 'index' && cells(name, node.parent);
    if (OWN.has(name) || (node.parent?.kind === 'assign' && node.parent.targets.includes(node))) return false;
    read(name, node.start);
    return true;
  };

  const method = (name: string, call: Call): boolean => {
    if (SHOWN.test(name) && isShown(flow, call)) return true;
    const [first] = call.args;
    const given = (keyword: string, position?: number) => {
      const found = flow.argument(call, keyword, position);
      return found.state === 'given' ? found.value : null;
    };
    if (SAME_TABLE.test(name)) {
      if (name === 'sort_values' || name === 'set_index' || name === 'nlargest' || name === 'nsmallest') {
        const by = name.startsWith('n')
          ? given('columns', 1)
          : given(name === 'set_index' ? 'keys' : 'by', 0);
        if (!by || !readAll(by)) return false;
      }
      // without a subset they look at every column
      if (name === 'dropna' || name === 'drop_duplicates') {
        const subset = given('subset', name === 'drop_duplicates' ? 0 : undefined);
        if (!subset || !readAll(subset)) return false;
      }
      const inPlace = given('inplace');
      if (inPlace) return flow.constant(inPlace) !== undefined && isStatement(call);
      return follow(call);
    }
    if (name === 'filter') {
      const items = given('items', 0);
      const columns = items && columnNames(flow, items);
      if (!columns || items.kind === 'literal') return false;
      for (const column of columns) read(column, items.start);
      selections.push([...columns]);
      return true;
    }
    if (name === 'pop' || name === 'get')
      return first !== undefined && call.args.length === 1 && readAll(first.value);
    if (name === 'groupby') {
      const by = given('by', 0);
      const next = call.parent;
      if (!by || !readAll(by)) return false;
      return next?.kind === 'index' && next.object === call && readAll(next.index);
    }
    if (name === 'iterrows') {
      const loop = call.parent;
      const clause = loop?.kind === 'for' || loop?.kind === 'clause' ? loop : null;
      const row = clause?.target.kind === 'sequence' ? clause.target.items[1] : undefined;
      return clause !== null && clause.iterable === call && row?.kind === 'name' && rows(row, clause);
    }
    return false;
  };

  /** Every use of a row takes one known column. */
  const rows = (row: Name, binder: Node): boolean =>
    usesOfBinding(flow, row, binder).every((use) => {
      const parent = use.parent;
      if (parent?.kind === 'index' && parent.object === use) return readAll(parent.index);
      if (parent?.kind !== 'member' || OWN.has(parent.property) || parent.property === 'name') return false;
      read(parent.property, parent.start);
      return true;
    });

  const index = (node: Index): boolean => {
    const columns = columnNames(flow, node.index);
    if (columns) {
      const assign =
        node.parent?.kind === 'assign' && node.parent.targets.includes(node) ? node.parent : null;
      if (assign && assign.operator === null) {
        for (const column of columns) if (!stores.has(column)) stores.set(column, assign.end);
        return true;
      }
      for (const column of columns) read(column, node.start);
      if (!isText(flow, node.index)) selections.push([...columns]);
      if (node.index.kind === 'name') listed.set(node.index, columns);
      return true;
    }
    return isMask(node.index) && follow(node);
  };

  const cells = (name: string, node: Index): boolean => {
    const place = node.index;
    const isWritten = node.parent?.kind === 'assign' && node.parent.targets.includes(node);
    if (place.kind !== 'sequence' || place.type !== 'tuple') return !isWritten && follow(node);
    const column = place.items[1];
    const [row] = place.items;
    if (!row || !column || place.items.length !== 2 || name.startsWith('i')) return false;
    inCell = typeof flow.constant(row) === 'number';
    const isRead = readAll(column);
    inCell = false;
    return isRead;
  };

  /** `sns.countplot(x="Sex", hue="Survived", data=df)`. */
  const plotted = (call: Call): boolean => {
    if (!flow.names(call).some((name) => name.startsWith('seaborn.') && !/pairplot|heatmap/.test(name)))
      return false;
    const columns = call.args.filter(
      ({ name }) => name === null || /^(?:x|y|hue|size|style|col|row)$/.test(name),
    );
    return columns.length > 0 && columns.every(({ value }) => readAll(value));
  };

  if (!follow(table)) return null;
  const needed = [...reads].filter(([column, at]) => (stores.get(column) ?? Number.POSITIVE_INFINITY) > at);
  return {
    columns: needed.sort((a, b) => a[1] - b[1]).map(([column]) => column),
    selections: selections.map((one) => one.filter((column) => needed.some(([name]) => name === column))),
    named: listed,
    isOneCell,
  };
}

/** The column names that an index or an argument is, where they are constants: one, or a list of them. */
function columnNames(flow: Flow, expr: Expr): readonly string[] | null {
  const constant = flow.constant(expr);
  if (typeof constant === 'string') return [constant];
  const list = expr.kind === 'sequence' ? expr : listBehind(flow, expr);
  if (!list || list.type === 'tuple') return null;
  const names = list.items.map((item) => flow.constant(item));
  return names.length > 0 && names.every((name): name is string => typeof name === 'string') ? names : null;
}

function listBehind(flow: Flow, expr: Expr) {
  if (expr.kind !== 'name' && expr.kind !== 'member') return null;
  const values = flow.values(expr);
  const [only] = values;
  if (values.length !== 1 || only?.kind !== 'display' || only.node.kind !== 'sequence') return null;
  // `columns.append(…)`, `columns += …`
  const isChanged =
    expr.kind === 'name' &&
    descendants(flow.moduleOf(expr).body, 'name').some(
      (one) =>
        one.name === expr.name &&
        ((one.parent?.kind === 'member' &&
          /^(?:append|extend|insert|remove|pop|clear|sort)$/.test(one.parent.property)) ||
          (one.parent?.kind === 'assign' &&
            one.parent.operator !== null &&
            one.parent.targets.includes(one))),
    );
  return isChanged || expr.kind === 'member' ? null : only.node;
}

const isText = (flow: Flow, expr: Expr): boolean => typeof flow.constant(expr) === 'string';

/** `df[df["age"] > 3]`, `df[~seen]`, `df[df.city.isin(cities)]`. */
function isMask(expr: Expr): boolean {
  if (expr.kind === 'binary') return ['<', '>', '<=', '>=', '==', '!=', '&', '|'].includes(expr.operator);
  if (expr.kind === 'unary') return expr.operator === '~';
  return (
    expr.kind === 'call' &&
    expr.callee.kind === 'member' &&
    /^(?:isin|notna|notnull|isna|isnull|contains|startswith|between|str|duplicated)$/.test(
      expr.callee.property,
    )
  );
}

function isStatement(node: Expr): boolean {
  return node.parent?.kind === 'expression';
}

/** Whether the value is only displayed. */
function isShown(flow: Flow, node: Expr): boolean {
  if (isStatement(node)) return true;
  let value: Node = node;
  while (value.parent?.kind === 'member' && value.parent.parent?.kind === 'call') value = value.parent.parent;
  const call = value.parent?.kind === 'argument' ? value.parent.parent : null;
  return (
    call?.kind === 'call' &&
    isStatement(call) &&
    (flow.names(call).some((name) => /^(?:builtins\.print|IPython\.)/.test(name)) ||
      (call.callee.kind === 'name' && call.callee.name === 'display'))
  );
}

/** Whether another file takes the name from its module. */
function isImported(flow: Flow, target: Name): boolean {
  const module = flow.moduleOf(target);
  if (module.scopes.size > 0 && [...module.scopes.keys()].some((owner) => contains(owner, target)))
    return false;
  return [...flow.component(module)].some(
    (other) =>
      other !== module &&
      other.imports.some((one) => one.star || one.bindings.some(({ imported }) => imported === target.name)),
  );
}
