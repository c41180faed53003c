import type { Flow, ObjectValue } from '../../analysis/flow/types.ts';
import type { Call, Expr, Module, Stmt } from '../../analysis/model.ts';
import { lastName, statementOf } from '../../analysis/tree.ts';
import { indentUnit, insertAfter, insertBefore, startsLine, textOf } from '../edits.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import {
  type Deployed,
  deployedIn,
  isOptimizedIn,
  lastSetUp,
  nameWhereLoaded,
} from '../semantics/deployment.ts';
import { type Fusable, fusables, sequentialGroups } from '../semantics/fusion.ts';
import { inProgram } from '../semantics/memo.ts';

const PREPARES = /^torch\.ao\.quantization\.(?:prepare|prepare_qat|quantize|quantize_qat)$/;
/** fuse by themselves, or are about to */
const FUSES =
  /fuse|prepare(?:_qat)?_(?:fx|pt2e)$|^torch\.(?:compile|jit\.(?:freeze|optimize_for_inference))$/i;

export default defineRule({
  id: 'unfused-layers',
  phase: 'model',
  languages: ['python'],
  severity: 'information',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'low',
    source: {
      en: 'Course, « Exemples concrets (1) : Dropout et BatchNorm »: a fused batch norm is one whole operation less per convolution and request.',
      fr: 'Cours, « Exemples concrets (1) : Dropout et BatchNorm » : une normalisation par lots fusionnée est une opération entière de moins par convolution et par requête.',
    },
  },
  references: {
    course: [
      "Exemples concrets (1) : Dropout et BatchNorm — « torch.quantization.fuse_modules(model, [['conv1', 'bn1', 'relu']], inplace=False) »",
      'Suppression des couches ou paramètres inutiles : fusionner les couches redondantes',
      "Conversion — Étape 3. Application d'optimisations structurelles : fusion de couches (convolution + batch normalization)",
    ],
    links: [
      'https://docs.pytorch.org/docs/stable/generated/torch.ao.quantization.fuse_modules.fuse_modules.html',
    ],
  },
  libraries: ['torch'],
  title: {
    en: 'Convolution and batch norm run unfused',
    fr: 'Convolution et batch norm exécutées sans fusion',
  },
  what: {
    en: 'A model of one’s own calls a convolution and then its batch norm, and is quantized (`prepare`, `prepare_qat`) or served in eager PyTorch with nothing that fuses the two: no `fuse_modules`, FX or PT2E quantization, `torch.compile`, `torch.jit.freeze`, ONNX or the like.',
    fr: 'Un modèle maison appelle une convolution puis sa batch norm, et il est quantifié (`prepare`, `prepare_qat`) ou servi en PyTorch « eager » sans que rien ne fusionne les deux : ni `fuse_modules`, ni quantification FX ou PT2E, ni `torch.compile`, `torch.jit.freeze`, ONNX, etc.',
  },
  why: {
    en: 'Once training is over a batch norm is a multiplication and an addition that the convolution’s weights can absorb: one whole operation less per layer and per request, with the same result. When a model is quantized unfused, each of the layers is quantized and observed by itself, which costs time and accuracy.',
    fr: 'Une fois l’entraînement fini, une batch norm n’est plus qu’une multiplication et une addition que les poids de la convolution peuvent absorber : une opération de moins par couche et par requête, pour le même résultat. Quantifiées sans fusion, les couches le sont chacune pour elle-même, ce qui coûte du temps et de la précision.',
  },
  instead: {
    en: "Call `fuse_modules(model, [['conv1', 'bn1', 'relu']])` after `model.eval()` (`fuse_modules_qat` in training mode before `prepare_qat`). A functional `F.relu` cannot be fused: leave it out of the list. Exporters to ONNX, TensorRT or OpenVINO fuse by themselves. Ignore this for a model served a few times a day.",
    fr: "Appelez `fuse_modules(model, [['conv1', 'bn1', 'relu']])` après `model.eval()` (`fuse_modules_qat` en mode entraînement avant `prepare_qat`). Un `F.relu` fonctionnel ne se fusionne pas : laissez-le hors de la liste. Les exports ONNX, TensorRT ou OpenVINO fusionnent d’eux-mêmes. À ignorer pour un modèle sollicité quelques fois par jour.",
  },
  messages: {
    default: {
      en: '{name} is quantized with its batch norms unfused ({first}).',
      fr: '{name} est quantifié sans que ses batch norms soient fusionnées ({first}).',
    },
    served: {
      en: '{name} is served with its batch norms unfused ({first}).',
      fr: '{name} est servi sans que ses batch norms soient fusionnées ({first}).',
    },
  },
  on: {
    module(module, context) {
      if (!module.text.includes('torch')) return;
      const { flow } = context;
      for (const call of module.calls) {
        if (flow.names(call).some((name) => PREPARES.test(name))) checkQuantized(call, context);
      }
      for (const one of deployedIn(module, flow)) {
        if (one.kind === 'server' && !quantizes(module, flow)) checkServed(one, context);
      }
    },
  },
  examples: {
    bad: [
      {
        code: "import torch\nimport torch.nn as nn\nfrom torch.ao.quantization import QuantStub, DeQuantStub, convert, get_default_qconfig, prepare\n\n\nclass TinyNet(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.quant = QuantStub()\n        self.conv1 = nn.Conv2d(3, 16, 3)\n        self.bn1 = nn.BatchNorm2d(16)\n        self.relu = nn.ReLU()\n        self.fc = nn.Linear(16, 10)\n        self.dequant = DeQuantStub()\n\n    def forward(self, x):\n        x = self.quant(x)\n        x = self.relu(self.bn1(self.conv1(x)))\n        x = self.fc(x.mean([2, 3]))\n        return self.dequant(x)\n\n\nmodel = TinyNet()\nmodel.load_state_dict(torch.load('tiny.pt'))\nmodel.eval()\nmodel.qconfig = get_default_qconfig('x86')\nprepared = prepare(model)\nfor images, _ in loader:\n    prepared(images)\nquantized = convert(prepared)\n",
        fixed:
          "import torch\nimport torch.nn as nn\nfrom torch.ao.quantization import QuantStub, DeQuantStub, convert, get_default_qconfig, prepare, fuse_modules\n\n\nclass TinyNet(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.quant = QuantStub()\n        self.conv1 = nn.Conv2d(3, 16, 3)\n        self.bn1 = nn.BatchNorm2d(16)\n        self.relu = nn.ReLU()\n        self.fc = nn.Linear(16, 10)\n        self.dequant = DeQuantStub()\n\n    def forward(self, x):\n        x = self.quant(x)\n        x = self.relu(self.bn1(self.conv1(x)))\n        x = self.fc(x.mean([2, 3]))\n        return self.dequant(x)\n\n\nmodel = TinyNet()\nmodel.load_state_dict(torch.load('tiny.pt'))\nmodel.eval()\nmodel.qconfig = get_default_qconfig('x86')\nmodel = fuse_modules(model, [['conv1', 'bn1', 'relu']])\nprepared = prepare(model)\nfor images, _ in loader:\n    prepared(images)\nquantized = convert(prepared)\n",
      },
      {
        file: 'serve.py',
        code: "import torch\nfrom fastapi import FastAPI\nfrom nets import LeafNet\n\napp = FastAPI()\nmodel = LeafNet()\nmodel.load_state_dict(torch.load('leaf.pt', map_location='cpu'))\nmodel.eval()\n\n\n@app.post('/predict')\ndef predict(pixels: list[list[float]]):\n    with torch.inference_mode():\n        scores = model(torch.tensor(pixels)[None, None])\n    return {'label': int(scores.argmax())}\n",
        files: {
          'nets.py':
            'import torch.nn as nn\nimport torch.nn.functional as F\n\n\nclass LeafNet(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.conv1 = nn.Conv2d(1, 8, 3)\n        self.bn1 = nn.BatchNorm2d(8)\n        self.conv2 = nn.Conv2d(8, 16, 3)\n        self.bn2 = nn.BatchNorm2d(16)\n        self.fc = nn.Linear(16, 5)\n\n    def forward(self, x):\n        x = F.relu(self.bn1(self.conv1(x)))\n        x = self.conv2(x)\n        x = self.bn2(x)\n        x = F.relu(x)\n        return self.fc(x.mean((2, 3)))\n',
        },
        fixed:
          "import torch\nfrom fastapi import FastAPI\nfrom nets import LeafNet\nfrom torch.ao.quantization import fuse_modules\n\napp = FastAPI()\nmodel = LeafNet()\nmodel.load_state_dict(torch.load('leaf.pt', map_location='cpu'))\nmodel.eval()\nmodel = fuse_modules(model, [['conv1', 'bn1'], ['conv2', 'bn2']])\n\n\n@app.post('/predict')\ndef predict(pixels: list[list[float]]):\n    with torch.inference_mode():\n        scores = model(torch.tensor(pixels)[None, None])\n    return {'label': int(scores.argmax())}\n",
      },
      {
        code: "import torch\nimport torch.nn as nn\nimport torch.ao.quantization as tq\n\n\nclass Block(nn.Module):\n    def __init__(self, a, b):\n        super().__init__()\n        self.conv = nn.Conv2d(a, b, 3, padding=1)\n        self.norm = nn.BatchNorm2d(b)\n        self.act = nn.ReLU(inplace=True)\n\n    def forward(self, x):\n        return self.act(self.norm(self.conv(x)))\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.quant = tq.QuantStub()\n        self.blocks = nn.Sequential(Block(3, 8), Block(8, 16))\n        self.dequant = tq.DeQuantStub()\n\n    def forward(self, x):\n        return self.dequant(self.blocks(self.quant(x)))\n\n\nnet = Net()\nnet.load_state_dict(torch.load('net.pt'))\nnet.eval()\nnet.qconfig = tq.get_default_qconfig('fbgemm')\ntq.prepare(net, inplace=True)\ncalibrate(net)\ntq.convert(net, inplace=True)\n",
        fixed:
          "import torch\nimport torch.nn as nn\nimport torch.ao.quantization as tq\nfrom torch.ao.quantization import fuse_modules\n\n\nclass Block(nn.Module):\n    def __init__(self, a, b):\n        super().__init__()\n        self.conv = nn.Conv2d(a, b, 3, padding=1)\n        self.norm = nn.BatchNorm2d(b)\n        self.act = nn.ReLU(inplace=True)\n\n    def forward(self, x):\n        return self.act(self.norm(self.conv(x)))\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.quant = tq.QuantStub()\n        self.blocks = nn.Sequential(Block(3, 8), Block(8, 16))\n        self.dequant = tq.DeQuantStub()\n\n    def forward(self, x):\n        return self.dequant(self.blocks(self.quant(x)))\n\n\nnet = Net()\nnet.load_state_dict(torch.load('net.pt'))\nnet.eval()\nnet.qconfig = tq.get_default_qconfig('fbgemm')\nfor module in list(net.modules()):\n    if isinstance(module, Block):\n        fuse_modules(module, [['conv', 'norm', 'act']], inplace=True)\ntq.prepare(net, inplace=True)\ncalibrate(net)\ntq.convert(net, inplace=True)\n",
      },
      {
        file: 'app.py',
        code: 'from collections import OrderedDict\n\nimport torch\nimport torch.nn as nn\nfrom flask import Flask, request\n\n\nclass Leaf(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.body = nn.Sequential(\n            OrderedDict([("conv", nn.Conv2d(3, 16, 3)), ("norm", nn.BatchNorm2d(16)), ("act", nn.ReLU())])\n        )\n        self.head = nn.Linear(16, 4)\n\n    def forward(self, x):\n        return self.head(self.body(x).mean((2, 3)))\n\n\nmodel = Leaf()\nmodel.load_state_dict(torch.load("leaf.pt"))\nmodel.eval()\napp = Flask(__name__)\n\n\n@app.route("/leaf", methods=["POST"])\ndef leaf():\n    with torch.no_grad():\n        return {"scores": model(torch.tensor(request.json["x"])).tolist()}\n',
        fixed:
          'from collections import OrderedDict\n\nimport torch\nimport torch.nn as nn\nfrom flask import Flask, request\nfrom torch.ao.quantization import fuse_modules\n\n\nclass Leaf(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.body = nn.Sequential(\n            OrderedDict([("conv", nn.Conv2d(3, 16, 3)), ("norm", nn.BatchNorm2d(16)), ("act", nn.ReLU())])\n        )\n        self.head = nn.Linear(16, 4)\n\n    def forward(self, x):\n        return self.head(self.body(x).mean((2, 3)))\n\n\nmodel = Leaf()\nmodel.load_state_dict(torch.load("leaf.pt"))\nmodel.eval()\nmodel = fuse_modules(model, [[\'body.conv\', \'body.norm\', \'body.act\']])\napp = Flask(__name__)\n\n\n@app.route("/leaf", methods=["POST"])\ndef leaf():\n    with torch.no_grad():\n        return {"scores": model(torch.tensor(request.json["x"])).tolist()}\n',
        note: { en: 'Layers with names.', fr: 'Des couches nommées.' },
      },
      {
        code: 'import torch\nimport torch.nn as nn\n\n\nclass ConvNorm(nn.Sequential):\n    def __init__(self, given, taken):\n        super().__init__(nn.Conv2d(given, taken, 3, bias=False), nn.BatchNorm2d(taken), nn.ReLU())\n\n\nclass Tiny(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.first = ConvNorm(3, 8)\n        self.head = nn.Linear(8, 2)\n\n    def forward(self, x):\n        return self.head(self.first(x).mean((2, 3)))\n\n\nmodel = Tiny().eval()\nmodel.qconfig = torch.ao.quantization.get_default_qconfig("x86")\nmodel = torch.ao.quantization.prepare(model)\n',
        fixed:
          "import torch\nimport torch.nn as nn\nfrom torch.ao.quantization import fuse_modules\n\n\nclass ConvNorm(nn.Sequential):\n    def __init__(self, given, taken):\n        super().__init__(nn.Conv2d(given, taken, 3, bias=False), nn.BatchNorm2d(taken), nn.ReLU())\n\n\nclass Tiny(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.first = ConvNorm(3, 8)\n        self.head = nn.Linear(8, 2)\n\n    def forward(self, x):\n        return self.head(self.first(x).mean((2, 3)))\n\n\nmodel = Tiny().eval()\nmodel.qconfig = torch.ao.quantization.get_default_qconfig(\"x86\")\nfor module in list(model.modules()):\n    if isinstance(module, ConvNorm):\n        fuse_modules(module, [['0', '1', '2']], inplace=True)\nmodel = torch.ao.quantization.prepare(model)\n",
        note: { en: 'A class of a sequence.', fr: 'Une classe qui est une séquence.' },
      },
    ],
    good: [
      {
        code: "import torch\nimport torch.nn as nn\nfrom torch.quantization import convert, fuse_modules, prepare\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.conv1 = nn.Conv2d(3, 16, 3)\n        self.bn1 = nn.BatchNorm2d(16)\n\n    def forward(self, x):\n        return self.bn1(self.conv1(x))\n\n\nmodel = Net().eval()\nmodel = fuse_modules(model, [['conv1', 'bn1']])\nprepared = prepare(model)\ncalibrate(prepared)\nmodel = convert(prepared)\n",
      },
      {
        code: "import torch\nimport torch.nn as nn\nfrom torch.ao.quantization import get_default_qconfig_mapping\nfrom torch.ao.quantization.quantize_fx import convert_fx, prepare_fx\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.conv1 = nn.Conv2d(3, 16, 3)\n        self.bn1 = nn.BatchNorm2d(16)\n\n    def forward(self, x):\n        return self.bn1(self.conv1(x))\n\n\nmodel = Net().eval()\nprepared = prepare_fx(model, get_default_qconfig_mapping('x86'), (torch.randn(1, 3, 32, 32),))\ncalibrate(prepared)\nmodel = convert_fx(prepared)\n",
        note: { en: 'FX quantization fuses by itself.', fr: 'La quantification FX fusionne d’elle-même.' },
      },
      {
        code: 'import torch\nimport torch.nn as nn\nfrom torch.ao.quantization import convert, prepare\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.conv1 = nn.Conv2d(3, 16, 3)\n        self.bn1 = nn.BatchNorm2d(3)\n\n    def forward(self, x):\n        return self.conv1(torch.relu(self.bn1(x)))\n\n\nmodel = Net().eval()\nprepared = prepare(model)\ncalibrate(prepared)\nmodel = convert(prepared)\n',
        note: {
          en: 'Pre-activation: the norm comes before the convolution and cannot be folded into it.',
          fr: 'Pré-activation : la norme précède la convolution et ne peut s’y fondre.',
        },
      },
      {
        file: 'serve.py',
        code: "import torch\nimport torch.nn as nn\nfrom fastapi import FastAPI\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.features = nn.Sequential(nn.Conv2d(3, 16, 3), nn.BatchNorm2d(16), nn.ReLU())\n\n    def forward(self, x):\n        return self.features(x).mean((2, 3))\n\n\napp = FastAPI()\nnet = Net()\nnet.load_state_dict(torch.load('net.pt'))\nnet.eval()\nmodel = torch.compile(net)\n\n\n@app.post('/predict')\ndef predict(pixels: list):\n    with torch.inference_mode():\n        return model(torch.tensor(pixels)).tolist()\n",
        note: { en: 'The compiler fuses.', fr: 'Le compilateur fusionne.' },
      },
      {
        code: "import torch\nimport torch.nn as nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.conv1 = nn.Conv2d(3, 16, 3)\n        self.bn1 = nn.BatchNorm2d(16)\n\n    def forward(self, x):\n        return self.bn1(self.conv1(x))\n\n\nmodel = Net()\nmodel.load_state_dict(torch.load('net.pt'))\nmodel.eval()\ntorch.onnx.export(model, torch.randn(1, 3, 32, 32), 'net.onnx')\n",
        note: { en: 'The ONNX exporter folds batch norms.', fr: 'L’export ONNX absorbe les batch norms.' },
      },
      {
        code: "import torch\nimport torch.nn as nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.conv1 = nn.Conv2d(3, 16, 3)\n        self.bn1 = nn.BatchNorm2d(16)\n\n    def forward(self, x):\n        return self.bn1(self.conv1(x))\n\n\nmodel = Net()\noptimizer = torch.optim.SGD(model.parameters(), lr=0.1)\nfor x, y in loader:\n    optimizer.zero_grad()\n    nn.functional.cross_entropy(model(x).mean((2, 3)), y).backward()\n    optimizer.step()\ntorch.save(model.state_dict(), 'net.pt')\n",
        note: { en: 'Training needs the batch norm.', fr: 'L’entraînement a besoin de la batch norm.' },
      },
    ],
  },
});

/** Whether something in the module fuses layers, or prepares to. */
function fusesLayers(module: Module, flow: Flow): boolean {
  return module.calls.some((call) => {
    const { callee } = call;
    const own = lastName(callee);
    return /fuse/i.test(own) || flow.names(call).some((name) => FUSES.test(name));
  });
}

const isQuantizing = (module: Module, flow: Flow): boolean =>
  module.calls.some((call) => flow.names(call).some((name) => PREPARES.test(name)));

const quantizes = inProgram(isQuantizing);
const fuses = inProgram(fusesLayers);
const optimizes = inProgram((one, flow) => isOptimizedIn(flow, one));

function checkQuantized(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  const given = flow.argument(call, 'model', 0);
  if (given.state !== 'given') return;
  const object = flow.objects(given.value).find((one) => one.types.includes('torch.nn.Module'));
  const found = object && fusablesOf(object, flow);
  if (!object || !found) return;
  if (fuses(module, flow)) return context.pass(call.callee);
  const isQat = flow.names(call).some((name) => name.endsWith('_qat'));
  const first = isQat || isEvaluated(object, flow) ? [] : [`${textOf(module, given.value)}.eval()`];
  const fix = fixAt(given.value, statementOf(call), 'before', found, isQat, flow, first);
  report(call.callee, object, found, 'default', fix, context);
}

function checkServed(deployed: Deployed, context: RuleContext): void {
  const { flow, module } = context;
  const { object, loading } = deployed;
  const found = object.class && fusablesOf(object, flow);
  if (!found) return;
  if (fuses(module, flow) || optimizes(module, flow)) return context.pass(loading.callee);
  const target = nameWhereLoaded(deployed);
  const setUp = target && lastSetUp(deployed, flow);
  const place = setUp?.isEvaluated ? setUp.statement : null;
  const fix = target && place ? fixAt(target, place, 'after', found, false, flow) : null;
  report(loading.callee, object, found, 'served', fix, context);
}

function report(
  site: Expr,
  object: ObjectValue,
  found: readonly Found[],
  message: string,
  fix: Fix | null,
  context: RuleContext,
): void {
  context.fail(site, {
    message,
    data: {
      name: object.class?.name ?? 'nn.Sequential',
      first: found[0]?.groups[0]?.join(', ') ?? '',
    },
    fixes: fix ? [fix] : [],
  });
}

/** Groups of the model itself, or of a class that it has instances of. */
interface Found {
  readonly groups: readonly (readonly string[])[];
  readonly part: Fusable['class'] | null;
}

function fusablesOf(object: ObjectValue, flow: Flow): readonly Found[] | null {
  if (!object.class) {
    if (object.types[0] !== 'torch.nn.Sequential' || !object.origin) return null;
    const groups = sequentialGroups(object.origin, flow);
    return groups.length > 0 ? [{ groups, part: null }] : null;
  }
  const own = object.class;
  const found = fusables(own, flow).map(
    ({ class: part, groups }): Found => ({ groups, part: part === own ? null : part }),
  );
  return found.length > 0 ? found : null;
}

function fixAt(
  model: Expr,
  place: Stmt,
  where: 'before' | 'after',
  found: readonly Found[],
  isQat: boolean,
  flow: Flow,
  first: readonly string[] = [],
): Fix | null {
  const module = flow.moduleOf(place);
  if (!startsLine(module, place) || (model.kind !== 'name' && model.kind !== 'member')) return null;
  const name = textOf(flow.moduleOf(model), model);
  const fuse = isQat ? 'fuse_modules_qat' : 'fuse_modules';
  const unit = indentUnit(module);
  const lines: string[] = [...first];
  for (const { groups, part } of found) {
    const list = `[${groups.map((group) => `[${group.map((one) => `'${one}'`).join(', ')}]`).join(', ')}]`;
    if (!part) {
      lines.push(`${name} = ${fuse}(${name}, ${list})`);
      continue;
    }
    if (!part.name || !isVisible(part.name, module)) return null;
    lines.push(
      `for module in list(${name}.modules()):`,
      `${unit}if isinstance(module, ${part.name}):`,
      `${unit}${unit}${fuse}(module, ${list}, inplace=True)`,
    );
  }
  return {
    title: {
      en: 'Fuse the batch norms into the convolutions',
      fr: 'Fusionner les batch norms dans les convolutions',
    },
    edits: () => [
      where === 'before' ? insertBefore(module, place, lines) : insertAfter(module, place, lines),
    ],
    imports: [`from torch.ao.quantization import ${fuse}`],
  };
}

/** `fuse_modules` wants evaluation mode. */
function isEvaluated(object: ObjectValue, flow: Flow): boolean {
  const chained = object.origin?.parent;
  if (chained?.kind === 'member' && chained.property === 'eval') return true;
  return flow.uses(object, /^eval$/).some((use) => use.role === 'receiver');
}

/** Whether the file knows the class by its name. */
const isVisible = (name: string, module: Module): boolean =>
  module.scope.bindings.has(name) ||
  module.classes.some((one) => one.name === name && one.parent === module.body);
