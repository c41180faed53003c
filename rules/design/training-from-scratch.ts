import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, Module, Node } from '../../analysis/model.ts';
import { placeOf } from '../../analysis/program/place.ts';
import { ancestors, enclosingFunction } from '../../analysis/tree.ts';
import { addArgument, indentUnit, insertAfter, replace, startsLine, textOf } from '../edits.ts';
import { LOADINGS } from '../knowledge/loads-weights.ts';
import { modelOfCall } from '../knowledge/models.ts';
import { defineRule, type Edit, type Fix, type RuleContext } from '../rule.ts';
import { meetings } from '../semantics/order.ts';
import { hasNoStoppingMetric, isRun, trainingSites } from '../semantics/training.ts';

type Library = 'torchvision' | 'keras' | 'timm' | 'ultralytics' | 'smp' | 'transformers';
type Weights = 'pretrained' | 'none' | 'unknown';

/** Work that is about the pretraining itself, or for which ImageNet weights do not fit. */
const OTHER_PURPOSE =
  /simclr|simsiam|\bmoco\b|\bbyol\b|\bdino\b|barlow|self[-_ ]?supervis|contrastive|from[-_ ]scratch|teacher|distill|federated|\bImageNet\(|ILSVRC|imagenet[-_/]?1k|tiny[-_ ]?imagenet|Fashion-?MNIST|\bMNIST\b/i;

/** Arguments after which the pretrained weights no longer fit the architecture. */
const RESHAPING = ['norm_layer', 'in_chans', 'in_channels', 'alpha', 'width_mult', 'input_tensor'];

/** What brings weights into a model that exists already. */
const LOADING_METHODS =
  /^(?:load_state_dict|load_weights|load_checkpoint|load_from_checkpoint|restore|load_model)$/;
const STATES = new Set(LOADINGS.filter(({ gives }) => gives !== 'model').map(({ name }) => name));

export default defineRule({
  id: 'training-from-scratch',
  phase: 'design',
  languages: ['python'],
  severity: 'information',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'high',
    source: {
      en: 'CS231n, Transfer Learning: “in practice, very few people train an entire Convolutional Network from scratch”; modern ConvNets take weeks across several GPUs on ImageNet.',
      fr: 'CS231n, Transfer Learning : en pratique, très peu de gens entraînent un réseau convolutif entier à partir de zéro ; les réseaux modernes demandent des semaines sur plusieurs GPU avec ImageNet.',
    },
  },
  references: {
    course: [
      'Phase de conception — Favoriser la réutilisation : « Utiliser des modèles pré-entraînés, des datasets existants. »',
      'Phase de conception — Favoriser la réutilisation : « Privilégier le transfer learning ou la fine-tuning ciblée. »',
    ],
    links: [
      'https://docs.pytorch.org/tutorials/beginner/transfer_learning_tutorial.html',
      'https://keras.io/guides/transfer_learning/',
    ],
  },
  libraries: [
    'torchvision',
    'keras',
    'tensorflow',
    'timm',
    'ultralytics',
    'segmentation_models_pytorch',
    'transformers',
  ],
  title: {
    en: 'Catalogue model trained from scratch',
    fr: 'Modèle du catalogue entraîné à partir de zéro',
  },
  what: {
    en: 'An image classifier of torchvision, `keras.applications` or timm, a YOLO of Ultralytics, a segmentation network with `encoder_weights=None` or a transformer with a head for one task, built without its published weights in a program that trains, and into which no weights are loaded. Left out: changed architectures, self-supervised pretraining, distillation, ImageNet itself, one-channel images, comparisons of both.',
    fr: 'Un classifieur d’images de torchvision, `keras.applications` ou timm, un YOLO d’Ultralytics, un réseau de segmentation avec `encoder_weights=None` ou un transformer à tête spécialisée, construit sans ses poids publiés dans un programme qui entraîne, et dans lequel aucun poids n’est chargé. Exclus : architectures modifiées, pré-entraînement auto-supervisé, distillation, ImageNet lui-même, images à un canal, comparaisons des deux.',
  },
  why: {
    en: 'The first layers learn edges and textures that the published weights hold already: from them, a few epochs (or the head alone) reach what a training from random weights reaches after many, and with less data.',
    fr: 'Les premières couches apprennent des contours et des textures que les poids publiés contiennent déjà : en partant d’eux, quelques époques (ou la tête seule) atteignent ce que demande un long entraînement depuis des poids aléatoires, et avec moins de données.',
  },
  instead: {
    en: 'Start from the published weights, freeze the backbone, train the new head, then a few layers if needed. Ignore the rule where the images look like nothing in photographs and there are very many of them, or where training from scratch is what you study.',
    fr: 'Partez des poids publiés, gelez le tronc, entraînez la nouvelle tête, puis quelques couches au besoin. À ignorer si les images ne ressemblent à aucune photographie et sont très nombreuses, ou si l’entraînement à partir de zéro est l’objet de l’étude.',
  },
  messages: {
    default: {
      en: '`{model}` is trained from random weights: start from the published ones.',
      fr: '`{model}` est entraîné à partir de poids aléatoires : partez des poids publiés.',
    },
  },
  on: {
    calls: {
      names: [
        'torchvision.models.*',
        'keras.applications.*',
        'timm.create_model',
        'torchvision.models.get_model',
        'ultralytics.YOLO',
        'segmentation_models_pytorch.*',
        'transformers.*',
        'transformers.*.from_config',
      ],
      check,
    },
  },
  examples: {
    bad: [
      {
        code: 'import torch\nfrom torch import nn\nfrom torchvision import models\n\nnet = models.resnet18()\nnet.fc = nn.Linear(512, 5)\noptimizer = torch.optim.Adam(net.parameters())\nfor epoch in range(30):\n    for x, y in loader:\n        optimizer.zero_grad()\n        loss = criterion(net(x), y)\n        loss.backward()\n        optimizer.step()\ntorch.save(net.state_dict(), "leaves.pt")\n',
        fixed:
          'import torch\nfrom torch import nn\nfrom torchvision import models\n\nnet = models.resnet18(weights="DEFAULT")\nnet.fc = nn.Linear(512, 5)\noptimizer = torch.optim.Adam(net.parameters())\nfor epoch in range(30):\n    for x, y in loader:\n        optimizer.zero_grad()\n        loss = criterion(net(x), y)\n        loss.backward()\n        optimizer.step()\ntorch.save(net.state_dict(), "leaves.pt")\n',
      },
      {
        code: 'from tensorflow.keras.applications import VGG16\nfrom tensorflow.keras.layers import Dense, Flatten\nfrom tensorflow.keras.models import Sequential\n\nbase = VGG16(weights=None, include_top=False, input_shape=(224, 224, 3))\nmodel = Sequential([base, Flatten(), Dense(4, activation="softmax")])\nmodel.compile("adam", "categorical_crossentropy")\nmodel.fit(train, epochs=40)\n',
        fixed:
          'from tensorflow.keras.applications import VGG16\nfrom tensorflow.keras.layers import Dense, Flatten\nfrom tensorflow.keras.models import Sequential\n\nbase = VGG16(weights="imagenet", include_top=False, input_shape=(224, 224, 3))\nmodel = Sequential([base, Flatten(), Dense(4, activation="softmax")])\nmodel.compile("adam", "categorical_crossentropy")\nmodel.fit(train, epochs=40)\n',
      },
      {
        code: 'import timm\nimport torch\n\nmodel = timm.create_model("efficientnet_b0", pretrained=False, num_classes=12)\noptimizer = torch.optim.AdamW(model.parameters())\nfor epoch in range(50):\n    for x, y in loader:\n        loss = criterion(model(x), y)\n        loss.backward()\n        optimizer.step()\n        optimizer.zero_grad()\n',
        fixed:
          'import timm\nimport torch\n\nmodel = timm.create_model("efficientnet_b0", pretrained=True, num_classes=12)\noptimizer = torch.optim.AdamW(model.parameters())\nfor epoch in range(50):\n    for x, y in loader:\n        loss = criterion(model(x), y)\n        loss.backward()\n        optimizer.step()\n        optimizer.zero_grad()\n',
      },
      {
        code: 'from ultralytics import YOLO\n\nmodel = YOLO("yolov8n.yaml")\nmodel.train(data="helmets.yaml", epochs=50)\n',
        fixed:
          'from ultralytics import YOLO\n\nmodel = YOLO("yolov8n.pt")\nmodel.train(data="helmets.yaml", epochs=50)\n',
      },
      {
        code: 'import segmentation_models_pytorch as smp\nimport torch\n\nmodel = smp.Unet(encoder_name="resnet34", encoder_weights=None, classes=1)\noptimizer = torch.optim.Adam(model.parameters())\nfor epoch in range(5):\n    for x, y in torch.load("batches.pt"):\n        optimizer.zero_grad()\n        criterion(model(x), y).backward()\n        optimizer.step()\n',
        fixed:
          'import segmentation_models_pytorch as smp\nimport torch\n\nmodel = smp.Unet(encoder_name="resnet34", encoder_weights="imagenet", classes=1)\noptimizer = torch.optim.Adam(model.parameters())\nfor epoch in range(5):\n    for x, y in torch.load("batches.pt"):\n        optimizer.zero_grad()\n        criterion(model(x), y).backward()\n        optimizer.step()\n',
        note: { en: 'What is loaded are samples.', fr: 'Ce qui est chargé, ce sont des exemples.' },
      },
      {
        code: 'from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification, Trainer, TrainingArguments\n\ntokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")\nmodel = BertForSequenceClassification(BertConfig(num_labels=4))\nTrainer(model=model, args=TrainingArguments("out", num_train_epochs=3), train_dataset=train).train()\n',
      },
      {
        file: 'nets.py',
        code: 'from torch import nn\nfrom torchvision.models import resnet18\n\n\nclass Frames(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.body = resnet18()\n        self.head = nn.Linear(1000, 2)\n\n    def forward(self, x):\n        return self.head(self.body(x))\n',
        files: {
          'train.py':
            'import torch\nfrom nets import Frames\n\nmodel = Frames()\noptimizer = torch.optim.Adam(model.parameters())\nfor epoch in range(30):\n    for clips, labels in loader:\n        optimizer.zero_grad()\n        torch.nn.functional.cross_entropy(model(clips), labels).backward()\n        optimizer.step()\ntorch.save(model.state_dict(), "frames.pt")\n',
          'evaluate.py':
            'import torch\nfrom nets import Frames\n\nmodel = Frames()\nmodel.load_state_dict(torch.load("frames.pt"))\nmodel.eval()\n',
        },
        fixed:
          'from torch import nn\nfrom torchvision.models import resnet18\n\n\nclass Frames(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.body = resnet18(weights="DEFAULT")\n        self.head = nn.Linear(1000, 2)\n\n    def forward(self, x):\n        return self.head(self.body(x))\n',
        note: {
          en: 'Another script reads what this one trained.',
          fr: 'Un autre script relit ce que celui-ci a entraîné.',
        },
      },
    ],
    good: [
      {
        code: 'from ultralytics import YOLO\n\nmodel = YOLO("yolov8n.yaml").load("yolov8n.pt")\nmodel.train(data="helmets.yaml", epochs=50)\n',
      },
      {
        code: 'from transformers import RobertaConfig, RobertaForMaskedLM, Trainer, TrainingArguments\n\nmodel = RobertaForMaskedLM(RobertaConfig(vocab_size=52000))\nTrainer(model=model, args=TrainingArguments("out", num_train_epochs=1), train_dataset=corpus).train()\n',
        note: { en: 'Pretraining itself.', fr: 'Le pré-entraînement lui-même.' },
      },
      {
        code: 'import torch\nfrom torchvision import models\n\nnet = models.resnet18(weights=models.ResNet18_Weights.DEFAULT)\noptimizer = torch.optim.Adam(net.fc.parameters())\nfor epoch in range(30):\n    for x, y in loader:\n        loss = criterion(net(x), y)\n        loss.backward()\n        optimizer.step()\n',
      },
      {
        code: 'import torch\nfrom torchvision import models\n\nnet = models.resnet50()\nnet.load_state_dict(torch.load("places365.pt"))\noptimizer = torch.optim.Adam(net.parameters())\nfor epoch in range(5):\n    for x, y in loader:\n        loss = criterion(net(x), y)\n        loss.backward()\n        optimizer.step()\n',
        note: { en: 'Weights of another source.', fr: 'Des poids d’une autre source.' },
      },
      {
        code: 'import torch\nfrom torchvision import models\n\nnet = models.resnet18(num_classes=3)\nnet.eval()\nprint(net(torch.rand(1, 3, 224, 224)).shape)\n',
        note: { en: 'Nothing is trained.', fr: 'Rien n’est entraîné.' },
      },
      {
        code: 'from tensorflow.keras.applications import MobileNetV2\n\nmodel = MobileNetV2(weights=None, input_shape=(96, 96, 1), classes=10)\nmodel.compile("adam", "categorical_crossentropy")\nmodel.fit(x, y, epochs=10)\n',
        note: { en: 'One channel.', fr: 'Un seul canal.' },
      },
      {
        code: 'from keras.applications import ResNet50\nfrom keras import layers, Model\n\nbase = ResNet50(include_top=False, pooling="avg")\nmodel = Model(base.input, layers.Dense(3)(base.output))\nmodel.compile("adam", "mse")\nmodel.fit(x, y, epochs=5)\n',
        note: { en: 'Keras loads ImageNet weights by default.', fr: 'Keras charge ImageNet par défaut.' },
      },
      {
        code: 'import argparse\nimport torch\nfrom torchvision import models\n\nparser = argparse.ArgumentParser()\nparser.add_argument("--pretrained", action="store_true")\nargs = parser.parse_args()\nnet = models.resnet18(pretrained=args.pretrained)\nfor epoch in range(9):\n    loss = criterion(net(x), y)\n    loss.backward()\n    optimizer.step()\n',
        note: { en: 'The user decides.', fr: 'L’utilisateur décide.' },
      },
    ],
  },
});

function check(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  const found = classifierOf(call, flow);
  if (!found || !isRun(call, flow)) return;
  const weights = weightsOf(call, found.library, flow);
  if (weights === 'unknown') return;
  const modules = [...flow.related(module)];
  const sites = modules.flatMap((one) => trainingSites(one, flow)).filter(({ node }) => isRun(node, flow));
  const deep = sites.filter(({ api }) => !api || api.deep);
  if (deep.length === 0) return;
  if (weights === 'pretrained') return context.pass(call.callee);
  if (modules.some((one) => OTHER_PURPOSE.test(one.text) || OTHER_PURPOSE.test(placeOf(one)))) return;
  if (deep.some(({ node }) => hasNoStoppingMetric(node, flow.moduleOf(node), flow))) return;
  if (isReshaped(call, module, flow) || comparesBoth(modules, flow)) return;
  if (
    modules.some((one) =>
      loadsBefore(
        one,
        deep.map(({ node }) => node),
        flow,
      ),
    )
  )
    return;
  context.fail(call.callee, {
    data: { model: found.id },
    fixes: weightsFix(call, found.library, module, flow),
  });
}

/** The image classifier that the call builds. */
function classifierOf(call: Call, flow: Flow): { library: Library; id: string } | null {
  for (const name of flow.names(call)) {
    const first = call.args[0];
    const id = first ? flow.constant(first.value) : undefined;
    if (name === 'ultralytics.YOLO')
      return typeof id === 'string' && YOLO_BUILD.test(id) ? { library: 'ultralytics', id } : null;
    const network = /^segmentation_models_pytorch\.([A-Z]\w*)$/.exec(name)?.[1];
    if (network) return { library: 'smp', id: network };
    const head = TASK_HEAD.exec(name)?.[1];
    // a configuration is all that such a constructor is given
    if (head && call.args.length > 0) return { library: 'transformers', id: head };
    const library = /^(torchvision|keras|timm)\./.exec(name)?.[1] as Library | undefined;
    if (!library) continue;
    const model = modelOfCall(name, typeof id === 'string' ? id : undefined);
    if (model?.task === 'image-classification' && model.framework === library)
      return { library, id: model.id };
  }
  return null;
}

/** Published architectures, to be built anew; a file of one's own has no weights anywhere. */
const YOLO_BUILD = /^yolo(?:v?\d+)[nsmlx](?:-(?:seg|cls|pose|obb))?\.ya?ml$/;

/** Heads for one task: nobody pretrains with them. */
const TASK_HEAD =
  /^transformers\.(\w+For(?:SequenceClassification|TokenClassification|QuestionAnswering|ImageClassification))(?:\.from_config)?$/;

function weightsOf(call: Call, library: Library, flow: Flow): Weights {
  if (library === 'ultralytics') return isGivenWeights(call, flow) ? 'pretrained' : 'none';
  if (library === 'transformers') return 'none';
  if (library === 'smp') {
    const given = flow.argument(call, 'encoder_weights', 2);
    if (given.state !== 'given') return 'unknown';
    return isChosenOutside(given.value, flow)
      ? 'unknown'
      : flow.constant(given.value) === null
        ? 'none'
        : 'pretrained';
  }
  const names =
    library === 'timm'
      ? ['pretrained', 'checkpoint_path', 'pretrained_cfg_overlay']
      : ['weights', 'pretrained'];
  let state: Weights = library === 'keras' ? 'pretrained' : 'none';
  for (const name of names) {
    const position = name === 'pretrained' && library !== 'keras' ? (library === 'timm' ? 1 : 0) : undefined;
    const isKerasPosition = library === 'keras' && name === 'weights';
    const isById = flow.names(call).includes('torchvision.models.get_model');
    const given = flow.argument(call, name, isKerasPosition ? 1 : isById ? undefined : position);
    if (given.state === 'unknown') return 'unknown';
    if (given.state === 'absent') continue;
    const value = flow.constant(given.value);
    if (isChosenOutside(given.value, flow)) return 'unknown';
    if (value === false || value === null) state = 'none';
    else if (value !== undefined) return 'pretrained';
    else return flow.values(given.value).some(({ kind }) => kind === 'library') ? 'pretrained' : 'unknown';
  }
  return state;
}

/** `YOLO("yolov8n.yaml").load("yolov8n.pt")`, or `train(pretrained=…)`. */
function isGivenWeights(call: Call, flow: Flow): boolean {
  return flow
    .objects(call)
    .some((object) =>
      flow
        .uses(object, /^(?:load|train)$/)
        .some(
          ({ method, call: use }) =>
            method === 'load' || (method === 'train' && flow.argument(use, 'pretrained').state !== 'absent'),
        ),
    );
}

/** Whether the command line or a configuration decides: what stands there is a default. */
function isChosenOutside(expr: Expr, flow: Flow): boolean {
  if (expr.kind === 'member') return flow.values(expr).every(({ kind }) => kind === 'constant');
  return flow
    .values(expr)
    .some(
      (value) =>
        value.kind === 'constant' &&
        [value.node, ...ancestors(value.node)].some(
          (node) =>
            node.kind === 'call' &&
            node.callee.kind === 'member' &&
            /^(?:add_argument|getenv|get)$/.test(node.callee.property),
        ),
    );
}

/** Whether the architecture differs from the published one at its input, so that the weights would not fit. */
function isReshaped(call: Call, module: Module, flow: Flow): boolean {
  if (RESHAPING.some((name) => flow.argument(call, name).state !== 'absent')) return true;
  const shape = flow.argument(call, 'input_shape', 3);
  if (shape.state === 'given') {
    const displays = flow.values(shape.value).flatMap((one) => (one.kind === 'display' ? [one.node] : []));
    const items = displays.flatMap((one) => (one.kind === 'sequence' ? [one.items.at(-1)] : []));
    if (items.length !== 1 || !items[0] || flow.constant(items[0]) !== 3) return true;
  }
  // `net.conv1 = nn.Conv2d(1, …)`, `net.features[0] = …`, `net.maxpool = nn.Identity()`
  return /\.(?:conv1|conv_stem|conv_proj|patch_embed\.proj|maxpool|features\[0\](?:\[0\])?|features\.conv0)\s*=[^=]/.test(
    module.text,
  );
}

/** Whether the program also builds a pretrained one, or takes the choice from outside: both are compared. */
function comparesBoth(modules: readonly Module[], flow: Flow): boolean {
  return modules.some((module) =>
    module.calls.some((call) => {
      const found = classifierOf(call, flow);
      return found !== null && weightsOf(call, found.library, flow) !== 'none';
    }),
  );
}

/** Whether weights are loaded in a program that trains, anywhere but after the trainings, where the best are read back. */
function loadsBefore(module: Module, trainings: readonly Node[], flow: Flow): boolean {
  const training = new Set(trainings.map((node) => flow.moduleOf(node)));
  // an evaluation of its own reads what was trained elsewhere
  if (!flow.programs(module).some(({ modules }) => modules.some((one) => training.has(one)))) return false;
  return module.calls.some((call) => {
    const isLoad =
      (call.callee.kind === 'member' && LOADING_METHODS.test(call.callee.property)) ||
      flow
        .names(call)
        .some(
          (name) =>
            STATES.has(name) || /(?<!Tokenizer\w*|Processor|Extractor|Config)\.from_pretrained$/.test(name),
        );
    if (!isLoad || isOfSamples(call, flow)) return false;
    return !trainings.some(
      (training) =>
        meetings(training, call, flow).length > 0 &&
        meetings(training, call, flow).every(({ first, second }) => first.end <= second.start),
    );
  });
}

/** `for x, y in torch.load("batches.pt")`, `TensorDataset(*torch.load("train.pt"))`: samples, not weights. */
function isOfSamples(call: Call, flow: Flow): boolean {
  const { parent } = call;
  if (parent?.kind === 'for') return parent.iterable === call;
  if (parent?.kind === 'assign') return parent.targets.some((target) => target.kind === 'sequence');
  return (
    parent?.kind === 'argument' &&
    parent.parent?.kind === 'call' &&
    flow.names(call).includes('torch.load') &&
    !/load|restore|weights|init/i.test(textOf(flow.moduleOf(call), parent.parent.callee))
  );
}

function weightsFix(call: Call, library: Library, module: Module, flow: Flow): Fix[] {
  const has = (name: string) => flow.argument(call, name).state !== 'absent';
  // published heads have the classes of ImageNet: torchvision and Keras refuse another number of them
  if (library === 'torchvision' && has('num_classes')) return [];
  if (library === 'transformers') return [];
  if (library === 'ultralytics') {
    const id = call.args[0]!.value;
    const text = textOf(module, id).replace(/\.ya?ml(['"])$/, '.pt$1');
    return id.kind === 'literal' ? fixWith([replace(id, text)]) : [];
  }
  if (library === 'keras') {
    const top = flow.argument(call, 'include_top', 0);
    if (top.state !== 'given' || flow.constant(top.value) !== false) return [];
  }
  const wanted = {
    torchvision: 'weights="DEFAULT"',
    keras: 'weights="imagenet"',
    timm: 'pretrained=True',
    smp: 'encoder_weights="imagenet"',
  }[library];
  const given = call.args.find(
    ({ name }) => name === 'weights' || name === 'pretrained' || name === 'encoder_weights',
  );
  if (!given && call.args.length > 0 && library === 'torchvision' && call.args[0]!.name === null) return [];
  if (!given && call.args.length > 1 && library === 'timm' && call.args[1]!.name === null) return [];
  if (!given && (library === 'keras' || library === 'smp')) return [];
  const edit = given ? replace(given, wanted) : addArgument(module, call, wanted);
  if (!edit) return [];
  const frozen = freezing(call, library, module, flow);
  return [
    ...fixWith([edit]),
    ...(frozen
      ? [
          {
            title: {
              en: 'Start from the published weights and train the head alone',
              fr: 'Partir des poids publiés et n’entraîner que la tête',
            },
            edits: () => [edit, frozen],
          },
        ]
      : []),
  ];
}

function fixWith(edits: readonly Edit[]): Fix[] {
  return [
    {
      title: { en: 'Start from the published weights', fr: 'Partir des poids publiés' },
      edits: () => edits,
    },
  ];
}

/** The lines that freeze the backbone, where a new head is put on it below. */
function freezing(call: Call, library: Library, module: Module, flow: Flow): Edit | null {
  const assign = call.parent;
  const target = assign?.kind === 'assign' && assign.targets.length === 1 ? assign.targets[0] : undefined;
  if (assign?.kind !== 'assign' || !target || !startsLine(module, assign)) return null;
  const name = textOf(module, target);
  if (!/^[\w.]+$/.test(name)) return null;
  if (library === 'keras') return insertAfter(module, assign, [`${name}.trainable = False`]);
  const fn = enclosingFunction(call);
  const hasNewHead = module.assigns.some(
    (one) =>
      one.start > assign.end &&
      enclosingFunction(one) === fn &&
      one.targets.some(
        (left) =>
          (left.kind === 'member' || left.kind === 'index') &&
          /\.(?:fc|classifier|head|heads)(?:\.head)?(?:\[-?\d+\])?$/.test(textOf(module, left)) &&
          textOf(module, left).startsWith(`${name}.`),
      ),
  );
  const isTimm = library === 'timm' && flow.argument(call, 'num_classes').state === 'given';
  if (library !== 'torchvision' && !isTimm) return null;
  if (!hasNewHead && !isTimm) return null;
  const unit = indentUnit(module);
  return insertAfter(module, assign, [
    `for parameter in ${name}.parameters():`,
    `${unit}parameter.requires_grad = False`,
    ...(isTimm
      ? [`for parameter in ${name}.get_classifier().parameters():`, `${unit}parameter.requires_grad = True`]
      : []),
  ]);
}
