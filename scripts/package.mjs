/**
 * `npm run package`: builds and packs the universal VSIX, and refuses one that grew past its limit.
 * `--out FILE` puts it elsewhere; `--no-build` takes dist/ as it is.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { install, root, runNode, runTool } from './steps.mjs';

const LIMIT = 4 * 1024 * 1024;

const { values } = parseArgs({ options: { out: { type: 'string' }, 'no-build': { type: 'boolean' } } });

install();
const out = values.out ?? join(root, 'frugal-lint.vsix');
if (!values['no-build'] && runNode(['esbuild.mjs']) !== 0) process.exit(1);
// Dependencies are in the bundles; links and images of the README stay as they are.
const options = ['--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links'];
if (runTool('vsce', ['package', ...options, '--out', out]) !== 0) process.exit(1);
const { size } = statSync(out);
console.log(`${out}: ${(size / 1024 / 1024).toFixed(2)} MB`);
if (size > LIMIT) {
  console.error(`The VSIX must stay under ${LIMIT / 1024 / 1024} MB.`);
  process.exitCode = 1;
}
