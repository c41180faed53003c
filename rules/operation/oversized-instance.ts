import type { Call, Dict, Expr, Literal } from '../../analysis/model.ts';
import { descendants } from '../../analysis/tree.ts';
import { replace } from '../edits.ts';
import { findInstance, type Instance, smallerInstances, TRAINING_CLASS } from '../knowledge/hardware.ts';
import { findModel, inferenceMemory } from '../knowledge/models.ts';
import { ownModel } from '../knowledge/own-facts.ts';
import { defineRule, type Edit, type RuleContext } from '../rule.ts';
import { ENDPOINT_CALLS, machineOf } from '../semantics/endpoints.ts';
import { isAside } from '../semantics/javascript.ts';

/** Share of the accelerators' memory below which a model fits far less. */
const FAR_LESS = 0.25;

/** What SageMaker runs on scikit-learn alone. */
const PLAIN_ESTIMATORS = ['sagemaker.sklearn.SKLearn', 'sagemaker.sklearn.estimator.SKLearn'];

export default defineRule({
  id: 'oversized-instance',
  phase: 'operation',
  languages: ['python', 'typescript'],
  severity: 'information',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'high',
    source: {
      en: 'Board power and memory of each accelerator, parameter counts, rules/knowledge/SOURCES.md.',
      fr: 'Puissance et mémoire de chaque accélérateur, nombre de paramètres, rules/knowledge/SOURCES.md.',
    },
  },
  references: {
    course: ['Choisir un matériel économe : « Préférer les GPU/NPU sobres ou le calcul sur cloud vert. »'],
    links: ['https://docs.aws.amazon.com/sagemaker/latest/dg/inference-recommender.html'],
  },
  libraries: [
    'sagemaker',
    'aws-sagemaker',
    'aws_sagemaker',
    'aiplatform',
    'vertexai',
    'azure.ai.ml',
    'arm-machinelearning',
    '@pulumi/gcp',
    'pulumi_gcp',
    'machinelearningservices',
  ],
  title: {
    en: 'Endpoint on a machine made for more',
    fr: 'Point d’accès sur une machine faite pour plus',
  },
  what: {
    en: 'An endpoint (SageMaker, Vertex AI or Azure ML, by their SDKs, CDK or Pulumi) on accelerators of the training class, or on several of them, for a model whose weights, named in the same file, take less than a quarter of their memory; scikit-learn on any accelerator, in training too. Other training jobs, and models of unknown size, are left alone.',
    fr: 'Un point d’accès (SageMaker, Vertex AI ou Azure ML, par leurs SDK, CDK ou Pulumi) sur des accélérateurs de classe entraînement, ou sur plusieurs, pour un modèle dont les poids, nommés dans le même fichier, prennent moins d’un quart de leur mémoire ; scikit-learn sur un accélérateur, y compris à l’entraînement. Les autres entraînements et les modèles de taille inconnue ne sont pas visés.',
  },
  why: {
    en: 'Boards are reserved whole, and their power at full load goes from 70 W (T4) to 700 W (H100), times their number: idle or busy, the larger machine costs more than the model needs. Figures: data sheets, in rules/knowledge.',
    fr: 'Les cartes sont réservées entières, et leur puissance à pleine charge va de 70 W (T4) à 700 W (H100), fois leur nombre : inoccupée ou non, la grosse machine coûte plus que le modèle ne demande. Chiffres : fiches techniques, dans rules/knowledge.',
  },
  instead: {
    en: 'Take the smallest machine that holds the model in 16 bits and meets your latency, measured. Ignore the rule where throughput needs the larger one, or where several models share it.',
    fr: 'Prenez la plus petite machine qui tient le modèle en 16 bits et respecte votre latence, mesurée. À ignorer si le débit demande la grosse, ou si plusieurs modèles la partagent.',
  },
  messages: {
    default: {
      en: '`{machine}` has {memory} GB of accelerator memory; `{model}` needs about {need} GB in 16 bits.',
      fr: '`{machine}` a {memory} Go de mémoire d’accélérateur ; `{model}` demande environ {need} Go en 16 bits.',
    },
    plain: {
      en: 'scikit-learn runs on processors only: the accelerators of `{machine}` are reserved and stay idle.',
      fr: 'scikit-learn ne tourne que sur processeur : les accélérateurs de `{machine}` sont réservés et restent inoccupés.',
    },
  },
  on: { calls: { names: [...ENDPOINT_CALLS, ...PLAIN_ESTIMATORS], check } },
  examples: {
    bad: [
      {
        file: 'deploy.py',
        code: 'from sagemaker.huggingface import HuggingFaceModel\n\nmodel = HuggingFaceModel(\n    env={"HF_MODEL_ID": "distilbert-base-uncased", "HF_TASK": "fill-mask"},\n    role="role",\n    transformers_version="4.37",\n    pytorch_version="2.1",\n    py_version="py310",\n)\nmodel.deploy(initial_instance_count=1, instance_type="ml.p3.2xlarge")\n',
        fixed:
          'from sagemaker.huggingface import HuggingFaceModel\n\nmodel = HuggingFaceModel(\n    env={"HF_MODEL_ID": "distilbert-base-uncased", "HF_TASK": "fill-mask"},\n    role="role",\n    transformers_version="4.37",\n    pytorch_version="2.1",\n    py_version="py310",\n)\nmodel.deploy(initial_instance_count=1, instance_type="ml.g4dn.xlarge")\n',
      },
      {
        file: 'many.py',
        code: 'from sagemaker.huggingface import HuggingFaceModel\n\nMACHINE = "ml.g5.12xlarge"\nhub = {"HF_MODEL_ID": "sentence-transformers/all-MiniLM-L6-v2", "HF_TASK": "feature-extraction"}\nmodel = HuggingFaceModel(env=hub, role="role", transformers_version="4.37", pytorch_version="2.1", py_version="py310")\nmodel.deploy(initial_instance_count=1, instance_type=MACHINE)\n',
        fixed:
          'from sagemaker.huggingface import HuggingFaceModel\n\nMACHINE = "ml.g4dn.xlarge"\nhub = {"HF_MODEL_ID": "sentence-transformers/all-MiniLM-L6-v2", "HF_TASK": "feature-extraction"}\nmodel = HuggingFaceModel(env=hub, role="role", transformers_version="4.37", pytorch_version="2.1", py_version="py310")\nmodel.deploy(initial_instance_count=1, instance_type=MACHINE)\n',
      },
      {
        file: 'stack.ts',
        code: "import { Stack } from 'aws-cdk-lib';\nimport * as sagemaker from 'aws-cdk-lib/aws-sagemaker';\n\nexport class Ner extends Stack {\n  constructor(scope, id) {\n    super(scope, id);\n    const model = new sagemaker.CfnModel(this, 'Model', {\n      primaryContainer: { image: 'image', environment: { HF_MODEL_ID: 'dslim/bert-base-NER' } },\n    });\n    new sagemaker.CfnEndpointConfig(this, 'Config', {\n      productionVariants: [\n        { modelName: model.attrModelName, variantName: 'main', initialInstanceCount: 1, instanceType: 'ml.p3.2xlarge' },\n      ],\n    });\n  }\n}\n",
        fixed:
          "import { Stack } from 'aws-cdk-lib';\nimport * as sagemaker from 'aws-cdk-lib/aws-sagemaker';\n\nexport class Ner extends Stack {\n  constructor(scope, id) {\n    super(scope, id);\n    const model = new sagemaker.CfnModel(this, 'Model', {\n      primaryContainer: { image: 'image', environment: { HF_MODEL_ID: 'dslim/bert-base-NER' } },\n    });\n    new sagemaker.CfnEndpointConfig(this, 'Config', {\n      productionVariants: [\n        { modelName: model.attrModelName, variantName: 'main', initialInstanceCount: 1, instanceType: 'ml.g4dn.xlarge' },\n      ],\n    });\n  }\n}\n",
      },
      {
        file: 'vertex.py',
        code: 'from google.cloud import aiplatform\n\nmodel = aiplatform.Model.upload(\n    display_name="ner",\n    serving_container_image_uri="image",\n    serving_container_environment_variables={"HF_MODEL_ID": "dslim/bert-base-NER"},\n)\nmodel.deploy(machine_type="a2-highgpu-1g", accelerator_type="NVIDIA_TESLA_A100", accelerator_count=1)\n',
        fixed:
          'from google.cloud import aiplatform\n\nmodel = aiplatform.Model.upload(\n    display_name="ner",\n    serving_container_image_uri="image",\n    serving_container_environment_variables={"HF_MODEL_ID": "dslim/bert-base-NER"},\n)\nmodel.deploy(machine_type="g2-standard-4", accelerator_type="NVIDIA_L4", accelerator_count=1)\n',
      },
      {
        file: 'ner.ts',
        code: "import * as aws from '@pulumi/aws';\n\nconst model = new aws.sagemaker.Model('ner', {\n  executionRoleArn: 'arn:aws:iam::123456789012:role/sagemaker',\n  primaryContainer: { image: 'image', environment: { HF_MODEL_ID: 'dslim/bert-base-NER' } },\n});\nexport const config = new aws.sagemaker.EndpointConfiguration('ner', {\n  productionVariants: [{ modelName: model.name, initialInstanceCount: 1, instanceType: 'ml.p3.2xlarge' }],\n});\n",
        fixed:
          "import * as aws from '@pulumi/aws';\n\nconst model = new aws.sagemaker.Model('ner', {\n  executionRoleArn: 'arn:aws:iam::123456789012:role/sagemaker',\n  primaryContainer: { image: 'image', environment: { HF_MODEL_ID: 'dslim/bert-base-NER' } },\n});\nexport const config = new aws.sagemaker.EndpointConfiguration('ner', {\n  productionVariants: [{ modelName: model.name, initialInstanceCount: 1, instanceType: 'ml.g4dn.xlarge' }],\n});\n",
      },
      {
        file: 'gemma.ts',
        code: "import * as gcp from '@pulumi/gcp';\n\nexport const endpoint = new gcp.vertex.AiEndpointWithModelGardenDeployment('gemma', {\n  location: 'europe-west9',\n  huggingFaceModelId: 'google/gemma-2-2b-it',\n  deployConfig: {\n    dedicatedResources: {\n      machineSpec: { machineType: 'a2-highgpu-1g', acceleratorType: 'NVIDIA_TESLA_A100', acceleratorCount: 1 },\n      minReplicaCount: 1,\n    },\n  },\n});\n",
        fixed:
          "import * as gcp from '@pulumi/gcp';\n\nexport const endpoint = new gcp.vertex.AiEndpointWithModelGardenDeployment('gemma', {\n  location: 'europe-west9',\n  huggingFaceModelId: 'google/gemma-2-2b-it',\n  deployConfig: {\n    dedicatedResources: {\n      machineSpec: { machineType: 'g2-standard-4', acceleratorType: 'NVIDIA_L4', acceleratorCount: 1 },\n      minReplicaCount: 1,\n    },\n  },\n});\n",
      },
      {
        file: 'ner.ts',
        code: "import * as ml from '@pulumi/azure-native/machinelearningservices';\n\nexport const blue = new ml.OnlineDeployment('blue', {\n  resourceGroupName: 'group',\n  workspaceName: 'lab',\n  endpointName: 'ner',\n  onlineDeploymentProperties: {\n    endpointComputeType: 'Managed',\n    model: 'azureml:ner:1',\n    instanceType: 'Standard_NC24ads_A100_v4',\n    environmentVariables: { HF_MODEL_ID: 'dslim/bert-base-NER' },\n  },\n});\n",
        fixed:
          "import * as ml from '@pulumi/azure-native/machinelearningservices';\n\nexport const blue = new ml.OnlineDeployment('blue', {\n  resourceGroupName: 'group',\n  workspaceName: 'lab',\n  endpointName: 'ner',\n  onlineDeploymentProperties: {\n    endpointComputeType: 'Managed',\n    model: 'azureml:ner:1',\n    instanceType: 'Standard_NC4as_T4_v3',\n    environmentVariables: { HF_MODEL_ID: 'dslim/bert-base-NER' },\n  },\n});\n",
        note: { en: 'Azure ML in TypeScript.', fr: 'Azure ML en TypeScript.' },
      },
      {
        file: 'forest.py',
        code: 'from sagemaker.sklearn import SKLearn\n\nestimator = SKLearn(entry_point="train.py", role="role", instance_type="ml.p3.8xlarge", framework_version="1.2-1")\nestimator.fit({"train": "s3://bucket/train"})\n',
        fixed:
          'from sagemaker.sklearn import SKLearn\n\nestimator = SKLearn(entry_point="train.py", role="role", instance_type="ml.m5.xlarge", framework_version="1.2-1")\nestimator.fit({"train": "s3://bucket/train"})\n',
        note: { en: 'A library of processors.', fr: 'Une bibliothèque pour processeurs.' },
      },
      {
        file: 'positions.py',
        code: 'from sagemaker.huggingface import HuggingFaceModel\n\nhub = {"HF_MODEL_ID": "sentence-transformers/all-MiniLM-L6-v2", "HF_TASK": "feature-extraction"}\nmodel = HuggingFaceModel(env=hub, role="role", transformers_version="4.37", pytorch_version="2.1", py_version="py310")\nmodel.deploy(1, "ml.g5.12xlarge")\n',
        fixed:
          'from sagemaker.huggingface import HuggingFaceModel\n\nhub = {"HF_MODEL_ID": "sentence-transformers/all-MiniLM-L6-v2", "HF_TASK": "feature-extraction"}\nmodel = HuggingFaceModel(env=hub, role="role", transformers_version="4.37", pytorch_version="2.1", py_version="py310")\nmodel.deploy(1, "ml.g4dn.xlarge")\n',
        note: { en: 'By position.', fr: 'Par position.' },
      },
    ],
    good: [
      {
        file: 'forest.py',
        code: 'from sagemaker.sklearn import SKLearn\n\nSKLearn(entry_point="train.py", role="role", instance_type="ml.m5.xlarge", framework_version="1.2-1").fit("s3://bucket/train")\n',
      },
      {
        file: 'vertex.py',
        code: 'from google.cloud import aiplatform\n\nmodel = aiplatform.Model.upload(display_name="llama", serving_container_image_uri="image", serving_container_environment_variables={"MODEL_ID": "meta-llama/Llama-3.1-8B-Instruct"})\nmodel.deploy(machine_type="g2-standard-12", accelerator_type="NVIDIA_L4", accelerator_count=1)\n',
        note: { en: 'It fills its accelerator.', fr: 'Il remplit son accélérateur.' },
      },
      {
        file: 'deploy.py',
        code: 'from sagemaker.huggingface import HuggingFaceModel\n\nmodel = HuggingFaceModel(env={"HF_MODEL_ID": "distilbert-base-uncased"}, role="role", transformers_version="4.37", pytorch_version="2.1", py_version="py310")\nmodel.deploy(initial_instance_count=1, instance_type="ml.g4dn.xlarge")\n',
      },
      {
        file: 'large.py',
        code: 'from sagemaker.huggingface import HuggingFaceModel\n\nmodel = HuggingFaceModel(env={"HF_MODEL_ID": "meta-llama/Llama-3.1-70B-Instruct", "SM_NUM_GPUS": "8"}, role="role", image_uri="uri")\nmodel.deploy(initial_instance_count=1, instance_type="ml.p4d.24xlarge")\n',
        note: { en: 'A model of that size.', fr: 'Un modèle de cette taille.' },
      },
      {
        file: 'train.py',
        code: 'from sagemaker.huggingface import HuggingFace\n\nestimator = HuggingFace(entry_point="train.py", role="role", instance_count=1, instance_type="ml.p3.2xlarge", transformers_version="4.37", pytorch_version="2.1", py_version="py310", hyperparameters={"model_name": "distilbert-base-uncased"})\nestimator.fit({"train": "s3://bucket/train"})\n',
        note: { en: 'Training.', fr: 'Un entraînement.' },
      },
      {
        file: 'own.py',
        code: 'from sagemaker.pytorch import PyTorchModel\n\nmodel = PyTorchModel(model_data="s3://bucket/model.tar.gz", role="role", entry_point="serve.py", framework_version="2.1", py_version="py310")\nmodel.deploy(initial_instance_count=1, instance_type="ml.p3.2xlarge")\n',
        note: { en: 'A model of unknown size.', fr: 'Un modèle de taille inconnue.' },
      },
      {
        file: 'two.py',
        code: 'from sagemaker.huggingface import HuggingFaceModel\n\nmodels = [{"HF_MODEL_ID": "distilbert-base-uncased"}, {"HF_MODEL_ID": "bert-large-uncased"}]\nfor env in models:\n    HuggingFaceModel(env=env, role="role", transformers_version="4.37", pytorch_version="2.1", py_version="py310").deploy(initial_instance_count=1, instance_type="ml.p3.2xlarge")\n',
        note: { en: 'Several models.', fr: 'Plusieurs modèles.' },
      },
    ],
  },
});

function check(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  if (isAside(module)) return;
  const names = flow.names(call);
  if (names.some((name) => PLAIN_ESTIMATORS.includes(name) || /^sagemaker\.sklearn\..*\.deploy$/.test(name)))
    return checkPlain(call, context);
  const machine = machineOf(flow, call);
  const instance = machine && findInstance(machine.name);
  const model = modelServed(context);
  if (!machine || !instance?.memory || !model?.params) return;
  const need = inferenceMemory(model.params);
  const isLarge = TRAINING_CLASS.test(instance.accelerator) || instance.count > 1;
  const smaller = smallerInstances(instance, need);
  if (!isLarge || need > instance.memory * FAR_LESS || smaller.length === 0)
    return context.pass(machine.expr);
  const written = literalOf(machine.expr, machine.name, context);
  const quote = written ? (module.text[written.start] ?? '"') : '"';
  context.fail(machine.expr, {
    data: {
      machine: machine.name,
      memory: instance.memory,
      model: model.id,
      need: need < 1 ? Math.ceil(need * 10) / 10 : Math.ceil(need),
    },
    fixes: written
      ? smaller.flatMap((one) => {
          const attached = attachedEdits(call, machine.expr, one, context);
          if (!attached) return [];
          return {
            title: {
              en: `Use \`${one.name}\`: ${one.count} × ${one.accelerator}, ${one.power} W instead of ${instance.power} W at full load`,
              fr: `Utiliser \`${one.name}\` : ${one.count} × ${one.accelerator}, ${one.power} W au lieu de ${instance.power} W à pleine charge`,
            },
            edits: () => [
              { start: written.start, end: written.end, text: `${quote}${one.name}${quote}` },
              ...attached,
            ],
          };
        })
      : [],
  });
}

/** scikit-learn runs on processors only: accelerators beside them wait for nothing. */
function checkPlain(call: Call, context: RuleContext): void {
  const { flow } = context;
  const machine = machineOf(flow, call);
  const type = flow.argument(call, 'instance_type');
  const expr = machine?.expr ?? (type.state === 'given' ? type.value : null);
  const name = machine?.name ?? (expr && flow.constant(expr));
  if (!expr || typeof name !== 'string') return;
  if (!findInstance(name)?.memory) return context.pass(expr);
  const written = literalOf(expr, name, context);
  const quote = written ? (context.module.text[written.start] ?? '"') : '"';
  context.fail(expr, {
    message: 'plain',
    data: { machine: name },
    fixes: written
      ? [
          {
            title: {
              en: `Use \`${PLAIN_MACHINE}\`: no accelerator`,
              fr: `Utiliser \`${PLAIN_MACHINE}\` : pas d’accélérateur`,
            },
            edits: () => [replace(written, `${quote}${PLAIN_MACHINE}${quote}`)],
          },
        ]
      : [],
  });
}

const PLAIN_MACHINE = 'ml.m5.xlarge';

/** How Vertex AI names the accelerators of its machines, beside the machine's own name. */
const ATTACHED: Readonly<Record<string, string>> = { L4: 'NVIDIA_L4', T4: 'NVIDIA_TESLA_T4' };

/** Vertex AI wants the accelerators said again: edits that say the new machine's; null where they cannot be written. */
function attachedEdits(
  call: Call,
  machine: Expr,
  to: Instance,
  { flow, module }: RuleContext,
): readonly Edit[] | null {
  const siblings = machine.parent?.kind === 'entry' ? (machine.parent.parent as Dict) : null;
  const texts = [
    ['accelerator_type', ATTACHED[to.accelerator] && `"${ATTACHED[to.accelerator]}"`],
    ['accelerator_count', String(to.count)],
  ] as const;
  const edits: Edit[] = [];
  for (const [option, text] of texts) {
    const given = flow.argument(call, option);
    const beside = siblings?.entries.find(
      ({ key }) => key?.kind === 'literal' && snake(String(key.value)) === option,
    )?.value;
    if (given.state === 'absent' && !beside) continue;
    const value = beside ?? (given.state === 'given' ? given.value : null);
    if (!value || !text || value.kind !== 'literal' || flow.moduleOf(value) !== module) return null;
    edits.push(replace(value, module.text[value.start] === "'" ? text.replaceAll('"', "'") : text));
  }
  return edits;
}

/** What the serving containers of Hugging Face and of Vertex AI call the model's id. */
const MODEL_KEYS: readonly unknown[] = [
  'HF_MODEL_ID',
  'MODEL_ID',
  'huggingFaceModelId',
  'hugging_face_model_id',
];

/** `acceleratorType` -> `accelerator_type`. */
function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The one catalogued model that the file asks the container to serve. */
function modelServed({ flow, module, facts }: RuleContext) {
  const ids = new Set<unknown>();
  const named = [
    ...descendants(module.body, 'entry').map(({ key, value }) => ({
      key: key?.kind === 'literal' ? key.value : null,
      value,
    })),
    ...descendants(module.body, 'argument').map(({ name, value }) => ({ key: name, value })),
  ];
  for (const { key, value } of named) {
    if (!MODEL_KEYS.includes(key)) continue;
    const id = flow.constant(value);
    if (typeof id !== 'string') return undefined;
    ids.add(id);
  }
  const [only] = ids;
  return ids.size === 1 && typeof only === 'string' ? ownModel(facts, only, findModel(only)) : undefined;
}

function literalOf(expr: Expr, name: string, { flow, module }: RuleContext): Literal | null {
  const node = flow.values(expr).find((value) => value.kind === 'constant' && value.value === name);
  return node?.kind === 'constant' && node.node.kind === 'literal' && flow.moduleOf(node.node) === module
    ? node.node
    : null;
}
