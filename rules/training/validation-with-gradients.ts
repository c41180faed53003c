import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, For, If, Module, Stmt } from '../../analysis/model.ts';
import { contains, descendants } from '../../analysis/tree.ts';
import { textOf, wrapStatements } from '../edits.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { gradientState } from '../semantics/gradients.ts';
import { torchName } from '../semantics/inference-edits.ts';
import { reportGradients } from '../semantics/inference-reports.ts';
import { isBackward, isRun } from '../semantics/training.ts';

export default defineRule({
  id: 'validation-with-gradients',
  phase: 'training',
  languages: ['python'],
  severity: 'warning',
  status: 'stable',
  fix: 'safe',
  impact: {
    resource: 'memory',
    band: 'medium',
    source: {
      en: 'PyTorch, “Autograd mechanics”: in grad mode every operation is recorded and its inputs kept for backward. The memory that this takes is measured (bench/evidence).',
      fr: 'PyTorch, « Autograd mechanics » : avec les gradients, chaque opération est enregistrée et ses entrées sont gardées pour la rétropropagation. La mémoire que cela prend est mesurée (bench/evidence).',
    },
  },
  references: {
    course: [
      'Phase d’entraînement — Limiter les itérations inutiles',
      'Typologie des suppressions possibles — Variables non entraînées : « gradients, caches »',
    ],
    links: [
      'https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html',
      'https://docs.pytorch.org/docs/stable/notes/autograd.html#locally-disabling-gradient-computation',
    ],
  },
  libraries: ['torch', 'transformers', 'timm', 'segmentation_models_pytorch'],
  title: {
    en: 'Validation that records gradients',
    fr: 'Validation qui enregistre les gradients',
  },
  what: {
    en: 'Between training steps a PyTorch model is evaluated (validation loss, accuracy, test pass) with autograd on: no `torch.no_grad()` or `torch.inference_mode()` around the pass, on the function or in its callers.',
    fr: 'Entre les pas d’entraînement, un modèle PyTorch est évalué (perte de validation, exactitude, passe de test) avec autograd actif : ni `torch.no_grad()` ni `torch.inference_mode()` autour de la passe, sur la fonction ou chez ses appelants.',
  },
  why: {
    en: 'Nothing calls `backward()` on these results, yet autograd records every operation and keeps every layer’s activations, every epoch. That memory is what limits the validation batch; a loss summed as a tensor even holds all batches at once. Memory is what is saved, as measured below; on a CPU the time hardly changes. `model.eval()` changes layers, not gradients.',
    fr: 'Rien n’appelle `backward()` sur ces résultats, mais autograd enregistre chaque opération et garde les activations de chaque couche, à chaque époque. C’est cette mémoire qui limite la taille du lot de validation ; une perte additionnée comme tenseur retient même tous les lots à la fois. C’est la mémoire qui est économisée, comme mesuré ci-dessous ; sur CPU le temps ne change guère. `model.eval()` change les couches, pas les gradients.',
  },
  instead: {
    en: 'Put the validation loop under `with torch.no_grad():` (or `torch.inference_mode()`), or decorate the evaluation function with `@torch.no_grad()`. In a loop shared by training and validation: `with torch.set_grad_enabled(is_training):`. Ignore the rule where the evaluation itself needs gradients.',
    fr: 'Mettez la boucle de validation sous `with torch.no_grad():` (ou `torch.inference_mode()`), ou décorez la fonction d’évaluation avec `@torch.no_grad()`. Dans une boucle commune à l’entraînement et à la validation : `with torch.set_grad_enabled(is_training):`. À ignorer si l’évaluation elle-même a besoin de gradients.',
  },
  messages: {
    phase: {
      en: '`{model}` records gradients in every phase, and only `{test}` goes backward.',
      fr: '`{model}` enregistre des gradients dans toutes les phases, et seule `{test}` rétropropage.',
    },
    default: {
      en: '`{model}` is evaluated during training with gradients on: autograd records a graph that no `backward()` uses.',
      fr: '`{model}` est évalué pendant l’entraînement avec les gradients actifs : autograd enregistre un graphe qu’aucun `backward()` n’utilise.',
    },
  },
  on: {
    module(module, context) {
      reportGradients(module, context, true);
      reportPhases(module, context);
    },
  },
  examples: {
    bad: [
      {
        code: `import torch
from torch import nn
from data import train_loader, val_loader

model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 3))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters())

for epoch in range(30):
    model.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()

    model.eval()
    val_loss = 0.0
    for x, y in val_loader:
        outputs = model(x)
        val_loss += criterion(outputs, y).item()
    print(epoch, val_loss / len(val_loader))
`,
        fixed: `import torch
from torch import nn
from data import train_loader, val_loader

model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 3))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters())

for epoch in range(30):
    model.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()

    model.eval()
    val_loss = 0.0
    with torch.no_grad():
        for x, y in val_loader:
            outputs = model(x)
            val_loss += criterion(outputs, y).item()
    print(epoch, val_loss / len(val_loader))
`,
      },
      {
        code: `import torch
import torch.nn.functional as F

def evaluate(net, loader, device):
    net.eval()
    hits = 0
    for batch in loader:
        logits = net(batch["pixels"].to(device))
        hits += (logits.argmax(dim=1) == batch["label"].to(device)).sum().item()
    return hits / len(loader.dataset)

def fit(net, train_loader, val_loader, optimizer, device, epochs=10):
    best = 0.0
    for epoch in range(epochs):
        net.train()
        for batch in train_loader:
            loss = F.cross_entropy(net(batch["pixels"].to(device)), batch["label"].to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        best = max(best, evaluate(net, val_loader, device))
    return best
`,
        fixed: `import torch
import torch.nn.functional as F

def evaluate(net, loader, device):
    net.eval()
    hits = 0
    with torch.no_grad():
        for batch in loader:
            logits = net(batch["pixels"].to(device))
            hits += (logits.argmax(dim=1) == batch["label"].to(device)).sum().item()
    return hits / len(loader.dataset)

def fit(net, train_loader, val_loader, optimizer, device, epochs=10):
    best = 0.0
    for epoch in range(epochs):
        net.train()
        for batch in train_loader:
            loss = F.cross_entropy(net(batch["pixels"].to(device)), batch["label"].to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        best = max(best, evaluate(net, val_loader, device))
    return best
`,
      },
      {
        code: `import torch
from torch import nn
from prices import X_train, X_test, y_train, y_test

class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 32, batch_first=True)
        self.head = nn.Linear(32, 1)

    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])

model = Forecaster()
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for epoch in range(100):
    loss = criterion(model(X_train), y_train)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 10 == 0:
        test_pred = model(X_test)
        test_loss = criterion(test_pred, y_test)
        print(f"{epoch}: train {loss.item():.4f}, test {test_loss.item():.4f}")
`,
        fixed: `import torch
from torch import nn
from prices import X_train, X_test, y_train, y_test

class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 32, batch_first=True)
        self.head = nn.Linear(32, 1)

    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])

model = Forecaster()
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for epoch in range(100):
    loss = criterion(model(X_train), y_train)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 10 == 0:
        with torch.no_grad():
            test_pred = model(X_test)
        test_loss = criterion(test_pred, y_test)
        print(f"{epoch}: train {loss.item():.4f}, test {test_loss.item():.4f}")
`,
        note: {
          en: 'The test pass stands beside the training step, in the same round.',
          fr: 'La passe de test côtoie le pas d’entraînement, dans le même tour.',
        },
      },
      {
        code: `import torch
from torchvision.models import resnet18
from data import loaders

model = resnet18(weights="DEFAULT")
criterion = torch.nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for epoch in range(25):
    for phase in ["train", "val"]:
        model.train(phase == "train")
        for inputs, labels in loaders[phase]:
            optimizer.zero_grad()
            outputs = model(inputs)
            loss = criterion(outputs, labels)
            if phase == "train":
                loss.backward()
                optimizer.step()
`,
        fixed: `import torch
from torchvision.models import resnet18
from data import loaders

model = resnet18(weights="DEFAULT")
criterion = torch.nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for epoch in range(25):
    for phase in ["train", "val"]:
        model.train(phase == "train")
        for inputs, labels in loaders[phase]:
            optimizer.zero_grad()
            with torch.set_grad_enabled(phase == "train"):
                outputs = model(inputs)
                loss = criterion(outputs, labels)
            if phase == "train":
                loss.backward()
                optimizer.step()
`,
        note: { en: 'One loop for both phases.', fr: 'Une boucle pour les deux phases.' },
      },
    ],
    good: [
      {
        code: `import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("prajjwal1/bert-tiny")
model = AutoModelForSequenceClassification.from_pretrained("prajjwal1/bert-tiny").eval()

def relevance(tokens, label):
    model.zero_grad()
    score = model(**tokens).logits[0, label]
    score.backward()
    return model.get_input_embeddings().weight.grad[tokens["input_ids"][0]].norm(dim=-1)

def explain(text):
    tokens = tokenizer(text, return_tensors="pt")
    label = model(**tokens).logits.argmax(dim=-1).item()
    return label, relevance(tokens, label).tolist()

left = 10
while left:
    for text in texts:
        print(explain(text))
    left -= 1
`,
        note: {
          en: 'A model is explained, not trained: `inference-with-gradients` speaks of it.',
          fr: 'On explique un modèle, on ne l’entraîne pas : `inference-with-gradients` en parle.',
        },
      },
      {
        code: `import copy
import torch

def train_model(model, dataloaders, criterion, optimizer, num_epochs=25):
    best = copy.deepcopy(model.state_dict())
    for epoch in range(num_epochs):
        for phase in ["train", "val"]:
            model.train() if phase == "train" else model.eval()
            for inputs, labels in dataloaders[phase]:
                optimizer.zero_grad()
                with torch.set_grad_enabled(phase == "train"):
                    loss = criterion(model(inputs), labels)
                    if phase == "train":
                        loss.backward()
                        optimizer.step()
    model.load_state_dict(best)
    return model
`,
        note: { en: 'Gradients follow the phase.', fr: 'Les gradients suivent la phase.' },
      },
      {
        code: `import torch

@torch.no_grad
def validate(model, loader, criterion):
    model.eval()
    return sum(criterion(model(x), y).item() for x, y in loader) / len(loader)

def train(model, train_loader, val_loader, criterion, optimizer):
    for epoch in range(10):
        model.train()
        for x, y in train_loader:
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        print(validate(model, val_loader, criterion))
`,
        note: {
          en: 'The decorator without parentheses works too.',
          fr: 'Le décorateur sans parenthèses fonctionne aussi.',
        },
      },
      {
        code: `import lightning as L
import torch
from torch import nn

class Lit(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = nn.Linear(10, 2)

    def training_step(self, batch, _):
        return nn.functional.cross_entropy(self.net(batch[0]), batch[1])

    def validation_step(self, batch, _):
        self.log("val_loss", nn.functional.cross_entropy(self.net(batch[0]), batch[1]))

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters())
`,
        note: {
          en: 'Lightning turns gradients off for validation.',
          fr: 'Lightning désactive les gradients pour la validation.',
        },
      },
      {
        code: `import torch
from torch import nn
from data import batches

policy, target = nn.Linear(4, 2), nn.Linear(4, 2)
optimizer = torch.optim.Adam(policy.parameters())
for state, action, reward, following in batches:
    best = target(following).max(1)[0].detach()
    value = policy(state).gather(1, action)
    loss = nn.functional.smooth_l1_loss(value, reward + 0.99 * best)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
`,
        note: {
          en: 'A target network is part of the training step.',
          fr: 'Un réseau cible fait partie du pas d’entraînement.',
        },
      },
      {
        code: `import torch
from contextlib import nullcontext
from torch import nn

model = nn.Linear(8, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

def run_epoch(loader, training):
    total = 0.0
    with nullcontext() if training else torch.no_grad():
        for x, y in loader:
            loss = (model(x) - y).pow(2).mean()
            if training:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            total += loss.item()
    return total

for epoch in range(5):
    run_epoch([], True)
    print(run_epoch([], False))
`,
      },
    ],
  },
});

/** `for phase in ("train", "val")` around one pass for both, whose loss goes backward in one phase only. */
function reportPhases(module: Module, context: RuleContext): void {
  const { flow } = context;
  for (const loop of module.loops) {
    if (loop.kind !== 'for' || !isRun(loop, flow)) continue;
    const guard = trainingGuard(loop, flow);
    const block = guard?.parent;
    if (!guard || block?.kind !== 'block') continue;
    const before = block.statements.slice(0, block.statements.indexOf(guard));
    const forwardIn = (statement: Stmt) =>
      descendants(statement, 'call').find(
        (call) =>
          flow.names(call).includes('torch.nn.Module.__call__') &&
          !flow.isA(call.callee, 'torch.nn.modules.loss._Loss') &&
          !/crit|loss/i.test(textOf(module, call.callee)),
      );
    const first = before.findIndex((statement) => forwardIn(statement) !== undefined);
    const statement = before[first];
    const call = statement && forwardIn(statement);
    if (!call || gradientState(flow, call) !== 'on') continue;
    context.fail(call.callee, {
      message: 'phase',
      data: { model: textOf(module, call.callee), test: textOf(module, guard.test) },
      fixes: phaseFix(module, before.slice(first), guard),
    });
  }
}

/** The `if phase == "train":` with `backward()`, of a loop over the phases. */
function trainingGuard(loop: For, flow: Flow): If | null {
  if (loop.target.kind !== 'name' || loop.iterable.kind !== 'sequence') return null;
  const phases = loop.iterable.items.map((item) => String(flow.constant(item)));
  if (
    !phases.includes('train') ||
    !phases.some((one) => /^(?:val|valid|validation|dev|eval|test)$/.test(one))
  )
    return null;
  const { name } = loop.target;
  const backward = descendants(loop.body, 'call').find((call: Call) => isBackward(call, flow));
  const guards = descendants(loop.body, 'if').filter(
    ({ test, then }) =>
      test.kind === 'binary' &&
      test.operator === '==' &&
      [test.left, test.right].some((side) => side.kind === 'name' && side.name === name) &&
      [test.left, test.right].some((side) => flow.constant(side) === 'train') &&
      backward !== undefined &&
      contains(then, backward),
  );
  return guards[0] ?? null;
}

function phaseFix(module: Module, statements: readonly Stmt[], guard: If): Fix[] {
  if (statements.some(({ kind }) => kind === 'if' || kind === 'for' || kind === 'with' || kind === 'try'))
    return [];
  const { name, imports } = torchName(module);
  const header = `with ${name}.set_grad_enabled(${textOf(module, guard.test)}):`;
  return [
    {
      title: {
        en: 'Record gradients while training only',
        fr: 'N’enregistrer les gradients qu’à l’entraînement',
      },
      imports,
      edits: () => wrapStatements(module, statements, header) ?? [],
    },
  ];
}
