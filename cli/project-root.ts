/** Which workspace a path belongs to. */
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { languageOf } from '../engine/languages.ts';
import { toEnginePath } from './node-file-system.ts';

const REPOSITORY = ['.git', '.hg', '.svn', '.jj'];
const PROJECT = ['pyproject.toml', 'package.json', 'setup.py', 'setup.cfg', 'requirements.txt'];

/** What is asked of the disk. */
export interface Disk {
  exists(path: string): boolean;
  /** Names in a folder; none where it cannot be read. */
  names(folder: string): readonly string[];
  /** The user's own folder: a stray package.json or a repository of settings there makes it no project. */
  readonly home: string;
}

const disk: Disk = {
  exists: existsSync,
  names(folder) {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  },
  home: toEnginePath(homedir()),
};

/**
 * The workspace of a folder: the repository that holds it, else the outermost folder around it that looks like a project
 * (what holds the user's own folder does not, but for a frugal.json), else `fallback` where it holds the folder and has
 * code beside it, else the folder itself.
 */
export function projectRoot(folder: string, fallback: string, on: Disk = disk): string {
  let project: string | null = null;
  for (let current = folder; ; current = dirname(current)) {
    const has = (name: string) => on.exists(`${current === '/' ? '' : current}/${name}`);
    const isHome = current === on.home || on.home.startsWith(`${current === '/' ? '' : current}/`);
    const counts = !isHome || current === folder;
    if (counts && REPOSITORY.some(has)) return current;
    if (has('frugal.json') || (counts && PROJECT.some(has))) project = current;
    if (dirname(current) === current) break;
  }
  if (project) return project;
  const isBelow = folder.startsWith(`${fallback}/`);
  // a folder of downloads is no project: all of it would be read for the sake of one
  return isBelow && on.names(fallback).some((name) => languageOf(name) !== null) ? fallback : folder;
}
