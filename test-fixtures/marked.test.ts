/** Each folder of marked/ is one workspace, linted with every rule: findings and marks must be the same. */
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { frontEnds } from '../cli/assets.ts';
import { nodeFileSystem, toEnginePath } from '../cli/node-file-system.ts';
import { createEngine } from '../engine/engine.ts';
import type { Finding } from '../engine/types.ts';
import { disagreements, readMarks } from './marks.ts';

const folder = join(import.meta.dirname, 'marked');
const workspaces = existsSync(folder)
  ? readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  : [];

describe.each(workspaces.map((entry) => entry.name))('marked/%s', (name) => {
  test('findings are where the marks are', async () => {
    const root = toEnginePath(join(folder, name));
    const engine = createEngine({ fileSystem: nodeFileSystem, language: 'en', ...frontEnds });
    const result = await engine.lint([root], root, { preview: true });
    const show = (path: string) => relative(root, path).replaceAll('\\', '/');
    const marks = result.files.flatMap((file) => readMarks(show(file.path), file.text ?? ''));
    const findings = result.files.flatMap((file) =>
      file.findings.map((finding): Finding => ({ ...finding, path: show(finding.path) })),
    );
    expect(result.problems.filter(({ level }) => level === 'error')).toEqual([]);
    expect(result.files.length).toBeGreaterThan(0);
    const differences = disagreements(marks, findings);
    expect(differences, `\n${differences.join('\n')}\n`).toEqual([]);
  });
});

describe('marks', () => {
  const finding = (line: number, rule: string, cell: number | null = null): Finding => ({
    path: 'a.py',
    cell,
    start: 0,
    end: 1,
    line,
    column: 1,
    endLine: line,
    endColumn: 2,
    rule,
    phase: 'training',
    severity: 'warning',
    status: 'stable',
    message: 'a message',
    fixes: [],
  });

  test('are read from the ends of lines, several with commas', () => {
    const marks = readMarks(
      'a.py',
      'x()  # ~ one-rule, other-rule\ny = "# ~ no-mark" + z\nz()  # ~ one-rule\n',
    );
    expect(marks.map(({ line, rule }) => [line, rule])).toEqual([
      [1, 'one-rule'],
      [1, 'other-rule'],
      [3, 'one-rule'],
    ]);
    expect(readMarks('a.ts', 'x(); // ~ one-rule')).toHaveLength(1);
  });

  test('are read from the code cells of notebooks', () => {
    const cells = [
      { cell_type: 'markdown', source: '# ~ no-mark' },
      { cell_type: 'code', source: ['a()\n', 'b()  # ~ one-rule'] },
    ];
    expect(readMarks('a.ipynb', JSON.stringify({ cells }))).toEqual([
      { path: 'a.ipynb', cell: 1, line: 2, rule: 'one-rule' },
    ]);
  });

  test('fail without their finding, and findings without their mark', () => {
    const marks = readMarks('a.py', 'x()  # ~ one-rule, one-rule\n');
    expect(disagreements(marks, [finding(1, 'one-rule'), finding(1, 'one-rule')])).toEqual([]);
    expect(disagreements(marks, [finding(1, 'one-rule'), finding(2, 'other-rule')])).toEqual([
      'found, not marked: a.py:2 other-rule: a message',
      'marked, not found: a.py:1 one-rule',
    ]);
  });
});
