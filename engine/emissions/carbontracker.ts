/**
 * Carbontracker's pair of logs: `…_carbontracker_output.log` has the measured and the predicted consumption,
 * `…_carbontracker.log` the power and the duration of each epoch. Predictions are no measurements and are left out.
 */
import { moment, oneLine, toNumber } from './csv.ts';
import type { MeasuredRun, Parsed, Step } from './types.ts';

export const CARBONTRACKER_LOG = /^(.*?)_?carbontracker(_output)?\.log$/i;

const ACTUAL =
  /Actual consumption(?: for (\d{1,9}) epoch\(s\))?:\s*\n\s*Time:\s*([^\n]*)\n\s*Energy:\s*(\S{1,40})\s+kWh\s*\n\s*CO2eq:\s*(\S{1,40})\s+g\b/gi;
const EPOCH_LINE = /\bEpoch (\d{1,9}):\s*$/;
const DURATION = /\bDuration:\s*(\d{1,6}):(\d\d):(\d\d?(?:\.\d{1,6})?)/;
const POWER = /\bAverage power usage \(W\) for (\w{1,40}): \[([^\]]{0,2000})\]/;
const DEVICES = /The following components were found:\s*([^\n]{0,400})/;
const PLACE = /at detected location:\s*([^\n]{0,200}?)\.?\s*(?:\n|$)/;

/** `1 day, 2:52:22`, `0:00:10.5` in seconds. */
function seconds(text: string): number | null {
  const match = /(?:(\d{1,6}) days?, )?(\d{1,6}):(\d\d):(\d\d?(?:\.\d{1,6})?)/.exec(text);
  if (!match) return null;
  return Number(match[1] ?? 0) * 86_400 + Number(match[2]) * 3600 + Number(match[3]) * 60 + Number(match[4]);
}

/** Date in the name, `2020-05-17T19:02Z_…`, else the first line's. */
function dateOf(name: string, text: string): string | null {
  const inName = /(\d{4}-\d\d-\d\dT\d\d:?\d\d)Z?/.exec(name)?.[1];
  const named = inName?.replace(/T(\d\d)(\d\d)$/, 'T$1:$2') ?? null;
  return moment(named) ?? moment(/^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)/.exec(text)?.[1] ?? null);
}

/** @param details the standard log that belongs to the output log, where there is one */
export function parseCarbontracker(path: string, text: string | null, details: string | null): Parsed {
  const steps = details === null ? [] : epochsOf(details.replaceAll('\r', ''));
  const output = (text ?? '').replaceAll('\r', '');
  // A tracker writes what it measured so far, once or several times: the last is the whole.
  const actual = [...output.matchAll(ACTUAL)].at(-1);
  if (!actual && steps.length === 0) return { runs: [], faults: [{ kind: 'no-header', count: 0 }] };
  const both = `${details ?? ''}\n${output}`;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const sum = (values: readonly (number | null)[]) =>
    values.length > 0 && values.every((value) => value !== null)
      ? values.reduce((total: number, value) => total + (value ?? 0), 0)
      : null;
  // Without its last words, what the epochs' power tells: without the data centre's overhead and in energy only.
  const energy = actual ? toNumber(actual[3] ?? '') : sum(steps.map((step) => step.energy));
  const emissions = actual ? toNumber(actual[4] ?? '') : null;
  const epochs = actual?.[1] === undefined ? steps.length || null : Number(actual[1]);
  const devices = [...(DEVICES.exec(both)?.[1] ?? '').matchAll(/with device\(s\) ([^.]{1,120})\./g)].map(
    ([, one]) => one,
  );
  const run: MeasuredRun = {
    tool: 'carbontracker',
    path,
    id: null,
    project: oneLine(CARBONTRACKER_LOG.exec(name)?.[1]?.replace(/_?\d{4}-\d\d-\d\dT\S*$/, '') ?? ''),
    at: dateOf(name, details ?? output),
    duration: actual ? seconds(actual[2] ?? '') : sum(steps.map((step) => step.duration)),
    energy,
    emissions,
    scope: 'machine',
    place: oneLine(PLACE.exec(both)?.[1] ?? ''),
    hardware: oneLine(devices.join(', ')),
    epochs,
    energyPerEpoch: energy !== null && epochs ? energy / epochs : null,
    emissionsPerEpoch: emissions !== null && epochs ? emissions / epochs : null,
    steps,
  };
  return { runs: [run], faults: [] };
}

/** Power times duration of each epoch, all components together. */
function epochsOf(text: string): Step[] {
  const steps: { name: string; duration: number | null; watts: number | null }[] = [];
  for (const line of text.split('\n')) {
    if (line.length > 4000) continue;
    const epoch = EPOCH_LINE.exec(line);
    if (epoch) steps.push({ name: epoch[1] ?? '', duration: null, watts: null });
    const current = steps.at(-1);
    if (!current) continue;
    const duration = DURATION.exec(line);
    if (duration) current.duration = seconds(`${duration[1]}:${duration[2]}:${duration[3]}`);
    const power = POWER.exec(line);
    if (!power) continue;
    const numbers = (power[2] ?? '')
      .trim()
      .split(/[\s,]+/)
      .map((one) => toNumber(one));
    if (numbers.some((one) => one === null)) continue;
    current.watts = (current.watts ?? 0) + numbers.reduce((total: number, one) => total + (one ?? 0), 0);
  }
  return steps.map(({ name, duration, watts }) => ({
    name: `epoch ${name}`,
    duration,
    energy: duration === null || watts === null ? null : (watts * duration) / 3.6e6,
    emissions: null,
  }));
}
