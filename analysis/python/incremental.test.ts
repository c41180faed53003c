import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { loadWasmParser } from './parser.ts';
import type { PythonParser, SyntaxTree } from './syntax-tree.ts';

const asset = (path: string): Uint8Array => new Uint8Array(readFileSync(`node_modules/${path}`));
const load = (): Promise<PythonParser> =>
  loadWasmParser({
    runtime: asset('web-tree-sitter/web-tree-sitter.wasm'),
    grammar: asset('tree-sitter-python/tree-sitter-python.wasm'),
  });

const BLOCK = `import torch
from torch import nn  # layers


class Net(nn.Module):
    """Two layers."""

    def __init__(self, width=64):
        super().__init__()
        self.first = nn.Linear(10, width)  # in
        self.second = nn.Linear(width, 2)

    def forward(self, x):
        match x:
            case None:
                return 0
            case _:
                pass
        return self.second(
            # inside brackets
            torch.relu(self.first(x)),
        )


def train(model, loader, epochs=10):
    for epoch in range(epochs):
        for x, y in loader:
            loss = f"{epoch}: {model(x)!r}"
            print(loss, end="")
    return [x async for x in y if x] if loader else {**model}


print(train(Net(), [1, 2]))
`;
const TEXT = [0, 1, 2].map((n) => BLOCK.replaceAll('Net', `Net${n}`)).join('\n');

let edited: PythonParser;
let fresh: () => Promise<PythonParser>;
beforeAll(async () => {
  edited = await load();
  fresh = load;
});

/** Token rows have no span of their own. */
function shown(tree: SyntaxTree | null) {
  if (!tree) return null;
  const size = tree.nexts[0]!;
  const rows = Array.from({ length: size }, (_, row) => {
    const kind = tree.kinds[row]!;
    return kind < 110 ? [kind, tree.starts[row], tree.ends[row], tree.nexts[row]] : [kind, tree.nexts[row]];
  });
  return { rows, comments: tree.comments, errors: tree.errors };
}

const pieces = fc.constantFrom(
  ...[
    '',
    'x',
    ' ',
    '\n',
    '    ',
    'pass\n',
    '# note\n',
    '(',
    ')',
    ':',
    '"',
    '1',
    ' = 2',
    '@',
    'é',
    '😀',
    'def f():\n',
  ],
  ...['    return 1\n', 'if x:\n', 'else:\n', ',', '\\\n', '"""', 'self.', '\t', 'async ', 'match x:\n'],
);

test('a text parsed after an edit has the tree of the same text parsed anew', async () => {
  const anew = await fresh();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(TEXT.length), fc.nat(12), pieces), { minLength: 1, maxLength: 12 }),
      async (edits) => {
        let text = TEXT;
        edited.parse(text);
        for (const [at, length, piece] of edits) {
          const valid = text;
          text = text.slice(0, at) + piece + text.slice(at + length);
          const after = edited.parse(text);
          // A short neighbour in between pushes no text of this length out of the fresh parser's memory: it has none.
          expect(shown(after)).toEqual(shown(parseAnew(anew, text)));
          if (after?.errors.length) text = valid; // typing goes on from code that parses
        }
      },
    ),
    { numRuns: 30 },
  );
});

/** Nothing before it resembles the text: four others, far from it, are all that is remembered. */
function parseAnew(parser: PythonParser, text: string): SyntaxTree | null {
  for (let n = 0; n < 4; n++) parser.parse(`${`value_${n} = ${n}\n`.repeat(400)}`);
  return parser.parse(text);
}
