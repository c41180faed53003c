/** How often a loop runs. */
import type { Call, Comprehension, Expr, Loop, Name, Node } from '../model.ts';
import { names } from './names.ts';
import { reachingBindings } from './reaching.ts';
import { PASS_THROUGH } from './results.ts';
import { moduleOf, type Snapshot } from './snapshot.ts';
import { constant, constants, values } from './values.ts';

export function iterations(s: Snapshot, loop: Loop): number | undefined {
  if (loop.kind === 'while') return whileIterations(s, loop.test, loop.init);
  return countOf(
    s,
    loop.kind === 'for' ? loop.iterable : (loop.clauses[0] as Comprehension['clauses'][number]).iterable,
  );
}

function whileIterations(s: Snapshot, test: Expr | null, init: Node | null): number | undefined {
  if (test === null) return Number.POSITIVE_INFINITY;
  const value = constant(s, test);
  if (value !== undefined) return value ? Number.POSITIVE_INFINITY : 0;
  if (test.kind === 'binary' && ['<', '<=', '!='].includes(test.operator)) {
    const bound = constant(s, test.right);
    const start = test.left.kind === 'name' ? startOf(s, test.left, init) : undefined;
    // `while score < 0.9` counts nothing
    if (Number.isInteger(bound) && typeof bound === 'number' && typeof start === 'number')
      return Math.max(0, bound - start + (test.operator === '<=' ? 1 : 0));
  }
  return undefined;
}

function startOf(s: Snapshot, name: Name, init: Node | null): number | undefined {
  const assigns =
    init?.kind === 'assign'
      ? [init]
      : init?.kind === 'block'
        ? init.statements.filter((one) => one.kind === 'assign')
        : [];
  for (const assign of assigns) {
    const target = assign.targets[0];
    if (target?.kind === 'name' && target.name === name.name && assign.value) {
      const value = constant(s, assign.value);
      if (typeof value === 'number') return value;
    }
  }
  const numbers = constants(s, name).filter((value) => typeof value === 'number');
  return numbers.length > 0 ? Math.min(...numbers) : undefined;
}

function countOf(s: Snapshot, iterable: Expr): number | undefined {
  if (iterable.kind === 'sequence')
    return iterable.items.some((item) => item.kind === 'spread') ? undefined : iterable.items.length;
  if (iterable.kind === 'call') {
    for (const name of names(s, iterable)) {
      const first = iterable.args[0]?.value;
      if (/^builtins\.x?range$|(^|\.)trange$|^fastprogress\..*|^numpy\.arange$/.test(name))
        return rangeCount(s, iterable);
      if (
        name === 'builtins.enumerate' ||
        PASS_THROUGH.has(name) ||
        /(^|\.)(tqdm|track|progress_bar|master_bar)$/.test(name)
      ) {
        return first ? countOf(s, first) : undefined;
      }
      if (name === 'itertools.count') return Number.POSITIVE_INFINITY;
    }
    // an unknown wrapper around a range, such as a progress bar of one's own
    const first = iterable.args[0]?.value;
    if (first?.kind === 'call' && first.callee.kind === 'name' && first.callee.name === 'range')
      return rangeCount(s, first);
    return undefined;
  }
  const displays = values(s, iterable);
  const only = displays.length === 1 ? displays[0] : undefined;
  if (only?.kind === 'display' && only.node.kind === 'sequence') return countOf(s, only.node);
  const objects = displays.flatMap((value) =>
    value.kind === 'object' && value.origin && names(s, value.origin).includes('builtins.range')
      ? [value.origin]
      : [],
  );
  if (objects.length === 1 && objects[0]) return rangeCount(s, objects[0]);
  return iterable.kind === 'name' ? countOfBound(s, iterable) : undefined;
}

/** `epochs = range(1, 101)` further up, `with tqdm(range(100)) as epochs:` around. */
function countOfBound(s: Snapshot, name: Name): number | undefined {
  const [binding, ...others] = reachingBindings(name, moduleOf(s, name));
  if (binding?.source.from === 'with' && others.length === 0)
    return binding.source.expr.kind === 'call' ? countOf(s, binding.source.expr) : undefined;
  if (binding?.source.from !== 'expr' || others.length > 0) return undefined;
  const { expr } = binding.source;
  return expr.kind === 'call' && names(s, expr).includes('builtins.range') ? rangeCount(s, expr) : undefined;
}

function rangeCount(s: Snapshot, call: Call): number | undefined {
  const positional = call.args
    .filter((one) => one.name === null && one.spread === null)
    .map((one) => one.value);
  const number = (expr: Expr | undefined, otherwise: number): number | undefined => {
    if (!expr) return otherwise;
    const numbers = constants(s, expr).filter((value) => typeof value === 'number');
    return numbers.length > 0 ? Math.max(...numbers) : undefined;
  };
  const start = positional.length > 1 ? number(positional[0], 0) : 0;
  const stop = number(positional.length > 1 ? positional[1] : positional[0], Number.NaN);
  const step = number(positional[2], 1);
  // `range(start_epoch, EPOCHS)`: a start that is not known is a resume point, most often 0
  if (stop === undefined || Number.isNaN(stop) || step === undefined || step === 0) return undefined;
  return Math.max(0, Math.ceil((stop - (start ?? 0)) / step));
}
