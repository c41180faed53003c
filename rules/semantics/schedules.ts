/** Trainings that a scheduler starts: what a scheduler's call is about, and whether that trains a model. */
import type { Flow } from '../../analysis/flow/types.ts';
import type { Assign, Call, FunctionNode, Module, Node } from '../../analysis/model.ts';
import { ancestors, contains, descendants } from '../../analysis/tree.ts';
import { memoized, memoizedWhole } from './memo.ts';
import { trainingSites } from './training.ts';

const TRAINS = /(?:^|[^a-z])(?:re)?train(?:ing)?(?![a-z])|(?:Re|[a-z])?Train(?:ing)?(?![a-z])|fine_?tun/;
const NO_TRAINING =
  /train_test|trained|train_(?:data|station|ticket|x|y)|[tT]rain(?:ing)?[_ ]?(?:Ticket|Station|Room|room|Schedule|Session|Reminder)|(?:send|book|notify|remind)\w*/;

/** Whether what is started trains a model: it leads to a training, or is named for one. */
export function trains(node: Node, module: Module, flow: Flow): boolean {
  const named = [
    ...descendants(node, 'name'),
    ...descendants(node, 'literal'),
    ...descendants(node, 'member'),
  ].some((one) => {
    const word =
      one.kind === 'name'
        ? one.name
        : one.kind === 'member'
          ? one.property
          : typeof one.value === 'string'
            ? one.value
            : '';
    return word.length < 80 && TRAINS.test(word) && !NO_TRAINING.test(word);
  });
  return named || trainingFunctions(node, module, flow).length > 0;
}

/** Functions of the workspace that the node names or holds. */
function startedFunctions(node: Node, module: Module, flow: Flow): ReadonlySet<FunctionNode> {
  return new Set<FunctionNode>([
    ...descendants(node, 'function'),
    ...descendants(node, 'name').flatMap((one) =>
      flow.values(one).flatMap((value) => (value.kind === 'function' ? [value.function] : [])),
    ),
    // a task by its name: "tasks.retrain"
    ...descendants(node, 'literal').flatMap(({ value }) =>
      typeof value === 'string' && /^[\w.]+$/.test(value)
        ? module.functions.filter(({ name }) => name === value.slice(value.lastIndexOf('.') + 1))
        : [],
    ),
  ]);
}

/** Functions of the workspace that the node names or holds and that lead to a training. */
export function trainingFunctions(node: Node, module: Module, flow: Flow): readonly FunctionNode[] {
  return [...startedFunctions(node, module, flow)].filter((fn) => {
    const home = flow.moduleOf(fn);
    const sites = trainings(flow, home);
    return sites.some((site) => contains(fn, site)) || (sites.length > 0 && leadsInto(fn, sites, flow));
  });
}

const scriptsByName = memoizedWhole((flow): ReadonlyMap<string, readonly Module[]> => {
  const found = new Map<string, Module[]>();
  for (const one of flow.modules) {
    const name = one.path.slice(one.path.lastIndexOf('/') + 1);
    found.set(name, [...(found.get(name) ?? []), one]);
  }
  return found;
});

/**
 * Files of the workspace that train and that the node starts by name: `python scripts/train.py` of a shell operator
 * or a process, or a function imported by a path that only the scheduler's machine knows. Each name must be the
 * only one of its kind.
 */
export function trainingScripts(node: Node, module: Module, flow: Flow): readonly Module[] {
  const started = [...startedFunctions(node, module, flow)].filter((fn) => flow.moduleOf(fn) === module);
  const nodes = [node, ...started];
  const written = nodes.flatMap((one) => [
    ...module.text.slice(one.start, one.end).matchAll(/[\w-]+\.py\b/g),
  ]);
  const names = new Set(nodes.flatMap((one) => descendants(one, 'name').map(({ name }) => name)));
  const imported = module.imports.flatMap((one) =>
    one.relative === 0 && one.bindings.some(({ local, imported: from }) => from !== null && names.has(local))
      ? [`${one.module.slice(one.module.lastIndexOf('.') + 1)}.py`]
      : [],
  );
  const files = new Set([...written.map(([name]) => name), ...imported]);
  return [...files].flatMap((name) => {
    const [only, ...others] = scriptsByName(flow).get(name) ?? [];
    return only && only !== module && others.length === 0 && trainings(flow, only).length > 0 ? [only] : [];
  });
}

const FITS = /^(?:sklearn|xgboost|lightgbm|catboost|statsmodels|prophet)\..*\.fit$/;

/** Every place of the module that trains, classical estimators included. */
export const trainings = memoized((flow: Flow, module: Module): readonly Node[] => [
  ...trainingSites(module, flow).map((site) => site.node),
  ...module.calls.filter(
    (call) =>
      call.callee.kind === 'member' &&
      call.callee.property === 'fit' &&
      flow
        .names(call)
        .some((name) => FITS.test(name) && !/preprocessing|feature_|decomposition|impute/.test(name)),
  ),
]);

function leadsInto(fn: FunctionNode, sites: readonly Node[], flow: Flow): boolean {
  return descendants(fn.body, 'call').some((call) =>
    flow.targets(call).some((target) => sites.some((site) => contains(target, site))),
  );
}

/** What tells what a scheduler's call starts: itself, what it is handed to, the DAG's body, the function it decorates. */
export function aboutOf(call: Call, module: Module): readonly Node[] {
  const about: Node[] = [call];
  for (const parent of ancestors(call)) {
    if (parent.kind === 'with') {
      if (parent.items.some((item) => contains(item, call))) about.push(parent.body);
      break;
    }
    if (parent.kind === 'function') {
      if (parent.decorators.some((decorator) => contains(decorator, call))) about.push(parent);
      break;
    }
    // a table of jobs: the others are not this one's business
    const isTable = parent.kind === 'dict' || parent.kind === 'sequence';
    if (isTable && about.some((one) => one.kind === 'dict')) break;
    if (parent.kind === 'call' || parent.kind === 'dict') about.push(parent);
    // the job's own name stands before its options
    if (parent.kind === 'entry' && parent.key && about.some((one) => one.kind === 'dict'))
      about.push(parent.key);
    // dag = DAG("retrain", …)
    if (parent.kind === 'assign') {
      about.push(parent, ...operatorsOf(parent, module), ...targetsOf(parent, module));
      break;
    }
    if (parent.kind === 'block') break;
  }
  return about;
}

/** Operators of a DAG that is held by a name: `PythonOperator(…, dag=dag)`. */
function operatorsOf(assign: Assign, module: Module): readonly Call[] {
  const [target] = assign.targets;
  if (target?.kind !== 'name') return [];
  return module.calls.filter((call) =>
    call.args.some(
      ({ name, value }) => name === 'dag' && value.kind === 'name' && value.name === target.name,
    ),
  );
}

/** What a rule of EventBridge starts: `rule.add_target(targets.LambdaFunction(handler))`, how the handler is made, what it may do. */
function targetsOf(assign: Assign, module: Module): readonly Node[] {
  const [rule] = assign.targets;
  if (rule?.kind !== 'name') return [];
  const isOn = (call: Call, name: string) =>
    call.callee.kind === 'member' && call.callee.object.kind === 'name' && call.callee.object.name === name;
  const added = module.calls.filter(
    (call) =>
      isOn(call, rule.name) && call.callee.kind === 'member' && /^add_?target$/i.test(call.callee.property),
  );
  const names = new Set(
    added.flatMap((call) =>
      call.args.flatMap(({ value }) => descendants(value, 'name').map(({ name }) => name)),
    ),
  );
  const made = module.assigns.filter(({ targets }) =>
    targets.some((target) => target.kind === 'name' && names.has(target.name)),
  );
  const allowed = module.calls.filter((call) => [...names].some((name) => isOn(call, name)));
  return [...added, ...made, ...allowed];
}
