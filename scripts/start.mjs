/**
 * `npm start [-- PATH…]`: from a fresh clone to findings. Lints the demo workspace or the paths given.
 * Findings are the point here, no failure: exit 0 with or without them, 2 when the run itself failed.
 */
import { join } from 'node:path';
import { build, install, root, runNode } from './steps.mjs';

install();
build();
const args = process.argv.slice(2);
const demo = args.every((arg) => arg.startsWith('-'));
const cwd = demo ? join(root, 'test-fixtures', 'demo') : (process.env.INIT_CWD ?? process.cwd());
const code = runNode([join(root, 'dist', 'cli.mjs'), 'check', ...args], { cwd });
process.exitCode = code === 1 ? 0 : code;
