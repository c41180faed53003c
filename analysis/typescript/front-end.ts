import { ts } from 'ts-morph';
import type { FrontEnd } from '../front-end.ts';
import type { Node, ParsedModule, Span } from '../model.ts';
import { forEachChild, walk } from '../tree.ts';
import { commentsOf } from './comments.ts';
import { lowerSourceFile } from './lower.ts';
import { extractScripts } from './script-blocks.ts';

function scriptKind(path: string): ts.ScriptKind {
  const extension = /\.([^./\\]*)$/.exec(path)?.[1]?.toLowerCase();
  switch (extension) {
    case 'tsx':
      return ts.ScriptKind.TSX;
    case 'js':
    case 'jsx':
    case 'mjs':
    case 'cjs':
      return ts.ScriptKind.JSX;
    default:
      return ts.ScriptKind.TS;
  }
}

const DIALECTS = { ts: ts.ScriptKind.TS, tsx: ts.ScriptKind.TSX, js: ts.ScriptKind.JSX } as const;

/**
 * The compiler ts-morph brings, without a `Project`: nothing here needs one, it made parsing three times as slow, and
 * without it nothing has to be released.
 */
function parseSource(text: string, kind: ts.ScriptKind): ts.SourceFile {
  const options: ts.CreateSourceFileOptions = {
    languageVersion: ts.ScriptTarget.Latest,
    jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
  };
  return ts.createSourceFile('module', text, options, false, kind);
}

function syntaxErrors(source: ts.SourceFile): Span[] {
  const { parseDiagnostics } = source as ts.SourceFile & {
    parseDiagnostics?: readonly ts.DiagnosticWithLocation[];
  };
  return (parseDiagnostics ?? []).map(({ start, length }) => ({ start, end: start + length }));
}

/** What the parser made up around a syntax error may lie outside the node it completes: brings it inside. */
function nest(root: Node): void {
  walk(root, (parent) => {
    const within = (offset: number): number => Math.min(Math.max(offset, parent.start), parent.end);
    forEachChild(parent, (child) => {
      const node = child as { -readonly [Key in keyof Span]: Span[Key] };
      node.start = within(child.start);
      node.end = within(child.end);
    });
  });
}

function parse(path: string, text: string): ParsedModule {
  const scripts = /\.(?:vue|svelte)$/i.test(path) ? extractScripts(text) : null;
  try {
    const source = parseSource(scripts?.text ?? text, scripts ? DIALECTS[scripts.dialect] : scriptKind(path));
    const body = lowerSourceFile(source);
    const errors = syntaxErrors(source);
    if (errors.length > 0) nest(body);
    return { language: 'typescript', text, body, comments: commentsOf(source), errors };
  } catch (error) {
    // The compiler's parser recurses: text nested thousands deep exhausts the stack.
    if (!(error instanceof RangeError)) throw error;
    const span = { start: 0, end: text.length };
    const body = { kind: 'block', ...span, statements: [], parent: null } as const;
    return { language: 'typescript', text, body, comments: [], errors: [span] };
  }
}

/**
 * Lowers TypeScript, JavaScript, and the scripts of Vue and Svelte files; the path tells the dialect. Import this module
 * dynamically: it carries the compiler.
 */
export function createTypeScriptFrontEnd(): FrontEnd {
  return { parse };
}
