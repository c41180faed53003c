import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, ClassNode, FunctionNode } from '../../analysis/model.ts';
import { ancestors, descendants, enclosingFunction, ownAttribute } from '../../analysis/tree.ts';
import { insertAfter, replace, startsLine, textOf } from '../edits.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { makeupOf } from '../semantics/layers.ts';

export default defineRule({
  id: 'layer-built-in-forward',
  phase: 'model',
  languages: ['python'],
  severity: 'warning',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'low',
    source: {
      en: 'PyTorch documentation, torch.nn.Module: submodules are assigned in __init__. A layer built in forward draws new random weights at each pass, on the CPU, and is never trained.',
      fr: 'Documentation PyTorch, torch.nn.Module : les sous-modules se créent dans __init__. Une couche créée dans forward tire de nouveaux poids au hasard à chaque passe, sur le CPU, et n’est jamais entraînée.',
    },
  },
  references: {
    course: [
      'Suppression des couches ou paramètres inutiles : « Figurer les paramètres constants pour éviter leur recalcul »',
    ],
    links: ['https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html'],
  },
  libraries: ['torch', 'keras'],
  title: {
    en: 'Layer built anew at every forward pass',
    fr: 'Couche reconstruite à chaque passe avant',
  },
  what: {
    en: 'The `forward` of a PyTorch module, or the `call` of a Keras layer or model, builds a layer with weights (`nn.Linear`, `nn.BatchNorm2d`, `layers.Dense` …) each time it runs.',
    fr: 'Le `forward` d’un module PyTorch, ou le `call` d’une couche ou d’un modèle Keras, construit une couche avec des poids (`nn.Linear`, `nn.BatchNorm2d`, `layers.Dense`…) à chaque exécution.',
  },
  why: {
    en: 'Each pass allocates the weights and fills them with new random numbers, and no optimizer ever sees them: the layer is paid for at every step and never learns. That is a bug as much as a waste.',
    fr: 'Chaque passe alloue les poids et les remplit de nouveaux nombres aléatoires, et aucun optimiseur ne les voit : la couche se paie à chaque pas et n’apprend jamais. C’est un bug autant qu’un gaspillage.',
  },
  instead: {
    en: 'Build the layer once in `__init__` and use it in `forward`. Where its size is known at the first input only, `nn.LazyLinear` and its like are made for it.',
    fr: 'Construisez la couche une fois dans `__init__` et utilisez-la dans `forward`. Si sa taille n’est connue qu’à la première entrée, `nn.LazyLinear` et ses semblables sont faits pour cela.',
  },
  messages: {
    default: {
      en: '{layer} is built anew at every forward pass of {owner}: its weights are random each time and never trained.',
      fr: '{layer} est reconstruite à chaque passe avant de {owner} : ses poids sont aléatoires à chaque fois et jamais entraînés.',
    },
  },
  on: {
    classes: { bases: ['torch.nn.Module', 'keras.layers.Layer', 'keras.Model'], check },
  },
  examples: {
    bad: [
      {
        code: 'import torch.nn as nn\n\n\nclass Net(nn.Module):\n    def __init__(self, width):\n        super().__init__()\n        self.width = width\n        self.body = nn.Linear(784, width)\n\n    def forward(self, x):\n        x = self.body(x).relu()\n        norm = nn.BatchNorm1d(self.width)\n        return norm(x)\n',
        fixed:
          'import torch.nn as nn\n\n\nclass Net(nn.Module):\n    def __init__(self, width):\n        super().__init__()\n        self.width = width\n        self.body = nn.Linear(784, width)\n        self.norm = nn.BatchNorm1d(self.width)\n\n    def forward(self, x):\n        x = self.body(x).relu()\n        norm = self.norm\n        return norm(x)\n',
      },
      {
        code: 'import torch\nimport torch.nn as nn\n\n\nclass Head(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.pool = nn.AdaptiveAvgPool2d(1)\n\n    def forward(self, x):\n        x = torch.flatten(self.pool(x), 1)\n        return nn.Linear(512, 10)(x)\n',
        fixed:
          'import torch\nimport torch.nn as nn\n\n\nclass Head(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.pool = nn.AdaptiveAvgPool2d(1)\n        self.linear = nn.Linear(512, 10)\n\n    def forward(self, x):\n        x = torch.flatten(self.pool(x), 1)\n        return self.linear(x)\n',
      },
      {
        code: 'import torch.nn as nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.conv = nn.Conv2d(3, 8, 3)\n\n    def forward(self, x):\n        x = self.conv(x).flatten(1)\n        fc = nn.Linear(x.shape[1], 10).to(x.device)\n        return fc(x)\n',
        note: {
          en: 'Its size depends on the input: no edit, but `nn.LazyLinear`.',
          fr: 'Sa taille dépend de l’entrée : pas de modification, mais `nn.LazyLinear`.',
        },
      },
      {
        code: 'import torch.nn as nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.width = 32\n\n    def forward(self, x):\n        head = nn.Sequential(nn.Linear(self.width, 16), nn.ReLU(), nn.Linear(16, 2))\n        return head(x)\n',
        fixed:
          'import torch.nn as nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.width = 32\n        self.head = nn.Sequential(nn.Linear(self.width, 16), nn.ReLU(), nn.Linear(16, 2))\n\n    def forward(self, x):\n        head = self.head\n        return head(x)\n',
        note: { en: 'A container of new layers.', fr: 'Un conteneur de couches nouvelles.' },
      },
      {
        code: 'import tensorflow as tf\nfrom tensorflow.keras import layers\n\n\nclass Gate(layers.Layer):\n    def __init__(self, units):\n        super().__init__()\n        self.units = units\n\n    def call(self, x):\n        hidden = layers.Dense(self.units)(x)\n        return x * tf.sigmoid(hidden)\n',
        fixed:
          'import tensorflow as tf\nfrom tensorflow.keras import layers\n\n\nclass Gate(layers.Layer):\n    def __init__(self, units):\n        super().__init__()\n        self.units = units\n        self.dense = layers.Dense(self.units)\n\n    def call(self, x):\n        hidden = self.dense(x)\n        return x * tf.sigmoid(hidden)\n',
      },
    ],
    good: [
      {
        code: 'from tensorflow.keras import layers\n\n\nclass Gate(layers.Layer):\n    def build(self, shape):\n        self.dense = layers.Dense(shape[-1])\n\n    def call(self, x):\n        return layers.Flatten()(self.dense(x))\n',
        note: { en: 'Built where Keras builds.', fr: 'Construite là où Keras construit.' },
      },
      {
        code: 'import torch.nn as nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(8, 2)\n\n    def forward(self, x):\n        return nn.Softmax(dim=1)(self.fc(x))\n',
        note: { en: 'A function without weights.', fr: 'Une fonction sans poids.' },
      },
      {
        code: 'import torch.nn as nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = None\n\n    def forward(self, x):\n        if self.fc is None:\n            self.fc = nn.Linear(x.shape[1], 2)\n        return self.fc(x)\n',
        note: { en: 'Built once, at the first pass.', fr: 'Construite une fois, à la première passe.' },
      },
      {
        code: 'import torch.nn as nn\n\n\ndef block(a, b):\n    return nn.Sequential(nn.Conv2d(a, b, 3), nn.ReLU())\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.body = block(3, 8)\n\n    def forward(self, x):\n        return self.body(x)\n',
      },
      {
        code: 'import torch.nn as nn\n\n\nclass Stack(nn.Module):\n    def __init__(self, depth):\n        super().__init__()\n        self.blocks = nn.ModuleList([nn.Linear(64, 64) for _ in range(depth)])\n\n    def forward(self, x):\n        tower = nn.Sequential(*self.blocks)\n        return tower(x)\n',
        note: {
          en: 'The container is new, its layers are not.',
          fr: 'Le conteneur est nouveau, pas ses couches.',
        },
      },
      {
        code: 'import torch.nn as nn\n\n\nclass Loss(nn.Module):\n    def forward(self, x, y):\n        return nn.MSELoss()(x, y) + nn.L1Loss()(x, y)\n',
      },
      {
        code: 'import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.weight = nn.Parameter(torch.randn(4, 8))\n\n    def forward(self, x):\n        return F.linear(x, self.weight)\n',
      },
    ],
  },
});

const METHODS = new Set(['forward', '__call__', 'call']);

/** Keras layers that make weights the first time they are called. */
const KERAS_LAYERS =
  /^keras\.layers\.(?:Dense|EinsumDense|(?:Depthwise|Separable)?Conv\w+|Embedding|LSTM|GRU|SimpleRNN|(?:Batch|Layer|Group)Normalization|MultiHeadAttention|PReLU)$/;

function check(owner: ClassNode, context: RuleContext): void {
  const { flow, module } = context;
  if (!owner.name) return;
  for (const method of owner.body.statements) {
    if (method.kind !== 'function' || !METHODS.has(method.name ?? '')) continue;
    for (const call of descendants(method.body, 'call')) {
      const type = builtLayer(call, flow);
      if (!type || enclosingFunction(call) !== method || isGuarded(call, method, context)) continue;
      const fix = moved(call, type, owner, method, context);
      context.fail(call.callee, {
        data: { layer: textOf(module, call.callee), owner: owner.name },
        fixes: fix ? [fix] : [],
      });
    }
  }
}

/** The type of torch's own layer with weights that the call builds, not as a part of another. */
function builtLayer(call: Call, flow: Flow): string | null {
  const object = flow.objects(call).find((one) => one.origin === call);
  const type = object?.types[0] ?? '';
  if (!object || object.class) return null;
  if (KERAS_LAYERS.test(type)) return type;
  if (!/^torch\.nn\.(?!Parameter)[A-Z]\w*$/.test(type)) return null;
  if (makeupOf(flow, object).hasWeights !== 'yes') return null;
  // a container is new, what stands in it need not be: nn.Sequential(*self.blocks)
  if (
    CONTAINERS.test(type) &&
    !descendants(call, 'call').some((one) => one !== call && isNewLayer(one, flow))
  )
    return null;
  const outer = call.parent?.kind === 'argument' ? call.parent.parent : null;
  const isPart =
    outer?.kind === 'call' &&
    flow.objects(outer).some((one) => one.origin === outer && one.types.includes('torch.nn.Module'));
  return isPart ? null : type;
}

const CONTAINERS = /^torch\.nn\.(?:Sequential|ModuleList|ModuleDict|DataParallel)$/;

function isNewLayer(call: Call, flow: Flow): boolean {
  const object = flow.objects(call).find((one) => one.origin === call);
  return object !== undefined && makeupOf(flow, object).hasWeights === 'yes';
}

/** Built at the first pass only, or under a condition that may mean so; or kept as an attribute. */
function isGuarded(call: Call, method: FunctionNode, { module }: RuleContext): boolean {
  for (const parent of ancestors(call)) {
    if (parent === method) return false;
    if (parent.kind === 'if' && /None|hasattr|self\./.test(textOf(module, parent.test))) return true;
    if (parent.kind === 'conditional' || parent.kind === 'handler') return true;
  }
  return false;
}

function moved(
  call: Call,
  type: string,
  owner: ClassNode,
  method: FunctionNode,
  { module, flow }: RuleContext,
): Fix | null {
  const init = owner.body.statements.find(
    (one): one is FunctionNode => one.kind === 'function' && one.name === '__init__',
  );
  const last = init?.body.statements.at(-1);
  if (!init || !last || !startsLine(module, last) || last.kind === 'return' || last.end > method.start)
    return null;
  // what the arguments need must be there in __init__
  const locals = new Set(module.scopes.get(method)?.bindings.keys());
  const used = call.args.flatMap((argument) => descendants(argument.value, 'name'));
  if (used.some((one) => one.name !== 'self' && locals.has(one.name))) return null;
  const given = call.parent?.kind === 'assign' ? call.parent.targets[0] : undefined;
  if (given?.kind === 'member') return null;
  const taken = new Set(descendants(owner.body, 'member').flatMap((one) => ownAttribute(one) ?? []));
  const stem = given?.kind === 'name' ? given.name : type.slice(type.lastIndexOf('.') + 1).toLowerCase();
  let name = stem;
  for (let at = 2; taken.has(name); at++) name = `${stem}${at}`;
  if (flow.moduleOf(call) !== module) return null;
  return {
    title: { en: `Build it once, as self.${name}`, fr: `La construire une fois, dans self.${name}` },
    edits: () => [
      insertAfter(module, last, [`self.${name} = ${textOf(module, call).replace(/\s*\n\s*/g, ' ')}`]),
      replace(call, `self.${name}`),
    ],
  };
}
