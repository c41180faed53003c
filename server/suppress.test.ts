import { expect, test } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { suppressionEdit } from './suppress.ts';

function suppressed(text: string, at: string, isPython = true): string | null {
  const document = TextDocument.create('file:///a', isPython ? 'python' : 'typescript', 1, text);
  const edit = suppressionEdit(document, text.indexOf(at), 'some-rule', isPython);
  return edit && TextDocument.applyEdits(document, [edit]);
}

test.each([
  ['x = bad()\ny\n', 'x = bad()  # frugal: ignore[some-rule]\ny\n'],
  ['x = bad()   \r\ny\r\n', 'x = bad()  # frugal: ignore[some-rule]\r\ny\r\n'],
  ['x = bad()', 'x = bad()  # frugal: ignore[some-rule]'],
  ['x = bad()  # type: ignore\n', 'x = bad()  # type: ignore  # frugal: ignore[some-rule]\n'],
  ['x = bad()  # frugal: ignore[other] why\n', 'x = bad()  # frugal: ignore[other, some-rule] why\n'],
  ['x = bad()  # frugal: ignore[]\n', 'x = bad()  # frugal: ignore[some-rule]\n'],
  [
    'if x:\n    y = bad() + \\\n        1\n',
    'if x:\n    # frugal: ignore[some-rule]\n    y = bad() + \\\n        1\n',
  ],
  ['y = \\\n    bad() + \\\n    1\n', null],
])('%j', (text, expected) => {
  expect(suppressed(text, 'bad')).toBe(expected);
});

test('TypeScript has its own comments', () => {
  expect(suppressed('const x = bad();\n', 'bad', false)).toBe(
    'const x = bad();  // frugal: ignore[some-rule]\n',
  );
});
