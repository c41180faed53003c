import { describe, expect, test } from 'vitest';
import { CODECARBON_3 } from '../engine/emissions/fixtures.ts';
import { BESIDE_REQUEST, type BesideReport, EDIT_CHECKLIST, NEW_CHECKLIST } from '../protocol/beside.ts';
import { inProcess, type TestClient } from './testing.ts';

const ask = (client: TestClient): Promise<BesideReport> => client.connection.sendRequest(BESIDE_REQUEST);

async function started(files: Record<string, string>, locale = 'en') {
  const both = inProcess();
  for (const [path, text] of Object.entries(files)) both.engine.disk.set(path, text);
  await both.client.initialize(['/work'], { locale });
  return both;
}

describe('the checklist', () => {
  test('is not there until it is made', async () => {
    const { client } = await started({});
    const { folders } = await ask(client);
    expect(folders).toEqual([
      {
        name: 'work',
        checklist: { uri: 'file:///work/FRUGAL.md', exists: false, done: 0, total: 0, groups: [] },
        measured: null,
      },
    ]);
  });

  test('is made, read, ticked with who, when and why, and read again', async () => {
    const { client, engine } = await started({}, 'fr');
    await ask(client); // the engine speaks French from now on
    const text: string = await client.connection.sendRequest(NEW_CHECKLIST);
    engine.disk.set('/work/FRUGAL.md', text);
    const { checklist } = (await ask(client)).folders[0]!;
    expect(checklist).toMatchObject({ exists: true, done: 0 });
    expect(checklist.groups[0]!.name).toBe('Analyse, avant le développement');
    const item = checklist.groups[0]!.items[0]!;
    const edit = { text, item, done: true, who: 'Ada', when: '2026-11-22', why: 'mesuré' };
    const ticked: string = await client.connection.sendRequest(EDIT_CHECKLIST, edit);
    engine.disk.set('/work/FRUGAL.md', ticked);
    const after = (await ask(client)).folders[0]!.checklist;
    expect(after.done).toBe(1);
    expect(after.groups[0]!.items[0]).toMatchObject({ done: true, note: 'Ada, 2026-11-22, mesuré' });
  });

  test('an item of the team’s own is known by line and words', async () => {
    const { client } = await started({});
    const text = '- [ ] ours\n- [ ] theirs\n';
    const edit = (item: object) =>
      client.connection.sendRequest(EDIT_CHECKLIST, { text, item, done: true }) as Promise<string | null>;
    expect(await edit({ id: null, line: 2, text: 'theirs' })).toBe('- [ ] ours\n- [x] theirs\n');
    expect(await edit({ id: null, line: 1, text: 'theirs' })).toBeNull();
    expect(await edit({ id: 'no-such', line: 1, text: 'ours' })).toBeNull();
  });

  test.each([null, 7, {}, { text: 'x' }, { text: '- [ ] a', item: null, done: true }])(
    'nonsense changes nothing: %j',
    async (edit) => {
      const { client } = await started({});
      expect(await client.connection.sendRequest(EDIT_CHECKLIST, edit)).toBeNull();
    },
  );
});

describe('what was measured', () => {
  test('totals and runs, the newest first; hostile cells stay text', async () => {
    const evil = CODECARBON_3.replaceAll(',leaf,', ',<img src=x onerror=alert(1)>,');
    const { client } = await started({ '/work/logs/emissions.csv': evil });
    const { measured } = (await ask(client)).folders[0]!;
    expect(measured!.runCount).toBeGreaterThan(0);
    expect(measured!.totals[0]).toMatch(/^CodeCarbon: \d+ runs?, [\d.,]+ kWh/);
    expect(measured!.runs.map(({ date }) => date)).toEqual(
      measured!.runs
        .map(({ date }) => date)
        .sort()
        .reverse(),
    );
    expect(Math.max(...measured!.runs.map(({ share }) => share ?? 0))).toBe(100);
    expect(measured!.runs).toContainEqual(
      expect.objectContaining({
        uri: 'file:///work/logs/emissions.csv',
        path: 'logs/emissions.csv',
        project: '<img src=x onerror=alert(1)>',
      }),
    );
  });

  test('files that cannot be read are told', async () => {
    const { client } = await started({ '/work/emissions.csv': '\u0000\u0001' });
    const { measured } = (await ask(client)).folders[0]!;
    expect(measured).toMatchObject({ runCount: 0, notes: ['emissions.csv: is not text'] });
  });
});
