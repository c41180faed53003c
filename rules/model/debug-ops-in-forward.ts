import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, ClassNode, Expr, FunctionNode, Module, Node, Stmt } from '../../analysis/model.ts';
import {
  ancestors,
  classOf,
  descendants,
  enclosingFunction,
  enclosingLoops,
  ownAttribute,
  statementOf,
} from '../../analysis/tree.ts';
import { removeLines, startsLine, textOf } from '../edits.ts';
import { defineRule, type Edit, type Fix, type RuleContext } from '../rule.ts';
import { inProgram } from '../semantics/memo.ts';
import { isWeightUpdate, trainingSites } from '../semantics/training.ts';

/** Calls that show, log or save something, by canonical name. */
const SHOWS =
  /^(?:builtins\.(?:print|breakpoint)|pprint\.p?print|tensorflow\.print|pdb\.set_trace|ipdb\.set_trace|IPython\.embed|torchsummary\.summary|torchinfo\.summary|matplotlib\.pyplot\.(?:show|imshow|plot|savefig|imsave|figure|title|colorbar|close|hist)|torchvision\.utils\.save_image|cv2\.(?:imshow|imwrite)|torch\.utils\.tensorboard\.SummaryWriter\.add_\w+|tensorboardX\.SummaryWriter\.add_\w+|torch\.nn\.Module\.register_(?:full_)?(?:forward|backward)_(?:pre_)?hook|numpy\.(?:save|savetxt)|torch\.save)$/;
/** What a keras `call` runs at every step: a plain `print` runs while the graph is traced only. */
const SHOWS_IN_GRAPH = /^(?:tensorflow\.print|keras\.ops\.print)$/;
const READS = /^(?:item|tolist|numpy|cpu)$/;

export default defineRule({
  id: 'debug-ops-in-forward',
  phase: 'model',
  languages: ['python'],
  severity: 'warning',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'low',
    source: {
      en: 'PyTorch, Performance Tuning Guide, “Avoid unnecessary CPU-GPU synchronization”: print(cuda_tensor), cuda_tensor.item() and the like make the CPU wait for the GPU.',
      fr: 'PyTorch, Performance Tuning Guide, « Avoid unnecessary CPU-GPU synchronization » : print(cuda_tensor), cuda_tensor.item() et autres font attendre le GPU par le CPU.',
    },
  },
  references: {
    course: [
      'Typologie des suppressions possibles — Couches de debug, instrumentation',
      'Simplification de graphes',
    ],
    links: [
      'https://docs.pytorch.org/tutorials/recipes/recipes/tuning_guide.html#avoid-unnecessary-cpu-gpu-synchronization',
    ],
  },
  libraries: ['torch', 'tensorflow', 'keras'],
  title: { en: 'Debugging left in a forward pass', fr: 'Débogage laissé dans une passe avant' },
  what: {
    en: '`forward` (or Keras’ `call`) prints, plots, saves, logs, registers hooks, or copies a tensor to the host only to keep it, with no condition around it, in a program that trains or loads a model. One finding per class.',
    fr: '`forward` (ou `call` de Keras) affiche, trace, enregistre, journalise, pose des hooks, ou copie un tenseur vers l’hôte seulement pour le garder, sans condition autour, dans un programme qui entraîne ou charge un modèle. Un signalement par classe.',
  },
  why: {
    en: 'It runs at every batch of every epoch and again at every request in production. Printing or reading a tensor that lives on an accelerator makes the CPU wait until all queued work is done (PyTorch’s tuning guide names it first among the synchronisations to avoid), breaks the graph of `torch.compile`, and is lost or frozen in an exported model. On a CPU, where nothing is queued, the time is within the noise, as measured below.',
    fr: 'Cela s’exécute à chaque lot de chaque époque, puis à chaque requête en production. Afficher ou relire un tenseur placé sur un accélérateur fait attendre le CPU jusqu’à la fin de tout le travail en file (le guide d’optimisation de PyTorch en fait la première synchronisation à éviter), coupe le graphe de `torch.compile`, et se perd ou se fige dans un modèle exporté. Sur CPU, où rien n’attend en file, le temps reste dans le bruit, comme mesuré ci-dessous.',
  },
  instead: {
    en: 'Remove it. To look inside a model, register a forward hook from outside for the time of the inspection, or print shapes once with `torchinfo.summary`. Ignore the rule in a model written only to be inspected.',
    fr: 'Supprimez-le. Pour regarder à l’intérieur d’un modèle, posez un hook depuis l’extérieur le temps de l’inspection, ou affichez les formes une fois avec `torchinfo.summary`. À ignorer dans un modèle écrit seulement pour être inspecté.',
  },
  messages: {
    default: {
      en: '`{op}` runs at every pass through `{owner}`.',
      fr: '`{op}` s’exécute à chaque passage dans `{owner}`.',
    },
    several: {
      en: '`{op}` runs at every pass through `{owner}`, and {more} more like it.',
      fr: '`{op}` s’exécute à chaque passage dans `{owner}`, et {more} autre(s) du même genre.',
    },
  },
  on: {
    classes: { bases: ['torch.nn.Module', 'keras.layers.Layer', 'keras.Model'], check },
  },
  examples: {
    bad: [
      {
        code: `import torch
import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.fc = nn.Linear(8 * 15 * 15, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        print(x.shape)
        x = x.flatten(1)
        return self.fc(x)

net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(20):
    for x, y in loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
`,
        fixed: `import torch
import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.fc = nn.Linear(8 * 15 * 15, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        x = x.flatten(1)
        return self.fc(x)

net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(20):
    for x, y in loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
`,
      },
      {
        code: `import torch
from torch import nn

class Gate(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.score = nn.Linear(width, 1)
        self.history = []

    def forward(self, x):
        weight = torch.sigmoid(self.score(x))
        self.history.append(weight.mean().item())
        return weight * x

net = Gate()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(20):
    for x, y in loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
`,
        fixed: `import torch
from torch import nn

class Gate(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.score = nn.Linear(width, 1)
        self.history = []

    def forward(self, x):
        weight = torch.sigmoid(self.score(x))
        return weight * x

net = Gate()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(20):
    for x, y in loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
`,
      },
      {
        code: `import torch
from torch import nn

class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(16, 16) for _ in range(4)])

    def encode(self, x):
        for layer in self.layers:
            x = torch.relu(layer(x))
            print("layer", layer, "mean", x.mean())
        return x

    def forward(self, x):
        print("input", x.shape)
        return self.encode(x)

net = Encoder()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(20):
    for x, y in loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
`,
        fixed: `import torch
from torch import nn

class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(16, 16) for _ in range(4)])

    def encode(self, x):
        for layer in self.layers:
            x = torch.relu(layer(x))
        return x

    def forward(self, x):
        return self.encode(x)

net = Encoder()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(20):
    for x, y in loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
`,
      },
    ],
    good: [
      {
        code: `import torch
from torch import nn

class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(512)
        self.wide = nn.Linear(512, 2048)

    def forward(self, x):
        print("input", x.shape)
        x = self.norm(x)
        print("normalised", x.shape)
        return self.wide(x)

block = Block()
print(block(torch.randn(30, 200, 512)).shape)
`,
        note: {
          en: 'A lesson: nothing is trained, the print is the point.',
          fr: 'Une leçon : rien n’est entraîné, l’affichage est le sujet.',
        },
      },
      {
        code: `import torch
from torch import nn

class Attention(nn.Module):
    def forward(self, x):
        print("not written yet")
        return x

net = nn.Sequential(nn.Linear(8, 8), Attention())
net.load_state_dict(torch.load("net.pt"))
`,
        note: { en: 'A placeholder.', fr: 'Un emplacement réservé.' },
      },
      {
        code: `import torch.nn as nn

class Net(nn.Module):
    def __init__(self, debug=False):
        super().__init__()
        self.fc = nn.Linear(8, 2)
        self.debug = debug

    def forward(self, x):
        if self.debug:
            print(x.shape)
        return self.fc(x)
`,
        note: { en: 'Behind a switch.', fr: 'Derrière un interrupteur.' },
      },
      {
        code: `from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(32, 32, batch_first=True)

    def forward(self, x, lengths):
        longest = lengths.max().item()
        packed = pack_padded_sequence(x[:, :longest], lengths.cpu(), batch_first=True)
        return self.rnn(packed)[0]
`,
        note: {
          en: 'The lengths are needed on the host.',
          fr: 'Les longueurs sont nécessaires sur l’hôte.',
        },
      },
      {
        code: `from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 2)
        print("parameters:", sum(p.numel() for p in self.parameters()))

    def forward(self, x):
        return self.fc(x)

net = Net()
print(net)
`,
        note: { en: 'Printed once, at construction.', fr: 'Affiché une fois, à la construction.' },
      },
      {
        code: `import torch
from torch import nn

class Guarded(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        try:
            return self.fc(x)
        except RuntimeError:
            print("bad shape", x.shape)
            raise
`,
        note: { en: 'Only when it fails.', fr: 'Seulement en cas d’échec.' },
      },
      {
        code: `import tensorflow as tf
from tensorflow import keras

class Scale(keras.layers.Layer):
    def call(self, inputs):
        print("tracing", inputs.shape)
        return inputs * 2.0
`,
        note: {
          en: 'In a Keras graph a plain print runs while tracing only.',
          fr: 'Dans un graphe Keras, un simple print ne s’exécute qu’au traçage.',
        },
      },
      {
        code: `from torch import nn

class Trainer:
    def __init__(self, model):
        self.model = model

    def forward(self, x):
        out = self.model(x)
        print(out.shape)
        return out
`,
        note: { en: 'Not a module.', fr: 'Ce n’est pas un module.' },
      },
    ],
  },
});

function check(owner: ClassNode, context: RuleContext): void {
  const { flow, module } = context;
  if (!owner.name || /print|debug|verbose|inspect|hook|grad_?cam/i.test(owner.name)) return;
  const isTorch = flow.bases(owner).includes('torch.nn.Module');
  const methods = methodsRun(flow, owner, isTorch ? 'forward' : 'call');
  const [entry] = methods;
  if (!entry || !isPutToUse(module, flow)) return;
  const found = methods
    .flatMap((method) =>
      descendants(method.body, 'call').filter((call) => enclosingFunction(call) === method),
    )
    .filter((call) => isDebugging(flow, call, isTorch) && isEveryTime(call))
    .filter((call, _, all) => !all.some((other) => other !== call && isInside(call, other)))
    .sort((a, b) => a.start - b.start);
  const [first] = found;
  // a placeholder: it does nothing else
  if (first && descendants(entry.body, 'call').every((call) => found.includes(call))) return;
  if (!first)
    return context.pass({ start: entry.nameStart, end: entry.nameStart + (entry.name?.length ?? 0) });
  const statements = [...new Set(found.map((call) => statementOf(call)))];
  const name = textOf(module, first.callee).replace(/\s+/g, ' ');
  const op = name.length > 40 ? `…${name.slice(-39)}` : name;
  context.fail(first.callee, {
    ...(found.length > 1 ? { message: 'several' } : {}),
    data: { op: `${op}(…)`, owner: `${owner.name}.${entry.name}`, more: found.length - 1 },
    fixes: removal(module, statements),
  });
}

/** Whether the program trains, or loads what was trained: in a lesson that sends one batch through, the print is the point. */
const isPutToUse = inProgram(
  (module, flow) =>
    LOADS.test(module.text) ||
    trainingSites(module, flow).length > 0 ||
    module.calls.some((call) => isWeightUpdate(call, flow) && enclosingLoops(call).length > 0),
);

const LOADS =
  /\.load_state_dict\(|\bload_model\(|\.load_weights\(|\.from_pretrained\(|\.load_from_checkpoint\(/;

/** `forward`, and the class's own methods that it calls. */
function methodsRun(flow: Flow, owner: ClassNode, name: string): FunctionNode[] {
  const entry = owner.body.statements.find(
    (one): one is FunctionNode => one.kind === 'function' && one.name === name,
  );
  if (!entry) return [];
  const found = [entry];
  for (const method of found) {
    for (const call of descendants(method.body, 'call')) {
      if (call.callee.kind !== 'member' || call.callee.object.kind !== 'name') continue;
      if (call.callee.object.name !== method.parameters[0]?.name || !isEveryTime(call)) continue;
      for (const target of flow.targets(call))
        if (classOf(target) === owner && !found.includes(target)) found.push(target);
    }
  }
  return found;
}

function isInside(inner: Call, outer: Call): boolean {
  return inner.start >= outer.start && inner.end <= outer.end;
}

function isDebugging(flow: Flow, call: Call, isTorch: boolean): boolean {
  const names = flow.names(call);
  if (!isTorch) return names.some((name) => SHOWS_IN_GRAPH.test(name));
  if (call.parent?.kind === 'expression' && names.some((name) => SHOWS.test(name))) return true;
  return isKeptOnly(flow, call);
}

/** `self.losses.append(loss.item())`, `self.last = loss.item()`: read back at every pass, for later. */
function isKeptOnly(flow: Flow, call: Call): boolean {
  const callee = call.callee;
  if (callee.kind !== 'member' || !READS.test(callee.property) || call.args.length > 0) return false;
  if (callee.property === 'cpu' && call.parent?.kind === 'member') return false; // `.cpu().numpy()` counts once
  if (!isComputed(flow, callee.object)) return false;
  const parent = call.parent;
  if (parent?.kind === 'argument' && parent.parent?.kind === 'call') {
    const outer = parent.parent;
    return (
      outer.parent?.kind === 'expression' &&
      outer.callee.kind === 'member' &&
      outer.callee.property === 'append' &&
      isOwn(outer.callee.object)
    );
  }
  const [target] = parent?.kind === 'assign' ? parent.targets : [];
  return (
    parent?.kind === 'assign' &&
    parent.operator === null &&
    target?.kind === 'member' &&
    isOwn(target) &&
    !isReadInClass(target.property, call)
  );
}

/** Whether the class itself goes on with the attribute: then it is part of its work. */
function isReadInClass(property: string, call: Call): boolean {
  const fn = enclosingFunction(call);
  const owner = fn && classOf(fn);
  return (
    owner != null &&
    descendants(owner.body, 'member').some(
      (one) =>
        one.property === property && !(one.parent?.kind === 'assign' && one.parent.targets.includes(one)),
    )
  );
}

const isOwn = (expr: Expr): boolean => ownAttribute(expr) !== null;

/** Whether the value is a tensor that the pass computes: not a length, not the input as it came. */
function isComputed(flow: Flow, expr: Expr): boolean {
  return flow.objects(expr).some(({ types }) => types.includes('torch.Tensor'));
}

/** Whether the call runs at every pass: under no condition, in no handler. */
function isEveryTime(call: Call): boolean {
  const fn = enclosingFunction(call);
  let child: Node = call;
  for (const parent of ancestors(call)) {
    if (parent === fn) break;
    if ((parent.kind === 'if' || parent.kind === 'conditional') && child !== parent.test) return false;
    if (parent.kind === 'handler' || parent.kind === 'case') return false;
    if (parent.kind === 'block') {
      // a message on the way to an error
      const after = parent.statements.slice(parent.statements.indexOf(child as Stmt) + 1);
      if (after.some((one) => one.kind === 'raise')) return false;
      const before = parent.statements.slice(0, parent.statements.indexOf(child as Stmt));
      if (before.some((one) => one.kind === 'return' || one.kind === 'raise')) return false;
    }
    child = parent;
  }
  return true;
}

function removal(module: Module, statements: readonly Stmt[]): readonly Fix[] {
  const removable = statements.every((statement) => {
    const block = statement.parent;
    return (
      block?.kind === 'block' &&
      startsLine(module, statement) &&
      block.statements.some((one) => !statements.includes(one) && one.kind !== 'pass') &&
      module.text.slice(statement.end, statement.end + 200).match(/^[ \t]*(?:#[^\n]*)?(?:\r?\n|$)/) !== null
    );
  });
  if (!removable) return [];
  return [
    {
      title: { en: 'Remove the debugging', fr: 'Supprimer le débogage' },
      edits: (): Edit[] => statements.map((statement) => removeLines(module, statement)),
    },
  ];
}
