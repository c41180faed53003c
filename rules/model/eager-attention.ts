import type { Flow } from '../../analysis/flow/types.ts';
import { ofModule } from '../../analysis/memo.ts';
import type { Call, Expr, Module, Name, Node } from '../../analysis/model.ts';
import { descendants } from '../../analysis/tree.ts';
import { replace, textOf } from '../edits.ts';
import { defineRule, type RuleContext } from '../rule.ts';
import { usesOfBinding } from '../semantics/bindings.ts';

/** Attributes of a transformers output that are not attention weights. */
const OTHER_OUTPUTS =
  /^(?:logits|loss|last_hidden_state|hidden_states|pooler_output|past_key_values|start_logits|end_logits|encoder_last_hidden_state|decoder_hidden_states|encoder_hidden_states|sequences|scores|text_embeds|image_embeds|logits_per_image|logits_per_text)$/;

/** Models whose authors ask for eager attention, or have no other; what looks into attention or exports the graph. */
const NEEDS_EAGER =
  /gemma|florence|phi-3(?:\.5)?-vision|\bfalcon\b|mpt|gpt-?oss|bertviz|captum|transformer_lens|attention_rollout|head_view|register_forward_hook|torch\.onnx|onnx\.export|jit\.trace|coremltools|openvino|optimum|head_mask|AttentionMask4D|sdpa|flash_attention/i;

export default defineRule({
  id: 'eager-attention',
  phase: 'model',
  languages: ['python'],
  severity: 'warning',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'memory',
    band: 'medium',
    source: {
      en: 'Hugging Face, transformers, “Attention backends”: SDPA is the default; eager writes the whole attention matrix, of the square of the length, for every head and layer.',
      fr: 'Hugging Face, transformers, « Attention backends » : SDPA est le choix par défaut ; eager écrit toute la matrice d’attention, du carré de la longueur, pour chaque tête et chaque couche.',
    },
  },
  references: {
    course: ['Simplification de graphes', "Phase de conception — Optimiser le pipeline d'apprentissage"],
    links: ['https://huggingface.co/docs/transformers/attention_interface'],
  },
  libraries: ['transformers'],
  title: { en: 'Attention forced to its slow form', fr: 'Attention ramenée à sa forme lente' },
  what: {
    en: 'A transformers model loaded with `attn_implementation="eager"` by a program that never looks at attention weights, or called with `output_attentions=True` whose attentions nobody reads.',
    fr: 'Un modèle transformers chargé avec `attn_implementation="eager"` par un programme qui ne regarde jamais les poids d’attention, ou appelé avec `output_attentions=True` sans que personne lise les attentions.',
  },
  why: {
    en: 'Eager attention writes to memory, for each head of each layer, a matrix whose size is the square of the text’s length, and reads it back; fused kernels (SDPA, FlashAttention) never do. Asking for the attentions makes transformers 4 fall back to eager, and keeps all these matrices until the output is dropped; transformers 5 gives none under SDPA, so that the argument does nothing there. On a CPU the gain begins with long texts: none at 32 and 128 words, half the memory at 512 (measured by this project).',
    fr: 'L’attention « eager » écrit en mémoire, pour chaque tête de chaque couche, une matrice de la taille du carré de la longueur du texte, puis la relit ; les noyaux fusionnés (SDPA, FlashAttention) ne le font jamais. Demander les attentions fait revenir transformers 4 à la forme eager et garde toutes ces matrices tant que la sortie existe ; transformers 5 n’en donne aucune sous SDPA, l’argument n’y fait donc rien. Sur CPU le gain vient avec les longs textes : nul à 32 et 128 mots, la moitié de la mémoire à 512 (mesuré par ce projet).',
  },
  instead: {
    en: 'Leave `attn_implementation` out (SDPA is the default where the model has it), and ask for attentions only in the code that shows them. Ignore the rule for models whose card asks for eager attention.',
    fr: 'N’indiquez pas `attn_implementation` (SDPA est choisi par défaut quand le modèle le permet) et ne demandez les attentions que dans le code qui les montre. À ignorer pour les modèles dont la fiche demande l’attention eager.',
  },
  messages: {
    default: {
      en: '`{option}` keeps the fused attention kernels off, and nothing here reads attention weights.',
      fr: '`{option}` écarte les noyaux d’attention fusionnés, et rien ici ne lit les poids d’attention.',
    },
    unused: {
      en: '`output_attentions=True`, but nobody reads `.attentions`: every attention matrix is made and kept.',
      fr: '`output_attentions=True`, mais personne ne lit `.attentions` : chaque matrice d’attention est faite et gardée.',
    },
  },
  on: { module: check },
  examples: {
    bad: [
      {
        code: 'from transformers import AutoModelForCausalLM, AutoTokenizer\n\nname = "Qwen/Qwen2.5-7B-Instruct"\ntokenizer = AutoTokenizer.from_pretrained(name)\nmodel = AutoModelForCausalLM.from_pretrained(name, device_map="auto", attn_implementation="eager")\ntext = tokenizer("Hello", return_tensors="pt")\nprint(tokenizer.decode(model.generate(**text, max_new_tokens=20)[0]))\n',
        fixed:
          'from transformers import AutoModelForCausalLM, AutoTokenizer\n\nname = "Qwen/Qwen2.5-7B-Instruct"\ntokenizer = AutoTokenizer.from_pretrained(name)\nmodel = AutoModelForCausalLM.from_pretrained(name, device_map="auto", attn_implementation="sdpa")\ntext = tokenizer("Hello", return_tensors="pt")\nprint(tokenizer.decode(model.generate(**text, max_new_tokens=20)[0]))\n',
      },
      {
        code: 'import torch\nfrom transformers import AutoModelForSequenceClassification\n\nmodel = AutoModelForSequenceClassification.from_pretrained("distilbert-base-uncased")\n\ndef classify(batch):\n    with torch.inference_mode():\n        outputs = model(**batch, output_attentions=True)\n    return outputs.logits.argmax(-1)\n',
        fixed:
          'import torch\nfrom transformers import AutoModelForSequenceClassification\n\nmodel = AutoModelForSequenceClassification.from_pretrained("distilbert-base-uncased")\n\ndef classify(batch):\n    with torch.inference_mode():\n        outputs = model(**batch, output_attentions=False)\n    return outputs.logits.argmax(-1)\n',
      },
      {
        code: "import torch\nfrom transformers import BertModel\n\nclass Encoder(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.bert = BertModel.from_pretrained('bert-base-uncased', attn_implementation='eager')\n\n    def forward(self, ids, mask):\n        return self.bert(ids, attention_mask=mask).pooler_output\n",
        fixed:
          "import torch\nfrom transformers import BertModel\n\nclass Encoder(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.bert = BertModel.from_pretrained('bert-base-uncased', attn_implementation='sdpa')\n\n    def forward(self, ids, mask):\n        return self.bert(ids, attention_mask=mask).pooler_output\n",
      },
      {
        code: 'import torch\nfrom transformers import AutoModel, AutoTokenizer\n\ntokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")\nmodel = AutoModel.from_pretrained("bert-base-uncased", output_attentions=True)\n\ndef embed(text):\n    with torch.inference_mode():\n        states = model(**tokenizer(text, return_tensors="pt")).last_hidden_state\n    return states.mean(1)\n',
        fixed:
          'import torch\nfrom transformers import AutoModel, AutoTokenizer\n\ntokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")\nmodel = AutoModel.from_pretrained("bert-base-uncased", output_attentions=False)\n\ndef embed(text):\n    with torch.inference_mode():\n        states = model(**tokenizer(text, return_tensors="pt")).last_hidden_state\n    return states.mean(1)\n',
        note: { en: 'Asked for as the model is loaded.', fr: 'Demandées au chargement du modèle.' },
      },
    ],
    good: [
      {
        code: 'from bertviz import head_view\nfrom transformers import AutoModel, AutoTokenizer\n\ntokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")\nmodel = AutoModel.from_pretrained("bert-base-uncased", output_attentions=True)\noutputs = model(**tokenizer("a", return_tensors="pt"))\nhead_view(outputs[-1], ["a"])\n',
      },
      {
        code: 'from transformers import AutoModel\n\nmodel = AutoModel.from_pretrained("bert-base-uncased", attn_implementation="eager")\n\ndef attention_map(batch):\n    outputs = model(**batch, output_attentions=True)\n    return outputs.attentions[-1].mean(dim=1)\n',
        note: {
          en: 'The attention weights are what is wanted.',
          fr: 'Ce sont les poids d’attention qu’on veut.',
        },
      },
      {
        code: 'from transformers import AutoModelForCausalLM\n\nmodel = AutoModelForCausalLM.from_pretrained("google/gemma-2-2b", attn_implementation="eager")\n',
        note: {
          en: 'Gemma 2’s authors ask for it in training.',
          fr: 'Les auteurs de Gemma 2 le demandent à l’entraînement.',
        },
      },
      {
        code: 'from transformers import AutoModelForCausalLM\n\nmodel = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B", attn_implementation="flash_attention_2")\n',
      },
      {
        code: 'from transformers import AutoModel\n\nmodel = AutoModel.from_pretrained("bert-base-uncased")\n\ndef run(batch):\n    outputs = model(**batch, output_attentions=True)\n    return outputs\n',
        note: { en: 'The caller may read them.', fr: 'L’appelant les lit peut-être.' },
      },
      {
        code: 'import torch\nfrom transformers import AutoModel\n\nmodel = AutoModel.from_pretrained("bert-base-uncased", attn_implementation="eager")\ntorch.onnx.export(model, torch.ones(1, 8, dtype=torch.long), "bert.onnx")\n',
        note: {
          en: 'Exported: eager attention has plain operators.',
          fr: 'Exporté : l’attention eager a des opérateurs simples.',
        },
      },
    ],
  },
});

function check(module: Module, context: RuleContext): void {
  const { flow } = context;
  for (const call of module.calls) {
    const names = flow.names(call);
    if (
      names.some((name) =>
        /^transformers\.[\w.]*\.(?:from_pretrained|from_config)$|^transformers\.\w+Config$/.test(name),
      )
    )
      checkLoading(call, module, context);
    const asked = call.args.find(({ name }) => name === 'output_attentions');
    if (!asked || flow.constant(asked.value) !== true) continue;
    const isAsked = names.some((name) => name.endsWith('.from_pretrained'))
      ? neverRead(flow, call)
      : runsModel(flow, call) && isReadOtherwise(flow, call);
    if (!isAsked) continue;
    context.fail(asked, {
      message: 'unused',
      fixes: [
        {
          title: { en: 'Leave the attentions out', fr: 'Ne pas demander les attentions' },
          edits: () => [replace(asked.value, 'False')],
        },
      ],
    });
  }
}

function checkLoading(call: Call, module: Module, context: RuleContext): void {
  const { flow } = context;
  const option = call.args.find(
    ({ name }) => name === 'attn_implementation' || name === '_attn_implementation',
  );
  const remote = call.args.some(
    ({ name, value }) => name === 'trust_remote_code' && flow.constant(value) !== false,
  );
  if (!option || remote || flow.constant(option.value) !== 'eager') {
    const chosen = option && flow.constant(option.value);
    if (option && typeof chosen === 'string' && chosen !== 'eager') context.pass(option);
    return;
  }
  const id = call.args[0] && flow.constants(call.args[0].value);
  if (id?.some((one) => NEEDS_EAGER.test(String(one)))) return;
  if ([...flow.related(module)].some((one) => looksInside(one))) return;
  context.fail(option, {
    data: { option: textOf(module, option) },
    fixes:
      option.value.kind === 'literal'
        ? [
            {
              title: { en: 'Use the fused kernels (SDPA)', fr: 'Utiliser les noyaux fusionnés (SDPA)' },
              edits: () => [replace(option.value, textOf(module, option.value).replace('eager', 'sdpa'))],
            },
          ]
        : [],
  });
}

/** Whether the module reads attention weights, exports, compares, or works with a model that needs eager attention. */
const looksInside = ofModule((module): boolean => {
  const reads =
    descendants(module.body, 'member').some((one) => /attentions$|^output_attentions$/.test(one.property)) ||
    descendants(module.body, 'argument').some(({ name }) => name === 'output_attentions') ||
    descendants(module.body, 'literal').some((one) => one.value === 'attentions');
  return reads || NEEDS_EAGER.test(module.text);
});

/** Whether a loaded model only runs where its other outputs are read. */
function neverRead(flow: Flow, loading: Call): boolean {
  const [model] = flow.objects(loading);
  if (model?.origin !== loading || !model.types.includes('torch.nn.Module')) return false;
  const uses = flow.uses(model);
  const runs = uses.filter(({ role }) => role === 'callee');
  return (
    runs.length > 0 &&
    runs.every(({ call }) => isReadOtherwise(flow, call)) &&
    uses.every(({ role }) => role !== 'argument')
  );
}

/** Whether the call passes something through a model. */
function runsModel(flow: Flow, call: Call): boolean {
  return flow
    .objects(call.callee)
    .some(({ types }) =>
      types.some((type) => type.startsWith('transformers.') || type === 'torch.nn.Module'),
    );
}

/** Whether everything that is done with the output is seen, and none of it reads attentions. */
function isReadOtherwise(flow: Flow, call: Call): boolean {
  if (isOther(call)) return true;
  const assign = call.parent;
  if (assign?.kind !== 'assign' || assign.targets.length !== 1) return false;
  const [target] = assign.targets;
  if (target?.kind !== 'name') return false;
  const uses = usesOfBinding(flow, target as Name, assign as Node);
  return uses.length > 0 && uses.every((use) => isOther(use));
}

/** `outputs.logits`, `outputs["logits"]`. */
function isOther(expr: Expr): boolean {
  const parent = expr.parent;
  if (parent?.kind === 'member') return parent.object === expr && OTHER_OUTPUTS.test(parent.property);
  return (
    parent?.kind === 'index' &&
    parent.object === expr &&
    parent.index.kind === 'literal' &&
    OTHER_OUTPUTS.test(String(parent.index.value))
  );
}
