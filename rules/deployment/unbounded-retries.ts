import type { Call, Expr, FunctionNode, Loop, Module, Span, Try } from '../../analysis/model.ts';
import { contains, descendants, enclosingFunction, walk } from '../../analysis/tree.ts';
import { addArgument, replace, textOf } from '../edits.ts';
import { inferenceOf } from '../knowledge/infers.ts';
import { LLM_LIBRARIES } from '../knowledge/llm-models.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import {
  countsTurns,
  isEndless,
  modelCalls,
  waitsForFlag,
  waitsForSomebody,
} from '../semantics/llm-loops.ts';

export default defineRule({
  id: 'unbounded-retries',
  phase: 'deployment',
  languages: ['python', 'typescript'],
  severity: 'warning',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'medium',
    source: {
      en: 'Course, « Réduire le coût d’inférence »: each retry is a whole request more, and an error that lasts makes them endless.',
      fr: 'Cours, « Réduire le coût d’inférence » : chaque nouvel essai est une requête entière de plus, et une erreur qui dure les rend sans fin.',
    },
  },
  references: {
    course: [
      "Phase de déploiement — Réduire le coût d'inférence : « Ajuster la fréquence d'appel des modèles »",
    ],
    links: ['https://tenacity.readthedocs.io/', 'https://github.com/litl/backoff'],
  },
  libraries: LLM_LIBRARIES,
  title: { en: 'Model call retried without end', fr: 'Appel de modèle retenté sans fin' },
  what: {
    en: 'A model call that is tried again after every error, with no limit: `while True` around a `try`, a tenacity or backoff decorator with no stop, a function that calls itself from its `except`.',
    fr: 'Un appel de modèle retenté après chaque erreur, sans limite : `while True` autour d’un `try`, décorateur tenacity ou backoff sans arrêt, fonction qui se rappelle depuis son `except`.',
  },
  why: {
    en: 'An error that lasts (a wrong key, a prompt too long, a quota used up) is then sent again and again, often without a pause; each attempt costs a request, and none can succeed.',
    fr: 'Une erreur durable (mauvaise clé, prompt trop long, quota épuisé) est alors renvoyée encore et encore, souvent sans pause ; chaque tentative coûte une requête, et aucune ne peut réussir.',
  },
  instead: {
    en: 'Stop after a few attempts, with a growing pause: `@retry(stop=stop_after_attempt(5), wait=wait_exponential())`, `@backoff.on_exception(…, max_tries=5)`, or the client’s own `max_retries` (OpenAI and Anthropic retry twice by themselves). Retry only what may pass: time-outs and rate limits. Ignore this where a deadline outside ends the work.',
    fr: 'Arrêtez après quelques tentatives, avec une pause croissante : `@retry(stop=stop_after_attempt(5), wait=wait_exponential())`, `@backoff.on_exception(…, max_tries=5)`, ou `max_retries` du client (OpenAI et Anthropic retentent déjà deux fois). Ne retentez que ce qui peut passer : délais dépassés, limites de débit. À ignorer si un délai extérieur met fin au travail.',
  },
  messages: {
    default: {
      en: 'Every error sends this model call again, without a limit.',
      fr: 'Chaque erreur renvoie cet appel de modèle, sans limite.',
    },
    decorator: {
      en: '`{decorator}` retries `{function}` for ever: it has no limit of attempts or time.',
      fr: '`{decorator}` retente `{function}` indéfiniment : il n’a de limite ni de tentatives ni de temps.',
    },
    recursion: {
      en: '`{function}` calls itself after every error, without a limit.',
      fr: '`{function}` se rappelle après chaque erreur, sans limite.',
    },
  },
  on: { loops: checkLoop, functions: checkFunction },
  examples: {
    bad: [
      {
        code: 'import time\nfrom openai import OpenAI\n\nclient = OpenAI()\n\ndef ask(messages):\n    while True:\n        try:\n            reply = client.chat.completions.create(model="gpt-4o-mini", messages=messages, max_tokens=200)\n            return reply.choices[0].message.content\n        except Exception as error:\n            print(error)\n            time.sleep(5)\n',
        fixed:
          'import time\nfrom openai import OpenAI\n\nclient = OpenAI()\n\ndef ask(messages):\n    for _ in range(5):\n        try:\n            reply = client.chat.completions.create(model="gpt-4o-mini", messages=messages, max_tokens=200)\n            return reply.choices[0].message.content\n        except Exception as error:\n            print(error)\n            time.sleep(5)\n',
      },
      {
        code: 'from openai import OpenAI\nfrom tenacity import retry, wait_random_exponential\n\nclient = OpenAI()\n\n@retry(wait=wait_random_exponential(min=1, max=60))\ndef ask(prompt):\n    return client.chat.completions.create(\n        model="gpt-4o-mini", messages=[{"role": "user", "content": prompt}], max_tokens=200\n    )\n',
        fixed:
          'from openai import OpenAI\nfrom tenacity import retry, wait_random_exponential, stop_after_attempt\n\nclient = OpenAI()\n\n@retry(wait=wait_random_exponential(min=1, max=60), stop=stop_after_attempt(5))\ndef ask(prompt):\n    return client.chat.completions.create(\n        model="gpt-4o-mini", messages=[{"role": "user", "content": prompt}], max_tokens=200\n    )\n',
      },
      {
        code: 'import backoff\nimport openai\n\n@backoff.on_exception(backoff.expo, openai.RateLimitError)\ndef ask(**kwargs):\n    return openai.chat.completions.create(model="gpt-4o-mini", **kwargs)\n',
        fixed:
          'import backoff\nimport openai\n\n@backoff.on_exception(backoff.expo, openai.RateLimitError, max_tries=5)\ndef ask(**kwargs):\n    return openai.chat.completions.create(model="gpt-4o-mini", **kwargs)\n',
      },
      {
        code: 'import time\nimport google.generativeai as genai\n\nmodel = genai.GenerativeModel("gemini-1.5-flash")\n\ndef translate(text):\n    try:\n        return model.generate_content(text).text\n    except Exception:\n        time.sleep(10)\n        return translate(text)\n',
      },
      {
        file: 'ask.ts',
        code: "import OpenAI from 'openai';\n\nconst openai = new OpenAI();\n\nexport async function ask(content: string) {\n  while (true) {\n    try {\n      return await openai.responses.create({ model: 'gpt-4o-mini', input: content, max_output_tokens: 200 });\n    } catch (error) {\n      console.error(error);\n    }\n  }\n}\n",
        fixed:
          "import OpenAI from 'openai';\n\nconst openai = new OpenAI();\n\nexport async function ask(content: string) {\n  for (let attempt = 0; attempt < 5; attempt++) {\n    try {\n      return await openai.responses.create({ model: 'gpt-4o-mini', input: content, max_output_tokens: 200 });\n    } catch (error) {\n      console.error(error);\n    }\n  }\n}\n",
      },
      {
        code: 'import json\nfrom openai import OpenAI\n\nclient = OpenAI()\n\ndef parsed(prompt):\n    done = False\n    while not done:\n        try:\n            reply = client.responses.create(model="gpt-4o-mini", input=prompt, max_output_tokens=200)\n            data = json.loads(reply.output_text)\n            done = True\n        except json.JSONDecodeError:\n            pass\n    return data\n',
        note: { en: 'A flag in place of `break`.', fr: 'Un drapeau à la place de `break`.' },
      },
    ],
    good: [
      {
        code: 'from openai import OpenAI\nfrom tenacity import retry, stop_after_attempt, wait_exponential\n\nclient = OpenAI()\n\n@retry(stop=stop_after_attempt(3), wait=wait_exponential())\ndef ask(prompt):\n    return client.responses.create(model="gpt-4o-mini", input=prompt, max_output_tokens=200)\n',
      },
      {
        code: 'import time\nfrom openai import OpenAI\n\nclient = OpenAI()\n\ndef ask(messages):\n    attempts = 0\n    while True:\n        try:\n            return client.chat.completions.create(model="gpt-4o-mini", messages=messages, max_tokens=200)\n        except Exception:\n            attempts += 1\n            if attempts >= 5:\n                raise\n            time.sleep(2 ** attempts)\n',
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\ndef ask(messages, tries=3):\n    try:\n        return client.chat.completions.create(model="gpt-4o-mini", messages=messages, max_tokens=200)\n    except Exception:\n        if tries == 0:\n            raise\n        return ask(messages, tries - 1)\n',
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI(max_retries=5)\n\ndef ask(messages):\n    return client.chat.completions.create(model="gpt-4o-mini", messages=messages, max_tokens=200)\n',
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\n\nwhile True:\n    question = input("> ")\n    try:\n        print(client.responses.create(model="gpt-4o-mini", input=question, max_output_tokens=200).output_text)\n    except KeyboardInterrupt:\n        break\n    except Exception as error:\n        print(error)\n',
        note: { en: 'A conversation, not a retry.', fr: 'Une conversation, pas une relance.' },
      },
      {
        code: 'import backoff\nimport openai\n\n@backoff.on_exception(backoff.expo, openai.RateLimitError, max_time=60)\ndef ask(**kwargs):\n    return openai.chat.completions.create(model="gpt-4o-mini", **kwargs)\n',
      },
    ],
  },
});

const ATTEMPTS = 5;

function checkLoop(loop: Loop, context: RuleContext): void {
  const { flow } = context;
  const isFlagged = waitsForFlag(loop);
  if (loop.kind !== 'while' || !(isFlagged || isEndless(flow, loop)) || waitsForSomebody(loop.body)) return;
  const calls = modelCalls(flow, loop.body).map(({ at }) => at);
  const flag = isFlagged && loop.test?.kind === 'unary' ? textOf(context.module, loop.test.operand) : null;
  const retried = descendants(loop.body, 'try', true).find((one) => retries(one, calls, flag));
  if (!retried) return;
  const head: Span = { start: loop.start, end: loop.test?.end ?? loop.body.start };
  if (countsTurns(loop)) return context.pass(head);
  context.fail(head, { fixes: fixLoop(loop, context.module) });
}

/** A `try` that ends the loop when the call succeeds, and goes round when it does not. */
function retries(one: Try, calls: readonly Call[], flag: string | null): boolean {
  if (!calls.some((call) => contains(one.body, call)) || one.handlers.length === 0) return false;
  const blocks = [...one.body.statements, ...(one.orelse?.statements ?? [])];
  const succeeds = blocks.some(
    (statement) =>
      statement.kind === 'return' ||
      statement.kind === 'break' ||
      (statement.kind === 'assign' &&
        statement.targets.some((target) => target.kind === 'name' && target.name === flag)),
  );
  const after =
    one.parent?.kind === 'block' ? one.parent.statements.slice(one.parent.statements.indexOf(one) + 1) : [];
  const ends =
    succeeds || after.some((statement) => statement.kind === 'return' || statement.kind === 'break');
  // every handler that raises, breaks or returns at its end bounds the loop for that error
  return ends && one.handlers.some(({ body }) => !leaves(body));
}

function leaves(node: Try['body']): boolean {
  let found = false;
  walk(node, (inner) => {
    if (inner.kind === 'raise' || inner.kind === 'break' || inner.kind === 'return') found = true;
    return inner.kind !== 'function' && inner.kind !== 'class';
  });
  return found;
}

function fixLoop(loop: Loop & { kind: 'while' }, module: Module): Fix[] {
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
      ? `for _ in range(${ATTEMPTS})`
      : `for (let attempt = 0; attempt < ${ATTEMPTS}; attempt++) `;
  return [
    {
      title: { en: `Give up after ${ATTEMPTS} attempts`, fr: `Renoncer après ${ATTEMPTS} tentatives` },
      edits: () => [replace({ start: loop.start, end }, text)],
    },
  ];
}

function checkFunction(fn: FunctionNode, context: RuleContext): void {
  const { flow } = context;
  for (const decorator of fn.decorators) checkDecorator(fn, decorator, context);
  if (!fn.name) return;
  for (const one of descendants(fn.body, 'try', true)) {
    for (const handler of one.handlers) {
      const again = descendants(handler.body, 'call', true).find((call) => flow.targets(call).includes(fn));
      if (!again || enclosingFunction(again) !== fn || countsTurns(handler.body) || countsTurns(fn.body))
        continue;
      // an argument that changes, such as `tries - 1`, may count
      if (
        again.args.some(({ value }) => value.kind === 'binary') ||
        descendants(handler.body, 'if', true).length > 0
      )
        continue;
      if (!asks(fn, context)) continue;
      context.fail(again.callee, { message: 'recursion', data: { function: fn.name } });
    }
  }
}

function asks(fn: FunctionNode, { flow }: RuleContext): boolean {
  return (
    modelCalls(flow, fn.body).length > 0 ||
    descendants(fn.body, 'call', true).some((call) => inferenceOf(flow.names(call)) !== undefined)
  );
}

/** Decorators that retry for ever unless told otherwise, and the arguments that tell them. */
const RETRY_DECORATORS: readonly { readonly name: RegExp; readonly limits: readonly string[] }[] = [
  { name: /^tenacity\.retry$/, limits: ['stop'] },
  { name: /^backoff\.on_(?:exception|predicate)$/, limits: ['max_tries', 'max_time'] },
  {
    name: /^retrying\.retry$/,
    limits: ['stop_max_attempt_number', 'stop_max_delay', 'stop', 'stop_func'],
  },
];

function checkDecorator(fn: FunctionNode, decorator: Expr, context: RuleContext): void {
  const { flow, module } = context;
  const call = decorator.kind === 'call' ? decorator : null;
  const names = call
    ? flow.names(call)
    : flow.values(decorator).flatMap((value) => (value.kind === 'library' ? [value.name] : []));
  const row = RETRY_DECORATORS.find(({ name }) => names.some((one) => name.test(one)));
  if (!row || !asks(fn, context)) return;
  const callee = call ? call.callee : decorator;
  if (call) {
    const states = row.limits.map((name) => flow.argument(call, name).state);
    if (states.includes('given')) return context.pass(callee);
    if (states.includes('unknown')) return;
    // tenacity takes its policies by position too
    if (call.args.some(({ name, spread }) => name === null && !spread) && row.limits[0] === 'stop') return;
  }
  context.fail(callee, {
    message: 'decorator',
    data: { decorator: textOf(module, callee), function: fn.name ?? 'function' },
    fixes: fixDecorator(module, decorator, row.limits[0] ?? ''),
  });
}

function fixDecorator(module: Module, decorator: Expr, limit: string): Fix[] {
  const value = limit === 'stop' ? `stop_after_attempt(${ATTEMPTS})` : String(ATTEMPTS);
  const title = { en: `Give up after ${ATTEMPTS} attempts`, fr: `Renoncer après ${ATTEMPTS} tentatives` };
  const imports = limit === 'stop' ? ['from tenacity import stop_after_attempt'] : [];
  if (decorator.kind !== 'call')
    return [
      {
        title,
        imports,
        edits: () => [{ start: decorator.end, end: decorator.end, text: `(${limit}=${value})` }],
      },
    ];
  const edit = addArgument(module, decorator, `${limit}=${value}`);
  return edit ? [{ title, imports, edits: () => [edit] }] : [];
}
