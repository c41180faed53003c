/** How the findings tree is grouped: a pure function, so that it can be tested without an editor. */
import type { FindingItem, ScoreReport } from '../protocol/score.ts';

export const GROUPINGS = ['phase', 'rule', 'file'] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface Group {
  readonly id: string;
  readonly label: string;
  readonly findings: readonly FindingItem[];
}

/** Phases in their order; rules by what they cost, then by name; files by path. Groups without findings are left out. */
export function groupFindings(report: ScoreReport, by: Grouping): Group[] {
  const groups = new Map<string, FindingItem[]>();
  const keyOf = (finding: FindingItem): string =>
    by === 'phase' ? finding.phase : by === 'rule' ? finding.rule : finding.uri;
  for (const finding of report.findings) {
    const key = keyOf(finding);
    const list = groups.get(key);
    if (list) list.push(finding);
    else groups.set(key, [finding]);
  }
  const phases = new Map(report.phases.map(({ id, name }, index) => [id, { name, index }]));
  const costs = new Map(report.steps.map(({ rule, total }) => [rule, total]));
  const labelOf = (key: string, [first]: readonly FindingItem[]): string =>
    by === 'phase'
      ? (phases.get(key)?.name ?? key)
      : by === 'rule'
        ? (first?.title ?? key)
        : (first?.path ?? key);
  const list = [...groups].map(([id, findings]) => ({ id, label: labelOf(id, findings), findings }));
  const byLabel = (a: Group, b: Group): number => a.label.localeCompare(b.label);
  if (by === 'phase') {
    const at = ({ id }: Group): number => phases.get(id)?.index ?? phases.size;
    return list.sort((a, b) => at(a) - at(b));
  }
  if (by === 'file') return list.sort(byLabel);
  const cost = ({ id }: Group): number => costs.get(id) ?? 0;
  return list.sort((a, b) => cost(b) - cost(a) || byLabel(a, b));
}
