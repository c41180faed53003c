import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, For, Module, Node } from '../../analysis/model.ts';
import { ancestors, contains, descendants, enclosingFunction, enclosingLoops } from '../../analysis/tree.ts';
import { addArgument, replace } from '../edits.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { loopVariable } from '../semantics/training.ts';

/** Up to so many files nothing is hoarded. */
const FEW = 3;
/** Steps between two files that no fine-tuning reaches. */
const NEVER = 100_000;

/** What writes the whole model to the path that it is given first. */
const SAVING_METHODS = [
  'transformers.PreTrainedModel.save_pretrained',
  'peft.PeftModel.save_pretrained',
  'keras.Model.save',
  'keras.Model.save_weights',
];

export default defineRule({
  id: 'hoarded-checkpoints',
  phase: 'training',
  languages: ['python'],
  severity: 'information',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'storage',
    band: 'medium',
    source: {
      en: 'Arithmetic: a checkpoint with Adam’s state holds three numbers per parameter, 12 bytes in float32.',
      fr: 'Arithmétique : un point de reprise avec l’état d’Adam contient trois nombres par paramètre, 12 octets en float32.',
    },
  },
  references: {
    course: [
      "Phase d'entraînement — Optimiser les formats de données",
      'Phase de conception — Prévoir la modularité et la maintenance',
    ],
    links: ['https://huggingface.co/docs/transformers/main_classes/trainer'],
  },
  libraries: ['transformers', 'keras', 'tensorflow', 'lightning', 'pytorch_lightning', 'torch'],
  title: { en: 'Every checkpoint is kept', fr: 'Tous les points de reprise sont gardés' },
  what: {
    en: 'A training that writes a new file each epoch and removes none: `TrainingArguments` without `save_total_limit`, a Keras `ModelCheckpoint` with the epoch in its name and no `save_best_only`, Lightning’s `save_top_k=-1`, `torch.save` or `save_pretrained` to a name made of the epoch, with no condition.',
    fr: 'Un entraînement qui écrit un nouveau fichier à chaque époque sans en supprimer : `TrainingArguments` sans `save_total_limit`, un `ModelCheckpoint` de Keras dont le nom contient l’époque sans `save_best_only`, `save_top_k=-1` chez Lightning, `torch.save` ou `save_pretrained` vers un nom fait de l’époque, sans condition.',
  },
  why: {
    en: 'One is used in the end. A checkpoint with Adam’s state takes about 12 bytes per parameter: 1.3 GB for the 110 M parameters of BERT, for every epoch, written, stored and often uploaded.',
    fr: 'Un seul servira. Un point de reprise avec l’état d’Adam prend environ 12 octets par paramètre : 1,3 Go pour les 110 M de paramètres de BERT, à chaque époque, écrits, stockés et souvent téléversés.',
  },
  instead: {
    en: 'Keep the best and the last: `save_total_limit=1` (with `load_best_model_at_end` the best is kept besides), `save_best_only=True`, `save_top_k=1`, or one file name that is overwritten. Ignore the rule where the course of training itself is studied or checkpoints are averaged.',
    fr: 'Gardez le meilleur et le dernier : `save_total_limit=1` (avec `load_best_model_at_end`, le meilleur est gardé en plus), `save_best_only=True`, `save_top_k=1`, ou un seul nom de fichier, écrasé. À ignorer si l’on étudie le déroulement de l’entraînement ou si l’on moyenne les points de reprise.',
  },
  messages: {
    default: {
      en: '`{what}` keeps every checkpoint it writes: {remedy}.',
      fr: '`{what}` garde tous les points de reprise écrits : {remedy}.',
    },
    loop: {
      en: 'A new file is written every epoch and none is removed: overwrite one, or keep the best.',
      fr: 'Un nouveau fichier est écrit à chaque époque et aucun n’est supprimé : écrasez-en un, ou gardez le meilleur.',
    },
  },
  on: {
    calls: {
      names: [
        'transformers.TrainingArguments',
        'transformers.Seq2SeqTrainingArguments',
        'keras.callbacks.ModelCheckpoint',
        'lightning.callbacks.ModelCheckpoint',
        'lightning.pytorch.callbacks.ModelCheckpoint',
        'torch.save',
        ...SAVING_METHODS,
      ],
      check,
    },
  },
  examples: {
    bad: [
      {
        code: 'from transformers import Trainer, TrainingArguments\n\nargs = TrainingArguments(output_dir="out", num_train_epochs=10, save_strategy="epoch")\ntrainer = Trainer(model=model, args=args, train_dataset=train)\ntrainer.train()\n',
        fixed:
          'from transformers import Trainer, TrainingArguments\n\nargs = TrainingArguments(output_dir="out", num_train_epochs=10, save_strategy="epoch", save_total_limit=1)\ntrainer = Trainer(model=model, args=args, train_dataset=train)\ntrainer.train()\n',
      },
      {
        code: 'from tensorflow.keras.callbacks import ModelCheckpoint\n\nsaver = ModelCheckpoint("weights-{epoch:02d}.h5", monitor="val_loss")\nmodel.fit(x, y, epochs=50, callbacks=[saver])\n',
        fixed:
          'from tensorflow.keras.callbacks import ModelCheckpoint\n\nsaver = ModelCheckpoint("weights-{epoch:02d}.h5", monitor="val_loss", save_best_only=True)\nmodel.fit(x, y, epochs=50, callbacks=[saver])\n',
      },
      {
        code: 'import torch\n\nfor epoch in range(100):\n    for x, y in loader:\n        loss = criterion(model(x), y)\n        loss.backward()\n        optimizer.step()\n    torch.save(model.state_dict(), f"checkpoints/model_{epoch}.pt")\n',
      },
      {
        code: 'import os\nimport torch\n\ndef save_checkpoint(model, epoch, folder):\n    path = os.path.join(folder, "epoch_{}.pth".format(epoch))\n    torch.save(model.state_dict(), path)\n\nfor epoch in range(100):\n    train(model)\n    save_checkpoint(model, epoch, "checkpoints")\n',
        note: { en: 'By a function of one’s own.', fr: 'Par une fonction maison.' },
      },
      {
        code: 'from transformers import AutoModelForSequenceClassification\n\nmodel = AutoModelForSequenceClassification.from_pretrained("base")\nfor epoch in range(5):\n    run_epoch(model)\n    model.save_pretrained("checkpoints/{}".format(epoch + 1))\n',
      },
    ],
    good: [
      {
        code: 'import torch\n\ndef save_checkpoint(model, path):\n    torch.save(model.state_dict(), path)\n\nfor epoch in range(100):\n    train(model)\n    save_checkpoint(model, "last.pt")\n',
      },
      {
        code: 'from transformers import Trainer, TrainingArguments\n\nargs = TrainingArguments("out", save_strategy="epoch", save_total_limit=2)\nTrainer(model=model, args=args).train()\n',
      },
      {
        code: 'from tensorflow.keras.callbacks import ModelCheckpoint\n\nsaver = ModelCheckpoint("best.keras", save_best_only=True)\nother = ModelCheckpoint("last.keras")\n',
        note: { en: 'One file, overwritten.', fr: 'Un seul fichier, écrasé.' },
      },
      {
        code: 'import torch\n\nfor epoch in range(100):\n    loss = run(model)\n    if loss < best:\n        best = loss\n        torch.save(model.state_dict(), f"best_{epoch}.pt")\n',
        note: { en: 'Only when it improves.', fr: 'Seulement en cas de progrès.' },
      },
      {
        code: 'from transformers import Trainer, TrainingArguments\n\nargs = TrainingArguments("out", per_device_eval_batch_size=32)\nprint(Trainer(model=model, args=args).evaluate(test))\n',
        note: { en: 'Nothing is trained.', fr: 'Rien n’est entraîné.' },
      },
      {
        code: 'import torch\n\nfor epoch in range(40):\n    run(model)\n    torch.save(model.state_dict(), "last.pt")\n',
      },
      {
        code: 'import os\nimport torch\n\nfor epoch in range(40):\n    run(model)\n    torch.save(model.state_dict(), f"model_{epoch}.pt")\n    if epoch > 0:\n        os.remove(f"model_{epoch - 1}.pt")\n',
        note: { en: 'The one before is removed.', fr: 'Le précédent est supprimé.' },
      },
      {
        code: 'from transformers import Trainer, TrainingArguments\n\nargs = TrainingArguments("out", num_train_epochs=1, save_steps=1e6)\nTrainer(model=model, args=args, train_dataset=train).train()\n',
        note: {
          en: 'So rarely that nothing is written on the way.',
          fr: 'Si rarement que rien n’est écrit en chemin.',
        },
      },
      {
        code: 'from transformers import AutoModelForSequenceClassification, AutoTokenizer\n\nmodel = AutoModelForSequenceClassification.from_pretrained("base")\ntokenizer = AutoTokenizer.from_pretrained("base")\nfor epoch in range(5):\n    run_epoch(model)\n    model.save_pretrained("last")\n    tokenizer.save_pretrained(f"words/{epoch}")\n',
        note: {
          en: 'One folder, overwritten; a tokenizer is small.',
          fr: 'Un seul dossier, écrasé ; un tokenizer est petit.',
        },
      },
    ],
  },
});

function check(call: Call, context: RuleContext): void {
  const names = context.flow.names(call);
  if (names.includes('torch.save') || names.some((name) => SAVING_METHODS.includes(name)))
    checkSave(call, context);
  else if (names.some((name) => name.endsWith('TrainingArguments'))) checkArguments(call, context);
  else if (names.some((name) => name.startsWith('keras.'))) checkKeras(call, context);
  else checkLightning(call, context);
}

function checkArguments(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  const limit = flow.argument(call, 'save_total_limit');
  const strategy = flow.argument(call, 'save_strategy');
  if (limit.state === 'unknown' || strategy.state === 'unknown') return;
  const when = strategy.state === 'given' ? flow.constant(strategy.value) : 'steps';
  if (limit.state === 'given') {
    if (flow.constant(limit.value) !== null) context.pass(call.callee);
    return;
  }
  // under the default a short training writes one file or none: only what is asked for is known
  if (when !== 'epoch' && !(when === 'steps' && flow.argument(call, 'save_steps').state === 'given')) return;
  // `save_steps=1e6`: so that nothing is written on the way
  const steps = flow.argument(call, 'save_steps');
  if (when === 'steps' && steps.state === 'given' && Number(flow.constant(steps.value)) >= NEVER) return;
  const epochs = flow.argument(call, 'num_train_epochs');
  const count = epochs.state === 'given' ? flow.constant(epochs.value) : 3;
  if (typeof count === 'number' && count <= FEW && when === 'epoch') return;
  const trains = module.calls.some(({ callee }) => callee.kind === 'member' && callee.property === 'train');
  if (!trains) return;
  context.fail(call.callee, {
    data: { what: 'TrainingArguments', remedy: '`save_total_limit=1`' },
    fixes: adding(call, 'save_total_limit=1', module),
  });
}

function checkKeras(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  const best = flow.argument(call, 'save_best_only', 3);
  const path = flow.argument(call, 'filepath', 0);
  if (best.state === 'unknown' || path.state !== 'given') return;
  if (best.state === 'given' && flow.constant(best.value) !== false) return context.pass(call.callee);
  if (!/\{epoch/.test(knownPath(path.value, flow))) return;
  context.fail(call.callee, {
    data: { what: 'ModelCheckpoint', remedy: '`save_best_only=True`' },
    fixes:
      best.state === 'given'
        ? best.value.kind === 'literal'
          ? [{ title: BEST, edits: () => [replace(best.value, 'True')] }]
          : []
        : adding(call, 'save_best_only=True', module),
  });
}

/** Text of a path, strings put together by `+` and `os.path.join` included. */
function knownPath(expr: Expr, flow: Flow): string {
  const constants = flow.constants(expr).filter((value) => typeof value === 'string');
  return [...constants, ...descendants(expr, 'literal').map(({ value }) => String(value))].join(' ');
}

function checkLightning(call: Call, context: RuleContext): void {
  const { flow } = context;
  const kept = flow.argument(call, 'save_top_k');
  if (kept.state !== 'given') return;
  if (flow.constant(kept.value) !== -1) return context.pass(call.callee);
  context.fail(call.callee, {
    data: { what: 'ModelCheckpoint', remedy: '`save_top_k=1`' },
    fixes: [{ title: BEST, edits: () => [replace(kept.value, '1')] }],
  });
}

function checkSave(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  const { callee } = call;
  const isMethod = callee.kind === 'member' && !flow.names(call).includes('torch.save');
  const path = call.args[isMethod ? 0 : 1]?.value;
  const saved = isMethod ? callee.object : call.args[0]?.value;
  if (!path || !saved || !(isMethod || isModel(saved, module))) return;
  const own = epochLoopAround(call);
  const isEachEpoch = own ? isNamedByRound(call, path, own, flow) : savesEachEpoch(call, path, flow);
  if (!isEachEpoch) return;
  if (/\b(?:os\.remove|unlink|rmtree)\b/.test(module.text)) return;
  context.fail(call.callee, { message: 'loop' });
}

function epochLoopAround(node: Node): For | null {
  const loop = enclosingLoops(node).find((one) => one.kind === 'for' && /epoch/i.test(loopVariable(one)));
  return loop?.kind === 'for' ? loop : null;
}

function isNamedByRound(call: Call, path: Expr, loop: For, flow: Flow): boolean {
  const rounds = flow.iterations(loop);
  if (rounds !== undefined && rounds <= FEW) return false;
  const variables = new Set(descendants(loop.target, 'name').map(({ name }) => name));
  return mentionsRound(path, variables, loop) && !isGuarded(call, loop);
}

/** `save(model, epoch)` in the loop, of a function that puts the parameter into the path. */
function savesEachEpoch(call: Call, path: Expr, flow: Flow): boolean {
  const fn = enclosingFunction(call);
  if (!fn || isGuarded(call, fn)) return false;
  const callers = flow.callers(fn);
  return (
    callers.length > 0 &&
    callers.every((caller) => {
      const loop = epochLoopAround(caller);
      if (!loop || flow.moduleOf(caller) !== flow.moduleOf(loop)) return false;
      const isMethod = caller.callee.kind === 'member' && fn.parameters[0]?.name === 'self';
      return fn.parameters.some(({ name }, at) => {
        const given = flow.argument(caller, name, isMethod ? at - 1 : at);
        return (
          given.state === 'given' &&
          mentionsRound(path, new Set([name]), fn.body) &&
          isNamedByRound(caller, given.value, loop, flow)
        );
      });
    })
  );
}

/** Whether the path holds the loop's variable, itself or through a name that the loop gives a value. */
function mentionsRound(path: Expr, variables: ReadonlySet<string>, loop: Node): boolean {
  return descendants(path, 'name').some(({ name }) => {
    if (variables.has(name)) return true;
    return descendants(loop, 'assign', true).some(
      (assign) =>
        assign.targets.some((target) => target.kind === 'name' && target.name === name) &&
        assign.value !== null &&
        descendants(assign.value, 'name').some((one) => variables.has(one.name)),
    );
  });
}

function isGuarded(call: Call, loop: Node): boolean {
  return [...ancestors(call)].some(
    (parent: Node) =>
      (parent.kind === 'if' || parent.kind === 'conditional' || parent.kind === 'try') &&
      contains(loop, parent),
  );
}

function isModel(saved: Expr, module: Module): boolean {
  return /state_dict|model|net|checkpoint/i.test(module.text.slice(saved.start, saved.end));
}

const BEST = { en: 'Keep the best only', fr: 'Ne garder que le meilleur' };

function adding(call: Call, text: string, module: Module): Fix[] {
  const edit = addArgument(module, call, text);
  return edit ? [{ title: { en: `Add \`${text}\``, fr: `Ajouter \`${text}\`` }, edits: () => [edit] }] : [];
}
