/**
 * CodeCarbon's emissions.csv, all its column sets since 1.0, and the task files of `start_task`. Emissions are written
 * in kg, energy in kWh. A run that is flushed on its way has several rows with growing totals: the last one counts.
 */
import { moment, type Row, readTable } from './csv.ts';
import type { MeasuredRun, Parsed, Step } from './types.ts';

/** Whether a first line is the header of such a file. */
export function isCodecarbon(firstLine: string): boolean {
  const names = new Set(
    firstLine
      .replace(/^\uFEFF/, '')
      .split(/[,;\t]/)
      .map((name) => name.trim().replace(/^"|"$/g, '')),
  );
  return (
    names.has('emissions') &&
    names.has('duration') &&
    ['energy_consumed', 'project_name', 'task_name', 'emissions_rate'].some((name) => names.has(name))
  );
}

export function parseCodecarbon(path: string, text: string): Parsed {
  const table = readTable(text);
  if (!table || !isCodecarbon(table.header.join(',')))
    return { runs: [], faults: [{ kind: 'no-header', count: 0 }] };
  const hasRunId = table.header.includes('run_id');
  const isTasks = table.header.includes('task_name');
  const faults = [...table.faults];
  const groups = new Map<string, Row[]>();
  let empty = 0;
  for (const [at, row] of table.rows.entries()) {
    if (row.number('energy_consumed') === null && row.number('emissions') === null) {
      empty++;
      continue;
    }
    const key = row.text(hasRunId ? 'run_id' : 'experiment_id') ?? `row ${at}`;
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  if (empty > 0) faults.push({ kind: 'rows-skipped', count: empty });
  const runs = [...groups.values()].flatMap((rows) =>
    isTasks
      ? [tasksOf(path, rows)]
      : isGrowing(rows)
        ? [lastOf(path, rows)]
        : rows.map((row) => runOf(path, row, [])),
  );
  return { runs, faults };
}

/** Totals that only grow are one run's, seen at several moments. */
function isGrowing(rows: readonly Row[]): boolean {
  return rows.every((row, at) => {
    const before = rows[at - 1];
    if (!before) return true;
    return ['duration', 'energy_consumed', 'emissions'].every(
      (name) => (row.number(name) ?? 0) >= (before.number(name) ?? 0),
    );
  });
}

function lastOf(path: string, rows: readonly Row[]): MeasuredRun {
  return runOf(path, rows.at(-1)!, []);
}

const grams = (row: Row): number | null => {
  const kilograms = row.number('emissions');
  return kilograms === null ? null : kilograms * 1000;
};

function runOf(path: string, row: Row, steps: readonly Step[]): MeasuredRun {
  const cloud = [row.text('cloud_provider'), row.text('cloud_region')]
    .filter((one) => one !== null)
    .join(' ');
  const land = [row.text('region'), row.text('country_name')].filter((one) => one !== null).join(', ');
  const gpu = row.text('gpu_model');
  const processor = row.text('cpu_model');
  return {
    tool: 'codecarbon',
    path,
    id: row.text('run_id') ?? row.text('experiment_id'),
    project: row.text('project_name'),
    at: moment(row.text('timestamp')),
    duration: row.number('duration'),
    energy: row.number('energy_consumed'),
    emissions: grams(row),
    scope: 'machine',
    place: cloud || land || null,
    hardware: [gpu, processor].filter((one) => one !== null).join(', ') || null,
    epochs: null,
    energyPerEpoch: null,
    emissionsPerEpoch: null,
    steps,
  };
}

const EPOCH = /epoch/i;

/** Tasks of one run. Where they are epochs, and nothing else, their mean is the energy of one. */
function tasksOf(path: string, rows: readonly Row[]): MeasuredRun {
  const steps = rows.map((row, at) => ({
    name: row.text('task_name') ?? String(at + 1),
    duration: row.number('duration'),
    energy: row.number('energy_consumed'),
    emissions: grams(row),
  }));
  const run = runOf(path, rows.at(-1)!, steps);
  const total = (values: readonly (number | null)[]) =>
    values.every((value) => value !== null)
      ? values.reduce((sum: number, value) => sum + (value ?? 0), 0)
      : null;
  const epochs = steps.filter(({ name }) => EPOCH.test(name));
  const perEpoch = (values: readonly (number | null)[]) => {
    const sum = total(values);
    return sum === null || values.length === 0 ? null : sum / values.length;
  };
  return {
    ...run,
    duration: total(steps.map(({ duration }) => duration)),
    energy: total(steps.map(({ energy }) => energy)),
    emissions: total(steps.map(({ emissions }) => emissions)),
    epochs: epochs.length || null,
    energyPerEpoch: perEpoch(epochs.map(({ energy }) => energy)),
    emissionsPerEpoch: perEpoch(epochs.map(({ emissions }) => emissions)),
  };
}
