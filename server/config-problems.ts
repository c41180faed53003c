/** Shows what is wrong with a configuration where it stands: a diagnostic on its file, and one message. */
import type { Connection } from 'vscode-languageserver';
import type { ConfigError, Problem } from '../engine/types.ts';
import { problemDiagnostic } from './diagnostics.ts';
import type { Documents } from './documents.ts';
import { toUri } from './uri.ts';

export class ConfigProblems {
  readonly #connection: Connection;
  readonly #documents: Documents;
  /** Linted file -> the problems its runs met outside of it. */
  readonly #bySource = new Map<string, readonly Problem[]>();
  readonly #shown = new Set<string>();
  readonly #published = new Set<string>();

  constructor(connection: Connection, documents: Documents) {
    this.#connection = connection;
    this.#documents = documents;
  }

  /** What one run of `source` met; problems of the file itself are its own diagnostics. */
  report(source: string, problems: readonly Problem[]): void {
    const others = problems.filter(({ path, level }) => path !== source && level === 'error');
    const before = this.#bySource.get(source) ?? [];
    if (others.length === 0 && before.length === 0) return;
    if (others.length === 0) this.#bySource.delete(source);
    else this.#bySource.set(source, others);
    this.#publish();
  }

  /** A configuration that stopped the run. */
  reportError(source: string, error: ConfigError): void {
    if (!this.#shown.has(error.message)) {
      this.#shown.add(error.message);
      this.#connection.window.showErrorMessage(`Frugal: ${error.message}`);
    }
    const { path, message } = error;
    this.report(source, path === undefined ? [] : [{ path, level: 'error', message }]);
  }

  forget(source: string): void {
    this.report(source, []);
  }

  /** The configuration changed: what was wrong may be said again. */
  reset(): void {
    this.#shown.clear();
  }

  #publish(): void {
    const messages = new Map<string, Set<string>>();
    for (const problems of this.#bySource.values()) {
      for (const { path, message } of problems) {
        const known = messages.get(path) ?? new Set();
        messages.set(path, known.add(message));
      }
    }
    for (const path of new Set([...this.#published, ...messages.keys()])) {
      const found = [...(messages.get(path) ?? [])];
      if (found.length === 0) this.#published.delete(path);
      else this.#published.add(path);
      const uri = this.#documents.isOpen(path) ? this.#documents.uri(path) : toUri(path);
      const diagnostics = found.map((message) => problemDiagnostic({ path, message }));
      void this.#connection.sendDiagnostics({ uri, diagnostics });
    }
  }
}
