/**
 * Energy and carbon of one answer of a language model, by EcoLogits' published method: docs/methodology/llm_inference.md
 * and ecologits/impacts/llm.py of mlco2/ecologits, version 0.9. It assumes servers of eight H100 that answer 64
 * requests at a time, 16-bit weights, and counts written tokens only: those read are not modelled.
 */
import { ECOLOGITS } from '../../rules/knowledge/ecologits.generated.ts';
import type { Range } from '../../rules/knowledge/ecologits.ts';

export interface Sizes {
  /** Billions of parameters. */
  readonly total: Range;
  readonly active: Range;
}

export interface RequestFigures {
  /** Wh, the data centre's overhead included. */
  readonly energy: Range;
  /** gCO2e of the servers' making that falls to the request. */
  readonly embodied: Range;
  /** Accelerators that hold the model. */
  readonly accelerators: Range;
}

/** The largest model of the measurements behind the method, in billions of parameters: beyond, it extrapolates. */
export const MEASURED_UP_TO = 200;

/** Accelerators that a model of so many billions of parameters takes: a power of two. */
export function acceleratorCount(total: number): number {
  const { bits, memoryOverhead, gpuMemory } = ECOLOGITS;
  const needed = Math.ceil((memoryOverhead * total * bits) / 8 / gpuMemory);
  return 2 ** Math.ceil(Math.log2(Math.max(1, needed)));
}

/** Wh that one accelerator takes for one token. */
export function tokenEnergy(active: number): number {
  const { gpuEnergy, batch } = ECOLOGITS;
  return gpuEnergy.alpha * Math.exp(gpuEnergy.beta * batch) * active + gpuEnergy.gamma;
}

function request(
  active: number,
  total: number,
  tokens: number,
  pue: number,
): { readonly energy: number; readonly embodied: number; readonly count: number } {
  const { latency, batch, serverPower, serverGpus, gpuEmbodied, serverEmbodied, lifespan } = ECOLOGITS;
  const count = acceleratorCount(total);
  const seconds = tokens * (latency.alpha * active + latency.beta * batch + latency.gamma);
  const server = ((seconds / 3600) * serverPower * (count / serverGpus)) / batch;
  const made = serverEmbodied * (count / serverGpus) + gpuEmbodied * count;
  return {
    energy: pue * (server + count * tokens * tokenEnergy(active)),
    embodied: ((seconds / lifespan) * made * 1000) / batch,
    count,
  };
}

/** One answer of `tokens` tokens. */
export function requestFigures({ total, active }: Sizes, tokens: number, pue: Range): RequestFigures {
  const low = request(active.min, total.min, tokens, pue.min);
  const high = request(active.max, total.max, tokens, pue.max);
  return {
    energy: { min: low.energy, max: high.energy },
    embodied: { min: low.embodied, max: high.embodied },
    accelerators: { min: low.count, max: high.count },
  };
}
