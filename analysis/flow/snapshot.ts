/**
 * One state of the project, and all that was found out about it so far: each part of the analysis keeps its answers
 * here, so that they go when a file changes.
 */
import type {
  Assign,
  Call,
  ClassNode,
  Expr,
  FunctionNode,
  Module,
  Node,
  Parameter,
  Sequence,
} from '../model.ts';
import { createProgramGraph, type ProgramGraph, type Project } from '../program/project.ts';
import type { ObjectUse, ObjectValue, Value } from './types.ts';

export interface Snapshot {
  readonly project: Project;
  readonly graph: ProgramGraph;
  /** In order of their paths. */
  readonly modules: readonly Module[];
  readonly moduleByBody: ReadonlyMap<Node, Module>;
  readonly moduleOfBlock: Map<Node, Module>;
  /** Values of expressions; an empty list while they are being found. */
  readonly memo: Map<Expr, readonly Value[]>;
  /** How deep evaluation stands in evaluation. */
  depth: number;
  /** Lists as they are after the `append`s on them, by what they were made of. */
  readonly appendedDisplays: Map<Expr, Sequence>;
  readonly exportsMemo: Map<Module, Map<string, readonly Value[]>>;
  readonly parameterMemo: Map<Parameter, readonly Value[]>;
  readonly parametersInProgress: Set<Parameter>;
  readonly basesMemo: Map<ClassNode, readonly string[]>;
  readonly selfMemo: Map<ClassNode, ObjectValue>;
  readonly lineageMemo: Map<ClassNode, readonly ClassNode[]>;
  readonly membersMemo: Map<Node, Map<string, readonly Value[]>>;
  /** Assignments to `anything.property`; null until asked for. */
  assignsByProperty: ReadonlyMap<string, readonly Assign[]> | null;
  /** Calls of `anything.name(…)` or `name(…)`, in a module or a set of them. */
  readonly callsByName: Map<Module | ReadonlySet<Module>, Map<string, Call[]>>;
  /** What a call passes, as a list: what `*args` holds. */
  readonly argumentDisplays: Map<Call, Sequence>;
  readonly returnsMemo: Map<FunctionNode, readonly Value[]>;
  readonly returnsInProgress: Set<FunctionNode>;
  readonly namesMemo: Map<Call, readonly string[]>;
  /** Other names that a name is imported as; null until asked for. */
  importedAs: ReadonlyMap<string, ReadonlySet<string>> | null;
  readonly callersMemo: Map<FunctionNode, readonly Call[]>;
  readonly callersInProgress: Set<FunctionNode>;
  readonly usesByComponent: Map<ReadonlySet<Module>, Map<Node, ObjectUse[]>>;
}

export function takeSnapshot(project: Project): Snapshot {
  const modules = [...project.modules].sort(byPath);
  return {
    project,
    graph: createProgramGraph(project),
    modules,
    moduleByBody: new Map(modules.map((module) => [module.body, module])),
    moduleOfBlock: new Map(),
    memo: new Map(),
    depth: 0,
    appendedDisplays: new Map(),
    exportsMemo: new Map(),
    parameterMemo: new Map(),
    parametersInProgress: new Set(),
    basesMemo: new Map(),
    selfMemo: new Map(),
    lineageMemo: new Map(),
    membersMemo: new Map(),
    assignsByProperty: null,
    callsByName: new Map(),
    argumentDisplays: new Map(),
    returnsMemo: new Map(),
    returnsInProgress: new Set(),
    namesMemo: new Map(),
    importedAs: null,
    callersMemo: new Map(),
    callersInProgress: new Set(),
    usesByComponent: new Map(),
  };
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
