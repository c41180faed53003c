/** Which values are the direct result of a softmax, a log-softmax or a sigmoid, through models and helpers. */
import { reachingBindings } from '../../analysis/flow/reaching.ts';
import type { Flow } from '../../analysis/flow/types.ts';
import type { Argument, Call, Expr, Node } from '../../analysis/model.ts';
import { ancestors, descendants, enclosingFunction } from '../../analysis/tree.ts';
import { returned } from './slice.ts';

export type Activation = 'softmax' | 'log-softmax' | 'sigmoid';

const MAX_DEPTH = 8;

const ACTIVATIONS: readonly (readonly [RegExp, Activation])[] = [
  [
    /^(?:torch|torch\.Tensor|torch\.nn\.functional)\.softmax$|^torch\.nn\.Softmax\.__call__$|^tensorflow\.nn\.softmax$|^keras\.(?:ops|activations)\.softmax$|^jax\.nn\.softmax$|^scipy\.special\.softmax$|^tfjs\.(?:Tensor\.)?softmax$/,
    'softmax',
  ],
  [
    /^(?:torch|torch\.Tensor|torch\.nn\.functional)\.log_softmax$|^torch\.nn\.LogSoftmax\.__call__$|^tensorflow\.nn\.log_softmax$|^jax\.nn\.log_softmax$|^tfjs\.(?:Tensor\.)?logSoftmax$/,
    'log-softmax',
  ],
  [
    /^(?:torch|torch\.Tensor|torch\.nn\.functional)\.sigmoid$|^torch\.nn\.Sigmoid\.__call__$|^tensorflow\.(?:nn|math|sigmoid)\.?sigmoid$|^tfjs\.(?:Tensor\.)?sigmoid$/,
    'sigmoid',
  ],
];

const LAYERS: Readonly<Record<string, Activation>> = {
  'torch.nn.Softmax': 'softmax',
  'torch.nn.LogSoftmax': 'log-softmax',
  'torch.nn.Sigmoid': 'sigmoid',
};

/** Methods that give the same numbers in the same order. */
const SAME_VALUES =
  /^(?:to|cpu|cuda|float|double|half|detach|clone|contiguous|numpy|data|requires_grad_|squeeze|view|reshape|flatten|type)$/;

/** One place where an activation is applied. */
export interface Applied {
  readonly kind: Activation;
  /** The call `F.softmax(x)`, `self.softmax(x)`; for a layer at the end of an `nn.Sequential` the layer's own call. */
  readonly call: Call;
  /** What goes in; null for a layer. */
  readonly input: Expr | null;
  /** The argument of `nn.Sequential` that the layer is. */
  readonly layer: Argument | null;
}

/** The activation that the call applies; null for any other call. */
export function activationOf(flow: Flow, call: Call): Applied | null {
  const names = flow.names(call);
  const method = call.callee.kind === 'member' ? call.callee.property : null;
  const kind =
    ACTIVATIONS.find(([pattern]) => names.some((name) => pattern.test(name)))?.[1] ??
    (names.includes('?.softmax') ? 'softmax' : names.includes('?.log_softmax') ? 'log-softmax' : null);
  if (!kind || call.args.some((argument) => argument.spread)) return null;
  const isMethod =
    names.some((name) => /\.Tensor\.\w+$|^\?\./.test(name)) &&
    (method === 'softmax' || method === 'log_softmax' || method === 'sigmoid' || method === 'logSoftmax');
  const input =
    isMethod && call.callee.kind === 'member'
      ? call.callee.object
      : call.args.find(({ name }) => name === null || /^(?:input|logits|x)$/.test(name))?.value;
  return input ? { kind, call, input, layer: null } : null;
}

/**
 * The activations whose result the expression is, whichever way it came about; null when it may be anything else, or
 * when one of them is applied under a condition only.
 */
export function activationsBehind(flow: Flow, expr: Expr): readonly Applied[] | null {
  const found = trace(flow, expr, 0);
  return found && found.length > 0 && found.every(({ call }) => !isConditional(call)) ? found : null;
}

function trace(flow: Flow, expr: Expr, depth: number): readonly Applied[] | null {
  if (depth > MAX_DEPTH) return null;
  switch (expr.kind) {
    case 'name': {
      const bindings = reachingBindings(expr, flow.moduleOf(expr));
      return all(bindings, ({ source }) => {
        if (source.from === 'expr') return trace(flow, source.expr, depth + 1);
        if (source.from === 'unpack') return traceItem(flow, source.expr, source.path, depth + 1);
        if (source.from !== 'parameter') return null;
        return traceObjects(flow, expr, depth + 1);
      });
    }
    case 'conditional':
      return all([expr.then, expr.otherwise], (one) => trace(flow, one, depth + 1));
    case 'call':
      return traceCall(flow, expr, depth);
    default:
      return null;
  }
}

function traceObjects(flow: Flow, expr: Expr, depth: number): readonly Applied[] | null {
  const objects = flow.objects(expr);
  if (flow.values(expr).length !== objects.length) return null;
  return all(objects, ({ origin }) => (origin && origin !== expr ? trace(flow, origin, depth) : null));
}

function traceCall(flow: Flow, call: Call, depth: number): readonly Applied[] | null {
  const own = activationOf(flow, call);
  if (own) return [own];
  if (call.callee.kind === 'member' && SAME_VALUES.test(call.callee.property))
    return trace(flow, call.callee.object, depth + 1);
  const last = lastLayer(flow, call);
  if (last) return [last];
  const targets = flow.targets(call);
  return all(targets, (target) => all(returned(target), (value) => trace(flow, value, depth + 1)));
}

/** `out, features = model(x)`: what the part of a returned tuple is. */
function traceItem(
  flow: Flow,
  expr: Expr,
  path: readonly (number | string)[],
  depth: number,
): readonly Applied[] | null {
  const [index] = path;
  if (expr.kind !== 'call' || typeof index !== 'number' || path.length !== 1) return null;
  return all(flow.targets(expr), (target) =>
    all(returned(target), (value) =>
      value.kind === 'sequence' && value.items[index] ? trace(flow, value.items[index], depth + 1) : null,
    ),
  );
}

/** The activation layer at the end of the `nn.Sequential` that is called. */
function lastLayer(flow: Flow, call: Call): Applied | null {
  const objects = flow.objects(call.callee);
  const [only] = objects;
  if (objects.length !== 1 || only?.types[0] !== 'torch.nn.Sequential' || !only.origin) return null;
  if (flow.uses(only, /^(?:append|add_module|extend|insert)$/).some((use) => use.role === 'receiver'))
    return null;
  const layer = only.origin.args.at(-1);
  if (!layer || layer.spread || layer.name !== null || layer.value.kind !== 'call') return null;
  const kind = flow.names(layer.value).flatMap((name) => LAYERS[name] ?? [])[0];
  return kind ? { kind, call: layer.value, input: null, layer } : null;
}

function all<Item>(
  items: readonly Item[],
  find: (item: Item) => readonly Applied[] | null,
): readonly Applied[] | null {
  const found: Applied[] = [];
  for (const item of items) {
    const one = find(item);
    if (!one) return null;
    found.push(...one);
  }
  return items.length > 0 ? [...new Map(found.map((one) => [one.call, one])).values()] : null;
}

/** Whether the node runs in some calls of its function only. */
function isConditional(node: Node): boolean {
  const fn = enclosingFunction(node);
  let child: Node = node;
  for (const parent of ancestors(node)) {
    if (parent === fn) break;
    if (parent.kind === 'if' && child !== parent.test) return true;
    if (parent.kind === 'conditional' && child !== parent.test) return true;
    if (parent.kind === 'handler' || parent.kind === 'case') return true;
    if (fn && parent === fn.body) {
      // `if self.training: return logits` above
      const before = parent.kind === 'block' ? parent.statements.filter((one) => one.end <= child.start) : [];
      if (before.some((one) => one.kind === 'if' && descendants(one, 'return', true).length > 0)) return true;
    }
    child = parent;
  }
  return false;
}

export { SAME_VALUES };
