/** The edit that silences one finding where it stands: `# frugal: ignore[rule]`, `//` in TypeScript. */
import type { TextEdit } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';

const DIRECTIVE = /(#|\/\/)\s*frugal:\s*ignore\[([^\]]*)\]/;

/**
 * Adds the rule to the comment at the end of the line of `offset`, or writes one. Null where a comment at the line's
 * end would change the program: after a line continuation.
 */
export function suppressionEdit(
  document: TextDocument,
  offset: number,
  rule: string,
  isPython: boolean,
): TextEdit | null {
  const { line } = document.positionAt(offset);
  const start = document.offsetAt({ line, character: 0 });
  const next = document.offsetAt({ line: line + 1, character: 0 });
  const text = document
    .getText()
    .slice(start, next)
    .replace(/[\r\n]+$/, '');
  const at = (character: number) => ({ line, character });
  const directive = DIRECTIVE.exec(text);
  if (directive) {
    const rules = directive[2]!.trim();
    const close = directive.index + directive[0].length - 1;
    return { range: { start: at(close), end: at(close) }, newText: rules === '' ? rule : `, ${rule}` };
  }
  if (text.endsWith('\\')) return null;
  const end = text.trimEnd().length;
  const comment = `${isPython ? '#' : '//'} frugal: ignore[${rule}]`;
  return { range: { start: at(end), end: at(text.length) }, newText: `  ${comment}` };
}
