/** The client's texts are all there in French, and the manifest names what is there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const json = (path: string) => JSON.parse(read(path)) as Record<string, string>;

test('the manifest’s texts, in both languages', () => {
  const used = [...read('package.json').matchAll(/"%([\w.]+)%"/g)].map((match) => match[1]!);
  for (const file of ['package.nls.json', 'package.nls.fr.json']) {
    expect([...new Set(used)].filter((key) => !json(file)[key])).toEqual([]);
  }
  expect(Object.keys(json('package.nls.fr.json'))).toEqual(Object.keys(json('package.nls.json')));
});

test('every text of the client has its French, and none is left over', () => {
  const sources = readdirSync(join(root, 'client')).filter((name) => /(?<!\.test)\.ts$/.test(name));
  const used = sources.flatMap((name) =>
    [...read(`client/${name}`).matchAll(/l10n\.t\(\s*'([^']+)'/g)].map((match) => match[1]!),
  );
  expect([...new Set(used)].sort()).toEqual(Object.keys(json('l10n/bundle.l10n.fr.json')).sort());
});

test('commands of menus are declared, icons are there, views have a provider', () => {
  const { contributes } = JSON.parse(read('package.json'));
  const commands = contributes.commands.map(({ command }: { command: string }) => command);
  const inMenus = Object.values(contributes.menus)
    .flat()
    .map((entry) => (entry as { command: string }).command);
  expect(inMenus.filter((command) => !commands.includes(command))).toEqual([]);
  const icons = [...contributes.viewsContainers.activitybar, ...contributes.views.frugal].map(
    ({ icon }) => icon,
  );
  expect(icons.filter((icon) => !existsSync(join(root, icon)))).toEqual([]);
  const source = read('client/panel.ts') + read('client/findings-tree.ts');
  for (const { id } of contributes.views.frugal) expect(source).toContain(`'${id}'`);
});
