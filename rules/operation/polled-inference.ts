import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, Loop, Module, Node } from '../../analysis/model.ts';
import { ancestors, contains, descendants, enclosingLoops, lastName } from '../../analysis/tree.ts';
import { textOf } from '../edits.ts';
import { defineRule, type RuleContext } from '../rule.ts';
import { isLlmCall } from '../semantics/ai-calls.ts';
import { isAside } from '../semantics/javascript.ts';
import { isEndless } from '../semantics/llm-loops.ts';
import { reach, runsModel } from '../semantics/runs-model.ts';

/** Seconds from which a timer is a schedule that somebody chose. */
const SCHEDULE = 600;

export default defineRule({
  id: 'polled-inference',
  phase: 'operation',
  languages: ['python', 'typescript'],
  severity: 'hint',
  status: 'preview',
  fix: 'none',
  impact: {
    resource: 'compute',
    band: 'medium',
    source: {
      en: 'Arithmetic: a timer of 5 s runs a model 17,280 times a day, whether or not its input changed.',
      fr: 'Arithmétique : une minuterie de 5 s exécute un modèle 17 280 fois par jour, que son entrée ait changé ou non.',
    },
  },
  references: {
    course: [
      "Phase de déploiement — Réduire le coût d'inférence : « Ajuster la fréquence d'appel des modèles »",
      'Exploitation — Trop d’appels inutiles ? Cache, seuils d’activation',
    ],
  },
  libraries: [
    'torch',
    'keras',
    'tensorflow',
    'tfjs',
    'transformers',
    'sklearn',
    'joblib',
    'pickle.load',
    'onnxruntime',
    'openai',
    'OpenAI',
    'anthropic',
    'genai',
    'generativeai',
    'ollama',
    'langchain',
    'ultralytics',
    'predict',
  ],
  title: {
    en: 'A model asked on a timer, whether or not anything changed',
    fr: 'Un modèle interrogé sur minuterie, que quelque chose ait changé ou non',
  },
  what: {
    en: 'An endless loop with a `sleep`, a scheduled job or a `setInterval` (less than ten minutes apart) that reads a file, a table, a page or a text field and runs a model on it at every tick, with no test for something new. Cameras and sensors, polling for the end of a job, and ticks that first ask whether there is work are left alone.',
    fr: 'Une boucle sans fin avec `sleep`, une tâche planifiée ou un `setInterval` (à moins de dix minutes d’écart) qui lit un fichier, une table, une page ou un champ de texte et y fait tourner un modèle à chaque tic, sans tester s’il y a du nouveau. Caméras et capteurs, attente de la fin d’un travail, et tics qui demandent d’abord s’il y a à faire ne sont pas visés.',
  },
  why: {
    en: 'A timer of 5 seconds runs the model 17,280 times a day. Where the input changes a hundred times a day, more than 99 in 100 of those runs compute what is known already, and the machine never rests.',
    fr: 'Une minuterie de 5 secondes fait tourner le modèle 17 280 fois par jour. Si l’entrée change cent fois par jour, plus de 99 exécutions sur 100 calculent ce que l’on sait déjà, et la machine ne se repose jamais.',
  },
  instead: {
    en: 'Let the change start the model: `watchdog` or `fs.watch` for files, a queue or a web hook for messages, `LISTEN`/`NOTIFY` or change streams for tables, an `input` event for a field. Where there is no event, compare a time stamp or a hash before running the model. Ignore the hint where every tick brings new data.',
    fr: 'Laissez le changement lancer le modèle : `watchdog` ou `fs.watch` pour des fichiers, une file ou un webhook pour des messages, `LISTEN`/`NOTIFY` ou des flux de changements pour des tables, un événement `input` pour un champ. À défaut d’événement, comparez une date ou une empreinte avant de lancer le modèle. À ignorer si chaque tic apporte des données nouvelles.',
  },
  messages: {
    default: {
      en: '`{call}` runs at every tick of a timer on what `{source}` gives, new or not: let the change start it, or test for one first.',
      fr: '`{call}` s’exécute à chaque tic d’une minuterie sur ce que donne `{source}`, nouveau ou non : laissez le changement le lancer, ou testez-le d’abord.',
    },
  },
  on: { module: check },
  examples: {
    bad: [
      {
        code: 'import time\nimport joblib\nimport pandas as pd\n\nmodel = joblib.load("model.joblib")\n\nwhile True:\n    rows = pd.read_csv("incoming.csv")\n    print(model.predict(rows))\n    time.sleep(5)\n',
      },
      {
        code: 'import time\nimport requests\nimport schedule\nfrom transformers import pipeline\n\nclassifier = pipeline("sentiment-analysis")\n\n\ndef job():\n    posts = requests.get("https://example.org/posts").json()\n    print(classifier([post["text"] for post in posts]))\n\n\nschedule.every(30).seconds.do(job)\nwhile True:\n    schedule.run_pending()\n    time.sleep(1)\n',
      },
      {
        file: 'mood.js',
        code: "import { pipeline } from '@huggingface/transformers';\n\nconst classify = await pipeline('sentiment-analysis');\n\nsetInterval(async () => {\n  const text = document.getElementById('draft').value;\n  const [mood] = await classify(text);\n  show(mood.label);\n}, 2000);\n",
      },
      {
        file: 'mood.js',
        code: "import { pipeline } from '@huggingface/transformers';\n\nconst rate = await pipeline('sentiment-analysis', undefined, { dtype: 'q8' });\nconst box = document.querySelector('textarea');\nsetInterval(async () => {\n  console.log(await rate(box.value));\n}, 1000);\n",
        note: { en: 'A field that was looked up before.', fr: 'Un champ cherché auparavant.' },
      },
      {
        file: 'watch.py',
        code: 'import time\n\nfrom classify import label_of\n\nwhile True:\n    with open("inbox.txt") as file:\n        print(label_of(file.read()))\n    time.sleep(5)\n',
        files: {
          'classify.py':
            'from transformers import pipeline\n\nclassifier = pipeline("text-classification", model="distilbert-base-uncased-finetuned-sst-2-english")\n\n\ndef label_of(text):\n    return classifier(text)[0]["label"]\n',
        },
        note: { en: 'The model is run in another file.', fr: 'Le modèle tourne dans un autre fichier.' },
      },
    ],
    good: [
      {
        code: 'import os\nimport time\nimport joblib\nimport pandas as pd\n\nmodel = joblib.load("model.joblib")\nlast = 0\n\nwhile True:\n    changed = os.path.getmtime("incoming.csv")\n    if changed > last:\n        last = changed\n        print(model.predict(pd.read_csv("incoming.csv")))\n    time.sleep(5)\n',
        note: { en: 'It asks whether there is anything new.', fr: 'On demande s’il y a du nouveau.' },
      },
      {
        code: 'import time\nimport cv2\nfrom ultralytics import YOLO\n\nmodel = YOLO("yolov8n.pt")\ncamera = cv2.VideoCapture(0)\nwhile True:\n    ok, frame = camera.read()\n    model(frame)\n    time.sleep(1)\n',
        note: { en: 'A camera: every tick is new.', fr: 'Une caméra : chaque tic est nouveau.' },
      },
      {
        code: 'import time\nfrom openai import OpenAI\n\nclient = OpenAI()\nrun = start(client)\nwhile True:\n    run = client.beta.threads.runs.retrieve(run.id)\n    if run.status == "completed":\n        break\n    time.sleep(1)\n',
        note: { en: 'It waits for a job to end.', fr: 'On attend la fin d’un travail.' },
      },
      {
        file: 'watch.js',
        code: "import * as tf from '@tensorflow/tfjs';\n\nconst video = document.querySelector('video');\nconst model = await tf.loadGraphModel('model.json');\nsetInterval(() => {\n  const guess = tf.tidy(() => model.predict(tf.browser.fromPixels(video).expandDims()).dataSync());\n  show(guess);\n}, 500);\n",
      },
      {
        code: 'import joblib\nfrom watchdog.observers import Observer\n\nmodel = joblib.load("model.joblib")\n\n\nclass Handler:\n    def on_created(self, event):\n        print(model.predict(read(event.src_path)))\n',
      },
      {
        code: 'import joblib\nimport pandas as pd\nimport schedule\n\nmodel = joblib.load("model.joblib")\n\n\ndef nightly():\n    pd.DataFrame(model.predict(pd.read_csv("day.csv"))).to_csv("out.csv")\n\n\nschedule.every().day.at("03:00").do(nightly)\n',
        note: { en: 'Once a day: a schedule.', fr: 'Une fois par jour : une planification.' },
      },
      {
        code: 'import time\nimport joblib\nimport redis\n\nmodel = joblib.load("model.joblib")\nqueue = redis.Redis()\nwhile True:\n    item = queue.blpop("work")\n    print(model.predict([item]))\n    time.sleep(0.1)\n',
        note: { en: 'The queue waits by itself.', fr: 'La file attend d’elle-même.' },
      },
    ],
  },
});

/** What gives the same again until somebody changes it: files, tables, pages, fields. */
const SOURCES =
  /^(?:pandas\.read_\w+|numpy\.(?:load|genfromtxt|loadtxt)|builtins\.open|glob\.i?glob|os\.(?:listdir|scandir|walk)|pathlib\.\w*Path\.(?:glob|iterdir|read_text|read_bytes)|requests\.(?:get|Session\.get)|httpx\.(?:get|Client\.get)|urllib\.request\.urlopen|feedparser\.parse|yfinance\.(?:download|Ticker\S*)|cv2\.imread|PIL\.Image\.open|json\.load|(?:sqlite3|psycopg2|pymysql|mysql\.connector)\.\S*(?:execute|fetch\w+)|pymongo\.\S*find\w*|globalThis\.document\.(?:getElementById|querySelector)|globalThis\.localStorage\.getItem|(?:node:)?fs\S*\.readFile(?:Sync)?)$/;
const SOURCE_TEXT =
  /\b(?:document\.(?:getElementById|querySelector)\([^)]*\)\.(?:value|textContent|innerText)|localStorage\.getItem|(?:\.execute|fetchall|fetchone|\.find_one|\.find)\()/;
/** What is new at each look, or waits by itself. */
const FRESH =
  /VideoCapture|camera|webcam|\bcam\b|video|canvas|frame|microphone|\bmic\b|audio|sensor|serial|gpio|adc|screenshot|ImageGrab|mss\b|pyautogui|blpop|brpop|consume|subscribe|recv|\.get\(block|input\(|listen|psutil|websocket|getUserMedia|random|env\.step|kafka|mqtt|stream/i;
/** The tick looks whether something changed or is done. */
const TESTS =
  /mtime|last_?(?:seen|id|hash|time|modified|update|processed)|changed|is_?new|new_|processed|seen|hash|status|completed|succeeded|pending|unread|clearInterval|lastText|previous|prev\b|!==? ?last|job_?id|task_?id|taskId|jobId/i;

function check(module: Module, context: RuleContext): void {
  const { flow } = context;
  if (isAside(module)) return;
  const found = module.language === 'python' ? pythonTicks(module, flow) : intervals(module, flow);
  for (const { body, seconds } of found) {
    if (seconds !== null && seconds >= SCHEDULE) continue;
    const code = reach(body, flow);
    const text = code.map((node) => textOf(flow.moduleOf(node), node)).join('\n');
    if (FRESH.test(text) || TESTS.test(text)) continue;
    const calls = code.flatMap((node) => descendants(node, 'call'));
    const run = calls.find((call) => runsModel(flow, call) || isLlmCall(flow, call));
    const source = calls.find((call) => isSource(flow, call)) ?? fieldRead(flow, code);
    if (!run || !source || isConditional(run, code)) continue;
    const here = flow.moduleOf(run) === module ? run : leadingTo(run, body, flow);
    if (!here) continue;
    context.fail(here.callee, {
      data: { call: short(module, here.callee), source: short(flow.moduleOf(source), source.callee) },
    });
    return;
  }
}

/** The call of the tick that leads to a run of the model in another file. */
function leadingTo(run: Call, body: Node, flow: Flow): Call | null {
  return (
    descendants(body, 'call').find((call) =>
      flow.targets(call).some((target) => reach(target.body, flow).some((node) => contains(node, run))),
    ) ?? null
  );
}

function short(module: Module, expr: Expr): string {
  return textOf(module, expr).replace(/\s+/g, '').replaceAll('`', '').slice(-45);
}

interface Tick {
  /** What runs at each tick. */
  readonly body: Node;
  /** Seconds between two; null where they are not known. */
  readonly seconds: number | null;
}

// ----------------------------------------------------------------------------- Python

function pythonTicks(module: Module, flow: Flow): readonly Tick[] {
  const loops = module.loops.flatMap((loop): Tick[] => {
    if (!isEndless(flow, loop) || loop.kind !== 'while') return [];
    const sleep = descendants(loop.body, 'call', true).find(
      (call) => isSleep(flow, call) && innermost(call) === loop,
    );
    if (!sleep) return [];
    // the scheduler's own loop
    if (/run_pending/.test(textOf(module, loop.body))) return [];
    const pause = sleep.args[0] ? flow.constant(sleep.args[0].value) : undefined;
    return [{ body: loop.body, seconds: typeof pause === 'number' ? pause : null }];
  });
  const jobs = module.calls.flatMap((call): Tick[] => {
    const { callee } = call;
    if (callee.kind !== 'member') return [];
    const seconds = callee.property === 'do' ? everySeconds(callee.object, flow) : intervalOf(call, flow);
    const given = call.args[0]?.value;
    if (seconds === null || !given) return [];
    return flow
      .values(given)
      .flatMap((value): Tick[] =>
        value.kind === 'function' ? [{ body: value.function.body, seconds }] : [],
      );
  });
  return [...loops, ...jobs];
}

function innermost(call: Call): Loop | null {
  return enclosingLoops(call)[0] ?? null;
}

function isSleep(flow: Flow, call: Call): boolean {
  return flow.names(call).some((name) => /^(?:time|asyncio)\.sleep$/.test(name));
}

const UNITS: Readonly<Record<string, number>> = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86_400,
  week: 604_800,
};

/** `schedule.every(30).seconds` */
function everySeconds(expr: Expr, flow: Flow): number | null {
  if (expr.kind !== 'member') return null;
  const unit = UNITS[expr.property.replace(/s$/, '')];
  const every = expr.object;
  if (!unit || every.kind !== 'call' || !flow.names(every).some((name) => /(?:^|\.)every$/.test(name)))
    return null;
  const count = every.args[0] ? flow.constant(every.args[0].value) : 1;
  return typeof count === 'number' ? count * unit : null;
}

/** `scheduler.add_job(job, "interval", seconds=30)` */
function intervalOf(call: Call, flow: Flow): number | null {
  if (call.callee.kind !== 'member' || call.callee.property !== 'add_job') return null;
  const trigger = flow.argument(call, 'trigger', 1);
  if (trigger.state !== 'given' || flow.constant(trigger.value) !== 'interval') return null;
  let seconds = 0;
  for (const [unit, length] of Object.entries(UNITS)) {
    const found = flow.argument(call, `${unit}s`);
    const value = found.state === 'given' ? flow.constant(found.value) : 0;
    if (typeof value !== 'number') return null;
    seconds += value * length;
  }
  return seconds > 0 ? seconds : null;
}

// ------------------------------------------------------------------------- TypeScript

function intervals(module: Module, flow: Flow): readonly Tick[] {
  return module.calls.flatMap((call): Tick[] => {
    const { callee, args } = call;
    const name = lastName(callee);
    if (name !== 'setInterval' && name !== 'useInterval') return [];
    const [first, second] = args;
    const ms = second ? flow.constant(second.value) : undefined;
    if (!first || typeof ms !== 'number') return [];
    return flow
      .values(first.value)
      .flatMap((value): Tick[] =>
        value.kind === 'function' ? [{ body: value.function.body, seconds: ms / 1000 }] : [],
      );
  });
}

// ----------------------------------------------------------------------------- shared

function isSource(flow: Flow, call: Call): boolean {
  return (
    flow.names(call).some((name) => SOURCES.test(name)) ||
    SOURCE_TEXT.test(`${textOf(flow.moduleOf(call), call).slice(0, 200)}.value`.replace(/\n/g, ' '))
  );
}

/** `box.value`, where `box` is an element of the page that was looked up before. */
function fieldRead(flow: Flow, code: readonly Node[]): Call | undefined {
  for (const node of code) {
    for (const { object, property } of descendants(node, 'member')) {
      if (!/^(?:value|textContent|innerText)$/.test(property) || object.kind !== 'name') continue;
      const element = flow
        .objects(object)
        .find(({ types }) =>
          /^globalThis\.document\.(?:getElementById|querySelector)\(\)$/.test(types[0] ?? ''),
        );
      if (element?.origin) return element.origin;
    }
  }
  return undefined;
}

/** Whether a condition in the tick decides over the run. */
function isConditional(run: Call, code: readonly Node[]): boolean {
  for (const parent of ancestors(run)) {
    if (code.includes(parent)) break;
    if (parent.kind === 'if' || parent.kind === 'conditional' || parent.kind === 'match') return true;
  }
  // `if nothing: continue`, `if (!text) return` before it
  return code.some((node) =>
    descendants(node, 'if', true).some(
      ({ then, end }) =>
        end <= run.start &&
        [
          ...descendants(then, 'continue', true),
          ...descendants(then, 'return', true),
          ...descendants(then, 'break', true),
        ].length > 0,
    ),
  );
}
