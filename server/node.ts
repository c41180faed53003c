/** The language server on Node: its transport, file system, parsers and pages. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { frontEnds } from '../cli/assets.ts';
import { nodeFileSystem } from '../cli/node-file-system.ts';
import { allRules, createEngine } from '../engine/engine.ts';
import { said, ToldError } from '../engine/problem-texts.ts';
import { decodeText } from '../engine/read.ts';
import { type ServerHost, startServer } from './server.ts';

/** The package's own folder: the bundle lies in dist/, the sources in server/. */
const PACKAGE = new URL('..', import.meta.url);

const byId = new Map(allRules().map((rule) => [rule.id, rule]));

const host: ServerHost = {
  version: (JSON.parse(readFileSync(new URL('package.json', PACKAGE), 'utf8')) as { version: string })
    .version,
  createEngine: (language) => createEngine({ fileSystem: nodeFileSystem, ...frontEnds, language }),
  fileSystem: nodeFileSystem,
  rules: allRules(),
  rule: (id) => byId.get(id),
  pageUri(rule, language) {
    const names = language === 'fr' ? [`fr/${rule}`, rule] : [rule];
    const pages = names.map((name) => fileURLToPath(new URL(`docs/rules/${name}.md`, PACKAGE)));
    const page = pages.find((path) => existsSync(path));
    return page === undefined ? null : pathToFileURL(page).href;
  },
  async readText(path) {
    const decoded = decodeText(await nodeFileSystem.readFile(path));
    if (decoded.text === null) throw new ToldError(said(path, decoded.reason));
    return decoded.text;
  },
};

/**
 * V8 compiles at once what it would first interpret, and optimizes sooner (newer ones do by themselves): else the first
 * fifty keystrokes of a session wait half as long again as those after.
 */
function compileEarly(): void {
  setFlagsFromString('--always-sparkplug');
  if (Number.parseInt(process.versions.v8, 10) < 13) setFlagsFromString('--interrupt-budget=60000');
}

/** Serves the protocol until the client ends it: over what the command line names, else over stdio. */
export function serve(): void {
  compileEarly();
  const named = process.argv.some((argument) => /^--(?:stdio|node-ipc|socket|pipe)(?:=|$)/.test(argument));
  const connection = named
    ? createConnection(ProposedFeatures.all)
    : createConnection(ProposedFeatures.all, process.stdin, process.stdout);
  // A bug in one request must not end the session of all others.
  process.on('unhandledRejection', (error) => connection.console.error(describe(error)));
  process.on('uncaughtException', (error) => connection.console.error(describe(error)));
  startServer(connection, host);
  connection.listen();
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
