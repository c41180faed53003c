import { describe, expect, test } from 'vitest';
import { defineRule, type RuleDefinition } from '../rules/rule.ts';
import { createEngine } from './engine.ts';
import { withEdits } from './file-text.ts';
import { engineOver, frontEnds, workspace } from './testing.ts';
import type { FileResult, FileSystem, Overrides, RunResult } from './types.ts';

const text = { en: 'x', fr: 'x' };
const base = {
  phase: 'training',
  languages: ['python', 'typescript'],
  severity: 'warning',
  status: 'stable',
  fix: 'safe',
  impact: { resource: 'compute', band: 'low', source: { en: 'test', fr: 'test' } },
  references: { course: [] },
  libraries: ['torch', 'fakelib'],
  title: text,
  what: text,
  why: text,
  instead: text,
  examples: { bad: [], good: [] },
} as const;

/** Wants `torch.ones`, `torch.full` in place of `torch.zeros`; passes on `torch.ones`. */
const noZeros: RuleDefinition = defineRule({
  ...base,
  id: 'no-zeros',
  messages: { default: { en: 'Zeros of {size}.', fr: 'Des zéros, {size}.' } },
  options: { limit: { type: 'integer', default: 0, minimum: 0, description: text } },
  on: {
    calls: {
      names: ['torch.zeros', 'torch.*.zeros', 'torch.ones', 'fakelib.zeros'],
      check(call, { module, pass, fail, flow, options }) {
        if (flow.names(call).includes('torch.ones')) return pass(call);
        const size = flow.constant(call.args[0]!.value);
        if (typeof size === 'number' && size < (options.limit as number)) return pass(call);
        const callee = module.text.slice(call.callee.start, call.callee.end);
        fail(call, {
          data: { size: String(size) },
          fixes: [
            {
              title: text,
              imports: ['from saver import ones'],
              packages: ['saver-lib'],
              edits: () => [
                { start: call.callee.start, end: call.callee.end, text: callee === 'ones' ? callee : 'ones' },
              ],
            },
          ],
        });
      },
    },
  },
});

/** Counts trained models per program, on the entry. */
const perProgram: RuleDefinition = defineRule({
  ...base,
  id: 'per-program',
  severity: 'information',
  fix: 'none',
  messages: { default: { en: '{files} files.', fr: '{files} fichiers.' } },
  on: {
    program({ entry, modules }, { fail }) {
      fail({ start: 0, end: Math.min(5, entry.text.length) }, { data: { files: modules.length } });
    },
  },
});

/** Content with a file of the workspace that saves, imported or not. */
const unsaved: RuleDefinition = defineRule({
  ...base,
  id: 'unsaved',
  fix: 'none',
  messages: { default: text },
  on: {
    module(module, { flow, pass, fail }) {
      const isSaved = flow.modules.some((one) => one.text.includes('torch.save'));
      (isSaved ? pass : fail)({ start: 0, end: Math.min(1, module.text.length) });
    },
  },
});

const unmeasured: RuleDefinition = { ...noZeros, id: 'unmeasured', status: 'preview', phase: 'model' };
const broken: RuleDefinition = {
  ...noZeros,
  id: 'broken',
  on: {
    loops: () => {
      throw new Error('boom');
    },
  },
};

const rules = [noZeros];
const ROOT = '/workspace';
const ZEROS = 'import torch\nx = torch.zeros(3)\n';
const say = (file: FileResult | undefined) =>
  file?.findings.map((finding) => `${finding.line}:${finding.column} ${finding.rule}: ${finding.message}`);
const named = (result: RunResult, name: string) =>
  result.files.find(({ path }) => path === `${ROOT}/${name}`);
const paths = (result: RunResult) => result.files.map(({ path }) => path.slice(ROOT.length + 1));

describe('lint', () => {
  test('finds, with place, message and counts', async () => {
    const { engine } = workspace(
      { 'a.py': 'import torch\n\n# é𝔸\ns = "é𝔸"; x = torch.zeros(3)\ny = torch.ones(3)\n' },
      rules,
    );
    const result = await engine.lint([ROOT], ROOT);
    expect(result.problems).toEqual([]);
    const [finding] = result.files[0]!.findings;
    expect(finding).toMatchObject({
      path: '/workspace/a.py',
      cell: null,
      line: 4,
      column: 15,
      endLine: 4,
      endColumn: 29,
      rule: 'no-zeros',
      phase: 'training',
      severity: 'warning',
      status: 'stable',
      message: 'Zeros of 3.',
    });
    expect(result.sites).toEqual({ 'no-zeros': { pass: 1, fail: 1 } });
    expect(result.stats).toMatchObject({ files: 1, analysed: 1, skipped: 0, lines: 5 });
  });

  test('sorts files by path and findings by place', async () => {
    const { engine } = workspace(
      { 'b.py': ZEROS, 'a.py': `${ZEROS}y = [torch.zeros(1), torch.zeros(2)]\n` },
      rules,
    );
    const result = await engine.lint([ROOT], ROOT);
    expect(paths(result)).toEqual(['a.py', 'b.py']);
    expect(say(result.files[0])).toEqual([
      '2:5 no-zeros: Zeros of 3.',
      '3:6 no-zeros: Zeros of 1.',
      '3:22 no-zeros: Zeros of 2.',
    ]);
  });

  test('lets files go that name no library, without a parse', async () => {
    let parses = 0;
    const { fileSystem } = workspace({ 'a.py': 'import os\n', 'b.py': 'torchlight = 1\n', 'c.py': ZEROS });
    const engine = createEngine(
      {
        fileSystem,
        language: 'en',
        loadTypeScript: frontEnds.loadTypeScript,
        async loadPython() {
          const python = await frontEnds.loadPython();
          return {
            parse(path, text) {
              parses++;
              return python.parse(path, text);
            },
          };
        },
      },
      rules,
    );
    const result = await engine.lint([ROOT], ROOT);
    expect(parses).toBe(1);
    expect(result.stats).toMatchObject({ files: 3, analysed: 1, skipped: 2 });
    expect(named(result, 'a.py')).toMatchObject({ analysed: false, findings: [], problems: [] });
    await engine.lint([ROOT], ROOT);
    expect(parses, 'parsed modules are kept').toBe(1);
    fileSystem.write(`${ROOT}/c.py`, `${ZEROS}\n`);
    await engine.lint([ROOT], ROOT);
    expect(parses, 'and made anew when their text changes').toBe(2);
  });

  test('follows imports down, for constants, and up, for callers', async () => {
    const { engine } = workspace(
      {
        'settings.py': 'SIZE = 7\n',
        'model.py': 'import torch\nfrom settings import SIZE\ndef make():\n    return torch.zeros(SIZE)\n',
        'main.py': 'from model import make\nif __name__ == "__main__":\n    make()\n',
        'unrelated.py': 'import settings\n',
      },
      [noZeros, perProgram],
    );
    const result = await engine.lint([ROOT], ROOT);
    expect(say(named(result, 'model.py'))).toEqual(['4:12 no-zeros: Zeros of 7.']);
    expect(say(named(result, 'main.py'))).toEqual(['1:1 per-program: 3 files.']);
    expect(named(result, 'settings.py')?.analysed).toBe(true);
    expect(named(result, 'unrelated.py')?.analysed).toBe(false);
  });

  test('a file alone is seen in the context of its workspace', async () => {
    const files = {
      'settings.py': 'SIZE = 7\n',
      'pkg/__init__.py': '',
      'pkg/model.py': 'import torch\nfrom settings import SIZE\ndef make():\n    return torch.zeros(SIZE)\n',
      'main.py': 'from pkg.model import make\nmake()\n',
      'other.py': ZEROS,
      'save.py': 'import torch\ntorch.save(torch.zeros(2), "x.pt")\n',
    };
    const given = [noZeros, perProgram, unsaved];
    const all = await workspace(files, given).engine.lint([ROOT], ROOT);
    expect(all.sites.unsaved).toEqual({ pass: 5, fail: 0 });
    for (const name of Object.keys(files)) {
      const path = `${ROOT}/${name}`;
      const alone = await workspace(files, given).engine.lint([path], ROOT);
      expect(paths(alone)).toEqual([name]);
      expect(say(named(alone, name)), name).toEqual(say(named(all, name)));
      const shown = await workspace(files, given).engine.lintFile(path, ROOT);
      expect(say(shown), name).toEqual(say(named(all, name)));
      expect(shown.analysed, name).toBe(named(all, name)?.analysed);
      expect(shown.sites, name).toEqual(named(all, name)?.sites);
    }
  });

  test('TypeScript across files', async () => {
    const { engine } = workspace(
      {
        'src/size.ts': 'export const SIZE = 7;\n',
        'src/app.ts':
          "import { zeros } from 'fakelib';\nimport { SIZE } from './size';\nexport const x = zeros(SIZE);\n",
      },
      rules,
    );
    const result = await engine.lint([ROOT], ROOT);
    expect(result.problems).toEqual([]);
    expect(say(named(result, 'src/app.ts'))).toEqual(['3:18 no-zeros: Zeros of 7.']);
  });

  test('reports progress to the end', async () => {
    const { engine } = workspace({ 'a.py': ZEROS, 'b.py': ZEROS, 'c.py': 'import os\n' }, rules);
    const seen: [done: number, total: number][] = [];
    await engine.lint([ROOT], ROOT, {}, { onProgress: (done, total) => seen.push([done, total]) });
    expect(seen.at(-1)).toEqual([3, 3]);
    expect(seen).toEqual([...seen].sort(([a], [b]) => a - b));
  });

  test('a rule that throws is named, and the others go on', async () => {
    const { engine } = workspace({ 'a.py': `${ZEROS}for i in range(3):\n    pass\n` }, [broken, noZeros]);
    const result = await engine.lint([ROOT], ROOT);
    expect(say(result.files[0])).toEqual(['2:5 no-zeros: Zeros of 3.']);
    expect(result.problems).toEqual([
      {
        path: '/workspace/a.py',
        level: 'error',
        message: {
          en: '/workspace/a.py: rule broken failed: boom',
          fr: '/workspace/a.py : la règle broken a échoué : boom',
        },
      },
    ]);
  });

  test('is cancelled', async () => {
    const files = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`f${at}.py`, ZEROS]));
    const { engine } = workspace(files, rules);
    const abort = new AbortController();
    const running = engine.lint(
      [ROOT],
      ROOT,
      {},
      { signal: abort.signal, onProgress: (done) => done > 20 && abort.abort() },
    );
    await expect(running).rejects.toThrow(/abort/i);
    await expect(engine.lintFile(`${ROOT}/f1.py`, ROOT, {}, { signal: AbortSignal.abort() })).rejects.toThrow(
      /abort/i,
    );
    expect(say(await engine.lintFile(`${ROOT}/f1.py`, ROOT))).toEqual(['2:5 no-zeros: Zeros of 3.']);
  });

  test('many calls at once', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 60 }, (_, at) => [`f${at}.py`, `${ZEROS}# ${at}\n`]),
    );
    const { engine } = workspace(files, rules);
    const scans = [engine.lint([ROOT], ROOT), engine.lint([ROOT], ROOT)];
    const shown = Object.keys(files).map((name) => engine.lintFile(`${ROOT}/${name}`, ROOT));
    engine.setText(`${ROOT}/f3.py`, 'import torch\n');
    expect(
      (await Promise.all(shown)).map((file) => file.findings.length).filter((found) => found !== 1).length,
    ).toBeLessThanOrEqual(1);
    for (const result of await Promise.all(scans)) expect(result.problems).toEqual([]);
    expect((await engine.lintFile(`${ROOT}/f3.py`, ROOT)).findings).toEqual([]);
  });
});

describe('an editor', () => {
  test("sees the open document's text, and the disk's once it is closed", async () => {
    const { engine } = workspace({ 'a.py': ZEROS }, rules);
    const path = `${ROOT}/a.py`;
    expect((await engine.lintFile(path, ROOT)).findings).toHaveLength(1);
    engine.setText(path, 'import torch\n');
    expect((await engine.lintFile(path, ROOT)).findings).toHaveLength(0);
    engine.setText(path, `${ZEROS}y = torch.zeros(4)\n`);
    const file = await engine.lintFile(path, ROOT);
    expect(file.findings).toHaveLength(2);
    expect(file.text).toBe(`${ZEROS}y = torch.zeros(4)\n`);
    engine.setText(path, null);
    expect((await engine.lintFile(path, ROOT)).findings).toHaveLength(1);
  });

  test('sees what changes in other files', async () => {
    const { engine, fileSystem } = workspace(
      { 'size.py': 'SIZE = 7\n', 'a.py': 'import torch\nfrom size import SIZE\nx = torch.zeros(SIZE)\n' },
      rules,
    );
    const path = `${ROOT}/a.py`;
    expect(say(await engine.lintFile(path, ROOT))).toEqual(['3:5 no-zeros: Zeros of 7.']);
    engine.setText(`${ROOT}/size.py`, 'SIZE = 8\n');
    expect(say(await engine.lintFile(path, ROOT))).toEqual(['3:5 no-zeros: Zeros of 8.']);
    engine.setText(`${ROOT}/size.py`, null);
    fileSystem.write(`${ROOT}/size.py`, 'SIZE = 9\n');
    engine.invalidate(`${ROOT}/size.py`);
    expect(say(await engine.lintFile(path, ROOT))).toEqual(['3:5 no-zeros: Zeros of 9.']);
    fileSystem.remove(`${ROOT}/size.py`);
    engine.invalidate(`${ROOT}/size.py`);
    expect(say(await engine.lintFile(path, ROOT))).toEqual(['3:5 no-zeros: Zeros of undefined.']);
    fileSystem.write(`${ROOT}/size.py`, 'SIZE = 10\n');
    engine.invalidate(`${ROOT}/size.py`);
    expect(say(await engine.lintFile(path, ROOT))).toEqual(['3:5 no-zeros: Zeros of 10.']);
  });

  test('sees a new configuration', async () => {
    const { engine, fileSystem } = workspace({ 'a.py': ZEROS }, rules);
    const path = `${ROOT}/a.py`;
    expect((await engine.lintFile(path, ROOT)).findings[0]?.severity).toBe('warning');
    fileSystem.write(`${ROOT}/frugal.json`, '{ "rules": { "no-zeros": "hint" } }');
    engine.invalidate(`${ROOT}/frugal.json`);
    expect((await engine.lintFile(path, ROOT)).findings[0]?.severity).toBe('hint');
    fileSystem.write(`${ROOT}/frugal.json`, '{ "exclude": ["a.py"] }');
    engine.invalidate(`${ROOT}/frugal.json`);
    expect(await engine.lintFile(path, ROOT)).toMatchObject({ analysed: false, findings: [] });
  });

  test("shows nothing in files that are not the user's own", async () => {
    const { engine } = workspace(
      { 'venv/lib/a.py': ZEROS, 'venv/pyvenv.cfg': '', 'node_modules/x/a.js': ZEROS, 'a.py': ZEROS },
      rules,
    );
    for (const name of ['venv/lib/a.py', 'node_modules/x/a.js']) {
      expect((await engine.lintFile(`${ROOT}/${name}`, ROOT)).findings, name).toEqual([]);
    }
  });

  test('a text that is on no disk', async () => {
    const { engine } = workspace({ 'b.py': 'SIZE = 5\n' }, rules);
    engine.setText(`${ROOT}/new.py`, 'import torch\nfrom b import SIZE\nx = torch.zeros(SIZE)\n');
    expect(say(await engine.lintFile(`${ROOT}/new.py`, ROOT))).toEqual(['3:5 no-zeros: Zeros of 5.']);
  });

  test('half-typed code keeps the findings around it', async () => {
    const { engine } = workspace({ 'a.py': `${ZEROS}model.train(\n\ny = torch.zeros(4)\n` }, rules);
    const file = await engine.lintFile(`${ROOT}/a.py`, ROOT);
    expect(say(file)?.[0]).toBe('2:5 no-zeros: Zeros of 3.');
    expect(file.problems[0]?.message.en).toMatch(/^\/workspace\/a\.py:\d+:\d+: syntax error/);
    expect(file.problems[0]?.level).toBe('warning');
  });
});

describe('notebooks', () => {
  const notebook = JSON.stringify({
    cells: [
      { cell_type: 'markdown', metadata: {}, source: ['# Title'] },
      {
        cell_type: 'code',
        metadata: {},
        outputs: [],
        execution_count: null,
        source: ['%pip install torch\n', 'import torch'],
      },
      {
        cell_type: 'code',
        metadata: {},
        outputs: [],
        execution_count: null,
        source: ['%%time\n', 'n = 3\n', 'x = torch.zeros(n)'],
      },
    ],
    metadata: { kernelspec: { name: 'python3', language: 'python', display_name: 'Python 3' } },
    nbformat: 4,
    nbformat_minor: 5,
  });

  test('findings and edits are of a cell', async () => {
    const { engine } = workspace({ 'a.ipynb': notebook }, rules);
    const result = await engine.lint([ROOT], ROOT);
    expect(result.problems).toEqual([]);
    const [finding] = result.files[0]!.findings;
    expect(finding).toMatchObject({
      cell: 2,
      line: 3,
      column: 5,
      start: 17,
      end: 31,
      message: 'Zeros of 3.',
    });
    const fixed = JSON.parse(withEdits(notebook, finding!.fixes[0]!.edits()));
    expect(fixed.cells[2].source.join('')).toBe('%%time\nfrom saver import ones\nn = 3\nx = ones(n)');
  });

  test('cells of an editor', async () => {
    const { engine } = workspace({}, rules);
    const path = `${ROOT}/a.ipynb`;
    const cell = (text: string, kind: 'code' | 'markup' = 'code', language = 'python') => ({
      kind,
      language,
      text,
    });
    engine.setText(path, [
      cell('# Title', 'markup', 'markdown'),
      cell('import torch'),
      cell('x = torch.zeros(2)'),
    ]);
    expect((await engine.lintFile(path, ROOT)).findings).toMatchObject([
      { cell: 2, line: 1, column: 5, start: 4 },
    ]);
    engine.setText(path, [cell('import torch'), cell('x = 1')]);
    expect((await engine.lintFile(path, ROOT)).findings).toEqual([]);
  });
});

describe('configuration', () => {
  const lint = async (files: Record<string, string>, catalogue = rules, overrides: Overrides = {}) =>
    workspace(files, catalogue).engine.lint([ROOT], ROOT, overrides);

  test('the nearest wins', async () => {
    const result = await lint({
      'frugal.json': '{ "rules": { "no-zeros": "error" } }',
      'a.py': ZEROS,
      'sub/pyproject.toml': '[tool.frugal.rules]\nno-zeros = "hint"\n',
      'sub/deep/a.py': ZEROS,
      'web/package.json':
        '{ "name": "x", "frugal": { "rules": { "no-zeros": { "severity": "information", "limit": 2 } } } }',
      'web/a.py': `${ZEROS}y = torch.zeros(1)\n`,
      'plain/package.json': '{ "name": "x" }',
      'plain/a.py': ZEROS,
    });
    expect(
      Object.fromEntries(
        result.files.map((file) => [file.path, file.findings.map(({ severity }) => severity)]),
      ),
    ).toEqual({
      '/workspace/a.py': ['error'],
      '/workspace/plain/a.py': ['error'],
      '/workspace/sub/deep/a.py': ['hint'],
      '/workspace/web/a.py': ['information'],
    });
    expect(named(result, 'web/a.py')?.sites).toEqual({ 'no-zeros': { pass: 1, fail: 1 } });
  });

  test('select, ignore, off, preview', async () => {
    const catalogue = [noZeros, unmeasured, perProgram];
    const found = async (config: object, overrides: Overrides = {}) => {
      const result = await lint(
        { 'a.py': ZEROS, 'frugal.json': JSON.stringify(config) },
        catalogue,
        overrides,
      );
      return result.files[0]!.findings.map(({ rule }) => rule).sort();
    };
    expect(await found({})).toEqual(['no-zeros', 'per-program']);
    expect(await found({ select: ['no-zeros'] })).toEqual(['no-zeros']);
    expect(await found({ ignore: ['training'] })).toEqual([]);
    expect(await found({ ignore: ['per-program'] })).toEqual(['no-zeros']);
    expect(await found({ rules: { 'no-zeros': 'off' } })).toEqual(['per-program']);
    expect(await found({ preview: true })).toEqual(['no-zeros', 'per-program', 'unmeasured']);
    expect(await found({ select: ['model'] })).toEqual([]);
    expect(await found({ select: ['unmeasured'] })).toEqual(['unmeasured']);
    expect(await found({ select: ['model'] }, { select: ['no-zeros', 'model'], preview: true })).toEqual([
      'no-zeros',
      'unmeasured',
    ]);
    expect(await found({ ignore: ['no-zeros'] }, { ignore: [] })).toEqual(['no-zeros', 'per-program']);
    expect(await found({ rules: { 'no-zeros': 'off' } }, { rules: { 'no-zeros': 'hint' } })).toEqual([
      'no-zeros',
      'per-program',
    ]);
    expect(await found({ rules: { 'no-zeros': { limit: 9 } } }, { rules: { 'no-zeros': 'hint' } })).toEqual([
      'per-program',
    ]);
  });

  test('excludes', async () => {
    const files = {
      'a.py': ZEROS,
      'tests/a.py': ZEROS,
      'x/tests/b.py': ZEROS,
      'x/gen/c_pb2.py': ZEROS,
      'x/gen/d.py': ZEROS,
    };
    const kept = async (...exclude: string[]) =>
      paths(await lint({ ...files, 'frugal.json': JSON.stringify({ exclude }) }));
    expect(await kept('tests')).toEqual(['a.py', 'x/gen/c_pb2.py', 'x/gen/d.py']);
    expect(await kept('tests/**')).toEqual(['a.py', 'x/gen/c_pb2.py', 'x/gen/d.py']);
    expect(await kept('/x/tests/')).toEqual(['a.py', 'tests/a.py', 'x/gen/c_pb2.py', 'x/gen/d.py']);
    expect(await kept('*_pb2.py', './tests/*.py')).toEqual(['a.py', 'x/gen/d.py', 'x/tests/b.py']);
    expect(await kept('**/gen')).toEqual(['a.py', 'tests/a.py', 'x/tests/b.py']);
  });

  test('an explicit file in place of the nearest', async () => {
    const files = {
      'a.py': ZEROS,
      'frugal.json': '{ "rules": { "no-zeros": "off" } }',
      'ci/strict.json': '{ "rules": { "no-zeros": "error" } }',
    };
    const result = await lint(files, rules, { configPath: `${ROOT}/ci/strict.json` });
    expect(result.files[0]?.findings[0]?.severity).toBe('error');
    await expect(lint(files, rules, { configPath: `${ROOT}/gone.json` })).rejects.toThrow(
      '/workspace/gone.json: no such file',
    );
  });

  test('what the command line or the settings get wrong', async () => {
    await expect(lint({ 'a.py': ZEROS }, rules, { select: ['no-zero'] })).rejects.toThrow(
      'select: unknown rule or phase "no-zero" (did you mean "no-zeros"?)',
    );
    await expect(lint({ 'a.py': ZEROS }, rules, { rules: { 'no-zeros': 'loud' } })).rejects.toThrow(
      /settings: .*no-zeros.*"loud"/,
    );
  });

  test('a broken one stops the run', async () => {
    await expect(lint({ 'a.py': ZEROS, 'frugal.json': '{ "rulez": {} }' })).rejects.toThrow(
      '/workspace/frugal.json:1:3: unknown key "rulez" (did you mean "rules"?)',
    );
  });
});

describe('bad input', () => {
  const expectOthersLinted = async (bad: Record<string, string | Uint8Array>, message: RegExp | null) => {
    const { engine } = workspace({ ...bad, 'good.py': ZEROS }, rules);
    const result = await engine.lint([ROOT], ROOT);
    expect(say(named(result, 'good.py'))).toEqual(['2:5 no-zeros: Zeros of 3.']);
    if (message) {
      expect(result.problems).toHaveLength(1);
      expect(result.problems[0]?.message.en).toMatch(message);
      expect(result.problems[0]?.message.en).toContain(Object.keys(bad)[0]);
    } else expect(result.problems).toEqual([]);
    const name = Object.keys(bad)[0]!;
    const shown = await engine.lintFile(`${ROOT}/${name}`, ROOT);
    expect(say(shown)).toEqual(say(named(result, name)));
    return named(result, name);
  };
  const utf16 = (text: string, little: boolean) => {
    const bytes = [little ? [0xff, 0xfe] : [0xfe, 0xff]].flat();
    for (const char of text) bytes.push(...(little ? [char.charCodeAt(0), 0] : [0, char.charCodeAt(0)]));
    return Uint8Array.from(bytes);
  };

  test('syntax errors', async () => {
    const file = await expectOthersLinted(
      { 'bad.py': `${ZEROS}def f(:\n    return )\n` },
      /bad\.py:\d+:\d+: syntax error/,
    );
    expect(say(file)).toContain('2:5 no-zeros: Zeros of 3.');
  });

  test('mixed tabs', () =>
    expectOthersLinted({ 'bad.py': `${ZEROS}if x:\n\ty = 1\n        z = 2\n\tif y:\n\t    w = 3\n` }, null));

  test.each([
    ['CRLF', 'import torch\r\nx = torch.zeros(3)\r\n'],
    ['lone CR', 'import torch\rx = torch.zeros(3)\r'],
    ['a BOM', '\ufeffimport torch\nx = torch.zeros(3)\n'],
    ['no last newline', 'import torch\nx = torch.zeros(3)'],
    ['a form feed', 'import torch\n\f\nx = torch.zeros(3)\n'],
  ])('%s', async (_, text) => {
    const file = await expectOthersLinted({ 'odd.py': text }, null);
    const line = text.includes('\f') ? 3 : 2;
    expect(say(file)).toEqual([`${line}:5 no-zeros: Zeros of 3.`]);
  });

  test('Latin-1 and UTF-16', async () => {
    const latin = Uint8Array.from('# caf\u00e9\nimport torch\nx = torch.zeros(3)\n', (char) =>
      char.charCodeAt(0),
    );
    expect(say(await expectOthersLinted({ 'latin.py': latin }, null))).toEqual(['3:5 no-zeros: Zeros of 3.']);
    expect(say(await expectOthersLinted({ 'le.py': utf16(ZEROS, true) }, null))).toEqual([
      '2:5 no-zeros: Zeros of 3.',
    ]);
    expect(say(await expectOthersLinted({ 'be.py': utf16(ZEROS, false) }, null))).toEqual([
      '2:5 no-zeros: Zeros of 3.',
    ]);
  });

  test('NUL bytes', () => expectOthersLinted({ 'bad.py': 'import torch\0\n' }, /binary file/));

  test('a 20 MB line', () =>
    expectOthersLinted(
      { 'bad.py': `import torch; x = "${'a'.repeat(20_000_000)}"\n` },
      /passed over: larger than/,
    ));

  test('a long line', () =>
    expectOthersLinted(
      { 'bad.py': `import torch; x = "${'a'.repeat(2_000_000)}"\n` },
      /passed over: a line is too long/,
    ));

  test('minified code', () =>
    expectOthersLinted({ 'bad.js': `import('fakelib');${'a=1;'.repeat(9000)}\n` }, /passed over: minified/));

  test.each([
    ['brackets', `import torch\nx = ${'['.repeat(10_000)}${']'.repeat(10_000)}\n`],
    ['open brackets', `import torch\nx = ${'('.repeat(10_000)}\n`],
    ['calls', `import torch\nx = ${'f('.repeat(10_000)}1${')'.repeat(10_000)}\n`],
    ['chains', `import torch\nx = a${'.b()'.repeat(10_000)}\n`],
    [
      'blocks',
      `import torch\n${Array.from({ length: 300 }, (_, at) => `${' '.repeat(at)}if x:`).join('\n')}\n${' '.repeat(300)}pass\n`,
    ],
    ['sums', `import torch\nx = ${'1 + '.repeat(10_000)}1\n`],
  ])(
    '10,000 deep: %s',
    async (_, text) => {
      const { engine } = workspace({ 'deep.py': text, 'good.py': ZEROS }, rules);
      const result = await engine.lint([ROOT], ROOT);
      expect(say(named(result, 'good.py'))).toEqual(['2:5 no-zeros: Zeros of 3.']);
      for (const { message } of result.problems) expect(message.en).toContain('deep.py');
    },
    30_000,
  );

  test.each([
    ['brackets', `import 'fakelib';\nconst x = ${'[\n'.repeat(10_000)}${']\n'.repeat(10_000)};\n`],
    ['chains', `import 'fakelib';\nconst x = a${'\n.b()'.repeat(10_000)};\n`],
  ])(
    '10,000 deep in TypeScript: %s',
    async (_, text) => {
      const { engine } = workspace({ 'deep.ts': text, 'good.py': ZEROS }, rules);
      const result = await engine.lint([ROOT], ROOT);
      expect(say(named(result, 'good.py'))).toEqual(['2:5 no-zeros: Zeros of 3.']);
      for (const { message } of result.problems) expect(message.en).toContain('deep.ts');
    },
    30_000,
  );

  test('a notebook that is none', () =>
    expectOthersLinted({ 'bad.ipynb': '{ "cells": [ torch' }, /bad\.ipynb:1: not a readable notebook/));

  test('an empty file and a file of blanks', () =>
    expectOthersLinted({ 'empty.py': '', 'blank.py': '\n\n' }, null));

  test('a path that does not exist, and one that is not ours', async () => {
    const { engine } = workspace({ 'a.py': ZEROS, 'notes.txt': 'torch' }, rules);
    const result = await engine.lint([`${ROOT}/gone.py`, `${ROOT}/notes.txt`, `${ROOT}/a.py`], ROOT);
    expect(paths(result)).toEqual(['a.py']);
    expect(result.problems.map(({ level, message }) => `${level} ${message.en}`)).toEqual([
      'error /workspace/gone.py: no such file or folder',
      'error /workspace/notes.txt: not a kind of file that Frugal reads',
    ]);
  });

  test('a file that goes, and one that cannot be read, during the scan', async () => {
    const { fileSystem } = workspace({ 'gone.py': ZEROS, 'secret.py': ZEROS, 'good.py': ZEROS });
    const flaky: FileSystem = {
      readDirectory: (path) => fileSystem.readDirectory(path),
      stat: (path) => fileSystem.stat(path),
      realPath: (path) => fileSystem.realPath(path),
      async readFile(path) {
        if (path.endsWith('gone.py')) fileSystem.remove(path);
        if (path.endsWith('secret.py')) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
        return fileSystem.readFile(path);
      },
    };
    const result = await engineOver(flaky, rules).lint([ROOT], ROOT);
    expect(say(named(result, 'good.py'))).toHaveLength(1);
    expect(result.problems.map(({ message }) => message.en)).toEqual([
      '/workspace/gone.py: no such file or folder',
      '/workspace/secret.py: cannot be read: permission denied',
    ]);
    expect(named(result, 'gone.py')).toMatchObject({ text: null, analysed: false });
  });

  test('a parser that fails', async () => {
    const { fileSystem } = workspace({ 'a.py': ZEROS, 'b.py': ZEROS });
    const python = await frontEnds.loadPython();
    const parse = (path: string, text: string) => {
      if (path.endsWith('a.py')) throw new RangeError('Maximum call stack size exceeded');
      return python.parse(path, text);
    };
    const engine = createEngine(
      { fileSystem, language: 'en', ...frontEnds, loadPython: async () => ({ parse }) },
      rules,
    );
    const result = await engine.lint([ROOT], ROOT);
    expect(result.problems.map(({ message }) => message.en)).toEqual([
      '/workspace/a.py: could not be analysed: Maximum call stack size exceeded',
    ]);
    expect(say(named(result, 'b.py'))).toHaveLength(1);
  });
});

test('memory: a thousand edits leave one module', async () => {
  const { engine } = workspace({ 'a.py': ZEROS, 'b.py': 'from a import x\n' }, [noZeros, perProgram]);
  for (let edit = 0; edit < 1000; edit++) {
    engine.setText(`${ROOT}/a.py`, `${ZEROS}# ${edit}\n`);
    expect((await engine.lintFile(`${ROOT}/a.py`, ROOT)).findings).toHaveLength(1);
  }
  expect(say(await engine.lintFile(`${ROOT}/b.py`, ROOT))).toEqual(['1:1 per-program: 2 files.']);
}, 60_000);
