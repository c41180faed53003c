/** Whether a program puts its work on a GPU or another accelerator. */
import type { Flow } from '../../analysis/flow/types.ts';
import { ofModule } from '../../analysis/memo.ts';
import type { Module } from '../../analysis/model.ts';
import { inProgram } from './memo.ts';
import { codeOf } from './text.ts';

/**
 * Whether some file of the programs around the module asks for an accelerator in code (comments and strings of prose
 * aside): `cuda`, `mps`, `gpus=`, `accelerator="gpu"`, `tf.config.list_physical_devices("GPU")`.
 */
export function usesAccelerator(module: Module, flow: Flow): boolean {
  return !staysOnCpu(module) && asks(module, flow);
}

/** The same of accelerators with matrix units for 16-bit numbers: Apple’s `mps` has none. */
export function usesMatrixUnits(module: Module, flow: Flow): boolean {
  return !staysOnCpu(module) && asksBeyondMps(module, flow);
}

const asks = inProgram(asksForAccelerator);
const asksBeyondMps = inProgram(
  (module) =>
    asksForAccelerator(module) &&
    (!/\bmps\b/.test(module.text) ||
      ACCELERATORS.test(codeOf(module, module.comments).replace(/\bmps\b/g, ''))),
);

/** `device = "cpu"`, and nothing else in the file: what it imports may run elsewhere. */
const staysOnCpu = ofModule(
  (module) =>
    /^[ \t]*(?:device|DEVICE)\s*=\s*(?:torch\.device\(\s*)?(['"])cpu\1\s*\)?\s*(?:#.*)?$/m.test(
      module.text,
    ) && !asksForAccelerator(module),
);

const ACCELERATORS =
  /\bcuda\b|\bmps\b|\bxpu\b|\bgpus?\s*=|['"]gpus?['"]|\bGPU:\d|\.npu\(|xla_device|\bTPUStrategy\b|\bMirroredStrategy\b/i;

function asksForAccelerator(module: Module): boolean {
  return ACCELERATORS.test(codeOf(module, module.comments));
}
