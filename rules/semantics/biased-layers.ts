/** Layers whose bias a batch norm right behind them subtracts again, in PyTorch and Keras. */
import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, ClassNode, Expr, Module } from '../../analysis/model.ts';
import { descendants } from '../../analysis/tree.ts';
import { attributeLayers, consumer, ownAttribute } from './fusion.ts';

export interface BiasedLayer {
  readonly layer: Call;
  readonly norm: Call;
  readonly framework: 'torch' | 'keras';
  /** `false`: written without a bias already. */
  readonly bias: boolean;
}

const TORCH_LAYER = /^torch\.nn\.(?:Conv(?:Transpose)?[123]d|Linear)$/;
const TORCH_NORM = /^torch\.nn\.(?:BatchNorm[123]d|SyncBatchNorm)$/;
const KERAS_LAYER =
  /^keras\.layers\.(?:Conv[123]D(?:Transpose)?|SeparableConv[12]D|DepthwiseConv[12]D|Dense)$/;
const KERAS_NORM = 'keras.layers.BatchNormalization';

/** Every layer of the module that a batch norm directly follows. */
export function layersBeforeNorm(module: Module, flow: Flow): readonly BiasedLayer[] {
  const found = new Map<Call, BiasedLayer>();
  for (const owner of module.classes) {
    if (flow.bases(owner).includes('torch.nn.Module')) {
      for (const one of forwardPairs(owner, flow)) found.set(one.layer, one);
    }
  }
  for (const call of module.calls) {
    if (found.has(call)) continue;
    const next = isLayer(call, flow) ? follower(call) : null;
    const pair = next && pairOf(call, next, flow);
    if (pair) found.set(call, pair);
  }
  return [...found.values()].sort((a, b) => a.layer.start - b.layer.start);
}

const typeOf = (call: Call, flow: Flow): string =>
  flow.objects(call).find((one) => one.origin === call && !one.class)?.types[0] ?? '';

function isLayer(call: Call, flow: Flow): boolean {
  const type = typeOf(call, flow);
  return TORCH_LAYER.test(type) || KERAS_LAYER.test(type);
}

function pairOf(layer: Call, norm: Call, flow: Flow): BiasedLayer | null {
  const type = typeOf(layer, flow);
  const after = typeOf(norm, flow);
  if (TORCH_LAYER.test(type) && TORCH_NORM.test(after)) {
    // a norm over another dimension than the layer's outputs would keep their biases apart
    if (!sameWidth(layer, norm, flow)) return null;
    const bias = biasOf(layer, 'bias', type === 'torch.nn.Linear' ? 2 : 7, flow);
    return bias === null ? null : { layer, norm, framework: 'torch', bias };
  }
  if (KERAS_LAYER.test(type) && after === KERAS_NORM) {
    if (!isLinear(layer, flow)) return null;
    if (norm.args.some(({ name }) => name === 'center' || name === 'axis')) return null;
    const bias = biasOf(layer, 'use_bias', undefined, flow);
    return bias === null ? null : { layer, norm, framework: 'keras', bias };
  }
  return null;
}

/** Null where it cannot be told. */
function biasOf(layer: Call, name: string, position: number | undefined, flow: Flow): boolean | null {
  const given = flow.argument(layer, name, position);
  if (given.state === 'absent') return true;
  if (given.state === 'unknown') return null;
  const value = flow.constant(given.value);
  return typeof value === 'boolean' ? value : null;
}

/** The layer has no activation of its own between it and the norm. */
function isLinear(layer: Call, flow: Flow): boolean {
  const type = typeOf(layer, flow);
  const given = flow.argument(layer, 'activation', type.endsWith('.Dense') ? 1 : undefined);
  if (given.state === 'absent') return true;
  if (given.state === 'unknown') return false;
  const value = flow.constant(given.value);
  return value === null || value === 'linear';
}

function sameWidth(layer: Call, norm: Call, flow: Flow): boolean {
  const outputs = layer.args[1]?.value;
  const features = norm.args[0]?.value;
  if (!outputs || !features) return false;
  const [left, right] = [outputs, features].map((one) => flow.constant(one));
  if (left !== undefined && right !== undefined) return left === right;
  const { text } = flow.moduleOf(layer);
  return text.slice(outputs.start, outputs.end) === text.slice(features.start, features.end);
}

function forwardPairs(owner: ClassNode, flow: Flow): readonly BiasedLayer[] {
  const layers = attributeLayers(owner, flow);
  const forward = owner.body.statements.find((one) => one.kind === 'function' && one.name === 'forward');
  if (!forward) return [];
  const calls = descendants(forward, 'call');
  const uses = (name: string) => calls.filter((call) => ownAttribute(call.callee) === name);
  return [...layers].flatMap(([name, layer]) => {
    if (!TORCH_LAYER.test(typeOf(layer, flow))) return [];
    const [use, ...others] = uses(name);
    const next = use && others.length === 0 ? consumer(use) : null;
    const norm = next && layers.get(ownAttribute(next.callee) ?? '');
    const pair = norm && pairOf(layer, norm, flow);
    return pair ? [pair] : [];
  });
}

/** The layer built right behind: next in a list or in `Sequential(…)`, next `add`, next functional call. */
function follower(layer: Call): Call | null {
  const parent = layer.parent;
  const asCall = (expr: Expr | undefined): Call | null => (expr?.kind === 'call' ? expr : null);
  if (parent?.kind === 'sequence') return asCall(parent.items[parent.items.indexOf(layer) + 1]);
  if (parent?.kind === 'argument' && parent.parent?.kind === 'call') {
    const outer = parent.parent;
    if (outer.callee.kind === 'member' && outer.callee.property === 'add') return nextAdded(outer);
    const next = outer.args[outer.args.indexOf(parent) + 1];
    return next && next.name === null && !next.spread ? asCall(next.value) : null;
  }
  if (parent?.kind === 'call' && parent.callee === layer) return asCall(consumer(parent)?.callee);
  return null;
}

/** `model.add(BatchNormalization())` in the statement after `model.add(Conv2D(…))`. */
function nextAdded(add: Call): Call | null {
  const statement = add.parent;
  const block = statement?.parent;
  if (statement?.kind !== 'expression' || block?.kind !== 'block' || add.callee.kind !== 'member')
    return null;
  const next = block.statements[block.statements.indexOf(statement) + 1];
  const call = next?.kind === 'expression' ? next.expression : null;
  if (call?.kind !== 'call' || call.callee.kind !== 'member' || call.callee.property !== 'add') return null;
  const [left, right] = [add.callee.object, call.callee.object];
  const isSame = left.kind === 'name' && right.kind === 'name' && left.name === right.name;
  const value = call.args[0]?.value;
  return isSame && value?.kind === 'call' ? value : null;
}
