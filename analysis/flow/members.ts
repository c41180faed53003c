/** What stands behind `object.property`: methods, assigned attributes, defaults of command lines, library types. */
import { allBases, attributeType, canonicalName } from '../libraries/libraries.ts';
import type { ClassNode, Expr, FunctionNode, Member, Module, Parameter } from '../model.ts';
import { classOf, enclosingFunction, lastName } from '../tree.ts';
import { bases, lineage, methodsNamed } from './classes.ts';
import { entryValues, pathValues } from './containers.ts';
import { exportValues } from './imports.ts';
import { callsNamed } from './names.ts';
import { returnValues } from './results.ts';
import { NOTHING, unique } from './sets.ts';
import { answersOf, moduleOf, type Snapshot } from './snapshot.ts';
import type { ObjectValue, Value } from './types.ts';
import { bindingValues, MAX_DEPTH, values } from './values.ts';

/** Ends what would run round a cycle that no memo sees: `options = {**options}`. */
export function guarded(s: Snapshot, look: () => readonly Value[]): readonly Value[] {
  if (s.depth > MAX_DEPTH) return NOTHING;
  s.depth++;
  try {
    return look();
  } finally {
    s.depth--;
  }
}

export function memberValues(
  s: Snapshot,
  value: Value,
  property: string,
  node: Member | null,
): readonly Value[] {
  return guarded(s, () => memberOf(s, value, property, node));
}

function memberOf(s: Snapshot, value: Value, property: string, node: Member | null): readonly Value[] {
  switch (value.kind) {
    case 'library':
      if (value.receiver)
        return [{ kind: 'library', name: `${value.name}.${property}`, receiver: value.receiver }];
      return [{ kind: 'library', name: canonicalName(`${value.name}.${property}`) }];
    case 'module': {
      const found = exportValues(s, value.module, property);
      if (found.length > 0 || value.module.language === 'typescript') return found;
      const submodule = s.project.resolve(value.module, '', 1, property);
      return submodule ? [{ kind: 'module', module: submodule }] : NOTHING;
    }
    case 'class':
      return classMember(s, value.class, property);
    case 'object':
      return objectMember(s, value, property, node);
    case 'display':
      return value.node.kind === 'dict' ? entryValues(s, value.node, property) : NOTHING;
    case 'constant':
      return typeof value.value === 'string' ? [{ kind: 'library', name: `str.${property}` }] : NOTHING;
    case 'parameter':
      return attributions(s, property).flatMap((one) =>
        node && one.part === null && !one.owner && isParameter(s, one.receiver, value.parameter)
          ? values(s, one.value)
          : [],
      );
    default:
      return NOTHING;
  }
}

function isParameter(s: Snapshot, expr: Expr, parameter: Parameter): boolean {
  return values(s, expr).some((value) => value.kind === 'parameter' && value.parameter === parameter);
}

function classMember(s: Snapshot, node: ClassNode, property: string): readonly Value[] {
  for (const one of lineage(s, node)) {
    const scope = moduleOf(s, one).scopes.get(one);
    const bindings = scope?.bindings.get(property);
    if (bindings) return bindings.flatMap((one) => bindingValues(s, one));
  }
  return bases(s, node)
    .slice(0, 1)
    .map((base) => ({ kind: 'library', name: `${base}.${property}` }));
}

function objectMember(
  s: Snapshot,
  object: ObjectValue,
  property: string,
  node: Member | null,
): readonly Value[] {
  return answersOf(s, s.members, object.site).ask(`${object.types[0] ?? ''}.${property}`, () =>
    unique(memberOfObject(s, object, property, node)),
  );
}

function memberOfObject(
  s: Snapshot,
  object: ObjectValue,
  property: string,
  node: Member | null,
): readonly Value[] {
  const found: Value[] = [];
  if (object.class) {
    const methods = methodsNamed(s, object.class, property);
    for (const method of methods) {
      const isProperty = method.decorators.some((decorator) =>
        ['property', 'cached_property'].includes(lastName(decorator)),
      );
      if (isProperty) found.push(...returnValues(s, method));
      else found.push({ kind: 'function', function: method, self: object });
    }
    if (methods.length === 0) found.push(...assignedMember(s, object, property));
    if (found.length === 0) {
      for (const one of lineage(s, object.class)) {
        const bindings = moduleOf(s, one).scopes.get(one)?.bindings.get(property);
        if (bindings) {
          found.push(...bindings.flatMap((one) => bindingValues(s, one)));
          break;
        }
      }
    }
    if (object.origin && found.every((value) => value.kind === 'constant')) {
      // a dataclass field given at construction
      const given = object.origin.args.find((argument) => argument.name === property);
      if (given && methodsNamed(s, object.class, '__init__').length === 0) return values(s, given.value);
    }
    if (found.length > 0) return found;
  } else if (object.types[0] === 'argparse.Namespace') {
    return argparseDefault(s, object, property);
  } else {
    found.push(...assignedMember(s, object, property));
  }
  if (found.length > 0) return found;
  const type = object.types[0];
  if (!type) return NOTHING;
  const attribute = attributeType(type, property);
  if (attribute === 'self') return [object];
  if (attribute) {
    const types = [attribute, ...allBases(attribute)];
    return [{ kind: 'object', types, class: null, origin: null, site: node ?? object.site }];
  }
  return [{ kind: 'library', name: `${type}.${property}`, receiver: object }];
}

/** `receiver.property = value`, or one part of such an unpacking. */
export interface Attribution {
  readonly module: Module;
  readonly receiver: Expr;
  /** The class whose own methods the receiver stands for: `self.x = …`; null where it is another object. */
  readonly owner: ClassNode | null;
  readonly value: Expr;
  /** Which part of the value is given; null for the whole. */
  readonly part: number | null;
}

function attributions(s: Snapshot, property: string): readonly Attribution[] {
  s.attributions ??= indexAttributions(s.modules);
  return s.attributions.get(property) ?? [];
}

function indexAttributions(modules: readonly Module[]): Map<string, Attribution[]> {
  const index = new Map<string, Attribution[]>();
  for (const module of modules) {
    for (const { operator, targets, value } of module.assigns) {
      if (!value || (operator !== null && operator !== '??=' && operator !== '||=')) continue;
      const add = (member: Expr, part: number | null) => {
        if (member.kind !== 'member') return;
        const one = { module, receiver: member.object, owner: ownerOf(member.object), value, part };
        const list = index.get(member.property);
        if (list) list.push(one);
        else index.set(member.property, [one]);
      };
      for (const target of targets) {
        if (target.kind === 'sequence') target.items.forEach(add);
        else add(target, null);
      }
    }
  }
  return index;
}

/**
 * What is kept under a name that all the code of an application shares: `app.state.model` of Starlette, which handlers
 * also reach through `request.app`, and Streamlit's `st.session_state.model`.
 */
export function sharedValues(s: Snapshot, { object, property }: Member): readonly Value[] {
  const place = placeOf(object);
  if (!place) return NOTHING;
  const component = s.graph.component(moduleOf(s, object));
  return guarded(s, () =>
    attributions(s, property).flatMap(({ module, receiver, value, part }) => {
      if (!component.has(module) || placeOf(receiver) !== place) return NOTHING;
      return part === null ? values(s, value) : pathValues(s, value, [part]);
    }),
  );
}

function placeOf(expr: Expr): 'application' | 'session' | null {
  if (expr.kind !== 'member') return null;
  if (expr.property === 'session_state') return 'session';
  const owner = expr.object;
  const name = lastName(owner);
  return expr.property === 'state' && /^(?:\w+_)?(?:app|api|application)$/.test(name) ? 'application' : null;
}

/** The class that a method's own `self` or `this` is an object of. */
function ownerOf(receiver: Expr): ClassNode | null {
  if (receiver.kind !== 'name') return null;
  const fn = enclosingFunction(receiver);
  const method = fn ? outermostMethod(fn) : null;
  const isSelf = receiver.name === 'this' || method?.parameters[0]?.name === receiver.name;
  return method && isSelf ? classOf(method) : null;
}

/** Values given to `object.property` anywhere: in methods through `self`, or from outside. */
function assignedMember(s: Snapshot, object: ObjectValue, property: string): readonly Value[] {
  const found: Value[] = [];
  const family = object.class ? new Set(lineage(s, object.class)) : null;
  const component = s.graph.component(moduleOf(s, object.site));
  for (const one of attributions(s, property)) {
    if (!component.has(one.module) || !mayBe(s, one, object, family)) continue;
    found.push(...(one.part === null ? values(s, one.value) : pathValues(s, one.value, [one.part])));
  }
  return found;
}

function mayBe(
  s: Snapshot,
  { receiver, owner }: Attribution,
  object: ObjectValue,
  family: ReadonlySet<ClassNode> | null,
): boolean {
  if (owner && family) return family.has(owner) || lineage(s, owner).some((one) => one === object.class);
  if (owner && object.site !== owner) return false; // a library's object is nobody's `self`
  return values(s, receiver).some((value) => value.kind === 'object' && value.site === object.site);
}

function outermostMethod(fn: FunctionNode): FunctionNode {
  for (let current: FunctionNode | null = fn; current; current = enclosingFunction(current)) {
    if (classOf(current)) return current;
  }
  return fn;
}

/** `args.epochs` is the default that `parser.add_argument('--epochs', default=10)` gives. */
function argparseDefault(s: Snapshot, object: ObjectValue, property: string): readonly Value[] {
  if (!object.origin) return NOTHING;
  const wanted = new Set([`--${property}`, `--${property.replaceAll('_', '-')}`, `-${property}`, property]);
  const found: Value[] = [];
  for (const call of callsNamed(s, s.graph.component(moduleOf(s, object.origin)), 'add_argument')) {
    const named = call.args.some((argument) => {
      const value = argument.value;
      if (argument.name === 'dest') return value.kind === 'literal' && value.value === property;
      return argument.name === null && value.kind === 'literal' && wanted.has(String(value.value));
    });
    if (!named) continue;
    const given = call.args.find((argument) => argument.name === 'default');
    if (given) found.push(...values(s, given.value));
    else {
      const action = call.args.find((argument) => argument.name === 'action')?.value;
      const flag = action?.kind === 'literal' ? action.value : null;
      if (flag === 'store_true' || flag === 'store_false')
        found.push({ kind: 'constant', value: flag === 'store_false', node: call });
    }
  }
  return found;
}
