/** Answers kept as long as the flow they were drawn from. */
import type { Flow } from '../../analysis/flow/types.ts';
import { ofModule } from '../../analysis/memo.ts';
import type { Module } from '../../analysis/model.ts';

/**
 * The same function, asked once for each key and state of the workspace.
 * @param meanwhile what a question sees that leads back to itself; without it, such a question is asked again
 */
export function memoized<K extends object, R>(
  compute: (flow: Flow, key: K) => R,
  ...meanwhile: [] | [R]
): (flow: Flow, key: K) => R {
  const answers = new WeakMap<Flow, Map<K, R>>();
  return (flow, key) => {
    let known = answers.get(flow);
    if (!known) {
      known = new Map();
      answers.set(flow, known);
    }
    if (known.has(key)) return known.get(key) as R;
    if (meanwhile.length > 0) known.set(key, meanwhile[0] as R);
    const answer = compute(flow, key);
    known.set(key, answer);
    return answer;
  };
}

/** What holds for the workspace as a whole, found once for each state of it. */
export function memoizedWhole<R>(compute: (flow: Flow) => R): (flow: Flow) => R {
  const ask = memoized((flow, _self: Flow) => compute(flow));
  return (flow) => ask(flow, flow);
}

/**
 * What holds for the modules that imports join to one, found once for them. In an editor an edit asks again: that takes
 * as long as these modules, not as the workspace.
 */
export function memoizedComponent<R>(
  compute: (flow: Flow, modules: ReadonlySet<Module>) => R,
): (flow: Flow, module: Module) => R {
  const ask = memoized(compute);
  return (flow, module) => ask(flow, flow.component(module));
}

/** Whether something holds for a module or for another of its programs; asked once of each. */
export function inProgram(
  test: (module: Module, flow: Flow) => boolean,
): (module: Module, flow: Flow) => boolean {
  const holds = memoized((flow, module: Module) => test(module, flow));
  const some = memoized((flow, modules: ReadonlySet<Module>) => {
    for (const one of modules) if (holds(flow, one)) return true;
    return false;
  });
  return (module, flow) => some(flow, flow.related(module));
}

/** `inProgram` for what modules show by themselves. */
export function statedInProgram(test: (module: Module) => boolean): (module: Module, flow: Flow) => boolean {
  return inProgram(ofModule(test));
}
