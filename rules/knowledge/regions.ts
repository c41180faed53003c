/** Carbon intensity of the grids that cloud regions stand on. */
import { COUNTRIES, REGIONS } from './regions.generated.ts';

export type Provider = 'aws' | 'gcp' | 'azure' | 'ovhcloud' | 'scaleway';

/**
 * `direct`: what the power stations emit (Google's figure for the grid zone). `life-cycle`: with building and fuel
 * supply (Our World in Data, country average). They differ by some ten percent and more: never compare across.
 */
export type Basis = 'direct' | 'life-cycle';

export interface Region {
  readonly provider: Provider;
  readonly region: string;
  readonly location: string;
  readonly country: string; // ISO 3166 alpha-3
  /** Grid zone, Electricity Maps' spelling. */
  readonly zone: string;
  readonly continent: string;
  /** gCO2e/kWh. */
  readonly intensity: Readonly<Partial<Record<Basis, number>>>;
  /** Not open to every customer, or a partition of its own. */
  readonly restricted: boolean;
}

export interface GreenerRegion {
  readonly region: Region;
  /** gCO2e/kWh of the sister and of the region asked about, on the same basis. */
  readonly intensity: number;
  readonly from: number;
  readonly basis: Basis | 'stated';
  readonly ratio: number;
}

/** Intensities that the configuration states, by the region's name. */
export type StatedIntensities = Readonly<Record<string, { readonly intensity: number }>>;

/** What the values are and where they come from, for messages and pages. */
export const BASIS_SOURCES: Readonly<Record<Basis, string>> = {
  direct: 'Google, region-carbon-info 2024 (GoogleCloudPlatform/region-carbon-info@49f3f26)',
  'life-cycle': 'Our World in Data, country average (mlco2/codecarbon@b05965e)',
};

let loaded: readonly Region[] | null = null;

function all(): readonly Region[] {
  loaded ??= REGIONS.split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [
        provider = '',
        region = '',
        location = '',
        country = '',
        zone = '',
        continent = '',
        direct,
        life,
        flag,
      ] = line.split('\t');
      return {
        provider: provider as Provider,
        region,
        location,
        country,
        zone,
        continent,
        intensity: {
          ...(direct ? { direct: Number(direct) } : {}),
          ...(life ? { 'life-cycle': Number(life) } : {}),
        },
        restricted: flag === 'r',
      };
    });
  return loaded;
}

/**
 * A region by the name code gives it: `us-east-1`, an availability zone of it (`us-east-1a`, `us-central1-a`), Azure's
 * display name (`West Europe`). Names of the providers do not collide, so `provider` is seldom needed.
 */
export function findRegion(name: string, provider?: Provider): Region | undefined {
  if (name.length > 60) return undefined;
  const plain = name.trim().toLowerCase();
  for (const spelling of [
    plain,
    plain.replace(/\s+/g, ''),
    plain.replace(/-[a-f]$/, ''),
    plain.replace(/(\d)[a-f]$/, '$1'),
  ]) {
    const found = all().find((row) => row.region === spelling && (!provider || row.provider === provider));
    if (found) return found;
  }
  return undefined;
}

/** The basis on which both have a value that tells them apart: a country average does not, inside one country. */
function commonBasis(a: Region, b: Region): Basis | undefined {
  if (a.intensity.direct !== undefined && b.intensity.direct !== undefined) return 'direct';
  const both = a.intensity['life-cycle'] !== undefined && b.intensity['life-cycle'] !== undefined;
  return both && a.country !== b.country ? 'life-cycle' : undefined;
}

const SPELLINGS: Readonly<Partial<Record<Provider, RegExp>>> = {
  aws: /^[a-z]+(?:-[a-z]+)+-\d+$/,
  gcp: /^[a-z]+-[a-z]+\d+$/,
};

/** The continent of a region that the tables lack: that of all its provider's regions with the same first part. */
function continentOf(provider: Provider, name: string): string | undefined {
  if (!SPELLINGS[provider]?.test(name)) return undefined;
  const first = name.split('-')[0];
  const continents = new Set(
    all()
      .filter((row) => row.provider === provider && row.region.split('-')[0] === first)
      .map((row) => row.continent),
  );
  return continents.size === 1 ? [...continents][0] : undefined;
}

/** Regions of a provider, those that only the configuration knows among them. */
function regionsOf(provider: Provider, stated: StatedIntensities): readonly Region[] {
  const own = Object.keys(stated).flatMap((name): Region[] => {
    const continent = findRegion(name) ? undefined : continentOf(provider, name);
    if (!continent) return [];
    const row = { provider, region: name, location: name, country: '', zone: '', continent };
    return [{ ...row, intensity: {}, restricted: false }];
  });
  return [...all().filter((row) => row.provider === provider), ...own];
}

/**
 * Sister regions of the same provider and continent whose grid is at least `ratio` times cleaner, cleanest first.
 * `stated` comes before the tables, and is compared with either of their bases: who states a value answers for it.
 */
export function greenerSisters(
  provider: Provider,
  name: string,
  options: { readonly ratio?: number; readonly stated?: StatedIntensities } = {},
): readonly GreenerRegion[] {
  const { ratio = 2, stated = {} } = options;
  const candidates = regionsOf(provider, stated);
  const region = findRegion(name, provider) ?? candidates.find((row) => row.region === name);
  if (!region) return [];
  const own = (row: Region) =>
    Object.hasOwn(stated, row.region) ? stated[row.region]?.intensity : undefined;
  const either = (row: Region) => own(row) ?? row.intensity.direct ?? row.intensity['life-cycle'];
  return candidates
    .filter((other) => other !== region && other.continent === region.continent && !other.restricted)
    .flatMap((other): GreenerRegion[] => {
      const isStated = own(region) !== undefined || own(other) !== undefined;
      const basis = isStated ? 'stated' : commonBasis(region, other);
      if (!basis) return [];
      const from = basis === 'stated' ? either(region) : region.intensity[basis];
      const intensity = basis === 'stated' ? either(other) : other.intensity[basis];
      return from !== undefined && intensity !== undefined && intensity > 0 && from / intensity >= ratio
        ? [{ region: other, intensity, from, basis, ratio: from / intensity }]
        : [];
    })
    .sort((a, b) => a.intensity - b.intensity || (a.region.region < b.region.region ? -1 : 1));
}

let countries: ReadonlyMap<string, number> | null = null;

/** Life-cycle average of a country, gCO2e/kWh, by its ISO 3166 alpha-3 code. */
export function countryIntensity(iso3: string): number | undefined {
  countries ??= new Map(
    COUNTRIES.split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [code = '', value] = line.split('\t');
        return [code, Number(value)] as const;
      }),
  );
  return countries.get(iso3.toUpperCase());
}
