import { reachingBindings } from '../../analysis/flow/reaching.ts';
import type { Flow } from '../../analysis/flow/types.ts';
import type { Assign, Binding, Call, Expr, FunctionNode, Loop, Module, Node } from '../../analysis/model.ts';
import {
  contains,
  descendants,
  enclosingClass,
  enclosingFunction,
  enclosingLoops,
} from '../../analysis/tree.ts';
import { textOf } from '../edits.ts';
import { defineRule, type Edit, type RuleContext } from '../rule.ts';
import { forwardOf, importsTorch } from '../semantics/forward.ts';
import { gradientState } from '../semantics/gradients.ts';
import { returned, type SliceOptions, sliceWhole } from '../semantics/slice.ts';
import {
  backwardCalls,
  isDifferentiated,
  isGraphless,
  isOnBackwardPath,
  isStepLoop,
} from '../semantics/torch-training.ts';

export default defineRule({
  id: 'graph-kept-alive',
  phase: 'training',
  languages: ['python'],
  severity: 'warning',
  status: 'stable',
  fix: 'safe',
  impact: {
    resource: 'memory',
    band: 'medium',
    source: {
      en: 'PyTorch FAQ, “My model reports cuda runtime error(2): out of memory”: “Don’t accumulate history across your training loop”.',
      fr: 'FAQ de PyTorch, « My model reports cuda runtime error(2): out of memory » : ne pas accumuler d’historique au fil de la boucle d’entraînement.',
    },
  },
  references: {
    course: [
      'Typologie des suppressions possibles — Variables non entraînées : « Statistiques, compteurs, gradients, caches »',
      'Phase d’entraînement — Mesurer pour maîtriser',
    ],
    links: [
      'https://docs.pytorch.org/docs/stable/notes/faq.html#my-model-reports-cuda-runtime-error-2-out-of-memory',
    ],
  },
  libraries: ['torch', 'transformers', 'timm', 'segmentation_models_pytorch'],
  title: {
    en: 'Losses summed together with their graphs',
    fr: 'Pertes additionnées avec leurs graphes',
  },
  what: {
    en: 'In a training loop, a loss (or an output) that is part of the autograd graph is added to a running total or appended to a list that outlives the step, without `.item()` or `.detach()`.',
    fr: 'Dans une boucle d’entraînement, une perte (ou une sortie) qui fait partie du graphe autograd est ajoutée à un total ou à une liste qui survit au pas, sans `.item()` ni `.detach()`.',
  },
  why: {
    en: 'The total then refers to the history of every step: autograd’s nodes pile up until the total is dropped, and where `backward()` did not run, all activations with them. Memory grows with the number of steps, which forces smaller batches or ends in an out-of-memory error; PyTorch’s FAQ lists it first.',
    fr: 'Le total référence alors l’historique de chaque pas : les nœuds d’autograd s’empilent jusqu’à l’abandon du total, et avec eux toutes les activations là où `backward()` n’est pas passé. La mémoire croît avec le nombre de pas, ce qui oblige à réduire les lots ou finit en erreur de mémoire ; la FAQ de PyTorch la cite en premier.',
  },
  instead: {
    en: 'Add `loss.detach()`, which keeps a tensor on the device and waits for nothing, or `loss.item()` where a Python number is needed. Ignore the rule where the total itself is differentiated.',
    fr: 'Ajoutez `loss.detach()`, qui garde un tenseur sur l’accélérateur sans rien attendre, ou `loss.item()` s’il faut un nombre Python. À ignorer si le total lui-même est dérivé.',
  },
  messages: {
    default: {
      en: '`{total}` keeps the graph of every step alive: `{added}` is added with its history.',
      fr: '`{total}` garde le graphe de chaque pas : `{added}` est ajouté avec son historique.',
    },
  },
  on: {
    module(module, context) {
      const found = accumulations(context.flow, module);
      const reported = new Set<string>();
      for (const one of found) {
        if (!one.keepsGraph) {
          context.pass(one.added);
          continue;
        }
        const key = `${textOf(module, one.total)}:${enclosingFunction(one.added)?.start}`;
        if (reported.has(key)) continue;
        reported.add(key);
        report(module, one, context);
      }
    },
  },
  examples: {
    bad: [
      {
        code: `import torch
from torch import nn

class Criterion(nn.Module):
    def forward(self, logits, target):
        error = nn.functional.mse_loss(logits, target)
        smooth = logits.diff(dim=1).abs().mean()
        return error + smooth, {"error": error, "smooth": smooth}

def train(model: nn.Module, loader, optimizer):
    criterion = Criterion()
    total = 0
    for x, y in loader:
        optimizer.zero_grad()
        loss, terms = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += terms["error"]
    return total

train(torch.load("net.pt"), DataLoader(data), make_optimizer())
`,
        fixed: `import torch
from torch import nn

class Criterion(nn.Module):
    def forward(self, logits, target):
        error = nn.functional.mse_loss(logits, target)
        smooth = logits.diff(dim=1).abs().mean()
        return error + smooth, {"error": error, "smooth": smooth}

def train(model: nn.Module, loader, optimizer):
    criterion = Criterion()
    total = 0
    for x, y in loader:
        optimizer.zero_grad()
        loss, terms = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += terms["error"].detach()
    return total

train(torch.load("net.pt"), DataLoader(data), make_optimizer())
`,
        note: { en: 'A term of the loss, as a tensor.', fr: 'Un terme de la perte, en tenseur.' },
      },
      {
        code: `import torch
from torch import nn
from data import train_loader

model = nn.Linear(28 * 28, 10).to("cuda")
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

for epoch in range(10):
    running_loss = 0
    for images, labels in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(images.to("cuda").flatten(1)), labels.to("cuda"))
        loss.backward()
        optimizer.step()
        running_loss += loss
    print(f"epoch {epoch}: {running_loss / len(train_loader):.4f}")
`,
        fixed: `import torch
from torch import nn
from data import train_loader

model = nn.Linear(28 * 28, 10).to("cuda")
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

for epoch in range(10):
    running_loss = 0
    for images, labels in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(images.to("cuda").flatten(1)), labels.to("cuda"))
        loss.backward()
        optimizer.step()
        running_loss += loss.detach()
    print(f"epoch {epoch}: {running_loss / len(train_loader):.4f}")
`,
      },
      {
        code: `import torch

def train(model, X, y, epochs=1000):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    criterion = torch.nn.MSELoss()
    losses = []
    for i in range(epochs):
        loss = torch.sqrt(criterion(model(X), y))
        losses.append(loss)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses
`,
        fixed: `import torch

def train(model, X, y, epochs=1000):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    criterion = torch.nn.MSELoss()
    losses = []
    for i in range(epochs):
        loss = torch.sqrt(criterion(model(X), y))
        losses.append(loss.detach())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses
`,
      },
      {
        code: `import torch
import torch.nn.functional as F

def run_epoch(net, loader, optimizer, device):
    stats = {"loss": 0.0, "seen": 0}
    net.train()
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        loss = F.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        stats["loss"] += loss * x.size(0)
        stats["seen"] += x.size(0)
    return stats
`,
        fixed: `import torch
import torch.nn.functional as F

def run_epoch(net, loader, optimizer, device):
    stats = {"loss": 0.0, "seen": 0}
    net.train()
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        loss = F.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        stats["loss"] += (loss * x.size(0)).detach()
        stats["seen"] += x.size(0)
    return stats
`,
      },
      {
        code: `import torch

class Meter:
    def __init__(self):
        self.total, self.count = 0, 0

    def update(self, value, n=1):
        self.total += value * n
        self.count += n

def train(model, loader, criterion, optimizer):
    losses = Meter()
    for x, y in loader:
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.update(loss, x.size(0))
    return losses.total / losses.count
`,
        fixed: `import torch

class Meter:
    def __init__(self):
        self.total, self.count = 0, 0

    def update(self, value, n=1):
        self.total += value * n
        self.count += n

def train(model, loader, criterion, optimizer):
    losses = Meter()
    for x, y in loader:
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.update(loss.detach(), x.size(0))
    return losses.total / losses.count
`,
      },
    ],
    good: [
      {
        code: `import torch
from torch import nn

class Criterion(nn.Module):
    def forward(self, logits, target):
        error = nn.functional.mse_loss(logits, target)
        smooth = logits.diff(dim=1).abs().mean()
        return error + smooth, {"error": error.item(), "smooth": smooth.item()}

def train(model: nn.Module, loader, optimizer):
    criterion = Criterion()
    total = 0
    for x, y in loader:
        optimizer.zero_grad()
        loss, terms = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += terms["error"]
    return total

train(torch.load("net.pt"), DataLoader(data), make_optimizer())
`,
        note: {
          en: 'Only the loss itself comes back with a graph.',
          fr: 'Seule la perte revient avec un graphe.',
        },
      },
      {
        code: `import torch

class Meter:
    def __init__(self):
        self.total = 0

    def update(self, value):
        self.last = value.item()
        self.total += self.last

def train(model, loader, criterion, optimizer):
    losses = Meter()
    for x, y in loader:
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.update(loss)
    return losses.total
`,
      },
      {
        code: `import torch

def train(model, loader, criterion, optimizer):
    total = 0.0
    for x, y in loader:
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(loader)
`,
      },
      {
        code: `import torch

def train(model, loader, criterions, optimizer):
    for x, targets in loader:
        outputs = model(x)
        loss = 0
        for criterion, output, target in zip(criterions, outputs, targets):
            loss += criterion(output, target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
`,
        note: {
          en: 'The total itself is differentiated, and made anew at each step.',
          fr: 'Le total lui-même est dérivé, et refait à chaque pas.',
        },
      },
      {
        code: `import torch

def train(model, loader, criterion, optimizer, steps=4):
    accumulated = 0
    for i, (x, y) in enumerate(loader):
        accumulated = accumulated + criterion(model(x), y) / steps
        if (i + 1) % steps == 0:
            accumulated.backward()
            optimizer.step()
            optimizer.zero_grad()
            accumulated = 0
`,
        note: { en: 'Gradients of several batches on purpose.', fr: 'Gradients de plusieurs lots, voulus.' },
      },
      {
        code: `import torch

def train(model, loader, criterion, optimizer):
    correct, shown = 0, []
    for x, y in loader:
        outputs = model(x)
        loss = criterion(outputs, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        _, predicted = torch.max(outputs, 1)
        shown.append(predicted)
        correct += (predicted == y).sum()
    return correct, shown
`,
        note: {
          en: 'Predicted classes are integers: they have no graph.',
          fr: 'Les classes prédites sont des entiers : elles n’ont pas de graphe.',
        },
      },
      {
        code: `import torch
from torchmetrics.functional import word_error_rate

def score(outputs, targets, decode):
    return word_error_rate(decode(outputs), decode(targets))

def train(model, loader, criterion, optimizer, decode):
    total, errors = torch.zeros(()), 0.0
    for x, y in loader:
        outputs = model(x)
        loss = criterion(outputs, y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        total += loss.detach()
        errors += score(outputs, y, decode)
    return total, errors
`,
        note: {
          en: 'Nothing shows that the score is still part of the graph.',
          fr: 'Rien ne montre que le score fait encore partie du graphe.',
        },
      },
      {
        code: `import torch
from torch import nn

def train(model, series, optimizer, epochs=500):
    criterion = nn.L1Loss()
    history = []
    for epoch in range(epochs):
        optimizer.zero_grad()
        totals, total = [], 0
        for window, target in series:
            total = total + criterion(model(window), target)
            totals.append(total)
        total.backward()
        optimizer.step()
        history.append(torch.mean(torch.tensor(totals)))
    return history
`,
        note: {
          en: '`torch.tensor` copies the numbers, without their graphs.',
          fr: '`torch.tensor` copie les nombres, sans leurs graphes.',
        },
      },
    ],
  },
});

interface Accumulation {
  /** What outlives the step. */
  readonly total: Expr;
  /** What is put into it. */
  readonly added: Expr;
  readonly keepsGraph: boolean;
}

/** Places in training steps where a result of the model is put into something that outlives the step. */
function accumulations(flow: Flow, module: Module): Accumulation[] {
  const differentiated = backwardCalls(flow, module);
  if (differentiated.length === 0 || !importsTorch(module)) return [];
  const losses = new Set(differentiated.flatMap((call) => lossBindings(module, call)));
  const found: Accumulation[] = [];
  const consider = (node: Node, total: Expr, added: Expr) => {
    const step = enclosingLoops(node).find((loop) => isStepLoop(flow, loop));
    if (!step || !outlives(module, total, step)) return;
    if (isOnBackwardPath(flow, added)) return; // the total itself is differentiated
    if (!hasGraph(flow, module, added, losses, () => false)) return;
    const keepsGraph = hasGraph(flow, module, added, losses, (expr, path) => losesGraph(flow, expr, path));
    if (keepsGraph && gradientState(flow, node) !== 'on') return;
    found.push({ total, added, keepsGraph });
  };
  for (const assign of module.assigns) {
    const added = addedBy(module, assign);
    if (added) consider(assign, assign.targets[0] as Expr, added);
  }
  for (const call of module.calls) {
    const callee = call.callee;
    const [only] = call.args;
    if (callee.kind !== 'member') continue;
    if (only && only.spread === null && only.name === null && sumsUp(flow, call))
      consider(call, callee.object, only.value);
    if (callee.property !== 'append' || !only || call.args.length !== 1) continue;
    if (only.value.kind === 'name' || only.value.kind === 'call' || only.value.kind === 'binary')
      consider(call, callee.object, only.value);
  }
  return found.sort((a, b) => a.added.start - b.added.start);
}

/** `losses.update(loss, n)`: whether the method adds its first argument, with its graph, to what its object keeps. */
function sumsUp(flow: Flow, call: Call): boolean {
  const targets = flow.targets(call);
  return (
    targets.length > 0 &&
    targets.every((method) => {
      const [self, first] = method.parameters;
      const module = flow.moduleOf(method);
      if (!self || !first || enclosingClass(method) === null) return false;
      const isKept = (kept: Expr) => rootName(kept)?.name === self.name && kept.kind === 'member';
      const isFirst = (expr: Expr) =>
        [
          ...sliceWhole(flow, [expr], {
            stops: (one, path) => losesGraph(flow, one, path),
            program: false,
          }).expressions,
        ].some(
          (one) =>
            one.kind === 'name' &&
            reachingBindings(one, module).some(
              ({ source }) => source.from === 'parameter' && source.parameter === first,
            ),
        );
      return (
        descendants(method.body, 'assign').some((assign) => {
          const added = addedBy(module, assign);
          return added !== null && isKept(assign.targets[0] as Expr) && isFirst(added);
        }) ||
        descendants(method.body, 'call').some(
          ({ callee, args }) =>
            callee.kind === 'member' &&
            callee.property === 'append' &&
            isKept(callee.object) &&
            args[0] !== undefined &&
            isFirst(args[0].value),
        )
      );
    })
  );
}

/** What gives the names their value on which `backward()` is called: certainly part of a graph. */
function lossBindings(module: Module, call: Call): Binding[] {
  const roots = [
    ...(call.callee.kind === 'member' ? [call.callee.object] : []),
    ...call.args.map(({ value }) => value),
  ];
  return roots.flatMap((root) =>
    descendants(root, 'name').flatMap((name) => (name.name === 'self' ? [] : reachingBindings(name, module))),
  );
}

const TENSOR_METHODS =
  /^(?:mean|sum|clone|to|cuda|cpu|float|double|half|squeeze|unsqueeze|view|reshape|flatten|permute|transpose|t|pow|sqrt|log|exp|abs|contiguous|div|mul|add|sub|max|min|softmax|sigmoid|log_softmax|loss|logits)$/;

/** Whether a graph ends here, or may: a function of which nothing is known gives numbers as often as tensors. */
function losesGraph(flow: Flow, expr: Expr, path?: readonly (number | string)[], depth = 0): boolean {
  if (isGraphless(flow, expr, path)) return true;
  if (expr.kind !== 'call') return false;
  const targets = flow.targets(expr);
  const parts = path && depth <= 3 ? partsAt(targets, path) : null;
  if (parts) return !parts.some(([target, part]) => givesGraph(flow, target, depth + 1, [part]));
  if (forwardOf(flow, expr)) return false;
  if (targets.length > 0) return depth > 3 || !targets.some((target) => givesGraph(flow, target, depth + 1));
  if (flow.names(expr).some((name) => /^(?:torch|transformers)\./.test(name))) return false;
  return !(expr.callee.kind === 'member' && TENSOR_METHODS.test(expr.callee.property));
}

/** `loss, numbers = criterion(x, y)`: what the functions give back there; null where their returns are no tuples. */
function partsAt(
  targets: readonly FunctionNode[],
  [index]: readonly (number | string)[],
): [FunctionNode, Expr][] | null {
  if (targets.length === 0 || typeof index !== 'number') return null;
  const parts: [FunctionNode, Expr][] = [];
  for (const target of targets) {
    for (const value of returned(target)) {
      const part = value.kind === 'sequence' ? value.items[index] : undefined;
      if (!part || part.kind === 'spread') return null;
      parts.push([target, part]);
    }
  }
  return parts.length > 0 ? parts : null;
}

/** Whether what a local function gives back, or these parts of it, is still joined to what it was given. */
function givesGraph(
  flow: Flow,
  fn: FunctionNode,
  depth: number,
  results: readonly Expr[] = returned(fn),
): boolean {
  const module = flow.moduleOf(fn);
  const { expressions } = sliceWhole(flow, results, {
    stops: (expr, path) => losesGraph(flow, expr, path, depth),
    program: false,
  });
  return [...expressions].some(
    (one) =>
      one.kind === 'name' &&
      one.name !== 'self' &&
      reachingBindings(one, module).some(
        ({ source }) => source.from === 'parameter' && source.function === fn,
      ),
  );
}

/** Whether the expression is part of the graph that a `backward()` goes through, where `stops` ends no path to it. */
function hasGraph(
  flow: Flow,
  module: Module,
  expr: Expr,
  losses: ReadonlySet<Binding>,
  stops: SliceOptions['stops'],
): boolean {
  const { calls, expressions } = sliceWhole(flow, [expr], { stops, program: false });
  for (const call of calls) {
    if (!isDifferentiated(flow, call) || stops(call)) continue;
    if (flow.names(call).some((name) => /^torch\.nn\.(?:Module\.|functional\.)|^transformers\./.test(name)))
      return true;
    if (forwardOf(flow, call)) return true;
  }
  for (const one of expressions)
    if (one.kind === 'name' && reachingBindings(one, module).some((binding) => losses.has(binding)))
      return true;
  return false;
}

/** `total += x`, `total = total + x`: what is added. */
function addedBy(module: Module, assign: Assign): Expr | null {
  const [target] = assign.targets;
  if (!target || assign.targets.length !== 1 || !assign.value) return null;
  if (assign.operator === '+=') return assign.value;
  if (assign.operator !== null || assign.value.kind !== 'binary' || assign.value.operator !== '+')
    return null;
  const name = textOf(module, target);
  if (textOf(module, assign.value.left) === name) return assign.value.right;
  return textOf(module, assign.value.right) === name ? assign.value.left : null;
}

/** Whether what is added to was there before the loop, so that its rounds pile up in it. */
function outlives(module: Module, total: Expr, loop: Loop): boolean {
  const name = rootName(total);
  if (!name) return false;
  const starts = reachingBindings(name, module).filter(
    ({ node }) => !(node.kind === 'assign' && (node.operator !== null || contains(node, total))),
  );
  return starts.length > 0 && starts.every(({ node }) => !contains(loop, node));
}

function rootName(expr: Expr): (Expr & { kind: 'name' }) | null {
  if (expr.kind === 'name') return expr;
  return expr.kind === 'member' || expr.kind === 'index' ? rootName(expr.object) : null;
}

function report(module: Module, { total, added }: Accumulation, context: RuleContext): void {
  const text = textOf(module, added);
  const simple =
    added.kind === 'name' || added.kind === 'member' || added.kind === 'call' || added.kind === 'index';
  const edit: Edit = {
    start: added.start,
    end: added.end,
    text: simple ? `${text}.detach()` : `(${text}).detach()`,
  };
  context.fail(added, {
    data: { total: shorten(textOf(module, total)), added: shorten(text) },
    fixes: [
      {
        title: {
          en: `Add ${shorten(`${simple ? text : `(${text})`}.detach()`)}`,
          fr: `Ajouter ${shorten(`${simple ? text : `(${text})`}.detach()`)}`,
        },
        edits: () => [edit],
      },
    ],
  });
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 50 ? `${line.slice(0, 47)}…` : line;
}
