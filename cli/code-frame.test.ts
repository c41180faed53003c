import { expect, test } from 'vitest';
import { codeFrame } from './code-frame.ts';
import { createStyle } from './style.ts';

const plain = createStyle(false);
const at = (line: number, column: number, endLine: number, endColumn: number) => ({
  line,
  column,
  endLine,
  endColumn,
});

test('shows two lines around and carets under the place', () => {
  const lines = ['one', 'two', 'three', 'scores = model(batch)', 'five', '', 'seven'];
  expect(codeFrame(lines, at(4, 10, 4, 15), plain)).toBe(
    [
      '  |',
      '2 | two',
      '3 | three',
      '4 | scores = model(batch)',
      '  |          ^^^^^',
      '5 | five',
      '6 |',
      '  |',
    ].join('\n'),
  );
});

test('a place over several lines is underlined on its first', () => {
  const frame = codeFrame(['model.fit(', '    x,', ')'], at(1, 1, 3, 2), plain);
  expect(frame.split('\n')[2]).toBe('  | ^^^^^^^^^^');
});

test('carets follow tabs and wide characters', () => {
  const [, , carets] = codeFrame(['\t模型 = net(x)'], at(1, 7, 1, 10), plain).split('\n');
  expect(carets).toBe(`  | ${' '.repeat(4 + 4 + 3)}^^^`);
});

test('an empty place has one caret', () => {
  expect(codeFrame(['x'], at(1, 2, 1, 2), plain)).toContain('\n  |  ^');
});

test('of a very long line a window is shown, the place inside', () => {
  const line = `${'a'.repeat(5_000_000)}model(x)${'b'.repeat(5_000_000)}`;
  const [, text, carets] = codeFrame([line], at(1, 5_000_001, 1, 5_000_006), plain).split('\n');
  expect(text?.length).toBeLessThan(200);
  const from = carets?.indexOf('^') ?? 0;
  expect(text?.slice(from, from + 5)).toBe('model');
  expect(carets?.slice(from)).toBe('^^^^^');
});

test('the same for columns in characters beyond the basic plane', () => {
  const line = `${'🌱'.repeat(5000)}model(x)`;
  const frame = codeFrame([line], at(1, 5001, 1, 5006), plain);
  expect(frame).toContain('model(x)');
  expect(frame).toContain('^^^^^\n');
});

test('a place outside the text does not throw', () => {
  expect(() => codeFrame(['x'], at(9, 9, 9, 12), plain)).not.toThrow();
  expect(() => codeFrame([], at(1, 1, 1, 2), plain)).not.toThrow();
});

test('hidden characters of the source are shown, not sent', () => {
  expect(codeFrame(['x = "\u001b[2J"'], at(1, 1, 1, 2), plain)).not.toContain('\u001b');
});
