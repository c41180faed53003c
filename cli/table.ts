/** Plain tables for the terminal. */
import stringWidth from 'string-width';
import type { Style } from './style.ts';

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/** Columns as wide as their widest cell, two spaces apart; nothing trails at a line's end. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: Style,
): string {
  const titles = columns.map(({ title }) => title);
  const widths = columns.map((_, at) =>
    Math.max(...[titles, ...rows].map((row) => stringWidth(row[at] ?? ''))),
  );
  const line = (row: readonly string[]): string =>
    columns
      .map(({ align }, at) => {
        const cell = row[at] ?? '';
        const space = ' '.repeat(widths[at]! - stringWidth(cell));
        return align === 'right' ? space + cell : cell + space;
      })
      .join('  ')
      .trimEnd();
  return [style.dim(line(titles)), ...rows.map(line)].join('\n');
}
