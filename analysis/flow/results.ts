/** What a call gives back: of local functions, of classes, of library functions. */
import { allBases, canonicalName, isClass, returnType } from '../libraries/libraries.ts';
import type { Binding, Call, ClassNode, Expr, FunctionNode, Node, Sequence } from '../model.ts';
import { descendants, enclosingClass } from '../tree.ts';
import { bases, methodsNamed } from './classes.ts';
import { items, keyed } from './containers.ts';
import { foldConversion } from './fold.ts';
import { moduleMember } from './imports.ts';
import { memberValues } from './members.ts';
import { names } from './names.ts';
import { typeObjects } from './parameters.ts';
import { reachingBindings } from './reaching.ts';
import { gather, NOTHING, unique } from './sets.ts';
import { moduleOf, type Snapshot } from './snapshot.ts';
import type { ObjectValue, Value } from './types.ts';
import { constant, constants, values } from './values.ts';

/** Builtins and helpers that hand on what is in their first argument. */
export const PASS_THROUGH = new Set([
  'builtins.list',
  'builtins.tuple',
  'builtins.set',
  'builtins.sorted',
  'builtins.reversed',
  'builtins.iter',
  'copy.copy',
  'copy.deepcopy',
  'tqdm.tqdm',
  'tqdm.auto.tqdm',
  'tqdm.notebook.tqdm',
  'tqdm.tqdm_notebook',
  'tqdm.std.tqdm',
  'typing.cast#1',
  'functools.partial',
  'globalThis.Object.freeze',
  'globalThis.Promise.resolve',
  'globalThis.Array.from',
  'rich.progress.track',
  'tqdm.autonotebook.tqdm',
  'react.useCallback',
  'react.default.useCallback',
]);

const STATE_HOOKS = new Set(['react.useState', 'react.default.useState', 'preact.hooks.useState']);

/** `const [model, setModel] = useState(null)`: the first value, and whatever `setModel` is given. */
export function stateValues(
  s: Snapshot,
  binding: Binding,
  expr: Expr,
  path: readonly (number | string)[],
): readonly Value[] | undefined {
  if (path.length !== 1 || path[0] !== 0 || expr.kind !== 'call' || binding.node.kind !== 'assign')
    return undefined;
  const target = binding.node.targets[0];
  if (target?.kind !== 'sequence' || !names(s, expr).some((name) => STATE_HOOKS.has(name))) return undefined;
  const setter = target.items[1];
  const first = expr.args[0];
  const found = first && !first.spread ? [...values(s, first.value)] : [];
  if (setter?.kind !== 'name') return found;
  const isSetter = (one: Expr) =>
    one.kind === 'name' &&
    one.name === setter.name &&
    reachingBindings(one, moduleOf(s, one)).some(({ node }) => node === binding.node);
  for (const call of moduleOf(s, expr).calls) {
    const given = call.args[0];
    if (!given || given.spread) continue;
    // `loadGraphModel(url).then(setModel)`
    const { callee } = call;
    const isHandedOn = callee.kind === 'member' && callee.property === 'then' && isSetter(given.value);
    const put = isHandedOn ? callee.object : isSetter(callee) ? given.value : null;
    if (put) found.push(...values(s, put).filter((value) => value.kind !== 'function'));
  }
  return found;
}

/** What `with EXPR as name` gives: for a generator-based context manager what it yields, else the object itself. */
export function enterValues(s: Snapshot, expr: Expr): readonly Value[] {
  if (expr.kind === 'call') {
    const yielded = localFunctions(s, expr.callee).flatMap((fn) => descendants(fn.body, 'yield', true));
    if (yielded.length > 0) return yielded.flatMap((one) => (one.value ? values(s, one.value) : []));
  }
  return values(s, expr);
}

export function callValues(s: Snapshot, call: Call): readonly Value[] {
  const looked = dictLookup(s, call);
  const found = gather(calleeValues(s, call), (callee) => resultOf(s, callee, call));
  return looked.length > 0 ? [...looked, ...found] : found;
}

/** `config.get('epochs', 10)` on a dict whose keys are known. */
function dictLookup(s: Snapshot, call: Call): Value[] {
  const callee = call.callee;
  const key = call.args[0]?.value;
  if (callee.kind !== 'member' || !['get', 'pop', 'setdefault'].includes(callee.property) || !key) return [];
  const name = constant(s, key);
  if (typeof name !== 'string') return [];
  const found = values(s, callee.object).flatMap((value) =>
    value.kind === 'display' || (value.kind === 'object' && value.types[0] === 'builtins.dict')
      ? keyed(s, value, name)
      : [],
  );
  const fallback = call.args[1]?.value;
  return found.length > 0 || !fallback ? [...found] : [...values(s, fallback)];
}

export function calleeValues(s: Snapshot, call: Call): readonly Value[] {
  const found = values(s, call.callee);
  if (moduleOf(s, call).language !== 'typescript') return found;
  return found.map((value) => (value.kind === 'library' && !value.receiver ? defaultExport(value) : value));
}

/** `const OpenAI = require('openai'); new OpenAI()`: a module that is called stands for its default export. */
function defaultExport(value: Value & { kind: 'library' }): Value {
  const name = canonicalName(`${value.name}.default`);
  // a pattern that drops what stands between a library and its last name would take a function for a module
  const isAround = value.name.startsWith(`${name}.`);
  return isAround || name === value.name || name.endsWith('.default') ? value : { kind: 'library', name };
}

function resultOf(s: Snapshot, callee: Value, call: Call): readonly Value[] {
  switch (callee.kind) {
    case 'library':
      return libraryResult(s, callee.name, callee.receiver ?? null, call);
    case 'class':
      return [
        { kind: 'object', types: bases(s, callee.class), class: callee.class, origin: call, site: call },
      ];
    case 'function':
      return returnValues(s, callee.function);
    case 'object': {
      if (callee.class) {
        const forward = [
          ...methodsNamed(s, callee.class, 'forward'),
          ...methodsNamed(s, callee.class, '__call__'),
          ...methodsNamed(s, callee.class, 'call'),
        ][0];
        if (forward) {
          const returned = returnValues(s, forward);
          if (returned.length > 0) return returned;
        }
      }
      return resultOfMethod(s, callee, '__call__', call, call);
    }
    default:
      return NOTHING;
  }
}

function libraryResult(
  s: Snapshot,
  name: string,
  receiver: ObjectValue | null,
  call: Call,
): readonly Value[] {
  const special = specialResult(s, name, call);
  if (special) return special;
  if (receiver) {
    const type = receiver.types[0] ?? '';
    const method = name.startsWith(`${type}.`) ? name.slice(type.length + 1) : name;
    return resultOfMethod(s, receiver, method, call, call);
  }
  // a class method inherited by a local class makes an instance of that class
  const maker = classMethodOwner(s, call);
  const first = call.args[0] ? constant(s, call.args[0].value) : undefined;
  const declared = declaredReturn(name, typeof first === 'string' ? first : undefined);
  if (maker && declared && declared !== 'self') {
    if (/^(from_|load_)/.test(lastSegment(name)))
      return [{ kind: 'object', types: bases(s, maker), class: maker, origin: call, site: call }];
  }
  return typedResult(s, declared, name, null, call, call);
}

function classMethodOwner(s: Snapshot, call: Call): ClassNode | null {
  if (call.callee.kind !== 'member') return null;
  for (const value of values(s, call.callee.object)) if (value.kind === 'class') return value.class;
  return null;
}

function declaredReturn(name: string, first?: string): string | undefined {
  const direct = returnType(name, first);
  if (direct) return direct;
  const dot = name.lastIndexOf('.');
  const owner = name.slice(0, dot);
  if (dot > 0 && isClass(owner)) {
    for (const base of allBases(owner)) {
      const inherited = returnType(`${base}${name.slice(dot)}`);
      if (inherited) return inherited === base ? owner : inherited;
    }
  }
  return undefined;
}

export function resultOfMethod(
  s: Snapshot,
  receiver: ObjectValue,
  method: string,
  origin: Call | null,
  site: Node,
): readonly Value[] {
  for (const type of receiver.types) {
    const declared = returnType(`${type}.${method}`);
    if (declared) return typedResult(s, declared, `${type}.${method}`, receiver, origin, site);
  }
  const type = receiver.types[0];
  if (!type || method.startsWith('__')) return NOTHING;
  return typedResult(s, undefined, `${type}.${method}`, receiver, origin, site);
}

export function typedResult(
  s: Snapshot,
  declared: string | undefined,
  name: string,
  receiver: ObjectValue | null,
  origin: Call | null,
  site: Node,
): readonly Value[] {
  if (declared === 'self') return receiver ? [receiver] : NOTHING;
  if (declared === 'args' && origin) {
    // `model, optimizer = accelerator.prepare(model, optimizer)`; a single argument comes back as itself
    const only = origin.args.length === 1 ? origin.args[0] : undefined;
    if (only && !only.spread) return values(s, only.value);
    return [{ kind: 'display', node: argumentsDisplay(s, origin) }];
  }
  if (declared === 'args:2' && origin) return [{ kind: 'display', node: argumentsDisplay(s, origin, 2) }];
  if ((declared?.startsWith('arg:') || declared?.startsWith('like:')) && origin) {
    const position = Number(declared.slice(declared.indexOf(':') + 1));
    const argument =
      origin.args[position] ?? origin.args.find((one) => one.name === 'model' || one.name === 'module');
    const wrapped = argument ? values(s, argument.value).filter((value) => value.kind !== 'constant') : [];
    return declared.startsWith('arg:')
      ? wrapped
      : wrapped.map((value) => (value.kind === 'object' ? { ...value, origin, site: origin } : value));
  }
  if (declared)
    return [{ kind: 'object', types: [declared, ...allBases(declared)], class: null, origin, site }];
  if (!receiver && isClass(name))
    return [{ kind: 'object', types: [name, ...allBases(name)], class: null, origin, site }];
  return [{ kind: 'object', types: [`${name}()`], class: null, origin, site }];
}

/** @param copies how often each argument comes: `train_test_split(x, y)` gives every one twice */
function argumentsDisplay(s: Snapshot, call: Call, copies = 1): Sequence {
  let display = s.argumentDisplays.get(call);
  if (!display) {
    display = {
      kind: 'sequence',
      type: 'tuple',
      items: call.args
        .filter((argument) => argument.name === null && !argument.spread)
        .flatMap((argument) => Array<Expr>(copies).fill(argument.value)),
      start: call.argsStart,
      end: call.argsEnd,
      parent: call,
    };
    s.argumentDisplays.set(call, display);
  }
  return display;
}

/** Builtins and standard-library calls that data flows through. Undefined: nothing special. */
function specialResult(s: Snapshot, name: string, call: Call): readonly Value[] | undefined {
  const first = call.args[0]?.value;
  switch (name) {
    case 'builtins.super': {
      const owner = enclosingClass(call);
      return owner
        ? [{ kind: 'object', types: bases(s, owner), class: null, origin: null, site: owner }]
        : NOTHING;
    }
    case 'globalThis.require':
    case 'globalThis.import': {
      const specifier = first ? constant(s, first) : undefined;
      return typeof specifier === 'string' ? moduleMember(s, moduleOf(s, call), specifier, 0, null) : NOTHING;
    }
    case 'importlib.import_module':
      return NOTHING;
    case 'builtins.getattr': {
      const property = call.args[1] ? constant(s, call.args[1].value) : undefined;
      const fallback = call.args[2] ? values(s, call.args[2].value) : [];
      if (!first || typeof property !== 'string') return fallback;
      return [...values(s, first).flatMap((value) => memberValues(s, value, property, null)), ...fallback];
    }
    case 'builtins.dict':
      return [{ kind: 'object', types: ['builtins.dict'], class: null, origin: call, site: call }];
    case 'builtins.len': {
      const display = first ? values(s, first)[0] : undefined;
      return display?.kind === 'display' &&
        display.node.kind === 'sequence' &&
        !display.node.items.some((item) => item.kind === 'spread')
        ? [{ kind: 'constant', value: display.node.items.length, node: call }]
        : NOTHING;
    }
    case 'builtins.next':
      return first ? values(s, first).flatMap((one) => items(s, one)) : NOTHING;
    case 'builtins.max':
    case 'builtins.min': {
      const numbers = call.args.map((argument) => constant(s, argument.value));
      if (numbers.length < 2 || !numbers.every((value) => typeof value === 'number')) return NOTHING;
      const pick = name === 'builtins.max' ? Math.max : Math.min;
      return [{ kind: 'constant', value: pick(...(numbers as number[])), node: call }];
    }
    case 'os.environ.get':
    case 'os.getenv':
      return call.args[1] ? values(s, call.args[1].value) : NOTHING;
    case 'os.path.join': {
      const parts = call.args.map((argument) => constant(s, argument.value));
      return parts.every((part) => typeof part === 'string')
        ? [{ kind: 'constant', value: parts.join('/'), node: call }]
        : NOTHING;
    }
    case 'argparse.ArgumentParser.parse_args':
      return [{ kind: 'object', types: ['argparse.Namespace'], class: null, origin: call, site: call }];
    case 'argparse.ArgumentParser.parse_known_args': // a pair; of what is left over nothing is asked
      return [{ kind: 'object', types: ['each:argparse.Namespace'], class: null, origin: call, site: call }];
    case 'builtins.vars':
      return first ? values(s, first) : NOTHING;
  }
  if (first && PASS_THROUGH.has(name)) return values(s, first);
  if (
    first &&
    call.args.length >= 1 &&
    (name.startsWith('builtins.') || name.startsWith('globalThis.') || name === 'pathlib.Path')
  ) {
    const folded = constants(s, first).flatMap((value): Value[] => {
      const result = foldConversion(name, value);
      return result === undefined ? [] : [{ kind: 'constant', value: result, node: call }];
    });
    if (folded.length > 0) return folded;
    if (name.startsWith('builtins.') && !isClass(name)) return NOTHING;
  }
  return undefined;
}

export function returnValues(s: Snapshot, fn: FunctionNode): readonly Value[] {
  return s.returns.known(fn) ?? s.returns.ask(fn, () => findReturns(s, fn));
}

function findReturns(s: Snapshot, fn: FunctionNode): readonly Value[] {
  const found = unique(
    descendants(fn.body, 'return', true).flatMap((one) => (one.value ? values(s, one.value) : [])),
  );
  const annotated = found.length === 0 && fn.returns ? typeObjects(s, fn.returns, fn) : [];
  return found.length > 0 ? found : annotated;
}

function localFunctions(s: Snapshot, callee: Expr): FunctionNode[] {
  return values(s, callee).flatMap((value) => (value.kind === 'function' ? [value.function] : []));
}

function lastSegment(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
