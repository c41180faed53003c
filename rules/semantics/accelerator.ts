/** Whether a program puts its work on a GPU or another accelerator. */
import type { Flow } from '../../analysis/flow/types.ts';
import type { Module } from '../../analysis/model.ts';

const memo = new WeakMap<Module, boolean>();

/**
 * Whether some file of the programs around the module asks for an accelerator in code (comments and strings of prose
 * aside): `cuda`, `mps`, `gpus=`, `accelerator="gpu"`, `tf.config.list_physical_devices("GPU")`.
 */
export function usesAccelerator(module: Module, flow: Flow): boolean {
  const modules = new Set([module, ...flow.programs(module).flatMap((program) => program.modules)]);
  return [...modules].some(asksForAccelerator);
}

function asksForAccelerator(module: Module): boolean {
  const known = memo.get(module);
  if (known !== undefined) return known;
  const found =
    /\bcuda\b|\bmps\b|\bxpu\b|\bgpus?\s*=|['"]gpus?['"]|\bGPU:\d|\.npu\(|xla_device|\bTPUStrategy\b|\bMirroredStrategy\b/i.test(
      code(module),
    );
  memo.set(module, found);
  return found;
}

/** The module's text without its comments. */
function code(module: Module): string {
  let text = '';
  let from = 0;
  for (const comment of module.comments) {
    text += module.text.slice(from, comment.start);
    from = comment.end;
  }
  return text + module.text.slice(from);
}
