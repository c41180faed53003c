import { reachingBindings } from '../../analysis/flow/reaching.ts';
import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, FunctionNode, Node } from '../../analysis/model.ts';
import {
  contains,
  descendants,
  enclosingFunction,
  enclosingLoops,
  enclosingWithItems,
  lastName,
} from '../../analysis/tree.ts';
import { replace, textOf } from '../edits.ts';
import { LANGCHAIN_PACKAGES } from '../knowledge/llm-models.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { isAside } from '../semantics/javascript.ts';
import { LLM_NAMES, type LlmRequest, llmRequest, llmRow, lookUp } from '../semantics/llm.ts';
import { repetition } from '../semantics/serving.ts';
import { knownText, textParts } from '../semantics/text.ts';

/** Characters of a token: a careful figure, so that what is reported is long enough for every tokenizer. */
const CHARACTERS = 4.5;

const POLICY = Array.from(
  { length: 44 },
  (_, at) =>
    `Article ${at + 1}. A parcel of class ${at + 3} that arrives ${at + 2} days late is refunded at ${at + 10} percent of its postage, on request.`,
).join('\n');

export default defineRule({
  id: 'uncached-llm-prompt',
  phase: 'deployment',
  languages: ['python', 'typescript'],
  severity: 'information',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'medium',
    source: {
      en: 'OpenAI, prompt caching guide: a cached prefix of 1,024 tokens or more saves up to 80 % of the latency and 90 % of the price of the input (rules/knowledge, levers).',
      fr: 'OpenAI, guide du cache d’invites : un préfixe en cache de 1 024 jetons ou plus épargne jusqu’à 80 % de la latence et 90 % du prix de l’entrée (rules/knowledge, levers).',
    },
  },
  references: {
    course: [
      'La sobriété par l’usage : « Réduction de la longueur des entrées/sorties (prompts, tokens générés)... »',
      'La sobriété par l’usage : « Mise en cache des résultats fréquents »',
    ],
    links: [
      'https://docs.claude.com/en/docs/build-with-claude/prompt-caching',
      'https://platform.openai.com/docs/guides/prompt-caching',
    ],
  },
  libraries: [
    'openai',
    'OpenAI',
    'anthropic',
    'bedrock',
    'langchain',
    ...LANGCHAIN_PACKAGES,
    '@ai-sdk',
    "'ai'",
    '"ai"',
    'chat/completions',
    'chat.completions',
  ],
  title: {
    en: 'A long prompt that never changes is read anew at each call',
    fr: 'Un long prompt qui ne change jamais est relu à chaque appel',
  },
  what: {
    en: 'A model is called again and again with the same long text (1,024 tokens or more, written in the program), and the provider’s prompt cache cannot help: Claude models cache only what is marked with `cache_control` (`cachePoint` on Bedrock); OpenAI caches by itself, but only a beginning that is the same each time, so a date or a question before the long text defeats it.',
    fr: 'Un modèle est appelé encore et encore avec le même long texte (1 024 jetons ou plus, écrit dans le programme) sans que le cache de prompt du fournisseur puisse aider : les modèles Claude ne gardent que ce qui porte `cache_control` (`cachePoint` sur Bedrock) ; OpenAI garde de lui-même, mais seulement un début identique, si bien qu’une date ou une question placée avant le long texte l’empêche.',
  },
  why: {
    en: 'Every token of a prompt passes through the whole model before the first word of the answer. A cached prefix skips that: up to 80 % less latency and 90 % less paid for the input (OpenAI’s prompt caching guide); a cached token costs a tenth at Anthropic.',
    fr: 'Chaque jeton d’un prompt traverse tout le modèle avant le premier mot de la réponse. Un préfixe en cache l’évite : jusqu’à 80 % de latence et 90 % du prix de l’entrée en moins (guide « prompt caching » d’OpenAI) ; un jeton en cache coûte un dixième chez Anthropic.',
  },
  instead: {
    en: 'Put what never changes first, what changes last, and mark the end of the constant part where the API wants a mark. A shorter prompt is better still. Ignore this where calls come more than five minutes apart: the cache has expired by then, and writing it costs a quarter more at Anthropic.',
    fr: 'Placez d’abord ce qui ne change pas, à la fin ce qui change, et marquez la fin de la partie constante si l’API le demande. Un prompt plus court vaut mieux encore. À ignorer si plus de cinq minutes séparent les appels : le cache a expiré, et l’écrire coûte un quart de plus chez Anthropic.',
  },
  messages: {
    default: {
      en: 'About {tokens} tokens of `{model}`’s prompt are the same at each call, and none is marked for the prompt cache (`{mark}`).',
      fr: 'Environ {tokens} jetons du prompt de `{model}` sont identiques à chaque appel, et aucun n’est marqué pour le cache de prompt (`{mark}`).',
    },
    broken: {
      en: '`{varying}` changes at each call and stands before about {tokens} tokens that never do: the prompt cache only serves an unchanged beginning.',
      fr: '`{varying}` change à chaque appel et précède environ {tokens} jetons qui ne changent jamais : le cache de prompt ne sert qu’un début inchangé.',
    },
    file: {
      en: 'A file read once goes to `{model}` with each call, and nothing marks it for the prompt cache (`{mark}`).',
      fr: 'Un fichier lu une fois part vers `{model}` à chaque appel, et rien ne le marque pour le cache de prompt (`{mark}`).',
    },
    brokenFile: {
      en: '`{varying}` changes at each call and stands before a file that never does: the prompt cache only serves an unchanged beginning.',
      fr: '`{varying}` change à chaque appel et précède un fichier qui ne change jamais : le cache de prompt ne sert qu’un début inchangé.',
    },
  },
  on: { calls: { names: LLM_NAMES, check } },
  examples: {
    bad: [
      {
        file: 'support.py',
        code: `import anthropic\n\nclient = anthropic.Anthropic()\nPOLICY = """${POLICY}"""\n\ndef answer(question):\n    reply = client.messages.create(\n        model="claude-sonnet-4-5",\n        max_tokens=300,\n        system=POLICY,\n        messages=[{"role": "user", "content": question}],\n    )\n    return reply.content[0].text\n`,
        fixed: `import anthropic\n\nclient = anthropic.Anthropic()\nPOLICY = """${POLICY}"""\n\ndef answer(question):\n    reply = client.messages.create(\n        model="claude-sonnet-4-5",\n        max_tokens=300,\n        system=[{"type": "text", "text": POLICY, "cache_control": {"type": "ephemeral"}}],\n        messages=[{"role": "user", "content": question}],\n    )\n    return reply.content[0].text\n`,
      },
      {
        file: 'refund.py',
        code: `from datetime import datetime\nfrom openai import OpenAI\n\nclient = OpenAI()\nPOLICY = """${POLICY}"""\n\ndef refund(case):\n    prompt = f"It is {datetime.now()}.\\n{POLICY}\\nCase: {case}"\n    return client.chat.completions.create(\n        model="gpt-4o-mini", messages=[{"role": "user", "content": prompt}], max_tokens=200\n    )\n`,
        note: {
          en: 'The time of day stands first: no two prompts begin alike.',
          fr: 'L’heure vient en premier : deux prompts ne commencent jamais pareil.',
        },
      },
      {
        file: 'app/api/support/route.ts',
        code: `import Anthropic from '@anthropic-ai/sdk';\n\nconst client = new Anthropic();\nconst policy = \`${POLICY}\`;\n\nexport async function POST(request: Request) {\n  const { question } = await request.json();\n  const reply = await client.messages.create({\n    model: 'claude-sonnet-4-5',\n    max_tokens: 300,\n    system: policy,\n    messages: [{ role: 'user', content: question }],\n  });\n  return Response.json(reply.content);\n}\n`,
        fixed: `import Anthropic from '@anthropic-ai/sdk';\n\nconst client = new Anthropic();\nconst policy = \`${POLICY}\`;\n\nexport async function POST(request: Request) {\n  const { question } = await request.json();\n  const reply = await client.messages.create({\n    model: 'claude-sonnet-4-5',\n    max_tokens: 300,\n    system: [{ type: 'text', text: policy, cache_control: { type: 'ephemeral' } }],\n    messages: [{ role: 'user', content: question }],\n  });\n  return Response.json(reply.content);\n}\n`,
      },
      {
        file: 'handbook.py',
        code: 'from pathlib import Path\n\nimport anthropic\n\nclient = anthropic.Anthropic()\nHANDBOOK = Path("handbook.md").read_text()\n\ndef answer(question):\n    reply = client.messages.create(\n        model="claude-sonnet-4-5",\n        max_tokens=300,\n        system=HANDBOOK,\n        messages=[{"role": "user", "content": question}],\n    )\n    return reply.content[0].text\n',
        fixed:
          'from pathlib import Path\n\nimport anthropic\n\nclient = anthropic.Anthropic()\nHANDBOOK = Path("handbook.md").read_text()\n\ndef answer(question):\n    reply = client.messages.create(\n        model="claude-sonnet-4-5",\n        max_tokens=300,\n        system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],\n        messages=[{"role": "user", "content": question}],\n    )\n    return reply.content[0].text\n',
        note: { en: 'A document, read once.', fr: 'Un document, lu une fois.' },
      },
      {
        file: 'manual.py',
        code: 'from openai import OpenAI\n\nclient = OpenAI()\nwith open("manual.txt") as file:\n    MANUAL = file.read()\n\ndef answer(question):\n    return client.chat.completions.create(\n        model="gpt-4o",\n        max_tokens=200,\n        messages=[{"role": "user", "content": f"Question: {question}\\n\\nManual:\\n{MANUAL}"}],\n    )\n',
        note: { en: 'The question stands before the document.', fr: 'La question précède le document.' },
      },
    ],
    good: [
      {
        code: 'import anthropic\n\nclient = anthropic.Anthropic()\nSYSTEM_PROMPT = open("prompts/system.txt").read()\n\ndef answer(question):\n    return client.messages.create(\n        model="claude-sonnet-4-5", max_tokens=300, system=SYSTEM_PROMPT, messages=[{"role": "user", "content": question}]\n    )\n',
        note: {
          en: 'Instructions in a file: short, most of them.',
          fr: 'Des instructions dans un fichier : courtes, le plus souvent.',
        },
      },
      {
        code: 'from openai import OpenAI\n\nclient = OpenAI()\nMANUAL = open("manual.txt").read()\n\ndef answer(question):\n    return client.chat.completions.create(\n        model="gpt-4o",\n        max_tokens=200,\n        messages=[{"role": "system", "content": MANUAL}, {"role": "user", "content": question}],\n    )\n',
      },
      {
        file: 'support.py',
        code: `import anthropic\n\nclient = anthropic.Anthropic()\nPOLICY = """${POLICY}"""\nSYSTEM = [{"type": "text", "text": POLICY, "cache_control": {"type": "ephemeral"}}]\n\ndef answer(question):\n    return client.messages.create(\n        model="claude-sonnet-4-5", max_tokens=300, system=SYSTEM, messages=[{"role": "user", "content": question}]\n    )\n`,
      },
      {
        file: 'refund.py',
        code: `from openai import OpenAI\n\nclient = OpenAI()\nPOLICY = """${POLICY}"""\n\ndef refund(case):\n    messages = [{"role": "system", "content": POLICY}, {"role": "user", "content": case}]\n    return client.chat.completions.create(model="gpt-4o-mini", messages=messages, max_tokens=200)\n`,
        note: {
          en: 'OpenAI caches an unchanged beginning by itself.',
          fr: 'OpenAI garde de lui-même un début inchangé.',
        },
      },
      {
        file: 'once.py',
        code: `import anthropic\n\nPOLICY = """${POLICY}"""\nreply = anthropic.Anthropic().messages.create(\n    model="claude-sonnet-4-5", max_tokens=300, system=POLICY, messages=[{"role": "user", "content": "Sum this up."}]\n)\nprint(reply.content[0].text)\n`,
        note: { en: 'One call: nothing to use again.', fr: 'Un seul appel : rien à réutiliser.' },
      },
      {
        code: 'import anthropic\n\nclient = anthropic.Anthropic()\n\ndef answer(question):\n    return client.messages.create(\n        model="claude-sonnet-4-5",\n        max_tokens=300,\n        system="You are a helpful assistant. Answer in two sentences.",\n        messages=[{"role": "user", "content": question}],\n    )\n',
        note: { en: 'Too short for any cache.', fr: 'Trop court pour un cache.' },
      },
      {
        file: 'haiku.py',
        code: `import anthropic\n\nclient = anthropic.Anthropic()\nPOLICY = """${POLICY}"""\n\ndef answer(question):\n    return client.messages.create(\n        model="claude-haiku-4-5", max_tokens=300, system=POLICY, messages=[{"role": "user", "content": question}]\n    )\n`,
        note: {
          en: 'This model caches from 4,096 tokens on.',
          fr: 'Ce modèle ne garde qu’à partir de 4 096 jetons.',
        },
      },
      {
        file: 'summary.py',
        code: 'import anthropic\n\nclient = anthropic.Anthropic()\n\ndef summarise(document):\n    return client.messages.create(\n        model="claude-sonnet-4-5", max_tokens=300, messages=[{"role": "user", "content": f"Summarise:\\n{document}"}]\n    )\n',
        note: { en: 'What is long changes each time.', fr: 'Ce qui est long change à chaque fois.' },
      },
    ],
  },
});

/** How an API caches: what must be marked, or by itself. */
interface Caching {
  readonly by: 'mark' | 'itself';
  /** The mark to write, as the API spells it. */
  readonly mark: string;
  /** Prompt pieces in the order in which the provider reads them. */
  readonly order: readonly string[];
}

const MARKED = /cache_?control|cachePoint|prompt-caching|cached_?content|AnthropicPromptCachingMiddleware/i;

function check(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  if (isAside(module)) return;
  const request = llmRequest(flow, call);
  const row = request ? undefined : llmRow(flow, call);
  if (!request && !row) return;
  const model = modelOf(flow, call, request);
  const api = request ? request.address.api : (row?.api ?? '');
  const caching = cachingOf(flow, call, api, model);
  if (!caching || !isRepeated(flow, call)) return;
  const pieces = caching.order.flatMap((path) => {
    const found = request ? entryOf(request, path) : given(flow, call, path);
    return found ? [{ path, expr: found }] : [];
  });
  const parts = pieces.flatMap(({ expr }) => textParts(flow, expr));
  const least = leastTokens(model) * CHARACTERS;
  const { before, varying, after, reads } = split(flow, call, parts);
  if (before >= least || reads === 'before') {
    if (caching.by === 'itself' || MARKED.test(module.text)) return context.pass(call.callee);
    const system = pieces.find(({ path }) => path === 'system');
    return context.fail(call.callee, {
      message: before >= least ? 'default' : 'file',
      data: { tokens: tokensIn(before), model: model || 'Claude', mark: caching.mark },
      fixes: system && api === 'anthropic-messages' ? fixFor(flow, call, system.expr, least) : [],
    });
  }
  if (!varying || (after < least && reads !== 'after') || MARKED.test(module.text)) return;
  context.fail(call.callee, {
    message: after < least ? 'brokenFile' : 'broken',
    data: { varying: shortText(flow, varying), tokens: tokensIn(after) },
  });
}

/** Two significant digits: a count of characters says no more. */
function tokensIn(characters: number): number {
  return Number((characters / CHARACTERS).toPrecision(2));
}

function shortText(flow: Flow, expr: Expr): string {
  const text = textOf(flow.moduleOf(expr), expr).replace(/\s+/g, ' ').replaceAll('`', '');
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

function cachingOf(flow: Flow, call: Call, api: string, model: string): Caching | null {
  const claude = /claude/i.test(model);
  if (api === 'anthropic-messages')
    return { by: 'mark', mark: 'cache_control', order: ['system', 'messages'] };
  if (api === 'bedrock-converse')
    return claude ? { by: 'mark', mark: 'cachePoint', order: ['system', 'messages'] } : null;
  if (api === 'vercel-ai') {
    const order = ['instructions', 'system', 'messages', 'prompt'];
    if (claude) return { by: 'mark', mark: 'cacheControl', order };
    return /^(?:openai\/)?gpt-(?:4o|4\.1|5)/.test(model) ? { by: 'itself', mark: '', order } : null;
  }
  if (api === 'langchain') {
    if (!flow.names(call).some((name) => /ChatAnthropic/.test(name))) return null;
    return { by: 'mark', mark: 'cache_control', order: ['input', 'messages'] };
  }
  if (
    !/^openai-(?:chat|responses)$/.test(api) ||
    !/^(?:gpt-(?:4o|4\.1|5)|o[134](?:-|$)|deepseek)/.test(model)
  )
    return null;
  return { by: 'itself', mark: '', order: ['instructions', 'messages', 'input'] };
}

/** From how many tokens on a model's provider caches. */
function leastTokens(model: string): number {
  if (/haiku-4-5|opus-4-[5-9]|mythos/.test(model)) return 4096;
  if (/haiku|sonnet-4-6/.test(model)) return 2048;
  return 1024;
}

function modelOf(flow: Flow, call: Call, request: LlmRequest | undefined): string {
  const expr = request
    ? entryOf(request, 'model')
    : (given(flow, call, 'model') ?? given(flow, call, 'modelId'));
  if (!expr) return '';
  const constant = flow.constants(expr).find((value) => typeof value === 'string');
  if (typeof constant === 'string') return constant;
  // anthropic('claude-…') of the Vercel SDK
  const made = expr.kind === 'call' ? expr : flow.objects(expr)[0]?.origin;
  return made?.args[0] ? knownText(flow, made.args[0].value) : '';
}

function given(flow: Flow, call: Call, path: string): Expr | null {
  const found = lookUp(flow, call, path);
  if (found.state === 'given') return found.value;
  const first = call.args[0];
  const positional = path === 'input' && flow.names(call).some((name) => name.startsWith('langchain.'));
  return positional && first && !first.spread && first.name === null ? first.value : null;
}

function entryOf(request: LlmRequest, name: string): Expr | null {
  return request.body.entries.find(({ key }) => key?.kind === 'literal' && key.value === name)?.value ?? null;
}

interface SplitPrompt {
  /** Characters that are the same at each call, from the start on. */
  readonly before: number;
  /** The first piece that differs from call to call. */
  readonly varying: Expr | null;
  /** Characters written in the program that stand behind it. */
  readonly after: number;
  /** Where the same file is put in at each call, if its name promises more than instructions. */
  readonly reads: 'before' | 'after' | null;
}

function split(flow: Flow, call: Call, parts: readonly (string | Expr)[]): SplitPrompt {
  let before = 0;
  let after = 0;
  let varying: Expr | null = null;
  let reads: SplitPrompt['reads'] = null;
  for (const part of parts) {
    if (typeof part !== 'string') {
      const isOther = varies(flow, call, part);
      if (!varying && isOther) varying = part;
      if (!isOther && isFile(flow, part)) reads ??= varying ? 'after' : 'before';
      continue;
    }
    if (varying) after += part.length;
    else before += part.length;
  }
  return { before, varying, after, reads };
}

/** `open(path)` in `with open(path) as file: text = file.read()`. */
function openedIn(file: Expr | null): Call | null {
  if (file?.kind !== 'name') return null;
  const item = enclosingWithItems(file).find(
    ({ target }) => target?.kind === 'name' && target.name === file.name,
  );
  return item?.context.kind === 'call' ? item.context : null;
}

/** Files of instructions: short, most of them. */
const INSTRUCTIONS = /prompt|system|instruct|template|persona|role|config|\.ya?ml|\.json/i;

/** A text that was read from a document before the call. */
function isFile(flow: Flow, part: Expr): boolean {
  const module = flow.moduleOf(part);
  const made =
    part.kind === 'name'
      ? reachingBindings(part, module).flatMap(({ source }) => (source.from === 'expr' ? [source.expr] : []))
      : [part];
  return (
    made.length > 0 &&
    !INSTRUCTIONS.test(textOf(module, part)) &&
    made.every((one) => {
      const call = one.kind === 'await' ? one.value : one;
      if (call.kind !== 'call' || !/^(?:read|read_text|readFileSync|readFile)$/.test(lastName(call.callee)))
        return false;
      const source = call.callee.kind === 'member' ? call.callee.object : null;
      const opened = source ? flow.objects(source).map(({ origin }) => origin) : [];
      const path = [call, source?.kind === 'call' ? source : null, ...opened, openedIn(source)]
        .map((one) =>
          one?.args[0] ? `${textOf(module, one.args[0].value)} ${knownText(flow, one.args[0].value)}` : '',
        )
        .join(' ');
      return path.trim() !== '' && !INSTRUCTIONS.test(path) && !/argv|args\./.test(path);
    })
  );
}

const CLOCKS =
  /^(?:datetime\.(?:datetime|date)\.(?:now|today|utcnow)|time\.(?:time|strftime|ctime)|uuid\.uuid[14]|random\.\w+|globalThis\.(?:Date(?:\.now)?|crypto\.randomUUID|Math\.random)|Date(?:\.now)?)$/;

/** Whether the piece is another one at each call: the question, a clock, what is computed of them. */
function varies(flow: Flow, call: Call, expr: Expr): boolean {
  if (descendants(expr, 'call', true).some((one) => isClock(flow, one))) return true;
  const fn = enclosingFunction(call);
  const arounds: Node[] = [...(fn ? [fn] : []), ...enclosingLoops(call)];
  return arounds.some((around) => comesFrom(flow, expr, around, 0));
}

function isClock(flow: Flow, call: Call): boolean {
  if (flow.names(call).some((name) => CLOCKS.test(name))) return true;
  const { callee, isNew } = call;
  return isNew && callee.kind === 'name' && callee.name === 'Date' && call.args.length === 0;
}

/** Whether a parameter, a loop variable or an input of `around` is in what the expression is made of. */
function comesFrom(flow: Flow, expr: Expr, around: Node, depth: number): boolean {
  if (depth > 4) return false;
  const calls = descendants(expr, 'call', true);
  if (calls.some(({ callee }) => callee.kind === 'name' && callee.name === 'input')) return true;
  return descendants(expr, 'name', true).some((name) =>
    reachingBindings(name, flow.moduleOf(name)).some(({ node, source }) => {
      if (!contains(around, node)) return false;
      if (source.from === 'parameter') return name.name !== 'self' && name.name !== 'this';
      if (source.from === 'element') return true;
      return source.from === 'expr' || source.from === 'unpack'
        ? source.expr !== expr && comesFrom(flow, source.expr, around, depth + 1)
        : false;
    }),
  );
}

/** Whether the call is made more than once: by requests, in a loop, by a function that is given other inputs. */
function isRepeated(flow: Flow, call: Call): boolean {
  if (repetition(flow, call)) return true;
  const fn = enclosingFunction(call);
  return fn !== null && isGivenInputs(flow, fn);
}

/** A function of the question: nobody is known to call it, or several do. */
function isGivenInputs(flow: Flow, fn: FunctionNode): boolean {
  const inputs = fn.parameters.filter(({ name }) => !/^(?:self|cls|client|llm|model)$/.test(name));
  if (inputs.length === 0) return false;
  const callers = flow.callers(fn);
  return callers.length !== 1 || (callers[0] !== undefined && repetition(flow, callers[0]) !== null);
}

/** The system text as one block that ends the cached part. */
function fixFor(flow: Flow, call: Call, system: Expr, least: number): Fix[] {
  const module = flow.moduleOf(call);
  if (system.kind === 'sequence' || system.kind === 'dict' || flow.moduleOf(system) !== module) return [];
  if (flow.values(system).some((value) => value.kind === 'display')) return [];
  const parts = textParts(flow, system);
  const { varying, reads } = split(flow, call, parts);
  if (varying || parts.some((part) => typeof part !== 'string' && !isFile(flow, part))) return [];
  if (!reads && knownText(flow, system).length < least) return [];
  const text = textOf(module, system);
  // a shorthand `{ system }` gets its key back
  const key = system.parent?.kind === 'entry' && system.parent.key?.start === system.start ? `${text}: ` : '';
  const block =
    module.language === 'python'
      ? `[{"type": "text", "text": ${text}, "cache_control": {"type": "ephemeral"}}]`
      : `${key}[{ type: 'text', text: ${text}, cache_control: { type: 'ephemeral' } }]`;
  return [
    {
      title: { en: 'Mark the system prompt for the cache', fr: 'Marquer le prompt système pour le cache' },
      edits: () => [replace(system, block)],
    },
  ];
}
