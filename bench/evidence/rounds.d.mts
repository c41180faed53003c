import type { RuleDefinition } from '../../rules/rule.ts';

export function roundsRule(rest: RuleDefinition, written: string, misplaced?: boolean): RuleDefinition;
