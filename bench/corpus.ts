/**
 * The corpus: real repositories, checked out by hand as `<folder>/<owner>+<name>/`, with their commits in
 * `<folder>/COMMITS.tsv` (repository, commit, date) and what they are in `<folder>/LIST.tsv` (repository, kind, …).
 * None of their code enters this repository.
 */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { check, type ReportedFinding, root, userFolder } from './command.ts';

export interface Repository {
  /** `owner/name`. */
  readonly name: string;
  readonly folder: string;
  /** Empty when unknown. */
  readonly commit: string;
  /** `expert`, `student`, `hobby`; empty when unknown. */
  readonly kind: string;
}

export interface Finding extends ReportedFinding {
  readonly repository: string;
}

/** What linting the corpus gave; kept as JSON between runs. */
export interface CorpusRun {
  readonly date: string;
  readonly repositories: readonly {
    readonly name: string;
    readonly folder: string;
    readonly commit: string;
    readonly kind: string;
    readonly files: number;
    readonly analysed: number;
    readonly lines: number;
    readonly ms: number;
    readonly failure: string | null;
    readonly errors: readonly string[];
  }[];
  readonly findings: readonly Finding[];
}

export const defaultCorpus: string = process.env.FRUGAL_CORPUS ?? join(dirname(root), 'corpus');

/** Rows of a tab-separated file, by their first column. */
export function readTsv(path: string): Map<string, string[]> {
  if (!existsSync(path)) return new Map();
  const rows = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return new Map(rows.map((row) => row.split('\t')).map((cells) => [cells[0] ?? '', cells]));
}

/** The repositories that folders stand for: a folder `owner+name` is one, any other holds them. */
export function repositories(folders: readonly string[]): Repository[] {
  return folders.flatMap((given) => {
    const folder = resolve(userFolder, given);
    const single = basename(folder).includes('+');
    const parent = single ? dirname(folder) : folder;
    const commits = readTsv(join(parent, 'COMMITS.tsv'));
    const list = readTsv(join(parent, 'LIST.tsv'));
    const names = single
      ? [basename(folder)]
      : readdirSync(parent)
          .filter((name) => name.includes('+'))
          .sort();
    return names
      .filter((name) => statSync(join(parent, name)).isDirectory())
      .map((directory) => {
        const name = directory.replace('+', '/');
        const commit = commits.get(name)?.[1] ?? '';
        return { name, folder: join(parent, directory), commit, kind: list.get(name)?.[1] ?? '' };
      });
  });
}

/** Lints repositories, each in its own process and from its own folder, `jobs` at a time. */
export async function lintCorpus(
  corpus: readonly Repository[],
  options: { jobs: number; args?: readonly string[]; onDone?: (name: string, done: number) => void },
): Promise<CorpusRun> {
  const runs = new Map<string, { entry: CorpusRun['repositories'][number]; findings: Finding[] }>();
  const queue = [...corpus];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { name, folder, commit, kind } = next;
      const { report, failure } = await check(folder, ['.'], { args: options.args ?? [] });
      const stats = report?.stats ?? { files: 0, analysed: 0, lines: 0, ms: 0 };
      const errors = (report?.errors ?? []).map((error) => `${error.path}: ${error.message}`);
      const { files, analysed, lines, ms } = stats;
      runs.set(name, {
        entry: { name, folder, commit, kind, files, analysed, lines, ms: Math.round(ms), failure, errors },
        findings: (report?.findings ?? []).map((finding) => ({ repository: name, ...finding })),
      });
      options.onDone?.(name, runs.size);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, worker));
  const ordered = corpus.flatMap(({ name }) => runs.get(name) ?? []);
  return {
    date: new Date().toISOString(),
    repositories: ordered.map(({ entry }) => entry),
    findings: ordered.flatMap(({ findings }) => findings),
  };
}

/** Says on a terminal how far the corpus is. */
export function showProgress(total: number): (name: string, done: number) => void {
  return (name, done) => {
    if (!process.stderr.isTTY) return;
    const line = done === total ? '' : `${done}/${total} ${name}`;
    process.stderr.write(`\r${line.slice(0, 79).padEnd(79)}${done === total ? '\r' : ''}`);
  };
}

export function readRun(path: string): CorpusRun {
  return JSON.parse(readFileSync(resolve(userFolder, path), 'utf8')) as CorpusRun;
}

export function writeRun(path: string, run: CorpusRun): void {
  writeFileSync(path, `${JSON.stringify(run, null, 1)}\n`);
}

/** `path:line`, or `path#cell:line` in a notebook (cells from 0 as in the JSON contract). */
export function place(finding: Pick<Finding, 'path' | 'cell' | 'line'>): string {
  return `${finding.path}${finding.cell === null ? '' : `#${finding.cell}`}:${finding.line}`;
}

/** The lines that a finding points into: a file's, or a cell's. Empty when they cannot be read. */
export function sourceLines(folder: string, finding: Pick<Finding, 'path' | 'cell'>): string[] {
  try {
    const text = readFileSync(join(folder, finding.path), 'utf8');
    if (finding.cell === null) return text.split(/\r\n|\r|\n/);
    const notebook = JSON.parse(text) as Notebook;
    const cells = notebook.cells ?? notebook.worksheets?.flatMap((sheet) => sheet.cells) ?? [];
    const source = cells[finding.cell]?.source ?? cells[finding.cell]?.input ?? [];
    return (typeof source === 'string' ? source : source.join('')).split(/\r\n|\r|\n/);
  } catch {
    return [];
  }
}

interface Cell {
  readonly source?: string | string[];
  readonly input?: string | string[];
}

interface Notebook {
  readonly cells?: readonly Cell[];
  readonly worksheets?: readonly { readonly cells: readonly Cell[] }[];
}
