/** Which files matter at all: one search over the raw text, before any parse. */
import type { RuleDefinition } from '../rules/rule.ts';

export type Gate = (text: string) => boolean;

/** True for a text that names a library some rule knows. */
export function createGate(rules: readonly RuleDefinition[]): Gate {
  const libraries = [...new Set(rules.flatMap((rule) => rule.libraries))].sort((a, b) => b.length - a.length);
  if (libraries.length === 0) return () => false;
  // Whole words: `torch` is not in `torchlight`, but it is in `torch.nn` and `"torch"`.
  const before = (name: string) => (/^\w/.test(name) ? '(?<!\\w)' : '');
  const after = (name: string) => (/\w$/.test(name) ? '(?!\\w)' : '');
  const literal = (name: string) => name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  const pattern = new RegExp(libraries.map((name) => before(name) + literal(name) + after(name)).join('|'));
  return (text) => pattern.test(text);
}
