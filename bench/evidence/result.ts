/** What the harness keeps: one file for each rule in results/. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Text } from '../../rules/rule.ts';
import type { Machine } from './environment.ts';
import type { Measure } from './measure.ts';
import { pooled, type Spread, type Verdict } from './stats.ts';

/** A further run of the same program and fix: the ratio of the same measure. */
export interface Repeat extends Spread {
  readonly verdict: Verdict;
  readonly pairs: number;
  /** Its median lies within the spread that all runs before it had. */
  readonly agrees: boolean;
  readonly date: string;
  readonly load: number;
}

export interface Entry {
  /** File below programs/. */
  readonly program: string;
  /** `NAME = value` where the program is run with several. */
  readonly case: string | null;
  readonly subject: Text;
  /** Of the program before and after the fix: a result stands until one of them changes. */
  readonly hash: string;
  /** Titles of the fixes applied, and how many findings they mended. */
  readonly fixes: readonly string[];
  readonly findings: number;
  /** How the outputs were compared; they agreed. */
  readonly compared: string;
  readonly status: 'measured' | 'executed';
  /** The measure that the rule claims to lower; null when only executed. */
  readonly measure: string | null;
  readonly verdict: Verdict | null;
  readonly pairs: number;
  /** Ratios after / before. `cpu` and `wall` in seconds, `memory` (beyond the imports) and `bytes` (written) in bytes. */
  readonly measures: Readonly<Record<string, Measure>>;
  readonly date: string;
  readonly machine: Machine & { readonly threads: number; readonly gpu?: string };
  readonly versions: Readonly<Record<string, string>>;
  /** The machine's one-minute load when it was measured: what else ran widens the quartiles. */
  readonly load?: number;
  /** In the order they were run. */
  readonly repeats?: readonly Repeat[];
}

export interface RuleEvidence {
  readonly $schema: string;
  readonly rule: string;
  readonly entries: readonly Entry[];
}

/** What all its runs say of what the entry's rule is about; null when it was not measured. */
export function spreadOf({ measure, measures, repeats = [] }: Entry): Spread | null {
  const first = measure === null ? undefined : measures[measure];
  return first ? pooled([first, ...repeats]) : null;
}

/** By rule. A file that cannot be read is as none. */
export function readResults(folder: string): Map<string, RuleEvidence> {
  const found = new Map<string, RuleEvidence>();
  if (!existsSync(folder)) return found;
  for (const name of readdirSync(folder)) {
    if (!name.endsWith('.json')) continue;
    try {
      const evidence = JSON.parse(readFileSync(join(folder, name), 'utf8')) as RuleEvidence;
      found.set(evidence.rule, evidence);
    } catch {}
  }
  return found;
}
