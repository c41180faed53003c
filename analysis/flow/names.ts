/** Which library call a call is; who calls a function, and which functions a call may run. */
import { allBases, isClass } from '../libraries/libraries.ts';
import type { Call, ClassNode, FunctionNode, Module } from '../model.ts';
import { classOf, lastName } from '../tree.ts';
import { bases, lineage, methodsNamed } from './classes.ts';
import { calleeValues } from './results.ts';
import { byPath, moduleOf, type Snapshot } from './snapshot.ts';

/** Calls whose callee ends in the name, in one module or in all modules of a component. */
export function callsNamed(s: Snapshot, where: Module | ReadonlySet<Module>, name: string): readonly Call[] {
  let index = s.callsByName.get(where);
  if (!index) {
    index = new Map();
    for (const module of where instanceof Set ? [...where].sort(byPath) : [where as Module]) {
      for (const call of module.calls) {
        const last = lastName(call.callee);
        if (!last) continue;
        const list = index.get(last);
        if (list) list.push(call);
        else index.set(last, [call]);
      }
    }
    s.callsByName.set(where, index);
  }
  return index.get(name) ?? [];
}

export function names(s: Snapshot, call: Call): readonly string[] {
  return s.names.known(call) ?? s.names.ask(call, () => distinct(calleeNames(s, call)));
}

function distinct(names: readonly string[]): readonly string[] {
  return names.length < 2 ? names : [...new Set(names)];
}

function calleeNames(s: Snapshot, call: Call): string[] {
  const found: string[] = [];
  for (const value of calleeValues(s, call)) {
    if (value.kind === 'library') {
      found.push(value.name);
      const receiver = value.receiver;
      const type = receiver?.types[0];
      if (receiver && type && value.name.startsWith(`${type}.`)) {
        const method = value.name.slice(type.length);
        for (const base of receiver.types.slice(1)) found.push(base + method);
      } else {
        const dot = value.name.lastIndexOf('.');
        const owner = value.name.slice(0, dot);
        if (dot > 0 && isClass(owner))
          for (const base of allBases(owner)) found.push(base + value.name.slice(dot));
        if (isClass(value.name)) found.push(...allBases(value.name)); // making one makes one of its bases
      }
    } else if (value.kind === 'class') {
      found.push(...bases(s, value.class));
    } else if (value.kind === 'object') {
      for (const type of value.types) found.push(`${type}.__call__`);
    } else if (value.kind === 'function' && value.self?.kind === 'object') {
      // a local override still answers to the library's name: `self.forward(x)`, a custom `fit`
      const method = value.function.name;
      if (method) for (const type of value.self.types) found.push(`${type}.${method}`);
    }
  }
  if (found.length === 0) {
    const isKnown = calleeValues(s, call).some((value) => value.kind !== 'parameter');
    if (call.callee.kind === 'member') found.push(...(isKnown ? [] : [`?.${call.callee.property}`]));
    else if (!isKnown) found.push('?.__call__');
  }
  return found;
}

function localNamesOf(s: Snapshot, name: string): ReadonlySet<string> {
  s.importedAs ??= indexImports(s.modules);
  return s.importedAs.get(name) ?? new Set();
}

function indexImports(modules: readonly Module[]): Map<string, Set<string>> {
  const index = new Map<string, Set<string>>();
  for (const module of modules) {
    for (const statement of module.imports) {
      for (const { imported, local } of statement.bindings) {
        if (!imported || imported === local) continue;
        const list = index.get(imported);
        if (list) list.add(local);
        else index.set(imported, new Set([local]));
      }
    }
  }
  return index;
}

export function callers(s: Snapshot, fn: FunctionNode): readonly Call[] {
  return s.callers.known(fn) ?? s.callers.ask(fn, () => findCallers(s, fn));
}

function findCallers(s: Snapshot, fn: FunctionNode): readonly Call[] {
  const owner = classOf(fn);
  const isConstructor = owner !== null && (fn.name === '__init__' || fn.name === 'constructor');
  const wanted = new Set<string>();
  const add = (name: string | null) => {
    if (!name) return;
    wanted.add(name);
    for (const alias of localNamesOf(s, name)) wanted.add(alias);
  };
  if (isConstructor) {
    add(owner.name);
    add('cls');
    for (const module of s.graph.component(moduleOf(s, fn))) {
      for (const one of module.classes)
        if (one !== owner && one.bases.length > 0 && lineage(s, one).includes(owner)) add(one.name);
    }
  } else add(fn.name ?? assignedName(fn));
  const component = s.graph.component(moduleOf(s, fn));
  const found = new Set<Call>();
  for (const name of wanted) {
    const { byFunction, byConstructor } = runners(s, component, name);
    for (const call of (isConstructor ? byConstructor : byFunction).get(fn) ?? []) found.add(call);
  }
  return [...found];
}

/** Calls whose callee ends in a name, by what they run: a function, or the constructor of a class. */
export interface Runners {
  readonly byFunction: ReadonlyMap<FunctionNode, readonly Call[]>;
  readonly byConstructor: ReadonlyMap<FunctionNode, readonly Call[]>;
}

/** Kept where all that it rests on is settled: a question that is open may still find more. */
function runners(s: Snapshot, component: ReadonlySet<Module>, name: string): Runners {
  let known = s.runners.get(component);
  if (!known) {
    known = new Map();
    s.runners.set(component, known);
  }
  const kept = known.get(name);
  if (kept) return kept;
  const byFunction = new Map<FunctionNode, Call[]>();
  const byConstructor = new Map<FunctionNode, Call[]>();
  const add = (index: Map<FunctionNode, Call[]>, fn: FunctionNode | undefined, call: Call) => {
    const calls = fn && index.get(fn);
    if (calls) calls.push(call);
    else if (fn) index.set(fn, [call]);
  };
  for (const call of callsNamed(s, component, name)) {
    for (const value of calleeValues(s, call)) {
      if (value.kind === 'function') add(byFunction, value.function, call);
      if (value.kind !== 'class') continue;
      for (const method of ['__init__', 'constructor'])
        add(byConstructor, methodsNamed(s, value.class, method)[0], call);
    }
  }
  const found = { byFunction, byConstructor };
  if (s.cycles.restsOn === Number.POSITIVE_INFINITY) known.set(name, found);
  return found;
}

/** The name a lambda or arrow function is assigned to, also what wraps it: `const run = useCallback(() => …)`. */
function assignedName(fn: FunctionNode): string | null {
  const wrapper = fn.parent?.kind === 'argument' && fn.parent.parent?.kind === 'call' ? fn.parent.parent : fn;
  const parent = wrapper.parent;
  if (parent?.kind === 'assign') {
    const target = parent.targets[0];
    return target?.kind === 'name' ? target.name : target?.kind === 'member' ? target.property : null;
  }
  return parent?.kind === 'entry' && parent.key?.kind === 'literal' ? String(parent.key.value) : null;
}

export function targets(s: Snapshot, call: Call): readonly FunctionNode[] {
  return calleeValues(s, call).flatMap((value) => {
    if (value.kind === 'function') return [value.function];
    if (value.kind === 'class')
      return [...methodsNamed(s, value.class, '__init__'), ...methodsNamed(s, value.class, 'constructor')];
    if (value.kind === 'object' && value.class) {
      return ['forward', '__call__', 'call']
        .flatMap((name) => methodsNamed(s, value.class as ClassNode, name))
        .slice(0, 1);
    }
    return [];
  });
}
