/** The engine: files and folders in, findings out. */
import type { FrontEnd } from '../analysis/front-end.ts';
import type { Language, Module } from '../analysis/model.ts';
import { rules as catalogue } from '../rules/index.ts';
import type { RuleDefinition, Text } from '../rules/rule.ts';
import { CONFIG_FILES, type Config, ConfigLoader, type RuleSetting, resolveRules } from './config.ts';
import { isManifest, normalizePackage } from './dependencies.ts';
import { type Document, placeIn } from './document.ts';
import { mentionsTracker, stateOf, type TrackerState, trackerCalls } from './emissions/trackers.ts';
import type { MeasuredFile } from './emissions/types.ts';
import { factsAt } from './estimate/places.ts';
import { byPosition, toFindingFix } from './fixes.ts';
import { createGate } from './gate.ts';
import { languageOf } from './languages.ts';
import { Pacer } from './pacer.ts';
import { basename, dirname, isInside, normalize } from './paths.ts';
import { said, what } from './problem-texts.ts';
import { type Failure, RuleIndex, runRules } from './rule-runner.ts';
import { sumSites } from './sites.ts';
import { applySuppressions, unusedSuppression } from './suppressions.ts';
import { filled } from './texts.ts';
import type {
  Engine,
  EngineOptions,
  FileResult,
  Finding,
  NotebookCell,
  Overrides,
  PlacedFacts,
  Problem,
  RunOptions,
  RunResult,
  SiteCount,
} from './types.ts';
import { Workspace } from './workspace.ts';

/** Every rule a configuration may name: the catalogue's and the engine's own. */
export function allRules(rules: readonly RuleDefinition[] = catalogue): RuleDefinition[] {
  return [...rules, unusedSuppression];
}

/** @param rules the catalogue; tests hand in their own */
export function createEngine(options: EngineOptions, rules: readonly RuleDefinition[] = catalogue): Engine {
  return new FrugalEngine(options, rules);
}

class FrugalEngine implements Engine {
  readonly #rules: readonly RuleDefinition[];
  readonly #configs: ConfigLoader;
  readonly #workspaces = new Map<string, Workspace>();
  readonly #overlays = new Map<string, { content: string | readonly NotebookCell[]; version: number }>();
  readonly #indexes = new WeakMap<Config, Map<string, RuleIndex>>();
  readonly #frontEnds = new Map<Language, Promise<FrontEnd>>();
  readonly #gate: (text: string) => boolean;
  #changes = 0;

  constructor(
    readonly options: EngineOptions,
    rules: readonly RuleDefinition[],
  ) {
    this.#rules = allRules(rules);
    this.#configs = new ConfigLoader(options.fileSystem, this.#rules);
    this.#gate = createGate(rules);
  }

  setText(path: string, content: string | readonly NotebookCell[] | null): void {
    if (content === null) this.#overlays.delete(path);
    else this.#overlays.set(path, { content, version: ++this.#changes });
    for (const workspace of this.#workspaces.values()) workspace.drop(path);
  }

  invalidate(path: string): void {
    const name = basename(path);
    const isConfig = (CONFIG_FILES as readonly string[]).includes(name);
    if (isConfig) this.#configs.clear();
    const changesWalk = isConfig || isManifest(path) || /^\.(?:gitignore|frugalignore|git)$/.test(name);
    for (const workspace of this.#workspaces.values()) {
      if (!isInside(path, workspace.root) && !isInside(workspace.root, dirname(path))) continue;
      workspace.drop(path);
      if (changesWalk || !workspace.knows(path)) workspace.forgetWalk();
    }
  }

  async lint(
    paths: readonly string[],
    root: string,
    overrides: Overrides = {},
    run: RunOptions = {},
  ): Promise<RunResult> {
    const started = performance.now();
    const pacer = new Pacer(run.signal);
    const workspace = this.#workspace(root, overrides);
    // Without a watcher nobody says what changed on disk.
    this.#configs.clear();
    workspace.forgetWalk();
    const problems: Problem[] = [];
    const requested = await this.#expand(workspace, paths, pacer, problems);
    const context = await workspace.context(pacer);
    await workspace.read([...new Set([...context, ...requested])], pacer, true);

    const { relevant } = workspace.graph();
    const wanted = requested.filter((path) => relevant.has(path));
    const toParse = new Set<string>();
    for (const path of wanted)
      if (!toParse.has(path)) for (const one of workspace.surroundings(path)) toParse.add(one);

    // Half the work is parsing, half is rules; files that the gate lets go are done by now.
    const skipped = requested.length - wanted.length;
    const progress = (share: number, path: string) =>
      run.onProgress?.(skipped + Math.floor(wanted.length * share), requested.length, path);
    let parsed = 0;
    await workspace.parse([...toParse], pacer, (path) => progress(++parsed / toParse.size / 2, path));

    const files: FileResult[] = [];
    let checked = 0;
    for (const path of requested) {
      await pacer.tick();
      if (relevant.has(path)) {
        files.push(await this.#check(workspace, path, overrides, pacer));
        progress(0.5 + ++checked / wanted.length / 2, path);
      } else files.push(notAnalysed(workspace, path));
    }
    return summarize(files, problems, (path) => workspace.file(path)?.lines ?? 0, started);
  }

  async lintFile(
    path: string,
    root: string,
    overrides: Overrides = {},
    run: RunOptions = {},
  ): Promise<FileResult> {
    const pacer = new Pacer(run.signal);
    const workspace = this.#workspace(root, overrides);
    const isCells = Array.isArray(this.#overlays.get(path)?.content);
    if (!isCells && languageOf(path) === null) return unread(path, 'note', what('unknownKind'));
    if (await workspace.leavesOut(path, pacer)) return unread(path, 'note', what('leftOut'));
    const context = await workspace.context(pacer);
    await workspace.read([...context, ...workspace.stale], pacer, false);
    await workspace.read([path], pacer, true);
    if (!workspace.file(path)) return unread(path, 'error', what('noSuchFile'));
    if (!workspace.graph().relevant.has(path)) return notAnalysed(workspace, path);
    await workspace.parse(workspace.surroundings(path), pacer);
    return this.#check(workspace, path, overrides, pacer);
  }

  async factsAt(
    path: string,
    root: string,
    { cell, offset }: { readonly cell: number | null; readonly offset: number },
    overrides: Overrides = {},
    run: RunOptions = {},
  ): Promise<PlacedFacts | null> {
    const workspace = this.#workspace(root, overrides);
    if (!workspace.file(path)?.document) await this.lintFile(path, root, overrides, run);
    const document = workspace.file(path)?.document;
    if (!document) return null;
    const config = await this.#configOf(dirname(path), await workspace.top(), overrides.configPath);
    const base = document.notebook?.cells.find(({ index }) => index === cell)?.start;
    if (document.notebook && base === undefined) return null;
    const at = offset + (base ?? 0);
    const found = factsAt(document.module, workspace.project.flow(), at, config.facts);
    return found && { ...placeIn(document, found.span), facts: found.facts };
  }

  async trackers(
    root: string,
    measured: readonly MeasuredFile[],
    overrides: Overrides = {},
    run: RunOptions = {},
  ): Promise<readonly TrackerState[]> {
    const pacer = new Pacer(run.signal);
    const workspace = this.#workspace(root, overrides);
    await workspace.read(await workspace.context(pacer), pacer, false);
    const paths = [...workspace.graph().relevant]
      .filter((path) => mentionsTracker(workspace.file(path)?.text ?? ''))
      .sort();
    await workspace.parse(paths, pacer);
    const states: TrackerState[] = [];
    for (const path of paths) {
      await pacer.tick();
      const document = workspace.file(path)?.document;
      if (!document) continue;
      const calls = trackerCalls(document.module, workspace.project.flow());
      const mtime = (await this.options.fileSystem.stat(path).catch(() => null))?.mtime ?? 0;
      for (const call of calls) {
        const { line, cell } = placeIn(document, call.span);
        states.push({ path, line, cell, library: call.library, ...stateOf(call, mtime, measured) });
      }
    }
    return states;
  }

  /** The files that paths stand for, sorted; what stands for none goes to `problems`. */
  async #expand(
    workspace: Workspace,
    paths: readonly string[],
    pacer: Pacer,
    problems: Problem[],
  ): Promise<string[]> {
    const requested = new Set<string>();
    for (const given of paths) {
      const path = trimmed(given);
      const stat = await this.options.fileSystem.stat(path || '/').catch(() => null);
      if (stat?.type === 'directory') {
        const found = await workspace.walk(path, pacer);
        for (const file of found.files) requested.add(file);
        problems.push(...found.problems);
      } else if (!stat && !this.#overlays.has(path)) {
        problems.push({ path, level: 'error', message: said(path, what('noSuchPath')) });
      } else if (languageOf(path) === null) {
        problems.push({ path, level: 'error', message: said(path, what('unknownKind')) });
      } else requested.add(path);
    }
    return [...requested].sort();
  }

  /** Runs the rules on one parsed file. */
  async #check(workspace: Workspace, path: string, overrides: Overrides, pacer: Pacer): Promise<FileResult> {
    const config = await this.#configOf(dirname(path), await workspace.top(), overrides.configPath);
    const dependencies = await workspace.dependencies(dirname(path));
    await workspace.parse([path], pacer);
    // From here on nothing waits: rules see one state of the workspace.
    const file = workspace.file(path);
    if (!file?.document) return notAnalysed(workspace, path);
    const problems = [...file.problems, ...file.parseProblems];
    const index = this.#indexOf(config, overrides);
    const hasDependency = (name: string) => dependencies.has(normalizePackage(name));
    let outcome: Checked;
    try {
      outcome = this.#runRules(workspace, file.document, index, { facts: config.facts, hasDependency });
    } catch (error) {
      problems.push({
        path,
        level: 'error',
        message: said(path, what('notAnalysed', { reason: messageOf(error) })),
      });
      return { path, text: file.text, analysed: false, findings: [], sites: {}, programs: [], problems };
    }
    return {
      path,
      text: file.text,
      analysed: true,
      ...outcome,
      problems: [...problems, ...outcome.problems],
    };
  }

  #runRules(workspace: Workspace, document: Document, index: RuleIndex, environment: Environment): Checked {
    const { module, path } = document;
    const flow = workspace.project.flow();
    const result = runRules(index, module, flow, environment);
    const problems = result.crashes.map(({ rule, error }): Problem => {
      const reason = messageOf(error);
      const wrong = rule ? what('ruleFailed', { rule: rule.id, reason }) : what('partlyFailed', { reason });
      return { path, level: 'error', message: said(path, wrong) };
    });
    const { kept, suppressed, faults } = applySuppressions(module, result.failures, {
      known: this.#rules.map((rule) => rule.id),
      completed: result.completed,
      isComplete: this.#isComplete(module, result.completed),
    });
    // What the user chose to live with counts neither way.
    const sites: Record<string, SiteCount> = result.sites;
    for (const { setting } of suppressed) (sites[setting.rule.id] as SiteCount).fail--;
    const setting = index.settings.find(({ rule }) => rule.id === unusedSuppression.id);
    const unused = setting ? faults.map(({ span, report }): Failure => ({ setting, span, report })) : [];
    const documentOf = (other: string) => workspace.file(other)?.document ?? undefined;
    const findings = [...kept, ...unused].map((failure) =>
      this.#toFinding(failure, document, documentOf, environment.hasDependency),
    );
    const programs = flow.programs(module).map(({ entry }) => entry.path);
    return { findings: findings.sort(byPosition), sites, programs, problems };
  }

  /** Whether every stable rule for the language ran. */
  #isComplete(module: Module, completed: ReadonlySet<string>): boolean {
    return this.#rules.every(
      (rule) =>
        rule.status === 'preview' || !rule.languages.includes(module.language) || completed.has(rule.id),
    );
  }

  #toFinding(
    { setting: { rule, severity }, span, report }: Failure,
    document: Document,
    documentOf: (path: string) => Document | undefined,
    hasDependency: (name: string) => boolean,
  ): Finding {
    const { language } = this.options;
    const message: Text = rule.messages[report.message ?? 'default'] ?? rule.messages.default;
    const safety = rule.fix === 'safe' ? 'safe' : 'suggested';
    const context = { document, documentOf, language, hasDependency, safety } as const;
    return {
      path: document.path,
      ...placeIn(document, span),
      rule: rule.id,
      phase: rule.phase,
      severity,
      status: rule.status,
      message: filled(message, language, report.data),
      fixes: (report.fixes ?? []).map((fix) => toFindingFix(fix, context)),
    };
  }

  #indexOf(config: Config, overrides: Overrides): RuleIndex {
    const indexes = this.#indexes.get(config) ?? new Map<string, RuleIndex>();
    this.#indexes.set(config, indexes);
    const key = JSON.stringify(overrides);
    let index = indexes.get(key);
    if (!index) {
      const settings: RuleSetting[] = resolveRules(config, this.#rules, overrides);
      index = new RuleIndex(settings);
      indexes.set(key, index);
    }
    return index;
  }

  #configOf(folder: string, top: string, explicit: string | undefined): Promise<Config> {
    return explicit === undefined ? this.#configs.nearest(folder, top) : this.#configs.explicit(explicit);
  }

  #workspace(root: string, { configPath }: Overrides): Workspace {
    const folder = trimmed(root);
    const key = `${folder}\0${configPath ?? ''}`;
    let workspace = this.#workspaces.get(key);
    if (!workspace) {
      workspace = new Workspace(folder, {
        fileSystem: this.options.fileSystem,
        gate: this.#gate,
        frontEnd: (language) => this.#frontEnd(language),
        configOf: (below, top) => this.#configOf(below, top, configPath),
        overlay: (path) => this.#overlays.get(path),
      });
      this.#workspaces.set(key, workspace);
    }
    return workspace;
  }

  #frontEnd(language: Language): Promise<FrontEnd> {
    let loading = this.#frontEnds.get(language);
    if (!loading) {
      loading = language === 'python' ? this.options.loadPython() : this.options.loadTypeScript();
      loading.catch(() => this.#frontEnds.delete(language)); // the next file tries again
      this.#frontEnds.set(language, loading);
    }
    return loading;
  }
}

type Environment = Parameters<typeof runRules>[3];
type Checked = Pick<FileResult, 'findings' | 'sites' | 'programs' | 'problems'>;

function notAnalysed(workspace: Workspace, path: string): FileResult {
  const file = workspace.file(path);
  const problems = file ? [...file.problems, ...file.parseProblems] : [];
  return { path, text: file?.text ?? null, analysed: false, findings: [], sites: {}, programs: [], problems };
}

function unread(path: string, level: Problem['level'], reason: Text): FileResult {
  const problems = [{ path, level, message: said(path, reason) }];
  return { path, text: null, analysed: false, findings: [], sites: {}, programs: [], problems };
}

function summarize(
  files: readonly FileResult[],
  problems: readonly Problem[],
  linesOf: (path: string) => number,
  started: number,
): RunResult {
  const analysed = files.filter((file) => file.analysed).length;
  return {
    files,
    sites: sumSites(files.map((file) => file.sites)),
    stats: {
      files: files.length,
      analysed,
      skipped: files.filter((file) => !file.analysed && file.problems.length === 0).length,
      lines: files.reduce((sum, { path }) => sum + linesOf(path), 0),
      ms: Math.round(performance.now() - started),
    },
    problems: [...problems, ...files.flatMap((file) => file.problems)],
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Without a trailing slash; the file system's root is empty. */
function trimmed(path: string): string {
  return path.includes('/./') || path.includes('/../') || /\/\.{0,2}$/.test(path)
    ? normalize(path).replace(/\/$/, '')
    : path;
}
