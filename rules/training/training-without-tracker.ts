import type { Flow, Program } from '../../analysis/flow/types.ts';
import type { Call, Loop, Module, Span, Stmt } from '../../analysis/model.ts';
import {
  descendants,
  enclosingFunction,
  enclosingLoops,
  lastName,
  statementOf,
} from '../../analysis/tree.ts';
import {
  addDecorator,
  indentAt,
  insertAfter,
  insertBefore,
  newlineOf,
  textOf,
  wrapStatements,
} from '../edits.ts';
import {
  TRACKER_COMMANDS,
  TRACKER_CONFIG_FILES,
  TRACKER_LIBRARIES,
  trackerOf,
} from '../knowledge/trackers.ts';
import { defineRule, type Edit, type Fix, type RuleContext } from '../rule.ts';
import { isInvented, isWrittenOut } from '../semantics/invented.ts';
import { memoized } from '../semantics/memo.ts';
import { slice } from '../semantics/slice.ts';
import { isRun, leadsTo, loopHead, programTraining, type TrainingSite } from '../semantics/training.ts';

export default defineRule({
  id: 'training-without-tracker',
  phase: 'training',
  languages: ['python'],
  severity: 'information',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'measurement',
    band: 'medium',
    source: {
      en: 'Course, « Mesurer et piloter la consommation »: what is not measured cannot be steered. Saves nothing by itself.',
      fr: 'Cours, « Mesurer et piloter la consommation » : ce qui n’est pas mesuré ne se pilote pas. N’économise rien en soi.',
    },
  },
  references: {
    course: [
      "Phase d'entraînement — Mesurer pour maîtriser : « Estimer et consigner la consommation électrique de chaque expérimentation ; suivre la métrique kWh/epoch ou gCO2/epoch »",
      'Leviers — Mesurer et piloter la consommation : CodeCarbon, Experiment Impact Tracker, Carbontracker',
      'Suivre en temps réel la consommation énergétique',
    ],
    links: ['https://mlco2.github.io/codecarbon/', 'https://github.com/lfwa/carbontracker'],
  },
  libraries: [
    'torch',
    'tensorflow',
    'keras',
    'lightning',
    'pytorch_lightning',
    'transformers',
    'fastai',
    'ultralytics',
    'jax',
    'flax',
    'trl',
    'sentence_transformers',
    'accelerate',
    'simpletransformers',
    'setfit',
    'skorch',
    'detectron2',
    'mmengine',
    'pytorch_tabnet',
    'flair',
  ],
  title: {
    en: 'Training whose energy nobody measures',
    fr: 'Entraînement dont personne ne mesure l’énergie',
  },
  what: {
    en: 'A program trains a deep model, and nothing in it measures energy or emissions: no CodeCarbon, Carbontracker, Zeus, eco2AI or Experiment Impact Tracker, as tracker, decorator, callback or configuration file. Reported once per program, where its training starts.',
    fr: 'Un programme entraîne un modèle profond et rien n’y mesure l’énergie ni les émissions : ni CodeCarbon, ni Carbontracker, Zeus, eco2AI ou Experiment Impact Tracker, que ce soit comme traceur, décorateur, callback ou fichier de configuration. Signalé une fois par programme, là où l’entraînement commence.',
  },
  why: {
    en: 'A tracker saves no energy by itself; it gives the kWh per run and per epoch by which two runs can be compared, and by which one knows when to stop. Among 1,709 public ML files none had one (Frugal’s own count, 2026). The course asks to record the consumption of every experiment.',
    fr: 'Un traceur n’économise rien par lui-même ; il donne les kWh par exécution et par epoch, qui permettent de comparer deux essais et de savoir quand s’arrêter. Sur 1 709 fichiers publics d’apprentissage automatique, aucun n’en avait (décompte de Frugal, 2026). Le cours demande de consigner la consommation de chaque expérimentation.',
  },
  instead: {
    en: 'Put CodeCarbon around the training (`with EmissionsTracker():` or `@track_emissions`): it writes one line per run to `emissions.csv`. For hand-written epoch loops Carbontracker measures the first epoch and predicts the rest. Ignore this where the job is measured from outside (`codecarbon monitor`, a cluster’s own metering).',
    fr: 'Entourez l’entraînement avec CodeCarbon (`with EmissionsTracker():` ou `@track_emissions`) : il écrit une ligne par exécution dans `emissions.csv`. Pour une boucle d’epochs écrite à la main, Carbontracker mesure la première epoch et prédit le reste. À ignorer si la mesure se fait de l’extérieur (`codecarbon monitor`, comptage du cluster).',
  },
  messages: {
    default: {
      en: 'This program trains with {framework}, and nothing measures its energy or emissions.',
      fr: 'Ce programme entraîne avec {framework} et rien ne mesure son énergie ni ses émissions.',
    },
  },
  on: {
    program(program, context) {
      const { flow, module } = context;
      const sites = [...programTraining(program, flow), ...sessionTraining(program, flow)].filter(
        ({ site }) =>
          (site.api === null ? program.modules.some((one) => mayHoldNetwork(flow, one)) : site.api.deep) &&
          !isToy(site, flow),
      );
      const first = sites[0];
      if (!first) return;
      const here = sites.find((one) => one.module === module);
      const entryCall = here
        ? null
        : leadsTo(
            module,
            sites.map((one) => one.site.node),
            flow,
          );
      const place: Span | null = here ? head(here.site) : entryCall ? entryCall.callee : null;
      if (!place) return;
      if (isTracked(program, sites, context)) return context.pass(place);
      if (entryCall && isToldThere(entryCall, sites, module, flow)) return;
      const framework = (here ?? first).site.api?.framework ?? loopFramework(program, (here ?? first).site);
      context.fail(place, {
        data: { framework: LABELS[framework] ?? framework },
        fixes: here
          ? fixesAt(module, here.site, flow)
          : entryCall
            ? [wrap(module, statementOf(entryCall))]
            : [],
      });
    },
  },
  examples: {
    bad: [
      {
        code: 'import optuna\nimport torch\nfrom torch import nn\n\ndef objective(trial):\n    model = nn.Sequential(nn.Linear(20, trial.suggest_int("width", 8, 64)), nn.ReLU(), nn.LazyLinear(2))\n    optimizer = torch.optim.Adam(model.parameters())\n    for epoch in range(5):\n        for x, y in loader:\n            optimizer.zero_grad()\n            nn.functional.cross_entropy(model(x), y).backward()\n            optimizer.step()\n    return accuracy(model)\n\nstudy = optuna.create_study(direction="maximize")\nstudy.optimize(objective, n_trials=10)\n',
        fixed:
          'import optuna\nimport torch\nfrom torch import nn\nfrom codecarbon import track_emissions\n\n@track_emissions(project_name="example")\ndef objective(trial):\n    model = nn.Sequential(nn.Linear(20, trial.suggest_int("width", 8, 64)), nn.ReLU(), nn.LazyLinear(2))\n    optimizer = torch.optim.Adam(model.parameters())\n    for epoch in range(5):\n        for x, y in loader:\n            optimizer.zero_grad()\n            nn.functional.cross_entropy(model(x), y).backward()\n            optimizer.step()\n    return accuracy(model)\n\nstudy = optuna.create_study(direction="maximize")\nstudy.optimize(objective, n_trials=10)\n',
        note: { en: 'The study runs it.', fr: 'L’étude l’exécute.' },
      },
      {
        code: 'import keras\nimport numpy as np\n\nclass Pair:\n    def __init__(self):\n        self.critic = keras.Sequential([keras.layers.Dense(1)])\n        self.critic.compile(loss="mse")\n\n    def train(self, images, epochs):\n        for epoch in range(epochs):\n            batch = images[np.random.randint(0, len(images), 32)]\n            self.critic.train_on_batch(batch, np.ones((32, 1)))\n\nPair().train(load_images(), epochs=10000)\n',
        fixed:
          'import keras\nimport numpy as np\nfrom codecarbon import track_emissions\n\nclass Pair:\n    def __init__(self):\n        self.critic = keras.Sequential([keras.layers.Dense(1)])\n        self.critic.compile(loss="mse")\n\n    @track_emissions(project_name="example")\n    def train(self, images, epochs):\n        for epoch in range(epochs):\n            batch = images[np.random.randint(0, len(images), 32)]\n            self.critic.train_on_batch(batch, np.ones((32, 1)))\n\nPair().train(load_images(), epochs=10000)\n',
        note: { en: 'One batch after the other, by hand.', fr: 'Un lot après l’autre, à la main.' },
      },
      {
        code: 'import keras\n\nmodel = keras.Sequential([keras.layers.Dense(10)])\nmodel.compile(loss="mse")\nhistory = model.fit(x_train, y_train, epochs=20)\nmodel.save("digits.keras")\n',
        fixed:
          'import keras\nfrom codecarbon import EmissionsTracker\n\nmodel = keras.Sequential([keras.layers.Dense(10)])\nmodel.compile(loss="mse")\nwith EmissionsTracker(project_name="example"):\n    history = model.fit(x_train, y_train, epochs=20)\nmodel.save("digits.keras")\n',
      },
      {
        code: 'import torch\n\ndef train(model, loader, optimizer, loss_fn):\n    for epoch in range(10):\n        for x, y in loader:\n            optimizer.zero_grad()\n            loss = loss_fn(model(x), y)\n            loss.backward()\n            optimizer.step()\n\nif __name__ == "__main__":\n    train(build(), data(), torch.optim.SGD([], lr=0.1), torch.nn.MSELoss())\n',
        fixed:
          'import torch\nfrom codecarbon import track_emissions\n\n@track_emissions(project_name="example")\ndef train(model, loader, optimizer, loss_fn):\n    for epoch in range(10):\n        for x, y in loader:\n            optimizer.zero_grad()\n            loss = loss_fn(model(x), y)\n            loss.backward()\n            optimizer.step()\n\nif __name__ == "__main__":\n    train(build(), data(), torch.optim.SGD([], lr=0.1), torch.nn.MSELoss())\n',
      },
      {
        code: 'from transformers import Trainer, TrainingArguments\n\nargs = TrainingArguments("out", report_to="none")\ntrainer = Trainer(model=model, args=args, train_dataset=train)\ntrainer.train()\n',
        fixed:
          'from transformers import Trainer, TrainingArguments\nfrom codecarbon import EmissionsTracker\n\nargs = TrainingArguments("out", report_to="none")\ntrainer = Trainer(model=model, args=args, train_dataset=train)\nwith EmissionsTracker(project_name="example"):\n    trainer.train()\n',
      },
      {
        file: 'main.py',
        code: 'from training import run\n\nif __name__ == "__main__":\n    run()\n',
        files: {
          'training.py':
            'import torch\n\ndef run():\n    model = torch.nn.Linear(2, 1)\n    opt = torch.optim.Adam(model.parameters())\n    for epoch in range(5):\n        loss = model(torch.ones(4, 2)).sum()\n        loss.backward()\n        opt.step()\n',
        },
        fixed:
          'from training import run\nfrom codecarbon import EmissionsTracker\n\nif __name__ == "__main__":\n    with EmissionsTracker(project_name="main"):\n        run()\n',
        note: {
          en: 'Once for the program, in its entry file.',
          fr: 'Une fois pour le programme, dans son fichier d’entrée.',
        },
      },
      {
        file: 'shop/train_cli.py',
        code: 'import torch\n\ndef main():\n    model = torch.nn.Linear(2, 1)\n    opt = torch.optim.Adam(model.parameters())\n    for epoch in range(5):\n        loss = model(torch.ones(4, 2)).sum()\n        loss.backward()\n        opt.step()\n    return 0\n\nif __name__ == "__main__":\n    raise SystemExit(main())\n',
        files: {
          'shop/__init__.py': '',
          'start.py':
            'from shop.train_cli import main\n\nif __name__ == "__main__":\n    raise SystemExit(main())\n',
        },
        fixed:
          'import torch\nfrom codecarbon import track_emissions\n\n@track_emissions(project_name="train_cli")\ndef main():\n    model = torch.nn.Linear(2, 1)\n    opt = torch.optim.Adam(model.parameters())\n    for epoch in range(5):\n        loss = model(torch.ones(4, 2)).sum()\n        loss.backward()\n        opt.step()\n    return 0\n\nif __name__ == "__main__":\n    raise SystemExit(main())\n',
        note: {
          en: 'Told here, not in the script that only starts it.',
          fr: 'Signalé ici, pas dans le script qui ne fait que le lancer.',
        },
      },
      {
        code: 'import tensorflow as tf\nfrom data import batches\n\nx = tf.placeholder(tf.float32, (None, 784))\ny = tf.placeholder(tf.int64, (None,))\nlogits = tf.layers.dense(tf.layers.dense(x, 256, tf.nn.relu), 10)\nloss = tf.losses.sparse_softmax_cross_entropy(y, logits)\ntrain_op = tf.train.AdamOptimizer(1e-3).minimize(loss)\nwith tf.Session() as sess:\n    sess.run(tf.global_variables_initializer())\n    for epoch in range(20):\n        for images, labels in batches():\n            _, current = sess.run([train_op, loss], feed_dict={x: images, y: labels})\n        print(epoch, current)\n',
        fixed:
          'import tensorflow as tf\nfrom data import batches\nfrom codecarbon import EmissionsTracker\n\nx = tf.placeholder(tf.float32, (None, 784))\ny = tf.placeholder(tf.int64, (None,))\nlogits = tf.layers.dense(tf.layers.dense(x, 256, tf.nn.relu), 10)\nloss = tf.losses.sparse_softmax_cross_entropy(y, logits)\ntrain_op = tf.train.AdamOptimizer(1e-3).minimize(loss)\nwith tf.Session() as sess:\n    sess.run(tf.global_variables_initializer())\n    with EmissionsTracker(project_name="example"):\n        for epoch in range(20):\n            for images, labels in batches():\n                _, current = sess.run([train_op, loss], feed_dict={x: images, y: labels})\n            print(epoch, current)\n',
        note: { en: 'A session of TensorFlow 1.', fr: 'Une session de TensorFlow 1.' },
      },
      {
        code: 'from transformers import AutoModelForSequenceClassification, Trainer, TrainingArguments\nfrom data import train, val\n\ndef fresh(trial):\n    return AutoModelForSequenceClassification.from_pretrained("distilbert-base-uncased")\n\ntrainer = Trainer(model_init=fresh, args=TrainingArguments("out"), train_dataset=train, eval_dataset=val)\nbest = trainer.hyperparameter_search(n_trials=10, backend="optuna")\n',
        fixed:
          'from transformers import AutoModelForSequenceClassification, Trainer, TrainingArguments\nfrom data import train, val\nfrom codecarbon import EmissionsTracker\n\ndef fresh(trial):\n    return AutoModelForSequenceClassification.from_pretrained("distilbert-base-uncased")\n\ntrainer = Trainer(model_init=fresh, args=TrainingArguments("out"), train_dataset=train, eval_dataset=val)\nwith EmissionsTracker(project_name="example"):\n    best = trainer.hyperparameter_search(n_trials=10, backend="optuna")\n',
        note: { en: 'Ten trainings.', fr: 'Dix entraînements.' },
      },
    ],
    good: [
      {
        code: `import torch
from torchvision.models import vgg16

net = vgg16(weights="DEFAULT").eval()
found = []
for photo in photos:
    z = start(photo)
    z.requires_grad = True
    found.append(z)

def search(z_list, optimizer, epochs):
    for epoch in range(epochs):
        for z in z_list:
            optimizer.zero_grad()
            (net(z) - wanted).pow(2).mean().backward()
            optimizer.step()

z_list = []
for z in found:
    z.requires_grad = True
    z_list.append(z)
search(z_list, torch.optim.Adam(z_list, lr=0.05), 200)
`,
        note: {
          en: 'Inputs are moved, no weight is trained.',
          fr: 'Des entrées sont déplacées, aucun poids n’est entraîné.',
        },
      },
      {
        code: 'import torch\nimport torch.nn as nn\n\nx = torch.tensor([1.0, 2.0, 3.0])\ny = torch.tensor([2.0, 4.0, 6.0])\nw = torch.tensor(0.0, requires_grad=True)\nloss_fn = nn.MSELoss()\noptimizer = torch.optim.SGD([w], lr=0.01)\nfor epoch in range(100):\n    loss = loss_fn(w * x, y)\n    loss.backward()\n    optimizer.step()\n    optimizer.zero_grad()\n',
        note: { en: 'A lesson’s line: no network.', fr: 'La droite d’une leçon : pas de réseau.' },
      },
      {
        code: 'import torch\nfrom shelf import model, pictures\n\ndef relevance(picture):\n    picture.requires_grad_()\n    score = model(picture).max()\n    score.backward()\n    return picture.grad.abs()\n\nfor name in pictures:\n    for picture in pictures[name]:\n        print(name, relevance(picture).mean())\n',
        note: {
          en: 'Gradients explain here; no weight changes.',
          fr: 'Les gradients expliquent ; aucun poids ne change.',
        },
      },
      {
        file: 'tests/test_train.py',
        code: 'from unittest.mock import patch\nfrom lightning import LightningModule, Trainer\n\n@patch("lightning.Trainer.fit")\ndef test_fit(fit):\n    Trainer(max_epochs=1).fit(LightningModule())\n    fit.assert_called_once()\n    assert fit.call_count == 1\n',
        note: { en: 'A test of the training code.', fr: 'Un test du code d’entraînement.' },
      },
      {
        code: 'import keras\nfrom codecarbon import EmissionsTracker\n\nmodel = keras.Sequential([keras.layers.Dense(10)])\nwith EmissionsTracker() as tracker:\n    model.fit(x, y, epochs=20)\n',
      },
      {
        code: 'import keras\nfrom codecarbon import track_emissions\n\n@track_emissions\ndef main():\n    model = keras.Sequential([keras.layers.Dense(10)])\n    model.fit(x, y, epochs=20)\n\nmain()\n',
      },
      {
        file: 'train.py',
        code: 'import torch\n\ndef train(model, loader, opt):\n    for epoch in range(10):\n        for x in loader:\n            model(x).sum().backward()\n            opt.step()\n',
        files: {
          'main.py':
            'from carbontracker.tracker import CarbonTracker\nimport train\n\ntracker = CarbonTracker(epochs=10)\ntracker.epoch_start()\ntrain.train(model, loader, opt)\ntracker.epoch_end()\n',
        },
        note: {
          en: 'The tracker started in main.py covers the loop in train.py.',
          fr: 'Le traceur démarré dans main.py couvre la boucle de train.py.',
        },
      },
      {
        code: 'from transformers import Trainer, TrainingArguments\n\nargs = TrainingArguments("out", report_to=["codecarbon"])\nTrainer(model=model, args=args, train_dataset=train).train()\n',
      },
      {
        code: 'from sklearn.linear_model import LogisticRegression\nimport torch\n\nclf = LogisticRegression()\nclf.fit(x, y)\n',
        note: {
          en: 'A classical model that trains in seconds.',
          fr: 'Un modèle classique, entraîné en quelques secondes.',
        },
      },
      {
        code: 'import torch\n\ndef fit(model, loader, opt):\n    """Library code: nothing here runs it."""\n    for epoch in range(10):\n        for x in loader:\n            model(x).sum().backward()\n            opt.step()\n',
      },
      {
        code: 'import torch\nfrom zeus.monitor import ZeusMonitor\n\nmonitor = ZeusMonitor(gpu_indices=[0])\nmodel = torch.nn.Linear(2, 1)\nfor epoch in range(10):\n    monitor.begin_window("epoch")\n    loss = model(torch.ones(4, 2)).sum()\n    loss.backward()\n    monitor.end_window("epoch")\n',
      },
      {
        code: 'import tensorflow as tf\n\nx = tf.random.normal((128, 30))\ny = tf.random.uniform((128,))\ndummy = tf.data.Dataset.from_tensor_slices((x, y)).batch(32)\nmodel = tf.keras.Sequential([tf.keras.layers.Dense(64), tf.keras.layers.Dense(1)])\nmodel.compile(loss="mse")\nmodel.fit(dummy, epochs=2)\n',
        note: { en: 'Made-up batches.', fr: 'Des lots inventés.' },
      },
      {
        code: 'import torch\nfrom torch import nn\nfrom pens import decoder, photo\n\nstrokes = torch.rand(20, 8)\ncolors = torch.rand(20, 3)\noptimizer = torch.optim.Adam([strokes.requires_grad_(), colors.requires_grad_()], lr=0.03)\nfor step in range(500):\n    painted = decoder(strokes, colors)\n    nn.functional.mse_loss(painted, photo).backward()\n    optimizer.step()\n    optimizer.zero_grad()\n',
        note: {
          en: 'Strokes are moved, no weight is trained.',
          fr: 'Des traits sont déplacés, aucun poids n’est entraîné.',
        },
      },
      {
        code: 'import tensorflow as tf\nfrom points import xs, ys\n\nm, b = tf.Variable(0.4), tf.Variable(0.1)\nerror = sum((y - (m * x + b)) ** 2 for x, y in zip(xs, ys))\ntrain = tf.train.GradientDescentOptimizer(0.001).minimize(error)\nwith tf.Session() as sess:\n    sess.run(tf.global_variables_initializer())\n    for step in range(100):\n        sess.run(train)\n',
        note: { en: 'A lesson’s line in a session.', fr: 'La droite d’une leçon, en session.' },
      },
      {
        code: 'import keras\nimport numpy as np\n\nX = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])\ny = np.array([[0], [1], [1], [0]])\nmodel = keras.Sequential([keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1)])\nmodel.compile(loss="mse", optimizer="sgd")\nmodel.fit(X, y, batch_size=1, epochs=500)\n',
        note: { en: 'Exclusive or, in four rows.', fr: 'Le ou exclusif, en quatre lignes.' },
      },
      {
        code: 'import torch\nfrom torch import nn\n\ndef time_steps(steps=100):\n    x, y = torch.randn(100, 10), torch.randn(100, 2)\n    net = nn.Sequential(nn.Linear(10, 256), nn.ReLU(), nn.Linear(256, 2))\n    optimizer = torch.optim.Adam(net.parameters())\n    for _ in range(steps):\n        optimizer.zero_grad()\n        nn.functional.mse_loss(net(x), y).backward()\n        optimizer.step()\n\ntime_steps()\n',
        note: { en: 'Numbers drawn by chance.', fr: 'Des nombres tirés au hasard.' },
      },
    ],
  },
});

const LABELS: Readonly<Record<string, string>> = {
  keras: 'Keras',
  lightning: 'Lightning',
  transformers: 'Transformers',
  torch: 'PyTorch',
  tensorflow: 'TensorFlow',
  jax: 'JAX',
  ultralytics: 'Ultralytics',
  mxnet: 'MXNet',
  paddle: 'PaddlePaddle',
  chainer: 'Chainer',
  mindspore: 'MindSpore',
  numpy: 'NumPy',
};

/** The library of a hand-written loop, by what its program imports. */
function loopFramework(program: Program, site: TrainingSite): string {
  // a JAX program loads its data with torch often enough
  if (site.epochLoop?.backward.some(({ callee }) => /^(?:value_and_)?grad$/.test(lastName(callee))))
    return 'jax';
  const roots = new Set(
    program.modules.flatMap((module) => module.imports.map((statement) => statement.module.split('.')[0])),
  );
  const known = ['torch', 'tensorflow', 'jax', 'keras', 'mxnet', 'paddle', 'chainer', 'mindspore'];
  const named = known.find((root) => roots.has(root));
  if (named) return named;
  // layers written by hand, or modules that are not there and bring a library
  const isByHand = roots.has('numpy') && !program.modules.some(({ text }) => /torch/i.test(text));
  return isByHand ? 'numpy' : 'torch';
}

/**
 * Whether what a hand-written loop trains may be a network: a lesson's line or logistic regression, written with bare
 * tensors, is none.
 */
const mayHoldNetwork = memoized((flow, module: Module): boolean => {
  return (
    !/\brequires_grad/.test(module.text) ||
    module.text.includes('.parameters(') ||
    module.imports.some((one) => !HOLDS_NO_NETWORK.has(one.module.split('.')[0] ?? '')) ||
    module.classes.some((one) => flow.bases(one).some((base) => /^torch\.nn\.|^[^.]*$/.test(base))) ||
    module.calls.some((call) =>
      flow
        .names(call)
        .some((name) =>
          /^torch\.nn\.(?:modules\.)?(?!\w*Loss$|Parameter$|Module$)[A-Z]\w*$|^torch\.hub\./.test(name),
        ),
    )
  );
});

const HOLDS_NO_NETWORK = new Set(
  'torch numpy pandas matplotlib seaborn plotly sklearn scipy tqdm IPython math random os sys time typing collections itertools copy json csv pathlib warnings datetime __future__'.split(
    ' ',
  ),
);

/** TensorFlow 1: loops that run what an optimizer's `minimize` made, `sess.run([train_op, loss])`. */
function sessionTraining(
  program: Program,
  flow: Flow,
): readonly { readonly module: Module; readonly site: TrainingSite }[] {
  return program.modules.flatMap((module) =>
    sessionLoops(flow, module)
      .filter((loop) => isRun(loop, flow))
      .map((node) => ({ module, site: { node, api: null, epochLoop: null } })),
  );
}

const sessionLoops = memoized((flow, module: Module): readonly Loop[] => {
  if (!/\b(?:Interactive)?Session\(|\bget_session\(/.test(module.text) || !LAYERS.test(module.text))
    return [];
  const loops = module.calls.flatMap((call) => {
    const around = enclosingLoops(call).at(-1);
    const [fetched] = call.args;
    if (!around || !fetched || call.callee.kind !== 'member' || call.callee.property !== 'run') return [];
    const made = slice(flow, [fetched.value], { stops: () => false, program: true });
    return [...made].some(({ callee }) => /^(?:minimize|apply_gradients)$/.test(lastName(callee)))
      ? [around]
      : [];
  });
  return [...new Set(loops)];
});

/** What networks of TensorFlow 1 are written with, and a lesson's line is not. */
const LAYERS = /\blayers?\b|\bmatmul\b[\s\S]*\bmatmul\b|conv[123]d|fully_connected|\brnn\b|LSTM|GRU/i;

/** A lesson that learns exclusive or, or numbers drawn by chance: it runs for a second. */
function isToy({ node, api, epochLoop }: TrainingSite, flow: Flow): boolean {
  if (node.kind === 'call') {
    const [x] = node.args;
    if (api?.framework !== 'keras' || !x || x.spread) return false;
    return isWrittenOut(flow, x.value) || isInvented(flow, [x.value]);
  }
  if (!epochLoop || node.kind === 'comprehension') return false;
  const forwards = descendants(node.body, 'call', true).filter((call) =>
    flow.names(call).includes('torch.nn.Module.__call__'),
  );
  return (
    forwards.length > 0 &&
    forwards.every(({ args }) => {
      const inputs = args.map(({ value }) => value);
      return inputs.some((input) => isWrittenOut(flow, input)) || isInvented(flow, inputs);
    })
  );
}

/** A script that only starts another one, `from train_cli import main`: told there, where it is a program as well. */
function isToldThere(
  start: Call,
  sites: readonly { readonly module: Module; readonly site: TrainingSite }[],
  module: Module,
  flow: Flow,
): boolean {
  const nodes = sites.map(({ site }) => site.node);
  return flow.targets(start).some((target) => {
    const other = flow.moduleOf(target);
    if (other === module || !flow.programs(other).some(({ entry }) => entry === other)) return false;
    return (
      /__name__\s*==\s*['"]__main__['"]/.test(other.text) &&
      (nodes.some((node) => flow.moduleOf(node) === other && isRun(node, flow)) ||
        leadsTo(other, nodes, flow) !== null)
    );
  });
}

/** What gets underlined: the callee, or the loop's first line up to its body. */
function head(site: TrainingSite): Span {
  return site.node.kind === 'call' ? site.node.callee : loopHead(site.node);
}

function isTracked(
  program: Program,
  sites: readonly { site: TrainingSite }[],
  context: RuleContext,
): boolean {
  const { flow } = context;
  if (program.modules.some((module) => hasTracker(flow, module))) return true;
  // the Trainer attaches CodeCarbon itself when it is installed and reporting asks for it
  const trainers = sites.filter(({ site }) => site.api?.framework === 'transformers');
  return (
    trainers.length > 0 &&
    (program.modules.some((module) => reportsToCodeCarbon(flow, module)) ||
      context.hasDependency('codecarbon'))
  );
}

const hasTracker = memoized((flow, module: Module): boolean => {
  if (TRACKER_CONFIG_FILES.some((file) => module.text.includes(file))) return true;
  if (TRACKER_COMMANDS.some((command) => module.text.includes(command))) return true;
  for (const call of module.calls) {
    const row = trackerOf(flow.names(call));
    if (!row) continue;
    if (row.begins.some((how) => how === 'construct' || how === 'decorator' || how === 'callback'))
      return true;
    if (call.parent?.kind === 'item') return true; // with …:
    if (row.begins.includes('call') && row.starts.length === 0) return true;
    const made = flow.objects(call)[0];
    const uses = made ? flow.uses(made) : [];
    // handed on, it may be started by whoever gets it
    if (uses.some((use) => (use.method && row.starts.includes(use.method)) || use.role === 'argument'))
      return true;
    if (call.parent?.kind === 'member' && row.starts.includes(call.parent.property)) return true;
    if (isEntered(call, flow, module)) return true;
  }
  for (const fn of module.functions) {
    for (const decorator of fn.decorators) {
      const target = decorator.kind === 'call' ? decorator.callee : decorator;
      if (flow.values(target).some((value) => value.kind === 'library' && trackerOf(value.name))) return true;
    }
  }
  // a wrapper of one's own around a tracker (callback, context manager) that the program imports
  return module.classes.some((one) =>
    flow.bases(one).some((base) => TRACKER_LIBRARIES.includes(base.split('.')[0] ?? '')),
  );
});

/** `with tracker:` on an object built before. */
function isEntered(call: Call, flow: Flow, module: Module): boolean {
  const made = flow.objects(call)[0];
  if (!made) return false;
  let entered = false;
  for (const fnOrModule of [module.body]) {
    const visit = (statements: readonly Stmt[]): void => {
      for (const statement of statements) {
        if (statement.kind === 'with') {
          for (const item of statement.items) {
            if (flow.objects(item.context).some((object) => object.site === made.site)) entered = true;
          }
          visit(statement.body.statements);
        } else if (statement.kind === 'function' || statement.kind === 'for' || statement.kind === 'while')
          visit(statement.body.statements);
        else if (statement.kind === 'if')
          visit([...statement.then.statements, ...(statement.otherwise?.statements ?? [])]);
        else if (statement.kind === 'try') visit(statement.body.statements);
        else if (statement.kind === 'class') visit(statement.body.statements);
      }
    };
    visit(fnOrModule.statements);
  }
  return entered;
}

/** `report_to="codecarbon"`, `["codecarbon", …]` or `"all"` in any arguments of the module. */
const reportsToCodeCarbon = memoized((flow, module: Module): boolean => {
  return module.calls.some((call) =>
    call.args.some((argument) => {
      if (argument.name !== 'report_to') return false;
      const value = argument.value;
      const parts = value.kind === 'sequence' ? value.items : [value];
      return parts.some((part) => flow.constants(part).some((one) => one === 'codecarbon' || one === 'all'));
    }),
  );
});

function projectName(module: Module): string {
  const file = module.path.slice(module.path.lastIndexOf('/') + 1).replace(/\.\w+$/, '');
  return file.replace(/[^\w-]+/g, '-');
}

function fixesAt(module: Module, site: TrainingSite, flow: Flow): Fix[] {
  const fn = enclosingFunction(site.node);
  const fixes: Fix[] = [];
  if (fn?.name && !fn.isAsync && !fn.isGenerator && !fn.isLambda) {
    fixes.push({
      title: {
        en: `Measure \`${fn.name}\` with CodeCarbon`,
        fr: `Mesurer \`${fn.name}\` avec CodeCarbon`,
      },
      edits: () => [addDecorator(module, fn, `@track_emissions(project_name="${projectName(module)}")`)],
      imports: ['from codecarbon import track_emissions'],
      packages: ['codecarbon'],
    });
  } else fixes.push(wrap(module, statementOf(site.node)));
  const loop = site.epochLoop;
  if (loop && loop.loop.kind === 'for') fixes.push(...carbontracker(module, site, flow));
  return fixes;
}

function wrap(module: Module, statement: Stmt): Fix {
  return {
    title: { en: 'Measure this training with CodeCarbon', fr: 'Mesurer cet entraînement avec CodeCarbon' },
    edits: () =>
      wrapStatements(module, [statement], `with EmissionsTracker(project_name="${projectName(module)}"):`) ??
      [],
    imports: ['from codecarbon import EmissionsTracker'],
    packages: ['codecarbon'],
  };
}

/** Carbontracker measures epoch by epoch and predicts the whole. */
function carbontracker(module: Module, site: TrainingSite, flow: Flow): Fix[] {
  const loop = site.node;
  if (loop.kind !== 'for') return [];
  const range = loop.iterable;
  const bound =
    range.kind === 'call' && flow.names(range).includes('builtins.range') && range.args.length === 1
      ? range.args[0]
      : undefined;
  const first = loop.body.statements[0];
  const last = loop.body.statements.at(-1);
  if (
    !bound ||
    bound.spread ||
    !first ||
    !last ||
    /\bcontinue\b|\bbreak\b|\breturn\b/.test(textOf(module, loop.body))
  )
    return [];
  if (module.text.slice(loop.iterable.end, first.start).includes('\n') === false) return [];
  return [
    {
      title: { en: 'Measure each epoch with Carbontracker', fr: 'Mesurer chaque epoch avec Carbontracker' },
      edits: () => [
        insertBefore(module, loop, [`tracker = CarbonTracker(epochs=${textOf(module, bound.value)})`]),
        insertBefore(module, first, ['tracker.epoch_start()']),
        endOfLoop(module, loop, last),
      ],
      imports: ['from carbontracker.tracker import CarbonTracker'],
      packages: ['carbontracker'],
    },
  ];
}

/** One edit for both lines: the loop ends where its last statement does. */
function endOfLoop(module: Module, loop: Stmt, last: Stmt): Edit {
  const edit = insertAfter(module, last, ['tracker.epoch_end()']);
  return { ...edit, text: `${edit.text}${newlineOf(module)}${indentAt(module, loop.start)}tracker.stop()` };
}
