/** The engine's parsers, from the files beside the bundle (or, when run from source, from node_modules). */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadPythonFrontEnd, loadTypeScriptFrontEnd } from '../engine/front-ends.ts';
import type { EngineOptions } from '../engine/types.ts';

function wasm(name: string): Promise<Uint8Array> {
  const beside = fileURLToPath(new URL(basename(name), import.meta.url));
  return readFile(existsSync(beside) ? beside : createRequire(import.meta.url).resolve(name));
}

/** For `createEngine`: asked for once, when the first file of the language appears. */
export const frontEnds: Pick<EngineOptions, 'loadPython' | 'loadTypeScript'> = {
  async loadPython() {
    const [runtime, grammar] = await Promise.all([
      wasm('web-tree-sitter/web-tree-sitter.wasm'),
      wasm('tree-sitter-python/tree-sitter-python.wasm'),
    ]);
    return loadPythonFrontEnd({ runtime, grammar });
  },
  loadTypeScript: loadTypeScriptFrontEnd,
};
