/** HTML from templates in which every value is text, unless it is HTML made here. */

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

/** Control characters that HTML forbids, half characters, and marks that reorder text: shown, not obeyed. */
const HIDDEN = /(?![\t\n\r])\p{Cc}|\p{Cs}|[\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/gu;

function escaped(text: string): string {
  return text
    .replace(HIDDEN, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
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
