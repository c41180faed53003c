/** Which files of a folder are linted: walks it, honours ignore files, and stays out of what no one wrote by hand. */
import ignore, { type Ignore } from 'ignore';
import picomatch from 'picomatch';
import type { Config } from './config.ts';
import { isMinifiedName, languageOf } from './languages.ts';
import { mapLimited, type Pacer } from './pacer.ts';
import { basename, dirname, foldersUp, isInside, relativePath } from './paths.ts';
import { reasonOf, said } from './problem-texts.ts';
import { decodeText } from './read.ts';
import type { FileSystem, FileType, Problem } from './types.ts';

export interface Discovery {
  /** Absolute paths, sorted. */
  readonly files: readonly string[];
  /** Folders that could not be read. */
  readonly problems: readonly Problem[];
  /** The walk stopped at the limit. */
  readonly truncated: boolean;
}

export interface DiscoveryOptions {
  /** The nearest configuration of a folder. */
  readonly configOf: (folder: string) => Promise<Config>;
  /** Ignore files are read from this folder down: the repository's root, or the workspace's. */
  readonly top: string;
  readonly pacer: Pacer;
  /** Stop after this many files. */
  readonly limit?: number;
}

/** Never entered, whatever the ignore files say. */
export const NEVER = new Set(
  `.git .hg .svn .jj node_modules bower_components jspm_packages site-packages dist-packages __pycache__ __pypackages__
  .venv .tox .nox .eggs .mypy_cache .pytest_cache .ruff_cache .ipynb_checkpoints .cache .next .nuxt .output .svelte-kit
  .angular .parcel-cache .turbo .vercel .netlify .yarn .pnpm-store .terraform .gradle .dvc .history`.split(
    /\s+/,
  ),
);

/** Build output where a package is built; elsewhere a folder like any other. */
const BUILD_FOLDERS = new Set(['build', 'dist']);
const PACKAGE_MANIFESTS = ['pyproject.toml', 'setup.py', 'setup.cfg', 'package.json', 'CMakeLists.txt'];

/** Folders of one folder that are read at a time: a disk answers many questions as soon as one. */
const PARALLEL_WALKS = 8;

const IGNORE_FILES = ['.gitignore', '.frugalignore'];

interface Entry {
  readonly name: string;
  readonly type: FileType;
}

/** Ignore files in force in a folder, outermost first. */
interface IgnoreRules {
  readonly folder: string;
  readonly matcher: Ignore;
}

/** The files to lint below a folder. Symbolic links are not followed, as in git: what they lead to is linted in its own place. */
export async function discover(
  fileSystem: FileSystem,
  root: string,
  options: DiscoveryOptions,
): Promise<Discovery> {
  const files: string[] = [];
  const problems: Problem[] = [];
  const seen = new Set<string>();
  const limit = options.limit ?? Number.POSITIVE_INFINITY;

  const walk = async (
    folder: string,
    siblings: ReadonlySet<string>,
    inherited: readonly IgnoreRules[],
  ): Promise<void> => {
    await options.pacer.tick();
    if (files.length >= limit) return;
    let entries: readonly Entry[];
    try {
      // A file system may show a link as the folder it leads to.
      const real = await fileSystem.realPath(folder || '/');
      if (seen.has(real)) return;
      seen.add(real);
      entries = await fileSystem.readDirectory(folder || '/');
    } catch (error) {
      problems.push({ path: folder, level: 'error', message: said(folder, reasonOf(error)) });
      return;
    }
    const names = new Set(entries.map((entry) => entry.name));
    if (folder !== root && (await isGeneratedFolder(fileSystem, folder, names, siblings))) return;

    const config = await options.configOf(folder);
    const isExcluded = excludeMatcher(config);
    const rules = [...inherited, ...(await ignoreRulesOf(fileSystem, folder, names))];
    const folders: string[] = [];
    for (const { name, type } of entries) {
      const path = `${folder}/${name}`;
      if (type === 'directory') {
        if (!isNeverEntered(name) && !isExcluded(path) && !isIgnored(rules, path, true)) folders.push(path);
      } else if (type === 'file' && languageOf(name) !== null) {
        if (!isMinifiedName(name) && !isExcluded(path) && !isIgnored(rules, path, false)) files.push(path);
      }
    }
    await mapLimited(folders, PARALLEL_WALKS, (one) => walk(one, names, rules));
  };

  await walk(root, new Set(), await inheritedRules(fileSystem, root, root, options.top));
  problems.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files: files.sort().slice(0, limit), problems, truncated: files.length >= limit };
}

/** Whether a walk from `root` would leave this file out. For files that an editor opens. */
export async function isLeftOut(
  fileSystem: FileSystem,
  path: string,
  root: string,
  options: DiscoveryOptions,
): Promise<boolean> {
  if (!isInside(path, root)) return false;
  const steps = foldersUp(dirname(path), root).filter((folder) => isInside(folder, root));
  if (steps.some((folder) => folder !== root && isNeverEntered(basename(folder)))) return true;
  if (isMinifiedName(path)) return true;
  for (const folder of steps.reverse()) {
    const names = await namesIn(fileSystem, folder);
    const siblings = folder === root ? new Set<string>() : await namesIn(fileSystem, dirname(folder));
    if (folder !== root && (await isGeneratedFolder(fileSystem, folder, names, siblings))) return true;
    const config = await options.configOf(folder);
    const rules = await inheritedRules(fileSystem, folder, root, options.top);
    rules.push(...(await ignoreRulesOf(fileSystem, folder, names)));
    const next = path.slice(folder.length + 1).split('/')[0] ?? '';
    const child = `${folder}/${next}`;
    if (excludeMatcher(config)(child) || isIgnored(rules, child, child !== path)) return true;
  }
  return false;
}

function isNeverEntered(name: string): boolean {
  return NEVER.has(name) || name.endsWith('.egg-info') || name.endsWith('.dist-info');
}

/** A virtual environment, or the output of a build. */
async function isGeneratedFolder(
  fileSystem: FileSystem,
  folder: string,
  names: ReadonlySet<string>,
  siblings: ReadonlySet<string>,
): Promise<boolean> {
  if (names.has('pyvenv.cfg') || names.has('conda-meta')) return true;
  for (const scripts of ['bin', 'Scripts']) {
    if (names.has(scripts) && (names.has('lib') || names.has('Lib'))) {
      if (await fileSystem.stat(`${folder}/${scripts}/activate`).catch(() => null)) return true;
    }
  }
  // A Python package may well be named `build`.
  if (!BUILD_FOLDERS.has(basename(folder)) || names.has('__init__.py')) return false;
  return PACKAGE_MANIFESTS.some((manifest) => siblings.has(manifest));
}

/** Globs of a configuration: one without a slash names files and folders at any depth, as in ignore files. */
function excludeMatcher(config: Config): (path: string) => boolean {
  if (config.exclude.length === 0) return () => false;
  const matchers = config.exclude.map((glob) => {
    const pattern = glob.replace(/^\.?\//, '').replace(/\/(\*\*)?$/, '');
    return picomatch(pattern, { dot: true, basename: !pattern.includes('/') });
  });
  return (path) => {
    const relative = relativePath(path, config.folder);
    return matchers.some((matches) => matches(relative));
  };
}

async function ignoreRulesOf(
  fileSystem: FileSystem,
  folder: string,
  names: ReadonlySet<string>,
): Promise<IgnoreRules[]> {
  const rules: IgnoreRules[] = [];
  for (const name of IGNORE_FILES) {
    if (!names.has(name)) continue;
    try {
      const { text } = decodeText(await fileSystem.readFile(`${folder}/${name}`));
      if (text) rules.push({ folder, matcher: ignore({ ignorecase: false }).add(text) });
    } catch {
      // An ignore file that cannot be read ignores nothing.
    }
  }
  return rules;
}

/**
 * Rules of the folders above `folder`, from `top` down. A root that they ignore was named on purpose: those above it
 * do not count then.
 */
async function inheritedRules(
  fileSystem: FileSystem,
  folder: string,
  root: string,
  top: string,
): Promise<IgnoreRules[]> {
  if (folder === top || !isInside(folder, top)) return [];
  const rules: IgnoreRules[] = [];
  for (const above of foldersUp(dirname(folder), top).reverse()) {
    rules.push(...(await ignoreRulesOf(fileSystem, above, await namesIn(fileSystem, above))));
  }
  const aboveRoot = rules.filter((one) => one.folder !== root && !isInside(one.folder, root));
  return isIgnored(aboveRoot, root, true) ? rules.filter((one) => !aboveRoot.includes(one)) : rules;
}

/** The innermost ignore file that says anything decides. */
function isIgnored(rules: readonly IgnoreRules[], path: string, isFolder: boolean): boolean {
  let ignored = false;
  for (const { folder, matcher } of rules) {
    const relative = relativePath(path, folder);
    const verdict = matcher.test(isFolder ? `${relative}/` : relative);
    if (verdict.ignored) ignored = true;
    else if (verdict.unignored) ignored = false;
  }
  return ignored;
}

async function namesIn(fileSystem: FileSystem, folder: string): Promise<ReadonlySet<string>> {
  const entries = await fileSystem.readDirectory(folder || '/').catch(() => []);
  return new Set(entries.map((entry) => entry.name));
}
