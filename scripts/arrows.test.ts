/** The lint rules that keep the import arrows must bite: biome.json is only worth what it rejects. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const IMPORT = 'lint/style/noRestrictedImports';
const NODE = 'lint/correctness/noNodejsModules';

const rejected: [folder: string, code: string, rule: string][] = [
  ['analysis', "import { x } from '../rules/rule.ts';\nx();", IMPORT],
  ['analysis/flow', "import type { X } from '../../engine/types.ts';\nexport const x: X = 1;", IMPORT],
  ['analysis', "import { readFileSync } from 'node:fs';\nreadFileSync('x');", IMPORT],
  ['analysis', "import { join } from 'path';\njoin('x');", NODE],
  ['rules/model', "import { x } from '../../engine/engine.ts';\nx();", IMPORT],
  ['rules/model', "export * from '../../cli/main.ts';", IMPORT],
  ['rules', "import { join } from 'path';\njoin('x');", NODE],
  ['engine', "import * as vscode from 'vscode';\nvscode.x();", IMPORT],
  ['engine', "await import('../server/server.ts');", IMPORT],
  ['engine', "import { join } from 'node:path';\njoin('x');", NODE],
  ['cli', "import { x } from '../analysis/model.ts';\nx();", IMPORT],
  ['server', "import { x } from '../analysis/flow/flow.ts';\nx();", IMPORT],
  ['client', "import { x } from '../engine/engine.ts';\nx();", IMPORT],
  ['protocol', "import type { X } from '../engine/types.ts';\nexport const x: X = 1;", IMPORT],
];

const allowed: [folder: string, code: string][] = [
  ['rules/model', "import { x } from '../../analysis/model.ts';\nx();"],
  ['engine', "import { x } from '../rules/rule.ts';\nx();"],
  ['cli', "import { y } from 'node:fs';\nimport { x } from '../engine/engine.ts';\nx(y);"],
  ['client', "import * as vscode from 'vscode';\nvscode.x();"],
  ['client', "import { x } from '../protocol/score.ts';\nx();"],
];

let house: string;
/** Probe file -> lint rules that reject it. One run of Biome over a small house with our biome.json. */
const found = new Map<string, string[]>();
const probe = (folder: string, code: string) =>
  `${folder}/probe-${[...rejected, ...allowed].findIndex((row) => row[0] === folder && row[1] === code)}.ts`;

beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), 'frugal-arrows-'));
  for (const file of ['biome.json', '.gitignore']) copyFileSync(join(root, file), join(house, file));
  for (const [folder, code] of [...rejected, ...allowed]) {
    mkdirSync(join(house, folder), { recursive: true });
    writeFileSync(join(house, probe(folder, code)), `${code}\n`);
  }
  const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const args = [biome, 'lint', '--reporter=json', '--max-diagnostics=200', '.'];
  const { stdout } = spawnSync(process.execPath, args, { cwd: house, encoding: 'utf8' });
  type Diagnostic = { category: string; location: { path: string | { file: string } } };
  for (const { category, location } of (JSON.parse(stdout) as { diagnostics: Diagnostic[] }).diagnostics) {
    const path = typeof location.path === 'string' ? location.path : location.path.file;
    found.set(path, [...(found.get(path) ?? []), category]);
  }
});

afterAll(() => rmSync(house, { recursive: true, force: true }));

test.each(rejected)('%s may not: %s', (folder, code, rule) => {
  expect(found.get(probe(folder, code)) ?? []).toContain(rule);
});

test.each(allowed)('%s may: %s', (folder, code) => {
  expect(found.get(probe(folder, code)) ?? []).toEqual([]);
});
