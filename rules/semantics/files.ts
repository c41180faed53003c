/** Names of files that calls read and write. */
import type { Flow } from '../../analysis/flow/types.ts';
import type { Expr } from '../../analysis/model.ts';

const MAX_DEPTH = 6;

/** The folder that a path stands in; empty at the top. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/**
 * The last segment of a path, lower-cased, where it is known and has an extension: `model.h5` for
 * `os.path.join(OUT, "model.h5")`, `OUT / "model.h5"` and a constant that holds either. Null where it is not known.
 */
export function fileName(flow: Flow, expr: Expr, depth = 0): string | null {
  if (depth > MAX_DEPTH) return null;
  const constant = flow.constant(expr);
  if (typeof constant === 'string') return lastSegment(constant);
  switch (expr.kind) {
    case 'template': {
      const last = expr.parts.at(-1);
      return typeof last === 'string' && /[\\/]/.test(last) ? lastSegment(last) : null;
    }
    case 'binary':
      if (expr.operator === '/') return fileName(flow, expr.right, depth + 1);
      if (expr.operator !== '+') return null;
      return endsPath(flow, expr.right);
    case 'call': {
      const names = flow.names(expr);
      const last = expr.args.at(-1);
      if (!last || last.spread || last.name !== null) return null;
      const joins = names.some((name) =>
        /^(?:os\.path\.(?:join|abspath|realpath|expanduser)|pathlib\.\w*Path|builtins\.str)$/.test(name),
      );
      return joins || isCalled(expr.callee, 'str') ? fileName(flow, last.value, depth + 1) : null;
    }
    case 'name':
    case 'member': {
      const found = new Set<string | null>();
      for (const value of flow.values(expr)) {
        if (value.kind === 'constant')
          found.add(typeof value.value === 'string' ? lastSegment(value.value) : null);
        else if (value.kind === 'object' && value.origin) found.add(fileName(flow, value.origin, depth + 1));
        else found.add(null);
      }
      const [only] = found;
      return found.size === 1 ? (only ?? null) : null;
    }
    default:
      return null;
  }
}

const isCalled = (callee: Expr, name: string): boolean => callee.kind === 'name' && callee.name === name;

/** `BASE + "/model.h5"`: known only from its last slash on. */
function endsPath(flow: Flow, expr: Expr): string | null {
  const constant = flow.constant(expr);
  return typeof constant === 'string' && /[\\/]/.test(constant) ? lastSegment(constant) : null;
}

function lastSegment(path: string): string | null {
  const name =
    path
      .split(/[\\/]/)
      .filter((part) => part !== '')
      .at(-1) ?? '';
  return /^[^%{}]+\.[a-z0-9]+$/i.test(name) ? name.toLowerCase() : null;
}
