import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, FunctionNode, Module } from '../../analysis/model.ts';
import { descendants, enclosingFunction } from '../../analysis/tree.ts';
import { addArgument, textOf } from '../edits.ts';
import { defineRule, type RuleContext } from '../rule.ts';

const DATASET = 'tensorflow.data.Dataset';

/** What keeps TensorFlow from running a `map` in parallel by itself: random numbers, tables, Python. */
const STATE =
  /^(?:tensorflow\.(?:image\.random_\w+|random\.(?:uniform|normal|truncated_normal|gamma|poisson|shuffle|categorical|Generator\.\w+)|random_(?:uniform|normal|crop|shuffle|flip\w*)|py_function|py_func|numpy_function|compat\.v1\.py_func|lookup\.\w+\.lookup)|keras\.layers\.(?:Random\w+|TextVectorization|StringLookup|IntegerLookup)\.__call__)$/;

/** Layers that make a model of them draw random numbers or look things up. */
const STATEFUL_LAYERS = /\b(?:Random[A-Z]\w+|TextVectorization|StringLookup|IntegerLookup)\(/;

/** TensorFlow 1, which runs a `map` as it is written. */
const FIRST_VERSION =
  /\bmake_(?:one_shot|initializable)_iterator\b|\btf\.(?:contrib\.|Session\(|placeholder\(|read_file\(|parse_single_example\(|FixedLenFeature\()/;

export default defineRule({
  id: 'unprefetched-pipeline',
  phase: 'data',
  languages: ['python'],
  severity: 'information',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'low',
    source: {
      en: 'TensorFlow guide, “Better performance with the tf.data API”: prefetching and parallel mapping.',
      fr: 'Guide TensorFlow, « Better performance with the tf.data API » : préchargement et traitement en parallèle.',
    },
  },
  references: {
    course: [
      "Phase de conception — Optimiser le pipeline d'apprentissage",
      "Phase d'entraînement — Optimiser les formats de données",
    ],
    links: ['https://www.tensorflow.org/guide/data_performance'],
  },
  libraries: ['tensorflow'],
  title: { en: 'Training that waits for its data', fr: 'Entraînement qui attend ses données' },
  what: {
    en: 'A `map` of `tf.data` with no `num_parallel_calls` that TensorFlow runs on one core: its function draws random numbers, looks up tables, holds random or text layers of Keras, or runs Python; in TensorFlow 1, any function that reads or computes. Maps without state, and a missing last `prefetch`, are left alone: TensorFlow 2 sees to both.',
    fr: 'Un `map` de `tf.data` sans `num_parallel_calls` que TensorFlow exécute sur un seul cœur : sa fonction tire des nombres aléatoires, consulte des tables, contient des couches aléatoires ou textuelles de Keras, ou exécute du Python ; en TensorFlow 1, toute fonction qui lit ou calcule. Les `map` sans état et un dernier `prefetch` manquant sont laissés de côté : TensorFlow 2 s’en charge.',
  },
  why: {
    en: 'One CPU core prepares the batches while the others and the accelerator wait: idle hardware draws power, too. TensorFlow 2 runs maps without state in parallel by itself (`map_parallelization`, on since 2.7 at the latest) and adds a last prefetch (`inject_prefetch`, on since 2.12); this project measured no gain from writing these two by hand. It checked in TensorFlow 2.21, too, what stays a plain `map` (`assert_next`): random operations, random generators, `py_function` and `numpy_function`, Keras’ `RandomFlip` and its like, `TextVectorization`.',
    fr: 'Un seul cœur prépare les lots pendant que les autres et l’accélérateur attendent : du matériel inactif consomme aussi. TensorFlow 2 exécute de lui-même en parallèle les `map` sans état (`map_parallelization`, actif depuis 2.7 au plus tard) et ajoute un dernier prefetch (`inject_prefetch`, actif depuis 2.12) ; ce projet n’a mesuré aucun gain à écrire ces deux-là à la main. Il a aussi vérifié dans TensorFlow 2.21 ce qui reste un simple `map` (`assert_next`) : opérations aléatoires, générateurs aléatoires, `py_function` et `numpy_function`, `RandomFlip` de Keras et ses semblables, `TextVectorization`.',
  },
  instead: {
    en: '`ds.map(f, num_parallel_calls=tf.data.AUTOTUNE)`; random operations may then come in another order: the `stateless_random_*` functions keep a run repeatable, and TensorFlow runs them in parallel by itself. `.cache()` before what is random, where the data fit in memory. Ignore the rule for data so small that a step takes no time.',
    fr: '`ds.map(f, num_parallel_calls=tf.data.AUTOTUNE)` ; les opérations aléatoires peuvent alors arriver dans un autre ordre : les fonctions `stateless_random_*` gardent un essai répétable, et TensorFlow les exécute de lui-même en parallèle. `.cache()` avant ce qui est aléatoire, si les données tiennent en mémoire. À ignorer pour des données si petites qu’un pas ne dure rien.',
  },
  messages: {
    default: {
      en: 'This `map` prepares one element after the other on one core: `num_parallel_calls=tf.data.AUTOTUNE`.',
      fr: 'Ce `map` prépare les éléments l’un après l’autre sur un cœur : `num_parallel_calls=tf.data.AUTOTUNE`.',
    },
  },
  on: { module: checkMaps },
  examples: {
    bad: [
      {
        code: 'import tensorflow as tf\n\ndef prepare(path, label):\n    image = tf.image.resize(tf.image.decode_jpeg(tf.io.read_file(path)), (224, 224))\n    return tf.image.random_flip_left_right(image), label\n\nds = tf.data.Dataset.from_tensor_slices((paths, labels))\nds = ds.map(prepare).batch(32).prefetch(tf.data.AUTOTUNE)\nmodel = tf.keras.Sequential([tf.keras.layers.Dense(1)])\nmodel.fit(ds, epochs=10)\n',
        fixed:
          'import tensorflow as tf\n\ndef prepare(path, label):\n    image = tf.image.resize(tf.image.decode_jpeg(tf.io.read_file(path)), (224, 224))\n    return tf.image.random_flip_left_right(image), label\n\nds = tf.data.Dataset.from_tensor_slices((paths, labels))\nds = ds.map(prepare, num_parallel_calls=tf.data.AUTOTUNE).batch(32).prefetch(tf.data.AUTOTUNE)\nmodel = tf.keras.Sequential([tf.keras.layers.Dense(1)])\nmodel.fit(ds, epochs=10)\n',
      },
      {
        code: 'import tensorflow as tf\nfrom tensorflow.keras import layers\n\naugment = tf.keras.Sequential([layers.RandomFlip(), layers.RandomRotation(0.1)])\ntrain = tf.keras.utils.image_dataset_from_directory("birds", image_size=(224, 224))\ntrain = train.map(lambda images, labels: (augment(images, training=True), labels))\n',
        fixed:
          'import tensorflow as tf\nfrom tensorflow.keras import layers\n\naugment = tf.keras.Sequential([layers.RandomFlip(), layers.RandomRotation(0.1)])\ntrain = tf.keras.utils.image_dataset_from_directory("birds", image_size=(224, 224))\ntrain = train.map(lambda images, labels: (augment(images, training=True), labels), num_parallel_calls=tf.data.AUTOTUNE)\n',
        note: { en: 'Random layers of Keras.', fr: 'Des couches aléatoires de Keras.' },
      },
      {
        code: 'import cv2\nimport tensorflow\n\ndef load(path):\n    return cv2.resize(cv2.imread(path.decode()), (128, 128))\n\ndef pipeline(files):\n    ds = tensorflow.data.Dataset.from_tensor_slices(files)\n    ds = ds.map(lambda path: tensorflow.numpy_function(load, [path], tensorflow.uint8))\n    return ds.batch(16).prefetch(2)\n',
        fixed:
          'import cv2\nimport tensorflow\n\ndef load(path):\n    return cv2.resize(cv2.imread(path.decode()), (128, 128))\n\ndef pipeline(files):\n    ds = tensorflow.data.Dataset.from_tensor_slices(files)\n    ds = ds.map(lambda path: tensorflow.numpy_function(load, [path], tensorflow.uint8), num_parallel_calls=tensorflow.data.AUTOTUNE)\n    return ds.batch(16).prefetch(2)\n',
      },
      {
        code: 'import tensorflow as tf\n\ndef parse(record):\n    parts = tf.parse_single_example(record, {"image": tf.FixedLenFeature([], tf.string)})\n    return tf.image.decode_jpeg(parts["image"])\n\nds = tf.data.TFRecordDataset(files).map(parse).batch(32)\nimages = ds.make_one_shot_iterator().get_next()\n',
        fixed:
          'import tensorflow as tf\n\ndef parse(record):\n    parts = tf.parse_single_example(record, {"image": tf.FixedLenFeature([], tf.string)})\n    return tf.image.decode_jpeg(parts["image"])\n\nds = tf.data.TFRecordDataset(files).map(parse, num_parallel_calls=tf.data.experimental.AUTOTUNE).batch(32)\nimages = ds.make_one_shot_iterator().get_next()\n',
        note: { en: 'TensorFlow 1.', fr: 'TensorFlow 1.' },
      },
    ],
    good: [
      {
        code: 'import tensorflow as tf\n\ndef flip(image):\n    return tf.image.random_flip_left_right(image)\n\nds = tf.data.TFRecordDataset(files).map(parse).map(flip, tf.data.AUTOTUNE).batch(32).prefetch(1)\n',
      },
      {
        code: 'import tensorflow as tf\n\ndef decode(path, label):\n    return tf.image.decode_jpeg(tf.io.read_file(path)), label\n\nds = tf.data.Dataset.from_tensor_slices((paths, labels)).map(decode).batch(32)\nmodel = tf.keras.Sequential([tf.keras.layers.Dense(1)])\nmodel.fit(ds, epochs=10)\n',
        note: {
          en: 'Work without state: TensorFlow 2 runs it in parallel and adds a prefetch.',
          fr: 'Un travail sans état : TensorFlow 2 le parallélise et ajoute un prefetch.',
        },
      },
      {
        code: 'import tensorflow as tf\n\nseed = tf.constant([1, 2])\nds = tf.data.TFRecordDataset(files).map(lambda image: tf.image.stateless_random_flip_left_right(image, seed))\n',
        note: { en: 'Random, but without state.', fr: 'Aléatoire, mais sans état.' },
      },
      {
        code: 'import tensorflow as tf\n\nmodel = tf.keras.Sequential([tf.keras.layers.Dense(1)])\nmodel.fit(x_train, y_train, epochs=5)\n',
        note: { en: 'Arrays in memory.', fr: 'Des tableaux en mémoire.' },
      },
      {
        code: 'import random\nimport tensorflow as tf\n\nlabels = list(map(int, rows))\nframe["y"] = frame["y"].map(lambda one: tf.random.uniform([]) + one)\nmodel = tf.keras.Sequential([tf.keras.layers.Dense(1)])\nmodel.fit(frame, labels)\n',
        note: { en: 'Other things called map.', fr: 'D’autres choses nommées map.' },
      },
      {
        code: 'import tensorflow as tf\n\ndef scale(image, label):\n    image = tf.cast(image, tf.float32) / 255.0\n    return tf.reshape(image, (28, 28, 1)), label\n\nds = tf.data.Dataset.from_tensor_slices((images, labels)).map(scale)\nbatch = ds.batch(64).make_one_shot_iterator().get_next()\n',
        note: {
          en: 'A little arithmetic on arrays in memory, in TensorFlow 1: handing it over costs more.',
          fr: 'Un peu d’arithmétique sur des tableaux en mémoire, en TensorFlow 1 : la distribuer coûte plus.',
        },
      },
      {
        code: 'import tensorflow as tf\n\ndef pairs_of(path):\n    lines = tf.data.TextLineDataset(path)\n    return lines.map(lambda line: (line, tf.random.uniform([])))\n\nds = tf.data.Dataset.from_tensor_slices(paths)\nds = ds.interleave(pairs_of, cycle_length=16, num_parallel_calls=16).batch(64).prefetch(2)\n',
        note: { en: 'Files are read side by side already.', fr: 'Les fichiers sont déjà lus en parallèle.' },
      },
    ],
  },
});

function checkMaps(module: Module, context: RuleContext): void {
  const { flow } = context;
  // what only passes through here may be another library's data set
  if (!module.imports.some((one) => /^tensorflow(?:\.|$)/.test(one.module))) return;
  const serial = new Map<FunctionNode | null, Call[]>();
  for (const call of module.calls) {
    if (call.callee.kind !== 'member' || call.callee.property !== 'map') continue;
    if (!flow.names(call).includes(`${DATASET}.map`)) continue;
    const parallel = flow.argument(call, 'num_parallel_calls', 1);
    if (parallel.state === 'given') {
      context.pass({ start: call.callee.propertyStart, end: call.callee.end });
    } else if (parallel.state === 'absent' && mapsSerially(call, flow)) {
      const fn = enclosingFunction(call);
      if (isInterleaved(fn, module, flow)) continue;
      serial.set(fn, [...(serial.get(fn) ?? []), call]);
    }
  }
  const tf = tensorflowName(module);
  const autotune = FIRST_VERSION.test(module.text)
    ? `${tf}.data.experimental.AUTOTUNE`
    : `${tf}.data.AUTOTUNE`;
  for (const calls of serial.values()) {
    const callee = calls[0]?.callee;
    if (callee?.kind !== 'member') continue;
    context.fail(
      { start: callee.propertyStart, end: callee.end },
      {
        fixes: [
          {
            title: { en: 'Map in parallel', fr: 'Appliquer en parallèle' },
            edits: () =>
              calls.flatMap((call) => addArgument(module, call, `num_parallel_calls=${autotune}`) ?? []),
            imports: tf === 'tf' ? ['import tensorflow as tf'] : [],
          },
        ],
      },
    );
  }
}

/** Whether a parallel `map` is for the program to ask for: TensorFlow 2 does it by itself for work without state. */
function mapsSerially(call: Call, flow: Flow): boolean {
  const mapped = call.args[0];
  if (!mapped || mapped.spread) return false;
  const functions = flow
    .values(mapped.value)
    .flatMap((value) => (value.kind === 'function' ? [value.function] : []));
  if (FIRST_VERSION.test(flow.moduleOf(call).text)) return functions.some((fn) => works(fn, flow));
  return functions.some((fn) => hasState(fn, flow)) || isStatefulLayer(mapped.value, flow);
}

function hasState(fn: FunctionNode, flow: Flow, depth = 3): boolean {
  return descendants(fn.body, 'call').some(
    (call) =>
      flow.names(call).some((name) => STATE.test(name)) ||
      isStatefulLayer(call.callee, flow) ||
      (depth > 0 && flow.targets(call).some((target) => target !== fn && hasState(target, flow, depth - 1))),
  );
}

/** `Sequential([RandomFlip(), …])`, or one such layer, be it wrapped in a function of the library. */
function isStatefulLayer(expr: Expr, flow: Flow): boolean {
  return flow
    .objects(expr)
    .some(
      ({ types, origin }) =>
        origin !== null &&
        types.some((type) => type.startsWith('keras.')) &&
        STATEFUL_LAYERS.test(textOf(flow.moduleOf(origin), origin)),
    );
}

/** Calls that cost next to nothing for one element: handing it to another core would cost more. */
const LIGHT = new RegExp(
  '^(?:builtins\\.\\w+|tensorflow\\.(?:(?:math|dtypes|strings)\\.)?(?:cast|to_float|constant|convert_to_tensor|' +
    'identity|ensure_shape|shape|size|rank|reshape|squeeze|expand_dims|transpose|stack|unstack|concat|split|' +
    'slice|gather|where|one_hot|zeros|ones|zeros_like|ones_like|fill|add|subtract|multiply|divide))$',
);

/** Arithmetic alone (`x / 255`) is no work either: an element of it takes less than a hand-over. */
function works(fn: FunctionNode, flow: Flow, depth = 3): boolean {
  return descendants(fn.body, 'call').some((call) => {
    const targets = flow.targets(call);
    if (targets.length > 0) return depth > 0 && targets.some((target) => works(target, flow, depth - 1));
    const method = call.callee.kind === 'member' ? call.callee.property : '';
    return method !== 'set_shape' && !flow.names(call).some((name) => LIGHT.test(name));
  });
}

/** Data sets that `interleave` makes many of at once: the files are shared out already. */
function isInterleaved(fn: FunctionNode | null, module: Module, flow: Flow): boolean {
  if (!fn) return false;
  return module.calls.some((call) => {
    if (!flow.names(call).includes(`${DATASET}.interleave`)) return false;
    if (flow.argument(call, 'num_parallel_calls', 3).state !== 'given') return false;
    const made = call.args[0];
    return (
      made !== undefined &&
      flow.values(made.value).some((value) => value.kind === 'function' && value.function === fn)
    );
  });
}

/** What the module calls TensorFlow. */
function tensorflowName(module: Module): string {
  const binding = module.imports
    .filter((one) => one.module === 'tensorflow')
    .flatMap((one) => one.bindings)
    .find((one) => one.imported === null);
  return binding?.local ?? 'tf';
}
