import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, FunctionNode, Module, Node, Stmt } from '../../analysis/model.ts';
import { blockOf, descendants, enclosingClass, enclosingFunction, statementOf } from '../../analysis/tree.ts';
import { addArgument, replace } from '../edits.ts';
import { defineRule, type Edit, type RuleContext } from '../rule.ts';
import { backwardCalls } from '../semantics/torch-training.ts';
import { trainingSites } from '../semantics/training.ts';

interface Layer {
  /** What switches its bias off. */
  readonly argument: 'bias' | 'use_bias';
  /** Where that stands among its arguments; Keras's is given by name. */
  readonly position?: number;
  /** Where the activation stands that a Keras layer may bring along: the bias is inside of it. */
  readonly activation?: number;
}

const torch = (position: number): Layer => ({ argument: 'bias', position });
const keras = (activation: number): Layer => ({ argument: 'use_bias', activation });

/** Layers with a bias. */
const BIASED: Readonly<Record<string, Layer>> = {
  'torch.nn.Conv1d': torch(7),
  'torch.nn.Conv2d': torch(7),
  'torch.nn.Conv3d': torch(7),
  'torch.nn.ConvTranspose1d': torch(7),
  'torch.nn.ConvTranspose2d': torch(7),
  'torch.nn.ConvTranspose3d': torch(7),
  'torch.nn.Linear': torch(2),
  'keras.layers.Conv1D': keras(7),
  'keras.layers.Conv2D': keras(7),
  'keras.layers.Conv3D': keras(7),
  'keras.layers.Conv2DTranspose': keras(7),
  'keras.layers.SeparableConv2D': keras(7),
  'keras.layers.Dense': keras(1),
};

const NORM = /^(?:torch\.nn\.(?:BatchNorm[123]d|SyncBatchNorm)|keras\.layers\.BatchNormalization)$/;

export default defineRule({
  id: 'bias-before-batchnorm',
  phase: 'training',
  languages: ['python'],
  severity: 'hint',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'memory',
    band: 'low',
    source: {
      en: 'PyTorch performance tuning guide: “Disable bias for convolutions directly followed by a batch norm”.',
      fr: 'PyTorch, guide de réglage des performances : désactiver le biais des convolutions suivies directement d’une normalisation par lots.',
    },
  },
  references: {
    course: [
      'Suppression des couches ou paramètres inutiles : « Supprimer les paramètres faiblement contributifs »',
      'Phase de déploiement — Optimiser le modèle en production : « Supprimer les couches ou paramètres inutiles »',
    ],
    links: [
      'https://docs.pytorch.org/tutorials/recipes/recipes/tuning_guide.html#disable-bias-for-convolutions-directly-followed-by-a-batch-norm',
    ],
  },
  libraries: ['torch', 'keras', 'tensorflow'],
  title: { en: 'Bias that batch normalization cancels', fr: 'Biais annulé par la normalisation par lot' },
  what: {
    en: 'A convolution or linear layer with a bias whose result goes straight into a batch normalization: side by side in a `Sequential` or a list of layers, or one after the other in `forward`; in Keras where the layer has no activation of its own. Said once per class.',
    fr: 'Une convolution ou une couche linéaire avec biais dont le résultat va directement dans une normalisation par lot : côte à côte dans un `Sequential` ou une liste de couches, ou l’une après l’autre dans `forward` ; dans Keras, si la couche n’a pas sa propre activation. Signalé une fois par classe.',
  },
  why: {
    en: 'Batch normalization subtracts the mean of each channel, and with it the bias just added. The bias is stored, added, differentiated and updated by the optimizer for nothing; the normalization has a bias of its own. It is little beside the convolution: on a CPU the time stays within the noise, as measured below.',
    fr: 'La normalisation par lot soustrait la moyenne de chaque canal, donc le biais qui vient d’être ajouté. Ce biais est stocké, ajouté, dérivé et mis à jour par l’optimiseur pour rien ; la normalisation a le sien. C’est peu à côté de la convolution : sur CPU le temps reste dans le bruit, comme mesuré ci-dessous.',
  },
  instead: {
    en: 'Give the layer `bias=False` (Keras: `use_bias=False`). Checkpoints saved before hold the bias: load them with `strict=False` or leave such a model as it is.',
    fr: 'Donnez `bias=False` à la couche (`use_bias=False` dans Keras). Les points de reprise antérieurs contiennent le biais : chargez-les avec `strict=False` ou laissez un tel modèle tel quel.',
  },
  messages: {
    default: {
      en: 'The bias of this `{layer}` is cancelled by the batch normalization behind it: `{argument}=False`.',
      fr: 'Le biais de ce `{layer}` est annulé par la normalisation par lot qui suit : `{argument}=False`.',
    },
    several: {
      en: 'The bias of this `{layer}` is cancelled by the batch normalization behind it ({count} such layers here): `{argument}=False`.',
      fr: 'Le biais de ce `{layer}` est annulé par la normalisation par lot qui suit ({count} couches dans ce cas ici) : `{argument}=False`.',
    },
  },
  on: { module: check },
  examples: {
    bad: [
      {
        code: 'import torch.nn as nn\n\nmodel = nn.Sequential(\n    nn.Conv2d(3, 16, 3, padding=1),\n    nn.BatchNorm2d(16),\n    nn.ReLU(),\n    nn.Conv2d(16, 10, 1),\n)\n',
        fixed:
          'import torch.nn as nn\n\nmodel = nn.Sequential(\n    nn.Conv2d(3, 16, 3, padding=1, bias=False),\n    nn.BatchNorm2d(16),\n    nn.ReLU(),\n    nn.Conv2d(16, 10, 1),\n)\n',
      },
      {
        code: 'import torch.nn as nn\nimport torch.nn.functional as F\n\nclass Block(nn.Module):\n    def __init__(self, size):\n        super().__init__()\n        self.conv = nn.Conv2d(size, size, 3)\n        self.norm = nn.BatchNorm2d(size)\n        self.fc = nn.Linear(size, 8)\n        self.fc_norm = nn.BatchNorm1d(8)\n\n    def forward(self, x):\n        x = self.conv(x)\n        x = self.norm(x)\n        x = F.relu(x).mean((2, 3))\n        return F.relu(self.fc_norm(self.fc(x)))\n',
        fixed:
          'import torch.nn as nn\nimport torch.nn.functional as F\n\nclass Block(nn.Module):\n    def __init__(self, size):\n        super().__init__()\n        self.conv = nn.Conv2d(size, size, 3, bias=False)\n        self.norm = nn.BatchNorm2d(size)\n        self.fc = nn.Linear(size, 8, bias=False)\n        self.fc_norm = nn.BatchNorm1d(8)\n\n    def forward(self, x):\n        x = self.conv(x)\n        x = self.norm(x)\n        x = F.relu(x).mean((2, 3))\n        return F.relu(self.fc_norm(self.fc(x)))\n',
      },
      {
        code: 'from torch import nn\n\ndef block(size):\n    layers = [nn.ConvTranspose2d(size, size, 4, 2, 1, bias=True), nn.BatchNorm2d(size), nn.ReLU(True)]\n    return nn.Sequential(*layers)\n',
        fixed:
          'from torch import nn\n\ndef block(size):\n    layers = [nn.ConvTranspose2d(size, size, 4, 2, 1, bias=False), nn.BatchNorm2d(size), nn.ReLU(True)]\n    return nn.Sequential(*layers)\n',
      },
      {
        code: 'import torch.nn as nn\n\ndef blocks(widths, before=3):\n    layers = []\n    for width in widths:\n        layers.append(nn.Conv2d(before, width, kernel_size=3, padding=1))\n        layers.append(nn.BatchNorm2d(width))\n        layers.append(nn.ReLU())\n        before = width\n    return nn.Sequential(*layers)\n',
        fixed:
          'import torch.nn as nn\n\ndef blocks(widths, before=3):\n    layers = []\n    for width in widths:\n        layers.append(nn.Conv2d(before, width, kernel_size=3, padding=1, bias=False))\n        layers.append(nn.BatchNorm2d(width))\n        layers.append(nn.ReLU())\n        before = width\n    return nn.Sequential(*layers)\n',
      },
      {
        code: 'from collections import OrderedDict\nimport torch.nn as nn\n\nstem = nn.Sequential(OrderedDict([\n    ("conv", nn.Conv2d(3, 16, 3)),\n    ("norm", nn.BatchNorm2d(16)),\n    ("act", nn.ReLU()),\n]))\n',
        fixed:
          'from collections import OrderedDict\nimport torch.nn as nn\n\nstem = nn.Sequential(OrderedDict([\n    ("conv", nn.Conv2d(3, 16, 3, bias=False)),\n    ("norm", nn.BatchNorm2d(16)),\n    ("act", nn.ReLU()),\n]))\n',
      },
      {
        file: 'digits.py',
        code: 'from tensorflow.keras import Sequential\nfrom tensorflow.keras.layers import Activation, BatchNormalization, Conv2D, Dense, Flatten\n\nmodel = Sequential()\nfor width in (16, 32):\n    if width == 16:\n        model.add(Conv2D(width, 3, padding="same", input_shape=(28, 28, 1)))\n    else:\n        model.add(Conv2D(width, 3, padding="same"))\n    model.add(BatchNormalization())\n    model.add(Activation("relu"))\nmodel.add(Flatten())\nmodel.add(Dense(10, activation="softmax"))\n',
        fixed:
          'from tensorflow.keras import Sequential\nfrom tensorflow.keras.layers import Activation, BatchNormalization, Conv2D, Dense, Flatten\n\nmodel = Sequential()\nfor width in (16, 32):\n    if width == 16:\n        model.add(Conv2D(width, 3, padding="same", input_shape=(28, 28, 1), use_bias=False))\n    else:\n        model.add(Conv2D(width, 3, padding="same", use_bias=False))\n    model.add(BatchNormalization())\n    model.add(Activation("relu"))\nmodel.add(Flatten())\nmodel.add(Dense(10, activation="softmax"))\n',
      },
      {
        file: 'unet.py',
        code: 'from keras import layers\n\n\ndef block(x, width):\n    x = layers.Conv2D(width, 3, padding="same")(x)\n    x = layers.BatchNormalization()(x)\n    return layers.ReLU()(x)\n',
        fixed:
          'from keras import layers\n\n\ndef block(x, width):\n    x = layers.Conv2D(width, 3, padding="same", use_bias=False)(x)\n    x = layers.BatchNormalization()(x)\n    return layers.ReLU()(x)\n',
      },
    ],
    good: [
      {
        code: 'import torch.nn as nn\n\ndef blocks(width):\n    layers, norms = [], []\n    layers.append(nn.Conv2d(3, width, 3))\n    norms.append(nn.BatchNorm2d(width))\n    layers.append(nn.Conv2d(width, width, 3))\n    layers.append(nn.ReLU())\n    layers.append(nn.BatchNorm2d(width))\n    return layers, norms\n',
        note: { en: 'Two lists; and a ReLU in between.', fr: 'Deux listes ; et une ReLU entre les deux.' },
      },
      {
        code: 'import torch.nn as nn\n\nmodel = nn.Sequential(nn.Conv2d(3, 16, 3, bias=False), nn.BatchNorm2d(16), nn.ReLU())\n',
      },
      {
        code: 'import torch.nn as nn\n\nmodel = nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU(), nn.BatchNorm2d(16))\n',
        note: { en: 'The activation needs the bias.', fr: 'L’activation a besoin du biais.' },
      },
      {
        code: 'import torch\nimport torch.nn as nn\n\nmodel = nn.Sequential(nn.Conv2d(3, 16, 3), nn.BatchNorm2d(16), nn.ReLU())\nmodel.load_state_dict(torch.load("net.pt"))\nmodel.eval()\n',
        note: {
          en: 'Its weights were saved with the bias.',
          fr: 'Ses poids ont été enregistrés avec le biais.',
        },
      },
      {
        code: 'import torch.nn as nn\n\nmodel = nn.Sequential(nn.Conv2d(3, 16, 3), nn.GroupNorm(4, 16), nn.ReLU())\n',
        note: { en: 'Several channels share one mean.', fr: 'Plusieurs canaux partagent une moyenne.' },
      },
      {
        code: 'import torch.nn as nn\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.conv = nn.Conv2d(3, 16, 3)\n        self.norm = nn.BatchNorm2d(16)\n\n    def forward(self, x):\n        y = self.conv(x)\n        return self.norm(y) + y\n',
        note: {
          en: 'The result is used unnormalized too.',
          fr: 'Le résultat sert aussi sans normalisation.',
        },
      },
      {
        code: 'import torch.nn as nn\n\ndef block(size, use_bias):\n    return nn.Sequential(nn.Conv2d(size, size, 3, bias=use_bias), nn.BatchNorm2d(size))\n',
        note: { en: 'Decided elsewhere.', fr: 'Décidé ailleurs.' },
      },
      {
        code: 'import torch.nn as nn\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.norm = nn.BatchNorm2d(3)\n        self.conv = nn.Conv2d(3, 16, 3)\n\n    def forward(self, x):\n        return self.conv(self.norm(x))\n',
      },
      {
        code: 'from keras import Sequential\nfrom keras.layers import BatchNormalization, Conv2D, Dense\n\nmodel = Sequential()\nmodel.add(Conv2D(32, 3, activation="relu"))\nmodel.add(BatchNormalization())\nmodel.add(Dense(64, "relu"))\nmodel.add(BatchNormalization())\n',
        note: { en: 'The activation is inside the layer.', fr: 'L’activation est dans la couche.' },
      },
      {
        code: 'from keras import Sequential\nfrom keras.layers import BatchNormalization, Conv2D, ReLU\n\nmodel = Sequential([Conv2D(32, 3), BatchNormalization(), ReLU()])\nmodel.load_weights("net.weights.h5")\nprint(model.predict(images))\n',
        note: {
          en: 'Weights saved with the bias, and no training.',
          fr: 'Poids enregistrés avec le biais, et pas d’entraînement.',
        },
      },
      {
        code: "from keras.layers import BatchNormalization, Convolution2D, Input\nfrom keras.models import Model\n\nimage = Input((3, 224, 224))\nx = Convolution2D(96, 7, 7, subsample=(2, 2), name='conv1', bias=False)(image)\nx = BatchNormalization(axis=1)(x)\nmodel = Model(image, x)\nmodel.compile(loss='mse', optimizer='sgd')\nmodel.fit(load_images(), load_labels(), nb_epoch=5)\n",
        note: { en: 'As Keras 1 wrote it.', fr: 'Comme Keras 1 l’écrivait.' },
      },
    ],
  },
});

function check(module: Module, context: RuleContext): void {
  const { flow } = context;
  if (!module.calls.some((call) => flow.names(call).some((name) => NORM.test(name)))) return;
  if (onlyReadsWeights(module, flow)) return;
  const groups = new Map<Node, Set<Call>>();
  const layers = [
    ...neighbours(module, flow),
    ...module.functions.flatMap((fn) => chained(fn, flow)),
    ...applied(module, flow),
  ];
  for (const layer of layers) {
    if (flow.moduleOf(layer) !== module || !hasBias(layer, flow)) continue;
    const owner = enclosingClass(layer) ?? enclosingFunction(layer) ?? module.body;
    groups.set(owner, (groups.get(owner) ?? new Set()).add(layer));
  }
  for (const layers of groups.values()) {
    const [first, ...others] = [...layers].sort((a, b) => a.start - b.start);
    if (!first) continue;
    const name = biasedName(first, flow) ?? '';
    context.fail(first.callee, {
      ...(others.length > 0 ? { message: 'several' } : {}),
      data: {
        layer: name.split('.').at(-1) ?? '',
        count: others.length + 1,
        argument: BIASED[name]?.argument ?? 'bias',
      },
      fixes: [
        {
          title: { en: 'Leave out the cancelled biases', fr: 'Retirer les biais annulés' },
          edits: () => [first, ...others].flatMap((layer) => withoutBias(layer, module, flow) ?? []),
        },
      ],
    });
  }
}

/** A program that loads weights and never trains: its layers must be as they were when the weights were saved. */
function onlyReadsWeights(module: Module, flow: Flow): boolean {
  const modules = [...flow.related(module)];
  return (
    modules.some((one) => /\bload_state_dict\b|\btorch\.load\b|\bload_weights\b/.test(one.text)) &&
    !modules.some(
      (one) =>
        backwardCalls(flow, one).length > 0 ||
        trainingSites(one, flow).some(({ api }) => api?.framework === 'keras'),
    )
  );
}

/** Layers followed by a normalization in a `Sequential` or a list of layers. */
function neighbours(module: Module, flow: Flow): Call[] {
  const rows: (readonly Expr[])[] = descendants(module.body, 'sequence').map((sequence) => sequence.items);
  for (const call of module.calls) {
    if (flow.names(call).includes('torch.nn.Sequential'))
      rows.push(call.args.map((argument) => argument.value));
    const next = appendedNext(call);
    if (next) rows.push([call.args[0]?.value as Expr, next]);
  }
  return rows
    .map((row) => row.map(unnamed))
    .flatMap((row) =>
      row.flatMap((item, at) => {
        const next = row[at + 1];
        return item.kind === 'call' && next?.kind === 'call' && isNorm(next, flow) && biasedName(item, flow)
          ? [item]
          : [];
      }),
    );
}

/** `("conv", nn.Conv2d(…))` in an ordered dict is the layer. */
function unnamed(item: Expr): Expr {
  const [name, layer] = item.kind === 'sequence' ? item.items : [];
  return name?.kind === 'literal' && layer?.kind === 'call' ? layer : item;
}

/** What the next statement appends to the list to which this call appends. */
function appendedNext(call: Call): Expr | null {
  const list = appendedTo(call);
  const next = list === null ? null : nextStatement(statementOf(call));
  if (next?.kind !== 'expression' || next.expression.kind !== 'call') return null;
  return appendedTo(next.expression) === list ? (next.expression.args[0]?.value ?? null) : null;
}

/** What runs after the statement: behind it in its block, or behind the `if` whose branch it ends. */
function nextStatement(statement: Stmt): Stmt | null {
  const block = blockOf(statement);
  const next = block?.statements[block.statements.indexOf(statement) + 1];
  if (next) return next;
  return block?.parent?.kind === 'if' ? nextStatement(block.parent) : null;
}

/** The list that the call appends to, or the Keras model that it adds to. */
function appendedTo({ callee, args }: Call): string | null {
  return callee.kind === 'member' &&
    (callee.property === 'append' || callee.property === 'add') &&
    callee.object.kind === 'name' &&
    args.length === 1
    ? callee.object.name
    : null;
}

/** Layers whose result a `forward` gives to a normalization and to nothing else. */
function chained(fn: FunctionNode, flow: Flow): Call[] {
  if (fn.name !== 'forward') return [];
  const owner = enclosingClass(fn);
  if (!owner) return [];
  const calls = descendants(fn.body, 'call');
  return calls.flatMap((norm) => {
    const made = builtBy(norm, flow);
    const input = norm.args[0]?.value;
    if (!made || !isNorm(made, flow) || norm.args.length !== 1 || !input) return [];
    const pass =
      input.kind === 'call' ? input : input.kind === 'name' ? justAssigned(norm, input.name) : null;
    const layer = pass && builtBy(pass, flow);
    if (!layer || !biasedName(layer, flow)) return [];
    // a layer that runs twice may feed something else as well
    const runs = descendants(owner.body, 'call').filter((one) => builtBy(one, flow) === layer);
    return runs.length === 1 ? [layer] : [];
  });
}

/** `x = Conv2D(32, 3)(x)`, then `x = BatchNormalization()(x)`: Keras's layers, called as they are made. */
function applied(module: Module, flow: Flow): Call[] {
  return module.calls.flatMap((norm) => {
    const input = norm.args[0]?.value;
    if (norm.callee.kind !== 'call' || !isNorm(norm.callee, flow) || !input) return [];
    const pass =
      input.kind === 'call' ? input : input.kind === 'name' ? justAssigned(norm, input.name) : null;
    return pass?.callee.kind === 'call' && biasedName(pass.callee, flow) ? [pass.callee] : [];
  });
}

/** The call that made what is called, when it is one known layer. */
function builtBy(call: Call, flow: Flow): Call | null {
  if (call.callee.kind !== 'member') return null;
  const objects = flow.objects(call.callee);
  return objects.length === 1 && objects[0]?.origin?.callee ? objects[0].origin : null;
}

/** `x = conv(x)` in the statement before `x = norm(x)`. */
function justAssigned(norm: Call, name: string): Call | null {
  const statement = statementOf(norm);
  const block = blockOf(norm);
  const before = block?.statements[block.statements.indexOf(statement) - 1];
  if (before?.kind !== 'assign' || before.targets.length !== 1 || before.operator) return null;
  const [target] = before.targets;
  if (target?.kind !== 'name' || target.name !== name || before.value?.kind !== 'call') return null;
  const isReplaced =
    statement.kind === 'assign' &&
    statement.targets.some((one) => one.kind === 'name' && one.name === name) &&
    descendants(statement, 'name').filter((one) => one.name === name).length === 2;
  const uses = descendants(enclosingFunction(norm)?.body ?? statement, 'name').filter(
    (one) => one.name === name,
  );
  return isReplaced || uses.length === 2 ? before.value : null;
}

function isNorm(call: Call, flow: Flow): boolean {
  return flow.names(call).some((name) => NORM.test(name));
}

function biasedName(call: Call, flow: Flow): string | undefined {
  return flow.names(call).find((name) => BIASED[name] !== undefined);
}

/** Keras 1 called it `bias`, beside other arguments that it alone has. */
function argumentOf(call: Call, layer: Layer): string {
  const isOld = call.args.some(({ name }) => name !== null && KERAS_1.has(name));
  return isOld ? 'bias' : layer.argument;
}

const KERAS_1 = new Set(
  'bias subsample border_mode nb_filter nb_row nb_col init W_regularizer b_regularizer dim_ordering'.split(
    ' ',
  ),
);

function hasBias(call: Call, flow: Flow): boolean {
  const name = biasedName(call, flow);
  const layer = name ? BIASED[name] : undefined;
  if (!layer) return false;
  if (layer.activation !== undefined) {
    const activation = flow.argument(call, 'activation', layer.activation);
    const value = activation.state === 'given' ? flow.constant(activation.value) : null;
    if (activation.state === 'unknown' || (value !== null && value !== 'linear')) return false;
  }
  const bias = flow.argument(call, argumentOf(call, layer), layer.position);
  return bias.state === 'absent' || (bias.state === 'given' && flow.constant(bias.value) === true);
}

function withoutBias(call: Call, module: Module, flow: Flow): Edit | null {
  const name = biasedName(call, flow);
  const layer = name ? BIASED[name] : undefined;
  if (!layer) return null;
  const argument = argumentOf(call, layer);
  const bias = flow.argument(call, argument, layer.position);
  if (bias.state === 'given') return bias.value.kind === 'literal' ? replace(bias.value, 'False') : null;
  return addArgument(module, call, `${argument}=False`);
}
