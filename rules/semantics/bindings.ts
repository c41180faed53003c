/** Uses of what one assignment, loop or parameter binds. */
import { reachingBindings } from '../../analysis/flow/reaching.ts';
import type { Flow } from '../../analysis/flow/types.ts';
import { ofModule } from '../../analysis/memo.ts';
import type { Name, Node } from '../../analysis/model.ts';
import { descendants } from '../../analysis/tree.ts';

const namesOf = ofModule((module): ReadonlyMap<string, readonly Name[]> => {
  const names = new Map<string, Name[]>();
  for (const name of descendants(module.body, 'name')) {
    const list = names.get(name.name);
    if (list) list.push(name);
    else names.set(name.name, [name]);
  }
  return names;
});

/** Every use, in its module, of what the node binds to the name. */
export function usesOfBinding(flow: Flow, target: Name, binder: Node): readonly Name[] {
  const module = flow.moduleOf(target);
  return (namesOf(module).get(target.name) ?? []).filter(
    (one) =>
      one !== target &&
      !(one.parent?.kind === 'assign' && one.parent.operator === null && one.parent.targets.includes(one)) &&
      reachingBindings(one, module).some((binding) => binding.node === binder),
  );
}
