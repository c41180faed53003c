import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scanCandidates, scanImports } from './import-scan.ts';
import { frontEnds } from './testing.ts';

const python = (text: string) =>
  scanImports('python', text).map(
    ({ module, relative, bindings }) =>
      `${'.'.repeat(relative)}${module}(${bindings.map(({ imported }) => imported).join(' ')})`,
  );

describe('python', () => {
  test.each([
    ['import a.b.c as d, e', ['a.b.c()', 'e()']],
    ['from . import x, y as z', ['.(x y)']],
    ['from ..pkg.mod import (\n    a,  # first\n    b as c,\n)', ['..pkg.mod(a b)']],
    ['from m import *', ['m()']],
    ['from m import a, \\\n    b', ['m(a b)']],
    ['try: import a\nexcept ImportError: import b', ['a()', 'b()']],
    ['x = 1; import a', ['a()']],
    ['    from a import b  # comment', ['a(b)']],
    ['important = 1\nfromage = 2\n# import a\n"import b"', []],
  ])('%j', (text, expected) => {
    expect(python(text)).toEqual(expected);
  });

  test('finds what the parser finds', async () => {
    const frontEnd = await frontEnds.loadPython();
    const name = fc.stringMatching(/^[a-z]{1,4}$/).map((word) => `${word}_`);
    const dotted = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'));
    const alias = fc.option(name).map((one) => (one ? ` as ${one}` : ''));
    const bound = fc.tuple(name, alias).map(([one, as]) => one + as);
    const names = fc.array(bound, { minLength: 1, maxLength: 3 });
    const statement = fc.oneof(
      fc.tuple(dotted, alias).map(([module, as]) => `import ${module}${as}`),
      fc
        .tuple(fc.constantFrom('', '.', '..'), dotted, names)
        .map(([dots, module, all]) => `from ${dots}${module} import ${all.join(', ')}`),
      fc.tuple(dotted, names).map(([module, all]) => `from ${module} import (\n  ${all.join(',\n  ')},\n)`),
    );
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 5 }), (statements) => {
        const text = `${statements.join('\n')}\n`;
        const parsed = frontEnd
          .parse('a.py', text)
          .body.statements.flatMap((node) =>
            node.kind === 'import'
              ? [
                  `${'.'.repeat(node.relative)}${node.module}(${node.bindings.flatMap(({ imported }) => imported ?? []).join(' ')})`,
                ]
              : [],
          );
        expect(python(text)).toEqual(parsed);
      }),
      { numRuns: 50 },
    );
  });
});

test('typescript', () => {
  const text = `import a from './a';
    import type { B } from "./b";
    import './c.css';
    export * from './d';
    const e = require('./e'), f = await import(\`./f\`);`;
  expect(scanImports('typescript', text).map(({ module }) => module)).toEqual([
    './a',
    './b',
    './c.css',
    './d',
    './e',
    './f',
  ]);
});

test('notebooks, off their JSON', () => {
  const text = JSON.stringify(
    {
      cells: [
        { source: ['import a\n', 'from b import (\n', '    c,\n', ')\n'] },
        { source: 'x=1\nimport d' },
      ],
    },
    null,
    1,
  );
  const found = scanImports('notebook', text).map(({ module }) => module);
  expect(found).toEqual(['a', 'b', 'd']);
});

test('candidates', () => {
  expect(scanCandidates('python', '/w/pkg/a.py', '/w', 'from .b import c')[0]?.slice(0, 2)).toEqual([
    '/w/pkg/b.py',
    '/w/pkg/b/__init__.py',
  ]);
});

test('hostile text takes no time to speak of', () => {
  for (const text of [
    'import '.repeat(50_000),
    'from a import ('.repeat(20_000),
    `from ${'a.'.repeat(50_000)}`,
    'import \\\n'.repeat(30_000),
    `import ${'a,'.repeat(50_000)}`,
    '(('.repeat(50_000),
  ]) {
    scanImports('python', text);
    scanImports('typescript', text);
    scanImports('notebook', text);
  }
});
