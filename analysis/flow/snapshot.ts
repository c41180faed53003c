/**
 * One state of the project, and all that was found out about it so far: each part of the analysis keeps its answers
 * here, so that they go when a file changes.
 */
import type { Call, ClassNode, Expr, FunctionNode, Module, Node, Parameter, Sequence } from '../model.ts';
import { createProgramGraph, type ProgramGraph, type Project } from '../program/project.ts';
import { Answers, type Cycles, noCycles } from './answers.ts';
import type { Attribution } from './members.ts';
import type { Runners } from './names.ts';
import { same } from './sets.ts';
import type { ObjectUse, ObjectValue, Value } from './types.ts';

export interface Snapshot {
  readonly project: Project;
  readonly graph: ProgramGraph;
  /** In order of their paths. */
  readonly modules: readonly Module[];
  readonly moduleByBody: ReadonlyMap<Node, Module>;
  readonly moduleOfBlock: Map<Node, Module>;
  readonly cycles: Cycles;
  /** Of expressions. */
  readonly values: Answers<Expr, Value>;
  /** How deep evaluation stands in evaluation. */
  depth: number;
  /** Lists as they are after the `append`s on them, by what they were made of. */
  readonly appendedDisplays: Map<Expr, Sequence>;
  /** Of names, by module. */
  readonly exports: Map<Module, Answers<string, Value>>;
  readonly parameters: Answers<Parameter, Value>;
  readonly bases: Answers<ClassNode, string>;
  readonly selves: Answers<ClassNode, ObjectValue>;
  readonly lineages: Answers<ClassNode, ClassNode>;
  /** Of names, by the site of the object. */
  readonly members: Map<Node, Answers<string, Value>>;
  /** Assignments to `anything.property`, by the property; null until asked for. */
  attributions: ReadonlyMap<string, readonly Attribution[]> | null;
  /** Calls of `anything.name(…)` or `name(…)`, in a module or a set of them. */
  readonly callsByName: Map<Module | ReadonlySet<Module>, Map<string, Call[]>>;
  /** What a call passes, as a list: what `*args` holds. */
  readonly argumentDisplays: Map<Call, Sequence>;
  readonly returns: Answers<FunctionNode, Value>;
  readonly names: Answers<Call, string>;
  /** Other names that a name is imported as; null until asked for. */
  importedAs: ReadonlyMap<string, ReadonlySet<string>> | null;
  readonly callers: Answers<FunctionNode, Call>;
  /** By the name that callees end in, within a component. */
  readonly runners: Map<ReadonlySet<Module>, Map<string, Runners>>;
  readonly usesByComponent: Map<
    ReadonlySet<Module>,
    Map<string | null, ReadonlyMap<Node, readonly ObjectUse[]>>
  >;
}

const identical = <T>(a: T, b: T): boolean => a === b;

export function takeSnapshot(project: Project): Snapshot {
  const cycles = noCycles();
  const modules = [...project.modules].sort(byPath);
  return {
    project,
    graph: createProgramGraph(project),
    modules,
    moduleByBody: new Map(modules.map((module) => [module.body, module])),
    moduleOfBlock: new Map(),
    cycles,
    values: new Answers(cycles, same),
    depth: 0,
    appendedDisplays: new Map(),
    exports: new Map(),
    parameters: new Answers(cycles, same),
    bases: new Answers(cycles, identical),
    selves: new Answers(cycles, (a, b) => a.types.length === b.types.length),
    lineages: new Answers(cycles, identical),
    members: new Map(),
    attributions: null,
    callsByName: new Map(),
    argumentDisplays: new Map(),
    returns: new Answers(cycles, same),
    names: new Answers(cycles, identical),
    importedAs: null,
    callers: new Answers(cycles, identical),
    runners: new Map(),
    usesByComponent: new Map(),
  };
}

/** The answers about names of one thing, made when first asked. */
export function answersOf<Owner>(
  s: Snapshot,
  byOwner: Map<Owner, Answers<string, Value>>,
  owner: Owner,
): Answers<string, Value> {
  let answers = byOwner.get(owner);
  if (!answers) {
    answers = new Answers(s.cycles, same);
    byOwner.set(owner, answers);
  }
  return answers;
}

export function moduleOf(s: Snapshot, node: Node): Module {
  let top: Node = node;
  let block: Node | null = null;
  for (;;) {
    if (top.kind === 'block') {
      const known = s.moduleOfBlock.get(top);
      if (known) return known;
      block ??= top;
    }
    if (!top.parent) break;
    top = top.parent;
  }
  const module = s.moduleByBody.get(top);
  if (!module) throw new Error('node of a module that is not in the project');
  if (block) s.moduleOfBlock.set(block, module);
  return module;
}

export function byPath(a: Module, b: Module): number {
  return a.path < b.path ? -1 : 1;
}
