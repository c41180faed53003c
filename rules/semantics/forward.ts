/** Forward passes of torch models, and which of them are inference: wanted for their result, not for gradients. */
import { reachingBindings } from '../../analysis/flow/reaching.ts';
import type { Flow, ObjectValue, Value } from '../../analysis/flow/types.ts';
import { ofModule } from '../../analysis/memo.ts';
import type { Call, ClassNode, Expr, FunctionNode, Module, Node } from '../../analysis/model.ts';
import {
  ancestors,
  classOf,
  descendants,
  enclosingClass,
  enclosingFunction,
  enclosingLoops,
  lastName,
} from '../../analysis/tree.ts';
import { endsGraphless, fateOf } from './fate.ts';
import { isFromPretrained, isTorchLayer, makeupOf } from './layers.ts';
import { inProgram, memoized, memoizedComponent } from './memo.ts';
import { returned, slice } from './slice.ts';
import {
  asksForGradients,
  functionTrains,
  isDifferentiated,
  isGraphless,
  isInsideTraining,
  isInvolvedInTraining,
  isStepLoop,
  loopsOutwards,
  runsTraining,
} from './torch-training.ts';
import { isTestCode } from './unit-tests.ts';

export interface Forward {
  readonly call: Call;
  /** What is called: `model` in `model(x)`, in `model.forward(x)` and in `model.predict(x)`. */
  readonly model: Expr;
  /** The models it may be, as far as they are known. */
  readonly objects: readonly ObjectValue[];
  /** Whether `objects` is all that it may be. */
  readonly isCertain: boolean;
  /** The method of a local class that runs the pass, where it is not `forward`. */
  readonly method: FunctionNode | null;
}

const MODULE = 'torch.nn.Module';

const isModule = (value: Value): boolean => value.kind === 'object' && value.types.includes(MODULE);

const isTensor = (value: Value): boolean => value.kind === 'object' && value.types[0] === 'torch.Tensor';

/** torch's losses, metrics, transforms, and models that look after modes and gradients themselves. */
const NO_MODEL =
  /^(?:torch\.nn\._Loss|torchmetrics\.|torchvision\.transforms\.|kornia\.|facenet_pytorch\.MTCNN|ultralytics\.|sentence_transformers\.|torch\.jit\.ScriptFunction|lpips\.|pytorch_msssim\.|whisper\.)/;

const looksAfterItself = (value: Value): boolean =>
  value.kind === 'object' && value.types.some((type) => NO_MODEL.test(type));

/** Methods that only a module has, to tell one whose class is not in sight. */
const MODULE_METHODS = new Set([
  'parameters',
  'named_parameters',
  'state_dict',
  'load_state_dict',
  'zero_grad',
  'named_modules',
]);

/** Those, and what leads to `eval()`. */
const MODULE_CALLS = new RegExp(`^(?:${[...MODULE_METHODS].join('|')}|eval|to|cuda|cpu|half|float)$`);

const evidence = memoized((_flow, _site: Node): { isModule?: boolean } => ({}));

/** Whether something of unknown type is used as only a torch module can be. */
function behavesLikeModule(flow: Flow, value: Value, site: Node): boolean {
  const known = evidence(flow, site);
  known.isModule ??= flow.uses(value, MODULE_CALLS).some((use) => {
    if (use.role !== 'receiver' || use.method === null) return false;
    if (MODULE_METHODS.has(use.method)) return true;
    return importsTorch(flow.moduleOf(use.call)) && (isEval(use.call) || leadsToEval(use.call));
  });
  return known.isModule;
}

function isEval(call: Call): boolean {
  return call.callee.kind === 'member' && call.callee.property === 'eval' && call.args.length === 0;
}

/** `model.to(device).eval()`, where nothing is known of `model`. */
function leadsToEval(call: Call): boolean {
  if (call.callee.kind !== 'member' || !/^(?:to|cuda|cpu|half|float)$/.test(call.callee.property))
    return false;
  const member = call.parent;
  const next = member?.kind === 'member' ? member.parent : null;
  return next?.kind === 'call' && next.callee === member && (isEval(next) || leadsToEval(next));
}

export function importsTorch(module: Module): boolean {
  return module.imports.some((one) => /^torch(?:\.|$)/.test(one.module));
}

/** Methods by which library models pass something through a part of themselves: CLIP and its like, timm, wav2vec. */
const PARTIAL_PASSES =
  /^(?:get_(?:image|text|audio|video)_features|encode_(?:image|text)|forward_features|extract_features)$/;

/** The forward pass that the call is; null where it is none, or where that cannot be told. */
export function forwardOf(flow: Flow, call: Call): Forward | null {
  const callee = call.callee;
  const direct = modelsIn(flow, callee);
  if (direct) return { call, model: callee, ...direct, method: null };
  if (callee.kind !== 'member') return null;
  const values = flow.values(callee);
  const methods = values.flatMap((value) =>
    value.kind === 'function' && value.self && isModule(value.self) ? [value.function] : [],
  );
  const isForward = callee.property === 'forward' && (methods.length > 0 || values.length > 0);
  const method = methods.find((one) => runsModel(flow, one)) ?? null;
  const isPartial = methods.length === 0 && PARTIAL_PASSES.test(callee.property);
  if (!isForward && !method && !isPartial) return null;
  const held = modelsIn(flow, callee.object);
  if (isPartial && !held?.objects.some((object) => object.class === null)) return null;
  return held && { call, model: callee.object, ...held, method: isForward ? null : method };
}

function modelsIn(flow: Flow, expr: Expr): Pick<Forward, 'objects' | 'isCertain'> | null {
  const objects: ObjectValue[] = [];
  let isCertain = true;
  let isModel = false;
  const known = new Set<string | undefined>();
  const foreign: (string | undefined)[] = [];
  const values = flow.values(expr);
  if (values.length === 0 && (isSetToEval(flow, expr) || isSetUpByName(flow, expr)))
    return { objects: [], isCertain: false };
  for (const value of values) {
    // what a helper hands on for others: nobody calls a list, a tensor or None
    if (value.kind === 'constant' || value.kind === 'display' || isTensor(value)) continue;
    if (value.kind === 'object') {
      if (looksAfterItself(value)) return null;
      if (isModule(value)) {
        objects.push(value);
        isModel = true;
        continue;
      }
      if (value.class === null && /^(?:numpy\.|builtins\.|keras\.|tensorflow\.)/.test(value.types[0] ?? ''))
        return null;
      isCertain = false;
      if (
        value.class === null &&
        (isSetToEval(flow, expr) ||
          behavesLikeModule(flow, value, value.site) ||
          isLoadedAndCalled(flow, value.origin, expr))
      ) {
        isModel = true;
        known.add(value.types[0]);
      } else if (!isMadeOfModule(flow, value)) foreign.push(value.types[0]);
    } else if (value.kind === 'parameter') {
      isCertain = false;
      if (behavesLikeModule(flow, value, value.parameter)) isModel = true;
    } else return null;
  }
  // a function reads what the program's name stands for by then: another library's model, it may be
  const isForeign = foreign.some((type) => !known.has(type));
  if (isForeign && expr.kind === 'name' && enclosingFunction(expr) !== null) return null;
  return isModel ? { objects, isCertain } : null;
}

/** `accelerator.prepare(net)`, `wrap(net)`: what is not known is made of a module. */
function isMadeOfModule(flow: Flow, { origin }: ObjectValue): boolean {
  if (!origin) return true;
  const { callee, args } = origin;
  const given = [...args.map(({ value }) => value), ...(callee.kind === 'member' ? [callee.object] : [])];
  return given.some((one) => flow.values(one).some((value) => isModule(value) || value.kind === 'parameter'));
}

/** `torch.load("net.pt").cpu()`, called: of all that a file may hold, modules are called. */
function isLoadedAndCalled(flow: Flow, origin: Call | null, expr: Expr): boolean {
  if (!origin || expr.parent?.kind !== 'call' || expr.parent.callee !== expr) return false;
  if (flow.names(origin).includes('torch.load')) return true;
  const { callee } = origin;
  return (
    callee.kind === 'member' &&
    /^(?:to|cuda|cpu|half|float|double)$/.test(callee.property) &&
    flow.objects(callee.object).some((one) => one.origin && flow.names(one.origin).includes('torch.load'))
  );
}

/** `net.load_state_dict(…)` and `net.eval()`, by the name they are called on. */
const setUps = ofModule(({ calls }): ReadonlyMap<string, readonly Call[]> => {
  const found = new Map<string, Call[]>();
  for (const call of calls) {
    const { callee } = call;
    if (callee.kind !== 'member' || callee.object.kind !== 'name') continue;
    if (callee.property !== 'load_state_dict' && !isEval(call)) continue;
    const list = found.get(callee.object.name);
    if (list) list.push(call);
    else found.set(callee.object.name, [call]);
  }
  return found;
});

/** A network of a class that is nowhere to be found, loaded and set to evaluation above in the same function. */
function isSetUpByName(flow: Flow, expr: Expr): boolean {
  const module = flow.moduleOf(expr);
  if (expr.kind !== 'name' || !importsTorch(module)) return false;
  const above = (setUps(module).get(expr.name) ?? []).filter(
    (call) => call.end < expr.start && enclosingFunction(call) === enclosingFunction(expr),
  );
  return above.some(isEval) && above.some((call) => !isEval(call));
}

/** `net = net.eval()`, where nothing is known of `net`: what `eval()` returns is the module itself. */
function isSetToEval(flow: Flow, expr: Expr): boolean {
  const module = flow.moduleOf(expr);
  if (expr.kind !== 'name' || !importsTorch(module)) return false;
  const bindings = reachingBindings(expr, module);
  return (
    bindings.length > 0 &&
    bindings.every(({ node }) => node.kind === 'assign' && node.value?.kind === 'call' && isEval(node.value))
  );
}

/** Whether a module's own method passes something through the module or its parts. */
const runsModel = memoized((flow, method: FunctionNode): boolean => {
  const self = method.parameters[0]?.name;
  return (
    method.name !== null &&
    !/^(?:__|_?(?:init|reset|load|save|build|make|configure|compute_loss|loss)|training_step|validation_step|test_step|predict_step)/.test(
      method.name,
    ) &&
    descendants(method.body, 'call').some((call) => {
      const root = call.callee.kind === 'member' ? call.callee.object : call.callee;
      if (root.kind !== 'name' || root.name !== self) return false;
      return (
        flow.values(call.callee).some((value) => isModule(value) && !looksAfterItself(value)) ||
        (call.callee.kind === 'member' && call.callee.property === 'forward')
      );
    })
  );
});

/** Classes whose methods a library calls with modes and gradients set by itself. */
const HOOKED =
  /^(?:torch\.nn\.Module|torch\.autograd\.Function|lightning\.|transformers\.(?:Trainer|TrainerCallback|Pipeline)|fastai\.|ignite\.|catalyst\.|skorch\.|trl\.|sentence_transformers\.|keras\.|mmcv\.|mmengine\.|detectron2\.|stable_baselines3\.|ray\.rllib\.|flair\.)/;

function isHooked(flow: Flow, node: Node): boolean {
  for (let owner: ClassNode | null = enclosingClass(node); owner; owner = enclosingClass(owner)) {
    const bases = flow.bases(owner);
    if (bases.some((base) => HOOKED.test(base))) return true;
    // a base class of a library that nobody knows, and a `forward` of one's own: a model as well
    const isForward = (one: Node) => one.kind === 'function' && one.name === 'forward';
    if (bases.some((base) => base.includes('.')) && owner.body.statements.some(isForward)) return true;
  }
  return false;
}

/** Why a forward pass is none of inference, or `inference`. The words are for tests and debugging. */
export type Purpose =
  | 'inference'
  | 'part of a model'
  | 'unit test'
  | 'training'
  | 'result unused'
  | 'no weights'
  | 'loss'
  | 'demonstration'
  | 'smoke test'
  | 'result handed out'
  | 'training step'
  | 'gradients wanted';

/** A local class that measures how wrong a result is, whatever networks it measures with. */
function isLoss({ class: own }: ObjectValue): boolean {
  return own !== null && /(?:loss|criterion)$/i.test(own.name ?? '');
}

function purposeOf(flow: Flow, forward: Forward): Purpose {
  const { call, objects } = forward;
  if (isHooked(flow, call)) return 'part of a model';
  if (isTestCode(flow.moduleOf(call), call)) return 'unit test';
  if (isInvolvedInTraining(flow, call)) return 'training';
  if (objects.length > 0 && objects.every((object) => makeupOf(flow, object).hasWeights === 'no'))
    return 'no weights';
  if (objects.length > 0 && objects.every(isLoss)) return 'loss';
  const fate = fateOf(flow, call);
  if (fate === 'unused' || (fate === 'unread' && enclosingLoops(call).length === 0)) return 'result unused';
  const isSynthetic = hasSyntheticInput(flow, forward);
  if (
    fate === 'measured' ||
    (fate === 'shown' && (isSynthetic || isTriedOut(flow, forward) || isFirstLook(call)))
  )
    return 'smoke test';
  if (forward.isCertain && !objects.some((object) => isInUse(flow, object, call))) return 'demonstration';
  if (isPartOfUnused(flow, forward)) return 'demonstration';
  if (
    (fate === 'shown' || isOneTrainingBatch(flow, call)) &&
    objects.length > 0 &&
    objects.every((object) => isTrainedLater(flow, object, call))
  )
    return 'demonstration';
  if (wantsGradients(flow, call)) return 'gradients wanted';
  if (isInsideTraining(flow, call) && (isSynthetic || objects.some((object) => isAdversary(flow, object))))
    return 'training step';
  if (isInTrainingStep(flow, call) && !(isAside(flow, call) && endsGraphless(flow, call, 0)))
    return 'training step';
  if (isHandedOut(flow, call, new Set())) return 'result handed out';
  return 'inference';
}

/** `for x, _ in loader: print(net(x)); break`: what one batch gives. */
function isFirstLook(call: Call): boolean {
  const [loop] = enclosingLoops(call);
  return loop?.kind === 'for' && loop.body.statements.at(-1)?.kind === 'break';
}

/** `if __name__ == "__main__": print(Net()(x))`, in the file of the network, which nothing trains or loads there: it is tried out. */
function isTriedOut(flow: Flow, { call, objects }: Forward): boolean {
  const module = flow.moduleOf(call);
  return (
    objects.length > 0 &&
    isMainOnly(flow, call) &&
    objects.every(
      (object) =>
        object.class !== null &&
        flow.moduleOf(object.class) === module &&
        !isLoaded(flow, object) &&
        !isTrained(flow, object),
    )
  );
}

/** Whether the node runs only where its file is run as a script. */
function isMainOnly(flow: Flow, node: Node): boolean {
  const fn = enclosingFunction(node);
  if (fn) {
    const callers = flow.callers(fn);
    return callers.length > 0 && callers.every((one) => !enclosingFunction(one) && isMainOnly(flow, one));
  }
  for (const parent of ancestors(node))
    if (parent.kind === 'if' && descendants(parent.test, 'name').some((one) => one.name === '__name__'))
      return true;
  return false;
}

/** Whether the model has learnt something by then: else the pass shows how it runs, no more. */
function isInUse(flow: Flow, object: ObjectValue, call: Call): boolean {
  if (object.origin === null || isFromPretrained(object.origin)) return true; // made where nobody sees, or loaded
  if (isTrained(flow, object)) return isLoaded(flow, object) || !isBeforeTraining(flow, object, call);
  if (isTorchLayer(object.types[0] ?? '')) return false;
  return makeupOf(flow, object).isPretrained || isLoaded(flow, object);
}

/** Whether the model has learnt nothing yet: a library's own comes trained where it says so. */
function isBeforeTraining(flow: Flow, object: ObjectValue, call: Call): boolean {
  if (object.class === null && makeupOf(flow, object).isPretrained) return false;
  return !hasTrainedBefore(flow, object, call);
}

/** `model.conv1(x)` of a network that has learnt nothing, or is not known to. */
function isPartOfUnused(flow: Flow, { call, model }: Forward): boolean {
  if (model.kind !== 'member') return false;
  const owners = flow.objects(model.object).filter(isModule);
  return owners.length > 0 && !owners.some((owner) => isInUse(flow, owner, call));
}

/** `for images, labels in train_loader: …; break`: one batch of what it will learn from. */
function isOneTrainingBatch(flow: Flow, call: Call): boolean {
  const loop = enclosingLoops(call)[0];
  if (loop?.kind !== 'for') return false;
  const { text } = flow.moduleOf(call);
  return (
    /train/i.test(text.slice(loop.iterable.start, loop.iterable.end)) &&
    descendants(loop.body, 'break').some((one) => enclosingLoops(one)[0] === loop)
  );
}

function isTrainedLater(flow: Flow, object: ObjectValue, call: Call): boolean {
  return isTrained(flow, object) && !hasTrainedBefore(flow, object, call);
}

/** Whether training may have gone before the call: false where the model is made in the same function and nothing there trains it. */
function hasTrainedBefore(flow: Flow, object: ObjectValue, call: Call): boolean {
  const fn = enclosingFunction(call);
  if (!object.origin || enclosingFunction(object.origin) !== fn) return true;
  if (
    loopsOutwards(flow, call).some((loop) => loop.kind !== 'comprehension' && runsTraining(flow, loop.body))
  )
    return true;
  return flow.moduleOf(call).calls.some(
    (one) =>
      one.start < call.start &&
      enclosingFunction(one) === fn &&
      (asksForGradients(flow, one) ||
        TRAINS.test(flow.names(one).join(' ')) ||
        flow.targets(one).some((target) => functionTrains(flow, target)) ||
        // a helper of which nothing is seen may train what it is given
        (flow.targets(one).length === 0 &&
          flow.names(one).some((name) => name.startsWith('?.')) &&
          one.args.some((argument) =>
            flow.objects(argument.value).some((value) => value.site === object.site),
          ))),
  );
}

const TRAINS =
  /(?:^| )(?:transformers\.Trainer\.train|lightning\.Trainer\.fit|fastai\.\w+\.fit\w*|skorch\.\w+\.fit)/;

/** The module's forward passes that are inference, in source order. */
export const inferences = memoized((flow, module: Module): readonly Forward[] => {
  return module.language === 'python'
    ? module.calls.flatMap((call) => {
        const forward = forwardOf(flow, call);
        return forward && purposeOf(flow, forward) === 'inference' ? [forward] : [];
      })
    : [];
});

/**
 * Whether the model is trained against another one, which judges its results and others beside them: a generator.
 * Samples drawn while such a pair trains show it as it trains.
 */
function isAdversary(flow: Flow, object: ObjectValue): boolean {
  return adversaries(flow, flow.moduleOf(object.site)).makers.has(object.site);
}

/** Whether the model is one of such a pair, the one that makes or the one that judges. */
export function isOfPair(flow: Flow, object: ObjectValue): boolean {
  const { makers, judges } = adversaries(flow, flow.moduleOf(object.site));
  return makers.has(object.site) || judges.has(object.site);
}

interface Adversaries {
  readonly makers: ReadonlySet<Node>;
  readonly judges: ReadonlySet<Node>;
}

const adversaries = memoizedComponent((flow, modules): Adversaries => {
  const makers = new Set<Node>();
  const judges = new Set<Node>();
  const passes = [...modules].flatMap((module) =>
    module.language === 'python'
      ? module.calls.flatMap((call) =>
          isDifferentiated(flow, call) && !isHooked(flow, call)
            ? [{ call, sites: modelSites(flow, call) }].filter((pass) => pass.sites.length > 0)
            : [],
        )
      : [],
  );
  for (const judge of new Set(passes.flatMap((pass) => pass.sites))) {
    const judged = passes.filter((pass) => pass.sites.includes(judge));
    if (judged.length < 2) continue;
    const inputs = judged.map(({ call }) =>
      slice(
        flow,
        call.args.map((argument) => argument.value),
        { stops: () => false, program: false },
      ),
    );
    for (const maker of passes) {
      if (maker.sites.includes(judge)) continue;
      const fed = inputs.filter((input) => input.has(maker.call)).length;
      if (fed === 0 || fed === inputs.length) continue;
      judges.add(judge);
      for (const site of maker.sites) makers.add(site);
    }
  }
  return { makers, judges };
});

function modelSites(flow: Flow, call: Call): Node[] {
  const callee = call.callee.kind === 'member' ? call.callee.object : call.callee;
  return [...flow.objects(call.callee), ...flow.objects(callee)].flatMap((one) =>
    isModule(one) && !NO_MODEL.test(one.types.join(' ')) && makeupOf(flow, one).hasWeights !== 'no'
      ? [one.site]
      : [],
  );
}

/** Models whose results some `backward()` differentiates, by where they are made. */
const differentiatedModels = memoizedComponent((flow, modules): ReadonlySet<Node> => {
  const found = new Set<Node>();
  for (const module of modules) {
    if (module.language !== 'python') continue;
    for (const call of module.calls) {
      if (!isDifferentiated(flow, call)) continue;
      for (const site of modelSites(flow, call)) found.add(site);
    }
  }
  return found;
});

/** Calls that may have to do with training: what asks for weights, makes a trainer, fits. */
const TRAINING_CALLS = /^(?:parameters|named_parameters|fit|[A-Z]\w*)$/;

/** Whether the workspace trains the model: some `backward()` differentiates its result, or an optimizer has its weights. */
export function isTrained(flow: Flow, object: ObjectValue): boolean {
  if (differentiatedModels(flow, flow.moduleOf(object.site)).has(object.site)) return true;
  return flow.uses(object, TRAINING_CALLS).some((use) => {
    if (use.role === 'receiver' && /^(?:parameters|named_parameters)$/.test(use.method ?? '')) {
      for (const parent of ancestors(use.call)) {
        if (parent.kind === 'call' && flow.names(parent).some((name) => name.startsWith('torch.optim.')))
          return true;
        if (parent.kind === 'block') return false;
      }
    }
    if (use.role !== 'argument') return false;
    return flow
      .names(use.call)
      .some((name) =>
        /^(?:transformers\.(?:Seq2Seq)?Trainer$|lightning\.Trainer\.fit$|skorch\.|fastai\.\w*Learner$)/.test(
          name,
        ),
      );
  });
}

const LOADING_CALLS = /(?:^|_)(?:load|restore|resume)|^load/i;

/** Whether trained weights are put into the model. */
export function isLoaded(flow: Flow, object: ObjectValue): boolean {
  if (
    object.origin &&
    flow.names(object.origin).some((name) => /^torch\.(?:load|jit\.load|hub\.load)$/.test(name))
  )
    return true;
  return flow
    .uses(object, LOADING_CALLS)
    .some(
      (use) =>
        use.role === 'argument' ||
        (use.role === 'receiver' && /(?:^|_)(?:load|restore)/.test(use.method ?? '')),
    );
}

/** Libraries that ask a model for gradients by themselves, to explain it. */
const EXPLAINERS = /^(?:captum|pytorch_grad_cam|torchcam|gradcam|shap|torchattacks|foolbox|art)(?:\.|$)/;

/** Whether the code around asks for gradients by other means than `backward()` on the result. */
function wantsGradients(flow: Flow, call: Call): boolean {
  const fn = enclosingFunction(call);
  const module = flow.moduleOf(call);
  if (requiresInputGradients(flow, call, fn?.body ?? module.body)) return true;
  if (hooksTensors(module, flow)) return true;
  if (!fn) return module.imports.some((one) => EXPLAINERS.test(one.module));
  if (/mc_?dropout|monte_?carlo|uncertaint/i.test(fn.name ?? '')) return true; // dropout on purpose
  return descendants(classOf(fn) ?? fn, 'call').some((one) => {
    const name = one.callee.kind === 'member' ? one.callee.property : '';
    if (/^(?:register_(?:full_)?backward_hook|retain_grad)$/.test(name)) return true;
    if (name === 'requires_grad_') return !(one.args[0] && flow.constant(one.args[0].value) === false);
    return flow.names(one).some((known) => EXPLAINERS.test(known));
  });
}

/** A layer of the program that hooks its tensors at every pass (`attention.register_hook(…)`): without gradients that fails. */
const hooksTensors = inProgram((module, flow) => {
  if (!module.text.includes('.register_hook(')) return false;
  return module.calls.some(({ callee, parent }) => {
    if (callee.kind !== 'member' || callee.property !== 'register_hook' || parent?.kind !== 'expression')
      return false;
    const fn = enclosingFunction(callee);
    const owner = fn && classOf(fn);
    return (
      fn?.name === 'forward' &&
      parent.parent === fn.body &&
      owner != null &&
      flow.bases(owner).includes('torch.nn.Module')
    );
  });
});

/** Every `name.requires_grad = …` of a module. */
const gradientSettings = ofModule((module) =>
  module.assigns.flatMap(({ targets, value, start, end }) =>
    targets.flatMap((target) =>
      target.kind === 'member' &&
      target.property === 'requires_grad' &&
      target.object.kind === 'name' &&
      value
        ? [{ name: target.object.name, value, start, end }]
        : [],
    ),
  ),
);

/** `x.requires_grad = True` on what goes in. */
function requiresInputGradients(flow: Flow, call: Call, scope: Node): boolean {
  return gradientSettings(flow.moduleOf(call)).some(
    ({ name, value, start, end }) =>
      start >= scope.start &&
      end <= scope.end &&
      call.args.some((argument) => descendants(argument.value, 'name').some((one) => one.name === name)) &&
      flow.constant(value) !== false,
  );
}

const SYNTHETIC =
  /^(?:torch\.(?:randn|rand|zeros|ones|empty|randint|full|arange|randn_like|rand_like|zeros_like|ones_like|linspace|Tensor|FloatTensor|LongTensor|normal)|numpy\.(?:random\.\w+(?:\.\w+)*|zeros|ones|empty|arange))$/;

/** Calls that make something of what they are given, and read nothing from outside. */
const COMPUTES =
  /^(?!torch\.load$|numpy\.(?:load|loadtxt|genfromtxt|fromfile|memmap)$|builtins\.(?:open|input)$)(?:(?:torch|builtins|numpy|torchvision\.transforms)\.|PIL\.Image\.fromarray$)/;

/** `noise`, `z`, `fixed_latents`: what a generator is given. */
export const isNamedNoise = (expr: Expr): boolean =>
  /(?:^|_)(?:noise|latents?|z)(?:_|$)/i.test(lastName(expr));

/** Whether what goes in is made up on the spot: random numbers, zeros, literals. */
function hasSyntheticInput(flow: Flow, { call, method }: Forward): boolean {
  if (method && descendants(method.body, 'call').some((one) => isMadeUp(flow, one))) return true;
  const first = call.args[0]?.value;
  if (!first) return false;
  if (isNamedNoise(first)) return true;
  return [false, true].some((program) => {
    let isMade = false;
    let isGiven = false;
    slice(flow, [first], {
      program,
      stops: (expr) => {
        const stops = isMadeUp(flow, expr);
        if (stops || expr.kind === 'literal') isMade = true;
        return stops;
      },
      settles: (expr) => {
        isGiven = expr.kind === 'call' && !flow.names(expr).some((name) => COMPUTES.test(name));
        return isGiven;
      },
    });
    if (!program && flow.values(first).some((value) => value.kind === 'parameter')) return false;
    return isMade && !isGiven;
  });
}

function isMadeUp(flow: Flow, expr: Expr): boolean {
  if (expr.kind !== 'call') return false;
  const made = flow.names(expr).filter((name) => SYNTHETIC.test(name));
  if (made.length === 0) return false;
  // `torch.Tensor(image)` holds what it is given; `torch.Tensor(3, 224)` and `torch.Tensor([[1, 2]])` hold nothing
  if (!made.every((name) => /^torch\.(?:Float|Long)?Tensor$/.test(name))) return true;
  return expr.args.every(({ value }) => descendants(value, 'name').length === 0 || isCount(flow, value));
}

const isCount = (flow: Flow, value: Expr): boolean => typeof flow.constant(value) === 'number';

/** Whether the pass stands beside a `backward()`: in the same round of the innermost loop, or function. */
function isInTrainingStep(flow: Flow, call: Call): boolean {
  const loop = enclosingLoops(call).find((one) => one.kind !== 'comprehension');
  if (loop) return isStepLoop(flow, loop);
  const fn = enclosingFunction(call);
  if (!fn) return false;
  return descendants(fn.body, 'call', true).some(
    (one) => asksForGradients(flow, one) && enclosingLoops(one).length === 0,
  );
}

/** Whether a pass beside a training step is apart from it: on held-out data, or only in some rounds. */
function isAside(flow: Flow, call: Call): boolean {
  const module = flow.moduleOf(call);
  const inputs = call.args.map((argument) => module.text.slice(argument.start, argument.end)).join(' ');
  if (/(?:^|[^a-z])(?:val|valid|validation|test|eval|dev|hold_?out|unseen)(?:$|[^a-z])/i.test(inputs))
    return true;
  let child: Node = call;
  for (const parent of ancestors(call)) {
    if (parent.kind === 'function' || parent.kind === 'for' || parent.kind === 'while') return false;
    if (parent.kind === 'if' && child !== parent.test && !runsTraining(flow, child)) return true;
    child = parent;
  }
  return false;
}

/** Whether the result leaves the function with its graph, for callers that are not in sight: they may want it. */
function isHandedOut(flow: Flow, call: Call, seen: Set<FunctionNode>): boolean {
  const fn = enclosingFunction(call);
  if (!fn || seen.has(fn)) return false;
  seen.add(fn);
  const given = slice(flow, returned(fn), {
    stops: (expr, path) => isGraphless(flow, expr, path),
    program: false,
  });
  if (!given.has(call)) return false;
  const callers = flow.callers(fn);
  if (callers.length === 0) return true;
  return callers.some((caller) => isHandedOut(flow, caller, seen));
}
