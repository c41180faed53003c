import type { Flow, ObjectValue, Value } from '../../analysis/flow/types.ts';
import type { Call, Expr, FunctionNode, Module, Node, Span } from '../../analysis/model.ts';
import { descendants, enclosingFunction, enclosingLoops, lastName } from '../../analysis/tree.ts';
import { textOf } from '../edits.ts';
import { EARLY_STOPPING_CALLBACK_NAMES } from '../knowledge/early-stopping.ts';
import { REINFORCEMENT_LIBRARIES, trainingOf } from '../knowledge/trains.ts';
import { defineRule, type RuleContext } from '../rule.ts';
import { loopEnd } from '../semantics/early-stopping.ts';
import { forwardOf } from '../semantics/forward.ts';
import { slice } from '../semantics/slice.ts';
import { type EpochLoop, epochLoops, isRun, loopHead } from '../semantics/training.ts';

export default defineRule({
  id: 'unresumable-training',
  phase: 'training',
  languages: ['python'],
  severity: 'information',
  status: 'stable',
  fix: 'none',
  impact: {
    resource: 'compute',
    band: 'medium',
    source: {
      en: 'Arithmetic: what was computed since the last saved state is lost with the process, and computed again.',
      fr: 'Arithmétique : ce qui a été calculé depuis le dernier état enregistré est perdu avec le processus, et recalculé.',
    },
  },
  references: {
    course: [
      'Phase de conception — Prévoir la modularité et la maintenance : « Développer des modèles pouvant être mis à jour sans réentraîner complètement le système »',
    ],
    links: [
      'https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html',
      'https://keras.io/api/callbacks/backup_and_restore/',
    ],
  },
  libraries: ['torch', 'keras', 'tensorflow', 'transformers', 'lightning', 'pytorch_lightning', 'jax'],
  title: {
    en: 'A long training saves nothing on the way',
    fr: 'Un long entraînement ne sauvegarde rien en chemin',
  },
  what: {
    en: 'A training of many epochs (`epochs`, 50 by default) of a convolutional, attention or pretrained network that writes no checkpoint while it runs: a hand-written loop over batches with no `save` in it, a Keras `fit` with no `ModelCheckpoint` or `BackupAndRestore`, a `Trainer` whose saving is switched off. Saving once at the end does not count. Silent where helpers or callbacks cannot be seen.',
    fr: 'Un entraînement de nombreuses époques (`epochs`, 50 par défaut) d’un réseau convolutif, à attention ou préentraîné, qui n’écrit aucun point de reprise en cours de route : une boucle sur des lots sans sauvegarde, un `fit` de Keras sans `ModelCheckpoint` ni `BackupAndRestore`, un `Trainer` dont la sauvegarde est coupée. Une sauvegarde à la toute fin ne compte pas. Muet si des auxiliaires ou callbacks restent hors de vue.',
  },
  why: {
    en: 'A crash, a full disk or the end of a Colab session at epoch 49 of 50 throws away everything computed so far, and the energy with it; and a model that can be taken up again is improved with new data instead of trained anew. The course asks for models that can be updated without a complete retraining.',
    fr: 'Une panne, un disque plein ou la fin d’une session Colab à l’époque 49 sur 50 jette tout ce qui a été calculé, et l’énergie avec ; et un modèle que l’on peut reprendre s’améliore avec de nouvelles données au lieu d’être réentraîné. Le cours demande des modèles que l’on peut mettre à jour sans réentraînement complet.',
  },
  instead: {
    en: 'Every epoch (or every few), overwrite one file with the weights, the optimizer’s state and the epoch (`torch.save({...}, "last.pt")`), and load it at the start if it is there; in Keras `BackupAndRestore("backup")` does both. Ignore the rule for a training of a few minutes.',
    fr: 'À chaque époque (ou toutes les quelques époques), écrasez un fichier avec les poids, l’état de l’optimiseur et l’époque (`torch.save({...}, "last.pt")`), et relisez-le au départ s’il existe ; dans Keras, `BackupAndRestore("backup")` fait les deux. À ignorer pour un entraînement de quelques minutes.',
  },
  messages: {
    default: {
      en: '{epochs} epochs, and nothing is saved before the last one: an interruption loses all of it.',
      fr: '{epochs} époques, et rien n’est sauvegardé avant la dernière : une interruption fait tout perdre.',
    },
    off: {
      en: '{epochs} epochs with saving switched off (`{option}`): an interruption loses all of it.',
      fr: '{epochs} époques avec la sauvegarde coupée (`{option}`) : une interruption fait tout perdre.',
    },
  },
  options: {
    epochs: {
      type: 'integer',
      minimum: 1,
      default: 50,
      description: {
        en: 'From how many epochs on a training counts as long.',
        fr: 'À partir de combien d’époques un entraînement compte comme long.',
      },
    },
  },
  on: { module: check },
  examples: {
    bad: [
      {
        file: 'train.py',
        code: 'import torch\nfrom torch import nn\nfrom torch.utils.data import DataLoader\nfrom torchvision.datasets import CIFAR10\n\nmodel = nn.Sequential(nn.Conv2d(3, 32, 3), nn.ReLU(), nn.Flatten(), nn.Linear(28800, 10))\nloader = DataLoader(CIFAR10("data", download=True), batch_size=64)\noptimizer = torch.optim.Adam(model.parameters())\n\nfor epoch in range(100):\n    for images, labels in loader:\n        optimizer.zero_grad()\n        loss = nn.functional.cross_entropy(model(images), labels)\n        loss.backward()\n        optimizer.step()\n    print(epoch, loss.item())\n\ntorch.save(model.state_dict(), "cifar.pt")\n',
        note: {
          en: 'Saved once, at the end.',
          fr: 'Sauvegardé une seule fois, à la fin.',
        },
      },
      {
        file: 'fit.py',
        code: 'from tensorflow import keras\nfrom tensorflow.keras import layers\n\nmodel = keras.Sequential([layers.Conv2D(32, 3), layers.Flatten(), layers.Dense(5)])\nmodel.compile(loss="sparse_categorical_crossentropy")\nreduce = keras.callbacks.ReduceLROnPlateau(patience=3)\nmodel.fit(train_images, epochs=80, validation_data=val_images, callbacks=[reduce])\nmodel.save("flowers.keras")\n',
      },
      {
        file: 'finetune.py',
        code: 'from transformers import Trainer, TrainingArguments\n\nargs = TrainingArguments("out", num_train_epochs=40, save_strategy="no")\ntrainer = Trainer(model=model, args=args, train_dataset=train)\ntrainer.train()\n',
      },
      {
        file: 'train.py',
        code: 'import torch\nimport torchvision\n\n\ndef train_epoch(model, loader, optimizer, loss_fn):\n    for x, y in loader:\n        optimizer.zero_grad()\n        loss_fn(model(x), y).backward()\n        optimizer.step()\n\n\ndef main():\n    model = torchvision.models.resnet18(weights="DEFAULT")\n    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n    for epoch in range(50):\n        train_epoch(model, loader, optimizer, torch.nn.CrossEntropyLoss())\n\n\nif __name__ == "__main__":\n    main()\n',
      },
    ],
    good: [
      {
        code: 'import torch\nfrom torch import nn\n\nmodel = nn.Sequential(nn.Conv2d(3, 32, 3), nn.ReLU())\noptimizer = torch.optim.Adam(model.parameters())\nbest = 0\n\ndef keep(net, accuracy):\n    torch.save(net.state_dict(), "best.pt")\n\nfor epoch in range(100):\n    for x, y in loader:\n        loss = nn.functional.cross_entropy(model(x), y)\n        loss.backward()\n        optimizer.step()\n    accuracy = score(model)\n    if accuracy > best:\n        best = accuracy\n        keep(model, accuracy)\n',
        note: { en: 'Saved by a helper.', fr: 'Sauvegardé par un auxiliaire.' },
      },
      {
        code: 'from tensorflow import keras\n\nmodel = keras.applications.MobileNetV2()\ncheckpoint = keras.callbacks.ModelCheckpoint("best.keras", save_best_only=True)\nmodel.fit(train, epochs=100, callbacks=[keras.callbacks.ReduceLROnPlateau(), checkpoint])\n',
      },
      {
        code: 'import torch\n\nx = torch.linspace(0, 1, 100).unsqueeze(1)\nmodel = torch.nn.Linear(1, 1)\noptimizer = torch.optim.SGD(model.parameters(), lr=0.1)\nfor epoch in range(1000):\n    loss = ((model(x) - 2 * x) ** 2).mean()\n    loss.backward()\n    optimizer.step()\n    optimizer.zero_grad()\n',
        note: {
          en: 'A thousand steps on a hundred numbers: a second.',
          fr: 'Mille pas sur cent nombres : une seconde.',
        },
      },
      {
        code: 'import torch\nfrom torchvision.models import resnet18\n\nmodel = resnet18()\noptimizer = torch.optim.Adam(model.parameters())\nfor epoch in range(5):\n    for x, y in loader:\n        torch.nn.functional.cross_entropy(model(x), y).backward()\n        optimizer.step()\n',
        note: { en: 'Five epochs.', fr: 'Cinq époques.' },
      },
      {
        code: 'from transformers import Trainer, TrainingArguments\n\nargs = TrainingArguments("out", num_train_epochs=40)\nTrainer(model=model, args=args, train_dataset=train).train()\n',
        note: { en: 'The Trainer saves by itself.', fr: 'Le Trainer sauvegarde de lui-même.' },
      },
      {
        code: 'import keras\n\n\nclass Keeper(keras.callbacks.Callback):\n    def on_epoch_end(self, epoch, logs=None):\n        self.model.save_weights("last.weights.h5")\n\n\nmodel = keras.applications.ResNet50()\nmodel.fit(data, epochs=60, callbacks=[Keeper()])\n',
      },
      {
        code: 'import torch\nimport timm\nfrom tools import EarlyStopping\n\nmodel = timm.create_model("resnet18")\noptimizer = torch.optim.Adam(model.parameters())\nstopper = EarlyStopping(patience=5, path="best.pt")\nfor epoch in range(100):\n    for x, y in loader:\n        torch.nn.functional.cross_entropy(model(x), y).backward()\n        optimizer.step()\n    stopper(validate(model), model)\n',
        note: {
          en: 'It is handed the model: it may well save it.',
          fr: 'Il reçoit le modèle : il peut bien le sauvegarder.',
        },
      },
      {
        code: 'import keras\n\nmodel = keras.applications.ResNet50()\nmodel.fit(data, epochs=60, callbacks=get_callbacks())\n',
        note: { en: 'What the callbacks do is not known.', fr: 'On ne sait pas ce que font les callbacks.' },
      },
    ],
  },
});

/** Networks whose epochs take long: convolutions, attention, pretrained weights. */
const HEAVY =
  /\bConv(?:Transpose)?[23]d\b|\bConv(?:Transpose)?[23]D\b|\b(?:torchvision\.models|timm|segmentation_models\w*|efficientnet\w*)\b|from torchvision import .*\bmodels\b|\bkeras\.applications\b|\bfrom_pretrained\b|\bMultihead_?Attention\b|\bTransformer(?:Encoder|Decoder)?(?:Layer)?\(|\bhub\.(?:KerasLayer|load)\b/i;

function check(module: Module, context: RuleContext): void {
  const { flow } = context;
  if (isReinforcement(module)) return;
  let failed = false;
  const report = (verdict: Verdict | null, place: Span): void => {
    if (!verdict) return;
    if (verdict.saves) return context.pass(place);
    // one training script, one finding
    if (failed) return;
    failed = true;
    context.fail(place, {
      ...(verdict.option ? { message: 'off' } : {}),
      data: { epochs: verdict.epochs, option: verdict.option ?? '' },
    });
  };
  for (const epochLoop of epochLoops(module, flow))
    report(judgeLoop(epochLoop, context), loopHead(epochLoop.loop));
  for (const call of module.calls) {
    const verdict = judgeCall(call, context);
    const { callee } = call;
    report(verdict, callee.kind === 'member' ? { start: callee.propertyStart, end: callee.end } : callee);
  }
}

interface Verdict {
  readonly saves: boolean;
  readonly epochs: number;
  /** The argument that switches saving off. */
  readonly option?: string;
}

function isReinforcement(module: Module): boolean {
  return module.imports.some((one) => REINFORCEMENT_LIBRARIES.includes(one.module.split('.')[0] ?? ''));
}

/** Whether the loop trains a network whose epochs take long, as far as its own layers show. */
function trainsHeavy(loop: Node, flow: Flow): boolean {
  return descendants(loop, 'call').some((call) => {
    if (forwardOf(flow, call)?.objects.some((object) => isHeavy(object, flow))) return true;
    return flow
      .targets(call)
      .some((target) =>
        descendants(target.body, 'call').some((inner) =>
          forwardOf(flow, inner)?.objects.some((object) => isHeavy(object, flow)),
        ),
      );
  });
}

function isHeavy(object: ObjectValue, flow: Flow): boolean {
  if (
    object.types.some((type) => /^(?:torchvision\.models|timm|transformers|segmentation_models)/.test(type))
  )
    return true;
  const roots = object.class ? [object.class] : object.origin ? [object.origin] : [];
  return roots.some((root) => {
    if (HEAVY.test(textOf(flow.moduleOf(root), root))) return true;
    // blocks of one's own, one level down
    return descendants(root, 'call').some((call) =>
      flow
        .values(call)
        .some(
          (value) =>
            value.kind === 'object' &&
            value.class !== null &&
            value.class !== object.class &&
            HEAVY.test(textOf(flow.moduleOf(value.class), value.class)),
        ),
    );
  });
}

const HEAVY_KERAS =
  /^keras\.(?:layers\.(?:\w*Conv\w*[23]D\w*|MultiHeadAttention)|applications\.\w+)$|^transformers\.|^tensorflow_hub\./;

function trainsHeavyKeras(model: Expr, flow: Flow): boolean {
  if (flow.objects(model).some((object) => object.class !== null && isHeavy(object, flow))) return true;
  return [...slice(flow, [model], { stops: () => false, program: true })].some((call) =>
    flow.names(call).some((name) => HEAVY_KERAS.test(name)),
  );
}

// ----------------------------------------------------------------- hand-written loops

function judgeLoop({ loop, epochs, backward }: EpochLoop, context: RuleContext): Verdict | null {
  const { flow, module } = context;
  if (loop.kind === 'comprehension' || epochs === undefined || !Number.isFinite(epochs)) return null;
  if (epochs < Number(context.options.epochs) || !isRun(loop, flow)) return null;
  // a trial of a search is begun again, not resumed
  if (enclosingFunction(loop)?.parameters.some(({ name }) => name === 'trial')) return null;
  // a loop over batches inside: an epoch is more than one step
  if (!backward.some((call) => enclosingLoops(call).some((inner) => inner !== loop))) return null;
  if (!trainsHeavy(loop.body, flow)) return null;
  const saves = savesIn(loop.body, flow, 4, new Set());
  if (saves === 'yes') return { saves: true, epochs };
  if (saves === 'unknown' || loopEnd(loop, module) !== 'none') return null;
  return { saves: false, epochs };
}

type Saves = 'yes' | 'no' | 'unknown';

const SAVES =
  /save|checkpoint|ckpt|snapshot|dump|persist|backup|serializ|export|push_to_hub|log_model|log_artifact|upload|store|write_model/i;
/** What is written there is a picture, a table, a curve. */
const SAVES_ELSE =
  /fig|image|img|plot|sample|picture|grid|result|histor|metric|loss|csv|txt|json|log$|logs$|stat|pred|npy|video|gif|curve|restore|load/i;
/** Callees that may do anything after an epoch. */
const HOOKS =
  /callback|hook|handler|on_epoch|on_train|fire|trigger|notify|early_?stop|stopper|tracker|monitor/i;
const HARMLESS =
  /eval|valid|val$|test|train|step|epoch|accuracy|score|metric|plot|log|print|show|visuali|sample|generat|infer|predict|summary|count|clip|freeze|zero|update|forward|loss|device|to$|cuda|compute|calc|get_|set_|adjust|iter|item|len|range|enumerate|zip|tqdm|parameters|fit|run/i;

/** Whether something below writes the model to a file, itself or through local functions. */
function savesIn(node: Node, flow: Flow, depth: number, seen: Set<FunctionNode>): Saves {
  let answer: Saves = 'no';
  for (const call of descendants(node, 'call')) {
    const one = savedBy(call, flow, depth, seen);
    if (one === 'yes') return 'yes';
    if (one === 'unknown') answer = 'unknown';
  }
  return answer;
}

function savedBy(call: Call, flow: Flow, depth: number, seen: Set<FunctionNode>): Saves {
  const name = lastName(call.callee);
  if (SAVES.test(name) && !SAVES_ELSE.test(name)) {
    const names = flow.names(call);
    return names.some((one) => /^(?:json|yaml|numpy|matplotlib|PIL|cv2|torchvision\.utils)\./.test(one))
      ? 'no'
      : 'yes';
  }
  const targets = flow.targets(call);
  if (targets.length === 0) {
    if (HOOKS.test(name)) return 'unknown';
    const unseen = flow.names(call).every((one) => one.startsWith('?.')) || flow.names(call).length === 0;
    return unseen && !HARMLESS.test(name) && takesModel(call, flow) ? 'unknown' : 'no';
  }
  if (depth === 0) return 'unknown';
  let answer: Saves = 'no';
  for (const target of targets) {
    if (seen.has(target)) continue;
    seen.add(target);
    const inner = savesIn(target.body, flow, depth - 1, seen);
    if (inner === 'yes') return 'yes';
    if (inner === 'unknown') answer = 'unknown';
  }
  return answer;
}

/** An unknown function that is handed a model may save it. */
function takesModel(call: Call, flow: Flow): boolean {
  return call.args.some(
    ({ value }) =>
      flow.isA(value, 'torch.nn.Module') ||
      (value.kind === 'name' && /model|net$|generator/i.test(value.name)),
  );
}

// ------------------------------------------------------------------- library trainings

function judgeCall(call: Call, context: RuleContext): Verdict | null {
  const { flow } = context;
  const training = trainingOf(flow.names(call));
  if (!training?.deep || !isRun(call, flow)) return null;
  if (training.framework === 'keras') return judgeKeras(call, context);
  if (training.framework === 'transformers') return judgeTrainer(call, context);
  if (training.framework === 'lightning') return judgeLightning(call, context);
  return null;
}

function numberAt(flow: Flow, call: Call, name: string, position?: number): number | undefined {
  const found = flow.argument(call, name, position);
  const value = found.state === 'given' ? flow.constant(found.value) : undefined;
  return typeof value === 'number' ? value : undefined;
}

function judgeKeras(call: Call, context: RuleContext): Verdict | null {
  const { flow, module } = context;
  const epochs = numberAt(flow, call, 'epochs', 3);
  if (epochs === undefined || epochs < Number(context.options.epochs)) return null;
  if (call.callee.kind !== 'member' || !trainsHeavyKeras(call.callee.object, flow)) return null;
  if (/\bautolog\(/.test(module.text)) return null;
  const callbacks = flow.argument(call, 'callbacks');
  if (callbacks.state === 'unknown') return null;
  const saves = callbacks.state === 'given' ? callbacksSave(callbacks.value, flow) : 'no';
  return saves === 'unknown' ? null : { saves: saves === 'yes', epochs };
}

/** What `callbacks=` does about saving. Early stopping leaves it open how long the training is. */
function callbacksSave(expr: Expr, flow: Flow): Saves {
  const held = flow.values(expr);
  if (held.length === 0) return 'unknown';
  if (expr.kind === 'name' && isExtended(expr.name, flow.moduleOf(expr))) return 'unknown';
  let answer: Saves = 'no';
  for (const value of held) {
    const one = valueSaves(value, flow);
    if (one === 'yes') return 'yes';
    if (one === 'unknown') answer = 'unknown';
  }
  return answer;
}

function valueSaves(value: Value, flow: Flow): Saves {
  if (value.kind === 'constant') return value.value === null ? 'no' : 'unknown';
  if (value.kind === 'display' && value.node.kind === 'sequence') {
    let answer: Saves = 'no';
    for (const item of value.node.items) {
      const one = callbacksSave(item.kind === 'spread' ? item.value : item, flow);
      if (one === 'yes') return 'yes';
      if (one === 'unknown') answer = 'unknown';
    }
    return answer;
  }
  if (value.kind !== 'object') return 'unknown';
  if (value.class) {
    const text = textOf(flow.moduleOf(value.class), value.class);
    return /save|checkpoint/i.test(text) ? 'yes' : /stop_training/.test(text) ? 'unknown' : 'no';
  }
  if (value.types.some((type) => /checkpoint|backup|wandb|savemodel/i.test(type))) return 'yes';
  if (value.types.some((type) => EARLY_STOPPING_CALLBACK_NAMES.includes(type) || /early_?stop/i.test(type)))
    return 'unknown';
  return value.types.some((type) => /^keras\.callbacks\./.test(type)) ? 'no' : 'unknown';
}

function isExtended(name: string, module: Module): boolean {
  return (
    module.calls.some(
      ({ callee }) =>
        callee.kind === 'member' &&
        /^(?:append|extend|insert)$/.test(callee.property) &&
        callee.object.kind === 'name' &&
        callee.object.name === name,
    ) ||
    module.assigns.some(
      ({ operator, targets }) =>
        operator === '+=' && targets.some((target) => target.kind === 'name' && target.name === name),
    )
  );
}

function originOf(flow: Flow, expr: Expr): Call | null {
  const [only, ...rest] = flow.objects(expr);
  return rest.length === 0 ? (only?.origin ?? null) : null;
}

function judgeTrainer(call: Call, context: RuleContext): Verdict | null {
  const { flow } = context;
  const maker = call.callee.kind === 'member' ? originOf(flow, call.callee.object) : null;
  const args = maker ? flow.argument(maker, 'args', 1) : null;
  const options = args?.state === 'given' ? originOf(flow, args.value) : null;
  if (!options || flow.argument(options, 'max_steps').state !== 'absent') return null;
  const epochs = numberAt(flow, options, 'num_train_epochs');
  if (epochs === undefined || epochs < Number(context.options.epochs) / 3) return null;
  const strategy = flow.argument(options, 'save_strategy');
  if (strategy.state === 'unknown') return null;
  const when = strategy.state === 'given' ? flow.constant(strategy.value) : 'steps';
  if (when === 'steps' || when === 'epoch' || when === 'best') return { saves: true, epochs };
  return when === 'no' ? { saves: false, epochs, option: 'save_strategy="no"' } : null;
}

function judgeLightning(call: Call, context: RuleContext): Verdict | null {
  const { flow } = context;
  const maker = call.callee.kind === 'member' ? originOf(flow, call.callee.object) : null;
  const epochs = maker ? numberAt(flow, maker, 'max_epochs') : undefined;
  if (!maker || epochs === undefined || epochs < Number(context.options.epochs)) return null;
  if (['fast_dev_run', 'max_time', 'max_steps'].some((name) => flow.argument(maker, name).state !== 'absent'))
    return null;
  for (const option of ['enable_checkpointing', 'checkpoint_callback']) {
    const found = flow.argument(maker, option);
    if (found.state === 'unknown') return null;
    if (found.state === 'given' && flow.constant(found.value) === false)
      return { saves: false, epochs, option: `${option}=False` };
  }
  return { saves: true, epochs };
}
