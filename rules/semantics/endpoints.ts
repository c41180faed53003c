/** Endpoints that keep machines for a model: SageMaker by its SDKs, CDK and Pulumi; Vertex AI; Azure ML. */
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
      const name = typeName(flow, type.value);
      return name ? { name, expr: type.value } : null;
    }
  }
  const type = flow.argument(call, 'instance_type');
  if (type.state !== 'given' || !isOf(/^sagemaker\./, /sagemaker/)) return null;
  if (flow.argument(call, 'serverless_inference_config').state !== 'absent') return null;
  if (flow.argument(call, 'async_inference_config').state !== 'absent') return null;
  const name = typeName(flow, type.value);
  return name && !name.startsWith('local') ? { name, expr: type.value } : null;
}

/** Vertex AI: no replica without load, or more of them with more load. */
function growsOrSleeps(flow: Flow, call: Call): boolean {
  const [least, most] = ['min_replica_count', 'max_replica_count'].map((option) => {
    const given = flow.argument(call, option);
    return given.state === 'given' ? flow.constant(given.value) : given.state === 'absent' ? 1 : undefined;
  });
  return typeof least !== 'number' || typeof most !== 'number' || least < 1 || most > least;
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
