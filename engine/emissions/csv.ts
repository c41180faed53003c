/** Trackers' tables. Files come from anywhere: cut off, edited in a spreadsheet, or hostile. */
import Papa from 'papaparse';
import type { Fault } from './types.ts';

/** More rows than this are no log of runs. */
export const MAX_ROWS = 50_000;
const MAX_TEXT = 200;

export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly Row[];
  readonly faults: readonly Fault[];
}

export interface Row {
  /** A cell's text, one line of at most 200 characters; null when empty or absent. */
  text(column: string): string | null;
  /** A cell's number, not negative; null when it is none. */
  number(column: string): number | null;
}

/** Rows with too few or too many cells are left out and counted. `null`: no header. */
export function readTable(text: string): Table | null {
  const head = text.replace(/^\uFEFF/, '');
  const first = head.slice(0, head.search(/\r?\n|$/));
  // Spreadsheets of some countries write semicolons, and commas in numbers.
  const delimiter = [',', ';', '\t'].find((one) => first.split(one).length > 3);
  if (delimiter === undefined) return null;
  const { data } = Papa.parse<string[]>(head, { delimiter, skipEmptyLines: 'greedy', preview: MAX_ROWS + 2 });
  const [names, ...records] = data;
  if (!names) return null;
  const header = names.map((name) => name.trim());
  const places = new Map(header.map((name, at) => [name, at]));
  const faults: Fault[] = [];
  if (records.length > MAX_ROWS) faults.push({ kind: 'too-many-rows', count: MAX_ROWS });
  const whole = records.slice(0, MAX_ROWS).filter((cells) => cells.length === header.length);
  const skipped = Math.min(records.length, MAX_ROWS) - whole.length;
  if (skipped > 0) faults.push({ kind: 'rows-skipped', count: skipped });
  const rows = whole.map((cells): Row => {
    const cell = (column: string) => cells[places.get(column) ?? -1]?.trim() ?? '';
    return {
      text: (column) => oneLine(cell(column)),
      number: (column) => toNumber(cell(column), delimiter === ';'),
    };
  });
  return { header, rows, faults };
}

export function oneLine(text: string): string | null {
  const line = text.replace(/\s+/g, ' ').trim().slice(0, MAX_TEXT);
  return line === '' || line === 'nan' || line === 'None' ? null : line;
}

/** A measure: finite and not negative; else null. */
export function toNumber(text: string, decimalComma = false): number | null {
  const plain = decimalComma ? text.replace(',', '.') : text;
  if (!/^\d*\.?\d+(?:e[+-]?\d+)?$|^\d+\.$/i.test(plain)) return null;
  const value = Number(plain);
  return Number.isFinite(value) ? value : null;
}

/** `2021-09-23T15:04:51` as it is where such a moment exists; else null. */
export function moment(text: string | null): string | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?$/.exec(
    text ?? '',
  );
  if (!match) return null;
  const [, year, month, day, hour, minute, second = '00', zone = ''] = match;
  const date = new Date(
    Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)),
  );
  const written = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  return date.toISOString().startsWith(written) ? `${written}${zone}` : null;
}
