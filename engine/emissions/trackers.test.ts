import { expect, test } from 'vitest';
import { workspace } from '../testing.ts';
import { CARBONTRACKER_OUTPUT, CODECARBON_1 } from './fixtures.ts';
import { readMeasurements } from './read.ts';
import { stateOf } from './trackers.ts';

async function states(files: Record<string, string>) {
  const { engine, fileSystem } = workspace(files);
  const { files: measured } = await readMeasurements(fileSystem, '/workspace');
  const found = await engine.trackers('/workspace', measured);
  return found.map(({ path, line, library, state }) => `${path.slice(11)}:${line} ${library} ${state}`);
}

const head = 'import torch\nfrom codecarbon import EmissionsTracker, track_emissions\n';

test('a tracker and its measurements', async () => {
  const train = `${head}t = EmissionsTracker(project_name='x')\nt.start()\n`;
  expect(await states({ 'train.py': train })).toEqual(['train.py:3 codecarbon missing']);
  expect(await states({ 'train.py': train, 'emissions.csv': CODECARBON_1 })).toEqual([
    'train.py:3 codecarbon measured',
  ]);
  expect(await states({ 'train.py': train, 'emissions.csv': 'a,b,c,d\n' })).toEqual([
    'train.py:3 codecarbon missing',
  ]);
});

test('decorators, and trackers that write no file', async () => {
  expect(await states({ 'a.py': `${head}@track_emissions\ndef f():\n  pass\n` })).toEqual([
    'a.py:3 codecarbon missing',
  ]);
  expect(await states({ 'a.py': `${head}@track_emissions(save_to_file=False)\ndef f():\n  pass\n` })).toEqual(
    ['a.py:3 codecarbon no-output'],
  );
  const carbon =
    'import torch\nfrom carbontracker.tracker import CarbonTracker\nt = CarbonTracker(epochs=3)\n';
  expect(await states({ 'a.py': carbon })).toEqual(['a.py:3 carbontracker no-output']);
  expect(
    await states({
      'a.py': carbon.replace('=3', "=3, log_dir='logs'"),
      'logs/x_carbontracker_output.log': CARBONTRACKER_OUTPUT,
    }),
  ).toEqual(['a.py:3 carbontracker measured']);
});

test('a program that changed after its last measurement', () => {
  const hour = 3_600_000;
  const file = { path: '/e.csv', tool: 'codecarbon', faults: [], mtime: 10 * hour } as const;
  const run = { at: '2026-01-02T03:04:05' } as never;
  const call = { library: 'codecarbon', writes: 'yes' } as const;
  expect(stateOf(call, 10 * hour + 5000, [{ ...file, runs: [run] }])).toEqual({
    state: 'measured',
    last: '2026-01-02T03:04:05',
  });
  expect(stateOf(call, 12 * hour, [{ ...file, runs: [run] }]).state).toBe('stale');
  expect(stateOf({ library: 'eco2ai', writes: 'unknown' }, 0, []).state).toBe('unread');
  expect(stateOf({ library: 'constructor', writes: 'yes' }, 0, []).state).toBe('unread');
});

test('nothing where nothing measures', async () => {
  expect(await states({ 'a.py': 'import torch\n# codecarbon\n' })).toEqual([]);
});
