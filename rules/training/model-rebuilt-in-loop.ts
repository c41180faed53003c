import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, For, Loop, Module, Node, While } from '../../analysis/model.ts';
import { descendants, enclosingFunction, enclosingLoops } from '../../analysis/tree.ts';
import { insertBefore, startsLine, textOf } from '../edits.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { isRun, loopHead } from '../semantics/training.ts';

/** Up to so many models nothing piles up, and up to so many small ones. */
const FEW = 3;
const FEW_SMALL = 5;

/** What makes a model more than a few dense layers. */
const LARGE =
  /Conv|LSTM|GRU|RNN|Embedding|Attention|Transformer|\bapplications\b|\b(?:VGG|ResNet|DenseNet|EfficientNet|MobileNet|Inception|Xception)\w*\(|KerasLayer|load_model|from_pretrained/i;

const MODELS: ReadonlySet<string> = new Set(['keras.Sequential', 'keras.Model']);

/** What frees the models of earlier rounds, or runs each round apart. */
const FREES = /clear_session|reset_default_graph|tf\.Graph\(|multiprocessing|subprocess|reset_uids/;

export default defineRule({
  id: 'model-rebuilt-in-loop',
  phase: 'training',
  languages: ['python'],
  severity: 'information',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'memory',
    band: 'medium',
    source: {
      en: 'Keras documentation of clear_session: “If you are creating many models in a loop, this global state will consume an increasing amount of memory over time”.',
      fr: 'Documentation Keras de clear_session : si l’on crée beaucoup de modèles dans une boucle, cet état global prend de plus en plus de mémoire.',
    },
  },
  references: {
    course: [
      "Phase d'entraînement — Limiter les itérations inutiles : « Planifier une stratégie expérimentale (design of experiments). »",
    ],
    links: ['https://keras.io/api/utils/config_utils/#clear_session-function'],
  },
  libraries: ['keras', 'tensorflow'],
  title: {
    en: 'Keras models pile up in a loop',
    fr: 'Des modèles Keras s’accumulent dans une boucle',
  },
  what: {
    en: 'A loop that builds and trains a new Keras model in each round (folds, hyperparameters) and never calls `clear_session()`. Loops that keep the models, loops of up to three rounds, and up to five rounds of a few dense layers are left out.',
    fr: 'Une boucle qui construit et entraîne un nouveau modèle Keras à chaque tour (plis, hyperparamètres) sans jamais appeler `clear_session()`. Sont exclues les boucles qui gardent les modèles, celles de trois tours au plus, et jusqu’à cinq tours de quelques couches denses.',
  },
  why: {
    en: 'Keras keeps global state for the models it built: when many are created in a loop, it “will consume an increasing amount of memory over time” (Keras documentation). Sooner or later the search needs a larger machine, or stops. The call saves memory: it takes a little processor time itself, as measured below.',
    fr: 'Keras garde un état global pour les modèles construits : si l’on en crée beaucoup dans une boucle, il « consommera de plus en plus de mémoire » (documentation de Keras). Tôt ou tard la recherche demande une machine plus grande, ou s’arrête. L’appel économise de la mémoire : il prend lui-même un peu de temps processeur, comme mesuré ci-dessous.',
  },
  instead: {
    en: 'Call `keras.backend.clear_session()` at the start of each round, and `del` what is no longer needed. Ignore the rule where the models of earlier rounds are still used.',
    fr: 'Appelez `keras.backend.clear_session()` au début de chaque tour, et supprimez par `del` ce qui ne sert plus. À ignorer si les modèles des tours précédents servent encore.',
  },
  messages: {
    default: {
      en: 'A new Keras model is built in each round and the earlier ones stay in memory: call `clear_session()` first.',
      fr: 'Un nouveau modèle Keras est construit à chaque tour et les précédents restent en mémoire : appelez d’abord `clear_session()`.',
    },
  },
  on: { loops: check },
  examples: {
    bad: [
      {
        code: 'import tensorflow as tf\nfrom tensorflow.keras import Sequential\nfrom tensorflow.keras.layers import Dense\n\nfor units in [8, 16, 32, 64, 128, 256]:\n    model = Sequential([Dense(units, activation="relu"), Dense(1)])\n    model.compile("adam", "mse")\n    model.fit(x, y, epochs=20)\n    print(units, model.evaluate(x_val, y_val))\n',
        fixed:
          'import tensorflow as tf\nfrom tensorflow.keras import Sequential\nfrom tensorflow.keras.layers import Dense\n\nfor units in [8, 16, 32, 64, 128, 256]:\n    tf.keras.backend.clear_session()\n    model = Sequential([Dense(units, activation="relu"), Dense(1)])\n    model.compile("adam", "mse")\n    model.fit(x, y, epochs=20)\n    print(units, model.evaluate(x_val, y_val))\n',
      },
      {
        code: 'import keras\nfrom keras import layers\nfrom sklearn.model_selection import KFold\n\n\ndef make():\n    inputs = keras.Input((8,))\n    model = keras.Model(inputs, layers.Dense(1)(inputs))\n    model.compile("adam", "mse")\n    return model\n\n\nscores = []\nfor train, test in KFold(10).split(x):\n    model = make()\n    model.fit(x[train], y[train], epochs=50)\n    scores.append(model.evaluate(x[test], y[test]))\n',
        fixed:
          'import keras\nfrom keras import layers\nfrom sklearn.model_selection import KFold\n\n\ndef make():\n    inputs = keras.Input((8,))\n    model = keras.Model(inputs, layers.Dense(1)(inputs))\n    model.compile("adam", "mse")\n    return model\n\n\nscores = []\nfor train, test in KFold(10).split(x):\n    keras.backend.clear_session()\n    model = make()\n    model.fit(x[train], y[train], epochs=50)\n    scores.append(model.evaluate(x[test], y[test]))\n',
      },
      {
        code: 'from tensorflow import keras\n\nfor rate in (0.1, 0.03, 0.01, 0.001):\n    net = keras.Sequential([keras.layers.LSTM(64), keras.layers.Dense(1)])\n    net.compile(keras.optimizers.Adam(rate), "mse")\n    net.fit(x, y)\n',
        fixed:
          'from tensorflow import keras\n\nfor rate in (0.1, 0.03, 0.01, 0.001):\n    keras.backend.clear_session()\n    net = keras.Sequential([keras.layers.LSTM(64), keras.layers.Dense(1)])\n    net.compile(keras.optimizers.Adam(rate), "mse")\n    net.fit(x, y)\n',
      },
      {
        code: 'import tensorflow as tf\n\nfor rate in (0.1, 0.01, 0.001):\n    for size in (32, 64, 128):\n        net = tf.keras.Sequential()\n        net.add(tf.keras.layers.Dense(size))\n        net.compile(tf.keras.optimizers.SGD(rate), "mse")\n        net.fit(x, y)\n',
        fixed:
          'import tensorflow as tf\n\nfor rate in (0.1, 0.01, 0.001):\n    for size in (32, 64, 128):\n        tf.keras.backend.clear_session()\n        net = tf.keras.Sequential()\n        net.add(tf.keras.layers.Dense(size))\n        net.compile(tf.keras.optimizers.SGD(rate), "mse")\n        net.fit(x, y)\n',
      },
      {
        code: 'import tensorflow as tf\n\nfor width in [16, 32, 64]:\n    for depth in [1, 2]:\n        net = tf.keras.Sequential([tf.keras.layers.Dense(width) for _ in range(depth)])\n        net.compile("adam", "mse")\n        net.fit(x, y)\n',
        fixed:
          'import tensorflow as tf\n\nfor width in [16, 32, 64]:\n    for depth in [1, 2]:\n        tf.keras.backend.clear_session()\n        net = tf.keras.Sequential([tf.keras.layers.Dense(width) for _ in range(depth)])\n        net.compile("adam", "mse")\n        net.fit(x, y)\n',
      },
      {
        code: 'import tensorflow as tf\n\nscore = 0\nwhile score < 0.9:\n    net = tf.keras.Sequential([tf.keras.layers.Conv2D(8, 3), tf.keras.layers.Flatten(), tf.keras.layers.Dense(1)])\n    net.compile("adam", "mse", metrics=["accuracy"])\n    net.fit(x, y)\n    score = net.evaluate(x_val, y_val)[1]\n',
        fixed:
          'import tensorflow as tf\n\nscore = 0\nwhile score < 0.9:\n    tf.keras.backend.clear_session()\n    net = tf.keras.Sequential([tf.keras.layers.Conv2D(8, 3), tf.keras.layers.Flatten(), tf.keras.layers.Dense(1)])\n    net.compile("adam", "mse", metrics=["accuracy"])\n    net.fit(x, y)\n    score = net.evaluate(x_val, y_val)[1]\n',
        note: { en: 'Until one is good enough.', fr: 'Jusqu’à ce que l’un convienne.' },
      },
    ],
    good: [
      {
        code: 'import numpy as np\nfrom keras import layers, models\n\ndef build():\n    model = models.Sequential([layers.Dense(64, activation="relu"), layers.Dense(1)])\n    model.compile("rmsprop", "mse")\n    return model\n\nk = 4\nfor i in range(k):\n    model = build()\n    model.fit(x[i], y[i], epochs=100)\n',
        note: { en: 'A few folds of a few dense layers.', fr: 'Quelques plis de quelques couches denses.' },
      },
      {
        code: 'from keras import layers, models\nfrom sklearn.model_selection import StratifiedKFold\n\nfolds = StratifiedKFold(n_splits=5, shuffle=True)\nfor train, test in folds.split(x, y):\n    model = models.Sequential([layers.Dense(64, activation="relu"), layers.Dense(1)])\n    model.compile("rmsprop", "mse")\n    model.fit(x[train], y[train], epochs=100)\n',
      },
      {
        code: 'import tensorflow as tf\n\nfor size in (32, 64, 128):\n    tf.keras.backend.clear_session()\n    net = tf.keras.Sequential([tf.keras.layers.Dense(size)])\n    net.compile("sgd", "mse")\n    net.fit(x, y)\n',
      },
      {
        code: 'import tensorflow as tf\n\nnet = tf.keras.Sequential([tf.keras.layers.Dense(3)])\nnet.compile("sgd", "mse")\nfor part in parts:\n    net.fit(part)\n',
        note: { en: 'One model.', fr: 'Un seul modèle.' },
      },
      {
        code: 'import tensorflow as tf\n\nmembers = []\nfor seed in range(5):\n    net = tf.keras.Sequential([tf.keras.layers.Dense(3)])\n    net.compile("sgd", "mse")\n    net.fit(x, y)\n    members.append(net)\n',
        note: { en: 'All of them are kept.', fr: 'Tous sont gardés.' },
      },
      {
        code: 'import tensorflow as tf\n\nnet = tf.keras.Sequential()\nfor size in (64, 32, 16):\n    net.add(tf.keras.layers.Dense(size))\nnet.compile("sgd", "mse")\nnet.fit(x, y)\n',
        note: { en: 'Layers are added.', fr: 'On ajoute des couches.' },
      },
      {
        code: 'import tensorflow as tf\n\nfor train, test in folds.split(x):\n    net = tf.keras.Sequential([tf.keras.layers.Dense(3)])\n    net.compile("sgd", "mse")\n    net.fit(x[train], y[train])\n    break\n',
        note: { en: 'One fold only.', fr: 'Un seul pli.' },
      },
      {
        code: 'import tensorflow as tf\n\nfor activation in ("relu", "tanh", "gelu"):\n    net = tf.keras.Sequential([tf.keras.layers.Conv1D(32, 3, activation=activation)])\n    net.compile("sgd", "mse")\n    net.fit(x, y)\n',
        note: { en: 'Three models.', fr: 'Trois modèles.' },
      },
    ],
  },
});

function check(loop: Loop, context: RuleContext): void {
  const { flow, module } = context;
  if (loop.kind === 'comprehension') return;
  const builds = reached(loop.body, flow).filter(({ call, root }) => {
    if (enclosingLoops(root)[0] !== loop) return false;
    return (
      (call === root || enclosingLoops(call).length === 0) &&
      flow.names(call).some((name) => MODELS.has(name))
    );
  });
  if (builds.length === 0 || !isRun(loop, flow)) return;
  const isFit = (call: Call) => flow.names(call).includes('keras.Model.fit');
  if (!reached(loop.body, flow).some(({ call }) => isFit(call))) return;
  if (loop.body.statements.some(({ kind }) => kind === 'break' || kind === 'return')) return; // one round
  const rounds = allRounds(loop, flow);
  if (rounds !== undefined && rounds <= FEW_SMALL) {
    if (rounds <= FEW) return;
    const makers = builds.map(({ call }) => enclosingFunction(call) ?? loop);
    if (!makers.some((maker) => LARGE.test(textOf(flow.moduleOf(maker), maker)))) return;
  }
  const place = loopHead(loop);
  if (reached(loop.body, flow).some(({ call }) => isClear(call))) return context.pass(place);
  if ([...flow.related(module)].some(({ text }) => FREES.test(text)) || keepsModels(loop, flow)) return;
  context.fail(place, { fixes: clearFix(loop, module) });
}

/** How often the loop's body runs, the loops around it included; undefined if that is not known. */
function allRounds(loop: For | While, flow: Flow): number | undefined {
  return enclosingLoops(loop)
    .filter((one) => one.kind === 'for')
    .reduce(
      (all: number | undefined, one) => {
        const rounds = roundsOf(one, flow);
        return all === undefined || rounds === undefined ? undefined : all * rounds;
      },
      roundsOf(loop, flow),
    );
}

/** `for train, test in KFold(5).split(x)` runs five times. */
function roundsOf(loop: For | While, flow: Flow): number | undefined {
  const rounds = flow.iterations(loop);
  if (rounds !== undefined || loop.kind === 'while') return rounds;
  const split = descendants(loop.iterable, 'call').find(
    ({ callee }) => callee.kind === 'member' && callee.property === 'split',
  );
  if (split?.callee.kind !== 'member') return undefined;
  const folds = flow.objects(split.callee.object).flatMap(({ origin }) => {
    if (!origin || !flow.names(origin).some((name) => /^sklearn\.model_selection\.\w*KFold$/.test(name)))
      return [];
    const given = flow.argument(origin, 'n_splits', 0);
    const count =
      given.state === 'given' ? flow.constant(given.value) : given.state === 'absent' ? 5 : undefined;
    return [typeof count === 'number' ? count : undefined];
  });
  const [count] = folds;
  return folds.length === 1 ? count : undefined;
}

function isClear(call: Call): boolean {
  const { callee } = call;
  return (
    (callee.kind === 'member' && callee.property === 'clear_session') ||
    (callee.kind === 'name' && callee.name === 'clear_session')
  );
}

/** Calls that the block runs, through local functions too; `root` is the block's own call that leads there. */
function reached(block: Node, flow: Flow): readonly { readonly call: Call; readonly root: Call }[] {
  return descendants(block, 'call', true).flatMap((root) => [
    { call: root, root },
    ...flow.targets(root).flatMap((fn) => {
      const own = descendants(fn.body, 'call', true);
      const next = own.flatMap((call) =>
        flow.targets(call).flatMap((inner) => (inner === fn ? [] : descendants(inner.body, 'call', true))),
      );
      return [...own, ...next].map((call) => ({ call, root }));
    }),
  ]);
}

/** Whether a model of a round outlives it: put into a list, a dict or an attribute. */
function keepsModels(loop: For | While, flow: Flow): boolean {
  const isModel = (node: Node) =>
    (node.kind === 'name' || node.kind === 'call') && flow.isA(node, 'keras.Model');
  const isPut = descendants(loop.body, 'call', true).some(
    ({ callee, args }) =>
      callee.kind === 'member' &&
      /^(?:append|add|insert|extend|update|put)$/.test(callee.property) &&
      !flow.isA(callee.object, 'keras.Model') &&
      args.some(
        ({ value }) =>
          isModel(value) || (value.kind === 'sequence' && value.items.some((item) => item && isModel(item))),
      ),
  );
  // `models[name] = train(model, data)`: what comes back most often holds it
  const holdsModel = (value: Expr) =>
    isModel(value) || (value.kind === 'call' && value.args.some((one) => isModel(one.value)));
  return (
    isPut ||
    descendants(loop.body, 'assign', true).some(
      ({ targets, value }) =>
        value !== null &&
        ((holdsModel(value) && targets.some(({ kind }) => kind === 'index' || kind === 'member')) ||
          (isModel(value) && value.kind === 'name')),
    )
  );
}

function clearFix(loop: For | While, module: Module): Fix[] {
  const first = loop.body.statements[0];
  if (!first || !startsLine(module, first)) return [];
  const isStandalone = module.imports.some((one) => /^keras(?:\.|$)/.test(one.module));
  // `from tensorflow import keras`, under whatever name
  const bound = module.imports
    .filter((one) => one.module === 'tensorflow')
    .flatMap((one) => one.bindings)
    .find(({ imported }) => imported === 'keras')?.local;
  const name = isStandalone ? 'keras' : (bound ?? 'tf.keras');
  return [
    {
      title: {
        en: 'Clear Keras’s session at the start of each round',
        fr: 'Vider la session de Keras au début de chaque tour',
      },
      edits: () => [insertBefore(module, first, [`${name}.backend.clear_session()`])],
      imports: bound && !isStandalone ? [] : [isStandalone ? 'import keras' : 'import tensorflow as tf'],
    },
  ];
}
