import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, For, FunctionNode, If, Module, Node, Stmt } from '../../analysis/model.ts';
import {
  ancestors,
  contains,
  descendants,
  enclosingFunction,
  enclosingLoops,
  statementOf,
  walk,
} from '../../analysis/tree.ts';
import { indentUnit, insertBefore, startsLine, textOf } from '../edits.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { type Meeting, meetings } from '../semantics/order.ts';
import { modelsSaved, type Save, savesOf } from '../semantics/saves.ts';
import { runsTraining } from '../semantics/torch-training.ts';

const PRUNE =
  /^torch\.nn\.utils\.prune\.(?:l1_unstructured|random_unstructured|ln_structured|random_structured|global_unstructured|custom_from_mask|identity)$/;
const REMOVE = /^torch\.nn\.utils\.prune\.(?:\w+\.)?remove$/;

export default defineRule({
  id: 'unfinalized-pruning',
  phase: 'model',
  languages: ['python'],
  severity: 'warning',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'storage',
    band: 'low',
    source: {
      en: 'rules/knowledge levers: 8 x Linear(1024) masked 67.1 MB and 10.4 ms, after prune.remove 33.6 MB and 7.9 ms (measured 2026-11, 2 vCPU)',
      fr: 'rules/knowledge, levers : 8 x Linear(1024) masqués 67,1 Mo et 10,4 ms, après prune.remove 33,6 Mo et 7,9 ms (mesuré en 2026-11, 2 vCPU)',
    },
  },
  references: {
    course: [
      "Exemples concrets (2) : Pruning structurel des poids nuls — « torch.nn.utils.prune.remove(module, 'weight') »",
      'Optimiser le modèle : Pruning, quantization, distillation',
    ],
    links: ['https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.remove.html'],
  },
  libraries: ['torch'],
  title: {
    en: 'Pruned model saved with its masks',
    fr: 'Modèle élagué enregistré avec ses masques',
  },
  what: {
    en: 'Parameters are pruned with `torch.nn.utils.prune`, nothing in the program calls `prune.remove` for them, and the model is then saved or exported. Until `remove` is called each pruned parameter exists twice, as `weight_orig` and `weight_mask`, and is multiplied again at every forward pass.',
    fr: 'Des paramètres sont élagués avec `torch.nn.utils.prune`, rien dans le programme n’appelle `prune.remove` pour eux, puis le modèle est enregistré ou exporté. Sans `remove`, chaque paramètre élagué existe en double (`weight_orig` et `weight_mask`) et la multiplication est refaite à chaque passe avant.',
  },
  why: {
    en: 'The pruned model is larger and slower than the one it came from: eight `Linear(1024)` layers took 67.1 MB and 10.4 ms with masks, 33.6 MB and 7.9 ms after `prune.remove` (measured by this project, 2 vCPU, 2026). `remove` makes the zeros permanent; to gain beyond the original model, use structured pruning or a sparse or compressed format.',
    fr: 'Le modèle élagué est plus gros et plus lent que l’original : huit couches `Linear(1024)` prenaient 67,1 Mo et 10,4 ms avec les masques, 33,6 Mo et 7,9 ms après `prune.remove` (mesure de ce projet, 2 vCPU, 2026). `remove` rend les zéros définitifs ; pour gagner plus que l’original, il faut un élagage structuré ou un format creux ou compressé.',
  },
  instead: {
    en: 'Call `prune.remove(module, name)` for every pruned parameter once fine-tuning is over, before the save. Ignore this for a checkpoint from which pruning goes on.',
    fr: 'Appelez `prune.remove(module, name)` pour chaque paramètre élagué une fois l’ajustement terminé, avant l’enregistrement. À ignorer pour un point de reprise à partir duquel l’élagage continue.',
  },
  messages: {
    default: {
      en: 'The parameters pruned here are saved with their masks: {model} is stored twice over. Call prune.remove before the save.',
      fr: 'Les paramètres élagués ici sont enregistrés avec leurs masques : {model} est stocké en double. Appelez prune.remove avant l’enregistrement.',
    },
  },
  on: {
    module(module, context) {
      if (!module.text.includes('prune')) return;
      const { flow } = context;
      const prunes = module.calls.filter((call) => flow.names(call).some((name) => PRUNE.test(name)));
      if (prunes.length > 0) check(module, prunes, context);
    },
  },
  examples: {
    bad: [
      {
        code: "import torch\nimport torch.nn as nn\nimport torch.nn.utils.prune as prune\n\nmodel = nn.Sequential(nn.Linear(784, 300), nn.ReLU(), nn.Linear(300, 10))\nmodel.load_state_dict(torch.load('mlp.pt'))\n\nfor name, module in model.named_modules():\n    if isinstance(module, nn.Linear):\n        prune.l1_unstructured(module, name='weight', amount=0.4)\n        print('pruned', name)\n\ntorch.save(model.state_dict(), 'mlp_pruned.pt')\n",
        fixed:
          "import torch\nimport torch.nn as nn\nimport torch.nn.utils.prune as prune\n\nmodel = nn.Sequential(nn.Linear(784, 300), nn.ReLU(), nn.Linear(300, 10))\nmodel.load_state_dict(torch.load('mlp.pt'))\n\nfor name, module in model.named_modules():\n    if isinstance(module, nn.Linear):\n        prune.l1_unstructured(module, name='weight', amount=0.4)\n        print('pruned', name)\n\nfor name, module in model.named_modules():\n    if isinstance(module, nn.Linear):\n        prune.remove(module, 'weight')\ntorch.save(model.state_dict(), 'mlp_pruned.pt')\n",
      },
      {
        code: 'import torch\nfrom torch.nn.utils import prune\nfrom nets import LeNet\n\nnet = LeNet()\nparameters_to_prune = (\n    (net.conv1, "weight"),\n    (net.fc1, "weight"),\n)\nprune.global_unstructured(parameters_to_prune, pruning_method=prune.L1Unstructured, amount=0.2)\nfinetune(net)\ntorch.save({"model": net.state_dict(), "classes": classes}, "lenet.pth")\n',
        files: {
          'nets.py':
            'import torch.nn as nn\n\nclass LeNet(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.conv1 = nn.Conv2d(1, 6, 5)\n        self.fc1 = nn.Linear(864, 10)\n\n    def forward(self, x):\n        return self.fc1(self.conv1(x).flatten(1))\n',
        },
        fixed:
          'import torch\nfrom torch.nn.utils import prune\nfrom nets import LeNet\n\nnet = LeNet()\nparameters_to_prune = (\n    (net.conv1, "weight"),\n    (net.fc1, "weight"),\n)\nprune.global_unstructured(parameters_to_prune, pruning_method=prune.L1Unstructured, amount=0.2)\nfinetune(net)\nfor module, name in parameters_to_prune:\n    prune.remove(module, name)\ntorch.save({"model": net.state_dict(), "classes": classes}, "lenet.pth")\n',
      },
      {
        code: "import torch\nimport torch.nn as nn\nimport torch.nn.utils.prune as prune\nfrom torchvision import models\n\ndef prune_model(net, amount):\n    for layer in net.modules():\n        if isinstance(layer, nn.Conv2d):\n            prune.ln_structured(layer, 'weight', amount=amount, n=2, dim=0)\n        elif isinstance(layer, nn.Linear):\n            prune.l1_unstructured(layer, 'weight', amount=amount)\n    return net\n\ndef main():\n    model = models.resnet18(weights='DEFAULT')\n    model = prune_model(model, 0.3)\n    torch.onnx.export(model, torch.randn(1, 3, 224, 224), 'resnet18.onnx')\n\nif __name__ == '__main__':\n    main()\n",
        fixed:
          "import torch\nimport torch.nn as nn\nimport torch.nn.utils.prune as prune\nfrom torchvision import models\n\ndef prune_model(net, amount):\n    for layer in net.modules():\n        if isinstance(layer, nn.Conv2d):\n            prune.ln_structured(layer, 'weight', amount=amount, n=2, dim=0)\n        elif isinstance(layer, nn.Linear):\n            prune.l1_unstructured(layer, 'weight', amount=amount)\n    return net\n\ndef main():\n    model = models.resnet18(weights='DEFAULT')\n    model = prune_model(model, 0.3)\n    for layer in model.modules():\n        if isinstance(layer, nn.Conv2d):\n            prune.remove(layer, 'weight')\n        elif isinstance(layer, nn.Linear):\n            prune.remove(layer, 'weight')\n    torch.onnx.export(model, torch.randn(1, 3, 224, 224), 'resnet18.onnx')\n\nif __name__ == '__main__':\n    main()\n",
      },
      {
        code: "import torch\nimport torch.nn.utils.prune as prune\nfrom torchvision.models import alexnet\n\nmodel = alexnet()\nprune.random_unstructured(model.classifier[1], name='weight', amount=0.5)\nprune.l1_unstructured(model.classifier[1], name='bias', amount=3)\nmodel.eval()\nscripted = torch.jit.script(model)\nscripted.save('alexnet.pt')\n",
        fixed:
          "import torch\nimport torch.nn.utils.prune as prune\nfrom torchvision.models import alexnet\n\nmodel = alexnet()\nprune.random_unstructured(model.classifier[1], name='weight', amount=0.5)\nprune.l1_unstructured(model.classifier[1], name='bias', amount=3)\nmodel.eval()\nprune.remove(model.classifier[1], 'weight')\nprune.remove(model.classifier[1], 'bias')\nscripted = torch.jit.script(model)\nscripted.save('alexnet.pt')\n",
      },
      {
        code: 'import torch\nfrom torch.nn.utils import prune\nfrom torchvision import models\n\nnet = models.alexnet()\nlayer = net.classifier[1]\nprune.l1_unstructured(layer, name="weight", amount=0.5)\ntorch.save(net.state_dict(), "alexnet.pt")\n',
        fixed:
          'import torch\nfrom torch.nn.utils import prune\nfrom torchvision import models\n\nnet = models.alexnet()\nlayer = net.classifier[1]\nprune.l1_unstructured(layer, name="weight", amount=0.5)\nprune.remove(layer, "weight")\ntorch.save(net.state_dict(), "alexnet.pt")\n',
        note: { en: 'The layer has a name of its own.', fr: 'La couche a son propre nom.' },
      },
      {
        code: 'import torch\nfrom torch.nn.utils import prune\nfrom torchvision.models import resnet18\n\ndef thin(model, amount):\n    prune.random_unstructured(model.fc, "weight", amount=amount)\n    return model\n\nnet = thin(resnet18(weights="DEFAULT"), 0.3)\ntorch.onnx.export(net, torch.randn(1, 3, 224, 224), "thin.onnx")\n',
        fixed:
          'import torch\nfrom torch.nn.utils import prune\nfrom torchvision.models import resnet18\n\ndef thin(model, amount):\n    prune.random_unstructured(model.fc, "weight", amount=amount)\n    return model\n\nnet = thin(resnet18(weights="DEFAULT"), 0.3)\nprune.remove(net.fc, "weight")\ntorch.onnx.export(net, torch.randn(1, 3, 224, 224), "thin.onnx")\n',
        note: {
          en: 'The caller knows the model by another name.',
          fr: 'L’appelant connaît le modèle sous un autre nom.',
        },
      },
      {
        code: 'import torch\nfrom torch.nn.utils import prune\nfrom torchvision.models import resnet18\n\nclass Compressor:\n    def __init__(self, model):\n        self.model = model\n\n    def compress(self):\n        prune.l1_unstructured(self.model.fc, "weight", 0.6)\n        return self\n\n    def save(self, path):\n        torch.save(self.model.state_dict(), path)\n\nCompressor(resnet18()).compress().save("sparse.pt")\n',
        note: { en: 'Chained methods.', fr: 'Méthodes enchaînées.' },
      },
    ],
    good: [
      {
        code: "import torch\nimport torch.nn as nn\nimport torch.nn.utils.prune as prune\n\nmodel = nn.Sequential(nn.Linear(784, 10))\nfor module in model.modules():\n    if isinstance(module, nn.Linear):\n        prune.l1_unstructured(module, name='weight', amount=0.4)\n        prune.remove(module, 'weight')\ntorch.save(model.state_dict(), 'mlp.pt')\n",
      },
      {
        code: "import copy\nimport torch\nimport torch.nn as nn\nimport torch.nn.utils.prune as prune\n\nmodel = nn.Sequential(nn.Linear(784, 10))\ntorch.save(model.state_dict(), 'base.pt')\nfor amount in (0.2, 0.5, 0.9):\n    trial = copy.deepcopy(model)\n    prune.l1_unstructured(trial[0], name='weight', amount=amount)\n    print(amount, evaluate(trial))\n",
        note: {
          en: 'A sensitivity study: what is saved is the model before pruning.',
          fr: 'Une étude de sensibilité : le modèle enregistré est celui d’avant l’élagage.',
        },
      },
      {
        code: "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\nimport torch.nn.utils.prune as prune\n\nmodel = nn.Sequential(nn.Linear(784, 10))\noptimizer = torch.optim.SGD(model.parameters(), lr=0.1)\nfor level in range(10):\n    prune.l1_unstructured(model[0], name='weight', amount=0.2)\n    for x, y in loader:\n        optimizer.zero_grad()\n        F.cross_entropy(model(x), y).backward()\n        optimizer.step()\n    torch.save(model.state_dict(), f'level_{level}.pt')\n",
        note: {
          en: 'Lottery tickets: the masks are needed at the next level.',
          fr: 'Tickets gagnants : les masques servent au niveau suivant.',
        },
      },
      {
        file: 'compress.py',
        code: "import torch\nimport torch.nn as nn\nimport torch.nn.utils.prune as prune\nfrom finalize import make_permanent\n\nmodel = nn.Sequential(nn.Linear(784, 10))\nprune.l1_unstructured(model[0], name='weight', amount=0.4)\nmake_permanent(model)\ntorch.save(model, 'mlp.pt')\n",
        files: {
          'finalize.py':
            "from torch.nn.utils.prune import is_pruned, remove\n\ndef make_permanent(model):\n    for module in model.modules():\n        if hasattr(module, 'weight_mask'):\n            remove(module, 'weight')\n",
        },
        note: { en: 'Removed by a helper in another file.', fr: 'Fait par une fonction d’un autre fichier.' },
      },
      {
        code: "import torch\nimport torch.nn.utils.prune as prune\nfrom torchvision.models import resnet18\n\nteacher = resnet18()\nstudent = resnet18()\nprune.l1_unstructured(student.fc, name='weight', amount=0.4)\nprint(evaluate(student))\ntorch.save(teacher.state_dict(), 'teacher.pt')\n",
      },
      {
        code: 'import os\nimport torch\nimport torch.nn as nn\nimport torch.nn.utils.prune as prune\n\ndef size_of(model):\n    torch.save(model.state_dict(), "tmp.p")\n    size = os.path.getsize("tmp.p")\n    os.remove("tmp.p")\n    return size\n\nmodel = nn.Sequential(nn.Linear(784, 10))\nprune.l1_unstructured(model[0], name="weight", amount=0.4)\nprint(size_of(model))\n',
        note: { en: 'Saved only to be weighed.', fr: 'Enregistré seulement pour être pesé.' },
      },
    ],
  },
});

function check(module: Module, prunes: readonly Call[], context: RuleContext): void {
  const { flow } = context;
  const program = [...flow.related(module)];
  const removes = program.flatMap((one) =>
    one.calls.filter((call) => flow.names(call).some((name) => REMOVE.test(name))),
  );
  const open = prunes.filter((prune) => !isRemoved(prune, removes, flow));
  const first = prunes[0];
  if (open.length === 0 && first) return context.pass(first.callee);
  // state dicts rid of their masks by hand, or loaded back with them
  if (program.some((one) => /weight_orig|_orig['"]/.test(one.text))) return;
  const saves = program.flatMap((one) => savesOf(one, flow));
  let found: { prune: Call; meeting: Meeting; model: Expr } | null = null;
  for (const prune of open) {
    const root = prunedRoot(prune, flow);
    if (!root) continue;
    for (const save of saves) {
      const meeting = meetings(prune, save.call, flow).find(
        (one) => follows(one, flow) && isLinked(root, save, one, flow),
      );
      if (!meeting) continue;
      found = { prune, meeting, model: root };
      break;
    }
    if (found) break;
  }
  if (!found) return;
  const { prune, meeting, model } = found;
  const own = open.filter((one) => one === prune || sameRoot(prunedRoot(one, flow), model, flow));
  const fix = fixOf(own, meeting, flow);
  context.fail(prune.callee, {
    data: { model: textOf(module, model) },
    fixes: fix ? [fix] : [],
  });
}

/** The save happens after the pruning and is no checkpoint of a training loop, which goes on with the masks. */
function follows({ first, second }: Meeting, flow: Flow): boolean {
  // by their ends: in `compress(m).save(p)` both start at one place
  if (first.end >= second.end || isExclusive(first, second)) return false;
  return !enclosingLoops(second).some(
    (loop) => loop.kind !== 'comprehension' && runsTraining(flow, loop.body),
  );
}

/** Whether the two stand in different branches of one `if`. */
function isExclusive(first: Node, second: Node): boolean {
  for (const parent of ancestors(first)) {
    if (parent.kind !== 'if' || !parent.otherwise) continue;
    if (contains(parent.then, first) && contains(parent.otherwise, second)) return true;
  }
  return false;
}

function isLinked(root: Expr, save: Save, meeting: Meeting, flow: Flow): boolean {
  return modelsSaved(save, flow).some((saved) => {
    if (sameRoot(root, saved, flow)) return true;
    if (meeting.firstDepth > 0 || meeting.secondDepth > 0) return false;
    const module = flow.moduleOf(root);
    return module === flow.moduleOf(saved) && textOf(module, root) === textOf(module, saved);
  });
}

function sameRoot(a: Expr | null, b: Expr, flow: Flow): boolean {
  if (!a) return false;
  const sites = new Set(flow.objects(a).map((object) => object.site));
  if (flow.objects(b).some((object) => sites.has(object.site))) return true;
  return (
    enclosingFunction(a) === enclosingFunction(b) &&
    flow.moduleOf(a) === flow.moduleOf(b) &&
    textOf(flow.moduleOf(a), a) === textOf(flow.moduleOf(b), b)
  );
}

function isRemoved(prune: Call, removes: readonly Call[], flow: Flow): boolean {
  if (removes.length === 0) return false;
  const key = (call: Call) => {
    const target = flow.argument(call, 'module', 0);
    const name = flow.argument(call, 'name', 1);
    if (target.state !== 'given' || name.state !== 'given') return null;
    if (enclosingLoops(call).length > 0 || target.value.kind === 'name') return null;
    const constant = flow.constant(name.value);
    const root = rootOf(target.value, flow, 0);
    if (typeof constant !== 'string' || !root) return null;
    const path = textOf(flow.moduleOf(call), { start: root.end, end: target.value.end });
    return { root, parameter: `${path}.${constant}` };
  };
  const own = key(prune);
  // a removal in a loop or by a variable may cover anything
  return (
    own === null ||
    removes.some((remove) => {
      const other = key(remove);
      return !other || (other.parameter === own.parameter && sameRoot(own.root, other.root, flow));
    })
  );
}

/** The model that a pruning call is about: `model` for `model.conv1`, for a module of `model.modules()`, for a list of such. */
function prunedRoot(call: Call, flow: Flow): Expr | null {
  const given = flow.argument(call, isGlobal(call, flow) ? 'parameters' : 'module', 0);
  return given.state === 'given' ? rootOf(given.value, flow, 0) : null;
}

const isGlobal = (call: Call, flow: Flow): boolean =>
  flow.names(call).some((name) => name.endsWith('.global_unstructured'));

function rootOf(expr: Expr, flow: Flow, depth: number): Expr | null {
  if (depth > 8) return null;
  switch (expr.kind) {
    case 'spread':
      return rootOf(expr.value, flow, depth + 1);
    case 'member':
      if (expr.object.kind === 'name' && expr.object.name === 'self') return expr;
      return rootOf(expr.object, flow, depth + 1);
    case 'index':
      return rootOf(expr.object, flow, depth + 1);
    case 'sequence':
      return expr.items[0] ? rootOf(expr.items[0], flow, depth + 1) : null;
    case 'comprehension':
      return rootOf(expr.element, flow, depth + 1);
    case 'call': {
      const { callee } = expr;
      if (callee.kind === 'member' && /^(?:named_)?(?:modules|children|items|values)$/.test(callee.property))
        return rootOf(callee.object, flow, depth + 1);
      const argument = expr.args[0];
      return argument ? rootOf(argument.value, flow, depth + 1) : null;
    }
    case 'name': {
      const bound = loopBinding(expr.name, expr);
      if (bound) return rootOf(bound, flow, depth + 1);
      for (const value of flow.values(expr)) {
        if (value.kind !== 'display' || value.node.kind === 'dict') continue;
        const root = rootOf(value.node, flow, depth + 1);
        if (root) return root;
      }
      const appended = appendedTo(expr, flow) ?? partNamed(expr, flow);
      return appended ? rootOf(appended, flow, depth + 1) : expr;
    }
    default:
      return null;
  }
}

/** What a loop around the node, or a comprehension, draws the name from. */
function loopBinding(name: string, node: Node): Expr | null {
  for (const parent of ancestors(node)) {
    if (parent.kind === 'function') return null;
    if (parent.kind === 'for' && binds(parent.target, name)) return parent.iterable;
    if (parent.kind === 'comprehension') {
      const clause = parent.clauses.find((one) => binds(one.target, name));
      if (clause && !contains(clause.iterable, node)) return clause.iterable;
    }
  }
  return null;
}

const binds = (target: Expr, name: string): boolean =>
  descendants(target, 'name').some((one) => one.name === name);

/** `layer = model.fc`: the part of a model that its only assignment gives a name. */
function partNamed(name: Expr & { kind: 'name' }, flow: Flow): Expr | null {
  const fn = enclosingFunction(name);
  const given = flow
    .moduleOf(name)
    .assigns.filter(
      (assign) =>
        enclosingFunction(assign) === fn &&
        assign.targets.some((target) => target.kind === 'name' && target.name === name.name),
    );
  const value = given.length === 1 ? given[0]?.value : null;
  return value?.kind === 'member' || value?.kind === 'index' ? value : null;
}

function appendedTo(list: Expr & { kind: 'name' }, flow: Flow): Expr | null {
  const module = flow.moduleOf(list);
  const fn = enclosingFunction(list);
  const call = module.calls.find((one) => isAppend(one, list.name) && enclosingFunction(one) === fn);
  return call?.args[0]?.value ?? null;
}

// ------------------------------------------------------------------------ fix

interface Rendering {
  readonly module: Module;
  readonly flow: Flow;
  readonly alias: string;
  readonly unit: string;
  readonly renamed: ReadonlyMap<string, string>;
  readonly prunes: ReadonlySet<Call>;
}

function fixOf(prunes: readonly Call[], meeting: Meeting, flow: Flow): Fix | null {
  const place = statementOf(meeting.second);
  const module = flow.moduleOf(meeting.second);
  const source = prunes[0] && flow.moduleOf(prunes[0]);
  if (!source || !prunes[0] || !startsLine(module, place) || place.kind === 'return') return null;
  if (contains(place, meeting.first)) return null; // no place between the two
  const fn = enclosingFunction(prunes[0]);
  if (prunes.some((prune) => enclosingFunction(prune) !== fn)) return null;
  const places = meeting.firstDepth > 0 ? prunes.flatMap((prune) => appends(prune, flow)) : prunes;
  if (meeting.firstDepth > 1) return null;
  const renamed = meeting.firstDepth === 1 ? renamings(meeting.first, fn, flow) : new Map<string, string>();
  if (!renamed) return null;
  const callee = prunes[0].callee;
  const sameFile = module === source;
  const hasPrefix = callee.kind === 'member';
  const alias = hasPrefix && sameFile ? textOf(source, callee.object) : 'prune';
  const context: Rendering = {
    module: source,
    flow,
    alias,
    unit: indentUnit(module),
    renamed,
    prunes: new Set(places),
  };
  const lines: string[] = [];
  for (const root of roots(places, meeting)) {
    if (!root) return null;
    const rendered = renderRoot(root, context);
    if (!rendered) return null;
    lines.push(...rendered);
  }
  if (fn && meeting.firstDepth > 0 && usesLocals(places, fn, renamed, context)) return null;
  const unique = lines.filter((line, at) => line.startsWith(' ') || lines.indexOf(line) === at);
  return {
    title: {
      en: 'Make the pruning permanent before the save',
      fr: 'Rendre l’élagage définitif avant l’enregistrement',
    },
    edits: () => [{ ...insertBefore(module, place, unique), module }],
    imports: hasPrefix && sameFile ? [] : ['from torch.nn.utils import prune'],
  };
}

/** The calls that fill the list which a global pruning is given, where it lives in the pruning function only. */
function appends(prune: Call, flow: Flow): readonly Call[] {
  const given = isGlobal(prune, flow) ? flow.argument(prune, 'parameters', 0) : null;
  if (given?.state !== 'given' || given.value.kind !== 'name') return [prune];
  const list = given.value.name;
  const found = flow
    .moduleOf(prune)
    .calls.filter((call) => isAppend(call, list) && enclosingFunction(call) === enclosingFunction(prune));
  return found.length > 0 ? found : [prune];
}

const isAppend = (call: Call, list?: string): boolean =>
  call.callee.kind === 'member' &&
  call.callee.property === 'append' &&
  call.callee.object.kind === 'name' &&
  (list === undefined || call.callee.object.name === list);

/** Parameters of the pruning function as its caller names them, and the model it returns. */
function renamings(call: Node, fn: FunctionNode | null, flow: Flow): Map<string, string> | null {
  if (call.kind !== 'call' || !fn) return null;
  const module = flow.moduleOf(call);
  const renamed = new Map<string, string>();
  const isMethod = fn.parameters[0]?.name === 'self' && call.callee.kind === 'member';
  if (isMethod && call.callee.kind === 'member' && call.callee.object.kind === 'name')
    renamed.set('self', call.callee.object.name);
  fn.parameters.slice(isMethod ? 1 : 0).forEach((parameter, at) => {
    const given = flow.argument(call, parameter.name, at);
    if (given.state === 'given' && given.value.kind === 'name')
      renamed.set(parameter.name, textOf(module, given.value));
  });
  const target = call.parent?.kind === 'assign' ? call.parent.targets[0] : null;
  const last = fn.body.statements.at(-1);
  if (target?.kind === 'name' && last?.kind === 'return' && last.value?.kind === 'name')
    renamed.set(last.value.name, target.name);
  return renamed;
}

/** Whether the lines need a variable of the pruning function that its caller does not have. */
function usesLocals(
  prunes: readonly Call[],
  fn: FunctionNode,
  renamed: ReadonlyMap<string, string>,
  context: Rendering,
): boolean {
  const { module, flow } = context;
  const own = new Set(module.scopes.get(fn)?.bindings.keys());
  return prunes.some((prune) => {
    const bound = new Set<string>();
    const used: string[] = [];
    for (const parent of ancestors(prune)) {
      if (parent.kind === 'for') {
        for (const name of descendants(parent.target, 'name')) bound.add(name.name);
        used.push(...descendants(parent.iterable, 'name').map((one) => one.name));
      }
      if (parent.kind === 'function') break;
    }
    const target = prune.args[0];
    if (target && !(isGlobal(prune, flow) && soleDisplay(target.value, context)))
      used.push(...descendants(target, 'name').map((one) => one.name));
    return used.some((name) => own.has(name) && !bound.has(name) && !renamed.has(name));
  });
}

interface Root {
  readonly statement: Stmt;
  /** Conditions around it that the save does not stand under. */
  readonly guards: readonly If[];
}

/** The outermost statement that must be repeated for each call; null where its surroundings cannot be. */
function roots(prunes: readonly Call[], meeting: Meeting): readonly (Root | null)[] {
  const found = new Map<Stmt, Root | null>();
  for (const prune of prunes) {
    const root = rootStatement(prune, meeting);
    if (!root) return [null];
    if (!found.has(root.statement)) found.set(root.statement, root);
  }
  return [...found.values()];
}

function rootStatement(prune: Call, meeting: Meeting): Root | null {
  const needed = new Set<string>();
  const need = (node: Node) => {
    for (const name of descendants(node, 'name')) needed.add(name.name);
  };
  for (const argument of prune.args) {
    if (argument.name === null || ['module', 'name', 'parameters'].includes(argument.name))
      need(argument.value);
  }
  let statement: Stmt = statementOf(prune);
  let guards: If[] = [];
  let isCut = false; // past a loop that is not repeated
  let child: Node = prune;
  for (const parent of ancestors(prune)) {
    if (parent.kind === 'function' || contains(parent, meeting.second)) break;
    if (parent.kind === 'for' && descendants(parent.target, 'name').some((one) => needed.has(one.name))) {
      if (isCut) return null;
      need(parent.iterable);
      statement = parent;
      guards = [];
    } else if (parent.kind === 'for' || parent.kind === 'while') {
      if (guards.length > 0) return null;
      isCut = true;
    } else if (parent.kind === 'if') {
      if (child !== parent.then) {
        // an `elif`: the whole chain is repeated
        if (isCut) return null;
        statement = parent;
        guards = [];
      } else guards.push(parent);
    } else if (parent.kind === 'try' || parent.kind === 'match' || parent.kind === 'class') return null;
    child = parent;
  }
  return { statement, guards };
}

function renderRoot(root: Root, context: Rendering): string[] | null {
  let lines = mirror(root.statement, context);
  for (const guard of root.guards) {
    if (!lines) return null;
    lines = [`if ${render(guard.test, context)}:`, ...indented(lines, context)];
  }
  return lines;
}

const indented = (lines: readonly string[], { unit }: Rendering): string[] =>
  lines.map((line) => unit + line);

/** The statement again, with `remove` where it prunes and nothing else. */
function mirror(statement: Stmt, context: Rendering): string[] | null {
  if (!holdsPrune(statement, context)) return [];
  switch (statement.kind) {
    case 'expression':
    case 'assign':
      return [...context.prunes]
        .filter((prune) => contains(statement, prune))
        .flatMap((prune) => removals(prune, context) ?? ['']);
    case 'for':
      return mirrorFor(statement, context);
    case 'if': {
      const then = mirrorAll(statement.then.statements, context);
      const lines = [
        `if ${render(statement.test, context)}:`,
        ...indented(then.length > 0 ? then : ['pass'], context),
      ];
      const { otherwise } = statement;
      if (!otherwise || !holdsPrune(otherwise, context)) return lines;
      const rest = mirrorAll(otherwise.statements, context);
      const isElif = otherwise.statements.length === 1 && otherwise.statements[0]?.kind === 'if';
      return isElif
        ? [...lines, `el${rest[0]}`, ...rest.slice(1)]
        : [...lines, 'else:', ...indented(rest, context)];
    }
    case 'with':
      return mirrorAll(statement.body.statements, context);
    default:
      return null;
  }
}

function mirrorFor(statement: For, context: Rendering): string[] {
  const body = mirrorAll(statement.body.statements, context);
  return [
    `for ${render(statement.target, context)} in ${render(statement.iterable, context)}:`,
    ...indented(body, context),
  ];
}

/** Statements that prune, and the assignments before them that these need. */
function mirrorAll(statements: readonly Stmt[], context: Rendering): string[] {
  const lines: string[] = [];
  for (const statement of statements) {
    if (statement.kind === 'assign' && !holdsPrune(statement, context)) {
      const target = statement.targets[0];
      const isNeeded =
        target?.kind === 'name' &&
        [...context.prunes].some((prune) => prune.args[0] && binds(prune.args[0].value, target.name));
      if (isNeeded) lines.push(render(statement, context));
      continue;
    }
    for (const line of mirror(statement, context) ?? [])
      if (!lines.includes(line) || line.startsWith(' ')) lines.push(line);
  }
  return lines;
}

const holdsPrune = (node: Node, { prunes }: Rendering): boolean =>
  [...prunes].some((prune) => contains(node, prune));

function removals(prune: Call, context: Rendering): string[] | null {
  const { flow, alias } = context;
  const tuple = isAppend(prune) ? prune.args[0]?.value : null;
  if (tuple?.kind === 'sequence')
    return [`${alias}.remove(${tuple.items.map((one) => render(one, context)).join(', ')})`];
  if (!isGlobal(prune, flow)) {
    const target = flow.argument(prune, 'module', 0);
    const name = flow.argument(prune, 'name', 1);
    if (target.state !== 'given' || name.state !== 'given') return null;
    return [`${alias}.remove(${render(target.value, context)}, ${render(name.value, context)})`];
  }
  const given = flow.argument(prune, 'parameters', 0);
  if (given.state !== 'given') return null;
  const list = soleDisplay(given.value, context) ?? given.value;
  if (list.kind === 'sequence') {
    return list.items.flatMap((item) =>
      item.kind === 'sequence' && item.items.length === 2
        ? [`${alias}.remove(${item.items.map((one) => render(one, context)).join(', ')})`]
        : [],
    );
  }
  if (list.kind === 'comprehension') {
    const { element } = list;
    if (element.kind !== 'sequence' || element.items.length !== 2) return null;
    let lines = [`${alias}.remove(${element.items.map((one) => render(one, context)).join(', ')})`];
    for (const clause of [...list.clauses].reverse()) {
      for (const test of [...clause.conditions].reverse())
        lines = [`if ${render(test, context)}:`, ...indented(lines, context)];
      lines = [
        `for ${render(clause.target, context)} in ${render(clause.iterable, context)}:`,
        ...indented(lines, context),
      ];
    }
    return lines;
  }
  return [
    `for module, name in ${render(list, context)}:`,
    ...indented([`${alias}.remove(module, name)`], context),
  ];
}

/** A list of the pruning function's own, which its caller cannot name. */
function soleDisplay(list: Expr, { flow, renamed }: Rendering): Expr | null {
  if (renamed.size === 0) return null;
  const values = flow.values(list);
  const [value] = values;
  return values.length === 1 && value?.kind === 'display' ? value.node : null;
}

/** The node's text on one line, with the caller's names for the function's own. */
function render(node: Node, { module, renamed }: Rendering): string {
  let text = '';
  let at = node.start;
  walk(node, (one) => {
    if (one.kind !== 'name') return true;
    const name = renamed.get(one.name);
    if (name === undefined) return false;
    text += module.text.slice(at, one.start) + name;
    at = one.end;
    return false;
  });
  return (text + module.text.slice(at, node.end)).replace(/\s*\r?\n\s*/g, ' ');
}
