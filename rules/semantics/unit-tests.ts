/** Unit tests exercise code: what they leave out is no waste. `test.py` of a student's project evaluates a model. */
import { ofModule } from '../../analysis/memo.ts';
import type { Expr, FunctionNode, Module, Span, Stmt } from '../../analysis/model.ts';
import { placeOf } from '../../analysis/program/place.ts';
import { descendants, lastName } from '../../analysis/tree.ts';

/** TypeScript's tests go by their name alone. */
const SCRIPT_TESTS =
  /(?:\.(?:test|spec)\.[cm]?[jt]sx?|(?:^|\/)(?:__tests__|__mocks__|tests?)\/.*\.[cm]?[jt]sx?)$/;
/** Where pytest and unittest look for tests, and where projects keep them. */
const TESTS = /(?:^|\/)(?:tests?\/.*|test[^/]*|[^/]*_tests?)\.py$/;
const IN_FOLDER = /(?:^|\/)tests?\/(?:.*\/)?(?:test_[^/]*|[^/]*_test)\.py$/;

/** Whether the whole file is there to test: by its name and what it does, or because it holds nothing but tests. */
export const isUnitTest = ofModule((module): boolean => {
  const place = placeOf(module);
  if (module.language === 'typescript') return SCRIPT_TESTS.test(place);
  if (/\.ipynb$/i.test(place)) return false; // a course's checks stand beside the work itself
  if (/(?:^|\/)conftest\.py$/.test(place)) return true;
  const tests = testsOf(module);
  if (TESTS.test(place) && (usesTestLibrary(module) || tests.length > 0)) return true;
  if (IN_FOLDER.test(place) && descendants(module.body, 'assert').length > 0) return true;
  const defined = module.body.statements.filter(({ kind }) => kind === 'function' || kind === 'class');
  return tests.length > 0 && defined.every((one) => tests.includes(one));
});

/** Whether the span lies in a unit test: in a file of them, or in a test that stands beside the code it is for. */
export function isTestCode(module: Module, span: Span): boolean {
  return (
    isUnitTest(module) || testsOf(module).some((test) => span.start >= test.start && span.end <= test.end)
  );
}

const usesTestLibrary = (module: Module): boolean =>
  module.imports.some((one) => /^(?:pytest|unittest)(?:\.|$)/.test(one.module));

/** Test functions, test cases and fixtures of a file, or of a notebook that keeps such beside the real work. */
const testsOf = ofModule((module): readonly Stmt[] => {
  if (module.language !== 'python') return [];
  const isTesting = usesTestLibrary(module);
  return module.body.statements.filter((one) => {
    if (one.kind === 'function')
      return (
        (one.name?.startsWith('test_') === true && asserts(one)) ||
        (isTesting && one.decorators.some(isFixture))
      );
    if (one.kind !== 'class') return false;
    return (
      one.bases.some((base) => /TestCase$/.test(lastName(base))) ||
      (/^Test[A-Z]/.test(one.name ?? '') &&
        one.body.statements.some((method) => method.kind === 'function' && method.name?.startsWith('test_')))
    );
  });
});

const isFixture = (decorator: Expr): boolean =>
  lastName(decorator.kind === 'call' ? decorator.callee : decorator) === 'fixture';

/** `assert x`, `self.assertEqual(…)` of a test case, `pytest.raises(…)`. */
function asserts(fn: FunctionNode): boolean {
  return (
    descendants(fn.body, 'assert').length > 0 ||
    descendants(fn.body, 'call').some(
      ({ callee }) => callee.kind === 'member' && /^(?:assert|raises$)/i.test(callee.property),
    )
  );
}
