/** What the npm scripts share. Runs on a bare clone: nothing here imports a dependency. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs a command with our stdio; returns its exit code. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) console.error(`${command}: ${result.error.message}`);
  return result.status ?? 1;
}

/** Runs Node on a script or a dependency's command. */
export function runNode(args, options) {
  return run(process.execPath, args, options);
}

/** Runs a dependency's command (`biome`, `tsc`, `vitest`) whatever the platform's shell. */
export function runTool(name, args, options) {
  const windows = process.platform === 'win32';
  return run(join(root, 'node_modules', '.bin', windows ? `${name}.cmd` : name), args, {
    shell: windows,
    ...options,
  });
}

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** Whether node_modules holds what package-lock.json asks for, by npm's own record of what it installed. */
export function isInstalled() {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = readJson(join(root, 'package-lock.json')).packages;
  const there = readJson(record).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional, devOptional }]) =>
      path === '' || optional || devOptional || there[path]?.version === version,
  );
}

/** Installs when needed, without running anybody's install scripts. */
export function install() {
  if (isInstalled()) return;
  const npm = process.env.npm_execpath;
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  console.error('Installing dependencies …');
  const code = npm ? runNode([npm, ...args]) : run('npm', args, { shell: process.platform === 'win32' });
  if (code !== 0) process.exit(2);
}

const SOURCES = ['analysis', 'rules', 'engine', 'protocol', 'cli', 'server', 'client'];
const BUILD_FILES = ['esbuild.mjs', 'package.json', 'package-lock.json', 'tsconfig.json'];

function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Whether dist/ is older than any source. A folder's time counts: it tells of deleted files. */
export function isBuilt() {
  const built = statSync(join(root, 'dist', '.built'), { throwIfNoEntry: false });
  if (!built) return false;
  return [...SOURCES, ...BUILD_FILES].every((name) => newest(join(root, name)) <= built.mtimeMs);
}

/** Bundles when needed. */
export function build() {
  if (isBuilt()) return;
  if (runNode([join(root, 'esbuild.mjs')]) !== 0) process.exit(2);
}
