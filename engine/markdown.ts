/** Text of others inside Markdown: it stays text. */

/** One line of plain text: no links, no code, no HTML, no table cells. */
export function plain(text: string): string {
  return text.replace(/[\\`*_[\]<>&|#!~]/g, '\\$&').replace(/\s+/g, ' ');
}

/** Between backticks nothing is marked up, except their own end, and a table's bars. */
export function code(text: string): string {
  return text.replace(/`/g, 'ˋ').replace(/\|/g, '¦').replace(/\s+/g, ' ');
}
