import { expect, test } from 'vitest';
import { escapeHidden } from './escape.ts';

test('control characters become visible', () => {
  expect(escapeHidden('a\u001b[31mb\u0007\r\n')).toBe('a\\x1b[31mb\\x07\\x0d\\x0a');
  expect(escapeHidden('\u009b2J')).toBe('\\x9b2J');
});

test('marks that reorder text become visible', () => {
  expect(escapeHidden('admin\u202e\u2066')).toBe('admin\\u202e\\u2066');
});

test('what can be read stays', () => {
  expect(escapeHidden('\tmodèle 模型 🌱')).toBe('\tmodèle 模型 🌱');
});
