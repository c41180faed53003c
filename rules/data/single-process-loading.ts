import type { Flow, ObjectValue } from '../../analysis/flow/types.ts';
import type { Call, ClassNode, Expr, FunctionNode, Module, Node } from '../../analysis/model.ts';
import { descendants, enclosingFunction, lastName } from '../../analysis/tree.ts';
import { addArgument } from '../edits.ts';
import { defineRule } from '../rule.ts';
import { usesAccelerator } from '../semantics/accelerator.ts';
import { isRun } from '../semantics/training.ts';

/** Library datasets that open and decode a file for every sample. */
const DECODING_DATASETS =
  /^torchvision\.datasets\.(ImageFolder|DatasetFolder|ImageNet|Imagenette|CocoDetection|CocoCaptions|VOC\w+|Cityscapes|Flowers102|Food101|OxfordIIITPet|StanfordCars|FGVCAircraft|Caltech\d+|CelebA|DTD|Places365|SUN397|Kitti|GTSRB|Country211|LFW\w*|Flickr\w+|SBDataset|WIDERFace|INaturalist|Kinetics|UCF101|HMDB51)$|^torchaudio\.datasets\./;

/** Calls that read and decode a file. */
const DECODING_CALLS =
  /^(PIL\.Image\.open|cv2\.(imread|VideoCapture|imdecode)|torchvision\.io\.(read_image|read_video|decode_image|decode_jpeg)|torchvision\.datasets\.folder\.(default_loader|pil_loader)|skimage\.io\.imread|imageio(\.v\d)?\.(imread|imopen)|matplotlib\.(pyplot|image)\.imread|librosa\.(load|core\.load)|torchaudio\.load|soundfile\.read|scipy\.io\.(loadmat|wavfile\.read)|nibabel\.load|pydicom\.(dcmread|read_file)|SimpleITK\.ReadImage|tifffile\.imread|rasterio\.open|h5py\.File|numpy\.load|decord\.VideoReader|pandas\.read_\w+|torch\.load|PyPDF2\.\w+|zarr\.open\w*)$/;

/** What holds another dataset: the data come from its first argument. */
const WRAPPERS =
  /^torch\.utils\.data\.(Subset|ConcatDataset|dataset\.Subset)$|^torch\.utils\.data\.random_split|^torch\.utils\.data\.dataset\.random_split/;

export default defineRule({
  id: 'single-process-loading',
  phase: 'data',
  languages: ['python'],
  severity: 'information',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'medium',
    source: {
      en: 'PyTorch, “Performance Tuning Guide”: with num_workers=0 the training loop waits while each batch is decoded.',
      fr: 'PyTorch, « Performance Tuning Guide » : avec num_workers=0, la boucle d’entraînement attend le décodage de chaque lot.',
    },
  },
  references: {
    course: [
      "Phase d'entraînement — Limiter les itérations inutiles",
      "Optimiser le pipeline d'apprentissage",
    ],
    links: [
      'https://pytorch.org/tutorials/recipes/recipes/tuning_guide.html',
      'https://pytorch.org/docs/stable/data.html#single-and-multi-process-data-loading',
    ],
  },
  libraries: ['torch'],
  title: {
    en: 'Files decoded in the training process while the accelerator waits',
    fr: 'Fichiers décodés dans le processus d’entraînement pendant que l’accélérateur attend',
  },
  what: {
    en: 'A `DataLoader` with no `num_workers`, over a dataset that opens and decodes a file for each sample, in a program that uses a GPU or another accelerator.',
    fr: 'Un `DataLoader` sans `num_workers`, sur un jeu de données qui ouvre et décode un fichier par échantillon, dans un programme qui utilise un GPU ou un autre accélérateur.',
  },
  why: {
    en: 'The default, `num_workers=0`, decodes in the training process: the accelerator idles meanwhile and still draws power. Worker processes decode the next batches during the step. How much this saves depends on decoding and step times; Frugal does not guess it. Workers cost as well: measured below with no accelerator and no core to spare, four of them took 1.7 to 4 times the time for pictures of 64 × 64; those of 1024 × 1024 took 0.55 times the time on an idle machine and gained nothing on a busy one.',
    fr: 'Par défaut, `num_workers=0` décode dans le processus d’entraînement : l’accélérateur attend, tout en consommant. Des processus de chargement préparent les lots suivants pendant le pas. Le gain dépend des durées de décodage et de pas ; Frugal ne le devine pas. Ces processus coûtent aussi : mesuré ci-dessous sans accélérateur ni cœur libre, quatre d’entre eux ont pris 1,7 à 4 fois le temps pour des images de 64 × 64 ; celles de 1024 × 1024 ont pris 0,55 fois le temps sur une machine au repos et n’ont rien gagné sur une machine occupée.',
  },
  instead: {
    en: 'Give a number of workers (4 is a fair start; measure 2 to the number of cores), with `persistent_workers=True`, and `pin_memory=True` for CUDA. An explicit `num_workers=0` is taken as a decision. Ignore the rule for in-memory data, for debugging, for samples that take less than a millisecond to decode and where no core is free.',
    fr: 'Indiquez un nombre de processus (4 pour commencer ; mesurez de 2 au nombre de cœurs), avec `persistent_workers=True`, et `pin_memory=True` pour CUDA. Un `num_workers=0` explicite est considéré comme un choix. À ignorer pour des données en mémoire, pour le débogage, pour des échantillons décodés en moins d’une milliseconde et si aucun cœur n’est libre.',
  },
  messages: {
    default: {
      en: 'This `DataLoader` decodes files ({how}) in the training process: the accelerator waits for each batch.',
      fr: 'Ce `DataLoader` décode des fichiers ({how}) dans le processus d’entraînement : l’accélérateur attend chaque lot.',
    },
  },
  options: {
    workers: {
      type: 'integer',
      minimum: 1,
      maximum: 64,
      default: 4,
      description: {
        en: 'Number of workers that the fix writes.',
        fr: 'Nombre de processus inscrit par la correction.',
      },
    },
  },
  on: {
    calls: {
      names: ['torch.utils.data.DataLoader'],
      check(call, context) {
        const { flow, module } = context;
        const workers = flow.argument(call, 'num_workers', 5);
        if (workers.state === 'unknown' || !usesAccelerator(module, flow)) return;
        const dataset = flow.argument(call, 'dataset', 0);
        if (dataset.state !== 'given') return;
        const how = decodes(dataset.value, flow);
        if (!how) return;
        if (workers.state === 'given') {
          // 0 as a plain number is somebody's decision, not an oversight; neither is it the practice
          if (flow.constant(workers.value) !== 0) context.pass(call.callee);
          return;
        }
        if (!isRun(call, flow) || givesOneBatch(call, module, flow) || isOnlyLookedAt(call, module)) return;
        // where processes are spawned they import the script first, and a bare one starts over in each
        const isBare = !enclosingFunction(call) && !/__name__\s*==/.test(module.text) && !module.cells;
        context.fail(call.callee, {
          data: { how },
          fixes: [
            {
              title: {
                en: `Load with ${context.options.workers} worker processes${isBare ? ' (on Windows and macOS, put the script under if __name__ == "__main__")' : ''}`,
                fr: `Charger avec ${context.options.workers} processus${isBare ? ' (sous Windows et macOS, mettre le script sous if __name__ == "__main__")' : ''}`,
              },
              edits: () => {
                const edit = addArgument(
                  module,
                  call,
                  argumentsFor(call, module, flow, Number(context.options.workers)),
                );
                return edit ? [edit] : [];
              },
            },
          ],
        });
      },
    },
  },
  examples: {
    bad: [
      {
        code: 'import torch\nfrom torch.utils.data import DataLoader\nfrom torchvision import datasets, transforms\n\ndevice = torch.device("cuda" if torch.cuda.is_available() else "cpu")\ntrain = datasets.ImageFolder("data/train", transforms.ToTensor())\nloader = DataLoader(train, batch_size=32, shuffle=True)\n',
        fixed:
          'import torch\nfrom torch.utils.data import DataLoader\nfrom torchvision import datasets, transforms\n\ndevice = torch.device("cuda" if torch.cuda.is_available() else "cpu")\ntrain = datasets.ImageFolder("data/train", transforms.ToTensor())\nloader = DataLoader(train, batch_size=32, shuffle=True, num_workers=4, persistent_workers=True, pin_memory=True)\n',
      },
      {
        code: 'import torch\nfrom PIL import Image\nfrom torch.utils.data import DataLoader, Dataset, random_split\n\nclass Leaves(Dataset):\n    def __init__(self, paths):\n        self.paths = paths\n\n    def __len__(self):\n        return len(self.paths)\n\n    def __getitem__(self, index):\n        return Image.open(self.paths[index]).convert("RGB")\n\nleaves = Leaves(paths)\ntrain, val = random_split(leaves, [0.8, 0.2])\nloader = DataLoader(\n    train,\n    batch_size=16,\n)\nmodel = build().cuda()\n',
        fixed:
          'import torch\nfrom PIL import Image\nfrom torch.utils.data import DataLoader, Dataset, random_split\n\nclass Leaves(Dataset):\n    def __init__(self, paths):\n        self.paths = paths\n\n    def __len__(self):\n        return len(self.paths)\n\n    def __getitem__(self, index):\n        return Image.open(self.paths[index]).convert("RGB")\n\nleaves = Leaves(paths)\ntrain, val = random_split(leaves, [0.8, 0.2])\nloader = DataLoader(\n    train,\n    batch_size=16,\n    num_workers=4,\n    persistent_workers=True,\n    pin_memory=True,\n)\nmodel = build().cuda()\n',
      },
      {
        file: 'train.py',
        code: 'import torch\nimport torch.utils.data as data\nfrom sounds import Sounds\n\nloader = data.DataLoader(Sounds("wav"), 8, pin_memory=True)\nmodel = build().to("cuda")\n',
        files: {
          'sounds.py':
            'import librosa\nfrom torch.utils.data import Dataset\n\ndef read(path):\n    return librosa.load(path, sr=16000)[0]\n\nclass Sounds(Dataset):\n    def __getitem__(self, index):\n        return read(self.paths[index])\n',
        },
        fixed:
          'import torch\nimport torch.utils.data as data\nfrom sounds import Sounds\n\nloader = data.DataLoader(Sounds("wav"), 8, pin_memory=True, num_workers=4, persistent_workers=True)\nmodel = build().to("cuda")\n',
        note: {
          en: 'Decoding in a helper of another file.',
          fr: 'Décodage dans une fonction d’un autre fichier.',
        },
      },
      {
        code: 'import lightning as L\nimport torchaudio\nfrom torch.utils.data import DataLoader, Dataset\nfrom model import SpeechNet\n\nclass Clips(Dataset):\n    def __init__(self, paths):\n        self.paths = paths\n\n    def __getitem__(self, index):\n        return torchaudio.load(self.paths[index])[0]\n\nclass ClipData(L.LightningDataModule):\n    def __init__(self, paths):\n        super().__init__()\n        self.clips = Clips(paths)\n\n    def train_dataloader(self):\n        return DataLoader(self.clips, batch_size=32, shuffle=True, pin_memory=True)\n\nL.Trainer(accelerator="gpu").fit(SpeechNet(), datamodule=ClipData(find_clips()))\n',
        fixed:
          'import lightning as L\nimport torchaudio\nfrom torch.utils.data import DataLoader, Dataset\nfrom model import SpeechNet\n\nclass Clips(Dataset):\n    def __init__(self, paths):\n        self.paths = paths\n\n    def __getitem__(self, index):\n        return torchaudio.load(self.paths[index])[0]\n\nclass ClipData(L.LightningDataModule):\n    def __init__(self, paths):\n        super().__init__()\n        self.clips = Clips(paths)\n\n    def train_dataloader(self):\n        return DataLoader(self.clips, batch_size=32, shuffle=True, pin_memory=True, num_workers=4, persistent_workers=True)\n\nL.Trainer(accelerator="gpu").fit(SpeechNet(), datamodule=ClipData(find_clips()))\n',
        note: { en: 'Lightning asks for the loader.', fr: 'Lightning demande le chargeur.' },
      },
    ],
    good: [
      {
        code: `import torch
from torch.utils.data import DataLoader
from torchvision import models
from torchvision.datasets import ImageFolder

net = models.resnet18(num_classes=4).cuda()
loader = DataLoader(ImageFolder("leaves"), batch_size=16, shuffle=True)
images, labels = next(iter(loader))
loss = torch.nn.functional.cross_entropy(net(images.cuda()), labels.cuda())
loss.backward()
`,
        note: { en: 'One batch, to try the code.', fr: 'Un seul lot, pour essayer le code.' },
      },
      {
        code: 'import torch\nfrom torch.utils.data import DataLoader\nfrom torchvision.datasets import ImageFolder\n\noptions = {"batch_size": 32}\nif torch.cuda.is_available():\n    options.update({"num_workers": 2, "pin_memory": True})\nloader = DataLoader(ImageFolder("x"), **options)\n',
        note: { en: 'Set where the dict is completed.', fr: 'Indiqué là où le dictionnaire est complété.' },
      },
      {
        code: 'import torch\nfrom torch.utils.data import DataLoader, TensorDataset\n\nloader = DataLoader(TensorDataset(x, y), batch_size=64)\nmodel = build().cuda()\n',
        note: { en: 'Data in memory.', fr: 'Données en mémoire.' },
      },
      {
        code: 'from torch.utils.data import DataLoader\nfrom torchvision.datasets import ImageFolder\n\nloader = DataLoader(ImageFolder("x"), batch_size=8, num_workers=0)\nmodel.cuda()\n',
        note: { en: 'An explicit zero is a decision.', fr: 'Un zéro explicite est un choix.' },
      },
      {
        code: 'from torch.utils.data import DataLoader\nfrom torchvision.datasets import ImageFolder\n\nloader = DataLoader(ImageFolder("x"), batch_size=8)\nfor x, y in loader:\n    model(x)\n',
        note: {
          en: 'On the CPU the same cores decode and train.',
          fr: 'Sur CPU, les mêmes cœurs décodent et entraînent.',
        },
      },
      {
        code: 'from torch.utils.data import DataLoader\nfrom torchvision.datasets import CIFAR10\n\nloader = DataLoader(CIFAR10("x", download=True), batch_size=8)\nmodel.cuda()\n',
        note: { en: 'CIFAR-10 is read into memory once.', fr: 'CIFAR-10 est lu une seule fois en mémoire.' },
      },
      {
        code: 'import torch\nfrom torch.utils.data import DataLoader\nfrom torchvision.datasets import ImageFolder\n\noptions = {"num_workers": 8, "pin_memory": True} if torch.cuda.is_available() else {}\nloader = DataLoader(ImageFolder("x"), batch_size=8, **options)\n',
      },
      {
        code: 'import torch\nfrom PIL import Image\nfrom torch.utils.data import DataLoader, Dataset\n\nclass Cached(Dataset):\n    def __init__(self, paths):\n        self.images = [Image.open(path).convert("RGB") for path in paths]\n\n    def __getitem__(self, index):\n        return self.images[index]\n\nloader = DataLoader(Cached(paths), batch_size=8)\nmodel = build().cuda()\n',
        note: { en: 'Decoded once, when the dataset is made.', fr: 'Décodé une seule fois, à la création.' },
      },
      {
        code: 'import torch\nfrom PIL import Image\nfrom torch.utils.data import DataLoader, Dataset\n\ndevice = "cuda" if torch.cuda.is_available() else "cpu"\n\nclass Photos(Dataset):\n    def __init__(self, paths):\n        self.paths = paths\n\n    def __len__(self):\n        return len(self.paths)\n\n    def __getitem__(self, at):\n        return Image.open(self.paths[at]).convert("RGB")\n\nif __name__ == "__main__":\n    photos = Photos(["a.jpg", "b.jpg"])\n    loader = DataLoader(photos, batch_size=1, shuffle=True)\n    for photo in loader:\n        print(photo.shape)\n',
        note: { en: 'A look at the data set.', fr: 'Un coup d’œil au jeu de données.' },
      },
    ],
  },
});

/** Whether the first batch is taken and no more, wherever the loader's name stands: `next(iter(loader))`. */
function givesOneBatch(call: Call, module: Module, flow: Flow): boolean {
  const { parent } = call;
  const target = parent?.kind === 'assign' && parent.targets.length === 1 ? parent.targets[0] : undefined;
  if (target?.kind !== 'name') return false;
  const calls = (node: Node | null, name: string): Call | null => {
    const argument = node?.parent;
    const outer = argument?.kind === 'argument' ? argument.parent : null;
    return outer?.kind === 'call' && flow.names(outer).includes(name) ? outer : null;
  };
  const uses = descendants(module.body, 'name').filter((one) => one.name === target.name && one !== target);
  return uses.length > 0 && uses.every((use) => calls(calls(use, 'builtins.iter'), 'builtins.next') !== null);
}

/** A file's check of its data set: all that is done with the batches is to print something of them. */
function isOnlyLookedAt(call: Call, module: Module): boolean {
  const { parent } = call;
  const target = parent?.kind === 'assign' && parent.targets.length === 1 ? parent.targets[0] : undefined;
  if (target?.kind !== 'name') return false;
  const uses = descendants(module.body, 'name').filter((one) => one.name === target.name && one !== target);
  return (
    uses.length > 0 &&
    uses.every(({ parent: loop }) => {
      if (loop?.kind !== 'for') return false;
      return loop.body.statements.every(
        (one) =>
          one.kind === 'break' ||
          (one.kind === 'expression' &&
            one.expression.kind === 'call' &&
            lastName(one.expression.callee) === 'print'),
      );
    })
  );
}

/** The decoding call or dataset class that the samples come from; null when none is known. */
function decodes(dataset: Expr, flow: Flow, depth = 0): string | null {
  for (const object of flow.objects(dataset)) {
    const found = objectDecodes(object, flow, depth);
    if (found) return found;
  }
  return null;
}

function objectDecodes(object: ObjectValue, flow: Flow, depth: number): string | null {
  const type = object.types.find((one) => DECODING_DATASETS.test(one));
  if (object.class) {
    if (flow.bases(object.class).some((base) => base.endsWith('.IterableDataset'))) return null;
    const getter = methodOf(object.class, '__getitem__', flow);
    if (getter)
      return movesToDevice(getter)
        ? null
        : (functionDecodes(getter, flow, 3, new Set()) ?? (type ? short(type) : null));
  }
  if (type) return short(type);
  const inner = object.origin?.args[0];
  if (inner && depth < 4 && object.origin && flow.names(object.origin).some((name) => WRAPPERS.test(name))) {
    if (inner.value.kind === 'sequence') {
      for (const item of inner.value.items) {
        const found = decodes(item, flow, depth + 1);
        if (found) return found;
      }
      return null;
    }
    return decodes(inner.value, flow, depth + 1);
  }
  return null;
}

function methodOf(node: ClassNode, name: string, flow: Flow): FunctionNode | null {
  for (const statement of node.body.statements)
    if (statement.kind === 'function' && statement.name === name) return statement;
  for (const base of node.bases) {
    for (const value of flow.values(base)) {
      if (value.kind !== 'class' || value.class === node) continue;
      const found = methodOf(value.class, name, flow);
      if (found) return found;
    }
  }
  return null;
}

/** The decoding call that the function makes, itself or through local functions. */
function functionDecodes(
  fn: FunctionNode,
  flow: Flow,
  depth: number,
  seen: Set<FunctionNode>,
): string | null {
  if (seen.has(fn)) return null;
  seen.add(fn);
  const calls = descendants(fn.body, 'call');
  for (const call of calls) {
    const name = flow.names(call).find((one) => DECODING_CALLS.test(one));
    if (name) return short(name);
  }
  if (depth === 0) return null;
  for (const call of calls) {
    for (const target of flow.targets(call)) {
      const found = functionDecodes(target, flow, depth - 1, seen);
      if (found) return found;
    }
  }
  return null;
}

/** Tensors put on the device per sample cannot be made in worker processes. */
function movesToDevice(fn: FunctionNode): boolean {
  return descendants(fn.body, 'call').some(
    (call) => call.callee.kind === 'member' && ['cuda', 'to'].includes(call.callee.property),
  );
}

function short(name: string): string {
  return `\`${name.split('.').slice(-2).join('.')}\``;
}

function argumentsFor(call: Call, module: Module, flow: Flow, workers: number): string[] {
  const usesCuda =
    /\bcuda\b/.test(module.text) ||
    flow.programs(module).some((program) => program.modules.some((one) => /\bcuda\b/.test(one.text)));
  return [
    `num_workers=${workers}`,
    ...(flow.argument(call, 'persistent_workers').state === 'absent' ? ['persistent_workers=True'] : []),
    ...(usesCuda && flow.argument(call, 'pin_memory').state === 'absent' ? ['pin_memory=True'] : []),
  ];
}
