/** Which packages a workspace names: requirements files, pyproject.toml, package.json and their kin. */
import { parse } from 'jsonc-parser';
import { basename, foldersUp, isInside } from './paths.ts';
import { decodeText } from './read.ts';
import { parseToml } from './toml.ts';
import type { FileSystem } from './types.ts';

/** Whether a file may name packages. */
export function isManifest(path: string): boolean {
  return /^(?:.*requirements.*\.(?:txt|in)|pyproject\.toml|setup\.(?:py|cfg)|Pipfile|environment.*\.ya?ml|conda.*\.ya?ml|package\.json|deno\.jsonc?)$/.test(
    basename(path),
  );
}

/** The packages that a manifest names, normalized. */
export function dependenciesIn(path: string, text: string): string[] {
  const name = basename(path);
  try {
    if (name === 'pyproject.toml') return fromPyproject(parseToml(text).value).map(normalizePackage);
    if (name === 'Pipfile') {
      const { packages = {}, 'dev-packages': dev = {} } = parseToml(text).value as Record<string, object>;
      return [...Object.keys(packages), ...Object.keys(dev)].map(normalizePackage);
    }
  } catch {
    return [];
  }
  if (name.endsWith('.json') || name.endsWith('.jsonc'))
    return fromPackageJson(parse(text)).map(normalizePackage);
  if (/^setup\./.test(name)) {
    // Requirements stand in strings or on lines of their own; other words do no harm.
    return [...text.matchAll(/(?:^\s+|['"])([A-Za-z][\w.-]*)/gm)].map(([, word = '']) =>
      normalizePackage(word),
    );
  }
  if (/\.ya?ml$/.test(name)) {
    return [...text.matchAll(/^\s*-\s+['"]?(?:[\w-]+::)?([A-Za-z][\w.-]*)/gm)].map(([, word = '']) =>
      normalizePackage(word),
    );
  }
  return [...text.matchAll(/^[ \t]*([A-Za-z][\w.-]*)/gm)].map(([, word = '']) => normalizePackage(word));
}

/** Reads manifests, each once until `clear`. */
export class DependencyLoader {
  readonly #own = new Map<string, Promise<readonly string[]>>();
  readonly #all = new Map<string, Promise<ReadonlySet<string>>>();

  constructor(readonly fileSystem: FileSystem) {}

  clear(): void {
    this.#own.clear();
    this.#all.clear();
  }

  /** Packages named in the manifests of a folder and of those above it, up to `top`. */
  load(folder: string, top: string): Promise<ReadonlySet<string>> {
    let found = this.#all.get(folder);
    if (!found) {
      const folders = foldersUp(folder, isInside(folder, top) ? top : folder);
      found = Promise.all(folders.map((one) => this.#ownOf(one))).then((names) => new Set(names.flat()));
      this.#all.set(folder, found);
    }
    return found;
  }

  #ownOf(folder: string): Promise<readonly string[]> {
    const known = this.#own.get(folder) ?? namedIn(this.fileSystem, folder);
    this.#own.set(folder, known);
    return known;
  }
}

/** Packages named in the manifests of one folder. */
async function namedIn(fileSystem: FileSystem, folder: string): Promise<readonly string[]> {
  const entries = await fileSystem.readDirectory(folder || '/').catch(() => []);
  const files = entries
    .filter(({ name, type }) => type === 'file' && isManifest(name))
    .map(({ name }) => `${folder}/${name}`);
  if (entries.some(({ name, type }) => name === 'requirements' && type === 'directory')) {
    const inside = await fileSystem.readDirectory(`${folder}/requirements`).catch(() => []);
    for (const { name } of inside)
      if (/\.(?:txt|in)$/.test(name)) files.push(`${folder}/requirements/${name}`);
  }
  const names: string[] = [];
  for (const file of files) {
    const { text } = await fileSystem.readFile(file).then(decodeText, () => ({ text: null }));
    if (text === null || text.length > 1_000_000) continue;
    const path = file.includes('/requirements/') ? `${folder}/requirements.txt` : file;
    names.push(...dependenciesIn(path, text));
  }
  return names;
}

/** Spellings of one package are one: `Scikit_Learn` is `scikit-learn`. */
export function normalizePackage(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

function fromPyproject(document: Readonly<Record<string, unknown>>): string[] {
  const project = record(document.project);
  const poetry = record(record(document.tool).poetry);
  const lists = [
    project.dependencies,
    ...Object.values(record(project['optional-dependencies'])),
    ...Object.values(record(document['dependency-groups'])),
    record(record(document.tool).uv)['dev-dependencies'],
  ];
  const tables = [
    poetry.dependencies,
    poetry['dev-dependencies'],
    ...Object.values(record(poetry.group)).map((group) => record(group).dependencies),
  ];
  const requirements = lists.flatMap((list) => (Array.isArray(list) ? list : []));
  const names = requirements.map((one) =>
    typeof one === 'string' ? (/^\s*([A-Za-z][\w.-]*)/.exec(one)?.[1] ?? '') : '',
  );
  return [...names.filter((name) => name !== ''), ...tables.flatMap((table) => Object.keys(record(table)))];
}

function fromPackageJson(document: unknown): string[] {
  const manifest = record(document);
  return ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies', 'imports'].flatMap(
    (key) => Object.keys(record(manifest[key])),
  );
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
