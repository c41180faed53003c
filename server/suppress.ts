/** The edit that silences one finding where it stands: `# frugal: ignore[rule]`, `//` in TypeScript. */
import type { TextEdit } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';

const DIRECTIVE = /(#|\/\/)\s*frugal:\s*ignore\[([^\]]*)\]/i;

/**
 * Adds the rule to the comment at the end of the line of `offset`, or writes one. Null where no comment can stand: between
 * two line continuations.
 */
export function suppressionEdit(
  document: TextDocument,
  offset: number,
  rule: string,
  isPython: boolean,
): TextEdit | null {
  const marker = isPython ? '#' : '//';
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
  // Nothing may follow a line continuation: the comment goes above, unless that line is continued as well.
  if (text.endsWith('\\')) {
    const above = document.getText().slice(0, start);
    if (/\\\r?\n$/.test(above)) return null;
    const [indent] = /^[ \t]*/.exec(text)!;
    const newline = /\r\n$/.test(above) ? '\r\n' : '\n';
    return {
      range: { start: at(0), end: at(0) },
      newText: `${indent}${marker} frugal: ignore[${rule}]${newline}`,
    };
  }
  const end = text.trimEnd().length;
  return { range: { start: at(end), end: at(text.length) }, newText: `  ${marker} frugal: ignore[${rule}]` };
}
