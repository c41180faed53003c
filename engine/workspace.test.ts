import { expect, test } from 'vitest';
import { defaultConfig } from './config.ts';
import { MemoryFileSystem } from './memory-file-system.ts';
import { Pacer } from './pacer.ts';
import { frontEnds } from './testing.ts';
import { Workspace } from './workspace.ts';

const pacer = new Pacer(undefined);

async function open(files: Record<string, string>, maxContextFiles = 100): Promise<Workspace> {
  const fileSystem = new MemoryFileSystem(
    Object.fromEntries(Object.entries(files).map(([path, text]) => [`/w/${path}`, text])),
  );
  const workspace = new Workspace('/w', {
    fileSystem,
    gate: (text) => text.includes('torch'),
    frontEnd: (language) => (language === 'python' ? frontEnds.loadPython() : frontEnds.loadTypeScript()),
    configOf: async (folder) => defaultConfig(folder),
    overlay: () => undefined,
    maxContextFiles,
  });
  await workspace.read((await workspace.walk('/w', pacer)).files, pacer, false);
  return workspace;
}

const short = (paths: Iterable<string>) => [...paths].map((path) => path.slice(3)).sort();

test('what is parsed: files that name a library, their importers, and what those import', async () => {
  const workspace = await open({
    'lib/model.py': 'import torch\nfrom .helpers import f\n',
    'lib/__init__.py': '',
    'lib/helpers.py': 'def f(): pass\n',
    'train.py': 'from lib.model import Net\nimport settings\n',
    'main.py': 'import train\n',
    'settings.py': 'SIZE = 1\n',
    'other.py': 'import settings\n',
    'web.py': 'import flask\n',
    'alone.py': 'import torch\n',
  });
  expect(short(workspace.graph().relevant)).toEqual([
    'alone.py',
    'lib/helpers.py',
    'lib/model.py',
    'main.py',
    'settings.py',
    'train.py',
  ]);
  expect(short(workspace.component('/w/settings.py'))).toEqual([
    'lib/helpers.py',
    'lib/model.py',
    'main.py',
    'settings.py',
    'train.py',
  ]);
  expect(short(workspace.component('/w/alone.py'))).toEqual(['alone.py']);
});

test('nothing that names a library: nothing is parsed', async () => {
  const workspace = await open({ 'a.py': 'import b\n', 'b.py': 'import a\n' });
  expect([...workspace.graph().relevant]).toEqual([]);
});

test('a workspace too large for context: what is asked for is found all the same', async () => {
  const workspace = await open({ 'a.py': '', 'b/c.py': '', 'b/d.py': '' }, 2);
  expect(await workspace.context(pacer)).toEqual([]);
  expect(short((await workspace.walk('/w', pacer)).files)).toEqual(['a.py', 'b/c.py', 'b/d.py']);
  expect(short((await workspace.walk('/w/b', pacer)).files)).toEqual(['b/c.py', 'b/d.py']);
});
