/** Sums, of like things only: one tracker's runs. */
import type { MeasuredRun, Tool } from './types.ts';

export interface Totals {
  readonly tool: Tool;
  readonly runs: number;
  /** kWh of the runs that tell it. */
  readonly energy: number | null;
  /** gCO2e of the runs that tell it. */
  readonly emissions: number | null;
}

const TOOLS: readonly Tool[] = ['codecarbon', 'carbontracker', 'zeus'];

export function totalsOf(runs: readonly MeasuredRun[]): Totals[] {
  const sum = (values: readonly (number | null)[]) => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
  };
  return TOOLS.flatMap((tool) => {
    const own = runs.filter((run) => run.tool === tool);
    if (own.length === 0) return [];
    return [
      {
        tool,
        runs: own.length,
        energy: sum(own.map(({ energy }) => energy)),
        emissions: sum(own.map(({ emissions }) => emissions)),
      },
    ];
  });
}
