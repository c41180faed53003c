/** Values of Python's string and number literals. */

export interface StringLiteral {
  /** Lower-case prefix letters: `rb`, `f`, empty. */
  readonly prefix: string;
  /** 1 or 3. */
  readonly quotes: number;
}

/** Reads prefix and quotes of the literal at `start`. */
export function stringHead(text: string, start: number): StringLiteral {
  let at = start;
  while (at < start + 3 && text[at] !== '"' && text[at] !== "'") at++;
  const quote = text[at];
  return {
    prefix: text.slice(start, at).toLowerCase(),
    quotes: text[at + 1] === quote && text[at + 2] === quote ? 3 : 1,
  };
}

/** The value of a literal without expressions in it. */
export function stringValue(text: string, start: number, end: number): string {
  const { prefix, quotes } = stringHead(text, start);
  const from = start + prefix.length + quotes;
  const quote = text[from - 1];
  let to = end;
  // A half-typed literal may lack its closing quotes.
  if (end - quotes >= from && text[end - 1] === quote && text[end - quotes] === quote) to -= quotes;
  return /[ft]/.test(prefix)
    ? formattedText(text.slice(from, to), prefix)
    : resolveEscapes(text.slice(from, to), prefix);
}

/** The text between the expressions of an f-string. */
export function formattedText(raw: string, prefix: string): string {
  return resolveEscapes(raw.replaceAll('{{', '{').replaceAll('}}', '}'), prefix);
}

const SIMPLE: Record<string, string> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\n': '',
};

const ESCAPE = /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g;

/** Resolves escapes. `\N{…}` stays as written: the table of names is not worth its megabyte. */
export function resolveEscapes(raw: string, prefix: string): string {
  const source = raw.includes('\r') ? raw.replace(/\r\n?/g, '\n') : raw;
  if (!source.includes('\\') || prefix.includes('r')) return source;
  const bytes = prefix.includes('b');
  return source.replace(ESCAPE, (all, octal, hex, short, long, char) => {
    if (octal) return String.fromCharCode(Number.parseInt(octal, 8));
    if (hex) return String.fromCharCode(Number.parseInt(hex, 16));
    if (short) return bytes ? all : String.fromCharCode(Number.parseInt(short, 16));
    if (long) {
      const code = Number.parseInt(long, 16);
      return bytes || code > 0x10ffff ? all : String.fromCodePoint(code);
    }
    return SIMPLE[char] ?? all;
  });
}

/** Null for a complex number. Python 2's `0777` and `10L` count. */
export function numberValue(source: string): number | null {
  const digits = source.replaceAll('_', '').toLowerCase();
  if (digits.startsWith('0x')) return Number(digits.replace(/l$/, ''));
  if (digits.endsWith('j')) return null;
  const plain = digits.replace(/l$/, '');
  return /^0[0-7]+$/.test(plain) ? Number.parseInt(plain, 8) : Number(plain);
}
