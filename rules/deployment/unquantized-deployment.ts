import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Module } from '../../analysis/model.ts';
import { addArgument, insertAfter, replace, startsLine, textOf } from '../edits.ts';
import { paramsOf } from '../knowledge/models.ts';
import { FOUR_BIT_SAVES_FROM, PRECISION_ARGUMENTS, quantizationOf } from '../knowledge/quantizes.ts';
import { defineRule, type Edit, type Fix } from '../rule.ts';
import {
  type Deployed,
  deployedIn,
  isOptimizedIn,
  lastSetUp,
  nameWhereLoaded,
} from '../semantics/deployment.ts';
import { type Device, deviceOf } from '../semantics/device.ts';
import { memoized } from '../semantics/memo.ts';

/** Encoders: nearly all their work is in `nn.Linear`, which dynamic quantization replaces. */
const ENCODERS =
  /^transformers\.(?:AutoModel(?:ForSequenceClassification|ForTokenClassification|ForQuestionAnswering|ForMaskedLM|ForMultipleChoice)|(?:Bert|DistilBert|Roberta|XLMRoberta|Camembert|Flaubert|Electra|MPNet|DebertaV?2?|Albert|MobileBert|SqueezeBert|ConvBert)(?:Model|For\w+))$/;
const ENCODER_TASKS =
  /^(?:text-classification|sentiment-analysis|ner|token-classification|question-answering|zero-shot-classification|feature-extraction|fill-mask)$/;
const LANGUAGE_MODELS = /^transformers\.(?:AutoModelForCausalLM|\w+ForCausalLM|\w+LMHeadModel)$/;

export default defineRule({
  id: 'unquantized-deployment',
  phase: 'deployment',
  languages: ['python'],
  severity: 'information',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'high',
    source: {
      en: 'rules/knowledge levers: torch dynamic int8 DistilBERT 263 -> 77 ms on CPU (measured 2026-11); fp16 on GPU 2.92x (Sentence-Transformers documentation)',
      fr: 'rules/knowledge, levers : DistilBERT en int8 dynamique avec torch 263 -> 77 ms sur CPU (mesuré en 2026-11) ; fp16 sur GPU 2,92x (documentation de Sentence-Transformers)',
    },
  },
  references: {
    course: [
      'Optimiser le modèle : Pruning, quantization, distillation',
      'Optimisation : Quantization — « La quantization réduit la précision numérique utilisée pour représenter les poids et les activations du réseau »',
      'Questions par phase — Déploiement : « Coût par requête trop élevé ? » Quantization, simplification de graphe',
    ],
    links: [
      'https://docs.pytorch.org/tutorials/recipes/recipes/dynamic_quantization.html',
      'https://huggingface.co/docs/transformers/main/en/quantization/overview',
    ],
  },
  libraries: ['transformers', 'diffusers', 'sentence_transformers'],
  title: {
    en: 'Model served at full precision',
    fr: 'Modèle servi en pleine précision',
  },
  what: {
    en: 'A server or batch-inference script runs a Transformers, Diffusers or Sentence-Transformers model in 32-bit floats where fewer bits pay: on a GPU with no `torch_dtype`/`dtype`, `.half()`, autocast or quantization; on a CPU, an encoder of the BERT family with no int8. Models that are quantized anywhere in the workspace, ONNX and OpenVINO included, are passed over.',
    fr: 'Un serveur ou un script d’inférence par lots exécute un modèle Transformers, Diffusers ou Sentence-Transformers en flottants 32 bits là où moins de bits suffisent : sur GPU sans `torch_dtype`/`dtype`, `.half()`, autocast ni quantification ; sur CPU, un encodeur de la famille BERT sans int8. Les modèles quantifiés où que ce soit dans le dossier, ONNX et OpenVINO compris, ne sont pas signalés.',
  },
  why: {
    en: 'DistilBERT took 263 ms for a batch of 8 in 32 bits and 77 ms with dynamic int8 on two CPU cores (measured by this project, 2026); one text at a time takes about half the processor time where layers are 768 wide, a little less at 256 and more at 64, as measured below on a CPU without int8 instructions, and each start pays for the conversion; 16 bits make Sentence-Transformers 2.92 times as fast on a GPU with no loss of quality (its documentation), and halve the memory. Below 7 B parameters 4-bit weights cost more energy than they save: the fix offers them from there on only.',
    fr: 'DistilBERT met 263 ms pour un lot de 8 en 32 bits et 77 ms en int8 dynamique sur deux cœurs de CPU (mesure de ce projet, 2026) ; un texte à la fois prend environ la moitié du temps processeur avec des couches larges de 768, un peu moins à 256 et plus à 64, comme mesuré ci-dessous sur un CPU sans instructions int8, et chaque démarrage paie la conversion ; 16 bits rendent Sentence-Transformers 2,92 fois plus rapide sur GPU sans perte de qualité (sa documentation) et divisent la mémoire par deux. Sous 7 milliards de paramètres, des poids sur 4 bits coûtent plus d’énergie qu’ils n’en économisent : la correction ne les propose qu’au-delà.',
  },
  instead: {
    en: 'On a GPU load in 16 bits (`torch_dtype=torch.float16`, `torch.bfloat16` for recent LLMs); on a CPU quantize the linear layers to int8 (`quantize_dynamic`, ONNX Runtime or OpenVINO). PyTorch has announced the end of `torch.ao.quantization`: it still works in 2.14, and `torchao.quantization.quantize_` follows it. Check the quality on your own data. Narrow models (layers of 256 and less) gain little in int8 or get slower: they are left alone. Ignore this where Transformers 5 already loads a 16-bit checkpoint as it is.',
    fr: 'Sur GPU, chargez en 16 bits (`torch_dtype=torch.float16`, `torch.bfloat16` pour les LLM récents) ; sur CPU, quantifiez les couches linéaires en int8 (`quantize_dynamic`, ONNX Runtime ou OpenVINO). PyTorch a annoncé la fin de `torch.ao.quantization` : il marche encore en 2.14, et `torchao.quantization.quantize_` lui succède. Vérifiez la qualité sur vos données. Les modèles étroits (couches de 256 et moins) gagnent peu en int8 ou ralentissent : ils ne sont pas visés. À ignorer si Transformers 5 charge déjà tel quel un checkpoint 16 bits.',
  },
  messages: {
    default: {
      en: '{model} is served from a GPU at the default precision (32 bits in Transformers 4 and Diffusers): 16 bits are about twice as fast.',
      fr: '{model} est servi sur GPU à la précision par défaut (32 bits avec Transformers 4 et Diffusers) : 16 bits sont environ deux fois plus rapides.',
    },
    maybe: {
      en: '{model} runs in 32-bit floats even where there is a GPU: 16 bits are about twice as fast there.',
      fr: '{model} s’exécute en flottants 32 bits même là où il y a un GPU : 16 bits y sont environ deux fois plus rapides.',
    },
    cpu: {
      en: '{model} is served from the CPU in 32-bit floats: its linear layers run about three times as fast in int8.',
      fr: '{model} est servi sur CPU en flottants 32 bits : ses couches linéaires vont environ trois fois plus vite en int8.',
    },
  },
  on: {
    module(module, context) {
      const { flow } = context;
      for (const one of deployedIn(module, flow)) {
        if (one.loading !== one.origin) continue;
        const kind = kindOf(one.origin, flow);
        if (!kind) continue;
        const precision = precisionOf(one.origin, flow);
        if (precision === 'unknown') continue;
        if (precision === 'low' || flow.modules.some((other) => lowersPrecision(flow, other))) {
          context.pass(one.origin.callee);
          continue;
        }
        // Sentence-Transformers takes a GPU by itself where there is one
        const named = deviceOf(one.object, one.origin, flow);
        const device =
          kind.family === 'sentence' && named === 'cpu' && !namesDevice(one.origin, flow) ? 'maybe' : named;
        if (device === 'unknown' || isTiny(one.origin, kind, flow)) continue;
        if (device === 'cpu' && !kind.isEncoder) continue;
        const fixes =
          device === 'cpu' ? int8Fixes(one, kind, flow) : halfFixes(one, kind, device, module, flow);
        context.fail(one.origin.callee, {
          message: device === 'gpu' ? 'default' : device,
          data: { model: nameOf(one.origin, kind, flow) },
          fixes,
        });
      }
    },
  },
  examples: {
    bad: [
      {
        file: 'app.py',
        code: 'import streamlit as st\nimport torch\nfrom transformers import DistilBertForSequenceClassification, DistilBertTokenizer\n\n\n@st.cache_resource\ndef load():\n    tokenizer = DistilBertTokenizer.from_pretrained("models/spam")\n    model = DistilBertForSequenceClassification.from_pretrained("models/spam")\n    return tokenizer, model\n\n\ntokenizer, model = load()\ntext = st.text_area("Message")\nif st.button("Check"):\n    inputs = tokenizer(text, truncation=True, return_tensors="pt")\n    with torch.inference_mode():\n        st.write(model(**inputs).logits.softmax(-1).tolist())\n',
        fixed:
          'import streamlit as st\nimport torch\nfrom transformers import DistilBertForSequenceClassification, DistilBertTokenizer\n\n\n@st.cache_resource\ndef load():\n    tokenizer = DistilBertTokenizer.from_pretrained("models/spam")\n    model = DistilBertForSequenceClassification.from_pretrained("models/spam")\n    model = torch.ao.quantization.quantize_dynamic(model, {torch.nn.Linear}, dtype=torch.qint8)\n    return tokenizer, model\n\n\ntokenizer, model = load()\ntext = st.text_area("Message")\nif st.button("Check"):\n    inputs = tokenizer(text, truncation=True, return_tensors="pt")\n    with torch.inference_mode():\n        st.write(model(**inputs).logits.softmax(-1).tolist())\n',
      },
      {
        file: 'api.py',
        code: 'from fastapi import FastAPI\nfrom transformers import pipeline\n\napp = FastAPI()\nclassifier = pipeline("sentiment-analysis", model="distilbert-base-uncased-finetuned-sst-2-english")\n\n\n@app.post("/mood")\ndef mood(text: str):\n    return classifier(text)[0]\n',
        fixed:
          'from fastapi import FastAPI\nfrom transformers import pipeline\nimport torch\n\napp = FastAPI()\nclassifier = pipeline("sentiment-analysis", model="distilbert-base-uncased-finetuned-sst-2-english", device="cpu")\nclassifier.model = torch.ao.quantization.quantize_dynamic(classifier.model, {torch.nn.Linear}, dtype=torch.qint8)\n\n\n@app.post("/mood")\ndef mood(text: str):\n    return classifier(text)[0]\n',
      },
      {
        file: 'chat.py',
        code: 'import gradio as gr\nimport torch\nfrom transformers import AutoModelForCausalLM, AutoTokenizer\n\nname = "Qwen/Qwen2.5-1.5B-Instruct"\ntokenizer = AutoTokenizer.from_pretrained(name)\nmodel = AutoModelForCausalLM.from_pretrained(name).to("cuda")\n\n\ndef answer(question):\n    ids = tokenizer(question, return_tensors="pt").to("cuda")\n    return tokenizer.decode(model.generate(**ids, max_new_tokens=200)[0])\n\n\ngr.Interface(fn=answer, inputs="text", outputs="text").launch()\n',
        fixed:
          'import gradio as gr\nimport torch\nfrom transformers import AutoModelForCausalLM, AutoTokenizer\n\nname = "Qwen/Qwen2.5-1.5B-Instruct"\ntokenizer = AutoTokenizer.from_pretrained(name)\nmodel = AutoModelForCausalLM.from_pretrained(name, torch_dtype=torch.bfloat16).to("cuda")\n\n\ndef answer(question):\n    ids = tokenizer(question, return_tensors="pt").to("cuda")\n    return tokenizer.decode(model.generate(**ids, max_new_tokens=200)[0])\n\n\ngr.Interface(fn=answer, inputs="text", outputs="text").launch()\n',
      },
      {
        file: 'draw.py',
        code: 'import io\nimport torch\nfrom diffusers import StableDiffusionPipeline\nfrom fastapi import FastAPI, Response\n\napp = FastAPI()\ndevice = "cuda" if torch.cuda.is_available() else "cpu"\npipe = StableDiffusionPipeline.from_pretrained("runwayml/stable-diffusion-v1-5")\npipe = pipe.to(device)\n\n\n@app.get("/draw")\ndef draw(prompt: str):\n    buffer = io.BytesIO()\n    pipe(prompt).images[0].save(buffer, "PNG")\n    return Response(buffer.getvalue(), media_type="image/png")\n',
        fixed:
          'import io\nimport torch\nfrom diffusers import StableDiffusionPipeline\nfrom fastapi import FastAPI, Response\n\napp = FastAPI()\ndevice = "cuda" if torch.cuda.is_available() else "cpu"\npipe = StableDiffusionPipeline.from_pretrained("runwayml/stable-diffusion-v1-5", torch_dtype=torch.float16 if torch.cuda.is_available() else torch.float32)\npipe = pipe.to(device)\n\n\n@app.get("/draw")\ndef draw(prompt: str):\n    buffer = io.BytesIO()\n    pipe(prompt).images[0].save(buffer, "PNG")\n    return Response(buffer.getvalue(), media_type="image/png")\n',
      },
      {
        code: 'from fastapi import FastAPI\nfrom transformers import AutoModelForCausalLM, AutoTokenizer\n\napp = FastAPI()\ntokenizer = AutoTokenizer.from_pretrained("Qwen/Qwen-7B-Chat", trust_remote_code=True)\nllm = AutoModelForCausalLM.from_pretrained("Qwen/Qwen-7B-Chat", trust_remote_code=True, device_map="auto")\n\n\n@app.post("/ask")\ndef ask(question: str):\n    answer, _ = llm.chat(tokenizer, question, history=None)\n    return {"answer": answer}\n',
        fixed:
          'from fastapi import FastAPI\nfrom transformers import AutoModelForCausalLM, AutoTokenizer\nimport torch\n\napp = FastAPI()\ntokenizer = AutoTokenizer.from_pretrained("Qwen/Qwen-7B-Chat", trust_remote_code=True)\nllm = AutoModelForCausalLM.from_pretrained("Qwen/Qwen-7B-Chat", trust_remote_code=True, device_map="auto", torch_dtype=torch.bfloat16)\n\n\n@app.post("/ask")\ndef ask(question: str):\n    answer, _ = llm.chat(tokenizer, question, history=None)\n    return {"answer": answer}\n',
      },
    ],
    good: [
      {
        file: 'api.py',
        code: `from fastapi import FastAPI
from sentence_transformers import SentenceTransformer, util

app = FastAPI()
model = SentenceTransformer("all-MiniLM-L6-v2")


@app.get("/likeness")
def likeness(first: str, second: str):
    return util.cos_sim(model.encode(first), model.encode(second)).item()
`,
        note: { en: '22 million parameters.', fr: '22 millions de paramètres.' },
      },
      {
        file: 'chat.py',
        code: 'import gradio as gr\nimport torch\nfrom transformers import AutoModelForCausalLM, AutoTokenizer\n\nname = "Qwen/Qwen2.5-1.5B-Instruct"\ntokenizer = AutoTokenizer.from_pretrained(name)\nmodel = AutoModelForCausalLM.from_pretrained(name, torch_dtype="auto", device_map="auto")\n\n\ndef answer(question):\n    ids = tokenizer(question, return_tensors="pt").to("cuda")\n    return tokenizer.decode(model.generate(**ids, max_new_tokens=200)[0])\n\n\ngr.Interface(fn=answer, inputs="text", outputs="text").launch()\n',
      },
      {
        file: 'api.py',
        code: 'import torch\nfrom fastapi import FastAPI\nfrom transformers import AutoModelForSequenceClassification, AutoTokenizer\n\napp = FastAPI()\ntokenizer = AutoTokenizer.from_pretrained("spam")\nmodel = AutoModelForSequenceClassification.from_pretrained("spam")\nmodel = torch.quantization.quantize_dynamic(model, {torch.nn.Linear}, dtype=torch.qint8)\n\n\n@app.post("/spam")\ndef spam(text: str):\n    with torch.inference_mode():\n        return model(**tokenizer(text, return_tensors="pt")).logits.tolist()\n',
      },
      {
        file: 'train.py',
        code: 'from transformers import AutoModelForSequenceClassification, Trainer, TrainingArguments\n\nmodel = AutoModelForSequenceClassification.from_pretrained("distilbert-base-uncased")\ntrainer = Trainer(model=model, args=TrainingArguments("out"), train_dataset=train)\ntrainer.train()\nmodel.save_pretrained("out")\n',
        note: {
          en: 'Training saves a checkpoint: no deployment.',
          fr: 'Un entraînement enregistre un checkpoint : ce n’est pas un déploiement.',
        },
      },
      {
        file: 'api.py',
        code: 'from fastapi import FastAPI\nfrom optimum.onnxruntime import ORTModelForSequenceClassification\nfrom transformers import AutoTokenizer, pipeline\n\napp = FastAPI()\ntokenizer = AutoTokenizer.from_pretrained("spam-onnx")\nmodel = ORTModelForSequenceClassification.from_pretrained("spam-onnx", file_name="model_quantized.onnx")\nclassifier = pipeline("text-classification", model=model, tokenizer=tokenizer)\n\n\n@app.post("/spam")\ndef spam(text: str):\n    return classifier(text)\n',
      },
      {
        file: 'search.py',
        code: 'from fastapi import FastAPI\nfrom transformers import pipeline\n\napp = FastAPI()\nembed = pipeline("feature-extraction", model="sentence-transformers/all-MiniLM-L6-v2")\n\n\n@app.post("/embed")\ndef vector(text: str):\n    return embed(text)[0]\n',
        note: {
          en: 'A narrow encoder: int8 costs more than it saves.',
          fr: 'Un encodeur étroit : l’int8 coûte plus qu’il ne rapporte.',
        },
      },
      {
        file: 'caption.py',
        code: 'from flask import Flask, request\nfrom transformers import pipeline\n\napp = Flask(__name__)\ncaptioner = pipeline("image-to-text", model="Salesforce/blip-image-captioning-base")\n\n\n@app.route("/caption", methods=["POST"])\ndef caption():\n    return captioner(request.json["url"])[0]\n',
        note: {
          en: 'On a CPU, and no encoder: nothing measured says that int8 pays.',
          fr: 'Sur CPU, et pas un encodeur : aucune mesure ne dit que l’int8 est payant.',
        },
      },
      {
        file: 'api.py',
        code: 'import torch\nfrom fastapi import FastAPI\nfrom transformers import AutoModelForSequenceClassification, AutoTokenizer\n\napp = FastAPI()\ntokenizer = AutoTokenizer.from_pretrained("spam")\nmodel = AutoModelForSequenceClassification.from_pretrained("spam").to("cuda")\nmodel.half()\n\n\n@app.post("/spam")\ndef spam(text: str):\n    with torch.inference_mode():\n        return model(**tokenizer(text, return_tensors="pt").to("cuda")).logits.tolist()\n',
      },
    ],
  },
});

interface Kind {
  readonly family: 'model' | 'pipeline' | 'diffusion' | 'sentence';
  readonly isEncoder: boolean;
  readonly isLanguageModel: boolean;
}

function kindOf(origin: Call, flow: Flow): Kind | null {
  const names = flow.names(origin);
  const isMade = names.some((name) => name.endsWith('.from_pretrained'));
  if (names.includes('transformers.pipeline')) {
    const task = flow.argument(origin, 'task', 0);
    const name = task.state === 'given' ? flow.constant(task.value) : undefined;
    const model = flow.argument(origin, 'model', 1);
    // a model object has a precision of its own
    if (model.state === 'given' && typeof flow.constant(model.value) !== 'string') return null;
    return {
      family: 'pipeline',
      isEncoder: typeof name === 'string' && ENCODER_TASKS.test(name),
      isLanguageModel: name === 'text-generation',
    };
  }
  if (
    names.some((name) =>
      /^sentence_transformers\.(?:SentenceTransformer|CrossEncoder)(?:\.__init__)?$/.test(name),
    )
  )
    return { family: 'sentence', isEncoder: true, isLanguageModel: false };
  if (!isMade) return null;
  if (names.some((name) => name.startsWith('diffusers.')))
    return { family: 'diffusion', isEncoder: false, isLanguageModel: false };
  const types = names.map((name) => name.replace(/\.from_pretrained$/, ''));
  if (!names.includes('transformers.PreTrainedModel.from_pretrained')) return null;
  return {
    family: 'model',
    isEncoder: types.some((type) => ENCODERS.test(type)),
    isLanguageModel: types.some((type) => LANGUAGE_MODELS.test(type)),
  };
}

/** What the loading call itself says of precision. */
function precisionOf(origin: Call, flow: Flow): 'low' | 'default' | 'unknown' {
  const names = [...PRECISION_ARGUMENTS.map((one) => one.argument), 'model_kwargs', 'backend'];
  for (const name of names) {
    const given = flow.argument(origin, name);
    if (given.state === 'unknown') return 'unknown';
    if (given.state !== 'given' || flow.constant(given.value) === null) continue;
    const isFull = flow
      .values(given.value)
      .every((value) => value.kind === 'library' && /^torch\.float(?:32)?$/.test(value.name));
    return isFull ? 'unknown' : 'low';
  }
  const id = modelId(origin, flow);
  return id && /gptq|awq|gguf|int4|int8|[48]bit|fp8|-bnb|onnx/i.test(id) ? 'low' : 'default';
}

/** Whether something in the module quantizes, computes in half precision, or runs a converted model. */
const lowersPrecision = memoized((flow, module: Module): boolean => {
  return (
    module.language === 'python' &&
    (isOptimizedIn(flow, module) ||
      module.calls.some((call) => {
        const names = flow.names(call);
        if (quantizationOf(names) || names.some((name) => /(?:^|\.)autocast$|set_default_dtype$/.test(name)))
          return true;
        const { callee } = call;
        return (
          callee.kind === 'member' && /^(?:half|bfloat16)$/.test(callee.property) && call.args.length === 0
        );
      }))
  );
});

const namesDevice = (origin: Call, flow: Flow): boolean =>
  flow.argument(origin, 'device').state === 'given' || flow.argument(origin, 'device_map').state === 'given';

function modelId(origin: Call, flow: Flow): string | null {
  const names = flow.names(origin);
  const given = names.includes('transformers.pipeline')
    ? flow.argument(origin, 'model', 1)
    : flow.argument(
        origin,
        names.some((name) => name.startsWith('sentence_'))
          ? 'model_name_or_path'
          : 'pretrained_model_name_or_path',
        0,
      );
  const id = given.state === 'given' ? flow.constant(given.value) : undefined;
  return typeof id === 'string' ? id : null;
}

/**
 * Millions of parameters below which int8 is not known to save time on a CPU: four layers of 64 or 256 took 1.1 times the
 * processor time, four of 768 took 0.84 times (bench/evidence); MiniLM, of 384, has 22 million.
 */
const INT8_SAVES_FROM = 30;

/** An encoder too small for fewer bits to show: on a GPU a request waits for launches, not for its weights. */
function isTiny(origin: Call, kind: Kind, flow: Flow): boolean {
  const id = modelId(origin, flow);
  return kind.isEncoder && ((id && paramsOf(id)) || INT8_SAVES_FROM) < INT8_SAVES_FROM;
}

function nameOf(origin: Call, kind: Kind, flow: Flow): string {
  const id = modelId(origin, flow);
  if (id) return id.replace(/\/+$/, '');
  const { callee } = origin;
  if (kind.family === 'pipeline') {
    const task = origin.args[0] ? flow.constant(origin.args[0].value) : undefined;
    return typeof task === 'string' ? `pipeline("${task}")` : 'pipeline()';
  }
  const target = callee.kind === 'member' ? callee.object : callee;
  return textOf(flow.moduleOf(origin), target);
}

function int8Fixes(one: Deployed, kind: Kind, flow: Flow): Fix[] {
  const target = nameWhereLoaded(one);
  const setUp = lastSetUp(one, flow);
  const module = flow.moduleOf(one.loading);
  if (!target || (target.kind !== 'name' && target.kind !== 'member') || !setUp) return [];
  if (!startsLine(module, setUp.statement)) return [];
  const own = textOf(module, target);
  const model = kind.family === 'pipeline' ? `${own}.model` : own;
  // a pipeline takes a GPU by itself where there is one, and int8 layers run on CPUs only
  const stay =
    kind.family === 'pipeline' && !namesDevice(one.origin, flow)
      ? addArgument(module, one.origin, 'device="cpu"')
      : null;
  return [
    {
      title: {
        en: 'Quantize the linear layers to int8',
        fr: 'Quantifier les couches linéaires en int8',
      },
      edits: () => [
        ...(stay ? [stay] : []),
        insertAfter(module, setUp.statement, [
          `${model} = torch.ao.quantization.quantize_dynamic(${model}, {torch.nn.Linear}, dtype=torch.qint8)`,
        ]),
      ],
      imports: ['import torch'],
    },
  ];
}

function halfFixes(one: Deployed, kind: Kind, device: Device, module: Module, flow: Flow): Fix[] {
  const { origin } = one;
  const type = kind.isLanguageModel ? 'torch.bfloat16' : 'torch.float16';
  const value = device === 'maybe' ? `${type} if torch.cuda.is_available() else torch.float32` : type;
  const fixes: Fix[] = [];
  const half =
    kind.family === 'sentence'
      ? addArgument(module, origin, `model_kwargs={"torch_dtype": ${value}}`)
      : setArgument(origin, dtypeArgument(module), value, module);
  if (half)
    fixes.push({
      title: { en: `Load in 16 bits (${type})`, fr: `Charger en 16 bits (${type})` },
      edits: () => [half],
      imports: ['import torch'],
    });
  const id = modelId(origin, flow);
  const size = id ? paramsOf(id) : undefined;
  const four =
    kind.isLanguageModel &&
    kind.family === 'model' &&
    device === 'gpu' &&
    size !== undefined &&
    size >= FOUR_BIT_SAVES_FROM
      ? addArgument(
          module,
          origin,
          'quantization_config=BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_compute_dtype=torch.bfloat16)',
        )
      : null;
  if (four)
    fixes.push({
      title: { en: 'Load with 4-bit weights', fr: 'Charger avec des poids sur 4 bits' },
      edits: () => [four],
      imports: ['import torch', 'from transformers import BitsAndBytesConfig'],
      packages: ['bitsandbytes', 'accelerate'],
    });
  return fixes;
}

/** `dtype` in code for Transformers 5, else `torch_dtype`, which both versions know. */
const dtypeArgument = (module: Module): string =>
  /[(,\s]dtype\s*=\s*(?:torch\.|['"])/.test(module.text) ? 'dtype' : 'torch_dtype';

function setArgument(call: Call, name: string, value: string, module: Module): Edit | null {
  const there = call.args.find((argument) => argument.name === name);
  return there ? replace(there.value, value) : addArgument(module, call, `${name}=${value}`);
}
