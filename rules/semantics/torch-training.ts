/**
 * Training written by hand in PyTorch: which calls `backward()` reaches, where a training step stands, which loop
 * runs the epochs.
 */
import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, FunctionNode, Loop, Module, Node } from '../../analysis/model.ts';
import { descendants, enclosingFunction, enclosingLoops } from '../../analysis/tree.ts';
import { memoized, memoizedComponent } from './memo.ts';
import { slice, sliceWhole } from './slice.ts';
import { changesWeights, isBackward } from './training.ts';

/** Attributes of a tensor that are not part of its graph. */
const GRAPHLESS_ATTRIBUTES = new Set(['data', 'grad', 'shape', 'device', 'dtype', 'ndim', 'requires_grad']);

/** Methods and functions whose result has no gradient. */
const GRAPHLESS_METHODS = new Set([
  'detach',
  'detach_',
  'item',
  'numpy',
  'tolist',
  'argmax',
  'argmin',
  'argsort',
  'size',
  'dim',
  'numel',
  'backward',
  'eq',
  'multinomial',
]);

const GRAPHLESS_FUNCTIONS =
  /^(?:builtins\.(?:float|int|len|str|print|round|bool|range|isinstance|type|format|open|repr)|numpy\.|sklearn\.|pandas\.|torch\.(?:argmax|argmin|argsort|eq|multinomial|no_grad|is_tensor|tensor|from_numpy|\w*Tensor)$|torch\.nn\.utils\.|torch\.optim\.)/;

/** Functions that give values and, second, indices: those have no gradient. */
const INDEXING = /^(?:max|min|topk|sort|median|mode|kthvalue|cummax|cummin)$/;

/**
 * Whether the expression's value is cut off from the graph of what it is made of.
 * @param path the part of it that is taken, where it is unpacked
 */
export function isGraphless(flow: Flow, expr: Expr, path?: readonly (number | string)[]): boolean {
  if (path && path[0] === 1 && expr.kind === 'call' && expr.callee.kind === 'member')
    if (INDEXING.test(expr.callee.property)) return true;
  if (expr.kind === 'member') return GRAPHLESS_ATTRIBUTES.has(expr.property);
  if (expr.kind === 'binary') return ['==', '!=', '<', '>', '<=', '>=', 'in', 'is'].includes(expr.operator);
  if (expr.kind !== 'call') return false;
  if (expr.callee.kind === 'member' && GRAPHLESS_METHODS.has(expr.callee.property)) return true;
  return flow.names(expr).some((name) => GRAPHLESS_FUNCTIONS.test(name));
}

/** What asks autograd for gradients: `loss.backward()`, `accelerator.backward(loss)`, `torch.autograd.grad(…)`. */
export function asksForGradients(flow: Flow, call: Call): boolean {
  return (
    isBackward(call, flow) ||
    (usesAutograd(flow, flow.moduleOf(call)) &&
      flow.names(call).some((name) => /^torch\.(?:autograd\.(?:grad$|functional\.)|func\.)/.test(name)))
  );
}

/** Spares most modules the names of all their calls. */
const usesAutograd = memoized((_flow, module: Module): boolean =>
  /\bautograd\b|\btorch\.func\b|\bfrom torch import\b.*\bfunc\b|\bfunctorch\b/.test(module.text),
);

/** Where tensors end: tables, files, data sets, shapes. What comes out of there is data, whoever put it in. */
function isOutsideTensors(flow: Flow, expr: Expr): boolean {
  if (expr.kind === 'member') return ['shape', 'device', 'dtype', 'ndim'].includes(expr.property);
  if (expr.kind !== 'call') return false;
  if (expr.callee.kind === 'member' && ['size', 'dim', 'numel'].includes(expr.callee.property)) return true;
  return flow
    .names(expr)
    .some((name) =>
      /^(?:numpy\.|sklearn\.|pandas\.|torch\.utils\.data\.|builtins\.(?:open|str|print|len|range)$|torch\.load$)/.test(
        name,
      ),
    );
}

/** Calls of `backward()` and its like in a module. */
const backwardsIn = memoized((flow, module: Module): readonly Call[] =>
  module.language === 'python' ? module.calls.filter((call) => asksForGradients(flow, call)) : [],
);

/** What the `backward()`s of modules start from. */
const roots = memoized((flow, modules: ReadonlySet<Module>): readonly Expr[] =>
  [...modules].flatMap((module) =>
    backwardsIn(flow, module).flatMap(({ callee, args }) => [
      ...(callee.kind === 'member' ? [callee.object] : []),
      ...args.map((argument) => argument.value),
    ]),
  ),
);

/** Calls and expressions through which a `backward()` differentiates. */
const differentiated = memoizedComponent((flow, modules) =>
  sliceWhole(flow, roots(flow, modules), {
    stops: (expr, path) => isGraphless(flow, expr, path),
    program: true,
  }),
);

/** These, and calls that reach a `backward()` through `detach()`, `item()` and the like: targets, rewards, weights. */
const involved = memoizedComponent((flow, modules) =>
  slice(flow, roots(flow, modules), { stops: (expr) => isOutsideTensors(flow, expr), program: true }),
);

/** Whether some `backward()` differentiates the call's result. */
export function isDifferentiated(flow: Flow, call: Call): boolean {
  return differentiated(flow, flow.moduleOf(call)).calls.has(call);
}

/** Whether a `backward()` differentiates through this very expression. */
export function isOnBackwardPath(flow: Flow, expr: Expr): boolean {
  return differentiated(flow, flow.moduleOf(expr)).expressions.has(expr);
}

/** Whether the call's result goes into what is differentiated, be it as a constant (`detach()`). */
export function isInvolvedInTraining(flow: Flow, call: Call): boolean {
  return involved(flow, flow.moduleOf(call)).has(call);
}

export function backwardCalls(flow: Flow, module: Module): readonly Call[] {
  return backwardsIn(flow, module);
}

/** Whether running the function asks for gradients, itself or through local functions that it calls. */
export const functionTrains = memoized((flow, fn: FunctionNode): boolean => {
  return runsTraining(flow, fn.body);
}, false);

/** Whether running the statement, block or loop body asks for gradients, through local functions too. */
export const runsTraining = memoized((flow, node: Node): boolean =>
  descendants(node, 'call').some(
    (call) =>
      asksForGradients(flow, call) || flow.targets(call).some((target) => functionTrains(flow, target)),
  ),
);

/**
 * The loop whose one round is a training step: the innermost loop around a `backward()`, or around the call of a
 * function that runs one.
 */
export function stepLoopsAround(flow: Flow, node: Node): readonly Loop[] {
  return enclosingLoops(node).filter((loop) => isStepLoop(flow, loop));
}

/** Whether some `backward()` stands in the loop with no other loop between, directly or in a called function. */
export const isStepLoop = memoized((flow, loop: Loop): boolean => {
  return descendants(loop, 'call', true).some(
    (call) =>
      enclosingLoops(call)[0] === loop &&
      (asksForGradients(flow, call) || flow.targets(call).some((target) => stepsOnce(flow, target, 0))),
  );
});

/** Whether the function runs a `backward()` outside any loop of its own. */
function stepsOnce(flow: Flow, fn: FunctionNode, depth: number): boolean {
  if (depth > 3) return false;
  return descendants(fn.body, 'call', true).some(
    (call) =>
      enclosingLoops(call).length === 0 &&
      (asksForGradients(flow, call) ||
        flow.targets(call).some((target) => stepsOnce(flow, target, depth + 1))),
  );
}

/**
 * Loops around the node, innermost first, in its function and, where that has one known caller, around that call,
 * and so on outwards.
 */
export function loopsOutwards(flow: Flow, node: Node): Loop[] {
  const loops: Loop[] = [];
  const seen = new Set<FunctionNode>();
  const visit = (current: Node) => {
    loops.push(...enclosingLoops(current));
    const fn = enclosingFunction(current);
    if (!fn || seen.has(fn)) return;
    seen.add(fn);
    for (const call of flow.callers(fn)) visit(call);
  };
  visit(node);
  return [...new Set(loops)];
}

/**
 * Whether the node runs between training steps: inside a loop, its own or a caller's, that trains as well. A loop that
 * asks for gradients and changes no weights explains or attacks a model.
 */
export function isInsideTraining(flow: Flow, node: Node): boolean {
  return loopsOutwards(flow, node).some(
    (loop) => loop.kind !== 'comprehension' && runsTraining(flow, loop.body) && changesWeights(flow, loop),
  );
}
