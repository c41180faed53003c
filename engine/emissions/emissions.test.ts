import { describe, expect, test } from 'vitest';
import { MemoryFileSystem } from '../memory-file-system.ts';
import { parseCarbontracker } from './carbontracker.ts';
import { parseCodecarbon } from './codecarbon.ts';
import { moment, readTable, toNumber } from './csv.ts';
import * as logs from './fixtures.ts';
import { readMeasurements } from './read.ts';
import { parseZeus } from './zeus.ts';

describe('CodeCarbon', () => {
  test('the first columns', () => {
    const { runs, faults } = parseCodecarbon('/w/emissions.csv', logs.CODECARBON_1);
    expect(faults).toEqual([]);
    expect(runs).toMatchObject([
      {
        id: 'a1',
        at: '2021-03-02T09:00:00',
        duration: 34,
        energy: 0.02,
        emissions: 8,
        place: 'Occitanie, France',
      },
      { id: 'b2', energy: 0.04, emissions: 16, place: 'aws us-east-2', scope: 'machine' },
    ]);
  });

  test('today’s columns; a run flushed on its way counts once', () => {
    const { runs } = parseCodecarbon('/w/emissions.csv', logs.CODECARBON_3);
    expect(runs).toMatchObject([
      { id: 'r1', energy: 0.023, emissions: 2, duration: 120, hardware: '1 x NVIDIA A100, Some CPU' },
      { id: 'r2', energy: 0.0057, emissions: 0.5 },
    ]);
  });

  test('rows that share an id but do not grow are runs of their own', () => {
    const text = logs.CODECARBON_1.replace('b2,leaf,60,0.016,0.04', 'a1,leaf,20,0.001,0.01');
    expect(parseCodecarbon('/w/e.csv', text).runs.map(({ energy }) => energy)).toEqual([0.02, 0.01]);
  });

  test('tasks named for epochs tell the energy of one', () => {
    const { runs } = parseCodecarbon('/w/emissions_r1.csv', logs.CODECARBON_TASKS);
    expect(runs).toHaveLength(1);
    expect(runs[0]?.epochs).toBe(2);
    expect(runs[0]?.energyPerEpoch).toBeCloseTo(0.011, 10);
    expect(runs[0]?.emissionsPerEpoch).toBeCloseTo(0.8, 10);
  });
});

describe('Carbontracker', () => {
  test('measured, not predicted, with the epochs of the other log', () => {
    const path = '/w/logs/2020-05-17T19:02Z_carbontracker_output.log';
    const { runs } = parseCarbontracker(path, logs.CARBONTRACKER_OUTPUT, logs.CARBONTRACKER_LOG_TEXT);
    expect(runs).toMatchObject([
      {
        at: '2020-05-17T19:02:00',
        duration: 20,
        energy: 0.0004,
        emissions: 0.032,
        epochs: 2,
        hardware: 'Tesla T4, cpu:0',
      },
    ]);
    expect(runs[0]?.energyPerEpoch).toBeCloseTo(0.0002, 12);
    // 60 + 12 W for 10 s
    expect(runs[0]?.steps[0]?.energy).toBeCloseTo(0.0002, 12);
  });

  test('a training that died left its epochs', () => {
    const { runs } = parseCarbontracker('/w/x_carbontracker.log', null, logs.CARBONTRACKER_LOG_TEXT);
    expect(runs).toMatchObject([{ epochs: 2, emissions: null, project: 'x' }]);
    expect(runs[0]?.energy).toBeCloseTo(0.0004, 12);
  });
});

describe('Zeus', () => {
  test('windows in each other are not added up', () => {
    const { runs } = parseZeus('/w/zeus.csv', logs.ZEUS);
    expect(runs).toMatchObject([
      {
        at: '2026-01-01T00:00:10Z',
        energy: 3,
        emissions: null,
        scope: 'accelerators',
        epochs: 2,
        project: 'training',
      },
    ]);
    expect(runs[0]?.energyPerEpoch).toBeCloseTo(1.25, 10);
    expect(runs[0]?.steps.map(({ name }) => name)).toContain('epoch, one');
  });

  test('windows that overlap in part have no total', () => {
    const text = 'start_time,window_name,elapsed_time,gpu0_energy\n100,a,10,36\n105,b,10,36\n';
    expect(parseZeus('/w/z.csv', text).runs).toMatchObject([{ energy: null }]);
  });
});

test('finds what trackers wrote, ignored by git or not, and joins what belongs together', async () => {
  const fileSystem = new MemoryFileSystem({
    '/w/.gitignore': 'emissions*\n',
    '/w/emissions.csv': logs.CODECARBON_3,
    '/w/out/emissions_r1.csv': logs.CODECARBON_TASKS,
    '/w/logs/2020-05-17T19:02Z_carbontracker_output.log': logs.CARBONTRACKER_OUTPUT,
    '/w/logs/2020-05-17T19:02Z_carbontracker.log': logs.CARBONTRACKER_LOG_TEXT,
    '/w/runs/measure.csv': logs.ZEUS,
    '/w/data/iris.csv': 'a,b,c,d\n1,2,3,4\n',
    '/w/node_modules/x/emissions.csv': logs.CODECARBON_1,
    '/w/emissions_old.csv': new Uint8Array([0, 1, 2, 0, 255]),
  });
  const { runs, files } = await readMeasurements(fileSystem, '/w');
  expect(runs.map(({ tool, id }) => `${tool} ${id}`)).toEqual([
    'carbontracker null',
    'zeus null',
    'codecarbon r1',
    'codecarbon r2',
  ]);
  expect(runs[2]).toMatchObject({ energy: 0.023, epochs: 2 });
  expect(files.find(({ path }) => path.endsWith('_old.csv'))?.faults).toEqual([
    { kind: 'encoding', count: 0 },
  ]);
  expect((await readMeasurements(fileSystem, '/w/out/emissions_r1.csv')).runs).toHaveLength(1);
  expect((await readMeasurements(fileSystem, '/none')).runs).toEqual([]);
});

describe('hostile files', () => {
  test('formulas and markup stay text', () => {
    const evil = logs.CODECARBON_1.replace(
      'b2,leaf',
      '"=HYPERLINK(""http://x"",1)",<img src=x onerror=alert(1)>',
    );
    const { runs } = parseCodecarbon('/w/emissions.csv', evil);
    expect(runs[1]).toMatchObject({
      id: '=HYPERLINK("http://x",1)',
      project: '<img src=x onerror=alert(1)>',
    });
  });

  test('a cut-off row, an open quote and nonsense are left out and counted', () => {
    const { runs, faults } = parseCodecarbon('/w/e.csv', `${logs.CODECARBON_1}2021-03-04T09:00:00,c3,le`);
    expect(runs).toHaveLength(2);
    expect(faults).toEqual([{ kind: 'rows-skipped', count: 1 }]);
    const open = parseCodecarbon('/w/e.csv', `${logs.CODECARBON_1}"2021,${'x,'.repeat(50_000)}`);
    expect(open.runs).toHaveLength(2);
    const words = logs.CODECARBON_1.replace('0.016,0.04', 'NaN,-3').replace('0.008,0.02', '1e999,Infinity');
    expect(parseCodecarbon('/w/e.csv', words)).toMatchObject({
      runs: [],
      faults: [{ kind: 'rows-skipped', count: 2 }],
    });
  });

  test('too many rows are told', () => {
    const [head, row] = logs.CODECARBON_1.split('\n');
    const { faults } = parseCodecarbon('/w/e.csv', `${head}\n${`${row}\n`.repeat(50_010)}`);
    expect(faults).toContainEqual({ kind: 'too-many-rows', count: 50_000 });
  });

  test('a file too large for a log is not read, and told', async () => {
    const fileSystem = new MemoryFileSystem({ '/w/emissions.csv': new Uint8Array(20_000_001).fill(97) });
    const { files, runs } = await readMeasurements(fileSystem, '/w');
    expect(runs).toEqual([]);
    expect(files).toMatchObject([{ faults: [{ kind: 'too-large', count: 0 }] }]);
  });

  test('a folder that cannot be read, and a cancelled walk', async () => {
    const fileSystem = new MemoryFileSystem({ '/w/emissions.csv': logs.CODECARBON_1 });
    fileSystem.readDirectory = () => Promise.reject(new Error('EACCES'));
    expect((await readMeasurements(fileSystem, '/w')).runs).toEqual([]);
    await expect(readMeasurements(fileSystem, '/w', AbortSignal.abort())).rejects.toThrow();
  });

  test('anything at all is read without an exception', () => {
    const pieces = [
      logs.CODECARBON_3,
      logs.CARBONTRACKER_OUTPUT,
      logs.CARBONTRACKER_LOG_TEXT,
      logs.ZEUS,
      '\0',
      '"',
      '\ud800',
      '',
    ];
    for (const piece of pieces) {
      for (let at = 0; at < piece.length; at += 7) {
        const text = piece.slice(0, at) + piece.slice(at + 3);
        parseCodecarbon('/w/a', text);
        parseCarbontracker('/w/a', text, text);
        parseZeus('/w/a', text);
      }
    }
  });

  test('a long line does not make the log readers slow', () => {
    const long = `Actual consumption for 1 epoch(s):\n${' '.repeat(200_000)}Time:`;
    parseCarbontracker('/w/a', long, `Average power usage (W) for gpu: [${'1. '.repeat(100_000)}`);
    parseZeus('/w/a', `start_time,window_name,elapsed_time,gpu0_energy\n${',1'.repeat(100_000)}`);
  });
});

test('dates exist, numbers are measures', () => {
  expect(moment('2020-04-31T03:26:11')).toBeNull();
  expect(moment('2020-04-30 03:26:11.25')).toBe('2020-04-30T03:26:11');
  expect(moment('2020-04-30T03:26:11Z')).toBe('2020-04-30T03:26:11Z');
  expect(['1e3', '.5', '-1', '0x10', '', '1,5', 'Infinity', '1_000'].map((one) => toNumber(one))).toEqual([
    1000,
    0.5,
    null,
    null,
    null,
    null,
    null,
    null,
  ]);
  const table = readTable('a;b;c;d\n1,5;x;y;z\n');
  expect(table?.rows[0]?.number('a')).toBe(1.5);
});
