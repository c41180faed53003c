/** Which files are ours, and what they hold. */
import type { Language } from '../analysis/model.ts';
import { basename, extension } from './paths.ts';

const LANGUAGES: Readonly<Record<string, Language | 'notebook'>> = {
  '.py': 'python',
  '.pyw': 'python',
  '.ipynb': 'notebook',
  '.ts': 'typescript',
  '.tsx': 'typescript',
  '.js': 'typescript',
  '.jsx': 'typescript',
  '.mts': 'typescript',
  '.cts': 'typescript',
  '.mjs': 'typescript',
  '.cjs': 'typescript',
  '.vue': 'typescript',
  '.svelte': 'typescript',
};

/** Null for a file that is not linted; declaration files hold no code. */
export function languageOf(path: string): Language | 'notebook' | null {
  if (/\.d\.[cm]?ts$/i.test(path)) return null;
  return LANGUAGES[extension(path)] ?? null;
}

/** Code no one wrote by hand, by name. */
export function isMinifiedName(path: string): boolean {
  return /[.-]min\.[cm]?js$|\.bundle\.js$/i.test(basename(path));
}
