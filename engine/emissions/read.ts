/** Finds and reads what trackers wrote below a folder. Their files are often git-ignored, so ignore files do not count here. */
import { NEVER } from '../discovery.ts';
import { Pacer } from '../pacer.ts';
import { basename } from '../paths.ts';
import { decodeText } from '../read.ts';
import type { FileSystem } from '../types.ts';
import { CARBONTRACKER_LOG, parseCarbontracker } from './carbontracker.ts';
import { isCodecarbon, parseCodecarbon } from './codecarbon.ts';
import type { Fault, MeasuredFile, MeasuredRun, Parsed } from './types.ts';
import { isZeus, parseZeus } from './zeus.ts';

/** A log of runs; above, it is something else. */
const MAX_BYTES = 20_000_000;
/** Tables whose name says nothing of energy are opened only when they are small. */
const MAX_UNNAMED_BYTES = 250_000;
const MAX_FOLDERS = 20_000;
const MAX_TABLES = 2_000;
const MAX_DEPTH = 16;

const TABLE = /\.csv$/i;
const NAMED = /emission|carbon|energy|zeus|power|watt|kwh/i;
const ELSEWHERE = new Set(['venv', 'env', 'virtualenv', 'vendor', 'third_party']);

export interface Measurements {
  readonly files: readonly MeasuredFile[];
  /** Of all files, oldest first; those without a date first. */
  readonly runs: readonly MeasuredRun[];
  /** Not everything was looked at. */
  readonly truncated: boolean;
}

/** Reads one file or what lies below a folder. Nothing in a file makes it throw; an aborted signal does. */
export async function readMeasurements(
  fileSystem: FileSystem,
  root: string,
  signal?: AbortSignal,
): Promise<Measurements> {
  const pacer = new Pacer(signal);
  const stat = await fileSystem.stat(root || '/').catch(() => null);
  const found =
    stat?.type === 'file' ? { paths: [root], truncated: false } : await findLogs(fileSystem, root, pacer);
  const files: MeasuredFile[] = [];
  const details = new Set<string>();
  for (const path of found.paths) {
    await pacer.tick();
    if (details.has(path)) continue;
    const file = CARBONTRACKER_LOG.test(basename(path))
      ? await readLogs(fileSystem, path, details)
      : await readTableFile(fileSystem, path, stat?.type === 'file');
    if (file) files.push(file);
  }
  const runs = joined(files.flatMap((file) => file.runs)).sort((a, b) => compare(a.at ?? '', b.at ?? ''));
  return { files, runs, truncated: found.truncated };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Names of files that may be a tracker's, sorted. */
async function findLogs(
  fileSystem: FileSystem,
  root: string,
  pacer: Pacer,
): Promise<{ readonly paths: readonly string[]; readonly truncated: boolean }> {
  const paths: string[] = [];
  const queue: { readonly folder: string; readonly depth: number }[] = [{ folder: root, depth: 0 }];
  let truncated = false;
  for (let at = 0; at < queue.length; at++) {
    await pacer.tick();
    const { folder, depth } = queue[at]!;
    const entries = await fileSystem.readDirectory(folder || '/').catch(() => []);
    for (const { name, type } of entries) {
      const path = `${folder}/${name}`;
      if (type === 'file' && (TABLE.test(name) || CARBONTRACKER_LOG.test(name))) {
        if (paths.length < MAX_TABLES) paths.push(path);
        else truncated = true;
      } else if (
        type === 'directory' &&
        !NEVER.has(name) &&
        !ELSEWHERE.has(name) &&
        !/^\.(?!logs)/.test(name)
      ) {
        if (queue.length < MAX_FOLDERS && depth < MAX_DEPTH) queue.push({ folder: path, depth: depth + 1 });
        else truncated = true;
      }
    }
  }
  return { paths: paths.sort(), truncated };
}

type Text =
  | { readonly text: string; readonly mtime: number }
  | { readonly fault: Fault; readonly mtime: number };

async function readText(fileSystem: FileSystem, path: string, limit: number): Promise<Text> {
  const fault = (kind: Fault['kind'], mtime: number): Text => ({ fault: { kind, count: 0 }, mtime });
  try {
    const stat = await fileSystem.stat(path);
    if (!stat) return fault('unreadable', 0);
    if (stat.size > limit) return fault('too-large', stat.mtime);
    const { text } = decodeText(await fileSystem.readFile(path));
    return text === null ? fault('encoding', stat.mtime) : { text, mtime: stat.mtime };
  } catch {
    return fault('unreadable', 0);
  }
}

async function readTableFile(
  fileSystem: FileSystem,
  path: string,
  isAsked: boolean,
): Promise<MeasuredFile | null> {
  const name = basename(path);
  const isNamed = isAsked || NAMED.test(name);
  const read = await readText(fileSystem, path, isNamed ? MAX_BYTES : MAX_UNNAMED_BYTES);
  if ('fault' in read) {
    // Somebody else's table that cannot be read is nobody's loss.
    const isOurs = isAsked || /^emissions.*\.csv$/i.test(name);
    return isOurs ? { path, tool: 'codecarbon', runs: [], faults: [read.fault], mtime: read.mtime } : null;
  }
  const first = read.text.slice(0, 10_000).split(/\r?\n/, 1)[0] ?? '';
  const parse = isZeus(first) ? parseZeus : isCodecarbon(first) || isAsked ? parseCodecarbon : null;
  if (!parse) return null;
  const parsed: Parsed = parse(path, read.text);
  return { path, tool: parse === parseZeus ? 'zeus' : 'codecarbon', ...parsed, mtime: read.mtime };
}

/** The output log with its standard log, or either alone. */
async function readLogs(
  fileSystem: FileSystem,
  path: string,
  details: Set<string>,
): Promise<MeasuredFile | null> {
  const isOutput = /_output\.log$/i.test(path);
  const twin = isOutput ? path.replace(/_output(\.log)$/i, '$1') : path.replace(/(\.log)$/i, '_output$1');
  const own = await readText(fileSystem, path, MAX_BYTES);
  const other = (await fileSystem.stat(twin).catch(() => null))
    ? await readText(fileSystem, twin, MAX_BYTES)
    : null;
  if (other) details.add(twin);
  const [output, log] = isOutput ? [own, other] : [other, own];
  const textOf = (one: Text | null) => (one && 'text' in one ? one.text : null);
  const faults = [output, log].flatMap((one) => (one && 'fault' in one ? [one.fault] : []));
  const parsed = parseCarbontracker(isOutput ? path : other ? twin : path, textOf(output), textOf(log));
  return {
    path: isOutput || !other ? path : twin,
    tool: 'carbontracker',
    runs: parsed.runs,
    faults: [...faults, ...parsed.faults],
    mtime: Math.max(own.mtime, other?.mtime ?? 0),
  };
}

/** CodeCarbon tells the tasks of a run in a second file: one run, not two. */
function joined(runs: readonly MeasuredRun[]): MeasuredRun[] {
  const kept: MeasuredRun[] = [];
  for (const run of runs) {
    const at = kept.findIndex(
      (one) =>
        run.tool === 'codecarbon' &&
        one.tool === 'codecarbon' &&
        run.id !== null &&
        one.id === run.id &&
        one.steps.length > 0 !== run.steps.length > 0,
    );
    const other = kept[at];
    if (!other) {
      kept.push(run);
      continue;
    }
    const [whole, tasks] = run.steps.length > 0 ? [other, run] : [run, other];
    const { epochs, energyPerEpoch, emissionsPerEpoch, steps } = tasks;
    kept[at] = { ...whole, epochs, energyPerEpoch, emissionsPerEpoch, steps };
  }
  return kept;
}
