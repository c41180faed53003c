/** A lesson's toy: data made up in the file itself, by random numbers or written out by hand. */
import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr } from '../../analysis/model.ts';
import { descendants } from '../../analysis/tree.ts';
import { slice } from './slice.ts';

/** What makes numbers up. */
export const INVENTS =
  /^(?:(?:torch|numpy|numpy\.random|tensorflow\.random)\.(?:rand|randn|randint|linspace|arange|normal|uniform|tensor|meshgrid)|sklearn\.datasets\.make_\w+)$/;

/** Whether the expressions were made up here, `x = torch.linspace(0, 1, 100)[:, None]`, and nothing that was read. */
export function isInvented(flow: Flow, exprs: readonly Expr[]): boolean {
  const calls = [...slice(flow, exprs, { stops: () => false, program: true })];
  const names = calls.flatMap((call) => flow.names(call));
  return (
    (names.some((name) => INVENTS.test(name)) || calls.some((call) => isWrittenOut(flow, call))) &&
    !names.some((name) =>
      /(?:^|[._])(?:read|load|open|fetch|download)|DataLoader|(?<!^tensorflow\.data\.)Dataset|(?<!^sklearn\.)\bdatasets\b|^\?/.test(
        name,
      ),
    )
  );
}

/** `np.array([[0, 0], [0, 1]])`: the numbers stand in the program. */
export function isWrittenOut(flow: Flow, expr: Expr): boolean {
  return flow
    .objects(expr)
    .some(
      ({ origin }) =>
        origin !== null &&
        flow.names(origin).some((name) => /^(?:numpy\.(?:array|asarray)|torch\.tensor)$/.test(name)) &&
        origin.args[0] !== undefined &&
        [origin.args[0].value, ...listed(flow, origin.args[0].value)].some((one) => holdsNumbers(one, flow)),
    );
}

/** The list that a name stands for. */
const listed = (flow: Flow, expr: Expr): readonly Expr[] =>
  expr.kind === 'name'
    ? flow.values(expr).flatMap((value) => (value.kind === 'display' ? [value.node] : []))
    : [];

/** `[3.3, 4.4]`, `[2 * i + 1 for i in range(11)]`. */
function holdsNumbers(expr: Expr, flow: Flow): boolean {
  if (expr.kind === 'literal') return typeof expr.value === 'number';
  if (expr.kind === 'unary') return holdsNumbers(expr.operand, flow);
  if (expr.kind === 'comprehension') {
    const [first] = expr.clauses;
    const isPlain = descendants(expr.element, 'call', true).length === 0;
    return isPlain && first?.iterable.kind === 'call' && isCounted(first.iterable, flow);
  }
  return (
    expr.kind === 'sequence' && expr.items.length > 0 && expr.items.every((item) => holdsNumbers(item, flow))
  );
}

const isCounted = (call: Call, flow: Flow): boolean =>
  flow.names(call).includes('builtins.range') &&
  call.args.every(({ value }) => typeof flow.constant(value) === 'number');
