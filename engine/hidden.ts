/**
 * Control characters, and the invisible marks that reorder text, in what comes from files: a hostile file name or
 * source line must not drive the reader's terminal or show other code than it holds.
 */
const HIDDEN = /(?!\t)\p{Cc}|\p{Cs}|[\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/gu;

/** Makes hidden characters visible: `\x1b`, `\u202e`. Tabs stay. */
export function escapeHidden(text: string): string {
  return text.replace(HIDDEN, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
