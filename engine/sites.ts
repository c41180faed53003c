/** How often practices were followed, and not, added up. */
import type { SiteCount } from './types.ts';

export type Sites = Readonly<Record<string, SiteCount>>;

/** Counts of several files (or runs) as those of one. */
export function sumSites(all: Iterable<Sites>): Record<string, SiteCount> {
  const sums = new Map<string, SiteCount>();
  for (const sites of all) {
    for (const [rule, { pass, fail }] of Object.entries(sites)) {
      const sum = sums.get(rule) ?? { pass: 0, fail: 0 };
      sums.set(rule, { pass: sum.pass + pass, fail: sum.fail + fail });
    }
  }
  return Object.fromEntries(sums);
}
