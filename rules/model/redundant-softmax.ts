import { reachingBindings } from '../../analysis/flow/reaching.ts';
import type { Flow } from '../../analysis/flow/types.ts';
import type { Argument, Assign, Call, Expr, Module, Name, Node } from '../../analysis/model.ts';
import { descendants, enclosingClass } from '../../analysis/tree.ts';
import { removeLines, replace, textOf } from '../edits.ts';
import { defineRule, type Edit, type Fix, type RuleContext } from '../rule.ts';
import {
  type Activation,
  type Applied,
  activationOf,
  activationsBehind,
  SAME_VALUES,
} from '../semantics/activations.ts';
import { usesOfBinding } from '../semantics/bindings.ts';

interface Loss {
  readonly calls: RegExp;
  readonly name: string;
  readonly position: number;
  /** What the loss applies itself. */
  readonly applies: readonly Activation[];
}

/** Losses that take logits. */
const LOSSES: readonly Loss[] = [
  {
    calls: /^torch\.nn\.(?:CrossEntropyLoss\.__call__|functional\.cross_entropy)$/,
    name: 'input',
    position: 0,
    applies: ['softmax', 'log-softmax'],
  },
  {
    calls:
      /^torch\.nn\.(?:(?:BCEWithLogitsLoss|MultiLabelSoftMarginLoss)\.__call__|functional\.binary_cross_entropy_with_logits)$/,
    name: 'input',
    position: 0,
    applies: ['sigmoid'],
  },
  {
    calls: /^tensorflow\.nn\.(?:sparse_)?softmax_cross_entropy_with_logits$/,
    name: 'logits',
    position: 1,
    applies: ['softmax', 'log-softmax'],
  },
  {
    calls: /^tensorflow\.nn\.sigmoid_cross_entropy_with_logits$/,
    name: 'logits',
    position: 1,
    applies: ['sigmoid'],
  },
  {
    calls: /^tfjs\.losses\.softmaxCrossEntropy$/,
    name: 'logits',
    position: 1,
    applies: ['softmax', 'log-softmax'],
  },
  { calls: /^tfjs\.losses\.sigmoidCrossEntropy$/, name: 'logits', position: 1, applies: ['sigmoid'] },
];

/** Keras losses told that they get logits, and the last activation that contradicts it. */
const KERAS_LOSSES: Readonly<Record<string, string>> = {
  'keras.losses.CategoricalCrossentropy': 'softmax',
  'keras.losses.SparseCategoricalCrossentropy': 'softmax',
  'keras.losses.BinaryCrossentropy': 'sigmoid',
};

export default defineRule({
  id: 'redundant-softmax',
  phase: 'model',
  languages: ['python', 'typescript'],
  severity: 'warning',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'low',
    source: {
      en: 'PyTorch, torch.nn.CrossEntropyLoss: “The input is expected to contain the unnormalized logits”, “equivalent to applying LogSoftmax on an input, followed by NLLLoss”.',
      fr: 'PyTorch, torch.nn.CrossEntropyLoss : l’entrée attendue est faite de logits non normalisés ; la perte équivaut à LogSoftmax suivi de NLLLoss.',
    },
  },
  references: {
    course: [
      'Typologie des suppressions possibles — Couches mortes ou isolées',
      "Phase de conception — Optimiser le pipeline d'apprentissage",
    ],
    links: ['https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html'],
  },
  libraries: ['torch', 'tensorflow', 'keras', 'jax', '@tensorflow/tfjs'],
  title: {
    en: 'Softmax that changes nothing, or applied twice',
    fr: 'Softmax inutile ou appliqué deux fois',
  },
  what: {
    en: 'A softmax whose result only goes into `argmax`, or whose result goes into a loss that applies it again: `CrossEntropyLoss`, `BCEWithLogitsLoss` after a sigmoid, `from_logits=True`. Models are followed through `forward`.',
    fr: 'Un softmax dont le résultat ne sert qu’à un `argmax`, ou entre dans une perte qui l’applique à nouveau : `CrossEntropyLoss`, `BCEWithLogitsLoss` après une sigmoïde, `from_logits=True`. Les modèles sont suivis à travers `forward`.',
  },
  why: {
    en: 'Softmax keeps the order of the scores, so `argmax` gives the same class without it: its exponentials and its sum are computed for nothing at every prediction. Before a loss that takes logits it is applied twice: every score then lies between 0 and 1, gradients shrink, and training needs more epochs for a worse result.',
    fr: 'Le softmax garde l’ordre des scores : `argmax` donne la même classe sans lui, et ses exponentielles et sa somme sont calculées pour rien à chaque prédiction. Devant une perte qui attend des logits, il est appliqué deux fois : tous les scores tombent entre 0 et 1, les gradients s’affaiblissent, et il faut plus d’époques pour un moins bon résultat.',
  },
  instead: {
    en: 'Give the raw scores (logits) to `argmax` and to the loss; apply softmax where probabilities are shown or returned. Ignore the rule where the probabilities are used as well.',
    fr: 'Donnez les scores bruts (logits) à `argmax` et à la perte ; appliquez le softmax là où des probabilités sont montrées ou renvoyées. À ignorer si les probabilités servent aussi.',
  },
  messages: {
    default: {
      en: '`{call}` only feeds `{user}`, which gives the same class without it.',
      fr: '`{call}` ne sert qu’à `{user}`, qui donne la même classe sans lui.',
    },
    loss: {
      en: '`{call}` goes into `{user}`, which applies it again: give it the raw scores.',
      fr: '`{call}` entre dans `{user}`, qui l’applique à nouveau : donnez-lui les scores bruts.',
    },
  },
  on: {
    module(module, context) {
      if (module.language === 'python') checkKeras(module, context);
      if (!/softmax|sigmoid/i.test(module.text)) return;
      for (const { applied, user } of doubled(context.flow, module)) {
        if (context.flow.moduleOf(applied.call) !== module) continue;
        context.fail(applied.call.callee, {
          message: 'loss',
          data: { call: textOf(module, applied.call.callee), user },
          fixes: isUsedOtherwise(context.flow, applied) ? [] : fixes(module, context.flow, applied),
        });
      }
      for (const one of rankings(module, context.flow)) {
        if (one.user === null) continue;
        const call = one.applied.call;
        context.fail(call.callee, {
          data: { call: textOf(module, call.callee), user: one.user },
          fixes: fixes(module, context.flow, one.applied),
        });
      }
      for (const call of module.calls) {
        const loss = lossOf(context.flow, call);
        if (!loss) continue;
        const input = inputOf(context.flow, call, loss);
        const behind = input && activationsBehind(context.flow, input);
        if (input && !behind?.some(({ kind }) => loss.applies.includes(kind))) context.pass(call.callee);
      }
    },
  },
  examples: {
    bad: [
      {
        code: `import torch.nn as nn
import torch.nn.functional as F
from torch.optim import Adam
from data import loader

class Digits(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = self.fc2(x)
        return F.softmax(x, dim=1)

model = Digits()
criterion = nn.CrossEntropyLoss()
optimizer = Adam(model.parameters())
for images, labels in loader:
    optimizer.zero_grad()
    output = model(images)
    loss = criterion(output, labels)
    loss.backward()
    optimizer.step()
`,
        fixed: `import torch.nn as nn
import torch.nn.functional as F
from torch.optim import Adam
from data import loader

class Digits(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = self.fc2(x)
        return x

model = Digits()
criterion = nn.CrossEntropyLoss()
optimizer = Adam(model.parameters())
for images, labels in loader:
    optimizer.zero_grad()
    output = model(images)
    loss = criterion(output, labels)
    loss.backward()
    optimizer.step()
`,
      },
      {
        code: `import torch

def predict(model, batch):
    with torch.inference_mode():
        probabilities = torch.softmax(model(batch), dim=1)
        _, classes = torch.max(probabilities, 1)
    return classes.tolist()
`,
        fixed: `import torch

def predict(model, batch):
    with torch.inference_mode():
        probabilities = model(batch)
        _, classes = torch.max(probabilities, 1)
    return classes.tolist()
`,
      },
      {
        code: `from torch import nn

head = nn.Sequential(
    nn.Linear(16, 8),
    nn.ReLU(),
    nn.Linear(8, 3),
    nn.Softmax(dim=1),
)
loss_fn = nn.CrossEntropyLoss()

def step(x, y, optimizer):
    loss = loss_fn(head(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
`,
        fixed: `from torch import nn

head = nn.Sequential(
    nn.Linear(16, 8),
    nn.ReLU(),
    nn.Linear(8, 3),
)
loss_fn = nn.CrossEntropyLoss()

def step(x, y, optimizer):
    loss = loss_fn(head(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
`,
      },
      {
        code: `from tensorflow import keras
from tensorflow.keras import layers

model = keras.Sequential([
    layers.Dense(64, activation="relu"),
    layers.Dense(10, activation="softmax"),
])
model.compile(optimizer="adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
`,
        fixed: `from tensorflow import keras
from tensorflow.keras import layers

model = keras.Sequential([
    layers.Dense(64, activation="relu"),
    layers.Dense(10),
])
model.compile(optimizer="adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
`,
      },
      {
        file: 'predict.ts',
        code: `import * as tf from '@tensorflow/tfjs';

export async function classify(model: tf.LayersModel, pixels: tf.Tensor) {
  const scores = model.predict(pixels) as tf.Tensor;
  const best = tf.softmax(scores).argMax(-1);
  return (await best.data())[0];
}
`,
        fixed: `import * as tf from '@tensorflow/tfjs';

export async function classify(model: tf.LayersModel, pixels: tf.Tensor) {
  const scores = model.predict(pixels) as tf.Tensor;
  const best = scores.argMax(-1);
  return (await best.data())[0];
}
`,
      },
    ],
    good: [
      {
        code: `import torch
import torch.nn.functional as F

def predict(model, batch, names):
    probabilities = F.softmax(model(batch), dim=1)
    best = probabilities.argmax(dim=1)
    return [(names[i], float(p[i])) for i, p in zip(best, probabilities)]
`,
        note: { en: 'The probability is shown as well.', fr: 'La probabilité est montrée aussi.' },
      },
      {
        code: `import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        return F.log_softmax(self.fc(x), dim=1)

net = Net()
criterion = nn.NLLLoss()

def step(x, y):
    criterion(net(x), y).backward()
`,
        note: {
          en: 'NLLLoss takes log-probabilities.',
          fr: 'NLLLoss attend des log-probabilités.',
        },
      },
      {
        code: `import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        x = self.fc(x)
        if self.training:
            return x
        return F.softmax(x, dim=1)

net = Net()

def step(x, y):
    return F.cross_entropy(net(x), y)
`,
        note: { en: 'Softmax in evaluation mode only.', fr: 'Softmax en mode évaluation seulement.' },
      },
      {
        code: `import torch
from torch import nn

class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.score = nn.Linear(8, 1)
        self.out = nn.Linear(8, 3)

    def forward(self, x):
        weights = torch.softmax(self.score(x), dim=1)
        return self.out((weights * x).sum(1))

model = Attention()
criterion = nn.CrossEntropyLoss()

def step(x, y):
    loss = criterion(model(x), y)
    loss.backward()
`,
        note: { en: 'Softmax inside the model.', fr: 'Softmax à l’intérieur du modèle.' },
      },
      {
        code: `import torch

def top(logits):
    confidence, classes = torch.max(torch.softmax(logits, dim=1), dim=1)
    return confidence, classes
`,
        note: { en: 'The maximum itself is wanted.', fr: 'Le maximum lui-même est voulu.' },
      },
      {
        code: `import torch

def best_word_per_class(scores):
    return torch.softmax(scores, dim=1).argmax(dim=0)
`,
        note: {
          en: 'Normalised along another axis: the order changes.',
          fr: 'Normalisé sur un autre axe : l’ordre change.',
        },
      },
      {
        code: `from tensorflow import keras
from tensorflow.keras import layers

model = keras.Sequential([layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax")])
model.compile(optimizer="adam", loss=keras.losses.SparseCategoricalCrossentropy())
`,
      },
    ],
  },
});

import { memoizedComponent } from '../semantics/memo.ts';

// ------------------------------------------------------------------ before a loss

interface Doubled {
  readonly applied: Applied;
  /** The loss, as written. */
  readonly user: string;
}

/** Spares files that cannot hold a loss the names of all their calls. */
const MENTIONS_LOSS = /loss|cross_?entropy|bce/i;

/** Activations that some loss of the modules joined by imports applies again; each once. */
const doubled = memoizedComponent((flow, modules): readonly Doubled[] => {
  const found = new Map<Call, Doubled>();
  for (const module of modules) {
    if (!MENTIONS_LOSS.test(module.text)) continue;
    for (const call of module.calls) {
      const loss = lossOf(flow, call);
      const input = loss && inputOf(flow, call, loss);
      if (!loss || !input) continue;
      const behind = activationsBehind(flow, input);
      if (!behind?.every(({ kind }) => loss.applies.includes(kind))) continue;
      for (const applied of behind)
        if (!found.has(applied.call)) found.set(applied.call, { applied, user: nameOf(flow, module, call) });
    }
  }
  return [...found.values()];
});

function lossOf(flow: Flow, call: Call): Loss | null {
  const names = flow.names(call);
  const loss = LOSSES.find(({ calls }) => names.some((name) => calls.test(name)));
  if (!loss) return null;
  const objects = flow.objects(call.callee);
  return objects.every((one) => loss.calls.test(`${one.types[0]}.__call__`)) ? loss : null;
}

function inputOf(flow: Flow, call: Call, loss: Loss): Expr | null {
  const given = flow.argument(call, loss.name, loss.position);
  return given.state === 'given' ? given.value : null;
}

/** The loss's class where the callee is a variable, else the callee as written. */
function nameOf(flow: Flow, module: Module, call: Call): string {
  const type = flow.objects(call.callee)[0]?.types[0]?.split('.').at(-1);
  return type ?? textOf(module, call.callee);
}

/** Whether the probabilities go elsewhere than into the loss too. */
function isUsedOtherwise(flow: Flow, { call }: Applied): boolean {
  const name = boundTo(call);
  return name !== null && usesOfBinding(flow, name, name.parent as Assign).length > 1;
}

// ---------------------------------------------------------------- before argmax

interface Ranking {
  readonly applied: Applied;
  /** What ranks the scores, as written; null where the probabilities are used as well. */
  readonly user: string | null;
}

function rankings(module: Module, flow: Flow): readonly Ranking[] {
  const found: Ranking[] = [];
  for (const call of module.calls) {
    const applied = activationOf(flow, call);
    if (!applied || applied.kind === 'sigmoid') continue;
    const direct = rankedBy(flow, call, applied);
    if (direct) found.push({ applied, user: direct });
    else {
      const name = boundTo(call);
      if (!name) continue;
      const users = usesOfBinding(flow, name, name.parent as Assign).map((use) =>
        isOnlyFrom(flow, use, name.parent as Assign) ? rankedBy(flow, use, applied) : null,
      );
      if (users.length > 0 && users.every((user) => user !== null))
        found.push({ applied, user: users[0] as string });
    }
  }
  return found;
}

function boundTo(call: Call): Name | null {
  let node: Node = call;
  // `probs = F.softmax(out, dim=1).cpu()`
  while (
    node.parent?.kind === 'member' &&
    SAME_VALUES.test(node.parent.property) &&
    node.parent.property !== 'squeeze'
  )
    node = node.parent.parent?.kind === 'call' ? node.parent.parent : node.parent;
  const assign = node.parent;
  if (assign?.kind !== 'assign' || assign.operator !== null || assign.targets.length !== 1) return null;
  const [target] = assign.targets;
  return target?.kind === 'name' ? target : null;
}

function isOnlyFrom(flow: Flow, use: Name, binder: Assign): boolean {
  return reachingBindings(use, flow.moduleOf(use)).every(({ node }) => node === binder);
}

/** What takes the place of the largest score, and nothing else, from the value; null for any other use. */
function rankedBy(flow: Flow, value: Expr, applied: Applied): string | null {
  let node: Expr = value;
  let isOneRow = false;
  for (;;) {
    const parent: Node | null = node.parent;
    if (parent?.kind === 'member' && parent.object === node && SAME_VALUES.test(parent.property)) {
      if (/^(?:view|reshape|flatten)$/.test(parent.property)) return null;
      if (parent.property === 'squeeze') isOneRow = true;
      node = parent.parent?.kind === 'call' && parent.parent.callee === parent ? parent.parent : parent;
    } else if (parent?.kind === 'index' && parent.object === node && parent.index.kind === 'literal') {
      isOneRow = true; // `probs[0].argmax()`: one row
      node = parent;
    } else break;
  }
  const method = node.parent?.kind === 'member' && node.parent.object === node ? node.parent : null;
  if (method) {
    const call = method.parent;
    if (call?.kind !== 'call' || call.callee !== method) return null;
    return isRanking(flow, call, method.property, applied, call.args, isOneRow)
      ? `${method.property}()`
      : null;
  }
  const argument = node.parent?.kind === 'argument' ? node.parent : null;
  const call = argument?.parent?.kind === 'call' ? argument.parent : null;
  if (!argument || !call || call.args[0] !== argument || argument.spread) return null;
  const name = flow
    .names(call)
    .find((one) =>
      /^(?:torch|numpy|jax\.numpy|tensorflow|tensorflow\.math|tfjs)\.(?:argmax|argMax|max)$/.test(one),
    );
  if (!name) return null;
  return isRanking(flow, call, name.split('.').at(-1) ?? '', applied, call.args.slice(1), isOneRow)
    ? textOf(flow.moduleOf(call), call.callee)
    : null;
}

/** Whether the call gives indices of largest scores along the softmax's own axis, and only those are used. */
function isRanking(
  flow: Flow,
  call: Call,
  method: string,
  applied: Applied,
  args: readonly Argument[],
  isOneRow: boolean,
): boolean {
  if (method === 'max') {
    if (args.length === 0 || !flow.names(call).some((name) => /^torch\.|^\?\./.test(name))) return false;
    if (!takesIndices(flow, call)) return false;
  } else if (method !== 'argmax' && method !== 'argMax') return false;
  const axis = args.find(({ name }) => name === 'dim' || name === 'axis' || name === null);
  const ranked = axis ? flow.constant(axis.value) : undefined;
  if (axis && (axis.spread || typeof ranked !== 'number')) return false;
  const own = axisOf(flow, applied);
  if (own === undefined) return false;
  // an index in front takes the batch away
  if (!axis) return isOneRow || own === 0 || isOneNumber(flow, call);
  if (isOneRow) return true;
  if (own === null) return ranked === 1 || ranked === -1;
  return ranked === own;
}

/** The softmax's axis; null for the last one by default; undefined where it is not known. */
function axisOf(flow: Flow, { call, input }: Applied): number | null | undefined {
  const names = flow.names(call);
  const layer = names.some((name) => /^torch\.nn\.(?:Log)?Softmax\.__call__$/.test(name));
  const made = layer ? flow.objects(call.callee)[0]?.origin : call;
  if (!made) return undefined;
  const first = made.args.find(
    ({ name, value }) => (name === null && value !== input) || name === 'dim' || name === 'axis',
  );
  if (!first) return null;
  const axis = flow.constant(first.value);
  return typeof axis === 'number' ? axis : axis === null ? null : undefined;
}

/** `.item()`, `int(…)`, `names[…]`: the flattened index is one number, so there was one row. */
function isOneNumber(flow: Flow, call: Call): boolean {
  const parent = call.parent;
  if (parent?.kind === 'member') return parent.property === 'item';
  if (parent?.kind === 'index') return parent.index === call;
  if (parent?.kind !== 'argument' || parent.parent?.kind !== 'call') return false;
  return flow.names(parent.parent).some((name) => name === 'builtins.int');
}

/** Whether only the indices of `torch.max(x, 1)` are used: `_, i = …`, `….indices`, `…[1]`. */
function takesIndices(flow: Flow, call: Call): boolean {
  const parent = call.parent;
  if (parent?.kind === 'member') return parent.property === 'indices';
  if (parent?.kind === 'index') return flow.constant(parent.index) === 1;
  if (parent?.kind !== 'assign' || parent.targets.length !== 1) return false;
  const [target] = parent.targets;
  if (target?.kind !== 'sequence' || target.items.length !== 2) return false;
  const [largest] = target.items;
  if (largest?.kind !== 'name') return false;
  return /^_+$/.test(largest.name) || usesOfBinding(flow, largest, parent).length === 0;
}

// ------------------------------------------------------------------------ Keras

/** `Dense(10, activation="softmax")` last, and a loss that is told it gets logits. */
function checkKeras(module: Module, context: RuleContext): void {
  const { flow } = context;
  const reported = new Set<Call>();
  for (const call of module.calls) {
    if (call.callee.kind !== 'member' || call.callee.property !== 'compile') continue;
    const loss = flow.argument(call, 'loss', 1);
    if (loss.state !== 'given') continue;
    const made = flow.objects(loss.value);
    const [only] = made;
    const expected = made.length === 1 ? KERAS_LOSSES[only?.types[0] ?? ''] : undefined;
    if (!expected || !only?.origin) continue;
    const logits = flow.argument(only.origin, 'from_logits', 0);
    if (logits.state !== 'given' || flow.constant(logits.value) !== true) continue;
    const last = lastKerasLayer(flow, module, call.callee.object);
    if (!last || reported.has(last)) continue;
    const argument = last.args.find(({ name }) => name === 'activation');
    const activation = argument && flow.constant(argument.value);
    if (!argument || activation !== expected) {
      if (argument === undefined) context.pass(call.callee);
      continue;
    }
    reported.add(last);
    const before = last.args[last.args.indexOf(argument) - 1];
    context.fail(argument, {
      message: 'loss',
      data: {
        call: textOf(module, argument.value),
        user: `${only.types[0]?.split('.').at(-1)}(from_logits=True)`,
      },
      fixes: before
        ? [
            {
              title: { en: 'Give the loss raw scores', fr: 'Donner les scores bruts à la perte' },
              edits: () => [{ start: before.end, end: argument.end, text: '' }],
            },
          ]
        : [],
    });
  }
}

/** The call that builds the model's last layer, in this module. */
function lastKerasLayer(flow: Flow, module: Module, model: Expr): Call | null {
  const objects = flow.objects(model);
  const [only] = objects;
  if (objects.length !== 1 || !only?.origin || flow.moduleOf(only.origin) !== module) return null;
  if (only.types[0] === 'keras.Sequential') {
    const added = flow
      .uses(only, /^add$/)
      .filter((use) => use.role === 'receiver')
      .at(-1);
    const layers = only.origin.args[0]?.value;
    const last = added
      ? added.call.args[0]?.value
      : layers?.kind === 'sequence'
        ? layers.items.at(-1)
        : undefined;
    return last?.kind === 'call' && isDense(flow, last) ? last : null;
  }
  const outputs = flow.argument(only.origin, 'outputs', 1);
  if (outputs.state !== 'given') return null;
  const made = flow.objects(outputs.value).map(({ origin }) => origin);
  const callee = made.length === 1 ? made[0]?.callee : undefined;
  return callee?.kind === 'call' && isDense(flow, callee) ? callee : null;
}

const isDense = (flow: Flow, call: Call): boolean =>
  flow.names(call).some((name) => name === 'keras.layers.Dense');

// ------------------------------------------------------------------------ fixes

function fixes(module: Module, flow: Flow, applied: Applied): readonly Fix[] {
  const edits = applied.layer ? removeLayer(module, applied.layer) : unwrap(module, flow, applied);
  if (!edits) return [];
  return [
    {
      title: { en: 'Use the raw scores', fr: 'Utiliser les scores bruts' },
      edits: () => edits,
    },
  ];
}

function removeLayer(module: Module, layer: Argument): Edit[] | null {
  const call = layer.parent;
  if (call?.kind !== 'call') return null;
  const before = call.args[call.args.indexOf(layer) - 1];
  if (!before || /#|\/\//.test(module.text.slice(before.end, layer.start))) return null;
  return [{ start: before.end, end: layer.end, text: '' }];
}

/** `F.softmax(x, dim=1)` -> `x`, and the layer's own line goes where nothing else uses it. */
function unwrap(module: Module, flow: Flow, { call, input }: Applied): Edit[] | null {
  if (!input) return null;
  const isPlain = ['name', 'call', 'member', 'index'].includes(input.kind);
  const needsParentheses = !isPlain && call.parent?.kind !== 'argument' && call.parent?.kind !== 'assign';
  const text = textOf(module, input);
  const edits = [replace(call, needsParentheses || text.includes('\n') ? `(${text})` : text)];
  const line = layerLine(module, flow, call);
  return line ? [...edits, removeLines(module, line)] : edits;
}

/** `self.softmax = nn.Softmax(dim=1)`, where the call is its only use. */
function layerLine(module: Module, flow: Flow, call: Call): Assign | null {
  const { callee } = call;
  const owner = enclosingClass(call);
  if (callee.kind !== 'member' || callee.object.kind !== 'name' || !owner) return null;
  const origin = flow.objects(callee)[0]?.origin;
  const assign = origin?.parent;
  if (assign?.kind !== 'assign' || assign.targets.length !== 1 || flow.moduleOf(assign) !== module)
    return null;
  const same = descendants(module.body, 'member').filter((one) => one.property === callee.property);
  return same.length === 2 && assign.parent?.kind === 'block' && assign.parent.statements.length > 1
    ? assign
    : null;
}
