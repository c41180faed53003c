import { expect, test } from 'vitest';
import { projectRoot } from './project-root.ts';

const withFiles =
  (...files: string[]) =>
  (path: string) =>
    files.includes(path);

test('the repository that holds the folder', () => {
  const exists = withFiles('/r/.git', '/r/services/a/pyproject.toml');
  expect(projectRoot('/r/services/a/src', '/elsewhere', exists)).toBe('/r');
});

test('without one, the outermost folder that looks like a project', () => {
  expect(projectRoot('/p/a/src', '/x', withFiles('/p/package.json', '/p/a/requirements.txt'))).toBe('/p');
});

test('without either, the working directory where it holds the folder', () => {
  expect(projectRoot('/w/a', '/w', withFiles())).toBe('/w');
  expect(projectRoot('/w', '/w', withFiles())).toBe('/w');
  expect(projectRoot('/wide/a', '/w', withFiles())).toBe('/wide/a');
});

test('the root of the file system ends the search', () => {
  expect(projectRoot('/', '/w', withFiles())).toBe('/');
  expect(projectRoot('/a', '/w', withFiles('/.git'))).toBe('/');
});
