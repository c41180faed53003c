/** The extension in a real VS Code: what a newcomer does with the demo project. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, Steps, until } from './harness.mjs';
import { Workbench } from './workbench.mjs';

/** Entries of the light bulb that every finding has. */
const COMMON = /^(?:Ignore|Open the page|Fix all|Add )/;

/** Line (from 1) of the first line with this text. */
function lineOf(path, text) {
  const index = readFileSync(path, 'utf8')
    .split('\n')
    .findIndex((line) => line.includes(text));
  assert(index >= 0, `${path} has no line with ${text}`);
  return index + 1;
}

/** @param picture where the README's picture goes; null keeps none */
export async function testVsCode({ tools, vsix, workspace, home, logs, picture }) {
  let workbench;
  const steps = new Steps((name) => workbench?.keepEvidence(logs, name));
  const at = (...path) => join(workspace, ...path);
  const read = (...path) => readFileSync(at(...path), 'utf8');

  try {
    workbench = await steps.run('install the VSIX and open the project', () =>
      Workbench.open({ tools, vsix, folder: workspace, home, logs }),
    );
    const { page } = workbench;
    const problem = (text) => workbench.problems().then((rows) => rows.find((row) => row.includes(text)));

    await steps.run('a wasteful file has a squiggle and a message', async () => {
      await workbench.openFile('serve.py');
      await until('the problem is listed', () => problem('inference-without-eval'));
      await workbench.goTo(lineOf(at('serve.py'), 'scores = model('));
      await until('the squiggle shows', () => workbench.squiggles().count());
    });

    await steps.run('the status bar counts', () =>
      until('the count shows', async () =>
        /Frugal: [1-9]/.test(
          await page
            .locator('#frugal\\.frugal-lint\\.frugal\\.status, [id*="frugal.status"]')
            .first()
            .textContent(),
        ),
      ),
    );

    await steps.run('the message says why, with a link', async () => {
      await workbench.goTo(lineOf(at('serve.py'), 'scores = model('), 15);
      await workbench.hover(/More about this rule/);
      await workbench.press('Escape');
    });

    await steps.run('the light bulb offers fixes; a picture', async () => {
      await workbench.goTo(lineOf(at('serve.py'), 'scores = model('), 14);
      await workbench.lightBulb(/eval/i);
      if (picture) await workbench.picture(picture);
      await workbench.press('Escape');
    });

    await steps.run('a quick fix mends the file, and the squiggle goes', async () => {
      const before = read('serve.py');
      await workbench.goTo(lineOf(at('serve.py'), 'scores = model('), 14);
      const titles = await workbench.lightBulb(/eval/i);
      const title = titles.find((one) => /eval/i.test(one) && !COMMON.test(one));
      assert(title, `no fix among ${titles.join(' | ')}`);
      await workbench.choose(title);
      await until('the problem is gone', async () => !(await problem('inference-without-eval')));
      assert(read('serve.py') === before, 'the file changed on disk before it was saved');
      await workbench.save();
      await until('the fix is on disk', () => /\.eval\(\)/.test(read('serve.py')));
      assert(read('serve.py') !== before, 'nothing changed on disk');
    });

    await steps.run('fix-all on save', async () => {
      mkdirSync(at('.vscode'));
      const onSave = { 'editor.codeActionsOnSave': { 'source.fixAll.frugal': 'explicit' } };
      writeFileSync(at('.vscode', 'settings.json'), JSON.stringify(onSave));
      await workbench.openFile('fix_me.py');
      // A hint: it has dots in the editor and no row among the problems.
      await until('the dots show', () => workbench.squiggles('hint').count());
      await until('saving fixes', async () => {
        await workbench.focusEditor();
        await workbench.press('Control+End');
        await page.keyboard.type('\n');
        await workbench.save();
        await page.waitForTimeout(1500);
        return !/ignore/.test(read('fix_me.py'));
      });
      rmSync(at('.vscode'), { recursive: true });
    });

    await steps.run('a TypeScript file', async () => {
      await workbench.openFile('route.ts');
      await until('the problem is listed', () => problem('uncapped-llm-output'));
      await workbench.goTo(lineOf(at('web', 'app', 'api', 'chat', 'route.ts'), 'streamText({'), 18);
      await until('the squiggle shows', () => workbench.squiggles().count());
      const titles = await workbench.lightBulb(/^(?!Ignore|Open|Fix all|Add ).*/);
      await workbench.choose(titles.find((one) => !COMMON.test(one)));
      await until('the problem is gone', async () => !(await problem('uncapped-llm-output')));
      await workbench.save();
      await until('the fix is on disk', () =>
        /maxOutputTokens/.test(read('web', 'app', 'api', 'chat', 'route.ts')),
      );
    });

    await steps.run('a cell of a notebook', async () => {
      const before = JSON.parse(read('notebooks', 'questions.ipynb'));
      await workbench.openFile('questions.ipynb');
      await until('the problem is listed', () => problem('inference-without-eval'));
      const squiggle = page.locator('.notebookOverlay .squiggly-warning');
      await until('the squiggle shows in the cell', async () => {
        await workbench.goToProblem('inference-without-eval');
        await squiggle.first().waitFor({ timeout: 5000 });
        return true;
      });
      const titles = await workbench.lightBulb(/eval/i);
      await workbench.choose(titles.find((one) => /eval/i.test(one) && !COMMON.test(one)));
      await until('the problem is gone', async () => !(await problem('inference-without-eval')));
      await workbench.save();
      const after = await until('the fix is on disk', () => {
        const json = JSON.parse(read('notebooks', 'questions.ipynb'));
        return JSON.stringify(json).includes('.eval()') && json;
      });
      assert(after.cells.length === before.cells.length, 'the cells are not the same');
    });

    await steps.run('the whole workspace, and a rule’s page from its link', async () => {
      await workbench.command('Frugal: Lint Workspace');
      await until('closed files are listed', () => problem('train.py'));
      const link = page.locator('.markers-panel-container a', { hasText: 'inference-without-eval' }).first();
      const other = page.locator('.markers-panel-container a').first();
      await ((await link.count()) ? link : other).click();
      await until('the page opens', () => page.locator('.tab', { hasText: /Preview/ }).count());
    });

    await steps.run('the server restarts', async () => {
      await workbench.command('Frugal: Restart Server');
      await until('what the old server said is gone', async () => !(await problem('train.py')));
      await workbench.openFile('train.py');
      await until('the new server speaks', () => problem('train.py'));
    });
    return steps.count;
  } finally {
    await workbench?.close();
  }
}
