/** Edit-to-diagnostics latency over the protocol: a change, then a pull of the file's diagnostics, timed together. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentDiagnosticRequest,
  InitializedNotification,
  InitializeRequest,
  type ProtocolConnection,
  RegistrationRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';
import { quantile } from '../quantile.ts';

export interface Latency {
  readonly edits: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
  /** Diagnostics of the opened file: a server that finds nothing is not measured. */
  readonly diagnostics: number;
  /** How often the diagnostics came out different from those before the edit. */
  readonly differing: number;
  /** Resident memory in bytes, at the median of each tenth of the edits; null where the system does not tell. */
  readonly memory: readonly number[] | null;
}

/** For all edits together. */
const TIMEOUT_MS = 300_000;

export interface Edit {
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Someone at work in `text`: types an expression letter by letter at the end of a line, takes it back, goes on
 * elsewhere. Lines with the calls that rules look at turn into comments on the way and back, so findings come and go.
 */
export function typing(text: string, count: number): Edit[] {
  const lines = text.split('\n');
  const places = lines.flatMap((line, i) => (/^ {4,}[\w.]+.*[)\w]$/.test(line) ? [i] : []));
  const calls = places.filter((line) => /DataLoader\(|from_pretrained\(|model\(/.test(lines[line] ?? ''));
  const edits: Edit[] = [];
  const typed = '  # see';
  for (let turn = 0; edits.length < count; turn++) {
    // The last calls first: they are those that run.
    const comments = turn % 3 === 2;
    const line =
      (comments
        ? calls.at(-1 - (Math.floor(turn / 3) % calls.length))
        : places[(turn * 7919) % places.length]) ?? 0;
    const content = lines[line] ?? '';
    if (comments) {
      const indent = content.length - content.trimStart().length;
      edits.push({ line, start: indent, end: indent, text: '# ' });
      edits.push({ line, start: indent, end: indent + 2, text: '' });
      continue;
    }
    for (let i = 0; i < typed.length; i++) {
      edits.push({ line, start: content.length + i, end: content.length + i, text: typed[i] ?? '' });
    }
    for (let i = typed.length; i > 0; i--) {
      edits.push({ line, start: content.length + i - 1, end: content.length + i, text: '' });
    }
  }
  return edits.slice(0, count);
}

function residentBytes(pid: number | undefined): number | null {
  try {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes ? Number(kilobytes) * 1024 : null;
  } catch {
    return null;
  }
}

interface Session {
  readonly folder: string;
  readonly uri: string;
  readonly text: string;
  readonly settings: unknown;
}

/** Begins a session and opens its file. @param more of our own initialization options */
export async function open(
  connection: ProtocolConnection,
  { folder, uri, text, settings }: Session,
  more: object = {},
): Promise<void> {
  await connection.sendRequest(InitializeRequest.type, {
    processId: process.pid,
    rootUri: pathToFileURL(folder).href,
    workspaceFolders: [{ uri: pathToFileURL(folder).href, name: 'bench' }],
    capabilities: {
      textDocument: { diagnostic: { dynamicRegistration: true, relatedDocumentSupport: false } },
      workspace: { diagnostics: { refreshSupport: true }, workspaceFolders: true },
    },
    initializationOptions: { settings, ...more },
  });
  await connection.sendNotification(InitializedNotification.type, {});
  const textDocument = { uri, languageId: 'python', version: 1, text };
  await connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
}

/** Runs `work` with a server that speaks the protocol over stdio. Rejects when it dies or does not answer in time. */
export async function serve<T>(
  command: readonly [string, ...string[]],
  folder: string,
  work: (connection: ProtocolConnection, pid: number | undefined) => Promise<T>,
): Promise<T> {
  const [program, ...args] = command;
  const child = spawn(program, args, { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] });
  const died = new Promise<never>((_, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`${command.join(' ')} ended with ${code}`)));
    setTimeout(() => reject(new Error(`${command.join(' ')} gave no answer in time`)), TIMEOUT_MS).unref();
  });
  died.catch(() => {});
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.onRequest(RegistrationRequest.type, () => {});
  connection.listen();
  try {
    return await Promise.race([work(connection, child.pid), died]);
  } finally {
    connection.dispose();
    child.kill('SIGKILL');
  }
}

/** Measures a server on one file. */
export async function measureLatency(
  command: readonly [string, ...string[]],
  text: string,
  edits: readonly Edit[],
  settings: unknown = {},
): Promise<Latency> {
  const folder = mkdtempSync(join(tmpdir(), 'frugal-latency-'));
  const path = join(folder, 'train.py');
  writeFileSync(path, text);
  const uri = pathToFileURL(path).href;
  try {
    return await serve(command, folder, (connection, pid) =>
      edit(connection, { folder, uri, text, settings }, edits, pid),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function edit(
  connection: ProtocolConnection,
  session: Session,
  edits: readonly Edit[],
  pid: number | undefined,
): Promise<Latency> {
  await open(connection, session);
  const { uri } = session;
  let previousResultId: string | undefined;
  const pull = async () => {
    const params = { textDocument: { uri }, ...(previousResultId ? { previousResultId } : {}) };
    const answer = await connection.sendRequest(DocumentDiagnosticRequest.type, params);
    previousResultId = answer.resultId;
    return answer;
  };
  const first = await pull();
  const shown = (answer: Awaited<ReturnType<typeof pull>>) =>
    answer.kind === 'full' ? JSON.stringify(answer.items.map((item) => [item.code, item.range])) : null;
  let before = shown(first);
  let differing = 0;
  const times: number[] = [];
  const memory: number[] = [];
  let version = 1;
  for (const { line, start, end, text: inserted } of edits) {
    version += 1;
    const range = { start: { line, character: start }, end: { line, character: end } };
    const from = performance.now();
    await connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri, version },
      contentChanges: [{ range, text: inserted }],
    });
    const answer = await pull();
    times.push(performance.now() - from);
    const now = shown(answer) ?? before;
    if (now !== before) differing += 1;
    before = now;
    const resident = residentBytes(pid);
    if (resident !== null) memory.push(resident);
  }
  await connection.sendRequest(ShutdownRequest.type);
  const tenth = Math.max(1, Math.floor(memory.length / 10));
  return {
    edits: edits.length,
    p50: quantile(times, 0.5),
    p95: quantile(times, 0.95),
    max: Math.max(...times),
    diagnostics: first.kind === 'full' ? first.items.length : 0,
    differing,
    memory:
      memory.length === 0
        ? null
        : Array.from({ length: 10 }, (_, i) => quantile(memory.slice(i * tenth, (i + 1) * tenth), 0.5) || 0),
  };
}
