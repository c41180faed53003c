/** The GPUs that programs may be let use. */
import { spawnSync } from 'node:child_process';

/** As the driver names them, each once; null where there is none, or no driver. */
export function gpuName(): string | null {
  const { status, stdout } = spawnSync('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], {
    encoding: 'utf8',
  });
  const names = status === 0 ? stdout.split('\n').map((line) => line.trim()) : [];
  return [...new Set(names.filter(Boolean))].join(', ') || null;
}
