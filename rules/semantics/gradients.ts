/** Whether autograd records what runs at a place. */
import type { Flow, ObjectValue } from '../../analysis/flow/types.ts';
import { ofModule } from '../../analysis/memo.ts';
import type { Call, ClassNode, Expr, FunctionNode, Loop, Module, Node } from '../../analysis/model.ts';
import {
  ancestors,
  classOf,
  contains,
  descendants,
  enclosingFunction,
  enclosingWithItems,
  lastName,
} from '../../analysis/tree.ts';
import { GRADIENT_FREE } from '../knowledge/infers.ts';
import type { Forward } from './forward.ts';
import { inProgram, memoized } from './memo.ts';
import { slice } from './slice.ts';
import { isGraphless } from './torch-training.ts';

/** `mixed`: some callers turn gradients off and some do not. `unknown`: a context of which nothing is known. */
export type GradientState = 'off' | 'on' | 'mixed' | 'unknown';

const TURNS_OFF = new Set(GRADIENT_FREE);

/** Contexts that leave gradients as they are. */
const NEUTRAL_CONTEXTS =
  /^(?:torch\.(?:amp\.|autograd\.(?:profiler|set_detect_anomaly|detect_anomaly)|profiler\.|cuda\.|device|backends\.|random\.|nn\.attention|autocast)|builtins\.|io\.|tqdm|time\.|contextlib\.(?:nullcontext|suppress|redirect)|warnings\.|tempfile\.|zipfile\.|h5py\.|PIL\.|open|codecarbon\.|concurrent\.|multiprocessing\.|threading\.|mlflow\.|streamlit\.|gradio\.|rich\.|tensorflow\.|pathlib\.|wandb\.|gzip\.|lmdb\.|pdfplumber\.|matplotlib|plt|numpy\.|pandas\.|accelerate\.Accelerator\.(?:autocast|accumulate|main_process_first)|experiment)/;

/** Whether an expression that is entered (`with`) or put before a function (`@`) turns gradients off. */
function turnsOff(flow: Flow, expr: Expr, depth = 0): boolean | 'unknown' {
  if (expr.kind === 'conditional')
    return turnsOff(flow, expr.then, depth) || turnsOff(flow, expr.otherwise, depth);
  const values = flow.values(expr);
  let isKnown = false;
  for (const value of values) {
    if (value.kind === 'library') {
      if (TURNS_OFF.has(value.name)) return true; // `@torch.no_grad` without parentheses
      isKnown = true;
    } else if (value.kind === 'object') {
      const type = value.types[0] ?? '';
      if (TURNS_OFF.has(type)) return true;
      if (type === 'torch.set_grad_enabled') {
        const flag = value.origin?.args[0];
        return !(flag && flow.constant(flag.value) === true);
      }
      if (NEUTRAL_CONTEXTS.test(type)) isKnown = true;
      if (value.class && depth < 3) {
        isKnown = true;
        if (mentionsOff(flow, value.class)) return true;
      }
    } else if (value.kind === 'function' && depth < 3) {
      isKnown = true;
      if (mentionsOff(flow, value.function)) return true;
    } else if (value.kind === 'class' && mentionsOff(flow, value.class)) return true;
  }
  if (expr.kind === 'call') {
    const targets = flow.targets(expr);
    if (targets.some((target) => mentionsOff(flow, target))) return true;
    if (targets.length > 0) isKnown = true;
    if (flow.names(expr).some((name) => NEUTRAL_CONTEXTS.test(name))) isKnown = true;
  }
  return isKnown ? false : 'unknown';
}

/** Whether a decorator's or a context manager's own code has to do with turning gradients off. */
const mentionsOff = memoized((flow, node: Node): boolean => {
  return descendants(node, 'member').some((member) =>
    flow
      .values(member)
      .some(
        (value) =>
          value.kind === 'library' && (TURNS_OFF.has(value.name) || value.name === 'torch.set_grad_enabled'),
      ),
  );
});

/** Whether a decorator turns gradients off: torch's own, or a local one made of it. */
export function isGradientFree(flow: Flow, fn: FunctionNode): boolean {
  return fn.decorators.some((decorator) => turnsOff(flow, decorator) === true);
}

/** Statements that turn gradients off for what comes after: `torch.set_grad_enabled(False)`, `no_grad().__enter__()`. */
const switches = memoized((flow, module: Module): readonly Call[] => {
  return module.calls.filter((call) => {
    const parent = call.parent;
    const names = flow.names(call);
    if (names.includes('torch.set_grad_enabled')) {
      if (parent?.kind !== 'expression') return false;
      return !(call.args[0] && flow.constant(call.args[0].value) === true);
    }
    const callee = call.callee;
    if (callee.kind !== 'member' || !['__enter__', 'enter_context', 'push'].includes(callee.property))
      return false;
    const context = callee.property === '__enter__' ? callee.object : call.args[0]?.value;
    return context !== undefined && turnsOff(flow, context) === true;
  });
});

const turnsThemOff = inProgram((module, flow) => switches(flow, module).length > 0);

/** Whether autograd records what the node does. */
export function gradientState(flow: Flow, node: Node): GradientState {
  const module = flow.moduleOf(node);
  if (turnsThemOff(module, flow) || isVolatile(node, module)) return 'off';
  return followsBareWith(node) ? 'unknown' : stateAt(flow, node, new Set());
}

/** Whether a `with` above the node has lost its body, in a cell without its indentation: what it was put around cannot be told. */
function followsBareWith(node: Node): boolean {
  let child: Node = node;
  for (const parent of ancestors(node)) {
    if (
      parent.kind === 'block' &&
      parent.statements.some(
        (one) => one.start < child.start && one.kind === 'with' && one.body.statements.length === 0,
      )
    )
      return true;
    child = parent;
  }
  return false;
}

/** How PyTorch before 0.4 turned gradients off: `Variable(x, volatile=True)`. */
const volatiles = ofModule(({ calls }) =>
  calls.filter((call) =>
    call.args.some(
      ({ name, value }) => name === 'volatile' && !(value.kind === 'literal' && value.value === false),
    ),
  ),
);

function isVolatile(node: Node, module: Module): boolean {
  const around = enclosingFunction(node);
  return volatiles(module).some((call) => around === null || contains(around, call));
}

/** Whether autograd records what a forward pass does, the model's own decorators and contexts included. */
export function forwardGradients(flow: Flow, forward: Forward): GradientState {
  const { call, objects, method } = forward;
  const around = gradientState(flow, call);
  if (around === 'off') return 'off';
  const isFree = (fn: FunctionNode) => isGradientFree(flow, fn) || runsFree(flow, fn);
  const run = method ? [method] : flow.targets(call);
  if (run.length > 0 && run.every(isFree)) return 'off';
  if (objects.length > 0 && objects.every((object) => isFrozen(flow, object, flow.moduleOf(call))))
    return 'off';
  if (objects.length === 0 && isFrozenByName(flow, call)) return 'off';
  return around === 'on' && convertsDirectly(flow, call) ? 'unknown' : around;
}

/** Whether all that a module's method passes through the module stands under `no_grad`. */
function runsFree(flow: Flow, method: FunctionNode): boolean {
  const self = method.parameters[0]?.name;
  const own = descendants(method.body, 'call').filter((call) => {
    const root = call.callee.kind === 'member' ? call.callee.object : call.callee;
    return root.kind === 'name' && root.name === self && !SETS_UP.test(lastName(call.callee));
  });
  return (
    own.length > 0 &&
    own.every((call) => enclosingWithItems(call).some((item) => turnsOff(flow, item.context) === true))
  );
}

/** What a module does to itself before it passes anything through. */
const SETS_UP = /^(?:eval|train|to|cuda|cpu|half|float|parameters|state_dict|load_state_dict|zero_grad)$/;

/** Methods that keep a graph's values but may give indices, which have none. */
const INDEXING = /^(?:max|min|topk|sort|median|mode|kthvalue)$/;

/**
 * Whether the result becomes an array and is nowhere detached. With gradients that raises an error: as the program is
 * there, something unseen must turn them off.
 */
function convertsDirectly(flow: Flow, forward: Call): boolean {
  const module = flow.moduleOf(forward);
  const around = enclosingFunction(forward);
  const scope: Node = around?.body ?? module.body;
  const stops = (expr: Expr) =>
    isGraphless(flow, expr) ||
    (expr.kind === 'call' &&
      (expr.callee.kind === 'member' ? INDEXING.test(expr.callee.property) : flow.targets(expr).length > 0));
  const comesFrom = (properties: RegExp) => {
    const receivers = descendants(scope, 'member', true).flatMap((member) =>
      properties.test(member.property) ? [member.object] : [],
    );
    return receivers.length > 0 && slice(flow, receivers, { stops, program: false }).has(forward);
  };
  return comesFrom(/^numpy$/) && !comesFrom(/^(?:detach|data)$/);
}

function stateAt(flow: Flow, node: Node, seen: Set<FunctionNode>): GradientState {
  let isUnknown = false;
  for (const item of enclosingWithItems(node)) {
    if (flow.isA(item.context, 'torch.enable_grad')) return 'unknown'; // somebody wants them
    const off = turnsOff(flow, item.context);
    if (off === true) return 'off';
    if (off === 'unknown') isUnknown = true;
  }
  const fn = enclosingFunction(node);
  if (!fn) return isUnknown ? 'unknown' : 'on';
  if (isGradientFree(flow, fn)) return 'off';
  if (seen.has(fn)) return 'off'; // a function that calls itself: as its other callers say
  seen.add(fn);
  const callers = flow.callers(fn);
  if (callers.length === 0) {
    // a local function that is only handed on runs where its surroundings do
    const outer = enclosingFunction(fn);
    if (outer && !classOf(fn) && stateAt(flow, fn, seen) === 'off') return 'off';
    return isUnknown ? 'unknown' : 'on';
  }
  const states = callers.map((call) => stateAt(flow, call, new Set(seen)));
  if (states.every((state) => state === 'off')) return 'off';
  if (isUnknown || states.includes('unknown')) return 'unknown';
  return states.every((state) => state === 'on') ? 'on' : 'mixed';
}

/** What may freeze a model, by what it is called on. */
interface Freezings {
  /** `model.requires_grad_(False)`, `module.freeze()`. */
  readonly calls: readonly { readonly model: Expr; readonly call: Call }[];
  /** `for p in model.parameters(): p.requires_grad = False`. */
  readonly loops: readonly Expr[];
}

const freezings = ofModule(
  (module): Freezings => ({
    calls: module.calls.flatMap((call) =>
      call.callee.kind === 'member' && /^(?:requires_grad_|freeze)$/.test(call.callee.property)
        ? [{ model: call.callee.object, call }]
        : [],
    ),
    loops: module.loops.flatMap((loop) => frozenBy(loop) ?? []),
  }),
);

/** Whether every weight of the model is frozen and none is added after: nothing is recorded then. */
export function isFrozen(flow: Flow, object: ObjectValue, module: Module): boolean {
  if (isAutoShape(flow, object) || (object.class && freezesItself(flow, object.class))) return true;
  const { site, types } = object;
  const isIt = (expr: Expr) => flow.objects(expr).some((value) => value.site === site);
  for (const one of flow.related(module)) {
    const { calls, loops } = freezings(one);
    for (const { model, call } of calls) {
      const flag = call.args[0];
      const isFreezing =
        lastName(call.callee) === 'freeze'
          ? types.includes('lightning.LightningModule')
          : flag !== undefined && flow.constant(flag.value) === false;
      if (isFreezing && isIt(model)) return true;
    }
    if (loops.some(isIt) && !replacesPart(flow, site, one)) return true;
  }
  return false;
}

/** The model whose parameters the loop freezes: `for p in model.parameters(): p.requires_grad = False`. */
function frozenBy(loop: Loop, isFalse: (value: Expr) => boolean = isLiterallyFalse): Expr | null {
  if (loop.kind !== 'for' || loop.target.kind !== 'name') return null;
  const target = loop.target.name;
  const source = loop.iterable;
  if (source.kind !== 'call' || source.callee.kind !== 'member' || source.callee.property !== 'parameters')
    return null;
  const freezes = descendants(loop.body, 'assign').some(
    (assign) =>
      assign.value &&
      isFalse(assign.value) &&
      assign.targets.some(
        (one) =>
          one.kind === 'member' &&
          one.property === 'requires_grad' &&
          one.object.kind === 'name' &&
          one.object.name === target,
      ),
  );
  return freezes ? source.callee.object : null;
}

const isLiterallyFalse = (value: Expr): boolean => value.kind === 'literal' && value.value === false;

/** Whether a network freezes all its weights as it is built: `for p in self.parameters(): p.requires_grad = requires_grad`. */
const freezesItself = memoized((flow, own: ClassNode): boolean =>
  own.body.statements.some((method) => {
    if (method.kind !== 'function' || method.name !== '__init__') return false;
    const self = method.parameters[0]?.name;
    const isFalse = (value: Expr) => {
      const known = flow.constants(value);
      return known.length > 0 && known.every((one) => one === false);
    };
    const loop = method.body.statements.find((one) => {
      const frozen = one.kind === 'for' ? frozenBy(one, isFalse) : null;
      return frozen?.kind === 'name' && frozen.name === self;
    });
    return (
      loop !== undefined &&
      !descendants(method.body, 'assign').some(
        (one) =>
          one.start > loop.end &&
          one.targets.some((target) => target.kind === 'member' && lastName(target) !== 'requires_grad'),
      )
    );
  }),
);

/** The same for a model of a library that is not known: by its name, frozen above the call in the same function. */
function isFrozenByName(flow: Flow, { callee, start }: Call): boolean {
  if (callee.kind !== 'name') return false;
  const fn = enclosingFunction(callee);
  const module = flow.moduleOf(callee);
  const isIt = (node: Node | null): boolean => node?.kind === 'name' && node.name === callee.name;
  const loop = module.loops.find(
    (one) => one.end < start && enclosingFunction(one) === fn && isIt(frozenBy(one)),
  );
  if (!loop) return false;
  return !module.assigns.some(
    (assign) =>
      assign.start > loop.end &&
      assign.end < start &&
      assign.targets.some((target) => isIt(target) || (target.kind === 'member' && isIt(target.object))),
  );
}

/** YOLOv5 from the hub turns gradients off by itself. */
function isAutoShape(flow: Flow, { origin }: ObjectValue): boolean {
  if (!origin || !flow.names(origin).includes('torch.hub.load')) return false;
  const repository = origin.args[0] ? flow.constant(origin.args[0].value) : undefined;
  return typeof repository === 'string' && repository.startsWith('ultralytics/');
}

/** `model.fc = nn.Linear(…)`: a new part, with gradients. */
function replacesPart(flow: Flow, site: Node, module: Module): boolean {
  return module.assigns.some((assign) =>
    assign.targets.some((target) => {
      let object = target.kind === 'member' || target.kind === 'index' ? target.object : null;
      while (object && (object.kind === 'member' || object.kind === 'index')) {
        if (flow.objects(object).some((one) => one.site === site)) return true;
        object = object.object;
      }
      return object !== null && flow.objects(object).some((one) => one.site === site);
    }),
  );
}
