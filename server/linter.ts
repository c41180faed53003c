/** Runs the engine for the protocol's requests: one run per file and state of the workspace, shared and cancellable. */
import type { CancellationToken } from 'vscode-languageserver';
import type { FileResult } from '../engine/types.ts';

type Run = {
  readonly state: number;
  readonly abort: AbortController;
  readonly result: Promise<FileResult>;
} & {
  waiting: number;
  done: boolean;
};

export type LintFile = (path: string, signal: AbortSignal) => Promise<FileResult>;

/** The request's file changed, or the request was given up, before there was an answer. */
export class Superseded extends Error {}

/**
 * Requests that ask for the same file in the same state (diagnostics, then code actions, then a hover) share a run;
 * a change makes all runs stale, because files of one program see each other. A run nobody waits for is aborted.
 */
export class Linter {
  readonly #lintFile: LintFile;
  readonly #runs = new Map<string, Run>();
  readonly #versions = new Map<string, number>();
  #state = 0;

  constructor(lintFile: LintFile) {
    this.#lintFile = lintFile;
  }

  /** A file's text changed (`path`), or what all files depend on (no path). */
  changed(path?: string): void {
    this.#state += 1;
    if (path === undefined) return;
    this.#versions.set(path, (this.#versions.get(path) ?? 0) + 1);
    this.#drop(path);
  }

  /** The file is closed: nothing about it needs to be kept. */
  forget(path: string): void {
    this.#state += 1;
    this.#drop(path);
    this.#versions.delete(path);
  }

  /** The file's result; throws `Superseded` when it is not wanted any more. */
  async lint(path: string, token?: CancellationToken): Promise<FileResult> {
    // Edits and cancellations that arrived with this request are handled first: the latest version wins.
    const version = this.#versions.get(path);
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.#check(path, version, token);
    const run = this.#run(path);
    run.waiting += 1;
    const listener = token?.onCancellationRequested(() => this.#leave(path, run));
    try {
      const result = await run.result;
      this.#check(path, version, token);
      return result;
    } catch (error) {
      this.#check(path, version, token);
      throw error;
    } finally {
      listener?.dispose();
    }
  }

  #check(path: string, version: number | undefined, token?: CancellationToken): void {
    if (token?.isCancellationRequested || this.#versions.get(path) !== version) throw new Superseded();
  }

  #run(path: string): Run {
    const known = this.#runs.get(path);
    // A run of an earlier state still answers those who wait for it.
    if (known && known.state === this.#state) return known;
    const abort = new AbortController();
    const result = this.#lintFile(path, abort.signal);
    const run: Run = { state: this.#state, abort, result, waiting: 0, done: false };
    result.then(
      () => {
        run.done = true;
      },
      () => {
        // A failure is not kept: the next request tries again.
        run.done = true;
        if (this.#runs.get(path) === run) this.#runs.delete(path);
      },
    );
    this.#runs.set(path, run);
    return run;
  }

  #leave(path: string, run: Run): void {
    run.waiting -= 1;
    if (run.waiting > 0 || run.done) return;
    run.abort.abort();
    if (this.#runs.get(path) === run) this.#runs.delete(path);
  }

  #drop(path: string): void {
    const run = this.#runs.get(path);
    if (!run) return;
    this.#runs.delete(path);
    if (!run.done) run.abort.abort();
  }
}

/** A signal in the protocol's terms. */
export function tokenOf(signal: AbortSignal): CancellationToken {
  return {
    get isCancellationRequested() {
      return signal.aborted;
    },
    onCancellationRequested(listener) {
      signal.addEventListener('abort', listener);
      return { dispose: () => signal.removeEventListener('abort', listener) };
    },
  };
}

/** A token as a signal. */
export function signalOf(token: CancellationToken): AbortSignal {
  const abort = new AbortController();
  token.onCancellationRequested(() => abort.abort());
  if (token.isCancellationRequested) abort.abort();
  return abort.signal;
}
