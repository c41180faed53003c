import { ts } from 'ts-morph';
import type { Comment } from '../model.ts';

/** A token whose text may hold `//` without a comment. Where it starts, leading white space and comments left out. */
function literalStart(node: ts.Node, source: ts.SourceFile): number {
  switch (node.kind) {
    case ts.SyntaxKind.StringLiteral:
    case ts.SyntaxKind.NoSubstitutionTemplateLiteral:
    case ts.SyntaxKind.TemplateHead:
    case ts.SyntaxKind.TemplateMiddle:
    case ts.SyntaxKind.TemplateTail:
    case ts.SyntaxKind.RegularExpressionLiteral:
      return node.getStart(source);
    case ts.SyntaxKind.JsxText:
      return node.pos; // has no leading trivia
    default:
      return -1;
  }
}

/**
 * All comments of a file. The tree has none, and those in front of a closing brace belong to no node: every `//` and `/*`
 * of the text is one unless it lies in a literal, which only the tree can tell.
 */
export function commentsOf(source: ts.SourceFile): Comment[] {
  const { text } = source;
  const candidates: number[] = [];
  for (let at = text.indexOf('/'); at !== -1; at = text.indexOf('/', at + 1)) {
    const next = text.charCodeAt(at + 1);
    if (next === 47 || next === 42) candidates.push(at);
  }
  if (candidates.length === 0) return [];

  /** Index of the first candidate at or after an offset. */
  const firstFrom = (offset: number): number => {
    let low = 0;
    let high = candidates.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (candidates[middle]! < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const inLiteral = new Uint8Array(candidates.length);
  const open: ts.Node[] = [source];
  const enter = (child: ts.Node): void => {
    const first = firstFrom(child.pos);
    if (first < candidates.length && candidates[first]! < child.end) open.push(child);
  };
  for (let node = open.pop(); node; node = open.pop()) {
    const start = literalStart(node, source);
    if (start === -1) ts.forEachChild(node, enter);
    else for (let index = firstFrom(start); candidates[index]! < node.end; index++) inLiteral[index] = 1;
  }

  const comments: Comment[] = [];
  let done = 0;
  for (const [index, start] of candidates.entries()) {
    if (start < done || inLiteral[index]) continue;
    const close = text.startsWith('//', start) ? /[\r\n\u2028\u2029]|$/g : /\*\/|$/g;
    close.lastIndex = start + 2;
    const match = close.exec(text)!;
    const end = match[0] === '*/' ? match.index + 2 : match.index;
    comments.push({ start, end, text: text.slice(start, end) });
    done = end;
  }
  return comments;
}
