/** Local classes: their bases, their line of descent, the object that `self` is. */
import { allBases } from '../libraries/libraries.ts';
import type { ClassNode, FunctionNode } from '../model.ts';
import { NOTHING } from './sets.ts';
import type { Snapshot } from './snapshot.ts';
import type { ObjectValue } from './types.ts';
import { values } from './values.ts';

/** Local classes a class inherits from, itself first. */
export function lineage(s: Snapshot, node: ClassNode): readonly ClassNode[] {
  const known = s.lineageMemo.get(node);
  if (known) return known;
  s.lineageMemo.set(node, [node]); // what a class that inherits from itself sees
  const found = new Set([node]);
  for (const base of node.bases) {
    for (const value of values(s, base)) {
      if (value.kind === 'class') for (const one of lineage(s, value.class)) found.add(one);
    }
  }
  const all = [...found];
  s.lineageMemo.set(node, all);
  return all;
}

export function bases(s: Snapshot, node: ClassNode): readonly string[] {
  const known = s.basesMemo.get(node);
  if (known) return known;
  s.basesMemo.set(node, NOTHING as readonly never[]); // a class that inherits from itself has no bases
  const names: string[] = [];
  for (const one of lineage(s, node)) {
    for (const base of one.bases) {
      for (const value of values(s, base)) {
        if (value.kind === 'library') names.push(value.name, ...allBases(value.name));
        // `class Net(with_mixin(nn.Module))`
        if (value.kind === 'object') names.push(...value.types);
      }
    }
  }
  const found = [...new Set(names)];
  s.basesMemo.set(node, found);
  return found;
}

export function selfOf(s: Snapshot, node: ClassNode): ObjectValue {
  let self = s.selfMemo.get(node);
  if (!self) {
    self = { kind: 'object', types: bases(s, node), class: node, origin: null, site: node };
    s.selfMemo.set(node, self);
  }
  return self;
}

export function methodsNamed(s: Snapshot, node: ClassNode, name: string): FunctionNode[] {
  for (const one of lineage(s, node)) {
    const found = one.body.statements.filter(
      (statement): statement is FunctionNode => statement.kind === 'function' && statement.name === name,
    );
    if (found.length > 0) return found;
  }
  return [];
}
