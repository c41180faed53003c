/** Which workspace a path belongs to. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';

const REPOSITORY = ['.git', '.hg', '.svn', '.jj'];
const PROJECT = [
  'frugal.json',
  'pyproject.toml',
  'package.json',
  'setup.py',
  'setup.cfg',
  'requirements.txt',
];

/**
 * The workspace of a folder: the repository that holds it, else the outermost folder of those right above it that
 * look like a project, else `fallback` where it holds the folder, else the folder itself.
 */
export function projectRoot(
  folder: string,
  fallback: string,
  exists: (path: string) => boolean = existsSync,
): string {
  let project: string | null = null;
  for (let current = folder; ; current = dirname(current)) {
    const has = (name: string) => exists(`${current === '/' ? '' : current}/${name}`);
    if (REPOSITORY.some(has)) return current;
    if (PROJECT.some(has)) project = current;
    if (dirname(current) === current) break;
  }
  if (project) return project;
  return folder === fallback || folder.startsWith(`${fallback}/`) ? fallback : folder;
}
