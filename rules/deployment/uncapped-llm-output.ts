import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Dict, Expr, Module } from '../../analysis/model.ts';
import { textOf } from '../edits.ts';
import type { LlmCall } from '../knowledge/llm-apis.ts';
import { SELF_CAPPED_CLASSES, SELF_CAPPED_PROVIDERS } from '../knowledge/llm-apis.ts';
import {
  LLM_LIBRARIES,
  type LlmConstructor,
  REASONING_MODELS,
  SELF_CAPPED_MODELS,
  SHORT_PIPELINES,
  SPEAKING_OR_DRAWING,
} from '../knowledge/llm-models.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import {
  callCap,
  capAmong,
  carrierOf,
  constructorCap,
  constructorRow,
  LLM_NAMES,
  llmRequest,
  llmRow,
  lookUp,
  requestCap,
  writesNoText,
} from '../semantics/llm.ts';
import { setOption } from '../semantics/options.ts';
import { knownText } from '../semantics/text.ts';
import { isUnitTest } from '../semantics/unit-tests.ts';

export default defineRule({
  id: 'uncapped-llm-output',
  phase: 'deployment',
  languages: ['python', 'typescript'],
  severity: 'information',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'medium',
    source: {
      en: 'EcoLogits 0.9: energy of a request = tokens written × energy per token; it grows in proportion to the answer.',
      fr: 'EcoLogits 0.9 : énergie d’une requête = jetons écrits × énergie par jeton ; elle croît comme la longueur de la réponse.',
    },
  },
  references: {
    course: [
      'La sobriété par l’usage : « Réduction de la longueur des entrées/sorties (prompts, tokens générés)... »',
      "Phase de déploiement — Réduire le coût d'inférence",
    ],
    links: [
      'https://platform.openai.com/docs/api-reference/chat/create',
      'https://ecologits.ai/latest/methodology/llm_inference/',
    ],
  },
  // tests that call a model call it at every change
  judgesTests: true,
  libraries: [...LLM_LIBRARIES, 'llama_cpp', 'transformers', 'huggingface_hub', '@huggingface/inference'],
  title: {
    en: 'Language model with no limit on what it writes',
    fr: 'Modèle de langage sans limite de longueur de réponse',
  },
  what: {
    en: 'A call of a language model (OpenAI, Google, Mistral, Cohere, Bedrock, LiteLLM, LangChain, LlamaIndex, Vercel AI SDK, Ollama, Transformers, or plain HTTP to such an API) whose output nothing caps: not the call, not the client or model object, not a binding, not an options object. Silent where options come from code that cannot be seen, and for APIs that demand or set a cap by themselves (Anthropic).',
    fr: 'Un appel à un modèle de langage (OpenAI, Google, Mistral, Cohere, Bedrock, LiteLLM, LangChain, LlamaIndex, Vercel AI SDK, Ollama, Transformers, ou HTTP direct vers une telle API) dont rien ne limite la sortie : ni l’appel, ni le client ou l’objet modèle, ni une liaison, ni un objet d’options. Muet quand les options viennent d’un code qu’on ne voit pas, et pour les API qui exigent ou fixent elles-mêmes une limite (Anthropic).',
  },
  why: {
    en: 'A model writes one token at a time, and each costs a pass through all its active weights: the energy of a request grows in proportion to the tokens written (EcoLogits). Without a cap, one rambling or looping answer may run to the model’s own maximum, tens of thousands of tokens. The course asks to shorten inputs and outputs.',
    fr: 'Un modèle écrit un jeton à la fois, et chacun coûte un passage dans tous ses poids actifs : l’énergie d’une requête croît en proportion des jetons écrits (EcoLogits). Sans limite, une seule réponse qui s’égare peut aller jusqu’au maximum du modèle, des dizaines de milliers de jetons. Le cours demande de réduire la longueur des entrées et des sorties.',
  },
  instead: {
    en: 'Give the cap its API has, at what the task needs: a label needs about 16 tokens, a paragraph a few hundred. Say in the prompt how long the answer should be, too: a cap cuts, it does not shorten. Leave room for hidden reasoning, which counts on reasoning models. Ignore this where the answer’s length is the product (a whole document, code generation with tools).',
    fr: 'Donnez la limite que prévoit l’API, selon la tâche : une étiquette demande environ 16 jetons, un paragraphe quelques centaines. Dites aussi la longueur voulue dans le prompt : une limite coupe, elle ne raccourcit pas. Laissez de la place au raisonnement caché, qui compte pour les modèles de raisonnement. À ignorer quand la longueur est le produit lui-même (un document entier, génération de code avec outils).',
  },
  messages: {
    default: {
      en: 'Nothing limits what `{model}` writes here: without `{cap}` an answer may run to the model’s own maximum.',
      fr: 'Rien ne limite ce que `{model}` écrit ici : sans `{cap}`, une réponse peut aller jusqu’au maximum du modèle.',
    },
    built: {
      en: '`{model}` is built with no output limit: without `{cap}` every call made with it may run to the model’s own maximum.',
      fr: '`{model}` est construit sans limite de sortie : sans `{cap}`, chaque appel peut aller jusqu’au maximum du modèle.',
    },
    checkpoint: {
      en: 'No `{cap}`: how much is generated is left to the checkpoint’s generation_config or the library’s default, which differ from one version to the next.',
      fr: 'Pas de `{cap}` : la longueur générée dépend du generation_config du modèle ou du défaut de la bibliothèque, qui changent d’une version à l’autre.',
    },
  },
  on: {
    calls: { names: LLM_NAMES, check },
  },
  examples: {
    bad: [
      {
        file: 'provider.ts',
        code: "import { ChatAnthropic } from '@langchain/anthropic';\nimport { ChatOpenAI } from '@langchain/openai';\n\nconst MODELS = { anthropic: 'claude-sonnet-4-5', openai: 'gpt-4o-mini' };\n\nfunction modelFor(provider: 'anthropic' | 'openai') {\n  const model = MODELS[provider];\n  if (provider === 'anthropic') return new ChatAnthropic({ model });\n  return new ChatOpenAI({ model });\n}\n\nexport const ask = async (text: string, provider: 'anthropic' | 'openai') => (await modelFor(provider).invoke(text)).content;\n",
        fixed:
          "import { ChatAnthropic } from '@langchain/anthropic';\nimport { ChatOpenAI } from '@langchain/openai';\n\nconst MODELS = { anthropic: 'claude-sonnet-4-5', openai: 'gpt-4o-mini' };\n\nfunction modelFor(provider: 'anthropic' | 'openai') {\n  const model = MODELS[provider];\n  if (provider === 'anthropic') return new ChatAnthropic({ model });\n  return new ChatOpenAI({ model, maxTokens: 1024 });\n}\n\nexport const ask = async (text: string, provider: 'anthropic' | 'openai') => (await modelFor(provider).invoke(text)).content;\n",
        note: { en: 'One setting for two providers.', fr: 'Un réglage pour deux fournisseurs.' },
      },
      {
        file: 'stream.ts',
        code: "import { openai } from '@ai-sdk/openai';\nimport { streamText } from 'ai';\n\nexport async function POST(request: Request) {\n  const { prompt } = await request.json();\n  const result = await streamText({ model: openai('gpt-4o-mini'), prompt });\n  return result.toAIStreamResponse();\n}\n",
        fixed:
          "import { openai } from '@ai-sdk/openai';\nimport { streamText } from 'ai';\n\nexport async function POST(request: Request) {\n  const { prompt } = await request.json();\n  const result = await streamText({ model: openai('gpt-4o-mini'), prompt, maxTokens: 1024 });\n  return result.toAIStreamResponse();\n}\n",
        note: { en: 'An older version of the SDK.', fr: 'Une version plus ancienne du SDK.' },
      },
      {
        code: `from google import genai
from settings import settings

client = genai.Client(api_key=settings.KEY)

def ask(prompt, name):
    return client.models.generate_content(model=name, contents=prompt).text
`,
        fixed: `from google import genai
from settings import settings

client = genai.Client(api_key=settings.KEY)

def ask(prompt, name):
    return client.models.generate_content(model=name, contents=prompt, config={"max_output_tokens": 4096}).text
`,
        note: {
          en: 'A model that is not in sight may reason first: room for that.',
          fr: 'Un modèle hors de vue peut d’abord raisonner : place pour cela.',
        },
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef summarise(text):\n    response = client.chat.completions.create(\n        model="gpt-4o-mini",\n        messages=[{"role": "user", "content": f"Summarise: {text}"}],\n        temperature=0,\n    )\n    return response.choices[0].message.content\n',
        fixed:
          'from openai import OpenAI\n\nclient = OpenAI()\n\ndef summarise(text):\n    response = client.chat.completions.create(\n        model="gpt-4o-mini",\n        messages=[{"role": "user", "content": f"Summarise: {text}"}],\n        temperature=0,\n        max_completion_tokens=1024,\n    )\n    return response.choices[0].message.content\n',
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI(base_url="http://localhost:8000/v1", api_key="none")\n\ndef is_spam(mail):\n    prompt = "Is this mail spam? Answer with yes or no only.\\n" + mail\n    reply = client.chat.completions.create(model="llama-3.1-8b", messages=[{"role": "user", "content": prompt}])\n    return reply.choices[0].message.content.lower().startswith("yes")\n',
        fixed:
          'from openai import OpenAI\n\nclient = OpenAI(base_url="http://localhost:8000/v1", api_key="none")\n\ndef is_spam(mail):\n    prompt = "Is this mail spam? Answer with yes or no only.\\n" + mail\n    reply = client.chat.completions.create(model="llama-3.1-8b", messages=[{"role": "user", "content": prompt}], max_tokens=16)\n    return reply.choices[0].message.content.lower().startswith("yes")\n',
        note: {
          en: 'A compatible server knows the older name; a yes or a no needs few tokens.',
          fr: 'Un serveur compatible connaît l’ancien nom ; un oui ou un non demande peu de jetons.',
        },
      },
      {
        code: 'from langchain_openai import ChatOpenAI\nfrom langchain_core.prompts import ChatPromptTemplate\n\nllm = ChatOpenAI(model="gpt-4o-mini", temperature=0)\nchain = ChatPromptTemplate.from_template("Explain {topic}") | llm\n\nfor topic in ["trees", "rivers"]:\n    print(chain.invoke({"topic": topic}).content)\nprint(llm.invoke("And the sea?").content)\n',
        fixed:
          'from langchain_openai import ChatOpenAI\nfrom langchain_core.prompts import ChatPromptTemplate\n\nllm = ChatOpenAI(model="gpt-4o-mini", temperature=0, max_tokens=1024)\nchain = ChatPromptTemplate.from_template("Explain {topic}") | llm\n\nfor topic in ["trees", "rivers"]:\n    print(chain.invoke({"topic": topic}).content)\nprint(llm.invoke("And the sea?").content)\n',
        note: {
          en: 'Once, where the model is built.',
          fr: 'Une seule fois, là où le modèle est construit.',
        },
      },
      {
        code: 'import google.generativeai as genai\n\nmodel = genai.GenerativeModel("gemini-1.5-flash")\nchat = model.start_chat(history=[])\nprint(chat.send_message("Tell me about whales").text)\n',
        fixed:
          'import google.generativeai as genai\n\nmodel = genai.GenerativeModel("gemini-1.5-flash", generation_config={"max_output_tokens": 1024})\nchat = model.start_chat(history=[])\nprint(chat.send_message("Tell me about whales").text)\n',
      },
      {
        code: 'from google import genai\nfrom google.genai import types\n\nclient = genai.Client()\nanswer = client.models.generate_content(\n    model="gemini-2.0-flash",\n    contents="Why is the sky blue?",\n    config=types.GenerateContentConfig(temperature=0.2),\n)\nprint(answer.text)\n',
        fixed:
          'from google import genai\nfrom google.genai import types\n\nclient = genai.Client()\nanswer = client.models.generate_content(\n    model="gemini-2.0-flash",\n    contents="Why is the sky blue?",\n    config=types.GenerateContentConfig(temperature=0.2, max_output_tokens=1024),\n)\nprint(answer.text)\n',
      },
      {
        code: 'import ollama\n\nreply = ollama.chat(model="llama3.2", messages=[{"role": "user", "content": "Hello"}], options={"temperature": 0})\nprint(reply["message"]["content"])\n',
        fixed:
          'import ollama\n\nreply = ollama.chat(model="llama3.2", messages=[{"role": "user", "content": "Hello"}], options={"temperature": 0, "num_predict": 1024})\nprint(reply["message"]["content"])\n',
      },
      {
        code: 'import os\nimport requests\n\ndef ask(question):\n    payload = {\n        "model": "gpt-4o-mini",\n        "messages": [{"role": "user", "content": question}],\n    }\n    reply = requests.post(\n        "https://api.openai.com/v1/chat/completions",\n        headers={"Authorization": f"Bearer {os.environ[\'KEY\']}"},\n        json=payload,\n        timeout=30,\n    )\n    return reply.json()["choices"][0]["message"]["content"]\n',
        fixed:
          'import os\nimport requests\n\ndef ask(question):\n    payload = {\n        "model": "gpt-4o-mini",\n        "messages": [{"role": "user", "content": question}],\n        "max_completion_tokens": 1024,\n    }\n    reply = requests.post(\n        "https://api.openai.com/v1/chat/completions",\n        headers={"Authorization": f"Bearer {os.environ[\'KEY\']}"},\n        json=payload,\n        timeout=30,\n    )\n    return reply.json()["choices"][0]["message"]["content"]\n',
      },
      {
        file: 'app/api/chat/route.ts',
        code: "import { openai } from '@ai-sdk/openai';\nimport { convertToModelMessages, streamText } from 'ai';\n\nexport async function POST(req: Request) {\n  const { messages } = await req.json();\n  const result = streamText({\n    model: openai('gpt-4o'),\n    messages: convertToModelMessages(messages),\n  });\n  return result.toUIMessageStreamResponse();\n}\n",
        fixed:
          "import { openai } from '@ai-sdk/openai';\nimport { convertToModelMessages, streamText } from 'ai';\n\nexport async function POST(req: Request) {\n  const { messages } = await req.json();\n  const result = streamText({\n    model: openai('gpt-4o'),\n    messages: convertToModelMessages(messages),\n    maxOutputTokens: 1024,\n  });\n  return result.toUIMessageStreamResponse();\n}\n",
      },
      {
        file: 'server.js',
        code: "const OpenAI = require('openai');\nconst openai = new OpenAI({ apiKey: process.env.KEY });\n\nasync function answer(question) {\n  const params = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: question }] };\n  const completion = await openai.chat.completions.create(params);\n  return completion.choices[0].message.content;\n}\n\nmodule.exports = { answer };\n",
        fixed:
          "const OpenAI = require('openai');\nconst openai = new OpenAI({ apiKey: process.env.KEY });\n\nasync function answer(question) {\n  const params = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: question }], max_completion_tokens: 1024 };\n  const completion = await openai.chat.completions.create(params);\n  return completion.choices[0].message.content;\n}\n\nmodule.exports = { answer };\n",
      },
      {
        file: 'src/chat.js',
        code: "export async function ask(messages) {\n  const response = await fetch('https://api.openai.com/v1/chat/completions', {\n    method: 'POST',\n    headers: { 'Content-Type': 'application/json' },\n    body: JSON.stringify({\n      model: 'gpt-3.5-turbo',\n      messages,\n    }),\n  });\n  return response.json();\n}\n",
        fixed:
          "export async function ask(messages) {\n  const response = await fetch('https://api.openai.com/v1/chat/completions', {\n    method: 'POST',\n    headers: { 'Content-Type': 'application/json' },\n    body: JSON.stringify({\n      model: 'gpt-3.5-turbo',\n      messages,\n      max_completion_tokens: 1024,\n    }),\n  });\n  return response.json();\n}\n",
      },
      {
        file: 'lib/gemini.ts',
        code: "import { GoogleGenerativeAI } from '@google/generative-ai';\n\nconst genAI = new GoogleGenerativeAI(process.env.KEY ?? '');\nconst model = genAI.getGenerativeModel({ model: 'gemini-1.5-flash' });\n\nexport async function tell(prompt: string) {\n  const result = await model.generateContent(prompt);\n  return result.response.text();\n}\n",
        fixed:
          "import { GoogleGenerativeAI } from '@google/generative-ai';\n\nconst genAI = new GoogleGenerativeAI(process.env.KEY ?? '');\nconst model = genAI.getGenerativeModel({ model: 'gemini-1.5-flash', generationConfig: { maxOutputTokens: 1024 } });\n\nexport async function tell(prompt: string) {\n  const result = await model.generateContent(prompt);\n  return result.response.text();\n}\n",
      },
      {
        file: 'generate.py',
        code: 'from transformers import AutoModelForCausalLM, AutoTokenizer\n\nname = "Qwen/Qwen2.5-0.5B-Instruct"\ntokenizer = AutoTokenizer.from_pretrained(name)\nmodel = AutoModelForCausalLM.from_pretrained(name)\ninputs = tokenizer("Once upon a time", return_tensors="pt")\noutputs = model.generate(**inputs, do_sample=True)\nprint(tokenizer.decode(outputs[0]))\n',
        fixed:
          'from transformers import AutoModelForCausalLM, AutoTokenizer\n\nname = "Qwen/Qwen2.5-0.5B-Instruct"\ntokenizer = AutoTokenizer.from_pretrained(name)\nmodel = AutoModelForCausalLM.from_pretrained(name)\ninputs = tokenizer("Once upon a time", return_tensors="pt")\noutputs = model.generate(**inputs, do_sample=True, max_new_tokens=1024)\nprint(tokenizer.decode(outputs[0]))\n',
      },
      {
        file: 'session.py',
        code: 'import google.generativeai as genai\nimport streamlit as st\n\nst.session_state.model = genai.GenerativeModel("gemini-1.5-flash")\nst.session_state.chat = st.session_state.model.start_chat(history=[])\nif question := st.chat_input("?"):\n    st.write(st.session_state.chat.send_message(question).text)\n',
        fixed:
          'import google.generativeai as genai\nimport streamlit as st\n\nst.session_state.model = genai.GenerativeModel("gemini-1.5-flash", generation_config={"max_output_tokens": 1024})\nst.session_state.chat = st.session_state.model.start_chat(history=[])\nif question := st.chat_input("?"):\n    st.write(st.session_state.chat.send_message(question).text)\n',
      },
      {
        file: 'local.py',
        code: 'from langchain.chat_models import init_chat_model\n\nllm = init_chat_model("ollama:llama3.2")\nprint(llm.invoke("Hello").content)\n',
        fixed:
          'from langchain.chat_models import init_chat_model\n\nllm = init_chat_model("ollama:llama3.2", num_predict=1024)\nprint(llm.invoke("Hello").content)\n',
      },
      {
        file: 'two.js',
        code: `import OpenAI from 'openai';\n\nconst client = new OpenAI();\n\nexport async function title(text) {\n  const params = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: \`A title for \${text}\` }] };\n  params.max_completion_tokens = 30;\n  return client.chat.completions.create(params);\n}\n\nexport async function summary(text) {\n  const params = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: \`Summarize \${text}\` }] };\n  return client.chat.completions.create(params);\n}\n`,
        fixed: `import OpenAI from 'openai';\n\nconst client = new OpenAI();\n\nexport async function title(text) {\n  const params = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: \`A title for \${text}\` }] };\n  params.max_completion_tokens = 30;\n  return client.chat.completions.create(params);\n}\n\nexport async function summary(text) {\n  const params = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: \`Summarize \${text}\` }], max_completion_tokens: 1024 };\n  return client.chat.completions.create(params);\n}\n`,
        note: { en: 'The limit is another function’s.', fr: 'La limite est celle d’une autre fonction.' },
      },
      {
        file: 'route.ts',
        code: "import { OpenAIStream, StreamingTextResponse } from 'ai';\nimport { Configuration, OpenAIApi } from 'openai-edge';\n\nconst openai = new OpenAIApi(new Configuration({ apiKey: process.env.OPENAI_API_KEY }));\n\nexport async function POST(request: Request) {\n  const { messages } = await request.json();\n  const response = await openai.createChatCompletion({ model: 'gpt-3.5-turbo', stream: true, messages });\n  return new StreamingTextResponse(OpenAIStream(response));\n}\n",
        fixed:
          "import { OpenAIStream, StreamingTextResponse } from 'ai';\nimport { Configuration, OpenAIApi } from 'openai-edge';\n\nconst openai = new OpenAIApi(new Configuration({ apiKey: process.env.OPENAI_API_KEY }));\n\nexport async function POST(request: Request) {\n  const { messages } = await request.json();\n  const response = await openai.createChatCompletion({ model: 'gpt-3.5-turbo', stream: true, messages, max_tokens: 1024 });\n  return new StreamingTextResponse(OpenAIStream(response));\n}\n",
        note: { en: 'The SDK for edge functions.', fr: 'Le SDK des fonctions de périphérie.' },
      },
      {
        file: 'local.ts',
        code: `export async function chat(model: string, messages: object[]) {\n  const ollamaUrl = localStorage.getItem('ollamaUrl');\n  const response = await fetch(\`\${ollamaUrl}/api/chat\`, {\n    method: 'POST',\n    body: JSON.stringify({ model, messages, stream: true }),\n  });\n  return response.body?.getReader();\n}\n`,
        fixed: `export async function chat(model: string, messages: object[]) {\n  const ollamaUrl = localStorage.getItem('ollamaUrl');\n  const response = await fetch(\`\${ollamaUrl}/api/chat\`, {\n    method: 'POST',\n    body: JSON.stringify({ model, messages, stream: true, options: { num_predict: 1024 } }),\n  });\n  return response.body?.getReader();\n}\n`,
        note: { en: 'A host from the settings.', fr: 'Un hôte venu des réglages.' },
      },
      {
        file: 'post.py',
        code: 'import requests\n\npayload = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}]}\npayload["temperature"] = 0\nreply = requests.post("https://api.openai.com/v1/chat/completions", json=payload)\n',
        fixed:
          'import requests\n\npayload = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}], "max_completion_tokens": 1024}\npayload["temperature"] = 0\nreply = requests.post("https://api.openai.com/v1/chat/completions", json=payload)\n',
        note: {
          en: 'An entry set later is no limit.',
          fr: 'Une entrée ajoutée plus tard n’est pas une limite.',
        },
      },
      {
        file: 'rag.ts',
        code: "import { openai } from '@llamaindex/openai';\nimport { Settings } from 'llamaindex';\n\nSettings.llm = openai({ model: 'gpt-4o-mini' });\n",
        fixed:
          "import { openai } from '@llamaindex/openai';\nimport { Settings } from 'llamaindex';\n\nSettings.llm = openai({ model: 'gpt-4o-mini', maxTokens: 1024 });\n",
        note: {
          en: 'A function of the package, where others use its class.',
          fr: 'Une fonction du paquet, là où d’autres prennent sa classe.',
        },
      },
    ],
    good: [
      {
        file: 'mood.ts',
        code: "import { google } from '@ai-sdk/google';\nimport { generateObject, generateText, Output } from 'ai';\n\nconst model = google('gemini-2.5-flash');\nexport const mood = (prompt: string) => generateObject({ model, output: 'enum', enum: ['good', 'bad'], prompt });\nexport const mode = (prompt: string) =>\n  generateText({ model, output: Output.choice({ options: ['air', 'sea'] }), prompt });\n",
        note: { en: 'One label of a list.', fr: 'Une étiquette d’une liste.' },
      },
      {
        file: 'queries.py',
        code: 'import cohere\n\nco = cohere.Client()\nfound = co.chat(message="What is new in optics?", search_queries_only=True)\nprint(found.search_queries)\n',
        note: { en: 'Search queries only.', fr: 'Seulement des requêtes de recherche.' },
      },
      {
        code: 'from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline\n\nwriter = pipeline("text-generation")\nprint(writer("Once upon a time"))\ntokenizer = AutoTokenizer.from_pretrained("distilgpt2")\nmodel = AutoModelForCausalLM.from_pretrained("distilgpt2")\nsmaller = pipeline("text-generation", model=model, tokenizer=tokenizer)\nprint(smaller("Once upon a time"))\n',
        note: {
          en: 'GPT-2’s own configuration gives pipelines 50 tokens.',
          fr: 'La configuration de GPT-2 donne 50 tokens aux pipelines.',
        },
      },
      {
        file: 'voice.ts',
        code: "import { GoogleGenAI, Modality } from '@google/genai';\n\nconst ai = new GoogleGenAI({ apiKey: process.env.KEY });\n\nexport const say = (text: string) =>\n  ai.models.generateContent({ model: 'gemini-2.5-flash-preview-tts', contents: text });\n\nexport const draw = (prompt: string, model: string) =>\n  ai.models.generateContent({ model, contents: prompt, config: { responseModalities: [Modality.IMAGE] } });\n",
        note: {
          en: 'Speech and pictures: a limit would cut them off.',
          fr: 'Voix et images : une limite les couperait.',
        },
      },
      {
        file: 'local.ts',
        code: "import { streamText } from 'ai';\nimport { ollama } from 'ai-sdk-ollama';\n\nexport const answer = (prompt: string) =>\n  streamText({ model: ollama('llama3.2', { options: { num_predict: 400 } }), prompt });\n",
        note: { en: 'The provider’s settings limit it.', fr: 'Les réglages du fournisseur la limitent.' },
      },
      {
        file: 'post.py',
        code: 'import requests\n\npayload = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}]}\npayload["max_tokens"] = 100\nreply = requests.post("https://api.openai.com/v1/chat/completions", json=payload)\n',
        note: { en: 'The limit is set later.', fr: 'La limite est posée plus tard.' },
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\nOPTIONS = {"model": "gpt-4o-mini", "max_tokens": 300}\n\ndef ask(messages):\n    return client.chat.completions.create(messages=messages, **OPTIONS)\n',
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef ask(messages, **options):\n    """Options are the caller\'s."""\n    return client.chat.completions.create(model="gpt-4o-mini", messages=messages, **options)\n',
        note: { en: 'Who calls may cap it.', fr: 'L’appelant peut le limiter.' },
      },
      {
        code: 'from langchain_openai import ChatOpenAI\n\nllm = ChatOpenAI(model="gpt-4o").bind(max_tokens=200)\nprint(llm.invoke("Hello").content)\n',
      },
      {
        code: 'from langchain_anthropic import ChatAnthropic\n\nllm = ChatAnthropic(model="claude-3-5-haiku-latest")\nprint(llm.invoke("Hello").content)\n',
        note: {
          en: 'The wrapper sends a limit of its own.',
          fr: 'La classe envoie sa propre limite.',
        },
      },
      {
        code: 'import google.generativeai as genai\n\nconfig = genai.types.GenerationConfig(max_output_tokens=256, temperature=0)\nmodel = genai.GenerativeModel("gemini-1.5-flash", generation_config=config)\nprint(model.generate_content("Hello").text)\n',
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\nvector = client.embeddings.create(model="text-embedding-3-small", input="hello").data[0].embedding\nimage = client.images.generate(prompt="a whale", size="512x512")\nlegacy = client.completions.create(model="gpt-3.5-turbo-instruct", prompt="hello")\n',
        note: {
          en: 'Embeddings and images write no text; legacy completions stop at 16 tokens.',
          fr: 'Embeddings et images n’écrivent pas de texte ; les anciennes complétions s’arrêtent à 16 jetons.',
        },
      },
      {
        file: 'summarise.py',
        code: 'from transformers import AutoModelForSeq2SeqLM, AutoTokenizer\n\ntokenizer = AutoTokenizer.from_pretrained("facebook/bart-large-cnn")\nmodel = AutoModelForSeq2SeqLM.from_pretrained("facebook/bart-large-cnn")\nids = model.generate(**tokenizer("A long text", return_tensors="pt"))\n',
        note: {
          en: 'Summarisation checkpoints carry their own limit.',
          fr: 'Les modèles de résumé portent leur propre limite.',
        },
      },
      {
        file: 'app/api/chat/route.ts',
        code: "import { anthropic } from '@ai-sdk/anthropic';\nimport { streamText } from 'ai';\n\nexport async function POST(req: Request) {\n  const { prompt } = await req.json();\n  return streamText({ model: anthropic('claude-sonnet-4-5'), prompt }).toTextStreamResponse();\n}\n",
      },
      {
        file: 'lib/llm.ts',
        code: "import OpenAI from 'openai';\n\nconst openai = new OpenAI();\nconst defaults = { model: 'gpt-4o-mini', max_completion_tokens: 400 };\n\nexport function ask(content: string, overrides = {}) {\n  return openai.chat.completions.create({ ...defaults, messages: [{ role: 'user', content }], ...overrides });\n}\n",
      },
      {
        file: 'lib/proxy.ts',
        code: "export async function send(messages: unknown[]) {\n  return fetch('/api/chat/completions', { method: 'POST', body: JSON.stringify({ messages }) });\n}\n",
        note: {
          en: 'One’s own server: the limit stands there, or not.',
          fr: 'Son propre serveur : c’est là-bas que la limite se pose.',
        },
      },
      {
        file: 'lib/gemini.ts',
        code: "import { GoogleGenerativeAI } from '@google/generative-ai';\n\nconst genAI = new GoogleGenerativeAI(process.env.KEY ?? '');\nconst model = genAI.getGenerativeModel({ model: 'gemini-1.5-flash' });\n\nexport async function reply(history: [], text: string) {\n  const chat = model.startChat({ history, generationConfig: { maxOutputTokens: 500 } });\n  return (await chat.sendMessage(text)).response.text();\n}\n",
      },
      {
        file: 'page.ts',
        code: `export async function chat(base: string, messages: object[]) {\n  const response = await fetch(\`\${base}/api/chat\`, { method: 'POST', body: JSON.stringify({ messages, model: 'gpt-4o' }) });\n  return response.text();\n}\n`,
        note: { en: 'One’s own server.', fr: 'Son propre serveur.' },
      },
    ],
  },
});

const DEFAULT_CAP = 1024;
const LABEL_CAP = 16;
const REASONING_CAP = 4096;

function check(call: Call, context: RuleContext): void {
  const { flow } = context;
  const built = constructorRow(flow, call);
  if (built) return checkConstructor(call, built, context);
  const row = llmRow(flow, call);
  if (row) return checkCall(call, row, context);
  const request = llmRequest(flow, call);
  if (!request) return;
  const state = requestCap(flow, request, call);
  if (state === 'capped') return context.pass(call.callee);
  if (state === 'unknown') return;
  const model = constantText(flow, entry(request.body, 'model'));
  const carrier = carrierOf(request, call);
  const address = call.args[0] ? knownText(flow, call.args[0].value, '…') : '';
  if (SELF_CAPPED_MODELS.test(model) || writesNoText(flow, carrier, model)) return;
  // Google's address names the model: `…/models/gemini-2.5-flash-image:generateContent`
  const addressed = /\/models\/([\w.-]+):/.exec(address)?.[1] ?? '';
  if (SPEAKING_OR_DRAWING.test(addressed)) return;
  const cap =
    request.address.api === 'openai-chat' ? chatCap(flow, call, context.module) : request.address.cap;
  const prompt = knownText(flow, request.source);
  report(context, call, 'default', model || addressed || 'the model', cap, request.body, prompt, model);
}

function checkCall(call: Call, row: LlmCall, context: RuleContext): void {
  const { flow, module } = context;
  if (SILENT_APIS.includes(row.api)) return;
  // handled where the model object is built
  if (row.api === 'langchain' || row.api === 'llama-index' || row.api === 'google-generativeai') return;
  if (row.api === 'google-genai' && !row.name.includes('generate')) return;
  if (row.api === 'transformers-generate') return checkGenerate(call, row, context);
  const state = callCap(flow, call, row);
  if (state === 'capped') return context.pass(call.callee);
  if (state === 'unknown' || isBriefByForm(flow, call)) return;
  const modelExpr = given(flow, call, row.model, row.api === 'litellm' ? 0 : undefined);
  const provided = row.api === 'vercel-ai' && modelExpr ? providerCalls(flow, modelExpr) : [];
  const model =
    constantText(flow, modelExpr) ||
    (provided.map((one) => constantText(flow, one.args[0]?.value)).find((id) => id !== '') ?? '');
  if (writesNoText(flow, call, model)) return;
  if (row.api === 'vercel-ai') {
    const known = modelExpr ? vercelProvider(flow, modelExpr, provided) : 'unknown';
    if (known === 'unknown') return;
    if (known === 'capped') return context.pass(call.callee);
  }
  if (row.api === 'litellm' && SELF_CAPPED_MODELS.test(model)) return context.pass(call.callee);
  const cap = capName(flow, call, row, module);
  const prompt = row.prompt
    .map((path) => lookUp(flow, call, path))
    .map((found) => (found.state === 'given' ? knownText(flow, found.value) : ''))
    .join('\n');
  report(context, call, 'default', model || labelOf(call, module), cap, call, prompt, model);
}

/** What can only be short: one label of a list (`output: 'enum'`), search queries in place of an answer. */
function isBriefByForm(flow: Flow, call: Call): boolean {
  const set = (name: string, wanted: unknown) => {
    const found = flow.argument(call, name);
    return found.state === 'given' && flow.constant(found.value) === wanted;
  };
  const output = flow.argument(call, 'output');
  if (
    output.state === 'given' &&
    output.value.kind === 'call' &&
    /^Output\.choice$/.test(textOf(flow.moduleOf(call), output.value.callee))
  )
    return true;
  return set('output', 'enum') || set('search_queries_only', true) || set('searchQueriesOnly', true);
}

/** Bodies differ by vendor, or the server sets a default of its own that nobody can see here. */
const SILENT_APIS: readonly string[] = [
  'bedrock-invoke',
  'huggingface-inference',
  'vllm',
  'transformersjs-generate',
  'llama-cpp-completion',
];

/** Text decoders only: sequence-to-sequence checkpoints carry their own length in their generation config. */
function checkGenerate(call: Call, row: LlmCall, context: RuleContext): void {
  const { flow, module } = context;
  const callee = call.callee;
  if (callee.kind !== 'member') return;
  const objects = flow.objects(callee.object);
  const isDecoder = objects.some(({ types }) =>
    types.some((type) =>
      /^(?:transformers|unsloth|peft)\.(?!TF|Flax)\w*(?:CausalLM|LMHeadModel|FastLanguageModel|FastModel)$/.test(
        type,
      ),
    ),
  );
  if (!isDecoder || objects.some(({ class: local }) => local !== null)) return;
  const state = capOfGenerate(flow, call, row);
  if (state === 'capped') return context.pass(callee);
  if (state === 'unknown') return;
  // `model.generation_config.max_new_tokens = 256`, anywhere in the program
  const configured = [...flow.related(module)].some((one) =>
    one.assigns.some(({ targets }) =>
      targets.some(
        (target) =>
          target.kind === 'member' &&
          /^(?:max_new_tokens|max_length|generation_config)$/.test(target.property),
      ),
    ),
  );
  if (configured) return;
  report(context, call, 'checkpoint', textOf(module, callee.object), 'max_new_tokens', call, '', '');
}

function capOfGenerate(flow: Flow, call: Call, row: LlmCall): 'capped' | 'uncapped' | 'unknown' {
  const state = callCap(flow, call, { ...row, defaultCap: null });
  // `**inputs` is what a tokenizer made: it carries ids and masks, never a limit
  const spreads = call.args.filter(({ spread }) => spread === 'dict');
  if (state !== 'unknown' || spreads.length === 0) return state;
  const fromTokenizer = spreads.every(({ value }) => isTokenized(flow, value));
  if (!fromTokenizer) return state;
  return callCap(
    flow,
    { ...call, args: call.args.filter(({ spread }) => spread !== 'dict') },
    { ...row, defaultCap: null },
  );
}

function isTokenized(flow: Flow, expr: Expr): boolean {
  if (flow.isA(expr, 'transformers.BatchEncoding')) return true;
  const objects = flow.objects(expr);
  return (
    objects.length > 0 &&
    objects.every(({ types }) => types.some((type) => /Tokenizer|Processor|BatchEncoding/.test(type)))
  );
}

const MODEL_ARGUMENTS = [
  'model',
  'model_name',
  'modelName',
  'model_id',
  'azure_deployment',
  'deployment_name',
];

function checkConstructor(call: Call, row: LlmConstructor, context: RuleContext): void {
  const { flow, module } = context;
  const state = constructorCap(flow, call, row);
  if (state === 'capped') return context.pass(call.callee);
  if (state === 'unknown' && (row.api !== 'google-generativeai' || namesCap(flow, module))) return;
  const position =
    module.language === 'python' && (row.api === 'google-generativeai' || /init/.test(row.name))
      ? 0
      : undefined;
  const modelExpr = given(flow, call, MODEL_ARGUMENTS, position);
  // one setting may hold the models of several providers: this class runs those that are not Anthropic's
  const ids = modelExpr ? flow.constants(modelExpr).filter((id) => typeof id === 'string') : [];
  const isMixed = ids.some((id) => !SELF_CAPPED_MODELS.test(id));
  const model = isMixed && ids.length > 1 ? '' : constantText(flow, modelExpr);
  const type = flow.objects(call)[0]?.types[0] ?? row.name;
  if (SELF_CAPPED_CLASSES[type] || SELF_CAPPED_MODELS.test(model)) return context.pass(call.callee);
  if (row.name === 'transformers.pipeline' && isShortByItself(call, flow)) return;
  if (writesNoText(flow, call, model)) return;
  // `configurable_fields`, a provider read at run time: what it builds is not known
  if (/init_?chat_?model/i.test(row.name) && !model) return;
  const cap = /init_?chat_?model/i.test(row.name)
    ? initCap(flow, call, model, row, module.language)
    : row.cap[module.language];
  const message = row.api === 'transformers' ? 'checkpoint' : 'built';
  report(
    context,
    call,
    message,
    model || labelOf(call, module),
    cap ?? row.caps[0] ?? '',
    cap ? call : null,
    '',
    model,
  );
}

/** Whether the pipeline runs GPT-2, which it also loads where no model is named. */
function isShortByItself(call: Call, flow: Flow): boolean {
  const model = flow.argument(call, 'model', 1);
  if (model.state !== 'given') return model.state === 'absent';
  const sources = flow.objects(model.value).flatMap(({ origin }) => origin?.args[0]?.value ?? []);
  return [model.value, ...sources].some((one) => SHORT_PIPELINES.test(constantText(flow, one)));
}

/** Whether a program that holds the module writes a cap anywhere: if none does, no use that is out of sight has one. */
function namesCap(flow: Flow, module: Module): boolean {
  return [...flow.related(module)].some(({ text }) =>
    /max_?output_?tokens|generation_?config|\*\*\w*(?:config|options|params)/i.test(text),
  );
}

/** `init_chat_model` hands its arguments on: Ollama's class takes another name, and passes over one that it does not know. */
function initCap(
  flow: Flow,
  call: Call,
  model: string,
  row: LlmConstructor,
  language: Module['language'],
): string | null {
  const provider = constantText(flow, given(flow, call, ['model_provider', 'modelProvider']));
  const isOllama = /^ollama[:/]/.test(model) || provider === 'ollama';
  if (!isOllama) return row.cap[language];
  return language === 'python' ? 'num_predict' : 'numPredict';
}

function report(
  context: RuleContext,
  call: Call,
  message: 'default' | 'built' | 'checkpoint',
  model: string,
  cap: string,
  host: Call | Dict | null,
  prompt: string,
  id: string,
): void {
  const { flow, module } = context;
  // today's models of Google reason before they answer, unless their name says otherwise
  const mayReason = id === '' && flow.names(call).some((one) => one.startsWith('google.genai.'));
  const tokens = mayReason ? REASONING_CAP : capFor(prompt, id);
  const name = cap.slice(cap.lastIndexOf('.') + 1);
  const fixes: Fix[] =
    host && setOption(flow, module, host, cap, String(tokens))
      ? [
          {
            title: {
              en: `Limit the answer to ${tokens} tokens (\`${name}\`)`,
              fr: `Limiter la réponse à ${tokens} jetons (\`${name}\`)`,
            },
            edits: () => setOption(flow, module, host, cap, String(tokens)) ?? [],
          },
        ]
      : [];
  context.fail(call.callee, { message, data: { model, cap: name }, fixes });
}

const LABEL_PROMPT =
  /\b(?:yes or no|true or false|yes\/no|one[- ]word|single word|oui ou non|vrai ou faux|un seul mot)\b|["'`]yes["'`] or ["'`]no["'`]|\b(?:only|just) (?:answer|respond|reply|return|output|give)?\s*(?:with )?(?:the |a |one )?(?:label|category|class|digit|number|letter|word)\b(?! of)/i;

/** Tokens by task: a label needs few, hidden reasoning many. */
function capFor(prompt: string, model: string): number {
  if (REASONING_MODELS.test(model)) return REASONING_CAP;
  return LABEL_PROMPT.test(prompt) ? LABEL_CAP : DEFAULT_CAP;
}

function given(flow: Flow, call: Call, paths: readonly string[], position?: number): Expr | undefined {
  for (const path of paths) {
    if (path.startsWith('constructor.')) continue;
    const found = flow.argument(call, path, position);
    if (found.state === 'given') return found.value;
  }
  return undefined;
}

function constantText(flow: Flow, expr: Expr | undefined): string {
  // what a test hands in is no model of the program
  const isTest = expr !== undefined && isUnitTest(flow.moduleOf(expr));
  const found = expr
    ? flow
        .values(expr)
        .find(
          (value) =>
            value.kind === 'constant' &&
            typeof value.value === 'string' &&
            (isTest || !isUnitTest(flow.moduleOf(value.node))),
        )
    : undefined;
  const text = found?.kind === 'constant' ? String(found.value) : '';
  return text.length <= 80 ? text : '';
}

function entry(dict: Dict, name: string): Expr | undefined {
  return dict.entries.find(({ key }) => key?.kind === 'literal' && key.value === name)?.value;
}

/** What stands for the model in the message when its id is not known. */
function labelOf(call: Call, module: Module): string {
  const text = textOf(module, call.callee).replace(/\s+/g, '');
  return text.length <= 60 && !/[()]/.test(text) ? text : text.slice(text.lastIndexOf('.') + 1);
}

/** Names that version 5 of the Vercel SDK no longer has. */
const VERCEL_4 =
  /\b(?:maxTokens|to(?:AI|Data)Stream(?:Response)?|pipe(?:AI|Data)Stream\w*|maxSteps|maxToolRoundtrips|convertToCoreMessages|StreamingTextResponse|StreamData|experimental_streamText|experimental_generateText)\b/;

function capName(flow: Flow, call: Call, row: LlmCall, module: Module): string {
  if (row.api === 'openai-chat') return chatCap(flow, call, module);
  const name = row.cap[module.language] ?? row.caps[0] ?? '';
  // version 4 of the SDK has another name for it, and other names for much else
  if (row.api === 'vercel-ai')
    return [...flow.related(module)].some(({ text }) => VERCEL_4.test(text))
      ? 'maxTokens'
      : 'maxOutputTokens';
  return name;
}

/** Today's name, but the older one where the file speaks to a compatible server or uses it already. */
function chatCap(flow: Flow, call: Call, module: Module): string {
  if (/\bmax_completion_tokens\b/.test(module.text)) return 'max_completion_tokens';
  if (/\bmax_tokens\b/.test(module.text)) return 'max_tokens';
  if (flow.names(call).some((name) => /^(?:groq|together|web-llm)\./.test(name))) return 'max_tokens';
  if (call.callee.kind === 'member') {
    let root: Expr = call.callee;
    while (root.kind === 'member' && !flow.isA(root, 'openai.OpenAI')) root = root.object;
    for (const { origin, types } of flow.objects(root)) {
      if (!origin) continue;
      if (types.includes('openai.AzureOpenAI')) return 'max_tokens';
      const address = flow.argument(origin, module.language === 'python' ? 'base_url' : 'baseURL');
      if (address.state !== 'absent') return 'max_tokens';
    }
  }
  return /api\.openai\.com|openai/i.test(module.text) &&
    !/openrouter|groq\.com|together|deepseek|mistral\.ai|localhost|127\.0\.0\.1/.test(module.text)
    ? 'max_completion_tokens'
    : 'max_tokens';
}

/** Calls that give the Vercel SDK its model: `openai('gpt-4o')`, where it stands or where it was kept. */
function providerCalls(flow: Flow, expr: Expr): readonly Call[] {
  const origins = flow.objects(expr).flatMap(({ origin }) => (origin ? [origin] : []));
  return expr.kind === 'call' ? [expr, ...origins] : origins;
}

/** Settings of a provider's model that cap it: Ollama's providers take them there. */
const PROVIDER_CAPS = ['options.num_predict', 'numPredict'];

/** Whether the model given to the Vercel SDK is one that its provider caps, or one that can be anything. */
function vercelProvider(flow: Flow, expr: Expr, calls: readonly Call[]): 'capped' | 'uncapped' | 'unknown' {
  const id = constantText(flow, expr);
  if (id) return SELF_CAPPED_MODELS.test(id) ? 'capped' : 'uncapped';
  const names = [
    ...calls.flatMap((call) => flow.names(call)),
    ...flow.objects(expr).flatMap(({ types }) => types),
  ].filter((name) => !name.startsWith('?'));
  if (names.length === 0) return 'unknown';
  if (names.some((name) => SELF_CAPPED_PROVIDERS.some((provider) => name.startsWith(`${provider}.`))))
    return 'capped';
  if (names.some((name) => /wrapLanguageModel|customProvider|createProviderRegistry|Middleware/.test(name)))
    return 'unknown';
  if (names.some((name) => /ollama/.test(name))) {
    const settled = calls
      .filter(({ args }) => args.length > 1)
      .map((call) => capAmong(flow, { ...call, args: call.args.slice(1) }, PROVIDER_CAPS))
      .find((state) => state !== 'uncapped');
    if (settled) return settled;
  }
  const inner = calls.flatMap((call) => (call.args[0] ? [constantText(flow, call.args[0].value)] : []));
  if (inner.some((model) => SELF_CAPPED_MODELS.test(model))) return 'capped';
  return 'uncapped';
}
