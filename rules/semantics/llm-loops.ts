/** Language-model calls and the loops around them. */
import type { Flow } from '../../analysis/flow/types.ts';
import { ofModule } from '../../analysis/memo.ts';
import type { Call, Expr, FunctionNode, Loop, Node } from '../../analysis/model.ts';
import { descendants, lastName } from '../../analysis/tree.ts';
import { llmRequest, llmRow } from './llm.ts';
import { memoizedComponent } from './memo.ts';

/** APIs that run on this machine: their loops are a matter of batches. */
const LOCAL_APIS = ['transformers-generate', 'transformersjs-generate', 'vllm', 'llama-cpp'];

/** Whether the call asks a language model behind an API (or a local server) to write. */
export function asksModel(flow: Flow, call: Call): boolean {
  const row = llmRow(flow, call);
  if (row) return !LOCAL_APIS.includes(row.api);
  return llmRequest(flow, call) !== undefined || runsChain(flow, call);
}

/** Methods that run a chain of LangChain once. */
const RUNS = /^a?(?:invoke|run|predict|call|stream)$/;

/** Whether the call runs a chain with a language model in it: `(prompt | llm | parser).invoke(…)`, `prompt.pipe(llm)`. */
export function runsChain(flow: Flow, { callee, ...call }: Call): boolean {
  if (callee.kind !== 'member' || !RUNS.test(callee.property)) return false;
  const names = flow.names({ callee, ...call });
  if (!names.some((name) => name.startsWith('langchain.'))) return false;
  return (
    names.some((name) => name.startsWith('langchain.Chain.')) ||
    flow.objects(callee.object).some(({ site }) => isExpr(site) && holdsModel(flow, site))
  );
}

const isExpr = (node: Node): node is Expr => node.kind === 'binary' || node.kind === 'call';

/** Whether a language model is among what a chain is put together from. */
function holdsModel(flow: Flow, chain: Expr, depth = 4): boolean {
  if (depth === 0) return false;
  return linksOf(chain).some(
    (link) =>
      flow.isA(link, 'langchain.BaseLanguageModel') ||
      (isExpr(link) && holdsModel(flow, link, depth - 1)) ||
      flow
        .objects(link)
        .some(({ site }) => site !== chain && isExpr(site) && holdsModel(flow, site, depth - 1)),
  );
}

/** Links of a chain: both sides of `|`, of `.pipe(…)`, the list of `RunnableSequence.from([…])`. */
function linksOf(chain: Expr): readonly Expr[] {
  if (chain.kind === 'binary') return chain.operator === '|' ? [chain.left, chain.right] : [];
  if (chain.kind !== 'call' || chain.callee.kind !== 'member') return [];
  const given = chain.args.flatMap(({ value }) => (value.kind === 'sequence' ? value.items : [value]));
  if (chain.callee.property === 'pipe') return [chain.callee.object, ...given];
  return chain.callee.property === 'from' && lastName(chain.callee.object) === 'RunnableSequence'
    ? given
    : [];
}

const SPEAKS =
  /openai|anthropic|genai|generativeai|generative-ai|vertexai|mistral|cohere|groq|together|bedrock|litellm|langchain|llama|ollama|huggingface|ai-sdk|['"]ai['"]|chat[./]completions|generateContent|api\/(?:chat|generate)/i;

const speaks = ofModule(({ text }) => SPEAKS.test(text));

/** Whether anything joined by imports names a language model's library: cheap, before loops are followed into functions. */
export const speaksToModels = memoizedComponent((_flow, modules): boolean => [...modules].some(speaks));

/** A call below `node` that asks a model, itself or through functions of one's own. */
export interface ModelCall {
  /** The call in the code of `node`. */
  readonly at: Call;
  /** The call that asks. */
  readonly call: Call;
}

export function modelCalls(
  flow: Flow,
  node: Node,
  depth = 3,
  seen: Set<FunctionNode> = new Set(),
): ModelCall[] {
  if (!speaksToModels(flow, flow.moduleOf(node))) return [];
  return descendants(node, 'call', true).flatMap((at): ModelCall[] => {
    if (asksModel(flow, at)) return [{ at, call: at }];
    if (depth === 0) return [];
    for (const fn of flow.targets(at)) {
      if (seen.has(fn)) continue;
      seen.add(fn);
      const inner = modelCalls(flow, fn.body, depth - 1, seen)[0];
      if (inner) return [{ at, call: inner.call }];
    }
    return [];
  });
}

/** Whether the loop never ends by its own test. */
export function isEndless(flow: Flow, loop: Loop): boolean {
  return loop.kind === 'while' && flow.iterations(loop) === Number.POSITIVE_INFINITY;
}

/** `while not done:`, `while (!answer.label)`, `while (wantsTool)`, where the loop itself says when it is done. */
export function waitsForFlag(loop: Loop): boolean {
  if (loop.kind !== 'while' || !loop.test) return false;
  const isNegated = loop.test.kind === 'unary' && /^(?:not|!)$/.test(loop.test.operator);
  const flag = loop.test.kind === 'unary' && isNegated ? loop.test.operand : loop.test;
  const holder = isNegated && flag.kind === 'member' ? flag.object : flag;
  if (holder.kind !== 'name') return false;
  const set = descendants(loop.body, 'assign', true).filter(({ targets }) =>
    targets.some((target) => target.kind === 'name' && target.name === holder.name),
  );
  // `while rows:` goes on as long as there is data; a flag is switched off
  return isNegated
    ? set.length > 0
    : set.some(({ value }) => value?.kind === 'literal' && value.value === false);
}

const WAITS =
  /^(?:input|raw_input|prompt|question|readline|readLine|getline|receive|receive_text|receive_json|recv|get_message|poll|listen|ask|record|get|getch|accept|get_nowait|read|select|text_input|chat_input|consume|next|brpop|blpop|xread|waitKey)$/;

/** Fields that terminal libraries ask with (`await text({ message: 'You:' })`): of `@clack/prompts`, Inquirer, Enquirer. */
const FIELDS =
  /^(?:text|confirm|select|multiselect|password|autocomplete|search|editor|number|rawlist|group|prompts?)$/;

/** Whether a turn asks a person, in functions of one's own too: `const next = await chooseNext()`. */
export function asksPerson(flow: Flow, node: Node, depth = 2): boolean {
  return descendants(node, 'call').some((call) => {
    const own = flow.targets(call);
    if (own.length > 0) return depth > 0 && own.some(({ body }) => asksPerson(flow, body, depth - 1));
    return /^(?:input|raw_input|prompts?|question|readline|readLine|getline)$/.test(lastName(call.callee));
  });
}

/** Whether each turn waits for somebody: a user, a socket, a queue, a microphone. */
export function waitsForSomebody(node: Node): boolean {
  const items = itemsOf(node);
  return descendants(node, 'call').some(({ callee, args }) => {
    const name = lastName(callee);
    const [first] = args;
    if (
      first?.value.kind === 'dict' &&
      FIELDS.test(name) &&
      first.value.entries.some(({ key }) => key?.kind === 'literal' && key.value === 'message')
    )
      return true;
    // `.from('notes').select('*')` asks a database
    if (
      name === 'select' &&
      callee.kind === 'member' &&
      args.length === 1 &&
      args[0]?.value.kind === 'literal'
    )
      return false;
    // `response.get("key")` and `os.environ.get("key")` read, a queue's `get()` waits
    if (name === 'get' || name === 'next' || name === 'read') {
      // a file among those that the loop goes through is there already
      if (callee.kind === 'member' && items.has(rootName(callee.object) ?? '')) return false;
      return args.every(({ name: key }) => key !== null);
    }
    return WAITS.test(name) || /listen|user_?input|get_?input|ask_?user|microphone/i.test(name);
  });
}

/** Names that a loop gives what it goes through. */
function itemsOf(body: Node): ReadonlySet<string> {
  const loop = body.parent?.kind === 'for' ? body.parent : null;
  return new Set(loop ? descendants(loop.target, 'name').map(({ name }) => name) : []);
}

/** Whether a test in the loop compares a counter, so that the loop ends after so many turns. */
export function countsTurns(loop: Node): boolean {
  return [...descendants(loop, 'if', true), ...descendants(loop, 'while', true)].some(
    ({ test }) => test !== null && comparesNumber(test),
  );
}

function comparesNumber(test: Expr): boolean {
  return descendants(test, 'binary', true).some(({ operator, left, right }) => {
    if (!['<', '<=', '>', '>='].includes(operator)) return false;
    // `len(reply.content) > 1` asks what came, not how often it was asked for
    if (
      [left, right].some(({ kind }) => kind === 'call') &&
      [left, right].some((side) => side.kind === 'literal' && Number(side.value) <= 2)
    )
      return false;
    return [left, right].some(
      (side) =>
        side.kind === 'name' ||
        side.kind === 'member' ||
        side.kind === 'call' ||
        (side.kind === 'literal' && typeof side.value === 'number'),
    );
  });
}

/** Method and function names by which a list grows. */
const GROWS =
  /^(?:append|extend|push|unshift|insert|concat|add_message|add_user_message|add_ai_message|addMessage)$/;

/** Names of lists that grow inside the node. */
export function growingLists(node: Node): Set<string> {
  const found = new Set<string>();
  for (const { callee } of descendants(node, 'call')) {
    if (callee.kind === 'member' && GROWS.test(callee.property)) {
      const root = rootName(callee.object);
      if (root) found.add(root);
    }
  }
  for (const { operator, targets, value } of descendants(node, 'assign')) {
    const root = targets[0] && rootName(targets[0]);
    if (!root || !value) continue;
    const again = descendants(value, 'name').some(({ name }) => name === root);
    if (operator === '+=' || again) found.add(root);
  }
  return found;
}

/** `messages`, `self.messages`, `st.session_state.messages`: the last name of a path. */
export function rootName(expr: Expr): string | null {
  if (expr.kind === 'name') return expr.name;
  if (expr.kind === 'member') return expr.property;
  if (expr.kind === 'index') return rootName(expr.object);
  return null;
}
