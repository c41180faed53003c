import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PHRASES, problemText } from './problem-texts.ts';

const root = join(import.meta.dirname, '..');
const sources = ['engine', 'cli', 'analysis/notebook']
  .flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'problem-texts.ts')
      .map((name) => readFileSync(join(root, folder, name), 'utf8')),
  )
  .join('\n');

test.each(PHRASES.map(([en]) => en))('the engine still says: %s', (en) => {
  // What comes before the place that differs, word for word; parts may be joined from pieces.
  for (const piece of (en.split('…')[0] ?? '').split(': ')) expect(sources).toContain(piece.trim());
});

test('the place stays, what differs stays', () => {
  expect(problemText('a.py:3:1: syntax error; what stands around it is linted', 'fr')).toBe(
    'a.py:3:1 : erreur de syntaxe ; ce qui l’entoure est analysé',
  );
  expect(problemText('a.py: passed over: larger than 5 MB', 'fr')).toBe('a.py : passé : plus de 5 Mo');
  expect(problemText('a.py: cannot be read (EIO)', 'fr')).toBe('a.py : illisible (EIO)');
  expect(problemText('$&: could not be analysed: $1', 'fr')).toBe('$& : n’a pas pu être analysé : $1');
  expect(problemText('a.py: something new', 'fr')).toBe('a.py: something new');
  expect(problemText('a.py: binary file', 'en')).toBe('a.py: binary file');
});
