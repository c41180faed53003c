/**
 * Whether a served model computes enough for its format to matter. Networks over a few numbers, key points or tiny
 * images answer in a moment whatever runs them; a format has something to fold and fuse in backbones, in stacks of
 * convolutions, in attention.
 */
import type { Flow, ObjectValue } from '../../analysis/flow/types.ts';
import { ofModule } from '../../analysis/memo.ts';
import type { Call, ClassNode, Expr, Module, Node } from '../../analysis/model.ts';
import { descendants, lastName } from '../../analysis/tree.ts';
import { memoized } from './memo.ts';
import { statedIn } from './text.ts';

/** Sides in pixels up to which images are digits and the like. */
const TINY_IMAGE = 32;
/** Weights from which a network of dense and recurrent layers is no toy. */
const MANY_WEIGHTS = 1e6;
/** Convolutions, and channels, from which a network is deep even over tiny images. */
const MANY_CONVOLUTIONS = 5;
const MANY_CHANNELS = 256;

/**
 * Whether the code shows a model worth converting: by its layers, where they are in sight, else by what is fed to it.
 * @param modules the programs that serve it
 */
export function isSubstantial(flow: Flow, object: ObjectValue, modules: readonly Module[]): boolean {
  const type = object.types[0] ?? '';
  const given = object.origin?.args ?? [];
  const layers = object.class
    ? join(layersOf(flow, object.class), gather(flow, given))
    : type === 'torch.nn.Sequential' && object.origin
      ? gather(flow, object.origin.args)
      : null;
  if (layers === null) {
    const isNamed = /^(?:torchvision|timm|segmentation_models|keras\.applications|efficientnet)/.test(type);
    return isNamed || readsImages(flow, modules);
  }
  if (layers.isBackbone) return true;
  if (layers.convolutions > 0)
    return (
      layers.convolutions >= MANY_CONVOLUTIONS || layers.widest >= MANY_CHANNELS || !isTiny(flow, modules)
    );
  return layers.weights >= MANY_WEIGHTS;
}

interface Layers {
  /** A library's network, attention, or a network built out of sight. */
  readonly isBackbone: boolean;
  readonly convolutions: number;
  /** The most channels that a convolution is known to give. */
  readonly widest: number;
  /** Of dense and recurrent layers whose sizes are known. */
  readonly weights: number;
}

const join = (a: Layers, b: Layers): Layers => ({
  isBackbone: a.isBackbone || b.isBackbone,
  convolutions: a.convolutions + b.convolutions,
  widest: Math.max(a.widest, b.widest),
  weights: a.weights + b.weights,
});

const layersOf = memoized((flow, node: ClassNode): Layers => gather(flow, [node.body]));

/** What the nodes build or are given, local classes and functions followed. */
function gather(flow: Flow, roots: readonly Node[]): Layers {
  let isBackbone = false;
  let convolutions = 0;
  let widest = 0;
  let weights = 0;
  const seen = new Set<Node>();
  const visit = (root: Node): void => {
    if (seen.has(root) || isBackbone) return;
    seen.add(root);
    for (const call of descendants(root, 'call')) {
      const made = flow
        .objects(call)
        .filter((one) => one.origin === call && one.types.includes('torch.nn.Module'));
      for (const { types, class: local } of made) {
        const [type = ''] = types;
        if (local) visit(local.body);
        else if (!type.startsWith('torch.nn.') || /Transformer|Attention/.test(type)) isBackbone = true;
        else if (/\.(?:Lazy)?Conv(?:Transpose)?[23]d$/.test(type)) {
          convolutions += 1;
          widest = Math.max(widest, sizeAt(flow, call, 'out_channels', 1));
        } else weights += weightsOf(flow, call, type);
      }
      if (made.length === 0) for (const target of flow.targets(call)) visit(target.body);
    }
  };
  for (const root of roots) {
    // `Head(bert)`: a network handed over by its name
    if (root.kind === 'argument')
      for (const { types } of flow.objects(root.value))
        isBackbone ||= types.includes('torch.nn.Module') && !/^torch\.nn\./.test(types[0] ?? '');
    visit(root);
  }
  return { isBackbone, convolutions, widest, weights };
}

/** Gates of a recurrent layer: each has weights of its own. */
const GATES: Readonly<Record<string, number>> = { LSTM: 4, GRU: 3, RNN: 1 };

/** Weights of a dense, recurrent or one-dimensional layer; 0 where its sizes are not known. */
function weightsOf(flow: Flow, call: Call, type: string): number {
  const kind = type.slice(type.lastIndexOf('.') + 1).replace(/Cell$/, '');
  if (kind === 'Linear') return sizeAt(flow, call, 'in_features', 0) * sizeAt(flow, call, 'out_features', 1);
  if (kind === 'Conv1d')
    return 3 * sizeAt(flow, call, 'in_channels', 0) * sizeAt(flow, call, 'out_channels', 1);
  const gates = GATES[kind] ?? 0;
  const [input, hidden] = [sizeAt(flow, call, 'input_size', 0), sizeAt(flow, call, 'hidden_size', 1)];
  return gates * hidden * (input + hidden) * Math.max(1, sizeAt(flow, call, 'num_layers', 2));
}

function sizeAt(flow: Flow, call: Call, name: string, position: number): number {
  const given = flow.argument(call, name, position);
  if (given.state !== 'given') return 0;
  return Math.max(0, ...flow.constants(given.value).filter((one) => typeof one === 'number'));
}

/** What prepares images, or draws sounds as such; a picture that the program shows comes by its own name. */
const IMAGES =
  /\b(?:[rR]esize|CenterCrop|img_to_array|load_img|decode_(?:image|jpeg|png)|imdecode|smart_resize|ToTensor|VideoCapture|target_size|[mM]el_?[sS]pectrogram|stft)\b|\b(?:Image\.open|imread)\((?!\s*f?['"])/;

/** Key points of hands, faces and bodies: some hundred numbers, found by a network that runs elsewhere. */
const KEY_POINTS = /\bmediapipe\b/;

const preparesImages = ofModule((module) => IMAGES.test(statedIn(module)));
const takesKeyPoints = ofModule((module) => module.imports.some((one) => KEY_POINTS.test(one.module)));

function readsImages(flow: Flow, modules: readonly Module[]): boolean {
  return modules.some(preparesImages) && !modules.some(takesKeyPoints) && !isTiny(flow, modules);
}

/** Whether some image is brought to the size of a digit. */
function isTiny(flow: Flow, modules: readonly Module[]): boolean {
  return modules.some((module) => resizesToTiny(flow, module));
}

const SIZES =
  /^(?:resize|Resize|smart_resize|load_img|CenterCrop|RandomResizedCrop|reshape|Input|InputLayer|image_dataset_from_directory)$/;

const resizesToTiny = memoized((flow, module: Module): boolean => {
  if (module.language !== 'python') return false;
  return module.calls.some(
    (call) =>
      SIZES.test(lastName(call.callee)) &&
      [call.args.map(({ value }) => value), ...call.args.map(({ value }) => itemsOf(flow, value))].some(
        (items) => isTinySquare(flow, items),
      ),
  );
});

function itemsOf(flow: Flow, expr: Expr): readonly Expr[] {
  if (expr.kind === 'sequence') return expr.items;
  const [value, ...others] = flow.values(expr);
  const isOne = others.length === 0 && value?.kind === 'display' && value.node.kind === 'sequence';
  return isOne && value.node.kind === 'sequence' ? value.node.items : [];
}

/** `(28, 28)` and `(1, 28, 28, 1)`, `(-1, 784)`: two sides of a tiny square, or its pixels in one row. */
function isTinySquare(flow: Flow, items: readonly Expr[]): boolean {
  const sides = items.map((item) => flow.constant(item));
  return sides.some(
    (side, at) =>
      typeof side === 'number' &&
      ((side >= 8 && side <= TINY_IMAGE && sides[at + 1] === side) || side === 784),
  );
}
