import { reachingBindings } from '../../analysis/flow/reaching.ts';
import type { Flow, ObjectValue } from '../../analysis/flow/types.ts';
import type { Assign, Call, Expr, FunctionNode, Module, Node, Stmt } from '../../analysis/model.ts';
import {
  ancestors,
  contains,
  descendants,
  enclosingFunction,
  lastName,
  statementOf,
} from '../../analysis/tree.ts';
import {
  addDecorator,
  indentAt,
  indentUnit,
  insertBefore,
  lineStart,
  newlineOf,
  removeLines,
  replace,
  startsLine,
  textOf,
} from '../edits.ts';
import { LOADING_NAMES, loadingOf } from '../knowledge/loads-weights.ts';
import { defineRule, type Edit, type Fix, type RuleContext } from '../rule.ts';
import { isComponent } from '../semantics/javascript.ts';
import {
  assignedName,
  dependsOn,
  isGuarded,
  isMemoised,
  type Repetition,
  repetition,
} from '../semantics/serving.ts';
import { knownText } from '../semantics/text.ts';

/** Models of libraries that no other rule asks about: cascades of OpenCV, its networks, dlib's. */
const DETECTORS: readonly string[] = [
  'cv2.CascadeClassifier',
  'cv2.dnn.readNet',
  'cv2.dnn.readNetFromCaffe',
  'cv2.dnn.readNetFromDarknet',
  'cv2.dnn.readNetFromONNX',
  'cv2.dnn.readNetFromTensorflow',
  'dlib.shape_predictor',
  'easyocr.Reader',
];

export default defineRule({
  id: 'model-loaded-per-request',
  phase: 'deployment',
  languages: ['python', 'typescript'],
  severity: 'warning',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'high',
    source: {
      en: 'Course, « le coût énergétique du chargement et de l’exécution »: the energy of loading counts with that of running. A load reads and builds every weight: 268 MB for DistilBERT in fp32 (measured 2026-11).',
      fr: 'Cours, « le coût énergétique du chargement et de l’exécution » : l’énergie du chargement compte avec celle de l’exécution. Un chargement lit et construit chaque poids : 268 Mo pour DistilBERT en fp32 (mesuré en 2026-11).',
    },
  },
  references: {
    course: [
      "Phase de déploiement — Réduire le coût d'inférence : « Mettre en cache les résultats récurrents »",
      "Suppression des couches ou paramètres inutiles : « le coût énergétique du chargement et de l'exécution »",
    ],
  },
  libraries: [
    'cv2',
    'dlib',
    'easyocr',
    'torch',
    'tensorflow',
    'keras',
    'transformers',
    'sentence_transformers',
    'peft',
    'diffusers',
    'optimum',
    'whisper',
    'faster_whisper',
    'ultralytics',
    'fastai',
    'onnxruntime',
    'onnxruntime-node',
    'onnxruntime-web',
    'openvino',
    'spacy',
    'joblib',
    'pickle.load',
    'from pickle',
    'import cPickle',
    'xgboost',
    'catboost',
    'gensim',
    'llama_cpp',
    'vllm',
    'timm',
    'open_clip',
    'import clip',
    'from clip',
    'safetensors',
    'tensorflow_hub',
    'tflite_runtime',
    'ai_edge_litert',
    'lightning',
    'pytorch_lightning',
    'torchvision',
    'tf_keras',
    '@tensorflow',
    '@tensorflow-models',
    '@huggingface/transformers',
    '@xenova/transformers',
  ],
  title: {
    en: 'Model loaded again at every request',
    fr: 'Modèle rechargé à chaque requête',
  },
  what: {
    en: 'A call that reads a trained model from disk or network (`load_model`, `from_pretrained`, `pipeline`, `torch.load`, `joblib.load`, `InferenceSession`, `loadGraphModel` …) inside a route, a handler, a Streamlit script or a loop, directly or through functions of one’s own. Silent where the result is kept: a cached loader, a guarded global, a start-up hook, a session state.',
    fr: 'Un appel qui lit un modèle entraîné sur le disque ou le réseau (`load_model`, `from_pretrained`, `pipeline`, `torch.load`, `joblib.load`, `InferenceSession`, `loadGraphModel` …) dans une route, un gestionnaire, un script Streamlit ou une boucle, directement ou par des fonctions du projet. Muet quand le résultat est gardé : chargeur mis en cache, variable globale protégée, événement de démarrage, état de session.',
  },
  why: {
    en: 'Each load reads every weight and builds the graph again (268 MB for DistilBERT in fp32): far more work than one prediction, done for nothing from the second request on. Memory fills with copies, and users wait.',
    fr: 'Chaque chargement relit tous les poids et reconstruit le graphe (268 Mo pour DistilBERT en fp32) : bien plus de travail qu’une prédiction, et pour rien dès la deuxième requête. La mémoire se remplit de copies et l’utilisateur attend.',
  },
  instead: {
    en: 'Load once, at start-up: at module level, in the framework’s lifespan hook, or in a loader kept by `functools.lru_cache` or `st.cache_resource`; in JavaScript, one promise at module level. Where the request chooses the model, keep the last few (`lru_cache(maxsize=…)`). Ignore this where the model is so rarely used that keeping it in memory costs more.',
    fr: 'Chargez une fois, au démarrage : au niveau du module, dans l’événement de démarrage du framework, ou dans un chargeur gardé par `functools.lru_cache` ou `st.cache_resource` ; en JavaScript, une promesse au niveau du module. Si la requête choisit le modèle, gardez les derniers (`lru_cache(maxsize=…)`). À ignorer quand le modèle sert si rarement que le garder en mémoire coûte davantage.',
  },
  messages: {
    default: {
      en: '`{load}` runs at every request of `{handler}`: the same model is loaded again each time.',
      fr: '`{load}` s’exécute à chaque requête de `{handler}` : le même modèle est rechargé à chaque fois.',
    },
    chosen: {
      en: '`{load}` runs at every request of `{handler}`: a model already used is loaded again.',
      fr: '`{load}` s’exécute à chaque requête de `{handler}` : un modèle déjà utilisé est rechargé.',
    },
    rerun: {
      en: 'Streamlit runs this script at every interaction: `{load}` loads the model again each time.',
      fr: 'Streamlit réexécute ce script à chaque interaction : `{load}` recharge le modèle à chaque fois.',
    },
    render: {
      en: '`{load}` runs each time `{component}` renders: load in an effect that runs once.',
      fr: '`{load}` s’exécute à chaque rendu de `{component}` : chargez dans un effet exécuté une seule fois.',
    },
    loop: {
      en: '`{load}` runs at every turn of a loop, always for the same model.',
      fr: '`{load}` s’exécute à chaque tour d’une boucle, toujours pour le même modèle.',
    },
  },
  on: {
    calls: { names: [...LOADING_NAMES, ...DETECTORS, 'keras.applications.*', 'torchvision.models.*'], check },
  },
  examples: {
    bad: [
      {
        file: 'names.py',
        code: `import spacy
from fastapi import FastAPI

app = FastAPI()


@app.post("/names")
def names(text: str):
    try:
        nlp = spacy.load("en_core_web_sm")
        return [entity.text for entity in nlp(text).ents]
    except OSError:
        return []
`,
        note: {
          en: 'No fix: outside of the `try` nobody would catch a missing model.',
          fr: 'Pas de correction : hors du `try`, personne n’intercepterait un modèle manquant.',
        },
      },
      {
        file: 'app.py',
        code: 'from flask import Flask, jsonify, request\nfrom tensorflow.keras.models import load_model\nimport numpy as np\n\napp = Flask(__name__)\n\n@app.route("/predict", methods=["POST"])\ndef predict():\n    model = load_model("digits.h5")\n    pixels = np.array(request.json["pixels"])\n    return jsonify(digit=int(model.predict(pixels).argmax()))\n',
        fixed:
          'from flask import Flask, jsonify, request\nfrom tensorflow.keras.models import load_model\nimport numpy as np\n\napp = Flask(__name__)\n\nmodel = load_model("digits.h5")\n\n@app.route("/predict", methods=["POST"])\ndef predict():\n    pixels = np.array(request.json["pixels"])\n    return jsonify(digit=int(model.predict(pixels).argmax()))\n',
      },
      {
        file: 'loader.py',
        code: 'from transformers import pipeline\n\ndef get_classifier():\n    return pipeline("sentiment-analysis")\n',
        files: {
          'main.py':
            'from fastapi import FastAPI\nfrom loader import get_classifier\n\napp = FastAPI()\n\n@app.post("/classify")\nasync def classify(text: str):\n    return get_classifier()(text)\n',
        },
        fixed:
          'from transformers import pipeline\nfrom functools import lru_cache\n\n@lru_cache(maxsize=1)\ndef get_classifier():\n    return pipeline("sentiment-analysis")\n',
        note: {
          en: 'A route in main.py calls the loader.',
          fr: 'Une route de main.py appelle le chargeur.',
        },
      },
      {
        file: 'views.py',
        code: 'import joblib\nfrom django.shortcuts import render\n\ndef load_vectorizer():\n    return joblib.load("models/tfidf.pkl")\n\ndef result(request):\n    features = load_vectorizer().transform([request.POST["text"]])\n    return render(request, "result.html", {"features": features})\n',
        fixed:
          'import joblib\nfrom django.shortcuts import render\nfrom functools import lru_cache\n\n@lru_cache(maxsize=1)\ndef load_vectorizer():\n    return joblib.load("models/tfidf.pkl")\n\ndef result(request):\n    features = load_vectorizer().transform([request.POST["text"]])\n    return render(request, "result.html", {"features": features})\n',
      },
      {
        file: 'streamlit_app.py',
        code: 'import streamlit as st\nfrom tensorflow.keras.models import load_model\n\nmodel = load_model("waste.keras")\nst.set_page_config(page_title="Waste")\nphoto = st.file_uploader("Photo")\nif photo is not None:\n    st.write(model.predict(prepare(photo)))\n',
        fixed:
          'import streamlit as st\nfrom tensorflow.keras.models import load_model\n\n@st.cache_resource(show_spinner=False)\ndef get_model():\n    return load_model("waste.keras")\n\nmodel = get_model()\nst.set_page_config(page_title="Waste")\nphoto = st.file_uploader("Photo")\nif photo is not None:\n    st.write(model.predict(prepare(photo)))\n',
        note: {
          en: 'No spinner before the page is configured.',
          fr: 'Pas d’indicateur avant la configuration de la page.',
        },
      },
      {
        file: 'streamlit_app.py',
        code: 'import streamlit as st\nfrom transformers import pipeline\n\nst.title("Mood")\nclassifier = pipeline("sentiment-analysis")\ntext = st.text_input("Say something")\nif text:\n    st.write(classifier(text))\n',
        fixed:
          'import streamlit as st\nfrom transformers import pipeline\n\nst.title("Mood")\n@st.cache_resource\ndef get_classifier():\n    return pipeline("sentiment-analysis")\n\nclassifier = get_classifier()\ntext = st.text_input("Say something")\nif text:\n    st.write(classifier(text))\n',
      },
      {
        file: 'api.py',
        code: 'from fastapi import FastAPI\nfrom transformers import pipeline\n\napp = FastAPI()\n\n\n@app.get("/mood")\nasync def mood(text: str):\n    classifier = pipeline("sentiment-analysis")\n    return classifier(text)[0]\n',
        fixed:
          'from fastapi import FastAPI\nfrom transformers import pipeline\n\napp = FastAPI()\n\n\nclassifier = pipeline("sentiment-analysis")\n\n\n@app.get("/mood")\nasync def mood(text: str):\n    return classifier(text)[0]\n',
        note: { en: 'Blank lines as the file has them.', fr: 'Lignes vides comme dans le fichier.' },
      },
      {
        file: 'tag.py',
        code: 'from pathlib import Path\nimport spacy\n\nfor path in Path("texts").glob("*.txt"):\n    nlp = spacy.load("en_core_web_sm")\n    doc = nlp(path.read_text())\n    print(path.name, [(e.text, e.label_) for e in doc.ents])\n',
        fixed:
          'from pathlib import Path\nimport spacy\n\nnlp = spacy.load("en_core_web_sm")\nfor path in Path("texts").glob("*.txt"):\n    doc = nlp(path.read_text())\n    print(path.name, [(e.text, e.label_) for e in doc.ents])\n',
      },
      {
        file: 'server.js',
        code: "const express = require('express');\nconst tf = require('@tensorflow/tfjs-node');\n\nconst app = express();\n\napp.post('/predict', async (req, res) => {\n  const model = await tf.loadLayersModel('file://model/model.json');\n  const output = model.predict(tf.tensor2d([req.body.values]));\n  res.json({ output: await output.data() });\n});\n\napp.listen(3000);\n",
        fixed:
          "const express = require('express');\nconst tf = require('@tensorflow/tfjs-node');\n\nconst app = express();\n\nconst modelPromise = tf.loadLayersModel('file://model/model.json');\n\napp.post('/predict', async (req, res) => {\n  const model = await modelPromise;\n  const output = model.predict(tf.tensor2d([req.body.values]));\n  res.json({ output: await output.data() });\n});\n\napp.listen(3000);\n",
      },
      {
        file: 'app/api/classify/route.ts',
        code: "import { pipeline } from '@huggingface/transformers';\n\nexport async function POST(request: Request) {\n  const { text } = await request.json();\n  const classify = await pipeline('text-classification', 'Xenova/distilbert-base-uncased-finetuned-sst-2-english');\n  return Response.json(await classify(text));\n}\n",
        fixed:
          "import { pipeline } from '@huggingface/transformers';\n\nconst classifyPromise = pipeline('text-classification', 'Xenova/distilbert-base-uncased-finetuned-sst-2-english');\n\nexport async function POST(request: Request) {\n  const { text } = await request.json();\n  const classify = await classifyPromise;\n  return Response.json(await classify(text));\n}\n",
      },
      {
        file: 'koa.js',
        code: "const Koa = require('koa');\nconst Router = require('@koa/router');\nconst tf = require('@tensorflow/tfjs-node');\n\nconst app = new Koa();\nconst router = new Router();\nrouter.post('/predict', async (context) => {\n  const model = await tf.loadLayersModel('file://model/model.json');\n  context.body = { classes: model.outputs.length };\n});\napp.use(router.routes());\napp.listen(3000);\n",
        fixed:
          "const Koa = require('koa');\nconst Router = require('@koa/router');\nconst tf = require('@tensorflow/tfjs-node');\n\nconst app = new Koa();\nconst router = new Router();\nconst modelPromise = tf.loadLayersModel('file://model/model.json');\n\nrouter.post('/predict', async (context) => {\n  const model = await modelPromise;\n  context.body = { classes: model.outputs.length };\n});\napp.use(router.routes());\napp.listen(3000);\n",
      },
      {
        file: 'fastify.ts',
        code: "import Fastify from 'fastify';\nimport * as ort from 'onnxruntime-node';\n\nconst server = Fastify();\nserver.route({\n  method: 'POST',\n  url: '/predict',\n  handler: async (request) => {\n    const session = await ort.InferenceSession.create('model.onnx');\n    return session.run({ input: new ort.Tensor('float32', request.body as number[], [1, 4]) });\n  },\n});\n",
        fixed:
          "import Fastify from 'fastify';\nimport * as ort from 'onnxruntime-node';\n\nconst server = Fastify();\nconst sessionPromise = ort.InferenceSession.create('model.onnx');\n\nserver.route({\n  method: 'POST',\n  url: '/predict',\n  handler: async (request) => {\n    const session = await sessionPromise;\n    return session.run({ input: new ort.Tensor('float32', request.body as number[], [1, 4]) });\n  },\n});\n",
      },
      {
        file: 'predict.service.ts',
        code: "import { Body, Controller, Injectable, Post } from '@nestjs/common';\nimport * as tf from '@tensorflow/tfjs-node';\n\n@Injectable()\nexport class ModelService {\n  async predict(values: number[]) {\n    const model = await tf.loadLayersModel('file://model/model.json');\n    return tf.tidy(() => (model.predict(tf.tensor2d([values])) as tf.Tensor).dataSync());\n  }\n}\n\n@Controller('predict')\nexport class PredictController {\n  constructor(private readonly service: ModelService) {}\n\n  @Post()\n  run(@Body() values: number[]) {\n    return this.service.predict(values);\n  }\n}\n",
        fixed:
          "import { Body, Controller, Injectable, Post } from '@nestjs/common';\nimport * as tf from '@tensorflow/tfjs-node';\n\nconst modelPromise = tf.loadLayersModel('file://model/model.json');\n\n@Injectable()\nexport class ModelService {\n  async predict(values: number[]) {\n    const model = await modelPromise;\n    return tf.tidy(() => (model.predict(tf.tensor2d([values])) as tf.Tensor).dataSync());\n  }\n}\n\n@Controller('predict')\nexport class PredictController {\n  constructor(private readonly service: ModelService) {}\n\n  @Post()\n  run(@Body() values: number[]) {\n    return this.service.predict(values);\n  }\n}\n",
        note: {
          en: 'A service that Nest hands to a controller.',
          fr: 'Un service que Nest remet à un contrôleur.',
        },
      },
      {
        file: 'pages/api/embed.js',
        code: "import { pipeline } from '@huggingface/transformers';\n\nexport default async function handler(request, response) {\n  const embed = await pipeline('feature-extraction', 'Xenova/all-MiniLM-L6-v2', { dtype: 'q8' });\n  const { data } = await embed(request.body.text);\n  response.status(200).json(data);\n}\n",
        fixed:
          "import { pipeline } from '@huggingface/transformers';\n\nconst embedPromise = pipeline('feature-extraction', 'Xenova/all-MiniLM-L6-v2', { dtype: 'q8' });\n\nexport default async function handler(request, response) {\n  const embed = await embedPromise;\n  const { data } = await embed(request.body.text);\n  response.status(200).json(data);\n}\n",
      },
      {
        file: 'actions.ts',
        code: "'use server';\n\nimport { pipeline } from '@huggingface/transformers';\n\nexport async function classify(form: FormData) {\n  const classifier = await pipeline('text-classification', 'Xenova/toxic-bert', { dtype: 'q8' });\n  return classifier(String(form.get('text')));\n}\n",
        fixed:
          "'use server';\n\nimport { pipeline } from '@huggingface/transformers';\n\nconst classifierPromise = pipeline('text-classification', 'Xenova/toxic-bert', { dtype: 'q8' });\n\nexport async function classify(form: FormData) {\n  const classifier = await classifierPromise;\n  return classifier(String(form.get('text')));\n}\n",
        note: { en: 'A server action.', fr: 'Une action de serveur.' },
      },
      {
        file: 'src/routes/classify/+page.server.ts',
        code: "import { pipeline } from '@huggingface/transformers';\n\nexport const actions = {\n  default: async ({ request }) => {\n    const classifier = await pipeline('text-classification', 'Xenova/toxic-bert', { dtype: 'q8' });\n    const form = await request.formData();\n    return { labels: await classifier(String(form.get('text'))) };\n  },\n};\n",
        fixed:
          "import { pipeline } from '@huggingface/transformers';\n\nconst classifierPromise = pipeline('text-classification', 'Xenova/toxic-bert', { dtype: 'q8' });\n\nexport const actions = {\n  default: async ({ request }) => {\n    const classifier = await classifierPromise;\n    const form = await request.formData();\n    return { labels: await classifier(String(form.get('text'))) };\n  },\n};\n",
      },
      {
        file: 'worker.js',
        code: "import * as tf from '@tensorflow/tfjs';\n\naddEventListener('fetch', (event) => event.respondWith(handle(event.request)));\n\nasync function handle(request) {\n  const model = await tf.loadGraphModel('https://example.com/model.json');\n  const values = await request.json();\n  return new Response(tf.tidy(() => model.predict(tf.tensor2d([values])).dataSync()));\n}\n",
        fixed:
          "import * as tf from '@tensorflow/tfjs';\n\naddEventListener('fetch', (event) => event.respondWith(handle(event.request)));\n\nlet modelPromise;\n\nasync function handle(request) {\n  const model = await (modelPromise ??= tf.loadGraphModel('https://example.com/model.json'));\n  const values = await request.json();\n  return new Response(tf.tidy(() => model.predict(tf.tensor2d([values])).dataSync()));\n}\n",
      },
      {
        file: 'classify.ts',
        code: "import type { APIGatewayProxyEvent } from 'aws-lambda';\nimport * as ort from 'onnxruntime-node';\n\nexport const classify = async (event: APIGatewayProxyEvent) => {\n  const session = await ort.InferenceSession.create('/opt/model.onnx');\n  const output = await session.run({ x: new ort.Tensor('float32', JSON.parse(event.body ?? '[]'), [1, 2]) });\n  return { statusCode: 200, body: JSON.stringify(output.y.data) };\n};\n",
        fixed:
          "import type { APIGatewayProxyEvent } from 'aws-lambda';\nimport * as ort from 'onnxruntime-node';\n\nconst sessionPromise = ort.InferenceSession.create('/opt/model.onnx');\n\nexport const classify = async (event: APIGatewayProxyEvent) => {\n  const session = await sessionPromise;\n  const output = await session.run({ x: new ort.Tensor('float32', JSON.parse(event.body ?? '[]'), [1, 2]) });\n  return { statusCode: 200, body: JSON.stringify(output.y.data) };\n};\n",
        note: { en: 'Lambda, by its types.', fr: 'Lambda, par ses types.' },
      },
      {
        file: 'router.ts',
        code: "import { initTRPC } from '@trpc/server';\nimport { pipeline } from '@huggingface/transformers';\n\nconst t = initTRPC.create();\nconst publicProcedure = t.procedure;\n\nexport const router = t.router({\n  mood: publicProcedure.input((value: unknown) => String(value)).query(async ({ input }) => {\n    const classify = await pipeline('sentiment-analysis', 'Xenova/distilbert-base-uncased-finetuned-sst-2-english', { dtype: 'q8' });\n    return classify(input);\n  }),\n});\n",
        fixed:
          "import { initTRPC } from '@trpc/server';\nimport { pipeline } from '@huggingface/transformers';\n\nconst t = initTRPC.create();\nconst publicProcedure = t.procedure;\n\nconst classifyPromise = pipeline('sentiment-analysis', 'Xenova/distilbert-base-uncased-finetuned-sst-2-english', { dtype: 'q8' });\n\nexport const router = t.router({\n  mood: publicProcedure.input((value: unknown) => String(value)).query(async ({ input }) => {\n    const classify = await classifyPromise;\n    return classify(input);\n  }),\n});\n",
        note: { en: 'A procedure of tRPC.', fr: 'Une procédure de tRPC.' },
      },
      {
        file: 'sockets.js',
        code: "const { Server } = require('socket.io');\nconst { pipeline } = require('@huggingface/transformers');\n\nconst io = new Server(3000);\nio.on('connection', (socket) => {\n  socket.on('ask', async (text, reply) => {\n    const classify = await pipeline('sentiment-analysis', 'Xenova/distilbert-base-uncased-finetuned-sst-2-english', { dtype: 'q8' });\n    reply(await classify(text));\n  });\n});\n",
        fixed:
          "const { Server } = require('socket.io');\nconst { pipeline } = require('@huggingface/transformers');\n\nconst io = new Server(3000);\nconst classifyPromise = pipeline('sentiment-analysis', 'Xenova/distilbert-base-uncased-finetuned-sst-2-english', { dtype: 'q8' });\n\nio.on('connection', (socket) => {\n  socket.on('ask', async (text, reply) => {\n    const classify = await classifyPromise;\n    reply(await classify(text));\n  });\n});\n",
        note: { en: 'A message over a socket.', fr: 'Un message par une socket.' },
      },
      {
        file: 'answers.py',
        code: `import streamlit as st
from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline

tokenizer = AutoTokenizer.from_pretrained("distilgpt2")
model = AutoModelForCausalLM.from_pretrained("distilgpt2")
generator = pipeline("text-generation", model=model, tokenizer=tokenizer, max_new_tokens=50)

question = st.text_input("Question")
if question:
    st.write(generator(question)[0]["generated_text"])
`,
        fixed: `import streamlit as st
from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline

tokenizer = AutoTokenizer.from_pretrained("distilgpt2")
@st.cache_resource
def get_model():
    return AutoModelForCausalLM.from_pretrained("distilgpt2")

model = get_model()
generator = pipeline("text-generation", model=model, tokenizer=tokenizer, max_new_tokens=50)

question = st.text_input("Question")
if question:
    st.write(generator(question)[0]["generated_text"])
`,
        note: {
          en: 'The pipeline takes a model that is loaded: one load, one finding.',
          fr: 'Le pipeline reçoit un modèle déjà chargé : un chargement, un signalement.',
        },
      },
      {
        file: 'orchard.py',
        code: `import joblib
from flask import Flask, jsonify, request
from sklearn.ensemble import RandomForestClassifier

forest = RandomForestClassifier(n_estimators=40).fit(rows, labels)
joblib.dump(forest, "orchard.joblib")

app = Flask(__name__)


@app.route("/ripe", methods=["POST"])
def ripe():
    judge = joblib.load("orchard.joblib")
    return jsonify(ripe=int(judge.predict([request.json["row"]])[0]))
`,
        fixed: `import joblib
from flask import Flask, jsonify, request
from sklearn.ensemble import RandomForestClassifier

forest = RandomForestClassifier(n_estimators=40).fit(rows, labels)
joblib.dump(forest, "orchard.joblib")

app = Flask(__name__)


judge = joblib.load("orchard.joblib")


@app.route("/ripe", methods=["POST"])
def ripe():
    return jsonify(ripe=int(judge.predict([request.json["row"]])[0]))
`,
        note: {
          en: 'The file is written above, as the program starts.',
          fr: 'Le fichier est écrit plus haut, au démarrage du programme.',
        },
      },
      {
        file: 'risk.py',
        code: `import os
import gradio as gr
import joblib
from sklearn.ensemble import RandomForestClassifier

FOLDER = "artefacts"


def train(X, y):
    forest = RandomForestClassifier(n_estimators=80, max_depth=6)
    forest.fit(X, y)
    joblib.dump(forest, os.path.join(FOLDER, "forest.joblib"))


def risk(age, pressure):
    forest = joblib.load(os.path.join(FOLDER, "forest.joblib"))
    return float(forest.predict_proba([[age, pressure]])[0, 1])


gr.Interface(fn=risk, inputs=["number", "number"], outputs="number").launch()
`,
        note: {
          en: 'No fix: the program writes the file itself, so that it may not be there yet as it starts.',
          fr: 'Pas de correction : le programme écrit lui-même le fichier, qui peut manquer à son démarrage.',
        },
      },
      {
        file: 'bot.py',
        code: 'import discord\nfrom transformers import pipeline\n\nclient = discord.Client(intents=discord.Intents.default())\n\n\n@client.event\nasync def on_message(message):\n    classifier = pipeline("text-classification", model="unitary/toxic-bert")\n    if classifier(message.content)[0]["score"] > 0.9:\n        await message.delete()\n\n\nclient.run(TOKEN)\n',
        fixed:
          'import discord\nfrom transformers import pipeline\n\nclient = discord.Client(intents=discord.Intents.default())\n\n\nclassifier = pipeline("text-classification", model="unitary/toxic-bert")\n\n\n@client.event\nasync def on_message(message):\n    if classifier(message.content)[0]["score"] > 0.9:\n        await message.delete()\n\n\nclient.run(TOKEN)\n',
        note: { en: 'A bot, at each message.', fr: 'Un bot, à chaque message.' },
      },
      {
        file: 'voice.py',
        code: 'import whisper\nfrom telegram.ext import Application, MessageHandler, filters\n\n\nasync def voice(update, context):\n    model = whisper.load_model("small")\n    await update.message.reply_text(model.transcribe("voice.ogg")["text"])\n\n\napp = Application.builder().token(TOKEN).build()\napp.add_handler(MessageHandler(filters.VOICE, voice))\napp.run_polling()\n',
        fixed:
          'import whisper\nfrom telegram.ext import Application, MessageHandler, filters\n\n\nmodel = whisper.load_model("small")\n\n\nasync def voice(update, context):\n    await update.message.reply_text(model.transcribe("voice.ogg")["text"])\n\n\napp = Application.builder().token(TOKEN).build()\napp.add_handler(MessageHandler(filters.VOICE, voice))\napp.run_polling()\n',
      },
      {
        file: 'Hands.jsx',
        code: "import * as handpose from '@tensorflow-models/handpose';\nimport { useRef, useState } from 'react';\nimport Webcam from 'react-webcam';\n\nexport default function Hands() {\n  const camera = useRef(null);\n  const [count, setCount] = useState(0);\n  const start = async () => {\n    const net = await handpose.load();\n    setInterval(async () => setCount((await net.estimateHands(camera.current.video)).length), 500);\n  };\n  start();\n  return (\n    <div>\n      <Webcam ref={camera} />\n      {count}\n    </div>\n  );\n}\n",
        note: { en: 'At each rendering of a component.', fr: 'À chaque rendu d’un composant.' },
      },
      {
        file: 'smiles.py',
        code: 'import cv2\n\ncamera = cv2.VideoCapture(0)\nwhile True:\n    ok, frame = camera.read()\n    if not ok:\n        break\n    faces = cv2.CascadeClassifier("frontal.xml").detectMultiScale(frame)\n    print(len(faces))\ncamera.release()\n',
        note: { en: 'A cascade for each frame.', fr: 'Une cascade à chaque image.' },
      },
    ],
    good: [
      {
        file: 'waits.py',
        code: `import time
import torch

def load_when_written(net, path):
    done = False
    while not done:
        try:
            net.load_state_dict(torch.load(path))
            done = True
        except OSError:
            time.sleep(1)
    return net

net = load_when_written(Net(), "net.pt")
while True:
    try:
        other = torch.load("other.pt")
    except OSError:
        time.sleep(1)
    else:
        break
`,
        note: {
          en: 'Tried again until the file is there, loaded once.',
          fr: 'Réessayé jusqu’à ce que le fichier soit là, chargé une fois.',
        },
      },
      {
        file: 'chat.py',
        code: `import gradio as gr
from datasets import load_dataset
from huggingface_hub import repo_exists
from transformers import AutoModelForCausalLM
from trl import SFTTrainer


class Teller:
    def __init__(self, name):
        self.name = name
        if repo_exists(name):
            print("taught before")
        else:
            self.teach("gpt2")

    def teach(self, base):
        model = AutoModelForCausalLM.from_pretrained(base)
        tales = load_dataset("csv", data_files="tales.csv")["train"]
        trainer = SFTTrainer(model=model, train_dataset=tales)
        trainer.train()
        trainer.model.save_pretrained("tales")
        AutoModelForCausalLM.from_pretrained("tales").push_to_hub(self.name)


def reply(message, history):
    return Teller("me/tales").name


gr.ChatInterface(reply).launch()
`,
        note: { en: 'Loaded to be trained, once.', fr: 'Chargé pour être entraîné, une fois.' },
      },
      {
        file: 'bot.py',
        code: 'import discord\nfrom transformers import pipeline\n\nclient = discord.Client(intents=discord.Intents.default())\nmodels = {}\n\n\n@client.event\nasync def on_ready():\n    models["toxic"] = pipeline("text-classification", model="unitary/toxic-bert")\n\n\n@client.event\nasync def on_message(message):\n    if models["toxic"](message.content)[0]["score"] > 0.9:\n        await message.delete()\n',
        note: { en: 'Loaded as the bot starts.', fr: 'Chargé au démarrage du bot.' },
      },
      {
        file: 'named.py',
        code: 'from fastapi import FastAPI\nfrom transformers import pipeline\n\npipeline = pipeline("translation_en_to_de", model="t5-small")\napp = FastAPI()\n\n@app.post("/translate")\ndef translate(text: str):\n    return pipeline(text)\n',
        note: {
          en: 'The pipeline bears the name of what builds it.',
          fr: 'Le pipeline porte le nom de ce qui le construit.',
        },
      },
      {
        file: 'app.py',
        code: 'from flask import Flask, request\nimport pickle\n\napp = Flask(__name__)\nmodel = None\n\ndef get_model():\n    global model\n    if model is None:\n        with open("model.pkl", "rb") as f:\n            model = pickle.load(f)\n    return model\n\n@app.route("/predict")\ndef predict():\n    return str(get_model().predict([[float(request.args["x"])]]))\n',
      },
      {
        file: 'main.py',
        code: 'from contextlib import asynccontextmanager\nfrom fastapi import FastAPI\nfrom sentence_transformers import SentenceTransformer\n\nmodels = {}\n\n@asynccontextmanager\nasync def lifespan(app):\n    models["encoder"] = SentenceTransformer("all-MiniLM-L6-v2")\n    yield\n\napp = FastAPI(lifespan=lifespan)\n\n@app.post("/encode")\ndef encode(text: str):\n    return models["encoder"].encode(text).tolist()\n',
      },
      {
        file: 'streamlit_app.py',
        code: 'import streamlit as st\nfrom tensorflow.keras.models import load_model\n\n@st.cache_resource\ndef get_model():\n    return load_model("cats.h5")\n\nmodel = get_model()\nif "scaler" not in st.session_state:\n    import joblib\n    st.session_state.scaler = joblib.load("scaler.pkl")\nst.write(model.summary())\n',
      },
      {
        file: 'ensemble.py',
        code: 'import torch\nfrom net import Net\n\npredictions = []\nfor fold in range(5):\n    model = Net()\n    model.load_state_dict(torch.load(f"fold{fold}.pt"))\n    model.eval()\n    predictions.append(model(batch))\n',
        files: { 'net.py': 'import torch\n\nclass Net(torch.nn.Module):\n    pass\n' },
        note: { en: 'Another checkpoint at each turn.', fr: 'Un autre checkpoint à chaque tour.' },
      },
      {
        file: 'rounds.py',
        code: 'import torch\nfrom torch.utils.data import DataLoader\n\nmodel = torch.nn.Linear(3, 1)\nfor round in range(3):\n    for x in DataLoader(torch.load("rows.pt"), 32):\n        print(model(x).mean())\n',
        note: { en: 'Samples, not weights.', fr: 'Des exemples, pas des poids.' },
      },
      {
        file: 'sparsity.py',
        code: 'import torch\nfrom torchvision.models import resnet18\n\nmodel = resnet18().eval()\nfor level in (1, 2, 3):\n    thin(model, level)\n    print(level, model(torch.load("batch.pt")).argmax(1))\n',
        note: { en: 'What the model is given is data.', fr: 'Ce qui est donné au modèle est une donnée.' },
      },
      {
        file: 'cross_validate.py',
        code: 'from transformers import AutoModelForSequenceClassification, Trainer\n\nfor fold in range(5):\n    model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased")\n    trainer = Trainer(model=model, train_dataset=split(fold))\n    trainer.train()\n',
        note: { en: 'Each fold trains fresh weights.', fr: 'Chaque pli entraîne des poids neufs.' },
      },
      {
        file: 'inference.py',
        code: 'import torch\n\ndef model_fn(model_dir):\n    return torch.jit.load(f"{model_dir}/model.pt")\n\ndef predict_fn(data, model):\n    return model(data)\n',
      },
      {
        file: 'admin.py',
        code: 'import joblib\nfrom flask import Flask, request\n\napp = Flask(__name__)\nMODELS = {"default": joblib.load("models/default.pkl")}\n\n\n@app.post("/predict")\ndef predict():\n    return {"y": MODELS["default"].predict([request.json["x"]]).tolist()}\n\n\n@app.post("/reload")\ndef reload():\n    MODELS["default"] = joblib.load("models/default.pkl")\n    return "ok"\n',
        note: {
          en: 'A route that swaps the model of all the others.',
          fr: 'Une route qui remplace le modèle de toutes les autres.',
        },
      },
      {
        file: 'app/api/chat/route.ts',
        code: "import OpenAI from 'openai';\n\nexport async function POST(request: Request) {\n  const client = new OpenAI();\n  const { input } = await request.json();\n  const answer = await client.responses.create({ model: 'gpt-4o-mini', input, max_output_tokens: 200 });\n  return Response.json({ text: answer.output_text });\n}\n",
        note: { en: 'A client is no model.', fr: 'Un client n’est pas un modèle.' },
      },
      {
        file: 'app/api/classify/route.js',
        code: "import { pipeline } from '@huggingface/transformers';\n\nclass Classifier {\n  static instance = null;\n\n  static async get() {\n    this.instance ??= await pipeline('text-classification');\n    return this.instance;\n  }\n}\n\nexport async function GET(request) {\n  const classify = await Classifier.get();\n  return Response.json(await classify(new URL(request.url).searchParams.get('text')));\n}\n",
      },
      {
        file: 'predict.py',
        code: 'import sys\nfrom tensorflow.keras.models import load_model\n\ndef predict(path):\n    model = load_model("cats.h5")\n    return model.predict(read(path))\n\nif __name__ == "__main__":\n    print(predict(sys.argv[1]))\n',
        note: { en: 'A command that loads once.', fr: 'Une commande qui charge une fois.' },
      },
      {
        file: 'model.service.ts',
        code: "import { Body, Controller, Injectable, type OnModuleInit, Post } from '@nestjs/common';\nimport * as tf from '@tensorflow/tfjs-node';\n\n@Injectable()\nexport class ModelService implements OnModuleInit {\n  private model: tf.LayersModel;\n\n  async onModuleInit() {\n    this.model = await tf.loadLayersModel('file://model/model.json');\n  }\n\n  predict(values: number[]) {\n    return tf.tidy(() => (this.model.predict(tf.tensor2d([values])) as tf.Tensor).dataSync());\n  }\n}\n\n@Controller('predict')\nexport class PredictController {\n  constructor(private readonly service: ModelService) {}\n\n  @Post()\n  run(@Body() values: number[]) {\n    return this.service.predict(values);\n  }\n}\n",
        note: { en: 'Loaded as the module starts.', fr: 'Chargé au démarrage du module.' },
      },
      {
        file: 'koa.js',
        code: "const Koa = require('koa');\nconst tf = require('@tensorflow/tfjs-node');\n\nconst ready = tf.loadLayersModel('file://model/model.json');\nconst app = new Koa();\napp.use(async (context) => {\n  const model = await ready;\n  context.body = { classes: model.outputs.length };\n});\n",
        note: { en: 'Loaded before the first request.', fr: 'Chargé avant la première requête.' },
      },
      {
        file: 'Hands.jsx',
        code: "import * as handpose from '@tensorflow-models/handpose';\nimport { useEffect, useRef, useState } from 'react';\nimport Webcam from 'react-webcam';\n\nexport default function Hands() {\n  const camera = useRef(null);\n  const [count, setCount] = useState(0);\n  useEffect(() => {\n    let timer;\n    const start = async () => {\n      const net = await handpose.load();\n      timer = setInterval(async () => setCount((await net.estimateHands(camera.current.video)).length), 500);\n    };\n    start();\n    return () => clearInterval(timer);\n  }, []);\n  return (\n    <div>\n      <Webcam ref={camera} />\n      {count}\n    </div>\n  );\n}\n",
        note: { en: 'In an effect that runs once.', fr: 'Dans un effet exécuté une seule fois.' },
      },
      {
        file: 'Faces.jsx',
        code: "import * as blazeface from '@tensorflow-models/blazeface';\nimport { useRef } from 'react';\n\nexport function Faces({ picture }) {\n  const model = useRef(null);\n  if (model.current === null) model.current = blazeface.load();\n  const again = async () => {\n    model.current = blazeface.load();\n  };\n  return <button onClick={again}>{picture}</button>;\n}\n",
        note: {
          en: 'Once, behind a guard; and on a click.',
          fr: 'Une fois, derrière une garde ; et sur un clic.',
        },
      },
      {
        file: 'page.py',
        code: 'import joblib\nimport streamlit as st\n\n\n@st.cache_resource\ndef forest():\n    return joblib.load("models/forest.joblib")\n\n\nscaler = joblib.load("models/scaler.pkl")\nlabel_encoder = joblib.load("models/labels.pkl")\nst.write(label_encoder.inverse_transform(forest().predict(scaler.transform([[st.slider("Rain", 0, 9)]]))))\n',
        note: {
          en: 'A scaler and a label encoder are a few numbers.',
          fr: 'Un normaliseur et un encodeur d’étiquettes : quelques nombres.',
        },
      },
      {
        code: 'import torch\nfrom flask import Flask, request\nfrom network import Plates\n\napp = Flask(__name__)\nfinder = torch.jit.load("finder.pt").eval()\n\n@app.route("/find", methods=["POST"])\ndef find():\n    second_look = False\n    if second_look:\n        reader = Plates()\n        reader.load_state_dict(torch.load("weights/reader.pt"))\n    with torch.inference_mode():\n        return str(finder(torch.tensor(request.json)))\n',
        note: { en: 'Switched off.', fr: 'Désactivé.' },
      },
      {
        code: 'from fastapi import FastAPI\nfrom tensorflow import keras\n\napp = FastAPI()\n\nclass Loader:\n    def start(self, path):\n        self._model = keras.models.load_model(str(path))\n        return True\n\nloader = Loader()\nloader.start("signs.keras")\n\n@app.post("/admin/reload")\ndef admin_reload():\n    return {"loaded": loader.start("signs.keras")}\n',
        note: { en: 'A request whose work is to load.', fr: 'Une requête dont le travail est de charger.' },
      },
    ],
  },
});

/** Calls that change or train what a loop has loaded: it needs fresh weights at each turn. */
const CHANGES =
  /^(?:fit|fit_generator|train|backward|train_on_batch|partial_fit|finetune|fine_tune|train_model|training_step|prune\w*|quantize\w*|load_adapter|load_state_dict|load_weights|get_peft_model|merge\w*|fuse\w*|set_weights|compile|step)$/;

/** A request whose very work is to load: `reload`, `set_model`, `switch_model`. */
const LOADS_ON_PURPOSE =
  /(?:^|_)reload(?:_|$)|^(?:re_?)?load_?(?:new_?)?(?:model|weights|checkpoint)s?$|^(?:set|switch|change|swap|activate|select|update)_?(?:the_|active_|current_)?(?:model|weights|checkpoint)$|^reload[A-Z]|^(?:set|switch|load)Model$/;

function check(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  if (!loadsModel(flow, call, module)) return;
  const why = repetition(flow, call);
  if (!why) {
    const component = module.language === 'typescript' ? renderedBy(flow, call) : null;
    if (!component) return;
    const data = { load: nameOf(call, module), component: component.name ?? 'the component' };
    return context.fail(call.callee, { message: 'render', data });
  }
  const fn = enclosingFunction(call);
  if (why.by === 'request' && fn && isSwap(module, call, fn)) return;
  if (why.by === 'request' && LOADS_ON_PURPOSE.test(why.handler.name ?? '')) return;
  const chosen = dependsOnRun(flow, call, fn);
  const load = nameOf(call, module);
  if (why.by === 'loop') {
    if (
      chosen ||
      (fn !== null && !contains(why.loop, call) && takesParameter(flow, call, fn)) ||
      !isSameEachTurn(flow, call, why.loop) ||
      changesInLoop(why.loop, call) ||
      endsWith(why.loop, call) ||
      (fn && changesInLoop(fn, call))
    )
      return;
    return context.fail(call.callee, {
      message: 'loop',
      data: { load },
      fixes: fixesFor(call, why, context),
    });
  }
  if (chosen && isPlainData(flow, call) && !namesModelFile(flow, call)) return; // an uploaded file, most likely
  if (changesInLoop(fn ?? module.body, call) && trainsHere(fn ?? module.body)) return;
  const fixes = chosen ? [] : fixesFor(call, why, context);
  // read in milliseconds: at a person's pace that does not matter
  if (why.by === 'rerun' && (isDetector(flow.names(call)) || isSmall(flow, call, module))) return;
  if (why.by === 'rerun') return context.fail(call.callee, { message: 'rerun', data: { load }, fixes });
  const handler = why.handler.name ?? assignedName(why.handler) ?? 'handler';
  context.fail(call.callee, { message: chosen ? 'chosen' : 'default', data: { load, handler }, fixes });
}

/** Whether a route only puts a new model where other requests find it: `MODELS["default"] = joblib.load(…)`. */
/** The component in whose rendering the load runs, straight or through helpers: no effect, no guard between. */
function renderedBy(flow: Flow, node: Call, depth = 0): FunctionNode | null {
  const fn = enclosingFunction(node);
  if (!fn || depth > 3 || isGuarded(flow, node) || isMemoised(flow, fn)) return null;
  if (isComponent(fn)) return fn;
  for (const caller of flow.callers(fn)) {
    const found = renderedBy(flow, caller, depth + 1);
    if (found) return found;
  }
  return null;
}

function isSwap(module: Module, call: Call, fn: FunctionNode): boolean {
  const assign = statementOf(call);
  if (assign.kind !== 'assign' || assign.targets.length !== 1) return false;
  let root: Expr | undefined = assign.targets[0];
  const isPart = root?.kind === 'index' || root?.kind === 'member';
  while (root?.kind === 'index' || root?.kind === 'member') root = root.object;
  if (root?.kind !== 'name' || root.name === 'self' || root.name === 'this') return false;
  const { name } = root;
  const scope = module.scopes.get(fn);
  if (
    !scope ||
    !module.scope.bindings.has(name) ||
    (isPart ? scope.bindings.has(name) : !scope.outer.has(name))
  )
    return false;
  return descendants(fn.body, 'name').filter((one) => one.name === name).length === 1;
}

const isDetector = (names: readonly string[]): boolean => names.some((name) => DETECTORS.includes(name));

/** Whether the call reads trained weights; unpickling only where what comes out is a model. */
function loadsModel(flow: Flow, call: Call, module: Module): boolean {
  const names = flow.names(call);
  if (names.some((name) => /^keras\.applications\.[A-Z]\w*$/.test(name))) {
    const weights = flow.argument(call, 'weights');
    return (
      weights.state === 'absent' ||
      (weights.state === 'given' && flow.constants(weights.value).includes('imagenet'))
    );
  }
  if (names.some((name) => /^torchvision\.models\.\w+$/.test(name))) {
    const weights = flow.argument(call, 'weights');
    const pretrained = flow.argument(call, 'pretrained', 0);
    if (weights.state === 'given') return flow.constant(weights.value) !== null;
    return pretrained.state === 'given' && flow.constant(pretrained.value) === true;
  }
  if (isDetector(names)) return call.args.length > 0;
  const row = loadingOf(names);
  if (!row) return false;
  // one cause, one finding: the file that is read is the argument's own call
  if (row.gives === 'into') return call.args[0] !== undefined && isPath(flow, call.args[0].value);
  if (row.name === 'timm.create_model') {
    const pretrained = flow.argument(call, 'pretrained', 1);
    return pretrained.state === 'given' && flow.constant(pretrained.value) === true;
  }
  if (row.name === 'transformersjs.pipeline' || row.name === 'transformers.pipeline')
    return call.args.length > 0 && !wrapsLoaded(flow, call);
  if (isPickle(row.name) || row.name === 'torch.load') return isModelFile(flow, call, module, row.name);
  return true;
}

/** `pipeline(task, model=model)`: what is loaded already is only put into a pipeline. */
function wrapsLoaded(flow: Flow, call: Call): boolean {
  const given = flow.argument(call, 'model', 1);
  return (
    given.state === 'given' &&
    flow.objects(given.value).some(({ types }) => types.some((type) => /^(?:torch\.nn\.|keras\.)/.test(type)))
  );
}

function isPickle(name: string): boolean {
  return name === 'pickle.load' || name === 'joblib.load';
}

function isPlainData(flow: Flow, call: Call): boolean {
  return flow.names(call).some((name) => isPickle(name) || name === 'torch.load');
}

/** Whether the path shows a model's file, whatever folder the request chooses. */
function namesModelFile(flow: Flow, call: Call): boolean {
  return call.args.some(({ value }) =>
    /\.(?:pkl|pickle|joblib|sav|pth?|ckpt|h5|keras|onnx)\b/i.test(fileText(flow, value)),
  );
}

function isPath(flow: Flow, expr: Expr): boolean {
  if (expr.kind === 'template') return true;
  return flow.constants(expr).some((value) => typeof value === 'string');
}

const MODEL_WORDS =
  /model|clf|classif|vectori[sz]|tfidf|tf-idf|scaler|encoder|pipeline|regress|svm|svc|forest|xgb|lgbm|knn|bayes|predict|detector|recommend|\.(?:sav|joblib|pth?|ckpt)\b/i;

const MODEL_METHODS = /^(?:predict\w*|transform|inverse_transform|decision_function|encode|eval|kneighbors)$/;

/** Scalers and label encoders: a few numbers, read in no time. By the name that they get, else by that of the file. */
function isSmall(flow: Flow, call: Call, module: Module): boolean {
  if (!flow.names(call).some(isPickle)) return false;
  const target = statementOf(call);
  const words =
    target.kind === 'assign'
      ? target.targets.map((one) => textOf(module, one)).join(' ')
      : fileText(flow, call.args[0]?.value ?? call).replace(/[^\s"']*[\\/]/g, '');
  return SMALL.test(words) && !/model|clf|classif|net\b|pipe|vectori|tfidf|regress/i.test(words);
}

const SMALL = /scaler|(?<!auto_?|text_?|sentence_?|image_?)encoder|\b(?:ohe|le|lbl|scl)\b/i;

/** A pickle may hold anything: a model's methods on it, its file's name or the name it gets tell. */
function isModelFile(flow: Flow, call: Call, module: Module, name: string): boolean {
  const object = flow.objects(call).find(({ origin }) => origin === call);
  if (object && flow.uses(object, MODEL_METHODS).some(({ role }) => role === 'receiver')) return true;
  // what a model is given is data
  if (name === 'torch.load' && isModelInput(flow, call, object)) return false;
  const text = knownWords(flow, call, module);
  return name === 'torch.load'
    ? !/dataset|vocab|tensor|feature|embedding/i.test(text)
    : MODEL_WORDS.test(text);
}

/** The words by which the file that is read and what it gives are called. */
function knownWords(flow: Flow, call: Call, module: Module): string {
  const target = statementOf(call);
  const assigned = target.kind === 'assign' ? target.targets.map((one) => textOf(module, one)).join(' ') : '';
  return `${call.args.map(({ value }) => fileText(flow, value)).join(' ')} ${assigned}`;
}

function isModelInput(flow: Flow, call: Call, object: ObjectValue | undefined): boolean {
  const runs = (one: Call) =>
    flow.names(one).some((name) => name.endsWith('.__call__') && name !== '?.__call__');
  const { parent } = call;
  if (parent?.kind === 'for' && parent.iterable === call) return true;
  if (parent?.kind === 'assign' && parent.targets.some((target) => target.kind === 'sequence')) return true;
  if (parent?.kind === 'argument' && parent.parent?.kind === 'call') {
    if (runs(parent.parent)) return true;
    if (flow.names(parent.parent).some((name) => name.startsWith('torch.utils.data.'))) return true;
  }
  return object !== undefined && flow.uses(object).some((use) => use.role === 'argument' && runs(use.call));
}

/** What is known of the file an argument names: its constants, the path it was opened with, the source itself. */
function fileText(flow: Flow, expr: Expr): string {
  const opened = flow
    .objects(expr)
    .flatMap(({ origin }) => (origin?.args[0] ? [knownText(flow, origin.args[0].value)] : []));
  return [knownText(flow, expr), ...opened, textOf(flow.moduleOf(expr), expr)].join(' ');
}

/** Whether the load's arguments come from the run of the function around: a parameter, a request's field. */
function dependsOnRun(flow: Flow, call: Call, fn: FunctionNode | null): boolean {
  if (!fn) return false;
  const module = flow.moduleOf(call);
  return comesFromParameter(flow, call, fn, module, 0, true);
}

/** For a loop: whatever a parameter brings may differ from turn to turn. */
function takesParameter(flow: Flow, call: Call, fn: FunctionNode): boolean {
  const scope = flow.moduleOf(call).scopes.get(fn);
  const seen = new Set<Node>();
  const leads = (node: Node): boolean =>
    descendants(node, 'name', true).some((name) => {
      if (flow.constant(name) !== undefined) return false;
      return reachingBindings(name, flow.moduleOf(call)).some(({ source, scope: bound, node: binder }) => {
        if (bound !== scope || seen.has(binder)) return false;
        seen.add(binder);
        if (source.from === 'parameter') return true;
        return 'expr' in source && leads(source.expr);
      });
    });
  return call.args.some((argument) => leads(argument));
}

function comesFromParameter(
  flow: Flow,
  node: Node,
  fn: FunctionNode,
  module: Module,
  depth: number,
  isLoad = false,
): boolean {
  if (depth > 5) return false;
  const parts: Node[] = isLoad && node.kind === 'call' ? [...node.args] : [node];
  return (
    parts.some((part) =>
      descendants(part, 'name', true).some((name) => {
        // a constant says it all: `MODEL_PATH`, a default that nobody overrides
        if (flow.constant(name) !== undefined) return false;
        return reachingBindings(name, module).some(({ source, scope, node: binder }) => {
          if (scope.node !== fn || name.name === 'self' || name.name === 'this') return false;
          if (source.from === 'parameter')
            return !flow.constants(name).some((value) => typeof value === 'string');
          if (
            source.from === 'expr' ||
            source.from === 'with' ||
            source.from === 'unpack' ||
            source.from === 'element'
          )
            return !contains(node, binder) && comesFromParameter(flow, source.expr, fn, module, depth + 1);
          return false;
        });
      }),
    ) ||
    (depth > 0 && readsRequest(flow, node))
  );
}

function readsRequest(flow: Flow, node: Node): boolean {
  return descendants(node, 'name', true).some((name) =>
    flow
      .values(name)
      .some(
        (value) =>
          value.kind === 'library' && /^(?:flask|sanic|bottle|quart)\.request$|^streamlit/.test(value.name),
      ),
  );
}

/** Whether every turn loads the same: the load takes nothing that the loop, or a function on the way, gives it. */
function isSameEachTurn(flow: Flow, call: Call, loop: { kind: string } & Node): boolean {
  const fn = enclosingFunction(call);
  if (contains(loop, call)) return !call.args.some((argument) => dependsOnLoop(flow, argument, loop));
  // reached through calls: `self.path` may differ from object to object
  return (
    !fn ||
    !call.args.some((argument) =>
      descendants(argument, 'name', true).some(
        ({ name }) => name === 'self' || name === 'this' || name === 'cls',
      ),
    )
  );
}

function dependsOnLoop(flow: Flow, node: Node, loop: Node, depth = 0): boolean {
  if (depth > 5) return true;
  if (dependsOn(flow, node, loop)) return true;
  return descendants(node, 'call', true).some((one) => one.args.length === 0);
}

function changesInLoop(loop: Node, load: Call): boolean {
  return (
    descendants(loop, 'call').some((one) => {
      if (one === load || contains(one, load)) return false;
      const callee = one.callee;
      const name = lastName(callee);
      return CHANGES.test(name) || /Trainer$/.test(name);
    }) || descendants(loop, 'delete').length > 0
  );
}

/** `while not done: try: net = torch.load(path); done = True`: the loop tries again until it has loaded once. */
function endsWith(loop: Node, load: Call): boolean {
  if ((loop.kind !== 'while' && loop.kind !== 'for') || !contains(loop, load)) return false;
  const tested = new Set(
    loop.kind === 'while' && loop.test ? descendants(loop.test, 'name', true).map(({ name }) => name) : [],
  );
  const ends = (statement: Stmt) =>
    statement.kind === 'break' ||
    statement.kind === 'return' ||
    (statement.kind === 'assign' &&
      statement.value?.kind === 'literal' &&
      statement.targets.some((target) => target.kind === 'name' && tested.has(target.name)));
  for (const parent of [statementOf(load), ...ancestors(statementOf(load))]) {
    if (parent === loop) return false;
    // an inner loop's `break` ends only that one
    if (parent !== statementOf(load) && (parent.kind === 'for' || parent.kind === 'while')) return false;
    const block = parent.parent;
    const after = block?.kind === 'block' ? block.statements.filter((one) => one.start >= parent.start) : [];
    if (after.some(ends)) return true;
    if (parent.kind === 'try' && parent.orelse?.statements.some(ends)) return true;
  }
  return false;
}

/** A request that trains needs fresh weights. */
function trainsHere(node: Node): boolean {
  return descendants(node, 'call').some(
    ({ callee }) =>
      callee.kind === 'member' &&
      (/^(?:fit|backward|train_on_batch|partial_fit)$/.test(callee.property) ||
        (callee.property === 'train' &&
          callee.object.kind === 'name' &&
          /trainer$/i.test(callee.object.name))),
  );
}

function nameOf(call: Call, module: Module): string {
  const text = textOf(module, call.callee).replace(/\s+/g, '');
  return text.length <= 60 ? text : text.slice(text.lastIndexOf('.') + 1);
}

// ------------------------------------------------------------------- fixes

function fixesFor(call: Call, why: Repetition, context: RuleContext): Fix[] {
  const { flow, module } = context;
  const fn = enclosingFunction(call);
  if (module.language === 'typescript') return hoistPromise(call, context);

  const isLoader =
    fn !== null &&
    why.by !== 'loop' &&
    (why.by === 'rerun' || why.handler !== fn || fn.decorators.length === 0) &&
    isLoaderOnly(fn, call);
  if (isLoader && fn.parameters.length === 0 && !fn.isAsync && !fn.isGenerator && fn.name) {
    const streamlit = why.by === 'rerun' ? streamlitName(module) : null;
    if (why.by === 'rerun' && !streamlit) return [];
    return [
      {
        title: {
          en: `Keep what \`${fn.name}\` loads`,
          fr: `Garder ce que charge \`${fn.name}\``,
        },
        edits: () => [
          addDecorator(module, fn, streamlit ? `@${streamlit}.cache_resource` : '@lru_cache(maxsize=1)'),
        ],
        imports: streamlit ? [] : ['from functools import lru_cache'],
      },
    ];
  }
  if (why.by === 'rerun') return cacheInStreamlit(call, context);
  return hoist(flow, module, call, why);
}

/** A function that loads and gives back: keeping its result changes nothing else. */
function isLoaderOnly(fn: FunctionNode, call: Call): boolean {
  const returns = descendants(fn.body, 'return', true);
  return (
    returns.length > 0 &&
    fn.body.statements.length <= 8 &&
    (contains(fn.body.statements.at(-1) as Node, call) || returns.every(({ value }) => value !== null))
  );
}

function streamlitName(module: Module): string | null {
  for (const one of module.imports) {
    const binding =
      one.module === 'streamlit' ? one.bindings.find(({ imported }) => imported === null) : undefined;
    if (binding) return binding.local;
  }
  return null;
}

/** The plain assignment that holds the load, alone in its statement or alone in a `with open(…)`. */
function assignmentOf(
  module: Module,
  call: Call,
): { readonly assign: Assign; readonly statement: Stmt; readonly name: string } | null {
  const assign = statementOf(call);
  if (
    assign.kind !== 'assign' ||
    assign.operator !== null ||
    assign.targets.length !== 1 ||
    !startsLine(module, assign)
  )
    return null;
  const target = assign.targets[0];
  if (target?.kind !== 'name') return null;
  const holder = assign.parent?.parent;
  const statement =
    holder?.kind === 'with' && holder.body.statements.length === 1 && startsLine(module, holder)
      ? holder
      : assign;
  return { assign, statement, name: target.name };
}

/** Moves the assignment in front of the loop, or of the top-level statement that holds the handler. */
function hoist(flow: Flow, module: Module, call: Call, why: Repetition): Fix[] {
  const found = assignmentOf(module, call);
  if (!found || why.by === 'rerun') return [];
  const { statement, name } = found;
  const loop =
    why.by === 'loop' && contains(why.loop, call) && why.loop.kind !== 'comprehension' ? why.loop : null;
  if (why.by === 'loop' && !loop && contains(why.loop, call)) return [];
  const before: Stmt | null = loop ?? topLevel(module, call);
  if (!before || !startsLine(module, before)) return [];
  if (loop ? dependsOn(flow, statement, loop) : usesLocals(flow, module, statement)) return [];
  const fn = enclosingFunction(call);
  const isAlone = statement.parent?.kind === 'block' && statement.parent.statements.length === 1;
  if (isAlone || statement.parent?.parent?.kind === 'try') return []; // what its `try` catches stays in it
  if (!loop) {
    const scope = fn && module.scopes.get(fn);
    if (!scope || (scope.bindings.get(name)?.length ?? 0) > 1 || scope.outer.has(name)) return [];
    if (module.scope.bindings.has(name)) return [];
    if (isWrittenHere(module, call, before)) return []; // there is no file yet as the program starts
  }
  return [
    {
      title: { en: `Load \`${name}\` once, before`, fr: `Charger \`${name}\` une fois, avant` },
      edits: () => [put(module, before, dedented(module, statement), !loop), removeLines(module, statement)],
    },
  ];
}

/** Whether the program writes the file that the call reads, and has not yet done so above, as it starts. */
function isWrittenHere(module: Module, call: Call, before: Stmt): boolean {
  const spell = (node: Node) => textOf(module, node).replace(/\s+/g, '');
  const [path] = call.args;
  return (
    path !== undefined &&
    module.calls.some(
      (one) =>
        one.callee.kind === 'member' &&
        /^(?:dump|save\w*)$/.test(one.callee.property) &&
        (enclosingFunction(one) !== null || one.start > before.start) &&
        one.args.some(({ value }) => spell(value) === spell(path.value)),
    )
  );
}

/** Lines before a statement; before a decorated function, above its decorators. */
function put(module: Module, before: Stmt, lines: readonly string[], apart: boolean): Edit {
  const decorators = before.kind === 'function' || before.kind === 'class' ? before.decorators : [];
  const at = decorators.reduce(
    (start, one) => Math.min(start, module.text.lastIndexOf('@', one.start)),
    before.start,
  );
  // as far apart as the file keeps its functions
  const gap = /\n[ \t]*\r?\n[ \t]*\r?\n$/.test(module.text.slice(0, lineStart(module, at))) ? ['', ''] : [''];
  const edit = insertBefore(module, before, apart ? [...lines, ...gap] : lines);
  const text = edit.text.replace(/[ \t]+(?=\r?\n)/g, '');
  return { ...edit, start: at, end: at, text };
}

/** The statement's lines without its own indentation. */
function dedented(module: Module, statement: Stmt): string[] {
  const indent = indentAt(module, statement.start);
  return textOf(module, statement)
    .split(/\r?\n/)
    .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
}

function topLevel(module: Module, node: Node): Stmt | null {
  let child: Node = node;
  for (const parent of ancestors(node)) {
    if (parent === module.body) return child as Stmt;
    child = parent;
  }
  return null;
}

/** Whether something in the statement is bound inside a function, or further down in the module. */
function usesLocals(flow: Flow, module: Module, node: Node): boolean {
  const top = topLevel(module, node);
  return descendants(node, 'name', true).some((name) =>
    reachingBindings(name, flow.moduleOf(node)).some(
      (binding) =>
        !contains(node, binding.node) &&
        (binding.scope.node !== module || (top !== null && binding.node.start > top.start)),
    ),
  );
}

/** A loader of its own, kept by Streamlit, in front of the top-level statement that loads. */
function cacheInStreamlit(call: Call, { flow, module }: RuleContext): Fix[] {
  const streamlit = streamlitName(module);
  const assign = statementOf(call);
  const target = assign.kind === 'assign' && assign.value === call ? assign.targets[0] : undefined;
  const before = topLevel(module, call);
  if (!streamlit || target?.kind !== 'name' || !before || !startsLine(module, before)) return [];
  const getter = `get_${target.name.toLowerCase()}`;
  if (isBound(module, getter) || usesLocals(flow, module, call)) return [];
  const unit = indentUnit(module);
  const newline = newlineOf(module);
  const own = indentAt(module, assign.start);
  const body = textOf(module, call)
    .split(/\r?\n/)
    .map((line, at) => (at === 0 ? line : unit + (line.startsWith(own) ? line.slice(own.length) : line)))
    .join(newline);
  // the spinner would come before what Streamlit wants first
  const configures = module.calls.some(
    (one) => lastName(one.callee) === 'set_page_config' && one.start > call.start,
  );
  const keeper = `@${streamlit}.cache_resource${configures ? '(show_spinner=False)' : ''}`;
  const lines = [keeper, `def ${getter}():`, `${unit}return ${body}`, ''];
  return [
    {
      title: {
        en: `Keep \`${target.name}\` with \`${streamlit}.cache_resource\``,
        fr: `Garder \`${target.name}\` avec \`${streamlit}.cache_resource\``,
      },
      edits: () => [put(module, before, lines, false), replace(call, `${getter}()`)],
    },
  ];
}

/** Whether a name means something anywhere in the module. */
function isBound(module: Module, name: string): boolean {
  return (
    module.scope.bindings.has(name) || [...module.scopes.values()].some(({ bindings }) => bindings.has(name))
  );
}

/** A worker of the edge: outside its handlers it may not fetch. */
const WORKER = /\baddEventListener\(\s*['"]fetch['"]|\bexport\s+default\s*\{[^}]{0,200}\bfetch\s*[(:]/;

/** One promise at module level: every request waits for the same load. */
function hoistPromise(call: Call, { flow, module }: RuleContext): Fix[] {
  if (call.parent?.kind !== 'await') return [];
  const statement = statementOf(call);
  const target = statement.kind === 'assign' && statement.targets.length === 1 ? statement.targets[0] : null;
  const base = target?.kind === 'name' ? target.name : 'model';
  const name = `${base}Promise`;
  const before = topLevel(module, call);
  if (!before || module.scope.bindings.has(name) || usesLocals(flow, module, call)) return [];
  const at = exportStart(module, before);
  const newline = newlineOf(module);
  if (WORKER.test(module.text)) {
    const type = /\.[cm]?ts$/.test(module.path)
      ? `: ReturnType<typeof ${textOf(module, call.callee)}> | undefined`
      : '';
    return [
      {
        title: { en: 'Load at the first request alone', fr: 'Charger à la première requête seulement' },
        edits: () => [
          { start: at, end: at, text: `let ${name}${type};${newline}${newline}` },
          { start: call.start, end: call.start, text: `(${name} ??= ` },
          { start: call.end, end: call.end, text: ')' },
        ],
      },
    ];
  }
  return [
    {
      title: {
        en: `Load once: \`${name}\` at module level`,
        fr: `Charger une fois : \`${name}\` au niveau du module`,
      },
      edits: () => [
        { start: at, end: at, text: `const ${name} = ${textOf(module, call)};${newline}${newline}` },
        replace(call, name),
      ],
    },
  ];
}

/** `export async function POST` starts at its `export`. */
function exportStart(module: Module, statement: Stmt): number {
  const line = lineStart(module, statement.start);
  return /^(?:export\s+(?:default\s+)?)?$/.test(module.text.slice(line, statement.start))
    ? line
    : statement.start;
}
