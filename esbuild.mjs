/**
 * Bundles what ships: dist/cli.mjs and dist/server.mjs (Node, ES modules that share chunks: the engine is there once,
 * the TypeScript front end is a chunk of its own that loads on first use), dist/client.cjs (VS Code) with its panel's
 * page (panel.js, panel.css), and the parsers' .wasm files beside them. `--dev` keeps names and adds source maps; `--outdir=DIR` builds elsewhere.
 */
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const root = dirname(fileURLToPath(import.meta.url));
const outdir = process.argv.find((one) => one.startsWith('--outdir='))?.slice('--outdir='.length);
const dist = outdir ? resolve(outdir) : join(root, 'dist');
const dev = process.argv.includes('--dev');

/** Options every bundle shares, scripts/run-ts.mjs included. */
export const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  // jsonc-parser's `main` is UMD, which hides its requires from bundlers.
  mainFields: ['module', 'main'],
  logLevel: 'warning',
  legalComments: 'none',
  // The ES module build of web-tree-sitter looks for its .wasm with import.meta and throws once bundled.
  alias: { 'web-tree-sitter': join(root, 'node_modules/web-tree-sitter/web-tree-sitter.cjs') },
};

/** CommonJS dependencies call `require` and `__dirname`; in an ES module bundle both must be made. */
export const requireBanner = [
  "import { createRequire as $createRequire } from 'node:module';",
  "import { fileURLToPath as $fileURLToPath } from 'node:url';",
  'const require = $createRequire(import.meta.url);',
  'const __filename = $fileURLToPath(import.meta.url);',
  "const __dirname = $fileURLToPath(new URL('.', import.meta.url));",
].join('\n');

/** cli-highlight asks for all of highlight.js, 190 languages; rule pages show five. */
const fewLanguages = {
  name: 'few-languages',
  setup(build) {
    const languages = ['bash', 'json', 'python', 'toml', 'typescript'].map((name) =>
      name === 'toml' ? ['toml', 'ini'] : [name, name],
    );
    build.onResolve({ filter: /^highlight\.js$/ }, ({ path }) => ({ path, namespace: 'few-languages' }));
    build.onLoad({ filter: /.*/, namespace: 'few-languages' }, () => ({
      contents: [
        "const hljs = require('highlight.js/lib/core');",
        ...languages.map(
          ([name, file]) =>
            `hljs.registerLanguage('${name}', require('highlight.js/lib/languages/${file}'));`,
        ),
        'module.exports = hljs;',
      ].join('\n'),
      resolveDir: root,
    }));
  },
};

const wasm = ['web-tree-sitter/web-tree-sitter.wasm', 'tree-sitter-python/tree-sitter-python.wasm'];

async function build() {
  // Built aside and moved in whole: who runs dist/ meanwhile never meets half a build.
  const aside = outdir
    ? `${dist}-${process.pid}`
    : join(root, 'node_modules/.cache/frugal', `dist-${process.pid}`);
  mkdirSync(aside, { recursive: true });
  process.on('exit', () => rmSync(aside, { recursive: true, force: true }));
  const started = new Date();
  const shipped = { ...common, minify: !dev, sourcemap: dev ? 'linked' : false, outdir: aside };
  await Promise.all([
    esbuild.build({
      ...shipped,
      entryPoints: { cli: 'cli/main.ts', server: 'server/main.ts' },
      format: 'esm',
      splitting: true,
      outExtension: { '.js': '.mjs' },
      chunkNames: '[name]-[hash]',
      plugins: [fewLanguages],
      banner: { js: requireBanner },
    }),
    esbuild.build({
      ...shipped,
      entryPoints: { client: 'client/extension.ts' },
      format: 'cjs',
      outExtension: { '.js': '.cjs' },
      external: ['vscode'],
    }),
    esbuild.build({
      ...shipped,
      entryPoints: { panel: 'client/webview/main.ts' },
      format: 'iife',
      platform: 'browser',
      target: 'es2022',
    }),
    esbuild.build({ ...shipped, entryPoints: { panel: 'client/webview/panel.css' } }),
  ]);
  for (const file of wasm) copyFileSync(join(root, 'node_modules', file), join(aside, file.split('/')[1]));
  // What scripts/steps.mjs compares with the sources' times: one saved during the build is newer.
  writeFileSync(join(aside, '.built'), '');
  utimesSync(join(aside, '.built'), started, started);
  const old = `${aside}-old`;
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(aside, dist);
  rmSync(old, { recursive: true, force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // esbuild has said what is wrong by then.
  await build().catch((error) => {
    if (!error.errors) throw error;
    process.exitCode = 1;
  });
}
