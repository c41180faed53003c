/**
 * How the server answers while it scans a large workspace for the panel: what VS Code asks, timed from outside. The
 * panel paints as soon as its first score request is answered; typing in an open file must go on meanwhile.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import {
  DidChangeTextDocumentNotification,
  DocumentDiagnosticRequest,
  type ProtocolConnection,
} from 'vscode-languageserver-protocol/node';
import { SCORE_REQUEST, type ScoreReport } from '../../protocol/score.ts';
import { quantile } from '../quantile.ts';
import { open, serve } from './latency.ts';
import { pythonModule } from './trees.ts';

/** Milliseconds: the median, one in twenty, the slowest. */
export interface Times {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

export interface Responsiveness {
  readonly analysed: number;
  readonly findings: number;
  /** Until the panel has something to paint, and until the scan is done. */
  readonly firstPaintMs: number;
  readonly scanMs: number;
  /** While the scan goes on, and after it. */
  readonly during: { readonly score: Times; readonly edit: Times };
  readonly after: { readonly score: Times; readonly edit: Times };
}

/** One file in ten trains something; the others are helpers that import each other. */
export function writeWorkspace(folder: string, files: number): void {
  for (let n = 0; n < files; n++) {
    const part = join(folder, `part_${Math.floor(n / 50)}`);
    if (n % 50 === 0) mkdirSync(part, { recursive: true });
    writeFileSync(join(part, `module_${n}.py`), n % 10 === 0 ? pythonModule(n) : helper(n));
  }
}

function helper(n: number): string {
  const before = n % 50 === 0 || n % 10 === 1 ? '' : `from .module_${n - 1} import rows_${n - 1}\n`;
  const functions = Array.from(
    { length: 6 },
    (_, i) => `def rows_${n}${i === 0 ? '' : `_${i}`}(path, limit=${n + i}):
    """Rows of a table, as dictionaries."""
    with open(path, newline='') as file:
        rows = list(csv.DictReader(file))
    return [row for row in rows if len(row) > ${i}][:limit]
`,
  );
  return `"""Helpers ${n}."""\nimport csv\n${before}\n\n${functions.join('\n\n')}`;
}

const timesOf = (values: readonly number[]): Times => ({
  count: values.length,
  p50: quantile(values, 0.5) || 0,
  p95: quantile(values, 0.95) || 0,
  max: Math.max(0, ...values),
});

/** Opens a file that trains, asks for the score, and goes on asking and typing until the scan is done and after it. */
export async function measureResponsiveness(
  command: readonly [string, ...string[]],
  folder: string,
): Promise<Responsiveness> {
  const path = join(folder, 'part_0', 'module_0.py');
  const session = { folder, uri: pathToFileURL(path).href, text: pythonModule(0), settings: {} };
  return serve(command, folder, async (connection) => {
    await open(connection, session, { score: true });
    const started = performance.now();
    let report = await ask(connection);
    const firstPaintMs = performance.now() - started;
    const line = session.text.split('\n').length - 1;
    let version = 1;
    const round = async (score: number[], edit: number[]) => {
      const from = performance.now();
      // Both at once, as the editor sends them: neither waits for the other.
      await Promise.all([
        ask(connection).then((answer) => {
          report = answer;
          score.push(performance.now() - from);
        }),
        type(connection, session.uri, line, ++version).then(() => edit.push(performance.now() - from)),
      ]);
      await sleep(100);
    };
    const during = { score: [] as number[], edit: [] as number[] };
    while (report.state === 'scanning') await round(during.score, during.edit);
    const scanMs = performance.now() - started;
    await sleep(3000); // what the typing left to do
    const after = { score: [] as number[], edit: [] as number[] };
    for (let at = 0; at < 30; at++) await round(after.score, after.edit);
    return {
      analysed: report.analysed,
      findings: report.findingCount,
      firstPaintMs,
      scanMs,
      during: { score: timesOf(during.score), edit: timesOf(during.edit) },
      after: { score: timesOf(after.score), edit: timesOf(after.edit) },
    };
  });
}

const ask = (connection: ProtocolConnection): Promise<ScoreReport> => connection.sendRequest(SCORE_REQUEST);

/** A comment letter by letter at the end of the file, then the file's diagnostics. */
async function type(
  connection: ProtocolConnection,
  uri: string,
  line: number,
  version: number,
): Promise<void> {
  const text = version % 40 === 2 ? '# ' : 'x';
  const at = { line, character: version % 40 === 2 ? 0 : 2 };
  await connection.sendNotification(DidChangeTextDocumentNotification.type, {
    textDocument: { uri, version },
    contentChanges: [{ range: { start: at, end: at }, text }],
  });
  await connection.sendRequest(DocumentDiagnosticRequest.type, { textDocument: { uri } });
}
