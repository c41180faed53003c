import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Dict, DictEntry, Expr, Module } from '../../analysis/model.ts';
import { statementOf } from '../../analysis/tree.ts';
import { addArgument, insertAfter, replace, startsLine, textOf } from '../edits.ts';
import { defineRule, type Edit, type Fix, type RuleContext } from '../rule.ts';
import { isServer } from '../semantics/deployment.ts';
import { fileName } from '../semantics/files.ts';
import { memoizedWhole, statedInProgram } from '../semantics/memo.ts';
import { isEntryAssigned } from '../semantics/options.ts';
import { statedIn } from '../semantics/text.ts';
import { trainingSites } from '../semantics/training.ts';
import { isUnitTest } from '../semantics/unit-tests.ts';

const FREEZES = 'tensorflow.graph_util.convert_variables_to_constants';
const STRIPS = /remove_training_nodes|optimize_for_inference|TransformGraph|transform_graph|tf2onnx/;
const isStripped = statedInProgram((one) => STRIPS.test(one.text));

export default defineRule({
  id: 'training-graph-exported',
  phase: 'deployment',
  languages: ['python'],
  severity: 'information',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'storage',
    band: 'medium',
    source: {
      en: 'Adam keeps two values for each weight: a checkpoint with its state is three times the size of the weights. Course, « Simplification de graphes ».',
      fr: 'Adam garde deux valeurs par poids : un point de reprise avec son état fait trois fois la taille des poids. Cours, « Simplification de graphes ».',
    },
  },
  references: {
    course: [
      'Simplification de graphes — Exemples concrets (3) : « tf.compat.v1.graph_util.remove_training_nodes(graph_def) »',
      'Simplification de graphes — nœuds d’entraînement : calcul de la loss, gradients, optimizers (Adam, SGD, etc.)',
      'Conversion — Étape 1. Exporter le modèle de base : nettoyage des couches ou variables inutiles (dropout, debug nodes, training ops)',
    ],
    links: [
      'https://www.tensorflow.org/api_docs/python/tf/compat/v1/graph_util/remove_training_nodes',
      'https://keras.io/api/models/model_saving_apis/model_saving_and_loading/',
    ],
  },
  libraries: ['tensorflow', 'keras', 'torch'],
  title: {
    en: 'Model deployed with what only training needs',
    fr: 'Modèle déployé avec ce qui ne sert qu’à l’entraînement',
  },
  what: {
    en: 'A TensorFlow graph is frozen and written without `remove_training_nodes`; a Keras model or a PyTorch checkpoint is saved with its optimizer into the very file that a server of the workspace loads, and nothing resumes training from it; or `torch.onnx.export` writes the graph in training mode.',
    fr: 'Un graphe TensorFlow est figé et écrit sans `remove_training_nodes` ; un modèle Keras ou un checkpoint PyTorch est enregistré avec son optimiseur dans le fichier même qu’un serveur du dossier charge, sans qu’aucun entraînement n’en reparte ; ou `torch.onnx.export` écrit le graphe en mode entraînement.',
  },
  why: {
    en: 'Adam keeps two numbers for every weight: a file with the optimizer’s state is three times as large as the weights alone, and every start of every server reads it. Training nodes left in a graph are run, or at least loaded, at each request.',
    fr: 'Adam garde deux nombres par poids : un fichier avec l’état de l’optimiseur est trois fois plus gros que les poids seuls, et chaque démarrage de chaque serveur le lit. Les nœuds d’entraînement restés dans un graphe sont exécutés, ou du moins chargés, à chaque requête.',
  },
  instead: {
    en: 'Ship weights only: `remove_training_nodes` on the frozen graph, `include_optimizer=False`, `torch.save(model.state_dict(), …)`. Keep a second file with the optimizer where training is to be resumed; ignore this if that is what the file is for.',
    fr: 'Ne livrez que les poids : `remove_training_nodes` sur le graphe figé, `include_optimizer=False`, `torch.save(model.state_dict(), …)`. Gardez un second fichier avec l’optimiseur là où l’entraînement doit reprendre ; à ignorer si c’est le rôle de ce fichier.',
  },
  messages: {
    default: {
      en: 'The frozen graph keeps its training nodes: nothing here calls remove_training_nodes.',
      fr: 'Le graphe figé garde ses nœuds d’entraînement : rien ici n’appelle remove_training_nodes.',
    },
    keras: {
      en: '{file} is saved with the optimizer’s state, and {server}, which loads it, only predicts.',
      fr: '{file} est enregistré avec l’état de l’optimiseur, et {server}, qui le charge, ne fait que prédire.',
    },
    torch: {
      en: '{file} holds the optimizer’s state ({key}), and {server}, which loads it, only predicts.',
      fr: '{file} contient l’état de l’optimiseur ({key}), et {server}, qui le charge, ne fait que prédire.',
    },
    onnx: {
      en: 'The ONNX graph is exported in training mode: dropout and batch statistics stay in it.',
      fr: 'Le graphe ONNX est exporté en mode entraînement : dropout et statistiques par lot y restent.',
    },
  },
  on: {
    module(module, context) {
      const { flow } = context;
      for (const call of module.calls) {
        const names = flow.names(call);
        if (names.includes(FREEZES)) checkFrozen(call, context);
        else if (names.includes('torch.onnx.export')) checkOnnx(call, context);
        else if (names.includes('torch.save')) checkCheckpoint(call, context);
        else if (names.some((name) => /^keras\.(?:\w+\.)*(?:save|save_model)$/.test(name)))
          checkKeras(call, context);
      }
    },
  },
  examples: {
    bad: [
      {
        code: 'import tensorflow as tf\n\nwith tf.Session() as sess:\n    saver = tf.train.import_meta_graph("model.ckpt.meta", clear_devices=True)\n    saver.restore(sess, "model.ckpt")\n    frozen = tf.graph_util.convert_variables_to_constants(sess, sess.graph_def, ["output/prob"])\n    with tf.gfile.GFile("frozen.pb", "wb") as f:\n        f.write(frozen.SerializeToString())\n',
        fixed:
          'import tensorflow as tf\n\nwith tf.Session() as sess:\n    saver = tf.train.import_meta_graph("model.ckpt.meta", clear_devices=True)\n    saver.restore(sess, "model.ckpt")\n    frozen = tf.graph_util.convert_variables_to_constants(sess, sess.graph_def, ["output/prob"])\n    frozen = tf.compat.v1.graph_util.remove_training_nodes(frozen, protected_nodes=["output/prob"])\n    with tf.gfile.GFile("frozen.pb", "wb") as f:\n        f.write(frozen.SerializeToString())\n',
      },
      {
        code: 'import tensorflow.compat.v1 as tf\n\nwith tf.Session() as sess:\n    saver = tf.train.import_meta_graph("model.ckpt.meta")\n    saver.restore(sess, "model.ckpt")\n    frozen = tf.graph_util.convert_variables_to_constants(sess, sess.graph_def, ["prob"])\n    with open("frozen.pb", "wb") as f:\n        f.write(frozen.SerializeToString())\n',
        fixed:
          'import tensorflow.compat.v1 as tf\n\nwith tf.Session() as sess:\n    saver = tf.train.import_meta_graph("model.ckpt.meta")\n    saver.restore(sess, "model.ckpt")\n    frozen = tf.graph_util.convert_variables_to_constants(sess, sess.graph_def, ["prob"])\n    frozen = tf.graph_util.remove_training_nodes(frozen, protected_nodes=["prob"])\n    with open("frozen.pb", "wb") as f:\n        f.write(frozen.SerializeToString())\n',
      },
      {
        code: 'import tensorflow.compat.v1 as tf\n\nprob = tf.check_numerics(tf.nn.softmax(logits), "not finite", name="prob")\nwith tf.Session() as sess:\n    saver.restore(sess, "model.ckpt")\n    frozen = tf.graph_util.convert_variables_to_constants(sess, sess.graph_def, ["prob"])\n    with open("frozen.pb", "wb") as f:\n        f.write(frozen.SerializeToString())\n',
        note: {
          en: 'No fix: TensorFlow would cut the graph where its values are checked.',
          fr: 'Pas de correction : TensorFlow couperait le graphe là où ses valeurs sont vérifiées.',
        },
      },
      {
        file: 'train.py',
        code: 'import keras\nfrom config import MODEL_PATH\nfrom keras import layers\n\nmodel = keras.Sequential([layers.Dense(64, activation="relu"), layers.Dense(5, activation="softmax")])\nmodel.compile(optimizer="adam", loss="sparse_categorical_crossentropy")\nmodel.fit(x_train, y_train, epochs=20)\nmodel.save(MODEL_PATH)\n',
        files: {
          'config.py': 'import os\n\nMODEL_PATH = os.path.join("models", "flowers.h5")\n',
          'app.py':
            'from config import MODEL_PATH\nfrom flask import Flask, request\nfrom tensorflow.keras.models import load_model\n\napp = Flask(__name__)\nmodel = load_model(MODEL_PATH)\n\n@app.route("/predict", methods=["POST"])\ndef predict():\n    return {"scores": model.predict(request.json["x"]).tolist()}\n',
        },
        fixed:
          'import keras\nfrom config import MODEL_PATH\nfrom keras import layers\n\nmodel = keras.Sequential([layers.Dense(64, activation="relu"), layers.Dense(5, activation="softmax")])\nmodel.compile(optimizer="adam", loss="sparse_categorical_crossentropy")\nmodel.fit(x_train, y_train, epochs=20)\nmodel.save(MODEL_PATH, include_optimizer=False)\n',
      },
      {
        file: 'train.py',
        code: "import torch\nfrom net import Net\n\nmodel = Net()\noptimizer = torch.optim.Adam(model.parameters())\nfor epoch in range(5):\n    for x, y in loader:\n        optimizer.zero_grad()\n        torch.nn.functional.cross_entropy(model(x), y).backward()\n        optimizer.step()\n\ntorch.save({\n    'model': model.state_dict(),\n    'optimizer': optimizer.state_dict(),\n    'classes': classes,\n}, 'checkpoints/net.pth')\n",
        files: {
          'net.py':
            'import torch.nn as nn\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(784, 10)\n\n    def forward(self, x):\n        return self.fc(x)\n',
          'serve.py':
            "import torch\nfrom fastapi import FastAPI\nfrom net import Net\n\napp = FastAPI()\ncheckpoint = torch.load('checkpoints/net.pth', map_location='cpu')\nmodel = Net()\nmodel.load_state_dict(checkpoint['model'])\nmodel.eval()\n\n@app.post('/predict')\ndef predict(x: list[float]):\n    with torch.inference_mode():\n        return model(torch.tensor(x)).tolist()\n",
        },
        fixed:
          "import torch\nfrom net import Net\n\nmodel = Net()\noptimizer = torch.optim.Adam(model.parameters())\nfor epoch in range(5):\n    for x, y in loader:\n        optimizer.zero_grad()\n        torch.nn.functional.cross_entropy(model(x), y).backward()\n        optimizer.step()\n\ntorch.save({\n    'model': model.state_dict(),\n    'classes': classes,\n}, 'checkpoints/net.pth')\n",
      },
      {
        code: 'import torch\nfrom torchvision.models import resnet18\n\nmodel = resnet18(weights="DEFAULT").eval()\ndummy = torch.randn(1, 3, 224, 224)\ntorch.onnx.export(model, dummy, "resnet18.onnx", training=torch.onnx.TrainingMode.TRAINING)\n',
        fixed:
          'import torch\nfrom torchvision.models import resnet18\n\nmodel = resnet18(weights="DEFAULT").eval()\ndummy = torch.randn(1, 3, 224, 224)\ntorch.onnx.export(model, dummy, "resnet18.onnx", training=torch.onnx.TrainingMode.EVAL)\n',
      },
    ],
    good: [
      {
        code: 'import tensorflow as tf\nfrom nets import Detector\n\nimages = tf.placeholder(tf.float32, [None, 416, 416, 3], name="images")\nmodel = Detector(images, is_training=False)\nwith tf.Session() as sess:\n    tf.train.Saver().restore(sess, "detector.ckpt")\n    frozen = tf.graph_util.convert_variables_to_constants(sess, sess.graph.as_graph_def(), ["boxes"])\n    with tf.gfile.GFile("frozen.pb", "wb") as f:\n        f.write(frozen.SerializeToString())\n',
        note: { en: 'Built anew for inference.', fr: 'Reconstruit pour l’inférence.' },
      },
      {
        code: 'import tensorflow as tf\n\nwith tf.compat.v1.Session() as sess:\n    load(sess)\n    frozen = tf.compat.v1.graph_util.convert_variables_to_constants(sess, sess.graph_def, ["prob"])\n    frozen = tf.compat.v1.graph_util.remove_training_nodes(frozen)\n    tf.io.write_graph(frozen, ".", "frozen.pb", as_text=False)\n',
      },
      {
        file: 'train.py',
        code: 'import keras\n\nmodel = keras.Sequential([keras.layers.Dense(5)])\nmodel.compile(optimizer="adam", loss="mse")\nmodel.fit(x, y, epochs=20)\nmodel.save("model.h5")\n',
        note: {
          en: 'Nothing here serves the file; training may be resumed from it.',
          fr: 'Rien ici ne sert ce fichier ; un entraînement peut en repartir.',
        },
      },
      {
        file: 'train.py',
        code: "import torch\n\nmodel = torch.nn.Linear(4, 2)\noptimizer = torch.optim.Adam(model.parameters())\nif resume:\n    checkpoint = torch.load('last.pth')\n    model.load_state_dict(checkpoint['model'])\n    optimizer.load_state_dict(checkpoint['optimizer'])\nfor x, y in loader:\n    optimizer.zero_grad()\n    torch.nn.functional.cross_entropy(model(x), y).backward()\n    optimizer.step()\ntorch.save({'model': model.state_dict(), 'optimizer': optimizer.state_dict()}, 'last.pth')\n",
        files: {
          'app.py':
            "import streamlit as st\nimport torch\n\nmodel = torch.nn.Linear(4, 2)\nmodel.load_state_dict(torch.load('last.pth')['model'])\nst.title('Demo')\nst.write(model(torch.ones(4)))\n",
        },
        note: {
          en: 'Training resumes from this file.',
          fr: 'L’entraînement repart de ce fichier.',
        },
      },
      {
        file: 'train.py',
        code: 'import keras\n\nmodel = keras.Sequential([keras.layers.Dense(5)])\nmodel.compile(optimizer="adam", loss="mse")\nmodel.fit(x, y, epochs=20)\nmodel.save("model.h5", include_optimizer=False)\n',
        files: {
          'app.py':
            'import gradio as gr\nimport keras\n\nmodel = keras.models.load_model("model.h5")\ngr.Interface(fn=model.predict, inputs="image", outputs="label").launch()\n',
        },
      },
      {
        file: 'train.py',
        code: 'import keras\n\nmodel = keras.Sequential([keras.layers.Dense(5)])\nmodel.compile(optimizer="adam", loss="mse")\nmodel.fit(x, y, epochs=20)\nmodel.save("model.h5")\n',
        files: {
          'finetune.py':
            'import keras\n\nmodel = keras.models.load_model("model.h5")\nmodel.fit(x_new, y_new, epochs=2)\n',
          'app.py':
            'import gradio as gr\nimport keras\n\nmodel = keras.models.load_model("model.h5")\ngr.Interface(fn=model.predict, inputs="image", outputs="label").launch()\n',
        },
        note: {
          en: 'Another script fine-tunes the same file.',
          fr: 'Un autre script affine ce même fichier.',
        },
      },
      {
        code: 'import torch\n\ntorch.onnx.export(model, torch.randn(1, 3, 224, 224), "net.onnx", training=torch.onnx.TrainingMode.EVAL)\n',
      },
    ],
  },
});

/** A graph that this file builds anew for inference, not one that training wrote: little is left in it to remove. */
function isBuiltToInfer(module: Module): boolean {
  const text = statedIn(module);
  return (
    !text.includes('import_meta_graph') &&
    /\b(?:is_?)?train(?:ing|able|_?mode)?\s*=\s*False\b|set_learning_phase\(\s*(?:0|False)\s*\)/i.test(text)
  );
}

/** remove_training_nodes drops such a node without joining its neighbours: a graph whose values go through one breaks. */
const checksNumerics = statedInProgram((one) => /\bcheck_numerics\s*\(/.test(one.text));

function checkFrozen(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  if (!/SerializeToString|write_graph/.test(module.text)) return;
  if (isStripped(module, flow)) return context.pass(call.callee);
  if (isBuiltToInfer(module)) return;
  const outputs = flow.argument(call, 'output_node_names', 2);
  context.fail(call.callee, {
    fixes:
      outputs.state === 'given' && !checksNumerics(module, flow)
        ? [stripFix(call, outputs.value, module)]
        : [],
  });
}

function stripFix(call: Call, outputs: Expr, module: Module): Fix {
  const prefix = call.callee.kind === 'member' ? textOf(module, call.callee.object) : 'tf.graph_util';
  // TensorFlow 2 has it under compat.v1 alone; a file may call that `tf` already
  const isV1 = module.imports.some(
    (one) =>
      /^tensorflow\.compat(?:\.v1)?$/.test(one.module) && one.bindings.some(({ local }) => local === 'tf'),
  );
  const graphUtil = prefix === 'tf.graph_util' && !isV1 ? 'tf.compat.v1.graph_util' : prefix;
  // the outputs may be Identity nodes, which it would take away too
  const kept = `protected_nodes=${textOf(module, outputs).replace(/\s+/g, ' ')}`;
  const strip = `${graphUtil}.remove_training_nodes`;
  const statement = statementOf(call);
  const target =
    statement.kind === 'assign' && statement.value === call && statement.targets.length === 1
      ? statement.targets[0]
      : undefined;
  return {
    title: {
      en: 'Remove the training nodes from the frozen graph',
      fr: 'Retirer les nœuds d’entraînement du graphe figé',
    },
    edits: () => {
      if (target?.kind !== 'name' || !startsLine(module, statement))
        return [
          { start: call.start, end: call.start, text: `${strip}(` },
          { start: call.end, end: call.end, text: `, ${kept})` },
        ];
      return [insertAfter(module, statement, [`${target.name} = ${strip}(${target.name}, ${kept})`])];
    },
    imports: graphUtil.startsWith('tf.') && !isV1 ? ['import tensorflow as tf'] : [],
  };
}

function checkOnnx(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  const given = flow.argument(call, 'training');
  if (given.state !== 'given') return;
  const values = flow.values(given.value);
  const isTraining = values.some(
    (value) =>
      (value.kind === 'library' && /TrainingMode\.(?:TRAINING|PRESERVE)$/.test(value.name)) ||
      (value.kind === 'constant' && value.value === true),
  );
  if (!isTraining || values.length !== 1) return;
  // ONNX Runtime Training starts from such a graph
  if (flow.modules.some((one) => /onnxruntime[.-]training|onnxruntime\.training|ORTModule/.test(one.text)))
    return;
  context.fail(given.value, {
    message: 'onnx',
    fixes: [
      {
        title: { en: 'Export in evaluation mode', fr: 'Exporter en mode évaluation' },
        edits: () => [replace(given.value, evaluationMode(given.value, module))],
      },
    ],
  });
}

function evaluationMode(value: Expr, module: Module): string {
  return value.kind === 'member' ? `${textOf(module, value.object)}.EVAL` : 'torch.onnx.TrainingMode.EVAL';
}

interface Loading {
  readonly call: Call;
  readonly module: Module;
}

const LOADS = /^(?:torch\.load|keras\.(?:\w+\.)*load_model)$/;

/** What is called `load` or by a name of its own: spares the rest the look-up. */
const mayLoad = ({ callee }: Call): boolean => callee.kind !== 'member' || /load/i.test(callee.property);

/** Calls of the workspace that load a model's file, by the file's name. */
const loadings = memoizedWhole((flow): ReadonlyMap<string, readonly Loading[]> => {
  const found = new Map<string, Loading[]>();
  for (const module of flow.modules) {
    if (module.language !== 'python') continue;
    for (const call of module.calls) {
      const path = call.args[0];
      if (!path || !mayLoad(call) || !flow.names(call).some((name) => LOADS.test(name))) continue;
      const name = fileName(flow, path.value);
      if (name) found.set(name, [...(found.get(name) ?? []), { call, module }]);
    }
  }
  return found;
});

function loadsOf(file: string, flow: Flow): readonly Loading[] {
  return loadings(flow).get(file) ?? [];
}

/** The server that loads the file, where nothing that trains does. */
function soleServer(file: string, flow: Flow, resumes: (module: Module) => boolean): Module | null {
  const loads = loadsOf(file, flow).filter(({ module }) => !isUnitTest(module));
  const server = loads.find(({ module }) => isServing(module, flow));
  if (!server) return null;
  return loads.some(({ module }) => resumes(module)) ? null : server.module;
}

/** A server's own file, or one that only servers use. */
function isServing(module: Module, flow: Flow): boolean {
  return (
    isServer(flow, module) ||
    flow.programs(module).some((program) => program.modules.some((one) => isServer(flow, one)))
  );
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function checkKeras(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  const isMethod = !flow.names(call).some((name) => name.endsWith('.save_model'));
  const path = flow.argument(call, 'filepath', isMethod ? 0 : 1);
  if (path.state !== 'given' || trainingSites(module, flow).length === 0) return;
  const file = fileName(flow, path.value);
  const server = file && soleServer(file, flow, (one) => trainingSites(one, flow).length > 0);
  if (!file || !server) return;
  const given = flow.argument(call, 'include_optimizer');
  if (given.state === 'unknown') return;
  if (given.state === 'given') {
    if (flow.constant(given.value) === false) context.pass(call.callee);
    if (flow.constant(given.value) !== true) return;
  }
  if (!/\.(?:h5|hdf5|keras)$/.test(file)) return;
  const edit: Edit | null =
    given.state === 'given'
      ? replace(given.value, 'False')
      : addArgument(module, call, 'include_optimizer=False');
  // the native format takes no such argument
  const fixes: Fix[] =
    edit && !file.endsWith('.keras')
      ? [
          {
            title: { en: 'Save without the optimizer', fr: 'Enregistrer sans l’optimiseur' },
            edits: () => [edit],
          },
        ]
      : [];
  context.fail(call.callee, { message: 'keras', data: { file, server: baseName(server.path) }, fixes });
}

function checkCheckpoint(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  const content = flow.argument(call, 'obj', 0);
  const path = flow.argument(call, 'f', 1);
  if (content.state !== 'given' || path.state !== 'given') return;
  const dict = soleDict(content.value, flow);
  const entries = dict?.entries.filter((entry) => isOptimizerState(entry, flow)) ?? [];
  const [first] = entries;
  const file = fileName(flow, path.value);
  if (!dict || !first?.key || !file) return;
  const server = soleServer(file, flow, resumesTraining);
  if (!server || resumesTraining(module)) return;
  const fixes: Fix[] =
    flow.moduleOf(dict) === module && entries.length < dict.entries.length
      ? [
          {
            title: { en: 'Leave the optimizer’s state out', fr: 'Laisser de côté l’état de l’optimiseur' },
            edits: () => entries.map((entry) => removeEntry(dict, entry)),
          },
        ]
      : [];
  context.fail(call.callee, {
    message: 'torch',
    data: { file, key: textOf(flow.moduleOf(first), first.key), server: baseName(server.path) },
    fixes,
  });
}

function soleDict(expr: Expr, flow: Flow): Dict | null {
  if (expr.kind === 'dict') return expr;
  const values = flow
    .values(expr)
    .filter((one) => one.kind !== 'display' || one.node.kind !== 'dict' || !isEntryAssigned(one.node));
  const [value] = values;
  return values.length === 1 && value?.kind === 'display' && value.node.kind === 'dict' ? value.node : null;
}

/** `'optimizer': optimizer.state_dict()`, schedulers and scalers likewise. */
function isOptimizerState(entry: DictEntry, flow: Flow): boolean {
  const key = entry.key ? flow.constant(entry.key) : undefined;
  return (
    typeof key === 'string' &&
    /optim|^opt(?:_|$)/i.test(key) &&
    entry.value.kind === 'call' &&
    entry.value.callee.kind === 'member' &&
    entry.value.callee.property === 'state_dict'
  );
}

/** An optimizer takes its state back somewhere in the file. */
function resumesTraining(module: Module): boolean {
  return module.calls.some(
    ({ callee }) =>
      callee.kind === 'member' &&
      callee.property === 'load_state_dict' &&
      /opt|sched/i.test(textOf(module, callee.object)),
  );
}

/** The entry with its comma, and its line where it has one of its own. */
function removeEntry(dict: Dict, entry: DictEntry): Edit {
  const at = dict.entries.indexOf(entry);
  const next = dict.entries[at + 1];
  const previous = dict.entries[at - 1];
  if (next) return { start: entry.start, end: next.start, text: '' };
  if (previous) return { start: previous.end, end: entry.end, text: '' };
  return { start: entry.start, end: entry.end, text: '' };
}
