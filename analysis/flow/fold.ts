/** Constant folding: what operators and builtins give for known constants. */
import type { Constant } from '../model.ts';

/** @returns undefined when the result cannot be known */
export function foldBinary(operator: string, left: Constant, right: Constant): Constant | undefined {
  if (typeof left === 'string' && typeof right === 'string') {
    if (operator === '+') return left + right;
    if (operator === '/') return `${left.replace(/\/$/, '')}/${right}`; // pathlib
  }
  if (typeof left === 'number' && typeof right === 'number') {
    switch (operator) {
      case '+':
        return left + right;
      case '-':
        return left - right;
      case '*':
        return left * right;
      case '/':
        return right === 0 ? undefined : left / right;
      case '//':
        return right === 0 ? undefined : Math.floor(left / right);
      case '%':
        return right === 0 ? undefined : left - right * Math.floor(left / right);
      case '**':
        return left ** right;
      case '<<':
        return left * 2 ** right;
    }
  }
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  return undefined;
}

/** Builtin conversions of one constant. */
export function foldConversion(name: string, value: Constant): Constant | undefined {
  switch (name) {
    case 'builtins.int': {
      const number = Math.trunc(Number(value));
      return Number.isFinite(number) && value !== '' ? number : undefined;
    }
    case 'builtins.float':
    case 'globalThis.Number': {
      const number = Number(value);
      return Number.isFinite(number) && value !== '' ? number : undefined;
    }
    case 'globalThis.parseInt': {
      const number = Number.parseInt(String(value), 10);
      return Number.isFinite(number) ? number : undefined;
    }
    case 'builtins.str':
    case 'globalThis.String':
    case 'pathlib.Path':
    case 'builtins.bytes':
      return value === null ? undefined : String(value);
    case 'builtins.bool':
    case 'globalThis.Boolean':
      return Boolean(value);
    case 'builtins.round':
      return typeof value === 'number' ? Math.round(value) : undefined;
    case 'builtins.abs':
      return typeof value === 'number' ? Math.abs(value) : undefined;
    default:
      return undefined;
  }
}

/** Names every Python module has without import. */
export const PYTHON_BUILTINS: ReadonlySet<string> = new Set(
  (
    'abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex delattr dict dir ' +
    'divmod enumerate eval exec filter float format frozenset getattr globals hasattr hash help hex id input int isinstance ' +
    'issubclass iter len list locals map max memoryview min next object oct open ord pow print property range repr reversed ' +
    'round set setattr slice sorted staticmethod str sum super tuple type vars zip __import__ Exception ValueError ' +
    'RuntimeError KeyError TypeError NotImplementedError StopIteration xrange raw_input unicode __name__ __file__'
  ).split(' '),
);
