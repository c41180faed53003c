/** What a torch model is made of: whether its mode matters, whether it has weights, whether they were trained. */
import type { Flow, ObjectValue, Value } from '../../analysis/flow/types.ts';
import { ofModule } from '../../analysis/memo.ts';
import type { Call, ClassNode, Expr, FunctionNode, Node, Stmt } from '../../analysis/model.ts';
import {
  classOf,
  descendants,
  enclosingFunction,
  lastName,
  ownAttribute,
  statementOf,
} from '../../analysis/tree.ts';
import { DROPOUT_ARGUMENTS, dependsOnMode } from '../knowledge/infers.ts';
import { slice } from './slice.ts';

export type Answer = 'yes' | 'no' | 'unknown';

export interface Makeup {
  /** Whether `train()` and `eval()` give different results, for a model that comes in training mode. */
  readonly dependsOnMode: Answer;
  readonly hasWeights: Answer;
  /** Whether some part brings trained weights. */
  readonly isPretrained: boolean;
  /** Whether some part was put in evaluation mode by its library: what `train()` would undo. */
  readonly hasEvaluatedPart: boolean;
}

const NOTHING: Makeup = {
  dependsOnMode: 'no',
  hasWeights: 'no',
  isPretrained: false,
  hasEvaluatedPart: false,
};

const WEIGHTLESS =
  /^torch\.nn\.(?:\w*Loss\w*|(?:Leaky|P|RR|C|S|GE|SE)?(?:ReLU6?|ELU|LU)|Softmax\dd|(?:Log)?Softmax|Softmin|Soft\w+|Hard\w+|SiLU|Mish|Sigmoid|LogSigmoid|Tanh\w*|Threshold|Dropout\w*|AlphaDropout|FeatureAlphaDropout|\w*Pool\dd|\w*Pad\dd|Upsampl\w*|Flatten|Unflatten|Identity|PixelShuffle|PixelUnshuffle|ChannelShuffle|Fold|Unfold|CosineSimilarity|PairwiseDistance)$/;

/** torch's own layers: useful as parts of a model, seldom a model. */
export function isTorchLayer(type: string): boolean {
  return /^torch\.nn\.(?!Module$|Sequential$|Transformer$|TransformerEncoder$|TransformerDecoder$|DataParallel$)[A-Z]\w*$/.test(
    type,
  );
}

const CONTAINERS = /^torch\.nn\.(?:Sequential|ModuleList|ModuleDict)$/;

function either(a: Answer, b: Answer): Answer {
  return a === 'yes' || b === 'yes' ? 'yes' : a === 'unknown' || b === 'unknown' ? 'unknown' : 'no';
}

function join(parts: Iterable<Makeup>): Makeup {
  let all = NOTHING;
  for (const part of parts) {
    all = {
      dependsOnMode: either(all.dependsOnMode, part.dependsOnMode),
      hasWeights: either(all.hasWeights, part.hasWeights),
      isPretrained: all.isPretrained || part.isPretrained,
      hasEvaluatedPart: all.hasEvaluatedPart || part.hasEvaluatedPart,
    };
  }
  return all;
}

const memos = new WeakMap<Flow, Map<Node, Makeup>>();

/** Remembers by node; a node asked for while it is being answered adds nothing. */
function remembered(flow: Flow, node: Node, compute: () => Makeup): Makeup {
  let memo = memos.get(flow);
  if (!memo) {
    memo = new Map();
    memos.set(flow, memo);
  }
  const known = memo.get(node);
  if (known) return known;
  memo.set(node, NOTHING);
  const found = compute();
  memo.set(node, found);
  return found;
}

export function makeupOf(flow: Flow, object: ObjectValue): Makeup {
  return object.origin ? remembered(flow, object.origin, () => compose(flow, object)) : compose(flow, object);
}

function compose(flow: Flow, object: ObjectValue): Makeup {
  const type = object.types[0] ?? '';
  const origin = object.origin;
  if (object.class) {
    const own = classMakeup(flow, object.class);
    const given = origin
      ? join(origin.args.map((argument) => expressionMakeup(flow, argument.value)))
      : NOTHING;
    const comesTrained = origin !== null && isFromPretrained(origin);
    return join([
      own,
      given,
      ...(comesTrained
        ? [{ ...NOTHING, isPretrained: true, hasEvaluatedPart: isEvaluatedByLibrary(flow, object) }]
        : []),
    ]);
  }
  if (CONTAINERS.test(type) && origin) return containerMakeup(flow, origin);
  return libraryMakeup(flow, type, object);
}

function containerMakeup(flow: Flow, origin: Call): Makeup {
  const direct = join(origin.args.map((argument) => expressionMakeup(flow, argument.value)));
  if (direct.dependsOnMode === 'yes') return direct;
  // `nn.Sequential(*list(resnet.children())[:-1])`: parts of a model that batch norm runs through
  const parts = slice(
    flow,
    origin.args.map((argument) => argument.value),
    { stops: () => false, program: false },
  );
  const taken = [...parts].flatMap((call) =>
    flow
      .objects(call)
      .flatMap((object) =>
        object.origin === call &&
        /^torchvision\.models\.(?!VGG|AlexNet|SqueezeNet)\w|^timm\./.test(object.types[0] ?? '')
          ? [libraryMakeup(flow, object.types[0] ?? '', object)]
          : [],
      ),
  );
  return join([direct, ...taken]);
}

/** Modules an expression may hold, looked for in lists, `OrderedDict`s and function results. */
function expressionMakeup(flow: Flow, expr: Expr): Makeup {
  const inner = expr.kind === 'spread' ? expr.value : expr;
  return join(flow.values(inner).map((value) => valueMakeup(flow, value, 0)));
}

function valueMakeup(flow: Flow, value: Value, depth: number): Makeup {
  if (depth > 4) return NOTHING;
  if (value.kind === 'object') {
    if (value.types.includes('torch.nn.Module')) return makeupOf(flow, value);
    const origin = value.origin;
    if (origin && /(?:^|\.)OrderedDict$/.test(value.types[0] ?? ''))
      return join(origin.args.map((argument) => expressionMakeup(flow, argument.value)));
    return NOTHING;
  }
  if (value.kind !== 'display') return NOTHING;
  const node = value.node;
  const items =
    node.kind === 'sequence'
      ? node.items
      : node.kind === 'dict'
        ? node.entries.map((entry) => entry.value)
        : [node.element];
  return join(
    items.flatMap((item) => {
      const one = item.kind === 'spread' ? item.value : item;
      return flow.values(one).map((inner) => valueMakeup(flow, inner, depth + 1));
    }),
  );
}

/** `Net.from_pretrained(…)`, `Net.load_from_checkpoint(…)`. */
export function isFromPretrained(origin: Call): boolean {
  return (
    origin.callee.kind === 'member' &&
    /^(?:from_pretrained|load_from_checkpoint)$/.test(origin.callee.property)
  );
}

/** transformers, peft and diffusers call `eval()` at the end of `from_pretrained`. */
export function isEvaluatedByLibrary(flow: Flow, object: ObjectValue): boolean {
  const origin = object.origin;
  if (!origin) return false;
  const names = flow.names(origin);
  if (origin.callee.kind === 'member' && origin.callee.property === 'from_pretrained') {
    return (
      object.types.some((type) =>
        /^(?:transformers\.PreTrainedModel|diffusers\.ModelMixin|peft\.PeftModel)$/.test(type),
      ) || names.some((name) => /^(?:transformers|diffusers|peft|unsloth)\./.test(name))
    );
  }
  if (names.includes('torch.hub.load')) {
    const repository = origin.args[0] ? flow.constant(origin.args[0].value) : undefined;
    return typeof repository === 'string' && repository.startsWith('ultralytics/');
  }
  return names.some((name) => /^(?:clip\.load|sentence_transformers\.\w+)$/.test(name));
}

function libraryMakeup(flow: Flow, type: string, object: ObjectValue): Makeup {
  const origin = object.origin;
  if (isTorchLayer(type) || CONTAINERS.test(type)) {
    return {
      ...NOTHING,
      dependsOnMode: origin ? layerDependsOnMode(flow, type, origin) : 'unknown',
      hasWeights: WEIGHTLESS.test(type) ? 'no' : 'yes',
    };
  }
  const names = origin ? flow.names(origin) : [];
  const isEvaluated = isEvaluatedByLibrary(flow, object);
  const isPretrained =
    isEvaluated ||
    (origin !== null &&
      (isFromPretrained(origin) ||
        names.some((name) => /\.load\w*$/.test(name)) ||
        asksForWeights(flow, origin)));
  const isKnown =
    object.types.some(dependsOnMode) || names.some((name) => name.startsWith('timm.') || dependsOnMode(name));
  const isHub = names.includes('torch.hub.load');
  return {
    dependsOnMode: isEvaluated ? 'no' : isKnown && !isHub ? 'yes' : 'unknown',
    hasWeights: 'yes',
    isPretrained,
    hasEvaluatedPart: isEvaluated,
  };
}

/** `pretrained=True`, `weights='DEFAULT'`: anything but a plain no. */
function asksForWeights(flow: Flow, origin: Call): boolean {
  for (const name of ['weights', 'pretrained', 'encoder_weights', 'checkpoint_path', 'weights_backbone']) {
    const given = flow.argument(origin, name);
    if (given.state === 'unknown') return true;
    if (given.state === 'given') {
      const constant = flow.constant(given.value);
      if (constant === undefined || constant) return true;
    }
  }
  const first = origin.args[0];
  return first !== undefined && first.name === null && flow.constant(first.value) === true; // models.resnet18(True)
}

/** Whether the layer that a call builds does something else in training than in evaluation. */
export function layerDependsOnMode(flow: Flow, type: string, call: Call): Answer {
  if (/^torch\.nn\.(?:\w*Dropout\w*)$/.test(type)) return isPositive(flow, call, 'p', 0, 0.5);
  if (/^torch\.nn\.(?:Lazy)?BatchNorm\w*$|^torch\.nn\.SyncBatchNorm$/.test(type)) {
    const tracked = flow.argument(call, 'track_running_stats', 4);
    return tracked.state === 'given' && flow.constant(tracked.value) === false ? 'no' : 'yes';
  }
  if (/^torch\.nn\.(?:Lazy)?InstanceNorm\w*$/.test(type)) {
    const tracked = flow.argument(call, 'track_running_stats', 4);
    if (tracked.state === 'absent') return 'no';
    return tracked.state === 'given' && flow.constant(tracked.value) === true ? 'yes' : 'unknown';
  }
  const rate = DROPOUT_ARGUMENTS[type];
  if (rate !== undefined) {
    if (/^torch\.nn\.(?:LSTM|GRU|RNN)$/.test(type)) {
      const layers = flow.argument(call, 'num_layers', 2);
      if (layers.state === 'absent') return 'no'; // dropout stands between layers
      if (layers.state === 'given' && flow.constant(layers.value) === 1) return 'no';
      return isPositive(flow, call, 'dropout', 5, rate);
    }
    return isPositive(flow, call, 'dropout', undefined, rate);
  }
  return dependsOnMode(type) ? 'yes' : 'no';
}

function isPositive(
  flow: Flow,
  call: Call,
  name: string,
  position: number | undefined,
  otherwise: number,
): Answer {
  const given = flow.argument(call, name, position);
  if (given.state === 'unknown') return 'unknown';
  if (given.state === 'absent') return otherwise > 0 ? 'yes' : 'no';
  const constants = flow.constants(given.value);
  if (constants.some((value) => typeof value === 'number' && value > 0)) return 'yes';
  return constants.length > 0 ? (flow.constant(given.value) === undefined ? 'unknown' : 'no') : 'yes';
}

function classMakeup(flow: Flow, node: ClassNode): Makeup {
  return remembered(flow, node, () => {
    const inherited = node.bases.flatMap((base) =>
      flow
        .values(base)
        .map((value) =>
          value.kind === 'class'
            ? classMakeup(flow, value.class)
            : value.kind === 'library' && value.name !== 'torch.nn.Module' && dependsOnMode(value.name)
              ? { ...NOTHING, dependsOnMode: 'yes' as const, hasWeights: 'yes' as const }
              : NOTHING,
        ),
    );
    return join([...inherited, bodyMakeup(flow, node, node)]);
  });
}

function functionMakeup(flow: Flow, fn: FunctionNode, owner: ClassNode | null): Makeup {
  return remembered(flow, fn, () => bodyMakeup(flow, fn.body, owner));
}

/** Properties that the module reads somewhere; null where it goes through a model's parts without their names. */
const readProperties = ofModule((module): ReadonlySet<string> | null => {
  if (module.calls.some((call) => lastName(call.callee) === 'getattr')) return null;
  const read = new Set<string>();
  for (const member of descendants(module.body, 'member')) {
    if (GOES_THROUGH.test(member.property)) return null;
    if (member.parent?.kind !== 'assign' || !member.parent.targets.includes(member))
      read.add(member.property);
  }
  return read;
});

const GOES_THROUGH = /^(?:named_)?(?:children|modules)$|^_modules$|^__dict__$/;

/** Whether the statement builds a part that its class puts away and never takes: `self.drop = nn.Dropout()` and no more. */
function isPutAway(flow: Flow, statement: Stmt, owner: ClassNode): boolean {
  const name = statement.kind === 'assign' ? ownAttribute(statement.targets[0]) : null;
  if (name === null) return false;
  const runsItself = owner.body.statements.some((one) => one.kind === 'function' && one.name === 'forward');
  return runsItself && readProperties(flow.moduleOf(owner))?.has(name) === false;
}

/** Everything that a class's or function's body builds. */
function bodyMakeup(flow: Flow, body: Node, owner: ClassNode | null): Makeup {
  const isKept = (node: Node) => body !== owner || !isPutAway(flow, statementOf(node), owner);
  const calls = descendants(body, 'call')
    .filter(isKept)
    .map((call) => callMakeup(flow, call, owner));
  const attributes = descendants(body, 'assign').flatMap((assign) =>
    assign.value && assign.targets.some((target) => target.kind === 'member') && isKept(assign)
      ? [expressionMakeup(flow, assign.value)]
      : [],
  );
  const asksMode = descendants(body, 'member').some((member) => ownAttribute(member) === 'training');
  return join([
    ...calls,
    ...attributes,
    ...(asksMode ? [{ ...NOTHING, dependsOnMode: 'yes' as const }] : []),
  ]);
}

/** `net.features`: of the network its convolutions are taken. */
export function isTakenForFeatures({ parent }: Node): boolean {
  return parent?.kind === 'member' && parent.property === 'features';
}

/** `models.vgg16().features`, at once or by a name of its own: convolutions and ReLU, where the dropout stands behind. */
function givesPlainFeatures(call: Call, made: readonly ObjectValue[]): boolean {
  if (!made.every(({ types }) => /^torchvision\.models\.(?:VGG|AlexNet)$/.test(types[0] ?? ''))) return false;
  if (/_bn$/.test(lastName(call.callee))) return false;
  if (call.parent?.kind !== 'assign') return isTakenForFeatures(call);
  const [target] = call.parent.targets;
  const around = enclosingFunction(call)?.body;
  if (target?.kind !== 'name' || !around) return false;
  const uses = descendants(around, 'name').filter((one) => one.name === target.name && one !== target);
  return uses.length > 0 && uses.every(isTakenForFeatures);
}

function callMakeup(flow: Flow, call: Call, owner: ClassNode | null): Makeup {
  const names = flow.names(call);
  if (names.some((name) => /^torch\.nn\.(?:Parameter|ParameterList)$/.test(name)))
    return { ...NOTHING, hasWeights: 'yes' };
  const made = flow
    .objects(call)
    .filter((object) => object.origin === call && object.types.includes('torch.nn.Module'));
  if (made.length > 0) {
    const all = join(made.map((object) => makeupOf(flow, object)));
    return givesPlainFeatures(call, made) ? { ...all, dependsOnMode: 'no' } : all;
  }
  const built = flow
    .targets(call)
    .filter((target) => (owner === null || classOf(target) !== owner) && target.name !== 'forward')
    .map((target) => functionMakeup(flow, target, classOf(target)));
  return join(built);
}
