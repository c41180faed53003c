/** Lowering of expressions, binding patterns and JSX. */
import { ts } from 'ts-morph';
import type { Argument, DictEntry, Expr, Jsx, JsxAttribute, Unary } from '../model.ts';
import { classOf, functionOf } from './declarations.ts';
import {
  assignOf,
  identifierOf,
  K,
  literalAt,
  MAX_DEPTH,
  nameAt,
  type Source,
  startAt,
  unknownOf,
} from './pieces.ts';

const BINARY: Partial<Record<ts.SyntaxKind, string>> = {
  [K.AmpersandAmpersandToken]: 'and',
  [K.BarBarToken]: 'or',
  [K.EqualsEqualsToken]: '==',
  [K.EqualsEqualsEqualsToken]: '==',
  [K.ExclamationEqualsToken]: '!=',
  [K.ExclamationEqualsEqualsToken]: '!=',
};

const UNARY: Partial<Record<ts.SyntaxKind, Unary['operator']>> = {
  [K.ExclamationToken]: 'not',
  [K.MinusToken]: '-',
  [K.PlusToken]: '+',
  [K.TildeToken]: '~',
  [K.PlusPlusToken]: '++',
  [K.MinusMinusToken]: '--',
};

function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= K.FirstAssignment && kind <= K.LastAssignment;
}

export function expr(s: Source, node: ts.Node): Expr {
  if (s.depth >= MAX_DEPTH) return unknownOf(s, node);
  s.depth++;
  const expr = exprOf(s, node);
  s.depth--;
  return expr;
}

export function exprs(s: Source, nodes: readonly ts.Node[]): Expr[] {
  const exprs: Expr[] = [];
  for (const node of nodes) exprs.push(expr(s, node));
  return exprs;
}

function exprOf(s: Source, node: ts.Node): Expr {
  switch (node.kind) {
    case K.Identifier:
    case K.PrivateIdentifier:
      return identifierOf(s, node as ts.Identifier);
    case K.StringLiteral:
    case K.NoSubstitutionTemplateLiteral:
      return literalAt((node as ts.StringLiteral).text, startAt(s, node), node.end);
    case K.NumericLiteral:
      return literalAt(Number((node as ts.NumericLiteral).text), startAt(s, node), node.end);
    case K.BigIntLiteral:
      return literalAt(Number((node as ts.BigIntLiteral).text.slice(0, -1)), startAt(s, node), node.end);
    case K.TrueKeyword:
      return literalAt(true, startAt(s, node), node.end);
    case K.FalseKeyword:
      return literalAt(false, startAt(s, node), node.end);
    case K.NullKeyword:
      return literalAt(null, startAt(s, node), node.end);
    case K.ThisKeyword:
      return nameAt('this', startAt(s, node), node.end);
    case K.SuperKeyword:
      return nameAt('super', startAt(s, node), node.end);
    case K.ImportKeyword:
      return nameAt('import', startAt(s, node), node.end);
    case K.PropertyAccessExpression: {
      const { expression, name } = node as ts.PropertyAccessExpression;
      const object = expr(s, expression);
      const propertyStart = startAt(s, name);
      return {
        kind: 'member',
        start: startOf(s, expression, object),
        end: node.end,
        object,
        property: name.text,
        propertyStart,
        parent: null,
      };
    }
    case K.ElementAccessExpression: {
      const { expression, argumentExpression } = node as ts.ElementAccessExpression;
      const object = expr(s, expression);
      const index = expr(s, argumentExpression);
      const start = startOf(s, expression, object);
      return { kind: 'index', start, end: node.end, object, index, parent: null };
    }
    case K.CallExpression:
    case K.NewExpression:
      return callOf(s, node as ts.CallExpression | ts.NewExpression);
    case K.TaggedTemplateExpression: {
      const { tag, template } = node as ts.TaggedTemplateExpression;
      const callee = expr(s, tag);
      const value = expr(s, template);
      const { start, end } = value;
      return {
        kind: 'call',
        start: startOf(s, tag, callee),
        end: node.end,
        callee,
        args: [{ kind: 'argument', start, end, name: null, value, spread: null, parent: null }],
        argsStart: start,
        argsEnd: start,
        isNew: false,
        parent: null,
      };
    }
    case K.TemplateExpression: {
      const { head, templateSpans } = node as ts.TemplateExpression;
      const parts: (string | Expr)[] = head.text === '' ? [] : [head.text];
      for (const span of templateSpans) {
        parts.push(expr(s, span.expression));
        if (span.literal.text !== '') parts.push(span.literal.text);
      }
      return { kind: 'template', start: startAt(s, node), end: node.end, parts, parent: null };
    }
    case K.ParenthesizedExpression:
    case K.AsExpression:
    case K.SatisfiesExpression:
    case K.NonNullExpression:
    case K.TypeAssertionExpression:
    case K.ExpressionWithTypeArguments:
      return expr(s, (node as ts.ParenthesizedExpression).expression);
    case K.ArrayLiteralExpression: {
      const items = exprs(s, (node as ts.ArrayLiteralExpression).elements);
      return {
        kind: 'sequence',
        start: startAt(s, node),
        end: node.end,
        type: 'list',
        items,
        parent: null,
      };
    }
    case K.SpreadElement: {
      const value = expr(s, (node as ts.SpreadElement).expression);
      return { kind: 'spread', start: startAt(s, node), end: node.end, value, parent: null };
    }
    case K.ObjectLiteralExpression: {
      const entries: DictEntry[] = [];
      for (const property of (node as ts.ObjectLiteralExpression).properties)
        entries.push(entryOf(s, property));
      return { kind: 'dict', start: startAt(s, node), end: node.end, entries, parent: null };
    }
    case K.ArrayBindingPattern:
    case K.ObjectBindingPattern:
      return patternOf(s, node as ts.BindingPattern);
    case K.PrefixUnaryExpression:
    case K.PostfixUnaryExpression: {
      const { operator, operand } = node as ts.PrefixUnaryExpression;
      return unaryOf(s, node, UNARY[operator] ?? '+', operand);
    }
    case K.DeleteExpression:
      return unaryOf(s, node, 'delete', (node as ts.DeleteExpression).expression);
    case K.TypeOfExpression:
      return unaryOf(s, node, 'typeof', (node as ts.TypeOfExpression).expression);
    case K.VoidExpression:
      return unaryOf(s, node, 'void', (node as ts.VoidExpression).expression);
    case K.BinaryExpression:
      return binaryOf(s, node as ts.BinaryExpression);
    case K.ConditionalExpression: {
      const conditional = node as ts.ConditionalExpression;
      const test = expr(s, conditional.condition);
      return {
        kind: 'conditional',
        start: startOf(s, conditional.condition, test),
        end: node.end,
        test,
        then: expr(s, conditional.whenTrue),
        otherwise: expr(s, conditional.whenFalse),
        parent: null,
      };
    }
    case K.AwaitExpression: {
      const value = expr(s, (node as ts.AwaitExpression).expression);
      return { kind: 'await', start: startAt(s, node), end: node.end, value, parent: null };
    }
    case K.YieldExpression: {
      const { expression, asteriskToken } = node as ts.YieldExpression;
      const value = expression ? expr(s, expression) : null;
      const delegate = asteriskToken !== undefined;
      return { kind: 'yield', start: startAt(s, node), end: node.end, value, delegate, parent: null };
    }
    case K.ArrowFunction:
    case K.FunctionExpression:
      return functionOf(s, node as ts.ArrowFunction | ts.FunctionExpression);
    case K.ClassExpression:
      return classOf(s, node as ts.ClassExpression);
    case K.MetaProperty: {
      const { keywordToken, name } = node as ts.MetaProperty;
      const start = startAt(s, node);
      const keyword = keywordToken === K.ImportKeyword ? 'import' : 'new';
      const object = nameAt(keyword, start, start + keyword.length);
      const propertyStart = startAt(s, name);
      return {
        kind: 'member',
        start,
        end: node.end,
        object,
        property: name.text,
        propertyStart,
        parent: null,
      };
    }
    case K.JsxElement:
    case K.JsxFragment:
    case K.JsxSelfClosingElement:
      return jsxOf(s, node as ts.JsxElement | ts.JsxFragment | ts.JsxSelfClosingElement);
    case K.JsxExpression: {
      const { expression } = node as ts.JsxExpression;
      return expression ? expr(s, expression) : unknownOf(s, node);
    }
    default:
      return unknownOf(s, node);
  }
}

/** Start of a node that begins with `first`: known already, unless `first` lost its parentheses. */
function startOf(s: Source, first: ts.Node, lowered: Expr): number {
  switch (first.kind) {
    case K.ParenthesizedExpression:
    case K.TypeAssertionExpression:
    case K.NonNullExpression:
    case K.ExpressionWithTypeArguments:
    case K.AsExpression:
    case K.SatisfiesExpression:
      return startAt(s, first);
    default:
      return lowered.start;
  }
}

function callOf(s: Source, node: ts.CallExpression | ts.NewExpression): Expr {
  const callee = expr(s, node.expression);
  const args: Argument[] = [];
  const isNew = node.kind === K.NewExpression;
  for (const argument of node.arguments ?? []) {
    const isSpread = argument.kind === K.SpreadElement;
    args.push({
      kind: 'argument',
      start: startAt(s, argument),
      end: argument.end,
      name: null,
      value: expr(s, isSpread ? (argument as ts.SpreadElement).expression : argument),
      spread: isSpread ? 'list' : null,
      parent: null,
    });
  }
  return {
    kind: 'call',
    start: isNew ? startAt(s, node) : startOf(s, node.expression, callee),
    end: node.end,
    callee,
    args,
    argsStart: node.arguments ? node.arguments.pos - 1 : node.end,
    argsEnd: node.end,
    isNew,
    parent: null,
  };
}

function unaryOf(s: Source, node: ts.Node, operator: Unary['operator'], operand: ts.Node): Unary {
  const value = expr(s, operand);
  return { kind: 'unary', start: startAt(s, node), end: node.end, operator, operand: value, parent: null };
}

function binaryOf(s: Source, node: ts.BinaryExpression): Expr {
  const operator = node.operatorToken.kind;
  if (operator === K.CommaToken) {
    return unknownOf(s, node, [expr(s, node.left), expr(s, node.right)]);
  }
  if (isAssignment(operator)) {
    const targets = [expr(s, node.left)];
    const start = startOf(s, node.left, targets[0]!);
    let { right } = node;
    if (operator === K.EqualsToken) {
      while (right.kind === K.BinaryExpression) {
        const next = right as ts.BinaryExpression;
        if (next.operatorToken.kind !== K.EqualsToken) break;
        targets.push(expr(s, next.left));
        right = next.right;
      }
    }
    return assignOf({ start, end: node.end }, targets, expr(s, right), {
      operator: operator === K.EqualsToken ? null : (ts.tokenToString(operator) ?? null),
    });
  }
  const left = expr(s, node.left);
  return {
    kind: 'binary',
    start: startOf(s, node.left, left),
    end: node.end,
    operator: BINARY[operator] ?? ts.tokenToString(operator) ?? '',
    left,
    right: expr(s, node.right),
    parent: null,
  };
}

/** A member's name as a dict key. */
export function keyOf(s: Source, name: ts.PropertyName): Expr {
  if (name.kind === K.ComputedPropertyName) return expr(s, name.expression);
  if (name.kind === K.Identifier || name.kind === K.PrivateIdentifier) {
    return literalAt(name.text, startAt(s, name), name.end);
  }
  return expr(s, name);
}

function entryOf(s: Source, property: ts.ObjectLiteralElementLike): DictEntry {
  const entry = (key: Expr | null, value: Expr): DictEntry => ({
    kind: 'entry',
    start: startAt(s, property),
    end: property.end,
    key,
    value,
    parent: null,
  });
  switch (property.kind) {
    case K.PropertyAssignment:
      return entry(keyOf(s, property.name), expr(s, property.initializer));
    case K.ShorthandPropertyAssignment: {
      const value = identifierOf(s, property.name);
      const initial = property.objectAssignmentInitializer;
      const span = { start: value.start, end: property.end };
      return entry(keyOf(s, property.name), initial ? assignOf(span, [value], expr(s, initial)) : value);
    }
    case K.SpreadAssignment:
      return entry(null, expr(s, property.expression));
    default:
      return entry(keyOf(s, property.name), functionOf(s, property));
  }
}

/** A declared name or destructuring pattern as an assignment target. */
export function patternOf(s: Source, node: ts.BindingName): Expr {
  if (node.kind === K.Identifier) return identifierOf(s, node);
  const start = startAt(s, node);
  if (node.kind === K.ArrayBindingPattern) {
    const items = node.elements.map((element): Expr => {
      if (element.kind === K.OmittedExpression) return unknownOf(s, element);
      const target = bindingTarget(s, element);
      if (!element.dotDotDotToken) return target;
      return { kind: 'spread', start: startAt(s, element), end: element.end, value: target, parent: null };
    });
    return { kind: 'sequence', start, end: node.end, type: 'list', items, parent: null };
  }
  const entries = node.elements.map((element): DictEntry => {
    const name = element.propertyName ?? (element.name.kind === K.Identifier ? element.name : null);
    return {
      kind: 'entry',
      start: startAt(s, element),
      end: element.end,
      key: element.dotDotDotToken || !name ? null : keyOf(s, name),
      value: bindingTarget(s, element),
      parent: null,
    };
  });
  return { kind: 'dict', start, end: node.end, entries, parent: null };
}

function bindingTarget(s: Source, element: ts.BindingElement): Expr {
  s.depth++;
  const target = s.depth > MAX_DEPTH ? unknownOf(s, element.name) : patternOf(s, element.name);
  s.depth--;
  if (!element.initializer) return target;
  return assignOf({ start: target.start, end: element.end }, [target], expr(s, element.initializer));
}

function jsxOf(s: Source, node: ts.JsxElement | ts.JsxFragment | ts.JsxSelfClosingElement): Jsx {
  const opening =
    node.kind === K.JsxElement ? node.openingElement : node.kind === K.JsxSelfClosingElement ? node : null;
  const attributes: JsxAttribute[] = [];
  for (const attribute of opening?.attributes.properties ?? []) {
    const isSpread = attribute.kind === K.JsxSpreadAttribute;
    const value = isSpread ? attribute.expression : attribute.initializer;
    const name = isSpread ? null : attribute.name.getText(s.source);
    const start = startAt(s, attribute);
    const lowered = value ? expr(s, value) : null;
    attributes.push({ kind: 'attribute', start, end: attribute.end, name, value: lowered, parent: null });
  }
  const children: Expr[] = [];
  for (const child of node.kind === K.JsxSelfClosingElement ? [] : node.children) {
    if (child.kind === K.JsxText) {
      if (child.text.trim() !== '') children.push(literalAt(child.text, child.pos, child.end));
    } else if (child.kind !== K.JsxExpression) children.push(expr(s, child));
    else if (child.expression) {
      const value = expr(s, child.expression);
      if (!child.dotDotDotToken) children.push(value);
      else children.push({ kind: 'spread', start: startAt(s, child), end: child.end, value, parent: null });
    }
  }
  const tag = opening ? opening.tagName.getText(s.source) : null;
  return { kind: 'jsx', start: startAt(s, node), end: node.end, tag, attributes, children, parent: null };
}
