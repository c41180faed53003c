/** Whether a torch model is in training or in evaluation mode where it runs. */
import type { Flow, ObjectUse, ObjectValue, Value } from '../../analysis/flow/types.ts';
import type { Call, ClassNode, FunctionNode, Module, Node } from '../../analysis/model.ts';
import {
  ancestors,
  contains,
  descendants,
  enclosingClass,
  enclosingFunction,
  lastName,
  ownAttribute,
  statementOf,
} from '../../analysis/tree.ts';
import { isEvaluatedByLibrary } from './layers.ts';
import { memoized } from './memo.ts';

export type Mode = 'evaluation' | 'training' | 'unknown';

/** A place that sets a model's mode. `either`: by a flag that is not known. */
export interface ModeEvent {
  readonly call: Call;
  readonly mode: 'evaluation' | 'training' | 'either';
}

/** What the call does to its receiver's mode; null where it is no mode call. */
export function modeSetBy(flow: Flow, call: Call): ModeEvent['mode'] | null {
  const callee = call.callee;
  if (callee.kind !== 'member') return null;
  if (callee.property === 'eval') return call.args.length === 0 ? 'evaluation' : null;
  if (callee.property === 'freeze' && flow.isA(callee.object, 'lightning.LightningModule'))
    return 'evaluation';
  if (callee.property !== 'train') return null;
  const flag = call.args[0];
  if (!flag) return 'training';
  if (call.args.length > 1 || (flag.name !== null && flag.name !== 'mode')) return null;
  const constant = flow.constant(flag.value);
  return constant === false ? 'evaluation' : constant === true ? 'training' : 'either';
}

/** Library calls that leave the mode of a model they are given as it is, or as they found it. */
const NEUTRAL =
  /^(?:builtins\.|copy\.|torch\.(?:save|compile|onnx\.|jit\.|nn\.|optim\.|distributed\.|export|fx\.|ao\.quantization\.|hub\.|utils\.|Tensor)|torchsummary\.|torchinfo\.|torchsummaryX\.|pytorch_model_summary\.|thop\.|ptflops\.|fvcore\.|torchviz\.|wandb\.|tensorboard|tensorboardX|numpy\.|accelerate\.|peft\.|safetensors\.|time\.|logging\.|os\.|json\.|apex\.|horovod\.|torch_ema\.|timm\.(?:utils|optim|scheduler|data)|transformers\.(?:AdamW|get_\w+|Adafactor)|tqdm|mlflow\.|random\.|gc\.)/;

/** All calls but those whose names tell that they neither take a module as their part nor change its mode. */
const MAY_TAKE_MODULE =
  /^(?!(?:print|len|range|enumerate|zip|int|float|str|bool|list|dict|set|tuple|sum|min|max|abs|round|sorted|reversed|isinstance|hasattr|type|id|open|super|format|join|split|strip|replace|lower|startswith|endswith|append|extend|items|keys|values|read|write|close|read_csv|array|asarray|arange|zeros|ones|randn|rand|randint|tensor|from_numpy|numpy|mean|std|argmax|argmin|softmax|log_softmax|cat|stack|concat|concatenate|view|reshape|squeeze|unsqueeze|permute|transpose|size|item|backward|step|zero_grad|plot|title|xlabel|ylabel|legend|figure|show|savefig|imshow|subplot|subplots|add_argument|parse_args|seed|manual_seed|time|sleep|exists|makedirs)$)/;

/** Whether passing the object here may change its mode out of sight. */
function mayChangeMode(flow: Flow, use: ObjectUse): boolean {
  if (use.role !== 'argument') return false;
  if (flow.targets(use.call).length > 0) return false; // followed by the flow
  const names = flow.names(use.call);
  if (names.some((name) => NEUTRAL.test(name))) return false;
  // a module that takes a module as its part: its own mode calls are followed
  if (flow.objects(use.call).some((object) => object.types.includes('torch.nn.Module'))) return false;
  const callee = use.call.callee;
  if (
    callee.kind === 'member' &&
    /^(?:append|add|add_graph|watch|load_state_dict|add_module|to|register\w*|update\w*|log\w*|info|save\w*|format|join|write)$/.test(
      callee.property,
    )
  )
    return false;
  const name = lastName(callee);
  return !/^(?:summary|count_parameters|print\w*|save\w*|get_n_params|num_params)$/i.test(name);
}

/** The modules that hold this one as a part: what is done to them is done to it. */
function holders(flow: Flow, object: ObjectValue): { classes: Set<ClassNode>; objects: ObjectValue[] } {
  const classes = new Set<ClassNode>();
  const objects: ObjectValue[] = [];
  const add = (found: ObjectValue) => {
    if (objects.length < 20 && !objects.some((one) => one.site === found.site) && found.site !== object.site)
      objects.push(found);
  };
  const owner = object.origin ? enclosingClass(object.origin) : null;
  if (owner && flow.bases(owner).includes('torch.nn.Module')) classes.add(owner);
  for (const use of flow.uses(object, MAY_TAKE_MODULE)) {
    if (use.role !== 'argument') continue;
    for (const made of flow.objects(use.call))
      if (made.origin === use.call && made.types.includes('torch.nn.Module')) add(made);
  }
  return { classes, objects };
}

/** Every call of `eval()` and `train()`, by module. */
const eventsIn = memoized((flow, module: Module): readonly ModeEvent[] =>
  module.language === 'python'
    ? module.calls.flatMap((call) => {
        const mode = modeSetBy(flow, call);
        return mode ? [{ call, mode }] : [];
      })
    : [],
);

function receiverValues(flow: Flow, event: ModeEvent): readonly Value[] {
  return event.call.callee.kind === 'member' ? flow.values(event.call.callee.object) : [];
}

/** `self.net.eval()` in a method of one of the classes: what has one network inside is in that network's mode. */
function isOnPart({ call }: ModeEvent, classes: ReadonlySet<Node>): boolean {
  if (call.callee.kind !== 'member' || ownAttribute(call.callee.object) === null) return false;
  const owner = enclosingClass(call);
  return owner !== null && classes.has(owner);
}

/** Mode calls on the object or on what holds it, in the programs of `module`. */
export function modeEvents(flow: Flow, object: ObjectValue, module: Module): readonly ModeEvent[] {
  const modules = flow.related(module);
  const held = holders(flow, object);
  const sites = new Set<Node>([object.site, ...held.objects.map((one) => one.site)]);
  const classes = new Set(held.classes);
  for (const one of [object, ...held.objects]) if (one.class) sites.add(one.class); // through `self`
  const found: ModeEvent[] = [];
  for (const one of modules) {
    for (const event of eventsIn(flow, one)) {
      const concerns =
        isOnPart(event, sites) ||
        receiverValues(flow, event).some(
          (value) =>
            (value.kind === 'object' &&
              (sites.has(value.site) || (value.class !== null && classes.has(value.class)))) ||
            (value.kind === 'parameter' && sites.has(value.parameter)),
        );
      if (concerns) found.push(event);
    }
  }
  return found;
}

/** Whether some mode call on a receiver that nothing is known of might be about a variable of this name. */
export function hasUnresolvedEvent(flow: Flow, name: string, module: Module): boolean {
  for (const one of flow.related(module)) {
    for (const { call, mode } of eventsIn(flow, one)) {
      if (mode === 'training' || call.callee.kind !== 'member') continue;
      const receiver = call.callee.object;
      const last = lastName(receiver);
      if (last !== name && last !== 'self' && last !== 'model' && last !== 'net') continue;
      if (!flow.objects(receiver).some((object) => object.types.includes('torch.nn.Module'))) return true;
    }
  }
  return false;
}

/** Whether control passes `first` on every way to `second`, in one function, as far as structure tells. */
export function precedes(first: Node, second: Node): boolean {
  if (first.start >= second.start) return false;
  const block = statementOf(first).parent;
  return block !== null && contains(block, second) && enclosingFunction(first) === enclosingFunction(second);
}

/**
 * The mode the object is in when `at` runs.
 * @param at the forward pass
 */
export function modeOf(flow: Flow, object: ObjectValue, at: Call): Mode {
  const module = flow.moduleOf(at);
  const events = modeEvents(flow, object, module);
  const own = enclosingFunction(at);
  const before = events
    .filter((event) => enclosingFunction(event.call) === own && precedes(event.call, at))
    .sort((a, b) => a.call.start - b.call.start);
  const last = before.at(-1);
  if (last && last.mode !== 'training') return 'evaluation';
  const evaluating = events.filter((event) => event.mode !== 'training');
  if (last) {
    // training mode, unless something between sets another
    const between = (node: Node) => node.start > last.call.end && node.end < at.start;
    const isSetBetween = evaluating.some(
      (event) => enclosingFunction(event.call) === own && between(event.call),
    );
    const elsewhere = evaluating.filter((event) => enclosingFunction(event.call) !== own);
    const runsElsewhere =
      elsewhere.length > 0 &&
      module.calls.some(
        (call) =>
          (between(call) || sharesLoop(call, at, last.call)) &&
          flow.targets(call).some((target) => reaches(flow, target, elsewhere, new Set())),
      );
    if (!isSetBetween && !runsElsewhere) return escapes(flow, object, module) ? 'unknown' : 'training';
  }
  if (evaluating.length > 0) return 'evaluation';
  if (escapes(flow, object, module) || isSetByCaller(flow, object, at)) return 'unknown';
  if (events.length > 0) return 'training';
  return createdMode(flow, object);
}

/** Whether a script that counts as no part of the program, `test_votes.py`, sets the mode before it calls. */
function isSetByCaller(flow: Flow, object: ObjectValue, at: Call): boolean {
  const fn = enclosingFunction(at);
  const related = flow.related(flow.moduleOf(at));
  const callers = new Set(fn ? flow.callers(fn).map((caller) => flow.moduleOf(caller)) : []);
  return [...callers].some(
    (one) => !related.has(one) && modeEvents(flow, object, one).some((event) => event.mode !== 'training'),
  );
}

/** Whether the call stands in a loop around `at` that does not set the mode anew: its effect may come round. */
function sharesLoop(call: Call, at: Call, set: Call): boolean {
  for (const parent of ancestors(at)) {
    if (parent.kind === 'function') return false;
    if (
      (parent.kind === 'for' || parent.kind === 'while') &&
      contains(parent, call) &&
      !contains(parent, set)
    )
      return true;
  }
  return false;
}

function reaches(
  flow: Flow,
  fn: FunctionNode,
  events: readonly ModeEvent[],
  seen: Set<FunctionNode>,
): boolean {
  if (seen.has(fn)) return false;
  seen.add(fn);
  if (events.some((event) => contains(fn.body, event.call))) return true;
  return flow
    .moduleOf(fn)
    .calls.some(
      (call) =>
        contains(fn.body, call) && flow.targets(call).some((target) => reaches(flow, target, events, seen)),
    );
}

function escapes(flow: Flow, object: ObjectValue, module: Module): boolean {
  const modules = flow.related(module);
  return flow
    .uses(object, MAY_TAKE_MODULE)
    .some((use) => modules.has(flow.moduleOf(use.call)) && mayChangeMode(flow, use));
}

/** `for block in self.blocks: block.eval()` where the model is built. */
const evaluatesItsParts = (node: ClassNode): boolean =>
  node.body.statements.some(
    (one) =>
      one.kind === 'function' &&
      one.name === '__init__' &&
      descendants(one.body, 'call').some(
        ({ callee, args }) => callee.kind === 'member' && callee.property === 'eval' && args.length === 0,
      ),
  );

/** The mode a model is in when it is made. */
function createdMode(flow: Flow, object: ObjectValue): Mode {
  const origin = object.origin;
  if (!origin) return 'unknown';
  if (isEvaluatedByLibrary(flow, object)) return 'evaluation';
  const names = flow.names(origin);
  if (names.some((name) => /^torch\.(?:load|jit\.load|hub\.load|export)/.test(name))) return 'unknown';
  if (object.class) {
    if (evaluatesItsParts(object.class)) return 'unknown';
    const constructs = flow
      .values(origin.callee)
      .some(
        (value) =>
          value.kind === 'class' || (value.kind === 'library' && /load_from_checkpoint/.test(value.name)),
      );
    return constructs ? 'training' : 'unknown';
  }
  if (
    names.some((name) =>
      /^(?:torchvision|timm|segmentation_models_pytorch|efficientnet_pytorch|torch\.nn)\./.test(name),
    )
  )
    return 'training';
  if (names.some((name) => /^transformers\.\w+(?:\.from_config|\._from_config)?$/.test(name)))
    return 'training';
  return 'unknown';
}
