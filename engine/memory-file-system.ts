/** A workspace in memory: tests, and callers that have no disk. */
import { dirname } from './paths.ts';
import type { FileSystem, FileType } from './types.ts';

export class MemoryFileSystem implements FileSystem {
  readonly #files = new Map<string, Uint8Array>();
  #clock = 0;
  readonly #times = new Map<string, number>();

  /** @param files absolute path -> text or bytes */
  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    for (const [path, content] of Object.entries(files)) this.write(path, content);
  }

  write(path: string, content: string | Uint8Array): void {
    this.#files.set(path, typeof content === 'string' ? new TextEncoder().encode(content) : content);
    this.#times.set(path, ++this.#clock);
  }

  remove(path: string): void {
    this.#files.delete(path);
  }

  async readFile(path: string): Promise<Uint8Array> {
    const content = this.#files.get(path);
    if (!content) throw missing(path);
    return content;
  }

  async readDirectory(path: string): Promise<{ name: string; type: FileType }[]> {
    const prefix = path === '/' ? '/' : `${path}/`;
    const entries = new Map<string, FileType>();
    for (const file of this.#files.keys()) {
      if (!file.startsWith(prefix)) continue;
      const [name = '', ...rest] = file.slice(prefix.length).split('/');
      entries.set(name, rest.length > 0 ? 'directory' : 'file');
    }
    if (entries.size === 0) throw missing(path);
    return [...entries].map(([name, type]) => ({ name, type }));
  }

  async stat(path: string): Promise<{ type: FileType; size: number; mtime: number } | null> {
    const content = this.#files.get(path);
    if (content) return { type: 'file', size: content.length, mtime: this.#times.get(path) ?? 0 };
    const prefix = path === '/' ? '/' : `${path}/`;
    for (const file of this.#files.keys()) {
      if (file.startsWith(prefix)) return { type: 'directory', size: 0, mtime: 0 };
    }
    return null;
  }

  async realPath(path: string): Promise<string> {
    if ((await this.stat(path)) === null) throw missing(path);
    return dirname(path) === '' && path === '' ? '/' : path;
  }
}

function missing(path: string): Error {
  return Object.assign(new Error(`ENOENT: no such file or directory, '${path}'`), { code: 'ENOENT' });
}
