/** Text that an expression is made of, as far as the source shows it: prompts, URLs. */

import { reachingBindings } from '../../analysis/flow/reaching.ts';
import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, Module, Span } from '../../analysis/model.ts';
import { lastName } from '../../analysis/tree.ts';

/** The module's text without some of its parts, given in source order. */
export function codeOf(module: Module, without: readonly Span[]): string {
  let text = '';
  let from = 0;
  for (const { start, end } of without) {
    text += module.text.slice(from, Math.max(from, start));
    from = Math.max(from, end);
  }
  return text + module.text.slice(from);
}

/** What the module's statements say: comments and imports say what may be, not what is done. */
export function statedIn(module: Module): string {
  return codeOf(
    module,
    [...module.comments, ...module.imports].sort((a, b) => a.start - b.start),
  );
}

const MAX_DEPTH = 6;
const MAX_TEXT = 20_000;

/**
 * The known text of an expression, unknown pieces left out: literals, templates, concatenations, the `content` of
 * messages, in source order, names followed to their assignments.
 * @param gap what stands for an unknown piece
 */
export function knownText(flow: Flow, expr: Expr, gap = '', depth = 0): string {
  if (depth > MAX_DEPTH) return gap;
  const each = (parts: readonly (string | Expr)[], separator = '') => {
    let text = '';
    for (const part of parts) {
      if (text.length > MAX_TEXT) break;
      text += (text && separator) + (typeof part === 'string' ? part : knownText(flow, part, gap, depth + 1));
    }
    return text;
  };
  switch (expr.kind) {
    case 'literal':
      return typeof expr.value === 'string'
        ? expr.value
        : typeof expr.value === 'number'
          ? String(expr.value)
          : gap;
    case 'template':
      return each(expr.parts);
    case 'binary':
      return expr.operator === '+' ? each([expr.left, expr.right]) : gap;
    case 'sequence':
      return each(expr.items, '\n');
    case 'spread':
    case 'await':
      return knownText(flow, expr.value, gap, depth + 1);
    case 'conditional':
      return each([expr.then, expr.otherwise], '\n');
    case 'dict':
      // roles and model names are no prompt text
      return each(
        expr.entries
          .filter(
            ({ key }) =>
              key === null ||
              (key.kind === 'literal' && /^(?:content|text|parts|contents|input)$/.test(String(key.value))),
          )
          .map(({ value }) => value),
        '\n',
      );
    case 'call': {
      // `"…".format(x)`, `text.strip()`, `textwrap.dedent("…")`, `SystemMessage("…")`
      const callee = expr.callee;
      const own =
        callee.kind === 'member' &&
        (callee.object.kind === 'literal' ||
          callee.object.kind === 'template' ||
          callee.object.kind === 'name')
          ? knownText(flow, callee.object, '', depth + 1)
          : '';
      const first = expr.args.find(
        (one) => one.name === null || one.name === 'content' || one.name === 'text',
      );
      return own || (first && !first.spread ? knownText(flow, first.value, gap, depth + 1) : gap);
    }
    case 'name':
    case 'member': {
      const constants = flow.constants(expr).filter((value) => typeof value === 'string');
      if (constants.length > 0) return constants.join('\n');
      if (expr.kind === 'member') return gap;
      const texts = reachingBindings(expr, flow.moduleOf(expr)).map((binding) =>
        binding.source.from === 'expr' ? knownText(flow, binding.source.expr, gap, depth + 1) : gap,
      );
      return texts.length > 0 ? texts.join('\n') : gap;
    }
    default:
      return gap;
  }
}

/**
 * The text of an expression in order: what is known as strings, what is not as the expressions that give it. Names are
 * followed to the one place that sets them; roles and types of messages are left out.
 */
export function textParts(flow: Flow, expr: Expr, depth = 0): readonly (string | Expr)[] {
  if (depth > MAX_DEPTH) return [expr];
  const inner = (one: Expr) => textParts(flow, one, depth + 1);
  switch (expr.kind) {
    case 'literal':
      return [expr.value === null ? '' : String(expr.value)];
    case 'template':
      return expr.parts.flatMap((part) => (typeof part === 'string' ? [part] : inner(part)));
    case 'binary': {
      if (expr.operator === '+') return [...inner(expr.left), ...inner(expr.right)];
      const times = expr.operator === '*' ? flow.constant(expr.right) : undefined;
      const text = typeof times === 'number' ? knownText(flow, expr.left) : '';
      return text ? [text.repeat(Math.max(0, Math.min(times as number, MAX_TEXT / text.length)))] : [expr];
    }
    case 'sequence':
      return expr.items.flatMap(inner);
    case 'spread':
    case 'await':
      return inner(expr.value);
    case 'dict':
      return expr.entries.flatMap(({ key, value }) => {
        if (key === null) return [value];
        return key.kind === 'literal' && MESSAGE_TEXT.test(String(key.value)) ? inner(value) : [];
      });
    case 'call': {
      const { callee, args } = expr;
      if (callee.kind === 'member' && /^(?:strip|trim|lstrip|rstrip|dedent|trimStart)$/.test(callee.property))
        return inner(args.length === 1 && args[0] && !args[0].spread ? args[0].value : callee.object);
      if (callee.kind === 'member' && callee.property === 'format') return formatted(flow, expr, inner);
      if (callee.kind === 'member' && callee.property === 'repeat' && args[0]) {
        const times = flow.constant(args[0].value);
        const text = knownText(flow, callee.object);
        if (typeof times === 'number' && text)
          return [text.repeat(Math.max(0, Math.min(times, MAX_TEXT / text.length)))];
      }
      if (callee.kind === 'member' && callee.property === 'join') {
        const list = callee.object.kind === 'sequence' ? callee.object : args[0]?.value;
        const display = list && flow.values(list).find((value) => value.kind === 'display');
        return display?.kind === 'display' && display.node.kind === 'sequence' ? inner(display.node) : [expr];
      }
      const name = lastName(callee);
      if (/^(?:System|Human|AI)Message$/.test(name)) {
        const content = flow.argument(expr, 'content', 0);
        if (content.state === 'given') return inner(content.value);
        if (args[0] && !args[0].spread) return inner(args[0].value);
      }
      return [expr];
    }
    case 'name':
    case 'member': {
      const constant = flow.constant(expr);
      if (typeof constant === 'string') return [constant];
      if (expr.kind === 'member') return [expr];
      const bindings = reachingBindings(expr, flow.moduleOf(expr));
      const [only] = bindings;
      return bindings.length === 1 && only?.source.from === 'expr' ? inner(only.source.expr) : [expr];
    }
    default:
      return [expr];
  }
}

const MESSAGE_TEXT = /^(?:content|text|parts|contents|input)$/;

/** `"… {question} …".format(question=q)`: text and holes in order. */
function formatted(
  flow: Flow,
  call: Call,
  inner: (one: Expr) => readonly (string | Expr)[],
): readonly (string | Expr)[] {
  const { callee } = call;
  const template = callee.kind === 'member' ? flow.constant(callee.object) : undefined;
  if (typeof template !== 'string') return [call];
  let position = 0;
  return template.split(/(\{[^{}]*\})/).flatMap((piece) => {
    const hole = /^\{([^{}:!]*)[^{}]*\}$/.exec(piece);
    if (!hole) return [piece];
    const name = hole[1] ?? '';
    const given =
      call.args.find((one) => one.name === name && name !== '') ??
      (name === '' || /^\d+$/.test(name) ? call.args[name === '' ? position++ : Number(name)] : undefined);
    return given && !given.spread ? inner(given.value) : [call];
  });
}
