import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { replaceFile } from './write-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'frugal-write-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (text: string) => new TextEncoder().encode(text);

test('replaces the content, keeps the mode, leaves nothing else behind', async () => {
  const file = join(folder, 'a.py');
  writeFileSync(file, 'a longer text than the new one');
  chmodSync(file, 0o751);
  await replaceFile(file, bytes('new'));
  expect(readFileSync(file, 'utf8')).toBe('new');
  expect(statSync(file).mode & 0o777).toBe(0o751);
  expect(readdirSync(folder)).toEqual(['a.py']);
});

test('a symbolic link stays, its target changes', async () => {
  mkdirSync(join(folder, 'real'));
  writeFileSync(join(folder, 'real', 'a.py'), 'old');
  symlinkSync(join('real', 'a.py'), join(folder, 'link.py'));
  await replaceFile(join(folder, 'link.py'), bytes('new'));
  expect(lstatSync(join(folder, 'link.py')).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(folder, 'real', 'a.py'), 'utf8')).toBe('new');
});

test('hard links stay one file', async () => {
  writeFileSync(join(folder, 'a.py'), 'a longer text than the new one');
  linkSync(join(folder, 'a.py'), join(folder, 'b.py'));
  await replaceFile(join(folder, 'a.py'), bytes('new'));
  expect(readFileSync(join(folder, 'b.py'), 'utf8')).toBe('new');
});

test.skipIf(process.getuid?.() === 0)('a read-only file stays as it is', async () => {
  const file = join(folder, 'a.py');
  writeFileSync(file, 'old');
  chmodSync(file, 0o444);
  await expect(replaceFile(file, bytes('new'))).rejects.toThrow(/EACCES/);
  expect(readFileSync(file, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['a.py']);
});

test('a file that is gone is not made anew', async () => {
  await expect(replaceFile(join(folder, 'gone.py'), bytes('new'))).rejects.toThrow(/ENOENT/);
  expect(readdirSync(folder)).toEqual([]);
});
