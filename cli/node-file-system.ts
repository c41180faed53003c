/** The engine's file system, on Node. */
import { constants } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { FileSystem, FileType } from '../engine/types.ts';

/** An absolute path as the engine writes it: forward slashes on every platform. */
export function toEnginePath(path: string, from = process.cwd()): string {
  const absolute = resolve(from, path);
  return process.platform === 'win32' ? absolute.replaceAll('\\', '/') : absolute;
}

interface Kind {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

function typeOf(entry: Kind): FileType {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'symlink' : 'other';
}

const hasCode = (error: unknown, ...codes: string[]) =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));

export const nodeFileSystem: FileSystem = {
  async readFile(path) {
    // Non-blocking, so that a named pipe without a writer is refused and not waited for.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stats = await file.stat();
      if (stats.isDirectory()) {
        throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
      }
      if (!stats.isFile()) throw Object.assign(new Error('not a regular file'), { code: 'EINVAL' });
      return await file.readFile();
    } finally {
      await file.close();
    }
  },

  async readDirectory(path) {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.map((entry) => ({ name: entry.name, type: typeOf(entry) }));
  },

  async stat(path) {
    try {
      const stats = await stat(path);
      return { type: typeOf(stats), size: stats.size, mtime: stats.mtimeMs };
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return null;
      throw error;
    }
  },

  async realPath(path) {
    return toEnginePath(await realpath(path));
  },
};
