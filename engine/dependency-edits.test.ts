import { expect, test } from 'vitest';
import { dependencyEdit } from './dependency-edits.ts';
import { applyEdits } from './fixes.ts';

async function added(
  files: Record<string, string>,
  language: 'python' | 'typescript' = 'python',
  packages = ['codecarbon'],
): Promise<[string, string] | null> {
  const read = async (path: string) => files[path] ?? null;
  const edit = await dependencyEdit(packages, '/work/src/train.py', '/work', language, read);
  return edit && [edit.path, applyEdits(files[edit.path]!, [edit])];
}

test.each([
  ['', 'codecarbon\n'],
  ['torch', 'torch\ncodecarbon\n'],
  ['torch>=2\r\nnumpy\r\n', 'torch>=2\r\nnumpy\r\ncodecarbon\r\n'],
])('requirements.txt %j', async (before, after) => {
  expect(await added({ '/work/requirements.txt': before })).toEqual(['/work/requirements.txt', after]);
});

test.each([
  ['[project]\ndependencies = []\n', '[project]\ndependencies = ["codecarbon"]\n'],
  ['[project]\ndependencies = ["torch"]\n', '[project]\ndependencies = ["codecarbon", "torch"]\n'],
  [
    '[project]\ndependencies = [\n    "torch", # why\n    "numpy",\n]\n',
    '[project]\ndependencies = [\n    "torch", # why\n    "codecarbon",\n    "numpy",\n]\n',
  ],
  ['[tool.poetry.dependencies]\ntorch = "^2"\n', null],
  ['[project\n', null],
])('pyproject.toml %j', async (before, after) => {
  expect(await added({ '/work/pyproject.toml': before })).toEqual(after && ['/work/pyproject.toml', after]);
});

test('package.json keeps its style', async () => {
  const json = (dependencies: string) => `{\n    "name": "x"${dependencies}\n}\n`;
  const files = { '/work/package.json': json('') };
  expect(await added(files, 'typescript', ['ai', 'zod'])).toEqual([
    '/work/package.json',
    json(',\n    "dependencies": {\n        "ai": "latest",\n        "zod": "latest"\n    }'),
  ]);
  expect(await added({ '/work/package.json': '[' }, 'typescript')).toBeNull();
});

test('the nearest file that can be added to', async () => {
  const files = {
    '/work/src/pyproject.toml': '[tool.x]\n',
    '/work/requirements.txt': '',
    '/requirements.txt': '',
  };
  expect((await added(files))?.[0]).toBe('/work/requirements.txt');
  expect(await added({ '/requirements.txt': '' })).toBeNull();
});
