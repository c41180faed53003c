/**
 * `npm run test:e2e`: the packaged extension in a real VS Code, the packaged server in Neovim, the packaged
 * command's report in a browser. Options: `vscode`, `neovim`, `report` run only that part; `--vsix FILE` takes a package that is there; `--picture` renews docs/images/vscode.png.
 * Logs and pictures of a failed run stay in a folder that is named at the end.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { install as installDependencies } from '../scripts/steps.mjs';
import { output } from './harness.mjs';
import { install } from './install.mjs';
import { writeProject } from './projects.mjs';

// On a bare clone the dependencies come first: what follows imports them.
installDependencies();
const { testNeovim } = await import('./neovim.mjs');
const { testReport } = await import('./report.mjs');
const { testVsCode } = await import('./vscode.mjs');

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values, positionals } = parseArgs({
  options: { vsix: { type: 'string' }, picture: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const wanted = (name) => positionals.length === 0 || positionals.includes(name);

const tools = install();
const home = mkdtempSync(join(tmpdir(), 'frugal-e2e-'));
const logs = join(home, 'logs');
mkdirSync(logs);

const project = (name) => writeProject(root, join(home, name));

async function packaged() {
  if (values.vsix) return values.vsix;
  const vsix = join(home, 'frugal-lint.vsix');
  const script = join(root, 'scripts', 'package.mjs');
  const { code, text } = await output(process.execPath, [script, '--out', vsix], {
    cwd: root,
    patience: 300_000,
  });
  if (code !== 0) throw new Error(text);
  return vsix;
}

try {
  const vsix = await packaged();
  let count = 0;
  if (wanted('vscode')) {
    console.log('VS Code');
    const picture = values.picture ? join(root, 'docs', 'images', 'vscode.png') : join(logs, 'vscode.png');
    mkdirSync(dirname(picture), { recursive: true });
    count += await testVsCode({
      tools,
      vsix,
      workspace: project('leaf-doctor'),
      home: join(home, 'vscode'),
      logs,
      picture,
    });
  }
  if (wanted('neovim')) {
    console.log('Neovim');
    count += await testNeovim({
      tools,
      vsix,
      workspace: project('leaf-doctor-nvim'),
      home: join(home, 'nvim'),
      logs,
    });
  }
  if (wanted('report')) {
    console.log('Report');
    count += await testReport({
      tools,
      vsix,
      workspace: project('leaf-doctor-report'),
      home: join(home, 'report'),
      logs,
    });
  }
  console.log(`${count} passed, 0 failed`);
  rmSync(home, { recursive: true, force: true });
  process.exit(0);
} catch (error) {
  console.error(error);
  console.error(`Logs and pictures: ${logs}`);
  process.exit(1);
}
