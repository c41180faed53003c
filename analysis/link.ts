/** From a front end's bare tree to a Module: parents, scopes, bindings and indexes, in one walk. */
import type {
  Assign,
  Binding,
  Call,
  CellSpan,
  ClassNode,
  Comprehension,
  Export,
  Expr,
  FunctionNode,
  Import,
  Loop,
  Module,
  Node,
  ParsedModule,
  Scope,
} from './model.ts';
import { forEachChild } from './tree.ts';

type Path = readonly (number | string)[];
type Source = Binding['source'];

/** @param path absolute path of the file, forward slashes. @param cells null outside notebooks. */
export function linkModule(
  path: string,
  parsed: ParsedModule,
  cells: readonly CellSpan[] | null = null,
): Module {
  const calls: Call[] = [];
  const loops: Loop[] = [];
  const functions: FunctionNode[] = [];
  const classes: ClassNode[] = [];
  const imports: Import[] = [];
  const exports: Export[] = [];
  const assigns: Assign[] = [];
  const scopes = new Map<FunctionNode | ClassNode | Comprehension, Scope>();
  const root: Scope = {
    node: null as unknown as Module,
    parent: null,
    bindings: new Map(),
    outer: new Set(),
  };

  /** TypeScript's `x = 1` gives a value to whichever `x` is declared nearest, in whatever function. */
  const declared = new Map<Scope, ReadonlySet<string>>();
  const declaringScope = (scope: Scope, name: string): Scope => {
    for (let current: Scope | null = scope; current; current = current.parent) {
      let names = declared.get(current);
      if (!names) {
        names = declaredNames(current.node === null ? parsed.body : (current.node as Node), current);
        declared.set(current, names);
      }
      if (names.has(name)) return current;
    }
    return root;
  };

  const bind = (scope: Scope, name: string, node: Node, source: Source) => {
    let target = scope;
    const isField = scope.node?.kind === 'class';
    if (parsed.language === 'typescript' && node.kind === 'assign' && node.declaration === null && !isField) {
      target = declaringScope(scope, name);
    } else if (scope.outer.has(name)) {
      target = scope.parent ?? scope;
      while (target.parent && !(target.node && 'kind' in target.node && target.bindings.has(name)))
        target = target.parent;
    }
    const list = target.bindings.get(name);
    const binding: Binding = { name, scope: target, node, source };
    if (list) list.push(binding);
    else target.bindings.set(name, [binding]);
  };

  /** Binds every name of an assignment target. `make` says where the value at `path` inside it comes from. */
  const bindTarget = (
    scope: Scope,
    target: Expr,
    node: Node,
    path: Path,
    make: (path: Path, fallback?: Expr) => Source,
  ) => {
    switch (target.kind) {
      case 'name':
        return bind(scope, target.name, node, make(path));
      case 'sequence':
        target.items.forEach((item, index) => {
          if (item.kind === 'spread') bindTarget(scope, item.value, node, [], () => ({ from: 'unknown' }));
          else bindTarget(scope, item, node, [...path, index], make);
        });
        return;
      case 'dict':
        for (const { key, value } of target.entries) {
          if (key?.kind === 'literal') bindTarget(scope, value, node, [...path, String(key.value)], make);
          else bindTarget(scope, value, node, [], () => ({ from: 'unknown' }));
        }
        return;
      case 'assign': {
        const inner = target.targets[0]; // a destructuring default: `{ a = 1 }`
        const fallback = target.value ?? undefined;
        if (inner) bindTarget(scope, inner, node, path, (at) => make(at, fallback));
        return;
      }
      default:
        return;
    }
  };

  /** A walrus binds in the function around a comprehension, not in the comprehension. */
  const assignScope = (scope: Scope): Scope => {
    let target = scope;
    while (target.parent && target.node && (target.node as Node | Module).kind === 'comprehension')
      target = target.parent;
    return target;
  };

  const open = (node: FunctionNode | ClassNode | Comprehension, parent: Scope): Scope => {
    const scope: Scope = { node, parent, bindings: new Map(), outer: new Set() };
    scopes.set(node, scope);
    return scope;
  };

  // where `into` stands: one closure for all nodes, as there are many
  let around: Node | null = null;
  let scopeAround = root;
  const into = (child: Node) => visit(child, around, scopeAround);
  const visitChildren = (node: Node, scope: Scope) => {
    const before = around;
    const scopeBefore = scopeAround;
    around = node;
    scopeAround = scope;
    forEachChild(node, into);
    around = before;
    scopeAround = scopeBefore;
  };

  const visit = (node: Node, parent: Node | null, scope: Scope) => {
    node.parent = parent;
    switch (node.kind) {
      case 'call':
        visitChildren(node, scope); // arguments first: indexes are in order of evaluation for nested calls
        calls.push(node);
        return;
      case 'assign': {
        assigns.push(node);
        visitChildren(node, scope);
        const value = node.value;
        if (!value) {
          // `let model;` hides whatever has the name outside
          if (node.declaration)
            for (const target of node.targets)
              bindTarget(scope, target, node, [], () => ({ from: 'unknown' }));
          return;
        }
        for (const target of node.targets) {
          if (node.operator !== null && !['??=', '||=', '&&='].includes(node.operator)) {
            bindTarget(assignScope(scope), target, node, [], () => ({ from: 'unknown' }));
          } else {
            bindTarget(assignScope(scope), target, node, [], (path, fallback) =>
              path.length === 0 && !fallback
                ? { from: 'expr', expr: value }
                : { from: 'unpack', expr: value, path, fallback },
            );
          }
        }
        return;
      }
      case 'for':
        loops.push(node);
        bindTarget(scope, node.target, node, [], (path) => ({ from: 'element', expr: node.iterable, path }));
        return visitChildren(node, scope);
      case 'while':
        loops.push(node);
        return visitChildren(node, scope);
      case 'with':
        for (const item of node.items) {
          if (item.target)
            bindTarget(scope, item.target, node, [], () => ({ from: 'with', expr: item.context }));
        }
        return visitChildren(node, scope);
      case 'handler':
        if (node.name) bind(scope, node.name, node, { from: 'unknown' });
        return visitChildren(node, scope);
      case 'global':
        for (const name of node.names) scope.outer.add(name);
        return;
      case 'import':
        imports.push(node);
        for (const binding of node.bindings)
          bind(scope, binding.local, node, { from: 'import', import: node, binding });
        return;
      case 'export':
        exports.push(node);
        return visitChildren(node, scope);
      case 'comprehension': {
        loops.push(node);
        const inner = open(node, scope);
        for (const clause of node.clauses) {
          bindTarget(inner, clause.target, clause, [], (path) => ({
            from: 'element',
            expr: clause.iterable,
            path,
          }));
        }
        return visitChildren(node, inner);
      }
      case 'function': {
        functions.push(node);
        if (node.name) bind(scope, node.name, node, { from: 'function', function: node });
        const inner = open(node, scope);
        for (const parameter of node.parameters) {
          const make = (path: Path): Source => ({ from: 'parameter', parameter, function: node, path });
          if (parameter.pattern) bindTarget(inner, parameter.pattern, parameter, [], make);
          else if (parameter.name) bind(inner, parameter.name, parameter, make([]));
        }
        for (const decorator of node.decorators) visit(decorator, node, scope);
        for (const parameter of node.parameters) visit(parameter, node, inner);
        if (node.returns) visit(node.returns, node, scope);
        return visit(node.body, node, inner);
      }
      case 'class': {
        classes.push(node);
        if (node.name) bind(scope, node.name, node, { from: 'class', class: node });
        for (const decorator of node.decorators) visit(decorator, node, scope);
        for (const base of node.bases) visit(base, node, scope);
        for (const keyword of node.keywords) visit(keyword, node, scope);
        return visit(node.body, node, open(node, scope));
      }
      default:
        return visitChildren(node, scope);
    }
  };

  visit(parsed.body, null, root);
  const module: Module = {
    ...parsed,
    kind: 'module',
    path,
    cells,
    scope: root,
    scopes,
    calls,
    loops,
    functions,
    classes,
    imports,
    exports,
    assigns,
  };
  (root as { node: Module }).node = module;
  return module;
}

/** Names that a TypeScript function or file declares itself, its nested functions left out. */
function declaredNames(owner: Node, scope: Scope): ReadonlySet<string> {
  const names = new Set<string>(scope.bindings.keys());
  if (owner.kind === 'class') return names; // a field is no variable
  const take = (target: Node) => {
    if (target.kind === 'name') names.add(target.name);
    else if (target.kind === 'sequence') target.items.forEach(take);
    else if (target.kind === 'dict') for (const entry of target.entries) take(entry.value);
    else if (target.kind === 'assign') target.targets.forEach(take);
    else if (target.kind === 'spread') take(target.value);
  };
  const visit = (node: Node): void => {
    if (node !== owner && (node.kind === 'function' || node.kind === 'class')) {
      if (node.name) names.add(node.name);
      return;
    }
    if (node.kind === 'assign' && node.declaration !== null) node.targets.forEach(take);
    if (node.kind === 'for') take(node.target);
    if (node.kind === 'import') for (const { local } of node.bindings) names.add(local);
    forEachChild(node, visit);
  };
  visit(owner);
  return names;
}
