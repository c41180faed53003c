import type { Call, Loop, Span } from '../../analysis/model.ts';
import { contains, descendants, enclosingLoops } from '../../analysis/tree.ts';
import { replace, textOf } from '../edits.ts';
import { LLM_LIBRARIES } from '../knowledge/llm-models.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import {
  asksPerson,
  countsTurns,
  isEndless,
  modelCalls,
  waitsForFlag,
  waitsForSomebody,
} from '../semantics/llm-loops.ts';

export default defineRule({
  id: 'unbounded-agent',
  phase: 'deployment',
  languages: ['python', 'typescript'],
  severity: 'warning',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'high',
    source: {
      en: 'Each step is a whole request, and its input holds all steps before: input of 10k tokens takes about 8 times the energy of a short prompt (Epoch AI via EcoLogits, rules/knowledge, levers).',
      fr: 'Chaque étape est une requête entière, dont l’entrée contient toutes les étapes précédentes : 10 000 jetons en entrée prennent environ 8 fois l’énergie d’une invite courte (Epoch AI par EcoLogits, rules/knowledge, levers).',
    },
  },
  references: {
    course: [
      'La sobriété par l’usage : « Seuils de déclenchement (ex. : appel IA seulement si l’incertitude dépasse un seuil) »',
      "Phase de déploiement — Réduire le coût d'inférence : « Ajuster la fréquence d'appel des modèles »",
    ],
  },
  libraries: LLM_LIBRARIES,
  title: {
    en: 'Agent loop with no limit on its steps',
    fr: 'Boucle d’agent sans limite d’étapes',
  },
  what: {
    en: 'A loop around a language model (`while True`, `while (wantsTool)`) that ends only when the model says so: no count of steps, nobody asked between two turns. Also an agent whose own limit is switched off (`max_iterations=None`).',
    fr: 'Une boucle autour d’un modèle de langage (`while True`, `while (wantsTool)`), qui ne finit que si le modèle le décide : aucun compte d’étapes, personne d’interrogé entre deux tours. Aussi un agent dont la limite est désactivée (`max_iterations=None`).',
  },
  why: {
    en: 'A model that repeats a failing tool call never stops by itself, and every step sends all steps before it again: a prompt of 10,000 tokens takes about 8 times the energy of a short one (Epoch AI, quoted by EcoLogits).',
    fr: 'Un modèle qui répète un appel d’outil en échec ne s’arrête pas de lui-même, et chaque étape renvoie toutes les précédentes : un prompt de 10 000 jetons consomme environ 8 fois plus qu’un prompt court (Epoch AI, cité par EcoLogits).',
  },
  instead: {
    en: 'Count the steps: `for _ in range(MAX_STEPS)`, and say what happens when they are used up. Frameworks have the parameter: `max_iterations`, `max_steps`, `max_turns`, `recursion_limit`, `stopWhen: stepCountIs(n)`. Ignore this where the service around the loop has a deadline or a budget of its own.',
    fr: 'Comptez les étapes : `for _ in range(MAX_STEPS)`, et dites ce qui se passe quand elles sont épuisées. Les frameworks ont le paramètre : `max_iterations`, `max_steps`, `max_turns`, `recursion_limit`, `stopWhen: stepCountIs(n)`. À ignorer si le service autour de la boucle a son propre délai ou budget.',
  },
  messages: {
    default: {
      en: 'Only the model’s own answer ends this loop: nothing limits how often it is asked.',
      fr: 'Seule la réponse du modèle termine cette boucle : rien ne limite le nombre d’appels.',
    },
    disabled: {
      en: '`{option}` is switched off: this agent may take steps without end.',
      fr: '`{option}` est désactivé : cet agent peut enchaîner les étapes sans fin.',
    },
  },
  on: {
    loops: checkLoop,
    calls: {
      names: [
        'langchain.AgentExecutor',
        'langchain.initialize_agent',
        'langchain.create_sql_agent',
        'langchain.create_pandas_dataframe_agent',
        'langchain.AgentExecutor.from_agent_and_tools',
      ],
      check: checkExecutor,
    },
  },
  examples: {
    bad: [
      {
        file: 'route.js',
        code: "const KEY = process.env.GEMINI_API_KEY;\n\nexport async function POST({ request }) {\n  const turns = [{ role: 'user', parts: [{ text: await request.text() }] }];\n  let wantsTool = true;\n  let part;\n  while (wantsTool) {\n    const reply = await fetch(`https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent`, {\n      headers: { key: KEY },\n      method: 'POST',\n      body: JSON.stringify({ contents: turns, tools, generationConfig: { maxOutputTokens: 300 } }),\n    });\n    part = (await reply.json()).candidates[0].content.parts[0];\n    if (part.functionCall) turns.push({ role: 'model', parts: [part] }, await carryOut(part.functionCall));\n    else wantsTool = false;\n  }\n  return new Response(part.text);\n}\n",
        note: { en: 'A flag that the answer switches off.', fr: 'Un drapeau que la réponse baisse.' },
      },
      {
        file: 'label.ts',
        code: "import { JsonOutputParser } from '@langchain/core/output_parsers';\nimport { ChatPromptTemplate } from '@langchain/core/prompts';\nimport { ChatOllama } from '@langchain/ollama';\n\nconst model = new ChatOllama({ model: 'llama3.1', numPredict: 100 });\nconst prompt = ChatPromptTemplate.fromMessages([['human', 'Label this note: {note}']]);\nconst chain = prompt.pipe(model).pipe(new JsonOutputParser());\n\nexport async function labelOf(note: string) {\n  let answer: { label?: string } = {};\n  while (!answer.label) {\n    answer = await chain.invoke({ note });\n  }\n  return answer.label;\n}\n",
        note: { en: 'Asked until a label comes.', fr: 'Interrogé jusqu’à ce qu’une étiquette vienne.' },
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef run(messages, tools):\n    while True:\n        reply = client.chat.completions.create(model="gpt-4o", messages=messages, tools=tools, max_tokens=500)\n        message = reply.choices[0].message\n        messages.append(message)\n        if not message.tool_calls:\n            return message.content\n        for call in message.tool_calls:\n            messages.append({"role": "tool", "tool_call_id": call.id, "content": execute(call)})\n',
        fixed:
          'from openai import OpenAI\n\nclient = OpenAI()\n\ndef run(messages, tools):\n    for _ in range(20):\n        reply = client.chat.completions.create(model="gpt-4o", messages=messages, tools=tools, max_tokens=500)\n        message = reply.choices[0].message\n        messages.append(message)\n        if not message.tool_calls:\n            return message.content\n        for call in message.tool_calls:\n            messages.append({"role": "tool", "tool_call_id": call.id, "content": execute(call)})\n',
      },
      {
        file: 'agent.ts',
        code: "import Anthropic from '@anthropic-ai/sdk';\n\nconst client = new Anthropic();\n\nexport async function run(messages: any[], tools: any[]) {\n  while (true) {\n    const reply = await client.messages.create({ model: 'claude-sonnet-4-5', max_tokens: 1024, messages, tools });\n    messages.push({ role: 'assistant', content: reply.content });\n    if (reply.stop_reason !== 'tool_use') return reply;\n    messages.push({ role: 'user', content: await runTools(reply) });\n  }\n}\n",
        fixed:
          "import Anthropic from '@anthropic-ai/sdk';\n\nconst client = new Anthropic();\n\nexport async function run(messages: any[], tools: any[]) {\n  for (let step = 0; step < 20; step++) {\n    const reply = await client.messages.create({ model: 'claude-sonnet-4-5', max_tokens: 1024, messages, tools });\n    messages.push({ role: 'assistant', content: reply.content });\n    if (reply.stop_reason !== 'tool_use') return reply;\n    messages.push({ role: 'user', content: await runTools(reply) });\n  }\n}\n",
      },
      {
        file: 'executor.py',
        code: 'from langchain.agents import AgentExecutor\n\nexecutor = AgentExecutor(agent=agent, tools=tools, max_iterations=None)\nprint(executor.invoke({"input": "Plan my week"}))\n',
        fixed:
          'from langchain.agents import AgentExecutor\n\nexecutor = AgentExecutor(agent=agent, tools=tools, max_iterations=15)\nprint(executor.invoke({"input": "Plan my week"}))\n',
      },
      {
        file: 'weather.py',
        code: 'import anthropic\n\nclient = anthropic.Anthropic()\n\ndef ask(messages, tools):\n    reply = client.messages.create(model="claude-haiku-4-5", max_tokens=500, messages=messages, tools=tools)\n    while reply.stop_reason == "tool_use":\n        messages.append({"role": "assistant", "content": reply.content})\n        messages.append({"role": "user", "content": run_tools(reply.content)})\n        reply = client.messages.create(model="claude-haiku-4-5", max_tokens=500, messages=messages, tools=tools)\n    return reply\n',
      },
      {
        file: 'blocks.py',
        code: 'import anthropic\n\nclient = anthropic.Anthropic()\n\ndef ask(messages, tools):\n    while True:\n        reply = client.messages.create(model="claude-haiku-4-5", max_tokens=500, messages=messages, tools=tools)\n        if len(reply.content) > 1 and reply.content[1].type == "tool_use":\n            messages.append({"role": "assistant", "content": reply.content})\n            messages.append(run_tool(reply.content[1]))\n        else:\n            return reply\n',
        fixed:
          'import anthropic\n\nclient = anthropic.Anthropic()\n\ndef ask(messages, tools):\n    for _ in range(20):\n        reply = client.messages.create(model="claude-haiku-4-5", max_tokens=500, messages=messages, tools=tools)\n        if len(reply.content) > 1 and reply.content[1].type == "tool_use":\n            messages.append({"role": "assistant", "content": reply.content})\n            messages.append(run_tool(reply.content[1]))\n        else:\n            return reply\n',
      },
      {
        code: 'import ollama\n\nmessages = [{"role": "user", "content": "Solve it."}]\ndone = False\nwhile not done:\n    reply = ollama.chat(model="llama3.1", messages=messages, options={"num_predict": 200})\n    messages.append(reply["message"])\n    done = "FINAL" in reply["message"]["content"]\n',
        note: { en: 'The model says when it is done.', fr: 'Le modèle dit quand c’est fini.' },
      },
    ],
    good: [
      {
        file: 'title.js',
        code: "import inquirer from 'inquirer';\nimport OpenAI from 'openai';\n\nconst client = new OpenAI();\n\nasync function chooseNext() {\n  const { next } = await inquirer.prompt([{ type: 'list', name: 'next', message: 'And now?', choices: ['keep', 'again'] }]);\n  return next;\n}\n\nexport async function titleOf(diff) {\n  while (true) {\n    const reply = await client.responses.create({ model: 'gpt-4o-mini', input: diff, max_output_tokens: 60 });\n    if ((await chooseNext()) === 'keep') return reply.output_text;\n  }\n}\n",
        note: {
          en: 'A person chooses after each answer.',
          fr: 'Une personne choisit après chaque réponse.',
        },
      },
      {
        file: 'pages.py',
        code: 'from openai import OpenAI\n\nfrom store import page_of\n\nclient = OpenAI()\n\ndef summarise_all():\n    number = 0\n    rows = page_of(number)\n    while rows:\n        print(client.responses.create(model="gpt-4o-mini", input=str(rows), max_output_tokens=200).output_text)\n        number += 1\n        rows = page_of(number)\n',
        note: { en: 'It ends with the data.', fr: 'Elle finit avec les données.' },
      },
      {
        file: 'chat.ts',
        code: "import { isCancel, text } from '@clack/prompts';\nimport { openai } from '@ai-sdk/openai';\nimport { generateText } from 'ai';\n\nwhile (true) {\n  const said = await text({ message: 'You:' });\n  if (isCancel(said) || said === 'exit') break;\n  const reply = await generateText({ model: openai('gpt-4o-mini'), prompt: said, maxOutputTokens: 400 });\n  console.log(reply.text);\n}\n",
        note: {
          en: 'A person speaks at each turn.',
          fr: 'Une personne parle à chaque tour.',
        },
      },
      {
        code: 'import ollama\n\ndone = False\nsteps = 0\nwhile not done and steps < 8:\n    steps += 1\n    reply = ollama.chat(model="llama3.1", messages=[], options={"num_predict": 200})\n    done = "FINAL" in reply["message"]["content"]\n',
      },
      {
        code: 'import anthropic\n\nclient = anthropic.Anthropic()\n\ndef ask(messages, tools):\n    reply = client.messages.create(model="claude-haiku-4-5", max_tokens=500, messages=messages, tools=tools)\n    steps = 0\n    while reply.stop_reason == "tool_use" and steps < 10:\n        steps += 1\n        messages.append({"role": "user", "content": run_tools(reply.content)})\n        reply = client.messages.create(model="claude-haiku-4-5", max_tokens=500, messages=messages, tools=tools)\n    return reply\n',
        note: { en: 'Ten steps at most.', fr: 'Dix étapes au plus.' },
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\nmessages = []\nwhile True:\n    question = input("> ")\n    if question == "quit":\n        break\n    messages.append({"role": "user", "content": question})\n    print(client.chat.completions.create(model="gpt-4o-mini", messages=messages, max_tokens=300).choices[0].message.content)\n',
        note: { en: 'A user speaks at each turn.', fr: 'Un utilisateur parle à chaque tour.' },
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef run(messages):\n    steps = 0\n    while True:\n        steps += 1\n        if steps > 10:\n            raise RuntimeError("too many steps")\n        reply = client.chat.completions.create(model="gpt-4o-mini", messages=messages, max_tokens=300)\n        if reply.choices[0].finish_reason == "stop":\n            return reply\n',
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef run(messages):\n    for step in range(8):\n        reply = client.chat.completions.create(model="gpt-4o-mini", messages=messages, max_tokens=300)\n        if reply.choices[0].finish_reason == "stop":\n            return reply\n',
      },
      {
        code: 'from langchain.agents import AgentExecutor\n\nexecutor = AgentExecutor(agent=agent, tools=tools)\n',
        note: { en: 'The default is 15 steps.', fr: 'Le défaut est de 15 étapes.' },
      },
      {
        file: 'worker.py',
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef work(queue):\n    while True:\n        job = queue.get()\n        reply = client.chat.completions.create(model="gpt-4o-mini", messages=job, max_tokens=300)\n        publish(reply)\n',
        note: { en: 'A worker waits for its next job.', fr: 'Un worker attend sa prochaine tâche.' },
      },
      {
        file: 'stream.ts',
        code: 'export async function read(response: Response) {\n  const reader = response.body!.getReader();\n  while (true) {\n    const { done, value } = await reader.read();\n    if (done) break;\n    console.log(value);\n  }\n}\n// openai\n',
      },
    ],
  },
});

const STEPS = 20;

function checkLoop(loop: Loop, context: RuleContext): void {
  const { flow } = context;
  if (loop.kind !== 'while') return;
  const asksOn = wantsTools(loop, context);
  const isFlagged = waitsForFlag(loop);
  if (!asksOn && !isFlagged && !isEndless(flow, loop)) return;
  const asking = modelCalls(flow, loop.body).filter(({ at }) => enclosingLoops(at)[0] === loop);
  if (asking.length === 0 || waitsForSomebody(loop.body) || asksPerson(flow, loop.body) || sleeps(loop))
    return;
  // a loop that nothing ends is a service; a `try` whose handlers go round is a retry, another rule's
  const exits = [...descendants(loop.body, 'break', true), ...descendants(loop.body, 'return', true)];
  if (
    (exits.length === 0 && !asksOn && !isFlagged) ||
    isRetry(
      loop,
      asking.map(({ at }) => at),
    )
  )
    return;
  const head: Span = { start: loop.start, end: loop.test?.end ?? loop.body.start };
  if (countsTurns(loop)) return context.pass(head);
  context.fail(head, { fixes: fixLoop(loop, context) });
}

/** `while response.stop_reason == "tool_use":` */
function wantsTools(loop: Loop & { kind: 'while' }, { module }: RuleContext): boolean {
  return (
    loop.test !== null &&
    /\b(?:stop_reason|finish_reason|finishReason|tool_?calls?|toolCalls?|tool_use|function_?calls?|functionCalls?)\b/.test(
      textOf(module, loop.test),
    )
  );
}

function sleeps(loop: Loop): boolean {
  return descendants(loop, 'call').some(
    ({ callee }) => callee.kind === 'member' && callee.property === 'sleep',
  );
}

/** The call stands in a `try` whose success ends the loop at once. */
function isRetry(loop: Loop, calls: readonly Call[]): boolean {
  return descendants(loop, 'try', true).some(
    (one) =>
      one.handlers.length > 0 &&
      calls.some((call) => contains(one.body, call)) &&
      one.body.statements.some((statement) => statement.kind === 'return' || statement.kind === 'break'),
  );
}

function fixLoop(loop: Loop & { kind: 'while' }, { module }: RuleContext): Fix[] {
  const end = module.language === 'python' ? loop.test?.end : loop.body.start;
  if (end === undefined || loop.orelse) return [];
  const header = textOf(module, { start: loop.start, end });
  const isPlain =
    module.language === 'python'
      ? /^while\s+(?:True|1)$/.test(header)
      : /^while\s*\(\s*(?:true|1)\s*\)\s*$/.test(header);
  if (!isPlain) return [];
  const text =
    module.language === 'python'
      ? `for _ in range(${STEPS})`
      : `for (let step = 0; step < ${STEPS}; step++) `;
  return [
    {
      title: { en: `Stop after ${STEPS} steps`, fr: `S’arrêter après ${STEPS} étapes` },
      edits: () => [replace({ start: loop.start, end }, text)],
    },
  ];
}

function checkExecutor(call: Call, context: RuleContext): void {
  const { flow } = context;
  for (const option of ['max_iterations', 'maxIterations']) {
    const given = flow.argument(call, option);
    if (given.state === 'unknown') return;
    if (given.state === 'absent') continue;
    const value = flow.constant(given.value);
    const isOff = value === null || (given.value.kind === 'name' && given.value.name === 'Infinity');
    if (!isOff) return context.pass(call.callee);
    return context.fail(given.value, {
      message: 'disabled',
      data: { option },
      fixes: [
        {
          title: { en: `Limit the agent to 15 steps`, fr: `Limiter l’agent à 15 étapes` },
          edits: () => [replace(given.value, '15')],
        },
      ],
    });
  }
  context.pass(call.callee);
}
