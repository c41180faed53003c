/** Look-up in the tables of this folder. */

/** A row about one canonical call or type name. */
export interface Named {
  readonly name: string;
}

/** Names of the rows, for a rule's `calls.names`. */
export function namesOf(rows: readonly Named[]): readonly string[] {
  return rows.map((row) => row.name);
}

/**
 * A look-up that takes what `Flow.names(call)` or an object's `types` gives, most specific first, and answers with the
 * row of the first name that has one.
 */
export function tableOf<Row extends Named>(
  rows: readonly Row[],
): (names: readonly string[] | string) => Row | undefined {
  const byName = new Map(rows.map((row) => [row.name, row]));
  return (names) => {
    for (const name of typeof names === 'string' ? [names] : names) {
      const row = byName.get(name);
      if (row) return row;
    }
    return undefined;
  };
}
