/** Calls of language models as sites: which API, and whether something caps what it may write. */
import type { ArgumentLookup, Flow, ObjectValue } from '../../analysis/flow/types.ts';
import type { Call, Dict, Expr } from '../../analysis/model.ts';
import { LLM_CALL_NAMES, type LlmCall, llmCallOf } from '../knowledge/llm-apis.ts';
import {
  LLM_ADDRESSES,
  LLM_CONSTRUCTORS,
  type LlmConstructor,
  llmConstructorOf,
  SPEAKING_OR_DRAWING,
} from '../knowledge/llm-models.ts';
import { isEntryAssigned } from './options.ts';
import { knownText } from './text.ts';

/** Functions that post a JSON body, where the address and the body stand. */
const POSTS: readonly {
  readonly name: RegExp;
  readonly body: readonly string[];
  readonly position?: number;
}[] = [
  {
    name: /^globalThis\.fetch$|^(?:node-fetch|cross-fetch|undici|isomorphic-fetch)(?:\.(?:default|fetch))?$/,
    body: ['body'],
  },
  { name: /^axios(?:\.default)?\.post$|^axios\.create\(\)\.post$/, body: [], position: 1 },
  { name: /^axios(?:\.(?:default|request|create))?$/, body: ['data'] },
  { name: /^(?:got|ky)\.post$/, body: ['json', 'body'] },
  {
    name: /^(?:requests|httpx|requests\.Session|httpx\.(?:Async)?Client|aiohttp\.ClientSession)\.(?:post|stream|request)$/,
    body: ['json', 'data', 'content'],
  },
];

/** Canonical names under which a rule may meet a call of a language model. */
export const LLM_NAMES: readonly string[] = [
  ...LLM_CALL_NAMES,
  ...LLM_CONSTRUCTORS.map(({ name }) => name),
  '?.create',
  '?.parse',
  'globalThis.fetch',
  'node-fetch',
  'cross-fetch',
  'undici.fetch',
  'axios',
  'axios.post',
  'axios.request',
  'axios.create().post',
  'got.post',
  'ky.post',
  'requests.post',
  'requests.Session.post',
  'httpx.post',
  'httpx.Client.post',
  'httpx.AsyncClient.post',
  'aiohttp.ClientSession.post',
];

export type CapState = 'capped' | 'uncapped' | 'unknown';

/** Row of the API that the call speaks to; undefined when it is none. */
export function llmRow(flow: Flow, call: Call): LlmCall | undefined {
  const names = flow.names(call);
  const row = llmCallOf(names);
  if (row) return row;
  // A client that arrives from somewhere unknown: the path and the arguments are those of no other API.
  if (names.length > 0 && !names.every((name) => name.startsWith('?.'))) return undefined;
  const path = calleePath(call);
  if (!/\.chat\.completions\.(?:create|parse)$/.test(path)) return undefined;
  const given = (name: string) => flow.argument(call, name).state === 'given';
  return given('messages') && given('model') ? llmCallOf('openai.OpenAI.chat.completions.create') : undefined;
}

function calleePath(call: Call): string {
  let path = '';
  for (let expr: Expr = call.callee; ; expr = expr.object) {
    if (expr.kind !== 'member') return (expr.kind === 'name' ? expr.name : '?') + path;
    path = `.${expr.property}${path}`;
  }
}

/** A request to a generation API made by hand: its JSON body, where it can be seen. */
export interface LlmRequest {
  readonly address: (typeof LLM_ADDRESSES)[number];
  readonly body: Dict;
  /** The expression that holds the body: keys may be set on its name later. */
  readonly source: Expr;
}

export function llmRequest(flow: Flow, call: Call): LlmRequest | undefined {
  const names = flow.names(call);
  const post = POSTS.find(({ name }) => names.some((one) => name.test(one)));
  if (!post) return undefined;
  const url = addressOf(flow, call);
  const address = LLM_ADDRESSES.find(({ pattern }) => pattern.test(url));
  if (!address) return undefined;
  const candidates = [
    ...(post.position === undefined ? [] : [call.args[post.position]?.value]),
    ...post.body.map((name) => {
      const found = flow.argument(call, name);
      return found.state === 'given' ? found.value : undefined;
    }),
  ];
  for (const candidate of candidates) {
    const found = candidate && jsonDict(flow, candidate);
    if (found && address.keys.some((key) => hasKey(found.body, key))) return { address, ...found };
  }
  return undefined;
}

function addressOf(flow: Flow, call: Call): string {
  const given = flow.argument(call, 'url');
  const expr = given.state === 'given' ? given.value : call.args[0]?.value;
  if (!expr || expr.kind === 'dict') return '';
  const text = knownText(flow, expr, '…').trim();
  // a host from elsewhere that is named after what it runs: `${ollamaUrl}/api/chat`
  const path = /^[^/:\s]+(\/api\/(?:chat|generate))$/.exec(text)?.[1];
  if (path) {
    const written = flow.moduleOf(call).text.slice(expr.start, expr.end);
    return /ollama/i.test(written) ? `http://localhost:11434${path}` : '';
  }
  // one's own server may use the same path: an address of one's own has no host
  return /^\/(?!\/)/.test(text) ? '' : text;
}

/** Whether an entry that is set later may hold a limit: `body["max_tokens"] = n`, or under a key that is not known. */
function mayLimit(flow: Flow, { entries }: Dict): boolean {
  const key = entries[0]?.key ? flow.constant(entries[0].key) : undefined;
  return typeof key !== 'string' || /max|limit|token|predict|config|option|param/i.test(key);
}

/** The object literal that an expression sends as JSON. */
function jsonDict(flow: Flow, expr: Expr): { readonly body: Dict; readonly source: Expr } | undefined {
  const inner =
    expr.kind === 'call' && /(?:^|\.)(?:stringify|dumps)$/.test(calleePath(expr))
      ? expr.args[0]?.value
      : expr;
  if (!inner) return undefined;
  const found = flow.values(inner);
  // an entry that is set later is no matter, unless it may be the limit
  const [only, ...others] = found.filter(
    (value) =>
      value.kind !== 'display' ||
      value.node.kind !== 'dict' ||
      !isEntryAssigned(value.node) ||
      mayLimit(flow, value.node),
  );
  if (others.length === 0 && only?.kind === 'display' && only.node.kind === 'dict')
    return { body: only.node, source: inner };
  if (inner === expr && inner.kind === 'name') {
    // `const body = JSON.stringify({…})`
    for (const value of found)
      if (value.kind === 'object' && value.origin) return jsonDict(flow, value.origin);
  }
  return undefined;
}

function hasKey(dict: Dict, key: string): boolean {
  return dict.entries.some((entry) => entry.key?.kind === 'literal' && entry.key.value === key);
}

/** What caps one call by itself. */
export function callCap(flow: Flow, call: Call, row: LlmCall): CapState {
  if (row.defaultCap !== null) return 'capped';
  const typescript = flow.moduleOf(call).language === 'typescript';
  // the second argument of a TypeScript client holds request options: signals, headers
  const options =
    typescript && row.optionsFirst && !/^openai-chat-v0$/.test(row.api) ? firstOnly(call) : call;
  return capAmong(flow, options, row.caps);
}

/** What caps a body written by hand. */
export function requestCap(flow: Flow, request: LlmRequest, at: Call): CapState {
  return capAmong(flow, carrierOf(request, at), request.address.caps);
}

/** The body as a call's arguments: a lookup sees through a dict that is spread into a call. */
export function carrierOf({ source }: LlmRequest, at: Call): Call {
  return {
    ...at,
    args: [
      {
        kind: 'argument',
        name: null,
        value: source,
        spread: 'dict',
        start: source.start,
        end: source.end,
        parent: at,
      },
    ],
  };
}

/** Where a request says what it wants back. */
const MODALITIES = [
  'config.responseModalities',
  'config.response_modalities',
  'generationConfig.responseModalities',
  'generation_config.response_modalities',
  'providerOptions.google.responseModalities',
  'modalities',
];

/** Whether what comes back is speech or a picture: its length follows from the task, and a cap would cut it off. */
export function writesNoText(flow: Flow, call: Call, model: string): boolean {
  if (SPEAKING_OR_DRAWING.test(model)) return true;
  const source = flow.moduleOf(call).text;
  if (!/modalities/i.test(source)) return false;
  return MODALITIES.some((path) => {
    const found = lookUp(flow, call, path);
    if (found.state !== 'given') return false;
    const { start, end } = found.value;
    return /audio|image/i.test(flow.moduleOf(found.value).text.slice(start, end));
  });
}

function firstOnly(call: Call): Call {
  return call.args.length > 1 ? { ...call, args: call.args.slice(0, 1) } : call;
}

/** Whether one of the paths caps what the call's arguments say. */
export function capAmong(flow: Flow, call: Call, paths: readonly string[]): CapState {
  let state: CapState = 'uncapped';
  for (const path of paths) {
    const found = lookUp(flow, call, path);
    if (found.state === 'unknown') state = 'unknown';
    if (found.state !== 'given') continue;
    const none = isNone(flow, found.value);
    if (none === 'no') return 'capped';
    if (none === 'unknown') state = 'unknown';
  }
  return state;
}

/** An argument by name, or a key inside one, through option objects such as `GenerationConfig(…)` too. */
export function lookUp(flow: Flow, call: Call, path: string): ArgumentLookup {
  const found = flow.argument(call, path);
  const dot = path.indexOf('.');
  if (found.state === 'given' || dot < 0) return found;
  const head = flow.argument(call, path.slice(0, dot));
  if (head.state !== 'given') return head;
  const rest = path.slice(dot + 1);
  const values = flow.values(head.value);
  if (values.length === 0) return { state: 'unknown' };
  let state: 'absent' | 'unknown' = found.state;
  for (const value of values) {
    if (value.kind !== 'object') continue;
    // set later: `config.max_output_tokens = 256`
    if (!value.origin || value.class) return { state: 'unknown' };
    const inner = lookUp(flow, value.origin, rest);
    if (inner.state !== 'absent') return inner;
    state = values.length === 1 ? 'absent' : state;
  }
  return { state };
}

/** Whether the expression certainly sets no limit: None, undefined, -1. */
function isNone(flow: Flow, expr: Expr): 'yes' | 'no' | 'unknown' {
  if (expr.kind === 'name' && expr.name === 'undefined') return 'yes';
  const values = flow.values(expr);
  const none = values.filter(
    ({ kind, ...value }) => kind === 'constant' && isUnlimited((value as { value: unknown }).value),
  );
  if (none.length === 0) return 'no';
  return none.length === values.length ? 'yes' : 'unknown';
}

function isUnlimited(value: unknown): boolean {
  return value === null || value === -1 || value === -2 || value === '';
}

/** A model built once: whether its constructor, or every use of it, caps the output. */
export function constructorCap(flow: Flow, call: Call, row: LlmConstructor): CapState {
  const own = capAmong(flow, call, row.caps);
  if (own !== 'uncapped') return own;
  const object = flow.objects(call).find(({ origin }) => origin === call);
  if (!object) return row.methods.length === 0 ? 'uncapped' : 'unknown';
  return usesCap(flow, object, row);
}

function usesCap(flow: Flow, object: ObjectValue, row: LlmConstructor, depth = 0): CapState {
  let capped = 0;
  let unknown = false;
  for (const use of flow.uses(object)) {
    if (use.role === 'argument') continue;
    const method = use.role === 'callee' ? '__call__' : (use.method ?? '');
    if (row.chats.includes(method)) {
      const state = capAmong(flow, use.call, row.callCaps);
      if (state === 'capped') capped++;
      else if (depth < 2) {
        for (const chat of flow.objects(use.call)) {
          if (chat.origin !== use.call) continue;
          const inner = usesCap(flow, chat, row, depth + 1);
          if (inner === 'uncapped') return inner;
          if (inner === 'capped') capped++;
          else unknown = true;
        }
      }
      continue;
    }
    if (row.methods.length > 0 && !row.methods.includes(method)) continue;
    const state = usedCap(flow, use.call, row);
    if (state === 'capped') capped++;
    // an options object that cannot be seen through may carry the cap
    else if (state === 'unknown') unknown = true;
    else if (row.methods.length > 0) return 'uncapped';
  }
  if (capped > 0) return 'capped';
  if (row.methods.length === 0) return unknown ? 'unknown' : 'uncapped';
  return 'unknown';
}

/** Caps on one use. The prompt comes first: that it is unknown says nothing about the options. */
function usedCap(flow: Flow, call: Call, row: LlmConstructor): CapState {
  if (flow.moduleOf(call).language === 'python') {
    const state = capAmong(flow, call, row.callCaps);
    return state;
  }
  const [first, ...rest] = call.args;
  const binds =
    call.callee.kind === 'member' && /^(?:bind|withConfig|with_config)$/.test(call.callee.property);
  const own =
    first && !first.spread && (binds || isOptions(flow, first.value))
      ? capAmong(flow, firstOnly(call), row.callCaps)
      : 'uncapped';
  if (own !== 'uncapped') return own;
  return rest.length > 0 ? capAmong(flow, { ...call, args: rest }, row.callCaps) : 'uncapped';
}

/** Whether a first argument is an options object rather than a prompt. */
function isOptions(flow: Flow, expr: Expr): boolean {
  if (flow.values(expr).some((value) => value.kind === 'display' && value.node.kind === 'dict')) return true;
  return expr.kind === 'name' && /(?:request|req|params|options|opts|config|body|payload)$/i.test(expr.name);
}

export function constructorRow(flow: Flow, call: Call): LlmConstructor | undefined {
  const row = llmConstructorOf(flow.names(call));
  if (!row) return undefined;
  if (row.task) {
    const task = flow.argument(call, 'task', 0);
    if (task.state !== 'given' || flow.constant(task.value) !== row.task) return undefined;
  }
  return row;
}
