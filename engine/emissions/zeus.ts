/**
 * The log of Zeus' ZeusMonitor: one row for each measurement window, joules for each GPU. Windows may lie in each
 * other (a training, its epochs), so only the outermost ones make the run's energy.
 */
import { moment, oneLine, toNumber } from './csv.ts';
import type { MeasuredRun, Parsed, Step } from './types.ts';

const HEADER = /^start_time,window_name,elapsed_time(?:,[a-z]+\d*_energy)+$/;
const MAX_WINDOWS = 50_000;

export const isZeus = (firstLine: string): boolean => HEADER.test(firstLine.replace(/^\uFEFF/, '').trim());

interface Window {
  readonly name: string;
  readonly start: number;
  readonly duration: number;
  /** Joules. */
  readonly energy: number;
}

const kilowattHours = (joules: number): number => joules / 3.6e6;

export function parseZeus(path: string, text: string): Parsed {
  const [first = '', ...lines] = text.split(/\r?\n/, MAX_WINDOWS + 2);
  if (!isZeus(first)) return { runs: [], faults: [{ kind: 'no-header', count: 0 }] };
  const columns = first.trim().split(',').length;
  const windows: Window[] = [];
  let skipped = 0;
  for (const line of lines.slice(0, MAX_WINDOWS)) {
    if (line.trim() === '') continue;
    const window = readWindow(line, columns - 3);
    if (window) windows.push(window);
    else skipped++;
  }
  const faults = [
    ...(skipped > 0 ? [{ kind: 'rows-skipped', count: skipped } as const] : []),
    ...(lines.length > MAX_WINDOWS ? [{ kind: 'too-many-rows', count: MAX_WINDOWS } as const] : []),
  ];
  if (windows.length === 0) return { runs: [], faults };
  const outer = outermost(windows);
  const epochs = windows.filter(({ name }) => /epoch/i.test(name));
  const total = (some: readonly Window[]) => some.reduce((sum, { energy }) => sum + energy, 0);
  const run: MeasuredRun = {
    tool: 'zeus',
    path,
    id: null,
    project: outer.length === 1 ? oneLine(outer[0]!.name) : null,
    at: timeOf(outer[0]!.start),
    duration: outer.reduce((sum, { duration }) => sum + duration, 0),
    // Windows that overlap in part count the same joules twice.
    energy: areApart(outer) ? kilowattHours(total(outer)) : null,
    emissions: null,
    scope: 'accelerators',
    place: null,
    hardware: null,
    epochs: epochs.length || null,
    energyPerEpoch: epochs.length > 0 ? kilowattHours(total(epochs)) / epochs.length : null,
    emissionsPerEpoch: null,
    steps: windows.map(
      ({ name, duration, energy }): Step => ({
        name,
        duration,
        energy: kilowattHours(energy),
        emissions: null,
      }),
    ),
  };
  return { runs: [run], faults };
}

/** A window's name is not quoted and may hold commas: it lies between what is known. */
function readWindow(line: string, meters: number): Window | null {
  if (line.length > 10_000) return null;
  const cells = line.split(',');
  if (cells.length < 3 + meters) return null;
  const start = toNumber(cells[0] ?? '');
  const [duration, ...energies] = cells.slice(cells.length - meters - 1).map((cell) => toNumber(cell.trim()));
  const name = oneLine(cells.slice(1, cells.length - meters - 1).join(','));
  if (start === null || duration === null || duration === undefined) return null;
  if (energies.some((one) => one === null)) return null;
  return {
    name: name ?? '?',
    start,
    duration,
    energy: energies.reduce((sum: number, one) => sum + (one ?? 0), 0),
  };
}

/** Windows that lie in no other. */
function outermost(windows: readonly Window[]): Window[] {
  const sorted = [...windows].sort((a, b) => a.start - b.start || b.duration - a.duration);
  const found: Window[] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const window of sorted) {
    if (window.start + window.duration <= end + TOLERANCE) continue;
    found.push(window);
    end = Math.max(end, window.start + window.duration);
  }
  return found;
}

/** A moment by which clocks that are read one after the other may differ, in seconds. */
const TOLERANCE = 0.01;

function areApart(windows: readonly Window[]): boolean {
  return windows.every((window, at) => {
    const before = windows[at - 1];
    return !before || window.start >= before.start + before.duration - TOLERANCE;
  });
}

/** Seconds since 1970, or local text in older versions. */
function timeOf(start: number): string | null {
  if (!(start > 0 && start < 4e9)) return null;
  return moment(new Date(start * 1000).toISOString());
}
