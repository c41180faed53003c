import { describe, expect, it } from 'vitest';
import { walk } from '../tree.ts';
import { createTypeScriptFrontEnd } from '../typescript/front-end.ts';
import { joinCells } from './notebook.ts';
import { parseCells } from './parse.ts';

const frontEnd = createTypeScriptFrontEnd();

function parse(...sources: string[]) {
  const notebook = joinCells(
    sources.map((source, index) => ({ index, source })),
    'typescript',
  );
  const module = parseCells(frontEnd, '/a.ipynb', notebook);
  const calls: string[] = [];
  walk(module.body, (node) => {
    if (node.kind === 'call') calls.push(module.text.slice(node.callee.start, node.callee.end));
  });
  return { notebook, module, calls };
}

describe('parseCells', () => {
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
