/** Text of others inside Markdown: it stays text. */

import { escapeHidden } from './hidden.ts';

const line = (text: string): string => escapeHidden(text.replace(/\s+/g, ' '));

/** One line of plain text: no links, no code, no HTML, no table cells. */
export function plain(text: string): string {
  return line(text).replace(/[\\`*_[\]<>&|#!~]/g, '\\$&');
}

/** Between backticks nothing is marked up, except their own end, and a table's bars. */
export function code(text: string): string {
  return line(text).replace(/`/g, 'ˋ').replace(/\|/g, '¦');
}

/** The parts of a message: words, and code between backticks. Without a pair, all of it is words. */
export function codeSpans(text: string): readonly { readonly isCode: boolean; readonly text: string }[] {
  const parts = text.split('`');
  if (parts.length % 2 === 0) return [{ isCode: false, text }];
  return parts.map((part, at) => ({ isCode: at % 2 === 1, text: part })).filter((part) => part.text !== '');
}

/** A message as Markdown: its code stays code, the rest is plain. */
export function message(text: string): string {
  return codeSpans(text)
    .map((part) => (part.isCode ? `\`${code(part.text)}\`` : plain(part.text)))
    .join('');
}
