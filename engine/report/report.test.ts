import { marked } from 'marked';
import { describe, expect, test } from 'vitest';
import { rules } from '../../rules/index.ts';
import { newChecklist, parseChecklist, setItem } from '../checklist/checklist.ts';
import { parseCodecarbon } from '../emissions/codecarbon.ts';
import { CODECARBON_3 } from '../emissions/fixtures.ts';
import { totalsOf } from '../emissions/totals.ts';
import { allRules } from '../engine.ts';
import { scoreOf } from '../score.ts';
import { workspace } from '../testing.ts';
import { html } from './escape.ts';
import { reportHtml } from './html.ts';
import { reportMarkdown } from './markdown.ts';
import { buildReport, type Report, reportJson } from './report.ts';
import { REPORT_TEXTS } from './texts.ts';

const WASTE = `import torch
from transformers import AutoModel
model = AutoModel.from_pretrained('bert-large-uncased')
optimizer = torch.optim.AdamW(model.parameters())
for epoch in range(500):
    optimizer.zero_grad()
    loss = model(torch.zeros(3)).loss
    loss.backward()
    optimizer.step()
`;

const HIDDEN = /\u202e|\0|\p{Cs}/u;

/** Texts that would do something where they were taken for more than text. */
const EVIL = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '[x](command:workbench.action.quit)',
  '![x](http://evil/x.png)',
  '=HYPERLINK("http://evil")',
  '| a | b |',
  '`\n# heading\n',
  '</title></style><!-- ',
  '\u202e\u0000\ud800',
  '{{7*7}} &lt;',
].join(' ');

async function report(language: 'en' | 'fr', evil = ''): Promise<Report> {
  const name = evil === '' ? 'train.py' : `${evil.replaceAll('/', '∕')}.py`;
  const { engine } = workspace({ [name]: WASTE });
  const result = await engine.lint(['/workspace'], '/workspace');
  const ticked =
    setItem(newChecklist(language), 'need', { done: true, who: `Ada ${evil}`, why: evil }, language) ?? '';
  const csv = CODECARBON_3.replaceAll(',leaf,', `,"${`leaf ${evil}`.replaceAll('"', '""')}",`);
  const { runs, faults } = parseCodecarbon(`/workspace/${evil}emissions.csv`, csv);
  const withMessages = {
    ...result,
    files: result.files.map((file) => ({
      ...file,
      findings: file.findings.map((one) => ({ ...one, message: `${one.message} ${evil}` })),
    })),
    problems:
      evil === ''
        ? []
        : [{ path: '/x', level: 'error' as const, message: { en: `/x: ${evil}`, fr: `/x : ${evil}` } }],
  };
  return buildReport({
    language,
    version: '1.2.3',
    project: `leaf${evil}`,
    date: '2026-11-22',
    score: scoreOf(result.sites, allRules()),
    result: withMessages,
    rules: allRules(rules),
    checklist: parseChecklist(`${ticked}\n- [ ] ${evil}\n`),
    runs,
    totals: totalsOf(runs),
    trackers: [
      {
        path: `/workspace/${evil}.py`,
        line: 3,
        cell: 0,
        library: 'codecarbon',
        state: 'missing',
        last: null,
      },
    ],
    files: [{ path: `/workspace/${evil}emissions.csv`, faults }],
    show: (path) => path.replace('/workspace/', ''),
  });
}

describe.each(['en', 'fr'] as const)('in %s', (language) => {
  test('HTML, Markdown and JSON tell the score, findings, checklist, runs and method', async () => {
    const made = await report(language);
    expect(made.phases.length).toBeGreaterThan(0);
    const page = await reportHtml(made);
    expect(page).toContain(`<html lang="${language}">`);
    const markdown = reportMarkdown(made);
    for (const text of [page, markdown]) {
      for (const key of ['score', 'findings', 'checklist', 'measured', 'method'] as const) {
        expect(text).toContain(REPORT_TEXTS[key][language]);
      }
      expect(text).toContain('train.py:');
      expect(text).toContain('training-without-tracker');
      expect(text).toContain(language === 'fr' ? '0,023' : '0.023');
      expect(text).toContain('Ada');
    }
    const json = JSON.parse(reportJson(made));
    expect(json).toMatchObject({ version: '1.2.3', checklist: { done: 1 }, runs: [{ energy: 0.023 }, {}] });
    expect(json.findings[0]).toMatchObject({ path: 'train.py', rule: expect.any(String) });
    expect(json.score.phases).toHaveProperty('training');
  });
});

test('HTML needs nothing from outside and allows nothing but its styles', async () => {
  const page = await reportHtml(await report('en'));
  expect(page).not.toMatch(/<script|<link|<img|<iframe|\ssrc=|\shref=|\sstyle=|\son\w+=|url\(|@import/i);
  const policy = /Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1] ?? '';
  expect(policy).toMatch(
    /^default-src 'none'; style-src 'sha256-[\w+/]+=*'; base-uri 'none'; form-action 'none'$/,
  );
  const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? '';
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style));
  expect(policy).toContain(`'sha256-${Buffer.from(digest).toString('base64')}'`);
});

describe('hostile names, messages, cells and Markdown', () => {
  test('stay text in HTML', async () => {
    const page = await reportHtml(await report('en', EVIL));
    // Tags of the page with and without the evil are the same kinds.
    const tags = (text: string) =>
      [...new Set([...text.matchAll(/<\/?([a-z][a-z0-9]*)/gi)].map(([, tag]) => tag))].sort();
    expect(tags(page)).toEqual(expect.arrayContaining(['main']));
    expect(tags(page).filter((tag) => !tags(`${STANDARD}`).includes(tag))).toEqual([]);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).not.toMatch(/<[^>]+\son\w+\s*=/i);
    expect(page).not.toMatch(HIDDEN);
    expect(page.match(/<title>/g)?.length).toBe(
      (await reportHtml(await report('en'))).match(/<title>/g)?.length,
    );
  });

  test('stay text in Markdown', async () => {
    const markdown = reportMarkdown(await report('en', EVIL));
    const page = await marked(markdown);
    const tags = new Set([...page.matchAll(/<([a-z][a-z0-9]*)/gi)].map(([, tag]) => tag));
    for (const tag of ['script', 'img', 'style', 'title', 'iframe']) expect(tags).not.toContain(tag);
    expect(page).not.toMatch(/href="(?!https?:)/);
    expect(page).not.toMatch(/<[^>]+\son\w+\s*=/i);
    expect(markdown).not.toMatch(HIDDEN);
    expect(markdown).not.toMatch(/^# heading/m);
    // A bar in a cell would shift the columns.
    const table = markdown.split('\n').filter((line) => line.startsWith('| ') && line.includes('Ada'));
    for (const line of table) expect(line.replaceAll('\\|', '').split('|')).toHaveLength(7);
  });

  test('stay text in JSON', async () => {
    expect(JSON.parse(reportJson(await report('en', EVIL))).project).toBe(`leaf${EVIL}`);
  });
});

const STANDARD =
  '<html><head><meta><title><style><body><main><header><section><h1><h2><h3><h4><p><div><table><caption><thead><tbody><tr><th><td><code><svg><rect><text><line><ul><li>';

test('nothing to tell is told', async () => {
  const { engine } = workspace({ 'a.py': 'print(1)\n' });
  const result = await engine.lint(['/workspace'], '/workspace');
  const empty = buildReport({
    language: 'fr',
    version: '1',
    project: 'vide',
    date: '2026-11-22',
    score: null,
    result,
    rules: allRules(),
    checklist: null,
    runs: [],
    totals: [],
    trackers: [],
    files: [],
    show: (path) => path,
  });
  for (const text of [await reportHtml(empty), reportMarkdown(empty)]) {
    for (const key of ['noScore', 'noFindings'] as const) expect(text).toContain(REPORT_TEXTS[key].fr);
    expect(text).toContain('Aucune exécution mesurée');
  }
  expect(JSON.parse(reportJson(empty))).toMatchObject({ score: null, checklist: null, findings: [] });
});

test('templates escape what is no HTML of theirs', () => {
  expect(html`<p>${'<b>&"\''}${html`<i>${1}</i>`}</p>`.text).toBe('<p>&lt;b&gt;&amp;&quot;&#39;<i>1</i></p>');
});
