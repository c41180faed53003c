import type { Flow } from '../../analysis/flow/types.ts';
import { ofModule } from '../../analysis/memo.ts';
import type { Assign, ClassNode } from '../../analysis/model.ts';
import { descendants, ownAttribute, walk } from '../../analysis/tree.ts';
import { removeLines, startsLine, textOf } from '../edits.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { makeupOf } from '../semantics/layers.ts';
import { memoizedComponent } from '../semantics/memo.ts';

export default defineRule({
  id: 'unused-layer',
  phase: 'model',
  languages: ['python'],
  severity: 'warning',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'memory',
    band: 'low',
    source: {
      en: 'Course, « Typologie des suppressions possibles »: dead layers are stored, moved to the device and saved with every checkpoint, and compute nothing.',
      fr: 'Cours, « Typologie des suppressions possibles » : les couches mortes sont stockées, déplacées vers l’appareil et enregistrées à chaque point de reprise, et ne calculent rien.',
    },
  },
  references: {
    course: [
      'Typologie des suppressions possibles — Couches mortes ou isolées : « Ne participent plus au flot de calcul principal. Résidus d’expérimentations ; à détecter automatiquement. »',
      'Phase de déploiement — Optimiser le modèle en production : « Supprimer les couches ou paramètres inutiles »',
    ],
  },
  libraries: ['torch'],
  title: {
    en: 'Layer that nothing runs',
    fr: 'Couche que rien n’exécute',
  },
  what: {
    en: 'A layer with weights is built in a PyTorch module’s `__init__`, and nothing uses it: not `forward` or another method, not a subclass, not the code around.',
    fr: 'Une couche avec des poids est construite dans le `__init__` d’un module PyTorch et rien ne s’en sert : ni `forward` ni une autre méthode, ni une sous-classe, ni le code alentour.',
  },
  why: {
    en: 'A dead layer computes nothing, and still its weights are initialized, moved to the GPU, walked over by the optimizer, and written into every checkpoint and every deployed file. Distributed training stops at it with an error.',
    fr: 'Une couche morte ne calcule rien ; pourtant ses poids sont initialisés, copiés sur le GPU, parcourus par l’optimiseur et écrits dans chaque checkpoint et chaque fichier déployé. L’entraînement distribué s’arrête sur une erreur à cause d’elle.',
  },
  instead: {
    en: 'Remove it, or use it where it was meant to be used: forgetting it in `forward` is a common bug. Checkpoints saved with it need `strict=False` afterwards. Ignore this where it only keeps an old checkpoint loadable.',
    fr: 'Supprimez-la, ou servez-vous-en là où elle était prévue : l’oublier dans `forward` est un bug courant. Les checkpoints enregistrés avec elle demandent ensuite `strict=False`. À ignorer si elle ne sert qu’à charger un ancien checkpoint.',
  },
  messages: {
    default: {
      en: 'Built in {owner} and never used: {names}. The weights are stored and saved for nothing.',
      fr: 'Construit dans {owner} et jamais utilisé : {names}. Les poids sont stockés et enregistrés pour rien.',
    },
  },
  on: {
    classes: { bases: ['torch.nn.Module'], check },
  },
  examples: {
    bad: [
      {
        code: 'import torch.nn as nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc1 = nn.Linear(784, 256)\n        self.fc2 = nn.Linear(256, 128)\n        self.out = nn.Linear(256, 10)\n\n    def forward(self, x):\n        return self.out(self.fc1(x).relu())\n',
        fixed:
          'import torch.nn as nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc1 = nn.Linear(784, 256)\n        self.out = nn.Linear(256, 10)\n\n    def forward(self, x):\n        return self.out(self.fc1(x).relu())\n',
      },
      {
        code: 'import torch\nfrom torch import nn\n\n\nclass Tagger(nn.Module):\n    def __init__(self, words, tags):\n        super().__init__()\n        self.embedding = nn.Embedding(words, 64)\n        self.lstm = nn.LSTM(64, 64, batch_first=True)\n        self.attention = nn.MultiheadAttention(64, 4)\n        self.out = nn.Linear(64, tags)\n        for module in self.modules():\n            if isinstance(module, nn.Linear):\n                nn.init.zeros_(module.bias)\n\n    def forward(self, ids):\n        states, _ = self.lstm(self.embedding(ids))\n        return self.out(states)\n',
        fixed:
          'import torch\nfrom torch import nn\n\n\nclass Tagger(nn.Module):\n    def __init__(self, words, tags):\n        super().__init__()\n        self.embedding = nn.Embedding(words, 64)\n        self.lstm = nn.LSTM(64, 64, batch_first=True)\n        self.out = nn.Linear(64, tags)\n        for module in self.modules():\n            if isinstance(module, nn.Linear):\n                nn.init.zeros_(module.bias)\n\n    def forward(self, ids):\n        states, _ = self.lstm(self.embedding(ids))\n        return self.out(states)\n',
      },
      {
        code: 'import torch.nn as nn\n\n\nclass Block(nn.Module):\n    def __init__(self, width):\n        super().__init__()\n        self.conv = nn.Conv2d(width, width, 3, padding=1)\n\n    def forward(self, x):\n        return self.conv(x)\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.block1 = Block(16)\n        self.block2 = Block(16)\n\n    def forward(self, x):\n        return self.block1(self.block1(x))\n',
        fixed:
          'import torch.nn as nn\n\n\nclass Block(nn.Module):\n    def __init__(self, width):\n        super().__init__()\n        self.conv = nn.Conv2d(width, width, 3, padding=1)\n\n    def forward(self, x):\n        return self.conv(x)\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.block1 = Block(16)\n\n    def forward(self, x):\n        return self.block1(self.block1(x))\n',
      },
    ],
    good: [
      {
        code: 'import torch.nn as nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        for at in range(3):\n            setattr(self, f"fc{at}", nn.Linear(8, 8))\n        self.fc3 = nn.Linear(8, 8)\n\n    def forward(self, x):\n        for at in range(4):\n            x = getattr(self, f"fc{at}")(x)\n        return x\n',
        note: { en: 'Found by name at run time.', fr: 'Retrouvée par son nom à l’exécution.' },
      },
      {
        code: 'import torch.nn as nn\n\n\nclass Base(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.encoder = nn.Linear(8, 4)\n\n    def forward(self, x):\n        raise NotImplementedError\n\n\nclass Model(Base):\n    def forward(self, x):\n        return self.encoder(x)\n',
        note: { en: 'A subclass uses it.', fr: 'Une sous-classe s’en sert.' },
      },
      {
        code: 'import torch.nn as nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.conv = nn.Conv2d(3, 8, 3)\n        self.norm = nn.BatchNorm2d(8)\n        self.features = nn.Sequential(self.conv, self.norm, nn.ReLU())\n\n    def forward(self, x):\n        return self.features(x)\n',
      },
      {
        code: 'from torchvision.models import ResNet\nfrom torchvision.models.resnet import BasicBlock\nimport torch.nn as nn\n\n\nclass Small(ResNet):\n    def __init__(self):\n        super().__init__(BasicBlock, [1, 1, 1, 1])\n        self.fc = nn.Linear(512, 5)\n',
        note: {
          en: 'The library’s own forward runs `self.fc`.',
          fr: 'Le forward de la bibliothèque exécute `self.fc`.',
        },
      },
      {
        file: 'net.py',
        code: 'import torch.nn as nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.body = nn.Linear(8, 8)\n        self.head = nn.Linear(8, 2)\n\n    def forward(self, x):\n        return self.body(x)\n',
        files: {
          'train.py': 'from net import Net\n\nnet = Net()\nlogits = net.head(net(x))\n',
        },
      },
      {
        code: 'import torch.nn as nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(8, 2)\n        self.softmax = nn.Softmax(dim=1)\n\n    def forward(self, x):\n        return self.fc(x)\n',
        note: { en: 'Without weights it costs nothing.', fr: 'Sans poids, elle ne coûte rien.' },
      },
    ],
  },
});

/** Ways to reach every attribute without naming it. */
const DYNAMIC = /^(?:children|named_children|_modules|__dict__|named_modules|get_submodule|__getattr__)$/;
const KNOWN_BASES =
  /^(?:torch\.nn\.Module|lightning\.(?:pytorch\.)?LightningModule|builtins\.object|abc\.ABC|huggingface_hub\.\w+)$/;

function check(owner: ClassNode, context: RuleContext): void {
  const { flow } = context;
  if (!owner.name) return;
  // a library's base may run what it finds under a name of its own
  if (!flow.bases(owner).every((base) => KNOWN_BASES.test(base))) return;
  if (owner.bases.some((base) => flow.values(base).length === 0)) return;
  const family = familyOf(owner, flow);
  if (!family.some((one) => methodOf(one, 'forward')) || family.some(isDynamic)) return;
  const init = methodOf(owner, '__init__');
  if (!init) return;
  const layers = [...ownLayers(init.body, flow)];
  const dead = layers.filter(([name]) => !isUsed(name, family, flow));
  if (layers.length > 0 && dead.length === 0)
    context.pass({ start: owner.nameStart, end: owner.nameStart + owner.name.length });
  const [first] = dead.flatMap(([, assigns]) => assigns.flatMap((assign) => assign.targets));
  if (!first || usesMissing(family)) return;
  // one cause, one finding: a class has its dead layers from the same change
  const fix = dead.every(([, assigns]) => assigns.length === 1)
    ? removal(
        dead.flatMap(([, assigns]) => assigns),
        context,
      )
    : null;
  context.fail(first, {
    data: { names: dead.map(([name]) => `self.${name}`).join(', '), owner: owner.name },
    fixes: fix ? [fix] : [],
  });
}

/** What a module has without assigning it. */
const INHERITED =
  /^(?:parameters|named_parameters|modules|train|eval|to|cuda|cpu|half|float|state_dict|load_state_dict|apply|requires_grad_|zero_grad|register_\w+|add_module|log|log_dict|print|forward|training|device|dtype|double|type|buffers|manual_backward|optimizers|lr_schedulers|save_hyperparameters|hparams|trainer|logger|named_buffers|get_parameter|get_buffer|extra_repr|compile|__class__|all_gather|freeze|unfreeze)$/;

/** Calls of layers that are never built: the class is unfinished, and which of its layers are dead is not yet known. */
function usesMissing(family: readonly ClassNode[]): boolean {
  const there = new Set<string>();
  for (const one of family) {
    for (const statement of one.body.statements)
      if (statement.kind === 'function' && statement.name) there.add(statement.name);
    for (const assign of descendants(one.body, 'assign'))
      for (const target of assign.targets)
        walk(target, (node) => {
          if (node.kind === 'member') there.add(node.property);
          if (node.kind === 'name') there.add(node.name);
        });
  }
  return family.some((one) =>
    descendants(one.body, 'call').some(
      ({ callee }) =>
        callee.kind === 'member' &&
        ownAttribute(callee) !== null &&
        !there.has(callee.property) &&
        !INHERITED.test(callee.property),
    ),
  );
}

type Method = ClassNode['body']['statements'][number] & { kind: 'function' };

const methodOf = (owner: ClassNode, name: string): Method | undefined =>
  owner.body.statements.find((one): one is Method => one.kind === 'function' && one.name === name);

/** The class, its local bases, and what is derived from any of them. */
function familyOf(owner: ClassNode, flow: Flow): readonly ClassNode[] {
  const family = new Set<ClassNode>([owner]);
  for (const one of family) for (const base of basesOf(one, flow)) family.add(base);
  const derived = derivedClasses(flow, flow.moduleOf(owner));
  for (const one of family) for (const child of derived.get(one) ?? []) family.add(child);
  return [...family];
}

const basesOf = (one: ClassNode, flow: Flow): readonly ClassNode[] =>
  one.bases.flatMap((base) =>
    flow.values(base).flatMap((value) => (value.kind === 'class' ? [value.class] : [])),
  );

/** The classes of modules joined by imports, by the local class that they are derived from. */
const derivedClasses = memoizedComponent((flow, modules): ReadonlyMap<ClassNode, readonly ClassNode[]> => {
  const derived = new Map<ClassNode, ClassNode[]>();
  for (const module of modules) {
    if (module.language !== 'python') continue;
    for (const one of module.classes)
      for (const base of basesOf(one, flow)) derived.set(base, [...(derived.get(base) ?? []), one]);
  }
  return derived;
});

function isDynamic(owner: ClassNode): boolean {
  let found = false;
  walk(owner.body, (node) => {
    if (node.kind === 'member' && node.object.kind === 'name' && DYNAMIC.test(node.property)) found = true;
    if (node.kind === 'name' && /^(?:getattr|eval|exec|vars|locals)$/.test(node.name)) found = true;
    if (node.kind === 'function' && node.name === '__getattr__') found = true;
    return !found;
  });
  return found;
}

/** Attributes that hold a layer with weights, with every assignment of each. */
function ownLayers(init: Method['body'], flow: Flow): ReadonlyMap<string, readonly Assign[]> {
  const found = new Map<string, Assign[]>();
  const others = new Set<string>();
  for (const assign of descendants(init, 'assign', true)) {
    for (const target of assign.targets) {
      const name = ownAttribute(target);
      if (name === null) continue;
      const isLayer =
        assign.targets.length === 1 && assign.value?.kind === 'call' && buildsWeights(assign, flow);
      if (isLayer) found.set(name, [...(found.get(name) ?? []), assign]);
      else others.add(name);
    }
  }
  for (const name of others) found.delete(name);
  return found;
}

function buildsWeights(assign: Assign, flow: Flow): boolean {
  const { value } = assign;
  if (value?.kind !== 'call') return false;
  const made = flow.objects(value).filter((object) => object.origin === value);
  return (
    made.length > 0 &&
    made.every(
      (object) => object.types.includes('torch.nn.Module') && makeupOf(flow, object).hasWeights === 'yes',
    )
  );
}

/** Attributes that a module takes from anything but a plain `self`. */
const outsideReads = ofModule((module): ReadonlySet<string> => {
  const reads = new Set<string>();
  walk(module.body, (node) => {
    if (node.kind === 'member' && ownAttribute(node) === null) reads.add(node.property);
    // keys of state dicts, names for getattr
    if (node.kind === 'literal' && typeof node.value === 'string' && node.value.length < 200)
      for (const word of node.value.match(/[A-Za-z_]\w*/g) ?? []) reads.add(word);
  });
  return reads;
});

function isUsed(name: string, family: readonly ClassNode[], flow: Flow): boolean {
  return (
    family.some((one) =>
      descendants(one.body, 'member').some(
        (member) =>
          member.property === name &&
          !(member.parent?.kind === 'assign' && member.parent.targets.includes(member)),
      ),
    ) ||
    // a pickled model is read in files that import none of its classes
    flow.modules.some((module) => module.language === 'python' && outsideReads(module).has(name))
  );
}

function removal(assigns: readonly Assign[], { module }: RuleContext): Fix | null {
  const isPlain = assigns.every((assign) => {
    const block = assign.parent;
    if (block?.kind !== 'block' || !startsLine(module, assign)) return false;
    return block.statements.some((one) => one.kind !== 'assign' || !assigns.includes(one));
  });
  if (!isPlain) return null;
  const names = assigns.flatMap(({ targets }) => targets.map((target) => textOf(module, target))).join(', ');
  return {
    title: { en: `Remove ${names}`, fr: `Supprimer ${names}` },
    edits: () => assigns.map((assign) => removeLines(module, assign)),
  };
}
