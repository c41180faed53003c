/** Whether a program puts its work on a GPU or another accelerator. */
import type { Module } from '../../analysis/model.ts';
import { inProgram } from './memo.ts';
import { codeOf } from './text.ts';

/**
 * Whether some file of the programs around the module asks for an accelerator in code (comments and strings of prose
 * aside): `cuda`, `mps`, `gpus=`, `accelerator="gpu"`, `tf.config.list_physical_devices("GPU")`.
 */
export const usesAccelerator = inProgram(asksForAccelerator);

function asksForAccelerator(module: Module): boolean {
  return /\bcuda\b|\bmps\b|\bxpu\b|\bgpus?\s*=|['"]gpus?['"]|\bGPU:\d|\.npu\(|xla_device|\bTPUStrategy\b|\bMirroredStrategy\b/i.test(
    codeOf(module, module.comments),
  );
}
