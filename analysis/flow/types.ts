/** What the data-flow analysis tells a rule. Implementation: flow.ts. */
import type {
  Argument,
  Call,
  ClassNode,
  Comprehension,
  Constant,
  Dict,
  Expr,
  FunctionNode,
  Loop,
  Module,
  Node,
  Parameter,
  Sequence,
} from '../model.ts';

/** Something a library call or a local class made; identity is `site`, so two aliases of one model are one object. */
export interface ObjectValue {
  readonly kind: 'object';
  /**
   * Canonical type name first, then every base: `['torchvision.models.ResNet', 'torch.nn.Module']`.
   * An unlisted function's result has the type `lib.function()`.
   */
  readonly types: readonly string[];
  /** The workspace's own class, when the object is an instance of one. */
  readonly class: ClassNode | null;
  /** The call that made it; null for `self` / `this` and for a parameter known by its annotation only. */
  readonly origin: Call | null;
  /** Identity: `origin`, else the class (for `self`) or the parameter. */
  readonly site: Node;
}

/** One thing an expression may hold. An expression holds a set of these; the empty set means nothing is known. */
export type Value =
  | { readonly kind: 'constant'; readonly value: Constant; readonly node: Expr }
  /** A library's module, class, function or attribute, by canonical name. */
  | {
      readonly kind: 'library';
      readonly name: string /** For a method: what it is looked up on. */;
      readonly receiver?: ObjectValue;
    }
  | ObjectValue
  | { readonly kind: 'function'; readonly function: FunctionNode; readonly self: Value | null }
  | { readonly kind: 'class'; readonly class: ClassNode }
  | { readonly kind: 'module'; readonly module: Module }
  | { readonly kind: 'display'; readonly node: Sequence | Dict | Comprehension }
  /** What an unknown caller passes. */
  | { readonly kind: 'parameter'; readonly parameter: Parameter; readonly function: FunctionNode };

/** A place where an object is called, receives a method call, or is passed on. */
export interface ObjectUse {
  readonly call: Call;
  readonly role: 'callee' | 'receiver' | 'argument';
  /** Method name for a receiver: `model.eval()` -> 'eval'; `model.encoder.eval()` is no use of `model`. */
  readonly method: string | null;
  readonly argument: Argument | null;
}

/** `unknown`: a `**kwargs` or an options value that cannot be seen through may carry it. */
export type ArgumentLookup =
  | { readonly state: 'given'; readonly value: Expr }
  | { readonly state: 'absent' }
  | { readonly state: 'unknown' };

export interface Program {
  /** A file that no other file of the workspace imports, or that has a main guard. */
  readonly entry: Module;
  /** The entry and everything it imports, directly or not. */
  readonly modules: readonly Module[];
}

export interface Flow {
  /** Every value the expression may hold. */
  values(expr: Expr): readonly Value[];
  /** Known constants among the values, without repeats. */
  constants(expr: Expr): readonly Constant[];
  /** The constant, when the expression can hold just one and nothing else. */
  constant(expr: Expr): Constant | undefined;
  /**
   * Canonical names of what the call calls, most specific first, then the same method on each base:
   * `net(x)` -> ['torch.nn.Module.__call__'], `m.fit(…)` -> ['keras.Sequential.fit', 'keras.Model.fit'].
   * When nothing is known of the receiver: ['?.fit']; of a plain callee: ['?.__call__'].
   */
  names(call: Call): readonly string[];
  objects(expr: Expr): readonly ObjectValue[];
  /** Whether some value is an instance of the canonical type, directly or by inheritance. */
  isA(expr: Expr, type: string): boolean;
  /** Canonical base names of a local class, transitive, local bases followed: `['lightning.LightningModule', 'torch.nn.Module']`. */
  bases(node: ClassNode): readonly string[];
  /**
   * Every use of an object (or of a parameter whose callers are unknown) in the modules joined by imports, in module
   * then source order; with `names` those in calls whose name, as it is written, matches. That spares following all
   * others.
   */
  uses(value: Value, names?: RegExp): readonly ObjectUse[];
  /** Calls known to run the function. A decorator or an unknown registration is not a call. */
  callers(node: FunctionNode): readonly Call[];
  /** Local functions the call may run; for an instance of a local class being called, its `forward` or `__call__`. */
  targets(call: Call): readonly FunctionNode[];
  /** Keyword, then position (from 0), then `**` dicts and TypeScript option objects that can be seen through. */
  argument(call: Call, name: string, position?: number): ArgumentLookup;
  /** How often a loop runs: a number where constants tell, Infinity for an endless one, undefined if unknown. */
  iterations(loop: Loop): number | undefined;
  /** Module a node belongs to. */
  moduleOf(node: Node): Module;
  /** Programs that contain the module. */
  programs(module: Module): readonly Program[];
  /** The module and all modules of its programs: what happens elsewhere in the workspace does not reach it. */
  related(module: Module): ReadonlySet<Module>;
  /** Modules joined to this one by imports in any direction: the same set for each of them. */
  component(module: Module): ReadonlySet<Module>;
  /** All modules of the workspace that were loaded. */
  readonly modules: readonly Module[];
}
