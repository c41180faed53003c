import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, Module } from '../../analysis/model.ts';
import { ancestors, contains } from '../../analysis/tree.ts';
import { defineRule, type RuleContext } from '../rule.ts';
import { backwardCalls } from '../semantics/torch-training.ts';

export default defineRule({
  id: 'data-parallel',
  phase: 'training',
  languages: ['python'],
  severity: 'hint',
  status: 'stable',
  fix: 'none',
  impact: {
    resource: 'compute',
    band: 'low',
    source: {
      en: 'PyTorch documentation of DataParallel: “It is recommended to use DistributedDataParallel, instead of this class, to do multi-GPU training, even if there is only a single node.”',
      fr: 'Documentation PyTorch de DataParallel : DistributedDataParallel est recommandé à la place de cette classe pour entraîner sur plusieurs GPU, même sur une seule machine.',
    },
  },
  references: {
    course: ["Phase d'entraînement — Mutualiser les ressources"],
    links: [
      'https://docs.pytorch.org/docs/stable/generated/torch.nn.DataParallel.html',
      'https://docs.pytorch.org/docs/stable/notes/cuda.html#cuda-nn-ddp-instead',
    ],
  },
  libraries: ['torch'],
  title: { en: 'Several GPUs driven by one process', fr: 'Plusieurs GPU pilotés par un seul processus' },
  what: {
    en: 'A model wrapped in `nn.DataParallel` in a program that trains it by hand. Said once per file; inference, a single device id and programs that also know `DistributedDataParallel` are left out.',
    fr: 'Un modèle enveloppé dans `nn.DataParallel` dans un programme qui l’entraîne à la main. Signalé une fois par fichier ; l’inférence, un seul identifiant de GPU et les programmes qui connaissent aussi `DistributedDataParallel` sont exclus.',
  },
  why: {
    en: '`DataParallel` copies the model to every GPU in each step, scatters the batch and gathers the results from one Python process, whose threads wait for one another. GPUs that wait draw power too. PyTorch recommends `DistributedDataParallel` even on one machine.',
    fr: '`DataParallel` recopie le modèle sur chaque GPU à chaque pas, répartit le lot et rassemble les résultats depuis un seul processus Python, dont les fils s’attendent. Un GPU qui attend consomme aussi. PyTorch recommande `DistributedDataParallel` même sur une seule machine.',
  },
  instead: {
    en: 'Start one process per GPU with `torchrun` and wrap the model in `DistributedDataParallel`, or let Accelerate or Lightning do so. First ask whether one GPU will do. Ignore the rule for short runs.',
    fr: 'Lancez un processus par GPU avec `torchrun` et enveloppez le modèle dans `DistributedDataParallel`, ou laissez faire Accelerate ou Lightning. Demandez-vous d’abord si un seul GPU suffit. À ignorer pour les exécutions courtes.',
  },
  messages: {
    default: {
      en: '`DataParallel` copies the model to every GPU in each step, from one process: use `DistributedDataParallel`.',
      fr: '`DataParallel` recopie le modèle sur chaque GPU à chaque pas, depuis un seul processus : utilisez `DistributedDataParallel`.',
    },
  },
  on: { calls: { names: ['torch.nn.DataParallel'], check } },
  examples: {
    bad: [
      {
        code: 'import torch\nfrom torch import nn\n\nmodel = nn.DataParallel(Net()).cuda()\noptimizer = torch.optim.Adam(model.parameters())\nfor x, y in loader:\n    loss = criterion(model(x), y)\n    loss.backward()\n    optimizer.step()\n',
      },
      {
        code: 'import torch\n\nmodel = build()\nif torch.cuda.device_count() > 1:\n    model = torch.nn.DataParallel(model, device_ids=[0, 1])\n\ndef train(epochs):\n    for _ in range(epochs):\n        for x, y in loader:\n            criterion(model(x), y).backward()\n            optimizer.step()\n\ntrain(30)\n',
      },
      {
        file: 'main.py',
        code: 'from torch.nn import DataParallel\nfrom steps import fit\n\nmodel = DataParallel(build())\nfit(model)\n',
        files: {
          'steps.py':
            'def fit(model):\n    for x, y in data():\n        loss = criterion(model(x), y)\n        loss.backward()\n',
        },
      },
    ],
    good: [
      {
        code: 'import torch\nfrom torch.nn.parallel import DistributedDataParallel\n\nmodel = DistributedDataParallel(build(), device_ids=[rank])\nfor x, y in loader:\n    criterion(model(x), y).backward()\n',
      },
      {
        code: 'import torch\n\nmodel = torch.nn.DataParallel(build())\nmodel.load_state_dict(torch.load("parallel.pt"))\nmodel.eval()\nwith torch.no_grad():\n    out = model(x)\n',
        note: {
          en: 'Wrapped to read weights saved that way.',
          fr: 'Enveloppé pour lire des poids enregistrés ainsi.',
        },
      },
      {
        code: 'import torch\n\nmodel = torch.nn.DataParallel(build(), device_ids=[0])\nfor x, y in loader:\n    criterion(model(x), y).backward()\n',
        note: { en: 'One GPU.', fr: 'Un seul GPU.' },
      },
      {
        code: 'import torch\nfrom torch import nn\n\nngpu = 1\ndevice = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")\nnet = Generator().to(device)\nif (device.type == "cuda") and (ngpu > 1):\n    net = nn.DataParallel(net, list(range(ngpu)))\nfor x, y in loader:\n    criterion(net(x), y).backward()\n',
        note: {
          en: 'The condition never holds with one GPU.',
          fr: 'Avec un seul GPU, la condition n’est jamais vraie.',
        },
      },
      {
        code: 'import torch\nfrom torch import nn\n\nif args.distributed:\n    model = nn.parallel.DistributedDataParallel(model)\nelse:\n    model = nn.DataParallel(model)\nfor x, y in loader:\n    criterion(model(x), y).backward()\n',
        note: { en: 'It knows the other.', fr: 'Il connaît l’autre.' },
      },
      {
        code: 'import torch\n\ndef unwrap(model):\n    return model.module if isinstance(model, torch.nn.DataParallel) else model\n\nfor x, y in loader:\n    criterion(model(x), y).backward()\n',
      },
    ],
  },
});

function check(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  if (isRuledOut(call, flow)) return;
  const modules = [...flow.related(module)];
  if (modules.some((one) => /\bDistributedDataParallel\b|\bDDP\b/.test(one.text))) return;
  if (!modules.some((one) => backwardCalls(flow, one).length > 0)) return;
  const devices = flow.argument(call, 'device_ids', 1);
  if (devices.state === 'given' && devices.value.kind === 'sequence' && devices.value.items.length === 1)
    return;
  if (firstIn(module, flow) === call) context.fail(call.callee);
}

function firstIn(module: Module, flow: Flow): Call | undefined {
  return module.calls.find(
    (call) => flow.names(call).includes('torch.nn.DataParallel') && !isRuledOut(call, flow),
  );
}

/** Whether the call stands behind a condition that never holds: `if ngpu > 1` where `ngpu = 1`. */
function isRuledOut(call: Call, flow: Flow): boolean {
  for (const one of ancestors(call))
    if (one.kind === 'if' && contains(one.then, call) && holds(one.test, flow) === false) return true;
  return false;
}

function holds(test: Expr, flow: Flow): boolean | undefined {
  if (test.kind !== 'binary') return undefined;
  const { operator, left, right } = test;
  if (operator === 'and' || operator === 'or') {
    const both = [holds(left, flow), holds(right, flow)];
    const deciding = operator === 'or';
    if (both.includes(deciding)) return deciding;
    return both.includes(undefined) ? undefined : !deciding;
  }
  const [a, b] = [flow.constant(left), flow.constant(right)];
  if (typeof a !== 'number' || typeof b !== 'number') return undefined;
  if (operator === '>') return a > b;
  if (operator === '>=') return a >= b;
  return undefined;
}
