import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type NativeTreeSitter, nativeParser } from './native.ts';
import { loadWasmParser, pythonFrontEnd } from './parser.ts';

const require = createRequire(import.meta.url);

/** The binding from FRUGAL_NATIVE_DIR, a folder with its own node_modules, or from this package's. */
function loadNative(): { TreeSitter: NativeTreeSitter; grammar: unknown } | string {
  const folder = process.env.FRUGAL_NATIVE_DIR;
  const from = folder ? createRequire(join(folder, 'package.json')) : require;
  try {
    return { TreeSitter: from('tree-sitter'), grammar: from('tree-sitter-python') };
  } catch (error) {
    return String(error).split('\n', 1)[0]!;
  }
}

/** Every Python file in the repository, and texts that parse badly. */
function sources(): string[] {
  const root = join(import.meta.dirname, '../..');
  const files = ['test-fixtures', 'bench'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.py'))
      .map((file) => readFileSync(join(root, folder, file), 'utf8')),
  );
  const long = `x = [\n${'    f(a, b=1),\n'.repeat(5000)}]\n`; // more than one chunk
  const odd = [
    '',
    's = "😀"; f(1)\n',
    'def f(:\n  model.\n  g(',
    'x = """a\nf()\n',
    'f(\ud800)\n',
    ')]}\n',
    '\ufefff()\r\ng()',
  ];
  const all =
    'class A(B, m=c):\n  @d\n  async def f(self, *a: int, **k) -> x:\n    yield f"{a!r:>{b}}" "c"\n';
  return [...files, long, all, ...odd];
}

const native = loadNative();
const reason = typeof native === 'string' ? `skipped: ${native}` : 'the native parser gives the same model';

test.skipIf(typeof native === 'string')(`parity: ${reason}`, { timeout: 60_000 }, async () => {
  if (typeof native === 'string') return;
  const wasm = await loadWasmParser({
    runtime: readFileSync(require.resolve('web-tree-sitter/web-tree-sitter.wasm')),
    grammar: readFileSync(require.resolve('tree-sitter-python/tree-sitter-python.wasm')),
  });
  const one = pythonFrontEnd(wasm);
  const other = pythonFrontEnd(nativeParser(native.TreeSitter, native.grammar));
  for (const text of sources()) expect(other.parse('/a.py', text)).toEqual(one.parse('/a.py', text));
});
