/** What many runs tell: quartiles of ratios, and whether two outputs agree. Pure. */
import { quantile } from '../quantile.ts';
import type { Comparison } from './program.ts';

export interface Spread {
  readonly median: number;
  /** First and third quartile. */
  readonly low: number;
  readonly high: number;
}

export function spread(values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), low: quantile(values, 0.25), high: quantile(values, 0.75) };
}

/** Quartiles this close to the median, relative to it, are steady. */
const STEADY = 0.03;

/** Whether more pairs would hardly move the median. */
export function isSteady(ratios: readonly number[]): boolean {
  const { median, low, high } = spread(ratios);
  return high - low <= 2 * STEADY * median;
}

/** Whether a further run falls within the spread that is known, or as near to its median as steady runs are. */
export function isWithin({ median, low, high }: Spread, further: Spread): boolean {
  return (
    further.median >= Math.min(low, median * (1 - STEADY)) &&
    further.median <= Math.max(high, median * (1 + STEADY))
  );
}

/**
 * Several runs as one: from the lowest first quartile to the highest third one. Quartiles within one run say nothing of
 * how runs differ at another hour.
 */
export function pooled(runs: readonly Spread[]): Spread {
  return {
    median: quantile(
      runs.map(({ median }) => median),
      0.5,
    ),
    low: Math.min(...runs.map(({ low }) => low)),
    high: Math.max(...runs.map(({ high }) => high)),
  };
}

export type Verdict = 'gain' | 'no gain' | 'worse';

/** Ratios within this of 1 are no difference that a reader should act on. */
const NOTHING = 0.02;

/** A ratio below 1 in three pairs of four, and more than a trifle at the median, is a gain. */
export function verdict({ median, low, high }: Spread): Verdict {
  if (high < 1 && median < 1 - NOTHING) return 'gain';
  if (low > 1 && median > 1 + NOTHING) return 'worse';
  return 'no gain';
}

/** Why the outputs of the two forms do not go together; null when they do. */
export function disagreement(before: unknown, after: unknown, comparison: Comparison): string | null {
  if (comparison.kind === 'better') {
    if (typeof before !== 'number' || typeof after !== 'number' || !Number.isFinite(after))
      return `scores must be numbers: ${shown(before)}, ${shown(after)}`;
    const slack = comparison.by * Math.abs(before);
    const worse = comparison.direction === 'higher' ? before - after : after - before;
    return worse > slack ? `the score was ${shown(before)} and is ${shown(after)}` : null;
  }
  return difference(before, after, comparison.kind === 'equal' ? 0 : comparison.by, 'result');
}

function difference(a: unknown, b: unknown, by: number, path: string): string | null {
  if (typeof a === 'number' && typeof b === 'number') {
    const allowed = by * Math.max(1, Math.abs(a), Math.abs(b));
    return a === b || Math.abs(a - b) <= allowed ? null : `${path} was ${a} and is ${b}`;
  }
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    for (const key of keys) {
      const found = difference(
        (a as Record<string, unknown>)[key],
        (b as Record<string, unknown>)[key],
        by,
        `${path}.${key}`,
      );
      if (found) return found;
    }
    return null;
  }
  return a === b ? null : `${path} was ${shown(a)} and is ${shown(b)}`;
}

const shown = (value: unknown) => (JSON.stringify(value) ?? 'nothing').slice(0, 80);
