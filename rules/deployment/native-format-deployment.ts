import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, ClassNode, Module } from '../../analysis/model.ts';
import { descendants, enclosingFunction } from '../../analysis/tree.ts';
import { insertAfter, quoteIn, replace, startsLine, textOf } from '../edits.ts';
import { defineRule, type Fix } from '../rule.ts';
import {
  type Deployed,
  deployedIn,
  explainsItself,
  isOptimizedIn,
  lastSetUp,
  nameWhereLoaded,
} from '../semantics/deployment.ts';
import { inputShape } from '../semantics/input-shape.ts';
import { isSubstantial } from '../semantics/served-work.ts';
import { repetition } from '../semantics/serving.ts';

export default defineRule({
  id: 'native-format-deployment',
  phase: 'deployment',
  languages: ['python'],
  severity: 'information',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'medium',
    source: {
      en: 'rules/knowledge levers: ONNX Runtime against PyTorch eager 1.35x (Sentence-Transformers, CPU, short texts) and 1.2x (DistilBERT, measured 2026-11); torch.compile 30 % to 2x (PyTorch documentation)',
      fr: 'rules/knowledge, levers : ONNX Runtime contre PyTorch eager 1,35x (Sentence-Transformers, CPU, textes courts) et 1,2x (DistilBERT, mesuré en 2026-11) ; torch.compile de 30 % à 2x (documentation PyTorch)',
    },
  },
  references: {
    course: [
      "Phase de déploiement — Optimiser le modèle en production : « Convertir le modèle pour l'inférence (TensorRT, ONNX, TFLite...) »",
      'Conversion : Étape 2 — « torch.onnx.export(model, dummy_input, "model.onnx") »',
      'Simplification des graphes, exemple 2 — « python -m tf2onnx.convert --saved-model model_tf --output model.onnx »',
    ],
    links: [
      'https://docs.pytorch.org/docs/stable/onnx.html',
      'https://keras.io/api/models/model_saving_apis/export/',
    ],
  },
  libraries: ['torch', 'tensorflow', 'keras', 'ultralytics'],
  title: {
    en: 'Model served by the framework that trained it',
    fr: 'Modèle servi par le framework qui l’a entraîné',
  },
  what: {
    en: 'A server, or a tool that runs a model over many inputs, loads a PyTorch or Keras file and runs it in the training framework as it is, and nothing in the workspace converts or compiles it: no ONNX, TensorRT, OpenVINO, Core ML, LiteRT, ExecuTorch, TorchScript, `torch.compile` or exported program. Small networks, over figures, key points or digits, are left out, and so are models whose gradients are asked for.',
    fr: 'Un serveur, ou un outil qui passe beaucoup d’entrées dans un modèle, charge un fichier PyTorch ou Keras et l’exécute tel quel dans le framework d’entraînement, et rien dans le dossier ne le convertit ni ne le compile : ni ONNX, TensorRT, OpenVINO, Core ML, LiteRT, ExecuTorch, TorchScript, ni `torch.compile` ou programme exporté. Les petits réseaux, sur quelques nombres, des points du corps ou des chiffres manuscrits, sont exclus, de même que les modèles dont on demande les gradients.',
  },
  why: {
    en: 'A training framework keeps what gradients need and runs one operation at a time; an inference runtime folds, fuses and plans the graph. ONNX Runtime took 244 ms where PyTorch took 291 (DistilBERT on 2 vCPU, measured by this project, 2026); `torch.compile` gives 30 % to 2x (PyTorch documentation), after a compilation that this project saw outweigh what 400 requests saved (ResNet-18, one image each, CPU); ONNX Runtime took 0.4 to 0.7 times the processor time of such requests, once exported. The server also needs no training framework any more: a smaller image, a shorter start.',
    fr: 'Un framework d’entraînement garde de quoi calculer des gradients et exécute une opération à la fois ; un moteur d’inférence replie, fusionne et planifie le graphe. ONNX Runtime prend 244 ms là où PyTorch en prend 291 (DistilBERT sur 2 vCPU, mesure de ce projet, 2026) ; `torch.compile` gagne de 30 % à un facteur 2 (documentation PyTorch), après une compilation qui, mesurée par ce projet, a coûté plus que 400 requêtes n’ont rendu (ResNet-18, une image chacune, CPU) ; ONNX Runtime, une fois l’export fait, y a pris 0,4 à 0,7 fois le temps processeur. Le serveur n’a plus besoin du framework d’entraînement : image plus petite, démarrage plus court.',
  },
  instead: {
    en: 'Export once, after training: `torch.onnx.export(model, dummy_input, "model.onnx")`, `model.export("model.onnx", format="onnx")` in Keras, or `python -m tf2onnx.convert --saved-model model_tf --output model.onnx`; serve the file with ONNX Runtime and check that the results agree. Where the model must stay in PyTorch, and serves many requests between restarts, `torch.compile(model)`. Ignore this for a demo that answers a few requests.',
    fr: 'Exportez une fois, après l’entraînement : `torch.onnx.export(model, dummy_input, "model.onnx")`, `model.export("model.onnx", format="onnx")` avec Keras, ou `python -m tf2onnx.convert --saved-model model_tf --output model.onnx` ; servez le fichier avec ONNX Runtime et vérifiez que les résultats concordent. Si le modèle doit rester en PyTorch et répond à de nombreuses requêtes entre deux redémarrages, `torch.compile(model)`. À ignorer pour une démonstration qui répond à quelques requêtes.',
  },
  messages: {
    default: {
      en: 'This server runs {framework}’s own file for every request; nothing here converts or compiles the model (ONNX, TensorRT, torch.compile …).',
      fr: 'Ce serveur exécute le fichier natif de {framework} à chaque requête ; rien ici ne convertit ni ne compile le modèle (ONNX, TensorRT, torch.compile…).',
    },
    batch: {
      en: 'This script runs {framework}’s own file over many inputs; nothing here converts or compiles the model (ONNX, TensorRT, torch.compile …).',
      fr: 'Ce script exécute le fichier natif de {framework} sur de nombreuses entrées ; rien ici ne convertit ni ne compile le modèle (ONNX, TensorRT, torch.compile…).',
    },
  },
  on: {
    module(module, context) {
      const { flow } = context;
      const sites = deployedIn(module, flow).filter((one) => isNative(one, flow) && isWorthIt(one, flow));
      const [first] = sites;
      if (!first) return;
      const site = first.loading.callee;
      if (flow.modules.some((one) => isOptimizedIn(flow, one))) return context.pass(site);
      context.fail(site, {
        message: first.kind === 'batch' ? 'batch' : 'default',
        data: { framework: FRAMEWORKS[first.framework] ?? 'PyTorch' },
        // what converts or compiles at each request costs more than it saves: load once first
        fixes: isRepeated(flow, first.loading) ? [] : fixesFor(first, flow),
      });
    },
  },
  examples: {
    bad: [
      {
        file: 'app.py',
        code: "import io\nimport torch\nfrom flask import Flask, jsonify, request\nfrom PIL import Image\nfrom torchvision import models, transforms\n\napp = Flask(__name__)\nmodel = models.resnet18(num_classes=5)\nmodel.load_state_dict(torch.load('leaves.pth', map_location='cpu'))\nmodel.eval()\npreprocess = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor()])\n\n\n@app.route('/predict', methods=['POST'])\ndef predict():\n    image = Image.open(io.BytesIO(request.data)).convert('RGB')\n    with torch.inference_mode():\n        scores = model(preprocess(image)[None])\n    return jsonify(label=int(scores.argmax()))\n",
        fixed:
          "import io\nimport torch\nfrom flask import Flask, jsonify, request\nfrom PIL import Image\nfrom torchvision import models, transforms\n\napp = Flask(__name__)\nmodel = models.resnet18(num_classes=5)\nmodel.load_state_dict(torch.load('leaves.pth', map_location='cpu'))\nmodel.eval()\ndummy_input = torch.randn(1, 3, 224, 224)\ntorch.onnx.export(model, dummy_input, \"model.onnx\")\npreprocess = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor()])\n\n\n@app.route('/predict', methods=['POST'])\ndef predict():\n    image = Image.open(io.BytesIO(request.data)).convert('RGB')\n    with torch.inference_mode():\n        scores = model(preprocess(image)[None])\n    return jsonify(label=int(scores.argmax()))\n",
      },
      {
        file: 'streamlit_app.py',
        code: 'import numpy as np\nimport streamlit as st\nfrom PIL import Image\nfrom tensorflow.keras.models import load_model\n\n\n@st.cache_resource\ndef get_model():\n    model = load_model("leaves.keras")\n    return model\n\n\nst.title("Leaves")\nupload = st.file_uploader("An image")\nif upload:\n    image = np.asarray(Image.open(upload).convert("RGB").resize((160, 160)))\n    st.write(get_model().predict(image[None] / 255).argmax())\n',
        fixed:
          'import numpy as np\nimport streamlit as st\nfrom PIL import Image\nfrom tensorflow.keras.models import load_model\n\n\n@st.cache_resource\ndef get_model():\n    model = load_model("leaves.keras")\n    model.export("model.onnx", format="onnx")\n    return model\n\n\nst.title("Leaves")\nupload = st.file_uploader("An image")\nif upload:\n    image = np.asarray(Image.open(upload).convert("RGB").resize((160, 160)))\n    st.write(get_model().predict(image[None] / 255).argmax())\n',
      },
      {
        file: 'main.py',
        code: "import torch\nfrom fastapi import FastAPI\nfrom net import Tagger\n\napp = FastAPI()\nmodel = Tagger(20000)\nmodel.load_state_dict(torch.load('tagger.pt'))\nmodel.eval()\n\n\n@app.post('/tag')\ndef tag(ids: list[int]):\n    with torch.no_grad():\n        return model(torch.tensor(ids)[None]).argmax(-1).tolist()\n",
        files: {
          'net.py':
            'import torch.nn as nn\n\n\nclass Tagger(nn.Module):\n    def __init__(self, words):\n        super().__init__()\n        self.embedding = nn.Embedding(words, 256)\n        self.lstm = nn.LSTM(256, 512, batch_first=True)\n        self.out = nn.Linear(512, 12)\n\n    def forward(self, ids):\n        return self.out(self.lstm(self.embedding(ids))[0])\n',
        },
        fixed:
          "import torch\nfrom fastapi import FastAPI\nfrom net import Tagger\n\napp = FastAPI()\nmodel = Tagger(20000)\nmodel.load_state_dict(torch.load('tagger.pt'))\nmodel.eval()\nmodel = torch.compile(model)\n\n\n@app.post('/tag')\ndef tag(ids: list[int]):\n    with torch.no_grad():\n        return model(torch.tensor(ids)[None]).argmax(-1).tolist()\n",
        note: {
          en: 'No fixed input shape: compiling needs none.',
          fr: 'Pas de forme d’entrée fixe : la compilation n’en a pas besoin.',
        },
      },
      {
        file: 'leaf.py',
        code: `import gradio as gr
import torch
from torchvision import models, transforms

prepare = transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor()])


def name(image):
    model = models.resnet18(num_classes=12)
    model.load_state_dict(torch.load("leaves.pth", map_location="cpu"))
    model.eval()
    with torch.no_grad():
        return str(model(prepare(image)[None]).argmax().item())


gr.Interface(fn=name, inputs=gr.Image(type="pil"), outputs="text").launch()
`,
        note: {
          en: 'No fix: the model is loaded at each request, where a conversion costs more than it saves.',
          fr: 'Pas de correction : le modèle est chargé à chaque requête, où une conversion coûte plus qu’elle n’économise.',
        },
      },
      {
        file: 'handler.py',
        code: "import base64\nimport io\nimport json\nimport torch\nfrom PIL import Image\nfrom torchvision.transforms.functional import resize, to_tensor\n\nmodel = torch.load('/opt/model.pth', map_location='cpu')\nmodel.eval()\n\n\ndef lambda_handler(event, context):\n    image = Image.open(io.BytesIO(base64.b64decode(event['body']))).convert('RGB')\n    with torch.no_grad():\n        y = model(to_tensor(resize(image, [256, 256]))[None])\n    return {'statusCode': 200, 'body': json.dumps(y.tolist())}\n",
        fixed:
          "import base64\nimport io\nimport json\nimport torch\nfrom PIL import Image\nfrom torchvision.transforms.functional import resize, to_tensor\n\nmodel = torch.load('/opt/model.pth', map_location='cpu')\nmodel.eval()\nmodel = torch.compile(model)\n\n\ndef lambda_handler(event, context):\n    image = Image.open(io.BytesIO(base64.b64decode(event['body']))).convert('RGB')\n    with torch.no_grad():\n        y = model(to_tensor(resize(image, [256, 256]))[None])\n    return {'statusCode': 200, 'body': json.dumps(y.tolist())}\n",
        note: { en: 'A whole model, pickled.', fr: 'Un modèle entier, dans un pickle.' },
      },
      {
        file: 'api.py',
        code: "import torch\nfrom fastapi import FastAPI\nfrom net import Tagger\n\napp = FastAPI()\ndevice = torch.device('cpu')\n\n\ndef load_model(path='tagger.pt'):\n    tagger = Tagger(20000)\n    tagger.load_state_dict(torch.load(path, map_location=device))\n    return tagger.to(device).eval()\n\n\nmodel = load_model()\n\n\n@app.post('/tag')\ndef tag(ids: list[int]):\n    with torch.no_grad():\n        return model(torch.tensor(ids)[None]).argmax(-1).tolist()\n",
        files: {
          'net.py':
            'import torch.nn as nn\n\n\nclass Tagger(nn.Module):\n    def __init__(self, words):\n        super().__init__()\n        self.embedding = nn.Embedding(words, 256)\n        layer = nn.TransformerEncoderLayer(256, 8, batch_first=True)\n        self.encoder = nn.TransformerEncoder(layer, 4)\n        self.out = nn.Linear(256, 12)\n\n    def forward(self, ids):\n        return self.out(self.encoder(self.embedding(ids)))\n',
        },
        fixed:
          "import torch\nfrom fastapi import FastAPI\nfrom net import Tagger\n\napp = FastAPI()\ndevice = torch.device('cpu')\n\n\ndef load_model(path='tagger.pt'):\n    tagger = Tagger(20000)\n    tagger.load_state_dict(torch.load(path, map_location=device))\n    return torch.compile(tagger.to(device).eval())\n\n\nmodel = load_model()\n\n\n@app.post('/tag')\ndef tag(ids: list[int]):\n    with torch.no_grad():\n        return model(torch.tensor(ids)[None]).argmax(-1).tolist()\n",
        note: { en: 'The loader ends as it returns.', fr: 'Le chargeur finit en rendant le modèle.' },
      },
      {
        file: 'detect.py',
        code: 'from fastapi import FastAPI\nfrom ultralytics import YOLO\n\napp = FastAPI()\nmodel = YOLO("best.pt")\n\n\n@app.post("/detect")\ndef detect(url: str):\n    return model.predict(url)[0].tojson()\n',
        fixed:
          'from fastapi import FastAPI\nfrom ultralytics import YOLO\n\napp = FastAPI()\nmodel = YOLO(YOLO("best.pt").export(format="onnx"))\n\n\n@app.post("/detect")\ndef detect(url: str):\n    return model.predict(url)[0].tojson()\n',
      },
    ],
    good: [
      {
        file: 'app.py',
        code: `import base64
import io

import numpy as np
from flask import Flask, request
from keras.models import load_model
from PIL import Image

app = Flask(__name__)
model = load_model("digits.keras")


@app.route("/digit", methods=["POST"])
def digit():
    drawn = Image.open(io.BytesIO(base64.b64decode(request.data))).convert("L").resize((28, 28))
    return {"digit": int(model.predict(np.asarray(drawn).reshape(1, 28, 28, 1) / 255).argmax())}
`,
        note: { en: 'Digits: a small network.', fr: 'Des chiffres : un petit réseau.' },
      },
      {
        file: 'demand.py',
        files: {
          'net.py': `import torch.nn as nn


class Forecaster(nn.Module):
    def __init__(self, inputs=1, hidden=32):
        super().__init__()
        self.lstm = nn.LSTM(inputs, hidden, num_layers=2, batch_first=True)
        self.out = nn.Linear(hidden, 1)

    def forward(self, x):
        return self.out(self.lstm(x)[0][:, -1])
`,
        },
        code: `import joblib
import streamlit as st
import torch
from net import Forecaster
from PIL import Image

st.image(Image.open("logo.png"))
scaler = joblib.load("scaler.joblib")
model = Forecaster()
model.load_state_dict(torch.load("demand.pt"))
model.eval()
week = [[st.number_input(f"Day {day}")] for day in range(1, 8)]
with torch.no_grad():
    scaled = torch.tensor(scaler.transform(week)).float()
    st.write(scaler.inverse_transform(model(scaled[None]).numpy()))
`,
        note: {
          en: 'A week’s figures through a small LSTM; the picture is for show.',
          fr: 'Les chiffres d’une semaine dans un petit LSTM ; l’image n’est là que pour l’œil.',
        },
      },
      {
        file: 'page.py',
        files: {
          'heat.py': `import tensorflow as tf


def heat_map(model, batch, layer):
    inner = tf.keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        maps, scores = inner(batch)
        best = tf.reduce_max(scores, axis=1)
    weights = tf.reduce_mean(tape.gradient(best, maps), axis=(1, 2))
    return tf.nn.relu(tf.einsum("bhwc,bc->bhw", maps, weights))[0].numpy()
`,
        },
        code: `import numpy as np
import streamlit as st
from heat import heat_map
from keras.models import load_model
from PIL import Image

model = load_model("lungs.keras")
upload = st.file_uploader("A radiograph")
if upload:
    image = np.asarray(Image.open(upload).convert("RGB").resize((224, 224)))[None] / 255
    st.write(model.predict(image))
    st.image(heat_map(model, image, "conv_last"))
`,
        note: {
          en: 'It asks for gradients, which no inference format has.',
          fr: 'Elle demande des gradients, qu’aucun format d’inférence n’a.',
        },
      },
      {
        file: 'count.py',
        code: `import io
import torch
from fastapi import FastAPI, UploadFile
from PIL import Image
from torchvision.models import detection
from torchvision.transforms.functional import to_tensor

app = FastAPI()
finder = detection.fasterrcnn_resnet50_fpn(num_classes=2)
finder.load_state_dict(torch.load("sheep.pt", map_location="cpu"))
finder.eval()


@app.post("/count")
async def count(file: UploadFile):
    image = to_tensor(Image.open(io.BytesIO(await file.read())).convert("RGB"))
    with torch.inference_mode():
        return {"sheep": int((finder([image])[0]["scores"] > 0.6).sum())}
`,
        note: {
          en: 'A detector: its lists of images and boxes pass into no other format as they are.',
          fr: 'Un détecteur : ses listes d’images et de boîtes ne passent telles quelles dans aucun autre format.',
        },
      },
      {
        file: 'layers.py',
        code: `import numpy as np
import streamlit as st
from keras.models import Model, load_model
from PIL import Image

model = load_model("steel.keras")
inner = Model(model.inputs, [layer.output for layer in model.layers[1:]])
upload = st.file_uploader("A picture")
if upload:
    image = np.asarray(Image.open(upload).convert("RGB").resize((256, 256)))[None] / 255
    for layer, maps in zip(model.layers[1:], inner.predict(image)):
        st.write(layer.name, float(model.predict(image).max()))
        st.image(maps[0].mean(-1))
`,
        note: { en: 'It shows what each layer gives.', fr: 'Elle montre ce que donne chaque couche.' },
      },
      {
        file: 'augment.py',
        code: `import os

import cv2
from keras.models import load_model
from numpy.random import randn

generator = load_model("painter.keras")
os.makedirs("made", exist_ok=True)
for number in range(20):
    for index, image in enumerate(generator.predict(randn(64, 100))):
        cv2.imwrite(f"made/{number}-{index}.png", (image + 1) * 127.5)
print(len(os.listdir("made")))
`,
        note: {
          en: 'Made once: the paths are written down.',
          fr: 'Fait une fois : les chemins sont écrits.',
        },
      },
      {
        file: 'crops.py',
        code: 'import os\n\nimport cv2\nfrom ultralytics import YOLO\n\nmodel = YOLO("best.pt")\nfor folder in ["train/images", "valid/images"]:\n    for name in os.listdir(folder):\n        image = cv2.imread(os.path.join(folder, name))\n        for x1, y1, x2, y2 in model(image)[0].boxes.xyxy.int().tolist():\n            cv2.imwrite(os.path.join("crops", name), image[y1:y2, x1:x2])\n',
        note: {
          en: 'A data set’s own splits are gone through once.',
          fr: 'Les parties d’un jeu de données ne se parcourent qu’une fois.',
        },
      },
      {
        file: 'detect.py',
        code: 'from fastapi import FastAPI\nfrom ultralytics import YOLO\n\napp = FastAPI()\nmodel = YOLO("best.onnx")\n\n\n@app.post("/detect")\ndef detect(url: str):\n    return model.predict(url)[0].tojson()\n',
      },
      {
        file: 'app.py',
        code: "import torch\nfrom flask import Flask, request\nfrom torchvision.models import resnet18\n\napp = Flask(__name__)\nmodel = resnet18(num_classes=5)\nmodel.load_state_dict(torch.load('leaves.pth'))\nmodel.eval()\nmodel = torch.compile(model)\n\n\n@app.route('/predict', methods=['POST'])\ndef predict():\n    with torch.inference_mode():\n        return {'scores': model(torch.tensor(request.json['pixels'])).tolist()}\n",
      },
      {
        file: 'app.py',
        code: 'import onnxruntime as ort\nfrom fastapi import FastAPI\n\napp = FastAPI()\nsession = ort.InferenceSession("model.onnx")\n\n\n@app.post("/predict")\ndef predict(x: list[float]):\n    return session.run(None, {"x": [x]})[0].tolist()\n',
      },
      {
        file: 'train.py',
        code: "import torch\n\nmodel = torch.nn.Linear(784, 10)\noptimizer = torch.optim.SGD(model.parameters(), lr=0.1)\nfor x, y in loader:\n    optimizer.zero_grad()\n    torch.nn.functional.cross_entropy(model(x), y).backward()\n    optimizer.step()\ntorch.save(model.state_dict(), 'model.pt')\n\nmodel.load_state_dict(torch.load('model.pt'))\nmodel.eval()\nwith torch.no_grad():\n    print(model(test_x).argmax(1))\n",
        note: {
          en: 'A training script, no deployment.',
          fr: 'Un script d’entraînement, pas un déploiement.',
        },
      },
      {
        file: 'app.py',
        code: 'import joblib\nimport streamlit as st\n\nmodel = joblib.load("forest.joblib")\nst.title("Price")\nst.write(model.predict([[st.slider("Rooms", 1, 9)]]))\n',
        note: { en: 'A scikit-learn model.', fr: 'Un modèle scikit-learn.' },
      },
      {
        file: 'evaluate.py',
        code: "import torch\nfrom sklearn.metrics import accuracy_score\nfrom torchvision.models import resnet18\n\nmodel = resnet18(num_classes=5)\nmodel.load_state_dict(torch.load('leaves.pth'))\nmodel.eval()\npredicted, wanted = [], []\nwith torch.no_grad():\n    for x, y in loader:\n        predicted += model(x).argmax(1).tolist()\n        wanted += y.tolist()\nprint(accuracy_score(wanted, predicted))\n",
        note: { en: 'An evaluation, run once.', fr: 'Une évaluation, lancée une fois.' },
      },
      {
        file: 'api.py',
        code: "from fastapi import FastAPI\nfrom transformers import AutoModelForCausalLM, AutoTokenizer\n\napp = FastAPI()\ntokenizer = AutoTokenizer.from_pretrained('gpt2')\nmodel = AutoModelForCausalLM.from_pretrained('gpt2')\n\n\n@app.post('/complete')\ndef complete(text: str):\n    ids = tokenizer(text, return_tensors='pt')\n    return tokenizer.decode(model.generate(**ids, max_new_tokens=50)[0])\n",
        note: {
          en: 'Text generation: other rules look after it.',
          fr: 'Génération de texte : d’autres règles s’en occupent.',
        },
      },
    ],
  },
});

import { isUnitTest } from '../semantics/unit-tests.ts';

/** A PyTorch or Keras model with a file of its own; libraries that bring their models along are left out. */
function isNative({ object, origin, loading, inference, framework }: Deployed, flow: Flow): boolean {
  if (framework === 'ultralytics') return runsOwnFile(origin, flow);
  if (framework !== 'torch' && framework !== 'keras') return false;
  // a detector takes a list of images of any size
  if (framework === 'torch' && inference.args[0]?.value.kind === 'sequence') return false;
  if (flow.names(origin).includes('torch.load')) return true;
  // a class that loads its own weights: from a file of the framework, or from a hub?
  if (object.class && loading === origin && !loadsFile(object.class, flow)) return false;
  if (
    object.types.some((type) =>
      /^(?:transformers|diffusers|peft|sentence_transformers|ultralytics|torch\.jit|torchvision\.models\.detection|fastai)\./.test(
        type,
      ),
    )
  )
    return false;
  if (
    flow
      .names(origin)
      .some((name) => /^(?:torch\.(?:jit|hub|export)\.|transformers\.|whisper\.|clip\.)/.test(name))
  )
    return false;
  return framework === 'keras' || object.types.includes('torch.nn.Module');
}

/** Whether the model does enough to gain by another format, and nothing asks for its gradients, which none of them has. */
function isWorthIt({ object, inference, framework }: Deployed, flow: Flow): boolean {
  const modules = [...flow.related(flow.moduleOf(inference))].filter((module) => !isUnitTest(module));
  if (modules.some(explainsItself)) return false;
  return framework === 'ultralytics' || isSubstantial(flow, object, modules);
}

/** `YOLO("best.pt")`: PyTorch's file, where `best.onnx` or `best.engine` would name a converted one. */
function runsOwnFile(origin: Call, flow: Flow): boolean {
  const file = flow.argument(origin, 'model', 0);
  const name = file.state === 'given' ? flow.constant(file.value) : undefined;
  return typeof name === 'string' && name.endsWith('.pt');
}

const loadsFile = (node: ClassNode, flow: Flow): boolean =>
  descendants(node.body, 'call').some((call) =>
    flow.names(call).some((name) => /^torch\.load$|\.load_(?:state_dict|weights)$/.test(name)),
  );

interface Place {
  readonly module: Module;
  readonly name: string;
  readonly insert: (lines: readonly string[]) => ReturnType<typeof insertAfter>;
}

/** Where the model is ready, and what it is called there; null where it has no plain name. */
function placeOf(one: Deployed, flow: Flow): Place | null {
  const target = nameWhereLoaded(one);
  const setUp = lastSetUp(one, flow);
  const module = flow.moduleOf(one.loading);
  if (!target || (target.kind !== 'name' && target.kind !== 'member') || !setUp) return null;
  if (!startsLine(module, setUp.statement)) return null;
  return {
    module,
    name: textOf(module, target),
    insert: (lines) => insertAfter(module, setUp.statement, lines),
  };
}

const FRAMEWORKS: Readonly<Record<string, string>> = { keras: 'Keras', ultralytics: 'Ultralytics' };

function isRepeated(flow: Flow, loading: Call): boolean {
  const why = repetition(flow, loading);
  return why !== null && why.by !== 'loop';
}

function fixesFor(one: Deployed, flow: Flow): Fix[] {
  if (one.framework === 'keras') return kerasFixes(one, flow);
  return one.framework === 'ultralytics' ? ultralyticsFixes(one, flow) : torchFixes(one, flow);
}

/** The path that an export returns is what the exported model is loaded from. */
function ultralyticsFixes({ origin }: Deployed, flow: Flow): Fix[] {
  const module = flow.moduleOf(origin);
  const [file] = origin.args;
  if (!file || origin.args.length > 1) return [];
  const made = textOf(module, origin);
  const quote = quoteIn(module);
  return [
    {
      title: { en: 'Export to ONNX and run that', fr: 'Exporter en ONNX et exécuter le résultat' },
      edits: () => [replace(file.value, `${made}.export(format=${quote}onnx${quote})`)],
      packages: ['onnx', 'onnxruntime'],
    },
  ];
}

/** `return model.to(device).eval()`: a loader that ends its set-up as it returns. */
function compiledReturn(one: Deployed, flow: Flow): Fix[] {
  const target = nameWhereLoaded(one);
  const fn = enclosingFunction(one.loading);
  const module = flow.moduleOf(one.loading);
  if (target?.kind !== 'name' || !fn) return [];
  const returns = descendants(fn.body, 'return', true);
  const value = returns.length === 1 ? returns[0]?.value : null;
  let root = value;
  while (root?.kind === 'call' && root.callee.kind === 'member') root = root.callee.object;
  if (!value || root?.kind !== 'name' || root.name !== target.name) return [];
  return [
    {
      title: COMPILE,
      edits: () => [replace(value, `torch.compile(${textOf(module, value)})`)],
      imports: ['import torch'],
    },
  ];
}

const COMPILE = { en: 'Compile the model with torch.compile', fr: 'Compiler le modèle avec torch.compile' };

function torchFixes(one: Deployed, flow: Flow): Fix[] {
  const place = placeOf(one, flow);
  if (!place) return compiledReturn(one, flow);
  const { module, name, insert } = place;
  const shape = inputShape(one.object, [...flow.related(module)], flow);
  const fixes: Fix[] = [];
  if (shape) {
    const dimensions = [1, ...shape].join(', ');
    const device = /\.(?:to|cuda)\(/.test(module.text) ? `, device=next(${name}.parameters()).device` : '';
    fixes.push({
      title: {
        en: 'Export the model to ONNX, to be served by ONNX Runtime',
        fr: 'Exporter le modèle en ONNX, à servir par ONNX Runtime',
      },
      edits: () => [
        insert([
          `dummy_input = torch.randn(${dimensions}${device})`,
          `torch.onnx.export(${name}, dummy_input, "model.onnx")`,
        ]),
      ],
      imports: ['import torch'],
      packages: ['onnx', 'onnxscript', 'onnxruntime'],
    });
  }
  fixes.push({
    title: COMPILE,
    edits: () => [insert([`${name} = torch.compile(${name})`])],
    imports: ['import torch'],
  });
  return fixes;
}

function kerasFixes(one: Deployed, flow: Flow): Fix[] {
  const place = placeOf(one, flow);
  if (!place) return [];
  const { name, insert } = place;
  return [
    {
      title: {
        en: 'Export the model to ONNX, to be served by ONNX Runtime',
        fr: 'Exporter le modèle en ONNX, à servir par ONNX Runtime',
      },
      edits: () => [insert([`${name}.export("model.onnx", format="onnx")`])],
      packages: ['onnxruntime', 'tf2onnx'],
    },
    {
      title: {
        en: 'Convert the model to LiteRT (TFLite), quantized',
        fr: 'Convertir le modèle en LiteRT (TFLite), quantifié',
      },
      edits: () => [
        insert([
          `converter = tf.lite.TFLiteConverter.from_keras_model(${name})`,
          'converter.optimizations = [tf.lite.Optimize.DEFAULT]',
          'with open("model.tflite", "wb") as file:',
          '    file.write(converter.convert())',
        ]),
      ],
      imports: ['import tensorflow as tf'],
    },
  ];
}
