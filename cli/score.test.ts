import { describe, expect, test } from 'vitest';
import { GRADE_COLORS, type Score } from '../engine/score.ts';
import { validate } from '../engine/validate.ts';
import noEval from '../rules/deployment/inference-without-eval.ts';
import deepOnTables from '../rules/design/deep-model-on-tabular.ts';
import { badge } from './badge.ts';
import { reportSchema } from './report-schema.ts';
import { historyLine, inTenths, scoreOfResult } from './score.ts';
import { Command } from './testing.ts';

const command = new Command();
const { code: BAD, fixed: FIXED } = noEval.examples.bad[0];
/** Only this rule counts: the others' sites are not this test's business. */
const ONLY = ['--select', noEval.id];

describe('frugal check', () => {
  test('the report has the score; so has the summary', () => {
    command.write('serve.py', BAD);
    command.write('fine.py', FIXED!);
    const report = JSON.parse(command.run(['check', '--format', 'json', ...ONLY]).out);
    expect(report.score).toEqual({
      value: 50,
      grade: 'D',
      version: 1,
      phases: {
        ...Object.fromEntries(
          ['design', 'data', 'training', 'model', 'deployment', 'operation'].map((phase) => [
            phase,
            { value: null, grade: null, pass: 0, fail: 0 },
          ]),
        ),
        deployment: { value: 50, grade: 'D', pass: 1, fail: 1 },
      },
    });
    expect(validate(report, reportSchema)).toEqual([]);
    expect(command.run(['check', ...ONLY]).out).toContain('Eco-score: 50/100, grade D.');
    expect(command.run(['check', ...ONLY, '--language', 'fr']).out).toContain('Éco-score : 50/100, note D.');
  });

  test('no ML code, no score: the threshold holds', () => {
    command.write('a.py', 'print(1)\n');
    const run = command.run(['check', '--min-score', '100', '--format', 'json']);
    expect(run).toMatchObject({ code: 0, error: '' });
    expect(JSON.parse(run.out).score).toBeNull();
    expect(command.run(['check']).out).not.toContain('core');
  });

  test('--min-score: below it exit 1 and says why; from it on findings do not matter', () => {
    command.write('serve.py', BAD);
    command.write('fine.py', FIXED!);
    const below = command.run(['check', '--min-score', '51', '--quiet', ...ONLY]);
    expect(below.code).toBe(1);
    expect(below.error).toContain('error: the score is 50, below the 51 asked for');
    expect(command.run(['check', '--min-score', '51', '--language', 'fr', ...ONLY]).error).toContain(
      'erreur : le score est de 50, sous les 51 demandés',
    );
    expect(command.run(['check', '--min-score', '50', ...ONLY])).toMatchObject({ code: 0, error: '' });
    expect(command.run(['check', ...ONLY]).code).toBe(1);
    expect(command.run(['check', '--min-score', '100', '--fix-suggested', ...ONLY]).code).toBe(0);
  });

  test.each(['-1', '101', 'many', ''])('--min-score %s: exit 2', (value) => {
    const run = command.run(['check', `--min-score=${value}`]);
    expect(run.code).toBe(2);
    expect(run.error).toContain('from 0 to 100');
  });

  test('a path that does not exist stays exit 2', () => {
    expect(command.run(['check', '--min-score', '0', 'gone']).code).toBe(2);
  });
});

describe('frugal score', () => {
  test('phases, what costs points, and a sum that adds up', () => {
    command.write('serve.py', BAD);
    command.write('fine.py', FIXED!);
    const run = command.run(['score', ...ONLY]);
    expect(run).toMatchObject({ code: 0, error: '' });
    expect(run.out).toMatch(/^Eco-score {2}50\/100 {2}grade D\n1 rule judged 2 places\.\n/);
    expect(run.out).toMatch(/^Deployment +50 +D +1 +1$/m);
    expect(run.out).toMatch(/^Design +– +– +– +–$/m);
    expect(run.out).toMatch(/^inference-without-eval +50\.0 +1 +\S/m);
    expect(run.out).toContain('100 − 50.0 lost = 50.0, rounded down to 50.');
  });

  test('in French, with French numbers', () => {
    command.write('serve.py', BAD);
    const { out } = command.run(['score', ...ONLY], { env: { LANG: 'fr_FR.UTF-8' } });
    expect(out).toMatch(/^Éco-score {2}0\/100 {2}note E\n1 endroit jugé par 1 règle\.\n/);
    expect(out).toContain('100 − 100,0 perdus = 0,0');
  });

  test('the configuration chooses the language', () => {
    command.write('frugal.json', '{ "language": "fr" }');
    command.write('serve.py', BAD);
    expect(command.run(['score']).out).toContain('Déploiement');
  });

  test('JSON: score, rules, folders, programs', () => {
    command.write('app/serve.py', BAD);
    command.write('lib/fine.py', FIXED!);
    const report = JSON.parse(command.run(['score', '--format', 'json', ...ONLY]).out);
    expect(Object.keys(report)).toEqual(['version', 'score', 'exact', 'rules', 'folders', 'programs']);
    expect(report).toMatchObject({
      score: { value: 50 },
      exact: 50,
      rules: [{ rule: noEval.id, pass: 1, fail: 1, weight: 2, points: 50, pointsEach: 50 }],
      folders: [
        { path: '.', files: 2, score: { value: 50 } },
        { path: 'app', files: 1, score: { value: 0 } },
        { path: 'lib', files: 1, score: { value: 100 } },
      ],
      programs: [
        { path: 'app/serve.py', files: 1, score: { value: 0 } },
        { path: 'lib/fine.py', files: 1, score: { value: 100 } },
      ],
    });
  });

  test('--by folder and --by program: the worst first', () => {
    command.write('app/serve.py', BAD);
    command.write('lib/fine.py', FIXED!);
    expect(command.run(['score', '--by', 'folder', ...ONLY]).out).toMatch(
      /Folder\n +0 +E +1 +app\n +50 +D +2 +\.\n +100 +A +1 +lib\n/,
    );
    expect(command.run(['score', '--by', 'program', ...ONLY]).out).toContain('app/serve.py');
  });

  test('no ML code: says so', () => {
    command.write('a.py', 'print(1)\n');
    expect(command.run(['score'])).toMatchObject({ code: 0, out: expect.stringContaining('No score') });
    expect(JSON.parse(command.run(['score', '--format', 'json']).out)).toMatchObject({
      score: null,
      rules: [],
    });
  });

  test('a hostile file name stays text', () => {
    const name = 'a\u001b[31m\u202e.py';
    command.write(name, BAD);
    const { out } = command.run(['score', '--by', 'program', ...ONLY]);
    expect(out).not.toContain('\u001b');
    expect(out).not.toContain('\u202e');
  });

  test('--badge writes an SVG, again and again; another name is an error', () => {
    command.write('serve.py', BAD);
    expect(command.run(['score', '--badge', 'score.svg', ...ONLY]).code).toBe(0);
    expect(command.read('score.svg')).toContain('<title>Frugal eco-score: 0 out of 100, grade E</title>');
    command.write('serve.py', FIXED!);
    expect(command.run(['score', '--badge', 'score.svg', ...ONLY]).code).toBe(0);
    expect(command.read('score.svg')).toContain('<title>Frugal eco-score: 100 out of 100, grade A</title>');
    const refused = command.run(['score', '--badge', 'serve.py']);
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.error).toContain('must end in .svg');
    expect(command.read('serve.py')).toBe(FIXED);
    expect(command.run(['score', '--badge', 'no/such/folder/b.svg']).code).toBe(2);
  });

  test('--history appends one line per run', () => {
    command.write('serve.py', BAD);
    command.write('history.txt', '# our score');
    for (let run = 0; run < 2; run++) {
      expect(command.run(['score', '--history', 'history.txt', ...ONLY]).code).toBe(0);
    }
    const lines = command.read('history.txt').split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toBe('# our score');
    expect(lines[2]).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:.]+Z frugal=\S+ formula=1 score=0 grade=E design=- data=- training=- model=- deployment=0 operation=-$/,
    );
    expect(lines[3]).toBe('');
  });
});

describe('parts', () => {
  const scoreWith = (sites: Record<string, { pass: number; fail: number }>) => scoreOfResult({ sites });

  test('a history line without a score', () => {
    expect(historyLine(null, new Date(0), '1.2.3')).toBe(
      '1970-01-01T00:00:00.000Z frugal=1.2.3 formula=- score=- grade=- design=- data=- training=- model=- deployment=- operation=-',
    );
  });

  test('shown tenths add up to the shown sum', () => {
    // A third each: 33.3 three times is 99.9, which is not 100.
    expect(inTenths([100 / 3, 100 / 3, 100 / 3], 'en')).toEqual({
      each: ['33.4', '33.3', '33.3'],
      sum: '100.0',
      rest: '0.0',
    });
  });

  test('the badge tells by words what it tells by colour, and its text can be read', () => {
    const score = scoreWith({ [deepOnTables.id]: { pass: 3, fail: 1 } }) as Score;
    const svg = badge(score, 'fr');
    expect(svg).toContain('aria-label="Éco-score Frugal : 75 sur 100, note B"');
    expect(svg).toContain('>75 B</text>');
    expect(svg).toContain(GRADE_COLORS.B);
    expect(badge(null, 'en')).toContain('<title>Frugal eco-score: none</title>');
    for (const color of [...Object.values(GRADE_COLORS), '#3d3d3d', '#595959']) {
      expect(contrastWithWhite(color)).toBeGreaterThanOrEqual(4.5);
    }
  });
});

/** WCAG 2.2. */
function contrastWithWhite(color: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
}
