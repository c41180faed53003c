/**
 * `run-ts raw-parse.ts LIST`: parses the files of a list (one path a line) with the bare parsers, nothing else, and
 * prints JSON. Its own process, so that it is as cold as the command that it is compared with.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ts } from 'ts-morph';
import { Language, Parser } from 'web-tree-sitter';
import { root } from '../command.ts';

export interface RawParse {
  readonly files: number;
  readonly lines: number;
  readonly ms: number;
  readonly cpuMs: number;
}

const module = (path: string) => readFileSync(join(root, 'node_modules', path));

async function pythonParser(): Promise<(text: string) => void> {
  await Parser.init({ wasmBinary: module('web-tree-sitter/web-tree-sitter.wasm') });
  const parser = new Parser().setLanguage(
    await Language.load(module('tree-sitter-python/tree-sitter-python.wasm')),
  );
  return (text) => parser.parse(text)?.delete();
}

/** The notebook's code as one text, its magics commented out, as any reader of notebooks has to. */
function notebookCode(text: string): string {
  const cells = (JSON.parse(text) as { cells: { cell_type: string; source: string | string[] }[] }).cells;
  return cells
    .filter((cell) => cell.cell_type === 'code')
    .map(({ source }) =>
      (typeof source === 'string' ? source : source.join('')).replace(/^[ \t]*[%!]/gm, '#'),
    )
    .join('\n');
}

async function main(list: string): Promise<RawParse> {
  const paths = readFileSync(list, 'utf8').split('\n').filter(Boolean);
  const texts = paths.map((path) => ({ path, text: readFileSync(path, 'utf8') }));
  const python = await pythonParser();
  const before = process.cpuUsage();
  const start = performance.now();
  for (const { path, text } of texts) {
    if (path.endsWith('.py')) python(text);
    else if (path.endsWith('.ipynb')) python(notebookCode(text));
    else ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false);
  }
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  const lines = texts.reduce((all, { text }) => all + text.split('\n').length, 0);
  return { files: paths.length, lines, ms, cpuMs: (user + system) / 1000 };
}

console.log(JSON.stringify(await main(process.argv[2] ?? '')));
