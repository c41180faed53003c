/** JSON schema of the configuration, made from the rules. */
import { ECOLOGITS_PROVIDERS } from '../rules/knowledge/ecologits.generated.ts';
import { PHASES, type RuleDefinition, type RuleOption } from '../rules/rule.ts';

export const SEVERITIES = ['off', 'hint', 'information', 'warning', 'error'] as const;

/** As much of JSON schema (draft 7) as the configuration needs. */
export interface Schema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly anyOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
}

const positive = (description: string): Schema => ({ type: 'number', minimum: 1, description });

const modelSchema: Schema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    parameters: positive('Number of parameters; the lower end where maxParameters is given.'),
    maxParameters: positive('Upper end, where the size is a range.'),
    activeParameters: positive('Of a mixture of experts: parameters used for one token.'),
    maxActiveParameters: positive('Upper end of activeParameters.'),
    task: { type: 'string', description: 'Hugging Face’s name of the task, such as "text-generation".' },
    alternatives: {
      type: 'array',
      items: { type: 'string' },
      description: 'Smaller models that do the same for you: oversized-model proposes them.',
    },
    provider: {
      type: 'string',
      enum: Object.keys(ECOLOGITS_PROVIDERS),
      description: 'Who serves it, as EcoLogits names it: sets the overhead of the data centre.',
    },
    source: { type: 'string', description: 'Where the figures come from.' },
  },
};

const regionSchema: Schema = {
  type: 'object',
  additionalProperties: false,
  required: ['intensity'],
  properties: {
    intensity: { type: 'number', minimum: 0, description: 'Of its electricity, in gCO2e/kWh.' },
    pue: positive('Power usage effectiveness of the data centre.'),
    source: { type: 'string', description: 'Where the figures come from.' },
  },
};

/** Schema of `frugal.json`, of `[tool.frugal]` and of `"frugal"` in package.json. */
export function configSchema(rules: readonly RuleDefinition[]): Schema {
  const ids = rules.map((rule) => rule.id);
  const names = { type: 'array', items: { type: 'string', enum: ['all', ...PHASES, ...ids] } } as const;
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Frugal',
    description: 'Configuration of Frugal, the eco-design linter for machine-learning code.',
    type: 'object',
    additionalProperties: false,
    properties: {
      $schema: { type: 'string' },
      select: { ...names, description: 'Rules to run: "all", phases or rule ids.', default: ['all'] },
      ignore: {
        type: 'array',
        items: { type: 'string', enum: [...PHASES, ...ids] },
        description: 'Rules not to run: phases or rule ids.',
        default: [],
      },
      exclude: {
        type: 'array',
        items: { type: 'string' },
        description: 'Globs of files and folders that are not linted, relative to this file.',
        default: [],
      },
      rules: {
        type: 'object',
        description: 'Severity and options of single rules.',
        additionalProperties: false,
        properties: Object.fromEntries(rules.map((rule) => [rule.id, ruleSchema(rule)])),
      },
      preview: {
        type: 'boolean',
        description: 'Run rules whose precision is not measured yet.',
        default: false,
      },
      region: {
        type: 'string',
        description: 'Where the code runs: a cloud region or a country, such as "eu-west-3".',
      },
      hardware: { type: 'string', description: 'What the code runs on, such as "NVIDIA A100".' },
      models: {
        type: 'object',
        description: 'Facts about models that the catalogue does not know, or knows otherwise.',
        additionalProperties: modelSchema,
      },
      regions: {
        type: 'object',
        description: 'Regions or machine rooms that the tables do not know, or know otherwise.',
        additionalProperties: regionSchema,
      },
      language: { enum: ['auto', 'en', 'fr'], description: 'Language of the messages.', default: 'auto' },
    },
  };
}

/** A severity, or an object of a severity and the rule's options. */
export function ruleSchema(rule: RuleDefinition): Schema {
  const severity = { type: 'string', enum: SEVERITIES, default: rule.severity } as const;
  const options = Object.entries(rule.options ?? {}).map(
    ([name, option]) => [name, optionSchema(option)] as const,
  );
  return {
    description: rule.title.en,
    anyOf: [
      severity,
      {
        type: 'object',
        additionalProperties: false,
        properties: { severity, ...Object.fromEntries(options) },
      },
    ],
  };
}

function optionSchema({ description, ...option }: RuleOption): Schema {
  return { ...option, description: description.en };
}
