/** Both forms of a program, each run in processes of its own, in turn. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from './program.ts';
import { disagreement, isSteady, type Spread, spread, type Verdict, verdict } from './stats.ts';

/** What runs the programs of one language. */
export interface Runtime {
  readonly command: string;
  /** run.py or run.mjs. */
  readonly runner: string;
  /** Where folders for runs are made; Node finds its packages from there. */
  readonly folder: string;
}

export interface Limits {
  readonly minPairs: number;
  readonly maxPairs: number;
  /** No further pair starts after this. */
  readonly seconds: number;
  /** One run. */
  readonly timeoutSeconds: number;
}

interface Run {
  readonly result: unknown;
  /** Seconds, bytes and what the program counted, by name. */
  readonly used: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
}

export interface Measure extends Spread {
  /** Medians of the two forms: seconds, bytes or counts. */
  readonly before: number;
  readonly after: number;
}

export type Outcome =
  /** The mended form crashed, or gave another result: the fix is wrong. */
  | { readonly kind: 'broken'; readonly reason: string }
  /** The wasteful form does not run: the program is wrong, or something is missing. */
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'executed' }
  | {
      readonly kind: 'measured';
      readonly pairs: number;
      readonly verdict: Verdict;
      readonly measures: Readonly<Record<string, Measure>>;
    };

/** Memory below this is noise of the allocator. */
const LEAST_MEMORY = 8 * 2 ** 20;

/**
 * Runs both forms in turn until the measure that the program declares is steady, within the limits. `quick`: each
 * once, outputs compared, nothing measured.
 */
export async function measure(
  program: Program,
  before: string,
  after: string,
  runtime: Runtime,
  limits: Limits,
  quick: boolean,
  onPair: (pair: number) => void = () => {},
): Promise<Outcome> {
  const started = performance.now();
  const pairs: { before: Run; after: Run }[] = [];
  const isOver = () => performance.now() - started > limits.seconds * 1000;
  for (;;) {
    // who goes first changes, so that neither form always meets the warmer machine
    const order = pairs.length % 2 === 0 ? [before, after] : [after, before];
    const runs = new Map<string, Run | Error>();
    for (const text of order) runs.set(text, await runOnce(program, text, runtime, limits.timeoutSeconds));
    const [one, other] = [runs.get(before)!, runs.get(after)!];
    if (one instanceof Error) return { kind: 'failed', reason: one.message };
    if (other instanceof Error) return { kind: 'broken', reason: `after the fix: ${other.message}` };
    const differs = disagreement(one.result, other.result, program.comparison);
    if (differs) return { kind: 'broken', reason: `after the fix, ${differs}` };
    const [warning] = other.warnings.filter((text) => !one.warnings.includes(text));
    if (warning) return { kind: 'broken', reason: `the fix brings a warning: ${warning}` };
    if (quick || program.measure === null) return { kind: 'executed' };
    if (!(program.measure in one.used) || !(program.measure in other.used))
      return { kind: 'failed', reason: `there is no measure "${program.measure}"` };
    pairs.push({ before: one, after: other });
    onPair(pairs.length);
    if (pairs.length < limits.minPairs) continue;
    if (pairs.length >= limits.maxPairs || isOver() || isSteady(ratios(pairs, program.measure))) break;
  }
  const names = Object.keys(pairs[0]!.before.used).filter((name) =>
    pairs.every((pair) => isWorth(name, pair.before.used[name], pair.after.used[name])),
  );
  const measures = Object.fromEntries(
    names.map((name) => {
      const median = (side: 'before' | 'after') => spread(pairs.map((pair) => pair[side].used[name]!)).median;
      return [name, { ...spread(ratios(pairs, name)), before: median('before'), after: median('after') }];
    }),
  );
  const primary = measures[program.measure];
  if (!primary) return { kind: 'failed', reason: `too little ${program.measure} to compare` };
  return { kind: 'measured', pairs: pairs.length, verdict: verdict(primary), measures };
}

function isWorth(name: string, before: number | undefined, after: number | undefined): boolean {
  if (before === undefined || after === undefined || before === 0) return false;
  return name !== 'memory' || Math.max(before, after) >= LEAST_MEMORY;
}

function ratios(pairs: readonly { before: Run; after: Run }[], name: string): number[] {
  return pairs.map((pair) => (pair.after.used[name] ?? 0) / (pair.before.used[name] ?? 1));
}

/** One process in an empty folder. The last line it prints is JSON: `result`, and `counts` by name. */
export async function runOnce(
  program: Program,
  text: string,
  runtime: Runtime,
  timeoutSeconds: number,
): Promise<Run | Error> {
  mkdirSync(runtime.folder, { recursive: true });
  const home = mkdtempSync(join(runtime.folder, 'run-'));
  const folder = join(home, 'work');
  mkdirSync(folder);
  const file = join(home, `program${/\.\w+$/.exec(program.file)?.[0] ?? ''}`);
  const report = join(home, 'report.json');
  try {
    writeFileSync(file, text);
    const threads = String(program.threads);
    const child = spawn(runtime.command, [runtime.runner, file, report, ...program.uses], {
      cwd: folder,
      env: {
        ...process.env,
        CUDA_VISIBLE_DEVICES: '',
        HF_HUB_OFFLINE: '1',
        MKL_NUM_THREADS: threads,
        OMP_NUM_THREADS: threads,
        OPENBLAS_NUM_THREADS: threads,
        PYTHONDONTWRITEBYTECODE: '1',
        PYTHONHASHSEED: '0',
        TF_CPP_MIN_LOG_LEVEL: '3',
        TF_NUM_INTEROP_THREADS: threads,
        TF_NUM_INTRAOP_THREADS: threads,
        TRANSFORMERS_VERBOSITY: 'error',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutSeconds * 1000,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    child.stderr.on('data', (data) => {
      stderr = (stderr + data).slice(-20_000);
    });
    const code = await new Promise<number | string | null>((resolve) => {
      child.on('error', (error) => resolve(error.message));
      child.on('close', (status, signal) => resolve(status ?? signal));
    });
    if (code !== 0) return new Error(`exit ${code}: ${lastError(stderr)}`);
    const printed = parsed(stdout.trim().split('\n').at(-1) ?? '');
    if (!printed) return new Error(`printed no JSON result but "${stdout.trim().slice(-80)}"`);
    const { used, warnings } = JSON.parse(readFileSync(report, 'utf8')) as Pick<Run, 'used' | 'warnings'>;
    const bytes = sizeOf(folder);
    const all = { ...used, ...(bytes > 0 ? { bytes } : {}), ...printed.counts };
    return { result: printed.result, used: all, warnings };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function parsed(line: string): { result: unknown; counts?: Record<string, number> } | null {
  try {
    const value = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'result' in value ? value : null;
  } catch {
    return null;
  }
}

function lastError(stderr: string): string {
  const lines = stderr.trim().split('\n');
  return (
    lines.findLast((line) => /^\w*(?:\.\w+)*(?:Error|Exception|Interrupt)\b/.test(line)) ??
    lines.at(-1) ??
    ''
  )
    .trim()
    .slice(0, 300);
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sum + sizeOf(path);
    return entry.isFile() ? sum + statSync(path).size : sum;
  }, 0);
}
