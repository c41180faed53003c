/** Where a program trains: library calls that run a whole training, and epoch loops written by hand. */
import type { Flow, Program } from '../../analysis/flow/types.ts';
import type { Call, FunctionNode, Loop, Module, Node, Span } from '../../analysis/model.ts';
import {
  classOf,
  contains,
  descendants,
  enclosingFunction,
  enclosingLoops,
  lastName,
} from '../../analysis/tree.ts';
import { textOf } from '../edits.ts';
import {
  BACKWARD_CALLS,
  REINFORCEMENT_LIBRARIES,
  STEP_CALLS,
  type Training,
  trainingOf,
} from '../knowledge/trains.ts';
import { memoized, memoizedComponent } from './memo.ts';

/** How far calls of local functions are followed. */
const MAX_CALL_DEPTH = 4;

export interface EpochLoop {
  /** One round of it is one epoch. */
  readonly loop: Loop;
  /** The `backward()` (or like, `train_on_batch()` too) calls it runs, itself or through local functions. */
  readonly backward: readonly Call[];
  /** Epochs it runs; undefined if unknown, Infinity if endless. */
  readonly epochs: number | undefined;
}

export interface TrainingSite {
  readonly node: Call | Loop;
  /** The library's training call; null for an epoch loop. */
  readonly api: Training | null;
  readonly epochLoop: EpochLoop | null;
}

/** `loss.backward()`, `scaler.scale(loss).backward()`, `accelerator.backward(loss)`, `tape.gradient(…)`. */
export function isBackward(call: Call, flow: Flow): boolean {
  const { callee } = call;
  const last = lastName(callee);
  if (!GRADIENT_NAMES.has(last)) return false; // most calls need no look at their names
  if (callee.kind === 'member' && last === 'backward') return flow.targets(call).length === 0;
  return flow.names(call).some((name) => BACKWARD_CALLS.includes(name));
}

/** Keras's step of a loop written by hand: forward, backward and update in one call. */
function trainsOnBatch(call: Call, flow: Flow): boolean {
  return (
    call.callee.kind === 'member' &&
    call.callee.property === 'train_on_batch' &&
    flow.names(call).includes('keras.Model.train_on_batch')
  );
}

const GRADIENT_NAMES = new Set(BACKWARD_CALLS.map((name) => name.slice(name.lastIndexOf('.') + 1)));

/** `optimizer.step()` and its kin: what changes weights. */
export function isWeightUpdate(call: Call, flow: Flow): boolean {
  const callee = call.callee;
  if (callee.kind === 'member' && callee.property === 'step' && callee.object.kind === 'name') {
    if (/optim|^opt/i.test(callee.object.name)) return true;
  }
  return flow.names(call).some((name) => STEP_CALLS.includes(name));
}

/** Loops a call runs in, innermost first, the loops around the calls of its function included. */
function loopChains(call: Call, flow: Flow, depth = 0): Loop[][] {
  const own = enclosingLoops(call);
  const fn = enclosingFunction(call);
  const callers = fn && depth < MAX_CALL_DEPTH ? flow.callers(fn) : [];
  if (callers.length === 0) return [own];
  return callers
    .slice(0, 8)
    .flatMap((caller) => loopChains(caller, flow, depth + 1).map((outer) => [...own, ...outer]));
}

/** The loop of a chain that goes round once an epoch; null when the chain has only a loop over batches. */
function epochLoopOf(chain: readonly Loop[], flow: Flow): Loop | null {
  const named = chain.find((loop) => /epoch/i.test(loopVariable(loop)));
  if (named) return named;
  if (chain.length >= 2) return chain[1] ?? null;
  const only = chain[0];
  return only && flow.iterations(only) !== undefined ? only : null;
}

/** What a finding about a loop underlines: its first line up to what it runs over. */
export function loopHead(loop: Loop): Span {
  if (loop.kind === 'for') return { start: loop.start, end: loop.iterable.end };
  if (loop.kind === 'while') return { start: loop.start, end: loop.test?.end ?? loop.body.start };
  return loop;
}

/** Text of the loop's variables, or of the names its condition compares. */
export function loopVariable(loop: Loop): string {
  const names = (node: Node) => descendants(node, 'name').map((one) => one.name);
  if (loop.kind === 'for') return names(loop.target).join(' ');
  if (loop.kind === 'while') return loop.test ? names(loop.test).join(' ') : '';
  return '';
}

/** Hand-written epoch loops whose loop statement stands in the module, in source order. */
export function epochLoops(module: Module, flow: Flow): readonly EpochLoop[] {
  return loopsByModule(flow, module).get(module) ?? [];
}

const loopsByModule = memoizedComponent((flow, modules): ReadonlyMap<Module, readonly EpochLoop[]> => {
  const backwardByLoop = new Map<Loop, Call[]>();
  for (const module of modules) {
    for (const call of module.calls) {
      if (!isBackward(call, flow) && !trainsOnBatch(call, flow)) continue;
      for (const loop of new Set(loopChains(call, flow).map((chain) => epochLoopOf(chain, flow)))) {
        if (!loop) continue;
        const calls = backwardByLoop.get(loop);
        if (calls) calls.push(call);
        else backwardByLoop.set(loop, [call]);
      }
    }
  }
  const byModule = new Map<Module, EpochLoop[]>();
  for (const [loop, backward] of backwardByLoop) {
    if (!changesWeights(flow, loop) || movesInputs(flow, loop, backward) || onlyEvaluates(loop, backward))
      continue;
    const module = flow.moduleOf(loop);
    const list = byModule.get(module) ?? [];
    list.push({ loop, backward, epochs: flow.iterations(loop) });
    byModule.set(module, list);
  }
  for (const list of byModule.values()) list.sort((a, b) => a.loop.start - b.loop.start);
  return byModule;
});

/** What changes weights, however it is written: an optimizer's step, an update by hand (`left -= 1` counts down). */
const UPDATES =
  /\.step\(|apply_gradients|apply_updates|\.minimize\(|optim|\bopt\b|solver|\.data\s*[-+]?=|-=(?!\s*\d+\s*(?:[\n;#)]|$))|\.(?:sub|add|addcdiv|copy)_\(|update(?!d)|train|learn|fit\b/i;

/** What only looks like it: gradients put to zero, and an input moved along its gradient (`noise.data = …`). */
function withoutDecoys(text: string, module: Module): string {
  return text
    .replace(/[\w.]+\.zero_grad\([^()]*\)/g, '')
    .replace(/\b(\w+)\.data\s*[-+]?=(?!=)/g, (update, name: string) =>
      new RegExp(`^[ \\t]*${name}\\s*=.*requires_grad`, 'm').test(module.text) ? '' : update,
    );
}

/** Whether a loop of `backward()`s does more than ask for gradients, as explanations and attacks do. */
export const changesWeights = memoized((flow, loop: Loop): boolean => {
  const seen = new Set<Node>();
  const search = (node: Node, depth: number): boolean => {
    if (seen.has(node)) return false;
    seen.add(node);
    const module = flow.moduleOf(node);
    if (UPDATES.test(withoutDecoys(textOf(module, node), module))) return true;
    return (
      depth < MAX_CALL_DEPTH &&
      descendants(node, 'call').some((call) => flow.targets(call).some((target) => search(target, depth + 1)))
    );
  };
  return search(loop, 0);
});

/** A loop of `evaluate()` whose rounds run a helper of the training as well: `play(env, agent, train=False)`. */
function onlyEvaluates(loop: Loop, backward: readonly Call[]): boolean {
  return (
    /^(?:eval|evaluate|validate|test|predict|infer)(?:_|$)/i.test(enclosingFunction(loop)?.name ?? '') &&
    !backward.some((call) => contains(loop, call))
  );
}

const OPTIMIZERS = /^(?:Adam\w*|SGD|RMSprop|LBFGS|Ada\w+|NAdam|RAdam)$/;
const INPUTS =
  /^(?:best_|init(?:ial)?_)?(?:[xz]|img|images?|inputs?|pictures?|pixels?|canvas|latents?|noises?|masks?|delta|pert\w*|adv\w*|trigger)(?:_\w+|\d+)?$|_(?:img|image|latents?|noise|mask)$/i;

/**
 * Whether every optimizer at hand moves data, `Adam([image])` or `apply_gradients([(grad, image)])`: style transfer,
 * inversion, attacks, which train no weight.
 */
function movesInputs(flow: Flow, loop: Loop, backward: readonly Call[]): boolean {
  const modules = new Set([loop, ...backward].map((node) => flow.moduleOf(node)));
  const updates = [...modules].flatMap((module) =>
    module.calls.flatMap((call) => {
      const name = lastName(call.callee);
      const isUpdate = name === 'apply_gradients' || (OPTIMIZERS.test(name) && isTorchOptimizer(call, flow));
      return isUpdate ? [{ call, module }] : [];
    }),
  );
  return updates.length > 0 && updates.every(({ call, module }) => takesInputs(call, module));
}

const isTorchOptimizer = (call: Call, flow: Flow): boolean =>
  flow.names(call).some((name) => name.startsWith('torch.optim.'));

function takesInputs(update: Call, module: Module): boolean {
  const given = update.args[0]?.value;
  if (!given) return false;
  if (lastName(update.callee) === 'apply_gradients') {
    const pairs = given.kind === 'sequence' ? given.items : [];
    return (
      pairs.length > 0 &&
      pairs.every((pair) => pair.kind === 'sequence' && pair.items[1] !== undefined && isInput(pair.items[1]))
    );
  }
  const items = given.kind === 'sequence' ? given.items : [given];
  return (
    items.length > 0 &&
    items.every((item) => isMovedHere(item) || (isInput(item) && isMadeToMove(item, module)))
  );
}

/** `Adam([strokes.requires_grad_()])`: a tensor of its own, no weight of a network. */
const isMovedHere = (expr: Node): boolean =>
  expr.kind === 'call' && expr.callee.kind === 'member' && expr.callee.property === 'requires_grad_';

const isInput = (expr: Node): boolean => expr.kind === 'name' && INPUTS.test(expr.name);

/** `image.requires_grad_()`, `z.requires_grad = True` before `z_all.append(z)`. */
function isMadeToMove(expr: Node, module: Module): boolean {
  if (expr.kind !== 'name') return false;
  const gathered = [...module.text.matchAll(new RegExp(`\\b${expr.name}\\.append\\((\\w+)\\)`, 'g'))];
  return [expr.name, ...gathered.flatMap(([, name]) => name ?? [])].some((name) =>
    new RegExp(`\\b${name}\\.requires_grad|^[ \\t]*${name}\\s*=.*requires_grad`, 'm').test(module.text),
  );
}

/** Every place of the module where training runs, in source order. */
export function trainingSites(module: Module, flow: Flow): readonly TrainingSite[] {
  return sitesOf(flow, module);
}

const sitesOf = memoized((flow, module: Module): readonly TrainingSite[] => {
  const sites: TrainingSite[] = epochLoops(module, flow).map((epochLoop) => ({
    node: epochLoop.loop,
    api: null,
    epochLoop,
  }));
  for (const call of module.calls) {
    const api = trainingOf(flow.names(call));
    if (api) sites.push({ node: call, api, epochLoop: null });
  }
  return sites.sort((a, b) => a.node.start - b.node.start);
});

/** Whether the node runs when its file does, or when something in the workspace calls its function: not mere library code. */
export function isRun(node: Node, flow: Flow): boolean {
  const fn = enclosingFunction(node);
  return fn === null || isCalled(flow, fn);
}

const isCalled = memoized((flow, fn: FunctionNode): boolean => reachesRun(fn, flow, new Set()));

/** Follows callers outwards; `seen` are the functions on the way, which lead nowhere new. */
function reachesRun(fn: FunctionNode, flow: Flow, seen: Set<FunctionNode>): boolean {
  if (seen.has(fn)) return false;
  seen.add(fn);
  const isReached = (node: Node) => {
    const outer = enclosingFunction(node);
    return outer === null || reachesRun(outer, flow, seen);
  };
  // a command, a route, a task: something outside calls it
  if (fn.decorators.some((decorator) => !isMarker(decorator))) return true;
  const owner = DATA_HOOKS.has(fn.name ?? '') ? classOf(fn) : null;
  if (owner && flow.bases(owner).some((base) => base.startsWith('lightning.'))) {
    const made = owner.body.statements.find((one) => one.kind === 'function' && one.name === '__init__');
    return made?.kind === 'function' ? isReached(made.body) : true;
  }
  return flow.callers(fn).some(isReached) || handedOver(flow, fn).some(isReached);
}

/** Calls that run the function given to them: `study.optimize(objective)`, `mp.spawn(worker)`, `Thread(target=run)`. */
function handedOver(flow: Flow, fn: FunctionNode): readonly Call[] {
  return fn.name === null ? [] : (launchesIn(flow, flow.moduleOf(fn)).get(fn) ?? []);
}

const launchesIn = memoizedComponent((flow, modules): ReadonlyMap<FunctionNode, readonly Call[]> => {
  const found = new Map<FunctionNode, Call[]>();
  for (const module of modules) {
    for (const call of module.calls) {
      if (!LAUNCHERS.test(lastName(call.callee))) continue;
      for (const { value } of call.args) {
        if (value.kind !== 'name' && value.kind !== 'member') continue;
        for (const one of flow.values(value)) {
          if (one.kind !== 'function') continue;
          found.set(one.function, [...(found.get(one.function) ?? []), call]);
        }
      }
    }
  }
  return found;
});

const LAUNCHERS =
  /^(?:optimize|spawn|start_processes|notebook_launcher|debug_launcher|launch|agent|fmin|Thread|Process|Tuner|run)$/;

/** What Lightning's Trainer asks a data module or a model for. */
const DATA_HOOKS = new Set([
  'prepare_data',
  'setup',
  'train_dataloader',
  'val_dataloader',
  'test_dataloader',
  'predict_dataloader',
]);

function isMarker(decorator: Node): boolean {
  return (
    decorator.kind === 'name' &&
    ['staticmethod', 'classmethod', 'property', 'abstractmethod', 'override'].includes(decorator.name)
  );
}

/** Training sites of a whole program that are really run, its entry's first. */
export function programTraining(
  program: Program,
  flow: Flow,
): readonly { readonly module: Module; readonly site: TrainingSite }[] {
  const modules = [program.entry, ...program.modules.filter((module) => module !== program.entry)];
  return modules.flatMap((module) =>
    trainingSites(module, flow)
      .filter((site) => isRun(site.node, flow))
      .map((site) => ({ module, site })),
  );
}

/** The call of a module, at its top level if there is one, that leads to one of the nodes. */
export function leadsTo(module: Module, nodes: readonly Node[], flow: Flow): Call | null {
  const wanted = new Set(nodes.map(enclosingFunction).filter((fn) => fn !== null));
  const reaches = (fn: FunctionNode, depth: number, seen: Set<FunctionNode>): boolean => {
    if (wanted.has(fn)) return true;
    if (depth === 0 || seen.has(fn)) return false;
    seen.add(fn);
    return descendants(fn.body, 'call').some((call) =>
      flow.targets(call).some((target) => reaches(target, depth - 1, seen)),
    );
  };
  const leads = (call: Call) => flow.targets(call).some((target) => reaches(target, 6, new Set()));
  return (
    module.calls.find((call) => !enclosingFunction(call) && leads(call)) ??
    // a route, a command or a task of the entry file starts it
    module.calls.find((call) => leads(call) && isRun(call, flow)) ??
    null
  );
}

/**
 * Trainings that no validation metric tells to stop: adversarial pairs, reinforcement learning, images that are
 * optimized themselves (style transfer, inversion), pretraining by a budget of steps.
 */
export function hasNoStoppingMetric(node: Node, module: Module, flow: Flow): boolean {
  const text = withoutLoneGenerators(textOf(module, enclosingFunction(node) ?? node), module);
  if ([ADVERSARIAL, SYNTHESIS, REINFORCEMENT].some((pattern) => pattern.test(text))) return true;
  if (importsReinforcement(module)) return true;
  // a model of one's own whose training step plays two networks against each other
  const receiver =
    node.kind === 'call' && node.callee.kind === 'member' ? flow.objects(node.callee.object) : [];
  return receiver.some(({ class: own }) => own !== null && ADVERSARIAL.test(textOf(flow.moduleOf(own), own)));
}

const ADVERSARIAL =
  /\b(discriminator|generator|critic|netD|netG|D_loss|G_loss|d_loss|g_loss|loss_D|loss_G|errD|errG|adversarial\w*)\b|\b(?!(?:be|or|slo|michi|ve)gan\b)\w*gan\b/i;

/**
 * The text without generators that play against nobody: what draws random numbers (`torch.Generator()`) or brings
 * batches (`fit_generator(generator=train_data)`), in a file that names no opponent.
 */
function withoutLoneGenerators(text: string, module: Module): string {
  const isLone = /\btorch\.Generator\b/.test(text) || !OPPONENT.test(module.text);
  return isLone ? text.replace(/\b(?:torch\.)?generator\b/gi, '') : text;
}

const OPPONENT = /discriminator|critic|adversar|\bgan|gan\b|\bnet_?d\b|d_loss|loss_d\b|err_?d\b/i;

const SYNTHESIS =
  /\b(style_loss|content_loss|gram_matrix|input_img|target_features|add_noise|q_sample|pred_noise|noise_pred|predicted_noise|ddpm\w*|diffusion\w*|alphas_cumprod)\b/i;
const REINFORCEMENT =
  /\benvs?\.(step|reset)\b|\breplay_?(buffer|memory)\b|\bselect_action\b|(?:\b|_)episodes?(?:\b|_)/i;

/** Whether a training learns from what an agent does in an environment: that sets its pace. */
export function learnsByActing({ loop, backward }: EpochLoop, flow: Flow): boolean {
  return [loop, ...backward].some((node) => {
    const module = flow.moduleOf(node);
    return (
      importsReinforcement(module) || REINFORCEMENT.test(textOf(module, enclosingFunction(node) ?? node))
    );
  });
}

function importsReinforcement(module: Module): boolean {
  return module.imports.some((statement) =>
    REINFORCEMENT_LIBRARIES.includes(statement.module.split('.')[0] ?? ''),
  );
}

/** Whether an epoch loop also measures on held-out data: a metric named for it, or a pass over it that gives one. */
export function validates(epochLoop: EpochLoop, module: Module, flow: Flow): boolean {
  const { loop } = epochLoop;
  const body = loop.kind === 'comprehension' ? loop : loop.body;
  const text = withoutPlans(module.text.slice(body.start, body.end));
  if (HELD_OUT_METRIC.test(text)) return true;
  const evaluations = descendants(body, 'call', true).filter((call) => {
    if (learnsFrom(call, epochLoop)) return false;
    const given = call.args.map(({ value }) => textOf(module, value)).join(' ');
    return HELD_OUT_DATA.test(given) || flow.targets(call).some((target) => evaluates(target));
  });
  if (evaluations.length === 0) return HELD_OUT_DATA.test(text);
  // a function in sight may do no more than print a few examples
  return evaluations.some((call) => {
    if (call.parent?.kind !== 'expression') return true; // what it gives back is kept
    const targets = flow.targets(call);
    return (
      targets.length === 0 || targets.some((target) => METRIC.test(textOf(flow.moduleOf(target), target)))
    );
  });
}

/** `loss = test(a, b, label)` before `loss.backward()`: whatever it is called, it is what is learnt from. */
function learnsFrom({ parent }: Call, { backward }: EpochLoop): boolean {
  const target = parent?.kind === 'assign' ? parent.targets[0] : undefined;
  return (
    target?.kind === 'name' &&
    backward.some(
      ({ callee }) =>
        callee.kind === 'member' && callee.object.kind === 'name' && callee.object.name === target.name,
    )
  );
}

const METRIC =
  /loss|acc|score|metric|f[12]|auc|iou|dice|err(?:or|s)?\b|\b[mr]*[as]e\b|psnr|ssim|bleu|\b[wc]er\b|perplex|correct|precision|recall|criterion|kappa|elbo/i;

/** `val_loss`, `epoch_val_acc`, `loss_sum_valid`. */
const HELD_OUT_METRIC =
  /(?:\b|_)(?:val|valid|validation|dev|eval|test)_?(?:running_|epoch_|total_|avg_|mean_|sum_)?(?:loss|acc|accuracy|metrics?|score|f1|auc|error|results?|iou|dice|mae|mse|rmse)\w*|(?:\b|_)(?:loss|acc|accuracy|error|score)(?:es|s)?(?:_\w+)?_?(?:val|valid|validation|test)\b/i;

const HELD_OUT_DATA =
  /(?:\b|_)(?:val|valid|validation|dev|eval|test)_?(?:loader|iter|data|set|ds|dl|dataloader|dataset|gen|batches)\w*|['"](?:val|valid|validation|dev|test)['"]|(?:\b[xy]|loader|batches|dataset|data)_(?:val|valid|validation|dev|test)\b/i;

/** The text without comments, without what is only made ready, `train_loss, val_loss = [], []`, and without records, `best_val_acc`. */
function withoutPlans(text: string): string {
  return text
    .replace(/(^|\s)#[^\n]*/g, '$1')
    .replace(/\bbest_\w+/g, '')
    .replace(/^[ \t]*\w[\w, \t]*=[ \t]*(?:\[\]|\{\}|None|0(?:\.0*)?|[,()]|[ \t])+$/gm, '');
}

function evaluates(fn: FunctionNode): boolean {
  if (/eval|valid|^test|_test|score/i.test(fn.name ?? '')) return true;
  return fn.decorators.some((decorator) =>
    /no_grad|inference_mode/.test(decorator.kind === 'call' ? nameOf(decorator.callee) : nameOf(decorator)),
  );
}

function nameOf(node: Node): string {
  return node.kind === 'name' ? node.name : node.kind === 'member' ? node.property : '';
}
