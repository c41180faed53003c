/** Several runs as one: the paths of a command line may belong to several workspaces. */
import { sumSites } from '../engine/sites.ts';
import type { RunResult } from '../engine/types.ts';

/** Code-unit order: the same on every machine, whatever its locale. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export function mergeResults(results: readonly RunResult[]): RunResult {
  const total = (key: keyof RunResult['stats']) =>
    results.reduce((sum, result) => sum + result.stats[key], 0);
  return {
    files: results.flatMap((result) => result.files).sort((a, b) => byText(a.path, b.path)),
    sites: sumSites(results.map((result) => result.sites)),
    stats: {
      files: total('files'),
      analysed: total('analysed'),
      skipped: total('skipped'),
      lines: total('lines'),
      ms: total('ms'),
    },
    problems: results.flatMap((result) => result.problems).sort((a, b) => byText(a.path, b.path)),
  };
}
