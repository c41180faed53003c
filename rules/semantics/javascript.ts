/** What JavaScript programs run models with, and what makes a piece of them run: events, effects, frames, timers. */
import type { Flow } from '../../analysis/flow/types.ts';
import { ofModule } from '../../analysis/memo.ts';
import type {
  Call,
  DictEntry,
  Expr,
  FunctionNode,
  JsxAttribute,
  Member,
  Module,
  Node,
} from '../../analysis/model.ts';
import { placeOf } from '../../analysis/program/place.ts';
import { ancestors, classOf, descendants, enclosingFunction, lastName, walk } from '../../analysis/tree.ts';
import { inferenceOf } from '../knowledge/infers.ts';

/** Methods that only models have, whatever object they are called on. */
const DISTINCTIVE =
  /^\?\.(?:estimate(?:Faces|Hands|Poses|SinglePose|MultiplePoses)|segment(?:Person|People|PersonParts|MultiPerson)|(?:detect|segment|recognize|classify)ForVideo|executeAsync)$/;
const KNOWN =
  /^(?:tfjs\.(?:LayersModel|GraphModel|Sequential)\.(?:predict|predictOnBatch|execute|executeAsync|predictAsync)|@tensorflow-models\/[\w-]+\..*\.(?:estimate|detect|classify|segment|embed|infer|predict|toSegmentation)\w*|onnxruntime\.InferenceSession\.run|transformersjs\.(?:Pipeline|PreTrainedModel)\.(?:__call__|generate)|ml5\.\w+(?:\(\))?\.(?:classify|detect|predict|segment|transfer|multiPose|singlePose)\w*|@mediapipe\/tasks-[\w-]+\..*\.(?:detect|segment|recognize|classify|embed)(?:ForVideo)?|(?:globalThis\.tmImage|@teachablemachine\/\w+)\..*\.(?:predict|predictTopK)|face-api\.js\.(?:detect\w+)|@vladmandic\/face-api\.detect\w+|globalThis\.faceapi\.detect\w+)$/;

/** Whether the call runs a trained model in this process. */
export function isLocalInference(flow: Flow, call: Call): boolean {
  const names = flow.names(call);
  return (
    names.some((name) => KNOWN.test(name) || DISTINCTIVE.test(name)) || inferenceOf(names)?.kind === 'predict'
  );
}

/** Files whose calls nobody pays for again and again: tests, benchmarks, stories, what a build wrote. */
export function isAside(module: Module): boolean {
  return /[._-](?:tests?|spec|bench(?:mark)?|stories)\.[cm]?[jt]sx?$|(?:^|\/)(?:__tests__|__mocks__|tests?|benchmarks?|dist|build|vendor)\//i.test(
    placeOf(module),
  );
}

/** What makes a node run. `unknown`: someone out of sight, or something that says nothing about how often. */
export type Cause =
  | { readonly by: 'start' | 'unknown' | 'limited' }
  | { readonly by: 'frame' | 'interval' | 'timeout'; readonly call: Call }
  | { readonly by: 'effect'; readonly call: Call | null; readonly fn: FunctionNode }
  | {
      readonly by: 'event';
      readonly event: string;
      /** Element or receiver, as written; null for a JSX element. */
      readonly target: string;
      readonly attribute: JsxAttribute | null;
      readonly node: Node;
      readonly fn: FunctionNode;
    }
  | { readonly by: 'render'; readonly fn: FunctionNode }
  /** What a framework runs on its server for each visit of a page. */
  | { readonly by: 'visit'; readonly fn: FunctionNode };

const MAX_STEPS = 60;

/** Everything known to make the node run, through helpers and other files. */
export function causesOf(flow: Flow, node: Node): readonly Cause[] {
  const found: Cause[] = [];
  const seen = new Set<FunctionNode>();
  const at = (place: Node): void => {
    const fn = enclosingFunction(place);
    if (!fn) found.push({ by: 'start' });
    else of(fn);
  };
  const of = (fn: FunctionNode): void => {
    if (seen.has(fn) || seen.size > MAX_STEPS) return;
    seen.add(fn);
    const before = found.length;
    let recursive = false;
    if (isComponent(fn)) return void found.push({ by: 'render', fn });
    if (
      classOf(fn) &&
      /^(?:componentDidMount|ngOnInit|ngAfterViewInit|mounted|connectedCallback)$/.test(fn.name ?? '')
    )
      found.push({ by: 'effect', call: null, fn });
    if (isLoader(flow, fn)) return void found.push({ by: 'visit', fn });
    for (const place of registrations(flow, fn)) {
      if (place.kind === 'attribute') found.push(jsxCause(flow, place, fn));
      else if (place.kind === 'member') found.push(propertyCause(flow, place, fn));
      else argumentCause(place, fn);
    }
    for (const call of flow.callers(fn)) {
      if (enclosingFunction(call) === fn) recursive = true;
      else at(call);
    }
    if (found.length === before && !recursive) found.push({ by: 'unknown' });
  };
  const argumentCause = (call: Call, fn: FunctionNode): void => {
    const text = calleeText(flow, call);
    const method = /[\w$]+$/.exec(text)?.[0] ?? '';
    if (/debounce|throttle|rateLimit|cache$|memo/i.test(text)) return void found.push({ by: 'limited' });
    if (/^(?:requestAnimationFrame|requestVideoFrameCallback|useFrame|useAnimationFrame)$/.test(method))
      return void found.push({ by: 'frame', call });
    if (method === 'setInterval' || method === 'useInterval')
      return void found.push({ by: 'interval', call });
    if (/^(?:setTimeout|requestIdleCallback|setImmediate|useTimeout)$/.test(method))
      return void found.push({ by: 'timeout', call });
    if (
      QUERIES.test(method) ||
      /^(?:useEffect|useLayoutEffect|useInsertionEffect|onMounted|onMount|watch|watchEffect|createEffect|\$effect)$/.test(
        method,
      )
    )
      return void found.push({ by: 'effect', call, fn });
    if (
      /^(?:addEventListener|on|once|keyup|keydown|keypress|input|scroll|mousemove|click|change)$/.test(method)
    ) {
      const first = call.args[0]?.value;
      const named = /^(?:addEventListener|on|once)$/.test(method);
      const event = named ? (first ? flow.constant(first) : undefined) : method;
      if (typeof event !== 'string') return void found.push({ by: 'unknown' });
      const module = flow.moduleOf(call);
      const target = call.callee.kind === 'member' ? textAt(module, call.callee.object) : 'window';
      return void found.push({
        by: 'event',
        event: event.toLowerCase(),
        target,
        attribute: null,
        node: call,
        fn,
      });
    }
    // what runs its callback there and then
    if (
      /^(?:then|catch|finally|map|forEach|flatMap|filter|some|every|reduce|all|tidy|Promise|startTransition|nextTick|runAsync|act)$/.test(
        method,
      )
    )
      return at(call);
    if (/^(?:useCallback|useMemo|memo|forwardRef)$/.test(method)) return;
    found.push({ by: 'unknown' });
  };
  at(node);
  return found;
}

function textAt(module: Module, node: Node): string {
  return module.text.slice(node.start, Math.min(node.end, node.start + 300));
}

function calleeText(flow: Flow, call: Call): string {
  return textAt(flow.moduleOf(call), call.callee).replace(/\s+/g, '');
}

const LOADERS: readonly { readonly name: RegExp; readonly file: RegExp }[] = [
  { name: /^load$/, file: /(?:^|\/)\+(?:page|layout)(?:\.server)?\.[jt]s$/ },
  { name: /^getServerSideProps$/, file: /(?:^|\/)pages\/(?!api\/).*\.[jt]sx?$/ },
  { name: /^loader$/, file: /(?:^|\/)app\/(?:routes\/.*|root)\.[jt]sx?$/ },
];

/** Whether the function gathers what a page shows: SvelteKit's `load`, Next's `getServerSideProps`, Remix' `loader`. */
function isLoader(flow: Flow, fn: FunctionNode): boolean {
  const name = nameOf(fn) ?? '';
  return LOADERS.some((row) => row.name.test(name) && row.file.test(flow.moduleOf(fn).path));
}

/** A function that returns JSX and is named like a component. */
export function isComponent(fn: FunctionNode): boolean {
  const name = nameOf(fn);
  if (!name || !/^[A-Z]/.test(name)) return false;
  return descendants(fn.body, 'return', true).some(
    ({ value }) => value !== null && descendants(value, 'jsx').length > 0,
  );
}

function nameOf(fn: FunctionNode): string | null {
  if (fn.name) return fn.name;
  const parent = fn.parent;
  if (parent?.kind === 'assign') {
    const target = parent.targets[0];
    return target?.kind === 'name' ? target.name : target?.kind === 'member' ? target.property : null;
  }
  if (parent?.kind === 'argument' && parent.parent?.kind === 'call') {
    // const go = useCallback(() => …)
    const assign = parent.parent.parent;
    const target = assign?.kind === 'assign' ? assign.targets[0] : null;
    return target?.kind === 'name' ? target.name : null;
  }
  if (parent?.kind === 'entry' && parent.key?.kind === 'literal') return String(parent.key.value);
  return null;
}

type Place = Call | JsxAttribute | Member;

/** Where a file hands on something that it names: as an argument, a JSX attribute, a handler property. */
const places = ofModule((module): ReadonlyMap<string, readonly { expr: Expr; place: Place }[]> => {
  const found = new Map<string, { expr: Expr; place: Place }[]>();
  const add = (expr: Expr | null, place: Place) => {
    if (!expr) return;
    // `this.loop.bind(this)` is `this.loop`
    const plain =
      expr.kind === 'call' && expr.callee.kind === 'member' && expr.callee.property === 'bind'
        ? expr.callee.object
        : expr;
    const key = plain.kind === 'name' ? plain.name : plain.kind === 'member' ? plain.property : null;
    if (!key) return;
    const list = found.get(key);
    if (list) list.push({ expr: plain, place });
    else found.set(key, [{ expr: plain, place }]);
  };
  walk(module.body, (node) => {
    if (node.kind === 'call') for (const argument of node.args) add(argument.value, node);
    else if (node.kind === 'attribute') add(node.value, node);
    else if (node.kind === 'assign') {
      const target = node.targets[0];
      if (target?.kind === 'member' && /^on[a-z]+$/.test(target.property)) add(node.value, target);
    }
  });
  return found;
});

/** Places that are given the function, to run it later. */
function registrations(flow: Flow, fn: FunctionNode): readonly Place[] {
  const found: Place[] = [];
  const parent = fn.parent;
  if (parent?.kind === 'argument' && parent.parent?.kind === 'call' && parent.parent.callee !== fn)
    found.push(parent.parent);
  else if (parent?.kind === 'entry') found.push(...queries(parent));
  else if (parent?.kind === 'attribute') found.push(parent);
  else if (parent?.kind === 'assign') {
    const target = parent.targets[0];
    if (target?.kind === 'member' && /^on[a-z]+$/.test(target.property)) found.push(target);
  }
  const name = nameOf(fn);
  if (!name) return found;
  const own = flow.moduleOf(fn);
  for (const module of flow.related(own)) {
    if (module.language !== 'typescript') continue;
    for (const { expr, place } of places(module).get(name) ?? []) {
      if (flow.values(expr).some((value) => value.kind === 'function' && value.function === fn))
        found.push(place);
    }
  }
  return found;
}

/** `useQuery({ queryFn })`, without an `enabled` that may hold it back. */
function queries(entry: DictEntry): Call[] {
  const dict = entry.parent;
  const call = dict?.parent?.kind === 'argument' ? dict.parent.parent : null;
  if (dict?.kind !== 'dict' || call?.kind !== 'call' || !QUERIES.test(lastName(call.callee))) return [];
  const keys = dict.entries.map(({ key }) => (key?.kind === 'literal' ? key.value : null));
  return keys.includes('enabled') || entry.key?.kind !== 'literal' || entry.key.value !== 'queryFn'
    ? []
    : [call];
}

const QUERIES = /^use(?:Suspense)?Query$/;

function jsxCause(flow: Flow, attribute: JsxAttribute, fn: FunctionNode): Cause {
  const element = [...ancestors(attribute)].find((one) => one.kind === 'jsx');
  const tag = element?.kind === 'jsx' ? (element.tag ?? '') : '';
  const event = (attribute.name ?? '').replace(/^on:?/i, '').toLowerCase();
  if (!/^on/i.test(attribute.name ?? '') || flow.moduleOf(attribute).language !== 'typescript')
    return { by: 'unknown' };
  return { by: 'event', event, target: tag, attribute, node: attribute, fn };
}

function propertyCause(flow: Flow, member: Member, fn: FunctionNode): Cause {
  const target = textAt(flow.moduleOf(member), member.object);
  return { by: 'event', event: member.property.slice(2), target, attribute: null, node: member, fn };
}

/** Whether the cause comes once in the life of a page or process. */
export function isOnce(flow: Flow, cause: Cause): boolean {
  if (cause.by === 'start') return true;
  if (cause.by === 'event')
    return /^(?:load|domcontentloaded|ready|loadeddata|loadedmetadata|open|deviceready)$/.test(cause.event);
  if (cause.by === 'effect') {
    const deps = cause.call?.args[1]?.value;
    return (
      cause.call === null ||
      /onMount|^use(?:Suspense)?Query/.test(calleeText(flow, cause.call)) ||
      (deps?.kind === 'sequence' && deps.items.length === 0)
    );
  }
  return false;
}

const NODE_MODULES =
  /^(?:node:.*|fs|fs\/promises|path|http|https|os|child_process|readline|readline\/promises|stream|express|fastify|koa|hono|@nestjs\/.*|aws-lambda|next\/server|@tensorflow\/tfjs-node(?:-gpu)?|sharp|discord\.js|telegraf|body-parser|cors|multer|dotenv)$/;
const NODE_FILES =
  /(?:^|\/)(?:app|src\/app)\/(?:.*\/)?route\.[jt]sx?$|(?:^|\/)pages\/api\/.*|\+(?:page\.)?server\.[jt]s$|(?:^|\/)(?:netlify\/functions|lambda|functions)\//;
const BROWSER =
  /\b(?:document|window|localStorage|navigator|self|chrome|HTMLElement|postMessage|onmessage)\b\s*[.?(=]|\bfrom\s+['"](?:react|react-dom|vue|svelte|preact|solid-js|react-native)['"/]|<script\b/;

/** Where the file runs, as far as the file itself shows it. */
export const platformOf = ofModule((module): 'node' | 'browser' | 'unknown' => {
  const required = module.calls.flatMap(({ callee, args }) =>
    callee.kind === 'name' && callee.name === 'require' && args[0]?.value.kind === 'literal'
      ? [String(args[0].value.value)]
      : [],
  );
  const specifiers = [
    ...module.imports.filter(({ typeOnly }) => !typeOnly).map((one) => one.module),
    ...required,
  ];
  const isNode =
    specifiers.some((name) => NODE_MODULES.test(name)) ||
    NODE_FILES.test(module.path) ||
    /^#!.*\bnode\b|\bprocess\.(?:argv|exit|stdout|stdin)\b|^\s*['"]use (?:server|node)['"]/m.test(
      module.text,
    );
  const isCommonJs = required.length > 0 || /\.[cm]js$/.test(module.path);
  const isBrowser = BROWSER.test(module.text) || /\.(?:vue|svelte|tsx|jsx|html)$/.test(module.path);
  return (isNode || isCommonJs) && !isBrowser
    ? 'node'
    : isBrowser && !isNode && !isCommonJs
      ? 'browser'
      : 'unknown';
});
