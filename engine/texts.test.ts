import { expect, test } from 'vitest';
import { filled, speaker } from './texts.ts';

const files = {
  en: '{count} {count|file|files} of {name}',
  fr: '{count} {count|fichier|fichiers} de {name}',
};

test('numbers choose the form, each language by its own rule', () => {
  expect(filled(files, 'en', { count: 0, name: 'a' })).toBe('0 files of a');
  expect(filled(files, 'en', { count: 1, name: 'a' })).toBe('1 file of a');
  expect(filled(files, 'fr', { count: 0, name: 'a' })).toBe('0 fichier de a');
  expect(filled(files, 'fr', { count: 2, name: 'a' })).toBe('2 fichiers de a');
});

test('what is missing stays, what is filled in is not read again', () => {
  expect(filled(files, 'en', { count: 1 })).toBe('1 file of {name}');
  expect(filled(files, 'en', { count: 1, name: '{count}' })).toBe('1 file of {count}');
});

test('a speaker says the texts of its table', () => {
  expect(speaker({ hello: { en: 'Hello {who}', fr: 'Bonjour {who}' } })('fr', 'hello', { who: 'Ada' })).toBe(
    'Bonjour Ada',
  );
});
