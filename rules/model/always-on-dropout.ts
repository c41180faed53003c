import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, FunctionNode, Module, Node, Stmt } from '../../analysis/model.ts';
import { ancestors, classOf, descendants, enclosingFunction } from '../../analysis/tree.ts';
import { addArgument, textOf } from '../edits.ts';
import { defineRule, type Edit, type Fix, type RuleContext } from '../rule.ts';

export default defineRule({
  id: 'always-on-dropout',
  phase: 'model',
  languages: ['python'],
  severity: 'warning',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'low',
    source: {
      en: 'PyTorch, torch.nn.functional.dropout: `training: bool = True`; scaled_dot_product_attention: “dropout_p … is always applied”.',
      fr: 'PyTorch, torch.nn.functional.dropout : `training: bool = True` ; scaled_dot_product_attention : dropout_p est toujours appliqué.',
    },
  },
  references: {
    course: [
      'Exemples concrets (1) : Dropout et BatchNorm — « En inférence, il est désactivé ; il peut donc être retiré du graphe computationnel. »',
      'Typologie des suppressions possibles — Couches de régularisation (Dropout, BatchNormalization)',
    ],
    links: [
      'https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.dropout.html',
      'https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html',
    ],
  },
  libraries: ['torch'],
  title: {
    en: 'Dropout that evaluation mode does not turn off',
    fr: 'Dropout que le mode évaluation ne désactive pas',
  },
  what: {
    en: 'A module’s `forward` calls `F.dropout` without `training=self.training`, or `F.scaled_dot_product_attention` with a `dropout_p` that does not depend on `self.training`.',
    fr: 'Le `forward` d’un module appelle `F.dropout` sans `training=self.training`, ou `F.scaled_dot_product_attention` avec un `dropout_p` qui ne dépend pas de `self.training`.',
  },
  why: {
    en: 'The functional form knows nothing of the module’s mode: its `training` is `True` unless told otherwise. After `model.eval()` it still draws a mask at every call and throws away part of what was computed, predictions change from call to call, and the operation stays in an exported graph.',
    fr: 'La forme fonctionnelle ignore le mode du module : `training` vaut `True` sauf indication contraire. Après `model.eval()`, elle tire encore un masque à chaque appel et jette une partie du calcul, les prédictions changent d’un appel à l’autre, et l’opération reste dans un graphe exporté.',
  },
  instead: {
    en: 'Pass `training=self.training`, or use an `nn.Dropout` layer, which follows `train()` and `eval()`. Ignore the rule where dropout at inference is meant (Monte Carlo dropout): say so with `training=True`.',
    fr: 'Passez `training=self.training`, ou utilisez une couche `nn.Dropout`, qui suit `train()` et `eval()`. À ignorer si le dropout à l’inférence est voulu (dropout de Monte-Carlo) : dites-le avec `training=True`.',
  },
  messages: {
    default: {
      en: '`{call}` stays on after `eval()`: pass `training=self.training`.',
      fr: '`{call}` reste actif après `eval()` : passez `training=self.training`.',
    },
    attention: {
      en: '`{call}` drops attention weights after `eval()` too: make `dropout_p` depend on `self.training`.',
      fr: '`{call}` supprime des poids d’attention même après `eval()` : faites dépendre `dropout_p` de `self.training`.',
    },
  },
  on: {
    calls: {
      names: [
        'torch.nn.functional.dropout',
        'torch.nn.functional.dropout1d',
        'torch.nn.functional.dropout2d',
        'torch.nn.functional.dropout3d',
        'torch.nn.functional.scaled_dot_product_attention',
      ],
      check(call, context) {
        const self = moduleMethod(context.flow, call);
        if (!self || followsMode(call)) return;
        if (ON_PURPOSE.test(context.module.text)) return;
        if (context.flow.names(call).some((name) => name.endsWith('attention')))
          checkAttention(call, self, context);
        else checkDropout(call, self, context);
      },
    },
  },
  examples: {
    bad: [
      {
        code: `import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 3)
        self.fc = nn.Linear(16 * 13 * 13, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        x = F.dropout(x.flatten(1), 0.5)
        return self.fc(x)
`,
        fixed: `import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 3)
        self.fc = nn.Linear(16 * 13 * 13, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        x = F.dropout(x.flatten(1), 0.5, training=self.training)
        return self.fc(x)
`,
      },
      {
        code: `import torch
from torch import nn

class Gcn(nn.Module):
    def __init__(self, features, classes, rate=0.6):
        super().__init__()
        self.weights = nn.ModuleList([nn.Linear(features, 64), nn.Linear(64, classes)])
        self.rate = rate

    def forward(self, x, adjacency):
        for layer in self.weights:
            x = torch.relu(adjacency @ layer(x))
            x = torch.nn.functional.dropout(
                x,
                p=self.rate,
            )
        return x
`,
        fixed: `import torch
from torch import nn

class Gcn(nn.Module):
    def __init__(self, features, classes, rate=0.6):
        super().__init__()
        self.weights = nn.ModuleList([nn.Linear(features, 64), nn.Linear(64, classes)])
        self.rate = rate

    def forward(self, x, adjacency):
        for layer in self.weights:
            x = torch.relu(adjacency @ layer(x))
            x = torch.nn.functional.dropout(
                x,
                p=self.rate,
                training=self.training,
            )
        return x
`,
      },
      {
        code: `from torch import nn
from torch.nn import functional as F

class Attention(nn.Module):
    def __init__(self, width, dropout=0.1):
        super().__init__()
        self.qkv = nn.Linear(width, 3 * width)
        self.dropout = dropout

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        return F.scaled_dot_product_attention(q, k, v, dropout_p=self.dropout, is_causal=True)
`,
        fixed: `from torch import nn
from torch.nn import functional as F

class Attention(nn.Module):
    def __init__(self, width, dropout=0.1):
        super().__init__()
        self.qkv = nn.Linear(width, 3 * width)
        self.dropout = dropout

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        return F.scaled_dot_product_attention(q, k, v, dropout_p=self.dropout if self.training else 0.0, is_causal=True)
`,
      },
    ],
    good: [
      {
        code: `import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(10, 2)

    def forward(self, x):
        return self.fc(F.dropout(x, 0.5, self.training))
`,
      },
      {
        code: `import torch.nn as nn
import torch.nn.functional as F

class BayesianNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(10, 2)

    def forward(self, x):
        return self.fc(F.dropout(x, 0.2, training=True))
`,
        note: {
          en: 'Dropout at inference, asked for in so many words.',
          fr: 'Dropout à l’inférence, demandé en toutes lettres.',
        },
      },
      {
        code: `import torch.nn as nn
import torch.nn.functional as F

class Block(nn.Module):
    def __init__(self, rate):
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 3)
        self.rate = rate

    def forward(self, x):
        x = self.conv(x)
        if self.training and self.rate > 0:
            x = F.dropout2d(x, self.rate)
        return x
`,
        note: { en: 'Behind a test of the mode.', fr: 'Derrière un test du mode.' },
      },
      {
        code: `from torch import nn
from torch.nn.functional import scaled_dot_product_attention

class Attention(nn.Module):
    def __init__(self, dropout=0.1):
        super().__init__()
        self.dropout = dropout

    def forward(self, q, k, v):
        rate = self.dropout if self.training else 0.0
        return scaled_dot_product_attention(q, k, v, dropout_p=rate)
`,
      },
      {
        code: `import torch.nn.functional as F

def augment(batch, rate=0.1):
    return F.dropout(batch, rate)
`,
        note: {
          en: 'No module, so no mode to follow.',
          fr: 'Pas de module, donc pas de mode à suivre.',
        },
      },
    ],
  },
});

/** The name of `self` in the method of a torch module that holds the call; null elsewhere. */
function moduleMethod(flow: Flow, call: Call): string | null {
  for (let fn: FunctionNode | null = enclosingFunction(call); fn; fn = enclosingFunction(fn)) {
    const owner = classOf(fn);
    if (!owner) continue;
    const self = fn.parameters[0]?.name;
    return self && !fn.isStatic && flow.bases(owner).includes('torch.nn.Module') ? self : null;
  }
  return null;
}

const ON_PURPOSE = /mc_?dropout|monte_?\s?-?carlo|bayes|uncertain/i;
/** Methods that run in training only, or make noise on purpose. */
const TRAINS_ONLY = /(?:^|_)(?:step|loss|closure|train|augment\w*|noise|corrupt\w*|perturb)(?:_|$)|_step$/i;

/** Whether the call stands under a condition on the mode, or is there on purpose: Monte Carlo dropout. */
function followsMode(call: Call): boolean {
  let child: Node = call;
  for (const parent of ancestors(call)) {
    if (parent.kind === 'function' && parent.name && TRAINS_ONLY.test(parent.name)) return true;
    const test = parent.kind === 'if' || parent.kind === 'conditional' ? parent.test : null;
    if (test && test !== child && mentionsMode(test)) return true;
    // `if not self.training: return x` above
    if (
      parent.kind === 'block' &&
      parent.statements.some((one) => one.end <= child.start && leavesByMode(one))
    )
      return true;
    child = parent;
  }
  return false;
}

function leavesByMode(statement: Stmt): boolean {
  return (
    statement.kind === 'if' &&
    mentionsMode(statement.test) &&
    descendants(statement.then, 'return', true).length > 0
  );
}

function mentionsMode(expr: Expr): boolean {
  return (
    descendants(expr, 'member').some((member) => /train|eval|infer/i.test(member.property)) ||
    descendants(expr, 'name').some((name) => /train|determin|eval|infer/i.test(name.name))
  );
}

function checkDropout(call: Call, self: string, context: RuleContext): void {
  const { flow, module } = context;
  const given = flow.argument(call, 'training', 2);
  if (given.state === 'unknown') return;
  if (given.state === 'given') {
    if (flow.constant(given.value) === undefined) context.pass(call.callee);
    return; // a constant was chosen on purpose
  }
  const rate = flow.argument(call, 'p', 1);
  if (rate.state === 'unknown') return;
  if (rate.state === 'given') {
    const rates = flow.constants(rate.value);
    if (rates.length > 0 && rates.every((one) => one === 0)) return;
  }
  const name = textOf(module, call.callee);
  context.fail(call.callee, {
    data: { call: name },
    fixes: fixes(addArgument(module, call, `training=${self}.training`), {
      en: `Add training=${self}.training`,
      fr: `Ajouter training=${self}.training`,
    }),
  });
}

function checkAttention(call: Call, self: string, context: RuleContext): void {
  const { flow, module } = context;
  const given = flow.argument(call, 'dropout_p', 4);
  if (given.state !== 'given') return;
  const rate = given.value;
  if (followsTraining(module, rate)) {
    context.pass(call.callee);
    return;
  }
  const constants = flow.constants(rate);
  if (!constants.some((value) => typeof value === 'number' && value > 0)) return;
  const text = textOf(module, rate);
  context.fail(call.callee, {
    message: 'attention',
    data: { call: textOf(module, call.callee) },
    fixes: fixes(
      { start: rate.start, end: rate.end, text: `${text} if ${self}.training else 0.0` },
      { en: `Use ${text} in training only`, fr: `Utiliser ${text} à l’entraînement seulement` },
    ),
  });
}

/** Whether the rate depends on the mode, directly or through a name. */
function followsTraining(module: Module, expr: Expr): boolean {
  if (mentionsMode(expr)) return true;
  if (expr.kind !== 'name') return false;
  return module.assigns.some(
    (assign) =>
      assign.value !== null &&
      assign.targets.some((target) => target.kind === 'name' && target.name === expr.name) &&
      mentionsMode(assign.value),
  );
}

function fixes(edit: Edit | null, title: Fix['title']): readonly Fix[] {
  return edit ? [{ title, edits: () => [edit] }] : [];
}
