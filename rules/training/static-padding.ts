import type { Flow } from '../../analysis/flow/types.ts';
import type { Argument, Call, FunctionNode, Module } from '../../analysis/model.ts';
import { ancestors, enclosingFunction, lastName } from '../../analysis/tree.ts';
import { addArgument, replace, textOf } from '../edits.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { statedInProgram } from '../semantics/memo.ts';

/** Places that want one length for all: accelerators that compile per shape, exported and compiled graphs. */
const FIXED_SHAPES =
  /\b(?:torch_xla|xla_model|TPUStrategy|TPUClusterResolver|TPU|tpu|jax|flax|onnx|onnxruntime|tensorrt|openvino|coreml\w*|tflite|neuronx?|habana)\b|tpu_|_tpu/;

/** Models trained on inputs padded to the full length, which they need. */
const FIXED_MODELS =
  /whisper|siglip|\bclip\b|CLIP(?:Tokenizer|Processor|Model|Text)|diffusion|diffusers|controlnet/i;

/** A length up to which there is nothing to win. */
const SHORT = 32;

export default defineRule({
  id: 'static-padding',
  phase: 'training',
  languages: ['python'],
  severity: 'information',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'high',
    source: {
      en: 'Timed by hand for this project: DistilBERT, batch of 8, 64 real tokens: 2193 ms padded to 512, 242 ms padded to the batch; bench/evidence runs the fix itself (below).',
      fr: 'Chronométré à la main pour ce projet : DistilBERT, lot de 8, 64 jetons utiles : 2193 ms complété à 512, 242 ms complété au plus long du lot ; bench/evidence exécute la correction elle-même (ci-dessous).',
    },
  },
  references: {
    course: [
      "Phase de conception — Optimiser le pipeline d'apprentissage",
      'Recommandations aux développeurs : « Utiliser des données justes et utiles, pas massives »',
    ],
    links: ['https://huggingface.co/docs/transformers/pad_truncation'],
  },
  libraries: ['transformers'],
  title: { en: 'Texts padded to the maximum length', fr: 'Textes complétés à la longueur maximale' },
  what: {
    en: 'A tokenizer called with `padding="max_length"` (or `pad_to_max_length=True`). Programs for TPUs, exported graphs and models that need the full length are left out, and so are lengths of 32 tokens and fewer.',
    fr: 'Un tokenizer appelé avec `padding="max_length"` (ou `pad_to_max_length=True`). Les programmes pour TPU, les graphes exportés et les modèles qui exigent la longueur entière sont exclus, ainsi que les longueurs de 32 tokens et moins.',
  },
  why: {
    en: 'The model computes on padding as on words. With 64 real tokens, DistilBERT took 2193 ms for a batch padded to 512 and 242 ms for one padded to its longest text (measured on 2 vCPU). For a CamemBERT training, dynamic padding and batches of like lengths brought 4 h 38 down to 1 h 01 with the same accuracy (Lefebvre Sarrut 2020).',
    fr: 'Le modèle calcule sur le remplissage comme sur les mots. Avec 64 tokens réels, DistilBERT a pris 2193 ms pour un lot complété à 512 et 242 ms pour un lot complété à son texte le plus long (mesuré sur 2 vCPU). Pour un entraînement de CamemBERT, le remplissage dynamique et des lots de longueurs voisines ont ramené 4 h 38 à 1 h 01, à précision égale (Lefebvre Sarrut 2020).',
  },
  instead: {
    en: 'Pad each batch to its longest text: `padding=True` where the call takes a batch, else leave padding to `DataCollatorWithPadding(tokenizer)` and keep `truncation=True`. Ignore the rule where the hardware or an exported graph needs one shape.',
    fr: 'Complétez chaque lot à son texte le plus long : `padding=True` si l’appel reçoit un lot, sinon laissez faire `DataCollatorWithPadding(tokenizer)` en gardant `truncation=True`. À ignorer si le matériel ou un graphe exporté exige une forme unique.',
  },
  messages: {
    default: {
      en: '`{argument}` pads every text to {length} tokens, and the model computes on all of them: pad to the batch’s longest.',
      fr: '`{argument}` complète chaque texte à {length} tokens, tous calculés par le modèle : complétez au plus long du lot.',
    },
  },
  on: { module: check },
  examples: {
    bad: [
      {
        code: 'import torch\nfrom transformers import AutoModelForSequenceClassification, AutoTokenizer\n\ntokenizer = AutoTokenizer.from_pretrained("distilbert-base-uncased")\nmodel = AutoModelForSequenceClassification.from_pretrained("distilbert-base-uncased")\n\n@torch.no_grad()\ndef predict(text):\n    inputs = tokenizer(text, truncation=True, padding="max_length", max_length=256, return_tensors="pt")\n    return model(**inputs).logits.argmax(-1)\n',
        fixed:
          'import torch\nfrom transformers import AutoModelForSequenceClassification, AutoTokenizer\n\ntokenizer = AutoTokenizer.from_pretrained("distilbert-base-uncased")\nmodel = AutoModelForSequenceClassification.from_pretrained("distilbert-base-uncased")\n\n@torch.no_grad()\ndef predict(text):\n    inputs = tokenizer(text, truncation=True, padding=True, max_length=256, return_tensors="pt")\n    return model(**inputs).logits.argmax(-1)\n',
      },
      {
        code: 'from datasets import load_dataset\nfrom transformers import AutoTokenizer, Trainer\n\ntokenizer = AutoTokenizer.from_pretrained("distilbert-base-uncased")\n\ndef tokenize(batch):\n    return tokenizer(batch["text"], padding="max_length", truncation=True)\n\ndata = load_dataset("emotion").map(tokenize, batched=True)\ntrainer = Trainer(model=model, args=args, train_dataset=data["train"])\n',
        fixed:
          'from datasets import load_dataset\nfrom transformers import AutoTokenizer, Trainer, DataCollatorWithPadding\n\ntokenizer = AutoTokenizer.from_pretrained("distilbert-base-uncased")\n\ndef tokenize(batch):\n    return tokenizer(batch["text"], padding=False, truncation=True)\n\ndata = load_dataset("emotion").map(tokenize, batched=True)\ntrainer = Trainer(model=model, args=args, train_dataset=data["train"], data_collator=DataCollatorWithPadding(tokenizer))\n',
      },
      {
        code: 'from torch.utils.data import Dataset\nfrom transformers import BertTokenizer\n\nclass Reviews(Dataset):\n    def __init__(self, texts):\n        self.texts = texts\n        self.tokenizer = BertTokenizer.from_pretrained("bert-base-uncased")\n\n    def __getitem__(self, index):\n        return self.tokenizer.encode_plus(\n            self.texts[index],\n            max_length=512,\n            pad_to_max_length=True,\n            return_tensors="pt",\n        )\n',
      },
    ],
    good: [
      {
        code: 'from transformers import AutoTokenizer\n\ntokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")\nbatch = tokenizer(texts, padding=True, truncation=True, max_length=512)\n',
      },
      {
        code: 'import torch_xla.core.xla_model as xm\nfrom transformers import AutoTokenizer\n\ntokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")\nbatch = tokenizer(texts, padding="max_length", max_length=128)\n',
        note: { en: 'A TPU compiles per shape.', fr: 'Un TPU compile par forme.' },
      },
      {
        code: 'from transformers import WhisperProcessor\n\nprocessor = WhisperProcessor.from_pretrained("openai/whisper-small")\nfeatures = processor(audio, padding="max_length", return_tensors="pt")\n',
        note: { en: 'Whisper needs thirty seconds.', fr: 'Whisper exige trente secondes.' },
      },
      {
        code: 'from transformers import AutoTokenizer\n\ntokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")\nLENGTH = 24\nbatch = tokenizer(titles, padding="max_length", max_length=LENGTH, truncation=True)\n',
        note: { en: 'Short anyhow.', fr: 'Court de toute façon.' },
      },
      {
        code: 'from transformers import AutoTokenizer\n\ntokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")\nquestions = tokenizer(texts, padding=True, return_tensors="pt")["input_ids"]\nanswers = tokenizer(labels, padding="max_length", max_length=questions.shape[1], return_tensors="pt")\n',
        note: { en: 'As long as the batch it goes with.', fr: 'Aussi long que le lot qu’il accompagne.' },
      },
      {
        code: 'from transformers import AutoTokenizer, DataCollatorWithPadding\n\ntokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")\ndata = data.map(lambda row: tokenizer(row["text"], truncation=True))\ncollate = DataCollatorWithPadding(tokenizer)\n',
      },
      {
        code: 'import torch\nfrom transformers import AutoTokenizer\n\ntokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")\nsample = tokenizer("one text", padding="max_length", max_length=128, return_tensors="pt")\ntorch.onnx.export(model, (sample["input_ids"],), "model.onnx")\n',
        note: { en: 'The exported graph has one shape.', fr: 'Le graphe exporté a une seule forme.' },
      },
    ],
  },
});

/** A length taken from the data at hand, `max_length=targets.shape[1]`: no more padding than the batch asks for. */
const MEASURED = /\.shape\b|\.size\(|\blen\(|\bmax\(/;

function check(module: Module, context: RuleContext): void {
  const { flow } = context;
  const found = module.calls.flatMap((call) => {
    const argument = paddingOf(call);
    return argument ? [{ call, argument }] : [];
  });
  if (found.length === 0 || FIXED_MODELS.test(module.text)) return;
  const told = new Set<FunctionNode | null>();
  for (const { call, argument } of found) {
    const place = { start: argument.start, end: argument.end };
    if (!isStatic(argument, flow)) {
      if (flow.names(call).some((name) => name.startsWith('transformers.PreTrainedTokenizer')))
        context.pass(place);
      continue;
    }
    const length = flow.argument(call, 'max_length');
    const tokens = length.state === 'given' ? flow.constant(length.value) : undefined;
    if (typeof tokens === 'number' && tokens <= SHORT) continue;
    if (length.state === 'given' && MEASURED.test(textOf(module, length.value))) continue;
    if (needsFixedShape(module, flow) || isNoTokenizer(call, flow)) continue;
    const fn = enclosingFunction(call);
    if (told.has(fn)) continue;
    told.add(fn);
    context.fail(place, {
      data: {
        argument: textOf(module, argument),
        length: typeof tokens === 'number' ? tokens : 'max_length',
      },
      fixes: fixOf(call, argument, module, flow),
    });
  }
}

function paddingOf(call: Call): Argument | null {
  return call.args.find(({ name }) => name === 'padding' || name === 'pad_to_max_length') ?? null;
}

function isStatic(argument: Argument, flow: Flow): boolean {
  const value = flow.constant(argument.value);
  return argument.name === 'padding' ? value === 'max_length' : value === true;
}

const needsFixedShape = statedInProgram((one) => FIXED_SHAPES.test(one.text));

/** Image and sound processors have the argument too. */
function isNoTokenizer(call: Call, flow: Flow): boolean {
  const { callee } = call;
  const text = lastName(callee);
  if (/processor|extractor|collator|pad$/i.test(text)) return true;
  return flow
    .names(call)
    .some((name) => !name.startsWith('?') && !/^transformers\.\w*Tokenizer\w*\./.test(name));
}

function fixOf(call: Call, argument: Argument, module: Module, flow: Flow): Fix[] {
  const fn = enclosingFunction(call);
  if (feedsModel(call, module)) {
    return [
      {
        title: { en: 'Pad to the batch’s longest text', fr: 'Compléter au texte le plus long du lot' },
        edits: () => [replace(argument, 'padding=True')],
      },
    ];
  }
  const trainers = module.calls.filter((one) => flow.names(one).includes('transformers.Trainer'));
  const [trainer] = trainers;
  const isMapped =
    fn?.name != null &&
    module.calls.some(
      (one) =>
        one.callee.kind === 'member' &&
        one.callee.property === 'map' &&
        one.args.some(({ value }) => value.kind === 'name' && value.name === fn.name),
    );
  if (!trainer || trainers.length > 1 || !isMapped || call.callee.kind !== 'name') return [];
  const tokenizer = call.callee.name;
  if (trainer.args.some(({ spread }) => spread)) return [];
  // the Trainer pads by itself when it knows the tokenizer
  const pads = trainer.args.some(({ name }) => name === 'tokenizer' || name === 'processing_class');
  if (trainer.args.some(({ name }) => name === 'data_collator')) return [];
  const collator = pads
    ? null
    : addArgument(module, trainer, `data_collator=DataCollatorWithPadding(${tokenizer})`);
  if (!pads && !collator) return [];
  return [
    {
      title: { en: 'Pad in the collator, batch by batch', fr: 'Compléter dans le collator, lot par lot' },
      edits: () => [replace(argument, 'padding=False'), ...(collator ? [collator] : [])],
      ...(pads ? {} : { imports: ['from transformers import DataCollatorWithPadding'] }),
    },
  ];
}

/** Whether the encoded batch goes to a model in the same function: `model(**inputs)`, `model(inputs["input_ids"])`. */
function feedsModel(call: Call, module: Module): boolean {
  let assigned: string | null = null;
  for (const parent of ancestors(call)) {
    if (parent.kind === 'assign') {
      const target = parent.targets[0];
      assigned = target?.kind === 'name' ? target.name : null;
      break;
    }
    if (parent.kind === 'block') break;
  }
  if (!assigned) return false;
  const fn = enclosingFunction(call);
  return module.calls.some(
    (one) =>
      one.start > call.end &&
      enclosingFunction(one) === fn &&
      /model|net|encoder|classifier|generate$/i.test(textOf(module, one.callee)) &&
      one.args.some(
        ({ value, spread }) =>
          (spread === 'dict' && value.kind === 'name' && value.name === assigned) ||
          (value.kind === 'index' && value.object.kind === 'name' && value.object.name === assigned),
      ),
  );
}
