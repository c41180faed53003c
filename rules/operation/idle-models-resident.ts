import type { Flow } from '../../analysis/flow/types.ts';
import type { Assign, Call, Expr, FunctionNode, Index, Module, Name, Node } from '../../analysis/model.ts';
import { ancestors, descendants, enclosingFunction, statementOf } from '../../analysis/tree.ts';
import { indentUnit, insertAfter, startsLine, textOf } from '../edits.ts';
import { loadingOf } from '../knowledge/loads-weights.ts';
import { defineRule, type Edit, type Fix, type RuleContext } from '../rule.ts';
import { statedInProgram } from '../semantics/memo.ts';
import { isHandler, isMemoised, isStartUp, repetition } from '../semantics/serving.ts';

export default defineRule({
  id: 'idle-models-resident',
  phase: 'operation',
  languages: ['python'],
  severity: 'hint',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'memory',
    band: 'medium',
    source: {
      en: 'Arithmetic: each model held takes two to four bytes per parameter of memory, asked or not.',
      fr: 'Arithmétique : chaque modèle gardé prend deux à quatre octets de mémoire par paramètre, sollicité ou non.',
    },
  },
  references: {
    course: ['La sobriété par l’usage : « Désactivation automatique des modèles peu utilisés »'],
    links: ['https://docs.python.org/3/library/functools.html#functools.lru_cache'],
  },
  libraries: [
    'transformers',
    'torch',
    'keras',
    'tensorflow',
    'sentence_transformers',
    'diffusers',
    'whisper',
    'ultralytics',
    'onnxruntime',
    'spacy',
  ],
  title: {
    en: 'Several models are held in memory, and each request uses one',
    fr: 'Plusieurs modèles occupent la mémoire, et chaque requête en utilise un seul',
  },
  what: {
    en: 'A server that loads two or more neural networks when it starts, although a request runs only one of them: a dict of models indexed by what the request asks for, or one model for each route. Pickled classical models, ensembles and chains of models that work together are left alone.',
    fr: 'Un serveur qui charge au démarrage deux réseaux de neurones ou plus alors qu’une requête n’en fait tourner qu’un : un dict de modèles indexé par la demande, ou un modèle par route. Les modèles classiques sérialisés, ensembles et chaînes de modèles qui travaillent ensemble ne sont pas visés.',
  },
  why: {
    en: 'Memory that holds a model is memory that must be powered, and bought: 2 to 4 bytes for each parameter, 0.4 GB for a BERT in float32. The sum of all models sets the size of the machine, though one at a time is asked for, and some perhaps never. transformers maps weights from the file, so that those never asked for take less than that; and a model that is loaded again at each turn costs processor time, as measured below. The course asks to switch off models that are seldom used.',
    fr: 'La mémoire qui tient un modèle est alimentée, et achetée : 2 à 4 octets par paramètre, 0,4 Go pour un BERT en float32. La somme de tous les modèles fixe la taille de la machine, alors qu’un seul à la fois est demandé, et certains peut-être jamais. transformers projette les poids depuis le fichier : ceux qu’on ne demande jamais prennent moins ; et un modèle rechargé à chaque tour coûte du temps processeur, comme mesuré ci-dessous. Le cours demande de désactiver les modèles peu utilisés.',
  },
  instead: {
    en: 'Load a model when it is first asked for, and drop the one not asked for longest: `@lru_cache(maxsize=1)` on a loader does both. Ignore the hint where all are asked for all the time (with two models asked for in turn, each request loads one: 1.9 times the processor time for 0.8 times the memory, measured by this project), or where a first answer may not wait for a load.',
    fr: 'Chargez un modèle à sa première demande, et abandonnez celui qui n’a pas servi depuis le plus longtemps : `@lru_cache(maxsize=1)` sur un chargeur fait les deux. À ignorer si tous servent sans cesse (deux modèles demandés tour à tour se rechargent à chaque requête : 1,9 fois le temps processeur pour 0,8 fois la mémoire, mesuré par ce projet), ou si la première réponse ne peut attendre un chargement.',
  },
  messages: {
    default: {
      en: '`{models}` holds {count} models from the start, and a request uses one: load it when it is asked for, and let the others go.',
      fr: '`{models}` tient {count} modèles dès le départ, et une requête en utilise un : chargez-le à la demande, et libérez les autres.',
    },
    routes: {
      en: '{count} models are loaded at the start, and each has a route of its own ({models}): load one when it is asked for.',
      fr: '{count} modèles sont chargés au départ, et chacun a sa propre route ({models}) : chargez-en un à la demande.',
    },
  },
  on: { module: check },
  examples: {
    bad: [
      {
        file: 'main.py',
        code: 'from fastapi import FastAPI\nfrom transformers import pipeline\n\napp = FastAPI()\nMODELS = {\n    "en": pipeline("summarization", model="facebook/bart-large-cnn"),\n    "fr": pipeline("summarization", model="moussaKam/barthez-orangesum-abstract"),\n}\n\n\n@app.post("/summary/{language}")\ndef summary(language: str, text: str):\n    return MODELS[language](text)[0]["summary_text"]\n',
        fixed:
          'from fastapi import FastAPI\nfrom transformers import pipeline\nfrom functools import lru_cache\n\napp = FastAPI()\nMODELS = {\n    "en": lambda: pipeline("summarization", model="facebook/bart-large-cnn"),\n    "fr": lambda: pipeline("summarization", model="moussaKam/barthez-orangesum-abstract"),\n}\n\n\n@lru_cache(maxsize=1)\ndef loaded_model(name):\n    return MODELS[name]()\n\n\n@app.post("/summary/{language}")\ndef summary(language: str, text: str):\n    return loaded_model(language)(text)[0]["summary_text"]\n',
      },
      {
        file: 'app.py',
        code: 'from flask import Flask, request\nfrom tensorflow.keras.models import load_model\n\napp = Flask(__name__)\nNAMES = ["leaf", "fruit", "root"]\nmodels = {name: load_model(f"{name}.h5") for name in NAMES}\n\n\n@app.route("/predict/<part>", methods=["POST"])\ndef predict(part):\n    return str(models[part].predict(prepare(request.files["photo"])))\n',
      },
      {
        file: 'main.py',
        code: 'from fastapi import FastAPI\nfrom transformers import pipeline\n\napp = FastAPI()\nmodels = {}\n\n\n@app.on_event("startup")\ndef load():\n    models["mood"] = pipeline("sentiment-analysis")\n    models["summary"] = pipeline("summarization")\n\n\n@app.post("/run/{task}")\ndef run(task: str, text: str):\n    return models[task](text)\n',
      },
      {
        file: 'app.py',
        code: 'from flask import Flask, request\nfrom tensorflow.keras.models import load_model\n\napp = Flask(__name__)\nmalaria_model = load_model("malaria.h5")\npneumonia_model = load_model("pneumonia.h5")\n\n\n@app.route("/malaria", methods=["POST"])\ndef malaria():\n    return str(malaria_model.predict(prepare(request.files["image"])))\n\n\n@app.route("/pneumonia", methods=["POST"])\ndef pneumonia():\n    return str(pneumonia_model.predict(prepare(request.files["image"])))\n',
      },
      {
        file: 'start.py',
        code: 'import os\nfrom fastapi import FastAPI\nfrom ultralytics import YOLO\n\napp = FastAPI()\nmodels = {}\n\n\n@app.on_event("startup")\ndef load_all():\n    for file in os.listdir("weights"):\n        models[file] = YOLO("weights/" + file)\n\n\n@app.post("/detect/{name}")\ndef detect(name: str, url: str):\n    return models[name](url)[0].tojson()\n',
        note: { en: 'Filled in a start-up hook.', fr: 'Rempli au démarrage.' },
      },
    ],
    good: [
      {
        file: 'main.py',
        code: 'from functools import lru_cache\nfrom fastapi import FastAPI\nfrom transformers import pipeline\n\napp = FastAPI()\nNAMES = {"en": "facebook/bart-large-cnn", "fr": "moussaKam/barthez-orangesum-abstract"}\n\n\n@lru_cache(maxsize=1)\ndef summariser(language):\n    return pipeline("summarization", model=NAMES[language])\n\n\n@app.post("/summary/{language}")\ndef summary(language: str, text: str):\n    return summariser(language)(text)\n',
      },
      {
        file: 'main.py',
        code: 'from fastapi import FastAPI\nfrom transformers import pipeline\n\napp = FastAPI()\nhear = pipeline("automatic-speech-recognition", model="openai/whisper-tiny")\nsum_up = pipeline("summarization", model="sshleifer/distilbart-cnn-6-6")\n\n\n@app.post("/minutes")\ndef minutes(sound: bytes):\n    return sum_up(hear(sound)["text"])\n',
        note: { en: 'They work together.', fr: 'Ils travaillent ensemble.' },
      },
      {
        file: 'app.py',
        code: 'import joblib\nfrom flask import Flask, request\n\napp = Flask(__name__)\nMODELS = {"heart": joblib.load("heart.pkl"), "liver": joblib.load("liver.pkl")}\n\n\n@app.route("/<organ>", methods=["POST"])\ndef predict(organ):\n    return str(MODELS[organ].predict([request.json]))\n',
        note: { en: 'A few kilobytes each.', fr: 'Quelques kilo-octets chacun.' },
      },
      {
        file: 'app.py',
        code: 'from flask import Flask, request\nfrom tensorflow.keras.models import load_model\n\napp = Flask(__name__)\nmodels = {name: load_model(f"fold{name}.h5") for name in range(3)}\n\n\n@app.route("/predict", methods=["POST"])\ndef predict():\n    x = prepare(request.files["photo"])\n    return str(sum(model.predict(x) for model in models.values()) / 3)\n',
        note: {
          en: 'An ensemble: each request uses all.',
          fr: 'Un ensemble : chaque requête les utilise tous.',
        },
      },
      {
        file: 'compare.py',
        code: 'from transformers import pipeline\n\nMODELS = {"a": pipeline("ner", model="x/a"), "b": pipeline("ner", model="x/b")}\nfor name in MODELS:\n    print(name, MODELS[name]("Paris"))\n',
        note: { en: 'No server.', fr: 'Pas de serveur.' },
      },
      {
        file: 'app.py',
        code: 'from flask import Flask, request\nfrom transformers import AutoModelForSequenceClassification, AutoTokenizer\n\napp = Flask(__name__)\ntokenizer = AutoTokenizer.from_pretrained("distilbert-base-uncased")\nmodel = AutoModelForSequenceClassification.from_pretrained("distilbert-base-uncased")\n\n\n@app.route("/spam", methods=["POST"])\ndef spam():\n    return str(model(**tokenizer(request.json["text"], return_tensors="pt")).logits.argmax())\n',
        note: { en: 'One model and its tokenizer.', fr: 'Un modèle et son tokenizer.' },
      },
    ],
  },
});

const SERVERS =
  /\b(?:fastapi|flask|flask_restful|django|starlette|sanic|aiohttp|tornado|bottle|litestar|quart|falcon)\b/;

const serves = statedInProgram(({ text }) => SERVERS.test(text));

function check(module: Module, context: RuleContext): void {
  const { flow } = context;
  if (module.language !== 'python') return;
  if (!serves(module, flow)) return;
  for (const assign of module.assigns) {
    const found = dictOfModels(assign, module, flow);
    if (!found) continue;
    const indexes = readsByRequest(found.name, module, flow);
    if (!indexes) continue;
    return context.fail(found.name, {
      data: { models: found.name.name, count: found.count },
      fixes: fixFor(found, assign, module, flow),
    });
  }
  checkRoutes(module, context);
}

/** Whether the call brings a network into memory: no tokenizer, no pickle of a classical model. */
function loadsNetwork(flow: Flow, expr: Expr): boolean {
  if (expr.kind !== 'call') return false;
  const names = flow.names(expr);
  if (names.some((name) => /Tokenizer|Processor|FeatureExtractor|Config\b|joblib|pickle|sklearn/.test(name)))
    return false;
  if (names.some((name) => name === 'spacy.load' || name === 'onnxruntime.InferenceSession')) return true;
  const row = loadingOf(names);
  if (row && row.gives !== 'into') return true;
  // load_model("a.h5").to(device), pipeline(…).eval()
  const { callee } = expr;
  return (
    callee.kind === 'member' &&
    /^(?:to|eval|cuda|half)$/.test(callee.property) &&
    loadsNetwork(flow, callee.object)
  );
}

interface Held {
  readonly name: Name;
  readonly count: number | string;
  /** The loads, where they are written out one by one. */
  readonly loads: readonly Call[];
}

/** A dict of networks made when the module is run. */
function dictOfModels(assign: Assign, module: Module, flow: Flow): Held | null {
  const [name] = assign.targets;
  const { value } = assign;
  if (name?.kind !== 'name' || !value || enclosingFunction(assign) || assign.targets.length !== 1)
    return null;
  if (value.kind === 'dict') {
    const loads = value.entries.flatMap((entry) =>
      entry.value.kind === 'call' && loadsNetwork(flow, entry.value) ? [entry.value] : [],
    );
    if (loads.length >= 2 && loads.length === value.entries.length)
      return { name, count: loads.length, loads };
    return value.entries.length === 0
      ? (filledInLoop(name, module, flow) ?? filledAtStart(name, module, flow))
      : null;
  }
  if (value.kind === 'comprehension' && value.type === 'dict' && loadsNetwork(flow, value.element)) {
    const count = flow.iterations(value);
    return count === 1 ? null : { name, count: count ?? 'all', loads: [] };
  }
  return null;
}

/** `for name in NAMES: models[name] = load(name)` at the top of the module or in a start-up hook. */
function filledInLoop(name: Name, module: Module, flow: Flow): Held | null {
  for (const loop of module.loops) {
    const fn = enclosingFunction(loop);
    if (loop.kind !== 'for' || (fn && !isStartUp(flow, fn))) continue;
    const fills = descendants(loop.body, 'assign', true).some(
      ({ targets, value }) =>
        value !== null &&
        loadsNetwork(flow, value) &&
        targets.some(
          (target) =>
            target.kind === 'index' && target.object.kind === 'name' && target.object.name === name.name,
        ),
    );
    const count = flow.iterations(loop);
    if (fills && count !== 1) return { name, count: count ?? 'all', loads: [] };
  }
  return null;
}

/** `models["en"] = load(…)`, one by one, at the top of the module or in a start-up hook. */
function filledAtStart(name: Name, module: Module, flow: Flow): Held | null {
  const fills = module.assigns.filter(({ targets, value }) => {
    if (!value || !loadsNetwork(flow, value)) return false;
    const fn = enclosingFunction(value);
    if (fn && !isStartUp(flow, fn)) return false;
    return targets.some(
      (target) =>
        target.kind === 'index' && target.object.kind === 'name' && target.object.name === name.name,
    );
  });
  return fills.length >= 2 ? { name, count: fills.length, loads: [] } : null;
}

/** Reads of one entry by what a request asks for; null where there is none, or where all entries are used together. */
function readsByRequest(name: Name, module: Module, flow: Flow): readonly Index[] | null {
  const inFunctions = descendants(module.body, 'name').filter(
    (one) => one.name === name.name && one !== name && enclosingFunction(one) !== null,
  );
  const indexes: Index[] = [];
  for (const one of inFunctions) {
    const { parent } = one;
    if (parent?.kind === 'index' && parent.object === one) {
      if (parent.parent?.kind === 'assign' && parent.parent.targets.includes(parent)) continue;
      if (parent.index.kind !== 'literal') indexes.push(parent);
      continue;
    }
    if (parent?.kind === 'member' && parent.property === 'get') continue;
    if (parent?.kind === 'member' && parent.property === 'keys') continue;
    if (parent?.kind === 'binary') continue; // name in MODELS
    if (parent?.kind === 'argument' || parent?.kind === 'call') {
      const callee =
        parent.kind === 'argument' && parent.parent?.kind === 'call' ? parent.parent.callee : null;
      if (callee?.kind === 'name' && /^(?:list|len|sorted|set)$/.test(callee.name)) continue;
    }
    return null;
  }
  const asked = indexes.filter((index) => isByRequest(flow, index) && !inLoopOver(index, name.name, module));
  return asked.length > 0 && asked.length === indexes.length ? asked : null;
}

function isByRequest(flow: Flow, node: Node): boolean {
  return handlerOf(flow, node) !== null;
}

/** The route that runs the node. */
function handlerOf(flow: Flow, node: Node): FunctionNode | null {
  for (const parent of ancestors(node))
    if (parent.kind === 'function' && isHandler(flow, parent)) return parent;
  const why = repetition(flow, node);
  return why?.by === 'request' ? why.handler : null;
}

/** `for name in MODELS: MODELS[name](x)` uses them all. */
function inLoopOver(index: Index, name: string, module: Module): boolean {
  return [...ancestors(index)].some(
    (parent) =>
      (parent.kind === 'for' && textOf(module, parent.iterable).includes(name)) ||
      (parent.kind === 'comprehension' &&
        parent.clauses.some((clause) => textOf(module, clause.iterable).includes(name))),
  );
}

// ----------------------------------------------------------------------- one per route

function checkRoutes(module: Module, context: RuleContext): void {
  const { flow } = context;
  const alone: { readonly name: Name; readonly load: Call; readonly handler: FunctionNode }[] = [];
  for (const assign of module.assigns) {
    const [name] = assign.targets;
    if (name?.kind !== 'name' || !assign.value || enclosingFunction(assign)) continue;
    if (assign.value.kind !== 'call' || !loadsNetwork(flow, assign.value)) continue;
    const uses = descendants(module.body, 'name').filter((one) => one.name === name.name && one !== name);
    const handlers = new Set(uses.filter((use) => enclosingFunction(use)).map((use) => handlerOf(flow, use)));
    const [only] = handlers;
    if (handlers.size !== 1 || !only) return;
    alone.push({ name, load: assign.value, handler: only });
  }
  const handlers = new Set(alone.map(({ handler }) => handler));
  const [first] = alone;
  if (!first || alone.length < 2 || handlers.size !== alone.length) return;
  if ([...handlers].some((handler) => isMemoised(flow, handler))) return;
  context.fail(first.name, {
    message: 'routes',
    data: { count: alone.length, models: alone.map(({ name }) => `\`${name.name}\``).join(', ') },
  });
}

// --------------------------------------------------------------------------------- fix

/** Loaders in the dict, one loaded model behind a function. */
function fixFor({ name, loads }: Held, assign: Assign, module: Module, flow: Flow): Fix[] {
  const statement = statementOf(assign);
  if (loads.length === 0 || !startsLine(module, statement) || module.text.includes('loaded_model')) return [];
  const uses = descendants(module.body, 'name').filter((one) => one.name === name.name && one !== name);
  const reads: Index[] = [];
  for (const use of uses) {
    const { parent } = use;
    if (parent?.kind === 'index' && parent.object === use && parent.index.kind !== 'slice')
      reads.push(parent);
    else if (parent?.kind !== 'binary') return [];
  }
  // another file may hold the dict too
  if (
    [...flow.component(module)].some(
      (one) => one !== module && new RegExp(`\\b${name.name}\\b`).test(one.text),
    )
  )
    return [];
  const unit = indentUnit(module);
  return [
    {
      title: {
        en: 'Load the model that is asked for, and keep one',
        fr: 'Charger le modèle demandé, et n’en garder qu’un',
      },
      edits: (): Edit[] => [
        ...loads.map((load) => ({ start: load.start, end: load.start, text: 'lambda: ' })),
        insertAfter(module, statement, [
          '',
          '',
          '@lru_cache(maxsize=1)',
          'def loaded_model(name):',
          `${unit}return ${name.name}[name]()`,
        ]),
        ...reads.flatMap((read) => [
          { start: read.start, end: read.index.start, text: 'loaded_model(' },
          { start: read.index.end, end: read.end, text: ')' },
        ]),
      ],
      imports: ['from functools import lru_cache'],
    },
  ];
}
