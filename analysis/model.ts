/**
 * The CodeModel: one language-neutral tree for Python, notebooks, TypeScript and JavaScript.
 *
 * A front end lowers source text into a `Module` made of these nodes and sets nothing else;
 * `link()` (link.ts) then fills in parents, scopes and indexes. After that nobody touches a syntax node.
 * Offsets are UTF-16 code units into `Module.text`, half-open.
 */

/** `typescript` stands for TS, TSX, JS and JSX alike. */
export type Language = 'python' | 'typescript';

export interface Span {
  readonly start: number;
  readonly end: number;
}

interface NodeBase extends Span {
  /** Set by `link()`; null only on the module's own body. */
  parent: Node | null;
}

// ---------------------------------------------------------------- expressions

export interface Name extends NodeBase {
  readonly kind: 'name';
  readonly name: string; // TypeScript's `this` and `super` are names too
}

/** `object.property`, also `object?.property`. */
export interface Member extends NodeBase {
  readonly kind: 'member';
  readonly object: Expr;
  readonly property: string;
  readonly propertyStart: number;
}

/** `object[index]`; a slice is an index of kind `slice`. */
export interface Index extends NodeBase {
  readonly kind: 'index';
  readonly object: Expr;
  readonly index: Expr;
}

export interface Slice extends NodeBase {
  readonly kind: 'slice';
  readonly lower: Expr | null;
  readonly upper: Expr | null;
  readonly step: Expr | null;
}

export interface Argument extends NodeBase {
  readonly kind: 'argument';
  /** Keyword name; null for positional. */
  readonly name: string | null;
  readonly value: Expr;
  /** `*args` / `...args` is 'list', `**kwargs` is 'dict'. */
  readonly spread: 'list' | 'dict' | null;
}

export interface Call extends NodeBase {
  readonly kind: 'call';
  readonly callee: Expr;
  readonly args: readonly Argument[];
  /** Offsets of `(` and just past `)`. Equal for a call without parentheses (`new Foo`, tagged template). */
  readonly argsStart: number;
  readonly argsEnd: number;
  readonly isNew: boolean;
}

export type Constant = string | number | boolean | null;

/** A string (prefixes and quotes resolved), number, boolean, None/null/undefined. Adjacent strings are joined. */
export interface Literal extends NodeBase {
  readonly kind: 'literal';
  readonly value: Constant;
}

/** f-string or template literal: text and expressions in order. */
export interface Template extends NodeBase {
  readonly kind: 'template';
  readonly parts: readonly (string | Expr)[];
}

/** List, tuple or set display; a TypeScript array is a `list`. Items may be `spread`. */
export interface Sequence extends NodeBase {
  readonly kind: 'sequence';
  readonly type: 'list' | 'tuple' | 'set';
  readonly items: readonly Expr[];
}

/** `key` is null for `**spread` / `...spread`. An unquoted TypeScript key is a string literal; a shorthand's value is a name. */
export interface DictEntry extends NodeBase {
  readonly kind: 'entry';
  readonly key: Expr | null;
  readonly value: Expr;
}

/** dict display or object literal. */
export interface Dict extends NodeBase {
  readonly kind: 'dict';
  readonly entries: readonly DictEntry[];
}

export interface Unary extends NodeBase {
  readonly kind: 'unary';
  readonly operator: 'not' | '-' | '+' | '~' | 'typeof' | 'void' | 'delete' | '++' | '--';
  readonly operand: Expr;
}

/** Operators in Python's spelling where both languages have one: `and or not == != in is`; else as written (`??`, `<`, `+`). */
export interface Binary extends NodeBase {
  readonly kind: 'binary';
  readonly operator: string;
  readonly left: Expr;
  readonly right: Expr;
}

/** `a if test else b` / `test ? a : b`. */
export interface Conditional extends NodeBase {
  readonly kind: 'conditional';
  readonly test: Expr;
  readonly then: Expr;
  readonly otherwise: Expr;
}

export interface Await extends NodeBase {
  readonly kind: 'await';
  readonly value: Expr;
}

export interface Yield extends NodeBase {
  readonly kind: 'yield';
  readonly value: Expr | null;
  readonly delegate: boolean;
}

/** `*x` or `...x` outside a call's arguments. */
export interface Spread extends NodeBase {
  readonly kind: 'spread';
  readonly value: Expr;
}

export interface ComprehensionClause extends NodeBase {
  readonly kind: 'clause';
  readonly target: Expr;
  readonly iterable: Expr;
  readonly conditions: readonly Expr[];
  readonly isAsync: boolean;
}

export interface Comprehension extends NodeBase {
  readonly kind: 'comprehension';
  readonly type: 'list' | 'set' | 'dict' | 'generator';
  /** For a dict comprehension, the value. */
  readonly element: Expr;
  readonly key: Expr | null;
  readonly clauses: readonly ComprehensionClause[];
}

export interface JsxAttribute extends NodeBase {
  readonly kind: 'attribute';
  /** null for `{...spread}`. */
  readonly name: string | null;
  readonly value: Expr | null;
}

export interface Jsx extends NodeBase {
  readonly kind: 'jsx';
  /** null for a fragment; `div` and `Foo.Bar` as written. */
  readonly tag: string | null;
  readonly attributes: readonly JsxAttribute[];
  readonly children: readonly Expr[];
}

/** What the front end does not model, or could not parse. Its modelled sub-expressions are kept. */
export interface Unknown extends NodeBase {
  readonly kind: 'unknown';
  readonly children: readonly Expr[];
}

export type Expr =
  | Name
  | Member
  | Index
  | Slice
  | Call
  | Literal
  | Template
  | Sequence
  | Dict
  | Unary
  | Binary
  | Conditional
  | Await
  | Yield
  | Spread
  | Comprehension
  | Jsx
  | Unknown
  | FunctionNode
  | ClassNode
  | Assign;

// ----------------------------------------------------------------- statements

export interface Block extends NodeBase {
  readonly kind: 'block';
  readonly statements: readonly Stmt[];
}

export interface ExpressionStatement extends NodeBase {
  readonly kind: 'expression';
  readonly expression: Expr;
}

/**
 * Assignment as statement or expression (walrus, TypeScript `a = b`, `a ??= b`).
 * `a = b = c` has two targets. Targets are names, members, indexes, sequences (unpacking), dicts (destructuring:
 * key -> target; a default is a nested Assign). `operator` is null for plain `=`, else `+=`, `??=` and so on.
 */
export interface Assign extends NodeBase {
  readonly kind: 'assign';
  readonly targets: readonly Expr[];
  readonly value: Expr | null; // null: a bare annotation or declaration
  readonly operator: string | null;
  readonly annotation: Expr | null; // Python only; TypeScript types are in `typeName` where they are a plain name
  readonly declaration: 'const' | 'let' | 'var' | 'using' | null;
}

export interface Return extends NodeBase {
  readonly kind: 'return';
  readonly value: Expr | null;
}

export interface Raise extends NodeBase {
  readonly kind: 'raise';
  readonly value: Expr | null;
  readonly cause?: Expr | null; // `raise … from cause`
}

/** break, continue, pass, and statements without meaning here. */
export interface Simple extends NodeBase {
  readonly kind: 'break' | 'continue' | 'pass';
}

export interface Delete extends NodeBase {
  readonly kind: 'delete';
  readonly targets: readonly Expr[];
}

export interface Assert extends NodeBase {
  readonly kind: 'assert';
  readonly test: Expr;
  readonly message?: Expr | null;
}

export interface Global extends NodeBase {
  readonly kind: 'global';
  readonly names: readonly string[];
  readonly isNonlocal: boolean;
}

/** `elif` is an `If` alone in `otherwise`. */
export interface If extends NodeBase {
  readonly kind: 'if';
  readonly test: Expr;
  readonly then: Block;
  readonly otherwise: Block | null;
}

/** `for x in xs` / `for (const x of xs)` / `for (k in o)`. */
export interface For extends NodeBase {
  readonly kind: 'for';
  readonly target: Expr;
  readonly iterable: Expr;
  readonly body: Block;
  readonly orelse: Block | null;
  readonly isAsync: boolean;
}

/** while, do-while and the C-style for (`init`, `update`). */
export interface While extends NodeBase {
  readonly kind: 'while';
  readonly test: Expr | null; // null: `for (;;)`
  readonly body: Block;
  readonly orelse: Block | null;
  readonly init: Stmt | null;
  readonly update: Expr | null;
}

export interface WithItem extends NodeBase {
  readonly kind: 'item';
  readonly context: Expr;
  readonly target: Expr | null;
}

export interface With extends NodeBase {
  readonly kind: 'with';
  readonly items: readonly WithItem[];
  readonly body: Block;
  readonly isAsync: boolean;
}

export interface Handler extends NodeBase {
  readonly kind: 'handler';
  readonly type: Expr | null;
  readonly name: string | null;
  readonly body: Block;
}

export interface Try extends NodeBase {
  readonly kind: 'try';
  readonly body: Block;
  readonly handlers: readonly Handler[];
  readonly orelse: Block | null;
  readonly finalizer: Block | null;
}

export interface Case extends NodeBase {
  readonly kind: 'case';
  /** null for `default`. A Python pattern that is not a plain expression is `unknown`. */
  readonly pattern: Expr | null;
  readonly guard: Expr | null;
  readonly body: Block;
}

/** match / switch. */
export interface Match extends NodeBase {
  readonly kind: 'match';
  readonly subject: Expr;
  readonly cases: readonly Case[];
}

export interface Parameter extends NodeBase {
  readonly kind: 'parameter';
  /** Empty when `pattern` destructures. */
  readonly name: string;
  /** TypeScript destructuring pattern, as an assignment target. */
  readonly pattern: Expr | null;
  readonly defaultValue: Expr | null;
  readonly annotation: Expr | null;
  readonly spread: 'list' | 'dict' | null; // *args, **kwargs, ...rest
  readonly keywordOnly: boolean;
}

/** def, lambda, function, arrow, method. An expression-bodied lambda or arrow has a body of one `return`. */
export interface FunctionNode extends NodeBase {
  readonly kind: 'function';
  readonly name: string | null;
  readonly nameStart: number; // = start when anonymous
  readonly parameters: readonly Parameter[];
  readonly body: Block;
  readonly decorators: readonly Expr[];
  readonly returns: Expr | null; // Python return annotation
  readonly isAsync: boolean;
  readonly isGenerator: boolean;
  readonly isLambda: boolean; // lambda, arrow
  readonly isStatic: boolean; // static method (TypeScript keyword or @staticmethod)
}

/** TypeScript class fields are `assign` statements in the body (target: name); the constructor is a function named `constructor`. */
export interface ClassNode extends NodeBase {
  readonly kind: 'class';
  readonly name: string | null;
  readonly nameStart: number;
  readonly bases: readonly Expr[];
  readonly keywords: readonly Argument[];
  readonly decorators: readonly Expr[];
  readonly body: Block;
}

export interface ImportBinding extends Span {
  readonly local: string;
  /** Imported name; null binds the module itself (`import x`, `import * as x`); 'default' for TypeScript default imports. */
  readonly imported: string | null;
}

/**
 * `import a.b.c` -> module 'a.b.c', bindings [{local: 'a', imported: null}], bindsRoot true (the name is bound to `a`).
 * `from ..x import y as z` -> module 'x', relative 2. TypeScript: module is the specifier as written, relative 0.
 */
export interface Import extends NodeBase {
  readonly kind: 'import';
  readonly module: string;
  readonly relative: number;
  readonly bindings: readonly ImportBinding[];
  readonly star: boolean; // from m import *
  readonly bindsRoot: boolean;
  readonly typeOnly: boolean;
}

/** TypeScript only. `export const a` is the declaration followed by an Export naming it. */
export interface Export extends NodeBase {
  readonly kind: 'export';
  /** Specifier of a re-export, else null. */
  readonly module: string | null;
  readonly names: readonly { readonly local: string; readonly exported: string }[];
  readonly star: boolean;
  /** `export default EXPR`, `module.exports = EXPR`. */
  readonly defaultValue: Expr | null;
}

export type Stmt =
  | ExpressionStatement
  | Assign
  | Return
  | Raise
  | Simple
  | Delete
  | Assert
  | Global
  | If
  | For
  | While
  | With
  | Try
  | Match
  | FunctionNode
  | ClassNode
  | Import
  | Export
  | Block;

export type Node =
  | Expr
  | Stmt
  | Argument
  | DictEntry
  | ComprehensionClause
  | JsxAttribute
  | WithItem
  | Handler
  | Case
  | Parameter;

// --------------------------------------------------------------------- module

export interface Comment extends Span {
  /** As written, marker included. */
  readonly text: string;
}

/** One code cell of a notebook: where its text lies in `Module.text`. */
export interface CellSpan extends Span {
  /** Index among all cells of the notebook, from 0. */
  readonly index: number;
}

/** What a front end returns. */
export interface ParsedModule {
  readonly language: Language;
  readonly text: string;
  readonly body: Block;
  readonly comments: readonly Comment[];
  /** Spans of text that did not parse. */
  readonly errors: readonly Span[];
}

/** Names bound in one module, function, class or comprehension body. */
export interface Scope {
  readonly node: Module | FunctionNode | ClassNode | Comprehension;
  readonly parent: Scope | null;
  readonly bindings: Map<string, Binding[]>; // in source order
  /** Names declared `global` or `nonlocal` here. */
  readonly outer: Set<string>;
}

/** One place that gives a name a value. */
export interface Binding {
  readonly name: string;
  readonly scope: Scope;
  /** The node that binds: assignment, parameter, loop, import and so on. */
  readonly node: Node;
  readonly source:
    | { readonly from: 'expr'; readonly expr: Expr } // plain assignment
    | {
        readonly from: 'unpack';
        readonly expr: Expr;
        readonly path: readonly (number | string)[];
        readonly fallback?: Expr;
      } // a, (b, c) = expr; {k: v = fallback} = expr
    | { readonly from: 'element'; readonly expr: Expr; readonly path: readonly (number | string)[] } // for a, b in expr
    | { readonly from: 'with'; readonly expr: Expr }
    | {
        readonly from: 'parameter';
        readonly parameter: Parameter;
        readonly function: FunctionNode;
        readonly path: readonly (number | string)[];
      }
    | { readonly from: 'import'; readonly import: Import; readonly binding: ImportBinding }
    | { readonly from: 'function'; readonly function: FunctionNode }
    | { readonly from: 'class'; readonly class: ClassNode }
    | { readonly from: 'unknown' }; // augmented assignment, except-as, deletion, unmodelled
}

export type Loop = For | While | Comprehension;

/** A parsed module with parents, scopes and indexes filled in by `link()`. Indexes are in source order. */
export interface Module extends ParsedModule {
  readonly kind: 'module';
  /** Absolute path or URI path with forward slashes; identity of the module. */
  readonly path: string;
  /** Null outside notebooks. */
  readonly cells: readonly CellSpan[] | null;
  readonly scope: Scope;
  /** Scope of each function, class and comprehension. */
  readonly scopes: ReadonlyMap<FunctionNode | ClassNode | Comprehension, Scope>;
  readonly calls: readonly Call[];
  readonly loops: readonly Loop[];
  readonly functions: readonly FunctionNode[];
  readonly classes: readonly ClassNode[];
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
  readonly assigns: readonly Assign[];
}
