/** Which bindings of a name reach a use: flow-ordered inside one scope, all of them from an inner scope. */
import type { Binding, Module, Name, Node, Scope } from '../model.ts';
import { enclosingFunction } from '../tree.ts';

/** The scope in whose code the node stands. Decorators, bases and defaults belong to the scope around. */
export function scopeOf(node: Node, module: Module): Scope {
  let child: Node = node;
  for (let parent = node.parent; parent; parent = parent.parent) {
    if (
      parent.kind === 'function' &&
      (child === parent.body || (child.kind === 'parameter' && child !== node))
    ) {
      // a parameter's default is evaluated outside, but its pattern inside; names are looked up from outside
      if (child === parent.body) return module.scopes.get(parent) ?? module.scope;
    } else if (parent.kind === 'class' && child === parent.body) {
      return module.scopes.get(parent) ?? module.scope;
    } else if (
      parent.kind === 'comprehension' &&
      !(child.kind === 'clause' && child === parent.clauses[0] && isIterable(node, child))
    ) {
      return module.scopes.get(parent) ?? module.scope;
    }
    child = parent;
  }
  return module.scope;
}

function isIterable(node: Node, clause: Node & { kind: 'clause' }): boolean {
  return node.start >= clause.iterable.start && node.end <= clause.iterable.end;
}

/** Bindings that may have given `use` its value; empty when the name is bound nowhere in sight. */
export function reachingBindings(use: Name, module: Module): readonly Binding[] {
  const own = scopeOf(use, module);
  for (let scope: Scope | null = own; scope; scope = scope.parent) {
    // Python methods do not see the names of the class around them
    if (scope !== own && scope.node.kind === 'class') continue;
    if (scope.outer.has(use.name)) continue;
    const bindings = scope.bindings.get(use.name);
    if (!bindings) continue;
    const reaching =
      scope === own || scope.node.kind === 'comprehension' || own.node.kind === 'comprehension'
        ? orderedReaching(bindings, use, sameFunction(scope, own))
        : withoutReplacedImports(bindings);
    if (reaching.length > 0) return reaching;
    // bound later in the same scope only: at class level the name still means the outer one, elsewhere take what there is
    if (scope.node.kind !== 'class') return bindings;
  }
  return [];
}

/** From inside a function, `pipeline = pipeline("ner")` at the top level has replaced what was imported. */
function withoutReplacedImports(bindings: readonly Binding[]): readonly Binding[] {
  if (!bindings.some(({ source }) => source.from === 'import')) return bindings;
  return bindings.filter(
    ({ source, node }) =>
      source.from !== 'import' ||
      !bindings.some(
        (later) =>
          later.source.from === 'expr' &&
          later.node.start > node.start &&
          kills(later) &&
          !isForeign(later) &&
          isUnconditional(later.node),
      ),
  );
}

function isUnconditional(node: Node): boolean {
  let child: Node = node;
  for (let parent = node.parent; parent; parent = parent.parent) {
    if (parent.kind === 'function' || parent.kind === 'class' || isBranch(parent, child)) return false;
    child = parent;
  }
  return true;
}

/** Whether only comprehensions lie between the two scopes, so that order of execution is order of text. */
function sameFunction(outer: Scope, inner: Scope): boolean {
  for (let scope: Scope | null = inner; scope && scope !== outer; scope = scope.parent) {
    if (scope.node.kind !== 'comprehension') return false;
  }
  return true;
}

function orderedReaching(bindings: readonly Binding[], use: Name, ordered: boolean): readonly Binding[] {
  if (!ordered) return bindings;
  const [only, another] = bindings;
  if (only && !another) return reachesAlone(only, use) ? bindings : [];
  const reaching: Binding[] = [];
  let killer: Binding | null = null;
  for (const binding of bindings) {
    // another function's assignment may run at any time
    if (isForeign(binding)) {
      reaching.push(binding);
      continue;
    }
    if (!isBefore(binding, use)) continue;
    if (areExclusive(binding.node, use)) continue;
    if (kills(binding) && dominates(binding.node, use)) {
      reaching.splice(0, reaching.length, ...reaching.filter(isForeign));
      killer = binding;
    }
    reaching.push(binding);
  }
  // what the previous round of a loop around the use assigned, unless this round assigned anew before the use
  const loops = loopsAround(use);
  for (const binding of bindings) {
    if (isBefore(binding, use) || reaching.includes(binding)) continue;
    const carrying = loops.find((loop) => isWithin(binding.node, loop));
    if (carrying && !(killer && isWithin(killer.node, carrying))) reaching.push(binding);
  }
  return reaching;
}

/** The same for a name's only binding, which nothing replaces. */
function reachesAlone(binding: Binding, use: Name): boolean {
  if (isForeign(binding)) return true;
  if (isBefore(binding, use)) return !areExclusive(binding.node, use);
  return loopsAround(use).some((loop) => isWithin(binding.node, loop));
}

/** Whether a function inside the scope assigns: `global model`, or TypeScript's `model = …` to an outer variable. */
function isForeign({ node, scope }: Binding): boolean {
  if (node.kind !== 'assign' || scope.node.kind === 'class' || scope.node.kind === 'comprehension')
    return false;
  return enclosingFunction(node) !== (scope.node.kind === 'function' ? scope.node : null);
}

/** `x += 1` and `x ??= y` keep something of the old value. */
function kills(binding: Binding): boolean {
  return !(binding.node.kind === 'assign' && binding.node.operator !== null);
}

function isBefore(binding: Binding, use: Name): boolean {
  const node = binding.node;
  switch (node.kind) {
    case 'for':
    case 'with':
      return use.start >= node.body.start || use.start >= node.end;
    case 'clause': {
      const comprehension = node.parent;
      return !(use.start >= node.iterable.start && use.end <= node.iterable.end) || comprehension === null;
    }
    case 'handler':
    case 'parameter':
      return true;
    case 'function':
    case 'class':
      return node.start <= use.start;
    default:
      return node.end <= use.start;
  }
}

/** Whether control passes the binding on every way to the use, as far as structure tells. */
function dominates(node: Node, use: Node): boolean {
  let child: Node = node;
  for (let parent = node.parent; parent; parent = parent.parent) {
    if (parent.kind === 'function' || parent.kind === 'class') return true;
    if (isBranch(parent, child) && !isWithin(use, child)) return false;
    if (isWithin(use, parent)) return true;
    child = parent;
  }
  return true;
}

/** Whether `child` runs only sometimes when `parent` does. */
function isBranch(parent: Node, child: Node): boolean {
  switch (parent.kind) {
    case 'if':
      return child === parent.then || child === parent.otherwise;
    case 'for':
    case 'while':
      return child === parent.body || child === parent.orelse;
    case 'try':
      return child.kind === 'handler' || child === parent.orelse;
    case 'case':
      return child === parent.body;
    case 'conditional':
      return child !== parent.test;
    case 'binary':
      return child === parent.right && ['and', 'or', '??'].includes(parent.operator);
    default:
      return false;
  }
}

/** Whether the two stand in different branches of one `if` or `match`, so that one run never sees both (loops aside). */
function areExclusive(node: Node, use: Node): boolean {
  for (let parent = node.parent; parent; parent = parent.parent) {
    if (!isWithin(use, parent)) continue;
    if (parent.kind === 'if') {
      const inThen = isWithin(node, parent.then);
      const useInThen = isWithin(use, parent.then);
      const inElse = parent.otherwise !== null && isWithin(node, parent.otherwise);
      const useInElse = parent.otherwise !== null && isWithin(use, parent.otherwise);
      if ((inThen && useInElse) || (inElse && useInThen)) return loopsAround(parent).length === 0;
    }
    if (parent.kind === 'match') {
      const own = parent.cases.find((one) => isWithin(node, one));
      const other = parent.cases.find((one) => isWithin(use, one));
      if (own && other && own !== other) return loopsAround(parent).length === 0;
    }
    return false;
  }
  return false;
}

function loopsAround(node: Node): Node[] {
  const loops: Node[] = [];
  for (let parent = node.parent; parent; parent = parent.parent) {
    if (parent.kind === 'function' || parent.kind === 'class') break;
    if (parent.kind === 'for' || parent.kind === 'while') loops.push(parent);
  }
  return loops;
}

function isWithin(node: Node, outer: Node): boolean {
  return node.start >= outer.start && node.end <= outer.end;
}
