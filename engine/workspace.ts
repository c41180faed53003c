/**
 * The files of one workspace: read, let through by the gate, joined by their imports, parsed where they matter.
 *
 * What is parsed: files that name a library (`hits`), files that import those, directly or not (a call on a model made
 * elsewhere counts), and all that these import (constants, helper functions). A request to a route
 * of the same application counts as an import of the file that answers. The graph is read off the raw text, so no other
 * file is parsed.
 */
import type { FrontEnd } from '../analysis/front-end.ts';
import { linkModule } from '../analysis/link.ts';
import type { Language } from '../analysis/model.ts';
import { joinCells, readNotebook } from '../analysis/notebook/notebook.ts';
import { parseCells } from '../analysis/notebook/parse.ts';
import { Project } from '../analysis/program/project.ts';
import { type ImportLike, importCandidates } from '../analysis/program/resolve-imports.ts';
import { type Routing, requestsIn, routeEdges, routesIn } from '../analysis/program/routes.ts';
import type { Text } from '../rules/rule.ts';
import type { Config } from './config.ts';
import { DependencyLoader } from './dependencies.ts';
import { type Discovery, discover, isLeftOut } from './discovery.ts';
import { type Document, placeName } from './document.ts';
import type { Gate } from './gate.ts';
import { scanImports } from './import-scan.ts';
import { isMinifiedName, languageOf } from './languages.ts';
import { mapLimited, type Pacer } from './pacer.ts';
import { basename, foldersUp, isInside } from './paths.ts';
import { notebookText, reasonOf, said, what } from './problem-texts.ts';
import { decodeText } from './read.ts';
import type { FileSystem, NotebookCell, Problem } from './types.ts';

/** Code larger than this was made by a program. */
const MAX_CODE_BYTES = 5_000_000;
const MAX_NOTEBOOK_BYTES = 200_000_000;
const MAX_LINE = 1_000_000;
/** JavaScript whose lines are this long on average was minified. */
const MINIFIED_LINE = 800;
/** Beyond this many files a workspace is no project: what is asked for is linted, the rest is not looked at for context. */
const MAX_CONTEXT_FILES = 20_000;
/** Up to so many files, of so many characters (a second or two to parse), a file is judged beside all of its workspace. */
const MAX_SURROUNDINGS = 200;
const MAX_SURROUNDINGS_TEXT = 1_000_000;
const PARALLEL_READS = 16;
const NO_ROUTING: Routing = { requests: [], routes: [] };

export interface WorkspaceHost {
  readonly fileSystem: FileSystem;
  readonly gate: Gate;
  frontEnd(language: Language): Promise<FrontEnd>;
  configOf(folder: string, top: string): Promise<Config>;
  /** Default: 20,000. */
  readonly maxContextFiles?: number;
  /** An open document's content, over what is on disk. */
  overlay(
    path: string,
  ): { readonly content: string | readonly NotebookCell[]; readonly version: number } | undefined;
}

/** What is known of a file without a parse. */
interface SourceFile {
  readonly path: string;
  /** Tells one state of the content from another. */
  readonly stamp: string;
  /** Kept where the gate lets the file through. */
  text: string | null;
  readonly cells: readonly NotebookCell[] | null;
  readonly isHit: boolean;
  readonly imports: readonly ImportLike[];
  /** What it asks of the application's own server, and what it answers there. */
  readonly routing: Routing;
  readonly lines: number;
  /** Why it cannot be linted, or what stands in the way of some of it. */
  readonly problems: readonly Problem[];
  /** Made on demand. */
  document: Document | null;
  /** What parsing found. */
  parseProblems: readonly Problem[];
}

interface Graph {
  readonly version: number;
  /** Files to parse. */
  readonly relevant: ReadonlySet<string>;
  /** Imports and requests to own routes, in both directions, among the relevant files. */
  readonly neighbours: ReadonlyMap<string, readonly string[]>;
}

export class Workspace {
  readonly project: Project;
  readonly #files = new Map<string, SourceFile>();
  /** Files that the walk found; null before it, and after a change that may alter it. */
  #found: ReadonlySet<string> | null = null;
  /** Files whose content may have changed. */
  readonly #stale = new Set<string>();
  #walkProblems: readonly Problem[] = [];
  #top: Promise<string> | null = null;
  #graph: Graph | null = null;
  /** Grows with every change that the graph may depend on. */
  #version = 0;
  readonly #dependencies: DependencyLoader;

  /** @param root absolute path, no trailing slash */
  constructor(
    readonly root: string,
    readonly host: WorkspaceHost,
  ) {
    this.project = new Project(root);
    this.#dependencies = new DependencyLoader(host.fileSystem);
  }

  /** The repository's root, where there is one: configuration and ignore files count from there down. */
  top(): Promise<string> {
    this.#top ??= this.#findTop();
    return this.#top;
  }

  async #findTop(): Promise<string> {
    for (const folder of foldersUp(this.root, '')) {
      if (await this.host.fileSystem.stat(`${folder}/.git`).catch(() => null)) return folder;
    }
    return this.root;
  }

  /** Packages that the folder's manifests name, and those above it. */
  async dependencies(folder: string): Promise<ReadonlySet<string>> {
    return this.#dependencies.load(folder, await this.top());
  }

  /** Content of the file may have changed. */
  drop(path: string): void {
    if (this.#files.has(path)) this.#stale.add(path);
  }

  get stale(): readonly string[] {
    return [...this.#stale];
  }

  /** A file appeared or went, or one that says which files are linted changed. */
  forgetWalk(): void {
    this.#found = null;
    this.#dependencies.clear();
    this.#top = null;
  }

  knows(path: string): boolean {
    return this.#files.has(path) || (this.#found?.has(path) ?? false);
  }

  file(path: string): Readonly<SourceFile> | undefined {
    return this.#files.get(path);
  }

  /** Files of a folder, and what stood in the way. */
  async walk(folder: string, pacer: Pacer): Promise<Pick<Discovery, 'files' | 'problems'>> {
    const found = await this.#walkRoot(pacer);
    if (found.size > 0) {
      const files = [...found].filter((path) => isInside(path, folder));
      const problems = this.#walkProblems.filter(({ path }) => isInside(path, folder));
      if (files.length > 0 || problems.length > 0) return { files, problems };
    }
    // Named although the walk leaves it out, or too large for one: what is asked for is linted.
    return discover(this.host.fileSystem, folder, await this.#discoveryOptions(pacer));
  }

  /** Files that may share a program with what is asked for. */
  async context(pacer: Pacer): Promise<readonly string[]> {
    return [...(await this.#walkRoot(pacer))];
  }

  async #walkRoot(pacer: Pacer): Promise<ReadonlySet<string>> {
    if (this.#found) return this.#found;
    const options = {
      ...(await this.#discoveryOptions(pacer)),
      limit: this.host.maxContextFiles ?? MAX_CONTEXT_FILES,
    };
    const { files, problems, truncated } = await discover(this.host.fileSystem, this.root, options);
    const found = new Set(truncated ? [] : files);
    this.#found = found;
    this.#walkProblems = problems;
    for (const path of truncated ? [] : this.#files.keys()) {
      if (isInside(path, this.root) && !found.has(path) && !this.host.overlay(path)) this.#forget(path);
    }
    return found;
  }

  /** Whether the walk passes over the file: what an editor opens there is not the user's own code. */
  async leavesOut(path: string, pacer: Pacer): Promise<boolean> {
    if (this.#found?.has(path)) return false;
    return isLeftOut(this.host.fileSystem, path, this.root, await this.#discoveryOptions(pacer));
  }

  async #discoveryOptions(pacer: Pacer) {
    const top = await this.top();
    return { top, pacer, configOf: (folder: string) => this.host.configOf(folder, top) };
  }

  /** Reads files that are not known, or whose content changed on disk where `check` is set. */
  async read(paths: readonly string[], pacer: Pacer, check: boolean): Promise<void> {
    await mapLimited(paths, PARALLEL_READS, async (path) => {
      await pacer.tick();
      const known = this.#files.get(path);
      if (known && !check && !this.#stale.has(path)) return;
      this.#stale.delete(path);
      const stamp = await this.#stampOf(path);
      if (known?.stamp === stamp) return;
      if (known && stamp === 'gone') return this.#forget(path);
      const file = await this.#readFile(path, stamp);
      const previous = this.#files.get(path);
      if (previous?.stamp === stamp) return; // another call was faster
      this.#files.set(path, file);
      const same =
        previous &&
        previous.isHit === file.isHit &&
        JSON.stringify(previous.imports) === JSON.stringify(file.imports) &&
        JSON.stringify(previous.routing) === JSON.stringify(file.routing);
      if (!same) this.#version++;
    });
  }

  #forget(path: string): void {
    this.#files.delete(path);
    this.#stale.delete(path);
    this.project.remove(path);
    this.#version++;
  }

  async #stampOf(path: string): Promise<string> {
    const overlay = this.host.overlay(path);
    if (overlay) return `overlay ${overlay.version}`;
    const stat = await this.host.fileSystem.stat(path).catch(() => null);
    return stat ? `${stat.mtime} ${stat.size}` : 'gone';
  }

  async #readFile(path: string, stamp: string): Promise<SourceFile> {
    const open = this.host.overlay(path)?.content;
    if (open !== undefined && typeof open !== 'string') {
      const code = open.filter(({ kind }) => kind === 'code');
      const text = code.map((cell) => cell.text).join('\n');
      const language = code.some((cell) => /^(?:java|type)script/.test(cell.language))
        ? 'typescript'
        : 'python';
      return this.#describe(path, stamp, text, language, open);
    }
    const read = open === undefined ? await this.#readText(path) : { text: open };
    if ('problem' in read) return brokenFile(path, stamp, read.problem);
    const { text } = read;
    const language = languageOf(path) ?? 'python';
    const tooLong = language !== 'notebook' && longestLine(text, MAX_LINE);
    if (tooLong || (language === 'typescript' && isMinified(path, text))) {
      const message = said(path, what(tooLong ? 'lineTooLong' : 'minified'));
      return brokenFile(path, stamp, { path, level: 'note', message });
    }
    return this.#describe(path, stamp, text, language, null);
  }

  #describe(
    path: string,
    stamp: string,
    text: string,
    language: Language | 'notebook',
    cells: readonly NotebookCell[] | null,
  ): SourceFile {
    const isHit = this.host.gate(text);
    return {
      path,
      stamp,
      text: isHit || this.host.overlay(path) ? text : null,
      cells,
      isHit,
      imports: scanImports(language, text),
      routing:
        language === 'typescript' ? { requests: requestsIn(text), routes: routesIn(text) } : NO_ROUTING,
      lines: countLines(text),
      problems: [],
      document: null,
      parseProblems: [],
    };
  }

  async #readText(path: string): Promise<{ readonly text: string } | { readonly problem: Problem }> {
    const problem = (level: Problem['level'], reason: Text) => ({
      problem: { path, level, message: said(path, reason) },
    });
    try {
      const stat = await this.host.fileSystem.stat(path);
      if (!stat) return problem('error', what('noSuchPath'));
      const limit = languageOf(path) === 'notebook' ? MAX_NOTEBOOK_BYTES : MAX_CODE_BYTES;
      if (stat.size > limit) return problem('note', what('tooLarge', { size: limit / 1_000_000 }));
      const decoded = decodeText(await this.host.fileSystem.readFile(path));
      if (decoded.text === null) return problem('error', decoded.reason);
      return { text: decoded.text };
    } catch (error) {
      return problem('error', reasonOf(error));
    }
  }

  /** Which files matter, and how they are joined. */
  graph(): Graph {
    if (this.#graph?.version === this.#version) return this.#graph;
    const imports = this.#resolveImports();
    const importers = new Map<string, string[]>();
    for (const [from, targets] of imports) {
      for (const to of targets) importers.set(to, [...(importers.get(to) ?? []), from]);
    }
    const relevant = new Set<string>();
    for (const file of this.#files.values()) if (file.isHit) relevant.add(file.path);
    for (const path of relevant) for (const importer of importers.get(path) ?? []) relevant.add(importer);
    for (const path of relevant) for (const imported of imports.get(path) ?? []) relevant.add(imported);
    const neighbours = new Map<string, string[]>();
    for (const path of relevant) {
      const all = [...(imports.get(path) ?? []), ...(importers.get(path) ?? [])];
      neighbours.set(
        path,
        all.filter((one) => relevant.has(one)),
      );
    }
    for (const { path } of this.project.modules) if (!relevant.has(path)) this.project.remove(path);
    this.#graph = { version: this.#version, relevant, neighbours };
    return this.#graph;
  }

  #resolveImports(): Map<string, string[]> {
    // `import torch` names no file of a workspace where nothing is called torch.
    const names = new Set<string>();
    for (const path of this.#files.keys()) {
      for (const part of path.slice(this.root.length).split('/')) names.add(part.replace(/\.\w+$/, ''));
    }
    const edges = new Map<string, string[]>();
    for (const { path, imports } of this.#files.values()) {
      const language = languageOf(path) === 'typescript' ? 'typescript' : 'python';
      const targets = new Set<string>();
      for (const imported of imports) {
        if (
          language === 'python' &&
          imported.relative === 0 &&
          !names.has(imported.module.split('.')[0] ?? '')
        )
          continue;
        for (const candidates of importCandidates(language, path, this.root, imported)) {
          const target = candidates.find((candidate) => candidate !== path && this.#files.has(candidate));
          if (target) targets.add(target);
        }
      }
      edges.set(path, [...targets]);
    }
    const asking = [...this.#files.values()].map(({ path, routing }) => ({ path, ...routing }));
    for (const [path, answering] of routeEdges(asking))
      edges.set(path, [...new Set([...(edges.get(path) ?? []), ...answering])]);
    return edges;
  }

  /** The files joined to this one by imports in any direction, itself first. */
  component(path: string): string[] {
    const { neighbours } = this.graph();
    const seen = new Set([path]);
    for (const one of seen) for (const next of neighbours.get(one) ?? []) seen.add(next);
    return [...seen];
  }

  /**
   * What a file is judged beside: in a workspace of a person's size all that matters, since a script that exports the
   * model or cleans the endpoint up need not be imported; in a larger one what imports join to the file.
   */
  surroundings(path: string): readonly string[] {
    const { relevant } = this.graph();
    if (relevant.size > MAX_SURROUNDINGS) return this.component(path);
    let length = 0;
    for (const one of relevant) length += this.#files.get(one)?.text?.length ?? 0;
    return length > MAX_SURROUNDINGS_TEXT ? this.component(path) : [...relevant];
  }

  /** Parses what is not parsed yet. */
  async parse(
    paths: readonly string[],
    pacer: Pacer,
    onParsed: (path: string) => void = () => {},
  ): Promise<void> {
    for (const path of paths) {
      await pacer.tick();
      if (!this.#files.has(path)) await this.read([path], pacer, false);
      const file = this.#files.get(path);
      if (file && !file.document && file.problems.length === 0) await this.#parseFile(file);
      onParsed(path);
    }
  }

  async #parseFile(file: SourceFile): Promise<void> {
    const { path } = file;
    try {
      const text =
        file.text ?? (await this.#readText(path).then((read) => ('text' in read ? read.text : null)));
      if (text === null) return;
      const document = await this.#toDocument(file, text);
      if (this.#files.get(path) !== file) return; // changed meanwhile
      if (document) {
        file.document = document;
        file.text = text;
        this.project.set(document.module);
        const [error] = document.module.errors;
        if (error) {
          const message = said(placeName(document, error.start), what('syntaxError'));
          file.parseProblems = [{ path, level: 'warning', message }];
        }
      }
    } catch (error) {
      if (this.#files.get(path) !== file) return;
      this.project.remove(path);
      const reason = error instanceof Error ? error.message : String(error);
      const message = said(path, what('notAnalysed', { reason }));
      file.parseProblems = [{ path, level: 'error', message }];
    }
  }

  async #toDocument(file: SourceFile, text: string): Promise<Document | null> {
    const { path, cells } = file;
    const language = languageOf(path) ?? 'python';
    if (!cells && language !== 'notebook') {
      const parsed = (await this.host.frontEnd(language)).parse(path, text);
      return { path, text, module: linkModule(path, parsed, null), source: text, notebook: null };
    }
    let notebook: ReturnType<typeof joinCells>;
    let cellLanguage: Language;
    if (cells) {
      cellLanguage = cells.some((cell) => /^(?:java|type)script/.test(cell.language))
        ? 'typescript'
        : 'python';
      const isOurs = (one: NotebookCell) =>
        cellLanguage === (/^(?:java|type)script/.test(one.language) ? 'typescript' : one.language);
      const code = cells
        .map((cell, index) => ({ index, source: cell.text, cell }))
        .filter(({ cell }) => cell.kind === 'code' && isOurs(cell));
      notebook = joinCells(code, cellLanguage);
    } else {
      const read = readNotebook(text);
      if ('error' in read) {
        const message = said(`${path}:${read.error.line}`, notebookText(read.error));
        file.parseProblems = [{ path, level: 'error', message }];
        return null;
      }
      if (read.language === null) {
        const { kernel } = read;
        const message = said(path, kernel === null ? what('unknownKernel') : what('otherKernel', { kernel }));
        file.parseProblems = [{ path, level: 'note', message }];
        return null;
      }
      notebook = read;
      cellLanguage = read.language;
    }
    const parsed = parseCells(await this.host.frontEnd(cellLanguage), path, notebook);
    return {
      path,
      text,
      module: linkModule(path, parsed, notebook.cells),
      source: notebook.source,
      notebook,
    };
  }
}

function brokenFile(path: string, stamp: string, problem: Problem): SourceFile {
  const nothing = {
    text: null,
    cells: null,
    isHit: false,
    imports: [],
    routing: NO_ROUTING,
    lines: 0,
    document: null,
    parseProblems: [],
  };
  return { path, stamp, ...nothing, problems: [problem] };
}

function countLines(text: string): number {
  let lines = text === '' || text.endsWith('\n') ? 0 : 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

function longestLine(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  let start = 0;
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
    if (end - start > limit) return true;
    start = end + 1;
  }
  return text.length - start > limit;
}

function isMinified(path: string, text: string): boolean {
  if (isMinifiedName(basename(path))) return true;
  return text.length > 20_000 && text.length / (countLines(text) || 1) > MINIFIED_LINE;
}
