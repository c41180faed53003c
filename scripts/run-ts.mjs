/** `node scripts/run-ts.mjs FILE.ts [ARG…]` runs one TypeScript file, from the repository's root; `--help` prints the comment it begins with. */
import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { install, root } from './steps.mjs';

install();
const { runBundle } = await import('./run-bundle.mjs');
const [file, ...args] = process.argv.slice(2);
if (!file) throw new Error('run-ts needs a file');
const path = resolve(file);
if (args.includes('--help')) {
  const [comment = ''] = readFileSync(path, 'utf8').match(/^\/\*\*[\s\S]*?\*\//) ?? [];
  console.log(comment.replace(/^(?:\/\*\*| \*\/| \*) ?/gm, '').trim());
  process.exit(0);
}
process.argv = [process.argv[0], path, ...args];
process.chdir(root);
try {
  await runBundle(`import ${JSON.stringify(`./${relative(root, path).replaceAll('\\', '/')}`)};`);
} catch (error) {
  if (!String(error.code).startsWith('ERR_PARSE_ARGS')) throw error;
  console.error(`${error.message}\n--help tells the options.`);
  process.exit(2);
}
