/** `<script>` blocks of `.vue` and `.svelte` files, in their places. */

export interface ScriptBlocks {
  /** As long as the file; everything outside the blocks is blank, newlines kept. */
  readonly text: string;
  readonly dialect: 'ts' | 'tsx' | 'js';
}

const ATTRIBUTE = /\b(lang|type)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g;
const SCRIPT_TYPE = /^(?:|module|text\/(?:java|type|ecma)script|application\/javascript)$/i;

/** End of an opening tag, or -1. A `>` in quotes is not the end. */
function tagEnd(text: string, start: number): number {
  const end = /[>"']/g;
  end.lastIndex = start;
  for (let match = end.exec(text); match; match = end.exec(text)) {
    if (match[0] === '>') return match.index + 1;
    const close = text.indexOf(match[0], match.index + 1);
    if (close === -1) return -1;
    end.lastIndex = close + 1;
  }
  return -1;
}

/** Blanks everything outside the script blocks. */
export function extractScripts(text: string): ScriptBlocks {
  const blank = (piece: string): string => piece.replace(/[^\r\n]/g, ' ');
  let dialect: ScriptBlocks['dialect'] = 'js';
  let output = '';
  let copied = 0;
  const opening = /<!--|<script(?=[\s>])/gi;
  for (let match = opening.exec(text); match; match = opening.exec(text)) {
    if (match[0] === '<!--') {
      const end = text.indexOf('-->', match.index + 4);
      if (end === -1) break;
      opening.lastIndex = end + 3;
      continue;
    }
    const start = tagEnd(text, match.index);
    if (start === -1) break;
    const closing = /<\/script\b/gi;
    closing.lastIndex = start;
    const end = closing.exec(text)?.index ?? text.length;
    opening.lastIndex = end;
    const attributes = new Map<string, string>();
    for (const [, name, double, single, bare] of text.slice(match.index, start - 1).matchAll(ATTRIBUTE)) {
      attributes.set(name!, double ?? single ?? bare ?? '');
    }
    const lang = attributes.get('lang')?.toLowerCase() ?? 'js';
    if (
      !SCRIPT_TYPE.test(attributes.get('type') ?? '') ||
      !/^(?:tsx?|jsx?|typescript|javascript)$/.test(lang)
    )
      continue;
    if (lang === 'tsx' || lang === 'jsx') dialect = 'tsx';
    else if (lang.startsWith('t') && dialect === 'js') dialect = 'ts';
    output += blank(text.slice(copied, start)) + text.slice(start, end);
    copied = end;
  }
  return { text: output + blank(text.slice(copied)), dialect };
}
