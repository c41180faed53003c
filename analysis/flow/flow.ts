/**
 * Data flow over the CodeModel: what an expression may hold, which library call a call is, where an object goes.
 *
 * Values are found on demand, from use back to definition, and memoised for one snapshot of the project. The
 * analysis joins what several callers pass (context-insensitive); order is honoured within a function body.
 */
import {
  allBases,
  attributeType,
  canonicalName,
  canonicalSpecifier,
  GLOBALS,
  isClass,
  itemType,
  returnType,
  starExports,
} from '../libraries/libraries.ts';
import type {
  Assign,
  Binding,
  Call,
  ClassNode,
  Comprehension,
  Constant,
  Dict,
  Expr,
  FunctionNode,
  Loop,
  Member,
  Module,
  Name,
  Node,
  Parameter,
  Sequence,
} from '../model.ts';
import { createProgramGraph, type Project } from '../program/project.ts';
import { classOf, descendants, enclosingClass, enclosingFunction } from '../tree.ts';
import { foldBinary, foldConversion, PYTHON_BUILTINS } from './fold.ts';
import { reachingBindings } from './reaching.ts';
import type { ArgumentLookup, Flow, ObjectUse, ObjectValue, Value } from './types.ts';

/** Sets larger than this say too little to be worth their cost. */
const MAX_VALUES = 16;
/** Evaluation deeper than this is given up: pathological or generated code. */
const MAX_DEPTH = 120;

const NOTHING: readonly Value[] = [];

/** Builtins and helpers that hand on what is in their first argument. */
const PASS_THROUGH = new Set([
  'builtins.list',
  'builtins.tuple',
  'builtins.set',
  'builtins.sorted',
  'builtins.reversed',
  'builtins.iter',
  'copy.copy',
  'copy.deepcopy',
  'tqdm.tqdm',
  'tqdm.auto.tqdm',
  'tqdm.notebook.tqdm',
  'tqdm.tqdm_notebook',
  'tqdm.std.tqdm',
  'typing.cast#1',
  'functools.partial',
  'globalThis.Object.freeze',
  'globalThis.Promise.resolve',
  'globalThis.Array.from',
  'rich.progress.track',
  'tqdm.autonotebook.tqdm',
  'react.useCallback',
  'react.default.useCallback',
]);

const STATE_HOOKS = new Set(['react.useState', 'react.default.useState', 'preact.hooks.useState']);

export function createFlow(project: Project): Flow {
  const memo = new Map<Expr, readonly Value[]>();
  let depth = 0;
  const graph = createProgramGraph(project);
  const moduleByBody = new Map<Node, Module>();
  const modules = [...project.modules].sort(byPath);
  for (const module of modules) moduleByBody.set(module.body, module);

  const moduleOfBlock = new Map<Node, Module>();
  function moduleOf(node: Node): Module {
    let top: Node = node;
    let block: Node | null = null;
    for (;;) {
      if (top.kind === 'block') {
        const known = moduleOfBlock.get(top);
        if (known) return known;
        block ??= top;
      }
      if (!top.parent) break;
      top = top.parent;
    }
    const module = moduleByBody.get(top);
    if (!module) throw new Error('node of a module that is not in the project');
    if (block) moduleOfBlock.set(block, module);
    return module;
  }

  // ------------------------------------------------------------- expressions

  function values(expr: Expr): readonly Value[] {
    const known = memo.get(expr);
    if (known !== undefined) return known;
    if (depth > MAX_DEPTH) return NOTHING;
    memo.set(expr, NOTHING); // what an expression that depends on itself sees
    depth++;
    try {
      const found = unique(evaluate(expr));
      memo.set(expr, found);
      return found;
    } finally {
      depth--;
    }
  }

  function evaluate(expr: Expr): readonly Value[] {
    switch (expr.kind) {
      case 'literal':
        return [{ kind: 'constant', value: expr.value, node: expr }];
      case 'template':
        return foldTemplate(expr.parts, expr);
      case 'name':
        return nameValues(expr);
      case 'member':
        return gather(values(expr.object), (value) => memberValues(value, expr.property, expr));
      case 'index':
        return indexValues(expr.object, expr.index);
      case 'call':
        return callValues(expr);
      case 'conditional':
        return [...values(expr.then), ...values(expr.otherwise)];
      case 'binary':
        return binaryValues(expr.operator, expr.left, expr.right, expr);
      case 'unary': {
        const operand = constant(expr.operand);
        if (expr.operator === '-' && typeof operand === 'number')
          return [{ kind: 'constant', value: -operand, node: expr }];
        if (expr.operator === 'not' && operand !== undefined)
          return [{ kind: 'constant', value: !operand, node: expr }];
        return NOTHING;
      }
      case 'await':
        return values(expr.value);
      case 'assign':
        return expr.value
          ? expr.operator === '??=' && expr.targets[0]
            ? [...values(expr.targets[0]), ...values(expr.value)]
            : values(expr.value)
          : NOTHING;
      case 'sequence':
      case 'dict':
      case 'comprehension':
        return [{ kind: 'display', node: expr }];
      case 'function':
        return [{ kind: 'function', function: expr, self: null }];
      case 'class':
        return [{ kind: 'class', class: expr }];
      default:
        return NOTHING;
    }
  }

  function foldTemplate(parts: readonly (string | Expr)[], node: Expr): readonly Value[] {
    let texts = [''];
    for (const part of parts) {
      const options = typeof part === 'string' ? [part] : constants(part).map(String);
      if (options.length === 0 || options.length * texts.length > 4) return NOTHING;
      texts = texts.flatMap((text) => options.map((option) => text + option));
    }
    return texts.map((value) => ({ kind: 'constant', value, node }));
  }

  function binaryValues(operator: string, left: Expr, right: Expr, node: Expr): readonly Value[] {
    if (operator === 'or' || operator === '??') {
      return [
        ...values(left).filter((value) => !(value.kind === 'constant' && !value.value)),
        ...values(right),
      ];
    }
    if (operator === 'and') return values(right);
    const lefts = constants(left);
    const rights = constants(right);
    if (lefts.length * rights.length > 0 && lefts.length * rights.length <= 4) {
      return lefts.flatMap((a) =>
        rights.flatMap((b): Value[] => {
          const value = foldBinary(operator, a, b);
          return value === undefined ? [] : [{ kind: 'constant', value, node }];
        }),
      );
    }
    if (operator === '+') {
      const displays = [...values(left), ...values(right)].filter((value) => value.kind === 'display');
      if (displays.length > 0) return displays;
    }
    // arithmetic keeps the type of a library object: tensors, arrays, series
    const objects = [...objectsOf(left), ...objectsOf(right)].slice(0, 1);
    return objects.map((object) => ({ ...object, origin: null, site: node, class: null }));
  }

  // ------------------------------------------------------------------- names

  function nameValues(name: Name): readonly Value[] {
    const module = moduleOf(name);
    if (name.name === 'this' && module.language === 'typescript') {
      const owner = enclosingClass(name);
      return owner ? [selfOf(owner)] : NOTHING;
    }
    const bindings = reachingBindings(name, module);
    if (bindings.length > 0) return gather(bindings, bindingValues);
    return unboundValues(name.name, module);
  }

  function unboundValues(name: string, module: Module): readonly Value[] {
    if (module.language === 'typescript') {
      return [{ kind: 'library', name: GLOBALS[name] ?? `globalThis.${name}` }];
    }
    for (const statement of module.imports) {
      if (!statement.star) continue;
      const local = project.resolve(module, statement.module, statement.relative, null);
      if (local) {
        const found = exportValues(local, name, new Set([module]));
        if (found.length > 0) return found;
      } else if (statement.relative === 0) {
        const found = starExports(canonicalName(statement.module), name);
        if (found) return [{ kind: 'library', name: found }];
      }
    }
    return PYTHON_BUILTINS.has(name) ? [{ kind: 'library', name: `builtins.${name}` }] : NOTHING;
  }

  function bindingValues(binding: Binding): readonly Value[] {
    const source = binding.source;
    switch (source.from) {
      case 'expr':
        return growingDisplay(binding, values(source.expr));
      case 'unpack': {
        const state = stateValues(binding, source.expr, source.path);
        if (state) return state;
        const found = pathValues(source.expr, source.path);
        return source.fallback ? [...found, ...values(source.fallback)] : found;
      }
      case 'element':
        return elementPath(source.expr, source.path);
      case 'with':
        return enterValues(source.expr);
      case 'parameter':
        return parameterValues(source.parameter, source.function, source.path);
      case 'import':
        return importValues(binding);
      case 'function':
        return [{ kind: 'function', function: source.function, self: null }];
      case 'class':
        return [{ kind: 'class', class: source.class }];
      default:
        return NOTHING;
    }
  }

  /** `const [model, setModel] = useState(null)`: the first value, and whatever `setModel` is given. */
  function stateValues(
    binding: Binding,
    expr: Expr,
    path: readonly (number | string)[],
  ): readonly Value[] | undefined {
    if (path.length !== 1 || path[0] !== 0 || expr.kind !== 'call' || binding.node.kind !== 'assign')
      return undefined;
    const target = binding.node.targets[0];
    if (target?.kind !== 'sequence' || !names(expr).some((name) => STATE_HOOKS.has(name))) return undefined;
    const setter = target.items[1];
    const first = expr.args[0];
    const found = first && !first.spread ? [...values(first.value)] : [];
    if (setter?.kind !== 'name') return found;
    for (const call of moduleOf(expr).calls) {
      const given = call.args[0];
      if (call.callee.kind !== 'name' || call.callee.name !== setter.name || !given || given.spread) continue;
      if (!reachingBindings(call.callee, moduleOf(call)).some((one) => one.node === binding.node)) continue;
      found.push(...values(given.value).filter((value) => value.kind !== 'function'));
    }
    return found;
  }

  /** `models = []` that `models.append(Net())` fills holds what is appended: shown as further displays. */
  function growingDisplay(binding: Binding, found: readonly Value[]): readonly Value[] {
    const isList = found.some(
      (value) => value.kind === 'display' && value.node.kind === 'sequence' && value.node.type === 'list',
    );
    if (!isList) return found;
    const appended: Value[] = [];
    const module = moduleOf(binding.node);
    for (const call of [...callsNamed(module, 'append'), ...callsNamed(module, 'push')]) {
      const callee = call.callee;
      const item = call.args[0]?.value;
      if (
        callee.kind !== 'member' ||
        callee.object.kind !== 'name' ||
        callee.object.name !== binding.name ||
        !item
      )
        continue;
      let display = appendedDisplays.get(item);
      if (!display) {
        display = {
          kind: 'sequence',
          type: 'list',
          items: [item],
          start: item.start,
          end: item.end,
          parent: call,
        };
        appendedDisplays.set(item, display);
      }
      appended.push({ kind: 'display', node: display });
    }
    return appended.length > 0 ? [...found, ...appended] : found;
  }
  const appendedDisplays = new Map<Expr, Sequence>();

  /** What `with EXPR as name` gives: for a generator-based context manager what it yields, else the object itself. */
  function enterValues(expr: Expr): readonly Value[] {
    if (expr.kind === 'call') {
      const yielded = localFunctions(expr.callee).flatMap((fn) => descendants(fn.body, 'yield', true));
      if (yielded.length > 0) return yielded.flatMap((one) => (one.value ? values(one.value) : []));
    }
    return values(expr);
  }

  function importValues(binding: Binding): readonly Value[] {
    if (binding.source.from !== 'import') return NOTHING;
    const { import: statement, binding: imported } = binding.source;
    const module = moduleOf(statement);
    return moduleMember(module, statement.module, statement.relative, imported.imported, statement.bindsRoot);
  }

  function moduleMember(
    from: Module,
    name: string,
    relative: number,
    imported: string | null,
    bindsRoot = false,
  ): readonly Value[] {
    if (from.language === 'typescript') {
      const local = project.resolve(from, name, 0, null);
      if (local)
        return imported === null
          ? [{ kind: 'module', module: local }]
          : exportValues(local, imported, new Set());
      if (name.startsWith('.')) return NOTHING;
      const base = canonicalSpecifier(name);
      if (imported === null) return [{ kind: 'library', name: base }];
      return [{ kind: 'library', name: canonicalName(`${base}.${imported}`) }];
    }
    if (imported === null) {
      const local = project.resolve(from, bindsRoot ? (name.split('.')[0] ?? name) : name, relative, null);
      if (local) return [{ kind: 'module', module: local }];
      if (bindsRoot) {
        const whole = project.resolve(from, name, relative, null);
        if (whole) return [{ kind: 'module', module: whole }];
        return [{ kind: 'library', name: canonicalName(name.split('.')[0] ?? name) }];
      }
      return relative > 0 ? NOTHING : [{ kind: 'library', name: canonicalName(name) }];
    }
    const local = project.resolve(from, name, relative, null);
    if (local) {
      const found = exportValues(local, imported, new Set([from]));
      if (found.length > 0) return found;
    }
    const submodule = project.resolve(from, name, relative, imported);
    if (submodule) return [{ kind: 'module', module: submodule }];
    if (local || relative > 0) return NOTHING;
    return [{ kind: 'library', name: canonicalName(`${name}.${imported}`) }];
  }

  /** What a module offers under a name: its last word on it, or all of its words when they stand in branches. */
  const exportsMemo = new Map<Module, Map<string, readonly Value[]>>();

  function exportValues(module: Module, name: string, seen: Set<Module>): readonly Value[] {
    if (seen.has(module)) return NOTHING;
    seen.add(module);
    let exported = exportsMemo.get(module);
    if (!exported) {
      exported = new Map();
      exportsMemo.set(module, exported);
    }
    const known = exported.get(name);
    if (known) return known;
    exported.set(name, NOTHING); // what modules that import the name from each other see
    const found = unique(guarded(() => exportsOf(module, name, seen)));
    exported.set(name, found);
    return found;
  }

  function exportsOf(module: Module, name: string, seen: Set<Module>): readonly Value[] {
    if (module.language === 'typescript') {
      for (const statement of module.exports) {
        if (name === 'default' && statement.defaultValue) return values(statement.defaultValue);
        for (const { local, exported } of statement.names) {
          if (exported !== name) continue;
          if (statement.module) return moduleMember(module, statement.module, 0, local);
          const bindings = module.scope.bindings.get(local);
          if (bindings) return bindings.flatMap(bindingValues);
        }
      }
      for (const statement of module.exports) {
        if (!statement.star || !statement.module) continue;
        const target = project.resolve(module, statement.module, 0, null);
        if (target) {
          const found = exportValues(target, name, seen);
          if (found.length > 0) return found;
        }
      }
      // CommonJS: module.exports = {name}, exports.name = …
      for (const statement of module.exports) {
        if (statement.defaultValue) {
          const found = values(statement.defaultValue).flatMap((value) => memberValues(value, name, null));
          if (found.length > 0) return found;
        }
      }
      for (const assign of module.assigns) {
        for (const target of assign.targets) {
          if (
            target.kind === 'member' &&
            target.property === name &&
            assign.value &&
            /^(module\.)?exports$/.test(textOf(target.object, module))
          ) {
            return values(assign.value);
          }
        }
      }
      return NOTHING;
    }
    const bindings = module.scope.bindings.get(name);
    if (bindings) return bindings.flatMap(bindingValues);
    for (const statement of module.imports) {
      if (!statement.star) continue;
      const target = project.resolve(module, statement.module, statement.relative, null);
      if (target) {
        const found = exportValues(target, name, seen);
        if (found.length > 0) return found;
      } else if (statement.relative === 0) {
        const found = starExports(canonicalName(statement.module), name);
        if (found) return [{ kind: 'library', name: found }];
      }
    }
    return NOTHING;
  }

  function textOf(node: Node, module: Module): string {
    return module.text.slice(node.start, node.end);
  }

  // -------------------------------------------------------------- parameters

  const parameterMemo = new Map<Parameter, readonly Value[]>();
  const parametersInProgress = new Set<Parameter>();

  function parameterValues(
    parameter: Parameter,
    fn: FunctionNode,
    path: readonly (number | string)[],
  ): readonly Value[] {
    const owner = classOf(fn);
    if (owner && !fn.isStatic && fn.parameters[0] === parameter && moduleOf(fn).language === 'python') {
      const isClassMethod = fn.decorators.some(
        (decorator) => decorator.kind === 'name' && decorator.name === 'classmethod',
      );
      return isClassMethod ? [{ kind: 'class', class: owner }] : [selfOf(owner)];
    }
    let found = parameterMemo.get(parameter);
    if (!found) {
      if (parametersInProgress.has(parameter)) return NOTHING;
      parametersInProgress.add(parameter);
      found = unique(argumentsFor(parameter, fn));
      parametersInProgress.delete(parameter);
      parameterMemo.set(parameter, found);
    }
    return path.length === 0 ? found : found.flatMap((value) => valuePath(value, path));
  }

  function argumentsFor(parameter: Parameter, fn: FunctionNode): readonly Value[] {
    const found: Value[] = parameter.defaultValue ? [...values(parameter.defaultValue)] : [];
    if (parameter.spread) return found;
    const index = parameterIndex(fn, parameter);
    let known = false;
    for (const call of callers(fn)) {
      if (found.length >= MAX_VALUES) break;
      const passed = passedArgument(call, parameter.name, index);
      if (!passed) continue;
      const given = values(passed);
      if (given.length > 0) known = true;
      found.push(...given);
    }
    const settled = index === 0 ? settledValues(fn) : NOTHING;
    if (settled.length > 0) return [...found, ...settled];
    if (known) return found;
    const annotated = annotationValues(parameter);
    if (annotated.length > 0)
      return [...found.filter((value) => !(value.kind === 'constant' && value.value === null)), ...annotated];
    return [...found, { kind: 'parameter', parameter, function: fn }];
  }

  /** `load().then((model) => …)`: what the promise holds, which is what `await` gives. */
  function settledValues(fn: FunctionNode): readonly Value[] {
    const call = fn.parent?.kind === 'argument' ? fn.parent.parent : null;
    if (call?.kind !== 'call' || call.callee.kind !== 'member' || call.callee.property !== 'then')
      return NOTHING;
    return call.args[0]?.value === fn && moduleOf(fn).language === 'typescript'
      ? values(call.callee.object)
      : NOTHING;
  }

  /** Position among the arguments a caller writes: `self` is not one of them. */
  function parameterIndex(fn: FunctionNode, parameter: Parameter): number | undefined {
    if (parameter.keywordOnly) return undefined;
    const index = fn.parameters.indexOf(parameter);
    return classOf(fn) && !fn.isStatic && moduleOf(fn).language === 'python' ? index - 1 : index;
  }

  function passedArgument(call: Call, name: string, index: number | undefined): Expr | null {
    for (const argument of call.args) if (argument.name === name) return argument.value;
    if (index === undefined) return null;
    for (let position = 0; position <= index && position < call.args.length; position++) {
      const argument = call.args[position];
      if (!argument || argument.spread || argument.name !== null) return null;
      if (position === index) return argument.value;
    }
    return null;
  }

  /** An annotation names a type: `model: nn.Module`, `Optional[Net]`, `Net | None`, `"Net"`. */
  function annotationValues(parameter: Parameter): readonly Value[] {
    const annotation = parameter.annotation;
    return annotation ? typeObjects(annotation, parameter) : NOTHING;
  }

  function typeObjects(annotation: Expr, site: Node): readonly Value[] {
    if (annotation.kind === 'binary' && annotation.operator === '|') {
      return [...typeObjects(annotation.left, site), ...typeObjects(annotation.right, site)];
    }
    if (annotation.kind === 'index') {
      const base = values(annotation.object)[0];
      return base?.kind === 'library' &&
        /^typing\.(Optional|Union|Annotated)$/.test(base.name) &&
        annotation.index.kind !== 'slice'
        ? (annotation.index.kind === 'sequence' ? annotation.index.items : [annotation.index]).flatMap(
            (one) => typeObjects(one, site),
          )
        : NOTHING;
    }
    return values(annotation).flatMap((value): Value[] => {
      if (value.kind === 'class')
        return [{ kind: 'object', types: bases(value.class), class: value.class, origin: null, site }];
      if (
        value.kind === 'library' &&
        isClass(value.name) &&
        !value.name.startsWith('typing.') &&
        !value.name.startsWith('builtins.')
      ) {
        return [
          { kind: 'object', types: [value.name, ...allBases(value.name)], class: null, origin: null, site },
        ];
      }
      return [];
    });
  }

  // ----------------------------------------------------------------- classes

  const basesMemo = new Map<ClassNode, readonly string[]>();
  const selfMemo = new Map<ClassNode, ObjectValue>();

  const lineageMemo = new Map<ClassNode, readonly ClassNode[]>();

  /** Local classes a class inherits from, itself first. */
  function lineage(node: ClassNode): readonly ClassNode[] {
    const known = lineageMemo.get(node);
    if (known) return known;
    lineageMemo.set(node, [node]); // what a class that inherits from itself sees
    const found = new Set([node]);
    for (const base of node.bases) {
      for (const value of values(base)) {
        if (value.kind === 'class') for (const one of lineage(value.class)) found.add(one);
      }
    }
    const all = [...found];
    lineageMemo.set(node, all);
    return all;
  }

  function bases(node: ClassNode): readonly string[] {
    const known = basesMemo.get(node);
    if (known) return known;
    basesMemo.set(node, NOTHING as readonly never[]); // a class that inherits from itself has no bases
    const names: string[] = [];
    for (const one of lineage(node)) {
      for (const base of one.bases) {
        for (const value of values(base)) {
          if (value.kind === 'library') names.push(value.name, ...allBases(value.name));
          // `class Net(with_mixin(nn.Module))`
          if (value.kind === 'object') names.push(...value.types);
        }
      }
    }
    const found = [...new Set(names)];
    basesMemo.set(node, found);
    return found;
  }

  function selfOf(node: ClassNode): ObjectValue {
    let self = selfMemo.get(node);
    if (!self) {
      self = { kind: 'object', types: bases(node), class: node, origin: null, site: node };
      selfMemo.set(node, self);
    }
    return self;
  }

  function methodsNamed(node: ClassNode, name: string): FunctionNode[] {
    for (const one of lineage(node)) {
      const found = one.body.statements.filter(
        (statement): statement is FunctionNode => statement.kind === 'function' && statement.name === name,
      );
      if (found.length > 0) return found;
    }
    return [];
  }

  // ------------------------------------------------------- members and items

  /** Ends what would run round a cycle that no memo sees: `options = {**options}`. */
  function guarded(look: () => readonly Value[]): readonly Value[] {
    if (depth > MAX_DEPTH) return NOTHING;
    depth++;
    try {
      return look();
    } finally {
      depth--;
    }
  }

  function memberValues(value: Value, property: string, node: Member | null): readonly Value[] {
    return guarded(() => memberOf(value, property, node));
  }

  function memberOf(value: Value, property: string, node: Member | null): readonly Value[] {
    switch (value.kind) {
      case 'library':
        if (value.receiver)
          return [{ kind: 'library', name: `${value.name}.${property}`, receiver: value.receiver }];
        return [{ kind: 'library', name: canonicalName(`${value.name}.${property}`) }];
      case 'module': {
        const found = exportValues(value.module, property, new Set());
        if (found.length > 0 || value.module.language === 'typescript') return found;
        const submodule = project.resolve(value.module, '', 1, property);
        return submodule ? [{ kind: 'module', module: submodule }] : NOTHING;
      }
      case 'class':
        return classMember(value.class, property);
      case 'object':
        return objectMember(value, property, node);
      case 'display':
        return value.node.kind === 'dict' ? entryValues(value.node, property) : NOTHING;
      case 'constant':
        return typeof value.value === 'string' ? [{ kind: 'library', name: `str.${property}` }] : NOTHING;
      case 'parameter':
        return attributeAssigns(property).flatMap((assign) =>
          assign.value && node && sameParameter(assign, value.parameter, property)
            ? values(assign.value)
            : [],
        );
      default:
        return NOTHING;
    }
  }

  function sameParameter(assign: Assign, parameter: Parameter, property: string): boolean {
    return assign.targets.some(
      (target) =>
        target.kind === 'member' &&
        target.property === property &&
        values(target.object).some((value) => value.kind === 'parameter' && value.parameter === parameter),
    );
  }

  function classMember(node: ClassNode, property: string): readonly Value[] {
    for (const one of lineage(node)) {
      const scope = moduleOf(one).scopes.get(one);
      const bindings = scope?.bindings.get(property);
      if (bindings) return bindings.flatMap(bindingValues);
    }
    return bases(node)
      .slice(0, 1)
      .map((base) => ({ kind: 'library', name: `${base}.${property}` }));
  }

  const membersMemo = new Map<Node, Map<string, readonly Value[]>>();

  function objectMember(object: ObjectValue, property: string, node: Member | null): readonly Value[] {
    let members = membersMemo.get(object.site);
    if (!members) {
      members = new Map();
      membersMemo.set(object.site, members);
    }
    const key = `${object.types[0] ?? ''}.${property}`;
    const known = members.get(key);
    if (known) return known;
    members.set(key, NOTHING); // what a member that depends on itself sees
    const found = unique(memberOfObject(object, property, node));
    members.set(key, found);
    return found;
  }

  function memberOfObject(object: ObjectValue, property: string, node: Member | null): readonly Value[] {
    const found: Value[] = [];
    if (object.class) {
      const methods = methodsNamed(object.class, property);
      for (const method of methods) {
        const isProperty = method.decorators.some((decorator) =>
          ['property', 'cached_property'].includes(
            decorator.kind === 'name'
              ? decorator.name
              : decorator.kind === 'member'
                ? decorator.property
                : '',
          ),
        );
        if (isProperty) found.push(...returnValues(method));
        else found.push({ kind: 'function', function: method, self: object });
      }
      if (methods.length === 0) found.push(...assignedMember(object, property));
      if (found.length === 0) {
        for (const one of lineage(object.class)) {
          const bindings = moduleOf(one).scopes.get(one)?.bindings.get(property);
          if (bindings) {
            found.push(...bindings.flatMap(bindingValues));
            break;
          }
        }
      }
      if (object.origin && found.every((value) => value.kind === 'constant')) {
        // a dataclass field given at construction
        const given = object.origin.args.find((argument) => argument.name === property);
        if (given && methodsNamed(object.class, '__init__').length === 0) return values(given.value);
      }
      if (found.length > 0) return found;
    } else if (object.types[0] === 'argparse.Namespace') {
      return argparseDefault(object, property);
    } else {
      found.push(...assignedMember(object, property));
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

  const assignsByProperty = new Map<string, Assign[]>();
  let assignsIndexed = false;
  function attributeAssigns(property: string): readonly Assign[] {
    if (!assignsIndexed) {
      assignsIndexed = true;
      for (const module of modules) {
        for (const assign of module.assigns) {
          for (const target of assign.targets) {
            for (const member of target.kind === 'sequence' ? target.items : [target]) {
              if (member.kind !== 'member') continue;
              const list = assignsByProperty.get(member.property);
              if (list) list.push(assign);
              else assignsByProperty.set(member.property, [assign]);
            }
          }
        }
      }
    }
    return assignsByProperty.get(property) ?? [];
  }

  /** Values given to `object.property` anywhere: in methods through `self`, or from outside. */
  function assignedMember(object: ObjectValue, property: string): readonly Value[] {
    const found: Value[] = [];
    const family = object.class ? new Set(lineage(object.class)) : null;
    const component = graph.component(moduleOf(object.site));
    for (const assign of attributeAssigns(property)) {
      if (!component.has(moduleOf(assign))) continue;
      if (assign.operator !== null && assign.operator !== '??=' && assign.operator !== '||=') continue;
      for (const target of assign.targets) {
        const members = target.kind === 'sequence' ? target.items : [target];
        members.forEach((member, index) => {
          if (member.kind !== 'member' || member.property !== property || !assign.value) return;
          if (!mayBe(member.object, object, family)) return;
          found.push(
            ...(target.kind === 'sequence' ? pathValues(assign.value, [index]) : values(assign.value)),
          );
        });
      }
    }
    return found;
  }

  function mayBe(receiver: Expr, object: ObjectValue, family: ReadonlySet<ClassNode> | null): boolean {
    if (family && receiver.kind === 'name') {
      // the common case without evaluation: `self.x = …` in a method of the class
      const fn = enclosingFunction(receiver);
      const method = fn ? outermostMethod(fn) : null;
      const owner = method ? classOf(method) : null;
      if (owner && (receiver.name === 'this' || method?.parameters[0]?.name === receiver.name)) {
        return family.has(owner) || lineage(owner).some((one) => one === object.class);
      }
    }
    return values(receiver).some((value) => value.kind === 'object' && value.site === object.site);
  }

  function outermostMethod(fn: FunctionNode): FunctionNode {
    for (let current: FunctionNode | null = fn; current; current = enclosingFunction(current)) {
      if (classOf(current)) return current;
    }
    return fn;
  }

  /** `args.epochs` is the default that `parser.add_argument('--epochs', default=10)` gives. */
  function argparseDefault(object: ObjectValue, property: string): readonly Value[] {
    if (!object.origin) return NOTHING;
    const wanted = new Set([`--${property}`, `--${property.replaceAll('_', '-')}`, `-${property}`, property]);
    const found: Value[] = [];
    for (const call of callsNamed(graph.component(moduleOf(object.origin)), 'add_argument')) {
      const named = call.args.some((argument) => {
        const value = argument.value;
        if (argument.name === 'dest') return value.kind === 'literal' && value.value === property;
        return argument.name === null && value.kind === 'literal' && wanted.has(String(value.value));
      });
      if (!named) continue;
      const given = call.args.find((argument) => argument.name === 'default');
      if (given) found.push(...values(given.value));
      else {
        const action = call.args.find((argument) => argument.name === 'action')?.value;
        const flag = action?.kind === 'literal' ? action.value : null;
        if (flag === 'store_true' || flag === 'store_false')
          found.push({ kind: 'constant', value: flag === 'store_false', node: call });
      }
    }
    return found;
  }

  const callsByName = new Map<Module | ReadonlySet<Module>, Map<string, Call[]>>();
  /** Calls whose callee ends in the name, in one module or in all modules of a component. */
  function callsNamed(where: Module | ReadonlySet<Module>, name: string): readonly Call[] {
    let index = callsByName.get(where);
    if (!index) {
      index = new Map();
      for (const module of where instanceof Set ? [...where].sort(byPath) : [where as Module]) {
        for (const call of module.calls) {
          const last = lastIdentifier(call.callee);
          if (!last) continue;
          const list = index.get(last);
          if (list) list.push(call);
          else index.set(last, [call]);
        }
      }
      callsByName.set(where, index);
    }
    return index.get(name) ?? [];
  }

  function entryNamed(node: Dict, key: string): Expr | null {
    let found: Expr | null = null;
    for (const entry of node.entries) {
      if (entry.key && constant(entry.key) !== undefined && String(constant(entry.key)) === key)
        found = entry.value;
    }
    return found;
  }

  /** Values under a key of a dict display, its spreads followed; each display is looked at once. */
  function entryValues(node: Dict, key: string, seen = new Set<Dict>()): readonly Value[] {
    if (seen.has(node)) return NOTHING;
    seen.add(node);
    const entry = entryNamed(node, key);
    if (entry) return values(entry);
    return node.entries.flatMap((one) =>
      one.key !== null
        ? []
        : values(one.value).flatMap((value) =>
            value.kind === 'display' && value.node.kind === 'dict'
              ? entryValues(value.node, key, seen)
              : value.kind === 'display'
                ? []
                : keyed(value, key),
          ),
    );
  }

  function indexValues(object: Expr, index: Expr): readonly Value[] {
    const keys = constants(index);
    const containers = values(object);
    if (keys.length > 0)
      return containers.flatMap((value) => keys.flatMap((key) => (key === null ? [] : keyed(value, key))));
    return containers.flatMap((value) =>
      value.kind === 'display' && index.kind !== 'slice'
        ? items(value)
        : index.kind === 'slice'
          ? [value]
          : itemOfObject(value),
    );
  }

  function keyed(value: Value, key: number | string | boolean): readonly Value[] {
    return guarded(() => keyedOf(value, key));
  }

  function keyedOf(value: Value, key: number | string | boolean): readonly Value[] {
    if (value.kind === 'display') {
      if (value.node.kind === 'dict') return entryValues(value.node, String(key));
      if (value.node.kind === 'sequence' && typeof key === 'number') {
        const item = value.node.items.at(key);
        return item ? (item.kind === 'spread' ? NOTHING : values(item)) : NOTHING;
      }
      return items(value);
    }
    if (value.kind === 'object' && typeof key === 'string') {
      const dictCall =
        value.origin && value.types[0] === 'builtins.dict'
          ? value.origin.args.find((argument) => argument.name === key)
          : undefined;
      if (dictCall) return values(dictCall.value);
    }
    return itemOfObject(value, typeof key === 'string');
  }

  function itemOfObject(value: Value, key = false): readonly Value[] {
    if (value.kind !== 'object') return NOTHING;
    const each = eachOf(value);
    if (each) return [each];
    const type = value.types[0];
    const declared = type ? (itemType(type, key) ?? returnType(`${type}.__getitem__`)) : undefined;
    return declared ? typedResult(declared, '', value, null, value.site) : NOTHING;
  }

  /** The member of a tuple or iterable whose members all have one type. */
  function eachOf(value: ObjectValue): ObjectValue | null {
    const type = value.types[0];
    if (!type?.startsWith('each:')) return null;
    const item = type.slice('each:'.length);
    return { ...value, types: [item, ...allBases(item)], class: null };
  }

  /** What iterating over a value gives. */
  function items(value: Value, seen = new Set<Node>()): readonly Value[] {
    return guarded(() => itemsOf(value, seen));
  }

  function itemsOf(value: Value, seen: Set<Node>): readonly Value[] {
    if (value.kind === 'display') {
      const node = value.node;
      if (seen.has(node)) return NOTHING; // `xs = [*xs, y]`
      seen.add(node);
      if (node.kind === 'sequence') {
        return node.items.flatMap((item) =>
          item.kind === 'spread' ? values(item.value).flatMap((one) => items(one, seen)) : values(item),
        );
      }
      if (node.kind === 'comprehension') return values(node.element);
      return node.entries.flatMap((entry) => (entry.key ? values(entry.key) : []));
    }
    if (value.kind !== 'object') return NOTHING;
    const each = eachOf(value);
    if (each) return [each];
    const iterated = resultOfMethod(value, '__iter__', null, value.site);
    if (iterated.length === 0) return itemOfObject(value);
    return iterated.map((one) => (one.kind === 'object' ? (eachOf(one) ?? one) : one));
  }

  function pathValues(expr: Expr, path: readonly (number | string)[]): readonly Value[] {
    return path.length === 0 ? values(expr) : values(expr).flatMap((value) => valuePath(value, path));
  }

  function valuePath(value: Value, path: readonly (number | string)[]): readonly Value[] {
    const [first, ...rest] = path;
    if (first === undefined) return [value];
    let inner: readonly Value[];
    if (value.kind === 'display' || typeof first === 'string') {
      inner = typeof first === 'string' ? memberValues(value, first, null) : keyed(value, first);
    } else {
      const each = value.kind === 'object' ? eachOf(value) : null;
      if (each) return [each]; // of one type at any depth
      inner = items(value);
    }
    return rest.length === 0 ? inner : inner.flatMap((one) => valuePath(one, rest));
  }

  /** Values of a loop variable: `for m in models`, `for i, m in enumerate(models)`, `for a, b in zip(xs, ys)`, `.items()`. */
  function elementPath(iterable: Expr, path: readonly (number | string)[]): readonly Value[] {
    if (iterable.kind === 'call') {
      const name = values(iterable.callee).find((value) => value.kind === 'library')?.name;
      const [first, ...rest] = path;
      if (name === 'builtins.enumerate' && typeof first === 'number') {
        const source = iterable.args[0]?.value;
        return first === 1 && source ? elementPath(source, rest) : NOTHING;
      }
      if (name === 'builtins.zip' && typeof first === 'number') {
        const source = iterable.args[first]?.value;
        return source && !iterable.args.some((argument) => argument.spread)
          ? elementPath(source, rest)
          : NOTHING;
      }
      if (name && PASS_THROUGH.has(name)) {
        const source = iterable.args[0]?.value;
        return source ? elementPath(source, path) : NOTHING;
      }
      if (
        iterable.callee.kind === 'member' &&
        ['items', 'values', 'keys'].includes(iterable.callee.property)
      ) {
        const method = iterable.callee.property;
        const dicts = values(iterable.callee.object).flatMap((value) =>
          value.kind === 'display' && value.node.kind === 'dict' ? [value.node] : [],
        );
        if (dicts.length > 0) {
          const wantsValue = method === 'values' || (method === 'items' && first === 1);
          const below = method === 'items' ? rest : path;
          return dicts.flatMap((dict) =>
            dict.entries.flatMap((entry) => {
              const part = wantsValue ? entry.value : entry.key;
              return part ? pathValues(part, below) : [];
            }),
          );
        }
      }
    }
    return values(iterable)
      .flatMap((one) => items(one))
      .flatMap((value) => (path.length === 0 ? [value] : valuePath(value, path)));
  }

  // ------------------------------------------------------------------- calls

  function callValues(call: Call): readonly Value[] {
    const looked = dictLookup(call);
    const found = gather(calleeValues(call), (callee) => resultOf(callee, call));
    return looked.length > 0 ? [...looked, ...found] : found;
  }

  /** `config.get('epochs', 10)` on a dict whose keys are known. */
  function dictLookup(call: Call): Value[] {
    const callee = call.callee;
    const key = call.args[0]?.value;
    if (callee.kind !== 'member' || !['get', 'pop', 'setdefault'].includes(callee.property) || !key)
      return [];
    const name = constant(key);
    if (typeof name !== 'string') return [];
    const found = values(callee.object).flatMap((value) =>
      value.kind === 'display' || (value.kind === 'object' && value.types[0] === 'builtins.dict')
        ? keyed(value, name)
        : [],
    );
    const fallback = call.args[1]?.value;
    return found.length > 0 || !fallback ? [...found] : [...values(fallback)];
  }

  function calleeValues(call: Call): readonly Value[] {
    const found = values(call.callee);
    if (moduleOf(call).language !== 'typescript') return found;
    return found.map((value) => (value.kind === 'library' && !value.receiver ? defaultExport(value) : value));
  }

  /** `const OpenAI = require('openai'); new OpenAI()`: a module that is called stands for its default export. */
  function defaultExport(value: Value & { kind: 'library' }): Value {
    const name = canonicalName(`${value.name}.default`);
    return name === value.name || name.endsWith('.default') ? value : { kind: 'library', name };
  }

  function resultOf(callee: Value, call: Call): readonly Value[] {
    switch (callee.kind) {
      case 'library':
        return libraryResult(callee.name, callee.receiver ?? null, call);
      case 'class':
        return [
          { kind: 'object', types: bases(callee.class), class: callee.class, origin: call, site: call },
        ];
      case 'function':
        return returnValues(callee.function);
      case 'object': {
        if (callee.class) {
          const forward = [
            ...methodsNamed(callee.class, 'forward'),
            ...methodsNamed(callee.class, '__call__'),
            ...methodsNamed(callee.class, 'call'),
          ][0];
          if (forward) {
            const returned = returnValues(forward);
            if (returned.length > 0) return returned;
          }
        }
        return resultOfMethod(callee, '__call__', call, call);
      }
      default:
        return NOTHING;
    }
  }

  function libraryResult(name: string, receiver: ObjectValue | null, call: Call): readonly Value[] {
    const special = specialResult(name, call);
    if (special) return special;
    if (receiver) {
      const type = receiver.types[0] ?? '';
      const method = name.startsWith(`${type}.`) ? name.slice(type.length + 1) : name;
      return resultOfMethod(receiver, method, call, call);
    }
    // a class method inherited by a local class makes an instance of that class
    const maker = classMethodOwner(call);
    const first = call.args[0] ? constant(call.args[0].value) : undefined;
    const declared = declaredReturn(name, typeof first === 'string' ? first : undefined);
    if (maker && declared && declared !== 'self') {
      if (/^(from_|load_)/.test(lastSegment(name)))
        return [{ kind: 'object', types: bases(maker), class: maker, origin: call, site: call }];
    }
    return typedResult(declared, name, null, call, call);
  }

  function classMethodOwner(call: Call): ClassNode | null {
    if (call.callee.kind !== 'member') return null;
    for (const value of values(call.callee.object)) if (value.kind === 'class') return value.class;
    return null;
  }

  function declaredReturn(name: string, first?: string): string | undefined {
    const direct = returnType(name, first);
    if (direct) return direct;
    const dot = name.lastIndexOf('.');
    const owner = name.slice(0, dot);
    if (dot > 0 && isClass(owner)) {
      for (const base of allBases(owner)) {
        const inherited = returnType(`${base}${name.slice(dot)}`);
        if (inherited) return inherited === base ? owner : inherited;
      }
    }
    return undefined;
  }

  function resultOfMethod(
    receiver: ObjectValue,
    method: string,
    origin: Call | null,
    site: Node,
  ): readonly Value[] {
    for (const type of receiver.types) {
      const declared = returnType(`${type}.${method}`);
      if (declared) return typedResult(declared, `${type}.${method}`, receiver, origin, site);
    }
    const type = receiver.types[0];
    if (!type || method.startsWith('__')) return NOTHING;
    return typedResult(undefined, `${type}.${method}`, receiver, origin, site);
  }

  function typedResult(
    declared: string | undefined,
    name: string,
    receiver: ObjectValue | null,
    origin: Call | null,
    site: Node,
  ): readonly Value[] {
    if (declared === 'self') return receiver ? [receiver] : NOTHING;
    if (declared === 'args' && origin) {
      // `model, optimizer = accelerator.prepare(model, optimizer)`; a single argument comes back as itself
      const only = origin.args.length === 1 ? origin.args[0] : undefined;
      if (only && !only.spread) return values(only.value);
      return [{ kind: 'display', node: argumentsDisplay(origin) }];
    }
    if (declared === 'args:2' && origin) return [{ kind: 'display', node: argumentsDisplay(origin, 2) }];
    if ((declared?.startsWith('arg:') || declared?.startsWith('like:')) && origin) {
      const position = Number(declared.slice(declared.indexOf(':') + 1));
      const argument =
        origin.args[position] ?? origin.args.find((one) => one.name === 'model' || one.name === 'module');
      const wrapped = argument ? values(argument.value).filter((value) => value.kind !== 'constant') : [];
      return declared.startsWith('arg:')
        ? wrapped
        : wrapped.map((value) => (value.kind === 'object' ? { ...value, origin, site: origin } : value));
    }
    if (declared)
      return [{ kind: 'object', types: [declared, ...allBases(declared)], class: null, origin, site }];
    if (!receiver && isClass(name))
      return [{ kind: 'object', types: [name, ...allBases(name)], class: null, origin, site }];
    return [{ kind: 'object', types: [`${name}()`], class: null, origin, site }];
  }

  const argumentDisplays = new Map<Call, Sequence>();
  /** @param copies how often each argument comes: `train_test_split(x, y)` gives every one twice */
  function argumentsDisplay(call: Call, copies = 1): Sequence {
    let display = argumentDisplays.get(call);
    if (!display) {
      display = {
        kind: 'sequence',
        type: 'tuple',
        items: call.args
          .filter((argument) => argument.name === null && !argument.spread)
          .flatMap((argument) => Array<Expr>(copies).fill(argument.value)),
        start: call.argsStart,
        end: call.argsEnd,
        parent: call,
      };
      argumentDisplays.set(call, display);
    }
    return display;
  }

  /** Builtins and standard-library calls that data flows through. Undefined: nothing special. */
  function specialResult(name: string, call: Call): readonly Value[] | undefined {
    const first = call.args[0]?.value;
    switch (name) {
      case 'builtins.super': {
        const owner = enclosingClass(call);
        return owner
          ? [{ kind: 'object', types: bases(owner), class: null, origin: null, site: owner }]
          : NOTHING;
      }
      case 'globalThis.require':
      case 'globalThis.import': {
        const specifier = first ? constant(first) : undefined;
        return typeof specifier === 'string' ? moduleMember(moduleOf(call), specifier, 0, null) : NOTHING;
      }
      case 'importlib.import_module':
        return NOTHING;
      case 'builtins.getattr': {
        const property = call.args[1] ? constant(call.args[1].value) : undefined;
        const fallback = call.args[2] ? values(call.args[2].value) : [];
        if (!first || typeof property !== 'string') return fallback;
        return [...values(first).flatMap((value) => memberValues(value, property, null)), ...fallback];
      }
      case 'builtins.dict':
        return [{ kind: 'object', types: ['builtins.dict'], class: null, origin: call, site: call }];
      case 'builtins.len': {
        const display = first ? values(first)[0] : undefined;
        return display?.kind === 'display' &&
          display.node.kind === 'sequence' &&
          !display.node.items.some((item) => item.kind === 'spread')
          ? [{ kind: 'constant', value: display.node.items.length, node: call }]
          : NOTHING;
      }
      case 'builtins.next':
        return first ? values(first).flatMap((one) => items(one)) : NOTHING;
      case 'builtins.max':
      case 'builtins.min': {
        const numbers = call.args.map((argument) => constant(argument.value));
        if (numbers.length < 2 || !numbers.every((value) => typeof value === 'number')) return NOTHING;
        const pick = name === 'builtins.max' ? Math.max : Math.min;
        return [{ kind: 'constant', value: pick(...(numbers as number[])), node: call }];
      }
      case 'os.environ.get':
      case 'os.getenv':
        return call.args[1] ? values(call.args[1].value) : NOTHING;
      case 'os.path.join': {
        const parts = call.args.map((argument) => constant(argument.value));
        return parts.every((part) => typeof part === 'string')
          ? [{ kind: 'constant', value: parts.join('/'), node: call }]
          : NOTHING;
      }
      case 'argparse.ArgumentParser.parse_args':
      case 'argparse.ArgumentParser.parse_known_args()':
        return [{ kind: 'object', types: ['argparse.Namespace'], class: null, origin: call, site: call }];
      case 'builtins.vars':
        return first ? values(first) : NOTHING;
    }
    if (first && PASS_THROUGH.has(name)) return values(first);
    if (
      first &&
      call.args.length >= 1 &&
      (name.startsWith('builtins.') || name.startsWith('globalThis.') || name === 'pathlib.Path')
    ) {
      const folded = constants(first).flatMap((value): Value[] => {
        const result = foldConversion(name, value);
        return result === undefined ? [] : [{ kind: 'constant', value: result, node: call }];
      });
      if (folded.length > 0) return folded;
      if (name.startsWith('builtins.') && !isClass(name)) return NOTHING;
    }
    return undefined;
  }

  const returnsMemo = new Map<FunctionNode, readonly Value[]>();
  const returnsInProgress = new Set<FunctionNode>();
  function returnValues(fn: FunctionNode): readonly Value[] {
    const known = returnsMemo.get(fn);
    if (known) return known;
    if (returnsInProgress.has(fn)) return NOTHING;
    returnsInProgress.add(fn);
    const found = unique(
      descendants(fn.body, 'return', true).flatMap((one) => (one.value ? values(one.value) : [])),
    );
    const annotated = found.length === 0 && fn.returns ? typeObjects(fn.returns, fn) : [];
    returnsInProgress.delete(fn);
    const result = found.length > 0 ? found : annotated;
    returnsMemo.set(fn, result);
    return result;
  }

  function localFunctions(callee: Expr): FunctionNode[] {
    return values(callee).flatMap((value) => (value.kind === 'function' ? [value.function] : []));
  }

  // ----------------------------------------------------------- public lookups

  function constants(expr: Expr): readonly Constant[] {
    const found: Constant[] = [];
    for (const value of values(expr))
      if (value.kind === 'constant' && !found.includes(value.value)) found.push(value.value);
    return found;
  }

  function constant(expr: Expr): Constant | undefined {
    const found = values(expr);
    const first = found[0];
    if (first?.kind !== 'constant') return undefined;
    return found.every((value) => value.kind === 'constant' && value.value === first.value)
      ? first.value
      : undefined;
  }

  function objectsOf(expr: Expr): ObjectValue[] {
    return values(expr).filter((value) => value.kind === 'object');
  }

  const namesMemo = new Map<Call, readonly string[]>();
  function names(call: Call): readonly string[] {
    let found = namesMemo.get(call);
    if (!found) {
      found = [...new Set(calleeNames(call))];
      namesMemo.set(call, found);
    }
    return found;
  }

  function calleeNames(call: Call): string[] {
    const found: string[] = [];
    for (const value of calleeValues(call)) {
      if (value.kind === 'library') {
        found.push(value.name);
        const receiver = value.receiver;
        const type = receiver?.types[0];
        if (receiver && type && value.name.startsWith(`${type}.`)) {
          const method = value.name.slice(type.length);
          for (const base of receiver.types.slice(1)) found.push(base + method);
        } else {
          const dot = value.name.lastIndexOf('.');
          const owner = value.name.slice(0, dot);
          if (dot > 0 && isClass(owner))
            for (const base of allBases(owner)) found.push(base + value.name.slice(dot));
          if (isClass(value.name)) found.push(...allBases(value.name)); // making one makes one of its bases
        }
      } else if (value.kind === 'class') {
        found.push(...bases(value.class));
      } else if (value.kind === 'object') {
        for (const type of value.types) found.push(`${type}.__call__`);
      } else if (value.kind === 'function' && value.self?.kind === 'object') {
        // a local override still answers to the library's name: `self.forward(x)`, a custom `fit`
        const method = value.function.name;
        if (method) for (const type of value.self.types) found.push(`${type}.${method}`);
      }
    }
    if (found.length === 0) {
      const isKnown = calleeValues(call).some((value) => value.kind !== 'parameter');
      if (call.callee.kind === 'member') found.push(...(isKnown ? [] : [`?.${call.callee.property}`]));
      else if (!isKnown) found.push('?.__call__');
    }
    return found;
  }

  const importedAs = new Map<string, Set<string>>();
  let importsIndexed = false;
  function localNamesOf(name: string): ReadonlySet<string> {
    if (!importsIndexed) {
      importsIndexed = true;
      for (const module of modules) {
        for (const statement of module.imports) {
          for (const { imported, local } of statement.bindings) {
            if (!imported || imported === local) continue;
            const list = importedAs.get(imported);
            if (list) list.add(local);
            else importedAs.set(imported, new Set([local]));
          }
        }
      }
    }
    return importedAs.get(name) ?? new Set();
  }

  const callersMemo = new Map<FunctionNode, readonly Call[]>();
  const callersInProgress = new Set<FunctionNode>();
  function callers(fn: FunctionNode): readonly Call[] {
    const known = callersMemo.get(fn);
    if (known) return known;
    if (callersInProgress.has(fn)) return [];
    callersInProgress.add(fn);
    const owner = classOf(fn);
    const isConstructor = owner !== null && (fn.name === '__init__' || fn.name === 'constructor');
    const wanted = new Set<string>();
    const add = (name: string | null) => {
      if (!name) return;
      wanted.add(name);
      for (const alias of localNamesOf(name)) wanted.add(alias);
    };
    if (isConstructor) {
      add(owner.name);
      add('cls');
      for (const module of graph.component(moduleOf(fn))) {
        for (const one of module.classes)
          if (one !== owner && one.bases.length > 0 && lineage(one).includes(owner)) add(one.name);
      }
    } else add(fn.name ?? assignedName(fn));
    const found: Call[] = [];
    const component = graph.component(moduleOf(fn));
    for (const name of wanted) {
      for (const call of callsNamed(component, name)) {
        const runs = calleeValues(call).some((value) =>
          isConstructor
            ? value.kind === 'class' &&
              lineage(value.class).includes(owner) &&
              methodsNamed(value.class, fn.name ?? '')[0] === fn
            : value.kind === 'function' && value.function === fn,
        );
        if (runs && !found.includes(call)) found.push(call);
      }
    }
    callersInProgress.delete(fn);
    callersMemo.set(fn, found);
    return found;
  }

  /** The name a lambda or arrow function is assigned to. */
  function assignedName(fn: FunctionNode): string | null {
    const parent = fn.parent;
    if (parent?.kind === 'assign') {
      const target = parent.targets[0];
      return target?.kind === 'name' ? target.name : target?.kind === 'member' ? target.property : null;
    }
    return parent?.kind === 'entry' && parent.key?.kind === 'literal' ? String(parent.key.value) : null;
  }

  function targets(call: Call): readonly FunctionNode[] {
    return calleeValues(call).flatMap((value) => {
      if (value.kind === 'function') return [value.function];
      if (value.kind === 'class')
        return [...methodsNamed(value.class, '__init__'), ...methodsNamed(value.class, 'constructor')];
      if (value.kind === 'object' && value.class) {
        return ['forward', '__call__', 'call']
          .flatMap((name) => methodsNamed(value.class as ClassNode, name))
          .slice(0, 1);
      }
      return [];
    });
  }

  const usesByComponent = new Map<ReadonlySet<Module>, Map<Node, ObjectUse[]>>();
  function usesIn(component: ReadonlySet<Module>): Map<Node, ObjectUse[]> {
    let index = usesByComponent.get(component);
    if (index) return index;
    const uses = new Map<Node, ObjectUse[]>();
    const add = (expr: Expr, use: ObjectUse) => {
      if (HOLDS_NO_OBJECT.has(expr.kind)) return;
      for (const value of values(expr)) {
        const site = siteOf(value);
        if (!site) continue;
        const list = uses.get(site);
        if (list) list.push(use);
        else uses.set(site, [use]);
      }
    };
    for (const module of [...component].sort(byPath)) {
      for (const call of module.calls) {
        if (call.callee.kind === 'member')
          add(call.callee.object, { call, role: 'receiver', method: call.callee.property, argument: null });
        add(call.callee, { call, role: 'callee', method: null, argument: null });
        for (const argument of call.args)
          add(argument.value, { call, role: 'argument', method: null, argument });
      }
    }
    index = uses;
    usesByComponent.set(component, index);
    return index;
  }

  function siteOf(value: Value): Node | null {
    if (value.kind === 'object') return value.site;
    return value.kind === 'parameter' ? value.parameter : null;
  }

  function uses(value: Value): readonly ObjectUse[] {
    const site = siteOf(value);
    if (!site) return [];
    const index = usesIn(graph.component(moduleOf(site)));
    const found = [...(index.get(site) ?? [])];
    if (value.kind === 'object' && value.class) {
      // what its own methods do through `self` happens to the object as well
      for (const one of lineage(value.class)) if (one !== site) found.push(...(index.get(one) ?? []));
    }
    return found;
  }

  function argument(call: Call, name: string, position?: number): ArgumentLookup {
    const dot = name.indexOf('.');
    const head = dot < 0 ? name : name.slice(0, dot);
    const rest = dot < 0 ? '' : name.slice(dot + 1);
    const found = argumentHead(call, head, position);
    if (rest === '' || found.state !== 'given') return found;
    return lookUpIn(found.value, rest);
  }

  function argumentHead(
    call: Call,
    name: string,
    position: number | undefined,
    seen = new Set<Node>(),
  ): ArgumentLookup {
    let certain = true;
    let index = 0;
    for (const one of call.args) {
      if (one.name === name) return { state: 'given', value: one.value };
      if (one.spread === 'list') certain = false;
      if (one.spread === 'dict') {
        const inner = lookUpIn(one.value, name, seen);
        if (inner.state === 'given') return inner;
        if (inner.state === 'unknown') certain = false;
      }
      if (one.name === null && one.spread === null) {
        if (index === position && certain) return { state: 'given', value: one.value };
        index++;
      }
    }
    if (moduleOf(call).language === 'typescript') {
      for (const one of call.args) {
        if (one.spread) continue;
        const kinds = values(one.value);
        const isOptions = kinds.some((value) => value.kind === 'display' && value.node.kind === 'dict');
        if (
          isOptions ||
          (kinds.length === 0 && one.value.kind !== 'literal' && one.value.kind !== 'template')
        ) {
          const inner = lookUpIn(one.value, name, seen);
          if (inner.state === 'given') return inner;
          if (inner.state === 'unknown') certain = false;
        }
        if (kinds.some((value) => value.kind === 'parameter')) certain = false;
      }
    }
    return certain ? { state: 'absent' } : { state: 'unknown' };
  }

  /**
   * A key, dotted for nested ones, in what an expression holds: dict displays, `dict(…)`, option objects.
   * @param seen displays already looked at, so that each is looked at once
   */
  function lookUpIn(expr: Expr, name: string, seen = new Set<Node>()): ArgumentLookup {
    const dot = name.indexOf('.');
    const head = dot < 0 ? name : name.slice(0, dot);
    const rest = dot < 0 ? '' : name.slice(dot + 1);
    const found = values(expr);
    if (found.length === 0) return { state: 'unknown' };
    let certain = true;
    for (const value of found) {
      if (value.kind === 'display' && value.node.kind === 'dict') {
        if (seen.has(value.node)) continue;
        seen.add(value.node);
        const entry = entryNamed(value.node, head);
        if (entry) return rest === '' ? { state: 'given', value: entry } : lookUpIn(entry, rest, seen);
        for (const one of value.node.entries) {
          if (one.key !== null) {
            if (constants(one.key).length === 0) certain = false;
            continue;
          }
          const inner = lookUpIn(one.value, name, seen);
          if (inner.state === 'given') return inner;
          if (inner.state === 'unknown') certain = false;
        }
      } else if (value.kind === 'object' && value.types[0] === 'builtins.dict' && value.origin) {
        if (seen.has(value.origin)) continue;
        seen.add(value.origin);
        const given = argumentHead(value.origin, head, undefined, seen);
        if (given.state !== 'absent') return given;
      } else if (value.kind !== 'constant') certain = false;
    }
    // keys set later: options['max_tokens'] = 100, options.maxTokens = 100
    if (expr.kind === 'name') {
      const later = keyAssigned(expr, head);
      if (later) return rest === '' ? { state: 'given', value: later } : lookUpIn(later, rest, seen);
    }
    return certain ? { state: 'absent' } : { state: 'unknown' };
  }

  function keyAssigned(name: Name, key: string): Expr | null {
    for (const assign of moduleOf(name).assigns) {
      for (const target of assign.targets) {
        const object = target.kind === 'index' || target.kind === 'member' ? target.object : null;
        if (object?.kind !== 'name' || object.name !== name.name || !assign.value) continue;
        const isKey =
          target.kind === 'member'
            ? target.property === key
            : target.kind === 'index' && constant(target.index) === key;
        if (isKey) return assign.value;
      }
    }
    return null;
  }

  function iterations(loop: Loop): number | undefined {
    if (loop.kind === 'while') return whileIterations(loop.test, loop.init);
    return countOf(
      loop.kind === 'for' ? loop.iterable : (loop.clauses[0] as Comprehension['clauses'][number]).iterable,
    );
  }

  function whileIterations(test: Expr | null, init: Node | null): number | undefined {
    if (test === null) return Number.POSITIVE_INFINITY;
    const value = constant(test);
    if (value !== undefined) return value ? Number.POSITIVE_INFINITY : 0;
    if (test.kind === 'binary' && ['<', '<=', '!='].includes(test.operator)) {
      const bound = constant(test.right);
      const start = test.left.kind === 'name' ? startOf(test.left, init) : undefined;
      if (typeof bound === 'number' && typeof start === 'number')
        return Math.max(0, bound - start + (test.operator === '<=' ? 1 : 0));
    }
    return undefined;
  }

  function startOf(name: Name, init: Node | null): number | undefined {
    const assigns =
      init?.kind === 'assign'
        ? [init]
        : init?.kind === 'block'
          ? init.statements.filter((one) => one.kind === 'assign')
          : [];
    for (const assign of assigns) {
      const target = assign.targets[0];
      if (target?.kind === 'name' && target.name === name.name && assign.value) {
        const value = constant(assign.value);
        if (typeof value === 'number') return value;
      }
    }
    const numbers = constants(name).filter((value) => typeof value === 'number');
    return numbers.length > 0 ? Math.min(...numbers) : undefined;
  }

  function countOf(iterable: Expr): number | undefined {
    if (iterable.kind === 'sequence')
      return iterable.items.some((item) => item.kind === 'spread') ? undefined : iterable.items.length;
    if (iterable.kind === 'call') {
      for (const name of names(iterable)) {
        const first = iterable.args[0]?.value;
        if (/^builtins\.x?range$|(^|\.)trange$|^fastprogress\..*|^numpy\.arange$/.test(name))
          return rangeCount(iterable);
        if (
          name === 'builtins.enumerate' ||
          PASS_THROUGH.has(name) ||
          /(^|\.)(tqdm|track|progress_bar|master_bar)$/.test(name)
        ) {
          return first ? countOf(first) : undefined;
        }
        if (name === 'itertools.count') return Number.POSITIVE_INFINITY;
      }
      // an unknown wrapper around a range, such as a progress bar of one's own
      const first = iterable.args[0]?.value;
      if (first?.kind === 'call' && first.callee.kind === 'name' && first.callee.name === 'range')
        return rangeCount(first);
      return undefined;
    }
    const displays = values(iterable);
    const only = displays.length === 1 ? displays[0] : undefined;
    if (only?.kind === 'display' && only.node.kind === 'sequence') return countOf(only.node);
    const objects = displays.flatMap((value) =>
      value.kind === 'object' && value.origin && names(value.origin).includes('builtins.range')
        ? [value.origin]
        : [],
    );
    return objects.length === 1 && objects[0] ? rangeCount(objects[0]) : undefined;
  }

  function rangeCount(call: Call): number | undefined {
    const positional = call.args
      .filter((one) => one.name === null && one.spread === null)
      .map((one) => one.value);
    const number = (expr: Expr | undefined, otherwise: number): number | undefined => {
      if (!expr) return otherwise;
      const numbers = constants(expr).filter((value) => typeof value === 'number');
      return numbers.length > 0 ? Math.max(...numbers) : undefined;
    };
    const start = positional.length > 1 ? number(positional[0], 0) : 0;
    const stop = number(positional.length > 1 ? positional[1] : positional[0], Number.NaN);
    const step = number(positional[2], 1);
    // `range(start_epoch, EPOCHS)`: a start that is not known is a resume point, most often 0
    if (stop === undefined || Number.isNaN(stop) || step === undefined || step === 0) return undefined;
    return Math.max(0, Math.ceil((stop - (start ?? 0)) / step));
  }

  return {
    values,
    constants,
    constant,
    names,
    objects: objectsOf,
    isA: (expr, type) => values(expr).some((value) => value.kind === 'object' && value.types.includes(type)),
    bases,
    uses,
    callers,
    targets,
    argument,
    iterations,
    moduleOf,
    programs: graph.programs,
    related: graph.related,
    modules,
  };
}

/** Expressions that no object comes out of. */
const HOLDS_NO_OBJECT: ReadonlySet<Expr['kind']> = new Set([
  'literal',
  'template',
  'unary',
  'sequence',
  'dict',
  'comprehension',
  'function',
  'slice',
  'unknown',
]);

/** `flatMap` without a new array for the common case of one item. */
function gather<Item>(found: readonly Item[], expand: (item: Item) => readonly Value[]): readonly Value[] {
  const first = found[0];
  if (first === undefined) return NOTHING;
  return found.length === 1 ? expand(first) : found.flatMap(expand);
}

function byPath(a: Module, b: Module): number {
  return a.path < b.path ? -1 : 1;
}

function unique(found: readonly Value[]): readonly Value[] {
  if (found.length < 2) return found;
  const out: Value[] = [];
  for (const value of found) {
    if (out.length >= MAX_VALUES) break;
    if (!out.some((other) => same(value, other))) out.push(value);
  }
  return out;
}

function same(a: Value, b: Value): boolean {
  switch (a.kind) {
    case 'constant':
      return b.kind === 'constant' && a.value === b.value;
    case 'library':
      return b.kind === 'library' && a.name === b.name && a.receiver?.site === b.receiver?.site;
    case 'object':
      return b.kind === 'object' && a.site === b.site && a.types[0] === b.types[0];
    case 'function':
      return b.kind === 'function' && a.function === b.function;
    case 'class':
      return b.kind === 'class' && a.class === b.class;
    case 'module':
      return b.kind === 'module' && a.module === b.module;
    case 'display':
      return b.kind === 'display' && a.node === b.node;
    case 'parameter':
      return b.kind === 'parameter' && a.parameter === b.parameter;
  }
}

function lastIdentifier(expr: Expr): string | null {
  return expr.kind === 'name' ? expr.name : expr.kind === 'member' ? expr.property : null;
}

function lastSegment(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
