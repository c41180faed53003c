/** `node scripts/run-ts.mjs FILE.ts [ARG…]`: bundles one TypeScript file and runs it; Node 20 has no loader for it. */
import { mkdirSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { install, root } from './steps.mjs';

install();
const esbuild = await import('esbuild');
const { common, requireBanner } = await import('../esbuild.mjs');
const [file, ...args] = process.argv.slice(2);
if (!file) throw new Error('run-ts needs a file');

const folder = join(root, 'node_modules', '.cache', 'frugal', `${basename(file)}-${process.pid}`);
mkdirSync(folder, { recursive: true });
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const outfile = join(folder, 'main.mjs');
await esbuild.build({
  ...common,
  entryPoints: [resolve(file)],
  outfile,
  format: 'esm',
  sourcemap: 'inline',
  banner: { js: requireBanner },
  // Tools that a script may import are found in node_modules at run time.
  external: ['@biomejs/biome', 'esbuild', 'playwright-core', 'vitest', '@vscode/vsce'],
});
process.argv = [process.argv[0], resolve(file), ...args];
process.chdir(root);
await import(pathToFileURL(outfile).href);
