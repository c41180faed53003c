/** Keeps a long run polite: other work gets its turn, and a cancellation arrives. */

const SLICE_MS = 20;

/** Runs `next` once what waits has had its turn. A timer would wait for a millisecond, one in twenty of a scan. */
const afterOthers: (next: () => void) => void = globalThis.setImmediate ?? ((next) => setTimeout(next, 0));

export class Pacer {
  #since = performance.now();

  constructor(readonly signal: AbortSignal | undefined) {}

  /** Call between units of work. Throws the signal's reason once it is aborted. */
  async tick(): Promise<void> {
    this.signal?.throwIfAborted();
    if (performance.now() - this.#since < SLICE_MS) return;
    await new Promise<void>((resolve) => afterOthers(resolve));
    this.#since = performance.now();
    this.signal?.throwIfAborted();
  }
}

/** Maps with at most `limit` calls in flight; results keep the order. */
export async function mapLimited<T, R>(
  items: readonly T[],
  limit: number,
  map: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const work = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await map(items[at] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
  return results;
}
