/** Lowering of what goes in and out of a file: imports, exports, CommonJS among them. */
import { ts } from 'ts-morph';
import type { Assign, ClassNode, Export, Expr, FunctionNode, ImportBinding, Span, Stmt } from '../model.ts';
import { assignOf, entityNameOf, has, identifierOf, K, nameAt, type Source, startAt } from './pieces.ts';

/** Names that an assignment target binds. */
export function boundNames(target: Expr): string[] {
  switch (target.kind) {
    case 'name':
      return [target.name];
    case 'sequence':
      return target.items.flatMap(boundNames);
    case 'dict':
      return target.entries.flatMap((entry) => boundNames(entry.value));
    case 'spread':
      return boundNames(target.value);
    case 'assign':
      return target.targets.flatMap(boundNames);
    default:
      return [];
  }
}

/** A function or class statement, and its export. */
export function declarationInto(
  s: Source,
  node: ts.FunctionDeclaration | ts.ClassDeclaration,
  lowered: FunctionNode | ClassNode,
  into: Stmt[],
  isTop: boolean,
): void {
  const isExported = isTop && has(node, K.ExportKeyword);
  if (isExported && lowered.name === null) {
    into.push(exportOf(s, node, { defaultValue: lowered }));
    return;
  }
  into.push(lowered);
  if (!isExported) return;
  const local = lowered.name!;
  const exported = has(node, K.DefaultKeyword) ? 'default' : local;
  into.push(exportOf(s, node, { names: [{ local, exported }] }));
}

export function exportOf(s: Source, span: ts.Node | Span, more: Partial<Export>): Export {
  return {
    kind: 'export',
    start: 'kind' in span ? startAt(s, span) : span.start,
    end: span.end,
    module: more.module ?? null,
    names: more.names ?? [],
    star: more.star ?? false,
    defaultValue: more.defaultValue ?? null,
    parent: null,
  };
}

/** `module.exports = …` and `exports.name = …`; false when the assignment is neither. */
export function commonJsExport(s: Source, assign: Assign, span: Span, into: Stmt[]): boolean {
  const { value } = assign;
  const target = assign.targets[0];
  if (assign.operator !== null || !value || target?.kind !== 'member') return false;
  const isExports = (expr: Expr): boolean =>
    expr.kind === 'name'
      ? expr.name === 'exports'
      : expr.kind === 'member' &&
        expr.property === 'exports' &&
        expr.object.kind === 'name' &&
        expr.object.name === 'module';
  if (isExports(target)) {
    const names: { local: string; exported: string }[] = [];
    for (const entry of value.kind === 'dict' ? value.entries : []) {
      if (entry.value.kind !== 'name' || entry.key?.kind !== 'literal') continue;
      names.push({ local: entry.value.name, exported: String(entry.key.value) });
    }
    into.push(exportOf(s, span, { defaultValue: value, names }));
    return true;
  }
  if (!isExports(target.object) || target.property === '__esModule') return false;
  const exported = target.property;
  if (value.kind === 'name') {
    into.push({ ...assign, ...span }, exportOf(s, span, { names: [{ local: value.name, exported }] }));
    return true;
  }
  const name = nameAt(exported, target.propertyStart, target.end);
  into.push({ ...assign, ...span, targets: [...assign.targets, name] });
  into.push(exportOf(s, span, { names: [{ local: exported, exported }] }));
  return true;
}

export function importInto(s: Source, node: ts.ImportDeclaration, into: Stmt[]): void {
  if (!ts.isStringLiteralLike(node.moduleSpecifier)) return;
  const clause = node.importClause;
  const bindings: ImportBinding[] = [];
  const bind = (name: ts.Identifier, imported: string | null): void => {
    if (name.text !== '')
      bindings.push({ start: startAt(s, name), end: name.end, local: name.text, imported });
  };
  if (clause?.name) bind(clause.name, 'default');
  const named = clause?.namedBindings;
  let isTypeOnly = clause?.phaseModifier === K.TypeKeyword;
  if (named?.kind === K.NamespaceImport) bind(named.name, null);
  else if (named) {
    // `import { type A, b }` binds `b`; when all are types, the whole import is one of types.
    isTypeOnly ||=
      !clause?.name && named.elements.length > 0 && named.elements.every((element) => element.isTypeOnly);
    for (const { isTypeOnly: isType, propertyName, name } of named.elements) {
      if (isTypeOnly || !isType) bind(name, (propertyName ?? name).text);
    }
  }
  into.push({
    kind: 'import',
    start: startAt(s, node),
    end: node.end,
    module: node.moduleSpecifier.text,
    relative: 0,
    bindings,
    star: false,
    bindsRoot: false,
    typeOnly: isTypeOnly,
    parent: null,
  });
}

/** `import x = require('m')`, and `import x = ns.y`, which is an alias. */
export function importEqualsInto(s: Source, node: ts.ImportEqualsDeclaration, into: Stmt[]): void {
  const { name, moduleReference, isTypeOnly, end } = node;
  const start = startAt(s, node);
  if (moduleReference.kind !== K.ExternalModuleReference) {
    if (isTypeOnly) return;
    const value = entityNameOf(s, moduleReference);
    into.push(assignOf({ start, end }, [identifierOf(s, name)], value, { declaration: 'const' }));
  } else if (ts.isStringLiteralLike(moduleReference.expression)) {
    into.push({
      kind: 'import',
      start,
      end,
      module: moduleReference.expression.text,
      relative: 0,
      bindings: [{ start: startAt(s, name), end: name.end, local: name.text, imported: null }],
      star: false,
      bindsRoot: false,
      typeOnly: isTypeOnly,
      parent: null,
    });
  }
}

/** `export { a as b }`, `export * from 'm'`. */
export function exportInto(s: Source, node: ts.ExportDeclaration, into: Stmt[]): void {
  const { isTypeOnly, moduleSpecifier, exportClause } = node;
  if (isTypeOnly) return;
  const module = moduleSpecifier && ts.isStringLiteralLike(moduleSpecifier) ? moduleSpecifier.text : null;
  const names: { local: string; exported: string }[] = [];
  if (exportClause?.kind === K.NamespaceExport) {
    names.push({ local: '*', exported: exportClause.name.text });
  } else if (exportClause) {
    for (const { isTypeOnly: isType, propertyName, name } of exportClause.elements) {
      if (!isType) names.push({ local: (propertyName ?? name).text, exported: name.text });
    }
  }
  into.push(exportOf(s, node, { module, names, star: exportClause === undefined }));
}
