import { expect, test } from 'vitest';
import { resolveLanguage } from './language.ts';
import { wantsColor } from './style.ts';

const terminal = { isTTY: true };
const pipe = {};

test.each([
  ['a terminal', terminal, {}, false, true],
  ['a pipe', pipe, {}, false, false],
  ['a pipe in CI', pipe, { CI: 'true' }, false, false],
  ['a dumb terminal', terminal, { TERM: 'dumb' }, false, false],
  ['NO_COLOR', terminal, { NO_COLOR: '1' }, false, false],
  ['an empty NO_COLOR', terminal, { NO_COLOR: '' }, false, true],
  ['FORCE_COLOR on a pipe', pipe, { FORCE_COLOR: '1' }, false, true],
  ['FORCE_COLOR=0', terminal, { FORCE_COLOR: '0' }, false, false],
  ['NO_COLOR over FORCE_COLOR', terminal, { NO_COLOR: '1', FORCE_COLOR: '1' }, false, false],
  ['--no-color', terminal, { FORCE_COLOR: '1' }, true, false],
])('colour: %s', (_name, stream, env, noColor, expected) => {
  expect(wantsColor(stream, env, noColor)).toBe(expected);
});

test.each([
  ['auto', { LANG: 'fr_FR.UTF-8' }, 'fr'],
  ['auto', { LANG: 'fr' }, 'fr'],
  ['auto', { LANG: 'fro' }, 'en'],
  ['auto', { LANG: 'fr_FR', LC_ALL: 'C' }, 'en'],
  ['auto', {}, 'en'],
  ['en', { LANG: 'fr_FR' }, 'en'],
  ['fr', {}, 'fr'],
] as const)('language: %s in %o', (wanted, env, expected) => {
  expect(resolveLanguage(wanted, env)).toBe(expected);
});
