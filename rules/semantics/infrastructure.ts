/** Infrastructure written as a program (CDK, Pulumi): where its stacks and providers place the models they hold. */
import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, ClassNode, Expr, Literal, Module, Node, Span } from '../../analysis/model.ts';
import { descendants, enclosingClass, lastName } from '../../analysis/tree.ts';
import { findInstance } from '../knowledge/hardware.ts';
import type { Provider } from '../knowledge/regions.ts';
import { displayOf } from './options.ts';

const STACK = /^(?:aws-cdk-lib|@aws-cdk\/core|aws_cdk)(?:[./]core)?\.(?:Nested)?Stack$/;
const PROVIDER = /^(?:@pulumi\/|pulumi_)(aws|gcp)\.Provider$/;
/** Resources that train or run models. */
const MODEL_RESOURCES =
  /^(?:aws-cdk-lib|@aws-cdk|aws_cdk|@pulumi\/aws|pulumi_aws)\b.*\b(?:aws[-_])?(?:sagemaker|bedrock)\w*(?:[-_]alpha)?\.\w|^(?:@pulumi\/|pulumi_)gcp[./]vertex\.\w/;
/** Resources that name their own place. */
const PLACED: readonly {
  readonly call: RegExp;
  readonly provider: Provider;
  readonly options: readonly string[];
}[] = [
  {
    call: /^(?:@pulumi\/|pulumi_)gcp[./]vertex\.\w+$/,
    provider: 'gcp',
    options: ['region', 'location'],
  },
  {
    call: /^(?:@pulumi\/azure-native|pulumi_azure_native)[./]machinelearningservices\.(?:Workspace|Compute|OnlineEndpoint|OnlineDeployment|BatchEndpoint|BatchDeployment)$/,
    provider: 'azure',
    options: ['location'],
  },
  {
    call: /^@azure\/arm-machinelearning\.\w+\.(?:onlineEndpoints|onlineDeployments|batchEndpoints|batchDeployments|computeOperations|workspaces)\.beginCreateOrUpdate(?:AndWait)?$/,
    provider: 'azure',
    options: ['location'],
  },
  // an account of Azure OpenAI
  {
    call: /^(?:@pulumi\/azure-native|pulumi_azure_native)[./]cognitiveservices\.Account$/,
    provider: 'azure',
    options: ['location'],
  },
];
/** Rights to have a model run, written into a policy. */
const MODEL_RIGHTS =
  /^(?:bedrock:(?:Invoke|Converse|\*)|sagemaker:(?:Invoke|Create(?:Training|Endpoint|Transform)|\*))/;
const MACHINE_CLASSES = /\bInstanceClass\.(?:P[2-6]\w*|G[3-6]\w*|INF\d|TRN\d|DL\d\w*)$/;
/** What has to be in one region whatever runs elsewhere. */
const BOUND =
  /\bacm\b|certificate|cloud_?front|us_?-?east_?-?1['"]?\s*,\s*\{|wafv2|lambda@edge|EdgeFunction/i;

/** Whether the text speaks of services that are bound to one region: certificates of a distribution, edge functions. */
export function isBound(text: string): boolean {
  return BOUND.test(text);
}

export interface ModelPlace {
  readonly provider: Provider;
  /** The region, as written. */
  readonly literal: Literal;
  /** Where it is given, in the module asked about. */
  readonly site: Span;
}

/** Regions written for the module's stacks, providers and resources that hold models and nothing bound to a region. */
export function placesOfModels(flow: Flow, module: Module): readonly ModelPlace[] {
  if (!/\benv\b|Provider\b|\blocation\b|\bregion\b/.test(module.text)) return [];
  const placed = module.calls.flatMap((call) => {
    const own = ownStack(flow, call);
    const made = flow.objects(call).filter(({ origin }) => origin === call);
    const types = made.flatMap((one) => one.types);
    const isStack = own !== null || types.some((one) => STACK.test(one));
    const cloud = types.map((one) => PROVIDER.exec(one)?.[1]).find((one) => one !== undefined);
    if (!isStack && !cloud) return [];
    const given = isStack ? stackRegion(flow, call) : optionOf(flow, call, 'region');
    const literal = given && written(flow, given);
    if (!literal) return [];
    const classes = own ? [own] : made.flatMap((one) => one.class ?? []);
    const held = isStack ? heldBy(flow, call, classes) : providedBy(flow, call);
    const provider: Provider = cloud === 'gcp' ? 'gcp' : 'aws';
    return [{ provider, literal, site: flow.moduleOf(given) === module ? given : call.callee, held }];
  });
  const holding = placed.filter(({ literal, held }) => {
    // a region shared with what must be there stays
    const sharing = placed.filter((other) => other.literal === literal).flatMap((other) => other.held);
    return (
      held.some((node) => holdsModel(flow, node)) &&
      !sharing.some((node) => isBound(flow.moduleOf(node).text.slice(node.start, node.end)))
    );
  });
  return [...holding, ...module.calls.flatMap((call) => placeOfResource(flow, module, call))];
}

/** The class whose stack a call of `super` builds. */
function ownStack(flow: Flow, call: Call): ClassNode | null {
  const { callee } = call;
  const isSuper =
    (callee.kind === 'name' && callee.name === 'super') ||
    (callee.kind === 'member' &&
      callee.property === '__init__' &&
      callee.object.kind === 'call' &&
      lastName(callee.object.callee) === 'super');
  const owner = isSuper ? enclosingClass(call) : null;
  return owner && flow.bases(owner).some((base) => STACK.test(base)) ? owner : null;
}

/** A resource that trains or runs models and says where. */
function placeOfResource(flow: Flow, module: Module, call: Call): readonly ModelPlace[] {
  const names = flow.names(call);
  const row = PLACED.find(({ call: pattern }) => names.some((name) => pattern.test(name)));
  if (!row) return [];
  if (names.some((name) => /cognitiveservices/.test(name))) {
    const kind = optionOf(flow, call, 'kind');
    if (!kind || flow.constant(kind) !== 'OpenAI') return [];
  }
  for (const option of row.options) {
    const given = optionOf(flow, call, option);
    const literal = given && written(flow, given);
    if (literal) {
      const site = flow.moduleOf(given) === module ? given : call.callee;
      return [{ provider: row.provider, literal, site }];
    }
  }
  return [];
}

/** `{ env: { region } }`, `env=cdk.Environment(region=…)`. */
function stackRegion(flow: Flow, call: Call): Expr | null {
  const env = optionOf(flow, call, 'env');
  if (!env) return null;
  const dict = displayOf(flow, env);
  if (dict) return entry(dict.entries, 'region');
  const made = flow.objects(env);
  const origin = made.length === 1 ? made[0]?.origin : null;
  return origin && flow.names(origin).some((name) => /\.Environment$/.test(name))
    ? optionOf(flow, origin, 'region')
    : null;
}

function optionOf(flow: Flow, call: Call, name: string): Expr | null {
  const given = flow.argument(call, name);
  if (given.state === 'given') return given.value;
  // options that are no last argument
  const dicts = call.args.flatMap((one) => (one.name === null ? (displayOf(flow, one.value) ?? []) : []));
  return dicts.map((dict) => entry(dict.entries, name)).find((found) => found !== null) ?? null;
}

function entry(
  entries: readonly { readonly key: Expr | null; readonly value: Expr }[],
  name: string,
): Expr | null {
  return entries.find(({ key }) => key?.kind === 'literal' && key.value === name)?.value ?? null;
}

/** The one literal that decides: no fallback, no default of a command line or a parameter. */
function written(flow: Flow, expr: Expr): Literal | null {
  const values = flow.values(expr);
  const [only] = values;
  if (values.length !== 1 || only?.kind !== 'constant' || only.node.kind !== 'literal') return null;
  const literal = only.node;
  const kind = literal.parent?.kind;
  const isPlain = kind === 'assign' || kind === 'entry' || kind === 'argument';
  return typeof literal.value === 'string' && isPlain ? literal : null;
}

/** The classes and calls that make up a stack: its class with the constructs it builds, and what is put into it. */
function heldBy(flow: Flow, stack: Call, classes: readonly ClassNode[]): readonly Node[] {
  const found = new Set<Node>(classes);
  const related = [...flow.related(flow.moduleOf(stack))];
  for (const module of related) {
    for (const call of module.calls) {
      const scope = call.args[0]?.value;
      if (scope && call !== stack && flow.objects(scope).some(({ origin }) => origin === stack))
        found.add(call);
    }
  }
  for (const node of found) {
    if (found.size > 60) break;
    const calls = node.kind === 'call' ? [node] : descendants(node, 'call');
    for (const call of calls)
      for (const made of flow.objects(call)) if (made.origin === call && made.class) found.add(made.class);
    if (node.kind === 'class')
      for (const base of node.bases)
        for (const value of flow.values(base)) if (value.kind === 'class') found.add(value.class);
  }
  return [...found];
}

/** The resources that are made with a Pulumi provider. */
function providedBy(flow: Flow, provider: Call): readonly Node[] {
  const isIt = (expr: Expr | null) =>
    expr !== null && flow.objects(expr).some(({ origin }) => origin === provider);
  return [...flow.related(flow.moduleOf(provider))].flatMap((module) =>
    module.calls.filter((call) =>
      call.args.some(({ value }) => {
        const dict = displayOf(flow, value);
        if (dict) return isIt(entry(dict.entries, 'provider'));
        return value.kind === 'call' && /ResourceOptions|InvokeOptions/.test(lastName(value.callee))
          ? isIt(optionOf(flow, value, 'provider'))
          : false;
      }),
    ),
  );
}

/** Whether a class or a call makes something that trains or runs models: by its service, its rights or its machines. */
function holdsModel(flow: Flow, node: Node): boolean {
  const calls = node.kind === 'call' ? [node, ...descendants(node, 'call')] : descendants(node, 'call');
  const isResource = (call: Call) =>
    !isInsideStack(node, call) && flow.names(call).some((name) => MODEL_RESOURCES.test(name));
  if (calls.some(isResource)) return true;
  const isMachine = descendants(node, 'member').some(({ object, property }) =>
    MACHINE_CLASSES.test(`${lastName(object)}.${property}`),
  );
  return (
    isMachine ||
    descendants(node, 'literal').some(
      ({ value }) =>
        typeof value === 'string' &&
        value.length < 60 &&
        (MODEL_RIGHTS.test(value) || (findInstance(value)?.count ?? 0) > 0),
    )
  );
}

/** A class within a class is another stack's matter. */
function isInsideStack(node: Node, call: Call): boolean {
  const around = enclosingClass(call);
  return node.kind === 'class' && around !== null && around !== node;
}
