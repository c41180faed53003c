import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, FunctionNode, Module } from '../../analysis/model.ts';
import { ancestors, classOf, descendants, enclosingFunction, enclosingLoops } from '../../analysis/tree.ts';
import { addDecorator, startsLine } from '../edits.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { isRun } from '../semantics/training.ts';

/** What in a program turns steps into graphs, or makes them run eagerly on purpose. */
const GRAPH =
  /tf\.function|tensorflow\.function|jit_compile|run_functions_eagerly|autograph|tf\.Session|compat\.v1|\bgym\b|gymnasium/;

/** What cannot go into a graph, or changes its meaning there: Python values of tensors, output, mutable state. */
const EAGER_ONLY =
  /\.numpy\(|\.item\(|\bfloat\(|\bint\(|\bnp\.|numpy\.|\bprint\(|\.append\(|\bglobal\b|\bnonlocal\b|\byield\b|\.assert_|\btqdm\b|\bplt\.|\binput\(|\btime\b|(?<!\btf\.)(?<!\btensorflow\.)\brandom\.\w|\.result\(\)|\.save/;

export default defineRule({
  id: 'eager-training-step',
  phase: 'training',
  languages: ['python'],
  severity: 'information',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'medium',
    source: {
      en: 'TensorFlow guide “Better performance with tf.function”: graphs are faster than eager code, above all with many small operations.',
      fr: 'Guide TensorFlow « Better performance with tf.function » : les graphes sont plus rapides que l’exécution immédiate, surtout avec beaucoup de petites opérations.',
    },
  },
  references: {
    course: [
      "Phase de conception — Limiter la taille et la complexité : « Optimiser les modèles d'IA pour réduire les calculs. »",
    ],
    links: [
      'https://www.tensorflow.org/guide/function',
      'https://keras.io/guides/writing_a_custom_training_loop_in_tensorflow/',
    ],
  },
  libraries: ['tensorflow'],
  title: { en: 'Training step run eagerly', fr: 'Pas d’entraînement exécuté opération par opération' },
  what: {
    en: 'A training step written by hand (`GradientTape`, `apply_gradients`) that a loop runs, in a program that never uses `tf.function`. Steps that need Python values of tensors are left out, as are overridden `train_step` methods, which Keras compiles.',
    fr: 'Un pas d’entraînement écrit à la main (`GradientTape`, `apply_gradients`) exécuté dans une boucle, dans un programme qui n’emploie jamais `tf.function`. Sont exclus les pas qui ont besoin des valeurs Python des tenseurs et les méthodes `train_step` surchargées, que Keras compile.',
  },
  why: {
    en: 'Without `tf.function` Python dispatches every operation of every step anew, while the accelerator waits and draws power; as a graph the step is traced once, then optimised and run as a whole (TensorFlow guide).',
    fr: 'Sans `tf.function`, Python relance chaque opération à chaque pas, pendant que l’accélérateur attend en consommant ; sous forme de graphe, le pas est tracé une fois, puis optimisé et exécuté d’un bloc (guide TensorFlow).',
  },
  instead: {
    en: 'Put the step into a function of its own and decorate it with `@tf.function`; keep printing and metrics in Python outside. Pass tensors rather than Python numbers, or each new number traces it again. Ignore the rule while debugging.',
    fr: 'Mettez le pas dans sa propre fonction, décorée par `@tf.function` ; gardez l’affichage et les mesures en Python au-dehors. Passez des tenseurs plutôt que des nombres Python, sinon chaque nouveau nombre relance le tracé. À ignorer pendant la mise au point.',
  },
  messages: {
    default: {
      en: '`{step}` runs eagerly, operation by operation: decorate it with `@tf.function`.',
      fr: '`{step}` s’exécute opération par opération : décorez-la avec `@tf.function`.',
    },
    loop: {
      en: 'This step runs eagerly in a loop: make it a function decorated with `@tf.function`.',
      fr: 'Ce pas s’exécute opération par opération dans une boucle : faites-en une fonction décorée par `@tf.function`.',
    },
  },
  on: { calls: { names: ['tensorflow.GradientTape'], check } },
  examples: {
    bad: [
      {
        code: 'import tensorflow as tf\n\nmodel = build_model()\noptimizer = tf.keras.optimizers.Adam()\n\n\ndef train_step(x, y):\n    with tf.GradientTape() as tape:\n        loss = loss_fn(y, model(x, training=True))\n    grads = tape.gradient(loss, model.trainable_variables)\n    optimizer.apply_gradients(zip(grads, model.trainable_variables))\n    return loss\n\n\nfor epoch in range(20):\n    for x, y in dataset:\n        loss = train_step(x, y)\n    print(epoch, float(loss))\n',
        fixed:
          'import tensorflow as tf\n\nmodel = build_model()\noptimizer = tf.keras.optimizers.Adam()\n\n\n@tf.function\ndef train_step(x, y):\n    with tf.GradientTape() as tape:\n        loss = loss_fn(y, model(x, training=True))\n    grads = tape.gradient(loss, model.trainable_variables)\n    optimizer.apply_gradients(zip(grads, model.trainable_variables))\n    return loss\n\n\nfor epoch in range(20):\n    for x, y in dataset:\n        loss = train_step(x, y)\n    print(epoch, float(loss))\n',
      },
      {
        code: 'import tensorflow as tf\n\nmodel = build_model()\noptimizer = tf.keras.optimizers.SGD(0.01)\nfor epoch in range(10):\n    for images, labels in train:\n        with tf.GradientTape() as tape:\n            loss = criterion(labels, model(images))\n        grads = tape.gradient(loss, model.trainable_variables)\n        optimizer.apply_gradients(zip(grads, model.trainable_variables))\n',
      },
      {
        code: 'import tensorflow as tf\nfrom tensorflow import GradientTape\n\n\nclass Learner:\n    def __init__(self, net):\n        self.net = net\n        self.opt = tf.keras.optimizers.Adam()\n\n    def learn(self, batch, target):\n        with GradientTape() as tape:\n            loss = tf.reduce_mean((self.net(batch) - target) ** 2)\n        variables = self.net.trainable_variables\n        self.opt.apply_gradients(zip(tape.gradient(loss, variables), variables))\n\n    def run(self, data):\n        for batch, target in data:\n            self.learn(batch, target)\n\n\nLearner(net).run(data)\n',
        fixed:
          'import tensorflow as tf\nfrom tensorflow import GradientTape\n\n\nclass Learner:\n    def __init__(self, net):\n        self.net = net\n        self.opt = tf.keras.optimizers.Adam()\n\n    @tf.function\n    def learn(self, batch, target):\n        with GradientTape() as tape:\n            loss = tf.reduce_mean((self.net(batch) - target) ** 2)\n        variables = self.net.trainable_variables\n        self.opt.apply_gradients(zip(tape.gradient(loss, variables), variables))\n\n    def run(self, data):\n        for batch, target in data:\n            self.learn(batch, target)\n\n\nLearner(net).run(data)\n',
      },
      {
        code: 'import tensorflow as tf\n\n\ndef step(images):\n    noise = tf.random.normal([64, 100])\n    with tf.GradientTape() as tape:\n        loss = loss_fn(discriminator(generator(noise)), discriminator(images))\n    optimizer.apply_gradients(zip(tape.gradient(loss, generator.trainable_variables), generator.trainable_variables))\n\n\nfor epoch in range(50):\n    for images in dataset:\n        step(images)\n',
        fixed:
          'import tensorflow as tf\n\n\n@tf.function\ndef step(images):\n    noise = tf.random.normal([64, 100])\n    with tf.GradientTape() as tape:\n        loss = loss_fn(discriminator(generator(noise)), discriminator(images))\n    optimizer.apply_gradients(zip(tape.gradient(loss, generator.trainable_variables), generator.trainable_variables))\n\n\nfor epoch in range(50):\n    for images in dataset:\n        step(images)\n',
        note: { en: 'TensorFlow’s own random numbers.', fr: 'Les nombres aléatoires de TensorFlow.' },
      },
    ],
    good: [
      {
        code: 'import tensorflow as tf\n\n\n@tf.function\ndef train_step(x, y):\n    with tf.GradientTape() as tape:\n        loss = loss_fn(y, model(x))\n    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))\n\n\nfor x, y in dataset:\n    train_step(x, y)\n',
      },
      {
        code: 'import tensorflow as tf\nfrom tensorflow import keras\n\n\nclass Net(keras.Model):\n    def train_step(self, data):\n        x, y = data\n        with tf.GradientTape() as tape:\n            loss = self.compute_loss(y=y, y_pred=self(x, training=True))\n        grads = tape.gradient(loss, self.trainable_variables)\n        self.optimizer.apply_gradients(zip(grads, self.trainable_variables))\n        return {"loss": loss}\n\n\nnet = Net()\nnet.compile("adam")\nfor part in parts:\n    net.fit(part)\n',
        note: { en: 'Keras compiles `train_step`.', fr: 'Keras compile `train_step`.' },
      },
      {
        code: 'import tensorflow as tf\n\n\ndef grad_cam(image):\n    with tf.GradientTape() as tape:\n        score = model(image)[:, 0]\n    return tape.gradient(score, image)\n\n\nfor image in images:\n    grad_cam(image)\n',
        note: { en: 'No weights are trained.', fr: 'Aucun poids n’est entraîné.' },
      },
      {
        code: 'import tensorflow as tf\n\n\ndef step(x, y):\n    with tf.GradientTape() as tape:\n        loss = loss_fn(y, model(x))\n    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))\n    return loss\n\n\nstep = tf.function(step)\nfor x, y in dataset:\n    step(x, y)\n',
      },
      {
        code: 'import tensorflow as tf\n\n\ndef step(x, y):\n    with tf.GradientTape() as tape:\n        loss = loss_fn(y, model(x))\n    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))\n    history.append(loss.numpy())\n\n\nfor x, y in dataset:\n    step(x, y)\n',
        note: { en: 'It needs the value in Python.', fr: 'La valeur est nécessaire en Python.' },
      },
    ],
  },
});

function check(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  if (!isRun(call, flow)) return;
  const fn = enclosingFunction(call);
  const outermost = enclosingLoops(call).at(-1);
  const scope = fn?.body ?? (outermost && outermost.kind !== 'comprehension' ? outermost.body : null);
  if (!scope) return;
  const update = descendants(scope, 'call').find(
    ({ callee }) => callee.kind === 'member' && callee.property === 'apply_gradients',
  );
  if (!update) return;
  const step = fn && enclosingLoops(call).length === 0 ? fn : null;
  if (step && isCompiledByKeras(step, flow)) return;
  const place = step?.name ? { start: step.nameStart, end: step.nameStart + step.name.length } : call.callee;
  if ([...flow.related(module)].some(({ text }) => GRAPH.test(text))) {
    if (
      step?.decorators.some((decorator) => /function/.test(module.text.slice(decorator.start, decorator.end)))
    )
      context.pass(place);
    return;
  }
  if (isLaterTape(call, scope, flow)) return;
  if (!step) {
    const loop = enclosingLoops(call)[0];
    if (!loop || flow.iterations(loop) === 1) return;
    return context.fail(place, { message: 'loop' });
  }
  if (!step.name || EAGER_ONLY.test(module.text.slice(step.body.start, step.body.end))) return;
  if (!isRunInLoop(step, flow)) return;
  context.fail(place, { data: { step: step.name }, fixes: decoratorFix(step, module) });
}

/** Whether a tape before this one in the same step is reported already. */
function isLaterTape(call: Call, scope: FunctionNode['body'], flow: Flow): boolean {
  const first = descendants(scope, 'call').find((one) => flow.names(one).includes('tensorflow.GradientTape'));
  return first !== undefined && first !== call;
}

/** `fit` traces the `train_step` of a Keras model by itself. */
function isCompiledByKeras(fn: FunctionNode, flow: Flow): boolean {
  const owner = classOf(fn);
  return (
    owner !== null && fn.name === 'train_step' && flow.bases(owner).some((base) => base.startsWith('keras.'))
  );
}

function isRunInLoop(fn: FunctionNode, flow: Flow, depth = 0): boolean {
  return flow.callers(fn).some((call) => {
    if (enclosingLoops(call).length > 0) return true;
    const outer = enclosingFunction(call);
    return outer !== null && depth < 3 && isRunInLoop(outer, flow, depth + 1);
  });
}

function decoratorFix(fn: FunctionNode, module: Module): Fix[] {
  const isNested = [...ancestors(fn)].some((one) => one.kind === 'function');
  if (fn.decorators.length > 0 || fn.isLambda || isNested || !startsLine(module, fn)) return [];
  const name =
    module.imports.some((one) => one.module === 'tensorflow') &&
    /\bimport tensorflow as tf\b/.test(module.text);
  if (!name) return [];
  return [
    {
      title: { en: 'Decorate it with `@tf.function`', fr: 'La décorer avec `@tf.function`' },
      edits: () => [addDecorator(module, fn, '@tf.function')],
    },
  ];
}
