/** TensorFlow.js tensors: where they are made, and whether something frees them. */
import type { Flow } from '../../analysis/flow/types.ts';
import type { Assign, Call, Expr, FunctionNode, Module, Name, Node } from '../../analysis/model.ts';
import { ancestors, contains, descendants, enclosingFunction, lastName } from '../../analysis/tree.ts';

const SCOPES = new Set(['tfjs.tidy', 'tfjs.engine().tidy']);
/** Functions that free, or keep on purpose, what happens inside the function they are given. */
const MANAGED =
  /^\?\.tidy$|^tfjs\.(?:tidy|engine\(\)\.tidy|variableGrads|grad|grads|valueAndGrad|valueAndGrads|customGrad|Optimizer\.minimize|data\.generator|profile)$/;
/** Calls that take a tensor over. */
const OWNERS =
  /^tfjs\.(?:keep|variable|dispose|data\..*|sequential|model|layers\..*|io\..*|Optimizer\..*|LayersModel\.(?:fit|fitDataset|setWeights|trainOnBatch|evaluate|evaluateDataset).*)$/;
const READS =
  /^(?:data|dataSync|array|arraySync|bytes|buffer|bufferSync|print|toString|shape|dtype|rank|size|id|isDisposed)$/;

/** Whether the call makes a tensor that its caller must free. */
export function makesTensor(flow: Flow, call: Call): boolean {
  const names = flow.names(call);
  if (names.length === 0 || names.some((name) => !name.startsWith('tfjs.'))) return false;
  if (
    names.some(
      (name) => OWNERS.test(name) || SCOPES.has(name) || /\.(?:clone|reshape|as\w+|dispose)$/.test(name),
    )
  )
    return false;
  return flow.objects(call).some(({ types, origin }) => types.includes('tfjs.Tensor') && origin === call);
}

/** Whether `tf.tidy`, a gradient function or an engine scope frees what the node makes. */
export function isManaged(flow: Flow, node: Node, depth = 0): boolean {
  for (const parent of ancestors(node)) {
    if (parent.kind !== 'call') continue;
    if (!flow.names(parent).some((name) => MANAGED.test(name))) continue;
    if (parent.args.some((argument) => argument.value.kind === 'function' && contains(argument.value, node)))
      return true;
  }
  if (/\bstartScope\b/.test(flow.moduleOf(node).text)) return true;
  const fn = enclosingFunction(node);
  if (!fn || depth > 3) return false;
  const callers = flow.callers(fn).filter((call) => !contains(fn, call));
  if (callers.length > 0 && callers.every((call) => isManaged(flow, call, depth + 1))) return true;
  // an inline callback runs where its call stands: `boxes.map((box) => box.sum())` inside tidy was seen above
  return handedToScope(flow, fn);
}

/** `tf.tidy(step)`. */
function handedToScope(flow: Flow, fn: FunctionNode): boolean {
  if (!fn.name) return false;
  return flow
    .moduleOf(fn)
    .calls.some(
      (call) =>
        call.args.some(({ value }) => value.kind === 'name' && value.name === fn.name) &&
        flow.names(call).some((name) => MANAGED.test(name)),
    );
}

export type Fate =
  /** Nothing can free it: no name holds it. */
  | { readonly kind: 'nameless' }
  /** A local name holds it, and only reads and operations use that name. */
  | { readonly kind: 'named'; readonly name: string; readonly assign: Assign; readonly uses: readonly Name[] }
  /** Freed, kept, returned, or handed to someone who may free it. */
  | { readonly kind: 'owned' };

const OWNED: Fate = { kind: 'owned' };

/** What becomes of a tensor. */
export function fateOf(flow: Flow, call: Call): Fate {
  let node: Node = call;
  let parent = call.parent;
  while (parent?.kind === 'await' || (parent?.kind === 'unknown' && parent.children.length === 1)) {
    node = parent;
    parent = parent.parent;
  }
  switch (parent?.kind) {
    case 'member':
      return memberFate(flow, parent.property, parent);
    case 'argument': {
      const user = parent.parent;
      return user?.kind === 'call' && borrows(flow, user) ? { kind: 'nameless' } : OWNED;
    }
    case 'sequence': {
      // `tf.concat([a.mul(b), c])`
      const argument = parent.parent;
      const user = argument?.kind === 'argument' ? argument.parent : null;
      return user?.kind === 'call' && borrows(flow, user) ? { kind: 'nameless' } : OWNED;
    }
    case 'expression':
      return { kind: 'nameless' };
    case 'assign': {
      const target = parent.targets[0];
      if (target?.kind !== 'name' || parent.value !== node || parent.declaration === null) return OWNED;
      return nameFate(flow, target, parent);
    }
    default:
      return OWNED;
  }
}

function memberFate(flow: Flow, property: string, member: Node): Fate {
  if (property === 'dispose') return OWNED;
  if (READS.test(property)) return { kind: 'nameless' };
  const call = member.parent;
  return call?.kind === 'call' && makesTensor(flow, call) ? { kind: 'nameless' } : OWNED;
}

/** Whether the call only looks at its arguments: tensor operations, model runs, the console. */
/** `model.predict(x)`, on a model that a caller brings. */
export function runsGivenModel(flow: Flow, call: Call): boolean {
  return (
    flow.names(call).every((name) => /^\?\.(?:predict|predictOnBatch|execute|executeAsync)$/.test(name)) &&
    call.callee.kind === 'member' &&
    /model|net/i.test(lastName(call.callee.object))
  );
}

function borrows(flow: Flow, call: Call): boolean {
  if (runsGivenModel(flow, call)) return true;
  const names = flow.names(call);
  if (names.some((name) => OWNERS.test(name))) return false;
  return (
    (names.length > 0 &&
      names.every(
        (name) =>
          /^globalThis\.console\.\w+$/.test(name) ||
          /^tfjs\.(?:LayersModel|GraphModel|Sequential)\.(?:predict|predictOnBatch|execute|executeAsync|predictAsync)$/.test(
            name,
          ) ||
          /^tfjs\.browser\.toPixels$/.test(name),
      )) ||
    makesTensor(flow, call)
  );
}

function nameFate(flow: Flow, target: Name, assign: Assign): Fate {
  const fn = enclosingFunction(assign);
  if (!fn) return OWNED;
  const uses = descendants(fn.body, 'name').filter((one) => one.name === target.name && one !== target);
  for (const use of uses) {
    const parent = use.parent;
    if (use.end < assign.start) return OWNED;
    switch (parent?.kind) {
      case 'member': {
        if (parent.object !== use || memberFate(flow, parent.property, parent) === OWNED) return OWNED;
        break;
      }
      case 'argument': {
        const user = parent.parent;
        if (user?.kind !== 'call' || !borrows(flow, user)) return OWNED;
        break;
      }
      case 'sequence': {
        const user = parent.parent?.kind === 'argument' ? parent.parent.parent : null;
        if (user?.kind !== 'call' || !borrows(flow, user)) return OWNED;
        break;
      }
      default:
        return OWNED;
    }
  }
  return { kind: 'named', name: target.name, assign, uses };
}

export interface Leak {
  readonly call: Call;
  readonly fate: Exclude<Fate, { kind: 'owned' }>;
}

/** Tensors that the function makes in its own body and that nothing frees, in source order. */
export function leaksOf(flow: Flow, fn: FunctionNode, module: Module): readonly Leak[] {
  return module.calls.flatMap((call): Leak[] => {
    if (enclosingFunction(call) !== fn || !makesTensor(flow, call)) return [];
    const fate = fateOf(flow, call);
    return fate.kind === 'owned' || isManaged(flow, call) ? [] : [{ call, fate }];
  });
}

/** The expression that a chain of operations belongs to, as a whole: the value of a declaration or an argument. */
export function outermost(call: Call): Expr {
  let node: Expr = call;
  for (const parent of ancestors(call)) {
    if (parent.kind === 'member' || parent.kind === 'call') node = parent;
    else if (parent.kind !== 'argument' && parent.kind !== 'sequence') break;
  }
  return node;
}
