import { describe, expect, test } from 'vitest';
import { linkModule } from '../analysis/link.ts';
import { joinCells } from '../analysis/notebook/notebook.ts';
import { parseCells } from '../analysis/notebook/parse.ts';
import type { Document } from './document.ts';
import { withEdits } from './file-text.ts';
import { applyEdits, mergeFixes, toFindingFix } from './fixes.ts';
import { importEdits } from './imports.ts';
import { frontEnds } from './testing.ts';
import type { FileEdit, Finding } from './types.ts';

async function open(path: string, text: string): Promise<Document> {
  const frontEnd = await (path.endsWith('.py') ? frontEnds.loadPython() : frontEnds.loadTypeScript());
  return { path, text, source: text, module: linkModule(path, frontEnd.parse(path, text)), notebook: null };
}

/** The text with imports added for code at `USE`; null when that cannot be. */
async function withImports(path: string, text: string, ...statements: string[]): Promise<string | null> {
  const edits = importEdits(
    await open(path, text),
    statements,
    text.includes('USE') ? text.indexOf('USE') : text.length,
  );
  if (!edits) return null;
  const added = applyEdits(text, edits);
  // A second time there is nothing to add.
  const again = importEdits(
    await open(path, added),
    statements,
    added.includes('USE') ? added.indexOf('USE') : added.length,
  );
  expect(again).toEqual([]);
  return added;
}

describe('imports in Python', () => {
  test.each([
    [
      'after the last import',
      'import os\nimport sys\n\nUSE\n',
      ['import torch'],
      'import os\nimport sys\nimport torch\n\nUSE\n',
    ],
    [
      'into the head, not behind an import far down the script',
      `import os\nimport sys\n\n${'work()\n'.repeat(20)}import pickle\nUSE\n`,
      ['import torch'],
      `import os\nimport sys\nimport torch\n\n${'work()\n'.repeat(20)}import pickle\nUSE\n`,
    ],
    [
      'into a line that imports from there',
      'from torch import nn\nUSE\n',
      ['from torch import optim'],
      'from torch import nn, optim\nUSE\n',
    ],
    [
      'into a list of lines',
      'from torch import (\n    nn,\n    optim,\n)\nUSE\n',
      ['from torch import amp'],
      'from torch import (\n    nn,\n    optim,\n    amp,\n)\nUSE\n',
    ],
    [
      'into brackets on a line',
      'from torch import (nn, optim)\nUSE\n',
      ['from torch import amp'],
      'from torch import (nn, optim, amp)\nUSE\n',
    ],
    [
      'before a comment on the line',
      'from torch import nn  # noqa\nUSE\n',
      ['from torch import amp'],
      'from torch import nn, amp  # noqa\nUSE\n',
    ],
    [
      'with an alias',
      'import os\nUSE\n',
      ['import torch.nn.functional as F'],
      'import os\nimport torch.nn.functional as F\nUSE\n',
    ],
    ['not again', 'import torch\nUSE\n', ['import torch'], 'import torch\nUSE\n'],
    ['not again, under a submodule', 'import torch.nn\nUSE\n', ['import torch'], 'import torch.nn\nUSE\n'],
    [
      'a submodule besides',
      'import torch\nUSE\n',
      ['import torch.utils.data'],
      'import torch\nimport torch.utils.data\nUSE\n',
    ],
    [
      'not again, spelled otherwise',
      'from torch import nn\nUSE\n',
      ['import torch.nn as nn'],
      'from torch import nn\nUSE\n',
    ],
    [
      'not again, where it may be missing',
      'try:\n    import torch\nexcept ImportError:\n    torch = None\nUSE\n',
      ['import torch'],
      'try:\n    import torch\nexcept ImportError:\n    torch = None\nUSE\n',
    ],
    [
      'besides one for types only',
      'from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch\nUSE\n',
      ['import torch'],
      'from typing import TYPE_CHECKING\nimport torch\nif TYPE_CHECKING:\n    import torch\nUSE\n',
    ],
    [
      'besides one in a function',
      'import os\ndef f():\n    import torch\nUSE\n',
      ['import torch'],
      'import os\nimport torch\ndef f():\n    import torch\nUSE\n',
    ],
    [
      'after the docstring',
      '"""What it does."""\n\nUSE\n',
      ['import torch'],
      '"""What it does."""\n\nimport torch\n\nUSE\n',
    ],
    [
      'after a docstring with code right below',
      '"""What it does."""\nUSE\n',
      ['import torch'],
      '"""What it does."""\n\nimport torch\n\nUSE\n',
    ],
    [
      'two after the docstring',
      '"""What it does."""\n\nUSE\n',
      ['import torch', 'from os import path'],
      '"""What it does."""\n\nimport torch\nfrom os import path\n\nUSE\n',
    ],
    [
      'after __future__',
      'from __future__ import annotations\n\nUSE\n',
      ['import torch'],
      'from __future__ import annotations\nimport torch\n\nUSE\n',
    ],
    [
      'before the first statement',
      '#!/usr/bin/env python\n# Licence\n\nUSE\n',
      ['import torch'],
      '#!/usr/bin/env python\n# Licence\n\nimport torch\n\nUSE\n',
    ],
    [
      'before a decorator',
      '@f\ndef g():\n    USE\n',
      ['import torch'],
      'import torch\n\n@f\ndef g():\n    USE\n',
    ],
    [
      'above the use, not below it',
      'import os\nUSE\nimport sys\n',
      ['import torch'],
      'import os\nimport torch\nUSE\nimport sys\n',
    ],
    [
      'again, where the first comes too late',
      'import os\nUSE\nimport torch\n',
      ['import torch'],
      'import os\nimport torch\nUSE\nimport torch\n',
    ],
    ['with CRLF', 'import os\r\nUSE\r\n', ['import torch'], 'import os\r\nimport torch\r\nUSE\r\n'],
    [
      'in a file without last newline',
      'x = 1\nimport os',
      ['import torch'],
      'x = 1\nimport os\nimport torch',
    ],
    [
      'beside a semicolon',
      'import os; x = (\n  1)\nUSE\n',
      ['import torch'],
      'import torch\nimport os; x = (\n  1)\nUSE\n',
    ],
    [
      'past an import that continues',
      'from os import path, \\\n    sep\nUSE\n',
      ['from os import name'],
      'from os import path, \\\n    sep, name\nUSE\n',
    ],
    [
      'two from one module',
      'import os\nUSE\n',
      ['from a import b', 'from a import c'],
      'import os\nfrom a import b\nfrom a import c\nUSE\n',
    ],
    [
      'the same twice',
      'import os\nUSE\n',
      ['from a import b', 'from a import b'],
      'import os\nfrom a import b\nUSE\n',
    ],
    [
      'names of one statement',
      'import os\nUSE\n',
      ['from a import b, c as d'],
      'import os\nfrom a import b\nfrom a import c as d\nUSE\n',
    ],
    [
      'not into a relative import',
      'from .torch import nn\nUSE\n',
      ['from torch import amp'],
      'from .torch import nn\nfrom torch import amp\nUSE\n',
    ],
    [
      'not into a star',
      'from torch import *\nUSE\n',
      ['from torch import amp'],
      'from torch import *\nfrom torch import amp\nUSE\n',
    ],
  ])('%s', async (_, text, statements, expected) => {
    expect(await withImports('/w/a.py', text, ...statements)).toBe(expected);
  });

  test('not where the name is taken', async () => {
    expect(await withImports('/w/a.py', 'torch = 1\nUSE\n', 'import torch')).toBeNull();
    expect(await withImports('/w/a.py', 'from mine import amp\nUSE\n', 'from torch import amp')).toBeNull();
    expect(await withImports('/w/a.py', 'def nn():\n    pass\nUSE\n', 'from torch import nn')).toBeNull();
    expect(await withImports('/w/a.py', 'USE\n', 'import torch nn')).toBeNull();
  });
});

describe('imports in TypeScript', () => {
  test.each([
    [
      'after the last import',
      "import a from 'a';\n\nUSE;\n",
      ["import { x } from 'y'"],
      "import a from 'a';\nimport { x } from 'y';\n\nUSE;\n",
    ],
    [
      "in the file's quotes, without semicolons",
      'import a from "a"\n\nUSE\n',
      ["import x from 'y';"],
      'import a from "a"\nimport x from "y"\n\nUSE\n',
    ],
    [
      'into braces',
      "import { a } from 'y';\nUSE;\n",
      ["import { x } from 'y'"],
      "import { a, x } from 'y';\nUSE;\n",
    ],
    [
      'into braces with an alias',
      "import { a as b } from 'y';\nUSE;\n",
      ["import { x as z } from 'y'"],
      "import { a as b, x as z } from 'y';\nUSE;\n",
    ],
    [
      'into lines of braces',
      "import {\n  a,\n  b,\n} from 'y';\nUSE;\n",
      ["import { x } from 'y'"],
      "import {\n  a,\n  b,\n  x,\n} from 'y';\nUSE;\n",
    ],
    [
      'beside a default',
      "import a from 'y';\nUSE;\n",
      ["import { x } from 'y'"],
      "import a from 'y';\nimport { x } from 'y';\nUSE;\n",
    ],
    [
      'beside a type import',
      "import type { A } from 'y';\nUSE;\n",
      ["import { x } from 'y'"],
      "import type { A } from 'y';\nimport { x } from 'y';\nUSE;\n",
    ],
    [
      'not again',
      "import { x } from 'y';\nUSE;\n",
      ["import { x } from 'y'"],
      "import { x } from 'y';\nUSE;\n",
    ],
    [
      'not again, below',
      "USE;\nimport { x } from 'y';\n",
      ["import { x } from 'y'"],
      "USE;\nimport { x } from 'y';\n",
    ],
    [
      'a namespace',
      "import a from 'a';\nUSE;\n",
      ["import * as tf from '@tensorflow/tfjs'"],
      "import a from 'a';\nimport * as tf from '@tensorflow/tfjs';\nUSE;\n",
    ],
    [
      'after a directive',
      "'use client';\n\nUSE;\n",
      ["import { x } from 'y'"],
      "'use client';\n\nimport { x } from 'y';\n\nUSE;\n",
    ],
    [
      'first of all',
      'const a = "b";\nUSE;\n',
      ["import { x } from 'y'"],
      'import { x } from "y";\n\nconst a = "b";\nUSE;\n',
    ],
  ])('%s', async (_, text, statements, expected) => {
    expect(await withImports('/w/a.ts', text, ...statements)).toBe(expected);
  });

  test('CommonJS stays CommonJS', async () => {
    const text = "const a = require('a');\n\nUSE;\n";
    expect(await withImports('/w/a.cjs', text, "import { x } from 'y'")).toBe(
      "const a = require('a');\nconst { x } = require('y');\n\nUSE;\n",
    );
    expect(await withImports('/w/a.js', text, "import x from 'y'")).toBe(
      "const a = require('a');\nconst x = require('y');\n\nUSE;\n",
    );
  });

  test('in a Vue component', async () => {
    const text = '<template><p/></template>\n<script setup>\nconst a = "b";\nUSE;\n</script>\n';
    expect(await withImports('/w/a.vue', text, "import { x } from 'y'")).toBe(
      '<template><p/></template>\n<script setup>\nimport { x } from "y";\n\nconst a = "b";\nUSE;\n</script>\n',
    );
  });
});

describe('imports in notebooks', () => {
  async function inCells(cells: string[], statement: string): Promise<string[] | null> {
    const notebook = joinCells(
      cells.map((source, index) => ({ index, source })),
      'python',
    );
    const parsed = parseCells(await frontEnds.loadPython(), '/w/a.ipynb', notebook);
    const document: Document = {
      path: '/w/a.ipynb',
      text: '',
      module: linkModule('/w/a.ipynb', parsed, notebook.cells),
      source: notebook.source,
      notebook,
    };
    const edits = importEdits(document, [statement], notebook.source.indexOf('USE'));
    return edits && applyEdits(notebook.source, edits).split('\n---\n');
  }
  const cells = (...sources: string[]) =>
    sources.map((source, at) => (at < sources.length - 1 ? `${source}\n---` : source));

  test('at the top of the cell, below its magics', async () => {
    expect(await inCells(['import os', '%%time\n# comment\nx = 1\nUSE'], 'import torch')).toEqual([
      'import os\n%%time\n# comment\nimport torch\nx = 1\nUSE\n',
    ]);
    expect(await inCells(['import os', 'import sys\nx = 1\nUSE'], 'import torch')).toEqual([
      'import os\nimport sys\nimport torch\nx = 1\nUSE\n',
    ]);
  });

  test('not where an earlier cell has it; again where a later one has', async () => {
    expect(await inCells(['import torch', 'USE'], 'import torch')).toEqual(['import torch\nUSE\n']);
    expect(await inCells(['USE', 'import torch'], 'import torch')).toEqual([
      'import torch\nUSE\nimport torch\n',
    ]);
    expect(cells('a', 'b')).toHaveLength(2);
  });
});

describe('mergeFixes', () => {
  const edit = (start: number, end: number, text: string, rest: Partial<FileEdit> = {}): FileEdit => ({
    path: '/w/a.py',
    cell: null,
    start,
    end,
    text,
    ...rest,
  });
  let order = 0;
  const finding = (
    start: number,
    edits: FileEdit[],
    safety: 'safe' | 'suggested' = 'safe',
    rest: Partial<Finding> = {},
  ): Finding => ({
    path: '/w/a.py',
    cell: null,
    start,
    end: start + 1,
    line: 1,
    column: start + 1,
    endLine: 1,
    endColumn: start + 2,
    rule: `rule-${order++}`,
    phase: 'training',
    severity: 'warning',
    status: 'stable',
    message: '',
    fixes: [{ title: '', safety, packages: ['p'], edits: () => edits }],
    ...rest,
  });
  const apply = (findings: Finding[], safety: 'safe' | 'suggested' = 'safe') =>
    applyEdits('0123456789', mergeFixes(findings, safety).edits);

  test('a fix that adds lines waits where another moves the lines around to the right', () => {
    const text = 'for e in r:\n  for x in l:\n    t += x\n  print(t)\n';
    const wrap = [edit(0, 0, 'with w:\n  '), ...[12, 26, 37].map((at) => edit(at, at, '  '))];
    const added = edit(36, 36, '\n  t = float(t)');
    const both = mergeFixes([finding(0, wrap), finding(20, [added])], 'safe');
    expect(both.fixed).toHaveLength(1);
    expect(applyEdits(text, both.edits)).toBe(
      'with w:\n  for e in r:\n    for x in l:\n      t += x\n    print(t)\n',
    );
    expect(mergeFixes([finding(0, [added]), finding(20, wrap)], 'safe').fixed).toHaveLength(1);
  });

  test('takes all that do not overlap, the first by position first, whole', () => {
    expect(apply([finding(5, [edit(5, 7, 'B')]), finding(0, [edit(0, 2, 'A')])])).toBe('A234B789');
    expect(apply([finding(4, [edit(4, 6, 'B'), edit(9, 9, '!')]), finding(3, [edit(3, 5, 'A')])])).toBe(
      '012A56789',
    );
    expect(
      mergeFixes([finding(4, [edit(4, 6, 'B')]), finding(3, [edit(3, 5, 'A')])], 'safe').fixed,
    ).toHaveLength(1);
  });

  test('what touches does not overlap; two insertions at one place do', () => {
    expect(apply([finding(0, [edit(0, 3, 'A')]), finding(3, [edit(3, 5, 'B')])])).toBe('AB56789');
    expect(apply([finding(0, [edit(3, 3, 'A')]), finding(3, [edit(3, 3, 'B')])])).toBe('012A3456789');
    expect(apply([finding(0, [edit(1, 5, 'A')]), finding(3, [edit(3, 3, 'B')])])).toBe('0A56789');
  });

  test('an import goes in once, several at one place in order', () => {
    const torch = edit(0, 0, 'T;', { import: 'torch' });
    const findings = [
      finding(5, [torch, edit(5, 6, 'A')]),
      finding(7, [edit(4, 4, 'T;', { import: 'torch' }), edit(7, 8, 'B')]),
      finding(8, [edit(0, 0, 'N;', { import: 'numpy' }), edit(8, 9, 'C')]),
    ];
    expect(apply(findings)).toBe('T;N;01234A6BC9');
    expect(mergeFixes(findings, 'safe').packages).toEqual(['p']);
  });

  test('safe fixes only, unless asked', () => {
    const both = [finding(1, [edit(1, 2, 'S')]), finding(3, [edit(3, 4, 'U')], 'suggested')];
    expect(apply(both)).toBe('0S23456789');
    expect(apply(both, 'suggested')).toBe('0S2U456789');
  });

  test('files and cells apart', () => {
    const { edits } = mergeFixes(
      [
        finding(1, [edit(1, 2, 'A')]),
        finding(1, [edit(1, 2, 'B', { path: '/w/b.py' })]),
        finding(1, [edit(1, 2, 'C', { cell: 1 })]),
      ],
      'safe',
    );
    expect(edits).toHaveLength(3);
  });
});

describe('toFindingFix', () => {
  const contextOf = (document: Document) => ({
    document,
    documentOf: () => undefined,
    language: 'fr' as const,
    hasDependency: (name: string) => name === 'known',
    safety: 'suggested' as const,
  });
  const title = { en: 'Do', fr: 'Faire' };

  test('brings language, safety and packages that are missing', async () => {
    const fix = toFindingFix(
      { title, edits: () => [], packages: ['known', 'new'] },
      contextOf(await open('/w/a.py', 'x = 1\n')),
    );
    expect(fix).toMatchObject({ title: 'Faire', safety: 'suggested', packages: ['new'] });
  });

  test('is built once, and only when asked for', async () => {
    let built = 0;
    const edits = () => {
      built++;
      return [{ start: 4, end: 5, text: '2' }];
    };
    const fix = toFindingFix({ title, edits }, contextOf(await open('/w/a.py', 'x = 1\n')));
    expect(built).toBe(0);
    expect(fix.edits()).toEqual(fix.edits());
    expect(built).toBe(1);
  });

  test('a fix that cannot be applied whole has no edits', async () => {
    const document = await open('/w/a.py', 'x = 1\n');
    const edits = (...list: { start: number; end: number; text: string }[]) =>
      toFindingFix({ title, edits: () => list }, contextOf(document)).edits();
    expect(edits({ start: 0, end: 2, text: '' }, { start: 1, end: 3, text: '' })).toEqual([]);
    expect(edits({ start: 0, end: 99, text: '' })).toEqual([]);
    expect(edits({ start: 3, end: 2, text: '' })).toEqual([]);
    const throws = () => {
      throw new Error('no');
    };
    expect(toFindingFix({ title, edits: throws }, contextOf(document)).edits()).toEqual([]);
    const other = await open('/w/b.py', 'y = 2\n');
    expect(
      toFindingFix(
        { title, edits: () => [{ start: 0, end: 1, text: 'z', module: other.module }] },
        contextOf(document),
      ).edits(),
    ).toEqual([]);
  });

  test("speaks the file's line ends", async () => {
    const document = await open('/w/a.py', 'x = 1\r\ny = 2\r\n');
    const fix = toFindingFix(
      { title, edits: () => [{ start: 7, end: 7, text: 'a\nb\r\nc' }] },
      contextOf(document),
    );
    expect(withEdits(document.text, fix.edits())).toBe('x = 1\r\na\r\nb\r\ncy = 2\r\n');
  });
});
