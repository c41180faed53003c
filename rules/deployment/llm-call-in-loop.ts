import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, Loop, Module, Node } from '../../analysis/model.ts';
import { contains, descendants, enclosingFunction, enclosingLoops } from '../../analysis/tree.ts';
import { replace, textOf } from '../edits.ts';
import { EMBEDDING_CALLS } from '../knowledge/llm-apis.ts';
import { LLM_LIBRARIES } from '../knowledge/llm-models.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { asksModel, growingLists, modelCalls, waitsForSomebody } from '../semantics/llm-loops.ts';
import { MAPPING_NAMES, mappedFunction } from '../semantics/mapped.ts';
import { dependsOn, isGuarded, isMemoised } from '../semantics/serving.ts';

export default defineRule({
  id: 'llm-call-in-loop',
  phase: 'deployment',
  languages: ['python', 'typescript'],
  severity: 'information',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'medium',
    source: {
      en: 'ML.ENERGY Benchmark v3 (rules/knowledge, levers): Llama-3.1-8B on an H100, 0.455 J per token at batch 8, 0.119 J at batch 64.',
      fr: 'ML.ENERGY Benchmark v3 (rules/knowledge, levers) : Llama-3.1-8B sur un H100, 0,455 J par jeton par lots de 8, 0,119 J par lots de 64.',
    },
  },
  references: {
    course: [
      "Phase de déploiement — Réduire le coût d'inférence : « Exécuter en batch plutôt qu'en temps réel si possible »",
      'La sobriété par l’usage : « Mise en cache des résultats fréquents »',
    ],
    links: [
      'https://platform.openai.com/docs/guides/batch',
      'https://docs.claude.com/en/docs/build-with-claude/batch-processing',
    ],
  },
  libraries: LLM_LIBRARIES,
  title: { en: 'One language-model call per item', fr: 'Un appel de modèle de langage par élément' },
  what: {
    en: 'A loop over a collection that asks a language model (or an embedding API) once for each item, one after the other, directly or through a function of one’s own. Silent for conversations and agents, where each call needs the answer before, for retries, and where results are kept.',
    fr: 'Une boucle sur une collection qui interroge un modèle de langage (ou une API d’embeddings) une fois par élément, l’un après l’autre, directement ou par une fonction du projet. Muet pour les conversations et les agents, où chaque appel dépend de la réponse précédente, pour les relances, et quand les résultats sont gardés.',
  },
  why: {
    en: 'Requests that come together share the hardware: the same model takes 0.455 J per token at batch 8 and 0.119 J at batch 64 (ML.ENERGY, Llama-3.1-8B, H100). In a loop the instructions are sent again with every item, too, and duplicates are asked twice.',
    fr: 'Des requêtes groupées partagent le matériel : le même modèle consomme 0,455 J par jeton par lots de 8, 0,119 J par lots de 64 (ML.ENERGY, Llama-3.1-8B, H100). Dans une boucle, les consignes sont aussi renvoyées avec chaque élément, et les doublons demandés deux fois.',
  },
  instead: {
    en: 'Where nobody waits, use the provider’s batch API. Else put several items into one request (embedding APIs take a list), or use the library’s own `batch` with a bound on concurrency; keep answers in a cache so that the same input is asked once. Ignore this for a handful of items.',
    fr: 'Si personne n’attend, utilisez l’API de lots du fournisseur. Sinon, mettez plusieurs éléments dans une requête (les API d’embeddings acceptent une liste), ou le `batch` de la bibliothèque avec une concurrence bornée ; gardez les réponses en cache pour ne demander qu’une fois la même chose. À ignorer pour une poignée d’éléments.',
  },
  messages: {
    default: {
      en: '`{call}` asks the model once per item: send them in batches.',
      fr: '`{call}` interroge le modèle une fois par élément : envoyez-les par lots.',
    },
    embedding: {
      en: '`{call}` embeds one item at a time: the API takes a list.',
      fr: '`{call}` encode un élément à la fois : l’API accepte une liste.',
    },
  },
  on: { loops: check, calls: { names: MAPPING_NAMES, check: checkMapped } },
  examples: {
    bad: [
      {
        file: 'embed.ts',
        code: "import OpenAI from 'openai';\n\nconst openai = new OpenAI();\n\nexport async function keepAll(store: any, essays: { chunks: string[] }[]) {\n  for (let i = 0; i < essays.length; i++) {\n    const essay = essays[i];\n    for (let j = 0; j < essay.chunks.length; j++) {\n      const chunk = essay.chunks[j];\n      const reply = await openai.embeddings.create({ model: 'text-embedding-3-small', input: chunk });\n      await store.from('notes').insert({ chunk, vector: reply.data[0].embedding }).select('*');\n    }\n  }\n}\n",
        note: { en: 'A loop that counts.', fr: 'Une boucle qui compte.' },
      },
      {
        file: 'chain.py',
        code: 'from langchain_core.output_parsers import StrOutputParser\nfrom langchain_core.prompts import ChatPromptTemplate\nfrom langchain_openai import ChatOpenAI\n\nllm = ChatOpenAI(model="gpt-4o-mini", max_tokens=80)\nchain = ChatPromptTemplate.from_template("Summarise: {text}") | llm | StrOutputParser()\n\ndef summaries(texts):\n    found = []\n    for text in texts:\n        found.append(chain.invoke({"text": text}))\n    return found\n',
        note: { en: 'A chain runs its model.', fr: 'Une chaîne exécute son modèle.' },
      },
      {
        file: 'notes.ts',
        code: "import { ChatPromptTemplate } from '@langchain/core/prompts';\nimport { RunnableSequence } from '@langchain/core/runnables';\nimport { ChatOllama } from '@langchain/ollama';\n\nconst model = new ChatOllama({ model: 'llama3.1', numPredict: 100 });\nconst chain = RunnableSequence.from([ChatPromptTemplate.fromTemplate('Label: {note}'), model]);\n\nexport async function label(notes: { text: string; label?: unknown }[]) {\n  for (const note of notes) {\n    note.label = await chain.invoke({ note: note.text });\n  }\n}\n",
      },
      {
        code: 'import pandas as pd\nfrom openai import OpenAI\n\nclient = OpenAI()\nreviews = pd.read_csv("reviews.csv")["text"]\nlabels = []\nfor review in reviews:\n    reply = client.chat.completions.create(\n        model="gpt-4o-mini",\n        messages=[{"role": "user", "content": f"Positive or negative? {review}"}],\n        max_tokens=5,\n    )\n    labels.append(reply.choices[0].message.content)\n',
      },
      {
        code: 'from langchain_openai import ChatOpenAI\n\nllm = ChatOpenAI(model="gpt-4o-mini", max_tokens=200)\n\ndef summarise(texts):\n    return [llm.invoke(text) for text in texts]\n',
        fixed:
          'from langchain_openai import ChatOpenAI\n\nllm = ChatOpenAI(model="gpt-4o-mini", max_tokens=200)\n\ndef summarise(texts):\n    return llm.batch(list(texts), config={"max_concurrency": 8})\n',
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef embed(text):\n    return client.embeddings.create(model="text-embedding-3-small", input=text).data[0].embedding\n\ndef index(chunks):\n    vectors = []\n    for chunk in chunks:\n        vectors.append(embed(chunk))\n    return vectors\n',
      },
      {
        file: 'translate.ts',
        code: "import OpenAI from 'openai';\n\nconst openai = new OpenAI();\n\nexport async function translateAll(texts: string[]) {\n  const out: string[] = [];\n  for (const text of texts) {\n    const reply = await openai.responses.create({ model: 'gpt-4o-mini', input: 'Translate: ' + text, max_output_tokens: 300 });\n    out.push(reply.output_text);\n  }\n  return out;\n}\n",
      },
      {
        file: 'column.py',
        code: 'import pandas as pd\nfrom openai import OpenAI\n\nclient = OpenAI()\nreviews = pd.read_csv("reviews.csv")\n\ndef summarise(text):\n    prompt = f"Summarise: {text}"\n    reply = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": prompt}], max_tokens=80)\n    return reply.choices[0].message.content\n\nreviews["summary"] = reviews["text"].apply(summarise)\n',
      },
    ],
    good: [
      {
        file: 'progress.py',
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef labels(texts):\n    for text in texts:\n        reply = client.responses.create(model="gpt-4o-mini", input=text, max_output_tokens=16)\n        yield text, reply.output_text\n',
        note: {
          en: 'Each answer is shown as it comes.',
          fr: 'Chaque réponse est montrée dès qu’elle vient.',
        },
      },
      {
        file: 'tries.ts',
        code: "import OpenAI from 'openai';\n\nconst openai = new OpenAI();\nconst SIZE = 100;\n\nexport async function answer(texts: string[]) {\n  for (let i = 0; i < 3; i++) {\n    const reply = await openai.responses.create({ model: 'gpt-4o-mini', input: texts[i], max_output_tokens: 20 });\n    if (reply.output_text) return reply.output_text;\n  }\n}\n\nexport async function vectors(texts: string[]) {\n  const found = [];\n  for (let i = 0; i < texts.length; i += SIZE) {\n    const reply = await openai.embeddings.create({ model: 'text-embedding-3-small', input: texts.slice(i, i + SIZE) });\n    found.push(...reply.data);\n  }\n  return found;\n}\n",
        note: { en: 'Tries, and batches.', fr: 'Des essais, et des lots.' },
      },
      {
        file: 'jobs.py',
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef run(goal, tools):\n    messages = [{"role": "user", "content": goal}]\n    for _ in range(10):\n        sent = list(messages)\n        message = client.chat.completions.create(model="gpt-4o-mini", messages=sent, tools=tools, max_tokens=300).choices[0].message\n        if not message.tool_calls:\n            return message.content\n        messages.append(message)\n\ndef due(jobs, tools):\n    for job in jobs:\n        print(run(job.goal, tools))\n',
        note: { en: 'A run of an agent for each job.', fr: 'Un agent lancé pour chaque tâche.' },
      },
      {
        file: 'format.py',
        code: 'from langchain_core.prompts import ChatPromptTemplate\nfrom langchain_core.runnables import RunnableLambda\n\nfilled = ChatPromptTemplate.from_template("Summarise: {text}") | RunnableLambda(str)\n\ndef prompts(texts):\n    return [filled.invoke({"text": text}) for text in texts]\n',
        note: { en: 'A chain with no model in it.', fr: 'Une chaîne sans modèle.' },
      },
      {
        file: 'tests/answers.js',
        code: "const OpenAI = require('openai');\nconst cases = JSON.parse(require('fs').readFileSync('cases.json', 'utf8'));\n\nconst client = new OpenAI();\n\n(async () => {\n  for (const one of cases) {\n    const reply = await client.responses.create({ model: 'gpt-4o-mini', input: one.question, max_output_tokens: 50 });\n    console.log(reply.output_text === one.answer ? 'passed' : 'failed');\n  }\n})();\n",
        note: { en: 'Tests of the answers.', fr: 'Des tests des réponses.' },
      },
      {
        code: 'import pandas as pd\nfrom openai import OpenAI\n\nclient = OpenAI()\nreviews = pd.read_csv("reviews.csv")\nknown = {}\n\ndef summarise(text):\n    if text not in known:\n        known[text] = client.responses.create(model="gpt-4o-mini", input=text, max_output_tokens=80).output_text\n    return known[text]\n\nreviews["summary"] = reviews["text"].apply(summarise)\nprint(reviews["text"].head().apply(lambda text: client.responses.create(model="gpt-4o-mini", input=text, max_output_tokens=8).output_text))\nreviews["length"] = reviews["text"].apply(lambda text: len(text))\n',
        note: { en: 'Answers kept; a few items.', fr: 'Réponses gardées ; quelques éléments.' },
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\nmessages = [{"role": "system", "content": "You are an interviewer."}]\n\ndef interview(questions):\n    for question in questions:\n        messages.append({"role": "user", "content": question})\n        reply = client.chat.completions.create(model="gpt-4o-mini", messages=messages, max_tokens=200)\n        messages.append(reply.choices[0].message)\n',
        note: { en: 'Each turn needs the one before.', fr: 'Chaque tour dépend du précédent.' },
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef ask(prompt):\n    for attempt in range(5):\n        try:\n            return client.responses.create(model="gpt-4o-mini", input=prompt, max_output_tokens=100)\n        except Exception:\n            print("again", attempt)\n',
      },
      {
        code: 'import asyncio\nfrom openai import AsyncOpenAI\n\nclient = AsyncOpenAI()\n\nasync def ask(text):\n    return await client.responses.create(model="gpt-4o-mini", input=text, max_output_tokens=100)\n\nasync def main(texts):\n    return await asyncio.gather(*[ask(text) for text in texts])\n',
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\nfor chunk in client.chat.completions.create(model="gpt-4o-mini", messages=[], stream=True, max_tokens=100):\n    print(chunk.choices[0].delta.content)\n',
        note: { en: 'One call, read piece by piece.', fr: 'Un seul appel, lu morceau par morceau.' },
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef grade(question, answer):\n    return client.responses.create(model="gpt-4o-mini", input=question + answer, max_output_tokens=8).output_text\n\ncases = [\n    {"question": "2 + 2?", "answer": "4"},\n    {"question": "3 + 3?", "answer": "5"},\n    {"question": "Capital of Peru?", "answer": "Lima"},\n    {"question": "Capital of Chad?", "answer": "Lagos"},\n]\nfor case in cases:\n    print(grade(case["question"], case["answer"]))\n\ndef preview(rows):\n    for number, row in enumerate(rows[:5]):\n        print(number, grade(row["question"], row["answer"]))\n',
        note: { en: 'A handful of items.', fr: 'Une poignée d’éléments.' },
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef plan(goal):\n    reply = client.responses.create(model="gpt-4o-mini", input=f"Steps for {goal}", max_output_tokens=300)\n    return reply.output_text.splitlines()\n\ndef carry_out(step):\n    return client.responses.create(model="gpt-4o-mini", input=step, max_output_tokens=300).output_text\n\ndef main(goal):\n    steps = plan(goal)\n    for step in steps:\n        print(carry_out(step))\n',
        note: {
          en: 'An agent that carries out its plan, step by step.',
          fr: 'Un agent qui exécute son plan, étape par étape.',
        },
      },
      {
        code: 'from anthropic import Anthropic\nfrom search import hits\n\nclient = Anthropic()\n\ndef answer(question, passages):\n    text = question + str(passages)\n    return client.messages.create(model="claude-3-5-haiku-latest", max_tokens=200, messages=[{"role": "user", "content": text}])\n\ndef compare(question, indexes):\n    for strategy, index in indexes.items():\n        print(strategy, answer(question, hits(index, question)))\n\ndef check(tools):\n    for one in tools:\n        text = "Use the tool " + one["name"]\n        client.messages.create(model="claude-3-5-haiku-latest", max_tokens=200, tools=[one], messages=[{"role": "user", "content": text}])\n\ntests = [("weather", ["Is it hot in Lima?", "Rain in Oslo?"]), ("sums", ["2 + 2?", "3 * 7?"])]\nfor title, questions in tests:\n    for question in questions:\n        print(title, answer(question, []))\n',
        note: {
          en: 'Strategies side by side, tools tried out, short lists of a demonstration.',
          fr: 'Des stratégies côte à côte, des outils essayés, de courtes listes de démonstration.',
        },
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\nfor model in ["gpt-4o", "gpt-4o-mini"]:\n    print(client.responses.create(model=model, input="Hello", max_output_tokens=20).output_text)\n',
      },
      {
        code: 'import time\nfrom openai import OpenAI\nfrom questions import questions\n\nclient = OpenAI()\ntimes = []\nfor question in questions:\n    start = time.perf_counter()\n    client.responses.create(model="gpt-4o-mini", input=question, max_output_tokens=200)\n    times.append(time.perf_counter() - start)\n',
        note: { en: 'A benchmark.', fr: 'Un banc d’essai.' },
      },
      {
        code: 'from openai import OpenAI\nfrom store import answers\n\nclient = OpenAI()\n\ndef label_all(texts):\n    labels = []\n    for text in texts:\n        cached = answers.get(text)\n        if cached:\n            labels.append(cached)\n            continue\n        reply = client.responses.create(model="gpt-4o-mini", input=text, max_output_tokens=16)\n        answers.put(text, reply.output_text)\n    return labels\n\ndef mood(title):\n    cached = answers.get(title)\n    if cached is not None:\n        return cached\n    return client.responses.create(model="gpt-4o-mini", input=title, max_output_tokens=16).output_text\n\ndef moods(titles):\n    return [mood(title) for title in titles]\n',
        note: { en: 'Answers kept in a store.', fr: 'Réponses gardées dans un magasin.' },
      },
      {
        code: 'from functools import lru_cache\nfrom openai import OpenAI\n\nclient = OpenAI()\n\n@lru_cache(maxsize=1000)\ndef label(text):\n    return client.responses.create(model="gpt-4o-mini", input=text, max_output_tokens=16).output_text\n\ndef all_labels(texts):\n    return [label(text) for text in texts]\n',
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef embed(texts):\n    vectors = []\n    for start in range(0, len(texts), 100):\n        reply = client.embeddings.create(model="text-embedding-3-small", input=texts[start:start + 100])\n        vectors.extend(item.embedding for item in reply.data)\n    return vectors\n',
      },
    ],
  },
});

const embeddings = new Set(EMBEDDING_CALLS.filter((name) => !name.startsWith('sentence_transformers.')));
/** Calls that take many texts already. */
const MANY = /(?:embedMany|embed_documents|embedDocuments)$/;

function check(loop: Loop, context: RuleContext): void {
  const { flow, module } = context;
  const pass = passOf(flow, loop);
  if (!pass) return;
  const { body, target, iterable } = pass;
  if (isFew(flow, loop, iterable) || isBatches(flow, module, target, iterable)) return;
  const found = callIn(flow, loop, body);
  if (!found || waitsForSomebody(body) || isPlanned(flow, loop, iterable)) return;
  const { at, call, embeds } = found;
  if (!dependsOn(flow, at, loop) || !usesItem(flow, at, loop)) return;
  if (
    choosesModel(flow, at, target) ||
    isSequential(flow, at, call, loop) ||
    isKept(flow, at, call, loop, body)
  )
    return;
  // an answer that is handed on as it comes cannot wait for the others
  if (isTimed(module, body) || descendants(body, 'yield', true).length > 0) return;
  if (comparesWays(module, target, iterable) || triesTools(flow, call, loop, target)) return;
  // a function with a loop of its own: that loop says it
  if (goesThroughMore(flow, at)) return;
  if (isDeferred(flow, at) || endsEarly(loop, at) || (call !== at && isAgentStep(flow, call))) return;
  context.fail(at.callee, {
    message: embeds ? 'embedding' : 'default',
    data: { call: nameOf(at, module) },
    fixes: embeds ? [] : fixFor(flow, module, loop, at),
  });
}

/** What a loop goes through; `for (let i = 0; i < texts.length; i++)` goes through `texts`. */
function passOf(
  flow: Flow,
  loop: Loop,
): { readonly body: Node; readonly target: Expr; readonly iterable: Expr } | null {
  if (loop.kind === 'for') return loop;
  if (loop.kind === 'comprehension') {
    const clause = loop.clauses[0];
    return clause ? { body: loop.element, target: clause.target, iterable: clause.iterable } : null;
  }
  const { test, update, body } = loop;
  if (!update || test?.kind !== 'binary' || test.operator !== '<' || test.left.kind !== 'name') return null;
  if (test.right.kind !== 'member' || test.right.property !== 'length') return null;
  const step = textOf(flow.moduleOf(loop), update).replace(/\s+/g, '');
  const { name } = test.left;
  const isEach = [`${name}++`, `++${name}`, `${name}+=1`].includes(step);
  return isEach ? { body, target: test.left, iterable: test.right.object } : null;
}

/** `texts.apply(ask)`. */
function checkMapped(mapping: Call, context: RuleContext): void {
  const { flow, module } = context;
  const fn = mappedFunction(flow, mapping);
  if (!fn || isMemoised(flow, fn)) return;
  const asked = modelCalls(flow, fn.body)[0];
  const embeds = asked
    ? undefined
    : descendants(fn.body, 'call', true).find(
        (one) => isEmbedding(flow, one) && enclosingLoops(one).length === 0,
      );
  const at = asked?.at ?? embeds;
  // a function that looks its answers up in a store, or lets a conversation grow
  if (!at || isGuarded(flow, at) || waitsForSomebody(fn.body)) return;
  if (flow.targets(at).some((inner) => isMemoised(flow, inner))) return;
  const growing = growingLists(fn.body);
  if (descendants(at, 'name').some(({ name }) => growing.has(name))) return;
  if (!at.args.some((argument) => dependsOn(flow, argument, fn))) return;
  context.fail(mapping.callee, {
    message: asked ? 'default' : 'embedding',
    data: { call: nameOf(asked ? mapping : at, module) },
  });
}

function callIn(flow: Flow, loop: Loop, body: Node): { at: Call; call: Call; embeds: boolean } | null {
  const own = (at: Call) => enclosingLoops(at)[0] === loop;
  const asked = modelCalls(flow, body).find(({ at }) => own(at));
  if (asked) return { ...asked, embeds: false };
  for (const at of descendants(body, 'call', true)) {
    if (!own(at)) continue;
    const targets = flow.targets(at);
    // a class of one's own that stands in for a library's: what it does itself counts
    if (targets.length === 0 && isEmbedding(flow, at)) return { at, call: at, embeds: true };
    for (const fn of targets) {
      const inner = descendants(fn.body, 'call', true).find(
        (one) => isEmbedding(flow, one) && enclosingLoops(one).length === 0,
      );
      if (inner && !isMemoised(flow, fn)) return { at, call: inner, embeds: true };
    }
  }
  return null;
}

function isEmbedding(flow: Flow, call: Call): boolean {
  return flow.names(call).some((name) => embeddings.has(name) && !MANY.test(name));
}

/** A handful: items written in the program, or the first few of many. */
const FEW = 10;

function isFew(flow: Flow, loop: Loop, iterable: Expr): boolean {
  const count = flow.iterations(loop);
  if (count !== undefined) return count <= FEW;
  if (isWrittenShort(flow, iterable)) return true;
  const sample = SAMPLE.exec(textOf(flow.moduleOf(iterable), iterable))?.[1];
  if (sample !== undefined) return Number(sample) <= FEW;
  return [iterable, ...descendants(iterable, 'index')].some(
    (one) =>
      one.kind === 'index' &&
      one.index.kind === 'slice' &&
      one.index.upper?.kind === 'literal' &&
      typeof one.index.upper.value === 'number' &&
      (one.index.lower === null || one.index.lower.kind === 'literal') &&
      one.index.upper.value >= 0 &&
      one.index.upper.value <= FEW,
  );
}

/** Models, strategies, agents, tools: each is asked once, to compare them or for its own part. */
const WAYS =
  /(?:^|_|\b)(?:models?|llms?|providers?|platforms?|engines?|backends?|strateg(?:y|ies)|strat|variants?|personas?|agents?|experts?|roles?|temperatures?|techniques?|methods?|approach(?:es)?|prompt_?(?:types?|versions?|variants?)|use_?cases?|tools?|languages?|scenarios?|plan|sub_?tasks?|todos?|steps)(?:$|_|\b|(?:_?(?:names?|ids?|configs?|list)))/i;

function comparesWays(module: Module, target: Expr, iterable: Expr): boolean {
  const words = (expr: Expr) =>
    textOf(module, expr)
      .replace(/([a-z])([A-Z])/g, '$1_$2')
      .replace(/\bself\.|\bthis\.|\.(?:items|values|keys|entries)\(\)/g, '');
  // `model.questions` are questions, `models` are models
  const last = words(iterable).replace(/^.*\.(?=\w+$)/, '');
  return WAYS.test(words(target)) || WAYS.test(last.split('(').at(-1) ?? last);
}

/** A benchmark times each request: together they would tell nothing. */
function isTimed(module: Module, body: Node): boolean {
  return (
    /perf_counter|performance\.now|latenc|throughput/i.test(textOf(module, body)) ||
    /(?:^|\/)[^/]*bench[^/]*$/i.test(module.path)
  );
}

/** `tools=[tool]`: another request each time, or an agent that acts on its tasks. */
function triesTools(flow: Flow, call: Call, loop: Loop, target: Expr): boolean {
  const tools = flow.argument(call, 'tools');
  if (tools.state !== 'given') return false;
  return dependsOn(flow, tools.value, loop) || /task|action/i.test(textOf(flow.moduleOf(target), target));
}

/** Whether the function called asks in a loop of its own over many items, itself or through another. */
function goesThroughMore(flow: Flow, at: Call, depth = 3): boolean {
  return flow.targets(at).some((fn) => {
    const inner = modelCalls(flow, fn.body)[0]?.at;
    if (!inner) return false;
    const isLooped = enclosingLoops(inner).some((loop) => {
      const pass = passOf(flow, loop);
      return (
        pass !== null &&
        !isFew(flow, loop, pass.iterable) &&
        !isBatches(flow, flow.moduleOf(loop), pass.target, pass.iterable)
      );
    });
    return isLooped || (depth > 0 && goesThroughMore(flow, inner, depth - 1));
  });
}

/** The steps of a plan that a model has just made: an agent at work, each step in its turn. */
function isPlanned(flow: Flow, loop: Loop, iterable: Expr, depth = 3): boolean {
  const within = enclosingFunction(loop)?.body ?? flow.moduleOf(loop).body;
  const names = new Set(descendants(iterable, 'name').map(({ name }) => name));
  return descendants(within, 'assign', true).some(({ targets, value, start }) => {
    const [target] = targets;
    if (!value || start >= loop.start || target?.kind !== 'name' || !names.has(target.name)) return false;
    if (modelCalls(flow, value).length > 0) return true;
    return depth > 0 && !contains(value, iterable) && isPlanned(flow, loop, value, depth - 1);
  });
}

/** Short lists written in the program, picked by an outer loop. */
function isWrittenShort(flow: Flow, iterable: Expr): boolean {
  const lists = flow.values(iterable);
  return (
    lists.length > 0 &&
    lists.every(
      (value) => value.kind === 'display' && value.node.kind === 'sequence' && isShort(value.node.items),
    )
  );
}

const isShort = (items: readonly Expr[]): boolean =>
  items.length > 0 && items.length <= FEW && items.every(({ kind }) => kind !== 'spread');

/** `rows.sample(5)`, `rows.head(3)`, `random.sample(rows, 8)`. */
const SAMPLE = /(?:\.(?:head|sample)\((?:n=)?|random\.(?:sample|choices)\([^()]*,\s*(?:k=)?)(\d+)\b/;

/** A function that first looks for an answer it gave before: `if cached: return cached`. */
function looksUp(flow: Flow, call: Call): boolean {
  if (isGuarded(flow, call)) return true;
  const fn = enclosingFunction(call);
  return (
    fn !== null &&
    descendants(fn.body, 'if', true).some(
      ({ test, then }) =>
        then.end <= call.start &&
        KEPT.test(textOf(flow.moduleOf(test), test)) &&
        descendants(then, 'return', true).length > 0,
    )
  );
}

/** Items that are batches already, or the tool calls of one answer. */
function isBatches(flow: Flow, module: Module, target: Expr, iterable: Expr): boolean {
  if (
    /batch|tool_?call/i.test(textOf(module, target)) ||
    /tool_?calls|batch|attempt|retr/i.test(textOf(module, iterable))
  )
    return true;
  if (target.kind === 'name' && /^(?:attempt|retry|tries|trial|step|turn|round|epoch|_)$/.test(target.name))
    return true;
  return (
    iterable.kind === 'call' && flow.names(iterable).includes('builtins.range') && iterable.args.length === 3
  );
}

/** What goes to the model comes from the item, not from the loop's mere presence. */
function usesItem(flow: Flow, at: Call, loop: Loop): boolean {
  return at.args.some((argument) => dependsOn(flow, argument, loop));
}

/** A comparison of models asks each the same. */
function choosesModel(flow: Flow, at: Call, target: Expr): boolean {
  const names = descendants(target, 'name').map(({ name }) => name);
  const model = flow.argument(at, 'model');
  const isItem = (expr: Expr) => descendants(expr, 'name').some(({ name }) => names.includes(name));
  return (model.state === 'given' && isItem(model.value)) || isItem(at.callee);
}

/** A conversation: what is sent holds a list that this loop, or the asking function, lets grow. */
function isSequential(flow: Flow, at: Call, call: Call, loop: Loop): boolean {
  const body = loop.kind === 'for' ? loop.body : loop;
  const growing = growingLists(body);
  const sent = descendants(at, 'name').map(({ name }) => name);
  const members = descendants(at, 'member').map(({ property }) => property);
  if ([...sent, ...members].some((name) => growing.has(name))) return true;
  // built on the way: `prompt = prompt_of(history)`
  const before = descendants(body, 'assign', true).filter(
    ({ targets }) => targets[0]?.kind === 'name' && sent.includes(targets[0].name),
  );
  if (before.some(({ value }) => value && descendants(value, 'name').some(({ name }) => growing.has(name))))
    return true;
  if (call === at) return /(?:send_?message\w*|chats?\.send)$/i.test(lastOf(at));
  const asking = enclosingFunction(call);
  return [...flow.targets(at), ...(asking ? [asking] : [])].some((fn) => {
    const inner = growingLists(fn.body);
    return (
      descendants(call, 'name').some(({ name }) => inner.has(name)) ||
      descendants(call, 'member').some(({ property }) => inner.has(property))
    );
  });
}

/** A step of an agent, which goes on as long as the model asks for tools: a run of it is no request to batch. */
function isAgentStep(flow: Flow, call: Call): boolean {
  return enclosingLoops(call).some((loop) =>
    /\btool_?calls?\b|\btool_use\b|\bfunction_?calls?\b/i.test(textOf(flow.moduleOf(loop), loop)),
  );
}

function lastOf(call: Call): string {
  return call.callee.kind === 'member'
    ? call.callee.property
    : call.callee.kind === 'name'
      ? call.callee.name
      : '';
}

/** How a stored answer is called: `if cached: continue`. */
const KEPT = /cached|already|\bknown|stored|processed|\.exists?\(|\bdone\b/i;

/** Answers kept: a memoised function, a guard on a cache, items skipped when they are known. */
function isKept(flow: Flow, at: Call, call: Call, loop: Loop, body: Node): boolean {
  if (isGuarded(flow, at) || (call !== at && looksUp(flow, call))) return true;
  if (flow.targets(at).some((fn) => isMemoised(flow, fn))) return true;
  if (loop.kind === 'comprehension') return false;
  return descendants(body, 'if', true).some(
    ({ test, then }) =>
      then.end <= at.start &&
      descendants(then, 'continue', true).length > 0 &&
      (descendants(test, 'binary').some(({ operator }) => operator === 'in') ||
        KEPT.test(textOf(flow.moduleOf(test), test))) &&
      !contains(then, at),
  );
}

/** Coroutines gathered and run together: bounded or not, they are not one after the other. */
function isDeferred(flow: Flow, at: Call): boolean {
  if (at.parent?.kind === 'await') return false;
  return (
    flow.targets(at).some(({ isAsync }) => isAsync) ||
    flow
      .names(at)
      .some((name) => /\.Async\w+\.|\.a(?:invoke|predict|chat|complete|generate|completion)$/.test(name))
  );
}

/** A search that stops at the first answer that will do, or a retry. */
function endsEarly(loop: Loop, at: Call): boolean {
  if (loop.kind === 'comprehension') return false;
  return [...descendants(loop.body, 'break', true), ...descendants(loop.body, 'return', true)].some(
    (exit) => exit.start > at.start || contains(exit, at),
  );
}

function nameOf(call: Call, module: Module): string {
  const text = textOf(module, call.callee).replace(/\s+/g, '');
  return text.length <= 60 ? text : text.slice(text.lastIndexOf('.') + 1);
}

/** `[llm.invoke(x) for x in xs]` is `llm.batch(xs)`. */
function fixFor(flow: Flow, module: Module, loop: Loop, at: Call): Fix[] {
  if (
    loop.kind !== 'comprehension' ||
    loop.type !== 'list' ||
    loop.element !== at ||
    loop.clauses.length !== 1
  )
    return [];
  const clause = loop.clauses[0];
  const [first, ...rest] = at.args;
  if (!clause || clause.conditions.length > 0 || clause.isAsync || !first || rest.length > 0 || first.name)
    return [];
  const isItem =
    first.value.kind === 'name' && clause.target.kind === 'name' && first.value.name === clause.target.name;
  const names = flow.names(at);
  if (
    !isItem ||
    at.callee.kind !== 'member' ||
    !names.some((name) => /^langchain\.Base\w+Model\.invoke$/.test(name))
  )
    return [];
  if (!asksModel(flow, at)) return [];
  const text = `${textOf(module, at.callee.object)}.batch(list(${textOf(module, clause.iterable)}), config={"max_concurrency": 8})`;
  return [
    {
      title: { en: 'Send them with `batch`', fr: 'Les envoyer avec `batch`' },
      edits: () => [replace(loop, text)],
    },
  ];
}
