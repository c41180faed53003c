/** What runs once per request: handlers by every mark a framework gives them, and what leads from them to a node. */
import { reachingBindings } from '../../analysis/flow/reaching.ts';
import type { Flow } from '../../analysis/flow/types.ts';
import type {
  Call,
  ClassNode,
  Export,
  Expr,
  FunctionNode,
  Loop,
  Module,
  Node,
} from '../../analysis/model.ts';
import {
  ancestors,
  classOf,
  contains,
  descendants,
  enclosingFunction,
  enclosingLoops,
  lastName,
} from '../../analysis/tree.ts';
import {
  APPLICATIONS,
  CALLBACK_REGISTRATIONS,
  CONVENTIONAL_HANDLERS,
  DEFAULT_EXPORT_HANDLERS,
  EVENTS,
  HANDLER_BASES,
  HANDLER_DECORATORS,
  HANDLER_EXPORTS,
  MEMOISERS,
  NAMED_EVENTS,
  RERUN_LIBRARIES,
  ROUTE_METHODS,
  SERVICE_DECORATORS,
  START_UP_HOOKS,
  START_UP_METHODS,
} from '../knowledge/serves.ts';
import { memoized, memoizedComponent } from './memo.ts';

/** Why a node runs again and again. */
export type Repetition =
  | { readonly by: 'request'; readonly handler: FunctionNode }
  /** A script that runs whole at each interaction. */
  | { readonly by: 'rerun'; readonly module: Module }
  | { readonly by: 'loop'; readonly loop: Loop };

const handlerDecorators = new Set(HANDLER_DECORATORS);
// `use`: what runs before each of the routes
const routeCalls = new Set(
  APPLICATIONS.flatMap((type) => [...ROUTE_METHODS, 'use'].map((method) => `${type}.${method}`)),
);
const memoisers = new Set(MEMOISERS);
const startUpHooks = new Set(START_UP_HOOKS);
const serviceDecorators = new Set(SERVICE_DECORATORS);

const NEST_ROUTES =
  /^@nestjs\/(?:common|microservices|websockets|graphql)\.(?:Get|Post|Put|Patch|Delete|All|MessagePattern|EventPattern|SubscribeMessage|Query|Mutation)$/;

/** Names of what a decorator is or calls. */
function decoratorNames(flow: Flow, decorator: Expr): readonly string[] {
  if (decorator.kind === 'call') return flow.names(decorator);
  return flow.values(decorator).flatMap((value) => {
    if (value.kind !== 'library') return [];
    const { name, receiver } = value;
    const type = receiver?.types[0];
    if (!type || !name.startsWith(`${type}.`)) return [name];
    return receiver.types.map((one) => one + name.slice(type.length));
  });
}

/** Whether a framework runs the function once per request or event. */
export function isHandler(flow: Flow, fn: FunctionNode): boolean {
  return handles(flow, fn);
}

const handles = memoized(
  (flow, fn: FunctionNode): boolean =>
    registeredIn(flow, flow.moduleOf(fn)).has(fn) || (!isStartUp(flow, fn) && looksLikeHandler(flow, fn)),
);

/** Functions that modules hand to a framework. */
const registeredIn = memoizedComponent(
  (flow, modules): ReadonlySet<FunctionNode> =>
    new Set([...modules].flatMap((module) => [...registered(flow, module)])),
);

function looksLikeHandler(flow: Flow, fn: FunctionNode): boolean {
  const module = flow.moduleOf(fn);
  for (const decorator of fn.decorators) {
    const names = decoratorNames(flow, decorator);
    if (names.some((name) => handlerDecorators.has(name) || NEST_ROUTES.test(name))) return true;
    if (names.some((name) => NAMED_EVENTS[name]?.test(fn.name ?? ''))) return true;
    if (isUnknownRoute(decorator, names)) return true;
  }
  const owner = classOf(fn);
  if (owner) return isHandlerMethod(flow, owner, fn);
  if (fn.parent !== module.body && !isExportedValue(fn)) return false;
  const name = fn.name ?? assignedName(fn);
  const platform = CONVENTIONAL_HANDLERS.find(
    (row) => row.function === name && row.runs === 'handler' && (row.files?.test(module.path) ?? true),
  );
  if (platform && (platform.files || fn.parameters.length >= 1)) return true;
  if (HANDLER_EXPORTS.some((row) => row.file.test(module.path) && row.names.test(name ?? ''))) return true;
  return isDjangoView(module, fn) || isServerAction(module, fn) || isLambdaHandler(module, fn);
}

/** `@bp.route("/predict")` on an application that comes from somewhere unknown. */
function isUnknownRoute(decorator: Expr, names: readonly string[]): boolean {
  if (decorator.kind !== 'call' || decorator.callee.kind !== 'member') return false;
  if (names.some((name) => !name.startsWith('?.'))) return false;
  const path = decorator.args[0]?.value;
  return (
    ROUTE_METHODS.includes(decorator.callee.property) &&
    path?.kind === 'literal' &&
    typeof path.value === 'string' &&
    path.value.startsWith('/')
  );
}

function isHandlerMethod(flow: Flow, owner: ClassNode, fn: FunctionNode): boolean {
  const name = fn.name ?? '';
  const bases = flow.bases(owner);
  for (const [base, methods] of Object.entries(HANDLER_BASES)) {
    if (bases.includes(base) && methods.includes(name)) return true;
  }
  const isService = owner.decorators.some((one) =>
    decoratorNames(flow, one).some((used) => serviceDecorators.has(used)),
  );
  return isService && (name === '__call__' || !name.startsWith('_'));
}

/** `'use server'` at the head of a file makes each function that it exports one that pages call. */
function isServerAction(module: Module, fn: FunctionNode): boolean {
  return (
    fn.isAsync &&
    /^(?:\s|\/\/[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/)*['"]use server['"]/.test(module.text.slice(0, 2000)) &&
    isExported(module, fn)
  );
}

/** With AWS Lambda's types at hand, what takes an event is what it runs, whatever its name. */
function isLambdaHandler(module: Module, fn: FunctionNode): boolean {
  return (
    module.imports.some((one) => one.module === 'aws-lambda') &&
    /^_?event$/.test(fn.parameters[0]?.name ?? '') &&
    isExported(module, fn)
  );
}

function isExported(module: Module, fn: FunctionNode): boolean {
  const name = fn.name ?? assignedName(fn);
  return module.exports.some(({ names }) => names.some(({ local }) => local === name));
}

/** Django runs a module-level function whose first parameter is the request. */
function isDjangoView(module: Module, fn: FunctionNode): boolean {
  return (
    module.language === 'python' &&
    fn.parameters[0]?.name === 'request' &&
    module.imports.some(({ module: name }) => /^(?:django|rest_framework)(?:\.|$)/.test(name))
  );
}

/** How tRPC's procedures end: `publicProcedure.input(schema).mutation(async ({ input }) => …)`. */
const PROCEDURE_KINDS = ['query', 'mutation', 'subscription'] as const;

function isProcedure({ callee }: Call): boolean {
  if (callee.kind !== 'member' || !PROCEDURE_KINDS.some((kind) => kind === callee.property)) return false;
  for (let expr: Expr = callee.object; ; ) {
    if (/procedure$/i.test(lastName(expr))) return true;
    if (expr.kind === 'call') expr = expr.callee;
    else if (expr.kind === 'member') expr = expr.object;
    else return false;
  }
}

/** Events of a socket's life that bring no request. */
const SOCKET_LIFE = /^(?:connect\w*|disconnect\w*|close|open|error|end|ping|pong|drain)$/;

/** `io.on('connection', (socket) => socket.on('ask', …))`, of socket.io and ws: what a client sends, once for each message. */
function isSocketEvent(flow: Flow, call: Call): boolean {
  const { callee } = call;
  if (callee.kind !== 'member' || callee.property !== 'on' || callee.object.kind !== 'name') return false;
  const event = call.args[0] ? flow.constant(call.args[0].value) : undefined;
  if (typeof event !== 'string' || SOCKET_LIFE.test(event)) return false;
  const socket = callee.object.name;
  for (const fn of ancestors(call)) {
    if (fn.kind !== 'function' || fn.parameters[0]?.name !== socket) continue;
    const around = fn.parent?.kind === 'argument' ? fn.parent.parent : null;
    if (around?.kind !== 'call' || lastName(around.callee) !== 'on' || !around.args[0]) return false;
    return /^connect(?:ion)?$/.test(String(flow.constant(around.args[0].value)));
  }
  return false;
}

const REGISTERS: ReadonlySet<string> = new Set([
  ...ROUTE_METHODS,
  ...EVENTS.map(({ method }) => method),
  'use',
  ...CALLBACK_REGISTRATIONS.map(({ name }) => name.slice(name.lastIndexOf('.') + 1)),
  ...PROCEDURE_KINDS,
  'Depends',
]);

/** Functions handed to a framework as callbacks, and default exports of handler files. */
function registered(flow: Flow, module: Module): FunctionNode[] {
  const found: FunctionNode[] = [];
  for (const call of module.calls) {
    if (!REGISTERS.has(lastName(call.callee))) continue; // most calls need no look at their names
    if (module.language === 'typescript' && (isProcedure(call) || isSocketEvent(flow, call))) {
      for (const argument of call.args) found.push(...functionsOf(flow, argument.value));
      continue;
    }
    const names = flow.names(call);
    if (names.some((name) => routeCalls.has(name)) && module.language === 'typescript') {
      for (const argument of call.args) found.push(...functionsOf(flow, argument.value));
      // fastify.route({ handler })
      const given = flow.argument(call, 'handler');
      if (given.state === 'given') found.push(...functionsOf(flow, given.value));
      continue;
    }
    const event = call.args[0] ? flow.constant(call.args[0].value) : undefined;
    if (EVENTS.some((row) => row.event === event && names.some((name) => row.call.test(name)))) {
      for (const argument of call.args.slice(1)) found.push(...functionsOf(flow, argument.value));
      continue;
    }
    if (names.includes('fastapi.Depends')) found.push(...functionsAt(flow, call, 'dependency', 0));
    for (const row of CALLBACK_REGISTRATIONS) {
      if (names.includes(row.name)) found.push(...functionsAt(flow, call, row.argument, row.position));
    }
  }
  const isHandlerFile =
    module.language === 'typescript' && DEFAULT_EXPORT_HANDLERS.some((one) => one.test(module.path));
  // SvelteKit: `export const actions = { default: async (event) => {…} }`
  if (/(?:^|\/)\+page\.server\.[jt]s$/.test(module.path)) {
    for (const { targets, value } of module.assigns) {
      if (value?.kind !== 'dict' || targets[0]?.kind !== 'name' || targets[0].name !== 'actions') continue;
      for (const entry of value.entries) found.push(...functionsOf(flow, entry.value));
    }
  }
  for (const one of module.exports) {
    if (isHandlerFile && one.names.some(({ exported }) => exported === 'default'))
      found.push(...module.functions.filter((fn) => fn.parent === module.body && isDefault(one, fn)));
    if (!one.defaultValue) continue;
    if (isHandlerFile) found.push(...functionsOf(flow, one.defaultValue));
    // a worker: export default { async fetch(request, env) {…} }
    if (one.defaultValue.kind === 'dict') {
      for (const { key, value } of one.defaultValue.entries) {
        if (key?.kind === 'literal' && key.value === 'fetch') found.push(...functionsOf(flow, value));
      }
    }
  }
  return found;
}

/** `export default function handler() {…}`. */
function isDefault({ names }: Export, fn: FunctionNode): boolean {
  return names.some(({ local, exported }) => exported === 'default' && local === fn.name);
}

function functionsAt(flow: Flow, call: Call, name: string, position: number): FunctionNode[] {
  const found = flow.argument(call, name, position);
  if (found.state === 'given') return functionsOf(flow, found.value);
  const plain = call.args[position];
  return plain && plain.name === null && !plain.spread ? functionsOf(flow, plain.value) : [];
}

function functionsOf(flow: Flow, expr: Expr): FunctionNode[] {
  return flow.values(expr).flatMap((value) => (value.kind === 'function' ? [value.function] : []));
}

function isExportedValue(fn: FunctionNode): boolean {
  const parent = fn.parent;
  return parent?.kind === 'assign' && parent.parent?.kind === 'block' && parent.parent.parent === null;
}

/** The name a function expression is assigned to. */
export function assignedName(fn: FunctionNode): string | null {
  const target = fn.parent?.kind === 'assign' ? fn.parent.targets[0] : null;
  if (target?.kind === 'name') return target.name;
  return target?.kind === 'member' ? target.property : null;
}

/** Whether the function runs once at start-up. */
export function isStartUp(flow: Flow, fn: FunctionNode): boolean {
  for (const decorator of fn.decorators) {
    if (decoratorNames(flow, decorator).some((name) => startUpHooks.has(name))) return true;
    if (
      decorator.kind === 'call' &&
      decorator.callee.kind === 'member' &&
      /^(?:on_event|before_serving|before_first_request|listener|main_process_start|before_server_start)$/.test(
        decorator.callee.property,
      )
    )
      return true;
  }
  const owner = classOf(fn);
  if (!owner || !START_UP_METHODS.includes(fn.name ?? '')) return false;
  const bases = flow.bases(owner);
  return (
    Object.keys(HANDLER_BASES).some((base) => bases.includes(base)) ||
    owner.decorators.some((one) => decoratorNames(flow, one).some((name) => serviceDecorators.has(name)))
  );
}

/** Whether the function's result is kept: a caching decorator, or it is handed to a caching function. */
export function isMemoised(flow: Flow, fn: FunctionNode): boolean {
  for (const decorator of fn.decorators) {
    if (decoratorNames(flow, decorator).some((name) => memoisers.has(name))) return true;
    const last = decorator.kind === 'call' ? decorator.callee : decorator;
    const name = lastName(last);
    if (/cache|memo|singleton|once\b|run_once/i.test(name)) return true;
  }
  const argument = fn.parent?.kind === 'argument' ? fn.parent : null;
  const call = argument?.parent?.kind === 'call' ? argument.parent : null;
  if (!call) return false;
  if (flow.names(call).some((name) => memoisers.has(name))) return true;
  const callee = call.callee;
  const name = lastName(callee);
  return /^(?:once|memo\w*|cache\w*|lazy\w*|useMemo|useEffect|useCallback)$/i.test(name);
}

/** Expressions that ask whether something is there already. */
function asksWhetherMissing(test: Expr): boolean {
  if (test.kind === 'unary') return test.operator === 'not' && !isComparison(test.operand);
  if (test.kind !== 'binary') return false;
  if (test.operator === 'and' || test.operator === 'or')
    return asksWhetherMissing(test.left) || asksWhetherMissing(test.right);
  if (['is', '==', '===', '=='].includes(test.operator)) return isNothing(test.left) || isNothing(test.right);
  return test.operator === 'not in';
}

function isComparison(expr: Expr): boolean {
  return expr.kind === 'binary' && !['in', 'and', 'or'].includes(expr.operator);
}

function isNothing(expr: Expr): boolean {
  return (
    (expr.kind === 'literal' && (expr.value === null || expr.value === 'undefined')) ||
    (expr.kind === 'name' && expr.name === 'undefined')
  );
}

/** Whether the node stands where it runs only while its result is missing: `if model is None: …`, `x ??= …`, `x or …`. */
export function isGuarded(flow: Flow, node: Node): boolean {
  let child: Node = node;
  for (const parent of ancestors(node)) {
    if (parent.kind === 'function') return returnsEarly(flow, parent, node);
    if (parent.kind === 'if') {
      if (child === parent.then && flow.constant(parent.test) === false) return true; // switched off
      if (child === parent.then && asksWhetherMissing(parent.test)) return true;
      if (child === parent.otherwise && asksWhetherPresent(parent.test)) return true;
    }
    if (parent.kind === 'assign' && (parent.operator === '??=' || parent.operator === '||=')) return true;
    if (
      parent.kind === 'binary' &&
      (parent.operator === '??' || parent.operator === 'or') &&
      child === parent.right
    )
      return true;
    // if not self.ready and not self.load(): …
    if (parent.kind === 'binary' && parent.operator === 'and' && child === parent.right) {
      if (asksWhetherMissing(parent.left)) return true;
    }
    if (parent.kind === 'conditional' && child === parent.otherwise && asksWhetherPresent(parent.test))
      return true;
    if (parent.kind === 'conditional' && child === parent.then && asksWhetherMissing(parent.test))
      return true;
    if (parent.kind === 'handler') return true; // except KeyError: load and keep
    child = parent;
  }
  return false;
}

function asksWhetherPresent(test: Expr): boolean {
  if (test.kind === 'name' || test.kind === 'member') return true;
  if (test.kind === 'binary') {
    if (test.operator === 'and') return asksWhetherPresent(test.left) || asksWhetherPresent(test.right);
    if (['!=', '!==', 'is not'].includes(test.operator)) return isNothing(test.left) || isNothing(test.right);
    return test.operator === 'in';
  }
  if (test.kind === 'call') {
    const callee = test.callee;
    const name = lastName(callee);
    return /^(?:hasattr|has|isinstance)$/.test(name);
  }
  return false;
}

/** `if cached: return cached` before the node, on something that outlives the call. */
function returnsEarly(flow: Flow, fn: FunctionNode, node: Node): boolean {
  const module = flow.moduleOf(fn);
  const own = module.scopes.get(fn);
  return descendants(fn.body, 'if', true).some((one) => {
    if (one.end > node.start || !asksWhetherPresent(one.test)) return false;
    if (descendants(one.then, 'return', true).length === 0) return false;
    return names(one.test).some((name) => {
      if (name.name === 'self' || name.name === 'this' || name.name === 'cls') return true;
      return (
        reachingBindings(name, module).some((binding) => binding.scope !== own) ||
        own?.outer.has(name.name) === true
      );
    });
  });
}

function names(node: Node): readonly Extract<Node, { kind: 'name' }>[] {
  return descendants(node, 'name', true);
}

/**
 * Why the node runs again and again: a handler it stands in or is called from, a script that is rerun whole, a loop.
 * Guards and memoised functions on the way stop the search.
 */
export function repetition(flow: Flow, node: Node, seen: Set<FunctionNode> = new Set()): Repetition | null {
  if (isGuarded(flow, node)) return null;
  const fn = functionAround(flow, node);
  const loop = enclosingLoops(node).find((one) => repeats(flow, one, node));
  if (!fn) {
    const module = flow.moduleOf(node);
    if (isRerun(flow, module)) return { by: 'rerun', module };
    return loop ? { by: 'loop', loop } : null;
  }
  if (isMemoised(flow, fn) || isStartUp(flow, fn)) return null;
  if (isHandler(flow, fn)) return { by: 'request', handler: fn };
  let found: Repetition | null = loop ? { by: 'loop', loop } : null;
  if (seen.has(fn) || seen.size > 12) return found;
  seen.add(fn);
  for (const caller of flow.callers(fn)) {
    if (isKeptOutside(flow, caller)) continue;
    const outer = repetition(flow, caller, seen);
    if (outer && outer.by !== 'loop') return outer;
    found ??= outer;
  }
  return found;
}

/** The function in whose run the node runs: an inline callback (`with_retry(lambda: load())`) belongs to the one around. */
function functionAround(flow: Flow, node: Node): FunctionNode | null {
  const fn = enclosingFunction(node);
  if (!fn || isMemoised(flow, fn) || isHandler(flow, fn)) return fn;
  // an immediately awaited or passed arrow inside a handler: (async () => {…})()
  if (fn.parent?.kind === 'call' && fn.parent.callee === fn) return functionAround(flow, fn.parent) ?? null;
  return fn;
}

/** `app.model = load()`, `global model` without a guard still loads again; a `this.model` set in a constructor does not. */
function isKeptOutside(flow: Flow, call: Call): boolean {
  const argument = call.parent;
  return (
    argument?.kind === 'argument' &&
    argument.parent?.kind === 'call' &&
    flow.names(argument.parent).some((name) => memoisers.has(name))
  );
}

/** A loop that runs the node more than once: not a retry that ends with the first success. */
function repeats(flow: Flow, loop: Loop, node: Node): boolean {
  const count = flow.iterations(loop);
  if (count !== undefined && count <= 1) return false;
  if (loop.kind === 'comprehension') return true;
  const exits = [...descendants(loop.body, 'break', true), ...descendants(loop.body, 'return', true)];
  return !exits.some(
    (exit) => exit.start > node.start && blockHolding(exit, loop) === blockHolding(node, loop),
  );
}

function blockHolding(node: Node, loop: Loop): Node | null {
  let child: Node = node;
  for (const parent of ancestors(node)) {
    if (parent === loop) return child;
    if (parent.kind === 'block') return parent;
    child = parent;
  }
  return null;
}

/** Whether the module is a script that its library runs anew at each interaction. */
export function isRerun(flow: Flow, module: Module): boolean {
  const imports = module.imports.some(({ module: name }) =>
    RERUN_LIBRARIES.includes(name.split('.')[0] ?? ''),
  );
  if (!imports) return false;
  const isEntry = flow.programs(module).some(({ entry }) => entry === module);
  if (!isEntry) return false;
  // a page is drawn at the top level, or by a `main` that it calls there
  return module.calls.some((call) =>
    flow.names(call).some((name) => /^streamlit\.(?!cache|experimental|session_state)/.test(name)),
  );
}

/** Names inside the node that get their value inside `around`. */
export function dependsOn(flow: Flow, node: Node, around: Node): boolean {
  const module = flow.moduleOf(node);
  return names(node).some((name) =>
    reachingBindings(name, module).some(
      (binding) => contains(around, binding.node) && !contains(node, binding.node),
    ),
  );
}
