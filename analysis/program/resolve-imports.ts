/** Where an import may lead in the workspace. Pure: it names candidate paths, best first; whether one exists is asked elsewhere. */
import type { Language } from '../model.ts';

const TYPESCRIPT_EXTENSIONS = [
  '.ts',
  '.tsx',
  '.js',
  '.jsx',
  '.mts',
  '.mjs',
  '.cts',
  '.cjs',
  '.vue',
  '.svelte',
];

/** Folder of a path, without the last slash. */
export function dirname(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '' : path.slice(0, slash);
}

/** Folders from the file's own up to and including the root. */
function foldersUpTo(from: string, root: string): string[] {
  const folders: string[] = [];
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    folders.push(folder);
    if (folder === root || folder === '' || !folder.startsWith(root)) break;
  }
  return folders;
}

/**
 * @param name a submodule that may be meant by `from module import name`
 * @returns candidate files of a Python import, the nearest folder first, `src/` layouts included
 */
export function pythonCandidates(
  from: string,
  root: string,
  module: string,
  relative: number,
  name: string | null,
): string[] {
  const parts = module === '' ? [] : module.split('.');
  let bases: string[];
  if (relative > 0) {
    let base = dirname(from);
    for (let level = 1; level < relative; level++) base = dirname(base);
    bases = [base];
  } else {
    if (parts.length === 0) return [];
    bases = foldersUpTo(from, root).flatMap((folder) => [folder, `${folder}/src`, `${folder}/lib`]);
  }
  const candidates: string[] = [];
  for (const base of bases) {
    const stem = [base, ...parts].join('/');
    if (name !== null) candidates.push(`${stem}/${name}.py`, `${stem}/${name}/__init__.py`);
    if (parts.length > 0) candidates.push(`${stem}.py`);
    candidates.push(`${stem}/__init__.py`);
  }
  return candidates;
}

/** Candidate files of a TypeScript or JavaScript specifier; empty for a package. `@/` and `~/` mean a source root above. */
export function typescriptCandidates(from: string, root: string, specifier: string): string[] {
  const stems: string[] = [];
  if (specifier.startsWith('.')) stems.push(normalize(`${dirname(from)}/${specifier}`));
  else if (/^[@~]\//.test(specifier) || specifier.startsWith('$lib/')) {
    const rest = specifier.replace(/^(@|~)\//, '').replace(/^\$lib\//, 'lib/');
    for (const folder of foldersUpTo(from, root))
      stems.push(`${folder}/src/${rest}`, `${folder}/${rest}`, `${folder}/app/${rest}`);
  }
  return stems.flatMap((stem) => {
    const bare = stem.replace(/\.([mc]?)jsx?$/, '');
    return [
      ...(bare === stem ? [] : [stem, `${bare}.ts`, `${bare}.tsx`, `${bare}.mts`, `${bare}.cts`]),
      ...(/\.(tsx?|mts|cts|vue|svelte)$/.test(stem) ? [stem] : []),
      ...TYPESCRIPT_EXTENSIONS.map((extension) => stem + extension),
      ...TYPESCRIPT_EXTENSIONS.map((extension) => `${stem}/index${extension}`),
    ];
  });
}

function normalize(path: string): string {
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '.' || (part === '' && out.length > 0)) continue;
    if (part === '..') out.pop();
    else out.push(part);
  }
  return out.join('/');
}

export interface ImportLike {
  readonly module: string;
  readonly relative: number;
  readonly bindings: readonly { readonly imported: string | null }[];
}

/** Every file that an import statement may pull in: the module and, in Python, submodules named after `import`. */
export function importCandidates(
  language: Language,
  from: string,
  root: string,
  imported: ImportLike,
): string[][] {
  if (language === 'typescript') {
    const candidates = typescriptCandidates(from, root, imported.module);
    return candidates.length > 0 ? [candidates] : [];
  }
  const groups = [pythonCandidates(from, root, imported.module, imported.relative, null)];
  for (const { imported: name } of imported.bindings) {
    if (name) groups.push(pythonCandidates(from, root, imported.module, imported.relative, name));
  }
  return groups.filter((group) => group.length > 0);
}
