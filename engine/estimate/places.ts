/** Where code names something that facts are known of: a model's id, a region, an instance, a call of a language model. */
import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Module, Node, Span } from '../../analysis/model.ts';
import { forEachChild, lastName } from '../../analysis/tree.ts';
import type { LlmCall } from '../../rules/knowledge/llm-apis.ts';
import { MODEL_ID_ARGUMENTS, modelOfCall } from '../../rules/knowledge/models.ts';
import type { UserFacts } from '../../rules/rule.ts';
import { llmRow, lookUp } from '../../rules/semantics/llm.ts';
import { answerEstimate, type Facts, IN_NAME, machineFacts, modelFacts, placeFacts } from './estimate.ts';

export interface FactsAtSpan {
  readonly span: Span;
  readonly facts: Facts;
}

/** APIs of models that run on the user's own machine: the method speaks of data centres. */
const LOCAL = /transformers|ollama|llama-?cpp|web-llm|vllm|gpt4all|mlx|ctransformers/;

/** What is known of the thing at an offset of the module; null when it is nothing of the kind. */
export function factsAt(module: Module, flow: Flow, offset: number, facts: UserFacts): FactsAtSpan | null {
  const path = nodesAt(module.body, offset);
  const inner = path[0];
  if (!inner) return null;
  if (inner.kind === 'literal') {
    if (typeof inner.value !== 'string') return null;
    const found = factsOfText(inner.value, path, flow, facts);
    return found && { span: inner, facts: found };
  }
  // On the name of what is called, not on its arguments.
  const call = path.find((node): node is Call => node.kind === 'call' && isIn(node.callee, offset));
  if (!call) return null;
  const row = llmRow(flow, call);
  if (row) {
    const found = factsOfCall(call, row, flow, facts);
    return found && { span: call.callee, facts: found };
  }
  return null;
}

const isIn = (span: Span, offset: number): boolean => span.start <= offset && offset <= span.end;

/** The nodes around an offset, innermost first. */
function nodesAt(root: Node, offset: number): Node[] {
  const path: Node[] = [];
  for (let node: Node | null = root; node; ) {
    path.unshift(node);
    let next: Node | null = null;
    forEachChild(node, (child) => {
      if (isIn(child, offset)) next = child;
    });
    node = next;
  }
  return path;
}

/** Names of arguments and variables that hold a model's id. */
const MODEL_NAME = /model|checkpoint|backbone|encoder|engine|deployment/i;
const PLACE_NAME = /region|location|zone|country/i;
const MACHINE_NAME = /instance|machine|hardware|accelerator|gpu|sku|vm_?size|compute/i;

function factsOfText(text: string, path: readonly Node[], flow: Flow, facts: UserFacts): Facts | null {
  if (text.length < 3 || text.length > 200 || /\s{2}|\n/.test(text)) return null;
  const name = nameOf(path);
  if (Object.hasOwn(facts.models, text)) return modelFacts(text, facts) ?? null;
  if (Object.hasOwn(facts.regions, text)) return placeFacts(text, facts) ?? null;
  const call = callOf(path);
  const named = call && flow.names(call).find((one) => one in MODEL_ID_ARGUMENTS);
  if (named !== undefined) {
    const id = modelOfCall(named, text)?.id;
    if (id !== undefined) return modelFacts(id, facts) ?? null;
  }
  // A word that is a name elsewhere too ("base", "large", "T4") must stand where such a name belongs.
  if (isDistinct(text) || MODEL_NAME.test(name)) {
    const model = modelFacts(text, facts);
    // A size in a word is no model: "img-224m".
    if (model && (model.source !== IN_NAME || (MODEL_NAME.test(name) && text.includes('/')))) return model;
  }
  if (/^[a-z]+-[a-z]+(?:-[a-z0-9]+)*\d[a-f]?$|^[a-z]+-[a-z]+\d-[a-f]$/.test(text) || PLACE_NAME.test(name)) {
    const place = placeFacts(text, facts);
    if (place) return place;
  }
  if (
    /^(?:ml\.)?[a-z]+\d\w*\.\w+$|^Standard_|-(?:high|mega|ultra)gpu-/.test(text) ||
    MACHINE_NAME.test(name)
  ) {
    return machineFacts(text) ?? null;
  }
  return null;
}

/** Ids that are nothing but ids: an owner, a version, a size. */
const isDistinct = (text: string): boolean =>
  /^[\w.@:-]+\/[\w.@:-]+$/.test(text) || /^[a-z]+[\w.]*[-_.:]?\w*\d/i.test(text);

/** What the literal is called where it stands: keyword, key of a dict, variable, parameter. */
function nameOf(path: readonly Node[]): string {
  const literal = path[0];
  const parent = path[1];
  if (!literal || !parent) return '';
  if (parent.kind === 'argument') return parent.name ?? '';
  if (parent.kind === 'entry')
    return parent.value === literal && parent.key?.kind === 'literal' ? String(parent.key.value) : '';
  if (parent.kind === 'parameter') return parent.name;
  if (parent.kind === 'assign') return parent.targets.map((target) => lastName(target)).join(' ');
  return '';
}

function callOf(path: readonly Node[]): Call | undefined {
  return path[1]?.kind === 'argument' && path[2]?.kind === 'call' ? path[2] : undefined;
}

function factsOfCall(call: Call, row: LlmCall, flow: Flow, facts: UserFacts): Facts | null {
  if (LOCAL.test(row.api)) return null;
  const id = constantOf(flow, call, row.model);
  if (typeof id !== 'string') return null;
  const caps = [...row.caps, ...row.constructorCaps.map((path) => `${CONSTRUCTOR}${path}`)];
  const cap = constantOf(flow, call, caps);
  const byDefault = typeof row.defaultCap === 'number' ? row.defaultCap : null;
  const tokens = typeof cap === 'number' && Number.isFinite(cap) && cap > 0 ? cap : byDefault;
  return answerEstimate(id, { tokens }, facts) ?? null;
}

const CONSTRUCTOR = 'constructor.';

/** The one constant that the first of these arguments holds; `constructor.x`: where the object was made. */
function constantOf(flow: Flow, call: Call, paths: readonly string[]): unknown {
  for (const path of paths) {
    const isOuter = path.startsWith(CONSTRUCTOR);
    const carrier = isOuter ? madeBy(flow, call) : call;
    const found = carrier && lookUp(flow, carrier, isOuter ? path.slice(CONSTRUCTOR.length) : path);
    if (found?.state !== 'given') continue;
    const { value } = found;
    // Vercel's `openai('gpt-4o')`: the provider's function takes the id.
    const inner = value.kind === 'call' ? value.args[0]?.value : undefined;
    return flow.constant(value) ?? (inner && flow.constant(inner));
  }
  return undefined;
}

/** The call that made the object whose method is called. */
function madeBy(flow: Flow, call: Call): Call | undefined {
  if (call.callee.kind !== 'member') return undefined;
  const objects = flow.objects(call.callee.object);
  return objects.length === 1 ? (objects[0]?.origin ?? undefined) : undefined;
}
