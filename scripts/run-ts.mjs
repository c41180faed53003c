/** `node scripts/run-ts.mjs FILE.ts [ARG…]` runs one TypeScript file, from the repository's root. */
import { relative, resolve } from 'node:path';
import { install, root } from './steps.mjs';

install();
const { runBundle } = await import('./run-bundle.mjs');
const [file, ...args] = process.argv.slice(2);
if (!file) throw new Error('run-ts needs a file');
const path = resolve(file);
process.argv = [process.argv[0], path, ...args];
process.chdir(root);
await runBundle(`import ${JSON.stringify(`./${relative(root, path).replaceAll('\\', '/')}`)};`);
