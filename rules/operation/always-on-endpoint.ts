import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Module, Span } from '../../analysis/model.ts';
import { ancestors } from '../../analysis/tree.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { ENDPOINT_CALLS, machineOf } from '../semantics/endpoints.ts';
import { folderOf } from '../semantics/files.ts';
import { isAside } from '../semantics/javascript.ts';
import { memoizedWhole, statedInProgram } from '../semantics/memo.ts';

/** What turns an endpoint off, lets it sleep, or lets it shrink. */
const RESTS =
  /delete_?endpoint|delete_?predictor|endpoint\w*\.delete\(|online_(?:endpoints|deployments)\.begin_delete|serverless|async_?inference|scalable_?target|auto_?scal|scal(?:e|ing)_?(?:to_?zero|polic)|scale_?settings|min_?instances?_?in|managed_?instance_?scaling|\.undeploy|undeploy_all|\.pause\(|cleanup|tear_?down/i;

export default defineRule({
  id: 'always-on-endpoint',
  phase: 'operation',
  languages: ['python', 'typescript'],
  severity: 'information',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'high',
    source: {
      en: 'AWS, SageMaker guide, “Serverless Inference”: https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html',
      fr: 'AWS, guide SageMaker, « Serverless Inference » : https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html',
    },
  },
  references: {
    course: ['La sobriété par l’usage : « Désactivation automatique des modèles peu utilisés »'],
    links: [
      'https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html',
      'https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling.html',
    ],
  },
  libraries: [
    'sagemaker',
    'SageMaker',
    'ollama',
    'modal',
    'aiplatform',
    'vertexai',
    'azure.ai.ml',
    'arm-machinelearning',
    '@pulumi/gcp',
    'pulumi_gcp',
    'machinelearningservices',
  ],
  title: {
    en: 'Endpoint that never sleeps',
    fr: 'Point d’accès qui ne dort jamais',
  },
  what: {
    en: 'A real-time endpoint (SageMaker, Vertex AI or Azure ML, by their SDKs, CDK or Pulumi) with nothing in the program that scales it, deletes it or makes it serverless or asynchronous; an Ollama model kept in memory for ever (`keep_alive=-1`); a Modal function with containers always running.',
    fr: 'Un point d’accès en temps réel (SageMaker, Vertex AI ou Azure ML, par leurs SDK, CDK ou Pulumi) sans rien, dans le programme, qui le redimensionne, le supprime ou le rende « serverless » ou asynchrone ; un modèle Ollama gardé en mémoire sans fin (`keep_alive=-1`) ; une fonction Modal aux conteneurs toujours actifs.',
  },
  why: {
    en: 'An idle accelerator still draws power, and its machine is reserved day and night. A serverless endpoint, or one that scales to zero, holds it for the time of the requests alone.',
    fr: 'Un accélérateur inoccupé consomme encore, et sa machine est réservée jour et nuit. Un point d’accès « serverless », ou ramené à zéro, ne la tient que le temps des requêtes.',
  },
  instead: {
    en: 'Serve small or rare traffic serverless or asynchronously, give real-time endpoints an autoscaling policy, delete those of experiments. Ignore the rule where traffic is steady, or where scaling is set elsewhere.',
    fr: 'Servez un trafic faible ou rare en « serverless » ou en asynchrone, donnez une règle de redimensionnement aux points d’accès en temps réel, supprimez ceux des essais. À ignorer si le trafic est constant, ou si le redimensionnement est réglé ailleurs.',
  },
  messages: {
    default: {
      en: 'This endpoint keeps {machine} running day and night: nothing here scales it, deletes it or makes it serverless.',
      fr: 'Ce point d’accès garde {machine} en marche jour et nuit : rien ici ne le redimensionne, ne le supprime ou ne le rend « serverless ».',
    },
    unnamed: {
      en: 'This endpoint keeps its machine running day and night: nothing here scales it, deletes it or makes it serverless.',
      fr: 'Ce point d’accès garde sa machine en marche jour et nuit : rien ici ne le redimensionne, ne le supprime ou ne le rend « serverless ».',
    },
    kept: {
      en: '`keep_alive` of -1 keeps the model in memory for ever, used or not.',
      fr: '`keep_alive` à -1 garde le modèle en mémoire sans fin, utilisé ou non.',
    },
    containers: {
      en: '`{option}={count}` keeps containers running with no request to serve.',
      fr: '`{option}={count}` garde des conteneurs actifs sans requête à servir.',
    },
  },
  on: {
    calls: {
      names: [
        ...ENDPOINT_CALLS,
        'ollama.*',
        'ollama.*.*',
        'modal.App.function',
        'modal.App.cls',
        'modal.Stub.function',
        'modal.Stub.cls',
      ],
      check,
    },
  },
  examples: {
    bad: [
      {
        file: 'deploy.py',
        code: 'from sagemaker.huggingface import HuggingFaceModel\n\nmodel = HuggingFaceModel(\n    env={"HF_MODEL_ID": "distilbert-base-uncased", "HF_TASK": "fill-mask"},\n    role="arn:aws:iam::123456789012:role/sagemaker",\n    transformers_version="4.37",\n    pytorch_version="2.1",\n    py_version="py310",\n)\npredictor = model.deploy(initial_instance_count=1, instance_type="ml.g5.xlarge")\nprint(predictor.endpoint_name)\n',
      },
      {
        file: 'chat.py',
        code: 'import ollama\n\nanswer = ollama.chat(model="llama3.2", messages=[{"role": "user", "content": "Hi"}], keep_alive=-1)\nprint(answer.message.content)\n',
        fixed:
          'import ollama\n\nanswer = ollama.chat(model="llama3.2", messages=[{"role": "user", "content": "Hi"}], keep_alive="5m")\nprint(answer.message.content)\n',
      },
      {
        file: 'stack.ts',
        code: "import { Stack } from 'aws-cdk-lib';\nimport * as sagemaker from 'aws-cdk-lib/aws-sagemaker';\n\nexport class Summaries extends Stack {\n  constructor(scope, id) {\n    super(scope, id);\n    const config = new sagemaker.CfnEndpointConfig(this, 'Config', {\n      productionVariants: [\n        { modelName: 'summaries', variantName: 'main', initialInstanceCount: 1, instanceType: 'ml.g4dn.xlarge', initialVariantWeight: 1 },\n      ],\n    });\n    new sagemaker.CfnEndpoint(this, 'Endpoint', { endpointConfigName: config.attrEndpointConfigName });\n  }\n}\n",
      },
      {
        file: 'stack.py',
        code: 'from aws_cdk import Stack\nfrom aws_cdk import aws_sagemaker as sagemaker\n\n\nclass Summaries(Stack):\n    def __init__(self, scope, id, model_name):\n        super().__init__(scope, id)\n        config = sagemaker.CfnEndpointConfig(\n            self,\n            "Config",\n            production_variants=[\n                sagemaker.CfnEndpointConfig.ProductionVariantProperty(\n                    model_name=model_name,\n                    variant_name="main",\n                    initial_instance_count=1,\n                    initial_variant_weight=1,\n                    instance_type="ml.g4dn.xlarge",\n                )\n            ],\n        )\n        sagemaker.CfnEndpoint(self, "Endpoint", endpoint_config_name=config.attr_endpoint_config_name)\n',
      },
      {
        file: 'vertex.py',
        code: 'from google.cloud import aiplatform\n\naiplatform.init(project="my-project", location="europe-west9")\nmodel = aiplatform.Model.upload(display_name="ner", serving_container_image_uri="image")\nendpoint = model.deploy(machine_type="g2-standard-4", accelerator_type="NVIDIA_L4", accelerator_count=1, min_replica_count=1)\nprint(endpoint.resource_name)\n',
      },
      {
        file: 'sizes.py',
        code: 'from sagemaker.huggingface import HuggingFaceModel\n\nMACHINES = {"small": "ml.g5.xlarge", "large": "ml.g5.12xlarge"}\n\n\ndef deploy(size, role):\n    model = HuggingFaceModel(env={"HF_MODEL_ID": "org/model"}, role=role, image_uri="uri")\n    return model.deploy(initial_instance_count=1, instance_type=MACHINES[size])\n',
        note: { en: 'The machine is looked up.', fr: 'La machine vient d’une table.' },
      },
      {
        file: 'component.py',
        code: 'from google.cloud import aiplatform\n\n\ndef serve(name, machine, image, artifacts):\n    model = aiplatform.Model.upload(display_name=name, artifact_uri=artifacts, serving_container_image_uri=image)\n    model.deploy(machine_type=machine)\n',
        note: { en: 'The machine is a parameter.', fr: 'La machine est un paramètre.' },
      },
      {
        file: 'azure.py',
        code: 'from azure.ai.ml import MLClient\nfrom azure.ai.ml.entities import ManagedOnlineDeployment, ManagedOnlineEndpoint\nfrom azure.identity import DefaultAzureCredential\n\nclient = MLClient.from_config(DefaultAzureCredential())\nclient.online_endpoints.begin_create_or_update(ManagedOnlineEndpoint(name="ner")).result()\nblue = ManagedOnlineDeployment(name="blue", endpoint_name="ner", model="azureml:ner:1", instance_type="Standard_NC4as_T4_v3", instance_count=1)\nclient.online_deployments.begin_create_or_update(blue).result()\n',
      },
      {
        file: 'variant.ts',
        code: "import { Stack } from 'aws-cdk-lib';\nimport * as sagemaker from '@aws-cdk/aws-sagemaker-alpha';\n\nexport class Ner extends Stack {\n  constructor(scope, id, model) {\n    super(scope, id);\n    const config = new sagemaker.EndpointConfig(this, 'Config');\n    config.addInstanceProductionVariant({ model, variantName: 'main', instanceType: sagemaker.InstanceType.G4DN_XLARGE });\n    new sagemaker.Endpoint(this, 'Endpoint', { endpointConfig: config });\n  }\n}\n",
      },
      {
        file: 'azure.ts',
        code: "import { AzureMachineLearningServicesManagementClient } from '@azure/arm-machinelearning';\nimport { DefaultAzureCredential } from '@azure/identity';\n\nconst client = new AzureMachineLearningServicesManagementClient(new DefaultAzureCredential(), 'subscription');\nawait client.onlineDeployments.beginCreateOrUpdateAndWait('group', 'lab', 'ner', 'blue', {\n  location: process.env.LOCATION,\n  sku: { name: 'Default', capacity: 1 },\n  properties: { endpointComputeType: 'Managed', model: 'azureml:ner:1', instanceType: 'Standard_NC4as_T4_v3' },\n});\n",
      },
      {
        file: 'gemma.ts',
        code: "import * as gcp from '@pulumi/gcp';\n\nexport const endpoint = new gcp.vertex.AiEndpointWithModelGardenDeployment('gemma', {\n  location: 'europe-west9',\n  publisherModelName: 'publishers/google/models/gemma3@gemma-3-1b-it',\n  deployConfig: {\n    dedicatedResources: { machineSpec: { machineType: 'g2-standard-12', acceleratorType: 'NVIDIA_L4', acceleratorCount: 1 }, minReplicaCount: 1 },\n  },\n});\n",
      },
      {
        file: 'beside.ts',
        code: "import { Stack } from 'aws-cdk-lib';\nimport * as sagemaker from 'aws-cdk-lib/aws-sagemaker';\n\nexport class Summaries extends Stack {\n  constructor(scope, id, service) {\n    super(scope, id);\n    service.autoScaleTaskCount({ maxCapacity: 4 }).scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 60 });\n    new sagemaker.CfnEndpointConfig(this, 'Config', {\n      productionVariants: [{ modelName: 'summaries', variantName: 'main', instanceType: 'ml.g4dn.xlarge', initialVariantWeight: 1 }],\n    });\n  }\n}\n",
        note: { en: 'It is the containers that scale.', fr: 'Ce sont les conteneurs qui s’adaptent.' },
      },
    ],
    good: [
      {
        file: 'growing.py',
        code: 'from google.cloud import aiplatform\n\nendpoint = aiplatform.Endpoint.create(display_name="ner")\nmodel = aiplatform.Model("1234")\nendpoint.deploy(model, machine_type="n1-standard-4", min_replica_count=1, max_replica_count=4)\n',
        note: { en: 'Replicas follow the load.', fr: 'Les répliques suivent la charge.' },
      },
      {
        file: 'serverless.ts',
        code: "import * as aws from '@pulumi/aws';\n\nexport const config = new aws.sagemaker.EndpointConfiguration('config', {\n  productionVariants: [\n    { modelName: 'ner', variantName: 'main', serverlessConfig: { maxConcurrency: 2, memorySizeInMb: 2048 } },\n  ],\n});\n",
        note: { en: 'Serverless.', fr: 'Sans machine réservée.' },
      },
      {
        file: 'deploy.py',
        code: 'from sagemaker.huggingface import HuggingFaceModel\nfrom sagemaker.serverless import ServerlessInferenceConfig\n\nmodel = HuggingFaceModel(env={"HF_MODEL_ID": "distilbert-base-uncased"}, role="role", transformers_version="4.37", pytorch_version="2.1", py_version="py310")\nmodel.deploy(serverless_inference_config=ServerlessInferenceConfig(memory_size_in_mb=4096))\n',
      },
      {
        file: 'trial.py',
        code: 'from sagemaker.huggingface import HuggingFaceModel\n\nmodel = HuggingFaceModel(env={"HF_MODEL_ID": "distilbert-base-uncased"}, role="role", transformers_version="4.37", pytorch_version="2.1", py_version="py310")\npredictor = model.deploy(initial_instance_count=1, instance_type="ml.g5.xlarge")\nprint(predictor.predict({"inputs": "Paris is the [MASK] of France."}))\npredictor.delete_endpoint()\n',
        note: { en: 'Deleted after the trial.', fr: 'Supprimé après l’essai.' },
      },
      {
        file: 'scaled.py',
        code: 'import boto3\nfrom sagemaker.pytorch import PyTorchModel\n\nmodel = PyTorchModel(model_data="s3://b/model.tar.gz", role="role", entry_point="serve.py", framework_version="2.1", py_version="py310")\nmodel.deploy(initial_instance_count=1, instance_type="ml.g5.xlarge", endpoint_name="live")\nboto3.client("application-autoscaling").register_scalable_target(ServiceNamespace="sagemaker", ResourceId="endpoint/live/variant/AllTraffic", ScalableDimension="sagemaker:variant:DesiredInstanceCount", MinCapacity=0, MaxCapacity=2)\n',
      },
      {
        file: 'chat.py',
        code: 'import ollama\n\nprint(ollama.generate(model="llama3.2", prompt="Hi", keep_alive="10m"))\n',
      },
      {
        file: 'contracts.py',
        code: 'import sagemaker\nfrom web3 import Web3\n\ncontract = Web3().eth.contract(abi=[])\ncontract.deploy(transaction={"from": "0x0"})\n',
        note: { en: 'Another `deploy`.', fr: 'Un autre `deploy`.' },
      },
      {
        file: 'scaled.ts',
        code: "import { Stack } from 'aws-cdk-lib';\nimport * as sagemaker from '@aws-cdk/aws-sagemaker-alpha';\n\nexport class Ner extends Stack {\n  constructor(scope, id, model) {\n    super(scope, id);\n    const config = new sagemaker.EndpointConfig(this, 'Config', {\n      instanceProductionVariants: [{ model, variantName: 'main', instanceType: sagemaker.InstanceType.G5_XLARGE }],\n    });\n    const endpoint = new sagemaker.Endpoint(this, 'Endpoint', { endpointConfig: config });\n    endpoint.findInstanceProductionVariant('main').autoScaleInstanceCount({ minCapacity: 1, maxCapacity: 3 });\n  }\n}\n",
        note: { en: 'A variant that follows the load.', fr: 'Une variante qui suit la charge.' },
      },
      {
        file: 'target.ts',
        code: "import { Stack } from 'aws-cdk-lib';\nimport * as scaling from 'aws-cdk-lib/aws-applicationautoscaling';\nimport * as sagemaker from 'aws-cdk-lib/aws-sagemaker';\n\nexport class Ner extends Stack {\n  constructor(scope, id) {\n    super(scope, id);\n    new sagemaker.CfnEndpointConfig(this, 'Config', {\n      productionVariants: [{ modelName: 'ner', variantName: 'main', instanceType: 'ml.g4dn.xlarge', initialVariantWeight: 1 }],\n    });\n    new scaling.ScalableTarget(this, 'Target', {\n      serviceNamespace: scaling.ServiceNamespace.SAGEMAKER,\n      resourceId: 'endpoint/ner/variant/main',\n      scalableDimension: 'sagemaker:variant:DesiredInstanceCount',\n      minCapacity: 0,\n      maxCapacity: 2,\n    });\n  }\n}\n",
        note: { en: 'Application Auto Scaling.', fr: 'Application Auto Scaling.' },
      },
      {
        file: 'pool.ts',
        code: "import * as gcp from '@pulumi/gcp';\n\nexport const pool = new gcp.vertex.AiDeploymentResourcePool('pool', {\n  region: 'europe-west9',\n  dedicatedResources: { machineSpec: { machineType: 'n1-standard-4' }, minReplicaCount: 1, maxReplicaCount: 3 },\n});\n",
      },
    ],
  },
});

function check(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  if (isAside(module)) return;
  const names = flow.names(call);
  const place =
    call.callee.kind === 'member' ? { start: call.callee.propertyStart, end: call.callee.end } : call.callee;
  if (names.some((name) => name.startsWith('ollama.'))) return checkKept(call, context);
  if (names.some((name) => name.startsWith('modal.'))) return checkContainers(call, context);
  const machine = machineOf(flow, call);
  if (!machine) return;
  if (rests(module, flow) || isCleanedUp(module, flow)) return context.pass(place);
  context.fail(place, machine.name ? { data: { machine: machine.name } } : { message: 'unnamed' });
}

/** Plain machines, containers and tables scale too, and say nothing about an endpoint. */
const GROUPS =
  /\b(?:aws[-_])?autoscaling\b(?! ?polic)|auto_?scaling_?group|auto_?scale_?(?:task_?count|(?:read|write)_?capacity|global\w*)/gi;

const rests = statedInProgram((one) =>
  RESTS.test(
    /auto_?scal(?:ing_?group|e_?(?:task|read|write))/i.test(one.text)
      ? one.text.replace(GROUPS, '')
      : one.text,
  ),
);

/** Files that delete endpoints: a course's last notebook, a script beside the one that deploys. */
const cleaners = memoizedWhole((flow) =>
  flow.modules.filter(({ text }) =>
    /delete_?endpoint\b|\.undeploy\w*\(|online_endpoints\.begin_delete/i.test(text),
  ),
);

/** In the same folder, or in one beside or below it that is named for the work. */
function isCleanedUp(module: Module, flow: Flow): boolean {
  const folder = folderOf(module.path);
  const around = folderOf(folder);
  return cleaners(flow).some(({ path }) => {
    const other = folderOf(path);
    if (other === folder) return true;
    return (
      other.startsWith(`${around}/`) &&
      /clean|delet|tear_?down|destroy|undeploy/i.test(other.slice(around.length))
    );
  });
}

function checkKept(call: Call, context: RuleContext): void {
  const { flow } = context;
  const kept = flow.argument(call, 'keep_alive');
  if (kept.state !== 'given') return;
  const value = flow.constant(kept.value);
  if (value === undefined || value === null) return;
  if (!/^-\d/.test(String(value))) return context.pass(kept.value);
  const span: Span = kept.value;
  // a benchmark keeps its model warm on purpose
  for (const parent of ancestors(call))
    if (parent.kind === 'function' && /bench|warm/i.test(parent.name ?? '')) return;
  const quote = '"';
  const fixes: Fix[] = [
    {
      title: { en: 'Unload it after five idle minutes', fr: 'Le décharger après cinq minutes sans usage' },
      edits: () => [{ start: span.start, end: span.end, text: `${quote}5m${quote}` }],
    },
  ];
  const isWritten = kept.value.kind === 'literal' || kept.value.kind === 'unary';
  context.fail(span, { message: 'kept', fixes: isWritten ? fixes : [] });
}

function checkContainers(call: Call, context: RuleContext): void {
  const { flow } = context;
  for (const option of ['min_containers', 'keep_warm']) {
    const given = flow.argument(call, option);
    if (given.state !== 'given') continue;
    const count = flow.constant(given.value);
    if (typeof count !== 'number') continue;
    if (count <= 0) return context.pass(given.value);
    const value = given.value;
    return context.fail(value, {
      message: 'containers',
      data: { option, count },
      fixes:
        value.kind === 'literal'
          ? [
              {
                title: { en: 'Let it scale to zero', fr: 'Le laisser revenir à zéro' },
                edits: () => [{ start: value.start, end: value.end, text: '0' }],
              },
            ]
          : [],
    });
  }
}
