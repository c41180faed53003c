/** The modules of one workspace and how they import each other. */
import { createFlow } from '../flow/flow.ts';
import type { Flow, Program } from '../flow/types.ts';
import type { Import, Module } from '../model.ts';
import { settle } from './place.ts';
import { dirname, importCandidates, pythonCandidates, typescriptCandidates } from './resolve-imports.ts';

export class Project {
  readonly #modules = new Map<string, Module>();
  #flow: Flow | null = null;
  /** Paths that imports resolve to, by folder and name, until a file comes or goes. */
  readonly #resolved = new Map<string, string | null>();
  /** Paths that a module imports, until it or the set of files changes. */
  #imported = new WeakMap<Module, readonly string[]>();

  /** @param root absolute path of the workspace folder, no trailing slash. Imports are not looked for above it. */
  constructor(readonly root: string) {}

  set(module: Module): void {
    const isNew = !this.#modules.has(module.path);
    settle(module, this.root);
    this.#modules.set(module.path, module);
    this.#flow = null;
    if (isNew) this.#forgetPaths();
  }

  remove(path: string): void {
    if (!this.#modules.delete(path)) return;
    this.#flow = null;
    this.#forgetPaths();
  }

  #forgetPaths(): void {
    this.#resolved.clear();
    this.#imported = new WeakMap();
  }

  get(path: string): Module | undefined {
    return this.#modules.get(path);
  }

  get modules(): Iterable<Module> {
    return this.#modules.values();
  }

  /** Candidate files of an import, best first, one group for each file that it may pull in. */
  importCandidates(from: Module, imported: Import): string[][] {
    return importCandidates(from.language, from.path, this.root, imported);
  }

  /** The loaded module an import names; with `name`, the submodule of that name. */
  resolve(from: Module, module: string, relative: number, name: string | null): Module | null {
    const key = `${from.language} ${dirname(from.path)} ${relative} ${module} ${name ?? ''}`;
    let path = this.#resolved.get(key);
    if (path === undefined) {
      path = this.#find(from, module, relative, name);
      this.#resolved.set(key, path);
    }
    return path === null || path === from.path ? null : (this.#modules.get(path) ?? null);
  }

  /** Modules that the module's imports lead to. */
  importsOf(module: Module): Module[] {
    let paths = this.#imported.get(module);
    if (!paths) {
      paths = importedModules(this, module).map((one) => one.path);
      this.#imported.set(module, paths);
    }
    return paths.flatMap((path) => this.#modules.get(path) ?? []);
  }

  #find(from: Module, module: string, relative: number, name: string | null): string | null {
    const candidates =
      from.language === 'typescript'
        ? typescriptCandidates(from.path, this.root, module)
        : pythonCandidates(from.path, this.root, module, relative, name).filter(
            (path) => name === null || path.endsWith(`/${name}.py`) || path.endsWith(`/${name}/__init__.py`),
          );
    for (const path of candidates) if (this.#modules.has(path)) return path;
    return null;
  }

  /** What the data-flow analysis says of the modules as they are now; made anew after a change. */
  flow(): Flow {
    this.#flow ??= createFlow(this);
    return this.#flow;
  }
}

/** Which modules import which, and the programs that follow from it. */
export interface ProgramGraph {
  importsOf(module: Module): ReadonlySet<Module>;
  importersOf(module: Module): ReadonlySet<Module>;
  programs(module: Module): readonly Program[];
  /** The module and all modules of its programs. */
  related(module: Module): ReadonlySet<Module>;
  /** Modules joined to this one by imports in any direction. */
  component(module: Module): ReadonlySet<Module>;
}

export function createProgramGraph(project: Project): ProgramGraph {
  const imports = new Map<Module, Set<Module>>();
  const importers = new Map<Module, Set<Module>>();
  for (const module of project.modules) {
    imports.set(module, new Set());
    importers.set(module, new Set());
  }
  for (const module of project.modules) {
    for (const imported of project.importsOf(module)) {
      imports.get(module)?.add(imported);
      importers.get(imported)?.add(module);
    }
  }

  const closure = (start: Module, edges: Map<Module, Set<Module>>): Set<Module> => {
    const seen = new Set([start]);
    for (const module of seen) for (const next of edges.get(module) ?? []) seen.add(next);
    return seen;
  };

  const entries = new Set<Module>();
  const reached = new Set<Module>();
  const addEntry = (module: Module) => {
    entries.add(module);
    for (const one of closure(module, imports)) reached.add(one);
  };
  const sorted = [...project.modules].sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const module of sorted) {
    const ownImporters = [...(importers.get(module) ?? [])].filter((one) => !isTest(one));
    if (ownImporters.length === 0 || hasMainGuard(module)) addEntry(module);
  }
  for (const module of sorted) if (!reached.has(module)) addEntry(module); // import cycles

  const programsByEntry = new Map<Module, Program>();
  for (const entry of entries) programsByEntry.set(entry, { entry, modules: [...closure(entry, imports)] });
  const programsByModule = new Map<Module, Program[]>();
  for (const program of programsByEntry.values()) {
    for (const module of program.modules) {
      if (isTest(program.entry) && !isTest(module)) continue; // a test exercises a program, it is not one
      const list = programsByModule.get(module);
      if (list) list.push(program);
      else programsByModule.set(module, [program]);
    }
  }

  // Modules of the same programs, which is nearly all of a library, share one set.
  const relatedByPrograms = new Map<string, ReadonlySet<Module>>();
  const relatedByModule = new Map<Module, ReadonlySet<Module>>();
  const relatedTo = (module: Module): ReadonlySet<Module> => {
    const known = relatedByModule.get(module);
    if (known) return known;
    const programs = programsByModule.get(module) ?? [];
    const key = programs.map(({ entry }) => entry.path).join('\n') || module.path;
    const related =
      relatedByPrograms.get(key) ?? new Set([module, ...programs.flatMap((program) => program.modules)]);
    relatedByPrograms.set(key, related);
    relatedByModule.set(module, related);
    return related;
  };

  const components = new Map<Module, ReadonlySet<Module>>();
  return {
    related: relatedTo,
    importsOf: (module) => imports.get(module) ?? new Set(),
    importersOf: (module) => importers.get(module) ?? new Set(),
    programs: (module) => programsByModule.get(module) ?? [],
    component: (module) => {
      let component = components.get(module);
      if (!component) {
        const seen = new Set([module]);
        for (const one of seen) {
          for (const next of imports.get(one) ?? []) seen.add(next);
          for (const next of importers.get(one) ?? []) seen.add(next);
        }
        component = seen;
        for (const one of seen) components.set(one, component);
      }
      return component;
    },
  };
}

function importedModules(project: Project, module: Module): Module[] {
  const found: Module[] = [];
  const add = (one: Module | null) => {
    if (one) found.push(one);
  };
  for (const statement of module.imports) {
    add(project.resolve(module, statement.module, statement.relative, null));
    if (module.language === 'python') {
      for (const { imported } of statement.bindings) {
        if (imported) add(project.resolve(module, statement.module, statement.relative, imported));
      }
    }
  }
  for (const statement of module.exports)
    if (statement.module) add(project.resolve(module, statement.module, 0, null));
  if (module.language === 'typescript') {
    for (const call of module.calls) {
      const first = call.args[0]?.value;
      const callee = call.callee;
      if (
        callee.kind === 'name' &&
        (callee.name === 'require' || callee.name === 'import') &&
        first?.kind === 'literal'
      ) {
        add(project.resolve(module, String(first.value), 0, null));
      }
    }
  }
  return found;
}

/** Tests import what they test; that makes it no part of a larger program. */
export function isTest(module: Module): boolean {
  return /(^|\/)(tests?|__tests__|spec)\/|(^|\/)(test_[^/]*|[^/]*_test|conftest)\.py$|\.(test|spec)\.[cm]?[jt]sx?$/.test(
    module.path,
  );
}

function hasMainGuard(module: Module): boolean {
  return module.body.statements.some(
    (statement) =>
      statement.kind === 'if' &&
      statement.test.kind === 'binary' &&
      [statement.test.left, statement.test.right].some(
        (side) => side.kind === 'name' && side.name === '__name__',
      ),
  );
}
