/** Text that an expression is made of, as far as the source shows it: prompts, URLs. */

import { reachingBindings } from '../../analysis/flow/reaching.ts';
import type { Flow } from '../../analysis/flow/types.ts';
import type { Expr } from '../../analysis/model.ts';

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
