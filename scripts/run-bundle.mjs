/** Bundles TypeScript and imports the result: Node 20 does not run TypeScript by itself. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import { common, requireBanner } from '../esbuild.mjs';
import { root } from './steps.mjs';

let made = 0;

/** `contents` is the entry module; its imports are relative to the repository's root. Returns its exports. */
export async function runBundle(contents) {
  const folder = join(root, 'node_modules', '.cache', 'frugal', `${process.pid}-${made++}`);
  mkdirSync(folder, { recursive: true });
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const outfile = join(folder, 'main.mjs');
  await esbuild.build({
    ...common,
    stdin: { contents, resolveDir: root, sourcefile: 'entry.ts', loader: 'ts' },
    outfile,
    format: 'esm',
    sourcemap: 'inline',
    banner: { js: requireBanner },
    // Tools that a script may use are found in node_modules at run time.
    external: ['@biomejs/biome', '@vscode/vsce', 'esbuild', 'playwright-core', 'vitest'],
  });
  return import(pathToFileURL(outfile).href);
}
