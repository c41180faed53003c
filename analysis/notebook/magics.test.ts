import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskPythonCell, maskTypeScriptCell } from './magics.ts';

/** Trailing spaces shown as written: the masked text must match to the character. */
const cases: readonly (readonly [name: string, source: string, masked: string])[] = [
  ['plain code', 'x = 5 % 3\nprint(x)', 'x = 5 % 3\nprint(x)'],
  ['a line magic', '%matplotlib inline\nx = 1', 'pass              \nx = 1'],
  ['a shell line', '!pip install torch', 'pass              '],
  ['a short shell line', '!ls\n!', '0  \n0'],
  ['a shell line as the body of an if', 'if a:\n    !pip install x\nb()', 'if a:\n    pass          \nb()'],
  ['a shell line that goes on', '!pip install \\\n  torch\nx = 1', 'pass          \n       \nx = 1'],
  ['quotes in a shell line', '!echo "it\'s\nx = 1', 'pass       \nx = 1'],
  ['help behind', 'model.fit?\nx = 1', 'pass      \nx = 1'],
  ['help in front', '??model', 'pass   '],
  ['a question in a comment', 'x = 1 # why?\nprint("who?")', 'x = 1 # why?\nprint("who?")'],
  ['an assigned command', 'files = !ls *.py', 'files = None    '],
  ['an assigned statement', 'x = %time f(1)', 'x =       f(1)'],
  ['another assigned magic', 'here = %pwd', 'here = None'],
  ['a timed statement', '%time y = f(1)', '0;    y = f(1)'],
  ['options of a timed statement', '%timeit -n 10 -r3 -q f(1)', '0;                   f(1)'],
  ['a timed loop', '%time for i in a: f(i)', 'pass                  '],
  ['an operator at the start of a line in brackets', 'x = (a\n% b)\n%ls', 'x = (a\n% b)\n0  '],
  ['a magic in a string', 'x = """\n%ls -l\n!ls -l\n"""\n!ls -l', 'x = """\n%ls -l\n!ls -l\n"""\npass  '],
  ['comparison', 'a = b != c\nd == e', 'a = b != c\nd == e'],
  ['a keyword argument', 'f(a=b, c="=%s" % d)', 'f(a=b, c="=%s" % d)'],
  ['a command without its mark', 'pip install torch\ncd content', 'pass             \npass      '],
  ['a name that is also a command', 'ls = [1]\nrun = ls\nls in run', 'ls = [1]\nrun = ls\nls in run'],
  ['a timed cell', '%%time\nx = f()', '      \nx = f()'],
  ['a timed cell below a comment', '# slow\n\n%%time\nx = f()', '# slow\n\n      \nx = f()'],
  ['nested cell magics', '%%capture out\n%%time\n!ls -l\nx = 1', '             \n      \npass  \nx = 1'],
  ['a shell cell', '%%bash\npython x.py\n', '      \n           \n'],
  ['a file cell', '%%writefile x.py\nimport torch', '                \n            '],
  ['an unknown cell magic', '%%mystery\na b c', '         \n     '],
  ['a Databricks SQL cell', '%sql\nselect 1', '    \n        '],
  ['a SQL line', '%sql select 1\nx = 1', 'pass         \nx = 1'],
  ['a Databricks Markdown cell', '%md # Title\ntext', '           \n    '],
  ['a short assigned command that goes on', 'x = !\\\nls', 'x = 0 \n  '],
  ['a Databricks Python cell', '%python\nx = 1', '       \nx = 1'],
  ['Windows line ends', '%ls -l\r\nx = 1\r\n%%time', 'pass  \r\nx = 1\r\npass  '],
];

describe('maskPythonCell', () => {
  it.each(cases)('%s', (_name, source, masked) => {
    expect(maskPythonCell(source)).toBe(masked);
  });

  it('keeps every position of any text', () => {
    const piece = fc.constantFrom(
      ...[
        '%',
        '%%',
        '!',
        '?',
        'time',
        ' ',
        '\n',
        '\r\n',
        '\\',
        '"',
        "'",
        '"""',
        '(',
        ')',
        '=',
        'x',
        '#',
        'bash',
        'é',
        '😀',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const source = pieces.join('');
        const masked = maskPythonCell(source);
        expect(masked.length).toBe(source.length);
        const breaks = (text: string): number[] => [...text.matchAll(/\n/g)].map((match) => match.index);
        expect(breaks(masked)).toEqual(breaks(source));
      }),
      { numRuns: 2000 },
    );
  });

  it('is not slow on long lines without an end', () => {
    for (const unit of ['"', '(', '\\', '%', 'x = %', 'a.', '?', ' ', "'''"]) {
      const source = unit.repeat(200_000);
      expect(maskPythonCell(source).length).toBe(source.length);
    }
  });
});

describe('maskTypeScriptCell', () => {
  it("masks the kernel's own lines", () => {
    expect(maskTypeScriptCell('%dirs\nconst a = !b;\n#!share x')).toBe('     \nconst a = !b;\n         ');
  });
});
