/** The pages that state the formula: every number on them is computed here. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { allRules } from '../engine/engine.ts';
import { BAND_WEIGHTS, GRADES, PHASE_NAMES, PHASE_WEIGHTS, SCORE_VERSION, scoreOf } from '../engine/score.ts';
import { PHASES } from '../rules/rule.ts';

const COLUMN = /\s*\|\s*/;
/** Rows of the page's tables. */
const rowsOf = (page: string): string[][] =>
  page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split(COLUMN).slice(1, -1));

describe.each([
  ['en', 'docs/score.md'],
  ['fr', 'docs/fr/score.md'],
] as const)('%s', (language, path) => {
  const page = readFileSync(join(import.meta.dirname, '..', path), 'utf8');
  const rows = rowsOf(page);

  test('bands, phases, grades and the version are those of the code', () => {
    const bands = { en: ['high', 'medium', 'low'], fr: ['fort', 'moyen', 'faible'] }[language];
    for (const [index, band] of (['high', 'medium', 'low'] as const).entries()) {
      expect(rows).toContainEqual([bands[index], String(BAND_WEIGHTS[band])]);
    }
    for (const phase of PHASES) {
      const { weight, reason } = PHASE_WEIGHTS[phase];
      expect(rows).toContainEqual([PHASE_NAMES[phase][language], String(weight), reason[language]]);
    }
    for (const { grade, from } of GRADES) expect(rows).toContainEqual([grade, String(from)]);
    expect(page).toContain(`"version": ${SCORE_VERSION}\``);
  });

  test('the worked example', () => {
    const example = rows.filter(([rule]) => /^`[\w-]+`$/.test(rule ?? ''));
    expect(example).toHaveLength(4);
    const sites = Object.fromEntries(
      example.map(([rule, , , pass, fail]) => [
        rule!.slice(1, -1),
        { pass: Number(pass), fail: Number(fail) },
      ]),
    );
    const score = scoreOf(sites, allRules())!;
    expect(score.rules).toHaveLength(4);
    const tenth = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
    for (const [name, , , , , weight, points] of example) {
      const rule = score.rules.find((one) => one.rule === name!.slice(1, -1))!;
      expect([name, weight, points]).toEqual([name, String(rule.weight), tenth.format(rule.points)]);
    }
    expect(page).toContain(`/ 18 = ${tenth.format(score.exact)},`);
    expect(page).toMatch(new RegExp(` ${score.value}, (?:grade|note) ${score.grade}\\.`));
    const { value, grade } = score.phases.deployment;
    expect(page).toMatch(new RegExp(`/ 6 = ${value}, (?:grade|note) ${grade}\\.`));
  });
});
