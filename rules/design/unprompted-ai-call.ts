import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, FunctionNode, Module, Node } from '../../analysis/model.ts';
import { ancestors, descendants, enclosingFunction, lastName } from '../../analysis/tree.ts';
import { indentAt, indentUnit, newlineOf, startsLine, textOf } from '../edits.ts';
import { defineRule, type Edit, type Fix, type RuleContext } from '../rule.ts';
import { isLlmCall } from '../semantics/ai-calls.ts';
import {
  type Cause,
  causesOf,
  isAside,
  isComponent,
  isLocalInference,
  isOnce,
} from '../semantics/javascript.ts';
import { asksModelRoute } from '../semantics/routes.ts';

const KEYS = /^(?:input|keyup|keydown|keypress|beforeinput)$/;
const MOVES =
  /^(?:scroll|wheel|mousemove|pointermove|touchmove|mouseover|mouseenter|resize|selectionchange)$/;
/** Elements that text is typed into. */
const FIELDS =
  /^(?:input|textarea)$|(?:Input|Textarea|TextArea|TextField|Editor|SearchBar|SearchBox|TextBox)$/;
/** `<input>` kinds where a change is an act of its own. */
const CHOICES =
  /^(?:file|checkbox|radio|range|color|date|datetime-local|month|time|week|number|button|submit|reset|image|hidden)$/;
/** Names of elements that are set rather than typed into. */
const SET = /slider|range|threshold|select|check|radio|color|volume|file|upload|size|toggle|switch|option/i;

export default defineRule({
  id: 'unprompted-ai-call',
  phase: 'design',
  languages: ['typescript'],
  severity: 'information',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'high',
    source: {
      en: 'Course: features triggered by default; one call per keystroke instead of one per question.',
      fr: 'Cours : fonctions déclenchées par défaut ; un appel par frappe au clavier au lieu d’un par question.',
    },
  },
  references: {
    course: [
      'La sobriété par l’usage : « Éviter les fonctionnalités IA « gadgets » déclenchées par défaut »',
      'La sobriété par l’usage : « Donner à l’utilisateur le contrôle explicite de l’activation de l’IA »',
    ],
    rgesn: ['9.1'],
  },
  libraries: [
    'openai',
    'anthropic',
    'generative-ai',
    '@google/genai',
    'mistral',
    'ollama',
    'langchain',
    'ai-sdk',
    "'ai'",
    '"ai"',
    'groq',
    'cohere',
    'transformers',
    'tensorflow',
    'tf.',
  ],
  title: {
    en: 'AI call that nobody asked for',
    fr: 'Appel à une IA que personne n’a demandé',
  },
  what: {
    en: 'An inference or a call of a language model that starts by itself: on each keystroke, on scrolling or pointer moves, when a component mounts or renders, when a page loads. Calls are followed through helpers, files and routes of the same application (`fetch("/api/…")`). Debounced or throttled calls, buttons, forms, the Enter key and chosen files are left alone.',
    fr: 'Une inférence ou un appel de modèle de langage qui part tout seul : à chaque frappe, au défilement ou au mouvement du pointeur, au montage ou au rendu d’un composant, au chargement d’une page. Les appels sont suivis à travers auxiliaires, fichiers et routes de la même application (`fetch("/api/…")`). Les appels temporisés, boutons, formulaires, touche Entrée et fichiers choisis ne sont pas visés.',
  },
  why: {
    en: 'A sentence of 60 letters typed with a call per keystroke is 60 calls where one would do; a call on mount is paid by every visitor, also those who never look at its result.',
    fr: 'Une phrase de 60 lettres avec un appel par frappe fait 60 appels là où un seul suffit ; un appel au montage est payé pour chaque visiteur, même s’il n’en regarde jamais le résultat.',
  },
  instead: {
    en: 'Let a button or Enter start it; else wait until typing pauses (debounce) and cache what repeats. Ignore the rule where the call is the page’s only purpose and its visitors came for it.',
    fr: 'Laissez un bouton ou Entrée le lancer ; sinon attendez une pause dans la frappe (debounce) et gardez en cache ce qui se répète. À ignorer si l’appel est la raison d’être de la page et que ses visiteurs viennent pour lui.',
  },
  messages: {
    default: {
      en: '`{call}` runs at each `{event}`: wait for a pause in typing, or for an explicit act.',
      fr: '`{call}` s’exécute à chaque `{event}` : attendez une pause, ou un geste explicite.',
    },
    mount: {
      en: '`{call}` runs as soon as the component mounts: let the user ask for it.',
      fr: '`{call}` s’exécute dès le montage du composant : laissez l’utilisateur le demander.',
    },
    typing: {
      en: '`{call}` runs each time `{state}` changes, which is at each keystroke.',
      fr: '`{call}` s’exécute à chaque changement de `{state}`, donc à chaque frappe.',
    },
    visit: {
      en: '`{call}` runs at each visit of the page: let the visitor ask for it.',
      fr: '`{call}` s’exécute à chaque visite de la page : laissez le visiteur le demander.',
    },
    render: {
      en: '`{call}` runs each time `{component}` renders.',
      fr: '`{call}` s’exécute à chaque rendu de `{component}`.',
    },
  },
  on: { module: check },
  examples: {
    bad: [
      {
        file: 'Search.tsx',
        code: "import OpenAI from 'openai';\nimport { useEffect, useState } from 'react';\n\nconst client = new OpenAI({ dangerouslyAllowBrowser: true });\n\nexport function Search() {\n  const [query, setQuery] = useState('');\n  const [hints, setHints] = useState('');\n  useEffect(() => {\n    client.responses\n      .create({ model: 'gpt-4o-mini', input: query, max_output_tokens: 50 })\n      .then((answer) => setHints(answer.output_text));\n  }, [query]);\n  return (\n    <label>\n      <input value={query} onChange={(event) => setQuery(event.target.value)} />\n      {hints}\n    </label>\n  );\n}\n",
        fixed:
          "import OpenAI from 'openai';\nimport { useEffect, useState } from 'react';\n\nconst client = new OpenAI({ dangerouslyAllowBrowser: true });\n\nexport function Search() {\n  const [query, setQuery] = useState('');\n  const [hints, setHints] = useState('');\n  useEffect(() => {\n    const timer = setTimeout(() => {\n      client.responses\n        .create({ model: 'gpt-4o-mini', input: query, max_output_tokens: 50 })\n        .then((answer) => setHints(answer.output_text));\n    }, 500);\n    return () => clearTimeout(timer);\n  }, [query]);\n  return (\n    <label>\n      <input value={query} onChange={(event) => setQuery(event.target.value)} />\n      {hints}\n    </label>\n  );\n}\n",
      },
      {
        file: 'complete.js',
        code: "import OpenAI from 'openai';\n\nconst client = new OpenAI({ dangerouslyAllowBrowser: true });\n\ndocument.querySelector('#question').onkeyup = async (event) => {\n  const answer = await client.responses.create({ model: 'gpt-4.1-nano', input: event.target.value, max_output_tokens: 16 });\n  show(answer.output_text);\n};\n",
      },
      {
        file: 'mood.js',
        code: "import { pipeline } from '@huggingface/transformers';\n\nconst classify = await pipeline('sentiment-analysis');\nconst box = document.querySelector('textarea');\n\nasync function update() {\n  const [mood] = await classify(box.value);\n  show(mood.label);\n}\n\nbox.addEventListener('input', update);\n",
        fixed:
          "import { pipeline } from '@huggingface/transformers';\nimport debounce from 'lodash.debounce';\n\nconst classify = await pipeline('sentiment-analysis');\nconst box = document.querySelector('textarea');\n\nasync function update() {\n  const [mood] = await classify(box.value);\n  show(mood.label);\n}\n\nbox.addEventListener('input', debounce(update, 500));\n",
      },
      {
        file: 'Tip.tsx',
        code: "import { useEffect, useState } from 'react';\nimport { generateText } from 'ai';\nimport { openai } from '@ai-sdk/openai';\n\nasync function tip() {\n  const { text } = await generateText({ model: openai('gpt-4o-mini'), prompt: 'A tip of the day', maxOutputTokens: 60 });\n  return text;\n}\n\nexport default function Tip() {\n  const [text, setText] = useState('');\n  useEffect(() => {\n    tip().then(setText);\n  }, []);\n  return <p>{text}</p>;\n}\n",
      },
      {
        file: 'app/page.tsx',
        code: "'use client';\nimport { useEffect, useState } from 'react';\n\nexport default function Page() {\n  const [joke, setJoke] = useState('');\n  useEffect(() => {\n    fetch('/api/joke', { method: 'POST' })\n      .then((response) => response.text())\n      .then(setJoke);\n  }, []);\n  return <p>{joke}</p>;\n}\n",
        files: {
          'app/api/joke/route.ts':
            "import OpenAI from 'openai';\n\nconst client = new OpenAI();\nexport async function POST() {\n  const answer = await client.responses.create({ model: 'gpt-4o-mini', input: 'A joke', max_output_tokens: 80 });\n  return new Response(answer.output_text);\n}\n",
        },
        note: { en: 'By way of a route.', fr: 'Par une route.' },
      },
      {
        file: 'src/routes/+page.ts',
        code: "export async function load({ fetch }) {\n  const response = await fetch('/api/motto');\n  return { motto: await response.text() };\n}\n",
        files: {
          'src/routes/api/motto/+server.ts':
            "import { generateText } from 'ai';\nimport { openai } from '@ai-sdk/openai';\n\nexport const GET = async () => {\n  const { text } = await generateText({ model: openai('gpt-4o-mini'), prompt: 'A motto', maxOutputTokens: 30 });\n  return new Response(text);\n};\n",
        },
        note: { en: 'At each visit of a page.', fr: 'À chaque visite d’une page.' },
      },
      {
        file: 'client/src/Welcome.jsx',
        code: "import axios from 'axios';\nimport { useEffect, useState } from 'react';\n\nconst api = axios.create({ baseURL: 'http://localhost:5000/api' });\n\nexport function Welcome() {\n  const [text, setText] = useState('');\n  useEffect(() => {\n    const load = async () => {\n      const { data } = await api.post('/ai/', {});\n      setText(data.text);\n    };\n    load();\n  }, []);\n  return <p>{text}</p>;\n}\n",
        files: {
          'server/index.js':
            "import express from 'express';\nimport ai from './routes/ai.js';\n\nconst app = express();\napp.use('/api/ai', ai);\napp.listen(5000);\n",
          'server/routes/ai.js':
            "import express from 'express';\nimport { welcome } from '../controllers/ai.js';\n\nconst router = express.Router();\nrouter.post('/', welcome);\nexport default router;\n",
          'server/controllers/ai.js':
            "import Anthropic from '@anthropic-ai/sdk';\n\nconst client = new Anthropic();\nexport const welcome = async (request, response) => {\n  try {\n    const answer = await client.messages.create({\n      model: 'claude-3-5-haiku-latest',\n      max_tokens: 100,\n      messages: [{ role: 'user', content: 'Welcome a visitor' }],\n    });\n    response.json({ text: answer.content[0].text });\n  } catch (error) {\n    response.status(500).json({ error: error.message });\n  }\n};\n",
        },
        note: {
          en: 'A server of one’s own, its router mounted elsewhere.',
          fr: 'Un serveur à soi, dont le routeur est monté ailleurs.',
        },
      },
      {
        file: 'src/Tip.vue',
        code: "<script setup>\nimport { onMounted, ref } from 'vue';\nimport OpenAI from 'openai';\n\nconst client = new OpenAI({ dangerouslyAllowBrowser: true });\nconst tip = ref('');\nonMounted(async () => {\n  const answer = await client.responses.create({ model: 'gpt-4o-mini', input: 'A tip', max_output_tokens: 60 });\n  tip.value = answer.output_text;\n});\n</script>\n\n<template>\n  <p>{{ tip }}</p>\n</template>\n",
      },
    ],
    good: [
      {
        file: 'Near.tsx',
        code: "import * as use from '@tensorflow-models/universal-sentence-encoder';\nimport { useEffect, useRef, useState } from 'react';\n\nconst model = await use.load();\n\nexport function Near() {\n  const [query, setQuery] = useState('');\n  const last = useRef(0);\n  useEffect(() => {\n    const now = Date.now();\n    if (now - last.current > 1000) {\n      last.current = now;\n      model.embed([query]).then(show);\n    }\n  }, [query]);\n  return <input value={query} onChange={(event) => setQuery(event.target.value)} />;\n}\n",
        note: { en: 'Once a second at most.', fr: 'Une fois par seconde au plus.' },
      },
      {
        file: 'Search.tsx',
        code: "import OpenAI from 'openai';\nimport { useState } from 'react';\n\nconst client = new OpenAI({ dangerouslyAllowBrowser: true });\n\nexport function Search() {\n  const [query, setQuery] = useState('');\n  const ask = () => client.responses.create({ model: 'gpt-4o-mini', input: query, max_output_tokens: 50 });\n  return (\n    <form onSubmit={ask}>\n      <input value={query} onChange={(event) => setQuery(event.target.value)} />\n      <button>Ask</button>\n    </form>\n  );\n}\n",
      },
      {
        file: 'Search.tsx',
        code: "import OpenAI from 'openai';\nimport { useEffect, useState } from 'react';\n\nconst client = new OpenAI({ dangerouslyAllowBrowser: true });\n\nexport function Search() {\n  const [query, setQuery] = useState('');\n  useEffect(() => {\n    const timer = setTimeout(() => {\n      client.responses.create({ model: 'gpt-4o-mini', input: query, max_output_tokens: 50 });\n    }, 400);\n    return () => clearTimeout(timer);\n  }, [query]);\n  return <input value={query} onChange={(event) => setQuery(event.target.value)} />;\n}\n",
        note: { en: 'A pause.', fr: 'Une pause.' },
      },
      {
        file: 'Chat.jsx',
        code: "import OpenAI from 'openai';\n\nconst client = new OpenAI({ dangerouslyAllowBrowser: true });\n\nexport function Chat() {\n  const keyDown = (event) => {\n    if (event.key !== 'Enter') return;\n    client.responses.create({ model: 'gpt-4o-mini', input: event.target.value, max_output_tokens: 50 });\n  };\n  return <input onKeyDown={keyDown} />;\n}\n",
        note: { en: 'The Enter key.', fr: 'La touche Entrée.' },
      },
      {
        file: 'photo.js',
        code: "import { pipeline } from '@huggingface/transformers';\n\nconst detect = await pipeline('object-detection');\ndocument.querySelector('#upload').addEventListener('change', async (event) => {\n  show(await detect(URL.createObjectURL(event.target.files[0])));\n});\n",
        note: { en: 'A chosen file.', fr: 'Un fichier choisi.' },
      },
      {
        file: 'Upload.tsx',
        code: "import { pipeline } from '@huggingface/transformers';\nimport { useEffect, useRef } from 'react';\n\nexport function Upload() {\n  const detect = useRef(null);\n  useEffect(() => {\n    pipeline('object-detection').then((loaded) => {\n      detect.current = loaded;\n    });\n  }, []);\n  return <input type=\"file\" onChange={(event) => detect.current(event.target.files[0])} />;\n}\n",
        note: { en: 'Loaded on mount, run on a choice.', fr: 'Chargé au montage, exécuté sur un choix.' },
      },
      {
        file: 'app/page.tsx',
        code: "'use client';\nimport { useEffect, useState } from 'react';\n\nexport default function Page() {\n  const [history, setHistory] = useState([]);\n  useEffect(() => {\n    fetch('/api/chat').then((response) => response.json()).then(setHistory);\n  }, []);\n  return <ul>{history.map((one) => <li key={one}>{one}</li>)}</ul>;\n}\n",
        files: {
          'app/api/chat/route.ts':
            "import OpenAI from 'openai';\n\nconst client = new OpenAI();\nexport const GET = async () => Response.json([]);\nexport async function POST(request: Request) {\n  const answer = await client.responses.create({ model: 'gpt-4o-mini', input: await request.text(), max_output_tokens: 80 });\n  return new Response(answer.output_text);\n}\n",
        },
        note: { en: 'The history of a chat.', fr: 'L’historique d’une conversation.' },
      },
      {
        file: 'app/today/page.tsx',
        code: "'use client';\nimport { useEffect, useState } from 'react';\n\nexport default function Today() {\n  const [word, setWord] = useState('');\n  useEffect(() => {\n    fetch('/api/word').then((response) => response.text()).then(setWord);\n  }, []);\n  return <p>{word}</p>;\n}\n",
        files: {
          'app/api/word/route.ts':
            "import OpenAI from 'openai';\nimport { store } from '../../store';\n\nconst client = new OpenAI();\nexport async function GET() {\n  let word = await store.get('word');\n  if (!word) {\n    const answer = await client.responses.create({ model: 'gpt-4o-mini', input: 'A rare word', max_output_tokens: 20 });\n    word = answer.output_text;\n    await store.set('word', word);\n  }\n  return new Response(word);\n}\n",
        },
        note: { en: 'Written once, kept.', fr: 'Écrit une fois, gardé.' },
      },
      {
        file: 'app/list.tsx',
        code: "import { useEffect, useState } from 'react';\n\nexport function Summary({ id }) {\n  const [text, setText] = useState('');\n  useEffect(() => {\n    fetch('/api/summary', { method: 'POST', body: id }).then((response) => response.text()).then(setText);\n  }, []);\n  return <p>{text}</p>;\n}\n\nexport function List({ id }) {\n  const [open, setOpen] = useState(false);\n  return (\n    <div>\n      <button onClick={() => setOpen(true)}>Summarize</button>\n      {open && <Summary id={id} />}\n    </div>\n  );\n}\n",
        files: {
          'app/api/summary/route.ts':
            "import OpenAI from 'openai';\n\nconst client = new OpenAI();\nexport async function POST(request: Request) {\n  const answer = await client.responses.create({ model: 'gpt-4o-mini', input: await request.text(), max_output_tokens: 80 });\n  return new Response(answer.output_text);\n}\n",
        },
        note: { en: 'Shown on a click.', fr: 'Montré sur un clic.' },
      },
    ],
  },
});

interface Finding {
  readonly message: 'default' | 'mount' | 'typing' | 'render' | 'visit';
  readonly data: Readonly<Record<string, string>>;
  readonly fixes: readonly Fix[];
}

function check(module: Module, context: RuleContext): void {
  const { flow } = context;
  if (module.language !== 'typescript' || isAside(module)) return;
  const seen = new Set<unknown>();
  for (const call of module.calls) {
    const llm = isLlmCall(flow, call) || asksModelRoute(flow, call);
    if (!llm && !isLocalInference(flow, call)) continue;
    // the script of a Vue or Svelte component runs as it is made
    const inComponent = llm && /\.(?:vue|svelte)$/.test(module.path);
    if (!enclosingFunction(call) && !inComponent) continue;
    const causes = causesOf(flow, call).filter(({ by }) => by !== 'start' || inComponent);
    const place =
      call.callee.kind === 'member'
        ? { start: call.callee.propertyStart, end: call.callee.end }
        : call.callee;
    const found = causes.flatMap((cause) => {
      const one = judge(call, cause, llm, context);
      return one ? [{ cause, one }] : [];
    });
    const first = found[0];
    if (!first) {
      if (
        causes.some(
          (cause) =>
            cause.by === 'limited' || (cause.by === 'event' && /^(?:click|submit)$/.test(cause.event)),
        )
      )
        context.pass(place);
      continue;
    }
    const key = 'fn' in first.cause ? first.cause.fn : first.cause;
    if (seen.has(key)) continue;
    seen.add(key);
    context.fail(place, {
      message: first.one.message,
      data: { ...first.one.data, call: shortName(module, call) },
      fixes: first.one.fixes,
    });
  }
}

function shortName(module: Module, call: Call): string {
  const text = textOf(module, call.callee).replace(/\s+/g, '');
  return text.length <= 40 ? text : text.slice(text.lastIndexOf('.') + 1);
}

function judge(call: Call, cause: Cause, llm: boolean, context: RuleContext): Finding | null {
  const { flow } = context;
  if (cause.by === 'event') return judgeEvent(cause, context);
  if (cause.by === 'effect') {
    const module = flow.moduleOf(cause.fn);
    const body = textOf(module, cause.fn);
    if (/localStorage|sessionStorage|\bcache/i.test(body) || looksAtClock(call, flow)) return null;
    const state = cause.call ? typedState(cause.call, flow) : null;
    if (state)
      return {
        message: 'typing',
        data: { state },
        fixes: cause.call ? paused(cause.call, cause.fn, context) : [],
      };
    const asked = FOLLOWED.test(body) || isOpenedByHand(cause.fn, flow);
    return llm && !asked && isOnce(flow, cause) ? { message: 'mount', data: {}, fixes: [] } : null;
  }
  if (cause.by === 'start') return llm ? { message: 'mount', data: {}, fixes: [] } : null;
  if (cause.by === 'visit') {
    const asked = FOLLOWED.test(textOf(flow.moduleOf(cause.fn), cause.fn));
    return llm && !asked ? { message: 'visit', data: {}, fixes: [] } : null;
  }
  // a hook asks once, and again when it sees fit
  if (cause.by === 'render' && /^use[A-Z]/.test(lastName(call.callee)))
    return llm ? { message: 'mount', data: {}, fixes: [] } : null;
  if (cause.by === 'render' && llm)
    return { message: 'render', data: { component: cause.fn.name ?? 'the component' }, fixes: [] };
  return null;
}

const CLOCK =
  /(?:Date\.now\(\)|getTime\(\)|performance\.now\(\)|\bnow\b|elapsed|delta)[^;]*[<>]|[<>][^;]*(?:Date\.now\(\)|getTime\(\)|performance\.now\(\)|\bnow\b|elapsed|delta)/i;

/** Whether the call waits for enough time to have gone by: `if (Date.now() - last.current > 1000)`. */
function looksAtClock(call: Call, flow: Flow): boolean {
  const { text } = flow.moduleOf(call);
  const says = (test: Node) => CLOCK.test(text.slice(test.start, test.end));
  for (const parent of ancestors(call)) {
    if (parent.kind === 'if' && says(parent.test)) return true;
    if (parent.kind === 'function')
      return descendants(parent.body, 'if', true).some(
        (one) => one.end <= call.start && says(one.test) && descendants(one.then, 'return', true).length > 0,
      );
  }
  return false;
}

/** What a link or a form on another page carries over: a visitor asked there. */
const FOLLOWED =
  /\b(?:searchParams|useSearchParams|params|query|location\.(?:search|state|hash)|navigation)\b/i;

/** Whether the component that the function stands in is shown on a condition wherever it is used: someone opened it. */
function isOpenedByHand(fn: FunctionNode, flow: Flow): boolean {
  const component = [...ancestors(fn)].find((one) => one.kind === 'function' && isComponent(one));
  const name = component?.kind === 'function' ? component.name : null;
  if (!component || !name) return false;
  const uses = [...flow.related(flow.moduleOf(fn))]
    .filter(({ text }) => text.includes(`<${name}`))
    .flatMap((module) => descendants(module.body, 'jsx').filter(({ tag }) => tag === name));
  return uses.length > 0 && uses.every((use) => isConditional(use));
}

function isConditional(use: Node): boolean {
  for (const parent of ancestors(use)) {
    if (parent.kind === 'conditional' || parent.kind === 'if' || parent.kind === 'case') return true;
    if (parent.kind === 'binary' && parent.operator === 'and') return true;
    if (parent.kind === 'function') return false;
  }
  return false;
}

function judgeEvent(cause: Extract<Cause, { by: 'event' }>, context: RuleContext): Finding | null {
  const { flow } = context;
  const { event, attribute, target } = cause;
  const module = flow.moduleOf(cause.node);
  const text = textOf(flow.moduleOf(cause.fn), cause.fn);
  if (MOVES.test(event)) return { message: 'default', data: { event }, fixes: [] };
  const types = attribute ? event === 'change' || KEYS.test(event) : KEYS.test(event);
  if (!types) return null;
  if (event.startsWith('key') && /\bEnter\b|\.key\b|keyCode|\.which\b|\.code\b|ctrlKey|metaKey/.test(text))
    return null;
  if (attribute) {
    if (!FIELDS.test(target) || !isTyped(attribute, context)) return null;
  } else if (
    SET.test(target.replace(/querySelector(?:All)?/g, '')) ||
    /\.files\b|\.checked\b|valueAsNumber|parseFloat|parseInt|Number\(/.test(text)
  )
    return null;
  if (/\b(?:clearTimeout|debounce\w*|throttle\w*)\b/.test(text)) return null;
  return { message: 'default', data: { event }, fixes: attribute ? [] : debounced(cause, module, context) };
}

/** Whether the element is a field of text. */
function isTyped(
  attribute: NonNullable<Extract<Cause, { by: 'event' }>['attribute']>,
  { flow }: RuleContext,
): boolean {
  const element = attribute.parent;
  if (element?.kind !== 'jsx') return false;
  const type = element.attributes.find(({ name }) => name === 'type')?.value;
  if (!type) return !element.attributes.some(({ name }) => name === null);
  const kind = flow.constant(type);
  return typeof kind === 'string' && !CHOICES.test(kind);
}

/** A state among the effect's dependencies that a text field sets at each keystroke. */
function typedState(effect: Call, flow: Flow): string | null {
  const dependencies = effect.args[1]?.value;
  if (dependencies?.kind !== 'sequence') return null;
  const module = flow.moduleOf(effect);
  for (const item of dependencies.items) {
    if (item.kind !== 'name') continue;
    const setter = module.assigns.flatMap((assign) => {
      const pair = assign.targets[0];
      const [state, set] = pair?.kind === 'sequence' ? pair.items : [];
      return state?.kind === 'name' &&
        state.name === item.name &&
        set?.kind === 'name' &&
        assign.value?.kind === 'call'
        ? [set.name]
        : [];
    })[0];
    if (!setter) continue;
    for (const call of module.calls) {
      if (call.callee.kind !== 'name' || call.callee.name !== setter) continue;
      const typed = causesOf(flow, call).some(
        (cause) =>
          cause.by === 'event' &&
          cause.attribute !== null &&
          /^(?:change|input)$/.test(cause.event) &&
          FIELDS.test(cause.target) &&
          isTyped(cause.attribute, { flow } as RuleContext),
      );
      if (typed) return item.name;
    }
  }
  return null;
}

/** The effect's body in a timer that the next keystroke cancels. */
function paused(effect: Call, fn: FunctionNode, { flow, module }: RuleContext): Fix[] {
  if (flow.moduleOf(effect) !== module || effect.args[0]?.value !== fn || fn.isAsync) return [];
  const { statements } = fn.body;
  const first = statements[0];
  const last = statements.at(-1);
  if (!first || !last || module.text[fn.body.start] !== '{' || !startsLine(module, first)) return [];
  if (descendants(fn.body, 'return', true).some(({ value }) => value !== null)) return [];
  if (/`[^`]*\n/.test(textOf(module, { start: first.start, end: last.end }))) return [];
  const newline = newlineOf(module);
  const indent = indentAt(module, first.start);
  const unit = indentUnit(module);
  const edits: Edit[] = [
    {
      start: first.start,
      end: first.start,
      text: `const timer = setTimeout(() => {${newline}${indent}${unit}`,
    },
  ];
  for (
    let at = module.text.indexOf('\n', first.start);
    at >= 0 && at < last.end;
    at = module.text.indexOf('\n', at + 1)
  ) {
    if (!/^[ \t]*\r?\n/.test(module.text.slice(at + 1, at + 400)))
      edits.push({ start: at + 1, end: at + 1, text: unit });
  }
  edits.push({
    start: last.end,
    end: last.end,
    text: `${newline}${indent}}, 500);${newline}${indent}return () => clearTimeout(timer);`,
  });
  return [
    {
      title: {
        en: 'Wait until typing pauses for half a second',
        fr: 'Attendre une pause d’une demi-seconde dans la frappe',
      },
      edits: () => edits,
    },
  ];
}

/** The listener behind `debounce`. */
function debounced(cause: Extract<Cause, { by: 'event' }>, module: Module, context: RuleContext): Fix[] {
  const { node } = cause;
  const listener = node.kind === 'call' ? node.args.at(-1)?.value : undefined;
  if (
    module !== context.module ||
    !listener ||
    module.imports.length === 0 ||
    /\brequire\(/.test(module.text)
  )
    return [];
  return [
    {
      title: {
        en: 'Wait until typing pauses for half a second',
        fr: 'Attendre une pause d’une demi-seconde dans la frappe',
      },
      imports: ["import debounce from 'lodash.debounce'"],
      packages: ['lodash.debounce'],
      edits: () => [
        { start: listener.start, end: listener.start, text: 'debounce(' },
        { start: listener.end, end: listener.end, text: ', 500)' },
      ],
    },
  ];
}
