import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Language } from '../model.ts';
import { loadPythonFrontEnd } from '../python/parser.ts';
import { walk } from '../tree.ts';
import { createTypeScriptFrontEnd } from '../typescript/front-end.ts';
import { joinCells } from './notebook.ts';
import { parseCells } from './parse.ts';

const asset = (path: string) =>
  new Uint8Array(readFileSync(new URL(`../../node_modules/${path}`, import.meta.url)));

const frontEnds = {
  typescript: createTypeScriptFrontEnd(),
  python: await loadPythonFrontEnd({
    runtime: asset('web-tree-sitter/web-tree-sitter.wasm'),
    grammar: asset('tree-sitter-python/tree-sitter-python.wasm'),
  }),
};

function parseAs(language: Language, ...sources: string[]) {
  const notebook = joinCells(
    sources.map((source, index) => ({ index, source })),
    language,
  );
  const module = parseCells(frontEnds[language], '/a.ipynb', notebook);
  const calls: string[] = [];
  walk(module.body, (node) => {
    if (node.kind === 'call') calls.push(module.text.slice(node.callee.start, node.callee.end));
  });
  return { notebook, module, calls };
}

const parse = (...sources: string[]) => parseAs('typescript', ...sources);

describe('parseCells', () => {
  it.each([
    ['an open string', 'a = """b'],
    ['an open bracket', 'x = [1, 2,'],
    ['an open call', 'if x:\n    y = f('],
    ['an open block', 'for x in y:'],
    ['a closing bracket too many', ')]}'],
    ['prose', "this isn't code, is it?"],
    ['output', "tensor([[1, 2], ...,\n [3'])"],
  ])('keeps the Python cells around %s', (_name, broken) => {
    const { module, notebook } = parseAs('python', 'one = before()', broken, "two = after('x')\nlast()");
    const kept = module.body.statements.filter((statement) => {
      const text = module.text.slice(statement.start, statement.end);
      return ['one = before()', "two = after('x')", 'last()'].includes(text);
    });
    expect(kept.length).toBe(3);
    expect(module.text).toBe(notebook.text);
  });

  it('parses cells as one module', () => {
    const { module, calls, notebook } = parse('const a = f();', 'g(a)');
    expect(calls).toEqual(['f', 'g']);
    expect(module.errors).toEqual([]);
    expect(module.text).toBe(notebook.text);
  });

  it.each([
    ['an open template', 'a(`b'],
    ['an open bracket', 'const x = [1, 2,'],
    ['an open block', 'if (x) {\n  y = 1'],
    ['an open comment', '/* b'],
    ['a closing brace too many', '}}}}'],
    ['prose', 'this is not code, is it?'],
  ])('keeps the cells around %s', (_name, broken) => {
    const { module, calls, notebook } = parse('before()', broken, 'after(`x`)\nlast()');
    expect(calls.filter((call) => call !== 'a')).toEqual(['before', 'after', 'last']);
    expect(module.text).toBe(notebook.text);
    const cell = notebook.cells[1]!;
    expect(module.errors.length).toBeGreaterThan(0);
    for (const error of module.errors) {
      expect(error.start).toBeGreaterThanOrEqual(cell.start);
      expect(error.end).toBeLessThanOrEqual(cell.end + 1);
    }
  });

  it('keeps the whole statements of a broken cell', () => {
    const { calls } = parse('one()\nif (a) {\n  two()\n}\nx = `open\nthree()', 'four()');
    expect(calls).toEqual(['one', 'two', 'three', 'four']);
  });

  it('does not search long broken cells for long', () => {
    const { calls } = parse(`${'f(1)\n'.repeat(20_000)}x = \`open`, 'last()');
    expect(calls.at(-1)).toBe('last');
  });
});
