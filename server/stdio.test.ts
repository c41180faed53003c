/** The bundled server as editors start it: another process, over stdio. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { onLine, TestClient, until } from './testing.ts';

const SERVER = join(import.meta.dirname, '..', 'dist', 'server.mjs');

/** One certain finding, with a safe fix: a suppression of nothing. */
const STALE = 'import torch\n\nx = torch.zeros(3)  # frugal: ignore\n';
const FIXED = 'import torch\n\nx = torch.zeros(3)\n';

let folder: string;
let server: ChildProcess;
let client: TestClient;
let exited: Promise<number | null>;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'frugal-server-')));
  server = spawn(process.execPath, [SERVER, '--stdio'], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
  exited = new Promise((resolve) => server.on('exit', resolve));
  client = new TestClient(server.stdout!, server.stdin!);
});

afterEach(() => {
  server.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const uri = (name: string) => pathToFileURL(join(folder, name)).href;

describe('the server', () => {
  test('lints, mends and lints again', async () => {
    await client.initialize([folder]);
    client.open(uri('a.py'), STALE);
    expect(await client.codes(uri('a.py'))).toEqual(['unused-suppression']);
    const [all] = await client.actions(uri('a.py'), onLine(0, 0), ['source.fixAll']);
    client.apply((await client.resolve(all!)).edit!);
    expect(client.text(uri('a.py'))).toBe(FIXED);
    expect(await client.codes(uri('a.py'))).toEqual([]);
  });

  test('tells what is known of a model and of one answer', async () => {
    await client.initialize([folder]);
    const line =
      "reply = client.chat.completions.create(model='gpt-4o', messages=[], max_completion_tokens=400)";
    client.open(uri('a.py'), `from openai import OpenAI\n\nclient = OpenAI()\n${line}\n`);
    const hover = async (word: string) => {
      const at = {
        textDocument: { uri: uri('a.py') },
        position: { line: 3, character: line.indexOf(word) + 2 },
      };
      const found = (await client.connection.sendRequest('textDocument/hover', at)) as {
        contents: { value: string };
      } | null;
      return found?.contents.value ?? '';
    };
    expect(await hover('gpt-4o')).toContain('440 billion parameters');
    expect(await hover('completions.create')).toContain('Energy: **0.85–1.5 Wh**');
    expect(await hover('messages')).toBe('');
  });

  test('lints TypeScript, untitled documents and notebooks', async () => {
    await client.initialize([folder]);
    const ts = "import OpenAI from 'openai';\nexport const client = new OpenAI(); // frugal: ignore\n";
    client.open(uri('a.ts'), ts, 'typescript');
    expect(await client.codes(uri('a.ts'))).toEqual(['unused-suppression']);
    client.open('untitled:Untitled-1', STALE, 'python');
    expect(await client.codes('untitled:Untitled-1')).toEqual(['unused-suppression']);
    const cells = ['# a title', 'import torch', STALE.split('\n')[2]!];
    const cell = (index: number) => `vscode-notebook-cell:${folder}/n.ipynb#${index}`;
    await client.connection.sendNotification('notebookDocument/didOpen', {
      notebookDocument: {
        uri: uri('n.ipynb'),
        notebookType: 'jupyter-notebook',
        version: 1,
        cells: cells.map((_, index) => ({ kind: index === 0 ? 1 : 2, document: cell(index) })),
      },
      cellTextDocuments: cells.map((text, index) => ({
        uri: cell(index),
        languageId: index === 0 ? 'markdown' : 'python',
        version: 1,
        text,
      })),
    });
    expect(await client.codes(cell(1))).toEqual([]);
    const report = await client.pull(cell(2));
    expect(report.kind === 'full' && report.items.map(({ range }) => range)).toEqual([onLine(0, 20, 36)]);
    const [all] = await client.actions(cell(1), onLine(0, 0), ['notebook.source.fixAll']);
    expect((await client.resolve(all!)).edit?.documentChanges).toEqual([
      {
        textDocument: { uri: cell(2), version: 1 },
        edits: [{ range: onLine(0, 18, 36), newText: '' }],
      },
    ]);
  });

  test('reads the workspace’s configuration, and says where it is wrong', async () => {
    const config = join(folder, 'frugal.json');
    writeFileSync(config, '{\n  "rules": { "unused-suppression": "off" }\n}\n');
    await client.initialize([folder]);
    client.open(uri('a.py'), STALE);
    expect(await client.codes(uri('a.py'))).toEqual([]);
    const changed = async (text: string) => {
      writeFileSync(config, text);
      const before = client.refreshes;
      await client.connection.sendNotification('workspace/didChangeWatchedFiles', {
        changes: [{ uri: uri('frugal.json'), type: 2 }],
      });
      await until(() => client.refreshes > before);
    };
    await changed('{\n  "rules": { "unused-supression": "off" }\n}\n');
    await client.codes(uri('a.py'));
    const { diagnostics } = await until(() => client.published.get(uri('frugal.json')));
    expect(diagnostics[0]!.range.start.line).toBe(1);
    expect(diagnostics[0]!.message).toContain('unused-suppression');
    await until(() => client.messages.length === 1);
    await changed('{}\n');
    expect(await client.codes(uri('a.py'))).toEqual(['unused-suppression']);
    await until(() => client.published.get(uri('frugal.json'))?.diagnostics.length === 0);
  });

  test('lints the files of the workspace that are not open', async () => {
    writeFileSync(join(folder, 'a.py'), STALE);
    await client.initialize([folder]);
    expect(await client.execute('frugal.server.lintWorkspace')).toMatchObject({ findings: 1 });
    await until(() => client.published.get(uri('a.py'))?.diagnostics.length === 1);
  });

  test('survives half-typed code, hostile texts and a message that is no JSON', async () => {
    await client.initialize([folder]);
    const texts = [
      'import torch\nmodel = torch.(',
      '\0import torch',
      `import torch\n${'('.repeat(5000)}`,
      '\ud800torch',
    ];
    for (const [index, text] of texts.entries()) {
      client.open(uri(`${index}.py`), text);
      await client.codes(uri(`${index}.py`));
    }
    server.stdin!.write('Content-Length: 5\r\n\r\n{"a":');
    client.open(uri('z.py'), STALE);
    expect(await client.codes(uri('z.py'))).toEqual(['unused-suppression']);
  });

  test('ends with 0 after shutdown and exit', async () => {
    await client.initialize([folder]);
    await client.connection.sendRequest('shutdown');
    await client.connection.sendNotification('exit');
    expect(await exited).toBe(0);
  });

  test('ends with 1 on exit without shutdown', async () => {
    await client.initialize([folder]);
    await client.connection.sendNotification('exit');
    expect(await exited).toBe(1);
  });

  test('ends when its client is gone', async () => {
    await client.initialize([folder]);
    server.stdin!.end();
    expect(await exited).toBe(1);
  });
});
