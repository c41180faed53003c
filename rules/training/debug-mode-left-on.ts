import type { Flow } from '../../analysis/flow/types.ts';
import type { Assign, Call, Expr, Module, Node } from '../../analysis/model.ts';
import { ancestors } from '../../analysis/tree.ts';
import { replace, textOf } from '../edits.ts';
import { defineRule, type RuleContext } from '../rule.ts';
import { inProgram } from '../semantics/memo.ts';
import { isBackward, trainingSites } from '../semantics/training.ts';

/** Switches by call: which argument turns the mode on, and whether it is on by default. */
const SWITCHES: Readonly<
  Record<string, { readonly name: string; readonly position?: number; readonly default: boolean }>
> = {
  'torch.autograd.detect_anomaly': { name: 'enabled', default: true },
  'tensorflow.data.experimental.enable_debug_mode': { name: 'enabled', default: true },
  'torch.autograd.set_detect_anomaly': { name: 'mode', position: 0, default: true },
  'tensorflow.config.run_functions_eagerly': { name: 'run_eagerly', position: 0, default: true },
  'tensorflow.config.experimental_run_functions_eagerly': { name: 'run_eagerly', position: 0, default: true },
  'keras.Model.compile': { name: 'run_eagerly', default: false },
  'lightning.Trainer': { name: 'detect_anomaly', default: false },
};

export default defineRule({
  id: 'debug-mode-left-on',
  phase: 'training',
  languages: ['python'],
  severity: 'information',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'medium',
    source: {
      en: 'PyTorch documentation of detect_anomaly: “This mode should be enabled only for debugging as the different tests will slow down your program execution.”',
      fr: 'Documentation PyTorch de detect_anomaly : ce mode ne s’active que pour déboguer, car ses vérifications ralentissent l’exécution du programme.',
    },
  },
  references: {
    course: [
      'Typologie des suppressions possibles : « Couches de debug / instrumentation »',
      "Phase d'entraînement — Limiter les itérations inutiles",
    ],
    links: [
      'https://docs.pytorch.org/docs/stable/autograd.html#anomaly-detection',
      'https://www.tensorflow.org/api_docs/python/tf/config/run_functions_eagerly',
    ],
  },
  libraries: ['torch', 'tensorflow', 'keras', 'lightning', 'pytorch_lightning', 'jax'],
  title: { en: 'Debug mode in a training run', fr: 'Mode de débogage dans un entraînement' },
  what: {
    en: 'Anomaly detection, eager execution of functions, `compile(run_eagerly=True)`, `jax_disable_jit` or `CUDA_LAUNCH_BLOCKING` turned on, with no condition, in a program that trains.',
    fr: 'Détection d’anomalies, exécution immédiate des fonctions, `compile(run_eagerly=True)`, `jax_disable_jit` ou `CUDA_LAUNCH_BLOCKING` activés sans condition dans un programme qui entraîne.',
  },
  why: {
    en: 'Anomaly detection stores a stack trace for every operation and checks each gradient for NaN; eager execution gives up the compiled graph and runs operation by operation from Python; with `CUDA_LAUNCH_BLOCKING` the CPU waits for each kernel. All are made for finding an error, and slow each step down.',
    fr: 'La détection d’anomalies enregistre une pile d’appels par opération et cherche des NaN dans chaque gradient ; l’exécution immédiate renonce au graphe compilé et enchaîne les opérations depuis Python ; avec `CUDA_LAUNCH_BLOCKING`, le CPU attend chaque noyau. Tous servent à trouver une erreur et ralentissent chaque pas.',
  },
  instead: {
    en: 'Turn it off once the error is found, or put it behind a flag. Ignore the rule where a step cannot run as a graph.',
    fr: 'Désactivez-le une fois l’erreur trouvée, ou placez-le derrière une option. À ignorer si un pas ne peut pas s’exécuter en graphe.',
  },
  messages: {
    default: {
      en: '`{what}` is made for debugging and slows every training step down.',
      fr: '`{what}` sert au débogage et ralentit chaque pas d’entraînement.',
    },
  },
  on: { calls: { names: [...Object.keys(SWITCHES), 'jax.config.update'], check }, module: checkVariable },
  examples: {
    bad: [
      {
        code: 'import torch\n\ntorch.autograd.set_detect_anomaly(True)\nfor epoch in range(20):\n    for x, y in loader:\n        loss = criterion(model(x), y)\n        loss.backward()\n        optimizer.step()\n',
        fixed:
          'import torch\n\ntorch.autograd.set_detect_anomaly(False)\nfor epoch in range(20):\n    for x, y in loader:\n        loss = criterion(model(x), y)\n        loss.backward()\n        optimizer.step()\n',
      },
      {
        code: 'from tensorflow import keras\n\nmodel = keras.Sequential([keras.layers.Dense(8), keras.layers.Dense(1)])\nmodel.compile("adam", "mse", run_eagerly=True)\nmodel.fit(x, y, epochs=40)\n',
        fixed:
          'from tensorflow import keras\n\nmodel = keras.Sequential([keras.layers.Dense(8), keras.layers.Dense(1)])\nmodel.compile("adam", "mse", run_eagerly=False)\nmodel.fit(x, y, epochs=40)\n',
      },
      {
        code: 'import tensorflow as tf\n\ntf.config.run_functions_eagerly(True)\nmodel = tf.keras.Sequential([tf.keras.layers.Dense(1)])\nmodel.compile("sgd", "mse")\nmodel.fit(x, y, epochs=10)\n',
        fixed:
          'import tensorflow as tf\n\ntf.config.run_functions_eagerly(False)\nmodel = tf.keras.Sequential([tf.keras.layers.Dense(1)])\nmodel.compile("sgd", "mse")\nmodel.fit(x, y, epochs=10)\n',
      },
      {
        code: 'import torch\n\nfor x, y in loader:\n    with torch.autograd.detect_anomaly():\n        loss = criterion(model(x), y)\n        loss.backward()\n    optimizer.step()\n',
      },
      {
        code: 'import jax\nimport optax\n\njax.config.update("jax_disable_jit", True)\nfor x, y in batches:\n    grads = jax.grad(loss)(params, x, y)\n    updates, state = adam.update(grads, state)\n    params = optax.apply_updates(params, updates)\n',
        fixed:
          'import jax\nimport optax\n\njax.config.update("jax_disable_jit", False)\nfor x, y in batches:\n    grads = jax.grad(loss)(params, x, y)\n    updates, state = adam.update(grads, state)\n    params = optax.apply_updates(params, updates)\n',
      },
      {
        code: 'import os\nimport torch\n\nos.environ["CUDA_LAUNCH_BLOCKING"] = "1"\nfor epoch in range(8):\n    for x, y in loader:\n        optimizer.zero_grad()\n        criterion(model(x.cuda()), y.cuda()).backward()\n        optimizer.step()\n',
        fixed:
          'import os\nimport torch\n\nos.environ["CUDA_LAUNCH_BLOCKING"] = "0"\nfor epoch in range(8):\n    for x, y in loader:\n        optimizer.zero_grad()\n        criterion(model(x.cuda()), y.cuda()).backward()\n        optimizer.step()\n',
      },
    ],
    good: [
      {
        code: 'import torch\n\ntorch.autograd.set_detect_anomaly(False)\nfor x, y in loader:\n    criterion(model(x), y).backward()\n',
      },
      {
        code: 'import torch\n\nif args.debug:\n    torch.autograd.set_detect_anomaly(True)\nfor x, y in loader:\n    criterion(model(x), y).backward()\n',
        note: { en: 'Behind a flag.', fr: 'Derrière une option.' },
      },
      {
        code: 'import torch\n\ntorch.autograd.set_detect_anomaly(args.debug)\nfor x, y in loader:\n    criterion(model(x), y).backward()\n',
      },
      {
        code: 'import tensorflow as tf\n\ntf.config.run_functions_eagerly(True)\n\n@tf.function\ndef double(x):\n    return x * 2\n\nprint(double(tf.constant(2)))\n',
        note: { en: 'Nothing is trained.', fr: 'Rien n’est entraîné.' },
      },
      {
        code: 'from tensorflow import keras\n\nmodel = keras.Sequential([keras.layers.Dense(1)])\nmodel.compile("adam", "mse")\nmodel.fit(x, y)\n',
      },
      {
        code: 'import tensorflow as tf\n\ntf.config.run_functions_eagerly(True)\nshow(step)\ntf.config.run_functions_eagerly(False)\nmodel = tf.keras.Sequential([tf.keras.layers.Dense(1)])\nmodel.compile("sgd", "mse")\nmodel.fit(x, y)\n',
        note: { en: 'Turned off again.', fr: 'Désactivé ensuite.' },
      },
      {
        code: 'import os\nimport torch\n\nif os.environ.get("TRACE"):\n    os.environ["CUDA_LAUNCH_BLOCKING"] = "1"\nfor x, y in loader:\n    criterion(model(x), y).backward()\n    optimizer.step()\n',
        note: { en: 'Behind a flag.', fr: 'Derrière une option.' },
      },
    ],
  },
});

function check(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  const on = turnedOn(call, flow);
  if (!on || isConditional(call)) return;
  if (module.calls.some((other) => other !== call && turnsOff(other, call, flow))) return;
  if (!trains(module, flow)) return;
  context.fail(on.place, {
    data: { what: textOf(module, on.place).length < 60 ? textOf(module, on.place) : on.name },
    fixes:
      on.value?.kind === 'literal'
        ? [
            {
              title: { en: 'Turn it off', fr: 'Désactiver' },
              edits: () => [replace(on.value ?? on.place, 'False')],
            },
          ]
        : [],
  });
}

/** `os.environ["CUDA_LAUNCH_BLOCKING"] = "1"`: the CPU waits for every kernel, so that errors show where they are made. */
function checkVariable(module: Module, context: RuleContext): void {
  const { flow } = context;
  if (!module.text.includes(BLOCKING)) return;
  const sets = module.assigns.filter(
    (assign) => assign.operator === null && assign.targets.some(namesBlocking),
  );
  const on = sets.find((assign) => isOn(assign, flow));
  if (!on?.value || isConditional(on) || !trains(module, flow)) return;
  if (sets.some((other) => other.start > on.start && !isOn(other, flow))) return;
  const { value } = on;
  context.fail(value, {
    data: { what: `${BLOCKING}=1` },
    fixes:
      value.kind === 'literal'
        ? [
            {
              title: { en: 'Turn it off', fr: 'Désactiver' },
              edits: () => [replace(value, typeof value.value === 'string' ? '"0"' : '0')],
            },
          ]
        : [],
  });
}

const BLOCKING = 'CUDA_LAUNCH_BLOCKING';

function namesBlocking(target: Expr): boolean {
  return target.kind === 'index' && target.index.kind === 'literal' && target.index.value === BLOCKING;
}

function isOn({ value }: Assign, flow: Flow): boolean {
  return value !== null && String(flow.constant(value)) === '1';
}

/** A training, or a lone step of one: gradients that change weights. */
const trains = inProgram(
  (one, flow) =>
    trainingSites(one, flow).length > 0 ||
    one.calls.some((call) => isBackward(call, flow) || flow.names(call).includes('optax.apply_updates')),
);

interface Switch {
  readonly name: string;
  readonly place: { readonly start: number; readonly end: number };
  readonly value: Expr | null;
}

function turnedOn(call: Call, flow: Flow): Switch | null {
  const names = flow.names(call);
  if (names.includes('jax.config.update')) {
    const [flag, value] = call.args;
    const isOn =
      flag && value && flow.constant(flag.value) === 'jax_disable_jit' && flow.constant(value.value) === true;
    return isOn ? { name: 'jax_disable_jit', place: flag.value, value: value.value } : null;
  }
  const name = names.find((one) => SWITCHES[one]);
  const row = name ? SWITCHES[name] : undefined;
  if (!name || !row) return null;
  const found = flow.argument(call, row.name, row.position);
  const short = name.split('.').at(-1) ?? name;
  if (found.state === 'absent')
    return row.default && call.args.length === 0 ? { name: short, place: call.callee, value: null } : null;
  if (found.state !== 'given' || flow.constant(found.value) !== true) return null;
  const argument = call.args.find((one) => one.value === found.value);
  // a keyword among others is the place; a call that does nothing else is underlined by its name
  return { name: short, place: row.default ? call.callee : (argument ?? call.callee), value: found.value };
}

function turnsOff(other: Call, call: Call, flow: Flow): boolean {
  const [value] = other.args;
  const names = flow.names(call).filter((name) => SWITCHES[name]?.default);
  return (
    other.start > call.start &&
    value !== undefined &&
    flow.constant(value.value) === false &&
    flow.names(other).some((name) => names.includes(name))
  );
}

function isConditional(node: Node): boolean {
  return [...ancestors(node)].some((parent) => parent.kind === 'if' || parent.kind === 'conditional');
}
