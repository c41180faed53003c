import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ts } from 'ts-morph';
import { beforeAll, describe, expect, it } from 'vitest';
import { Language, Parser } from 'web-tree-sitter';
import { typing } from './latency.ts';
import { notebook, pythonModule, typescriptModule } from './trees.ts';

const resolve = createRequire(import.meta.url).resolve;
let parser: Parser;

beforeAll(async () => {
  await Parser.init({ wasmBinary: readFileSync(resolve('web-tree-sitter/web-tree-sitter.wasm')) });
  parser = new Parser().setLanguage(
    await Language.load(readFileSync(resolve('tree-sitter-python/tree-sitter-python.wasm'))),
  );
});

describe('generated trees', () => {
  const numbers = [0, 1, 2, 3, 4, 5, 59, 840];

  it.each(numbers)('give a Python module %i without syntax errors', (n) => {
    expect(parser.parse(pythonModule(n))?.rootNode.hasError).toBe(false);
  });

  it.each(numbers)('give a TypeScript module %i without syntax errors', (n) => {
    const { diagnostics = [] } = ts.transpileModule(typescriptModule(n), { reportDiagnostics: true });
    expect(diagnostics).toEqual([]);
  });

  it('give notebooks with the code of the module', () => {
    const cells = JSON.parse(notebook(3)).cells as { cell_type: string; source: string[] }[];
    const code = cells.filter((cell) => cell.cell_type === 'code').map((cell) => cell.source.join(''));
    expect(code.slice(1).join('\n\n\n')).toBe(pythonModule(3));
  });

  it('do not repeat themselves', () => {
    expect(new Set(numbers.map(pythonModule)).size).toBe(numbers.length);
  });
});

describe('typing', () => {
  const text = pythonModule(1);
  const apply = (start: string, count: number) => {
    const lines = start.split('\n');
    for (const edit of typing(start, count)) {
      const line = lines[edit.line] ?? '';
      lines[edit.line] = line.slice(0, edit.start) + edit.text + line.slice(edit.end);
    }
    return lines.join('\n');
  };

  it('makes as many edits as asked, and takes them back', () => {
    expect(typing(text, 1000)).toHaveLength(1000);
    // Two lines typed into letter by letter and back (14 edits each), one commented out and back in.
    expect(apply(text, 30)).toBe(text);
    expect(apply(text, 29)).not.toBe(text);
  });
});
