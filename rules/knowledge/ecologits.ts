/**
 * What the EcoLogits method knows of a language model: its sizes and who serves it. The table is EcoLogits' own
 * (MPL-2.0, ecologits.generated.ts); the method is in engine/estimate.
 */
import { ECOLOGITS_PROVIDERS, ECOLOGITS_SIZES } from './ecologits.generated.ts';
import { spellings } from './models.ts';

/** A quantity that is known within bounds; both ends are the same where it is known exactly. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

export interface ServedModel {
  readonly id: string;
  /** As EcoLogits names it: openai, anthropic, google_genai, mistralai, cohere, huggingface_hub. */
  readonly provider: string;
  /** Billions of parameters. */
  readonly total: Range;
  /** Billions of parameters used for one token. */
  readonly active: Range;
  /** Undisclosed by the vendor: an estimate of EcoLogits. */
  readonly estimated: boolean;
}

let models: ReadonlyMap<string, ServedModel> | null = null;

function byId(): ReadonlyMap<string, ServedModel> {
  if (models) return models;
  const found = new Map<string, ServedModel>();
  for (const line of ECOLOGITS_SIZES.split('\n')) {
    if (!line) continue;
    const [provider = '', id = '', , min, max, activeMin, activeMax, flag] = line.split('\t');
    if (!min || !activeMin) continue;
    const range = (low: string, high: string | undefined): Range => ({
      min: Number(low),
      max: Number(high || low),
    });
    found.set(id.toLowerCase(), {
      id,
      provider,
      total: range(min, max),
      active: range(activeMin, activeMax),
      estimated: flag === 'e',
    });
  }
  models = found;
  return found;
}

/** The served model that an id names, however a gateway or a date dresses it. */
export function findServedModel(id: string): ServedModel | undefined {
  if (id.length > 200) return undefined;
  for (const spelling of spellings(id)) {
    const found = byId().get(spelling);
    if (found) return found;
  }
  return undefined;
}

/** Power usage effectiveness of a provider's data centres. */
export function providerPue(provider: string): Range | undefined {
  if (!Object.hasOwn(ECOLOGITS_PROVIDERS, provider)) return undefined;
  const [min = 1, max = min] = ECOLOGITS_PROVIDERS[provider]!.pue;
  return { min, max };
}
