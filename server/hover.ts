/** What a reader learns on a finding: why it matters, and where to read on. */
import { type Hover, MarkupKind, type Position } from 'vscode-languageserver';
import type { FileResult } from '../engine/types.ts';
import type { RuleDefinition } from '../rules/rule.ts';
import { findingsAt, type PageOf } from './diagnostics.ts';
import { type Place, toRange } from './documents.ts';
import { type Language, text } from './texts.ts';

export function hover(
  result: FileResult,
  place: Place,
  position: Position,
  ruleOf: (id: string) => RuleDefinition | undefined,
  pageOf: PageOf,
  language: Language,
  formats: readonly MarkupKind[],
): Hover | null {
  const offset = place.document.offsetAt(position);
  const here = findingsAt(result, place).filter(({ start, end }) => start <= offset && offset <= end);
  const rules = [...new Set(here.map(({ rule }) => rule))]
    .map((id) => ruleOf(id))
    .filter((rule) => rule !== undefined);
  const [first] = here;
  if (!first || rules.length === 0) return null;
  const markdown = formats.length === 0 || formats.includes(MarkupKind.Markdown);
  const value = rules
    .map((rule) => {
      const page = pageOf(rule.id);
      if (!markdown) return [`${rule.title[language]} (${rule.id})`, rule.why[language]].join('\n\n');
      const link = page === null ? [] : [`[${text(language, 'readMore')}](${page})`];
      return [`**${rule.title[language]}** · \`${rule.id}\``, rule.why[language], ...link].join('\n\n');
    })
    .join('\n\n---\n\n');
  return {
    contents: { kind: markdown ? MarkupKind.Markdown : MarkupKind.PlainText, value },
    range: toRange(place.document, first.start, first.end),
  };
}
