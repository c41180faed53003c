import { describe, expect, it } from 'vitest';
import { expandCellMagics, maskScript } from './scripts.ts';

describe('maskScript', () => {
  it('makes Python cells of a Databricks export code, in their columns', () => {
    const text = [
      '# Databricks notebook source',
      'x = 1',
      '# COMMAND ----------',
      '# MAGIC %python',
      '# MAGIC for a in x:',
      '# MAGIC   f(a)',
      '# MAGIC',
      '# COMMAND ----------',
      '# MAGIC %sql',
      '# MAGIC select 1',
      '',
    ].join('\r\n');
    expect(maskScript(text)).toBe(
      text
        .replace('# MAGIC %python', 'if 1:          ')
        .replace('# MAGIC for', '        for')
        .replace('# MAGIC   f', '          f')
        .replace('# MAGIC\r', '       \r'),
    );
  });

  it('leaves other scripts and cells without code alone', () => {
    const percent = '# %%\nx = 1\n# MAGIC %python\n# MAGIC y\n';
    expect(maskScript(percent)).toBe(percent);
    const empty = '# Databricks notebook source\n# MAGIC %python\n# MAGIC # note\n';
    expect(maskScript(empty)).toBe(empty);
  });
});

describe('expandCellMagics', () => {
  const call = `get_ipython().run_cell_magic('time', '', 'x = f(\\'a\\')\\nfor i in x:\\n    print(i)\\n')`;
  const text = `a = 1\n${call}\nb = 2\n`;

  it('turns the string into code of the same length', () => {
    const { text: expanded, regions } = expandCellMagics(text);
    expect(expanded.length).toBe(text.length);
    expect(expanded.replace(/ +$/gm, '')).toBe(
      "a = 1\npass\nx = f('a')\nfor i in x:\n    print(i)\n\nb = 2\n",
    );
    expect(expanded.indexOf('b = 2')).toBe(text.indexOf('b = 2'));
    expect(regions).toEqual([{ start: text.indexOf('x = f'), end: text.indexOf("')\nb") }]);
  });

  it('maps positions back', () => {
    const { text: expanded, toOriginal } = expandCellMagics(text);
    for (const piece of ['a = 1', 'x = f', 'for i', 'print', 'b = 2']) {
      expect(toOriginal(expanded.indexOf(piece))).toBe(text.indexOf(piece));
    }
    expect(toOriginal(expanded.indexOf("')"))).toBe(text.indexOf("\\')"));
  });

  it('leaves other magics alone', () => {
    const bash = `get_ipython().run_cell_magic('bash', '', 'ls\\n')\n`;
    expect(expandCellMagics(bash).text).toBe(bash);
  });
});
