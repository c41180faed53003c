/** The packaged server in Neovim, as Debian has it: a client that was not made for it, and does not pull. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assert, output, Steps } from './harness.mjs';
import { SUBJECT } from './projects.mjs';
import { unpack } from './vsix.mjs';

const SCRIPT = fileURLToPath(new URL('neovim.lua', import.meta.url));

export async function testNeovim({ tools, vsix, workspace, home, logs }) {
  const steps = new Steps();
  mkdirSync(home, { recursive: true });
  const extension = await steps.run('unpack the VSIX', async () => unpack(vsix, join(home, 'vsix')));
  const file = join(workspace, SUBJECT.file);
  await steps.run('attach, see the finding, mend it', async () => {
    const env = {
      ...process.env,
      HOME: home,
      XDG_CONFIG_HOME: join(home, 'config'),
      XDG_STATE_HOME: join(home, 'state'),
      XDG_CACHE_HOME: join(home, 'cache'),
      XDG_DATA_HOME: join(home, 'data'),
      FRUGAL_NODE: process.execPath,
      FRUGAL_SERVER: join(extension, 'dist', 'server.mjs'),
      FRUGAL_FILE: file,
      FRUGAL_RULE: SUBJECT.rule,
    };
    const { code, text } = await output(
      tools.nvim,
      ['--clean', '--headless', '-n', '-c', `luafile ${SCRIPT}`],
      { env, cwd: home },
    );
    writeFileSync(join(logs, 'neovim.log'), text);
    assert(code === 0, `Neovim ended with ${code}:\n${text}`);
    for (const line of text.split('\n').filter((one) => one.startsWith('ok ')))
      console.log(`        ${line.slice(3)}`);
  });
  await steps.run('the fix is on disk', async () => {
    assert(SUBJECT.mended.test(readFileSync(file, 'utf8')), 'the file is as it was');
  });
  return steps.count;
}
