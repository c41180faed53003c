/** JSON schema of `frugal check --format json`. Published: keys are added, never taken away or given a new meaning. */
import type { Schema } from '../engine/schema.ts';
import { GRADES } from '../engine/score.ts';
import { PHASES } from '../rules/rule.ts';

const text = (description: string): Schema => ({ type: 'string', description });
const count = (description: string): Schema => ({ type: 'integer', minimum: 0, description });
const fromOne = (description: string): Schema => ({ type: 'integer', minimum: 1, description });

/** An object with exactly these keys. */
function exactly(properties: Readonly<Record<string, Schema>>, description?: string): Schema {
  return {
    ...(description === undefined ? {} : { description }),
    type: 'object',
    additionalProperties: false,
    required: Object.keys(properties),
    properties,
  };
}

const finding = exactly({
  path: text('Relative to the working directory, with forward slashes.'),
  cell: {
    type: ['integer', 'null'],
    minimum: 0,
    description: 'Index of the cell among all cells of the notebook, from 0; null outside notebooks.',
  },
  line: fromOne('From 1; in a notebook, of the cell.'),
  column: fromOne('From 1, in characters (Unicode code points).'),
  endLine: fromOne('From 1.'),
  endColumn: fromOne('From 1, in characters, exclusive.'),
  rule: text('The rule’s id.'),
  phase: { type: 'string', enum: PHASES },
  severity: { type: 'string', enum: ['hint', 'information', 'warning', 'error'] },
  status: { type: 'string', enum: ['stable', 'preview'] },
  message: text('One line, in the language asked for.'),
  docs: text('The rule’s page, from the root of the package.'),
  fixes: {
    type: 'array',
    items: exactly({
      title: text('What the fix does.'),
      safety: { type: 'string', enum: ['safe', 'suggested'] },
    }),
  },
});

const grade = (type: Schema['type'], values: readonly (string | null)[]): Schema => ({ type, enum: values });
const GRADE_NAMES = GRADES.map((one) => one.grade);

const phase = exactly({
  value: { type: ['integer', 'null'], minimum: 0, maximum: 100, description: 'Null without sites.' },
  grade: grade(['string', 'null'], [...GRADE_NAMES, null]),
  pass: count('Sites of stable rules where the practice is followed.'),
  fail: count('Sites where it is not.'),
});

const score = exactly({
  value: { type: 'integer', minimum: 0, maximum: 100, description: 'Rounded down.' },
  grade: grade('string', GRADE_NAMES),
  version: fromOne('Version of the formula: scores of different versions are not compared.'),
  phases: exactly(Object.fromEntries(PHASES.map((name) => [name, phase]))),
});

export const reportSchema: Schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Frugal report',
  ...exactly({
    version: text('The version of Frugal that wrote the report.'),
    findings: { type: 'array', items: finding, description: 'Sorted by path, cell, line, column, rule.' },
    sites: {
      type: 'object',
      description:
        'For each rule that met a place where its practice applies: how often it was followed, and not.',
      additionalProperties: exactly({ pass: count('Followed.'), fail: count('Not followed.') }),
    },
    score: {
      ...score,
      type: ['object', 'null'],
      description: 'The eco-score (docs/score.md). Null where no stable rule has a site.',
    },
    stats: exactly({
      files: count('Files looked at.'),
      analysed: count('Files parsed and judged.'),
      skipped: count('Files let go unparsed, because they name no library that a rule knows.'),
      lines: count('Lines of all files looked at.'),
      ms: { type: 'number', minimum: 0, description: 'Time taken, in milliseconds.' },
    }),
    errors: {
      type: 'array',
      items: exactly({ path: text('As in findings.'), message: text('What went wrong, with its place.') }),
      description: 'Files that could not be linted.',
    },
  }),
};
