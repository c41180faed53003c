/** `frugal emissions`: what trackers measured in a folder. */
import { readMeasurements } from '../engine/emissions/read.ts';
import { type Totals, totalsOf } from '../engine/emissions/totals.ts';
import type { TrackerState } from '../engine/emissions/trackers.ts';
import type { Fault, MeasuredRun, Tool } from '../engine/emissions/types.ts';
import { significant } from '../engine/numbers.ts';
import { ConfigError } from '../engine/types.ts';
import { escapeHidden } from './escape.ts';
import { createJobs } from './jobs.ts';
import type { Language } from './language.ts';
import { nodeFileSystem, toEnginePath } from './node-file-system.ts';
import type { Output } from './output.ts';
import { table } from './table.ts';
import { text } from './texts.ts';

export interface EmissionsOptions {
  readonly format: 'text' | 'json';
  readonly language: 'auto' | Language;
}

export const TOOL_NAMES: Readonly<Record<Tool, string>> = {
  codecarbon: 'CodeCarbon',
  carbontracker: 'Carbontracker',
  zeus: 'Zeus',
};

/** Runs the command. Throws ConfigError when there is nothing at the path. */
export async function emissions(
  path: string | undefined,
  options: EmissionsOptions,
  output: Output,
  language: Language,
): Promise<void> {
  const target = toEnginePath(path ?? '.');
  const stat = await nodeFileSystem.stat(target).catch(() => null);
  if (!stat) throw new ConfigError(text(language, 'noSuchPath', { path: output.show(target) }));
  const found = await readMeasurements(nodeFileSystem, target);
  const trackers = stat.type === 'directory' ? await trackersBelow(target, found.files, options) : [];
  const totals = totalsOf(found.runs);
  if (options.format === 'json') {
    output.out(`${JSON.stringify(toJson(found, trackers, totals, output.show), null, 2)}\n`);
    return;
  }
  for (const { path: file, faults } of found.files) {
    for (const fault of faults) {
      const reason = faultText(language, fault);
      output.error(
        `${output.errorStyle.yellow(text(language, 'warning'))}: ${escapeHidden(output.show(file))}: ${reason}\n`,
      );
    }
  }
  const blocks: string[] = [];
  if (found.runs.length === 0) blocks.push(text(language, 'noRuns'));
  else {
    blocks.push(runTable(found.runs, output, language));
    blocks.push(totals.map((one) => totalText(one, language)).join('\n'));
    if (totals.length > 1) blocks.push(text(language, 'notAdded'));
    if (totals.some(({ tool }) => tool === 'zeus')) blocks.push(text(language, 'acceleratorsOnly'));
  }
  const said = trackers.map((one) => trackerText(one, language, output.show)).filter((one) => one !== null);
  if (said.length > 0) blocks.push(said.map(escapeHidden).join('\n'));
  if (found.truncated) blocks.push(text(language, 'truncated'));
  output.out(`${blocks.join('\n\n')}\n`);
}

async function trackersBelow(
  folder: string,
  files: Parameters<Awaited<ReturnType<typeof createJobs>>['jobs'][number]['engine']['trackers']>[1],
  options: EmissionsOptions,
): Promise<TrackerState[]> {
  const { jobs } = await createJobs([folder], options);
  const states = await Promise.all(jobs.map(({ engine, root }) => engine.trackers(root, files)));
  return states.flat().filter(({ path }) => path.startsWith(`${folder === '/' ? '' : folder}/`));
}

export function faultText(language: Language, { kind, count }: Fault): string {
  return text(language, kind, { count });
}

/** What a reader must know of a tracker; null when its output is there, or is not Frugal's to read. */
export function trackerText(
  state: TrackerState,
  language: Language,
  show: (path: string) => string,
): string | null {
  const keys = { missing: 'trackerMissing', stale: 'trackerStale', 'no-output': 'trackerSilent' } as const;
  if (state.state === 'measured' || state.state === 'unread') return null;
  const cell = state.cell === null ? '' : `:${text(language, 'cell', { cell: state.cell + 1 })}`;
  const tool = TOOL_NAMES[state.library as Tool] ?? state.library;
  const last = state.last === null ? text(language, 'undated') : day(state.last);
  return `${show(state.path)}${cell}:${state.line}: ${text(language, keys[state.state], { tool, last })}`;
}

const day = (at: string): string => at.slice(0, 16).replace('T', ' ');

/** `1 h 02 min`, `12 s`. */
export function durationText(seconds: number | null, language: Language): string {
  if (seconds === null) return '–';
  if (seconds < 60) return `${significant(language, seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

const figure = (language: Language, value: number | null): string =>
  value === null ? '–' : significant(language, value, 3);

function runTable(runs: readonly MeasuredRun[], output: Output, language: Language): string {
  const left = (key: 'date' | 'tool' | 'project' | 'file') =>
    ({ title: text(language, key), align: 'left' }) as const;
  const right = (key: 'energy' | 'carbon' | 'time' | 'perEpoch') =>
    ({ title: text(language, key), align: 'right' }) as const;
  const columns = [
    left('date'),
    left('tool'),
    left('project'),
    right('time'),
    right('energy'),
    right('perEpoch'),
    right('carbon'),
    left('file'),
  ];
  const rows = runs.map((run) => [
    run.at === null ? text(language, 'undated') : day(run.at),
    TOOL_NAMES[run.tool],
    escapeHidden((run.project ?? '').slice(0, 40)),
    durationText(run.duration, language),
    figure(language, run.energy),
    figure(language, run.energyPerEpoch),
    figure(language, run.emissions),
    escapeHidden(output.show(run.path)),
  ]);
  return table(columns, rows, output.style);
}

export function totalText({ tool, runs, energy, emissions: carbon }: Totals, language: Language): string {
  const more = carbon === null ? '' : text(language, 'andCarbon', { carbon: figure(language, carbon) });
  return text(language, 'totals', {
    tool: TOOL_NAMES[tool],
    runs,
    energy: figure(language, energy),
    carbon: more,
  });
}

function toJson(
  { files, runs, truncated }: Awaited<ReturnType<typeof readMeasurements>>,
  trackers: readonly TrackerState[],
  totals: readonly Totals[],
  show: Output['show'],
): object {
  return {
    runs: runs.map((run) => ({ ...run, path: show(run.path) })),
    totals,
    files: files.map(({ path, tool, faults, runs: some }) => ({
      path: show(path),
      tool,
      runs: some.length,
      faults,
    })),
    trackers: trackers.map((one) => ({ ...one, path: show(one.path) })),
    truncated,
  };
}
