/** Where an object goes: every use of it in the modules joined by imports. */
import type { Expr, Module, Node } from '../model.ts';
import { lastName } from '../tree.ts';
import { lineage } from './classes.ts';
import { byPath, moduleOf, type Snapshot } from './snapshot.ts';
import type { ObjectUse, Value } from './types.ts';
import { values } from './values.ts';

/** Expressions that no object comes out of. */
const HOLDS_NO_OBJECT: ReadonlySet<Expr['kind']> = new Set([
  'literal',
  'template',
  'unary',
  'sequence',
  'dict',
  'comprehension',
  'function',
  'slice',
  'unknown',
]);

/** Uses by object: of all calls of the component, or of those whose written name matches. */
type Index = ReadonlyMap<Node, readonly ObjectUse[]>;

function usesIn(s: Snapshot, component: ReadonlySet<Module>, names: RegExp | null): Index {
  let indexes = s.usesByComponent.get(component);
  if (!indexes) {
    indexes = new Map();
    s.usesByComponent.set(component, indexes);
  }
  const key = names?.source ?? null;
  let index = indexes.get(key);
  if (!index) {
    index = indexOf(s, component, names);
    indexes.set(key, index);
  }
  return index;
}

function indexOf(s: Snapshot, component: ReadonlySet<Module>, names: RegExp | null): Index {
  const uses = new Map<Node, ObjectUse[]>();
  const add = (expr: Expr, use: ObjectUse) => {
    if (HOLDS_NO_OBJECT.has(expr.kind)) return;
    for (const value of values(s, expr)) {
      const site = siteOf(value);
      if (!site) continue;
      const list = uses.get(site);
      if (list) list.push(use);
      else uses.set(site, [use]);
    }
  };
  for (const module of [...component].sort(byPath)) {
    for (const call of module.calls) {
      if (names && !names.test(lastName(call.callee))) continue;
      if (call.callee.kind === 'member')
        add(call.callee.object, { call, role: 'receiver', method: call.callee.property, argument: null });
      add(call.callee, { call, role: 'callee', method: null, argument: null });
      for (const argument of call.args)
        add(argument.value, { call, role: 'argument', method: null, argument });
    }
  }
  return uses;
}

function siteOf(value: Value): Node | null {
  if (value.kind === 'object') return value.site;
  return value.kind === 'parameter' ? value.parameter : null;
}

export function uses(s: Snapshot, value: Value, names: RegExp | null): readonly ObjectUse[] {
  const site = siteOf(value);
  if (!site) return [];
  const index = usesIn(s, s.graph.component(moduleOf(s, site)), names);
  const found = [...(index.get(site) ?? [])];
  if (value.kind === 'object' && value.class) {
    // what its own methods do through `self` happens to the object as well
    for (const one of lineage(s, value.class)) if (one !== site) found.push(...(index.get(one) ?? []));
  }
  return found;
}
