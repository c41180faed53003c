import type { Flow } from '../../analysis/flow/types.ts';
import type {
  Call,
  Comprehension,
  Expr,
  For,
  FunctionNode,
  Loop,
  Module,
  Node,
} from '../../analysis/model.ts';
import { ancestors, contains, descendants, enclosingFunction, enclosingLoops } from '../../analysis/tree.ts';
import { replace, textOf } from '../edits.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { inferences } from '../semantics/forward.ts';
import { growingLists, waitsForSomebody } from '../semantics/llm-loops.ts';
import { MAPPING_NAMES, mappedFunction } from '../semantics/mapped.ts';
import { memoized } from '../semantics/memo.ts';
import { dependsOn, isGuarded, isMemoised } from '../semantics/serving.ts';

const TORCH = 'torch.nn.Module.__call__';

const MODEL_CALLS = [
  'transformers.Pipeline.__call__',
  'sentence_transformers.SentenceTransformer.encode',
  'keras.Model.predict',
  'transformersjs.Pipeline.__call__',
  TORCH,
];

/** A handful of items. */
const FEW = 10;

/** Drawing one picture or curve after the other: a figure holds a handful. */
const DRAWS =
  /\b(?:plt|pyplot)\.\w+\(|\bax\w*(?:\[[^\]]*\])?\.(?:imshow|set_title|plot|axis|bar|barh)\(|\b(?:imshow|display)\(/;

/** What gives pictures or texts one size: without it they go into no common batch. */
const ONE_SIZE =
  /resiz|crop|tokeniz|\bencode|\bpad(?:ded|_\w+)?\b(?!\s*=\s*\d)|\bpadding\s*=\s*(?:True|['"](?!same|valid))/i;

export default defineRule({
  id: 'one-by-one-inference',
  phase: 'deployment',
  languages: ['python', 'typescript'],
  severity: 'information',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'medium',
    source: {
      en: 'Measured for this project, 2026-11: DistilBERT on a CPU, 55 ms per sample at batch 1, 34 ms at 8, 31 ms at 32.',
      fr: 'Mesuré pour ce projet en 2026-11 : DistilBERT sur CPU, 55 ms par exemple un par un, 34 ms par lots de 8, 31 ms par lots de 32.',
    },
  },
  references: {
    course: [
      "Phase de déploiement — Réduire le coût d'inférence : « Exécuter en batch plutôt qu'en temps réel si possible »",
    ],
    links: ['https://huggingface.co/docs/transformers/main_classes/pipelines#pipeline-batching'],
  },
  libraries: [
    'torch',
    'transformers',
    'sentence_transformers',
    'tensorflow',
    'keras',
    'tf_keras',
    '@huggingface/transformers',
    '@xenova/transformers',
  ],
  title: { en: 'Model called item by item', fr: 'Modèle appelé élément par élément' },
  what: {
    en: 'A loop over a collection that runs a model on one item at a time: a Transformers pipeline, `SentenceTransformer.encode`, Keras `predict` or a torch model on an array of one, directly or in a function that the loop calls. Silent where the next input needs the last output (forecasts), where items come one at a time (cameras, users), and for loops over batches, and for a handful: a literal list, a random sample, a figure.',
    fr: 'Une boucle sur une collection qui exécute un modèle sur un élément à la fois : pipeline Transformers, `SentenceTransformer.encode`, `predict` de Keras ou modèle torch sur un tableau d’un seul élément, directement ou dans une fonction que la boucle appelle. Muet quand l’entrée suivante dépend de la sortie précédente (prévisions), quand les éléments arrivent un à un (caméra, utilisateur), pour les boucles sur des lots, et pour une poignée : une liste littérale, un échantillon tiré au hasard, une figure.',
  },
  why: {
    en: 'A batch reads the weights once for many items. DistilBERT on a CPU took 55 ms per text one by one, 34 ms in batches of 8, 31 ms in batches of 32 (measured for Frugal, 2026); on a GPU the gain is larger. Keras’ `predict` builds a whole input pipeline at every call, too.',
    fr: 'Un lot lit les poids une fois pour beaucoup d’éléments. DistilBERT sur CPU prend 55 ms par texte un à un, 34 ms par lots de 8, 31 ms par lots de 32 (mesuré pour Frugal, 2026) ; sur GPU le gain est plus grand. `predict` de Keras construit en outre un pipeline d’entrée à chaque appel.',
  },
  instead: {
    en: 'Hand over the list: `classifier(texts, batch_size=16)`, `model.encode(texts)`, `model.predict(np.stack(images), batch_size=32)`. Sort texts by length to pad less. Ignore this for a handful of items, or where one item fills the memory.',
    fr: 'Passez la liste : `classifier(texts, batch_size=16)`, `model.encode(texts)`, `model.predict(np.stack(images), batch_size=32)`. Triez les textes par longueur pour moins de remplissage. À ignorer pour une poignée d’éléments, ou si un seul remplit la mémoire.',
  },
  messages: {
    default: {
      en: '`{call}` runs the model on one item per turn: give it the list, in batches.',
      fr: '`{call}` exécute le modèle sur un élément par tour : donnez-lui la liste, par lots.',
    },
  },
  on: {
    calls: {
      names: [...MODEL_CALLS, ...MAPPING_NAMES],
      check,
    },
  },
  examples: {
    bad: [
      {
        code: 'from transformers import pipeline\n\ntopics = pipeline("text-classification", model="topics")\nmoods = pipeline("sentiment-analysis")\nrows = []\nfor review in reviews:\n    topic = topics(review)[0]["label"]\n    mood = moods(review)[0]["label"]\n    rows.append((review, topic, mood))\n',
        note: {
          en: 'Two models in one loop: one cause.',
          fr: 'Deux modèles dans une boucle : une seule cause.',
        },
      },
      {
        code: 'from transformers import pipeline\n\nclassifier = pipeline("sentiment-analysis")\n\ndef label(reviews):\n    return [classifier(review)[0] for review in reviews]\n',
        fixed:
          'from transformers import pipeline\n\nclassifier = pipeline("sentiment-analysis")\n\ndef label(reviews):\n    return classifier(list(reviews), batch_size=16)\n',
      },
      {
        code: 'from sentence_transformers import SentenceTransformer\nimport pandas as pd\n\nmodel = SentenceTransformer("all-MiniLM-L6-v2")\nframe = pd.read_csv("questions.csv")\nvectors = [model.encode(text) for text in frame["question"]]\n',
        fixed:
          'from sentence_transformers import SentenceTransformer\nimport pandas as pd\n\nmodel = SentenceTransformer("all-MiniLM-L6-v2")\nframe = pd.read_csv("questions.csv")\nvectors = list(model.encode(list(frame["question"])))\n',
      },
      {
        code: 'import glob\nimport numpy as np\nfrom tensorflow import keras\n\nmodel = keras.models.load_model("cats.keras")\nfor path in glob.glob("images/*.jpg"):\n    image = keras.utils.load_img(path, target_size=(224, 224))\n    array = np.expand_dims(keras.utils.img_to_array(image), axis=0)\n    print(path, model.predict(array).argmax())\n',
      },
      {
        file: 'classify.ts',
        code: "import { pipeline } from '@huggingface/transformers';\n\nconst classify = await pipeline('text-classification');\n\nexport async function labels(texts: string[]) {\n  const out = [];\n  for (const text of texts) {\n    out.push(await classify(text));\n  }\n  return out;\n}\n",
      },
      {
        file: 'column.py',
        code: 'import pandas as pd\nfrom transformers import pipeline\n\nclassifier = pipeline("sentiment-analysis")\nreviews = pd.read_csv("reviews.csv")\nreviews["label"] = reviews["text"].apply(lambda text: classifier(text)[0]["label"])\n',
      },
      {
        code: 'import glob\nimport torch\nfrom PIL import Image\nfrom torchvision import models, transforms\n\ndevice = "cuda"\nmodel = models.resnet50(weights="DEFAULT").to(device).eval()\nprepare = transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor()])\nvectors = {}\nwith torch.no_grad():\n    for path in glob.glob("birds/*.jpg"):\n        x = prepare(Image.open(path)).unsqueeze(0).to(device)\n        vectors[path] = model(x).squeeze(0).cpu().numpy()\n',
      },
      {
        code: 'import glob\nimport numpy as np\nfrom tensorflow.keras.applications import MobileNetV2\nfrom tensorflow.keras.preprocessing.image import img_to_array, load_img\n\nencoder = MobileNetV2(include_top=False, pooling="avg")\n\ndef prepare(path):\n    return np.expand_dims(img_to_array(load_img(path, target_size=(224, 224))), axis=0)\n\ndef encode(path):\n    image = prepare(path)\n    image = np.expand_dims(img_to_array(load_img(path)), axis=0)\n    return encoder.predict(image, verbose=0)[0]\n\nfeatures = {}\nfor path in glob.glob("birds/*.jpg"):\n    features[path] = encode(path)\n',
      },
      {
        code: 'import pandas as pd\nimport torch\nfrom transformers import AutoModelForSequenceClassification, AutoTokenizer\n\nname = "prajjwal1/bert-tiny"\ntokenizer = AutoTokenizer.from_pretrained(name)\nmodel = AutoModelForSequenceClassification.from_pretrained(name)\nreviews = pd.read_csv("reviews.csv")["text"]\nmoods = []\nwith torch.no_grad():\n    for review in reviews:\n        tokens = tokenizer(review, return_tensors="pt", truncation=True)\n        moods.append(model(**tokens).logits.argmax().item())\n',
      },
      {
        code: 'import cv2\nimport numpy as np\nfrom glob import glob\nfrom tensorflow.keras.models import load_model\n\nmodel = load_model("heart.keras")\nfor x in glob("scans/*.png"):\n    name = x.rsplit("/", 1)[-1]\n    x = cv2.imread(x) / 255.0\n    x = np.expand_dims(x, axis=0)\n    cv2.imwrite(name, model.predict(x)[0] * 255)\n',
        note: {
          en: 'The name of the loop is only used again.',
          fr: 'Le nom de la boucle est seulement réutilisé.',
        },
      },
      {
        file: 'uploads.py',
        code: 'import io\nimport streamlit as st\nimport torch\nfrom PIL import Image\nfrom torchvision import models, transforms\n\nmodel = models.resnet18(weights="DEFAULT").eval()\ntransform = transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor()])\n\ndef prepare(image):\n    tensor = transform(image)\n    return tensor.unsqueeze(0)\n\nfiles = st.file_uploader("Photos", accept_multiple_files=True)\nlabels = []\nfor file in files:\n    image = Image.open(io.BytesIO(file.read())).convert("RGB")\n    with torch.no_grad():\n        labels.append(model(prepare(image)).argmax(1).item())\n',
        note: { en: 'Uploads are there already.', fr: 'Les fichiers déposés sont déjà là.' },
      },
      {
        file: 'folder.py',
        code: 'import os\nfrom PIL import Image\nfrom transformers import AutoImageProcessor, ResNetForImageClassification\n\nprocessor = AutoImageProcessor.from_pretrained("microsoft/resnet-50")\nmodel = ResNetForImageClassification.from_pretrained("microsoft/resnet-50")\nfor name in os.listdir("birds"):\n    image = Image.open(os.path.join("birds", name)).resize((224, 224))\n    inputs = processor(image, return_tensors="pt")\n    print(name, model(**inputs).logits.argmax(-1).item())\n',
      },
      {
        code: `import pandas as pd
import torch
from torch.utils.data import Dataset
from transformers import AutoModelForSequenceClassification, AutoTokenizer

class Reports(Dataset):
    def __init__(self, table, tokenizer):
        self.texts = table["text"].tolist()
        self.tokenizer = tokenizer

    def __len__(self):
        return len(self.texts)

    def __getitem__(self, at):
        tokens = self.tokenizer(self.texts[at], truncation=True, return_tensors="pt")
        return {name: value.squeeze(0) for name, value in tokens.items()}

def evaluate(folder, csv):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder)
    dataset = Reports(pd.read_csv(csv), tokenizer)
    found = []
    with torch.inference_mode():
        for item in dataset:
            ids = item["input_ids"].unsqueeze(0)
            mask = item["attention_mask"].unsqueeze(0)
            found.append(model(input_ids=ids, attention_mask=mask).logits.argmax(dim=1).item())
    return found

print(evaluate("reports-model", "reports.csv"))
`,
        note: { en: 'A data set, one item at a time.', fr: 'Un jeu de données, un élément à la fois.' },
      },
      {
        code: `import argparse
import pandas as pd
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

def classify(model, tokenizer, text):
    tokens = tokenizer(text, truncation=True, return_tensors="pt")
    with torch.no_grad():
        return model(**tokens).logits.argmax(dim=-1).item()

def main(args):
    tokenizer = AutoTokenizer.from_pretrained(args.model)
    model = AutoModelForSequenceClassification.from_pretrained(args.model)
    if args.text:
        print(classify(model, tokenizer, args.text))
    elif args.csv:
        for _, row in pd.read_csv(args.csv).iterrows():
            print(row["id"], classify(model, tokenizer, row["text"]))

parser = argparse.ArgumentParser()
parser.add_argument("--model")
parser.add_argument("--text")
parser.add_argument("--csv")
main(parser.parse_args())
`,
        note: { en: 'One text or a whole table, as asked.', fr: 'Un texte ou une table entière, au choix.' },
      },
    ],
    good: [
      {
        code: `import matplotlib.pyplot as plt
import torch
from torchvision.models.segmentation import fcn_resnet50

def figure(scan, mask, path):
    plt.imshow(scan)
    plt.imshow(mask, alpha=0.5)
    plt.savefig(path)

def segment(net, scan):
    x = torch.from_numpy(scan).unsqueeze(0)
    with torch.no_grad():
        return net(x)["out"].argmax(1)[0]

net = fcn_resnet50(num_classes=2)
net.load_state_dict(torch.load("net.pt"))
net.eval()
for path in sorted(photos.glob("*.tif")):
    scan = resized(read(path))
    mask = segment(net, scan)
    figure(scan, mask, path.with_suffix(".png"))
`,
        note: { en: 'A figure of each scan.', fr: 'Une figure par image.' },
      },
      {
        code: `import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 2, 3, padding=1))

    def forward(self, x):
        return self.layers(x)

net = Net()
net.load_state_dict(torch.load("net.pt"))
net.eval()

def segment(scan):
    x = torch.from_numpy(scan).unsqueeze(0)
    with torch.no_grad():
        return net(x).argmax(1)[0]

for path in sorted(photos.glob("*.tif")):
    scan = read(path)
    mask = segment(scan)
    save(mask, path)
`,
        note: {
          en: 'Scans as large as they come go into no common batch.',
          fr: 'Des images de toutes tailles n’entrent pas dans un même lot.',
        },
      },
      {
        code: 'import numpy as np\nimport pandas as pd\nfrom tensorflow import keras\n\nmodel = keras.models.load_model("birds.keras")\nkinds = pd.read_csv("birds.csv")["kind"].unique().tolist()\nfor kind in kinds:\n    picture = keras.utils.load_img(f"one_of_each/{kind}.png", target_size=(64, 64))\n    print(kind, model.predict(np.expand_dims(picture, 0)).argmax())\n',
        note: { en: 'One picture of each kind.', fr: 'Une image de chaque sorte.' },
      },
      {
        code: 'import matplotlib.pyplot as plt\nimport numpy as np\nfrom tensorflow import keras\n\nmodel = keras.models.load_model("digits.keras")\nfig, axes = plt.subplots(5, 5)\nfor i in np.random.choice(len(x_test), 25):\n    image = np.expand_dims(x_test[i], axis=0)\n    axes.flat[i].imshow(x_test[i])\n    axes.flat[i].set_title(model.predict(image).argmax())\n',
        note: { en: 'A figure.', fr: 'Une figure.' },
      },
      {
        code: 'import random\nimport torch\nfrom torchvision import models, transforms\n\nmodel = models.resnet18(weights="DEFAULT").eval()\nresize = transforms.Resize((224, 224))\n\ndef predictions(model, data):\n    found = []\n    with torch.inference_mode():\n        for sample in data:\n            found.append(model(resize(sample).unsqueeze(0)).argmax(1).item())\n    return found\n\nsamples = []\nfor image, label in random.sample(list(test_images), k=9):\n    samples.append(image)\nprint(predictions(model, samples))\n',
        note: { en: 'A random sample of nine.', fr: 'Un échantillon de neuf.' },
      },
      {
        code: 'import cv2\nimport numpy as np\nfrom tensorflow.keras.models import load_model\n\nmodel = load_model("masks.keras")\ncamera = cv2.VideoCapture(0)\nwhile True:\n    ok, image = camera.read()\n    for x, y, w, h in detector.detectMultiScale(image):\n        face = np.expand_dims(cv2.resize(image[y:y + h, x:x + w], (224, 224)), axis=0)\n        mask = model.predict(face)[0]\n        print(mask)\n',
        note: {
          en: 'The one or two faces before a camera.',
          fr: 'Les un ou deux visages devant une caméra.',
        },
      },
      {
        code: 'import gymnasium as gym\nimport torch\nfrom agent import padded\n\nnet = torch.load("agent.pt")\nenv = gym.make("CartPole-v1")\nwith torch.no_grad():\n    state = env.reset()[0]\n    for step in range(500):\n        action = net(torch.as_tensor(padded(state)).unsqueeze(0)).argmax().item()\n        state, reward, done, _, _ = env.step(action)\n',
        note: {
          en: 'Each state comes out of the action before.',
          fr: 'Chaque état découle de l’action précédente.',
        },
      },
      {
        code: 'import torch\nfrom torchvision import models, transforms\n\nmodel = models.resnet18(weights="DEFAULT").eval()\nprepare = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor()])\n\n@torch.inference_mode()\ndef classify(image):\n    return model(prepare(image).unsqueeze(0)).argmax(1).item()\n\nprint(classify(picture))\n',
        note: { en: 'One image is all there is.', fr: 'Il n’y a qu’une image.' },
      },
      {
        code: 'import pandas as pd\nfrom transformers import pipeline\n\nclassifier = pipeline("sentiment-analysis")\nreviews = pd.read_csv("reviews.csv")\nprint(reviews["text"].head(3).apply(lambda text: classifier(text)[0]["label"]))\nreviews["length"] = reviews["text"].apply(len)\nreviews["label"] = [one["label"] for one in classifier(list(reviews["text"]), batch_size=16)]\n',
        note: {
          en: 'Three texts to look at, then all in batches.',
          fr: 'Trois textes à regarder, puis tous par lots.',
        },
      },
      {
        code: 'from transformers import pipeline\n\nclassifier = pipeline("sentiment-analysis")\n\ndef label(reviews):\n    return classifier(reviews, batch_size=16)\n',
      },
      {
        code: 'from transformers import pipeline\n\nclassifier = pipeline("sentiment-analysis")\nwhile True:\n    print(classifier(input("> ")))\n',
      },
      {
        code: 'import numpy as np\nfrom tensorflow import keras\n\nmodel = keras.models.load_model("lstm.keras")\nwindow = list(history[-60:])\nfor day in range(30):\n    x = np.array(window[-60:]).reshape(1, 60, 1)\n    value = model.predict(x)[0, 0]\n    window.append(value)\n',
        note: { en: 'Each forecast needs the one before.', fr: 'Chaque prévision dépend de la précédente.' },
      },
      {
        code: 'from sentence_transformers import SentenceTransformer\n\nmodel = SentenceTransformer("all-MiniLM-L6-v2")\nfor batch in batches:\n    store(model.encode(batch))\n',
      },
      {
        code: 'from tensorflow import keras\n\nfor fold in range(5):\n    model = keras.models.load_model(f"fold{fold}.keras")\n    predictions.append(model.predict(x_test))\n',
        note: { en: 'One call per model.', fr: 'Un appel par modèle.' },
      },
      {
        code: 'from transformers import pipeline\nfrom transformers.pipelines.pt_utils import KeyDataset\n\npipe = pipeline("text-classification")\nfor out in pipe(KeyDataset(dataset, "text"), batch_size=16):\n    print(out)\n',
      },
      {
        code: `import argparse
from transformers import pipeline

parser = argparse.ArgumentParser()
parser.add_argument("files", nargs="+")
args = parser.parse_args()
classifier = pipeline("text-classification")
for path in args.files:
    print(path, classifier(open(path).read())[0]["label"])
`,
        note: { en: 'What is typed after a command.', fr: 'Ce qu’on tape après une commande.' },
      },
    ],
  },
});

function check(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  const mapped = mappedFunction(flow, call);
  if (mapped) return checkMapped(call, mapped, context);
  if (!flow.names(call).some((name) => MODEL_CALLS.includes(name))) return;
  const input = inputOf(call);
  if (!input || (flow.names(call).includes(TORCH) && !isTorchInference(flow, call))) return;
  const loop = enclosingLoops(call)[0];
  if (!loop) return checkHelper(call, input, context);
  if (!goesThroughItems(flow, loop, call)) return;
  // another model at each turn, or the same input
  if (dependsOn(flow, call.callee, loop) || !dependsOn(flow, input, loop)) return;
  if (!isSingle(flow, call, input, bodyOf(loop)) || needsLast(input, call, bodyOf(loop))) return;
  if (!isFirstIn(loop, call, flow)) return;
  const name = textOf(module, call.callee).replace(/\s+/g, '');
  context.fail(call.callee, {
    data: { call: name.length <= 60 ? name : name.slice(name.lastIndexOf('.') + 1) },
    fixes: loop.kind === 'while' ? [] : fixFor(flow, module, loop, call),
  });
}

const reported = memoized((_flow, _loop: Loop): { call?: Call } => ({}));

/** Whether the call is the first of its loop to be reported: what else runs there one by one has the same cause. */
function isFirstIn(loop: Loop, call: Call, flow: Flow): boolean {
  const first = reported(flow, loop);
  first.call ??= call;
  return first.call === call;
}

function inputOf(call: Call): Expr | undefined {
  // `model(**tokens)` takes what a tokenizer gives
  return (
    call.args.find((argument) => argument.name === null && !argument.spread) ??
    call.args.find((argument) => argument.spread) ??
    call.args.find((argument) => INPUT_NAMES.has(argument.name ?? ''))
  )?.value;
}

/** What forward passes call their input where it is given by name. */
const INPUT_NAMES = new Set(['input_ids', 'pixel_values', 'input_values', 'input_features', 'inputs', 'x']);

const bodyOf = (loop: Loop): Node => (loop.kind === 'comprehension' ? loop : loop.body);

/** A forward pass that is inference, over items brought to one size. */
function isTorchInference(flow: Flow, call: Call): boolean {
  const module = flow.moduleOf(call);
  return (
    inferences(flow, module).some((one) => one.call === call) &&
    [...flow.related(module)].some(({ text }) => ONE_SIZE.test(text))
  );
}

/** `predict(path)` in a loop, where `predict` runs the model on the one item that it is given. */
function checkHelper(call: Call, input: Expr, context: RuleContext): void {
  const { flow, module } = context;
  const fn = enclosingFunction(call);
  if (!fn || isMemoised(flow, fn) || isGuarded(flow, call) || !dependsOn(flow, input, fn)) return;
  if (!isBatchOfOne(flow, input, fn.body)) return;
  const model = descendants(call.callee, 'name')[0]?.name;
  for (const caller of flow.callers(fn)) {
    const loop = enclosingLoops(caller)[0];
    if (flow.moduleOf(caller) !== module || !loop || !goesThroughItems(flow, loop, caller)) continue;
    if (DRAWS.test(textOf(module, fn.body))) continue;
    const given = caller.args.filter((argument) => dependsOn(flow, argument.value, loop));
    const at = fn.parameters.findIndex(({ name }) => name === model);
    const passed = caller.args.find(({ name }, place) => (name === null ? place === at : name === model));
    if (given.length === 0 || (passed && given.includes(passed)) || dependsOn(flow, caller.callee, loop))
      continue;
    if (given.some(({ value }) => needsLast(value, caller, bodyOf(loop)))) continue;
    if (!isFirstIn(loop, caller, flow)) continue;
    context.fail(caller.callee, { data: { call: textOf(module, caller.callee).replace(/\s+/g, '') } });
  }
}

/** Whether a picture is drawn there, or in a function called there: somebody looks at each result. */
function draws(flow: Flow, body: Node): boolean {
  return (
    DRAWS.test(textOf(flow.moduleOf(body), body)) ||
    descendants(body, 'call', true).some((call) =>
      flow.targets(call).some((target) => DRAWS.test(textOf(flow.moduleOf(target), target.body))),
    )
  );
}

/** Whether the loop hands out one item after another that are there already. */
function goesThroughItems(flow: Flow, loop: Loop, call: Call): boolean {
  if (loop.kind === 'while') return false;
  const module = flow.moduleOf(call);
  const target = loop.kind === 'for' ? loop.target : loop.clauses[0]?.target;
  const iterable = loop.kind === 'for' ? loop.iterable : loop.clauses[0]?.iterable;
  const body = bodyOf(loop);
  if (!target || !iterable || isFew(flow, loop) || isGivenByHand(flow, iterable)) return false;
  if (isGuarded(flow, call) && !isChosen(flow, loop)) return false;
  if (isSampled(flow, iterable, loop) || draws(flow, body)) return false;
  // what a camera or a queue gives, round after round
  if (enclosingLoops(call).some(({ kind }) => kind === 'while')) return false;
  if (isBatches(flow, module, target, iterable) || waitsForSomebody(body)) return false;
  // somebody watches the results come in
  return !(
    descendants(body, 'yield', true).length > 0 ||
    /\bpostMessage\(|\.emit\(|\.write\(|\benv\.(?:step|reset)\(/.test(textOf(module, body)) ||
    endsEarly(loop, call)
  );
}
/** `if args.text: … elif args.csv: for row in …`: a command's options choose what it does. */
function isChosen(flow: Flow, loop: Loop): boolean {
  return [...ancestors(loop)].some(
    (parent) =>
      parent.kind === 'if' &&
      /^(?:args?|opts?|options|FLAGS)\.\w+$/.test(textOf(flow.moduleOf(parent), parent.test)),
  );
}

/** `texts.apply(lambda text: classifier(text)[0])`. */
function checkMapped(mapping: Call, fn: FunctionNode, context: RuleContext): void {
  const { flow, module } = context;
  if (isMemoised(flow, fn)) return;
  if (!runsOnItem(flow, fn) && !handsOn(flow, fn)) return;
  context.fail(mapping.callee, { data: { call: textOf(module, mapping.callee).replace(/\s+/g, '') } });
}

/** Whether the function runs a model on what it is given. */
function runsOnItem(flow: Flow, fn: FunctionNode): boolean {
  const call = descendants(fn.body, 'call', true).find(
    (one) =>
      flow.names(one).some((name) => MODEL_CALLS.includes(name)) &&
      enclosingLoops(one).every((loop) => !contains(fn, loop)),
  );
  const input = call?.args.find((argument) => argument.name === null && !argument.spread)?.value;
  if (!call || !input || isGuarded(flow, call)) return false;
  if (!dependsOn(flow, input, fn) || dependsOn(flow, call.callee, fn)) return false;
  return isOne(input) || flow.values(input).every(({ kind }) => kind !== 'display');
}

/** `lambda row: classify(row["text"])`. */
function handsOn(flow: Flow, fn: FunctionNode): boolean {
  return descendants(fn.body, 'call', true).some(
    (one) =>
      one.args.some((argument) => dependsOn(flow, argument, fn)) &&
      flow.targets(one).some((inner) => !isMemoised(flow, inner) && runsOnItem(flow, inner)),
  );
}

/** `[text]`. */
function isOne(input: Expr): boolean {
  return input.kind === 'sequence' && input.items.length === 1;
}

function isFew(flow: Flow, loop: Loop): boolean {
  const count = flow.iterations(loop);
  return count !== undefined && count <= FEW;
}

/** `for image in args.image`: what somebody types after a command. */
function isGivenByHand(flow: Flow, iterable: Expr): boolean {
  return /^args?\.\w+$/.test(textOf(flow.moduleOf(iterable), iterable));
}

/** A sample, or one item for each category. */
const SAMPLES = /\brandom\.(?:sample|choices?)\(|\.(?:head|sample|unique)\(|\brandint\(/;

/** `random.sample(photos, 9)`, directly, gathered in a list, or handed to the function that goes through it. */
function isSampled(flow: Flow, iterable: Expr, loop: Node, depth = 2): boolean {
  if (SAMPLES.test(textOf(flow.moduleOf(iterable), iterable))) return true;
  if (iterable.kind !== 'name' || depth === 0) return false;
  const fn = enclosingFunction(loop);
  const scope = fn?.body ?? flow.moduleOf(loop).body;
  const { name } = iterable;
  for (const { targets, value } of descendants(scope, 'assign', true))
    if (value && targets.some((target) => target.kind === 'name' && target.name === name))
      if (SAMPLES.test(textOf(flow.moduleOf(value), value))) return true;
  for (const { callee } of descendants(scope, 'call', true)) {
    if (callee.kind !== 'member' || callee.property !== 'append') continue;
    if (callee.object.kind !== 'name' || callee.object.name !== name) continue;
    const [around] = enclosingLoops(callee);
    if (around?.kind === 'for' && isSampled(flow, around.iterable, around, 1)) return true;
  }
  const at = fn?.parameters.findIndex((parameter) => parameter.name === name) ?? -1;
  if (!fn || at < 0) return false;
  return flow.callers(fn).some((caller) => {
    const given = caller.args.find((one, place) => (one.name === null ? place === at : one.name === name));
    return given !== undefined && isSampled(flow, given.value, caller, depth - 1);
  });
}

/** Loaders, chunks and strides hand out batches already; frames and streams come one at a time. */
function isBatches(flow: Flow, module: Module, target: Expr, iterable: Expr): boolean {
  // a data set of PyTorch hands out its items, whatever it is called
  if (flow.isA(iterable, 'torch.utils.data.Dataset')) return false;
  const text = `${textOf(module, target)} ${textOf(module, iterable)}`;
  if (
    /batch|loader|generator|dataset|chunk|frame|stream|stdin|camera|capture|fold|epoch|steps?\b|model|window|\bday/i.test(
      text,
    )
  ) {
    // a frame of pandas is a table, not a picture
    if (!/^\s*\w+ (?:\w+\.)*(?:df|frame|data_?frame)\b(?!s)/i.test(text)) return true;
  }
  if (flow.isA(iterable, 'torch.utils.data.DataLoader') || flow.isA(iterable, 'tensorflow.data.Dataset'))
    return true;
  return (
    iterable.kind === 'call' && flow.names(iterable).includes('builtins.range') && iterable.args.length === 3
  );
}

/** One item: for a text model what the loop hands out, else an array that was given a first axis of one. */
function isSingle(flow: Flow, call: Call, input: Expr, body: Node): boolean {
  if (input.kind === 'sequence' || input.kind === 'comprehension')
    return input.kind === 'sequence' && input.items.length === 1;
  const names = flow.names(call);
  if (names.includes('keras.Model.predict') || names.includes(TORCH)) return isBatchOfOne(flow, input, body);
  return (
    !flow.values(input).some((value) => value.kind === 'display') && flow.isA(input, 'torch.Tensor') === false
  );
}

/** Whether the input, or what gives it its value in the body, gets a first axis of one. */
function isBatchOfOne(flow: Flow, input: Expr, body: Node): boolean {
  const first = definitions(input, body);
  const own = [input, ...first, ...first.flatMap((one) => definitions(one, body))];
  const sources = [...own, ...own.flatMap((one) => madeBy(flow, one))];
  return sources.some((one) =>
    /expand_dims|newaxis|\[None|(?:reshape|view)\(\s*\(?\s*1\s*,|np\.array\(\[\w+\]\)|unsqueeze_?\((?:\w+, *)?(?:dim=|axis=)?0|(?:tokeniz\w*|encode(?:_plus)?|\w*processor|feature_extractor)\(\s*(?:text=|images=)?[\w.[\]"']+\s*,[^)]*return_tensors/i.test(
      textOf(flow.moduleOf(one), one),
    ),
  );
}

/** What local functions that the expression calls give back: `prepare(path)`. */
function madeBy(flow: Flow, expr: Expr): Expr[] {
  const calls = expr.kind === 'call' ? [expr] : descendants(expr, 'call');
  return calls.flatMap((call) =>
    flow
      .targets(call)
      .flatMap((fn) =>
        descendants(fn.body, 'return', true).flatMap(({ value }) =>
          value ? [value, ...definitions(value, fn.body)] : [],
        ),
      ),
  );
}

/** What names in the expression were given inside the body. */
function definitions(expr: Expr, body: Node): Expr[] {
  const names = descendants(expr, 'name').map(({ name }) => name);
  return descendants(body, 'assign', true).flatMap(({ targets, value }) =>
    targets[0]?.kind === 'name' && names.includes(targets[0].name) && value ? [value] : [],
  );
}

/** The next input is made from what this loop collects. */
function needsLast(input: Expr, call: Call, body: Node): boolean {
  const growing = growingLists(body);
  for (const name of freshNames(body)) growing.delete(name);
  const names = new Set(descendants(input, 'name').map(({ name }) => name));
  for (let round = 0; round < 3; round++) {
    for (const { targets, value } of descendants(body, 'assign', true)) {
      // `state, reward = env.step(action)` gives each its value
      const given = targets.flatMap((target) => (target.kind === 'sequence' ? target.items : [target]));
      if (!value || !given.some((one) => one.kind === 'name' && names.has(one.name))) continue;
      for (const { name } of descendants(value, 'name')) names.add(name);
    }
  }
  const assigned = descendants(body, 'assign', true).find(({ value }) => value && contains(value, call));
  const result = assigned?.targets[0];
  if (result?.kind === 'name' && names.has(result.name) && result.name !== 'model') return true;
  return [...names].some((name) => growing.has(name));
}

/** Names that each round gives a new value: the loop's own, and those assigned from something else. */
function freshNames(body: Node): string[] {
  const loop = body.parent;
  const target = loop?.kind === 'for' ? descendants(loop.target, 'name').map(({ name }) => name) : [];
  const assigned = descendants(body, 'assign', true).flatMap(({ targets, operator, value }) => {
    const [only] = targets;
    return only?.kind === 'name' &&
      operator === null &&
      value &&
      !descendants(value, 'name').some(({ name }) => name === only.name)
      ? [only.name]
      : [];
  });
  return [...target, ...assigned];
}

function endsEarly(loop: Loop, call: Call): boolean {
  if (loop.kind === 'comprehension') return false;
  return [...descendants(loop.body, 'break', true), ...descendants(loop.body, 'return', true)].some(
    (exit) => exit.start > call.start || contains(exit, call),
  );
}

/** `[classifier(x)[0] for x in xs]` is `classifier(list(xs), batch_size=16)`; `[model.encode(x) for x in xs]` is `model.encode(list(xs))`. */
function fixFor(flow: Flow, module: Module, loop: For | Comprehension, call: Call): Fix[] {
  if (
    module.language !== 'python' ||
    loop.kind !== 'comprehension' ||
    loop.type !== 'list' ||
    loop.clauses.length !== 1
  )
    return [];
  const clause = loop.clauses[0];
  const [first, ...rest] = call.args;
  if (!clause || clause.conditions.length > 0 || clause.isAsync || !first || rest.length > 0) return [];
  if (first.value.kind !== 'name' || clause.target.kind !== 'name' || first.value.name !== clause.target.name)
    return [];
  const items = `list(${textOf(module, clause.iterable)})`;
  const callee = textOf(module, call.callee);
  const names = flow.names(call);
  const element = loop.element;
  const isFirst =
    element.kind === 'index' &&
    element.object === call &&
    element.index.kind === 'literal' &&
    element.index.value === 0;
  const text =
    names.includes('transformers.Pipeline.__call__') && isFirst
      ? `${callee}(${items}, batch_size=16)`
      : names.includes('sentence_transformers.SentenceTransformer.encode') && element === call
        ? `list(${callee}(${items}))`
        : null;
  if (!text) return [];
  return [
    {
      title: { en: 'Run it on the whole list, in batches', fr: 'L’exécuter sur toute la liste, par lots' },
      edits: () => [replace(loop, text)],
    },
  ];
}
