/** Where a torch model runs: on a GPU, on the CPU, or on a GPU where there is one. */
import type { Flow, ObjectValue } from '../../analysis/flow/types.ts';
import type { Call, Expr } from '../../analysis/model.ts';
import { descendants } from '../../analysis/tree.ts';

/** `maybe`: chosen at run time (`"cuda" if torch.cuda.is_available() else "cpu"`). */
export type Device = 'gpu' | 'maybe' | 'cpu' | 'unknown';

/** The device of a model, by the arguments it is made with and the calls that move it. */
export function deviceOf(object: ObjectValue, origin: Call, flow: Flow): Device {
  const found: Device[] = [];
  for (const name of ['device_map', 'device']) {
    const given = flow.argument(origin, name);
    if (given.state === 'unknown') return 'unknown';
    if (given.state === 'given') found.push(deviceIn(given.value, flow));
  }
  for (const use of flow.uses(object)) {
    if (use.role === 'receiver') {
      if (use.method === 'cuda') found.push('gpu');
      else if (use.method === 'cpu') found.push('cpu');
      else if (use.method === 'to' && use.call.args[0]) {
        const target = deviceIn(use.call.args[0].value, flow);
        if (!isDtype(use.call.args[0].value, flow)) found.push(target);
      }
    } else if (
      use.role === 'argument' &&
      flow
        .names(use.call)
        .some((name) => /^(?:accelerate\.|torch\.nn\.DataParallel|transformers\.pipeline)/.test(name))
    ) {
      const device = flow.argument(use.call, 'device');
      found.push(device.state === 'given' ? deviceIn(device.value, flow) : 'unknown');
    }
  }
  if (found.length === 0) return 'cpu';
  if (found.includes('unknown')) return 'unknown';
  if (found.includes('maybe')) return 'maybe';
  if (found.includes('gpu')) return found.includes('cpu') ? 'maybe' : 'gpu';
  return 'cpu';
}

const isDtype = (expr: Expr, flow: Flow): boolean =>
  flow
    .values(expr)
    .some((value) => value.kind === 'library' && /^torch\.b?(?:float|int|half)/.test(value.name));

function deviceIn(expr: Expr, flow: Flow, depth = 0): Device {
  if (depth > 4) return 'unknown';
  const found = new Set<Device>();
  for (const value of flow.values(expr)) {
    if (value.kind === 'constant') found.add(deviceNamed(value.value));
    else if (value.kind === 'object' && value.origin && value.types[0] === 'torch.device') {
      const first = value.origin.args[0];
      found.add(first ? deviceIn(first.value, flow, depth + 1) : 'unknown');
    } else found.add('unknown');
  }
  if (expr.kind === 'conditional' && asksForCuda(expr.test)) return 'maybe';
  if (found.size === 1) return [...found][0] ?? 'unknown';
  if (found.size > 1 && found.has('gpu')) return 'maybe';
  return 'unknown';
}

const asksForCuda = (test: Expr): boolean =>
  descendants(test, 'member').some((one) => one.property === 'is_available');

function deviceNamed(value: unknown): Device {
  if (typeof value === 'number') return value >= 0 ? 'gpu' : 'cpu';
  if (value === null) return 'cpu';
  if (typeof value !== 'string') return 'unknown';
  if (/^(?:cuda|auto|balanced|sequential)/.test(value)) return 'gpu';
  return value === 'cpu' ? 'cpu' : 'unknown';
}
