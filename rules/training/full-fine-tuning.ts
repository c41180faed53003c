import type { ArgumentLookup, Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, Module } from '../../analysis/model.ts';
import { lastName, statementOf } from '../../analysis/tree.ts';
import { addArgument, insertBefore, startsLine } from '../edits.ts';
import { paramsOf } from '../knowledge/models.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { folderOf } from '../semantics/files.ts';
import { inProgram, memoizedWhole } from '../semantics/memo.ts';
import { isBackward, isRun } from '../semantics/training.ts';

/** Millions of parameters from which adapters are the usual way. */
const LARGE = 1000;

/** Adapters. */
const ADAPTERS = /\b(?:peft|get_peft_model|LoraConfig|add_adapter|loralib|unsloth|adapters)\b/;

/** Other ways to train a part of the weights, or all of them for less. */
const OTHER_WAYS =
  /requires_grad|\bfreeze\w*\(|galore|lomo\b|badam|\blisa\b|spectrum|BitFit|layers_to_unfreeze|\bteacher\b|load_in_[48]bit/i;

/** Of hand-written loops: the optimizer says whose weights are trained. */
const OPTIMIZERS = [
  'torch.optim.*',
  'transformers.AdamW',
  'transformers.Adafactor',
  'transformers.optimization.*',
  'bitsandbytes.optim.*',
];

/** PEFT's name of the task, by the end of the model class's name. */
const TASK_TYPES: readonly (readonly [ending: RegExp, type: string])[] = [
  [/ForCausalLM$|LMHeadModel$/, 'CAUSAL_LM'],
  [/Seq2SeqLM$|ForConditionalGeneration$/, 'SEQ_2_SEQ_LM'],
  [/ForSequenceClassification$/, 'SEQ_CLS'],
  [/ForTokenClassification$/, 'TOKEN_CLS'],
];

export default defineRule({
  id: 'full-fine-tuning',
  phase: 'training',
  languages: ['python'],
  severity: 'information',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'memory',
    band: 'high',
    source: {
      en: 'PEFT README: T0_3B on one A100 takes 47.14 GB fully trained and 14.4 GB with LoRA; 0.1193 % of the weights are trained.',
      fr: 'README de PEFT : T0_3B sur un A100 prend 47,14 Go entraîné en entier et 14,4 Go avec LoRA ; 0,1193 % des poids sont entraînés.',
    },
  },
  references: {
    course: [
      'Phase de conception — Favoriser la réutilisation : « Privilégier le transfer learning ou la fine-tuning ciblée. »',
    ],
    links: ['https://huggingface.co/docs/peft/quicktour', 'https://github.com/huggingface/peft'],
  },
  libraries: ['transformers', 'trl'],
  title: {
    en: 'Every weight of a large model is trained',
    fr: 'Tous les poids d’un grand modèle sont entraînés',
  },
  what: {
    en: 'A `Trainer`, `Seq2SeqTrainer` or `SFTTrainer` that trains a model of more than a billion parameters, with no adapter and no frozen layer in the program.',
    fr: 'Un `Trainer`, `Seq2SeqTrainer` ou `SFTTrainer` qui entraîne un modèle de plus d’un milliard de paramètres, sans adaptateur ni couche gelée dans le programme.',
  },
  why: {
    en: 'Gradients and Adam’s state are kept for each trained weight. With LoRA, T0_3B (3 billion) takes 14.4 GB on one GPU in place of 47.14 GB, with about 0.12 % of its weights trained (PEFT README); what is saved afterwards is an adapter of some megabytes, not a second model.',
    fr: 'Chaque poids entraîné demande son gradient et l’état d’Adam. Avec LoRA, T0_3B (3 milliards) prend 14,4 Go sur un GPU au lieu de 47,14 Go, avec environ 0,12 % de ses poids entraînés (README de PEFT) ; on enregistre ensuite un adaptateur de quelques mégaoctets, pas un second modèle.',
  },
  instead: {
    en: 'Train a LoRA adapter: `SFTTrainer(…, peft_config=LoraConfig(…))`, or `get_peft_model(model, LoraConfig(…))` before `Trainer`; QLoRA loads the base in 4 bits. Its learning rate is usually about ten times higher. Ignore the rule for continued pretraining, or where you measured that LoRA falls short.',
    fr: 'Entraînez un adaptateur LoRA : `SFTTrainer(…, peft_config=LoraConfig(…))`, ou `get_peft_model(model, LoraConfig(…))` avant `Trainer` ; QLoRA charge la base en 4 bits. Son taux d’apprentissage est en général environ dix fois plus grand. À ignorer pour un pré-entraînement poursuivi, ou si vous avez mesuré que LoRA ne suffit pas.',
  },
  messages: {
    default: {
      en: 'All {billions} billion weights of `{model}` are trained: train a LoRA adapter instead.',
      fr: 'Les {billions} milliards de poids de `{model}` sont tous entraînés : entraînez plutôt un adaptateur LoRA.',
    },
  },
  on: {
    calls: {
      names: ['transformers.Trainer', 'transformers.Seq2SeqTrainer', 'trl.SFTTrainer', ...OPTIMIZERS],
      check,
    },
  },
  examples: {
    bad: [
      {
        code: 'from transformers import AutoModelForCausalLM, Trainer, TrainingArguments\n\nmodel = AutoModelForCausalLM.from_pretrained("facebook/opt-1.3b")\nargs = TrainingArguments("out", num_train_epochs=2)\ntrainer = Trainer(model=model, args=args, train_dataset=poems)\ntrainer.train()\n',
        fixed:
          'from transformers import AutoModelForCausalLM, Trainer, TrainingArguments\nfrom peft import LoraConfig\nfrom peft import get_peft_model\n\nmodel = AutoModelForCausalLM.from_pretrained("facebook/opt-1.3b")\nargs = TrainingArguments("out", num_train_epochs=2)\nmodel = get_peft_model(model, LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"))\ntrainer = Trainer(model=model, args=args, train_dataset=poems)\ntrainer.train()\n',
      },
      {
        code: 'from trl import SFTConfig, SFTTrainer\n\ntrainer = SFTTrainer(\n    model="mistralai/Mistral-7B-v0.1",\n    train_dataset=dialogues,\n    args=SFTConfig(output_dir="out"),\n)\ntrainer.train()\n',
        fixed:
          'from trl import SFTConfig, SFTTrainer\nfrom peft import LoraConfig\n\ntrainer = SFTTrainer(\n    model="mistralai/Mistral-7B-v0.1",\n    train_dataset=dialogues,\n    args=SFTConfig(output_dir="out"),\n    peft_config=LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"),\n)\ntrainer.train()\n',
      },
      {
        code: 'from transformers import AutoModelForSeq2SeqLM, Seq2SeqTrainer\n\nCHECKPOINT = "google/flan-t5-xl"\n\n\ndef main():\n    net = AutoModelForSeq2SeqLM.from_pretrained(CHECKPOINT)\n    trainer = Seq2SeqTrainer(net, args, train_dataset=data)\n    trainer.train()\n\n\nmain()\n',
        fixed:
          'from transformers import AutoModelForSeq2SeqLM, Seq2SeqTrainer\nfrom peft import LoraConfig\nfrom peft import get_peft_model\n\nCHECKPOINT = "google/flan-t5-xl"\n\n\ndef main():\n    net = AutoModelForSeq2SeqLM.from_pretrained(CHECKPOINT)\n    net = get_peft_model(net, LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="SEQ_2_SEQ_LM"))\n    trainer = Seq2SeqTrainer(net, args, train_dataset=data)\n    trainer.train()\n\n\nmain()\n',
      },
      {
        code: 'from transformers import AutoModelForCausalLM, Trainer, TrainingArguments\n\nmodel = AutoModelForCausalLM.from_pretrained("facebook/opt-1.3b")\nargs = TrainingArguments("out", gradient_checkpointing=True)\ntrainer = Trainer(model=model, args=args, train_dataset=poems)\ntrainer.train()\n',
        fixed:
          'from transformers import AutoModelForCausalLM, Trainer, TrainingArguments\nfrom peft import LoraConfig\nfrom peft import get_peft_model\n\nmodel = AutoModelForCausalLM.from_pretrained("facebook/opt-1.3b")\nargs = TrainingArguments("out", gradient_checkpointing=True)\nmodel.enable_input_require_grads()\nmodel = get_peft_model(model, LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"))\ntrainer = Trainer(model=model, args=args, train_dataset=poems)\ntrainer.train()\n',
        note: {
          en: 'With checkpointing, the frozen embeddings’ output needs gradients.',
          fr: 'Avec le checkpointing, la sortie des plongements gelés doit porter des gradients.',
        },
      },
      {
        code: 'import torch\nfrom transformers import AutoModelForCausalLM\n\nmodel = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1", torch_dtype=torch.bfloat16).cuda()\noptimizer = torch.optim.AdamW(model.parameters(), lr=1e-5)\nfor batch in batches:\n    loss = model(**batch).loss\n    loss.backward()\n    optimizer.step()\n    optimizer.zero_grad()\n',
        fixed:
          'import torch\nfrom transformers import AutoModelForCausalLM\nfrom peft import LoraConfig\nfrom peft import get_peft_model\n\nmodel = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1", torch_dtype=torch.bfloat16).cuda()\nmodel = get_peft_model(model, LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"))\noptimizer = torch.optim.AdamW(model.parameters(), lr=1e-5)\nfor batch in batches:\n    loss = model(**batch).loss\n    loss.backward()\n    optimizer.step()\n    optimizer.zero_grad()\n',
        note: { en: 'A loop of one’s own.', fr: 'Une boucle maison.' },
      },
    ],
    good: [
      {
        file: 'full.py',
        code: 'from transformers import AutoModelForCausalLM, Trainer\n\nmodel = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")\ntrainer = Trainer(model=model, args=args, train_dataset=data)\ntrainer.train()\n',
        files: {
          'adapter.py':
            'from peft import LoraConfig, get_peft_model\nfrom transformers import AutoModelForCausalLM, Trainer\n\nmodel = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")\nmodel = get_peft_model(model, LoraConfig(r=8))\ntrainer = Trainer(model=model, args=args, train_dataset=data)\ntrainer.train()\n',
        },
        note: {
          en: 'What the adapter beside it is measured against.',
          fr: 'Ce à quoi l’adaptateur voisin est comparé.',
        },
      },
      {
        code: 'from peft import LoraConfig\nfrom trl import SFTTrainer\n\ntrainer = SFTTrainer("mistralai/Mistral-7B-v0.1", train_dataset=data, peft_config=LoraConfig(r=8))\ntrainer.train()\n',
      },
      {
        code: 'from transformers import AutoModelForSequenceClassification, Trainer\n\nmodel = AutoModelForSequenceClassification.from_pretrained("distilbert-base-uncased")\nTrainer(model=model, train_dataset=data).train()\n',
        note: { en: '66 million parameters.', fr: '66 millions de paramètres.' },
      },
      {
        code: 'from transformers import AutoModelForCausalLM, Trainer\n\nmodel = AutoModelForCausalLM.from_pretrained("facebook/opt-1.3b")\nfor p in model.model.decoder.layers[:20].parameters():\n    p.requires_grad = False\nTrainer(model=model, train_dataset=data).train()\n',
        note: { en: 'Most layers are frozen.', fr: 'La plupart des couches sont gelées.' },
      },
      {
        code: 'from transformers import AutoModelForCausalLM, Trainer\n\nmodel = AutoModelForCausalLM.from_pretrained("facebook/opt-1.3b")\ntrainer = Trainer(model=model, eval_dataset=data)\nprint(trainer.evaluate())\n',
        note: { en: 'Nothing is trained.', fr: 'Rien n’est entraîné.' },
      },
      {
        code: 'import sys\nfrom transformers import AutoModelForCausalLM, Trainer\n\nmodel = AutoModelForCausalLM.from_pretrained(sys.argv[1])\nTrainer(model=model, train_dataset=data).train()\n',
        note: { en: 'The size is not known.', fr: 'La taille est inconnue.' },
      },
      {
        code: 'from transformers import AutoModelForCausalLM, Trainer\nfrom peft import LoraConfig, get_peft_model\n\nbase = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-2-7b-hf")\nmodel = get_peft_model(base, LoraConfig(task_type="CAUSAL_LM"))\nTrainer(model=model, train_dataset=data).train()\n',
      },
    ],
  },
});

function check(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  const owner = parametersOf(call, flow);
  const given: ArgumentLookup = owner ? { state: 'given', value: owner } : flow.argument(call, 'model', 0);
  if (given.state !== 'given') return;
  const isSft = flow.names(call).includes('trl.SFTTrainer');
  const large = largeModel(given.value, isSft, flow);
  if (!large || !(owner ? isRunBackward(module, flow) : isTrained(call, module, flow))) return;
  const modules = [...flow.related(module)];
  const adapter = flow.argument(call, 'peft_config');
  if (adapter.state === 'unknown') return;
  const hasAdapter = adapter.state === 'given' && flow.constant(adapter.value) === undefined;
  if (hasAdapter || modules.some(({ text }) => ADAPTERS.test(text))) return context.pass(call.callee);
  if (modules.some(({ text }) => OTHER_WAYS.test(text)) || isCompared(large.id, module, flow)) return;
  context.fail(call.callee, {
    data: { model: large.id, billions: (large.params / 1000).toFixed(1) },
    fixes: adapter.state === 'given' ? [] : loraFix(call, given.value, large.type, isSft, module),
  });
}

const withAdapters = memoizedWhole((flow) => flow.modules.filter(({ text }) => ADAPTERS.test(text)));

/** Beside it a script trains an adapter for the same model: this one is what the adapter is measured against. */
function isCompared(id: string, module: Module, flow: Flow): boolean {
  const folder = folderOf(module.path);
  return withAdapters(flow).some(
    (other) => other !== module && folderOf(other.path) === folder && other.text.includes(id),
  );
}

/** The model of `AdamW(model.parameters(), …)`. */
function parametersOf(call: Call, flow: Flow): Expr | null {
  const given = flow.argument(call, 'params', 0);
  if (given.state !== 'given' || given.value.kind !== 'call') return null;
  const { callee } = given.value;
  return callee.kind === 'member' && callee.property === 'parameters' ? callee.object : null;
}

const isRunBackward = inProgram((one, flow) =>
  one.calls.some((call) => isBackward(call, flow) && isRun(call, flow)),
);

/** The model, when each one it may be has more than a billion parameters. */
function largeModel(
  expr: Expr,
  byName: boolean,
  flow: Flow,
): { readonly id: string; readonly params: number; readonly type: string | null } | null {
  const named = byName ? flow.constant(expr) : undefined;
  if (typeof named === 'string') return sized(named, 'CAUSAL_LM');
  const objects = flow.objects(expr);
  const origin = objects.length === 1 ? objects[0]!.origin : null;
  if (origin?.callee.kind !== 'member' || origin.callee.property !== 'from_pretrained') return null;
  if (!flow.names(origin).some((name) => name.startsWith('transformers.'))) return null;
  const id = flow.argument(origin, 'pretrained_model_name_or_path', 0);
  const text = id.state === 'given' ? flow.constant(id.value) : undefined;
  if (typeof text !== 'string') return null;
  const owner = origin.callee.object;
  const className = lastName(owner);
  return sized(text, TASK_TYPES.find(([ending]) => ending.test(className))?.[1] ?? null);
}

function sized(id: string, type: string | null): ReturnType<typeof largeModel> {
  const params = paramsOf(id);
  return params !== undefined && params > LARGE ? { id, params, type } : null;
}

function isTrained(trainer: Call, module: Module, flow: Flow): boolean {
  return module.calls.some(
    ({ callee }) =>
      callee.kind === 'member' &&
      callee.property === 'train' &&
      (callee.object === trainer || flow.objects(callee.object).some(({ origin }) => origin === trainer)),
  );
}

function loraFix(call: Call, model: Expr, type: string | null, isSft: boolean, module: Module): Fix[] {
  if (!type) return [];
  const config = `LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="${type}")`;
  const title = { en: 'Train a LoRA adapter', fr: 'Entraîner un adaptateur LoRA' };
  if (isSft) {
    const edit = addArgument(module, call, `peft_config=${config}`);
    if (!edit) return [];
    return [{ title, edits: () => [edit], imports: ['from peft import LoraConfig'], packages: ['peft'] }];
  }
  const statement = statementOf(call);
  if (model.kind !== 'name' || !startsLine(module, statement)) return [];
  return [
    {
      title,
      edits: () => [
        insertBefore(module, statement, [
          // checkpointed layers need an input with gradients, and the frozen embeddings give none
          ...(/gradient_checkpointing(?!\s*=\s*False)/.test(module.text)
            ? [`${model.name}.enable_input_require_grads()`]
            : []),
          `${model.name} = get_peft_model(${model.name}, ${config})`,
        ]),
      ],
      imports: ['from peft import LoraConfig', 'from peft import get_peft_model'],
      packages: ['peft'],
    },
  ];
}
