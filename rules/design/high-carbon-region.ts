import type { Call, Dict, Expr, Literal, Module, Span } from '../../analysis/model.ts';
import { greenerSisters, type Provider } from '../knowledge/regions.ts';
import { defineRule, type RuleContext } from '../rule.ts';
import { isBound, type ModelPlace, placesOfModels } from '../semantics/infrastructure.ts';
import { isAside } from '../semantics/javascript.ts';
import { displayOf } from '../semantics/options.ts';

interface Placement {
  readonly call: RegExp;
  readonly provider: Provider;
  /** Argument or option, dotted for nested options. */
  readonly argument: string;
  /** The file must speak of models too: the call places anything. */
  readonly general?: boolean;
}

const PLACEMENTS: readonly Placement[] = [
  { call: /^boto3\.(?:sagemaker|bedrock)[\w-]*$/, provider: 'aws', argument: 'region_name' },
  { call: /^boto3\.(?:Session|session\.Session)$/, provider: 'aws', argument: 'region_name', general: true },
  { call: /^langchain\..*Bedrock\w*$/, provider: 'aws', argument: 'region_name' },
  { call: /^langchain\..*Bedrock\w*$/, provider: 'aws', argument: 'region' },
  { call: /^anthropic\.(?:Async)?AnthropicBedrock$/, provider: 'aws', argument: 'aws_region' },
  { call: /^anthropic\.AnthropicBedrock$/, provider: 'aws', argument: 'awsRegion' },
  { call: /^anthropic\.(?:Async)?AnthropicVertex$/, provider: 'gcp', argument: 'region' },
  {
    call: /^@aws-sdk\/client-(?:sagemaker|bedrock)[\w-]*\.\w*(?:Client|SageMaker|Bedrock\w*)$/,
    provider: 'aws',
    argument: 'region',
  },
  { call: /^@ai-sdk\/amazon-bedrock\.createAmazonBedrock$/, provider: 'aws', argument: 'region' },
  { call: /^@ai-sdk\/google-vertex\.createVertex$/, provider: 'gcp', argument: 'location' },
  {
    call: /^@google-cloud\/aiplatform\.(?:v1\.)?\w+Client$/,
    provider: 'gcp',
    argument: 'apiEndpoint',
  },
  { call: /^(?:vertexai|google\.cloud\.aiplatform)\.init$/, provider: 'gcp', argument: 'location' },
  { call: /^(?:vertexai\.VertexAI|google\.genai\.Client)$/, provider: 'gcp', argument: 'location' },
  { call: /^langchain\..*VertexAI\w*$/, provider: 'gcp', argument: 'location' },
  {
    call: /^azure\.ai\.ml\.entities\.(?:Workspace|AmlCompute|ComputeInstance|OnlineEndpoint)$/,
    provider: 'azure',
    argument: 'location',
  },
];
/** gCO2e/kWh below which a grid is clean enough: the last grams are not worth a move. */
const CLEAN = 100;
const HOST = /-aiplatform\.googleapis\.com$/;
const MODELS = /sagemaker|bedrock|aiplatform|vertex/i;
export default defineRule({
  id: 'high-carbon-region',
  phase: 'design',
  languages: ['python', 'typescript'],
  severity: 'information',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'carbon',
    band: 'high',
    source: {
      en: 'Carbon intensity of each region’s grid, rules/knowledge/SOURCES.md.',
      fr: 'Intensité carbone du réseau électrique de chaque région, rules/knowledge/SOURCES.md.',
    },
  },
  references: {
    course: [
      'Choisir un matériel économe : « Localiser le datacenter dans une région à faible intensité carbone. »',
    ],
    links: ['https://github.com/GoogleCloudPlatform/region-carbon-info'],
  },
  libraries: [
    'boto3',
    'sagemaker',
    'bedrock',
    'Bedrock',
    'vertexai',
    'langchain_aws',
    'langchain/aws',
    'langchain_google_vertexai',
    'AnthropicBedrock',
    'AnthropicVertex',
    'amazon-bedrock',
    'google-vertex',
    'Vertex',
    'aiplatform',
    'google.genai',
    '@google/genai',
    'from google import genai',
    'azure.ai.ml',
    'arm-machinelearning',
    'pulumi',
    'aws-cdk',
    'aws_cdk',
  ],
  title: {
    en: 'Region on a carbon-intensive grid',
    fr: 'Région au réseau électrique carboné',
  },
  what: {
    en: 'Training or inference placed by name in a cloud region whose electricity emits at least twice as much CO2e per kWh as that of a sister region: same provider, same continent. Regions from the environment or the configuration, tests, and services bound to one region (certificates) are left alone.',
    fr: 'Un entraînement ou une inférence placés nommément dans une région dont l’électricité émet au moins deux fois plus de CO2e par kWh que celle d’une région sœur : même fournisseur, même continent. Les régions venues de l’environnement ou de la configuration, les tests et les services liés à une région (certificats) ne sont pas visés.',
  },
  why: {
    en: 'The same computation on the same machine emits as much as its grid does. Between regions of one provider on one continent the factor reaches ten and more (Google’s region-carbon-info 2024; country averages of Our World in Data where Google gives none).',
    fr: 'Le même calcul sur la même machine émet autant que son réseau électrique. Entre régions d’un fournisseur sur un continent, le facteur atteint dix et plus (region-carbon-info 2024 de Google ; moyennes nationales d’Our World in Data sinon).',
  },
  instead: {
    en: 'Take a greener sister region that offers the machines and models you need. Ignore the rule where law, latency or data that cannot move decide.',
    fr: 'Prenez une région sœur moins carbonée qui offre les machines et modèles voulus. À ignorer si la loi, la latence ou des données immobiles décident.',
  },
  messages: {
    default: {
      en: '`{region}`: {from} gCO2e/kWh; `{sister}` ({place}) has {to}, {times} times less.',
      fr: '`{region}` : {from} gCO2e/kWh ; `{sister}` ({place}) en a {to}, {times} fois moins.',
    },
  },
  options: {
    ratio: {
      type: 'number',
      minimum: 1.2,
      maximum: 100,
      default: 2,
      description: {
        en: 'How many times cleaner a sister region must be.',
        fr: 'De combien de fois une région sœur doit être plus propre.',
      },
    },
  },
  on: {
    module: checkPlaces,
    calls: {
      names: [
        'boto3.*',
        'boto3.session.Session',
        'langchain.*',
        'langchain.*.*',
        'langchain.*.*.*',
        'anthropic.*',
        '@aws-sdk/client-sagemaker.*',
        '@aws-sdk/client-sagemaker-runtime.*',
        '@aws-sdk/client-bedrock.*',
        '@aws-sdk/client-bedrock-runtime.*',
        '@aws-sdk/client-bedrock-agent-runtime.*',
        '@ai-sdk/amazon-bedrock.*',
        '@ai-sdk/google-vertex.*',
        'vertexai.*',
        'google.cloud.aiplatform.*',
        'google.genai.*',
        'azure.ai.ml.entities.*',
        '@google-cloud/aiplatform.*',
        '@google-cloud/aiplatform.v1.*',
      ],
      check,
    },
  },
  examples: {
    bad: [
      {
        file: 'endpoint.py',
        code: 'import boto3\n\nREGION = "eu-west-1"\nadmin = boto3.client("sagemaker", region_name=REGION)\nruntime = boto3.client("sagemaker-runtime", region_name=REGION)\n',
        fixed:
          'import boto3\n\nREGION = "eu-central-2"\nadmin = boto3.client("sagemaker", region_name=REGION)\nruntime = boto3.client("sagemaker-runtime", region_name=REGION)\n',
        note: { en: 'One region, one finding.', fr: 'Une région, un constat.' },
      },
      {
        code: 'import boto3\n\nruntime = boto3.client("bedrock-runtime", region_name="eu-west-1")\n',
        fixed: 'import boto3\n\nruntime = boto3.client("bedrock-runtime", region_name="eu-central-2")\n',
      },
      {
        file: 'generate.py',
        code: 'import vertexai\nfrom vertexai.generative_models import GenerativeModel\n\nREGION = "europe-central2"\nvertexai.init(project="my-project", location=REGION)\nmodel = GenerativeModel("gemini-2.0-flash")\n',
        fixed:
          'import vertexai\nfrom vertexai.generative_models import GenerativeModel\n\nREGION = "europe-north2"\nvertexai.init(project="my-project", location=REGION)\nmodel = GenerativeModel("gemini-2.0-flash")\n',
      },
      {
        file: 'bin/app.ts',
        code: "import * as cdk from 'aws-cdk-lib';\nimport { Summaries } from '../lib/summaries';\n\nconst app = new cdk.App();\nnew Summaries(app, 'Summaries', { env: { account: '123456789012', region: 'eu-west-1' } });\n",
        files: {
          'lib/summaries.ts':
            "import { Stack, type StackProps } from 'aws-cdk-lib';\nimport * as sagemaker from 'aws-cdk-lib/aws-sagemaker';\nimport type { Construct } from 'constructs';\n\nexport class Summaries extends Stack {\n  constructor(scope: Construct, id: string, props: StackProps) {\n    super(scope, id, props);\n    new sagemaker.CfnNotebookInstance(this, 'Notebook', { instanceType: 'ml.g4dn.xlarge', roleArn: 'role' });\n  }\n}\n",
        },
        fixed:
          "import * as cdk from 'aws-cdk-lib';\nimport { Summaries } from '../lib/summaries';\n\nconst app = new cdk.App();\nnew Summaries(app, 'Summaries', { env: { account: '123456789012', region: 'eu-central-2' } });\n",
      },
      {
        file: 'invoke.ts',
        code: "import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';\n\nexport const client = new SageMakerRuntimeClient({ region: 'eu-central-1' });\n",
        fixed:
          "import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';\n\nexport const client = new SageMakerRuntimeClient({ region: 'eu-central-2' });\n",
      },
      {
        file: 'stack.ts',
        code: "import { Stack, type StackProps } from 'aws-cdk-lib';\nimport * as sagemaker from 'aws-cdk-lib/aws-sagemaker';\nimport type { Construct } from 'constructs';\n\nexport class Notebooks extends Stack {\n  constructor(scope: Construct, id: string, props?: StackProps) {\n    super(scope, id, { ...props, env: { region: 'eu-west-1' } });\n    new sagemaker.CfnNotebookInstance(this, 'Notebook', { instanceType: 'ml.g4dn.xlarge', roleArn: 'role' });\n  }\n}\n",
        fixed:
          "import { Stack, type StackProps } from 'aws-cdk-lib';\nimport * as sagemaker from 'aws-cdk-lib/aws-sagemaker';\nimport type { Construct } from 'constructs';\n\nexport class Notebooks extends Stack {\n  constructor(scope: Construct, id: string, props?: StackProps) {\n    super(scope, id, { ...props, env: { region: 'eu-central-2' } });\n    new sagemaker.CfnNotebookInstance(this, 'Notebook', { instanceType: 'ml.g4dn.xlarge', roleArn: 'role' });\n  }\n}\n",
        note: { en: 'A stack that places itself.', fr: 'Une pile qui se place elle-même.' },
      },
      {
        file: 'stack.py',
        code: 'import aws_cdk as cdk\nfrom aws_cdk import aws_sagemaker as sagemaker\n\n\nclass Notebooks(cdk.Stack):\n    def __init__(self, scope, id, **kwargs):\n        super().__init__(scope, id, env=cdk.Environment(region="eu-west-1"), **kwargs)\n        sagemaker.CfnNotebookInstance(self, "Notebook", instance_type="ml.g4dn.xlarge", role_arn="role")\n',
        fixed:
          'import aws_cdk as cdk\nfrom aws_cdk import aws_sagemaker as sagemaker\n\n\nclass Notebooks(cdk.Stack):\n    def __init__(self, scope, id, **kwargs):\n        super().__init__(scope, id, env=cdk.Environment(region="eu-central-2"), **kwargs)\n        sagemaker.CfnNotebookInstance(self, "Notebook", instance_type="ml.g4dn.xlarge", role_arn="role")\n',
      },
      {
        file: 'azure.ts',
        code: "import { AzureMachineLearningServicesManagementClient } from '@azure/arm-machinelearning';\nimport { DefaultAzureCredential } from '@azure/identity';\n\nconst client = new AzureMachineLearningServicesManagementClient(new DefaultAzureCredential(), 'subscription');\nawait client.workspaces.beginCreateOrUpdateAndWait('group', 'lab', { location: 'polandcentral' });\nawait client.batchEndpoints.beginCreateOrUpdateAndWait('group', 'lab', 'ner', {\n  location: 'polandcentral',\n  properties: { authMode: 'AADToken' },\n});\n",
        fixed:
          "import { AzureMachineLearningServicesManagementClient } from '@azure/arm-machinelearning';\nimport { DefaultAzureCredential } from '@azure/identity';\n\nconst client = new AzureMachineLearningServicesManagementClient(new DefaultAzureCredential(), 'subscription');\nawait client.workspaces.beginCreateOrUpdateAndWait('group', 'lab', { location: 'norwayeast' });\nawait client.batchEndpoints.beginCreateOrUpdateAndWait('group', 'lab', 'ner', {\n  location: 'norwayeast',\n  properties: { authMode: 'AADToken' },\n});\n",
        note: { en: 'One region, said twice.', fr: 'Une région, dite deux fois.' },
      },
      {
        file: 'vertex.ts',
        code: "import * as gcp from '@pulumi/gcp';\n\nexport const endpoint = new gcp.vertex.AiEndpoint('ner', { displayName: 'ner', location: 'europe-central2' });\n",
        fixed:
          "import * as gcp from '@pulumi/gcp';\n\nexport const endpoint = new gcp.vertex.AiEndpoint('ner', { displayName: 'ner', location: 'europe-north2' });\n",
      },
      {
        file: 'predict.ts',
        code: "import { PredictionServiceClient } from '@google-cloud/aiplatform';\n\nexport const client = new PredictionServiceClient({ apiEndpoint: 'europe-central2-aiplatform.googleapis.com' });\n",
        note: { en: 'The host names the region.', fr: 'L’hôte nomme la région.' },
      },
    ],
    good: [
      {
        code: 'import boto3\n\nruntime = boto3.client("bedrock-runtime", region_name="eu-north-1")\n',
      },
      {
        code: 'import os\nimport boto3\n\nruntime = boto3.client("bedrock-runtime", region_name=os.environ.get("AWS_REGION", "us-east-1"))\n',
        note: { en: 'The environment decides.', fr: 'L’environnement décide.' },
      },
      {
        file: 'certificate.ts',
        code: "import * as aws from '@pulumi/aws';\n\nconst east = new aws.Provider('east', { region: 'us-east-1' });\nexport const certificate = new aws.acm.Certificate('site', { domainName: 'example.com' }, { provider: east });\n",
        note: { en: 'A certificate must be there.', fr: 'Un certificat doit y être.' },
      },
      {
        file: 'app.ts',
        code: "import { App, Stack } from 'aws-cdk-lib';\nimport * as s3 from 'aws-cdk-lib/aws-s3';\n\nconst site = new Stack(new App(), 'Site', { env: { region: 'us-east-1' } });\nnew s3.Bucket(site, 'Pages');\n",
        note: { en: 'A stack without a model.', fr: 'Une pile sans modèle.' },
      },
      {
        file: 'client.ts',
        code: "import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';\n\nconst region = process.env.AWS_REGION ?? 'us-east-1';\nexport const client = new BedrockRuntimeClient({ region });\n",
      },
      {
        code: 'import boto3\n\nbucket = boto3.client("s3", region_name="us-east-1")\n',
        note: { en: 'No model runs here.', fr: 'Aucun modèle ici.' },
      },
      {
        file: 'tests/test_client.py',
        code: 'import boto3\n\ndef test_client():\n    assert boto3.client("bedrock-runtime", region_name="us-east-1")\n',
      },
      {
        file: 'account.ts',
        code: "import * as azure from '@pulumi/azure-native';\n\nexport const speech = new azure.cognitiveservices.Account('speech', {\n  resourceGroupName: 'group',\n  kind: 'SpeechServices',\n  location: 'polandcentral',\n  sku: { name: 'S0' },\n});\n",
        note: {
          en: 'An account for speech, no model of one’s own.',
          fr: 'Un compte pour la voix, pas de modèle à soi.',
        },
      },
      {
        file: 'site.ts',
        code: "import { Stack } from 'aws-cdk-lib';\nimport * as s3 from 'aws-cdk-lib/aws-s3';\n\nexport class Site extends Stack {\n  constructor(scope, id) {\n    super(scope, id, { env: { region: 'us-east-1' } });\n    new s3.Bucket(this, 'Pages');\n  }\n}\n",
        note: { en: 'A stack of pages.', fr: 'Une pile de pages.' },
      },
    ],
  },
});

function check(call: Call, context: RuleContext): void {
  const { module } = context;
  if (isAside(module)) return;
  const place = placeOf(call, context);
  if (!place) return;
  // `REGION` of several clients: the first one says it
  const isRepeated = module.calls.some(
    (other) => other.start < call.start && placeOf(other, context)?.literal === place.literal,
  );
  if (!isRepeated) judge(place.provider, [place.literal], place.site, context);
}

/** Where a client or a call of models is placed, written in this file. */
function placeOf(
  call: Call,
  context: RuleContext,
): { readonly provider: Provider; readonly literal: Literal; readonly site: Expr } | null {
  const { flow, module } = context;
  // `boto3.client('sagemaker')` is told by what it makes
  const made = flow.objects(call).flatMap(({ origin, types }) => (origin === call ? types : []));
  const names = [...flow.names(call), ...made];
  for (const row of PLACEMENTS) {
    if (!names.some((name) => row.call.test(name))) continue;
    if (row.general && (!MODELS.test(module.text) || isBound(module.text))) continue;
    const given = flow.argument(call, row.argument);
    const literal = given.state === 'given' ? placedBy(given.value, call, context) : null;
    if (literal && given.state === 'given') return { provider: row.provider, literal, site: given.value };
  }
  return null;
}

/** Stacks, providers and resources of infrastructure written as a program: one finding for each region of models. */
function checkPlaces(module: Module, context: RuleContext): void {
  if (isAside(module)) return;
  const places = placesOfModels(context.flow, module);
  const keyOf = ({ provider, literal }: ModelPlace) => `${provider} ${literal.value}`;
  for (const key of new Set(places.map(keyOf))) {
    const same = places.filter((place) => keyOf(place) === key);
    const literals = new Set(same.map(({ literal }) => literal));
    if (same[0]) judge(same[0].provider, [...literals], same[0].site, context);
  }
}

function judge(
  provider: Provider,
  literals: readonly Literal[],
  site: Span,
  { flow, module, ...context }: RuleContext,
): void {
  // the Node SDK of Vertex AI takes the region as part of a host
  const region = String(literals[0]?.value).replace(HOST, '');
  const sisters = greenerSisters(provider, region, {
    ratio: Number(context.options.ratio),
    stated: context.facts.regions,
  });
  const best = sisters[0];
  if (!best || best.from < CLEAN) return context.pass(site);
  const isPlain = literals.every(({ value }) => value === region);
  context.fail(site, {
    data: {
      region,
      from: Math.round(best.from),
      sister: best.region.region,
      place: best.region.location,
      to: Math.round(best.intensity),
      times: Math.floor(best.ratio),
    },
    fixes: (isPlain ? sisters : [])
      .filter((one) => one.intensity < CLEAN || one === best)
      .slice(0, 3)
      .map((one) => ({
        title: {
          en: `Use \`${one.region.region}\` (${one.region.location}): ${Math.round(one.intensity)} gCO2e/kWh instead of ${Math.round(one.from)}`,
          fr: `Utiliser \`${one.region.region}\` (${one.region.location}) : ${Math.round(one.intensity)} gCO2e/kWh au lieu de ${Math.round(one.from)}`,
        },
        edits: () =>
          literals.map((literal) => {
            const owner = flow.moduleOf(literal);
            const quote = owner.text[literal.start] ?? "'";
            return {
              module: owner,
              start: literal.start,
              end: literal.end,
              text: `${quote}${one.region.region}${quote}`,
            };
          }),
      })),
  });
}

/** The literal that decides, written in this file as such: no fallback, no default of a command line. */
function placedBy(expr: Expr, call: Call, { flow, module }: RuleContext): Literal | null {
  const values = flow.values(expr);
  const [only] = values;
  if (values.length !== 1 || only?.kind !== 'constant' || only.node.kind !== 'literal') return null;
  const literal = only.node;
  if (flow.moduleOf(literal) !== module) return null;
  const parent = literal.parent;
  if (parent?.kind === 'assign') return literal;
  if (parent?.kind === 'argument') return parent.parent === call ? literal : null;
  if (parent?.kind === 'entry')
    return isOption(parent.parent as Dict, call, { flow } as RuleContext) ? literal : null;
  return null;
}

function isOption(dict: Dict, call: Call, { flow }: RuleContext): boolean {
  return call.args.some(({ value }) => displayOf(flow, value) === dict);
}
