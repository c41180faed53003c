/**
 * Installs what the end-to-end tests drive: code-server (the real VS Code workbench) with its native modules,
 * Node 24 to run it, and Debian's chromium, neovim and ripgrep. Everything from npm lies in a cache folder
 * outside the tree. Idempotent: says what it installs, skips what is there.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const CODE_SERVER_VERSION = '4.139.1';
/** Node as an npm package: what the package `node` fetches in an install script. */
const NODE_PACKAGE = `node-${process.platform}-${process.arch}`;
const NODE_VERSION = '24';

/** Debian package -> a path that shows that it is installed. */
const DEBIAN = {
  chromium: '/usr/bin/chromium',
  ripgrep: '/usr/bin/rg',
  neovim: '/usr/bin/nvim',
  'libkrb5-dev': '/usr/include/krb5.h',
};

/** Packages of code-server's VS Code that have native code; `npm install --ignore-scripts` left them unbuilt. */
const NATIVE = [
  '@vscode/spdlog',
  '@vscode/native-watchdog',
  'native-watchdog',
  'node-pty',
  '@parcel/watcher',
  'kerberos',
];

export const CACHE = process.env.FRUGAL_E2E_CACHE ?? join(homedir(), '.cache', 'frugal-e2e');
const SERVER = join(CACHE, 'node_modules', 'code-server');
const VSCODE = join(SERVER, 'lib', 'vscode');
const DONE = join(CACHE, 'installed.json');

function run(command, args, cwd) {
  console.log(`e2e: ${command} ${args.join(' ')}`);
  const { status } = spawnSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')} failed with ${status} in ${cwd ?? process.cwd()}`);
}

function installDebian() {
  const missing = Object.entries(DEBIAN)
    .filter(([, path]) => !existsSync(path))
    .map(([name]) => name);
  if (missing.length === 0) return;
  const sudo = process.getuid?.() === 0 ? [] : ['sudo'];
  const apt = (...args) => {
    const [command, ...rest] = [...sudo, 'apt-get', ...args];
    run(command, rest);
  };
  apt('update', '-q');
  apt('install', '-y', '-q', '--no-install-recommends', ...missing);
}

function installCodeServer() {
  const wanted = JSON.stringify({ codeServer: CODE_SERVER_VERSION, [NODE_PACKAGE]: NODE_VERSION });
  if (existsSync(DONE) && readFileSync(DONE, 'utf8') === wanted) {
    console.log(`e2e: code-server ${CODE_SERVER_VERSION} is in ${CACHE}`);
    return;
  }
  mkdirSync(CACHE, { recursive: true });
  rmSync(DONE, { force: true });
  writeFileSync(join(CACHE, 'package.json'), '{ "private": true }\n');
  // code-server's published lockfile names platforms and optional parts that a test machine does not need.
  run(
    'npm',
    ['install', '--ignore-scripts', `code-server@${CODE_SERVER_VERSION}`, `${NODE_PACKAGE}@${NODE_VERSION}`],
    CACHE,
  );
  run('npm', ['install', '--ignore-scripts', '--omit=dev'], VSCODE);
  const present = NATIVE.filter((name) => existsSync(join(VSCODE, 'node_modules', name)));
  run('npm', ['rebuild', ...present], VSCODE);
  // With --ignore-scripts npm may nest code-server's dependencies or hoist them: build argon2 where it lies.
  run('npm', ['rebuild', 'argon2'], existsSync(join(SERVER, 'node_modules', 'argon2')) ? SERVER : CACHE);
  link('/usr/bin/rg', join(VSCODE, 'node_modules', '@vscode', 'ripgrep', 'bin', 'rg'));
  link('node_modules', join(VSCODE, 'node_modules.asar'));
  writeFileSync(DONE, wanted);
}

function link(target, path) {
  mkdirSync(join(path, '..'), { recursive: true });
  if (!existsSync(path)) symlinkSync(target, path);
}

/** Where the installed programs are. */
export function locate() {
  const node = join(CACHE, 'node_modules', NODE_PACKAGE, 'bin', 'node');
  return {
    node,
    codeServer: join(SERVER, 'out', 'node', 'entry.js'),
    chromium: DEBIAN.chromium,
    nvim: DEBIAN.neovim,
  };
}

/** Installs what is missing and says where it is. */
export function install() {
  installDebian();
  installCodeServer();
  return locate();
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) console.log(install());
