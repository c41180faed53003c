/** For the tests: the built command as a user meets it, a process with its output and exit code. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';

const root = join(import.meta.dirname, '..');

export interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
}

/** Builds the command once for a test file; every test gets an empty folder to work in. */
export class Command {
  /** Where the command is installed. */
  installed = '';
  /** The test's own folder. */
  work = '';
  #home = '';

  constructor() {
    beforeAll(() => {
      this.#home = mkdtempSync(join(tmpdir(), 'frugal-cli-'));
      chmodSync(this.#home, 0o755);
      // Far from the sources and from node_modules: the bundle must be whole.
      this.installed = join(this.#home, 'installed');
      const build = spawnSync(process.execPath, ['esbuild.mjs', `--outdir=${join(this.installed, 'dist')}`], {
        cwd: root,
        encoding: 'utf8',
      });
      expect(build.stderr).toBe('');
      cpSync(join(root, 'package.json'), join(this.installed, 'package.json'));
    });
    beforeEach(() => {
      this.work = mkdtempSync(join(this.#home, 'work-'));
      chmodSync(this.work, 0o777);
    });
    afterAll(() => rmSync(this.#home, { recursive: true, force: true }));
  }

  write(path: string, content: string | Uint8Array): string {
    const file = join(this.work, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  read(path: string): string {
    return readFileSync(join(this.work, path), 'utf8');
  }

  run(args: readonly string[], { input = '', env = {}, uid }: RunOptions = {}): Run {
    const result: SpawnSyncReturns<string> = spawnSync(
      process.execPath,
      [join(this.installed, 'dist', 'cli.mjs'), ...args],
      {
        cwd: this.work,
        encoding: 'utf8',
        input,
        timeout: 100_000,
        maxBuffer: 1 << 28,
        // The machine's own language and colours are not what is tested.
        env: { PATH: process.env.PATH, HOME: this.work, LANG: 'C', ...env },
        ...(uid === undefined ? {} : { uid, gid: uid }),
      },
    );
    return { code: result.status, out: result.stdout, error: result.stderr };
  }
}
