import type { Flow } from '../../analysis/flow/types.ts';
import type { FunctionNode, Module, Stmt } from '../../analysis/model.ts';
import { descendants, statementOf } from '../../analysis/tree.ts';
import { indentAt, indentUnit, insertAfter, newlineOf, startsLine, textOf } from '../edits.ts';
import { defineRule, type Edit, type Fix, type RuleContext } from '../rule.ts';
import { causesOf, isAside, isLocalInference, isOnce } from '../semantics/javascript.ts';
import { isManaged, type Leak, leaksOf, makesTensor, runsGivenModel } from '../semantics/tensors.ts';
import { loopsOutwards } from '../semantics/torch-training.ts';

export default defineRule({
  id: 'leaked-tensors',
  phase: 'deployment',
  languages: ['typescript'],
  severity: 'warning',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'memory',
    band: 'medium',
    source: {
      en: 'TensorFlow.js guide, “Tensors and operations: Memory”: https://www.tensorflow.org/js/guide/tensors_operations#memory',
      fr: 'Guide de TensorFlow.js, « Tensors and operations: Memory » : https://www.tensorflow.org/js/guide/tensors_operations#memory',
    },
  },
  references: {
    course: ['Optimisation du déploiement et de l’inférence', 'Recommandations aux développeurs'],
    links: ['https://js.tensorflow.org/api/latest/#tidy', 'https://js.tensorflow.org/api/latest/#dispose'],
  },
  libraries: ['tensorflow/tfjs', 'tf.'],
  title: {
    en: 'Tensors that nothing frees',
    fr: 'Tenseurs que rien ne libère',
  },
  what: {
    en: 'A function that runs again and again (an event, a frame, a request) makes TensorFlow.js tensors outside `tf.tidy` and never disposes of them. Tensors that are returned, stored or handed to other code are left alone.',
    fr: 'Une fonction exécutée encore et encore (événement, image, requête) crée des tenseurs TensorFlow.js hors de `tf.tidy` et ne les libère jamais. Les tenseurs renvoyés, gardés ou confiés à un autre code ne sont pas visés.',
  },
  why: {
    en: 'TensorFlow.js keeps tensors in GPU textures or native memory that the garbage collector does not see: “you must explicitly manage memory” (TensorFlow.js guide). Each run adds to them until the page slows down or the tab is killed.',
    fr: 'TensorFlow.js garde les tenseurs dans des textures GPU ou de la mémoire native que le ramasse-miettes ne voit pas : il faut gérer la mémoire soi-même (guide TensorFlow.js). Chaque exécution en ajoute, jusqu’à ralentir la page ou tuer l’onglet.',
  },
  instead: {
    en: 'Put synchronous work inside `tf.tidy(() => …)`; in asynchronous code tidy the synchronous parts and call `dispose()` on what is left. Check with `tf.memory().numTensors`. Ignore the rule where the program ends right after.',
    fr: 'Placez le travail synchrone dans `tf.tidy(() => …)` ; dans du code asynchrone, appliquez-le aux parties synchrones et appelez `dispose()` sur le reste. Vérifiez avec `tf.memory().numTensors`. À ignorer si le programme se termine aussitôt après.',
  },
  messages: {
    default: {
      en: 'Each run of `{fn}` leaves {count} tensor(s) in memory: nothing disposes of what `{call}` makes.',
      fr: 'Chaque exécution de `{fn}` laisse {count} tenseur(s) en mémoire : rien ne libère ce que crée `{call}`.',
    },
  },
  on: { functions: check },
  examples: {
    bad: [
      {
        code: "import * as tf from '@tensorflow/tfjs';\n\nlet model: tf.GraphModel;\n\nexport async function load() {\n  model = await tf.loadGraphModel('/model/model.json');\n}\n\nexport function classify(image: HTMLImageElement) {\n  const input = tf.browser.fromPixels(image).resizeBilinear([224, 224]).expandDims(0);\n  const scores = model.predict(input) as tf.Tensor;\n  return Array.from(scores.dataSync());\n}\n",
        fixed:
          "import * as tf from '@tensorflow/tfjs';\n\nlet model: tf.GraphModel;\n\nexport async function load() {\n  model = await tf.loadGraphModel('/model/model.json');\n}\n\nexport function classify(image: HTMLImageElement) {\n  return tf.tidy(() => {\n    const input = tf.browser.fromPixels(image).resizeBilinear([224, 224]).expandDims(0);\n    const scores = model.predict(input) as tf.Tensor;\n    return Array.from(scores.dataSync());\n  });\n}\n",
      },
      {
        file: 'digits.js',
        code: "import * as tf from '@tensorflow/tfjs';\n\nconst model = await tf.loadLayersModel('digits/model.json');\n\ndocument.querySelector('#guess').addEventListener('click', async () => {\n  const pixels = tf.browser.fromPixels(canvas, 1).toFloat().div(255).expandDims(0);\n  const guess = model.predict(pixels);\n  const digits = await guess.data();\n  show(digits.indexOf(Math.max(...digits)));\n});\n",
        fixed:
          "import * as tf from '@tensorflow/tfjs';\n\nconst model = await tf.loadLayersModel('digits/model.json');\n\ndocument.querySelector('#guess').addEventListener('click', async () => {\n  const pixels = tf.tidy(() => tf.browser.fromPixels(canvas, 1).toFloat().div(255).expandDims(0));\n  const guess = model.predict(pixels);\n  pixels.dispose();\n  const digits = await guess.data();\n  guess.dispose();\n  show(digits.indexOf(Math.max(...digits)));\n});\n",
      },
      {
        file: 'forecast.ts',
        code: "import * as tf from '@tensorflow/tfjs-node';\n\nexport class Forecast {\n  model: tf.LayersModel | null = null;\n\n  async load() {\n    this.model = await tf.loadLayersModel('file://forecast/model.json');\n  }\n\n  next(history: number[]): number {\n    const window = tf.tensor2d([history]);\n    const result = this.model!.predict(window) as tf.Tensor;\n    return result.dataSync()[0];\n  }\n}\n",
        fixed:
          "import * as tf from '@tensorflow/tfjs-node';\n\nexport class Forecast {\n  model: tf.LayersModel | null = null;\n\n  async load() {\n    this.model = await tf.loadLayersModel('file://forecast/model.json');\n  }\n\n  next(history: number[]): number {\n    return tf.tidy(() => {\n      const window = tf.tensor2d([history]);\n      const result = this.model!.predict(window) as tf.Tensor;\n      return result.dataSync()[0];\n    });\n  }\n}\n",
      },
      {
        file: 'score.js',
        code: "const tf = require('@tensorflow/tfjs-node');\n\nasync function score(model, rows) {\n  for (const row of rows) {\n    const input = tf.tensor2d([row]);\n    const output = model.predict(input);\n    console.log(await output.data());\n  }\n}\n\nmodule.exports = { score };\n",
        note: { en: 'A model that the caller brings.', fr: 'Un modèle que l’appelant apporte.' },
      },
      {
        file: 'player.js',
        code: "import * as tf from '@tensorflow/tfjs';\n\nexport class Player {\n  constructor(model) {\n    this.model = model;\n  }\n\n  move(board) {\n    const scores = this.model.predict(tf.tensor2d(board, [1, 9]));\n    return scores.argMax(1).dataSync()[0];\n  }\n}\n",
        files: {
          'play.js':
            "import * as tf from '@tensorflow/tfjs';\nimport { Player } from './player.js';\nimport { Board } from './board.js';\n\nconst player = new Player(await tf.loadLayersModel('moves/model.json'));\nconst board = new Board();\nwhile (!board.isFull()) board.play(player.move(board.cells));\n",
        },
        fixed:
          "import * as tf from '@tensorflow/tfjs';\n\nexport class Player {\n  constructor(model) {\n    this.model = model;\n  }\n\n  move(board) {\n    return tf.tidy(() => {\n      const scores = this.model.predict(tf.tensor2d(board, [1, 9]));\n      return scores.argMax(1).dataSync()[0];\n    });\n  }\n}\n",
        note: { en: 'The loop stands in another file.', fr: 'La boucle est dans un autre fichier.' },
      },
    ],
    good: [
      {
        file: 'policy.js',
        code: "import * as tfjs from '@tensorflow/tfjs';\nimport held from './held.js';\n\nconst tf = held.tf;\nconst model = await tfjs.loadGraphModel('model.json');\n\nfunction act(state) {\n  return tf.tidy(() => {\n    const guess = model.predict(state);\n    return guess.argMax(1).dataSync()[0];\n  });\n}\n\nfunction frame(game) {\n  game.move(act(game.state()));\n  requestAnimationFrame(() => frame(game));\n}\n",
        note: { en: '`tf` comes from elsewhere.', fr: '`tf` vient d’ailleurs.' },
      },
      {
        file: 'score.js',
        code: "const tf = require('@tensorflow/tfjs-node');\n\nasync function score(model, rows) {\n  for (const row of rows) {\n    const input = tf.tensor2d([row]);\n    const output = model.predict(input);\n    console.log(await output.data());\n    tf.dispose([input, output]);\n  }\n}\n\nmodule.exports = { score };\n",
      },
      {
        code: "import * as tf from '@tensorflow/tfjs';\n\nconst model = await tf.loadGraphModel('/model/model.json');\n\nexport function classify(image: HTMLImageElement) {\n  return tf.tidy(() => {\n    const input = tf.browser.fromPixels(image).expandDims(0);\n    return Array.from((model.predict(input) as tf.Tensor).dataSync());\n  });\n}\n",
      },
      {
        code: "import * as tf from '@tensorflow/tfjs';\n\nconst model = await tf.loadGraphModel('/model/model.json');\n\nfunction prepare(image: HTMLImageElement) {\n  return tf.browser.fromPixels(image).resizeBilinear([224, 224]).expandDims(0);\n}\n\nexport const classify = (image: HTMLImageElement) =>\n  tf.tidy(() => Array.from((model.predict(prepare(image)) as tf.Tensor).dataSync()));\n",
        note: {
          en: 'The helper runs inside its caller’s tidy.',
          fr: 'L’auxiliaire tourne dans le tidy de l’appelant.',
        },
      },
      {
        code: "import * as tf from '@tensorflow/tfjs';\n\nconst model = await tf.loadGraphModel('/model/model.json');\n\nexport async function classify(image: HTMLImageElement) {\n  const input = tf.browser.fromPixels(image);\n  const scores = model.predict(input) as tf.Tensor;\n  const values = await scores.data();\n  tf.dispose([input, scores]);\n  return values;\n}\n",
      },
      {
        code: "import * as tf from '@tensorflow/tfjs-node';\n\nasync function main() {\n  const model = await tf.loadLayersModel('file://model.json');\n  const guess = model.predict(tf.tensor2d([[1, 2, 3]])) as tf.Tensor;\n  console.log(guess.dataSync());\n}\n\nmain();\n",
        note: { en: 'A script that ends.', fr: 'Un script qui se termine.' },
      },
      {
        code: "import * as tf from '@tensorflow/tfjs';\n\nexport async function classify(model: tf.GraphModel, image: HTMLImageElement) {\n  tf.engine().startScope();\n  const input = tf.browser.fromPixels(image).expandDims(0);\n  const scores = await (model.predict(input) as tf.Tensor).data();\n  tf.engine().endScope();\n  return scores;\n}\n",
      },
      {
        code: "import * as tf from '@tensorflow/tfjs';\n\nexport class Replay {\n  frames: tf.Tensor[] = [];\n\n  add(image: HTMLImageElement) {\n    this.frames.push(tf.browser.fromPixels(image));\n  }\n\n  clear() {\n    tf.dispose(this.frames);\n  }\n}\n",
        note: { en: 'Stored, and freed elsewhere.', fr: 'Gardés, et libérés ailleurs.' },
      },
    ],
  },
});

function check(fn: FunctionNode, context: RuleContext): void {
  const { flow, module } = context;
  if (isAside(module) || !/\btf\b|tfjs/.test(module.text)) return;
  const own = descendants(fn.body, 'call', true);
  const made = own.filter((call) => makesTensor(flow, call));
  if (made.length === 0 || !isForUse(fn, made, own, flow)) return;
  const leaks = leaksOf(flow, fn, module);
  const first = leaks[0];
  if (!first) {
    if (made.some((call) => isManaged(flow, call)) || own.some((call) => frees(flow, call)))
      context.pass(made[0]!.callee);
    return;
  }
  const callee = first.call.callee;
  const place = callee.kind === 'member' ? { start: callee.propertyStart, end: callee.end } : callee;
  const edits = fixEdits(fn, leaks, module, flow);
  const fixes: Fix[] = edits
    ? [
        {
          title: {
            en: 'Free the tensors with tidy and dispose',
            fr: 'Libérer les tenseurs avec tidy et dispose',
          },
          edits: () => edits,
        },
      ]
    : [];
  context.fail(place, {
    data: { fn: fn.name ?? nameAround(fn) ?? '=>', call: shortName(module, first), count: leaks.length },
    fixes,
  });
}

function frees(flow: Flow, call: { readonly callee: unknown } & Parameters<Flow['names']>[0]): boolean {
  return flow.names(call).some((name) => /^tfjs\.(?:Tensor\.)?dispose$/.test(name));
}

/** Whether the function uses a model, or reads pictures, over and over: no set-up, no training. */
function isForUse(
  fn: FunctionNode,
  made: readonly Leak['call'][],
  own: readonly Leak['call'][],
  flow: Flow,
): boolean {
  if (
    own.some((call) =>
      flow.names(call).some((name) => /\.(?:fit|fitDataset|trainOnBatch|compile)$/.test(name)),
    )
  )
    return false;
  const isPass = (call: Leak['call']) => isLocalInference(flow, call) || runsGivenModel(flow, call);
  const infers = own.some(isPass);
  const sees = made.some((call) =>
    flow.names(call).some((name) => /fromPixels|decode(?:Image|Jpeg|Png)/.test(name)),
  );
  if (!infers && !sees) return false;
  const target = own.find(isPass) ?? made[0]!;
  if (/^(?:main|init\w*|setup\w*|warm\w*|load\w*|run|train\w*)$/i.test(fn.name ?? nameAround(fn) ?? ''))
    return false;
  return (
    loopsOutwards(flow, target).length > 0 || causesOf(flow, target).some((cause) => !isOnce(flow, cause))
  );
}

function nameAround(fn: FunctionNode): string | null {
  const target = fn.parent?.kind === 'assign' ? fn.parent.targets[0] : null;
  return target?.kind === 'name' ? target.name : target?.kind === 'member' ? target.property : null;
}

function shortName(module: Module, { call }: Leak): string {
  const text = textOf(module, call.callee).replace(/\s+/g, '');
  return text.length <= 40 ? text : text.slice(text.lastIndexOf('.') + 1);
}

/** Name under which the file has TensorFlow.js. */
function namespaceOf(module: Module): string | null {
  for (const one of module.imports) {
    if (!/^@tensorflow\/tfjs/.test(one.module)) continue;
    const whole = one.bindings.find(({ imported }) => imported === null);
    if (whole) return whole.local;
  }
  return /\btf\.\w+\(/.test(module.text) && !module.imports.some((one) => /tfjs/.test(one.module))
    ? 'tf'
    : null;
}

function fixEdits(fn: FunctionNode, leaks: readonly Leak[], module: Module, flow: Flow): Edit[] | null {
  const tf = namespaceOf(module);
  if (!tf) return null;
  const waits = descendants(fn.body, 'await').length > 0 || fn.isAsync || fn.isGenerator;
  return waits ? disposals(fn, leaks, module, tf) : tidied(fn, module, tf, flow);
}

/** The whole synchronous body inside `tf.tidy`. */
function tidied(fn: FunctionNode, module: Module, tf: string, flow: Flow): Edit[] | null {
  const { statements } = fn.body;
  const first = statements[0];
  const last = statements.at(-1);
  if (!first || !last || !startsLine(module, first) || module.text[fn.body.start] !== '{') return null;
  // tensors that outlive the function must not be freed, nor what callbacks do later
  const calls = descendants(fn.body, 'call');
  if (
    calls.some((call) =>
      flow
        .names(call)
        .some((name) =>
          /\.then$|setTimeout|requestAnimationFrame|setInterval|variable$|keep$|addEventListener/.test(name),
        ),
    )
  )
    return null;
  if (
    descendants(fn.body, 'assign').some(
      (one) => one.declaration === null && one.value && flow.isA(one.value, 'tfjs.Tensor'),
    )
  )
    return null;
  if (descendants(fn.body, 'name').some(({ name }) => name === 'arguments')) return null;
  const newline = newlineOf(module);
  const indent = indentAt(module, first.start);
  const unit = indentUnit(module);
  const edits: Edit[] = [
    { start: first.start, end: first.start, text: `return ${tf}.tidy(() => {${newline}${indent}${unit}` },
  ];
  if (/`[^`]*\n/.test(textOf(module, { start: first.start, end: last.end }))) return null;
  for (
    let at = module.text.indexOf('\n', first.start);
    at >= 0 && at < last.end;
    at = module.text.indexOf('\n', at + 1)
  ) {
    if (!/^[ \t]*\r?\n/.test(module.text.slice(at + 1, at + 400)))
      edits.push({ start: at + 1, end: at + 1, text: unit });
  }
  edits.push({ start: last.end, end: last.end, text: `${newline}${indent}});` });
  return edits;
}

/** Chains of operations inside `tf.tidy`, and a `dispose()` behind the last use of each name. */
function disposals(fn: FunctionNode, leaks: readonly Leak[], module: Module, tf: string): Edit[] | null {
  const edits: Edit[] = [];
  const wrapped = new Set<Stmt>();
  for (const { call, fate } of leaks) {
    const statement = statementOf(call);
    if (statement.parent !== fn.body) return null;
    if (fate.kind === 'nameless') {
      if (wrapped.has(statement)) continue;
      // only the value of a declaration that holds the tensor at the chain's end, and waits for nothing
      if (statement.kind !== 'assign' || !statement.value || statement.targets[0]?.kind !== 'name')
        return null;
      if (descendants(statement.value, 'await').length > 0 || statement.value.kind !== 'call') return null;
      if (!leaks.some((one) => one.fate.kind === 'named' && one.fate.assign === statement)) return null;
      wrapped.add(statement);
      const { start, end } = statement.value;
      edits.push({ start, end: start, text: `${tf}.tidy(() => ` }, { start: end, end, text: ')' });
    } else {
      const last = fate.uses.at(-1);
      const after = last ? statementOf(last) : statement;
      if (after.parent !== fn.body || after.kind === 'return' || !startsLine(module, after)) return null;
      edits.push(insertAfter(module, after, [`${fate.name}.dispose();`]));
    }
  }
  // two names whose last use is the same statement
  const merged: Edit[] = [];
  for (const edit of edits.sort((a, b) => a.start - b.start || a.end - b.end)) {
    const previous = merged.at(-1);
    if (previous && previous.start === edit.start && previous.end === edit.end)
      merged[merged.length - 1] = { ...previous, text: previous.text + edit.text };
    else merged.push(edit);
  }
  return merged;
}
