import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { QUESTIONS } from '../../rules/knowledge/checklist.ts';
import { CHECKLIST_TEXTS, newChecklist, parseChecklist, setItem } from './checklist.ts';

describe.each(['en', 'fr'] as const)('a new file, %s', (language) => {
  const text = newChecklist(language);

  test('asks every question, none is answered', () => {
    const list = parseChecklist(text);
    expect(list.items.map(({ id }) => id)).toEqual(QUESTIONS.map(({ id }) => id));
    expect(list).toMatchObject({ done: 0, total: QUESTIONS.length, absent: [] });
    expect(list.phases.analysis).toEqual({ done: 0, total: 8 });
  });

  test('is ticked, annotated and given back', () => {
    const ticked = setItem(
      text,
      'need',
      { done: true, who: 'Ada', when: '2026-11-22', why: 'règle | <b>' },
      language,
    );
    const item = parseChecklist(ticked ?? '').items.find(({ id }) => id === 'need');
    expect(item).toMatchObject({ done: true, who: 'Ada', when: '2026-11-22', why: 'règle | <b>' });
    expect(parseChecklist(ticked ?? '').done).toBe(1);
    expect(setItem(ticked ?? '', 'need', { done: false, who: '', when: '', why: '' }, language)).toBe(text);
  });

  test('shows the course’s words', () => {
    for (const { course } of QUESTIONS) expect(text).toContain(course.replace(/[,.]$/, ''));
  });
});

describe('edits by hand', () => {
  const item = (text: string, id: string) => parseChecklist(text).items.find((one) => one.id === id);

  test.each([
    ['another bullet, capital X', '* [X] ours <!-- frugal:need -->\n', true],
    ['numbered, nested', '1. group\n   1. [x] ours <!--frugal:need-->\n', true],
    ['Windows ends', '# a\r\n\r\n- [x] ours <!-- frugal:need -->\r\n', true],
    ['the comment lost, the words kept', `- [x] ${QUESTIONS[0]?.question.fr}\n`, true],
    ['bold words', `- [ ] **${QUESTIONS[0]?.question.en}**\n`, false],
    ['a byte order mark before', '\ufeff- [ ] no\n- [x] a <!-- frugal:need -->', true],
  ])('%s', (_, text, done) => {
    expect(item(text, 'need')?.done).toBe(done);
  });

  test('code, comments and quotes are no items', () => {
    const text =
      '```\n- [x] a <!-- frugal:need -->\n```\n~~~~\n- [x] b\n~~~\n- [x] c\n~~~~\n[x] d\n- [y] e\n- [x]e\n';
    expect(parseChecklist(text).items).toEqual([]);
  });

  test('items of the team’s own count, a copied line does not take the question', () => {
    const text =
      '- [x] a <!-- frugal:need -->\n- [ ] a <!-- frugal:need -->\n- [x] our own\n  - why: because\n';
    expect(parseChecklist(text)).toMatchObject({ done: 2, total: 3 });
    expect(parseChecklist(text).items.map(({ id }) => id)).toEqual(['need', null, null]);
    expect(parseChecklist(text).items[2]?.why).toBe('because');
  });

  test('notes in any dress, and only those of the item', () => {
    const text = '- [ ] a <!-- frugal:need -->\n\n  **Qui** : Ada\n  - WHEN:2026\n\nWhy: not here\n';
    expect(item(text, 'need')).toMatchObject({ who: 'Ada', when: '2026', why: '' });
  });

  test('a note that was deleted comes back below its item', () => {
    const text = '- [ ] a <!-- frugal:need -->\r\n  - why: x\r\n\r\nend\r\n';
    expect(setItem(text, 'need', { who: 'Ada', done: true }, 'fr')).toBe(
      '- [x] a <!-- frugal:need -->\r\n  - why: x\r\n  - Qui : Ada\r\n\r\nend\r\n',
    );
  });
});

test('a note filled in and another added at the same place', () => {
  expect(setItem('- [ ] a\n  - Who:', 1, { who: 'Ada', why: 'so' }, 'en')).toBe(
    '- [ ] a\n  - Who: Ada\n  - Why: so',
  );
});

test('no item, no change; the same change, the same bytes', () => {
  expect(setItem('# nothing', 'need', { done: true }, 'en')).toBeNull();
  expect(setItem('- [ ] a\n', 1, { done: true }, 'en')).toBe('- [x] a\n');
  expect(setItem('- [x] a\n', 1, { done: true }, 'en')).toBe('- [x] a\n');
});

test('a value cannot break out of its line', () => {
  const text = newChecklist('en');
  const changed = setItem(text, 'need', { why: 'a\n- [x] fake <!-- frugal:task -->\u2028# b' }, 'en') ?? '';
  const list = parseChecklist(changed);
  expect(list.total).toBe(QUESTIONS.length);
  expect(list.done).toBe(0);
  expect(changed.split('\n')).toHaveLength(text.split('\n').length);
});

test('whatever the text: reading never throws, ticking changes one byte', () => {
  const piece = fc.constantFrom(
    '- [ ] a',
    '- [x] b',
    '\n',
    '\r\n',
    '  ',
    '```',
    '<!-- frugal:need -->',
    'Who: x',
    '> ',
    '# h',
    '\t',
    'é',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join('');
      for (const { line, done } of parseChecklist(text).items) {
        const changed = setItem(text, line, { done: !done }, 'en') ?? '';
        const differs = [...text].filter((char, at) => char !== [...changed][at]);
        expect(changed).toHaveLength(text.length);
        expect(differs).toHaveLength(1);
        expect(parseChecklist(changed).items.find((one) => one.line === line)?.done).toBe(!done);
      }
    }),
  );
});

test('a long hostile line does not hang', () => {
  parseChecklist(`- [ ] ${'<!-- '.repeat(100_000)}`);
  parseChecklist(`${' '.repeat(300_000)}- [ ] a`);
  parseChecklist(`- [ ] a\n  ${'*'.repeat(300_000)}who`);
});

test('ids are unique, texts are in both languages', () => {
  expect(new Set(QUESTIONS.map(({ id }) => id)).size).toBe(QUESTIONS.length);
  for (const { question } of QUESTIONS) expect(question.en && question.fr).toBeTruthy();
  for (const { en, fr } of Object.values(CHECKLIST_TEXTS)) expect(en && fr).toBeTruthy();
});
