/**
 * Backward slices: every call that contributes to the value of some expressions, through names, attributes,
 * containers, parameters and returns. They take too much rather than too little: what a slice leaves out does not
 * contribute, as far as the workspace shows.
 */
import { reachingBindings } from '../../analysis/flow/reaching.ts';
import type { Flow } from '../../analysis/flow/types.ts';
import { ofModule } from '../../analysis/memo.ts';
import type { Binding, Call, Expr, FunctionNode, Module, Name } from '../../analysis/model.ts';
import { classOf, descendants } from '../../analysis/tree.ts';
import { memoized } from './memo.ts';

export interface SliceOptions {
  /**
   * Where a path ends: what lies behind such an expression does not count. `path` tells which part of it is taken, where
   * it is unpacked: `_, indices = torch.max(x, 1)`.
   */
  readonly stops: (expr: Expr, path?: readonly (number | string)[]) => boolean;
  /** Whether to go on into callers, called functions and attributes; else only what the function itself shows. */
  readonly program: boolean;
  /** Where the search ends, because such an expression alone settles the question; what is given back is not whole. */
  readonly settles?: (expr: Expr) => boolean;
}

/** Methods that put their arguments into what they are called on. */
const STORES = new Set([
  'append',
  'appendleft',
  'extend',
  'insert',
  'add',
  'push',
  'put',
  'update',
  'setdefault',
  'store',
]);

/** What a module puts under a property or a name: `self.x = …`, `self.x.append(…)`, `xs.append(…)`, `xs[i] = …`. */
interface Stores {
  readonly attributes: ReadonlyMap<string, readonly Expr[]>;
  readonly names: ReadonlyMap<string, readonly Expr[]>;
}

const storesOf = ofModule((module): Stores => {
  const attributes = new Map<string, Expr[]>();
  const names = new Map<string, Expr[]>();
  const put = (into: Map<string, Expr[]>, key: string, expr: Expr) => {
    const list = into.get(key);
    if (list) list.push(expr);
    else into.set(key, [expr]);
  };
  const store = (target: Expr, value: Expr, isAssigned: boolean) => {
    if (target.kind === 'sequence') for (const item of target.items) store(item, value, isAssigned);
    else if (target.kind === 'spread') store(target.value, value, isAssigned);
    else if (target.kind === 'index') store(target.object, value, false);
    else if (target.kind === 'member') put(attributes, target.property, value);
    else if (target.kind === 'name' && !isAssigned) put(names, target.name, value);
  };
  for (const assign of module.assigns)
    for (const target of assign.targets) if (assign.value) store(target, assign.value, true);
  for (const call of module.calls) {
    if (call.callee.kind !== 'member' || !STORES.has(call.callee.property)) continue;
    for (const argument of call.args) store(call.callee.object, argument.value, false);
  }
  return { attributes, names };
});

const NOTHING: readonly Expr[] = [];

/** Lists of expressions by name, for the modules of a program; filled as names are asked for. */
type ListsByName = (flow: Flow, module: Module, name: string) => readonly Expr[];

function listsByName(listIn: (module: Module, name: string) => readonly Expr[]): ListsByName {
  const listsOf = memoized((_flow, _modules: ReadonlySet<Module>) => new Map<string, readonly Expr[]>());
  return (flow, module, name) => {
    const modules = flow.related(module);
    const known = listsOf(flow, modules);
    let list = known.get(name);
    if (!list) {
      list = [...modules].flatMap((one) => listIn(one, name));
      known.set(name, list);
    }
    return list;
  };
}

/** What the programs around a module store under a property. */
const attributeStores = listsByName(
  (module, property) => storesOf(module).attributes.get(property) ?? NOTHING,
);

/** What the programs around a module give a name at the top level of a file. */
const topLevelStores = listsByName((module, name) =>
  (module.scope.bindings.get(name) ?? []).flatMap(({ source }) =>
    source.from === 'expr' ? [source.expr] : [],
  ),
);

export interface Slice {
  readonly calls: ReadonlySet<Call>;
  readonly expressions: ReadonlySet<Expr>;
}

/** The calls that contribute to the roots, the roots' own included. */
export function slice(flow: Flow, roots: readonly Expr[], options: SliceOptions): ReadonlySet<Call> {
  return sliceWhole(flow, roots, options).calls;
}

/** The calls and all other expressions that contribute to the roots. */
export function sliceWhole(flow: Flow, roots: readonly Expr[], options: SliceOptions): Slice {
  const calls = new Set<Call>();
  const seen = new Set<Expr>();
  const work: Expr[] = [...roots];
  const entered = new Set<FunctionNode>();
  const bindings = new Set<Binding>();
  const lists = new Set<readonly Expr[]>();

  const pushAll = (exprs: Iterable<Expr>) => {
    for (const expr of exprs) if (!seen.has(expr)) work.push(expr);
  };

  /** Lists that are kept from question to question: each is taken once. */
  const pushList = (exprs: readonly Expr[]) => {
    if (lists.has(exprs)) return;
    lists.add(exprs);
    pushAll(exprs);
  };

  const binding = (one: Binding) => {
    const source = one.source;
    switch (source.from) {
      case 'unpack':
        return options.stops(source.expr, source.path) ? undefined : pushAll([source.expr]);
      case 'expr':
      case 'element':
      case 'with':
        return pushAll([source.expr]);
      case 'parameter':
        if (source.parameter.defaultValue) work.push(source.parameter.defaultValue);
        if (options.program) pushAll(argumentsFor(flow, source.function, source.parameter.name));
        return;
      case 'import': {
        const imported = source.binding.imported;
        if (!options.program || !imported) return;
        return pushList(topLevelStores(flow, flow.moduleOf(one.node), imported));
      }
      case 'unknown':
        if (one.node.kind === 'assign' && one.node.value) work.push(one.node.value);
        return;
      default:
        return;
    }
  };

  const name = (expr: Name) => {
    const module = flow.moduleOf(expr);
    for (const one of reachingBindings(expr, module)) {
      if (bindings.has(one)) continue;
      bindings.add(one);
      binding(one);
    }
    pushList(storesOf(module).names.get(expr.name) ?? NOTHING);
  };

  const call = (expr: Call) => {
    calls.add(expr);
    if (expr.callee.kind === 'member') pushAll([expr.callee.object]);
    else if (expr.callee.kind !== 'name') pushAll([expr.callee]);
    pushAll(expr.args.map((argument) => argument.value));
    if (!options.program) return;
    for (const target of flow.targets(expr)) {
      if (entered.has(target)) continue;
      entered.add(target);
      pushAll(returned(target));
    }
  };

  for (let expr = work.pop(); expr; expr = work.pop()) {
    if (seen.has(expr)) continue;
    seen.add(expr);
    if (options.stops(expr)) continue;
    if (options.settles?.(expr)) break;
    switch (expr.kind) {
      case 'name':
        name(expr);
        break;
      case 'call':
        call(expr);
        break;
      case 'member':
        work.push(expr.object);
        if (!options.program) break;
        pushList(attributeStores(flow, flow.moduleOf(expr), expr.property));
        break;
      case 'index':
        work.push(expr.object);
        break;
      case 'binary':
        work.push(expr.left, expr.right);
        break;
      case 'unary':
        work.push(expr.operand);
        break;
      case 'conditional':
        work.push(expr.then, expr.otherwise);
        break;
      case 'sequence':
        work.push(...expr.items);
        break;
      case 'dict':
        work.push(...expr.entries.map((entry) => entry.value));
        break;
      case 'comprehension':
        work.push(expr.element);
        // where the element ends the path, so do the items that it is made of; keys count as little as a dict's
        if (!options.stops(expr.element)) work.push(...expr.clauses.map((clause) => clause.iterable));
        break;
      case 'await':
      case 'spread':
        work.push(expr.value);
        break;
      case 'assign':
        if (expr.value) work.push(expr.value);
        break;
      case 'template':
        for (const part of expr.parts) if (typeof part !== 'string') work.push(part);
        break;
      case 'unknown':
        work.push(...expr.children);
        break;
      default:
        break;
    }
  }
  return { calls, expressions: seen };
}

/** What a function gives back: its returns and yields. */
export function returned(fn: FunctionNode): Expr[] {
  return [...descendants(fn.body, 'return', true), ...descendants(fn.body, 'yield', true)].flatMap((one) =>
    one.value ? [one.value] : [],
  );
}

/** What known callers pass for a parameter; all arguments where it cannot be told which. */
function argumentsFor(flow: Flow, fn: FunctionNode, parameter: string): Expr[] {
  const index = fn.parameters.findIndex((one) => one.name === parameter);
  const isVariadic = fn.parameters[index]?.spread != null;
  const position = classOf(fn) && !fn.isStatic ? index - 1 : index; // `self` is not among what the caller writes
  return flow.callers(fn).flatMap((call) => {
    const named = call.args.find((argument) => argument.name === parameter);
    if (named) return [named.value];
    if (isVariadic || call.args.some((argument) => argument.spread))
      return call.args.map((argument) => argument.value);
    const given = call.args[position];
    return given && given.name === null ? [given.value] : [];
  });
}
