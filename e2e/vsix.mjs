/** Unpacks a VSIX, for editors that start its server themselves. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { assert, output } from './harness.mjs';

/** @returns the folder of the extension */
export async function unpack(vsix, folder) {
  mkdirSync(folder, { recursive: true });
  // Node has no unzip; Python's standard library does, and every Debian has it.
  const { code, text } = await output('python3', ['-m', 'zipfile', '-e', vsix, folder]);
  assert(code === 0, text);
  return join(folder, 'extension');
}
