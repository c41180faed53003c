/** Convolutions followed by batch norm (and ReLU) in a model's own code: what `fuse_modules` can make one layer of. */
import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, ClassNode, Expr, FunctionNode, Node } from '../../analysis/model.ts';
import { descendants, enclosingFunction, ownAttribute, statementOf } from '../../analysis/tree.ts';

/** Layers of one class that fuse, by their names within it: `['conv1', 'bn1', 'relu']`, `['features.0', 'features.1']`. */
export interface Fusable {
  readonly class: ClassNode;
  readonly groups: readonly (readonly string[])[];
}

const CONV = /^torch\.nn\.Conv([123])d$/;

/** Fusable layers of the class and of the local classes it is built from; its own first. */
export function fusables(owner: ClassNode, flow: Flow): readonly Fusable[] {
  const found: Fusable[] = [];
  const seen = new Set<ClassNode>();
  const queue: ClassNode[] = [owner];
  for (let one = queue.shift(); one && seen.size < 40; one = queue.shift()) {
    if (seen.has(one)) continue;
    seen.add(one);
    const groups = groupsOf(one, flow);
    if (groups.length > 0) found.push({ class: one, groups });
    for (const call of descendants(one.body, 'call')) {
      for (const value of flow.values(call.callee)) if (value.kind === 'class') queue.push(value.class);
    }
  }
  return found;
}

function groupsOf(owner: ClassNode, flow: Flow): readonly (readonly string[])[] {
  const layers = attributeLayers(owner, flow);
  const groups: (readonly string[])[] = [];
  for (const [name, made] of layers) {
    if (typeOf(made, flow) === 'torch.nn.Sequential') {
      for (const group of sequentialGroups(made, flow)) groups.push(group.map((at) => `${name}.${at}`));
    }
  }
  const forward = owner.body.statements.find(
    (one): one is FunctionNode => one.kind === 'function' && one.name === 'forward',
  );
  if (forward) groups.push(...forwardGroups(forward, layers, flow));
  else if (flow.bases(owner).includes('torch.nn.Sequential')) groups.push(...ownGroups(owner, flow));
  return groups;
}

/** `super().__init__(nn.Conv2d(…), nn.BatchNorm2d(…), nn.ReLU())` of a class that is an `nn.Sequential`. */
function ownGroups(owner: ClassNode, flow: Flow): readonly (readonly string[])[] {
  const given = descendants(owner.body, 'call').find(
    ({ callee }) =>
      callee.kind === 'member' &&
      callee.property === '__init__' &&
      callee.object.kind === 'call' &&
      callee.object.callee.kind === 'name' &&
      callee.object.callee.name === 'super',
  );
  return given ? sequentialGroups(given, flow) : [];
}

/** Layers assigned once to an attribute of `self`. */
function attributeLayers(owner: ClassNode, flow: Flow): ReadonlyMap<string, Call> {
  const found = new Map<string, Call | null>();
  for (const assign of descendants(owner.body, 'assign')) {
    const name = ownAttribute(assign.targets[0]);
    if (name === null) continue;
    const made = assign.value?.kind === 'call' ? assign.value : null;
    found.set(name, found.has(name) ? null : made && typeOf(made, flow) ? made : null);
  }
  return new Map([...found].flatMap(([name, made]) => (made ? [[name, made] as const] : [])));
}

function typeOf(call: Call, flow: Flow): string | null {
  const object = flow.objects(call).find((one) => one.origin === call);
  return object?.class ? null : (object?.types[0] ?? null);
}

/** A layer of an `nn.Sequential` under the name that it goes by there. */
interface Item {
  readonly name: string;
  readonly layer: Expr;
}

/** The layers given to `nn.Sequential(…)`: by position, or as an ordered dict by name; null where one is out of sight. */
function itemsOf(sequential: Call, flow: Flow): readonly Item[] | null {
  const { args } = sequential;
  const [only] = args;
  if (args.length === 1 && only && !only.spread && only.value.kind === 'call') {
    const named = flow.names(only.value).includes('collections.OrderedDict');
    const given = named ? only.value.args[0]?.value : null;
    if (given?.kind === 'sequence') {
      const items = given.items.flatMap((pair): Item[] => {
        const [name, layer] = pair.kind === 'sequence' ? pair.items : [];
        const text = name && flow.constant(name);
        return typeof text === 'string' && layer ? [{ name: text, layer }] : [];
      });
      return items.length === given.items.length ? items : null;
    }
  }
  if (args.some((one) => one.spread)) return null;
  return args.map(({ value }, at) => ({ name: String(at), layer: value }));
}

/** Names of conv, batch norm (and ReLU) that stand side by side in `nn.Sequential(…)`. */
export function sequentialGroups(sequential: Call, flow: Flow): string[][] {
  const items = itemsOf(sequential, flow);
  if (!items || items.some(({ layer }) => layer.kind !== 'call')) return [];
  const groups: string[][] = [];
  const types = items.map(({ layer }) => (layer.kind === 'call' ? typeOf(layer, flow) : null));
  for (let at = 0; at + 1 < items.length; at++) {
    const conv = items[at]?.layer;
    const norm = items[at + 1]?.layer;
    if (conv?.kind !== 'call' || norm?.kind !== 'call' || !fuses(conv, norm, flow)) continue;
    const end = at + (types[at + 2] === 'torch.nn.ReLU' ? 3 : 2);
    groups.push(items.slice(at, end).map(({ name }) => name));
  }
  return groups;
}

function fuses(conv: Call, norm: Call, flow: Flow): boolean {
  const size = CONV.exec(typeOf(conv, flow) ?? '')?.[1];
  if (!size || typeOf(norm, flow) !== `torch.nn.BatchNorm${size}d`) return false;
  const tracked = flow.argument(norm, 'track_running_stats', 4);
  return tracked.state === 'absent';
}

function forwardGroups(
  forward: FunctionNode,
  layers: ReadonlyMap<string, Call>,
  flow: Flow,
): readonly string[][] {
  const uses = new Map<string, Call[]>();
  for (const call of descendants(forward.body, 'call')) {
    const name = ownAttribute(call.callee);
    if (name && layers.has(name)) uses.set(name, [...(uses.get(name) ?? []), call]);
  }
  const only = (name: string): Call | null => {
    const calls = uses.get(name) ?? [];
    return calls.length === 1 ? (calls[0] ?? null) : null;
  };
  const groups: string[][] = [];
  for (const [name, made] of layers) {
    const conv = only(name);
    if (!conv || !CONV.test(typeOf(made, flow) ?? '')) continue;
    const norm = consumer(conv);
    const normName = norm && ownAttribute(norm.callee);
    const normLayer = normName ? layers.get(normName) : undefined;
    if (!norm || !normName || !normLayer || only(normName) !== norm || !fuses(made, normLayer, flow))
      continue;
    const relu = consumer(norm);
    const reluName = relu && ownAttribute(relu.callee);
    const reluLayer = reluName ? layers.get(reluName) : undefined;
    const isRelu =
      relu !== null &&
      reluName !== null &&
      reluLayer !== undefined &&
      only(reluName) === relu &&
      typeOf(reluLayer, flow) === 'torch.nn.ReLU';
    groups.push([name, normName, ...(isRelu && reluName ? [reluName] : [])]);
  }
  return groups;
}

/** The one call that takes the call's result, first of its arguments: around it, or in the next statement through the same variable. */
function consumer(call: Call): Call | null {
  const parent = call.parent;
  if (parent?.kind === 'argument') {
    const outer = parent.parent;
    return outer?.kind === 'call' && outer.args[0] === parent ? outer : null;
  }
  if (parent?.kind !== 'assign' || parent.operator !== null || parent.targets.length !== 1) return null;
  const target = parent.targets[0];
  if (target?.kind !== 'name') return null;
  const block = parent.parent;
  if (block?.kind !== 'block') return null;
  const next = block.statements[block.statements.indexOf(parent) + 1];
  if (!next) return null;
  const reads = readsBeforeRewrite(target.name, parent, next);
  const [read] = reads;
  if (reads.length !== 1 || read?.parent?.kind !== 'argument') return null;
  const outer = read.parent.parent;
  return outer?.kind === 'call' && statementOf(outer) === next && outer.args[0] === read.parent
    ? outer
    : null;
}

/** Reads of the variable after its assignment; those of `next` alone where that assigns it anew. */
function readsBeforeRewrite(name: string, from: Node, next: Node): readonly Node[] {
  const rewrites =
    next.kind === 'assign' && next.targets.some((one) => one.kind === 'name' && one.name === name);
  const place = rewrites ? next : enclosingFunction(from)?.body;
  if (!place) return [];
  return descendants(place, 'name').filter(
    (one) =>
      one.name === name &&
      one.start > from.end &&
      !(one.parent?.kind === 'assign' && one.parent.targets.includes(one)),
  );
}
