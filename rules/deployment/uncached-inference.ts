import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, FunctionNode, Module } from '../../analysis/model.ts';
import { enclosingFunction } from '../../analysis/tree.ts';
import { addDecorator, textOf } from '../edits.ts';
import { EMBEDDING_CALLS } from '../knowledge/llm-apis.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { isAside } from '../semantics/javascript.ts';
import { llmRow, lookUp } from '../semantics/llm.ts';
import { inProgram } from '../semantics/memo.ts';
import { assignedName, repetition } from '../semantics/serving.ts';
import { slice } from '../semantics/slice.ts';

const PIPELINES = ['transformers.Pipeline.__call__', 'transformersjs.Pipeline.__call__'];
const WRITES = 'transformers.PreTrainedModel.generate';
const PREDICTS = 'keras.Model.predict';
/** Models that turn one text into another, by beams rather than by chance. */
const SEQUENCES = /Marian|\bT5|MT5|Bart|Pegasus|M2M100|Seq2SeqLM/;
const ENCODERS = [
  'sentence_transformers.CrossEncoder.predict',
  'transformers.PreTrainedModel.__call__',
  'transformersjs.PreTrainedModel.__call__',
  'optimum.onnxruntime.ORTModel.__call__',
];

export default defineRule({
  id: 'uncached-inference',
  phase: 'deployment',
  languages: ['python', 'typescript'],
  severity: 'hint',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'medium',
    source: {
      en: 'Arithmetic: a request whose answer is kept costs a look-up instead of a run of the model.',
      fr: 'Arithmétique : une requête dont la réponse est gardée coûte une lecture au lieu d’une exécution du modèle.',
    },
  },
  references: {
    course: [
      "Phase de déploiement — Réduire le coût d'inférence : « Mettre en cache les résultats récurrents »",
      'La sobriété par l’usage : « Mise en cache des résultats fréquents »',
    ],
    links: ['https://docs.python.org/3/library/functools.html#functools.lru_cache'],
  },
  libraries: [
    'transformers',
    'keras',
    'sentence_transformers',
    'openai',
    'OpenAI',
    'anthropic',
    'cohere',
    'mistralai',
    'genai',
    'generativeai',
    'groq',
    'ollama',
    'litellm',
    'langchain',
    'optimum',
    "'ai'",
    '"ai"',
  ],
  title: {
    en: 'The same question is computed again at each request',
    fr: 'La même question est recalculée à chaque requête',
  },
  what: {
    en: 'A web route that runs a language model on a text of the request where the same text always gives the same answer (classification, embeddings, translation, a generative model at `temperature=0`), in a program that caches nothing. Uploaded images and sound, conversations, sampled or streamed answers are left alone: they hardly ever repeat.',
    fr: 'Une route web qui fait tourner un modèle de langage sur un texte de la requête alors qu’un même texte donne toujours la même réponse (classification, embeddings, traduction, modèle génératif à `temperature=0`), dans un programme qui ne met rien en cache. Images et sons téléversés, conversations, réponses échantillonnées ou diffusées en flux ne sont pas visés : ils ne se répètent guère.',
  },
  why: {
    en: 'What people ask follows a few habits: the same short texts come back. A kept answer costs a look-up in memory; without it every repetition pays the whole model again. The course lists the caching of frequent results among the first measures of use.',
    fr: 'Ce que les gens demandent suit quelques habitudes : les mêmes textes courts reviennent. Une réponse gardée coûte une lecture en mémoire ; sans elle, chaque répétition paie à nouveau tout le modèle. Le cours cite la mise en cache des résultats fréquents parmi les premières mesures d’usage.',
  },
  instead: {
    en: 'Put the run into a function of the text alone and bound its cache: `@lru_cache(maxsize=1024)` in one process, Redis with a time to live for several; in JavaScript `lru-cache`. Normalize the text first (case, spaces). Ignore the hint where texts are long and personal: they never repeat, and should not be kept.',
    fr: 'Mettez l’exécution dans une fonction du seul texte et bornez son cache : `@lru_cache(maxsize=1024)` dans un processus, Redis avec une durée de vie pour plusieurs ; `lru-cache` en JavaScript. Normalisez d’abord le texte (casse, espaces). À ignorer si les textes sont longs et personnels : ils ne se répètent pas et ne doivent pas être gardés.',
  },
  messages: {
    default: {
      en: '`{call}` gives the same answer for the same text, and `{handler}` asks for it at every request: do texts repeat? Then a bounded cache answers them.',
      fr: '`{call}` donne la même réponse pour un même texte, et `{handler}` la redemande à chaque requête : des textes reviennent-ils ? Un cache borné y répond.',
    },
  },
  on: {
    calls: {
      names: [
        ...PIPELINES,
        ...ENCODERS,
        WRITES,
        PREDICTS,
        ...EMBEDDING_CALLS,
        'openai.OpenAI.chat.completions.create',
        'openai.OpenAI.responses.create',
        'openai.ChatCompletion.create',
        'groq.Groq.chat.completions.create',
        'anthropic.Anthropic.messages.create',
        'mistralai.Mistral.chat.complete',
        'litellm.completion',
        'ollama.chat',
        'ollama.generate',
        'ai.generateText',
        'ai.generateObject',
      ],
      check,
    },
  },
  examples: {
    bad: [
      {
        file: 'app.py',
        code: 'from flask import Flask, jsonify, request\nfrom transformers import pipeline\n\napp = Flask(__name__)\nclassifier = pipeline("sentiment-analysis")\n\n\ndef mood(text: str):\n    return classifier(text)[0]["label"]\n\n\n@app.route("/mood", methods=["POST"])\ndef predict():\n    return jsonify(mood(request.json["text"]))\n',
        fixed:
          'from flask import Flask, jsonify, request\nfrom transformers import pipeline\nfrom functools import lru_cache\n\napp = Flask(__name__)\nclassifier = pipeline("sentiment-analysis")\n\n\n@lru_cache(maxsize=1024)\ndef mood(text: str):\n    return classifier(text)[0]["label"]\n\n\n@app.route("/mood", methods=["POST"])\ndef predict():\n    return jsonify(mood(request.json["text"]))\n',
      },
      {
        file: 'main.py',
        code: 'from fastapi import FastAPI\nfrom pydantic import BaseModel\nfrom sentence_transformers import SentenceTransformer\n\napp = FastAPI()\nencoder = SentenceTransformer("all-MiniLM-L6-v2")\n\n\nclass Query(BaseModel):\n    text: str\n\n\n@app.post("/search")\ndef search(query: Query):\n    vector = encoder.encode(query.text)\n    return nearest(vector)\n',
      },
      {
        file: 'app.py',
        code: 'from flask import Flask, jsonify, request\nfrom transformers import MarianMTModel, MarianTokenizer\n\napp = Flask(__name__)\nNAME = "Helsinki-NLP/opus-mt-en-fr"\ntokenizer = MarianTokenizer.from_pretrained(NAME)\ntranslator = MarianMTModel.from_pretrained(NAME)\n\n\n@app.route("/translate", methods=["POST"])\ndef translate():\n    words = tokenizer([request.json["text"]], return_tensors="pt")\n    return jsonify(tokenizer.decode(translator.generate(**words)[0]))\n',
      },
      {
        file: 'server.js',
        code: "import { pipeline } from '@huggingface/transformers';\nimport express from 'express';\n\nconst app = express();\nlet classifier = null;\nconst load = async () => (classifier ??= await pipeline('sentiment-analysis'));\n\napp.post('/mood', async (req, res) => {\n  const classify = await load();\n  res.json(await classify(req.body.text));\n});\n",
      },
      {
        file: 'app/api/topic/route.ts',
        code: "import OpenAI from 'openai';\n\nconst client = new OpenAI();\n\nexport async function POST(request: Request) {\n  const { title } = await request.json();\n  const answer = await client.chat.completions.create({\n    model: 'gpt-4o-mini',\n    temperature: 0,\n    max_tokens: 8,\n    messages: [{ role: 'user', content: 'Topic of this headline in one word: ' + title }],\n  });\n  return Response.json(answer.choices[0].message.content);\n}\n",
      },
      {
        file: 'state.py',
        code: 'from contextlib import asynccontextmanager\nfrom fastapi import FastAPI, Request\nfrom transformers import pipeline\n\n@asynccontextmanager\nasync def lifespan(app: FastAPI):\n    app.state.classifier = pipeline("text-classification", model="distilbert-base-uncased-finetuned-sst-2-english")\n    yield\n\napp = FastAPI(lifespan=lifespan)\n\n@app.post("/classify")\ndef classify(request: Request, text: str):\n    return request.app.state.classifier(text)\n',
      },
    ],
    good: [
      {
        file: 'app.py',
        code: 'from functools import lru_cache\nfrom flask import Flask, jsonify, request\nfrom transformers import pipeline\n\napp = Flask(__name__)\nclassifier = pipeline("sentiment-analysis")\n\n\n@lru_cache(maxsize=1024)\ndef mood(text):\n    return classifier(text)[0]["label"]\n\n\n@app.route("/mood", methods=["POST"])\ndef predict():\n    return jsonify(mood(request.json["text"]))\n',
      },
      {
        file: 'app.py',
        code: 'from flask import Flask, request\nfrom transformers import pipeline\n\napp = Flask(__name__)\ndetect = pipeline("image-classification")\n\n\n@app.route("/photo", methods=["POST"])\ndef photo():\n    return detect(request.files["photo"])[0]\n',
        note: { en: 'No two photos are alike.', fr: 'Deux photos ne sont jamais pareilles.' },
      },
      {
        file: 'app.py',
        code: 'from flask import Flask, request\nfrom transformers import pipeline\n\napp = Flask(__name__)\nwrite = pipeline("text-generation", model="gpt2")\n\n\n@app.route("/story", methods=["POST"])\ndef story():\n    return write(request.json["start"], do_sample=True, max_new_tokens=80)[0]\n',
        note: { en: 'Another answer each time, on purpose.', fr: 'Une autre réponse chaque fois, exprès.' },
      },
      {
        file: 'batch.py',
        code: 'from transformers import pipeline\n\nclassifier = pipeline("sentiment-analysis")\nfor result in classifier(open("reviews.txt").read().splitlines(), batch_size=32):\n    print(result)\n',
        note: { en: 'No server.', fr: 'Pas de serveur.' },
      },
      {
        file: 'app/api/chat/route.ts',
        code: "import OpenAI from 'openai';\n\nconst client = new OpenAI();\n\nexport async function POST(request: Request) {\n  const { messages } = await request.json();\n  const answer = await client.chat.completions.create({ model: 'gpt-4o-mini', temperature: 0, max_tokens: 300, messages });\n  return Response.json(answer.choices[0].message);\n}\n",
        note: {
          en: 'A conversation: never twice the same.',
          fr: 'Une conversation : jamais deux fois la même.',
        },
      },
      {
        file: 'main.py',
        code: 'from fastapi import FastAPI\nfrom openai import OpenAI\n\napp = FastAPI()\nclient = OpenAI()\n\n\n@app.post("/notes")\ndef note(text: str):\n    vector = client.embeddings.create(model="text-embedding-3-small", input=text).data[0].embedding\n    index.upsert([(text, vector)])\n    return "kept"\n',
        note: { en: 'Embedded once, and kept in an index.', fr: 'Calculé une fois, et gardé dans un index.' },
      },
      {
        file: 'app.py',
        code: 'import redis\nfrom fastapi import FastAPI\nfrom transformers import pipeline\n\napp = FastAPI()\nstore = redis.Redis()\nclassifier = pipeline("text-classification")\n\n\n@app.get("/spam")\ndef spam(text: str):\n    known = store.get(text)\n    if known:\n        return known\n    label = classifier(text)[0]["label"]\n    store.set(text, label, ex=3600)\n    return label\n',
      },
    ],
  },
});

/** Tasks on texts whose answer depends on the text alone. */
const TEXT_TASKS =
  /^(?:sentiment-analysis|text-classification|zero-shot-classification|token-classification|ner|feature-extraction|fill-mask|question-answering|summarization|translation(?:_\w+)?|text2text-generation)$/;
const TEXT_MODELS =
  /For(?:Sequence|Token)Classification|ForQuestionAnswering|SentenceTransformer|CrossEncoder/;
const STORES =
  /upsert|\.insert\(|add_documents|add_texts|addDocuments|\.add\(|createMany|bulk_?create|from_documents|to_sql\(/i;
const TEMPERATURE = [
  'temperature',
  'config.temperature',
  'generation_config.temperature',
  'options.temperature',
];

function check(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  if (isAside(module) || !isDeterministic(flow, call)) return;
  const why = repetition(flow, call);
  if (why?.by !== 'request' || !isWeb(flow.moduleOf(why.handler))) return;
  if (cachesSomewhere(module, flow)) return;
  const { handler } = why;
  // what is put into an index is kept there
  if ([handler, enclosingFunction(call)].some((fn) => fn && STORES.test(textOf(flow.moduleOf(fn), fn))))
    return;
  // one route, one question: the first run in it tells it
  if (isSecondIn(call, context)) return;
  context.fail(call.callee, {
    data: {
      call: textOf(module, call.callee).replace(/\s+/g, '').slice(-50),
      handler: handler.name ?? assignedName(handler) ?? 'handler',
    },
    fixes: fixFor(flow, module, call, handler),
  });
}

/** Whether the same text always gets the same answer, and texts are what it is given. */
function isDeterministic(flow: Flow, call: Call): boolean {
  const names = flow.names(call);
  if (names.some((name) => EMBEDDING_CALLS.includes(name))) return !isEmbeddingOfOther(call, flow);
  if (names.some((name) => PIPELINES.includes(name))) {
    const made = flow.objects(call.callee)[0]?.origin;
    const task = made?.args.find(({ name }) => name === 'task') ?? made?.args[0];
    const constant = task && !task.spread ? flow.constant(task.value) : undefined;
    if (flow.argument(call, 'do_sample').state === 'given') return false;
    return typeof constant === 'string' && TEXT_TASKS.test(constant);
  }
  if (names.some((name) => ENCODERS.includes(name))) {
    const receiver = call.callee.kind === 'member' ? call.callee.object : call.callee;
    return [...flow.objects(call.callee), ...flow.objects(receiver)].some((object) =>
      object.types.some((type) => TEXT_MODELS.test(type)),
    );
  }
  if (names.includes(WRITES)) {
    const receiver = call.callee.kind === 'member' ? flow.objects(call.callee.object) : [];
    const translates = receiver.some(({ types }) => types.some((type) => SEQUENCES.test(type)));
    return translates && flow.argument(call, 'do_sample').state !== 'given';
  }
  if (names.includes(PREDICTS)) return call.args[0] !== undefined && comesFromWords(flow, call.args[0].value);
  const row = llmRow(flow, call);
  if (!row) return false;
  const isZero = TEMPERATURE.some((path) => {
    const found = lookUp(flow, call, path);
    return found.state === 'given' && flow.constant(found.value) === 0;
  });
  if (!isZero || flow.argument(call, 'stream').state !== 'absent') return false;
  // agents go on from what tools answer
  if (flow.argument(call, 'tools').state !== 'absent') return false;
  return row.prompt.some((path) => {
    const found = lookUp(flow, call, path);
    return found.state === 'given' && isOneShot(flow, found.value);
  });
}

/** Rows of numbers that a tokenizer made of a text. */
function comesFromWords(flow: Flow, expr: Expr): boolean {
  return [...slice(flow, [expr], { stops: () => false, program: false })].some(
    ({ callee }) =>
      callee.kind === 'member' && /^(?:texts_to_sequences|texts_to_matrix)$/.test(callee.property),
  );
}

/** Pictures, and pieces of documents, which are embedded once to be found later. */
function isEmbeddingOfOther(call: Call, flow: Flow): boolean {
  return call.args.some(({ value }) =>
    /image|img|photo|frame|chunk|document|docs\b|texts|batch|corpus|\.map\(/i.test(
      textOf(flow.moduleOf(value), value),
    ),
  );
}

/** A prompt written for one question: a text, or a list of messages written out with no history in it. */
function isOneShot(flow: Flow, prompt: Expr): boolean {
  const displays = flow
    .values(prompt)
    .flatMap((value) => (value.kind === 'display' && value.node.kind === 'sequence' ? [value.node] : []));
  const isList = prompt.kind === 'sequence' || displays.length > 0;
  if (!isList)
    return prompt.kind === 'template' || prompt.kind === 'binary' || flow.constant(prompt) !== undefined;
  const [list] = prompt.kind === 'sequence' ? [prompt] : displays;
  if (!list || list.items.some((item) => item.kind !== 'dict')) return false;
  return !/histor|context|messages|conversation/i.test(textOf(flow.moduleOf(list), list));
}

const SERVERS =
  /^(?:flask|flask_restful|flask_restx|fastapi|starlette|django|rest_framework|sanic|bottle|tornado|aiohttp|falcon|litestar|quart|express|fastify|hono|koa|next|@nestjs)/;

/** Web routes only: a bot's or a demo's users hardly ask the same twice. */
function isWeb(module: Module): boolean {
  return (
    module.imports.some((one) => SERVERS.test(one.module)) ||
    (module.language === 'typescript' &&
      /(?:^|\/)(?:route|\+server|index|server|app)\.[cm]?[jt]sx?$|\/api\//.test(module.path))
  );
}

const NO_CACHES =
  /cache_resource|cache_dir|cacheDir|empty_cache|use_cache|use_auth|useBrowserCache|allowLocalModels|no-cache|no-store|cache_?control|cache-control|\w*_CACHE\b|__pycache__|past_key_values|cache_examples/gi;

/** Whether the file keeps results of any kind, somewhere. */
function caches(module: Module): boolean {
  return /cache|memoi[sz]|redis|memo\b|\bkv\.|firestore|\bseen\b/i.test(module.text.replace(NO_CACHES, ''));
}

const cachesSomewhere = inProgram(caches);

/** Whether an earlier call of the same function was asked about already. */
function isSecondIn(call: Call, { flow, module }: RuleContext): boolean {
  const fn = enclosingFunction(call);
  return module.calls.some(
    (one) => one.start < call.start && enclosingFunction(one) === fn && isDeterministic(flow, one),
  );
}

/** A helper that is a function of one text keeps its last answers. */
function fixFor(flow: Flow, module: Module, call: Call, handler: FunctionNode): Fix[] {
  const fn = enclosingFunction(call);
  const [only, ...rest] = fn?.parameters ?? [];
  if (!fn || fn === handler || !only || rest.length > 0 || fn.isAsync || fn.isGenerator || fn.isLambda)
    return [];
  if (module.language !== 'python' || flow.moduleOf(fn) !== module || fn.decorators.length > 0) return [];
  const isText =
    (only.annotation !== null && textOf(module, only.annotation) === 'str') ||
    (only.annotation === null &&
      /^(?:text|sentence|query|question|message|comment|review|tweet|title)$/.test(only.name));
  if (!isText) return [];
  return [
    {
      title: {
        en: `Keep the last 1,024 answers of \`${fn.name ?? ''}\``,
        fr: `Garder les 1 024 dernières réponses de \`${fn.name ?? ''}\``,
      },
      edits: () => [addDecorator(module, fn, '@lru_cache(maxsize=1024)')],
      imports: ['from functools import lru_cache'],
    },
  ];
}
