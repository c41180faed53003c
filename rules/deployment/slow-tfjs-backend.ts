import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Import, Module } from '../../analysis/model.ts';
import { ancestors } from '../../analysis/tree.ts';
import { textOf } from '../edits.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { isAside, platformOf } from '../semantics/javascript.ts';
import { statedInProgram } from '../semantics/memo.ts';

const FAST = /@tensorflow\/tfjs-(?:node|node-gpu|backend-(?:webgl|webgpu|wasm)|react-native)\b/;

const importsWhole = statedInProgram((one) => /@tensorflow\/tfjs['"]/.test(one.text));
const choosesFast = statedInProgram((one) => FAST.test(one.text));
const runsModel = statedInProgram((one) => RUNS_MODEL.test(one.text));
const RUNS_MODEL =
  /\.(?:predict|execute|executeAsync|loadGraphModel|loadLayersModel|fit|fitDataset|detect|classify|embed|estimate\w*|segment\w*)\s*\(|\bload(?:Graph|Layers)Model\b/;

export default defineRule({
  id: 'slow-tfjs-backend',
  phase: 'deployment',
  languages: ['typescript'],
  severity: 'information',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'high',
    source: {
      en: 'TensorFlow.js guide, “Platform and environment”: https://www.tensorflow.org/js/guide/platform_environment',
      fr: 'Guide de TensorFlow.js, « Platform and environment » : https://www.tensorflow.org/js/guide/platform_environment',
    },
  },
  references: {
    course: ['Choisir un matériel économe', 'Optimisation du déploiement et de l’inférence'],
    links: ['https://www.tensorflow.org/js/guide/platform_environment'],
  },
  libraries: ['tensorflow/tfjs', 'setBackend'],
  title: {
    en: 'TensorFlow.js on its plain JavaScript backend',
    fr: 'TensorFlow.js sur son moteur en JavaScript pur',
  },
  what: {
    en: "The CPU backend of TensorFlow.js, chosen with `tf.setBackend('cpu')`, or fallen into: `@tensorflow/tfjs` on a Node server without `tfjs-node`, `tfjs-core` with no backend but the CPU’s. A CPU backend set as a fallback, put back afterwards, or set in tests is left alone.",
    fr: "Le moteur CPU de TensorFlow.js, choisi par `tf.setBackend('cpu')` ou subi : `@tensorflow/tfjs` sur un serveur Node sans `tfjs-node`, `tfjs-core` avec le seul moteur CPU. Un moteur CPU choisi en secours, provisoire, ou dans des tests n’est pas visé.",
  },
  why: {
    en: 'The TensorFlow.js guide calls this backend the least performant: plain JavaScript on one thread. WebAssembly with SIMD, WebGL, WebGPU, or the native library on Node do the same work in a fraction of the time.',
    fr: 'Le guide de TensorFlow.js dit ce moteur le moins performant : du JavaScript pur sur un seul fil. WebAssembly avec SIMD, WebGL, WebGPU, ou la bibliothèque native sous Node font le même travail en une fraction du temps.',
  },
  instead: {
    en: 'In browsers use `webgpu`, `webgl`, or `wasm` for small models; on Node import `@tensorflow/tfjs-node`. Ignore the rule for models of a few operations, where the way to the GPU costs more than the work.',
    fr: 'Dans un navigateur, prenez `webgpu`, `webgl`, ou `wasm` pour de petits modèles ; sous Node, importez `@tensorflow/tfjs-node`. À ignorer pour un modèle de quelques opérations, où le trajet vers le GPU coûte plus que le calcul.',
  },
  messages: {
    default: {
      en: "`setBackend('cpu')` runs the model in plain JavaScript on one thread.",
      fr: "`setBackend('cpu')` exécute le modèle en JavaScript pur, sur un seul fil.",
    },
    node: {
      en: '`{module}` on Node runs in plain JavaScript; `@tensorflow/tfjs-node` runs the native library.',
      fr: '`{module}` sous Node tourne en JavaScript pur ; `@tensorflow/tfjs-node` utilise la bibliothèque native.',
    },
    only: {
      en: '`{module}` is the only backend of this program: plain JavaScript on one thread.',
      fr: '`{module}` est le seul moteur de ce programme : du JavaScript pur, sur un seul fil.',
    },
  },
  on: { calls: { names: ['tfjs.setBackend'], check: checkChoice }, module: checkImports },
  examples: {
    bad: [
      {
        file: 'page.js',
        code: "import * as tf from '@tensorflow/tfjs';\n\nawait tf.setBackend('cpu');\nconst model = await tf.loadGraphModel('/pose/model.json');\ndocument.querySelector('#go').onclick = () => tf.tidy(() => model.predict(tf.browser.fromPixels(video)).print());\n",
        fixed:
          "import * as tf from '@tensorflow/tfjs';\n\nawait tf.setBackend('webgl');\nconst model = await tf.loadGraphModel('/pose/model.json');\ndocument.querySelector('#go').onclick = () => tf.tidy(() => model.predict(tf.browser.fromPixels(video)).print());\n",
      },
      {
        file: 'server.js',
        code: "const express = require('express');\nconst tf = require('@tensorflow/tfjs');\n\nconst app = express();\nlet model;\ntf.loadLayersModel('http://localhost/model.json').then((loaded) => { model = loaded; });\napp.post('/predict', (request, response) => {\n  response.json(tf.tidy(() => model.predict(tf.tensor2d([request.body])).arraySync()));\n});\napp.listen(3000);\n",
        fixed:
          "const express = require('express');\nconst tf = require('@tensorflow/tfjs-node');\n\nconst app = express();\nlet model;\ntf.loadLayersModel('http://localhost/model.json').then((loaded) => { model = loaded; });\napp.post('/predict', (request, response) => {\n  response.json(tf.tidy(() => model.predict(tf.tensor2d([request.body])).arraySync()));\n});\napp.listen(3000);\n",
      },
      {
        file: 'lite.ts',
        code: "import { loadGraphModel } from '@tensorflow/tfjs-converter';\nimport '@tensorflow/tfjs-backend-cpu';\n\nexport const model = loadGraphModel('/model/model.json');\n",
      },
    ],
    good: [
      {
        file: 'data.ts',
        code: "import * as path from 'path';\nimport * as tf from '@tensorflow/tfjs';\n\n// const jimp = require('jimp');\nexport async function samples(folder: string) {\n  const reply = await fetch(path.join(folder, 'samples.json'));\n  return tf.tensor2d(await reply.json());\n}\n",
        files: {
          'Samples.tsx':
            "import { useEffect } from 'react';\nimport { samples } from './data';\n\nexport function Samples() {\n  useEffect(() => {\n    samples('/data').then((one) => one.print());\n  }, []);\n  return <p>Samples</p>;\n}\n",
        },
        note: {
          en: 'A page imports it: it runs in a browser, whatever `path` looks like.',
          fr: 'Une page l’importe : il tourne dans un navigateur, malgré `path`.',
        },
      },
      {
        code: "import * as tf from '@tensorflow/tfjs';\n\nawait tf.setBackend('webgl');\nexport const model = await tf.loadGraphModel('/pose/model.json');\n",
      },
      {
        code: "import * as tf from '@tensorflow/tfjs';\n\ntry {\n  await tf.setBackend('webgpu');\n} catch {\n  await tf.setBackend('cpu');\n}\nexport const model = await tf.loadGraphModel('/pose/model.json');\n",
        note: { en: 'A fallback.', fr: 'Un secours.' },
      },
      {
        code: "import * as tf from '@tensorflow/tfjs';\n\nexport async function boxes(input: tf.Tensor2D, scores: tf.Tensor1D) {\n  const before = tf.getBackend();\n  tf.setBackend('cpu');\n  const kept = tf.image.nonMaxSuppression(input, scores, 20);\n  tf.setBackend(before);\n  return kept;\n}\n",
        note: { en: 'Put back afterwards.', fr: 'Remis ensuite.' },
      },
      {
        file: 'model.test.ts',
        code: "import * as tf from '@tensorflow/tfjs';\n\nbeforeAll(() => tf.setBackend('cpu'));\n",
      },
      {
        file: 'server.js',
        code: "const express = require('express');\nconst tf = require('@tensorflow/tfjs');\nrequire('@tensorflow/tfjs-node');\n\nexpress().listen(3000);\n",
      },
      {
        code: "import '@tensorflow/tfjs-backend-cpu';\nimport '@tensorflow/tfjs-backend-webgl';\nimport { loadGraphModel } from '@tensorflow/tfjs-converter';\n\nexport const model = loadGraphModel('/model/model.json');\n",
      },
    ],
  },
});

function checkChoice(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  const argument = call.args[0];
  if (isAside(module) || !argument) return;
  const chosen = flow.constant(argument.value);
  if (typeof chosen !== 'string') return;
  if (chosen !== 'cpu') return context.pass(argument);
  // put back, compared or chosen again: the processor is one choice of several
  const others = module.calls.filter((one) => one !== call && flow.names(one).includes('tfjs.setBackend'));
  if (others.length > 0 || /\bgetBackend\s*\(/.test(module.text)) return;
  // some operations exist on the processor only; what counts is a model that runs there
  if (!runsModel(module, flow)) return;
  for (const parent of ancestors(call)) {
    if (
      parent.kind === 'handler' ||
      parent.kind === 'conditional' ||
      parent.kind === 'if' ||
      parent.kind === 'case'
    )
      return;
    if (parent.kind === 'binary') return;
  }
  const literal = argument.value;
  const quote = module.text[literal.start];
  const fixes: Fix[] =
    literal.kind === 'literal' &&
    platformOf(module) !== 'node' &&
    /@tensorflow\/tfjs['"]|tfjs-backend-webgl|tfjs@/.test(module.text)
      ? [
          {
            title: { en: 'Use the WebGL backend', fr: 'Utiliser le moteur WebGL' },
            edits: () => [{ start: literal.start, end: literal.end, text: `${quote}webgl${quote}` }],
          },
        ]
      : [];
  context.fail(argument, { fixes });
}

/** Whether a page's program holds the module: bundlers bring `path` to browsers, and nothing that only Node has. */
function isOfPage(module: Module, flow: Flow): boolean {
  if (/^\s*['"]use (?:node|server)['"]/.test(module.text)) return false;
  if (
    module.imports.some((one) =>
      /^(?:node:)?(?:fs|http|https|net|child_process)\b|^express$/.test(one.module),
    )
  )
    return false;
  return flow.programs(module).some(({ entry }) => entry !== module && platformOf(entry) === 'browser');
}

interface Loaded {
  readonly name: string;
  /** The specifier, quotes included. */
  readonly start: number;
  readonly end: number;
}

function loaded(module: Module): Loaded[] {
  const found: Loaded[] = [];
  const take = (node: Import | Call) => {
    const text = textOf(module, node);
    const match = /(['"])(@tensorflow\/tfjs[\w-]*)\1/.exec(text);
    if (match?.[2])
      found.push({
        name: match[2],
        start: node.start + match.index,
        end: node.start + match.index + match[0].length,
      });
  };
  for (const one of module.imports) if (one.module.startsWith('@tensorflow/tfjs') && !one.typeOnly) take(one);
  for (const one of module.calls) if (one.callee.kind === 'name' && one.callee.name === 'require') take(one);
  return found;
}

function checkImports(module: Module, context: RuleContext): void {
  if (!module.text.includes('@tensorflow/tfjs') || isAside(module)) return;
  const here = loaded(module);
  if (here.length === 0) return;
  const { flow } = context;
  if (
    choosesFast(module, flow) ||
    context.hasDependency('@tensorflow/tfjs-node') ||
    context.hasDependency('@tensorflow/tfjs-node-gpu')
  ) {
    const fast = here.find(({ name }) => FAST.test(name));
    if (fast) context.pass(fast);
    return;
  }
  const whole = here.find(({ name }) => name === '@tensorflow/tfjs');
  if (whole && platformOf(module) === 'node' && !isOfPage(module, flow)) {
    const quote = module.text[whole.start];
    return context.fail(whole, {
      message: 'node',
      data: { module: whole.name },
      fixes: [
        {
          title: { en: 'Import `@tensorflow/tfjs-node`', fr: 'Importer `@tensorflow/tfjs-node`' },
          edits: () => [
            { start: whole.start, end: whole.end, text: `${quote}@tensorflow/tfjs-node${quote}` },
          ],
          packages: ['@tensorflow/tfjs-node'],
        },
      ],
    });
  }
  const cpu = here.find(({ name }) => name === '@tensorflow/tfjs-backend-cpu');
  if (cpu && !importsWhole(module, flow) && !context.hasDependency('@tensorflow/tfjs'))
    context.fail(cpu, { message: 'only', data: { module: cpu.name } });
}
