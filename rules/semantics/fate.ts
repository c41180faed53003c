/** What becomes of the result of a call: whether it is used, shown, or thrown away, and whether its graph goes on. */
import { reachingBindings } from '../../analysis/flow/reaching.ts';
import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, Name, Node } from '../../analysis/model.ts';
import { ancestors, descendants, enclosingFunction, lastName } from '../../analysis/tree.ts';
import { isGraphless } from './torch-training.ts';

/** What becomes of a result, from nothing to something: its shape is asked for, it is shown, it is used. */
type Fate = 'unused' | 'unread' | 'measured' | 'shown' | 'used';
const FATES: readonly Fate[] = ['unused', 'unread', 'measured', 'shown', 'used'];

const MEASURES = new Set(['shape', 'size', 'dim', 'ndim', 'dtype', 'device', 'type', 'numel']);
const SUMMARIES = new Set(['mean', 'std', 'sum', 'min', 'max']);

/** The fate of a name, from those of its uses. */
function sum(fates: readonly Fate[]): Fate {
  if (fates.length === 0) return 'unread';
  return FATES[Math.max(...fates.map((fate) => FATES.indexOf(fate)))] ?? 'used';
}

export function fateOf(flow: Flow, expr: Expr, depth = 0): Fate {
  if (depth > 4) return 'used';
  let child: Node = expr;
  let fate: Fate = 'shown';
  for (const parent of ancestors(expr)) {
    switch (parent.kind) {
      case 'member':
        if (child === parent.object && MEASURES.has(parent.property)) fate = 'measured';
        else if (
          !SUMMARIES.has(parent.property) &&
          fate !== 'measured' &&
          !/^(?:cpu|detach|to|data|item|numpy|tolist|squeeze|logits|loss|last_hidden_state)$/.test(
            parent.property,
          )
        )
          fate = 'used';
        break;
      case 'call': {
        const names = flow.names(parent);
        if (names.some((name) => /^builtins\.(?:len|type|isinstance)$/.test(name)) || draws(parent))
          fate = 'measured';
        else if (
          child.kind === 'argument' &&
          fate !== 'measured' &&
          !names.some((name) => SHOWS.test(name) || /^torch\./.test(name)) &&
          !formats(parent) &&
          parent !== expr
        )
          fate = 'used';
        break;
      }
      case 'expression':
        return child === expr ? (isLastOfCell(flow, parent) ? fate : 'unused') : fate;
      case 'assert':
        return fate;
      case 'assign':
        if (child !== parent.value) return 'used';
        if (fate !== 'shown') return fate;
        if (parent.targets.every((target) => target.kind === 'name' && target.name === '_')) return 'unused';
        return sum(usesOfTargets(flow, parent.targets, parent).map((use) => fateOf(flow, use, depth + 1)));
      case 'for':
        if (child !== parent.iterable) return 'used';
        return sum(usesOfTargets(flow, [parent.target], parent).map((use) => fateOf(flow, use, depth + 1)));
      case 'argument':
      case 'index':
      case 'template':
      case 'sequence':
        break;
      case 'unknown': // `{loss:.4f}` in a text
        if (parent.parent?.kind !== 'template') return fate === 'measured' ? fate : 'used';
        break;
      case 'binary': // `"%.4f" % loss`
        if (parent.operator !== '%' || child !== parent.right || !isText(parent.left))
          return fate === 'measured' ? fate : 'used';
        break;
      default:
        return fate === 'measured' ? fate : 'used';
    }
    child = parent;
  }
  return 'used';
}

const isText = (expr: Expr): boolean =>
  expr.kind === 'template' || (expr.kind === 'literal' && typeof expr.value === 'string');

/** `"{:.4f}".format(loss)`. */
function formats({ callee }: Call): boolean {
  return callee.kind === 'member' && callee.property === 'format' && isText(callee.object);
}

/** `make_dot(model(x))`, `writer.add_graph(model, model(x))`: the pass is made to draw its graph. */
function draws({ callee }: Call): boolean {
  const name = lastName(callee);
  return /^(?:make_dot|add_graph|draw_graph|make_dot_from_trace)$/.test(name);
}

const SHOWS = /^builtins\.(?:print|repr|str)$|^logging\.|^pprint\.|^icecream\.|^IPython\./;

/** A notebook shows the value of a cell's last expression. */
function isLastOfCell(flow: Flow, statement: Node): boolean {
  const cells = flow.moduleOf(statement).cells;
  const cell = cells?.find((one) => one.start <= statement.start && statement.end <= one.end);
  return cell !== undefined && flow.moduleOf(statement).text.slice(statement.end, cell.end).trim() === '';
}

/** Whether the name is given a value here, not read. */
function isStored(name: Name): boolean {
  let child: Node = name;
  for (const parent of ancestors(name)) {
    if (parent.kind === 'assign') return child !== parent.value && parent.operator === null;
    if (parent.kind === 'for' || parent.kind === 'clause' || parent.kind === 'item')
      return child === parent.target;
    if (parent.kind !== 'sequence' && parent.kind !== 'spread') return false;
    child = parent;
  }
  return false;
}

/** Uses of the names that the statement gives a value, where that value may still be in them. */
function usesOfTargets(flow: Flow, targets: readonly Expr[], binder: Node): readonly Expr[] {
  const names = new Set<string>();
  for (const target of targets) {
    if (target.kind === 'member' || target.kind === 'index') return [target]; // kept for somebody else
    for (const name of descendants(target, 'name')) names.add(name.name);
  }
  if (names.size === 0) return [];
  const module = flow.moduleOf(binder);
  const scope: Node = enclosingFunction(binder)?.body ?? module.body;
  return descendants(scope, 'name').filter(
    (name: Name) =>
      names.has(name.name) &&
      !isStored(name) &&
      reachingBindings(name, module).some((binding) => binding.node === binder),
  );
}

/** Whether the result, or something made of it, ends as plain numbers: an error, an accuracy, a prediction. */
export function endsGraphless(flow: Flow, expr: Expr, depth: number): boolean {
  if (depth > 4) return false;
  let child: Node = expr;
  for (const parent of ancestors(expr)) {
    if (
      (parent.kind === 'member' || parent.kind === 'call' || parent.kind === 'binary') &&
      isGraphless(flow, parent)
    )
      return true;
    if (parent.kind === 'template') return true;
    if (parent.kind === 'assign')
      return (
        child === parent.value &&
        usesOfTargets(flow, parent.targets, parent).some((use) => endsGraphless(flow, use, depth + 1))
      );
    if (parent.kind === 'for' && child === parent.iterable)
      return usesOfTargets(flow, [parent.target], parent).some((use) => endsGraphless(flow, use, depth + 1));
    if (parent.kind === 'return' || parent.kind === 'block') return false;
    child = parent;
  }
  return false;
}
