/** For the tests of the harness: a rule about programs of no library, whose fix is whatever the test says. */

const text = { en: 'x', fr: 'x' };

/**
 * Finds `rounds(N)` of two digits and writes `written` in its place; with `misplaced`, before it.
 * @param {import('../../rules/rule.ts').RuleDefinition} rest of a rule: what no test looks at
 * @param {string} written
 * @param {boolean} misplaced
 * @returns {import('../../rules/rule.ts').RuleDefinition}
 */
export function roundsRule(rest, written, misplaced = false) {
  return {
    ...rest,
    id: 'too-many-rounds',
    languages: ['python', 'typescript'],
    libraries: ['rounds'],
    title: text,
    messages: { default: text },
    on: {
      module(module, context) {
        const found = /rounds\(\d{2,}\)/.exec(module.text);
        if (!found) return;
        const span = { start: found.index, end: found.index + found[0].length };
        const target = misplaced ? { ...span, end: span.start } : span;
        context.fail(span, { fixes: [{ title: text, edits: () => [{ ...target, text: written }] }] });
      },
    },
  };
}
