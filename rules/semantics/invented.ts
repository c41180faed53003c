/** A lesson's toy: data made up in the file itself, by random numbers or written out by hand. */
import type { Flow } from '../../analysis/flow/types.ts';
import type { Expr } from '../../analysis/model.ts';
import { slice } from './slice.ts';

/** What makes numbers up. */
export const INVENTS =
  /^(torch|numpy|numpy\.random)\.(rand|randn|randint|linspace|arange|normal|uniform|tensor|meshgrid)$/;

/** Whether the expressions were made up here, `x = torch.linspace(0, 1, 100)[:, None]`, and nothing that was read. */
export function isInvented(flow: Flow, exprs: readonly Expr[]): boolean {
  const names = [...slice(flow, exprs, { stops: () => false, program: true })].flatMap((call) =>
    flow.names(call),
  );
  return (
    names.some((name) => INVENTS.test(name)) &&
    !names.some((name) =>
      /(?:^|[._])(?:read|load|open|fetch|download)|DataLoader|Dataset|\bdatasets\b|^\?/.test(name),
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
        holdsNumbers(origin.args[0].value),
    );
}

function holdsNumbers(expr: Expr): boolean {
  if (expr.kind === 'literal') return typeof expr.value === 'number';
  if (expr.kind === 'unary') return holdsNumbers(expr.operand);
  return expr.kind === 'sequence' && expr.items.length > 0 && expr.items.every(holdsNumbers);
}
