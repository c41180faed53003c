/** Lowering of statements. */
import { ts } from 'ts-morph';
import type { Block, Case, Stmt } from '../model.ts';
import { classOf, declarationsOf, decoratorStatements, enumOf, functionOf } from './declarations.ts';
import { expr, patternOf } from './expressions.ts';
import {
  boundNames,
  commonJsExport,
  declarationInto,
  exportInto,
  exportOf,
  importEqualsInto,
  importInto,
} from './modules.ts';
import {
  declarationStart,
  has,
  K,
  MAX_DEPTH,
  type Source,
  startAt,
  staticName,
  unknownOf,
} from './pieces.ts';

export function blockOf(s: Source, node: ts.Block | ts.ModuleBlock): Block {
  const statements: Stmt[] = [];
  for (const statement of node.statements) statementInto(s, statement, statements, false);
  return { kind: 'block', start: startAt(s, node), end: node.end, statements, parent: null };
}

/** A statement's body as a block, braces or not. */
function bodyOf(s: Source, node: ts.Statement): Block {
  if (node.kind === K.Block && s.depth < MAX_DEPTH) return blockOf(s, node as ts.Block);
  const statements: Stmt[] = [];
  statementInto(s, node, statements, false);
  return { kind: 'block', start: startAt(s, node), end: node.end, statements, parent: null };
}

export function statementInto(s: Source, node: ts.Statement, into: Stmt[], isTop: boolean): void {
  if (s.depth >= MAX_DEPTH) {
    const expression = unknownOf(s, node);
    into.push({ kind: 'expression', start: expression.start, end: node.end, expression, parent: null });
    return;
  }
  s.depth++;
  lowerStatement(s, node, into, isTop);
  s.depth--;
}

function lowerStatement(s: Source, node: ts.Statement, into: Stmt[], isTop: boolean): void {
  const start = startAt(s, node);
  const { end } = node;
  switch (node.kind) {
    case K.ExpressionStatement: {
      const expression = expr(s, (node as ts.ExpressionStatement).expression);
      if (isTop && expression.kind === 'assign' && commonJsExport(s, expression, { start, end }, into))
        return;
      if (expression.kind === 'assign') into.push({ ...expression, start, end });
      else into.push({ kind: 'expression', start, end, expression, parent: null });
      return;
    }
    case K.VariableStatement: {
      if (has(node, K.DeclareKeyword)) return;
      const from = declarationStart(s, node);
      const assigns = declarationsOf(s, (node as ts.VariableStatement).declarationList, {
        start: from,
        end,
      });
      into.push(...assigns);
      if (isTop && has(node, K.ExportKeyword)) {
        const names = assigns.flatMap((assign) => assign.targets.flatMap(boundNames));
        into.push(exportOf(s, node, { names: names.map((name) => ({ local: name, exported: name })) }));
      }
      return;
    }
    case K.FunctionDeclaration: {
      const declaration = node as ts.FunctionDeclaration;
      if (declaration.body) declarationInto(s, declaration, functionOf(s, declaration), into, isTop);
      return;
    }
    case K.ClassDeclaration: {
      if (has(node, K.DeclareKeyword)) return;
      const declaration = node as ts.ClassDeclaration;
      declarationInto(s, declaration, classOf(s, declaration), into, isTop);
      return;
    }
    case K.EnumDeclaration: {
      const { name } = node as ts.EnumDeclaration;
      into.push(enumOf(s, node as ts.EnumDeclaration));
      if (isTop && has(node, K.ExportKeyword)) {
        into.push(exportOf(s, node, { names: [{ local: name.text, exported: name.text }] }));
      }
      return;
    }
    case K.ModuleDeclaration: {
      if (has(node, K.DeclareKeyword)) return;
      const { body } = node as ts.ModuleDeclaration;
      if (body?.kind === K.ModuleBlock) into.push(blockOf(s, body as ts.ModuleBlock));
      else if (body?.kind === K.ModuleDeclaration)
        statementInto(s, body as ts.ModuleDeclaration, into, false);
      return;
    }
    case K.ImportDeclaration:
      importInto(s, node as ts.ImportDeclaration, into);
      return;
    case K.ImportEqualsDeclaration:
      importEqualsInto(s, node as ts.ImportEqualsDeclaration, into);
      return;
    case K.ExportDeclaration:
      exportInto(s, node as ts.ExportDeclaration, into);
      return;
    case K.ExportAssignment:
      into.push(exportOf(s, node, { defaultValue: expr(s, (node as ts.ExportAssignment).expression) }));
      return;
    case K.IfStatement: {
      const { expression, thenStatement, elseStatement } = node as ts.IfStatement;
      into.push({
        kind: 'if',
        start,
        end,
        test: expr(s, expression),
        then: bodyOf(s, thenStatement),
        otherwise: elseStatement ? bodyOf(s, elseStatement) : null,
        parent: null,
      });
      return;
    }
    case K.DoStatement:
    case K.WhileStatement: {
      const loop = node as ts.WhileStatement;
      const test = expr(s, loop.expression);
      const body = bodyOf(s, loop.statement);
      into.push({
        kind: 'while',
        start,
        end,
        test,
        body,
        orelse: null,
        init: null,
        update: null,
        parent: null,
      });
      return;
    }
    case K.ForStatement: {
      const { initializer, condition, incrementor, statement } = node as ts.ForStatement;
      into.push({
        kind: 'while',
        start,
        end,
        init: initializer ? forInitializer(s, initializer) : null,
        test: condition ? expr(s, condition) : null,
        update: incrementor ? expr(s, incrementor) : null,
        body: bodyOf(s, statement),
        orelse: null,
        parent: null,
      });
      return;
    }
    case K.ForInStatement:
    case K.ForOfStatement: {
      const { initializer, expression, statement } = node as ts.ForOfStatement;
      const declared = ts.isVariableDeclarationList(initializer) ? initializer.declarations[0] : null;
      const target = !ts.isVariableDeclarationList(initializer)
        ? expr(s, initializer)
        : declared
          ? patternOf(s, declared.name)
          : unknownOf(s, initializer);
      into.push({
        kind: 'for',
        start,
        end,
        target,
        iterable: expr(s, expression),
        body: bodyOf(s, statement),
        orelse: null,
        isAsync: node.kind === K.ForOfStatement && (node as ts.ForOfStatement).awaitModifier !== undefined,
        parent: null,
      });
      return;
    }
    case K.ContinueStatement:
      into.push({ kind: 'continue', start, end, parent: null });
      return;
    case K.BreakStatement:
      into.push({ kind: 'break', start, end, parent: null });
      return;
    case K.DebuggerStatement:
      into.push({ kind: 'pass', start, end, parent: null });
      return;
    case K.ReturnStatement:
    case K.ThrowStatement: {
      const { expression } = node as ts.ReturnStatement;
      const kind = node.kind === K.ReturnStatement ? 'return' : 'raise';
      into.push({ kind, start, end, value: expression ? expr(s, expression) : null, parent: null });
      return;
    }
    case K.WithStatement: {
      const { expression, statement } = node as ts.WithStatement;
      const context = expr(s, expression);
      into.push({
        kind: 'with',
        start,
        end,
        items: [
          { kind: 'item', start: context.start, end: context.end, context, target: null, parent: null },
        ],
        body: bodyOf(s, statement),
        isAsync: false,
        parent: null,
      });
      return;
    }
    case K.SwitchStatement: {
      const { expression, caseBlock } = node as ts.SwitchStatement;
      const subject = expr(s, expression);
      const cases = caseBlock.clauses.map((clause) => caseOf(s, clause));
      into.push({ kind: 'match', start, end, subject, cases, parent: null });
      return;
    }
    case K.TryStatement: {
      const { tryBlock, catchClause, finallyBlock } = node as ts.TryStatement;
      const body = blockOf(s, tryBlock);
      into.push({
        kind: 'try',
        start,
        end,
        body,
        handlers: catchClause
          ? [
              {
                kind: 'handler',
                start: startAt(s, catchClause),
                end: catchClause.end,
                type: null,
                name: staticName(catchClause.variableDeclaration?.name),
                body: blockOf(s, catchClause.block),
                parent: null,
              },
            ]
          : [],
        orelse: null,
        finalizer: finallyBlock ? blockOf(s, finallyBlock) : null,
        parent: null,
      });
      return;
    }
    case K.LabeledStatement:
      statementInto(s, (node as ts.LabeledStatement).statement, into, false);
      return;
    case K.Block:
      into.push(blockOf(s, node as ts.Block));
      return;
    case K.MissingDeclaration:
      into.push(...decoratorStatements(s, node));
      return;
    default: // interfaces, type aliases, empty statements, `export as namespace`
  }
}

function forInitializer(s: Source, node: ts.ForInitializer): Stmt | null {
  const span = { start: startAt(s, node), end: node.end };
  if (node.kind === K.VariableDeclarationList) {
    const statements = declarationsOf(s, node as ts.VariableDeclarationList, span);
    if (statements.length <= 1) return statements[0] ?? null;
    return { kind: 'block', ...span, statements, parent: null };
  }
  const expression = expr(s, node);
  return expression.kind === 'assign'
    ? expression
    : { kind: 'expression', ...span, expression, parent: null };
}

function caseOf(s: Source, clause: ts.CaseOrDefaultClause): Case {
  const statements: Stmt[] = [];
  const pattern = clause.kind === K.CaseClause ? expr(s, clause.expression) : null;
  for (const statement of clause.statements) statementInto(s, statement, statements, false);
  const start = statements[0] ? Math.min(clause.end, statements[0].start) : clause.end;
  const body: Block = { kind: 'block', start, end: clause.end, statements, parent: null };
  return {
    kind: 'case',
    start: startAt(s, clause),
    end: clause.end,
    pattern,
    guard: null,
    body,
    parent: null,
  };
}
