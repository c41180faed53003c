import { reachingBindings } from '../../analysis/flow/reaching.ts';
import type { Flow } from '../../analysis/flow/types.ts';
import type { Assign, Call, Expr, For, FunctionNode, Module, Node } from '../../analysis/model.ts';
import { ancestors, classOf, contains, descendants, lastName } from '../../analysis/tree.ts';
import { insertAfter, textOf } from '../edits.ts';
import { defineRule, type Edit, type Fix, type RuleContext } from '../rule.ts';
import { usesAccelerator } from '../semantics/accelerator.ts';
import { forwardOf, importsTorch } from '../semantics/forward.ts';
import { inProgram } from '../semantics/memo.ts';
import { slice } from '../semantics/slice.ts';
import { backwardCalls, isDifferentiated, isStepLoop, loopsOutwards } from '../semantics/torch-training.ts';

export default defineRule({
  id: 'host-sync-in-loop',
  phase: 'training',
  languages: ['python'],
  severity: 'hint',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'low',
    source: {
      en: 'PyTorch, Performance Tuning Guide, “Avoid unnecessary CPU-GPU synchronization”: print(cuda_tensor), cuda_tensor.item(), .cpu() and the like make the CPU wait for the GPU.',
      fr: 'PyTorch, Performance Tuning Guide, « Avoid unnecessary CPU-GPU synchronization » : print(cuda_tensor), cuda_tensor.item(), .cpu() et autres font attendre le GPU par le CPU.',
    },
  },
  references: {
    course: [
      'Phase d’entraînement — Limiter les itérations inutiles',
      "Phase de conception — Optimiser le pipeline d'apprentissage",
    ],
    links: [
      'https://docs.pytorch.org/tutorials/recipes/recipes/tuning_guide.html#avoid-unnecessary-cpu-gpu-synchronization',
    ],
  },
  libraries: ['torch'],
  title: {
    en: 'Waiting for the accelerator at every step',
    fr: 'Attente de l’accélérateur à chaque pas',
  },
  what: {
    en: 'A training loop on an accelerator reads a tensor back at every batch: `.item()`, `.tolist()`, `.cpu()`, `.numpy()`, `float(loss)` or `print(loss)` on what the model or the loss gave.',
    fr: 'Une boucle d’entraînement sur accélérateur relit un tenseur à chaque lot : `.item()`, `.tolist()`, `.cpu()`, `.numpy()`, `float(loss)` ou `print(loss)` sur ce qu’ont donné le modèle ou la perte.',
  },
  why: {
    en: 'The CPU sends work to the accelerator ahead of time. Reading a value back makes it wait until all of it is done, so nothing is queued meanwhile and the accelerator idles, powered, until the next batch is sent. The smaller the model and the batch, the larger the share.',
    fr: 'Le CPU envoie le travail à l’accélérateur à l’avance. Relire une valeur l’oblige à attendre que tout soit fini : rien n’est mis en file pendant ce temps et l’accélérateur reste inoccupé, sous tension, jusqu’au lot suivant. Plus le modèle et le lot sont petits, plus la part est grande.',
  },
  instead: {
    en: 'Add up `loss.detach()` on the device and read it once after the loop, or log every N steps. Ignore the rule on the CPU, for very long steps, and where a value is needed to decide something at each step.',
    fr: 'Additionnez `loss.detach()` sur l’accélérateur et relisez une fois après la boucle, ou journalisez tous les N pas. À ignorer sur CPU, pour des pas très longs, et là où une valeur sert à décider à chaque pas.',
  },
  messages: {
    default: {
      en: '`{read}` makes every training step wait for the accelerator.',
      fr: '`{read}` fait attendre l’accélérateur à chaque pas d’entraînement.',
    },
    several: {
      en: '`{read}` makes every training step wait for the accelerator, and {more} more in this loop.',
      fr: '`{read}` fait attendre l’accélérateur à chaque pas d’entraînement, et {more} autre(s) dans cette boucle.',
    },
  },
  on: {
    module(module, context) {
      const { flow } = context;
      for (const fn of module.functions) if (isLightningStep(fn, flow)) checkStep(module, fn, context);
      if (!importsTorch(module) || backwardCalls(flow, module).length === 0) return;
      if (!usesAccelerator(module, flow)) return;
      for (const loop of module.loops)
        if (loop.kind === 'for' && isBatchLoop(flow, loop)) checkLoop(module, loop, context);
    },
  },
  examples: {
    bad: [
      {
        code: `import torch
import torch.nn.functional as F
from data import loader

net = torch.nn.Linear(64, 10).to("cuda")
optimizer = torch.optim.Adam(net.parameters())
for epoch in range(20):
    total, accuracy, hits = 0.0, 0, 0
    for x, y in loader:
        out = net(x.to("cuda"))
        loss = F.cross_entropy(out, y.to("cuda"))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
        accuracy += (out.argmax(1) == y.to("cuda")).float().mean().item()
        hits += (out.argmax(1) == y.to("cuda")).sum().item() / len(y)
    print(epoch, total, accuracy / len(loader), hits)
`,
        fixed: `import torch
import torch.nn.functional as F
from data import loader

net = torch.nn.Linear(64, 10).to("cuda")
optimizer = torch.optim.Adam(net.parameters())
for epoch in range(20):
    total, accuracy, hits = 0.0, 0, 0
    for x, y in loader:
        out = net(x.to("cuda"))
        loss = F.cross_entropy(out, y.to("cuda"))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.detach()
        accuracy += (out.argmax(1) == y.to("cuda")).float().mean()
        hits += (out.argmax(1) == y.to("cuda")).sum() / len(y)
    total = float(total)
    accuracy = float(accuracy)
    hits = float(hits)
    print(epoch, total, accuracy / len(loader), hits)
`,
        note: { en: 'Shares are no whole numbers.', fr: 'Des parts ne sont pas des entiers.' },
      },
      {
        code: `import torch
import torch.nn.functional as F
from data import loader
from nets import Net

net = Net().to("cuda")
optimizer = torch.optim.Adam(net.parameters())
for epoch in range(20):
    running_loss = 0.0
    for x, y in loader:
        loss = F.cross_entropy(net(x.to("cuda")), y.to("cuda"))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
    print(epoch, running_loss / len(loader))
`,
        fixed: `import torch
import torch.nn.functional as F
from data import loader
from nets import Net

net = Net().to("cuda")
optimizer = torch.optim.Adam(net.parameters())
for epoch in range(20):
    running_loss = 0.0
    for x, y in loader:
        loss = F.cross_entropy(net(x.to("cuda")), y.to("cuda"))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running_loss += loss.detach()
    running_loss = float(running_loss)
    print(epoch, running_loss / len(loader))
`,
      },
      {
        code: `import torch
from torch import nn

class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(100, 4)

    def forward(self, x):
        return self.fc(x)

def train(loader, epochs, device="cuda"):
    model = Classifier().to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for epoch in range(epochs):
        total_loss, correct = 0.0, 0
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            logits = model(x)
            loss = criterion(logits, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total_loss += loss.item() * x.size(0)
            correct += (logits.argmax(1) == y).sum().item()
        print(epoch, total_loss, correct)
`,
        fixed: `import torch
from torch import nn

class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(100, 4)

    def forward(self, x):
        return self.fc(x)

def train(loader, epochs, device="cuda"):
    model = Classifier().to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for epoch in range(epochs):
        total_loss, correct = 0.0, 0
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            logits = model(x)
            loss = criterion(logits, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total_loss += loss.detach() * x.size(0)
            correct += (logits.argmax(1) == y).sum()
        total_loss = float(total_loss)
        correct = int(correct)
        print(epoch, total_loss, correct)
`,
      },
      {
        code: `import torch
import torch.nn.functional as F

def fit(model, loader, optimizer, epochs):
    model.cuda()
    for epoch in range(epochs):
        for step, (x, y) in enumerate(loader):
            loss = F.mse_loss(model(x.cuda()), y.cuda())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            print(f"epoch {epoch} step {step} loss {loss}")
`,
        note: {
          en: 'Printing a tensor reads it back too.',
          fr: 'Afficher un tenseur le relit aussi.',
        },
      },
      {
        code: `import torch
import torch.nn.functional as F
from tqdm import tqdm

def fit(model, loader, optimizer, epochs):
    model.cuda()
    for epoch in range(epochs):
        with tqdm(loader) as bar:
            for x, y in bar:
                loss = F.cross_entropy(model(x.cuda()), y.cuda())
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                bar.set_postfix({"loss": f"{loss:.4f}"})
`,
        note: { en: 'So does a progress bar.', fr: 'Une barre de progression aussi.' },
      },
      {
        code: `import lightning as L
import torch
import torch.nn.functional as F

class Digits(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Linear(784, 10)
        self.history = []

    def training_step(self, batch, index):
        x, y = batch
        loss = F.cross_entropy(self.net(x), y)
        self.history.append(loss.item())
        return loss

L.Trainer(accelerator="gpu", max_epochs=3).fit(Digits(), loader)
`,
        note: { en: 'Lightning’s step.', fr: 'Le pas de Lightning.' },
      },
      {
        code: `import torch
import torch.nn.functional as F
from data import loader

net = torch.nn.Linear(64, 10).to("cuda")
optimizer = torch.optim.Adam(net.parameters())
for epoch in range(20):
    total, hits = 0.0, 0
    for x, y in loader:
        out = net(x.to("cuda"))
        loss = F.cross_entropy(out, y.to("cuda"))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.detach().item()
        hits += out.argmax(1).eq(y.to("cuda")).sum().item()
    print(epoch, total, hits)
`,
        fixed: `import torch
import torch.nn.functional as F
from data import loader

net = torch.nn.Linear(64, 10).to("cuda")
optimizer = torch.optim.Adam(net.parameters())
for epoch in range(20):
    total, hits = 0.0, 0
    for x, y in loader:
        out = net(x.to("cuda"))
        loss = F.cross_entropy(out, y.to("cuda"))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.detach()
        hits += out.argmax(1).eq(y.to("cuda")).sum()
    total = float(total)
    hits = int(hits)
    print(epoch, total, hits)
`,
        note: { en: 'Already detached, and a count.', fr: 'Déjà détachée, et un décompte.' },
      },
    ],
    good: [
      {
        code: `import torch
import torch.nn.functional as F

def fit(model, loader, optimizer, epochs):
    model.cuda()
    for epoch in range(epochs):
        for step, (x, y) in enumerate(loader):
            loss = F.mse_loss(model(x.cuda()), y.cuda())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if step % 100 == 0:
                print(epoch, step, loss.item())
`,
        note: { en: 'Every hundred steps.', fr: 'Tous les cent pas.' },
      },
      {
        code: `import torch
import torch.nn.functional as F

def fit(model, loader, optimizer, epochs):
    for epoch in range(epochs):
        total = 0.0
        for x, y in loader:
            loss = F.mse_loss(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        print(total)
`,
        note: { en: 'On the CPU there is nothing to wait for.', fr: 'Sur CPU, il n’y a rien à attendre.' },
      },
      {
        code: `import torch
import torch.nn.functional as F

def fit(model, x, y, optimizer):
    model, x, y = model.cuda(), x.cuda(), y.cuda()
    for epoch in range(500):
        loss = F.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(epoch, loss.item())
`,
        note: {
          en: 'One step an epoch, all data at once.',
          fr: 'Un pas par époque, toutes les données à la fois.',
        },
      },
      {
        code: `import torch
import torch.nn.functional as F
from torch.amp import GradScaler, autocast

def fit(model, loader, optimizer, epochs):
    scaler = GradScaler("cuda")
    for epoch in range(epochs):
        total = 0.0
        for x, y in loader:
            with autocast("cuda"):
                loss = F.cross_entropy(model(x.cuda()), y.cuda())
            optimizer.zero_grad()
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
            total += loss.item()
        print(total)
`,
        note: {
          en: 'The gradient scaler looks for infinities at every step and waits anyway.',
          fr: 'Le GradScaler cherche les infinis à chaque pas et attend de toute façon.',
        },
      },
      {
        code: `import torch
import torch.nn.functional as F

def fit(model, loader, optimizer, epochs, device=torch.device("cuda")):
    for epoch in range(epochs):
        total = torch.zeros((), device=device)
        for x, y in loader:
            loss = F.cross_entropy(model(x.to(device)), y.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.detach()
        print(epoch, total.item() / len(loader))
`,
      },
      {
        code: `import lightning as L
import torch
import torch.nn.functional as F

class Digits(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Linear(784, 10)

    def training_step(self, batch, index):
        x, y = batch
        loss = F.cross_entropy(self.net(x), y)
        self.log("loss", loss)
        if index % 100 == 0:
            print(loss.item(), y.cpu())
        return loss

    def validation_step(self, batch, index):
        x, y = batch
        print(F.cross_entropy(self.net(x), y).item())

L.Trainer(accelerator="gpu", max_epochs=3).fit(Digits(), loader)
`,
        note: {
          en: 'Logged as a tensor; printed now and then.',
          fr: 'Journalisé comme tenseur ; affiché de temps en temps.',
        },
      },
      {
        code: `import torch
import torch.nn.functional as F
from tqdm import tqdm

def fit(model, loader, optimizer, epochs):
    model.cuda()
    for epoch in range(epochs):
        bar = tqdm(loader)
        for step, (x, y) in enumerate(bar):
            loss = F.cross_entropy(model(x.cuda()), y.cuda())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            bar.set_description(f"epoch {epoch} step {step}")
            if step % 50 == 0:
                bar.set_postfix(loss=loss.item())
`,
        note: { en: 'Only the count at every step.', fr: 'Seul le compte à chaque pas.' },
      },
      {
        code: `import math
import sys
import torch
import torch.nn.functional as F

def run(model, loader, optimizer, epochs):
    model.cuda()
    for epoch in range(epochs):
        for x, y in loader:
            loss = F.cross_entropy(model(x.cuda()), y.cuda())
            value = loss.item()
            if not math.isfinite(value):
                print("diverged")
                sys.exit(1)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
`,
        note: { en: 'Each step looks whether it may go on.', fr: 'Chaque pas vérifie s’il peut continuer.' },
      },
    ],
  },
});

/** Whether a round of the loop is a training step on one batch, in a larger loop over epochs. */
function isBatchLoop(flow: Flow, loop: For): boolean {
  return isStepLoop(flow, loop) && loopsOutwards(flow, loop).length > 0;
}

function checkLoop(module: Module, loop: For, context: RuleContext): void {
  const { flow } = context;
  const calls = module.calls.filter((call) => contains(loop.body, call));
  // its check for infinities reads from the device at every step anyway
  if (
    calls.some((call) => flow.names(call).includes('torch.amp.GradScaler.step') || isScalerStep(module, call))
  )
    return;
  const losses = lossBindings(flow, module, loop);
  const reads = calls.filter((call) => {
    const read = readBack(flow, call);
    return (
      read.length > 0 &&
      isEveryRound(call, loop) &&
      read.some((one) => isFromModel(flow, module, one, losses))
    );
  });
  const first = reads[0];
  if (reads.some((read) => decides(read, loop))) return;
  if (!first) {
    if (calls.some((call) => readBack(flow, call).length > 0)) context.pass(headerOf(loop));
    return;
  }
  // what is printed, and how, does not matter: `print(…)`
  const isShown =
    first.callee.kind === 'name'
      ? first.callee.name === 'print'
      : SHOWS_PROGRESS.test(lastName(first.callee));
  const read = isShown ? `${lastName(first.callee)}(…)` : textOf(module, first).replaceAll(/\s+/g, ' ');
  context.fail(first, {
    message: reads.length > 1 ? 'several' : 'default',
    data: { read: read.length > 50 ? `${read.slice(0, 47)}…` : read, more: reads.length - 1 },
    fixes: fixFor(module, loop, reads),
  });
}

/** `if not math.isfinite(loss_value): sys.exit(1)`: each step waits for its value on purpose. */
function decides(read: Call, loop: For): boolean {
  const { parent } = read;
  const target = parent?.kind === 'assign' && parent.targets.length === 1 ? parent.targets[0] : undefined;
  if (target?.kind !== 'name') return false;
  return descendants(loop.body, 'if', true).some(
    ({ test, then }) =>
      descendants(test, 'name').some(({ name }) => name === target.name) &&
      then.statements.some(
        (one) =>
          one.kind === 'break' ||
          one.kind === 'return' ||
          one.kind === 'raise' ||
          (one.kind === 'expression' &&
            one.expression.kind === 'call' &&
            lastName(one.expression.callee) === 'exit'),
      ),
  );
}

/** Lightning runs it for each batch, and `backward()` itself. */
function isLightningStep(fn: FunctionNode, flow: Flow): boolean {
  const owner = fn.name === 'training_step' ? classOf(fn) : null;
  return owner !== null && flow.bases(owner).includes('lightning.LightningModule');
}

function checkStep(module: Module, fn: FunctionNode, context: RuleContext): void {
  const { flow } = context;
  if (!trainsOnAccelerator(module, flow)) return;
  const reads = module.calls.filter(
    (call) =>
      contains(fn.body, call) &&
      isEveryRound(call, fn) &&
      readBack(flow, call).some((one) => isOfForward(flow, one)),
  );
  const [first] = reads;
  if (!first) return;
  const read = textOf(module, first).replaceAll(/\s+/g, ' ');
  context.fail(first, {
    message: reads.length > 1 ? 'several' : 'default',
    data: { read: read.length > 50 ? `${read.slice(0, 47)}…` : read, more: reads.length - 1 },
  });
}

/** Whether some Trainer of the program is told to use a GPU: by default it takes what there is. */
const trainsOnAccelerator = inProgram((module, flow) =>
  module.calls.some((call) => {
    if (!flow.names(call).includes('lightning.Trainer')) return false;
    const asked = flow.argument(call, 'accelerator');
    if (asked.state === 'given') return /^(?:gpu|cuda|auto)$/.test(String(flow.constant(asked.value)));
    const gpus = flow.argument(call, 'gpus');
    return gpus.state === 'given' && ![0, null].includes(flow.constant(gpus.value) as number | null);
  }),
);

/** Whether the value comes out of a network, and was not read back before. */
function isOfForward(flow: Flow, expr: Expr): boolean {
  const calls = slice(flow, [expr], {
    stops: (one) => one.kind === 'call' && isHostValue(flow, one),
    program: false,
  });
  return [...calls].some((call) => !isHostValue(flow, call) && forwardOf(flow, call) !== null);
}

function headerOf(loop: For): { start: number; end: number } {
  return { start: loop.start, end: loop.iterable.end };
}

function isScalerStep(module: Module, call: Call): boolean {
  return (
    call.callee.kind === 'member' &&
    call.callee.property === 'step' &&
    /scaler/i.test(textOf(module, call.callee.object))
  );
}

/** What a call may read back from the device. */
function readBack(flow: Flow, call: Call): readonly Expr[] {
  const callee = call.callee;
  if (callee.kind === 'member' && SHOWS_PROGRESS.test(callee.property)) return shownIn(call);
  if (callee.kind === 'member') {
    if (!/^(?:item|tolist|cpu|numpy)$/.test(callee.property) || call.args.length > 0) return [];
    return isRead(flow, callee.object) ? [] : [callee.object]; // `loss.detach().cpu().numpy()` waits once
  }
  const names = flow.names(call);
  const values = call.args.map((argument) => argument.value);
  if (names.some((name) => /^builtins\.(?:float|int|bool)$/.test(name)))
    return values.filter((value) => !isRead(flow, value));
  if (!names.includes('builtins.print')) return [];
  return shownIn(call);
}

/** What a progress bar writes next to it. */
const SHOWS_PROGRESS = /^set_(?:postfix|description)(?:_str)?$/;

/** Tensors that are turned into text by their bare names, in dicts and f-strings too: `f"{loss:.3f}"`. */
function shownIn(call: Call): readonly Expr[] {
  const shown = (expr: Expr): readonly Expr[] => {
    switch (expr.kind) {
      case 'name':
        return [expr];
      case 'template':
        return expr.parts.flatMap((part) => (typeof part === 'string' ? [] : shown(part)));
      case 'dict':
        return expr.entries.flatMap(({ value }) => shown(value));
      case 'unknown': // with a format
        return expr.children.flatMap((child) => (child.kind === 'name' ? [child] : []));
      case 'call': // `"{:.3f}".format(loss)`
        return expr.callee.kind === 'member' && expr.callee.property === 'format'
          ? expr.args.flatMap(({ value }) => shown(value))
          : [];
      case 'binary': // `"%.3f" % loss`
        return expr.operator === '%' ? shown(expr.right) : [];
      case 'sequence':
        return expr.items.flatMap((item) => (item.kind === 'spread' ? [] : shown(item)));
      default:
        return [];
    }
  };
  return call.args.flatMap(({ value }) => shown(value));
}

function isRead(flow: Flow, expr: Expr): boolean {
  return expr.kind === 'call' && readBack(flow, expr).length > 0;
}

/** What gives the names their value that the loop's `backward()` is called on. */
function lossBindings(flow: Flow, module: Module, loop: For): ReadonlySet<Node> {
  const found = new Set<Node>();
  for (const call of backwardCalls(flow, module)) {
    if (!contains(loop, call)) continue;
    const roots = [call.callee, ...call.args.map(({ value }) => value)];
    for (const root of roots)
      for (const name of descendants(root, 'name'))
        for (const { node } of reachingBindings(name, module))
          if (node.kind === 'assign' && contains(loop, node)) found.add(node);
  }
  return found;
}

/** Whether the value is made by the model or its loss, and so on the device. */
function isFromModel(flow: Flow, module: Module, expr: Expr, losses: ReadonlySet<Node>): boolean {
  const names = descendants(expr, 'name').flatMap((name) => reachingBindings(name, module));
  if (names.some(({ node }) => losses.has(node))) return true;
  const calls = slice(flow, [expr], {
    stops: (one) => one.kind === 'call' && isHostValue(flow, one),
    program: false,
  });
  return [...calls].some(
    (call) =>
      isDifferentiated(flow, call) && flow.names(call).some((name) => name.startsWith('torch.nn.Module.')),
  );
}

/** Values that are on the host already. */
function isHostValue(flow: Flow, call: Call): boolean {
  const callee = call.callee;
  if (callee.kind === 'member' && /^(?:item|tolist|cpu|numpy|size|dim|numel)$/.test(callee.property))
    return true;
  return flow
    .names(call)
    .some((name) => /^(?:numpy\.|sklearn\.|builtins\.(?:len|float|int|range|print))/.test(name));
}

/** Whether the node runs in every round: under no condition, in no inner function. */
function isEveryRound(node: Node, loop: For | FunctionNode): boolean {
  let child: Node = node;
  for (const parent of ancestors(node)) {
    if (parent === loop) return true;
    if (parent.kind === 'function' || parent.kind === 'handler') return false;
    if (parent.kind === 'if' && child !== parent.test) return false;
    if (parent.kind === 'conditional' && child !== parent.test) return false;
    if (parent.kind === 'binary' && child === parent.right && ['and', 'or'].includes(parent.operator))
      return false;
    child = parent;
  }
  return false;
}

/**
 * `total += loss.item()` -> `total += loss.detach()`, and `total = float(total)` behind the loop; only where that takes
 * all the reads away.
 */
function fixFor(module: Module, loop: For, reads: readonly Call[]): readonly Fix[] {
  const sums: { assign: Assign; read: Call }[] = [];
  for (const read of reads) {
    const assign = sumOf(read);
    if (!assign || read.callee.kind !== 'member' || read.callee.property !== 'item') return [];
    if (!isReadAfterOnly(module, assign, loop)) return [];
    sums.push({ assign, read });
  }
  const totals = new Map<string, 'int' | 'float'>();
  for (const { assign, read } of sums) {
    const total = textOf(module, assign.targets[0] as Expr);
    const isWhole = assign.value === read && isWholeNumber(read, module);
    totals.set(total, isWhole && totals.get(total) !== 'float' ? 'int' : 'float');
  }
  const names = [...totals.keys()].join(', ');
  const edits = (): Edit[] => [
    ...sums.map(({ read }) => ({
      start: (read.callee as Expr & { kind: 'member' }).object.end,
      end: read.end,
      text: isCount(read) || isDetached(read, module) ? '' : '.detach()',
    })),
    insertAfter(
      module,
      loop,
      [...totals].map(([total, type]) => `${total} = ${type}(${total})`),
    ),
  ];
  return [
    {
      title: {
        en: `Add up on the device, read ${names} once after the loop`,
        fr: `Additionner sur l’accélérateur, relire ${names} une fois après la boucle`,
      },
      edits,
    },
  ];
}

/** `(predicted == labels).sum().item()`, `predicted.eq(labels).sum().item()`: a count, which has no graph. */
function isCount(read: Call): boolean {
  return (
    descendants(read.callee, 'binary').some((one) => ['==', '!=', '>', '<'].includes(one.operator)) ||
    descendants(read.callee, 'call').some((one) => /^(?:eq|ne|gt|ge|lt|le)$/.test(lastName(one.callee)))
  );
}

/** `loss.detach().item()` */
const isDetached = ({ callee }: Call, module: Module): boolean =>
  callee.kind === 'member' && /\.detach\(\)$/.test(textOf(module, callee.object));

/** A sum of comparisons, not their mean nor a share of them. */
function isWholeNumber(read: Call, module: Module): boolean {
  const text = textOf(module, read);
  return isCount(read) && /\bsum\b/.test(text) && !/\bmean\b|\/|\bfloat|\bdouble\b/.test(text);
}

/** The `total += …` that the read is part of. */
function sumOf(read: Call): Assign | null {
  for (const parent of ancestors(read)) {
    if (parent.kind === 'assign')
      return parent.operator === '+=' && parent.targets.length === 1 && isPlain(parent.targets[0] as Expr)
        ? parent
        : null;
    if (parent.kind !== 'binary') return null;
  }
  return null;
}

function isPlain(expr: Expr): boolean {
  if (expr.kind === 'name') return true;
  if (expr.kind === 'index') return isPlain(expr.object) && expr.index.kind === 'literal';
  return expr.kind === 'member' && isPlain(expr.object);
}

/** Whether the loop itself reads the total only now and then. */
function isReadAfterOnly(module: Module, assign: Assign, loop: For): boolean {
  const target = textOf(module, assign.targets[0] as Expr);
  const uses = [
    ...descendants(loop.body, 'name'),
    ...descendants(loop.body, 'member'),
    ...descendants(loop.body, 'index'),
  ];
  return uses.every(
    (use) =>
      contains(assign, use) || textOf(module, use) !== target || !isEveryRound(use, loop) || isTarget(use),
  );
}

function isTarget(node: Node): boolean {
  return node.parent?.kind === 'assign' && node.parent.targets.includes(node as Expr);
}
