/** Endpoints that keep machines for a model: SageMaker by its SDKs, CDK and Pulumi. */
import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Dict, Expr } from '../../analysis/model.ts';

/** Canonical names of calls that reserve machines for an endpoint. */
export const ENDPOINT_CALLS: readonly string[] = [
  'sagemaker.*.deploy',
  'sagemaker.*.*.deploy',
  'sagemaker.*.*.*.deploy',
  '?.deploy',
  'boto3.sagemaker.create_endpoint_config',
  'aws_cdk.aws_sagemaker.CfnEndpointConfig',
  'aws-cdk-lib.aws-sagemaker.CfnEndpointConfig',
  'aws-cdk-lib/aws-sagemaker.CfnEndpointConfig',
  'aws-cdk-lib.aws_sagemaker.CfnEndpointConfig',
  '@aws-cdk/aws-sagemaker-alpha.EndpointConfig',
  '@aws-sdk/client-sagemaker.CreateEndpointConfigCommand',
  '@pulumi/aws.sagemaker.EndpointConfiguration',
  'pulumi_aws.sagemaker.EndpointConfiguration',
];

export interface Machine {
  /** Instance type, `ml.g5.xlarge`; empty where it is not known. */
  readonly name: string;
  readonly expr: Expr;
}

/** The machine that the call reserves; null when it deploys none, or one that sleeps. */
export function machineOf(flow: Flow, call: Call): Machine | null {
  const names = flow.names(call);
  if (names.some((name) => name.endsWith('.deploy'))) {
    const type = flow.argument(call, 'instance_type');
    if (type.state !== 'given') return null;
    if (flow.argument(call, 'serverless_inference_config').state !== 'absent') return null;
    if (flow.argument(call, 'async_inference_config').state !== 'absent') return null;
    // of an object from out of sight, only the file tells
    if (!names.some((name) => name.startsWith('sagemaker.')) && !/sagemaker/.test(flow.moduleOf(call).text))
      return null;
    const machine = flow.constant(type.value);
    return typeof machine === 'string' && !machine.startsWith('local')
      ? { name: machine, expr: type.value }
      : null;
  }
  for (const option of ['productionVariants', 'production_variants', 'ProductionVariants']) {
    const variants = flow.argument(call, option);
    if (variants.state === 'given') return machineIn(flow, variants.value);
  }
  return null;
}

function machineIn(flow: Flow, expr: Expr): Machine | null {
  for (const list of flow.values(expr)) {
    if (list.kind !== 'display' || list.node.kind !== 'sequence') continue;
    for (const item of list.node.items) {
      for (const value of flow.values(item)) {
        if (value.kind !== 'display' || value.node.kind !== 'dict') continue;
        const type = entryOf(value.node, /^(?:instanceType|InstanceType|instance_type)$/);
        if (!type || entryOf(value.node, /serverless/i)) continue;
        const machine = flow.constant(type);
        return { name: typeof machine === 'string' ? machine : '', expr: type };
      }
    }
  }
  return null;
}

function entryOf(dict: Dict, name: RegExp): Expr | undefined {
  return dict.entries.find(({ key }) => key?.kind === 'literal' && name.test(String(key.value)))?.value;
}
