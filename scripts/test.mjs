/**
 * `npm test`: every check there is, the tests last so that their summary is the last thing on the screen.
 * A failing step does not hide the others. `--static` leaves the tests out; other arguments go to vitest.
 */
import { join } from 'node:path';
import { install, root, runNode, runTool } from './steps.mjs';

install();
const args = process.argv.slice(2);
const isStatic = args.includes('--static');
const failed = [];

function step(name, code) {
  if (code !== 0) failed.push(name);
}

step(
  'biome',
  runTool('biome', ['ci', '--error-on-warnings', `--colors=${process.stdout.isTTY ? 'force' : 'off'}`, '.']),
);
step('tsc', runTool('tsc', ['-p', root]));
step('tsc, panel', runTool('tsc', ['-p', join(root, 'client', 'webview')]));
step('generated files', runNode(['scripts/generate.mjs', '--check']));
if (!isStatic) {
  step('build', runNode(['esbuild.mjs']));
  step('tests', runTool('vitest', ['run', ...args]));
}
if (failed.length > 0) {
  console.error(`\nFailed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
