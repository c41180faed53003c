import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Module } from '../../analysis/model.ts';
import { ancestors, enclosingFunction, statementOf } from '../../analysis/tree.ts';
import { insertAfter } from '../edits.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { isAside } from '../semantics/javascript.ts';
import { runsModel } from '../semantics/runs-model.ts';
import { isHandler, repetition } from '../semantics/serving.ts';

/** Calls that make a web application which can be instrumented in one line, and that line. */
const APPLICATIONS: Readonly<
  Record<string, { line: (app: string) => string; imports: string; package: string }>
> = {
  'fastapi.FastAPI': {
    line: (app) => `Instrumentator().instrument(${app}).expose(${app})`,
    imports: 'from prometheus_fastapi_instrumentator import Instrumentator',
    package: 'prometheus-fastapi-instrumentator',
  },
  'flask.Flask': {
    line: (app) => `metrics = PrometheusMetrics(${app})`,
    imports: 'from prometheus_flask_exporter import PrometheusMetrics',
    package: 'prometheus-flask-exporter',
  },
  express: {
    line: (app) => `${app}.use(promBundle({ includeMethod: true, includePath: true }));`,
    imports: "import promBundle from 'express-prom-bundle';",
    package: 'express-prom-bundle',
  },
};

export default defineRule({
  id: 'unmonitored-serving',
  phase: 'operation',
  languages: ['python', 'typescript'],
  severity: 'hint',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'measurement',
    band: 'medium',
    source: {
      en: 'Course: energy, latency and load of a model in service are to be followed.',
      fr: 'Cours : l’énergie, la latence et la charge d’un modèle en service sont à suivre.',
    },
  },
  references: {
    course: [
      'Phase de déploiement — Mettre en place un suivi d’usage : « Suivre les métriques d’énergie, de latence et de charge serveur »',
    ],
    links: ['https://prometheus.io/docs/practices/instrumentation/', 'https://mlco2.github.io/codecarbon/'],
  },
  libraries: [
    'torch',
    'tensorflow',
    'keras',
    'transformers',
    'sklearn',
    'joblib',
    'pickle.load',
    'onnxruntime',
    'tfjs',
    'xgboost',
    'lightgbm',
    'catboost',
    'spacy',
    'ultralytics',
    'vllm',
    'llama_cpp',
    'sentence_transformers',
    'fastai',
    'timm',
    'onnxruntime-node',
    '@huggingface/transformers',
    '@xenova/transformers',
  ],
  title: {
    en: 'A model in service that nothing measures',
    fr: 'Un modèle en service que rien ne mesure',
  },
  what: {
    en: 'A FastAPI, Flask or Express application whose routes run a model of its own, in a program that measures neither latency, load nor energy: no Prometheus, OpenTelemetry, Datadog, Sentry, CodeCarbon, no stop watch, no access log with durations. Once per application. Serverless platforms and serving frameworks that measure by themselves are left alone.',
    fr: 'Une application FastAPI, Flask ou Express dont les routes font tourner un modèle, dans un programme qui ne mesure ni latence, ni charge, ni énergie : pas de Prometheus, OpenTelemetry, Datadog, Sentry, CodeCarbon, pas de chronomètre, pas de journal d’accès avec durées. Une fois par application. Les plateformes serverless et les serveurs de modèles qui mesurent d’eux-mêmes ne sont pas visés.',
  },
  why: {
    en: 'A model in service is paid for at every request, for years. Without its load nobody sees that the machine sleeps 95 hours in 100, that a slow route wants a smaller model, or that nobody asks any more and it can be switched off.',
    fr: 'Un modèle en service se paie à chaque requête, pendant des années. Sans sa charge, personne ne voit que la machine dort presque toujours, qu’une route lente mérite un modèle plus petit, ou que plus personne ne demande rien et qu’on peut l’éteindre.',
  },
  instead: {
    en: 'One line exposes requests and latencies to Prometheus (`prometheus-fastapi-instrumentator`, `prometheus-flask-exporter`, `express-prom-bundle`); CodeCarbon can send its energy there too (`OutputMethod.PROMETHEUS`). Ignore the hint for a demonstration that runs for an afternoon, or where a proxy measures.',
    fr: 'Une ligne expose requêtes et latences à Prometheus (`prometheus-fastapi-instrumentator`, `prometheus-flask-exporter`, `express-prom-bundle`) ; CodeCarbon peut y envoyer son énergie (`OutputMethod.PROMETHEUS`). À ignorer pour une démonstration d’un après-midi, ou si un proxy mesure.',
  },
  messages: {
    default: {
      en: 'This application serves a model (`{call}`), and nothing measures its latency, load or energy.',
      fr: 'Cette application sert un modèle (`{call}`) et rien ne mesure sa latence, sa charge ni son énergie.',
    },
  },
  on: { module: check },
  examples: {
    bad: [
      {
        file: 'main.py',
        code: 'import joblib\nfrom fastapi import FastAPI\n\napp = FastAPI()\nmodel = joblib.load("model.joblib")\n\n\n@app.post("/predict")\ndef predict(row: list[float]):\n    return {"label": int(model.predict([row])[0])}\n',
        fixed:
          'import joblib\nfrom fastapi import FastAPI\nfrom prometheus_fastapi_instrumentator import Instrumentator\n\napp = FastAPI()\nInstrumentator().instrument(app).expose(app)\nmodel = joblib.load("model.joblib")\n\n\n@app.post("/predict")\ndef predict(row: list[float]):\n    return {"label": int(model.predict([row])[0])}\n',
      },
      {
        file: 'app.py',
        code: 'from flask import Flask, jsonify, request\n\nfrom sentiment import mood\n\napp = Flask(__name__)\n\n\n@app.route("/mood", methods=["POST"])\ndef route():\n    return jsonify(mood(request.json["text"]))\n',
        files: {
          'sentiment.py':
            'from transformers import pipeline\n\nclassifier = pipeline("sentiment-analysis")\n\n\ndef mood(text):\n    return classifier(text)[0]["label"]\n',
        },
        fixed:
          'from flask import Flask, jsonify, request\n\nfrom sentiment import mood\nfrom prometheus_flask_exporter import PrometheusMetrics\n\napp = Flask(__name__)\nmetrics = PrometheusMetrics(app)\n\n\n@app.route("/mood", methods=["POST"])\ndef route():\n    return jsonify(mood(request.json["text"]))\n',
      },
      {
        file: 'server.js',
        code: "import * as tf from '@tensorflow/tfjs-node';\nimport express from 'express';\n\nconst app = express();\nconst model = await tf.loadGraphModel('file://model/model.json');\n\napp.post('/predict', (req, res) => {\n  const scores = tf.tidy(() => model.predict(tf.tensor([req.body])).dataSync());\n  res.json(Array.from(scores));\n});\napp.listen(3000);\n",
        fixed:
          "import * as tf from '@tensorflow/tfjs-node';\nimport express from 'express';\nimport promBundle from 'express-prom-bundle';\n\nconst app = express();\napp.use(promBundle({ includeMethod: true, includePath: true }));\nconst model = await tf.loadGraphModel('file://model/model.json');\n\napp.post('/predict', (req, res) => {\n  const scores = tf.tidy(() => model.predict(tf.tensor([req.body])).dataSync());\n  res.json(Array.from(scores));\n});\napp.listen(3000);\n",
      },
    ],
    good: [
      {
        file: 'main.py',
        code: 'import joblib\nfrom fastapi import FastAPI\nfrom prometheus_fastapi_instrumentator import Instrumentator\n\napp = FastAPI()\nInstrumentator().instrument(app).expose(app)\nmodel = joblib.load("model.joblib")\n\n\n@app.post("/predict")\ndef predict(row: list[float]):\n    return model.predict([row])[0]\n',
      },
      {
        file: 'app.py',
        code: 'import time\nimport joblib\nfrom flask import Flask, g, request\n\napp = Flask(__name__)\nmodel = joblib.load("model.joblib")\n\n\n@app.before_request\ndef begin():\n    g.start = time.perf_counter()\n\n\n@app.after_request\ndef end(response):\n    app.logger.info("%s %.3f", request.path, time.perf_counter() - g.start)\n    return response\n\n\n@app.route("/predict", methods=["POST"])\ndef predict():\n    return str(model.predict([request.json])[0])\n',
        note: { en: 'A stop watch and a log.', fr: 'Un chronomètre et un journal.' },
      },
      {
        file: 'app.py',
        code: 'from flask import Flask, render_template\n\napp = Flask(__name__)\n\n\n@app.route("/")\ndef home():\n    return render_template("index.html")\n',
        note: { en: 'No model.', fr: 'Pas de modèle.' },
      },
      {
        file: 'main.py',
        code: 'from fastapi import FastAPI\nfrom openai import OpenAI\n\napp = FastAPI()\nclient = OpenAI()\n\n\n@app.post("/ask")\ndef ask(question: str):\n    return client.responses.create(model="gpt-4o-mini", input=question, max_output_tokens=200).output_text\n',
        note: {
          en: 'The provider serves the model, and counts.',
          fr: 'Le fournisseur sert le modèle, et compte.',
        },
      },
      {
        file: 'server.js',
        code: "import * as tf from '@tensorflow/tfjs-node';\nimport express from 'express';\nimport morgan from 'morgan';\n\nconst app = express();\napp.use(morgan('combined'));\nconst model = await tf.loadGraphModel('file://model/model.json');\napp.post('/predict', (req, res) => res.json(model.predict(tf.tensor([req.body])).dataSync()));\n",
      },
      {
        file: 'train.py',
        code: 'import joblib\nfrom flask import Flask\nfrom sklearn.svm import SVC\n\napp = Flask(__name__)\n\n\ndef main():\n    model = SVC().fit(x, y)\n    print(model.predict(x))\n    joblib.dump(model, "model.joblib")\n\n\nmain()\n',
        note: { en: 'No route runs the model.', fr: 'Aucune route ne fait tourner le modèle.' },
      },
    ],
  },
});

/** What measures, in the code of the program. */
const MEASURES =
  /prometheus|opentelemetry|\botel\b|statsd|datadog|ddtrace|newrelic|sentry|elasticapm|codecarbon|carbontracker|eco2ai|\bzeus\b|perf_counter|process_time|monotonic\(|\btime\.time\(|timeit|latency|elapsed|duration|response_?time|process_?time|prom-client|prom-bundle|performance\.now|console\.time|hrtime|applicationinsights|opencensus|logfire|evidently|whylogs|powertools|psutil|pynvml|morgan|pino-http|express-winston|response-time|profil|datetime\.now\(\)\s*-|Date\.now\(\)\s*-|metrics\.|bentoml|ray\.serve|litserve/i;
/** Platforms that count requests by themselves. */
const PLATFORMS =
  /\b(?:mangum|modal|serverless_wsgi|serverless-http|functions_framework|sagemaker|chalice|zappa)\b/;

function check(module: Module, context: RuleContext): void {
  const { flow } = context;
  if (!/\b(?:FastAPI|Flask|express)\s*\(/.test(module.text) || isAside(module)) return;
  const app = module.calls.find((call) => applicationOf(flow, call) !== null);
  if (!app) return;
  const modules = [...flow.related(module)];
  const served = modules
    .flatMap((one) => one.calls)
    .find((call) => runsModel(flow, call) && isServed(flow, call));
  if (!served || modules.some((one) => PLATFORMS.test(one.text))) return;
  const measured =
    modules.some((one) => MEASURES.test(one.text)) ||
    ['prometheus-client', 'prometheus-flask-exporter', 'prom-client', 'opentelemetry-api'].some((name) =>
      context.hasDependency(name),
    );
  if (measured) return context.pass(app.callee);
  const home = flow.moduleOf(served);
  const call = home.text.slice(served.callee.start, served.callee.end).replace(/\s+/g, '').slice(-40);
  context.fail(app.callee, { data: { call }, fixes: fixFor(flow, module, app) });
}

/** Whether a route runs the call, itself or in a callback inside it. */
function isServed(flow: Flow, call: Call): boolean {
  if (repetition(flow, call)?.by === 'request') return true;
  return [...ancestors(call)].some((parent) => parent.kind === 'function' && isHandler(flow, parent));
}

function applicationOf(flow: Flow, call: Call): string | null {
  const names = flow.names(call);
  return Object.keys(APPLICATIONS).find((name) => names.includes(name)) ?? null;
}

/** One line behind the application's making. */
function fixFor(flow: Flow, module: Module, app: Call): Fix[] {
  const name = applicationOf(flow, app);
  const how = name ? APPLICATIONS[name] : undefined;
  const statement = statementOf(app);
  if (!how || statement.kind !== 'assign' || statement.value !== app || enclosingFunction(app)) return [];
  const target = statement.targets[0];
  // an `import` has no place in a CommonJS file
  if (target?.kind !== 'name' || /\brequire\(/.test(module.text)) return [];
  return [
    {
      title: {
        en: 'Expose requests and latencies to Prometheus',
        fr: 'Exposer requêtes et latences à Prometheus',
      },
      edits: () => [insertAfter(module, statement, [how.line(target.name)])],
      imports: [how.imports],
      packages: [how.package],
    },
  ];
}
