/** What the end-to-end tests share: steps, waiting, temporary folders, processes that end with the run. */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Fails a step after this long without what it waits for. Generous: a cold workbench on a busy machine is slow. */
const PATIENCE_MS = 90_000;

/** Waits until `get` gives something true; errors on the way count as "not yet". */
export async function until(what, get, patience = PATIENCE_MS) {
  const end = Date.now() + patience;
  let last;
  while (Date.now() < end) {
    try {
      const value = await get();
      if (value) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    await sleep(200);
  }
  throw new Error(
    `waited in vain until ${what}; last: ${last instanceof Error ? last.message : JSON.stringify(last)}`,
  );
}

export function assert(condition, message) {
  if (!condition) throw new Error(message);
}

/** Runs and reports named steps; the first failure ends the run. */
export class Steps {
  constructor(onFailure = async () => {}) {
    this.onFailure = onFailure;
    this.count = 0;
  }

  async run(name, work) {
    const started = Date.now();
    try {
      const result = await work();
      this.count += 1;
      console.log(`  ok    ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
      return result;
    } catch (error) {
      console.log(`  FAIL  ${name}`);
      try {
        await this.onFailure(name);
      } catch (other) {
        console.log(`        no evidence kept: ${other.message}`);
      }
      throw error;
    }
  }
}

const children = new Set();

/** Starts a process whose output goes to a log file. It ends with the run. */
export function start(command, args, { log, ...options }) {
  mkdirSync(join(log, '..'), { recursive: true });
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, ...options });
  const file = createWriteStream(log);
  child.stdout.pipe(file, { end: false });
  child.stderr.pipe(file, { end: false });
  children.add(child);
  child.on('exit', () => children.delete(child));
  return child;
}

/** Ends a process and those it started. */
export function stop(child) {
  if (child.exitCode !== null || child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

process.on('exit', () => {
  for (const child of children) stop(child);
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

/** Runs a command to its end and gives its output. */
export async function output(command, args, { patience = PATIENCE_MS, ...options } = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, ...options });
  children.add(child);
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  child.stderr.on('data', (chunk) => {
    text += chunk;
  });
  const timer = setTimeout(() => stop(child), patience);
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  });
  clearTimeout(timer);
  children.delete(child);
  return { code, text };
}

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
