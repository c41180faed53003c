/** Adds packages to the file in which a workspace names what it needs. */
import { modify } from 'jsonc-parser';
import { applyEdits } from './fixes.ts';
import { dirname, foldersUp, isInside } from './paths.ts';
import { lineEnding } from './read.ts';
import { parseToml } from './toml.ts';
import type { FileEdit } from './types.ts';

/** Files that can be added to, the most telling first. */
const PYTHON = ['requirements.txt', 'pyproject.toml'];
const TYPESCRIPT = ['package.json'];

/**
 * Names `packages` in the nearest such file from `path` up to `root`. Null where there is none that can be added to.
 * `read` gives a file's text, null where it cannot be read.
 */
export async function dependencyEdit(
  packages: readonly string[],
  path: string,
  root: string,
  language: 'python' | 'typescript',
  read: (path: string) => Promise<string | null>,
): Promise<FileEdit | null> {
  const folder = dirname(path);
  for (const current of foldersUp(folder, isInside(folder, root) ? root : folder)) {
    for (const name of language === 'python' ? PYTHON : TYPESCRIPT) {
      const file = `${current}/${name}`;
      const text = await read(file);
      const edit = text === null ? null : addPackages(name, text, packages);
      if (edit) return { path: file, cell: null, ...edit };
    }
  }
  return null;
}

type TextEdit = Pick<FileEdit, 'start' | 'end' | 'text'>;

/** Null where the file has no list to add to. */
function addPackages(name: string, text: string, packages: readonly string[]): TextEdit | null {
  if (name === 'requirements.txt') {
    const newline = lineEnding(text);
    const lead = text === '' || text.endsWith('\n') ? '' : newline;
    return {
      start: text.length,
      end: text.length,
      text: lead + packages.map((one) => one + newline).join(''),
    };
  }
  if (name === 'package.json') return addToPackageJson(text, packages);
  return addToPyproject(text, packages);
}

function addToPackageJson(text: string, packages: readonly string[]): TextEdit | null {
  const tabSize = /\n( +)"/.exec(text)?.[1]?.length ?? 2;
  const formattingOptions = { insertSpaces: !/\n\t/.test(text), tabSize, eol: lineEnding(text) };
  try {
    let changed = text;
    for (const name of packages) {
      const edits = modify(changed, ['dependencies', name], 'latest', { formattingOptions });
      changed = applyEdits(
        changed,
        edits.map(({ offset, length, content }) => ({ start: offset, end: offset + length, text: content })),
      );
    }
    return difference(text, changed);
  } catch {
    return null; // not an object
  }
}

/** `project.dependencies`; other tables (Poetry's) ask for a version that is not known here. */
function addToPyproject(text: string, packages: readonly string[]): TextEdit | null {
  try {
    const { value, places } = parseToml(text);
    const { dependencies } = (value.project ?? {}) as { dependencies?: unknown };
    const list = places.get('project\0dependencies')?.value;
    if (!Array.isArray(dependencies) || !list) return null;
    const names = packages.map((name) => JSON.stringify(name));
    const last = places.get(`project\0dependencies\0${dependencies.length - 1}`)?.value;
    if (!last) return { start: list.start + 1, end: list.start + 1, text: names.join(', ') };
    // Before the last item: whatever comma, comment or line break follows it stays as it is.
    const before = text.slice(0, last.start);
    const lead = /\n[ \t]*$/.exec(before)?.[0] ?? ' ';
    return { start: last.start, end: last.start, text: names.map((name) => `${name},${lead}`).join('') };
  } catch {
    return null;
  }
}

/** One edit that turns a text into another. */
function difference(before: string, after: string): TextEdit {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let tail = 0;
  while (tail < shorter - start && before[before.length - 1 - tail] === after[after.length - 1 - tail])
    tail++;
  return { start, end: before.length - tail, text: after.slice(start, after.length - tail) };
}
