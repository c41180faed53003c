/** What a reader learns on a finding: why it matters, and where to read on. */
import { type Hover, MarkupKind, type Position } from 'vscode-languageserver';
import { describe } from '../engine/estimate/describe.ts';
import { evidenceTexts } from '../engine/evidence.ts';
import type { FileResult, PlacedFacts } from '../engine/types.ts';
import type { RuleDefinition } from '../rules/rule.ts';
import { findingsAt, type PageOf } from './diagnostics.ts';
import { type Place, toRange } from './documents.ts';
import { type Language, text } from './texts.ts';

/**
 * The findings at a position, then what is known of the thing that stands there. Null when there is neither.
 * `facts` are asked of the engine, for the same position.
 */
export function hover(
  result: FileResult,
  facts: PlacedFacts | null,
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
  const first = rules.length > 0 ? here[0] : facts;
  if (!first) return null;
  const markdown = formats.length === 0 || formats.includes(MarkupKind.Markdown);
  const parts = rules.map((rule) => {
    const page = pageOf(rule.id);
    const measured = evidenceTexts(rule.id, language).join('\n\n');
    if (!markdown) return [`${rule.title[language]} (${rule.id})`, rule.why[language], measured].join('\n\n');
    const link = page === null ? [] : [`[${text(language, 'readMore')}](${page})`];
    return [`**${rule.title[language]}** · \`${rule.id}\``, rule.why[language], measured, ...link].join(
      '\n\n',
    );
  });
  if (facts) {
    const known = describe(facts.facts, language);
    parts.push(markdown ? known : withoutMarks(known));
  }
  return {
    contents: {
      kind: markdown ? MarkupKind.Markdown : MarkupKind.PlainText,
      value: parts.join('\n\n---\n\n'),
    },
    range: toRange(place.document, first.start, first.end),
  };
}

/** For clients that show text as it is. */
const withoutMarks = (markdown: string): string => markdown.replace(/\*\*|`/g, '').replace(/\\(.)/g, '$1');
