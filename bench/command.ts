/** Runs the built `frugal` command as a user would: one process, its JSON read back, what it used measured. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** One finding of the command's JSON contract; what the harnesses need of it. */
export interface ReportedFinding {
  readonly path: string;
  readonly cell: number | null;
  readonly line: number;
  readonly column: number;
  readonly rule: string;
  readonly severity: string;
  readonly status: string;
  readonly message: string;
}

export interface Report {
  readonly findings: readonly ReportedFinding[];
  readonly stats: { files: number; analysed: number; skipped: number; lines: number; ms: number };
  readonly errors: readonly { path: string; message: string }[];
}

export interface CheckRun {
  /** Null when the command gave no JSON: `failure` says why. */
  readonly report: Report | null;
  readonly failure: string | null;
  readonly usage: Usage;
}

/** What a process took: from start to end, of the processor (all threads), and of memory at most. */
export interface Usage {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakBytes: number;
}

/** The repository's root: scripts/run-ts.mjs makes it the working directory. */
export const root: string = process.cwd();
/** The built command; `$FRUGAL_DIST` names the folder of another build. */
export const cliPath: string = join(resolve(process.env.FRUGAL_DIST ?? join(root, 'dist')), 'cli.mjs');

/** Where relative paths on the command line start from: npm moves to the root, the user has not. */
export const userFolder: string = process.env.INIT_CWD ?? root;

export interface ProcessResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly usage: Usage;
}

/** Runs a Node script to its end. Its usage is what the system counted, written by usage.mjs on exit. */
export async function runNode(
  args: readonly string[],
  options: { cwd: string; timeoutMs: number },
): Promise<ProcessResult> {
  const folder = mkdtempSync(join(tmpdir(), 'frugal-bench-'));
  const usageFile = join(folder, 'usage.json');
  const hook = pathToFileURL(join(root, 'bench', 'usage.mjs')).href;
  const start = performance.now();
  const child = spawn(process.execPath, ['--import', hook, ...args], {
    cwd: options.cwd,
    env: { ...process.env, FRUGAL_USAGE_FILE: usageFile },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.timeoutMs,
    killSignal: 'SIGKILL',
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (data: Buffer) => stdout.push(data));
  child.stderr.on('data', (data: Buffer) => stderr.push(data));
  const code = await new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(null));
    child.on('close', resolve);
  });
  const wallMs = performance.now() - start;
  const usage = { ...readUsage(usageFile), wallMs };
  rmSync(folder, { recursive: true, force: true });
  return { code, stdout: String(Buffer.concat(stdout)), stderr: String(Buffer.concat(stderr)), usage };
}

function readUsage(path: string): Omit<Usage, 'wallMs'> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Omit<Usage, 'wallMs'>;
  } catch {
    return { cpuMs: 0, peakBytes: 0 };
  }
}

/** `frugal check --format json --preview` on paths of a folder. */
export async function check(
  cwd: string,
  paths: readonly string[],
  options: { args?: readonly string[]; timeoutMs?: number } = {},
): Promise<CheckRun> {
  const args = [cliPath, 'check', '--format', 'json', '--preview', ...(options.args ?? []), ...paths];
  const result = await runNode(args, { cwd, timeoutMs: options.timeoutMs ?? 600_000 });
  const { usage } = result;
  try {
    return { report: JSON.parse(result.stdout) as Report, failure: null, usage };
  } catch {
    const reason = result.code === null ? 'killed or out of time' : `exit ${result.code}`;
    const lines = result.stderr.trim().split('\n');
    const detail = (lines.find((line) => /Error\b/.test(line)) ?? lines.at(-1) ?? '').trim().slice(0, 500);
    return { report: null, failure: `${reason}: ${detail}`, usage };
  }
}
