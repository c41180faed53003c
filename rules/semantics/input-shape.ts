/** The shape of a model's input, where the code tells it. */
import type { Flow, ObjectValue } from '../../analysis/flow/types.ts';
import type { Call, ClassNode, Expr, FunctionNode, Module } from '../../analysis/model.ts';
import { descendants } from '../../analysis/tree.ts';

/** One input without its batch dimension: `[3, 224, 224]`, or `[784]` for a dense network; null where it is not known. */
export function inputShape(
  object: ObjectValue,
  modules: readonly Module[],
  flow: Flow,
): readonly number[] | null {
  const type = object.types[0] ?? '';
  const layer = object.class ? firstLayer(object.class, flow) : null;
  if (layer?.kind === 'dense') return [layer.size];
  const channels = layer?.size ?? (/^torchvision\.models\.|^timm\./.test(type) ? 3 : null);
  const size = imageSize(modules, flow);
  return channels !== null && size ? [channels, ...size] : null;
}

interface Layer {
  readonly kind: 'conv' | 'dense';
  readonly size: number;
}

/** The layer that a local model's `forward` hands its input to; none where that is not plain. */
function firstLayer(owner: ClassNode, flow: Flow): Layer | null {
  const forward = owner.body.statements.find(
    (one): one is FunctionNode => one.kind === 'function' && one.name === 'forward',
  );
  const input = forward?.parameters[1]?.name;
  if (!forward || !input || forward.parameters.length !== 2) return null;
  const calls = descendants(forward.body, 'call')
    .filter((call) => flow.objects(call.callee).some((one) => one.types.includes('torch.nn.Module')))
    .sort((a, b) => a.end - b.end);
  const [first] = calls;
  const taken = first?.args[0]?.value;
  if (!first || !taken || rootName(taken) !== input) return null;
  for (const object of flow.objects(first.callee)) {
    const layer = layerOf(object, flow, 0);
    if (layer) return layer;
  }
  return null;
}

function layerOf(object: ObjectValue, flow: Flow, depth: number): Layer | null {
  const { origin } = object;
  if (!origin || object.class || depth > 3) return null;
  const type = object.types[0];
  if (type === 'torch.nn.Sequential') {
    const first = origin.args[0]?.value;
    const [inner] = first ? flow.objects(first) : [];
    return inner ? layerOf(inner, flow, depth + 1) : null;
  }
  const isConv = type === 'torch.nn.Conv2d';
  if (!isConv && type !== 'torch.nn.Linear') return null;
  const given = flow.argument(origin, isConv ? 'in_channels' : 'in_features', 0);
  const size = given.state === 'given' ? flow.constant(given.value) : undefined;
  return typeof size === 'number' ? { kind: isConv ? 'conv' : 'dense', size } : null;
}

/** `x` in `x`, `x.view(…)`, `x.flatten(1)`, `torch.flatten(x, 1)`. */
function rootName(expr: Expr): string | null {
  if (expr.kind === 'name') return expr.name;
  if (expr.kind !== 'call') return null;
  if (expr.callee.kind === 'member' && /^(?:view|reshape|flatten)$/.test(expr.callee.property)) {
    const inner = expr.callee.object;
    if (inner.kind === 'name' && inner.name !== 'torch') return inner.name;
    return expr.args[0] ? rootName(expr.args[0].value) : null;
  }
  return null;
}

/** Height and width that every image is brought to; null where transforms differ or leave them open. */
export function imageSize(modules: readonly Module[], flow: Flow): readonly [number, number] | null {
  const found = new Map<string, readonly [number, number]>();
  let crops = new Map<string, readonly [number, number]>();
  for (const module of modules) {
    for (const call of module.calls) {
      const names = flow.names(call);
      const isCrop = names.some((name) =>
        /^torchvision\.transforms\.(?:v2\.)?(?:CenterCrop|RandomCrop|RandomResizedCrop)$/.test(name),
      );
      const isResize = names.some((name) => /^torchvision\.transforms\.(?:v2\.)?Resize$/.test(name));
      if (!isCrop && !isResize) continue;
      const size = sizeOf(call, flow, isCrop);
      if (size) (isCrop ? crops : found).set(size.join(), size);
    }
  }
  if (crops.size === 0) crops = found;
  const [only] = crops.values();
  return crops.size === 1 ? (only ?? null) : null;
}

/** A single number is a square for a crop, and the shorter side alone for a resize. */
function sizeOf(call: Call, flow: Flow, isSquare: boolean): readonly [number, number] | null {
  const given = flow.argument(call, 'size', 0);
  if (given.state !== 'given') return null;
  const pair = pairOf(given.value, flow);
  if (pair) return pair;
  const side = flow.constant(given.value);
  return isSquare && typeof side === 'number' ? [side, side] : null;
}

function pairOf(expr: Expr, flow: Flow): readonly [number, number] | null {
  const values = flow.values(expr);
  const [value] = values;
  const node =
    expr.kind === 'sequence' ? expr : value?.kind === 'display' && values.length === 1 ? value.node : null;
  if (node?.kind !== 'sequence' || node.items.length !== 2) return null;
  const [height, width] = node.items.map((item) => flow.constant(item));
  return typeof height === 'number' && typeof width === 'number' ? [height, width] : null;
}
