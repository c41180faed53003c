/** HTML from templates in which every value is text, unless it is HTML made here. */

import { escapeHidden } from '../hidden.ts';

/** HTML that is safe to put in as it is. */
export class Html {
  constructor(readonly text: string) {}
}

type Value = string | number | Html | readonly Html[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return escapeHidden(text).replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}

export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  const text = (value: Value): string => {
    if (value instanceof Html) return value.text;
    if (typeof value === 'object') return value.map((one) => one.text).join('');
    return escaped(String(value));
  };
  return new Html(
    parts.reduce((all, part, at) => all + part + (at < values.length ? text(values[at]!) : ''), ''),
  );
}
