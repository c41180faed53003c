/**
 * What is known of a model, a place, a machine or one answer of a language model: figures that follow from stated
 * inputs by a cited method, and the names of the inputs that are missing. Nothing is added up.
 */
import { findServedModel, providerPue, type Range } from '../../rules/knowledge/ecologits.ts';
import { findAccelerator, findInstance } from '../../rules/knowledge/hardware.ts';
import { alternatives, findModel, METRIC_LABELS, paramsInName } from '../../rules/knowledge/models.ts';
import {
  BASIS_SOURCES,
  type Basis,
  countryIntensity,
  findRegion,
  greenerSisters,
} from '../../rules/knowledge/regions.ts';
import type { UserFacts } from '../../rules/rule.ts';
import { MEASURED_UP_TO, requestFigures } from './llm.ts';

export type { Range } from '../../rules/knowledge/ecologits.ts';

export interface Alternative {
  readonly id: string;
  readonly parameters: Range | null;
  /** How many times smaller; null when a size is undisclosed. */
  readonly ratio: number | null;
  /** As published, in English; null when nothing is. */
  readonly quality: string | null;
  readonly source: string;
}

export interface ModelFacts {
  readonly kind: 'model';
  readonly id: string;
  readonly task: string | null;
  /** Counts, not millions; null when undisclosed. */
  readonly parameters: Range | null;
  readonly activeParameters: Range | null;
  /** Undisclosed by the vendor: a third party's estimate. */
  readonly estimated: boolean;
  /** Weights alone, in GB (10^9 bytes), by precision; none when the size is unknown. */
  readonly memory: readonly { readonly precision: Precision; readonly weights: Range }[];
  readonly alternatives: readonly Alternative[];
  readonly source: string;
}

export type Precision = 'float32' | 'float16' | 'int8' | 'int4';

const BYTES: Readonly<Record<Precision, number>> = { float32: 4, float16: 2, int8: 1, int4: 0.5 };

export interface Intensity {
  /** gCO2e/kWh. */
  readonly value: number;
  /** `stated`: from the configuration. The others are never compared with each other. */
  readonly basis: Basis | 'stated';
  readonly source: string;
}

export interface PlaceFacts {
  readonly kind: 'place';
  readonly name: string;
  readonly location: string | null;
  readonly intensities: readonly Intensity[];
  /** Power usage effectiveness; null when not stated. */
  readonly pue: number | null;
  /** Sister regions at least twice as clean, cleanest first, at most three. */
  readonly greener: readonly {
    readonly name: string;
    readonly location: string;
    readonly value: number;
    readonly from: number;
    readonly basis: Basis | 'stated';
  }[];
}

export interface MachineFacts {
  readonly kind: 'machine';
  readonly name: string;
  readonly accelerator: string;
  readonly count: number;
  /** Watts of all accelerators at full load; the rest of the machine is not counted. Null when unpublished. */
  readonly watts: number | null;
  /** GB, all accelerators together. */
  readonly memory: number | null;
  readonly unconfirmed: boolean;
}

/** An input without which a figure cannot be given, or is not whole. */
export type Missing = 'parameters' | 'active-parameters' | 'tokens' | 'region' | 'intensity' | 'pue';

export interface AnswerEstimate {
  readonly kind: 'answer';
  readonly model: string;
  /** Output tokens that were stated; null when none were. */
  readonly tokens: number | null;
  /** Output tokens that the figures are for: those stated, else 1000. */
  readonly per: number;
  /** Wh. Null when an input is missing. */
  readonly energy: Range | null;
  readonly pue: Range | null;
  /** gCO2e of the electricity, once for each basis that the region has. */
  readonly use: readonly (Intensity & { readonly region: string; readonly emissions: Range })[];
  /** gCO2e of making the servers that falls to this answer. Not part of `use`. */
  readonly embodied: Range | null;
  readonly missing: readonly Missing[];
  readonly estimated: boolean;
  /** The method was not measured on models this large. */
  readonly extrapolated: boolean;
}

export type Facts = ModelFacts | PlaceFacts | MachineFacts | AnswerEstimate;

export const NO_FACTS: UserFacts = { region: null, hardware: null, models: {}, regions: {} };

/** Sources that are no citation. */
export const CONFIGURED = 'configuration';
export const IN_NAME = 'name';

const MILLION = 1e6;

const scaled = ({ min, max }: Range, factor: number): Range => ({ min: min * factor, max: max * factor });

const rangeOf = (min: number | undefined | null, max: number | undefined | null): Range | null =>
  min === undefined || min === null ? null : { min, max: Math.max(min, max ?? min) };

/** The row that the configuration has for a name; names of objects' own methods are none. */
const stated = <Row>(rows: Readonly<Record<string, Row>>, name: string): Row | undefined =>
  Object.hasOwn(rows, name) ? rows[name] : undefined;

/** What is known of a model; undefined when neither the configuration, nor the catalogue, nor the name tells anything. */
export function modelFacts(id: string, facts: UserFacts = NO_FACTS): ModelFacts | undefined {
  const own = stated(facts.models, id);
  const model = findModel(id);
  const served = findServedModel(id);
  const inName = paramsInName(id);
  if (!own && !model && !served && inName === undefined) return undefined;
  const fromOwn = rangeOf(own?.parameters, own?.maxParameters);
  const fromServed = served ? scaled(served.total, 1000 * MILLION) : null;
  const fromCatalogue = model?.params
    ? rangeOf(model.params * MILLION, (model.maxParams ?? model.params) * MILLION)
    : null;
  const fromName = inName === undefined ? null : rangeOf(inName * MILLION, undefined);
  const parameters =
    fromOwn ?? (model?.estimated ? (fromServed ?? fromCatalogue) : (fromCatalogue ?? fromServed)) ?? fromName;
  const active = own
    ? rangeOf(own.activeParameters, own.maxActiveParameters)
    : served && served.active.max < served.total.max
      ? scaled(served.active, 1000 * MILLION)
      : null;
  const source = fromOwn
    ? (own?.source ?? CONFIGURED)
    : (model?.source ?? (served ? 'EcoLogits models.json, 0.9' : IN_NAME));
  return {
    kind: 'model',
    id: model?.id ?? served?.id ?? id,
    task: own?.task ?? model?.task ?? (served ? 'text-generation' : null),
    parameters,
    activeParameters: active,
    estimated: !fromOwn && parameters !== null && (model?.estimated ?? served?.estimated ?? false),
    memory: parameters
      ? (Object.keys(BYTES) as Precision[]).map((precision) => ({
          precision,
          weights: scaled(parameters, BYTES[precision] / 1e9),
        }))
      : [],
    alternatives: model ? smallerModels(model) : [],
    source,
  };
}

function smallerModels(model: NonNullable<ReturnType<typeof findModel>>): Alternative[] {
  return alternatives(model, { ratio: 1.5 }).map((one) => {
    const { params, maxParams } = one.model;
    const label = one.metric ? (METRIC_LABELS[one.metric.name] ?? one.metric.name) : '';
    return {
      id: one.model.id,
      parameters: params === null ? null : rangeOf(params * MILLION, (maxParams ?? params) * MILLION),
      ratio: one.ratio,
      quality: one.metric ? `${label} ${one.metric.to} % (${one.metric.from} %)` : one.quality,
      source: one.source,
    };
  });
}

/** What is known of the electricity of a cloud region, a country (ISO 3166 alpha-3) or a place of the configuration. */
export function placeFacts(name: string, facts: UserFacts = NO_FACTS): PlaceFacts | undefined {
  const own = stated(facts.regions, name);
  const region = findRegion(name);
  const country = /^[A-Za-z]{3}$/.test(name) && !region ? countryIntensity(name) : undefined;
  if (!own && !region && country === undefined) return undefined;
  const known: Readonly<Partial<Record<Basis, number>>> =
    region?.intensity ?? (country === undefined ? {} : { 'life-cycle': country });
  const intensities: Intensity[] = own
    ? [{ value: own.intensity, basis: 'stated', source: own.source ?? CONFIGURED }]
    : (['direct', 'life-cycle'] as const).flatMap((basis) => {
        const value = known[basis];
        return value === undefined ? [] : [{ value, basis, source: BASIS_SOURCES[basis] }];
      });
  return {
    kind: 'place',
    name: own || !region ? name : region.region,
    location: region?.location ?? null,
    intensities,
    pue: own?.pue ?? null,
    greener:
      own || !region
        ? []
        : greenerSisters(region.provider, region.region)
            .slice(0, 3)
            .map(({ region: sister, intensity, from, basis }) => ({
              name: sister.region,
              location: sister.location,
              value: intensity,
              from,
              basis,
            })),
  };
}

/** What is known of a cloud instance or an accelerator. */
export function machineFacts(name: string): MachineFacts | undefined {
  const instance = findInstance(name);
  if (instance) {
    return {
      kind: 'machine',
      name: instance.name,
      accelerator: instance.accelerator,
      count: instance.count,
      watts: instance.power,
      memory: instance.memory,
      unconfirmed: instance.unconfirmed,
    };
  }
  const accelerator = findAccelerator(name);
  if (!accelerator) return undefined;
  return {
    kind: 'machine',
    name: accelerator.name,
    accelerator: accelerator.name,
    count: 1,
    watts: accelerator.power,
    memory: accelerator.memory,
    unconfirmed: accelerator.estimated,
  };
}

/** Tasks of models that write text token by token. */
const GENERATES = /^(?:text-generation|text2text-generation|image-text-to-text|any-to-any|conversational)$/;

/** Whether the method speaks of this model: one that writes text. */
export const isGenerative = ({ task }: ModelFacts): boolean => task === null || GENERATES.test(task);

const PER_TOKENS = 1000;

export interface AnswerInputs {
  readonly tokens?: number | null;
  /** A cloud region, a country or a place of the configuration; default: the configuration's. */
  readonly region?: string | null;
}

/** One answer of a language model, by EcoLogits' method; undefined where the method does not speak of the model. */
export function answerEstimate(
  id: string,
  { tokens = null, region = null }: AnswerInputs,
  facts: UserFacts = NO_FACTS,
): AnswerEstimate | undefined {
  const model = modelFacts(id, facts);
  if (model && !isGenerative(model)) return undefined;
  const missing: Missing[] = [];
  const own = stated(facts.models, id);
  const served = findServedModel(id);
  const total = model?.parameters ?? null;
  if (!total) missing.push('parameters');
  const active =
    total && (model?.activeParameters ?? activeOfDense(id, total, served !== undefined || own !== undefined));
  if (total && !active) missing.push('active-parameters');
  if (tokens === null) missing.push('tokens');

  const name = region ?? facts.region;
  const place = name === null ? undefined : placeFacts(name, facts);
  if (name === null) missing.push('region');
  else if (!place || place.intensities.length === 0) missing.push('intensity');

  const provider = own?.provider ?? served?.provider;
  const pue = rangeOf(place?.pue, null) ?? (provider === undefined ? null : (providerPue(provider) ?? null));
  if (!pue) missing.push('pue');

  const per = tokens ?? PER_TOKENS;
  const figures =
    total && active
      ? requestFigures(
          { total: scaled(total, 1e-9), active: scaled(active, 1e-9) },
          per,
          pue ?? { min: 1, max: 1 },
        )
      : null;
  return {
    kind: 'answer',
    model: model?.id ?? id,
    tokens,
    per,
    energy: figures?.energy ?? null,
    pue,
    use:
      figures && place
        ? place.intensities.map((one) => ({
            ...one,
            region: place.name,
            emissions: scaled(figures.energy, one.value / 1000),
          }))
        : [],
    embodied: figures?.embodied ?? null,
    missing,
    estimated: model?.estimated ?? false,
    extrapolated: active !== null && active.max > MEASURED_UP_TO * 1e9,
  };
}

/** Parameters used for one token: all of them in a dense model. A mixture of experts must say how many. */
function activeOfDense(id: string, total: Range, isKnown: boolean): Range | null {
  if (isKnown) return total;
  const named = /-A(\d+(?:\.\d+)?)B\b/.exec(id)?.[1];
  if (named !== undefined) return { min: Number(named) * 1e9, max: Number(named) * 1e9 };
  return /(?:^|[-_/])\d+x\d+|moe|mixtral|dbrx|arctic|grok/i.test(id) ? null : total;
}
