/** For tests: engines over workspaces in memory. */
import { readFileSync } from 'node:fs';
import { loadPythonFrontEnd } from '../analysis/python/parser.ts';
import { rules as catalogue } from '../rules/index.ts';
import type { RuleDefinition } from '../rules/rule.ts';
import { createEngine } from './engine.ts';
import { loadTypeScriptFrontEnd } from './front-ends.ts';
import { MemoryFileSystem } from './memory-file-system.ts';
import type { Engine, EngineOptions, FileSystem } from './types.ts';

const read = (path: string) =>
  new Uint8Array(readFileSync(new URL(`../node_modules/${path}`, import.meta.url)));

let python: ReturnType<EngineOptions['loadPython']> | null = null;

/** The real parsers, from node_modules. */
export const frontEnds: Pick<EngineOptions, 'loadPython' | 'loadTypeScript'> = {
  loadPython() {
    python ??= loadPythonFrontEnd({
      runtime: read('web-tree-sitter/web-tree-sitter.wasm'),
      grammar: read('tree-sitter-python/tree-sitter-python.wasm'),
    });
    return python;
  },
  loadTypeScript: loadTypeScriptFrontEnd,
};

export function engineOver(fileSystem: FileSystem, rules: readonly RuleDefinition[] = catalogue): Engine {
  return createEngine({ fileSystem, language: 'en', ...frontEnds }, rules);
}

/** @param files path below /workspace -> text or bytes */
export function workspace(
  files: Readonly<Record<string, string | Uint8Array>>,
  rules: readonly RuleDefinition[] = catalogue,
): { engine: Engine; fileSystem: MemoryFileSystem } {
  const fileSystem = new MemoryFileSystem();
  for (const [path, content] of Object.entries(files)) fileSystem.write(`/workspace/${path}`, content);
  return { engine: engineOver(fileSystem, rules), fileSystem };
}
