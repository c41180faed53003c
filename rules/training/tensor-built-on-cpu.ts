import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, Module } from '../../analysis/model.ts';
import { classOf, enclosingFunction, enclosingLoops, lastName } from '../../analysis/tree.ts';
import { addArgument, replace, textOf } from '../edits.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';

/** Functions that fill a new tensor and take `device=`. */
const FACTORIES =
  /^torch\.(?:zeros|ones|full|empty|rand|randn|randint|randperm|eye|arange|linspace|logspace)$/;

/** Turns of a loop below which a copy each does not matter: sizes that are tried. */
const MANY = 8;

export default defineRule({
  id: 'tensor-built-on-cpu',
  phase: 'training',
  languages: ['python'],
  severity: 'hint',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'low',
    source: {
      en: 'PyTorch performance tuning guide: “Create tensors directly on the target device”.',
      fr: 'PyTorch, guide de réglage des performances : créer les tenseurs directement sur l’appareil visé.',
    },
  },
  references: {
    course: [
      "Phase de conception — Limiter la taille et la complexité : « Optimiser les modèles d'IA pour réduire les calculs »",
    ],
    links: [
      'https://docs.pytorch.org/tutorials/recipes/recipes/tuning_guide.html#create-tensors-directly-on-the-target-device',
    ],
  },
  libraries: ['torch'],
  title: { en: 'Tensor built on the CPU, then moved', fr: 'Tenseur créé sur le CPU, puis déplacé' },
  what: {
    en: 'In code that runs again and again (a loop, a forward pass, a function called from a loop): a new tensor of zeros, ones or random numbers, followed by `.to(device)` or `.cuda()`.',
    fr: 'Dans un code exécuté de façon répétée (boucle, passe avant, fonction appelée dans une boucle) : un nouveau tenseur de zéros, de uns ou de nombres aléatoires, suivi de `.to(device)` ou `.cuda()`.',
  },
  why: {
    en: 'The CPU fills memory that is then copied over the bus, and the GPU waits: a copy from pageable memory is synchronous. With `device=` the GPU fills its own memory.',
    fr: 'Le CPU remplit une mémoire ensuite recopiée par le bus, et le GPU attend : la copie depuis une mémoire paginable est synchrone. Avec `device=`, le GPU remplit sa propre mémoire.',
  },
  instead: {
    en: '`torch.zeros(shape, device=device)`, or `torch.zeros_like(x)` for the shape and device of another tensor. Random numbers then come from the GPU’s generator: ignore the rule where a run must repeat the CPU’s numbers.',
    fr: '`torch.zeros(shape, device=device)`, ou `torch.zeros_like(x)` pour la forme et l’emplacement d’un autre tenseur. Les nombres aléatoires viennent alors du générateur du GPU : à ignorer si l’exécution doit reproduire ceux du CPU.',
  },
  messages: {
    default: {
      en: '`{factory}` fills a tensor on the CPU and `.{move}` copies it each time: pass `device=` instead.',
      fr: '`{factory}` remplit un tenseur sur le CPU et `.{move}` le recopie à chaque fois : passez `device=`.',
    },
  },
  on: { module: checkModule },
  examples: {
    bad: [
      {
        code: 'import torch\n\ndevice = torch.device("cuda" if torch.cuda.is_available() else "cpu")\nfor images, _ in loader:\n    noise = torch.randn(images.size(0), 100, 1, 1).to(device)\n    fake = generator(noise)\n',
        fixed:
          'import torch\n\ndevice = torch.device("cuda" if torch.cuda.is_available() else "cpu")\nfor images, _ in loader:\n    noise = torch.randn(images.size(0), 100, 1, 1, device=device)\n    fake = generator(noise)\n',
      },
      {
        code: 'import torch\nimport torch.nn as nn\n\nclass Tagger(nn.Module):\n    def forward(self, x):\n        h0 = torch.zeros(2, x.size(0), 64).to(x.device)\n        out, _ = self.lstm(x, h0)\n        return out\n',
        fixed:
          'import torch\nimport torch.nn as nn\n\nclass Tagger(nn.Module):\n    def forward(self, x):\n        h0 = torch.zeros(2, x.size(0), 64, device=x.device)\n        out, _ = self.lstm(x, h0)\n        return out\n',
      },
      {
        code: 'import torch\n\ndef real_labels(size):\n    return torch.ones(size, 1).cuda()\n\nfor x in loader:\n    loss = criterion(critic(x.cuda()), real_labels(len(x)))\n    loss.backward()\n',
        fixed:
          'import torch\n\ndef real_labels(size):\n    return torch.ones(size, 1, device="cuda")\n\nfor x in loader:\n    loss = criterion(critic(x.cuda()), real_labels(len(x)))\n    loss.backward()\n',
      },
    ],
    good: [
      {
        code: 'import torch\n\nfor x in loader:\n    noise = torch.randn(len(x), 100, device=device)\n',
      },
      {
        code: 'import torch\n\nmodel = build().to(device)\nsummary = model(torch.randn(1, 3, 224, 224).to(device))\n',
        note: { en: 'Once.', fr: 'Une seule fois.' },
      },
      {
        code: 'import torch\n\nfor x in loader:\n    mask = torch.ones(len(x)).to(torch.bool)\n',
        note: { en: 'Another type, not another device.', fr: 'Un autre type, pas un autre emplacement.' },
      },
      {
        code: 'import torch\n\nfor x, y in loader:\n    x, y = x.to(device), y.to(device)\n    mask = torch.zeros_like(x)\n',
      },
      {
        code: 'import torch\n\nfor batch in batches:\n    x = torch.tensor(batch).to(device)\n',
        note: { en: 'Values that come from the CPU.', fr: 'Des valeurs qui viennent du CPU.' },
      },
      {
        code: 'import torch\n\nfor x in loader:\n    noise = torch.randn(len(x), 100, generator=generator).to(device)\n',
        note: { en: 'A generator of the CPU.', fr: 'Un générateur du CPU.' },
      },
      {
        file: 'tests/test_model.py',
        code: 'import pytest\nimport torch\nfrom model import DEVICE, build\n\n@pytest.mark.parametrize("arch", ["small", "large"])\ndef test_sizes(arch):\n    model = build(arch)\n    for size in (1, 4, 8, 16):\n        pictures = torch.randn(size, 3, 224, 224).to(DEVICE)\n        assert model(pictures).shape[0] == size\n',
        note: { en: 'A test.', fr: 'Un test.' },
      },
      {
        code: 'import torch\n\ndevice = torch.device("cuda")\n\ndef train_epoch(model, loader, optimizer):\n    noise = torch.randn(64, 100).to(device)\n    for images, _ in loader:\n        loss = model(images.to(device))\n        optimizer.zero_grad()\n        loss.backward()\n        optimizer.step()\n    return model.decode(noise)\n\nfor epoch in range(50):\n    train_epoch(model, loader, optimizer)\n',
        note: { en: 'Once in an epoch.', fr: 'Une fois par epoch.' },
      },
      {
        code: 'import torch\nfrom network import build\n\nmodel = build().cuda()\nlengths = [64, 128, 256]\nfor length in lengths:\n    tokens = torch.randint(0, 900, (1, length)).cuda()\n    torch.cuda.reset_peak_memory_stats()\n    model(tokens)\n    print(length, torch.cuda.max_memory_allocated())\n',
        note: { en: 'Three sizes are tried.', fr: 'Trois tailles sont essayées.' },
      },
      {
        code: 'import torch\n\nclass Pick(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, boxes, scores):\n        device = boxes.device\n        return torch.arange(0, 12).to(device)\n\n    @staticmethod\n    def symbolic(g, boxes, scores):\n        return g.op("NonMaxSuppression", boxes, scores)\n',
        note: {
          en: 'It stands for an operator in an export.',
          fr: 'Elle tient lieu d’opérateur dans un export.',
        },
      },
      {
        code: 'import torch\nfrom torch.autograd import gradcheck\nfrom ops import sample\n\ndef check(channels):\n    values = torch.rand(2, 30, channels).cuda()\n    values.requires_grad = True\n    print(channels, gradcheck(sample, (values.double(),)))\n\nfor channels in [16, 30, 32, 64, 71, 128, 256, 512, 1024]:\n    check(channels)\n',
        note: { en: 'Gradients are tested.', fr: 'Des gradients sont testés.' },
      },
    ],
  },
});

function checkModule(module: Module, context: RuleContext): void {
  for (const call of module.calls) checkMove(call, module, context);
}

function checkMove(call: Call, module: Module, context: RuleContext): void {
  const { flow } = context;
  if (call.callee.kind !== 'member' || call.callee.object.kind !== 'call') return;
  const built = call.callee.object;
  const device = targetDevice(call, module, flow);
  if (device === null || !flow.names(built).some((name) => FACTORIES.test(name))) return;
  if (
    built.args.some(
      ({ name, spread }) => spread || name === 'device' || name === 'generator' || name === 'out',
    )
  )
    return;
  if (!runsOften(call, flow) || isTried(call, module)) return;
  context.fail(built.callee, {
    data: {
      factory: textOf(module, built.callee),
      move: `${call.callee.property}(${call.args.map(({ value }) => textOf(module, value)).join(', ')})`,
    },
    fixes: fixOf(call, built, device, module),
  });
}

/** Source text of the device that a tensor is moved to; null for a change of type and for what is not known. */
function targetDevice(call: Call, module: Module, flow: Flow): string | null {
  if (call.callee.kind !== 'member') return null;
  const argument = call.args[0];
  if (call.callee.property === 'cuda') return argument ? textOf(module, argument.value) : '"cuda"';
  if (call.callee.property !== 'to' || !argument || argument.spread || call.args.length > 1) return null;
  if (argument.name !== null && argument.name !== 'device') return null;
  return isDevice(argument.value, flow) ? textOf(module, argument.value) : null;
}

function isDevice(expr: Expr, flow: Flow): boolean {
  if (flow.isA(expr, 'torch.device')) return true;
  const constants = flow.constants(expr);
  if (constants.some((value) => typeof value === 'string' && /^(?:cuda|mps|xpu)/.test(value))) return true;
  const name = lastName(expr);
  return /device/i.test(name) && constants.every((value) => value !== 'cpu');
}

/** A function that stands for an operator while a model is exported; a test of gradients. */
function isTried(call: Call, module: Module): boolean {
  const fn = enclosingFunction(call);
  const owner = fn && classOf(fn);
  if (owner?.body.statements.some((one) => one.kind === 'function' && one.name === 'symbolic')) return true;
  return module.imports.some((one) => one.bindings.some(({ imported }) => imported === 'gradcheck'));
}

function runsOften(call: Call, flow: Flow): boolean {
  const loops = enclosingLoops(call);
  if (loops.some((loop) => (flow.iterations(loop) ?? MANY) >= MANY)) return true;
  const fn = enclosingFunction(call);
  if (!fn) return false;
  if (fn.name === 'forward' || fn.name === 'training_step') return true;
  // before the steps of an epoch it is built once in that epoch
  if (fn.body.statements.some((one) => (one.kind === 'for' || one.kind === 'while') && one.start > call.end))
    return false;
  return flow
    .callers(fn)
    .some((caller) => enclosingLoops(caller).length > 0 || enclosingFunction(caller)?.name === 'forward');
}

function fixOf(call: Call, built: Call, device: string, module: Module): Fix[] {
  const added = addArgument(module, built, `device=${device}`);
  if (!added) return [];
  return [
    {
      title: { en: 'Build the tensor on the device', fr: 'Créer le tenseur sur le périphérique' },
      edits: () => [added, replace({ start: built.end, end: call.end }, '')],
    },
  ];
}
