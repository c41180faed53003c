/** Where the command writes. Handed around, so that nothing reaches for the process. */
import { relative } from 'node:path';
import { SingleBar } from 'cli-progress';
import { escapeHidden } from './escape.ts';
import { createStyle, type Style, wantsColor } from './style.ts';

export interface Output {
  readonly style: Style;
  readonly errorStyle: Style;
  /** Whether people read standard output as it comes. */
  readonly isTerminal: boolean;
  out(text: string): void;
  error(text: string): void;
  /** A path relative to the working directory, forward slashes. */
  show(path: string): string;
}

export function createOutput(noColor: boolean): Output {
  const cwd = process.cwd();
  return {
    style: createStyle(wantsColor(process.stdout, process.env, noColor)),
    errorStyle: createStyle(wantsColor(process.stderr, process.env, noColor)),
    isTerminal: Boolean(process.stdout.isTTY),
    out: (text) => void process.stdout.write(text),
    error: (text) => void process.stderr.write(text),
    show: (path) => relative(cwd, path).replaceAll('\\', '/') || '.',
  };
}

/** Shown only after this long: a short scan needs no bar. */
const PATIENCE_MS = 500;

export interface Progress {
  update(done: number, total: number, path: string): void;
  stop(): void;
}

/** A progress bar on the terminal's error stream; nothing where that is no terminal. */
export function createProgress(enabled: boolean, show: Output['show']): Progress {
  if (!enabled || !process.stderr.isTTY) return { update() {}, stop() {} };
  const started = Date.now();
  const bar = new SingleBar({
    format: '{bar} {value}/{total} {file}',
    stream: process.stderr,
    clearOnComplete: true,
    linewrap: false,
    barsize: 24,
    etaBuffer: 1,
  });
  let isShown = false;
  return {
    update(done, total, path) {
      if (!isShown && Date.now() - started < PATIENCE_MS) return;
      const file = { file: escapeHidden(show(path)) };
      if (!isShown) bar.start(total, done, file);
      else {
        bar.setTotal(total);
        bar.update(done, file);
      }
      isShown = true;
    },
    stop() {
      if (isShown) bar.stop();
    },
  };
}
