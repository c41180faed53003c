/**
 * Imports read off raw text, without a parse: enough to know which files belong together. A false hit (an import in a
 * string) costs a needless parse, nothing more.
 */
import type { Language } from '../analysis/model.ts';
import { type ImportLike, importCandidates } from '../analysis/program/resolve-imports.ts';

const PYTHON_IMPORT =
  /(?:^|[;:])[ \t]*(?:from[ \t]+(\.*)[ \t]*([\w.]*)[ \t]+import\b[ \t]*(\([^)]{0,20000}\)|(?:\\\r?\n|[^\n#;]){0,2000})|import[ \t]+((?:\\\r?\n|[^\n#;]){1,2000}))/gm;
const TYPESCRIPT_IMPORT =
  /(?:\bfrom|\bimport|\brequire[ \t]*\(|\bimport[ \t]*\()\s*(['"`])([^'"`\n]{1,500})\1/g;

/** Import statements of a text. `notebook` is the raw JSON of one, in Python or TypeScript. */
export function scanImports(language: Language | 'notebook', text: string): ImportLike[] {
  if (language === 'notebook') {
    if (!text.includes('import')) return [];
    return scanPython(text.replace(/\\n|\\r|"/g, '\n'));
  }
  return language === 'python' ? scanPython(text) : scanTypeScript(text);
}

/** Candidate files of a text's imports, one group for each file that may be meant. */
export function scanCandidates(
  language: Language | 'notebook',
  path: string,
  root: string,
  text: string,
): string[][] {
  const resolver = language === 'typescript' ? 'typescript' : 'python';
  return scanImports(language, text).flatMap((imported) => importCandidates(resolver, path, root, imported));
}

function scanPython(text: string): ImportLike[] {
  const imports: ImportLike[] = [];
  for (const [, dots = '', module = '', names, modules] of text.matchAll(PYTHON_IMPORT)) {
    if (modules !== undefined) {
      for (const part of modules.split(',')) {
        const name = /^[\s\\]*([\w.]+)/.exec(part)?.[1];
        if (name) imports.push({ module: name, relative: 0, bindings: [] });
      }
    } else if (module !== '' || dots !== '') {
      const bindings = [...(names ?? '').matchAll(/(?:^|[,(])[\s\\]*(?:#[^\n]*\n\s*)*(\w+)/g)].map(
        ([, imported = '']) => ({ imported }),
      );
      imports.push({ module, relative: dots.length, bindings });
    }
  }
  return imports;
}

function scanTypeScript(text: string): ImportLike[] {
  const imports: ImportLike[] = [];
  for (const [, , module = ''] of text.matchAll(TYPESCRIPT_IMPORT))
    imports.push({ module, relative: 0, bindings: [] });
  return imports;
}
