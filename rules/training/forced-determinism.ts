import type { Flow } from '../../analysis/flow/types.ts';
import type { Assign, Call, Expr, Module, Node, Span } from '../../analysis/model.ts';
import { ancestors, enclosingFunction } from '../../analysis/tree.ts';
import { textOf } from '../edits.ts';
import { defineRule, type RuleContext } from '../rule.ts';
import { usesAccelerator } from '../semantics/accelerator.ts';
import { epochLoops, trainingSites } from '../semantics/training.ts';

/** Attributes that force slower kernels, and the value that does. */
const SWITCHES: Readonly<Record<string, boolean>> = {
  'torch.backends.cudnn.deterministic': true,
  'torch.backends.cudnn.benchmark': false,
};
const SWITCHED = new Set(Object.keys(SWITCHES).map((name) => name.slice(name.lastIndexOf('.') + 1)));

/** Calls that force them, and the argument that says so; null: the call itself. */
const CALLS: Readonly<Record<string, { readonly name: string; readonly position?: number } | null>> = {
  'torch.use_deterministic_algorithms': { name: 'mode', position: 0 },
  'torch.set_deterministic': { name: 'd', position: 0 },
  'tensorflow.config.experimental.enable_op_determinism': null,
  'transformers.enable_full_determinism': null,
  'transformers.TrainingArguments': { name: 'full_determinism' },
  'transformers.Seq2SeqTrainingArguments': { name: 'full_determinism' },
  'lightning.Trainer': { name: 'deterministic' },
};

/** A training of fewer epochs is a trial, in which repeatability is worth more than speed. */
const LONG = 5;

export default defineRule({
  id: 'forced-determinism',
  phase: 'training',
  languages: ['python'],
  severity: 'hint',
  status: 'stable',
  fix: 'none',
  impact: {
    resource: 'compute',
    band: 'low',
    source: {
      en: 'PyTorch, Reproducibility: “deterministic operations are often slower than nondeterministic operations, so single-run performance may decrease for your model”.',
      fr: 'PyTorch, Reproducibility : les opérations déterministes sont souvent plus lentes que les autres, la vitesse d’une exécution peut donc baisser.',
    },
  },
  references: {
    course: [
      'Phase d’entraînement — Limiter les itérations inutiles',
      "Phase de conception — Optimiser le pipeline d'apprentissage",
    ],
    links: ['https://docs.pytorch.org/docs/stable/notes/randomness.html'],
  },
  libraries: ['torch', 'tensorflow', 'lightning', 'pytorch_lightning', 'transformers'],
  title: {
    en: 'Deterministic kernels forced in a long training',
    fr: 'Noyaux déterministes imposés dans un long entraînement',
  },
  what: {
    en: 'A program that trains on an accelerator sets `cudnn.deterministic = True`, `cudnn.benchmark = False`, `use_deterministic_algorithms(True)`, `deterministic=True` or their TensorFlow equivalent, with no switch around it. One finding per file.',
    fr: 'Un programme qui entraîne sur accélérateur pose `cudnn.deterministic = True`, `cudnn.benchmark = False`, `use_deterministic_algorithms(True)`, `deterministic=True` ou leur équivalent TensorFlow, sans option autour. Un signalement par fichier.',
  },
  why: {
    en: 'The library may then no longer choose the fastest kernel for the shapes at hand. PyTorch’s notes on reproducibility say it: deterministic operations are often slower. Seeds alone already make runs comparable; bit-for-bit equality matters in debugging, seldom in every training run.',
    fr: 'La bibliothèque ne peut plus choisir le noyau le plus rapide pour les formes traitées. Les notes de PyTorch sur la reproductibilité le disent : les opérations déterministes sont souvent plus lentes. Des graines suffisent à rendre les essais comparables ; l’égalité bit à bit sert au débogage, rarement à chaque entraînement.',
  },
  instead: {
    en: 'Keep the seeds, and put determinism behind an option for debugging; with inputs of one size, `torch.backends.cudnn.benchmark = True` lets cuDNN pick the fastest kernels. Ignore the rule where results must be repeatable to the bit, for publication or audit.',
    fr: 'Gardez les graines et placez le déterminisme derrière une option de débogage ; avec des entrées de taille fixe, `torch.backends.cudnn.benchmark = True` laisse cuDNN choisir les noyaux les plus rapides. À ignorer si les résultats doivent être reproductibles au bit près, pour une publication ou un audit.',
  },
  messages: {
    default: {
      en: '`{setting}` forces slower kernels at every step: are results needed to the bit?',
      fr: '`{setting}` impose des noyaux plus lents à chaque pas : faut-il des résultats au bit près ?',
    },
  },
  on: { module: check },
  examples: {
    bad: [
      {
        code: `import random
import torch
from data import loader
from nets import Net

def seed_everything(seed):
    random.seed(seed)
    torch.manual_seed(seed)
    torch.cuda.manual_seed_all(seed)
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False

seed_everything(42)
model = Net().cuda()
optimizer = torch.optim.Adam(model.parameters())
for epoch in range(50):
    for x, y in loader:
        loss = torch.nn.functional.cross_entropy(model(x.cuda()), y.cuda())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
`,
      },
      {
        code: `import torch
import torch.backends.cudnn as cudnn
from data import loader

cudnn.benchmark = False

def train(model, epochs, device="cuda"):
    model.to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(epochs):
        for x, y in loader:
            loss = model(x.to(device), y.to(device))
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
`,
      },
      {
        code: `import lightning as L
from nets import Classifier
from data import Data

trainer = L.Trainer(max_epochs=100, accelerator="gpu", deterministic=True)
trainer.fit(Classifier(), Data())
`,
      },
    ],
    good: [
      {
        code: `import torch

def seed_everything(seed, deterministic=False):
    torch.manual_seed(seed)
    if deterministic:
        torch.backends.cudnn.deterministic = True
        torch.backends.cudnn.benchmark = False

def train(model, loader, optimizer):
    seed_everything(1)
    for epoch in range(50):
        for x, y in loader:
            loss = model(x.cuda(), y.cuda())
            loss.backward()
            optimizer.step()
`,
        note: { en: 'Behind an option.', fr: 'Derrière une option.' },
      },
      {
        code: `import torch

torch.backends.cudnn.benchmark = True

def train(model, loader, optimizer):
    for epoch in range(50):
        for x, y in loader:
            loss = model(x.cuda(), y.cuda())
            loss.backward()
            optimizer.step()
`,
      },
      {
        code: `import torch

torch.backends.cudnn.deterministic = True
model = torch.jit.load("model.pt").eval().cuda()

def predict(x):
    with torch.inference_mode():
        return model(x.cuda())
`,
        note: { en: 'Nothing is trained.', fr: 'Rien n’est entraîné.' },
      },
      {
        code: `import torch

torch.use_deterministic_algorithms(True)

def train(model, loader, optimizer):
    for epoch in range(50):
        for x, y in loader:
            loss = model(x, y)
            loss.backward()
            optimizer.step()
`,
        note: { en: 'On the CPU it costs next to nothing.', fr: 'Sur CPU, cela ne coûte presque rien.' },
      },
      {
        code: `import torch

def set_seed(seed):
    torch.manual_seed(seed)
    torch.backends.cudnn.deterministic = True

def train(model, loader, optimizer):
    for epoch in range(50):
        for x, y in loader:
            loss = model(x.cuda(), y.cuda())
            loss.backward()
            optimizer.step()
`,
        note: { en: 'A helper that nobody calls.', fr: 'Une fonction que personne n’appelle.' },
      },
      {
        code: `import torch
from shop import Block, build, loader

model = build().cuda()
optimizer = torch.optim.Adam(model.parameters())
for epoch in range(50):
    for x, y in loader:
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(x.cuda()), y.cuda()).backward()
        optimizer.step()

torch.use_deterministic_algorithms(True)
block = Block().eval()
with torch.inference_mode():
    a = torch.rand(1, 3, 64, 64)
    assert torch.equal(block(a), block(a.clone()))
`,
        note: { en: 'A check, after the training.', fr: 'Une vérification, après l’entraînement.' },
      },
    ],
  },
});

function check(module: Module, context: RuleContext): void {
  const { flow } = context;
  const sites = [...assigned(module, flow), ...called(module, flow)].sort((a, b) => a.start - b.start);
  const [first] = sites;
  if (!first || !usesAccelerator(module, flow) || !trainsForLong(module, flow)) return;
  if (isAfterTraining(first, module, flow)) return;
  context.fail(first, { data: { setting: textOf(module, first).replace(/\s+/g, ' ') } });
}

/** The settings that are made whenever the file, or a function that someone calls, runs. */
function assigned(module: Module, flow: Flow): Assign[] {
  return module.assigns.filter((assign) => {
    const target = assign.targets.find((one): one is Expr & { kind: 'member' } => one.kind === 'member');
    if (!target || !SWITCHED.has(target.property) || !assign.value || assign.operator !== null) return false;
    const forced = flow
      .values(target.object)
      .map((value) => (value.kind === 'library' ? SWITCHES[`${value.name}.${target.property}`] : undefined))
      .find((one) => one !== undefined);
    return forced !== undefined && flow.constant(assign.value) === forced && isMade(assign, flow);
  });
}

function called(module: Module, flow: Flow): Span[] {
  return module.calls.flatMap((call): Span[] => {
    const name = flow.names(call).find((one) => one in CALLS);
    if (name === undefined || !isMade(call, flow)) return [];
    const option = CALLS[name];
    if (!option) return [call];
    const given = flow.argument(call, option.name, option.position);
    if (given.state !== 'given' || flow.constant(given.value) !== true) return [];
    return [
      call.args.find(({ value }) => value === given.value && option.position === undefined) ?? shown(call),
    ];
  });
}

const shown = (call: Call): Span => call;

/** Whether it is set without anyone's choice, in code that runs. */
function isMade(node: Node, flow: Flow): boolean {
  for (const parent of ancestors(node)) {
    if (parent.kind !== 'if') continue;
    const test = textOf(flow.moduleOf(node), parent.test);
    if (!/is_available|device_count|__name__/.test(test)) return false;
  }
  const fn = enclosingFunction(node);
  return fn === null || fn.name === 'main' || flow.callers(fn).length > 0 || fn.name === '__init__';
}

/** A check at the end of a notebook: all that it trains has run by then. */
function isAfterTraining({ start }: Span, module: Module, flow: Flow): boolean {
  const sites = trainingSites(module, flow).map(({ node }) => node);
  return sites.length > 0 && sites.every((node) => enclosingFunction(node) === null && node.end < start);
}

/** Whether the programs around the module train, and not for a few epochs only. */
function trainsForLong(module: Module, flow: Flow): boolean {
  const modules = [...flow.related(module)].filter((one) => one.language === 'python');
  if (!modules.some((one) => trainingSites(one, flow).length > 0 || epochLoops(one, flow).length > 0))
    return false;
  const epochs = modules.flatMap((one) => epochLoops(one, flow).map((loop) => loop.epochs));
  return epochs.length === 0 || epochs.some((count) => count === undefined || count >= LONG);
}
