import { basename, dirname } from 'node:path';
import { expect, test } from 'vitest';
import { type Disk, projectRoot } from './project-root.ts';

const withFiles = (...files: string[]): Disk => ({
  exists: (path) => files.includes(path),
  names: (folder) => files.filter((path) => dirname(path) === folder).map((path) => basename(path)),
  home: '/home/ada',
});

test('the repository that holds the folder', () => {
  const exists = withFiles('/r/.git', '/r/services/a/pyproject.toml');
  expect(projectRoot('/r/services/a/src', '/elsewhere', exists)).toBe('/r');
});

test('without one, the outermost folder that looks like a project', () => {
  expect(projectRoot('/p/a/src', '/x', withFiles('/p/package.json', '/p/a/requirements.txt'))).toBe('/p');
});

test('what stands in the folder of the user makes no project of all below', () => {
  const exists = withFiles('/home/ada/package.json', '/home/ada/.git', '/home/ada/ml/a/setup.py');
  expect(projectRoot('/home/ada/ml/a/src', '/home/ada', exists)).toBe('/home/ada/ml/a');
  expect(projectRoot('/home/ada/ml/b', '/home/ada', exists)).toBe('/home/ada/ml/b');
  expect(projectRoot('/home/ada', '/home/ada', exists)).toBe('/home/ada');
  expect(projectRoot('/home/ada/ml', '/x', withFiles('/home/ada/frugal.json'))).toBe('/home/ada');
});

test('without either, the working directory where it holds the folder and code', () => {
  expect(projectRoot('/w/a', '/w', withFiles('/w/train.py'))).toBe('/w');
  expect(projectRoot('/w/a', '/w', withFiles('/w/notes.txt'))).toBe('/w/a');
  expect(projectRoot('/w', '/w', withFiles())).toBe('/w');
  expect(projectRoot('/wide/a', '/w', withFiles())).toBe('/wide/a');
});

test('the root of the file system ends the search', () => {
  expect(projectRoot('/', '/w', withFiles())).toBe('/');
  expect(projectRoot('/', '/w', withFiles('/.git'))).toBe('/');
});
