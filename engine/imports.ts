/** Adds the imports that a fix needs: where, in which style, and only those that are missing. */
import type { Import, Module, Span, Stmt } from '../analysis/model.ts';
import { cellAt } from '../analysis/notebook/notebook.ts';
import type { Document } from './document.ts';
import { extension } from './paths.ts';
import { lineEnding } from './read.ts';

/** One name that an import statement binds. */
interface Wanted {
  readonly module: string;
  /** Null for the module itself; `default` for a TypeScript default import. */
  readonly imported: string | null;
  readonly local: string;
  /** `import a.b`, which binds `a`. */
  readonly bindsRoot: boolean;
}

export interface ImportEdit extends Span {
  readonly text: string;
  /** Identity: two fixes that need the same import insert it once. */
  readonly import: string;
}

/**
 * Edits that make `statements` hold at `position`. Null when a name is taken by something else, or a statement cannot be
 * read: the fix must not be applied then.
 */
export function importEdits(
  document: Document,
  statements: readonly string[],
  position: number,
): ImportEdit[] | null {
  const { module } = document;
  const wanted: Wanted[] = [];
  for (const statement of statements) {
    const parsed = module.language === 'python' ? parsePython(statement) : parseTypeScript(statement);
    if (!parsed) return null;
    for (const one of parsed) {
      if (!wanted.some((known) => identity(known) === identity(one))) wanted.push(one);
    }
  }
  const states = wanted.map((one) => stateOf(document, one, position));
  if (states.includes('taken')) return null;
  const missing = wanted.filter((_, at) => states[at] === 'missing');
  const extended = missing.map((one) => extendImport(document, one, position));
  const inserted = missing.filter((_, at) => extended[at] === null);
  return [
    ...extended.filter((edit) => edit !== null),
    ...inserted.map((one, at) => insertImport(document, one, position, at === 0, at === inserted.length - 1)),
  ];
}

// ------------------------------------------------------------- reading imports

function parsePython(statement: string): Wanted[] | null {
  const plain = /^\s*import\s+([\w.]+)(?:\s+as\s+(\w+))?\s*;?\s*$/.exec(statement);
  if (plain) {
    const [, module = '', alias] = plain;
    const root = module.split('.')[0] ?? module;
    return [{ module, imported: null, local: alias ?? root, bindsRoot: alias === undefined }];
  }
  const from = /^\s*from\s+([\w.]+)\s+import\s+\(?([^()]+)\)?\s*;?\s*$/.exec(statement);
  if (!from) return null;
  const [, module = '', names = ''] = from;
  const wanted: Wanted[] = [];
  for (const name of names.split(',').map((part) => part.trim())) {
    if (name === '') continue;
    const parts = /^(\w+)(?:\s+as\s+(\w+))?$/.exec(name);
    if (!parts) return null;
    const [, imported = '', alias] = parts;
    wanted.push({ module, imported, local: alias ?? imported, bindsRoot: false });
  }
  return wanted;
}

function parseTypeScript(statement: string): Wanted[] | null {
  const whole = /^\s*import\s+([^'"]+?)\s+from\s*(['"])(.+?)\2\s*;?\s*$/.exec(statement);
  if (!whole) return null;
  const [, clause = '', , module = ''] = whole;
  const parts = /^(?:([\w$]+)\s*,?\s*)?(?:\*\s+as\s+([\w$]+)|\{([^}]*)\})?$/.exec(clause);
  if (!parts) return null;
  const [, defaultName, namespace, names] = parts;
  const wanted: Wanted[] = [];
  if (defaultName) wanted.push({ module, imported: 'default', local: defaultName, bindsRoot: false });
  if (namespace) wanted.push({ module, imported: null, local: namespace, bindsRoot: false });
  for (const name of (names ?? '').split(',').map((part) => part.trim())) {
    if (name === '') continue;
    const [imported = '', local = imported] = name.split(/\s+as\s+/);
    wanted.push({ module, imported, local, bindsRoot: false });
  }
  return wanted;
}

function identity({ module, imported, local }: Wanted): string {
  return `${module}|${imported ?? '*'}|${local}`;
}

// ------------------------------------------------------- what is there already

function stateOf(document: Document, wanted: Wanted, position: number): 'bound' | 'missing' | 'taken' {
  const { module } = document;
  let isSame = false;
  for (const statement of module.imports) {
    if (!isModuleLevel(statement) || !binds(statement, wanted)) continue;
    isSame = true;
    if (isVisible(document, statement, position)) return 'bound';
  }
  if (isSame) return 'missing'; // imported further down
  if (isRequired(module, wanted, position)) return 'bound';
  const others = (module.scope.bindings.get(wanted.local) ?? []).filter(({ source, node }) => {
    // `import a.b` beside a wanted `import a.c`: the same root.
    return !(wanted.bindsRoot && source.from === 'import' && node.kind === 'import' && node.bindsRoot);
  });
  return others.length > 0 ? 'taken' : 'missing';
}

/** `const x = require('y')`, `const { x } = require('y')`. */
function isRequired(module: Module, { module: name, imported, local }: Wanted, position: number): boolean {
  return (module.scope.bindings.get(local) ?? []).some(({ node, source }) => {
    if (source.from !== 'expr' && source.from !== 'unpack') return false;
    const { expr } = source;
    if (expr.kind !== 'call' || expr.callee.kind !== 'name' || expr.callee.name !== 'require') return false;
    const [specifier] = expr.args;
    const isSame = specifier?.value.kind === 'literal' && specifier.value.value === name;
    const part = source.from === 'expr' ? null : source.path.join('.');
    return isSame && node.start <= position && part === (imported === 'default' ? null : imported);
  });
}

function binds(statement: Import, wanted: Wanted): boolean {
  if (statement.relative > 0 || statement.typeOnly) return false;
  return statement.bindings.some(({ local, imported }) => {
    if (local !== wanted.local) return false;
    if (wanted.bindsRoot) {
      const isBelow = statement.module === wanted.module || statement.module.startsWith(`${wanted.module}.`);
      return imported === null && isBelow && (statement.bindsRoot || statement.module === wanted.local);
    }
    if (statement.bindsRoot && statement.module.includes('.')) return false;
    return dotted(statement.module, imported) === dotted(wanted.module, wanted.imported);
  });
}

/** `from torch import nn` and `import torch.nn as nn` bind the same thing. */
function dotted(module: string, imported: string | null): string {
  return imported === null ? module : `${module}.${imported}`;
}

function isModuleLevel(statement: Import): boolean {
  for (let node = statement.parent; node; node = node.parent) {
    if (node.kind === 'function' || node.kind === 'class') return false;
    if (node.kind === 'if' && node.test.kind === 'name' && node.test.name === 'TYPE_CHECKING') return false;
    if (node.kind === 'if' && node.test.kind === 'member' && node.test.property === 'TYPE_CHECKING')
      return false;
  }
  return true;
}

/** Whether the import has run when the code at `position` does. */
function isVisible({ module, notebook }: Document, statement: Import, position: number): boolean {
  if (statement.start <= position) return true;
  if (module.language === 'typescript' && !notebook) return true; // imports are hoisted
  if (notebook)
    return (
      cellAt(notebook.cells, statement.start)?.index === cellAt(notebook.cells, position)?.index &&
      isInFunction(module, position)
    );
  return isInFunction(module, position);
}

function isInFunction(module: Module, position: number): boolean {
  return module.functions.some(({ body }) => body.start <= position && position <= body.end);
}

// -------------------------------------------------------------------- writing

/** Statements that stand before the code at `position`: in a notebook, in its cell. */
function statementsBefore({ module, notebook }: Document, position: number): Stmt[] {
  const from = notebook ? (cellAt(notebook.cells, position)?.start ?? 0) : 0;
  return module.body.statements.filter(({ start }) => start >= from && start <= position);
}

/** `from x import a` -> `from x import a, b`. */
function extendImport(document: Document, wanted: Wanted, position: number): ImportEdit | null {
  if (wanted.imported === null || wanted.imported === 'default') return null;
  for (const statement of statementsBefore(document, position)) {
    if (statement.kind !== 'import' || statement.relative > 0 || statement.typeOnly || statement.star)
      continue;
    const named = statement.bindings.filter(({ imported }) => imported !== null && imported !== 'default');
    const last = named.at(-1);
    if (statement.module !== wanted.module || !last) continue;
    const source = document.source.slice(statement.start, statement.end);
    if (document.module.language === 'typescript' && !/^import\b[^'"]*\{/.test(source)) continue;
    const name = wanted.local === wanted.imported ? wanted.imported : `${wanted.imported} as ${wanted.local}`;
    const lineStart = document.source.lastIndexOf('\n', last.start) + 1;
    const indent = document.source.slice(lineStart, last.start);
    const isOnOwnLine = /[({]/.test(source) && lineStart > statement.start && /^[ \t]*$/.test(indent);
    const separator = isOnOwnLine ? `,${lineEnding(document.source)}${indent}` : ', ';
    return { start: last.end, end: last.end, text: separator + name, import: identity(wanted) };
  }
  return null;
}

/** A line of its own. The first of several brings the blank line above them, the last the one below. */
function insertImport(
  document: Document,
  wanted: Wanted,
  position: number,
  isFirst: boolean,
  isLast: boolean,
): ImportEdit {
  const { source, notebook } = document;
  const eol = lineEnding(source);
  const statement = render(document, wanted);
  const before = statementsBefore(document, position);
  const at = (offset: number, text: string): ImportEdit => ({
    start: offset,
    end: offset,
    text,
    import: identity(wanted),
  });

  const last = lastImport(
    document,
    before.filter((one) => isImport(document, one) && one.end <= position),
  );
  const head = last ?? lastOfHead(document, before);
  if (head) {
    const next = nextLine(source, head.end);
    const follower = document.module.body.statements.find(({ start }) => start >= head.end);
    if (last && follower && follower.start < next) {
      // `import os; x = (`: what follows on the line may go on below it.
      const line = lineStart(source, head.start);
      return at(line, indentAt(source, line) + statement + eol);
    }
    const indent = indentAt(source, lineStart(source, head.start));
    const gap = last || !isFirst ? '' : eol;
    if (next === source.length && !source.endsWith('\n')) return at(next, eol + gap + indent + statement);
    const isFollowedByBlank = /^[ \t]*\r?\n/.test(source.slice(next)) || next >= source.length;
    return at(next, gap + indent + statement + eol + (last || isFollowedByBlank || !isLast ? '' : eol));
  }
  const first = before[0];
  const line = first
    ? lineStart(source, startOf(first))
    : notebook
      ? (cellAt(notebook.cells, position)?.start ?? 0)
      : 0;
  const isFollowedByImport = first !== undefined && isImport(document, first);
  return at(
    line,
    indentAt(source, line) + statement + eol + (notebook || isFollowedByImport || !isLast ? '' : eol),
  );
}

/** Lines without an import after which the file's head is over: `import pickle` in the midst of a script is not in it. */
const MAX_GAP = 15;

/** The last import of the file's head; in a cell and in TypeScript the last one there is. */
function lastImport({ module, notebook, source }: Document, imports: readonly Stmt[]): Stmt | undefined {
  if (notebook || module.language !== 'python') return imports.at(-1);
  const end = imports.findIndex((one, at) => {
    const previous = imports[at - 1];
    return previous !== undefined && source.slice(previous.end, one.start).split('\n').length > MAX_GAP;
  });
  return end === -1 ? imports.at(-1) : imports[end - 1];
}

/** What must stay first: a docstring, `'use client'`. */
function lastOfHead({ module, notebook }: Document, statements: readonly Stmt[]): Stmt | null {
  if (notebook) return null;
  let last: Stmt | null = null;
  for (const statement of statements) {
    const isText =
      statement.kind === 'expression' &&
      statement.expression.kind === 'literal' &&
      typeof statement.expression.value === 'string';
    if (!isText || (module.language === 'python' && last)) break;
    last = statement;
  }
  return last;
}

function isImport({ source }: Document, statement: Stmt): boolean {
  if (statement.kind === 'import') return true;
  return (
    statement.kind === 'assign' &&
    statement.declaration !== null &&
    /=\s*require\s*\(/.test(source.slice(statement.start, statement.end))
  );
}

function render(document: Document, { module, imported, local, bindsRoot }: Wanted): string {
  if (document.module.language === 'python') {
    if (imported !== null)
      return `from ${module} import ${imported}${local === imported ? '' : ` as ${local}`}`;
    return bindsRoot || local === module ? `import ${module}` : `import ${module} as ${local}`;
  }
  const { quote, semicolon } = styleOf(document);
  const specifier = quote + module + quote;
  if (isCommonJs(document)) {
    const names =
      imported === null || imported === 'default'
        ? local
        : `{ ${imported === local ? local : `${imported}: ${local}`} }`;
    return `const ${names} = require(${specifier})${semicolon}`;
  }
  const names =
    imported === null
      ? `* as ${local}`
      : imported === 'default'
        ? local
        : `{ ${imported === local ? local : `${imported} as ${local}`} }`;
  return `import ${names} from ${specifier}${semicolon}`;
}

/** Quotes and semicolons as the file's own imports have them, or else its code. */
function styleOf({ source, module }: Document): { quote: string; semicolon: string } {
  const sample = module.imports[0] ?? module.body.statements[0];
  const text = sample ? source.slice(sample.start, sample.end + 1) : '';
  const quote = /['"]/.exec(text)?.[0] ?? (source.split('"').length > source.split("'").length ? '"' : "'");
  const hasSemicolons = sample ? /;\s*$/.test(text) : true;
  return { quote, semicolon: hasSemicolons ? ';' : '' };
}

function isCommonJs({ path, source }: Document): boolean {
  if (extension(path) === '.cjs') return true;
  return (
    extension(path) === '.js' && /\brequire\s*\(/.test(source) && !/^\s*(?:import|export)\b/m.test(source)
  );
}

/** A decorated definition starts at its first decorator. */
function startOf(statement: Stmt): number {
  if (statement.kind !== 'function' && statement.kind !== 'class') return statement.start;
  return Math.min(statement.start, ...statement.decorators.map(({ start }) => start));
}

function lineStart(source: string, offset: number): number {
  return source.lastIndexOf('\n', offset - 1) + 1;
}

function nextLine(source: string, offset: number): number {
  const newline = source.indexOf('\n', offset);
  return newline === -1 ? source.length : newline + 1;
}

function indentAt(source: string, line: number): string {
  return /^[ \t]*/.exec(source.slice(line, line + 200))?.[0] ?? '';
}
