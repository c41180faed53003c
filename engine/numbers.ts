/** Numbers as people read them, in their language. */
import type { Language } from './texts.ts';

const formats = new Map<string, Intl.NumberFormat>();

function format(language: Language, key: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const id = `${language} ${key}`;
  let found = formats.get(id);
  if (!found) {
    found = new Intl.NumberFormat(language === 'fr' ? 'fr-FR' : 'en-GB', options);
    formats.set(id, found);
  }
  return found;
}

/** To so many significant digits: an estimate is no more exact than that. Whole numbers keep all of theirs. */
export function significant(language: Language, value: number, digits = 2): string {
  if (!Number.isFinite(value)) return '–';
  const isLarge = Math.abs(value) >= 10 ** digits;
  return isLarge
    ? format(language, 'whole', { maximumFractionDigits: 0 }).format(value)
    : format(language, `s${digits}`, { maximumSignificantDigits: digits }).format(value);
}

/** `0.3–0.6`; one number where both ends read the same. */
export function rangeText(
  language: Language,
  { min, max }: { readonly min: number; readonly max: number },
  digits = 2,
): string {
  const low = significant(language, min, digits);
  const high = significant(language, max, digits);
  return low === high ? low : `${low}–${high}`;
}

/** Orders of magnitude that both readers know: a French `billion` is an English trillion. */
const UNITS = {
  en: [
    [1e12, ' trillion'],
    [1e9, ' billion'],
    [1e6, ' million'],
  ],
  fr: [
    [1e9, ' milliards'],
    [1e6, ' millions'],
  ],
} as const;

/** Parameters: `8–28 billion`. */
export function largeRangeText(
  language: Language,
  { min, max }: { readonly min: number; readonly max: number },
): string {
  const [size, name] = UNITS[language].find(([one]) => max >= one) ?? [1, ''];
  const text = `${rangeText(language, { min: min / size, max: max / size }, 3)}${name}`;
  return language === 'fr' && max < 2 * size ? text.replace(/s$/, '') : text;
}
