/** What measures bring, as published or as measured by this project: to cite in texts and impacts, never to compute with. */
import { LEVERS_TABLE } from './levers.generated.ts';

export interface Lever {
  /** Stable: made of the lever and its claim. */
  readonly id: string;
  readonly lever: string;
  readonly claim: string;
  readonly metric: string;
  /** As the source gives it. */
  readonly value: string;
  readonly conditions: string;
  readonly kind: 'published' | 'measured' | 'third-party';
  readonly source: string;
}

let loaded: ReadonlyMap<string, Lever> | null = null;

function all(): ReadonlyMap<string, Lever> {
  loaded ??= new Map(
    LEVERS_TABLE.split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [
          id = '',
          lever = '',
          claim = '',
          metric = '',
          value = '',
          conditions = '',
          kind = '',
          source = '',
        ] = line.split('\t');
        return [
          id,
          { id, lever, claim, metric, value, conditions, kind: kind as Lever['kind'], source },
        ] as const;
      }),
  );
  return loaded;
}

/** A lever by its id; undefined when there is none, so that a test can hold a rule's citation to the table. */
export function lever(id: string): Lever | undefined {
  return all().get(id);
}

/** Every lever, or those of one kind of measure (`quantization`, `batching`). */
export function levers(name?: string): readonly Lever[] {
  return [...all().values()].filter((row) => name === undefined || row.lever === name);
}
