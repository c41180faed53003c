/** Endpoints that keep machines for a model: SageMaker, Vertex AI, Azure ML, by their SDKs, CDK and Pulumi. */
import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr } from '../../analysis/model.ts';

/** Canonical names of calls that reserve machines for an endpoint. */
export const ENDPOINT_CALLS: readonly string[] = [
  'sagemaker.*.deploy',
  'sagemaker.*.*.deploy',
  'sagemaker.*.*.*.deploy',
  '?.deploy',
  'boto3.sagemaker.create_endpoint_config',
  'aws_cdk.aws_sagemaker.CfnEndpointConfig',
  'aws_cdk.aws_sagemaker_alpha.EndpointConfig',
  'aws-cdk-lib.aws-sagemaker.CfnEndpointConfig',
  'aws-cdk-lib/aws-sagemaker.CfnEndpointConfig',
  'aws-cdk-lib.aws_sagemaker.CfnEndpointConfig',
  '@aws-cdk/aws-sagemaker.CfnEndpointConfig',
  '@aws-cdk/aws-sagemaker-alpha.EndpointConfig',
  '@aws-sdk/client-sagemaker.CreateEndpointConfigCommand',
  '@pulumi/aws.sagemaker.EndpointConfiguration',
  'pulumi_aws.sagemaker.EndpointConfiguration',
  'google.cloud.aiplatform.*.deploy',
  'google.cloud.aiplatform.*.*.deploy',
  'vertexai.*.*.deploy',
  'vertexai.*.*.*.deploy',
  'azure.ai.ml.entities.ManagedOnlineDeployment',
  '@aws-cdk/aws-sagemaker-alpha.EndpointConfig.addInstanceProductionVariant',
  'aws_cdk.aws_sagemaker_alpha.EndpointConfig.add_instance_production_variant',
  ...['beginCreateOrUpdate', 'beginCreateOrUpdateAndWait'].flatMap((method) =>
    ['AzureMachineLearningServicesManagementClient', 'AzureMachineLearningWorkspaces'].map(
      (client) => `@azure/arm-machinelearning.${client}.onlineDeployments.${method}`,
    ),
  ),
  '@pulumi/azure-native.machinelearningservices.OnlineDeployment',
  '@pulumi/azure-native/machinelearningservices.OnlineDeployment',
  'pulumi_azure_native.machinelearningservices.OnlineDeployment',
  ...['AiEndpointWithModelGardenDeployment', 'AiDeploymentResourcePool'].flatMap((resource) => [
    `@pulumi/gcp.vertex.${resource}`,
    `@pulumi/gcp/vertex.${resource}`,
    `pulumi_gcp.vertex.${resource}`,
  ]),
  '@google-cloud/aiplatform.EndpointServiceClient.deployModel',
  '@google-cloud/aiplatform.v1.EndpointServiceClient.deployModel',
];

/** Where nested options name the machine, and where they say how many of them there are. */
const NESTED: readonly {
  readonly call: RegExp;
  readonly machine: readonly (readonly string[])[];
  readonly replicas?: readonly (readonly string[])[];
}[] = [
  {
    call: /\.add_?instance_?production_?variant$/i,
    machine: [['instanceType'], ['instance_type']],
  },
  {
    call: /\.onlineDeployments\.begin\w+$|\bmachinelearningservices\.OnlineDeployment$/,
    machine: [
      ['properties', 'instanceType'],
      ['onlineDeploymentProperties', 'instanceType'],
      ['online_deployment_properties', 'instance_type'],
    ],
  },
  {
    call: /\bvertex\.\w+$|\.deployModel$/,
    machine: [
      ['deployConfig', 'dedicatedResources', 'machineSpec', 'machineType'],
      ['deploy_config', 'dedicated_resources', 'machine_spec', 'machine_type'],
      ['dedicatedResources', 'machineSpec', 'machineType'],
      ['dedicated_resources', 'machine_spec', 'machine_type'],
      ['deployedModel', 'dedicatedResources', 'machineSpec', 'machineType'],
    ],
    replicas: [
      ['deployConfig', 'dedicatedResources'],
      ['deploy_config', 'dedicated_resources'],
      ['dedicatedResources'],
      ['dedicated_resources'],
      ['deployedModel', 'dedicatedResources'],
    ],
  },
];

export interface Machine {
  /** Instance type, `ml.g5.xlarge`; empty where it is not known. */
  readonly name: string;
  readonly expr: Expr;
}

const VARIANTS: readonly string[] = [
  'productionVariants',
  'production_variants',
  'ProductionVariants',
  'instanceProductionVariants',
  'instance_production_variants',
];

/** The machine that the call reserves; null when it deploys none, one that sleeps, or as many as the load asks for. */
export function machineOf(flow: Flow, call: Call): Machine | null {
  const names = flow.names(call);
  if (names.some((name) => name.endsWith('.deploy'))) return deployed(flow, call, names);
  if (names.includes('azure.ai.ml.entities.ManagedOnlineDeployment')) {
    const type = flow.argument(call, 'instance_type');
    return type.state === 'given' ? { name: typeName(flow, type.value), expr: type.value } : null;
  }
  const row = NESTED.find(({ call: pattern }) => names.some((name) => pattern.test(name)));
  if (row) {
    const type = row.machine.map((path) => within(flow, call, path)).find((found) => found !== undefined);
    const among = row.replicas?.map((path) => within(flow, call, path)).find((found) => found !== undefined);
    if (!type || (row.replicas && (!among || followsLoad(flow, among)))) return null;
    return { name: typeName(flow, type), expr: type };
  }
  for (const option of VARIANTS) {
    const variants = flow.argument(call, option);
    if (variants.state === 'given') return machineIn(flow, variants.value);
  }
  return null;
}

function deployed(flow: Flow, call: Call, names: readonly string[]): Machine | null {
  // of an object from out of sight, only the file tells
  const isOf = (library: RegExp, text: RegExp) =>
    names.some((name) => library.test(name)) ||
    (names[0] === '?.deploy' && text.test(flow.moduleOf(call).text));
  if (isOf(/^(?:google\.cloud\.aiplatform|vertexai)\./, /aiplatform|vertexai/)) {
    const type = flow.argument(call, 'machine_type');
    if (type.state === 'given') {
      if (growsOrSleeps(flow, call)) return null;
      return { name: typeName(flow, type.value), expr: type.value };
    }
  }
  const type = flow.argument(call, 'instance_type', 1);
  if (type.state !== 'given' || !isOf(/^sagemaker\./, /sagemaker/)) return null;
  if (flow.argument(call, 'serverless_inference_config').state !== 'absent') return null;
  if (flow.argument(call, 'async_inference_config').state !== 'absent') return null;
  const name = typeName(flow, type.value);
  // a machine chosen elsewhere may be the developer's own
  const isLocal = name ? name.startsWith('local') : /['"]local(?:_gpu)?['"]/.test(flow.moduleOf(call).text);
  return isLocal ? null : { name, expr: type.value };
}

/** Vertex AI: no replica without load, or more of them with more load. */
function growsOrSleeps(flow: Flow, call: Call): boolean {
  const [least, most] = ['min_replica_count', 'max_replica_count'].map((option) => {
    const given = flow.argument(call, option);
    return given.state === 'given' ? flow.constant(given.value) : given.state === 'absent' ? 1 : undefined;
  });
  return varies(least, most);
}

/** Whether the number of replicas follows the load, or cannot be told. */
function varies(least: unknown, most: unknown): boolean {
  return typeof least !== 'number' || typeof most !== 'number' || least < 1 || most > least;
}

/** The same, of nested options. */
function followsLoad(flow: Flow, resources: Expr): boolean {
  const count = (names: readonly string[]) => {
    const given = optionOf(flow, resources, names);
    return given ? flow.constant(given) : null;
  };
  const least = count(['minReplicaCount', 'min_replica_count']) ?? 1;
  const most = count(['maxReplicaCount', 'max_replica_count']) ?? least;
  return varies(least, most);
}

/** What the call's options hold at a path of keys. */
function within(flow: Flow, call: Call, [head = '', ...rest]: readonly string[]): Expr | undefined {
  const given = flow.argument(call, head);
  const positional = call.args.flatMap(({ name, value }) =>
    name === null ? (optionOf(flow, value, [head]) ?? []) : [],
  );
  let found = given.state === 'given' ? given.value : positional[0];
  for (const key of rest) found = found && optionOf(flow, found, [key]);
  return found;
}

/** The instance type that the expression holds, also within CDK's `InstanceType`; empty when unknown. */
function typeName(flow: Flow, expr: Expr): string {
  const constant = flow.constant(expr);
  if (typeof constant === 'string') return constant;
  const values = flow.values(expr);
  const [only] = values;
  if (values.length !== 1 || !only) return '';
  // InstanceType.G4DN_XLARGE
  const member =
    only.kind === 'library' ? /\bInstanceType\.([A-Z][A-Z\d]*_[A-Z\d]+)$/.exec(only.name)?.[1] : null;
  if (member) return `ml.${member.toLowerCase().replace('_', '.')}`;
  const made = only.kind === 'object' ? only.origin : null;
  if (!made || !flow.names(made).some((name) => /\bInstanceType(?:\.of)?$/.test(name))) return '';
  const inner = made.args[0] ? flow.constant(made.args[0].value) : undefined;
  return typeof inner === 'string' ? inner : '';
}

/** The first variant's machine; null where the variants are serverless, or out of sight. */
function machineIn(flow: Flow, expr: Expr): Machine | null {
  for (const list of flow.values(expr)) {
    if (list.kind !== 'display' || list.node.kind === 'dict') continue;
    for (const item of list.node.kind === 'sequence' ? list.node.items : [list.node.element]) {
      const type = optionOf(flow, item, ['instanceType', 'InstanceType', 'instance_type']);
      if (!type || optionOf(flow, item, ['serverlessConfig', 'ServerlessConfig', 'serverless_config']))
        continue;
      return { name: typeName(flow, type), expr: type };
    }
  }
  return null;
}

/** What a dict or a class of options (`ProductionVariantProperty`, `…Args`) gives for one of the names. */
function optionOf(flow: Flow, expr: Expr, names: readonly string[]): Expr | undefined {
  for (const value of flow.values(expr)) {
    if (value.kind === 'display' && value.node.kind === 'dict') {
      const found = value.node.entries.find(
        ({ key }) => key?.kind === 'literal' && names.includes(String(key.value)),
      );
      if (found) return found.value;
    }
    if (value.kind !== 'object' || !value.origin) continue;
    for (const name of names) {
      const given = flow.argument(value.origin, name);
      if (given.state === 'given') return given.value;
    }
  }
  return undefined;
}
