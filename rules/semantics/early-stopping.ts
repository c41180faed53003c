/** Whether something ends a training that no longer improves. */
import type { Flow, Value } from '../../analysis/flow/types.ts';
import type { Call, Expr, Loop, Module, Node } from '../../analysis/model.ts';
import { ancestors, descendants, walk } from '../../analysis/tree.ts';
import { EARLY_STOPPING_CALLBACK_NAMES } from '../knowledge/early-stopping.ts';

/** `unknown`: a callback list that cannot be seen through may hold one. */
export type Stops = 'yes' | 'no' | 'unknown';

/** What a `callbacks=` argument (or anything that holds callbacks) does about stopping early. */
export function callbacksStop(expr: Expr, flow: Flow): Stops {
  const held = flow.values(expr);
  if (held.length === 0) return looksLikeStopper(expr) ? 'yes' : 'unknown';
  let answer: Stops = 'no';
  for (const value of held) {
    const one = valueStops(value, flow);
    if (one === 'yes') return 'yes';
    if (one === 'unknown') answer = 'unknown';
  }
  if (answer === 'no' && expr.kind === 'name' && isExtendedUnseen(expr, flow)) return 'unknown';
  return answer;
}

function valueStops(value: Value, flow: Flow): Stops {
  switch (value.kind) {
    case 'constant':
      return value.value === null ? 'no' : 'unknown';
    case 'display': {
      if (value.node.kind === 'dict') return 'unknown';
      if (value.node.kind === 'comprehension') return 'unknown';
      let answer: Stops = 'no';
      for (const item of value.node.items) {
        const one = callbacksStop(item.kind === 'spread' ? item.value : item, flow);
        if (one === 'yes') return 'yes';
        if (one === 'unknown') answer = 'unknown';
      }
      return answer;
    }
    case 'object': {
      if (value.types.some((type) => EARLY_STOPPING_CALLBACK_NAMES.includes(type))) return 'yes';
      if (value.types.some((type) => /early_?stop/i.test(type))) return 'yes';
      if (value.class) return classStops(value.class, flow) ? 'yes' : 'no';
      const type = value.types[0] ?? '';
      return /callback|checkpoint|scheduler|logger|plateau|progress|board|monitor/i.test(type)
        ? 'no'
        : 'unknown';
    }
    case 'class':
      return classStops(value.class, flow) ? 'yes' : 'no';
    case 'library':
      return /early_?stop/i.test(value.name) ? 'yes' : 'unknown';
    default:
      return 'unknown';
  }
}

/** A callback of one's own: derived from a stopping one, or it sets `stop_training` / `should_stop`. */
function classStops(node: Node & { kind: 'class' }, flow: Flow): boolean {
  if (/early_?stop/i.test(node.name ?? '')) return true;
  if (flow.bases(node).some((base) => EARLY_STOPPING_CALLBACK_NAMES.includes(base))) return true;
  return descendants(node.body, 'member').some((member) =>
    ['stop_training', 'should_stop', 'should_training_stop', 'stop'].includes(member.property),
  );
}

function looksLikeStopper(expr: Expr): boolean {
  return expr.kind === 'name' && /early|^es$|stopp/i.test(expr.name);
}

/** `callbacks.append(…)` or `callbacks += …` somewhere, with something that cannot be seen here. */
function isExtendedUnseen(name: Expr & { kind: 'name' }, flow: Flow): boolean {
  const module = flow.moduleOf(name);
  return module.assigns.some(
    (assign) =>
      assign.operator === '+=' &&
      assign.targets.some((target) => target.kind === 'name' && target.name === name.name),
  );
}

/** Early-stopping objects built in the module that no call receives: built, then forgotten. */
export function forgottenStopper(
  module: Module,
  flow: Flow,
  framework: string,
): { readonly name: string; readonly call: Call } | null {
  for (const call of module.calls) {
    if (
      !flow
        .names(call)
        .some((name) => EARLY_STOPPING_CALLBACK_NAMES.includes(name) && name.startsWith(framework))
    )
      continue;
    const assign = call.parent;
    const target = assign?.kind === 'assign' ? assign.targets[0] : undefined;
    if (target?.kind !== 'name') continue;
    const used = descendants(module.body, 'name').some(
      (one) => one.name === target.name && one !== target && one.start > call.end,
    );
    if (!used) return { name: target.name, call };
  }
  return null;
}

/** What ends an epoch loop before its last epoch. `budget`: a count of steps, not a metric. */
export type LoopEnd = 'stops' | 'budget' | 'none';

export function loopEnd(loop: Loop, module: Module): LoopEnd {
  if (loop.kind === 'comprehension') return 'none';
  let found: LoopEnd = 'none';
  const note = (node: Node) => {
    const condition = guardText(node, loop, module);
    if (condition === null) return;
    if (
      /\b(max_|total_|num_|global_)?(steps?|iters?|iter_num|iterations?|batch(es)?|batch_idx)\b|time\b|debug|dry_run|test_run/i.test(
        condition,
      ) &&
      !/loss|acc|patience|early|best|stop|wait|counter|improv/i.test(condition)
    ) {
      if (found === 'none') found = 'budget';
    } else found = 'stops';
  };
  walk(loop.body, (node) => {
    if (node.kind === 'function' || node.kind === 'class') return false;
    if (node.kind === 'break' && breaks(node) === loop) note(node);
    if (node.kind === 'return' || node.kind === 'raise') note(node);
    if (
      node.kind === 'call' &&
      /(^|\.)(exit|quit|_exit)$/.test(module.text.slice(node.callee.start, node.callee.end))
    )
      note(node);
    return true;
  });
  if (
    loop.kind === 'while' &&
    loop.test &&
    /stop|patience|improv|converg|best|early|done|train/i.test(
      module.text.slice(loop.test.start, loop.test.end),
    )
  ) {
    return 'stops';
  }
  return found;
}

function breaks(node: Node): Loop | null {
  for (const parent of ancestors(node)) {
    if (parent.kind === 'for' || parent.kind === 'while') return parent;
  }
  return null;
}

/** Text of the conditions between the node and the loop; null when nothing guards it. */
function guardText(node: Node, loop: Loop, module: Module): string | null {
  const texts: string[] = [];
  let child: Node = node;
  for (const parent of ancestors(node)) {
    if (parent === loop) break;
    if (parent.kind === 'if' && child !== parent.test)
      texts.push(module.text.slice(parent.test.start, parent.test.end));
    if (parent.kind === 'handler') return null; // `except KeyboardInterrupt: break`
    child = parent;
  }
  return texts.length > 0 ? texts.join(' ') : null;
}
