/** What bench/evidence measured, as the bundle carries it: evidence.generated.ts, from bench/evidence/results. */
import type { Text } from '../rule.ts';

/** After / before: the median of pairs of runs, and its quartiles; of several runs, the widest. */
export interface EvidenceRatio {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export interface Evidence {
  readonly subject: Text;
  readonly status: 'measured' | 'executed';
  /** Which ratio the rule is about; null when only executed. */
  readonly measure: string | null;
  readonly verdict: 'gain' | 'no gain' | 'worse' | null;
  readonly ratios: Readonly<Record<string, EvidenceRatio>>;
  /** How often it was measured, at different hours. */
  readonly runs: number;
  readonly cores: number;
  readonly threads: number;
  /** The GPUs it could use. */
  readonly gpu?: string;
  /** `torch 2.14.1`: the library that did the work. */
  readonly versions: string;
}
