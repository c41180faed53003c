/** The libraries that the programs run with, in a folder of their own outside the tree. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, homedir, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { root } from '../command.ts';
import type { Program } from './program.ts';
import type { Runtime } from './runner.ts';

/** `$FRUGAL_EVIDENCE_HOME` names another folder. */
export const home: string = process.env.FRUGAL_EVIDENCE_HOME ?? join(homedir(), '.cache', 'frugal-evidence');

const folder = join(root, 'bench', 'evidence');
const python = join(home, 'venv', 'bin', 'python');
const nodeHome = join(home, 'node');

/** onnxruntime-node and tfjs ship what they need: no install script runs. */
const NODE_PACKAGES = [
  '@huggingface/transformers',
  '@tensorflow/tfjs',
  '@tensorflow/tfjs-backend-wasm',
  'onnxruntime-node',
];

export const runtimes: Readonly<Record<Program['language'], Runtime>> = {
  python: { command: python, runner: join(folder, 'run.py'), folder: join(home, 'runs') },
  node: { command: process.execPath, runner: join(folder, 'run.mjs'), folder: join(nodeHome, 'runs') },
};

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  /** Instructions on many numbers at once, where the system tells: what 8-bit integers gain hangs on them. */
  readonly vectors?: readonly string[];
}

const VECTORS = ['avx2', 'avx512f', 'avx512_vnni', 'avx_vnni', 'amx_int8', 'asimddp', 'i8mm'];

/** Of the first processor in the text of Linux's /proc/cpuinfo. */
export function vectorsIn(cpuinfo: string): readonly string[] {
  const flags = new Set(/^(?:flags|Features)\s*:(.*)$/m.exec(cpuinfo)?.[1]?.split(/\s+/));
  return VECTORS.filter((one) => flags.has(one));
}

export function machine(): Machine {
  const told = '/proc/cpuinfo';
  return {
    cpu: cpus()[0]?.model.trim() || 'unknown',
    ...(existsSync(told) ? { vectors: vectorsIn(readFileSync(told, 'utf8')) } : {}),
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
  };
}

/** Says what it will install and where, and does so where the record of the last time differs. False: it cannot. */
export function install(
  language: Program['language'],
  minutes: number,
  say: (line: string) => void,
): boolean {
  return language === 'python' ? installPython(minutes, say) : installNode(minutes, say);
}

function installPython(minutes: number, say: (line: string) => void): boolean {
  const list = join(folder, 'requirements.txt');
  const wanted = readFileSync(list, 'utf8');
  const isCurrent = recordOf('venv', wanted);
  if (isCurrent()) return true;
  const names = wanted.split('\n').filter((line) => line && !line.startsWith('#'));
  say(`Installs into ${join(home, 'venv')} (about 3 GB): ${names.join(', ')}`);
  mkdirSync(home, { recursive: true });
  const starter = process.platform === 'win32' ? 'python' : 'python3';
  if (!existsSync(python) && !succeeds(starter, ['-m', 'venv', join(home, 'venv')], 2, say)) return false;
  const pip = (args: readonly string[], limit: number) =>
    succeeds(python, ['-m', 'pip', 'install', '--quiet', '-r', list, ...args], limit, say);
  // A machine may hold its packages in folders: they answer at once where the network does not.
  const [local] = localIndexes();
  if ((local && pip(['--index-url', local], minutes)) || pip([], minutes)) {
    isCurrent(true);
    return true;
  }
  return false;
}

/**
 * A Python that has the programs' libraries and, where they can be installed without changing those, what fixes call
 * besides; null where there is none.
 */
export function installChecks(minutes: number, say: (line: string) => void): string | null {
  if (!installPython(minutes, say)) return null;
  const list = readFileSync(join(folder, 'requirements-check.txt'), 'utf8');
  const checks = join(home, 'checks');
  const own = join(checks, 'bin', 'python');
  const isCurrent = recordOf('checks', list);
  if (isCurrent()) return own;
  const names = list.split('\n').filter((line) => line && !line.startsWith('#'));
  say(`Installs into ${checks} (about 500 MB), each where it can be had: ${names.join(', ')}`);
  if (!succeeds(python, ['-m', 'venv', checks], 2, say)) return null;
  const [site = '', theirs = ''] = [own, python].map((one) =>
    execFileSync(one, ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'], {
      encoding: 'utf8',
    }).trim(),
  );
  writeFileSync(join(site, 'programs.pth'), `${theirs}\n`);
  const frozen = join(checks, 'frozen.txt');
  writeFileSync(
    frozen,
    execFileSync(python, ['-m', 'pip', 'freeze', '--exclude-editable'], { encoding: 'utf8' }),
  );
  const end = performance.now() + minutes * 60_000;
  const [local] = localIndexes();
  const missing = names.filter((name) => {
    const left = (end - performance.now()) / 60_000;
    const pip = ['-m', 'pip', 'install', '--quiet', '--retries', '0', '--timeout', '15', '-c', frozen, name];
    const quiet = () => {};
    const isIn = (args: readonly string[]) => left > 0 && succeeds(own, [...pip, ...args], left, quiet);
    const isInstalled = (local && isIn(['--index-url', local])) || isIn([]);
    // signatures are there without what the package calls itself
    return !isInstalled && !(local && isIn(['--index-url', local, '--no-deps'])) && !isIn(['--no-deps']);
  });
  if (missing.length > 0) say(`Not to be had here: ${missing.join(', ')}`);
  // cut short, the next time goes on: what is in answers at once
  if (performance.now() < end) isCurrent(true);
  return own;
}

/** Folders that pip is configured to look into besides its index. */
function localIndexes(): string[] {
  const { stdout } = spawnSync(python, ['-m', 'pip', 'config', 'list'], { encoding: 'utf8' });
  return /file:\/\/[^\s']+/.exec(/extra-index-url=.*/.exec(stdout ?? '')?.[0] ?? '') ?? [];
}

function installNode(minutes: number, say: (line: string) => void): boolean {
  return installPackages('node', nodeHome, NODE_PACKAGES, '800 MB', minutes, say);
}

function installPackages(
  name: string,
  folder: string,
  packages: readonly string[],
  size: string,
  minutes: number,
  say: (line: string) => void,
): boolean {
  const isCurrent = recordOf(name, packages.join('\n'));
  if (isCurrent()) return true;
  say(`Installs into ${folder} (about ${size}): ${packages.join(', ')}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const args = [
    'install',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    // peers are other frameworks' adapters, which nothing here calls
    '--legacy-peer-deps',
    ...packages,
  ];
  if (!succeeds(npm, args, minutes, say, folder)) return false;
  isCurrent(true);
  return true;
}

/** What the fixes in TypeScript call: their types alone are needed. tfjs and transformers lie in the folder above. */
const TYPE_PACKAGES = [
  '@ai-sdk/openai',
  '@anthropic-ai/sdk',
  '@aws-sdk/client-sagemaker-runtime',
  '@google/genai',
  '@google/generative-ai',
  '@pulumi/aws',
  '@tensorflow-models/coco-ssd',
  '@tensorflow-models/pose-detection',
  '@tensorflow/tfjs-node',
  '@types/express',
  '@types/lodash.debounce',
  '@types/node',
  '@types/react',
  '@xenova/transformers',
  'ai',
  'aws-cdk-lib',
  'constructs',
  'express',
  'express-prom-bundle',
  'lodash.debounce',
  'node-cron',
  'openai',
  'react',
];

/** The folder that the fixes in TypeScript are checked in, with the libraries' types; null: they cannot be installed. */
export function installTypes(minutes: number, say: (line: string) => void): string | null {
  if (!installNode(minutes, say)) return null;
  const types = join(nodeHome, 'types');
  return installPackages('types', types, TYPE_PACKAGES, '1 GB', minutes, say) ? types : null;
}

/** Where the Node programs find the small models that models.py builds. */
export const models: string = join(home, 'models');

/** Builds them with the Python libraries. False: it cannot. */
export function buildModels(minutes: number, say: (line: string) => void): boolean {
  mkdirSync(models, { recursive: true });
  return succeeds(python, [join(folder, 'models.py'), models], minutes, say);
}

/** Whether what was installed last is what is wanted; with `true`, writes that it is. */
function recordOf(name: string, wanted: string): (done?: true) => boolean {
  const path = join(home, `${name}.installed`);
  const hash = createHash('sha256').update(wanted).digest('hex');
  return (done) => {
    if (done) writeFileSync(path, hash);
    return existsSync(path) && readFileSync(path, 'utf8') === hash;
  };
}

function succeeds(
  command: string,
  args: readonly string[],
  minutes: number,
  say: (line: string) => void,
  cwd = home,
): boolean {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: Math.ceil(minutes * 60_000) });
  if (result.status === 0) return true;
  const reason = result.error?.message ?? result.stderr.trim().split('\n').at(-1) ?? `exit ${result.status}`;
  say(`${command} ${args[0]} …: ${reason}`);
  return false;
}

/** Prints versions by module's name, of what is installed. */
const VERSIONS = `
import importlib.metadata, json, platform, sys
packages = importlib.metadata.packages_distributions()
found = {name: importlib.metadata.version(packages[name][0]) for name in sys.argv[1:] if name in packages}
print(json.dumps({"python": platform.python_version(), **found}))
`;

/** Versions of the packages that the programs use, by name: those that are installed. */
export function versions(
  language: Program['language'],
  packages: readonly string[],
): Readonly<Record<string, string>> {
  try {
    if (language === 'python')
      return JSON.parse(execFileSync(python, ['-c', VERSIONS, ...packages], { encoding: 'utf8' }));
    const lock = JSON.parse(readFileSync(join(nodeHome, 'node_modules', '.package-lock.json'), 'utf8'));
    const version = (name: string): string | undefined => lock.packages[`node_modules/${name}`]?.version;
    return Object.fromEntries([
      ['node', process.versions.node],
      ...packages.flatMap((name) => (version(name) ? [[name, version(name)]] : [])),
    ]);
  } catch {
    return {};
  }
}

/** What must be installed for a module: `torch` of `torch.nn`, `@scope/name` of `@scope/name/part`. */
export function packageOf(module: string, language: Program['language']): string {
  if (language === 'python') return module.split('.')[0] ?? module;
  return module.split('/', module.startsWith('@') ? 2 : 1).join('/');
}

/** The packages that programs of a language use, once each. */
export function packagesOf(programs: readonly Program[], language: Program['language']): string[] {
  const own = programs.filter((program) => program.language === language);
  return [...new Set(own.flatMap(({ uses }) => uses.map((module) => packageOf(module, language))))];
}
