/** Processes that run programs: a Python that has imported and forks, or a fresh Node each time. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Program } from './program.ts';

/** What runs the programs of one language. */
export interface Runtime {
  readonly command: string;
  /** run.py or run.mjs. */
  readonly runner: string;
  /** Where folders for runs are made; Node finds its packages from there. */
  readonly folder: string;
}

export interface Run {
  readonly result: unknown;
  /** Seconds, bytes and what the program counted, by name. */
  readonly used: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
}

/** Where one run reads and writes. */
interface Place {
  readonly program: string;
  readonly folder: string;
  readonly report: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Exit status, a signal's name or negative number, or why nothing could start. */
type Status = number | string;

/** A Python that has imported, or could not: `started` says. */
interface Server {
  readonly child: ChildProcessWithoutNullStreams;
  readonly started: Promise<Status>;
  next(): Promise<Status>;
}

/** Programs with the same key can share a runner. */
export function runnerKey({ language, uses, threads }: Program): string {
  return [language, threads, ...uses].join(' ');
}

export class Runner {
  readonly #program: Pick<Program, 'language' | 'uses' | 'threads'>;
  readonly #runtime: Runtime;
  readonly #seconds: number;
  #server: Server | null = null;

  constructor(program: Pick<Program, 'language' | 'uses' | 'threads'>, runtime: Runtime, seconds: number) {
    this.#program = program;
    this.#runtime = runtime;
    this.#seconds = seconds;
  }

  /** One process in an empty folder. The last line it prints is JSON: `result`, and `counts` by name. */
  async run(file: string, text: string, files: Program['files'] = {}): Promise<Run | Error> {
    const { folder: parent } = this.#runtime;
    mkdirSync(parent, { recursive: true });
    const home = mkdtempSync(join(parent, 'run-'));
    const place: Place = {
      program: join(home, `program${/\.\w+$/.exec(file)?.[0] ?? ''}`),
      folder: join(home, 'work'),
      report: join(home, 'report.json'),
      stdout: join(home, 'stdout'),
      stderr: join(home, 'stderr'),
    };
    try {
      mkdirSync(place.folder);
      writeFileSync(place.program, text);
      for (const [name, content] of Object.entries(files)) writeFileSync(join(home, name), content);
      for (const path of [place.stdout, place.stderr]) writeFileSync(path, '');
      const status = await (this.#program.language === 'python' ? this.#fork(place) : this.#start(place));
      const stdout = readFileSync(place.stdout, 'utf8').trim();
      if (status !== 0) return new Error(`exit ${status}: ${lastError(readFileSync(place.stderr, 'utf8'))}`);
      const printed = parsed(stdout.split('\n').at(-1) ?? '');
      if (!printed) return new Error(`printed no JSON result but "${stdout.slice(-80)}"`);
      const report = JSON.parse(readFileSync(place.report, 'utf8')) as Pick<Run, 'used' | 'warnings'>;
      const bytes = sizeOf(place.folder);
      const used = { ...report.used, ...(bytes > 0 ? { bytes } : {}), ...printed.counts };
      return { result: printed.result, used, warnings: report.warnings };
    } catch (error) {
      return error as Error;
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  }

  close(): void {
    this.#server?.child.stdin.end();
    this.#server = null;
  }

  /** Imports what the programs use; null when that is done, else why it cannot be. */
  async ready(): Promise<string | null> {
    if (this.#program.language !== 'python') return null;
    if (!this.#server) this.#server = this.#serve();
    const status = await this.#server.started;
    return status === 'ready' ? null : String(status);
  }

  async #fork(place: Place): Promise<Status> {
    const reason = await this.ready();
    if (reason || !this.#server) return reason ?? 'closed';
    this.#server.child.stdin.write(`${JSON.stringify({ ...place, seconds: this.#seconds })}\n`);
    return this.#server.next();
  }

  #serve(): Server {
    const child = spawn(this.#runtime.command, [this.#runtime.runner, ...this.#program.uses], {
      env: environment(this.#program),
    });
    let stderr = '';
    child.stderr.on('data', (data) => {
      stderr = (stderr + data).slice(-20_000);
    });
    child.stdin.on('error', () => {});
    const gone = new Promise<Status>((resolve) => {
      child.on('error', (error) => resolve(error.message));
      child.on('close', (code) => resolve(`${code}: ${lastError(stderr)}`));
    });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const answer = async (): Promise<Status> => {
      for (;;) {
        const { value, done } = await lines.next();
        if (done) return gone;
        // what imports print is no answer
        if (value.startsWith('{"status"')) return (JSON.parse(value) as { status: Status }).status;
      }
    };
    const next = () => Promise.race([answer(), gone]);
    return { child, next, started: next() };
  }

  async #start(place: Place): Promise<Status> {
    const [out, error] = [openSync(place.stdout, 'w'), openSync(place.stderr, 'w')];
    try {
      const args = [this.#runtime.runner, place.program, place.report, ...this.#program.uses];
      const child = spawn(this.#runtime.command, args, {
        cwd: place.folder,
        env: environment(this.#program),
        stdio: ['ignore', out, error],
        timeout: this.#seconds * 1000,
        killSignal: 'SIGKILL',
      });
      return await new Promise<Status>((resolve) => {
        child.on('error', ({ message }) => resolve(message));
        child.on('close', (status, signal) => resolve(status ?? signal ?? 'killed'));
      });
    } finally {
      closeSync(out);
      closeSync(error);
    }
  }
}

/** No GPU unless it is asked for, no network, as many threads as the program asks for, and the same seeds each time. */
function environment(program: Pick<Program, 'threads'>): NodeJS.ProcessEnv {
  const threads = String(program.threads);
  return {
    ...process.env,
    ...(process.env.FRUGAL_EVIDENCE_GPU ? {} : { CUDA_VISIBLE_DEVICES: '' }),
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
  };
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
  const named = lines.findLast((line) => /^\w*(?:\.\w+)*(?:Error|Exception|Interrupt)\b/.test(line));
  return (named ?? lines.at(-1) ?? '').trim().slice(0, 300);
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sum + sizeOf(path);
    return entry.isFile() ? sum + statSync(path).size : sum;
  }, 0);
}
