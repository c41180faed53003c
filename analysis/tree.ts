/** Moving about the CodeModel: children, ancestors, enclosing constructs. Pure functions over nodes. */
import type { Block, ClassNode, Expr, FunctionNode, Loop, Node, Span, Stmt, WithItem } from './model.ts';

function each(nodes: readonly Node[], visit: (child: Node) => void): void {
  for (const child of nodes) visit(child);
}

function maybe(child: Node | null, visit: (child: Node) => void): void {
  if (child) visit(child);
}

/** Calls `visit` for each direct child, in source order as far as the node's shape has one. */
export function forEachChild(node: Node, visit: (child: Node) => void): void {
  switch (node.kind) {
    case 'member':
      return visit(node.object);
    case 'index':
      visit(node.object);
      return visit(node.index);
    case 'slice':
      maybe(node.lower, visit);
      maybe(node.upper, visit);
      return maybe(node.step, visit);
    case 'argument':
    case 'await':
    case 'spread':
      return visit(node.value);
    case 'call':
      visit(node.callee);
      return each(node.args, visit);
    case 'template':
      for (const part of node.parts) if (typeof part !== 'string') visit(part);
      return;
    case 'sequence':
      return each(node.items, visit);
    case 'dict':
      return each(node.entries, visit);
    case 'entry':
      maybe(node.key, visit);
      return visit(node.value);
    case 'unary':
      return visit(node.operand);
    case 'binary':
      visit(node.left);
      return visit(node.right);
    case 'conditional':
      visit(node.test);
      visit(node.then);
      return visit(node.otherwise);
    case 'yield':
    case 'return':
      return maybe(node.value, visit);
    case 'raise':
      maybe(node.value, visit);
      return maybe(node.cause ?? null, visit);
    case 'clause':
      visit(node.target);
      visit(node.iterable);
      return each(node.conditions, visit);
    case 'comprehension':
      maybe(node.key, visit);
      visit(node.element);
      return each(node.clauses, visit);
    case 'attribute':
      return maybe(node.value, visit);
    case 'jsx':
      each(node.attributes, visit);
      return each(node.children, visit);
    case 'unknown':
      return each(node.children, visit);
    case 'block':
      return each(node.statements, visit);
    case 'expression':
      return visit(node.expression);
    case 'assign':
      each(node.targets, visit);
      maybe(node.annotation, visit);
      return maybe(node.value, visit);
    case 'delete':
      return each(node.targets, visit);
    case 'assert':
      visit(node.test);
      return maybe(node.message ?? null, visit);
    case 'if':
      visit(node.test);
      visit(node.then);
      return maybe(node.otherwise, visit);
    case 'for':
      visit(node.target);
      visit(node.iterable);
      visit(node.body);
      return maybe(node.orelse, visit);
    case 'while':
      maybe(node.init, visit);
      maybe(node.test, visit);
      maybe(node.update, visit);
      visit(node.body);
      return maybe(node.orelse, visit);
    case 'item':
      visit(node.context);
      return maybe(node.target, visit);
    case 'with':
      each(node.items, visit);
      return visit(node.body);
    case 'handler':
      maybe(node.type, visit);
      return visit(node.body);
    case 'try':
      visit(node.body);
      each(node.handlers, visit);
      maybe(node.orelse, visit);
      return maybe(node.finalizer, visit);
    case 'case':
      maybe(node.pattern, visit);
      maybe(node.guard, visit);
      return visit(node.body);
    case 'match':
      visit(node.subject);
      return each(node.cases, visit);
    case 'parameter':
      maybe(node.pattern, visit);
      maybe(node.annotation, visit);
      return maybe(node.defaultValue, visit);
    case 'function':
      each(node.decorators, visit);
      each(node.parameters, visit);
      maybe(node.returns, visit);
      return visit(node.body);
    case 'class':
      each(node.decorators, visit);
      each(node.bases, visit);
      each(node.keywords, visit);
      return visit(node.body);
    case 'export':
      return maybe(node.defaultValue, visit);
    default:
      return; // name, literal, break, continue, pass, global, import: leaves
  }
}

/** Parents from the nearest outwards. */
export function* ancestors(node: Node): Generator<Node> {
  for (let parent = node.parent; parent; parent = parent.parent) yield parent;
}

export function enclosing<Kind extends Node['kind']>(
  node: Node,
  ...kinds: readonly Kind[]
): Extract<Node, { kind: Kind }> | null {
  for (let parent = node.parent; parent; parent = parent.parent) {
    if ((kinds as readonly string[]).includes(parent.kind)) return parent as Extract<Node, { kind: Kind }>;
  }
  return null;
}

/** Whether `outer` is `node` or one of its ancestors. */
export function contains(outer: Node, node: Node): boolean {
  for (let current: Node | null = node; current; current = current.parent) if (current === outer) return true;
  return false;
}

/** The function whose body (not its decorators or defaults) holds the node; null at module or class level. */
export function enclosingFunction(node: Node): FunctionNode | null {
  let child: Node = node;
  for (let parent = node.parent; parent; parent = parent.parent) {
    if (parent.kind === 'function' && child === parent.body) return parent;
    child = parent;
  }
  return null;
}

/** The class of which the node is part, through methods too. */
export function enclosingClass(node: Node): ClassNode | null {
  let child: Node = node;
  for (let parent = node.parent; parent; parent = parent.parent) {
    if (parent.kind === 'class' && child === parent.body) return parent;
    child = parent;
  }
  return null;
}

/** The class a function is a method of, directly. */
export function classOf(node: FunctionNode): ClassNode | null {
  const owner = node.parent?.kind === 'block' ? node.parent.parent : null;
  return owner?.kind === 'class' ? owner : null;
}

/** Loops around the node within its own function, innermost first. The iterable of a `for` is outside its loop. */
export function enclosingLoops(node: Node): Loop[] {
  const loops: Loop[] = [];
  let child: Node = node;
  for (let parent = node.parent; parent; parent = parent.parent) {
    if (parent.kind === 'function' || parent.kind === 'class') break;
    if (parent.kind === 'for' && child === parent.body) loops.push(parent);
    else if (parent.kind === 'while' && child !== parent.init && child !== parent.orelse) loops.push(parent);
    else if (parent.kind === 'comprehension' && !(child.kind === 'clause' && child === parent.clauses[0]))
      loops.push(parent);
    child = parent;
  }
  return loops;
}

/** `with` items whose body holds the node, innermost first, within its own function. */
export function enclosingWithItems(node: Node): WithItem[] {
  const items: WithItem[] = [];
  let child: Node = node;
  for (let parent = node.parent; parent; parent = parent.parent) {
    if (parent.kind === 'function' || parent.kind === 'class') break;
    if (parent.kind === 'with' && child === parent.body) items.push(...[...parent.items].reverse());
    child = parent;
  }
  return items;
}

/** The statement that holds the node: the child of the nearest block. */
export function statementOf(node: Node): Stmt {
  let child: Node = node;
  for (let parent = node.parent; parent; parent = parent.parent) {
    if (parent.kind === 'block') return child as Stmt;
    child = parent;
  }
  return child as Stmt;
}

/** Statements of the block the node's statement stands in. */
export function blockOf(node: Node): Block | null {
  const parent = statementOf(node).parent;
  return parent?.kind === 'block' ? parent : null;
}

/** Every node below, itself included, in source order. `enter` returning false skips what lies below a node. */
export function walk(node: Node, enter: (node: Node) => unknown): void {
  const visit = (current: Node): void => {
    if (enter(current) !== false) forEachChild(current, visit);
  };
  visit(node);
}

/** All nodes of one kind below a node, by kind, in source order; nodes never change once they are linked. */
const kindsBelow = new WeakMap<Node, Map<Node['kind'], Node[]>>();

/** The nodes of one kind in the whole tree that the node belongs to: found in one walk, for all kinds. */
function allOfKind(node: Node, kind: Node['kind']): readonly Node[] {
  let root = node;
  while (root.parent) root = root.parent;
  let kinds = kindsBelow.get(root);
  if (!kinds) {
    const found = new Map<Node['kind'], Node[]>();
    walk(root, (current) => {
      const list = found.get(current.kind);
      if (list) list.push(current);
      else found.set(current.kind, [current]);
    });
    // an expression like `a if b else c` is walked in another order than it is written
    for (const list of found.values()) list.sort((a, b) => a.start - b.start || b.end - a.end);
    kindsBelow.set(root, found);
    kinds = found;
  }
  return kinds.get(kind) ?? [];
}

/** What has been asked of a node. */
const asked = new WeakMap<Node, Map<string, readonly Node[]>>();

/** All nodes of one kind below `node`, itself included, in source order. With `own`, nested functions and classes are left out. */
export function descendants<Kind extends Node['kind']>(
  node: Node,
  kind: Kind,
  own = false,
): readonly Extract<Node, { kind: Kind }>[] {
  const key = own ? `own ${kind}` : kind;
  let answers = asked.get(node);
  if (!answers) {
    answers = new Map();
    asked.set(node, answers);
  }
  let found = answers.get(key);
  if (!found) {
    found = findDescendants(node, kind, own);
    answers.set(key, found);
  }
  return found as readonly Extract<Node, { kind: Kind }>[];
}

function findDescendants(node: Node, kind: Node['kind'], own: boolean): readonly Node[] {
  const all = allOfKind(node, kind);
  if (!node.parent && !own) return all;
  const below: Node[] = [];
  for (let i = firstFrom(all, node.start); i < all.length; i++) {
    const one = all[i] as Node;
    if (one.start > node.end) break;
    if (one.end <= node.end && isBelow(one, node, own)) below.push(one);
  }
  return below;
}

/** Index of the first span, of some in source order, that starts at an offset or after it. */
export function firstFrom(spans: readonly Span[], offset: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle] as Span).start < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether `outer` is the node or around it; with `own`, with no function or class between. */
function isBelow(node: Node, outer: Node, own: boolean): boolean {
  if (node === outer) return true;
  for (let parent = node.parent; parent; parent = parent.parent) {
    if (parent === outer) return true;
    if (own && (parent.kind === 'function' || parent.kind === 'class')) return false;
  }
  return false;
}

/** What an expression names last, as written: `b` of `a.b` and of `b`; empty for any other. */
export function lastName(expr: Expr): string {
  return expr.kind === 'member' ? expr.property : expr.kind === 'name' ? expr.name : '';
}

/** `name` for Python's `self.name`; null for everything else. */
export function ownAttribute(expr: Node | null | undefined): string | null {
  return expr?.kind === 'member' && expr.object.kind === 'name' && expr.object.name === 'self'
    ? expr.property
    : null;
}
