/** The packaged command's report in a browser: nobody is shut out, nothing runs, nothing is fetched. */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { assert, output, Steps } from './harness.mjs';
import { unpack } from './vsix.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const MEASURED = `timestamp,project_name,run_id,duration,emissions,energy_consumed,country_name
2026-03-02T09:00:00,leaf,a,3400,0.8,2.1,France
2026-04-02T09:00:00,leaf,b,2400,0.5,1.4,France
2026-05-02T09:00:00,"<img src=x onerror=""document.title='hacked'"">",c,1800,0.3,=1+1,France
2026-05-03T09:00:00,"<script>document.title='hacked'</script>",d,1800,0.3,0.9,France
`;
const HOSTILE = '<img src=x onerror=alert(1)>.py';

export async function testReport({ tools, vsix, workspace, home, logs }) {
  const steps = new Steps();
  const extension = await steps.run('unpack the VSIX', async () => unpack(vsix, join(home, 'vsix')));
  const frugal = async (...args) => {
    const command = [join(extension, 'dist', 'cli.mjs'), ...args];
    const { code, text } = await output(process.execPath, command, { cwd: workspace });
    assert(code === 0, `frugal ${args.join(' ')} ended with ${code}:\n${text}`);
  };
  await steps.run('write the reports of a workspace with hostile names and cells', async () => {
    mkdirSync(join(workspace, '.git'), { recursive: true });
    writeFileSync(join(workspace, 'emissions.csv'), MEASURED);
    writeFileSync(join(workspace, HOSTILE), readFileSync(join(workspace, 'quantize.py')));
    await frugal('checklist', '--init');
    await frugal(
      'checklist',
      '--tick',
      'need',
      '--who',
      '<b onclick=alert(1)>Ada</b>',
      '--why',
      '"><script>',
    );
    appendFileSync(join(workspace, 'FRUGAL.md'), '\n- [ ] <iframe src="javascript:alert(1)">\n');
    for (const language of ['en', 'fr']) {
      await frugal('report', '--language', language, '-o', join(logs, `report.${language}.html`));
    }
  });

  const browser = await chromium.launch({ executablePath: tools.chromium, args: ['--no-sandbox'] });
  try {
    for (const language of ['en', 'fr']) {
      await steps.run(
        `axe finds nothing wrong, nothing runs and nothing is fetched: ${language}`,
        async () => {
          const page = await browser.newPage({ viewport: { width: 1000, height: 800 } });
          const noise = [];
          page.on('console', (message) => noise.push(message.text()));
          page.on('pageerror', (error) => noise.push(String(error)));
          page.on('dialog', (dialog) => {
            noise.push(dialog.message());
            void dialog.dismiss();
          });
          page.on('request', (request) => noise.push(request.url()));
          const file = join(logs, `report.${language}.html`);
          await page.goto(pathToFileURL(file).href);
          const title = await page.title();
          for (const [width, media] of [
            [1000, 'screen'],
            [360, 'screen'],
            [794, 'print'],
          ]) {
            await page.emulateMedia({ media });
            await page.setViewportSize({ width, height: 800 });
            const violations = await page.evaluate(
              `${AXE};axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))`,
            );
            assert(violations.length === 0, `axe, ${media} at ${width}:\n${violations.join('\n')}`);
            await page.screenshot({
              path: join(logs, `report.${language}.${media}.${width}.png`),
              fullPage: true,
            });
          }
          await page.pdf({ path: join(logs, `report.${language}.pdf`), format: 'A4' });
          const count = await page.locator('script, img, iframe, [onclick], [onerror], a[href]').count();
          assert(count === 0, `${count} elements that the report does not make`);
          assert(title === (await page.title()) && !title.includes('hacked'), `the title is ${title}`);
          assert(noise.length === 1 && noise[0].endsWith('.html'), `not quiet:\n${noise.join('\n')}`);
          const text = await page.locator('body').textContent();
          for (const said of [HOSTILE, '<script>document.title', '<b onclick=alert(1)>Ada</b>']) {
            assert(text.includes(said), `${said} is not shown as text`);
          }
          await page.close();
        },
      );
    }
  } finally {
    await browser.close();
  }
  return steps.count;
}
