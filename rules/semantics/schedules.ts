/** Trainings that a scheduler starts: what a scheduler's call is about, and whether that trains a model. */
import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, FunctionNode, Module, Node } from '../../analysis/model.ts';
import { ancestors, contains, descendants } from '../../analysis/tree.ts';
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

/** Functions of the workspace that the node names or holds and that lead to a training. */
export function trainingFunctions(node: Node, module: Module, flow: Flow): readonly FunctionNode[] {
  const functions = new Set<FunctionNode>(
    [...descendants(node, 'name'), ...descendants(node, 'function')].flatMap((one) =>
      one.kind === 'function'
        ? [one]
        : flow.values(one).flatMap((value) => (value.kind === 'function' ? [value.function] : [])),
    ),
  );
  return [...functions].filter((fn) => {
    const home = flow.moduleOf(fn);
    const sites = trainingSites(home, flow).map((site) => site.node);
    return (
      sites.some((site) => contains(fn, site)) ||
      (sites.length > 0 && home === module && leadsInto(fn, sites, flow))
    );
  });
}

function leadsInto(fn: FunctionNode, sites: readonly Node[], flow: Flow): boolean {
  return descendants(fn.body, 'call').some((call) =>
    flow.targets(call).some((target) => sites.some((site) => contains(target, site))),
  );
}

/** What tells what a scheduler's call starts: itself, what it is handed to, the DAG's body, the function it decorates. */
export function aboutOf(call: Call): readonly Node[] {
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
    if (parent.kind === 'call' || parent.kind === 'dict') about.push(parent);
    // dag = DAG("retrain", …)
    if (parent.kind === 'assign') {
      about.push(parent);
      break;
    }
    if (parent.kind === 'block') break;
  }
  return about;
}
