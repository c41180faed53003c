import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Module, Stmt } from '../../analysis/model.ts';
import {
  contains,
  descendants,
  enclosing,
  enclosingFunction,
  enclosingLoops,
  statementOf,
} from '../../analysis/tree.ts';
import { addArgument, insertAfter, wrapStatements } from '../edits.ts';
import { defineRule, type Edit, type Fix, type RuleContext } from '../rule.ts';
import { usesAccelerator, usesMatrixUnits } from '../semantics/accelerator.ts';
import { inProgram, statedInProgram } from '../semantics/memo.ts';
import { statedIn } from '../semantics/text.ts';
import { type EpochLoop, epochLoops, isRun, learnsByActing, loopHead } from '../semantics/training.ts';

/** What turns mixed or reduced precision on, anywhere in the program. */
const REDUCED_PRECISION =
  /\bautocast\b|\bGradScaler\b|\bmixed_precision\b|\bmixed_float16\b|\bmixed_bfloat16\b|\bset_float32_matmul_precision\b|\ballow_tf32\b|\bapex\b|\bamp\.\w|\bdeepspeed\b|\bto_fp16\b|\bto_bf16\b|\bbfloat16\b|\bfloat16\b|\.half\(\)|\bload_in_[48]bit\b|\benable_mixed_precision/;

/** Layers whose work is large enough for tensor cores to matter. */
const HEAVY_KERAS_LAYERS =
  /^keras\.(layers\.(Conv\dD\w*|LSTM|GRU|Bidirectional|MultiHeadAttention|SeparableConv2D)|applications\.\w+)$|^transformers\.TF/;

const HEAVY_LAYERS =
  /^torch\.nn\.(Conv[123]d|ConvTranspose[123]d|LSTM|GRU|Transformer\w*|MultiheadAttention)$|^torchvision\.models\.|^timm\.|^segmentation_models_pytorch\.|^transformers\.\w*(Model|For\w+)(\.from_\w+)?$|^torch\.hub\.load$|^torch\.nn\.functional\.scaled_dot_product_attention$/;

export default defineRule({
  id: 'full-precision-training',
  phase: 'training',
  languages: ['python'],
  severity: 'information',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'medium',
    source: {
      en: 'PyTorch, “Automatic Mixed Precision”: tensor cores run float16 and bfloat16 matrix work at a multiple of the float32 rate.',
      fr: 'PyTorch, « Automatic Mixed Precision » : les cœurs tensoriels calculent les matrices en float16 et bfloat16 plusieurs fois plus vite qu’en float32.',
    },
  },
  references: {
    course: [
      'Optimisation : Quantization — « Réduire la précision numérique »',
      "Phase de conception — Limiter la taille et la complexité : « Optimiser les modèles d'IA pour réduire les calculs »",
    ],
    links: ['https://pytorch.org/docs/stable/amp.html', 'https://keras.io/api/mixed_precision/'],
  },
  libraries: ['torch', 'lightning', 'pytorch_lightning', 'transformers', 'keras', 'tensorflow'],
  title: {
    en: 'Accelerator training in full precision',
    fr: 'Entraînement sur accélérateur en pleine précision',
  },
  what: {
    en: 'A model with convolutions, attention or recurrent layers is trained on a GPU, and nothing in the program lowers the precision: no autocast, no `precision=`, no `fp16`/`bf16`, no mixed-precision policy, no TF32.',
    fr: 'Un modèle à convolutions, attention ou couches récurrentes est entraîné sur GPU et rien dans le programme ne réduit la précision : ni autocast, ni `precision=`, ni `fp16`/`bf16`, ni politique de précision mixte, ni TF32.',
  },
  why: {
    en: 'Since 2017 (Volta) GPUs have matrix units for 16-bit numbers; training in float32 leaves them idle, takes longer and holds twice the activations in memory. The gain depends on the GPU and the model’s size: tiny models gain nothing, which is why only heavier layers are considered. A CPU without 16-bit units loses: the same autocast took 1.4 to 15 times the processor time there (measured by this project), so training on a CPU is left alone.',
    fr: 'Depuis 2017 (Volta), les GPU ont des unités matricielles 16 bits ; l’entraînement en float32 les laisse inactives, dure plus longtemps et occupe deux fois plus de mémoire pour les activations. Le gain dépend du GPU et de la taille du modèle : les très petits modèles n’y gagnent rien, d’où la restriction aux couches lourdes. Un CPU sans unités 16 bits y perd : le même autocast y prend 1,4 à 15 fois le temps processeur (mesuré par ce projet), l’entraînement sur CPU est donc laissé en paix.',
  },
  instead: {
    en: 'Run the forward pass under `torch.autocast`, give Lightning `precision="16-mixed"` or `"bf16-mixed"`, the Hugging Face Trainer `bf16=True` (Ampere or newer) or `fp16=True`, Keras `keras.mixed_precision.set_global_policy("mixed_float16")`. CUDA’s autocast refuses `nn.BCELoss`: take the logits and `nn.BCEWithLogitsLoss` first. Ignore the rule where the numerics need float32 and for GPUs older than Volta.',
    fr: 'Exécutez la passe avant sous `torch.autocast`, donnez à Lightning `precision="16-mixed"` ou `"bf16-mixed"`, au Trainer de Hugging Face `bf16=True` (Ampere ou plus récent) ou `fp16=True`, à Keras `keras.mixed_precision.set_global_policy("mixed_float16")`. L’autocast de CUDA refuse `nn.BCELoss` : prenez d’abord les logits et `nn.BCEWithLogitsLoss`. À ignorer si le calcul exige float32, et sur les GPU antérieurs à Volta.',
  },
  messages: {
    default: {
      en: 'This loop trains on an accelerator in float32: nothing in the program lowers the precision.',
      fr: 'Cette boucle entraîne sur accélérateur en float32 : rien dans le programme ne réduit la précision.',
    },
    argument: {
      en: '`{what}` trains in float32: {names} is not set.',
      fr: '`{what}` entraîne en float32 : {names} non renseigné.',
    },
    policy: {
      en: '`fit` trains in float32: no mixed-precision policy is set.',
      fr: '`fit` entraîne en float32 : aucune politique de précision mixte n’est choisie.',
    },
  },
  on: {
    module(module, context) {
      for (const epochLoop of epochLoops(module, context.flow)) checkLoop(epochLoop, module, context);
    },
    calls: {
      names: ['transformers.TrainingArguments', 'lightning.Trainer', 'keras.Model.fit'],
      check(call, context) {
        const names = context.flow.names(call);
        if (names.includes('transformers.TrainingArguments')) checkTrainingArguments(call, context);
        else if (names.includes('lightning.Trainer')) checkLightning(call, context);
        else if (names.includes('keras.Model.fit')) checkKeras(call, context);
      },
    },
  },
  examples: {
    bad: [
      {
        code: `import torch
from transformers import Trainer, TrainingArguments

model = Net().to("cuda")
args = TrainingArguments(
    output_dir="out",
    num_train_epochs=3,
    seed=42,  # the same each time
)
Trainer(model=model, args=args, train_dataset=data).train()
`,
        fixed: `import torch
from transformers import Trainer, TrainingArguments

model = Net().to("cuda")
args = TrainingArguments(
    output_dir="out",
    num_train_epochs=3,
    seed=42,  # the same each time
    bf16=True,
)
Trainer(model=model, args=args, train_dataset=data).train()
`,
        note: {
          en: 'A comment stays with its argument.',
          fr: 'Un commentaire reste avec son argument.',
        },
      },
      {
        code: `import torch
from torch import nn
from torchvision import models

net = nn.Sequential(models.resnet18(num_classes=1), nn.Sigmoid()).cuda()
criterion = nn.BCELoss()
optimizer = torch.optim.Adam(net.parameters())
for epoch in range(5):
    for x, y in loader:
        loss = criterion(net(x.cuda()), y.cuda())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
`,
        note: {
          en: 'No fix: autocast refuses this loss, the logits come first.',
          fr: 'Pas de correction : l’autocast refuse cette perte, il faut d’abord les logits.',
        },
      },
      {
        code: 'import torch\nfrom torchvision.models import resnet18\n\nmodel = resnet18().cuda()\noptimizer = torch.optim.SGD(model.parameters(), lr=0.1)\nfor epoch in range(5):\n    for x, y in loader:\n        x, y = x.cuda(), y.cuda()\n        optimizer.zero_grad()\n        out = model(x)\n        loss = criterion(out, y)\n        loss.backward()\n        optimizer.step()\n',
        fixed:
          'import torch\nfrom torchvision.models import resnet18\n\nmodel = resnet18().cuda()\noptimizer = torch.optim.SGD(model.parameters(), lr=0.1)\nfor epoch in range(5):\n    for x, y in loader:\n        x, y = x.cuda(), y.cuda()\n        optimizer.zero_grad()\n        with torch.autocast(device_type="cuda", dtype=torch.bfloat16):\n            out = model(x)\n            loss = criterion(out, y)\n        loss.backward()\n        optimizer.step()\n',
      },
      {
        code: 'import pytorch_lightning as pl\n\ntrainer = pl.Trainer(fast_dev_run=False, max_epochs=20, accelerator="gpu")\ntrainer.fit(task, data)\n',
        fixed:
          'import pytorch_lightning as pl\n\ntrainer = pl.Trainer(fast_dev_run=False, max_epochs=20, accelerator="gpu", precision="16-mixed")\ntrainer.fit(task, data)\n',
      },
      {
        code: 'import lightning as L\n\ntrainer = L.Trainer(accelerator="gpu", max_epochs=5)\ntrainer.fit(model, loader)\n',
        fixed:
          'import lightning as L\n\ntrainer = L.Trainer(accelerator="gpu", max_epochs=5, precision="16-mixed")\ntrainer.fit(model, loader)\n',
      },
      {
        code: 'from transformers import Trainer, TrainingArguments\n\nargs = TrainingArguments(\n    output_dir="out",\n    num_train_epochs=2,\n)\nTrainer(model=model.to("cuda"), args=args, train_dataset=train).train()\n',
        fixed:
          'from transformers import Trainer, TrainingArguments\n\nargs = TrainingArguments(\n    output_dir="out",\n    num_train_epochs=2,\n    bf16=True,\n)\nTrainer(model=model.to("cuda"), args=args, train_dataset=train).train()\n',
      },
      {
        code: 'import torch\nfrom transformers import Trainer, TrainingArguments\n\ndevice = "cuda" if torch.cuda.is_available() else "cpu"\nargs = TrainingArguments(output_dir="out", num_train_epochs=2)\nTrainer(model=model.to(device), args=args, train_dataset=train).train()\n',
        fixed:
          'import torch\nfrom transformers import Trainer, TrainingArguments\n\ndevice = "cuda" if torch.cuda.is_available() else "cpu"\nargs = TrainingArguments(output_dir="out", num_train_epochs=2, bf16=torch.cuda.is_available())\nTrainer(model=model.to(device), args=args, train_dataset=train).train()\n',
        note: {
          en: 'Without a GPU the Trainer refuses `bf16=True`.',
          fr: 'Sans GPU, le Trainer refuse `bf16=True`.',
        },
      },
      {
        code: 'import tensorflow as tf\n\ngpus = tf.config.list_physical_devices("GPU")\nmodel = tf.keras.Sequential([tf.keras.layers.Conv2D(256, 3), tf.keras.layers.Dense(10)])\nmodel.compile(loss="mse")\nmodel.fit(x, y, epochs=3)\n',
        fixed:
          'import tensorflow as tf\n\ntf.keras.mixed_precision.set_global_policy("mixed_float16")\n\ngpus = tf.config.list_physical_devices("GPU")\nmodel = tf.keras.Sequential([tf.keras.layers.Conv2D(256, 3), tf.keras.layers.Dense(10)])\nmodel.compile(loss="mse")\nmodel.fit(x, y, epochs=3)\n',
      },
      {
        code: 'from tensorflow import keras\nfrom tensorflow.keras import layers\n\nmodel = keras.Sequential([\n    layers.LSTM(256),\n    layers.Dense(1, activation="sigmoid"),\n])\nmodel.compile(loss="binary_crossentropy")\nwith tf.device("/GPU:0"):\n    model.fit(x, y, epochs=3)\n',
        fixed:
          'from tensorflow import keras\nfrom tensorflow.keras import layers\n\nkeras.mixed_precision.set_global_policy("mixed_float16")\n\nmodel = keras.Sequential([\n    layers.LSTM(256),\n    layers.Dense(1, activation="sigmoid", dtype="float32"),\n])\nmodel.compile(loss="binary_crossentropy")\nwith tf.device("/GPU:0"):\n    model.fit(x, y, epochs=3)\n',
        note: {
          en: 'The last sigmoid stays in float32.',
          fr: 'La dernière sigmoïde reste en float32.',
        },
      },
      {
        code: `import torch
import torch.nn.functional as F
from torch import nn

class Attention(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.qkv = nn.Linear(dim, 3 * dim)

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        weights = F.softmax(q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5, dim=-1)
        return weights @ v

model = nn.Sequential(nn.Embedding(5000, 256), Attention(256), nn.Linear(256, 5000)).cuda()
optimizer = torch.optim.AdamW(model.parameters())
for epoch in range(5):
    for x, y in loader:
        x, y = x.cuda(), y.cuda()
        optimizer.zero_grad()
        out = model(x)
        loss = F.cross_entropy(out.flatten(0, 1), y.flatten())
        loss.backward()
        optimizer.step()
`,
        fixed: `import torch
import torch.nn.functional as F
from torch import nn

class Attention(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.qkv = nn.Linear(dim, 3 * dim)

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        weights = F.softmax(q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5, dim=-1)
        return weights @ v

model = nn.Sequential(nn.Embedding(5000, 256), Attention(256), nn.Linear(256, 5000)).cuda()
optimizer = torch.optim.AdamW(model.parameters())
for epoch in range(5):
    for x, y in loader:
        x, y = x.cuda(), y.cuda()
        optimizer.zero_grad()
        with torch.autocast(device_type="cuda", dtype=torch.bfloat16):
            out = model(x)
            loss = F.cross_entropy(out.flatten(0, 1), y.flatten())
        loss.backward()
        optimizer.step()
`,
        note: {
          en: 'Attention written by hand.',
          fr: 'Attention écrite à la main.',
        },
      },
    ],
    good: [
      {
        code: `import tensorflow as tf

gpus = tf.config.list_physical_devices("GPU")
model = tf.keras.Sequential([
    tf.keras.layers.Conv1D(64, 7, activation="relu"),
    tf.keras.layers.LSTM(64, recurrent_dropout=0.3),
    tf.keras.layers.Dense(5, activation="softmax"),
])
model.compile(loss="sparse_categorical_crossentropy")
model.fit(x, y, epochs=40)
`,
        note: { en: 'Narrow layers, in Keras too.', fr: 'Des couches étroites, dans Keras aussi.' },
      },
      {
        code: `import torch
from torchvision.models import resnet18

critic = resnet18(num_classes=1).cuda()
optimizer = torch.optim.Adam(critic.parameters())
for epoch in range(5):
    for real, fake in loader:
        mixed = (0.5 * real.cuda() + 0.5 * fake.cuda()).requires_grad_()
        score = critic(mixed)
        slope = torch.autograd.grad(score.sum(), mixed, create_graph=True)[0]
        loss = critic(fake.cuda()).mean() - critic(real.cuda()).mean() + ((slope.norm(2) - 1) ** 2)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
`,
        note: {
          en: 'A penalty on the gradient wants float32.',
          fr: 'Une pénalité sur le gradient demande float32.',
        },
      },
      {
        code: `import torch
from torchvision.models import resnet18

net = resnet18(num_classes=4).cuda()
optimizer = torch.optim.Adam(net.parameters())
for epoch in range(500):
    state, done = env.reset(), False
    while not done:
        action = net(state.cuda()).argmax(1)
        state, reward, done = env.step(action)
        memory.append((state, action, reward))
    for x, target in memory.sample(64):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(net(x.cuda()), target.cuda()).backward()
        optimizer.step()
`,
        note: { en: 'The game sets the pace.', fr: 'C’est le jeu qui donne le rythme.' },
      },
      {
        code: `import torch
from torch import nn

class Digits(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU())
        self.head = nn.Linear(16 * 8 * 8, 10)

    def forward(self, x):
        return self.head(self.features(x).flatten(1))

model = Digits().cuda()
for epoch in range(10):
    for x, y in loader:
        loss = criterion(model(x.cuda()), y.cuda())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
`,
        note: { en: 'A few channels.', fr: 'Quelques canaux.' },
      },
      {
        code: 'import torch\nfrom torchvision.models import resnet18\n\nmodel = resnet18()\nfor epoch in range(5):\n    for x, y in loader:\n        loss = criterion(model(x), y)\n        loss.backward()\n',
        note: { en: 'On the CPU.', fr: 'Sur CPU.' },
      },
      {
        code: 'import torch\nfrom torchvision.models import resnet18\n\nmodel = resnet18().cuda()\nscaler = torch.amp.GradScaler("cuda")\nfor epoch in range(5):\n    for x, y in loader:\n        with torch.autocast("cuda"):\n            loss = criterion(model(x.cuda()), y.cuda())\n        scaler.scale(loss).backward()\n        scaler.step(optimizer)\n        scaler.update()\n',
      },
      {
        code: 'import lightning as L\n\nL.Trainer(accelerator="gpu", precision="bf16-mixed").fit(model)\n',
      },
      {
        code: 'import torch\nfrom transformers import Trainer, TrainingArguments\n\nargs = TrainingArguments("out", fp16=torch.cuda.is_available())\nTrainer(model=model, args=args).train()\n',
      },
      {
        code: 'import torch\n\nmodel = torch.nn.Linear(4, 1).cuda()\nfor epoch in range(100):\n    loss = criterion(model(x), y)\n    loss.backward()\n',
        note: { en: 'Too small to gain.', fr: 'Trop petit pour y gagner.' },
      },
      {
        code: 'import torch\nfrom net import Net\n\ndevice = "cpu"\nmodel = Net().to(device)\noptimizer = torch.optim.Adam(model.parameters())\nfor epoch in range(5):\n    for x, y in loader:\n        loss = criterion(model(x.to(device)), y.to(device))\n        loss.backward()\n        optimizer.step()\n',
        files: {
          'net.py':
            'import torch\nfrom torch import nn\n\ndevice = "cuda" if torch.cuda.is_available() else "cpu"\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.conv = nn.Conv2d(3, 64, 3)\n\n    def forward(self, x):\n        return self.conv(x).mean((1, 2, 3))\n',
        },
        note: {
          en: 'On the CPU, whatever the file it imports does by itself.',
          fr: 'Sur CPU, quoi que fasse de son côté le fichier importé.',
        },
      },
      {
        code: 'import torch\nfrom torchvision.models import resnet18\n\ndevice = torch.device("mps" if torch.backends.mps.is_available() else "cpu")\nmodel = resnet18().to(device)\noptimizer = torch.optim.Adam(model.parameters())\nfor epoch in range(5):\n    for x, y in loader:\n        loss = criterion(model(x.to(device)), y.to(device))\n        loss.backward()\n        optimizer.step()\n',
        note: {
          en: 'Apple’s GPUs compute 16-bit numbers no faster.',
          fr: 'Les GPU d’Apple ne calculent pas plus vite en 16 bits.',
        },
      },
      {
        code: 'from transformers import Trainer, TrainingArguments\n\nargs = TrainingArguments(output_dir="out")\nargs = TrainingArguments(output_dir="out", eval_strategy="epoch", fp16=False)\nTrainer(model=model.to("cuda"), args=args, train_dataset=train).train()\n',
        note: {
          en: 'The first arguments are written over, the others say so on purpose.',
          fr: 'Les premiers arguments sont remplacés, les seconds le disent exprès.',
        },
      },
      {
        code: 'import torch\nfrom accelerate import Accelerator\nfrom torchvision.models import resnet18\n\naccelerator = Accelerator(mixed_precision="fp16")\nmodel = accelerator.prepare(resnet18())\nfor epoch in range(5):\n    for x, y in loader:\n        loss = criterion(model(x), y)\n        accelerator.backward(loss)\n',
      },
    ],
  },
});

const lowersPrecision = statedInProgram((one) => REDUCED_PRECISION.test(statedIn(one)));

/** Gradients of gradients, as in a WGAN's penalty: small numbers that 16 bits lose. */
const differentiatesTwice = statedInProgram((one) => /\bcreate_graph\s*=\s*True/.test(statedIn(one)));

/** CUDA's autocast refuses the cross entropy of probabilities: it asks for `BCEWithLogitsLoss` first. */
const breaksUnderAutocast = statedInProgram((one) =>
  /\bBCELoss\b|\bbinary_cross_entropy\s*\(/.test(statedIn(one)),
);

/** Whether the program builds or loads a model with layers that 16-bit units speed up. */
const hasHeavyModel = inProgram((one, flow) =>
  one.calls.some(
    (call) =>
      (flow.names(call).some((name) => HEAVY_LAYERS.test(name)) && !isNarrow(call, flow)) ||
      isAttentionSoftmax(call),
  ),
);

/** Channels, or features of a recurrent layer, from which the products fill a GPU: LeNet and its like stay below. */
const WIDE = 128;

/** Whether a layer is written to be narrow. Where its width is not in sight it may be wide. */
function isNarrow(call: Call, flow: Flow): boolean {
  const kind = flow
    .names(call)
    .find((name) =>
      /^torch\.nn\.(?:Conv|LSTM$|GRU$)|^keras\.layers\.(?:\w*Conv|LSTM$|GRU$|Bidirectional$)/.test(name),
    );
  if (!kind) return false;
  if (kind.endsWith('.Bidirectional')) return true; // the layer that it runs both ways is judged itself
  const isConv = kind.includes('Conv');
  const given = kind.startsWith('keras.')
    ? flow.argument(call, isConv ? 'filters' : 'units', 0)
    : flow.argument(call, isConv ? 'out_channels' : 'hidden_size', 1);
  const widths = given.state === 'given' ? flow.constants(given.value) : [];
  return widths.length > 0 && widths.every((width) => typeof width === 'number' && width < WIDE);
}

/** The softmax of attention written by hand: two matrix products stand in the same function. */
function isAttentionSoftmax(call: Call): boolean {
  if (!/softmax$/i.test(calleeName(call))) return false;
  const fn = enclosingFunction(call);
  if (!fn?.body) return false;
  const products =
    descendants(fn.body, 'binary').filter(({ operator }) => operator === '@').length +
    descendants(fn.body, 'call').filter((one) => /^(matmul|bmm|einsum)$/.test(calleeName(one))).length;
  return products > 1;
}

function calleeName({ callee }: Call): string {
  if (callee.kind === 'member') return callee.property;
  return callee.kind === 'name' ? callee.name : '';
}

const hasHeavyKerasModel = inProgram((one, flow) =>
  one.calls.some(
    (call) => flow.names(call).some((name) => HEAVY_KERAS_LAYERS.test(name)) && !isNarrow(call, flow),
  ),
);

function checkLoop(epochLoop: EpochLoop, module: Module, context: RuleContext): void {
  const { flow } = context;
  const { loop, backward } = epochLoop;
  if (loop.kind === 'comprehension' || !isRun(loop, flow)) return;
  // an environment sets the pace there, not the matrix products
  if (learnsByActing(epochLoop, flow)) return;
  // Accelerate, DeepSpeed and Fabric take the precision from outside, often from a config file or the command line
  if (
    backward.some((call) => flow.names(call).some((name) => /^(accelerate|deepspeed|lightning)\./.test(name)))
  )
    return;
  if (!usesMatrixUnits(module, flow) || !hasHeavyModel(module, flow)) return;
  if (differentiatesTwice(module, flow)) return;
  const place = loopHead(loop);
  if (lowersPrecision(module, flow)) return context.pass(place);
  context.fail(place, {
    fixes: breaksUnderAutocast(module, flow) ? [] : autocastFix(backward, module, flow),
  });
}

/** Wraps the statements from the forward pass to the one before `backward()`, when they stand in one block. */
function autocastFix(backward: readonly Call[], module: Module, flow: Flow): Fix[] {
  const call = backward.length === 1 ? backward[0] : undefined;
  if (!call || flow.moduleOf(call) !== module) return [];
  const last = statementOf(call);
  const block = last.parent?.kind === 'block' ? last.parent : null;
  const inner = enclosingLoops(call)[0];
  if (!block || !inner || enclosing(call, 'with')) return [];
  const before = block.statements.slice(0, block.statements.indexOf(last));
  const isForward = (statement: Stmt) =>
    descendants(statement, 'call').some(
      (one) => flow.names(one).includes('torch.nn.Module.__call__') && contains(statement, one),
    );
  const first = before.findIndex(isForward);
  if (first < 0) return [];
  const wrapped = before.slice(first);
  // between forward and backward there may be zero_grad: harmless inside, and what the loop prints stays where it was
  while (wrapped.length > 1 && isHousekeeping(wrapped.at(-1), module)) wrapped.pop();
  if (wrapped.some((statement) => ['for', 'while', 'if', 'with', 'try'].includes(statement.kind))) return [];
  return [
    {
      title: {
        en: 'Run the forward pass under autocast (bfloat16)',
        fr: 'Exécuter la passe avant sous autocast (bfloat16)',
      },
      edits: () =>
        wrapStatements(module, wrapped, 'with torch.autocast(device_type="cuda", dtype=torch.bfloat16):') ??
        [],
      imports: ['import torch'],
    },
  ];
}

function isHousekeeping(statement: Stmt | undefined, module: Module): boolean {
  return (
    statement?.kind === 'expression' &&
    /zero_grad|print|set_description|append/.test(module.text.slice(statement.start, statement.end))
  );
}

function checkTrainingArguments(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  const looked = ['fp16', 'bf16', 'tf32', 'fp16_full_eval', 'deepspeed', 'use_cpu', 'no_cuda'].map(
    (name) => ({ name, found: flow.argument(call, name) }),
  );
  if (looked.some(({ found }) => found.state === 'unknown')) return;
  const given = looked.filter(({ found }) => found.state === 'given');
  if (
    given.some(
      ({ name, found }) =>
        (name === 'use_cpu' || name === 'no_cuda') &&
        found.state === 'given' &&
        flow.constant(found.value) !== false,
    )
  )
    return;
  const isOn = given.some(
    ({ name, found }) =>
      !name.startsWith('use') &&
      !name.startsWith('no') &&
      found.state === 'given' &&
      flow.constant(found.value) !== false,
  );
  if (isOn || lowersPrecision(module, flow)) return context.pass(call.callee);
  if (!usesMatrixUnits(module, flow) || isSuperseded(call, module, flow)) return;
  if (given.some(({ name }) => name === 'fp16' || name === 'bf16')) return;
  // without a GPU the Trainer refuses both: a program that asks whether there is one keeps running without
  const asks = /\btorch\.cuda\.is_available\(\)/.exec(module.text)?.[0];
  const on = asks ?? 'True';
  context.fail(call.callee, {
    message: 'argument',
    data: { what: 'TrainingArguments', names: '`bf16` or `fp16`' },
    fixes: [
      argumentFix(call, module, `bf16=${on}`, {
        en: 'Train in bfloat16 (Ampere or newer)',
        fr: 'Entraîner en bfloat16 (Ampere ou plus récent)',
      }),
      argumentFix(call, module, `fp16=${on}`, {
        en: 'Train in float16 mixed precision',
        fr: 'Entraîner en précision mixte float16',
      }),
    ],
  });
}

/** Whether the file's trainers all take other arguments: these were written over, a tutorial's first version. */
function isSuperseded(call: Call, module: Module, flow: Flow): boolean {
  const given = module.calls
    .filter((one) => flow.names(one).includes('transformers.Trainer'))
    .map((one) => flow.argument(one, 'args', 1));
  const origins = given.map((one) =>
    one.state === 'given' ? flow.objects(one.value).map(({ origin }) => origin) : [],
  );
  return origins.length > 0 && origins.every((some) => some.length > 0 && !some.includes(call));
}

function checkLightning(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  const precision = flow.argument(call, 'precision');
  if (precision.state === 'unknown') return;
  if (precision.state === 'given') {
    const value = flow.constant(precision.value);
    if (value === undefined || !['32', '64'].includes(String(value).slice(0, 2))) context.pass(call.callee);
    return;
  }
  if (lowersPrecision(module, flow)) return context.pass(call.callee);
  const accelerator = flow.argument(call, 'accelerator');
  const kind = accelerator.state === 'given' ? flow.constant(accelerator.value) : undefined;
  const gpus = flow.argument(call, 'gpus');
  const onGpu =
    ['gpu', 'cuda'].includes(String(kind)) ||
    (gpus.state === 'given' && ![0, null].includes(flow.constant(gpus.value) as number | null));
  const trial = flow.argument(call, 'fast_dev_run');
  const isTrial =
    trial.state !== 'absent' && !(trial.state === 'given' && flow.constant(trial.value) === false);
  if (!onGpu || isTrial) return;
  context.fail(call.callee, {
    message: 'argument',
    data: { what: 'Trainer', names: '`precision`' },
    fixes: breaksUnderAutocast(module, flow)
      ? []
      : [
          argumentFix(call, module, 'precision="16-mixed"', {
            en: 'Train in mixed precision',
            fr: 'Entraîner en précision mixte',
          }),
        ],
  });
}

function checkKeras(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  if (!usesAccelerator(module, flow) || !isRun(call, flow)) return;
  if (!hasHeavyKerasModel(module, flow)) return;
  const place =
    call.callee.kind === 'member' ? { start: call.callee.propertyStart, end: call.callee.end } : call.callee;
  if (lowersPrecision(module, flow)) return context.pass(place);
  // the policy is global: said once, at the file's first fit
  const first = module.calls.find((one) => flow.names(one).includes('keras.Model.fit') && isRun(one, flow));
  if (first === call) context.fail(place, { message: 'policy', fixes: policyFix(module, context) });
}

/** The policy below the imports, before any layer is built, and the last softmax or sigmoid kept in float32. */
function policyFix(module: Module, { flow }: RuleContext): Fix[] {
  const isImport = (statement: Stmt) => statement.kind === 'import';
  const last = module.body.statements.filter(isImport).at(-1);
  const name = ['tensorflow', 'keras'].map((one) => importedAs(module, one)).find((one) => one !== null);
  const keras = name && importedAs(module, 'tensorflow') === name ? `${name}.keras` : name;
  const built = module.calls.filter((call) =>
    flow.names(call).some((one) => /^keras\.(?:layers|applications)\./.test(one)),
  );
  if (!last || !keras || built.length === 0 || built.some((call) => call.start < last.end)) return [];
  const outputs = built.filter((call) => {
    const activation = flow.argument(call, 'activation', 1);
    return (
      flow.names(call).includes('keras.layers.Dense') &&
      activation.state === 'given' &&
      ['softmax', 'sigmoid'].includes(String(flow.constant(activation.value))) &&
      flow.argument(call, 'dtype').state === 'absent'
    );
  });
  return [
    {
      title: {
        en: 'Set the mixed-precision policy (Keras)',
        fr: 'Choisir la politique de précision mixte (Keras)',
      },
      edits: () => [
        insertAfter(module, last, ['', `${keras}.mixed_precision.set_global_policy("mixed_float16")`]),
        ...outputs.flatMap((call) => addArgument(module, call, 'dtype="float32"') ?? []),
      ],
    },
  ];
}

/** The name under which a whole package is imported: `import tensorflow as tf`, `from tensorflow import keras`. */
function importedAs(module: Module, name: string): string | null {
  const found =
    name === 'keras'
      ? /^(?:import\s+keras|from\s+tensorflow\s+import\s+keras)\s*$/m.test(module.text)
        ? 'keras'
        : undefined
      : new RegExp(`^import\\s+${name}\\s+as\\s+(\\w+)\\s*$`, 'm').exec(module.text)?.[1];
  return found ?? null;
}

function argumentFix(call: Call, module: Module, text: string, title: Fix['title']): Fix {
  return {
    title,
    ...(text.includes('torch.') ? { imports: ['import torch'] } : {}),
    edits: () => {
      const edit: Edit | null = addArgument(module, call, text);
      return edit ? [edit] : [];
    },
  };
}
