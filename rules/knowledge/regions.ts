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
  readonly basis: Basis;
  readonly ratio: number;
}

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

/** Sister regions of the same provider and continent whose grid is at least `ratio` times cleaner, cleanest first. */
export function greenerSisters(
  provider: Provider,
  name: string,
  options: { readonly ratio?: number } = {},
): readonly GreenerRegion[] {
  const region = findRegion(name, provider);
  if (!region) return [];
  const { ratio = 2 } = options;
  return all()
    .filter(
      (other) => other.provider === provider && other.continent === region.continent && !other.restricted,
    )
    .flatMap((other): GreenerRegion[] => {
      const basis = commonBasis(region, other);
      if (!basis) return [];
      const from = region.intensity[basis]!;
      const intensity = other.intensity[basis]!;
      return intensity > 0 && from / intensity >= ratio
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
