import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, Module } from '../../analysis/model.ts';
import { replace } from '../edits.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { trainingSites } from '../semantics/training.ts';

export default defineRule({
  id: 'disabled-kv-cache',
  phase: 'model',
  languages: ['python'],
  severity: 'warning',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'high',
    source: {
      en: 'rules/knowledge levers: use_cache=True against False, 64 new tokens, 4267 -> 1688 ms (measured 2026-11, distilgpt2 on 2 vCPU)',
      fr: 'rules/knowledge, levers : use_cache=True contre False, 64 nouveaux jetons, 4267 -> 1688 ms (mesuré en 2026-11, distilgpt2 sur 2 vCPU)',
    },
  },
  references: {
    course: [
      'Phase de déploiement — Optimiser le modèle en production',
      'Cache des résultats et réduction des tokens',
    ],
    links: ['https://huggingface.co/docs/transformers/main/en/cache_explanation'],
  },
  libraries: ['transformers'],
  title: {
    en: 'Text generated without the key-value cache',
    fr: 'Génération de texte sans cache clé-valeur',
  },
  what: {
    en: 'Text is generated with `use_cache=False`: in `generate`, in its `GenerationConfig`, in a pipeline’s call, or on loading a model that only generates.',
    fr: 'Du texte est généré avec `use_cache=False` : dans `generate`, dans son `GenerationConfig`, à l’appel d’un pipeline, ou au chargement d’un modèle qui ne fait que générer.',
  },
  why: {
    en: 'Without the cache every new token runs the whole text so far through the model again: 64 tokens took 4,267 ms without it and 1,688 ms with it (distilgpt2 on two CPU cores, measured by this project, 2026), and the gap grows with length. `use_cache=False` belongs to training with gradient checkpointing.',
    fr: 'Sans ce cache, chaque nouveau token refait passer tout le texte dans le modèle : 64 tokens prennent 4 267 ms sans lui et 1 688 ms avec (distilgpt2 sur deux cœurs de CPU, mesure de ce projet, 2026), et l’écart croît avec la longueur. `use_cache=False` est fait pour l’entraînement avec gradient checkpointing.',
  },
  instead: {
    en: 'Leave `use_cache` at its default, `True`. Ignore this for a model of one’s own that has no cache, or where its memory does not fit.',
    fr: 'Laissez `use_cache` à sa valeur par défaut, `True`. À ignorer pour un modèle maison sans cache, ou si sa mémoire ne suffit pas.',
  },
  messages: {
    default: {
      en: 'use_cache=False runs the whole text through the model again for every new token.',
      fr: 'use_cache=False refait passer tout le texte dans le modèle à chaque nouveau token.',
    },
  },
  on: {
    calls: {
      names: [
        'transformers.PreTrainedModel.generate',
        'transformers.Pipeline.__call__',
        'transformers.GenerationConfig',
        'transformers.PreTrainedModel.from_pretrained',
        '?.generate',
      ],
      check,
    },
    module: checkSettings,
  },
  examples: {
    bad: [
      {
        code: 'from transformers import AutoModelForCausalLM, AutoTokenizer\n\ntokenizer = AutoTokenizer.from_pretrained("gpt2")\nmodel = AutoModelForCausalLM.from_pretrained("gpt2")\nids = tokenizer("Once upon", return_tensors="pt")\nprint(tokenizer.decode(model.generate(**ids, max_new_tokens=100, use_cache=False)[0]))\n',
        fixed:
          'from transformers import AutoModelForCausalLM, AutoTokenizer\n\ntokenizer = AutoTokenizer.from_pretrained("gpt2")\nmodel = AutoModelForCausalLM.from_pretrained("gpt2")\nids = tokenizer("Once upon", return_tensors="pt")\nprint(tokenizer.decode(model.generate(**ids, max_new_tokens=100, use_cache=True)[0]))\n',
      },
      {
        code: 'from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, GenerationConfig\n\ntokenizer = AutoTokenizer.from_pretrained("t5-small")\nmodel = AutoModelForSeq2SeqLM.from_pretrained("t5-small")\nconfig = GenerationConfig(\n    max_new_tokens=60,\n    use_cache=False,\n)\nids = tokenizer("summarize: " + text, return_tensors="pt")\nsummary = model.generate(**ids, generation_config=config)\n',
        fixed:
          'from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, GenerationConfig\n\ntokenizer = AutoTokenizer.from_pretrained("t5-small")\nmodel = AutoModelForSeq2SeqLM.from_pretrained("t5-small")\nconfig = GenerationConfig(\n    max_new_tokens=60,\n    use_cache=True,\n)\nids = tokenizer("summarize: " + text, return_tensors="pt")\nsummary = model.generate(**ids, generation_config=config)\n',
      },
      {
        code: 'from transformers import pipeline\n\nwriter = pipeline("text-generation", model="distilgpt2")\nfor prompt in prompts:\n    print(writer(prompt, max_new_tokens=40, use_cache=False)[0]["generated_text"])\n',
        fixed:
          'from transformers import pipeline\n\nwriter = pipeline("text-generation", model="distilgpt2")\nfor prompt in prompts:\n    print(writer(prompt, max_new_tokens=40, use_cache=True)[0]["generated_text"])\n',
      },
      {
        code: 'from transformers import AutoModelForCausalLM, AutoTokenizer\n\ntokenizer = AutoTokenizer.from_pretrained("gpt2")\nmodel = AutoModelForCausalLM.from_pretrained("gpt2")\nmodel.config.use_cache = False\nprint(tokenizer.decode(model.generate(**tokenizer("Once", return_tensors="pt"), max_new_tokens=64)[0]))\n',
        fixed:
          'from transformers import AutoModelForCausalLM, AutoTokenizer\n\ntokenizer = AutoTokenizer.from_pretrained("gpt2")\nmodel = AutoModelForCausalLM.from_pretrained("gpt2")\nmodel.config.use_cache = True\nprint(tokenizer.decode(model.generate(**tokenizer("Once", return_tensors="pt"), max_new_tokens=64)[0]))\n',
        note: { en: 'Set on the model’s configuration.', fr: 'Réglé dans la configuration du modèle.' },
      },
    ],
    good: [
      {
        code: 'from transformers import AutoModelForCausalLM, AutoTokenizer\n\ntokenizer = AutoTokenizer.from_pretrained("gpt2")\nmodel = AutoModelForCausalLM.from_pretrained("gpt2")\n\ndef hidden_states(text):\n    ids = tokenizer(text, return_tensors="pt").input_ids\n    return model.generate(ids, use_cache=False, max_new_tokens=1, return_dict_in_generate=True, output_hidden_states=True)\n',
        note: { en: 'One token: nothing to reuse.', fr: 'Un seul jeton : rien à réutiliser.' },
      },
      {
        code: 'from transformers import AutoModelForCausalLM, AutoTokenizer\n\ntokenizer = AutoTokenizer.from_pretrained("gpt2")\nmodel = AutoModelForCausalLM.from_pretrained("gpt2")\ninputs = tokenizer("Hello", return_tensors="pt")\nprint("Without cache:", model.generate(**inputs, use_cache=False, max_new_tokens=20))\nprint("With cache:", model.generate(**inputs, max_new_tokens=20))\n',
        note: { en: 'A comparison.', fr: 'Une comparaison.' },
      },
      {
        code: 'from transformers import AutoModelForCausalLM, Trainer, TrainingArguments\n\nmodel = AutoModelForCausalLM.from_pretrained("gpt2")\nmodel.config.use_cache = False\nTrainer(model=model, args=TrainingArguments("out"), train_dataset=data).train()\nprint(model.generate(ids, max_new_tokens=20))\n',
        note: { en: 'It trains.', fr: 'Il s’entraîne.' },
      },
      {
        code: 'from transformers import AutoModelForCausalLM, Trainer, TrainingArguments\n\nmodel = AutoModelForCausalLM.from_pretrained("gpt2", use_cache=False)\nTrainer(model=model, args=TrainingArguments("out", gradient_checkpointing=True), train_dataset=data).train()\nmodel.generate(ids, max_new_tokens=20, use_cache=True)\n',
        note: {
          en: 'Gradient checkpointing wants no cache; generation turns it on.',
          fr: 'Le gradient checkpointing n’en veut pas ; la génération le rallume.',
        },
      },
      {
        code: 'from transformers import AutoModelForCausalLM\n\nmodel = AutoModelForCausalLM.from_pretrained("gpt2")\nloss = model(ids, labels=ids, use_cache=False).loss\nloss.backward()\n',
        note: { en: 'A training pass.', fr: 'Une passe d’entraînement.' },
      },
      {
        code: 'from transformers import AutoModelForCausalLM\n\nmodel = AutoModelForCausalLM.from_pretrained("gpt2")\nprint(model.generate(ids, max_new_tokens=20))\n',
      },
      {
        code: 'from transformers import AutoModelForCausalLM\n\nmodel = AutoModelForCausalLM.from_pretrained("me/own-decoder", trust_remote_code=True)\nprint(model.generate(ids, max_new_tokens=20, use_cache=False))\n',
        note: {
          en: 'A model with code of its own may have no cache.',
          fr: 'Un modèle avec son propre code peut ne pas avoir de cache.',
        },
      },
      {
        code: 'import time\nfrom transformers import AutoModelForCausalLM\n\nmodel = AutoModelForCausalLM.from_pretrained("gpt2")\nfor use_cache in (True, False):\n    start = time.perf_counter()\n    model.generate(ids, max_new_tokens=100, use_cache=use_cache)\n    print(use_cache, time.perf_counter() - start)\n',
        note: { en: 'A comparison of both.', fr: 'Une comparaison des deux.' },
      },
      {
        code: 'import torch\nfrom transformers import AutoModelForCausalLM\n\nmodel = AutoModelForCausalLM.from_pretrained("gpt2", use_cache=False).eval()\nmodel.forward = torch.compile(model.forward, backend="tensorrt", dynamic=False)\nprint(model.generate(ids, max_length=40, use_cache=False))\n',
        note: {
          en: 'Compiled for fixed shapes: a cache would grow.',
          fr: 'Compilé pour des tailles fixes : un cache grandirait.',
        },
      },
    ],
  },
});

function check(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  const given = flow.argument(call, 'use_cache');
  if (given.state !== 'given' || flow.constant(given.value) !== false) return;
  const names = flow.names(call);
  if (names.includes('?.generate') && !/\b(?:transformers|peft)\b/.test(module.text)) return;
  if (/trust_remote_code\s*=\s*True/.test(module.text) || isCompared(module.text)) return;
  // a graph compiled for fixed shapes cannot take a cache that grows
  if (COMPILED.test(module.text)) return;
  // one token, read for its scores or hidden states: no second one would use the cache
  const tokens = flow.argument(call, 'max_new_tokens');
  if (tokens.state === 'given' && flow.constant(tokens.value) === 1) return;
  if (names.includes('transformers.PreTrainedModel.from_pretrained') && !onlyGenerates(call, flow)) return;
  const place: Expr = given.value;
  context.fail(place, {
    fixes: flow.moduleOf(place) === module && place.kind === 'literal' ? [turnedOn(place)] : [],
  });
}

/** `model.config.use_cache = False`, in a file that only generates. */
function checkSettings(module: Module, context: RuleContext): void {
  if (!module.text.includes('.use_cache') || isCompared(module.text)) return;
  const { flow } = context;
  for (const { targets, value } of module.assigns) {
    const target = targets.length === 1 ? targets[0] : undefined;
    if (target?.kind !== 'member' || target.property !== 'use_cache' || !value) continue;
    const config = target.object;
    if (config.kind !== 'member' || !/^(?:generation_)?config$/.test(config.property)) continue;
    if (flow.constant(value) !== false || !onlyGenerates(config.object, flow)) continue;
    if (/trust_remote_code\s*=\s*True/.test(module.text)) continue;
    context.fail(value, { fixes: value.kind === 'literal' ? [turnedOn(value)] : [] });
  }
}

const turnedOn = (place: Expr): Fix => ({
  title: { en: 'Use the key-value cache', fr: 'Utiliser le cache clé-valeur' },
  edits: () => [replace(place, 'True')],
});

const COMPILED = /\btorch\.compile\(|\btorch_tensorrt\b|\btorch\.export\b|\btorch\.jit\.trace\(/;

/** A benchmark of generation with and without the cache. */
const isCompared = (text: string): boolean =>
  (/use_cache['"]?\s*[=:]\s*True/.test(text) && /use_cache\s*=\s*False/.test(text)) ||
  /\b(?:without|w\/?o|no)[ _](?:kv[ _-]?)?cache\b/i.test(text);

/** The loaded model generates, and nothing in its file trains. */
function onlyGenerates(model: Expr, flow: Flow): boolean {
  const module = flow.moduleOf(model);
  if (trainingSites(module, flow).length > 0 || /gradient_checkpointing/.test(module.text)) return false;
  return flow
    .objects(model)
    .some((object) => flow.uses(object, /^generate$/).some((use) => use.role === 'receiver'));
}
