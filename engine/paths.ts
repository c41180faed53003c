/** Paths with forward slashes. `node:path` is out of bounds here, and URI paths must work as well. */
import { dirname } from '../analysis/program/resolve-imports.ts';

export { dirname };

export function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Extension with its dot, in lower case: `.ipynb`; empty when there is none. */
export function extension(path: string): string {
  return /.(\.[^./]+)$/s.exec(basename(path))?.[1]?.toLowerCase() ?? '';
}

/** Resolves `.` and `..` and drops repeated and trailing slashes: `/a/./b/../c/` -> `/a/c`. */
export function normalize(path: string): string {
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..' && out.length > 1) out.pop();
    else if (part !== '.' && part !== '..' && (part !== '' || out.length === 0)) out.push(part);
  }
  return out.join('/') || (path.startsWith('/') ? '/' : '');
}

/** Whether `path` is `folder` or lies below it. */
export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** `path` as seen from `folder`, with `..` where it lies elsewhere. Empty when they are the same. */
export function relativePath(path: string, folder: string): string {
  const to = path.split('/');
  const from = folder.replace(/\/$/, '').split('/');
  let shared = 0;
  while (shared < from.length && shared < to.length && from[shared] === to[shared]) shared++;
  if (shared === 0) return path;
  return [...from.slice(shared).map(() => '..'), ...to.slice(shared)].join('/');
}

/** `folder`, then each folder above it, up to and including `top` (or the file system's root). */
export function foldersUp(folder: string, top: string): string[] {
  const folders: string[] = [];
  for (let current = folder; ; current = dirname(current)) {
    folders.push(current);
    if (current === top || current === '' || current === dirname(current)) return folders;
  }
}
