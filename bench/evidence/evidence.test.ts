/** The harness must tell a good fix from a broken, a changing and an idle one: it is worth only what it rejects. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Validator } from '@cfworker/json-schema';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ExampleWorkspace, languageOf } from '../../engine/rule-tester.ts';
import { unusedSuppression } from '../../engine/suppressions.ts';
import { frontEnds } from '../../engine/testing.ts';
import { rules } from '../../rules/index.ts';
import type { RuleDefinition } from '../../rules/rule.ts';
import { quantile } from '../quantile.ts';
import { CHANGED } from './changed.ts';
import { checkTypeScript, type Judgement } from './check-typescript.ts';
import { vectorsIn } from './environment.ts';
import { type Bench, gather } from './gather.ts';
import { mend } from './mend.ts';
import { NO_FIX, NOT_RUN } from './not-run.ts';
import { casesOf, parseProgram, readPrograms, subjectOf } from './program.ts';
import { type RuleEvidence, readResults } from './result.ts';
import { roundsRule } from './rounds.mjs';
import type { Runtime } from './runner.ts';
import { disagreement, isSteady, isWithin, pooled, spread, verdict } from './stats.ts';

const here = import.meta.dirname;
const scratch = mkdtempSync(join(tmpdir(), 'frugal-evidence-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const node: Runtime = {
  command: process.execPath,
  runner: join(here, 'run.mjs'),
  folder: join(scratch, 'node'),
};
const python: Runtime = { command: 'python3', runner: join(here, 'run.py'), folder: join(scratch, 'python') };

const hasPython = spawnSync('python3', ['--version']).status === 0;

const rule = (written: string): RuleDefinition => roundsRule(rules[0]!, written);

const HEADER = `// subject: {N} rounds
// sujet: {N} tours
// compare: equal
// measure: rounds
`;
const WASTEFUL = `${HEADER}let made = 0;
function rounds(wanted) {
  made = wanted;
  return 'done';
}
console.log(JSON.stringify({ result: rounds(40), counts: { rounds: made } }));
`;

async function run(written: string, options: Partial<Bench> & { text?: string; file?: string } = {}) {
  const { text = WASTEFUL, file = 'too-many-rounds.mjs', ...changed } = options;
  const kept: RuleEvidence[] = [];
  const lines: string[] = [];
  const tally = await gather([parseProgram(file, text)], {
    rules: [rule(written)],
    frontEnds,
    runtimes: { node, python },
    machine: { cpu: 'test', cores: 1, memoryGiB: 1, system: 'test' },
    versions: { node: { node: '20' }, python: { python: '3' } },
    limits: { minPairs: 2, maxPairs: 2, seconds: 60, timeoutSeconds: 60 },
    quick: false,
    again: false,
    known: new Map(),
    keep: (evidence) => kept.push(evidence),
    say: (line) => lines.push(line),
    ...changed,
  });
  return { tally, kept, said: lines.join('\n') };
}

describe('what the harness says of a fix', () => {
  test('one that helps is a gain, with what it was and is', async () => {
    const { tally, kept, said } = await run('rounds(9)');
    expect(tally).toMatchObject({ measured: 1, broken: 0, failed: 0 });
    const entry = kept[0]?.entries[0];
    expect(entry).toMatchObject({
      verdict: 'gain',
      measure: 'rounds',
      status: 'measured',
      findings: 1,
      pairs: 2,
    });
    expect(entry?.measures.rounds).toEqual({ median: 0.225, low: 0.225, high: 0.225, before: 40, after: 9 });
    expect(Object.keys(entry?.measures ?? {})).toEqual(expect.arrayContaining(['wall', 'cpu']));
    expect(said).toContain('gain: rounds × 0.225');
  });

  test.each([
    ['calls what is not there', 'nothing(9)', /exit 1: ReferenceError: nothing is not defined/],
    ['is no program any more', 'rounds(9', /exit 1: SyntaxError/],
    ['changes the result', '(rounds(9), 4)', /result was "done" and is 4/],
    ['changes what is printed', 'process.exit()', /printed no JSON result|no such file/],
  ])('one that %s is broken, and nothing is kept', async (_, written, reason) => {
    const { tally, kept, said } = await run(written);
    expect(tally).toMatchObject({ broken: 1, measured: 0 });
    expect(said).toMatch(/BROKEN/);
    expect(said).toMatch(reason);
    expect(kept).toEqual([]);
    expect((await run(written, { quick: true })).tally.broken).toBe(1);
  });

  test('one that hangs is broken', async () => {
    const limits = { minPairs: 1, maxPairs: 1, seconds: 10, timeoutSeconds: 3 };
    const { tally, said } = await run('(() => { for (;;); })()', { limits });
    expect(tally.broken).toBe(1);
    expect(said).toMatch(/SIGKILL/);
  });

  test('none starts once the time given is up', async () => {
    const { tally, kept, said } = await run('rounds(9)', { isOver: () => true });
    expect(tally).toMatchObject({ skipped: 1, measured: 0, broken: 0 });
    expect(said).toContain('the time given is up');
    expect(kept).toEqual([]);
  });

  test('one that changes nothing that counts is no gain', async () => {
    const { kept, said } = await run('rounds(5 * 8)');
    expect(kept[0]?.entries[0]).toMatchObject({ verdict: 'no gain', measures: { rounds: { median: 1 } } });
    expect(said).toContain('no gain: rounds × 1');
  });

  test('one that makes it worse is worse', async () => {
    const { kept } = await run('rounds(8 * 8)');
    expect(kept[0]?.entries[0]).toMatchObject({ verdict: 'worse', measures: { rounds: { median: 1.6 } } });
  });

  test('one after which the rule still fires is broken', async () => {
    const { tally, said } = await run('rounds(39)');
    expect(tally.broken).toBe(1);
    expect(said).toMatch(/still fires after its fix/);
  });

  test('a rule that does not fire on its program is broken', async () => {
    const { tally, said } = await run('rounds(9)', { text: WASTEFUL.replace('40', '4') });
    expect(tally.broken).toBe(1);
    expect(said).toMatch(/does not fire/);
  });

  test('a wasteful form that does not run is the program’s fault', async () => {
    const { tally } = await run('rounds(9)', { text: WASTEFUL.replace('let made', 'let mode') });
    expect(tally).toMatchObject({ failed: 1, broken: 0 });
  });

  test('what is not installed is skipped, and its old result stays', async () => {
    const text = WASTEFUL.replace('// measure', '// uses: left-pad\n// measure');
    const { tally, said, kept } = await run('rounds(9)', { text });
    expect(tally).toMatchObject({ skipped: 1, failed: 0 });
    expect(said).toMatch(/skipped: not installed here: left-pad/);
    expect(kept).toEqual([]);
  });

  test('what has a result for this program and this fix is not run again, unless asked', async () => {
    const first = await run('rounds(9)');
    const known = new Map([['too-many-rounds', first.kept[0]!]]);
    expect((await run('rounds(9)', { known })).tally).toMatchObject({ kept: 1, measured: 0 });
    expect((await run('rounds(9)', { known, again: true })).tally).toMatchObject({ kept: 0, measured: 1 });
    expect((await run('rounds(8)', { known })).tally).toMatchObject({ kept: 0, measured: 1 });
    expect((await run('rounds(9)', { known, text: `${WASTEFUL}\n` })).tally).toMatchObject({ measured: 1 });
  });

  test('further runs are compared with those before, which stay', async () => {
    const first = (await run('rounds(9)')).kept[0]!;
    const again = (evidence: RuleEvidence) =>
      run('rounds(9)', { known: new Map([['too-many-rounds', evidence]]), compare: true, load: () => 1.24 });
    const same = await again(first);
    expect(same.tally).toMatchObject({ measured: 1, differs: 0 });
    expect(same.said).toContain('agrees: rounds was × 0.225');
    const { repeats, ...kept } = same.kept[0]!.entries[0]!;
    expect(kept).toEqual(first.entries[0]);
    expect(repeats).toMatchObject([{ median: 0.225, verdict: 'gain', agrees: true, load: 1.2 }]);
    const rounds = { ...first.entries[0]!.measures.rounds!, median: 0.5, low: 0.4, high: 0.6 };
    const other = { ...first, entries: [{ ...first.entries[0]!, measures: { rounds } }] };
    const differing = await again(other);
    expect(differing.tally).toMatchObject({ measured: 0, differs: 1 });
    expect(differing.said).toContain('DIFFERS: rounds was × 0.5 (0.4 to 0.6) and is × 0.225');
    expect(differing.kept[0]?.entries[0]?.repeats).toMatchObject([{ agrees: false }]);
    const third = await again(differing.kept[0]!);
    expect(third.said).toContain('agrees: rounds was × 0.363 (0.225 to 0.6) and is × 0.225');
    expect(third.kept[0]?.entries[0]?.repeats).toMatchObject([{ agrees: false }, { agrees: true }]);
    const none = await run('rounds(9)', { compare: true });
    expect(none.said).toContain('no measure of this program');
    expect(none.kept).toEqual([]);
  });

  test('a driver is run and not linted; other files are beside the program; what is not here is replaced', async () => {
    const text = `${WASTEFUL.replace('// measure', '// here: wanted => asked\n// measure').replace(
      /console\.log[\s\S]*/,
      "import { done } from './done.mjs';\nexport const said = rounds(40);\n",
    )}
// --- file: done.mjs
export const done = 'well';

// --- run, not linted
const asked = 'rounds(50)';
console.log(JSON.stringify({ result: [said, done, 'wanted', asked], counts: { rounds: made } }));
`;
    const { kept, said } = await run('rounds(9)', { text });
    expect(said).toContain('gain: rounds × 0.225');
    expect(kept[0]?.entries[0]?.findings).toBe(1);
    expect(() => parseProgram('x.py', '# subject: a\n# sujet: a\n# compare: equal\n# here: cuda\n')).toThrow(
      'here',
    );
  });

  test('bytes written count, and a program varies by a line', async () => {
    const text = WASTEFUL.replace('// measure: rounds', '// measure: bytes\n// vary: SIZE = 100, 400')
      .replace('let made', "import { writeFileSync } from 'node:fs';\nconst SCALE = 1;\nlet made")
      .replace('made = wanted;', "made = wanted;\n  writeFileSync('out', 'x'.repeat(SIZE * wanted));")
      .replace('const SCALE = 1;', 'let SIZE = 0;\nSIZE = 100;');
    const { kept, tally } = await run('rounds(9)', { text });
    expect(tally.measured).toBe(2);
    expect((await run('rounds(9)', { text, quick: true })).tally).toMatchObject({ executed: 1, measured: 0 });
    expect(kept.at(-1)?.entries.map((entry) => [entry.case, entry.measures.bytes?.after])).toEqual([
      ['SIZE = 100', 900],
      ['SIZE = 400', 3600],
    ]);
  });

  describe('joules, where the machine counts them', () => {
    const folder = join(scratch, 'powercap');
    const counter = join(folder, 'intel-rapl:0', 'energy_uj');
    const LARGEST = 100e6;
    beforeEach(() => {
      mkdirSync(join(folder, 'intel-rapl:0:0'), { recursive: true }); // a part of the package
      mkdirSync(join(folder, 'intel-rapl:0'), { recursive: true });
      writeFileSync(join(folder, 'intel-rapl:0', 'max_energy_range_uj'), `${LARGEST}\n`);
      writeFileSync(counter, '90000000\n'); // the first run takes it past its end
      process.env.FRUGAL_POWERCAP = folder;
    });
    afterEach(() => {
      delete process.env.FRUGAL_POWERCAP;
    });

    test('Node', async () => {
      const text = `${HEADER.replace('measure: rounds', 'measure: joules')}import { readFileSync, writeFileSync } from 'node:fs';
const counter = ${JSON.stringify(counter)};
function rounds(wanted) {
  writeFileSync(counter, String((Number(readFileSync(counter, 'utf8')) + wanted * 1e6) % ${LARGEST}));
  return 'done';
}
console.log(JSON.stringify({ result: rounds(40) }));
`;
      const { kept } = await run('rounds(9)', { text });
      expect(kept[0]?.entries[0]?.measures.joules).toMatchObject({ median: 0.225, before: 40, after: 9 });
    });

    test.skipIf(!hasPython)('Python', async () => {
      const text = `# subject: Python
# sujet: Python
# compare: equal
# measure: joules
import json


def rounds(wanted):
    with open(${JSON.stringify(counter)}, "r+") as counter:
        now = (int(counter.read()) + wanted * 1_000_000) % ${LARGEST}
        counter.seek(0)
        counter.truncate()
        counter.write(str(now))


print(json.dumps({"result": rounds(40)}))
`;
      const { kept } = await run('rounds(9)', { text, file: 'too-many-rounds.py' });
      expect(kept[0]?.entries[0]?.measures.joules).toMatchObject({ median: 0.225, before: 40, after: 9 });
    });
  });

  test.skipIf(!hasPython)('Python: usage, crash, outdated calls', async () => {
    const text = `# subject: Python
# sujet: Python
# compare: equal
# measure: memory
import json, warnings


def rounds(wanted):
    return len(bytearray(wanted * 2**20))


def old(wanted):
    warnings.warn("old is gone in 2.0", DeprecationWarning, stacklevel=2)
    return wanted


print(json.dumps({"result": rounds(64) > 0}))
`;
    const file = 'too-many-rounds.py';
    const good = await run('rounds(9)', { text: text.replace('(64)', '(640)'), file });
    expect(good.tally.measured).toBe(1);
    expect(good.kept[0]?.entries[0]?.measures.memory?.median).toBeLessThan(0.2);
    const crash = await run('rounds("a")', { text, file });
    expect(crash.said).toMatch(/BROKEN: after the fix: exit 1: TypeError/);
    const outdated = await run('old(9)', { text, file });
    expect(outdated.said).toMatch(/BROKEN: the fix brings a warning: DeprecationWarning: old is gone in 2.0/);
  });
});

describe('the command ends with', () => {
  /** `npm run evidence` on the wasteful program alone, whose rule's fix writes `written`. */
  function command(written: string, misplaced: boolean, ...args: readonly string[]) {
    const folder = mkdtempSync(join(scratch, 'command-'));
    mkdirSync(join(folder, 'programs'));
    writeFileSync(join(folder, 'programs', 'too-many-rounds.mjs'), WASTEFUL);
    const catalogue = join(folder, 'catalogue.mjs');
    const module = JSON.stringify(pathToFileURL(join(here, 'rounds.mjs')).href);
    const values = [rules[0], written, misplaced].map((value) => JSON.stringify(value)).join(', ');
    writeFileSync(
      catalogue,
      `import { roundsRule } from ${module};\nexport const rules = [roundsRule(${values})];\n`,
    );
    const script = ['scripts/run-ts.mjs', 'bench/evidence/evidence.ts'];
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [...script, '--folder', folder, '--catalogue', catalogue, ...args],
      {
        cwd: join(here, '..', '..'),
        encoding: 'utf8',
        env: { ...process.env, FRUGAL_EVIDENCE_HOME: join(scratch, 'home') },
      },
    );
    const kept = readResults(join(folder, 'results')).get('too-many-rounds')?.entries ?? [];
    return { status, said: stdout + stderr, kept };
  }

  test.each([
    ['a wrong argument', 'rounds(nine)', false, /BROKEN: after the fix: exit 1: ReferenceError: nine/],
    ['a wrong place', 'rounds(9), ', true, /BROKEN: the rule still fires after its fix/],
    ['a changed result', '(rounds(9), 4)', false, /BROKEN: after the fix, result was "done" and is 4/],
  ])('1 for a fix with %s', (_, written, misplaced, reason) => {
    const { status, said, kept } = command(written, misplaced);
    expect(said).toMatch(reason);
    expect(status).toBe(1);
    expect(kept).toEqual([]);
  });

  test('1 for a broken fix as CI runs it, where what the machine lacks is forgiven', () => {
    const { status, said } = command('rounds(nine)', false, '--quick', '--optional');
    expect(said).toContain('BROKEN');
    expect(status).toBe(1);
  });

  test('0 for a fix that changes nothing, which is told as no gain at a ratio of 1', () => {
    const { status, said, kept } = command('rounds(5 * 8)', false);
    expect(said).toContain('no gain: rounds × 1 (1 to 1)');
    expect(kept).toMatchObject([{ verdict: 'no gain', measures: { rounds: { median: 1 } } }]);
    expect(status).toBe(0);
  });

  test('0 where everything is fine', () => {
    const { status, said, kept } = command('rounds(9)', false);
    expect(said).toContain('gain: rounds × 0.225');
    expect(kept).toMatchObject([{ verdict: 'gain' }]);
    expect(status).toBe(0);
  });
});

describe('statistics', () => {
  test('quartiles', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(spread([1, 2, 3, 4, 5])).toEqual({ median: 3, low: 2, high: 4 });
    expect(isSteady([1, 1.01, 0.99])).toBe(true);
    expect(isSteady([1, 1.3, 0.7])).toBe(false);
  });

  test('a further run agrees when its median lies within the spread of those before', () => {
    const first = { median: 0.5, low: 0.4, high: 0.6 };
    expect(isWithin(first, { median: 0.58, low: 0.57, high: 0.59 })).toBe(true);
    expect(isWithin({ median: 0.58, low: 0.57, high: 0.59 }, first)).toBe(false);
    expect(isWithin(first, { median: 0.7, low: 0.55, high: 0.8 })).toBe(false);
    const exact = { median: 0.5, low: 0.5, high: 0.5 };
    expect(isWithin(exact, { ...exact, median: 0.51 })).toBe(true);
    expect(isWithin(exact, { median: 0.52, low: 0.52, high: 0.52 })).toBe(false);
  });

  test('runs that differ widen the spread, until a gain is none', () => {
    const first = { median: 0.9, low: 0.88, high: 0.93 };
    expect(pooled([first])).toEqual(first);
    const both = pooled([first, { median: 1.02, low: 0.97, high: 1.04 }]);
    expect(both).toEqual({ median: 0.96, low: 0.88, high: 1.04 });
    expect([verdict(first), verdict(both)]).toEqual(['gain', 'no gain']);
  });

  test('a gain is clear of 1, not merely below it', () => {
    expect(verdict({ median: 0.5, low: 0.4, high: 0.6 })).toBe('gain');
    expect(verdict({ median: 0.9, low: 0.7, high: 1.1 })).toBe('no gain');
    expect(verdict({ median: 0.99, low: 0.985, high: 0.995 })).toBe('no gain');
    expect(verdict({ median: 1.3, low: 1.1, high: 1.4 })).toBe('worse');
  });

  test('outputs agree as the program declares', () => {
    const tolerance = { kind: 'tolerance', by: 1e-3 } as const;
    expect(disagreement([1, { a: 2 }], [1, { a: 2 }], { kind: 'equal' })).toBeNull();
    expect(disagreement([1], [1, 2], { kind: 'equal' })).toMatch(/result\.1/);
    expect(disagreement([1000], [1000.5], tolerance)).toBeNull();
    expect(disagreement([1000], [1002], tolerance)).not.toBeNull();
    expect(disagreement('1', 1, tolerance)).not.toBeNull();
    expect(disagreement(null, {}, tolerance)).not.toBeNull();
    const better = { kind: 'better', direction: 'higher', by: 0.1 } as const;
    expect(disagreement(0.8, 0.9, better)).toBeNull();
    expect(disagreement(0.8, 0.73, better)).toBeNull();
    expect(disagreement(0.8, 0.7, better)).toMatch(/score was 0.8/);
    expect(disagreement(0.8, 'high', better)).not.toBeNull();
  });
});

describe.skipIf(spawnSync('python3', ['-c', 'import ast; ast.unparse']).status !== 0)(
  'check-fixes.py',
  () => {
    function check(code: string, fixed: string, sources = '') {
      const { stdout } = spawnSync('python3', [join(here, 'check-fixes.py')], {
        input: JSON.stringify([{ code, fixed }]),
        encoding: 'utf8',
        env: { ...process.env, FRUGAL_EVIDENCE_SOURCES: sources },
      });
      return JSON.parse(stdout)[0] as Judgement;
    }
    const before = 'import shutil\n\nshutil.copyfile(a, b)\n';

    test('a fix that fits the library has no problem', () => {
      const found = check(before, 'import shutil\n\nshutil.copyfile(a, b, follow_symlinks=False)\n');
      expect(found).toMatchObject({ problems: [], absent: [], checked: 1 });
    });

    test.each([
      [
        'an argument that is not there',
        'import shutil\n\nshutil.copyfile(a, b, nope=1)\n',
        /unexpected keyword argument 'nope'/,
      ],
      ['too many arguments', 'import shutil\n\nshutil.disk_usage(a, b)\n', /too many positional/],
      [
        'a function that is not there',
        'import shutil\n\nshutil.copyfiles(a, b)\n',
        /`shutil.copyfiles` is not there/,
      ],
      [
        'a name that cannot be imported',
        'from shutil import nope\n\nnope(a, b)\n',
        /cannot import name 'nope'/,
      ],
      ['a method’s argument', 'import zipfile\n\nz = zipfile.ZipFile("x")\nz.write(a, nope=1)\n', /'nope'/],
      ['no Python at all', 'import shutil\n\nshutil.copyfile(a, b\n', /does not parse/],
    ])('%s is a problem', (_, fixed, problem) => {
      expect(check(before, fixed).problems.join('\n')).toMatch(problem);
    });

    test('only what the fix brings is judged, and what nothing is known of is told', () => {
      const code = `import shutil\n\nshutil.copyfile(a, b)\nanswer = ask("x")\n`;
      const none = { problems: [], absent: [], checked: 0, open: 0, untold: [] };
      expect(check(code, code.replace('"x"', '"y"'))).toMatchObject(none);
      const fixed = `${code}answer.sort(True)\n"{}".format(answer)\n`;
      expect(check(code, fixed)).toMatchObject({ ...none, open: 1, untold: ['answer.sort'] });
    });

    test.each([
      ['made by a function of the text', 'def made() -> Path:\n    return Path("x")\n\n\np = made()\n'],
      ['of a class that inherits', 'class Own(Path):\n    pass\n\n\np = Own("x")\n'],
      ['entered', 'import tempfile\n\nwith Path("x") as p:\n    pass\n'],
      ['annotated', 'p: Path = found()\n'],
    ])('a method of a value that is %s is known', (_, made) => {
      const code = `from pathlib import Path\n\n${made}`;
      expect(check(code, `${code}p.touch(exist_ok=True)\n`)).toMatchObject({
        problems: [],
        untold: [],
        checked: 1,
      });
      expect(check(code, `${code}p.touch(exists=True)\n`).problems.join()).toContain("'exists'");
    });

    test('sources stand in for a package, also without what it imports itself', () => {
      const sources = join(scratch, 'sources');
      mkdirSync(join(sources, 'oracle'), { recursive: true });
      writeFileSync(
        join(sources, 'oracle', '__init__.py'),
        'from no_such_package.parts import Base, decorate\n\n\nclass Oracle(Base):\n    def ask(self, text, limit=3):\n        return text\n',
      );
      const code = 'from oracle import Oracle\n\nOracle().ask("x")\n';
      const fixed = code.replace('"x"', '"x", limit=5');
      expect(check(code, fixed, sources)).toMatchObject({ problems: [], absent: [], checked: 1 });
      expect(check(code, code.replace('"x"', '"x", limits=5'), sources).problems.join()).toContain(
        "'limits'",
      );
      expect(check(code, fixed)).toMatchObject({ lacking: ['oracle'], untold: ['Oracle().ask'] });
    });

    test('what was wrong before the fix is not held against it, and what is not installed is told', () => {
      const wrong = 'import shutil\n\nshutil.copyfiles(a, b)\n';
      expect(check(wrong, `${wrong}\nimport no_such_package\n`)).toMatchObject({
        problems: [],
        absent: ['no_such_package'],
      });
    });
  },
);

describe('check-typescript.ts', () => {
  const folder = join(scratch, 'types');
  const library = join(folder, 'node_modules', 'oracle');
  mkdirSync(library, { recursive: true });
  writeFileSync(join(library, 'package.json'), '{ "name": "oracle", "types": "index.d.ts" }');
  writeFileSync(
    join(library, 'index.d.ts'),
    `export interface Question { text: string; limit?: number }
export function ask(question: Question): string;
/** @deprecated ask instead */
export function askOld(question: Question): string;
`,
  );
  const before = "import { ask } from 'oracle';\n\nask({ text: 'x' });\n";
  const wrong = before.replace("'x'", "'x', limits: 5");
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['an argument that is not there', wrong, /'limits' does not exist/],
    [
      'an argument of another type',
      before.replace("'x'", "'x', limit: '5'"),
      /not assignable to type 'number'/,
    ],
    ['a name that is not there', before.replaceAll('ask', 'asks'), /no exported member/],
    ['a deprecated name', before.replaceAll('ask', 'askOld'), /'askOld' is deprecated/],
    ['no TypeScript at all', before.replace(')', ''), /expected/],
  ];
  const later = "import { later } from 'no-such-package';\nlater();\n";
  const loose = "import { ask } from 'oracle';\n\nconst asked = { words: 'x' };\nask(asked);\n";
  const pairs = [
    ...cases.flatMap(([, fixed]) => [
      { file: 'example.ts', code: before, fixed },
      { file: 'example.js', code: before, fixed },
    ]),
    { file: 'example.ts', code: before, fixed: before.replace("'x'", "'x', limit: 5") },
    { file: 'example.ts', code: wrong, fixed: wrong + later },
    { file: 'example.ts', code: loose, fixed: loose.replace("'x'", "'x', limit: 5") },
  ];
  let judged: Judgement[] = [];
  beforeAll(() => {
    judged = checkTypeScript(pairs, folder);
  });

  test('a fix that fits the types has no problem', () => {
    expect(judged.at(-3)).toEqual({ problems: [], absent: [], lacking: [], checked: 1, open: 0 });
  });

  test.each(cases.map((one, at) => [...one, at] as const))('%s is a problem', (_, __, problem, at) => {
    for (const judgement of judged.slice(2 * at, 2 * at + 2))
      expect(judgement.problems.join('\n')).toMatch(problem);
  });

  test('what was wrong before the fix is not held against it, and what is not installed is told', () => {
    expect(judged.at(-2)).toMatchObject({ problems: [], absent: ['no-such-package'], open: 1 });
    expect(judged.at(-1)?.problems).toEqual([]);
  });
});

describe('programs', () => {
  test('a header that is wrong says where', () => {
    expect(() => parseProgram('x.py', '# subject: a\n')).toThrow(
      'programs/x.py: its header has no "measure"',
    );
    expect(() => parseProgram('x.py', '# subjekt: a\n')).toThrow('unknown key "subjekt"');
    const text = '# subject: a\n# sujet: a\n# compare: alike\n# measure: cpu\n';
    expect(() => parseProgram('x.py', text)).toThrow('cannot compare by "alike"');
    expect(() => parseProgram('x.py', text.replace('# comp', '# vary: N = 1, 2\n# comp'))).toThrow(
      'cannot vary',
    );
  });

  const programs = readPrograms(join(here, 'programs'));

  test('each is of a rule of the catalogue', () => {
    expect(programs.length).toBeGreaterThan(0);
    for (const { rule } of programs) expect(rules.map(({ id }) => id)).toContain(rule);
  });

  test.each(programs.flatMap(casesOf).map((one) => [one.program.file, one] as const))(
    '%s names itself',
    (_, one) => {
      const subject = subjectOf(one);
      expect(subject.en).not.toMatch(/[{}]/);
      expect(subject.fr).not.toMatch(/[{}]/);
    },
  );

  test.each(programs.map((one) => [one.file, one] as const))('%s is mended by its rule', async (_, one) => {
    const rule = rules.find(({ id }) => id === one.rule)!;
    const mended = await mend(one, casesOf(one)[0]!.text, rule, frontEnds);
    expect(mended).not.toHaveProperty('failure');
  });
});

describe('rules that are not run', () => {
  const all = [...rules, unusedSuppression];
  const run = new Set(readPrograms(join(here, 'programs')).map(({ rule: id }) => id));

  test('every rule has a program or a reason, and not both', () => {
    for (const { id } of all) expect([id, run.has(id) !== id in NOT_RUN]).toEqual([id, true]);
    for (const id of Object.keys(NOT_RUN)) expect(all.map((one) => one.id)).toContain(id);
  });

  const silent = rules.filter(({ id }) => NOT_RUN[id] === NO_FIX);

  test.each(silent.map((one) => [one.id, one] as const))(
    '%s offers no fix for its examples',
    async (_, one) => {
      for (const example of one.examples.bad) {
        const workspace = new ExampleWorkspace(example, languageOf(one, example), [one], frontEnds);
        const { files } = await workspace.lint();
        const findings = files.flatMap((file) => file.findings).filter((finding) => finding.rule === one.id);
        expect(findings.flatMap(({ fixes }) => fixes.map(({ title }) => title))).toEqual([]);
      }
    },
  );
});

test('what is told to have changed was measured', () => {
  const measured = readResults(join(here, 'results'));
  for (const { rule: id } of CHANGED) expect(measured.has(id) ? id : `${id} has no result`).toBe(id);
  expect(CHANGED.map(({ rule: id }) => id)).toEqual(CHANGED.map(({ rule: id }) => id).sort());
});

describe('results', () => {
  const folder = join(here, 'results');
  const schema = JSON.parse(readFileSync(join(here, 'result.schema.json'), 'utf8'));
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));

  test.each(names)('%s follows the schema and names programs that are there', (name) => {
    const evidence = JSON.parse(readFileSync(join(folder, name), 'utf8')) as RuleEvidence;
    const { valid, errors } = new Validator(schema, '2020-12', false).validate(evidence);
    expect(errors.map((error) => `${error.instanceLocation} ${error.error}`)).toEqual([]);
    expect(valid).toBe(true);
    expect(name).toBe(`${evidence.rule}.json`);
    const cases = readPrograms(join(here, 'programs')).flatMap(casesOf);
    for (const entry of evidence.entries)
      expect(cases.some((one) => one.program.file === entry.program && one.value === entry.case)).toBe(true);
    expect(readResults(folder).get(evidence.rule)).toEqual(evidence);
  });
});

test('the vector instructions of a machine are read where Linux tells them', () => {
  const amd =
    'processor\t: 0\nflags\t\t: fpu sse avx2 avx512f avx512_vnni\n\nprocessor\t: 1\nflags\t\t: fpu\n';
  expect(vectorsIn(amd)).toEqual(['avx2', 'avx512f', 'avx512_vnni']);
  expect(vectorsIn('processor : 0\nFeatures : fp asimd asimddp i8mm\n')).toEqual(['asimddp', 'i8mm']);
  expect(vectorsIn('')).toEqual([]);
});
