/** Inference as places to report and to mend: passes that record gradients, models that stay in training mode. */
import type { Flow, ObjectValue } from '../../analysis/flow/types.ts';
import type { Block, Call, Module, Node, Stmt } from '../../analysis/model.ts';
import { ancestors, contains, enclosingFunction, statementOf } from '../../analysis/tree.ts';
import { fateOf } from './fate.ts';
import { type Forward, inferences, isLoaded, isNamedNoise, isOfPair, isTrained } from './forward.ts';
import { forwardGradients } from './gradients.ts';
import { makeupOf } from './layers.ts';
import { memoized } from './memo.ts';
import { modeEvents, modeOf, precedes } from './modes.ts';
import { slice } from './slice.ts';
import { isInsideTraining, runsTraining } from './torch-training.ts';

/** Consecutive statements of one block that one `with` can stand around. */
export interface Region {
  readonly block: Block;
  readonly statements: readonly Stmt[];
  /** The passes that record gradients, in source order. */
  readonly forwards: readonly Forward[];
  /** Whether it runs between training steps. */
  readonly isInTraining: boolean;
}

/** Statements that may stand between two passes for one `with` to be put around both. */
const MAX_GAP = 3;

export interface GradientSites {
  readonly protected: readonly Forward[];
  readonly regions: readonly Region[];
}

/** Where the module's inference turns gradients off, and where it does not. */
export const gradientSites = memoized((flow, module: Module): GradientSites => {
  const all = inferences(flow, module).map((forward) => ({
    forward,
    state: forwardGradients(flow, forward),
  }));
  const of = (wanted: string) => all.filter(({ state }) => state === wanted).map(({ forward }) => forward);
  return { protected: of('off'), regions: regionsOf(flow, module, of('on')) };
});

function regionsOf(flow: Flow, module: Module, forwards: readonly Forward[]): Region[] {
  const regions: { block: Block; first: number; last: number; forwards: Forward[] }[] = [];
  for (const forward of forwards) {
    const anchor = anchorOf(flow, forward);
    const block = anchor.parent;
    if (block?.kind !== 'block') continue;
    const index = block.statements.indexOf(anchor);
    const near = regions.find(
      (region) =>
        region.block === block &&
        index <= region.last + MAX_GAP + 1 &&
        sameCell(module, block.statements[region.first], anchor) &&
        !block.statements.slice(region.last + 1, index).some((between) => makesModel(flow, module, between)),
    );
    if (near) {
      near.last = Math.max(near.last, index);
      near.forwards.push(forward);
    } else regions.push({ block, first: index, last: index, forwards: [forward] });
  }
  return regions.map(({ block, first, last, forwards: own }) => ({
    block,
    statements: block.statements.slice(first, last + 1),
    forwards: own,
    isInTraining: own.some((forward) => isInsideTraining(flow, forward.call)),
  }));
}

function sameCell(module: Module, first: Node | undefined, second: Node): boolean {
  if (!module.cells || !first) return true;
  const cellOf = (node: Node) =>
    module.cells?.find((cell) => cell.start <= node.start && node.start < cell.end);
  return cellOf(first) === cellOf(second);
}

/** Whether a statement builds, loads or sets up a model: better left outside. */
function makesModel(flow: Flow, module: Module, statement: Node): boolean {
  return module.calls.some(
    (call) =>
      contains(statement, call) &&
      ((call.callee.kind === 'member' && /^(?:load_state_dict|eval|train)$/.test(call.callee.property)) ||
        flow
          .objects(call)
          .some((object) => object.origin === call && object.types.includes('torch.nn.Module'))),
  );
}

/**
 * The statement to put under a `with`: the outermost loop over data around the pass that neither trains nor builds a
 * model nor yields, else the statement itself.
 */
export function anchorOf(flow: Flow, { call }: Forward): Stmt {
  const module = flow.moduleOf(call);
  let anchor = statementOf(call);
  for (const parent of ancestors(call)) {
    if (parent.kind === 'function' || parent.kind === 'class') break;
    if (parent.kind === 'if' || parent.kind === 'try' || parent.kind === 'with' || parent.kind === 'block')
      continue;
    if (parent.kind === 'while' && !(parent.test?.kind === 'literal') && isClean(flow, module, parent))
      anchor = parent;
    if (parent.kind === 'while') break;
    if (parent.kind !== 'for') continue;
    if (!isClean(flow, module, parent)) break;
    anchor = parent;
  }
  return anchor;
}

function isClean(flow: Flow, module: Module, loop: Stmt & { kind: 'for' | 'while' }): boolean {
  return !runsTraining(flow, loop.body) && !makesModel(flow, module, loop) && !yields(loop);
}

function yields(node: Node): boolean {
  let found = false;
  const visit = (current: Node) => {
    if (current.kind === 'yield') found = true;
    for (const statement of current.kind === 'block' ? current.statements : []) visit(statement);
    if (current.kind === 'expression') visit(current.expression);
    if (current.kind === 'for' || current.kind === 'while' || current.kind === 'with') visit(current.body);
    if (current.kind === 'if') {
      visit(current.then);
      if (current.otherwise) visit(current.otherwise);
    }
  };
  visit(node);
  return found;
}

/** A model that stays in training mode where it predicts. */
export interface TrainingModeGap {
  readonly forward: Forward;
  readonly object: ObjectValue;
  /** Whether the module's programs train it too. */
  readonly isTrained: boolean;
  /** Whether something put it in training mode on purpose: it was not merely left there. */
  readonly wasSet: boolean;
}

export interface ModeSites {
  readonly evaluated: readonly Forward[];
  /** One for each model, at its first pass. */
  readonly gaps: readonly TrainingModeGap[];
}

/** Where the module's inference runs in evaluation mode, and where it does not though that matters. */
export const modeSites = memoized((flow, module: Module): ModeSites => {
  return findModeSites(flow, module);
});

function findModeSites(flow: Flow, module: Module): ModeSites {
  const evaluated: Forward[] = [];
  const gaps: TrainingModeGap[] = [];
  const reported = new Map<Node, Set<Node | null>>();
  for (const forward of inferences(flow, module)) {
    if (!forward.isCertain || forward.objects.length === 0) continue;
    const judged = forward.objects.map((object) => ({
      object,
      matters: modeMatters(flow, object, forward.call),
      mode: modeOf(flow, object, forward.call),
    }));
    const relevant = judged.filter(({ matters }) => matters);
    const first = relevant[0];
    if (!first) continue;
    if (relevant.every(({ mode }) => mode === 'evaluation')) evaluated.push(forward);
    if (!judged.every(({ mode }) => mode === 'training')) continue;
    if (relevant.some(({ object }) => isSetOnPurpose(flow, object, forward.call))) continue;
    // what draws samples, and what was trained against it: many mean the mode of training there
    if (drawsFromNoise(flow, forward) || relevant.some(({ object }) => isOfPair(flow, object))) continue;
    if (relevant.every(({ object }) => isUntaught(flow, object)) && fateOf(flow, forward.call) === 'shown')
      continue;
    const wasSet = modeEvents(flow, first.object, module).some((event) => event.mode === 'training');
    // once for a model that nothing ever sets; once a function where `train()` is called and not undone
    const where = wasSet ? enclosingFunction(forward.call) : null;
    if (relevant.some(({ object }) => reported.get(object.site)?.has(where))) continue;
    for (const { object } of relevant)
      reported.set(object.site, new Set([...(reported.get(object.site) ?? []), where]));
    gaps.push({
      forward,
      object: first.object,
      isTrained: relevant.some(({ object }) => isTrained(flow, object)),
      wasSet,
    });
  }
  return { evaluated, gaps };
}

/** Whether a local network has neither been trained nor loaded: its head says nothing yet, whatever its backbone brings. */
const isUntaught = (flow: Flow, object: ObjectValue): boolean =>
  object.class !== null && !isLoaded(flow, object) && !isTrained(flow, object);

const NOISE =
  /^torch\.(?:randn?|randn?_like|normal)$|^numpy\.random\.(?:normal|standard_normal|randn?|uniform)$/;

/** Whether what goes in is drawn at random: a generator's samples. */
function drawsFromNoise(flow: Flow, { call }: Forward): boolean {
  const given = call.args.map(({ value }) => value);
  if (given.some(isNamedNoise)) return true;
  if (/(?:^|_)(?:sample|denoise)(?:_|$)/i.test(enclosingFunction(call)?.name ?? '')) return true;
  const drawn = slice(flow, given, { stops: () => false, program: false });
  return [...drawn].some((one) => flow.names(one).some((name) => NOISE.test(name)));
}

/** Whether a function that trains nothing calls `train()` before it predicts: dropout that samples, say. */
function isSetOnPurpose(flow: Flow, object: ObjectValue, at: Call): boolean {
  const own = enclosingFunction(at);
  return (
    own !== null &&
    !runsTraining(flow, own.body) &&
    modeEvents(flow, object, flow.moduleOf(at)).some(
      ({ call, mode }) => mode === 'training' && enclosingFunction(call) === own && precedes(call, at),
    )
  );
}

/** Whether the model gives something else in training mode. What a library put in evaluation mode counts once `train()` undid that. */
function modeMatters(flow: Flow, object: ObjectValue, at: Call): boolean {
  const makeup = makeupOf(flow, object);
  if (makeup.dependsOnMode === 'yes') return true;
  if (!makeup.hasEvaluatedPart) return false;
  const events = modeEvents(flow, object, flow.moduleOf(at));
  return (
    events.some((event) => event.mode === 'training') || events.some((event) => event.mode === 'evaluation')
  );
}

/** Whether the two nodes belong to the same function, or both to the module. */
export function sameFunction(a: Node, b: Node): boolean {
  return enclosingFunction(a) === enclosingFunction(b);
}
