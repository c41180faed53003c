/** Edits that mend inference: gradients off around it, the model in evaluation mode before it and back after. */
import type { Flow, ObjectValue } from '../../analysis/flow/types.ts';
import type { Block, Call, Expr, Module, Node, Stmt } from '../../analysis/model.ts';
import {
  ancestors,
  contains,
  descendants,
  enclosingFunction,
  enclosingLoops,
  statementOf,
} from '../../analysis/tree.ts';
import {
  indentAt,
  insertAfter,
  insertBefore,
  newlineOf,
  startsLine,
  textOf,
  wrapStatements,
} from '../edits.ts';
import type { Edit } from '../rule.ts';
import { forwardOf } from './forward.ts';
import { anchorOf, type Region, sameFunction, type TrainingModeGap } from './inference-regions.ts';
import { memoized } from './memo.ts';
import { modeEvents, precedes } from './modes.ts';
import { slice } from './slice.ts';
import { isDifferentiated, isGraphless, isStepLoop, runsTraining } from './torch-training.ts';

/** What `torch` is called in the module, and the import that is missing for it. */
export function torchName(module: Module): { readonly name: string; readonly imports: readonly string[] } {
  for (const statement of module.imports) {
    if (statement.module !== 'torch' && !(statement.bindsRoot && statement.module.startsWith('torch.')))
      continue;
    const binding = statement.bindings.find((one) => one.imported === null);
    if (binding) return { name: binding.local, imports: [] };
  }
  return { name: 'torch', imports: ['import torch'] };
}

/** What of `inference_mode` and `no_grad` a file uses, the better first. */
const contextsUsed = memoized((flow, module: Module): readonly ('inference_mode' | 'no_grad')[] => {
  const decorators = module.functions.flatMap((fn) => fn.decorators);
  return (['inference_mode', 'no_grad'] as const).filter((context) => {
    const name = `torch.${context}`;
    return (
      module.calls.some((call) => flow.names(call).includes(name)) ||
      decorators.some((one) =>
        flow.values(one).some((value) => value.kind === 'library' && value.name === name),
      )
    );
  });
});

/**
 * `inference_mode` or `no_grad`: what the file uses already; `no_grad` where the results may be changed in place or
 * meet autograd later, which inference tensors do not allow, and in code older than `inference_mode`.
 */
export function gradientContext(flow: Flow, module: Module, region: Region): 'inference_mode' | 'no_grad' {
  const [used] = contextsUsed(flow, module);
  if (used) return used;
  if (region.isInTraining) return 'no_grad';
  const isOld = module.imports.some((one) => one.bindings.some(({ imported }) => imported === 'Variable'));
  return isOld || changesResults(flow, region) ? 'no_grad' : 'inference_mode';
}

/** Whether the results are changed in place behind the region, or handed on as tensors. */
function changesResults(flow: Flow, region: Region): boolean {
  const bound = new Set<string>();
  for (const statement of region.statements)
    for (const assign of descendants(statement, 'assign', true))
      for (const target of assign.targets)
        for (const name of descendants(target, 'name')) bound.add(name.name);
  const isBound = (expr: Expr) => expr.kind === 'name' && bound.has(expr.name);
  const end = region.statements.at(-1)?.end ?? 0;
  const scope: Node = enclosingFunction(region.block)?.body ?? region.block;
  const given = slice(
    flow,
    descendants(scope, 'return', true).flatMap((one) => (one.value ? [one.value] : [])),
    { stops: (expr, path) => isGraphless(flow, expr, path), program: false },
  );
  return (
    region.forwards.some(({ call }) => given.has(call)) ||
    descendants(scope, 'assign', true).some(
      (assign) =>
        assign.start >= end &&
        assign.targets.some(
          (target) =>
            (assign.operator !== null && isBound(target)) ||
            (target.kind === 'index' && isBound(target.object)),
        ),
    ) ||
    descendants(scope, 'call', true).some(
      (call) =>
        call.start >= end &&
        call.callee.kind === 'member' &&
        /[a-z]_$/.test(call.callee.property) &&
        isBound(call.callee.object),
    )
  );
}

/** The header line that turns gradients off around the region. */
export function gradientHeader(flow: Flow, module: Module, region: Region): string {
  return `with ${torchName(module).name}.${gradientContext(flow, module, region)}():`;
}

/** Gradients off around the region. Empty where its layout does not allow it. */
export function gradientEdits(module: Module, region: Region, header: string): readonly Edit[] {
  return wrapStatements(module, region.statements, header) ?? [];
}

interface ModePlace {
  readonly statement: Stmt;
  readonly side: 'before' | 'after';
  readonly text: string;
}

/**
 * Where to put `model.eval()`, and `model.train()` where a later round of training would else run in evaluation mode.
 * Null where the model has no name to call it by.
 */
function modePlaces(flow: Flow, module: Module, gap: TrainingModeGap): readonly ModePlace[] | null {
  const { forward, object } = gap;
  const model = forward.model;
  const name = isPath(model) ? textOf(module, model) : null;
  if (!gap.isTrained && !gap.wasSet) {
    const home = name ? lastSetup(flow, module, model, object, forward.call) : null;
    const loading = loadingOf(flow, module, object);
    // once, where the weights come in, rather than at each prediction
    if (loading && (!home || !sameFunction(home, loading.call))) {
      const statement = lastSetup(flow, module, loading.model, object, forward.call);
      return [
        {
          statement:
            statement && sameFunction(statement, loading.call) && statement.start >= loading.call.start
              ? statement
              : statementOf(loading.call),
          side: 'after',
          text: `${textOf(module, loading.model)}.eval()`,
        },
      ];
    }
    if (home) return [{ statement: home, side: 'after', text: `${name}.eval()` }];
  }
  if (!name) return null;
  const before = beforeInference(flow, module, gap);
  // the variable of a comprehension has no meaning in front of it
  if (isBoundWithin(model, before)) return null;
  const places: ModePlace[] = [{ statement: before, side: 'before', text: `${name}.eval()` }];
  for (const place of returnsToTraining(flow, module, gap, before)) places.push(place);
  return places;
}

/** `model.load_state_dict(…)`, of this very object. */
function loadingOf(
  flow: Flow,
  module: Module,
  object: ObjectValue,
): { readonly call: Call; readonly model: Expr } | null {
  for (const call of module.calls) {
    const { callee } = call;
    if (callee.kind !== 'member' || !/^load_(?:state_dict|weights)$/.test(callee.property)) continue;
    if (!isPath(callee.object) || call.parent?.kind !== 'expression') continue;
    if (flow.objects(callee.object).some((one) => one.site === object.site))
      return { call, model: callee.object };
  }
  return null;
}

/** Whether the statement itself gives the model its name. */
function isBoundWithin(model: Expr, statement: Stmt): boolean {
  const root = descendants(model, 'name')[0]?.name;
  return descendants(statement, 'comprehension').some(
    (one) =>
      contains(one, model) &&
      one.clauses.some(({ target }) => descendants(target, 'name').some(({ name }) => name === root)),
  );
}

/** `model`, `self.model`, `self.nets.encoder`: what can be written again with no effect. */
function isPath(expr: Expr): boolean {
  return expr.kind === 'name' || (expr.kind === 'member' && isPath(expr.object));
}

/** The statement to set the mode before: the whole `with no_grad()` and the loop over data. */
function beforeInference(flow: Flow, module: Module, { forward }: TrainingModeGap): Stmt {
  let statement = anchorOf(flow, forward);
  for (const parent of ancestors(statement)) {
    if (parent.kind === 'function' || parent.kind === 'class') break;
    if (parent.kind === 'with' && !runsTraining(flow, parent.body) && startsLine(module, parent))
      statement = parent;
    else if (parent.kind !== 'block') break;
  }
  return statement;
}

/** The last statement that builds, loads or moves the model where it is made. */
function lastSetup(flow: Flow, module: Module, model: Expr, object: ObjectValue, at: Call): Stmt | null {
  const holds = (expr: Expr) =>
    textOf(module, expr) === textOf(module, model) &&
    flow.objects(expr).some((one) => one.site === object.site);
  const all = module.assigns.filter(
    (assign) =>
      assign.value !== null &&
      assign.operator === null &&
      assign.targets.some(holds) &&
      !contains(assign, at),
  );
  const beside = all.filter((assign) => sameFunction(assign, at));
  const first = beside[0] ?? all[0];
  if (!first) return null;
  const assigns = all.filter((assign) => sameFunction(assign, first));
  const block = commonBlock(assigns);
  if (!block) return null;
  const inBlock = (node: Node): Stmt | undefined => block.statements.find((one) => contains(one, node));
  const limit = contains(block, at) ? at.start : Number.POSITIVE_INFINITY;
  let last = inBlock(first) ?? statementOf(first);
  const consider = (node: Node) => {
    const statement = inBlock(node);
    if (statement && statement.start > last.start && statement.end < limit && !contains(statement, at))
      last = statement;
  };
  for (const assign of module.assigns) {
    const isPart = assign.targets.some((target) => target.kind === 'member' && holds(target.object));
    if (isPart || assigns.includes(assign)) consider(assign);
  }
  for (const call of module.calls) {
    if (call.callee.kind !== 'member' || !SETUP.test(call.callee.property) || !holds(call.callee.object))
      continue;
    consider(call);
  }
  return last;
}

/** The innermost block that holds all of the nodes: `if` branches that each build a model meet after the `if`. */
function commonBlock(nodes: readonly Node[]): Block | null {
  const [first] = nodes;
  if (!first) return null;
  for (const parent of ancestors(first))
    if (parent.kind === 'block' && nodes.every((node) => contains(parent, node))) return parent;
  return null;
}

const SETUP = /^(?:load_state_dict|load\w*|to|cuda|cpu|half|float|double|apply|requires_grad_|share_memory)$/;

/** Where training would go on in evaluation mode: before the loops over training data that set no mode of their own. */
function returnsToTraining(
  flow: Flow,
  module: Module,
  { object }: TrainingModeGap,
  before: Stmt,
): readonly ModePlace[] {
  const events = modeEvents(flow, object, module).filter((event) => event.mode === 'training');
  const places = new Map<Stmt, ModePlace>();
  for (const call of module.calls) {
    if (!isDifferentiated(flow, call)) continue;
    const trained = forwardOf(flow, call);
    if (!trained || !isPath(trained.model) || !trained.objects.some((one) => one.site === object.site))
      continue;
    const round = roundOf(call, before);
    if (!round) continue;
    const isSet = events.some(
      (event) => sameFunction(event.call, call) && precedes(event.call, call) && contains(round, event.call),
    );
    if (isSet) continue;
    const loop = enclosingLoops(call).find(
      (one) => isStepLoop(flow, one) && one.kind === 'for' && contains(round, one),
    );
    const statement =
      loop && loop.kind === 'for' ? loop : round.kind === 'block' ? round.statements[0] : undefined;
    if (statement)
      places.set(statement, { statement, side: 'before', text: `${textOf(module, trained.model)}.train()` });
  }
  return [...places.values()];
}

/** The block that runs again after the inference, and trains: a loop's body around both, or the training function's. */
function roundOf(training: Call, inference: Stmt): Block | null {
  if (sameFunction(training, inference)) {
    for (const parent of ancestors(inference)) {
      if (parent.kind === 'function') return null;
      if ((parent.kind === 'for' || parent.kind === 'while') && contains(parent.body, training))
        return parent.body;
    }
    return null;
  }
  return enclosingFunction(training)?.body ?? null;
}

/** What the model is called where it is put in evaluation mode; null where there is no way to. */
export function evaluatedName(flow: Flow, module: Module, gap: TrainingModeGap): string | null {
  return modePlaces(flow, module, gap)?.[0]?.text.replace(/\.eval\(\)$/, '') ?? null;
}

/** Edits that put the model in evaluation mode where it predicts. Empty where there is no way to. */
export function evaluationEdits(flow: Flow, module: Module, gap: TrainingModeGap): readonly Edit[] {
  return (modePlaces(flow, module, gap) ?? []).map(({ statement, side, text }) =>
    side === 'before' ? insertBefore(module, statement, [text]) : insertAfter(module, statement, [text]),
  );
}

/** Both at once: evaluation mode, and gradients off around the region. */
export function jointEdits(
  flow: Flow,
  module: Module,
  gap: TrainingModeGap,
  region: Region,
): readonly Edit[] {
  const places = modePlaces(flow, module, gap);
  if (!places) return [];
  const header = gradientHeader(flow, module, region);
  const first = region.statements[0];
  const newline = newlineOf(module);
  const above = places.filter((place) => place.side === 'before' && place.statement === first);
  const others = places.filter((place) => !above.includes(place));
  const lines = [...above.map((place) => place.text), header];
  const indent = first ? indentAt(module, first.start) : '';
  const wrapped = gradientEdits(module, region, lines.join(newline + indent));
  if (wrapped.length === 0) return [];
  return [
    ...others.map(({ statement, side, text }) =>
      side === 'before' ? insertBefore(module, statement, [text]) : insertAfter(module, statement, [text]),
    ),
    ...wrapped,
  ];
}
