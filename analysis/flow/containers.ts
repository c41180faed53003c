/** What is in lists, dictionaries and unpacked values. */
import { allBases, itemType, returnType } from '../libraries/libraries.ts';
import { ofModule } from '../memo.ts';
import type { Binding, Dict, DictEntry, Expr, Name, Node } from '../model.ts';
import { guarded, memberValues } from './members.ts';
import { callsNamed } from './names.ts';
import { reachingBindings } from './reaching.ts';
import { PASS_THROUGH, resultOfMethod, typedResult } from './results.ts';
import { NOTHING } from './sets.ts';
import { moduleOf, type Snapshot } from './snapshot.ts';
import type { ObjectValue, Value } from './types.ts';
import { constant, constants, values } from './values.ts';

/** `models = []` that `models.append(Net())` fills holds what is appended: shown as further displays. */
export function growingDisplay(s: Snapshot, binding: Binding, found: readonly Value[]): readonly Value[] {
  const isList = found.some(
    (value) => value.kind === 'display' && value.node.kind === 'sequence' && value.node.type === 'list',
  );
  if (!isList) return filledDisplay(s, binding, found);
  const appended: Value[] = [];
  const module = moduleOf(s, binding.node);
  for (const call of [...callsNamed(s, module, 'append'), ...callsNamed(s, module, 'push')]) {
    const callee = call.callee;
    const item = call.args[0]?.value;
    if (
      callee.kind !== 'member' ||
      callee.object.kind !== 'name' ||
      callee.object.name !== binding.name ||
      !item
    )
      continue;
    let display = s.appendedDisplays.get(item);
    if (!display) {
      display = {
        kind: 'sequence',
        type: 'list',
        items: [item],
        start: item.start,
        end: item.end,
        parent: call,
      };
      s.appendedDisplays.set(item, display);
    }
    appended.push({ kind: 'display', node: display });
  }
  return appended.length > 0 ? [...found, ...appended] : found;
}

/** `models["en"] = Net()`, wherever the module does so, as further displays of the dict that `models` is. */
function filledDisplay(s: Snapshot, binding: Binding, found: readonly Value[]): readonly Value[] {
  const isDict = found.some(
    (value) =>
      (value.kind === 'display' && value.node.kind === 'dict') ||
      (value.kind === 'object' && value.types[0] === 'builtins.dict'),
  );
  if (!isDict) return found;
  const module = moduleOf(s, binding.node);
  const filled = (storesOf(module).get(binding.name) ?? []).filter(({ container }) =>
    reachingBindings(container, module).includes(binding),
  );
  return filled.length > 0
    ? [...found, ...filled.map(({ display }): Value => ({ kind: 'display', node: display }))]
    : found;
}

interface Store {
  readonly container: Name;
  readonly display: Dict;
}

/** Assignments to entries of a name, each as a dict of its own. */
const storesOf = ofModule((module): ReadonlyMap<string, readonly Store[]> => {
  const found = new Map<string, Store[]>();
  for (const { targets, value, operator, start, end, parent } of module.assigns) {
    const [target] = targets;
    if (target?.kind !== 'index' || target.object.kind !== 'name' || !value || operator !== null) continue;
    if (target.index.kind === 'slice') continue;
    const entries: DictEntry[] = [];
    const display: Dict = { kind: 'dict', entries, start, end, parent };
    entries.push({ kind: 'entry', key: target.index, value, start, end, parent: display });
    const store = { container: target.object, display };
    const list = found.get(target.object.name);
    if (list) list.push(store);
    else found.set(target.object.name, [store]);
  }
  return found;
});

export function entryNamed(s: Snapshot, node: Dict, key: string): Expr | null {
  let found: Expr | null = null;
  for (const entry of node.entries) {
    if (entry.key && constant(s, entry.key) !== undefined && String(constant(s, entry.key)) === key)
      found = entry.value;
  }
  return found;
}

/** Values under a key of a dict display, its spreads followed; each display is looked at once. */
export function entryValues(s: Snapshot, node: Dict, key: string, seen = new Set<Dict>()): readonly Value[] {
  if (seen.has(node)) return NOTHING;
  seen.add(node);
  const entry = entryNamed(s, node, key);
  if (entry) return values(s, entry);
  return node.entries.flatMap((one) =>
    one.key !== null
      ? []
      : values(s, one.value).flatMap((value) =>
          value.kind === 'display' && value.node.kind === 'dict'
            ? entryValues(s, value.node, key, seen)
            : value.kind === 'display'
              ? []
              : keyed(s, value, key),
        ),
  );
}

export function indexValues(s: Snapshot, object: Expr, index: Expr): readonly Value[] {
  const keys = constants(s, index);
  const containers = values(s, object);
  if (keys.length > 0)
    return containers.flatMap((value) => keys.flatMap((key) => (key === null ? [] : keyed(s, value, key))));
  return containers.flatMap((value) =>
    value.kind === 'display' && index.kind !== 'slice'
      ? value.node.kind === 'dict'
        ? value.node.entries.flatMap((entry) => (entry.key ? values(s, entry.value) : []))
        : items(s, value)
      : index.kind === 'slice'
        ? [value]
        : itemOfObject(s, value),
  );
}

export function keyed(s: Snapshot, value: Value, key: number | string | boolean): readonly Value[] {
  return guarded(s, () => keyedOf(s, value, key));
}

function keyedOf(s: Snapshot, value: Value, key: number | string | boolean): readonly Value[] {
  if (value.kind === 'display') {
    if (value.node.kind === 'dict') return entryValues(s, value.node, String(key));
    if (value.node.kind === 'sequence' && typeof key === 'number') {
      const item = value.node.items.at(key);
      return item ? (item.kind === 'spread' ? NOTHING : values(s, item)) : NOTHING;
    }
    return items(s, value);
  }
  if (value.kind === 'object' && typeof key === 'string') {
    // `vars(args)["epochs"]`
    if (value.types[0] === 'argparse.Namespace') return memberValues(s, value, key, null);
    const dictCall =
      value.origin && value.types[0] === 'builtins.dict'
        ? value.origin.args.find((argument) => argument.name === key)
        : undefined;
    if (dictCall) return values(s, dictCall.value);
  }
  return itemOfObject(s, value, typeof key === 'string');
}

function itemOfObject(s: Snapshot, value: Value, key = false): readonly Value[] {
  if (value.kind !== 'object') return NOTHING;
  const each = eachOf(value);
  if (each) return [each];
  const type = value.types[0];
  const declared = type ? (itemType(type, key) ?? returnType(`${type}.__getitem__`)) : undefined;
  return declared ? typedResult(s, declared, '', value, null, value.site) : NOTHING;
}

/** The member of a tuple or iterable whose members all have one type. */
function eachOf(value: ObjectValue): ObjectValue | null {
  const type = value.types[0];
  if (!type?.startsWith('each:')) return null;
  const item = type.slice('each:'.length);
  return { ...value, types: [item, ...allBases(item)], class: null };
}

/** What iterating over a value gives. */
export function items(s: Snapshot, value: Value, seen = new Set<Node>()): readonly Value[] {
  return guarded(s, () => itemsOf(s, value, seen));
}

function itemsOf(s: Snapshot, value: Value, seen: Set<Node>): readonly Value[] {
  if (value.kind === 'display') {
    const node = value.node;
    if (seen.has(node)) return NOTHING; // `xs = [*xs, y]`
    seen.add(node);
    if (node.kind === 'sequence') {
      return node.items.flatMap((item) =>
        item.kind === 'spread'
          ? values(s, item.value).flatMap((one) => items(s, one, seen))
          : values(s, item),
      );
    }
    if (node.kind === 'comprehension') return values(s, node.element);
    return node.entries.flatMap((entry) => (entry.key ? values(s, entry.key) : []));
  }
  if (value.kind !== 'object') return NOTHING;
  const each = eachOf(value);
  if (each) return [each];
  const iterated = resultOfMethod(s, value, '__iter__', null, value.site);
  if (iterated.length === 0) return itemOfObject(s, value);
  return iterated.map((one) => (one.kind === 'object' ? (eachOf(one) ?? one) : one));
}

export function pathValues(s: Snapshot, expr: Expr, path: readonly (number | string)[]): readonly Value[] {
  return path.length === 0 ? values(s, expr) : values(s, expr).flatMap((value) => valuePath(s, value, path));
}

export function valuePath(s: Snapshot, value: Value, path: readonly (number | string)[]): readonly Value[] {
  const [first, ...rest] = path;
  if (first === undefined) return [value];
  let inner: readonly Value[];
  if (value.kind === 'display' || typeof first === 'string') {
    inner = typeof first === 'string' ? memberValues(s, value, first, null) : keyed(s, value, first);
  } else {
    const each = value.kind === 'object' ? eachOf(value) : null;
    if (each) return [each]; // of one type at any depth
    inner = items(s, value);
  }
  return rest.length === 0 ? inner : inner.flatMap((one) => valuePath(s, one, rest));
}

/** Values of a loop variable: `for m in models`, `for i, m in enumerate(models)`, `for a, b in zip(xs, ys)`, `.items()`. */
export function elementPath(
  s: Snapshot,
  iterable: Expr,
  path: readonly (number | string)[],
): readonly Value[] {
  if (iterable.kind === 'call') {
    const name = values(s, iterable.callee).find((value) => value.kind === 'library')?.name;
    const [first, ...rest] = path;
    if (name === 'builtins.enumerate' && typeof first === 'number') {
      const source = iterable.args[0]?.value;
      return first === 1 && source ? elementPath(s, source, rest) : NOTHING;
    }
    if (name === 'builtins.zip' && typeof first === 'number') {
      const source = iterable.args[first]?.value;
      return source && !iterable.args.some((argument) => argument.spread)
        ? elementPath(s, source, rest)
        : NOTHING;
    }
    if (name && PASS_THROUGH.has(name)) {
      const source = iterable.args[0]?.value;
      return source ? elementPath(s, source, path) : NOTHING;
    }
    if (iterable.callee.kind === 'member' && ['items', 'values', 'keys'].includes(iterable.callee.property)) {
      const method = iterable.callee.property;
      const dicts = values(s, iterable.callee.object).flatMap((value) =>
        value.kind === 'display' && value.node.kind === 'dict' ? [value.node] : [],
      );
      if (dicts.length > 0) {
        const wantsValue = method === 'values' || (method === 'items' && first === 1);
        const below = method === 'items' ? rest : path;
        return dicts.flatMap((dict) =>
          dict.entries.flatMap((entry) => {
            const part = wantsValue ? entry.value : entry.key;
            return part ? pathValues(s, part, below) : [];
          }),
        );
      }
    }
  }
  return values(s, iterable)
    .flatMap((one) => items(s, one))
    .flatMap((value) => (path.length === 0 ? [value] : valuePath(s, value, path)));
}
