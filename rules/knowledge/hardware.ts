/** Accelerators and the cloud instances that carry them. */
import { HARDWARE, INSTANCES } from './hardware.generated.ts';

export interface Accelerator {
  readonly name: string;
  readonly vendor: string;
  readonly kind: 'gpu' | 'tpu' | 'asic' | 'soc' | 'cpu';
  /** Watts of the board at full load; null when the vendor does not publish it. */
  readonly power: number | null;
  /** GB. */
  readonly memory: number | null;
  /** Formats its matrix units run faster than float32. */
  readonly fast: {
    readonly fp16: boolean;
    readonly bf16: boolean;
    readonly tf32: boolean;
    readonly int8: boolean;
    readonly fp8: boolean;
  };
  readonly estimated: boolean;
}

export interface Instance {
  /** `sagemaker` names start with `ml.`. */
  readonly provider: 'aws' | 'sagemaker' | 'gcp' | 'azure' | 'ovhcloud' | 'scaleway';
  readonly name: string;
  readonly accelerator: string;
  readonly count: number;
  /** GB, of all accelerators together. */
  readonly memory: number | null;
  /** Watts of all accelerators together at full load; the rest of the machine is not counted. */
  readonly power: number | null;
  /** From public knowledge, not confirmed in a table. */
  readonly unconfirmed: boolean;
}

const decimal = (text: string | undefined): number | null => (text ? Number(text) : null);
const lines = (table: string): readonly (readonly string[])[] =>
  table
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));

const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/nvidia|tesla|geforce|quadro|tensor core/g, '')
    .replace(/[^a-z0-9]/g, '');

let accelerators: ReadonlyMap<string, Accelerator> | null = null;

/** An accelerator by name: `A100`, `NVIDIA A100-SXM4-80GB`, `Tesla T4`. */
export function findAccelerator(name: string): Accelerator | undefined {
  if (name.length > 80) return undefined;
  if (!accelerators) {
    const found = new Map<string, Accelerator>();
    for (const [
      title = '',
      vendor = '',
      kind = '',
      power,
      memory,
      flags = '',
      aliases = '',
      estimate,
    ] of lines(HARDWARE)) {
      const fast = (index: number) => flags[index] === '1';
      const row: Accelerator = {
        name: title,
        vendor,
        kind: kind as Accelerator['kind'],
        power: decimal(power),
        memory: decimal(memory),
        fast: { fp16: fast(0), bf16: fast(1), tf32: fast(2), int8: fast(3), fp8: fast(4) },
        estimated: estimate === 'e',
      };
      for (const key of [title, ...aliases.split('|')]) {
        const id = plain(key);
        if (id && !found.has(id)) found.set(id, row);
      }
    }
    accelerators = found;
  }
  return accelerators.get(plain(name));
}

let instances: readonly Instance[] | null = null;

function allInstances(): readonly Instance[] {
  instances ??= lines(INSTANCES).map(
    ([provider = '', name = '', accelerator = '', count, memory, power, flag]) => ({
      provider: provider as Instance['provider'],
      name,
      accelerator,
      count: Number(count ?? 0),
      memory: decimal(memory),
      power: decimal(power),
      unconfirmed: flag === 'e',
    }),
  );
  return instances;
}

/** An accelerated instance by name: `p4d.24xlarge`, `ml.g5.xlarge`, `Standard_NC24ads_A100_v4`, `a2-highgpu-1g`. */
export function findInstance(name: string): Instance | undefined {
  const wanted = name.trim().toLowerCase();
  return allInstances().find((row) => row.name.toLowerCase() === wanted);
}

/**
 * Instances of the same provider whose accelerators hold `memory` GB and draw at most half the power, least power
 * first: at most three. Accelerators of unknown power are never proposed, and never older than what reads float16 fast.
 */
export function smallerInstances(instance: Instance, memory: number): readonly Instance[] {
  const { power } = instance;
  if (power === null) return [];
  const seen = new Set<string>();
  return allInstances()
    .filter(
      (row) =>
        row.provider === instance.provider &&
        row.name !== instance.name &&
        row.memory !== null &&
        // One accelerator must hold it: spreading a model over several needs other code.
        row.memory / Math.max(1, row.count) >= memory &&
        row.power !== null &&
        row.power <= power / 2 &&
        // Arm machines run other binaries.
        (row.accelerator !== 'T4G' || instance.accelerator === 'T4G') &&
        (findAccelerator(row.accelerator)?.fast.fp16 ?? false),
    )
    .sort((a, b) => a.power! - b.power! || a.name.length - b.name.length || (a.name < b.name ? -1 : 1))
    .filter((row) => {
      // The smallest with each accelerator is enough.
      if (seen.has(row.accelerator)) return false;
      seen.add(row.accelerator);
      return true;
    })
    .slice(0, 3);
}

/** Accelerators made for training: costly to hold for inference of a small model. */
export const TRAINING_CLASS = /^(?:A100|H100|H200|B200|B300|V100|P100|MI\d+|Trainium|Gaudi)/;
