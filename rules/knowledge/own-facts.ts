/** The catalogue as the configuration's own `models` rows tell it: they come before the tables. */
import type { UserFacts, UserModel } from '../rule.ts';
import { type Alternative, alternatives, findModel, type Model, paramsInName } from './models.ts';

const MILLION = 1e6;

/** Where a figure of the configuration comes from, when its row does not say. */
export const CONFIGURED = 'configuration';

/** The row that the configuration has for a name; names of objects' own methods are none. */
export function ownRow<Row>(rows: Readonly<Record<string, Row>>, name: string): Row | undefined {
  return Object.hasOwn(rows, name) ? rows[name] : undefined;
}

const madeMemo = new WeakMap<UserModel, Map<string, Model>>();

/** A catalogue's model with the configuration's row over it; without either, undefined. One object for one model. */
export function ownModel(facts: UserFacts, id: string, known: Model | undefined): Model | undefined {
  const row = ownRow(facts.models, id) ?? (known && ownRow(facts.models, known.id));
  if (!row) return known;
  const name = known?.id ?? id;
  const made = madeMemo.get(row) ?? new Map<string, Model>();
  madeMemo.set(row, made);
  const key = `${known?.framework ?? ''} ${name}`;
  const before = made.get(key);
  if (before) return before;
  const stated = row.parameters === undefined ? undefined : row.parameters / MILLION;
  const model: Model = {
    id: name,
    framework: known?.framework ?? 'hub',
    task: row.task ?? known?.task ?? '',
    params: stated ?? known?.params ?? paramsInName(name) ?? null,
    maxParams:
      row.maxParameters !== undefined
        ? row.maxParameters / MILLION
        : stated === undefined
          ? (known?.maxParams ?? null)
          : null,
    estimated: stated === undefined && (known?.estimated ?? false),
    metric: known?.metric ?? null,
    source: row.source ?? (stated === undefined ? (known?.source ?? CONFIGURED) : CONFIGURED),
  };
  made.set(key, model);
  return model;
}

/** The alternatives that the configuration names for a model, as written there; null where it names none. */
export function statedAlternatives(facts: UserFacts, ids: readonly string[]): readonly string[] | null {
  for (const id of ids) {
    const named = ownRow(facts.models, id)?.alternatives;
    if (named) return named;
  }
  return null;
}

/**
 * Smaller models for the same task: those that the configuration names, else the catalogue's, with the configuration's
 * sizes. `ids`: how the code and the catalogue spell the model.
 */
export function ownAlternatives(
  facts: UserFacts,
  model: Model,
  ids: readonly string[],
  ratio: number,
): readonly Alternative[] {
  const named = statedAlternatives(facts, ids);
  const times = (to: Model): number | null => {
    const size = to.maxParams ?? to.params;
    return model.params !== null && size ? model.params / size : null;
  };
  if (!named)
    return alternatives(model, { ratio }).flatMap((one) => {
      const to = ownModel(facts, one.model.id, one.model) ?? one.model;
      if (to === one.model) return [one];
      const found = times(to);
      return found !== null && found >= ratio ? [{ ...one, model: to, ratio: found }] : [];
    });
  return named
    .flatMap((id): Alternative[] => {
      const known = findModel(id);
      const sized = paramsInName(id);
      const to =
        ownModel(facts, id, known) ??
        (sized === undefined
          ? undefined
          : { ...model, id, params: sized, maxParams: null, metric: null, source: 'name' });
      const found = to ? times(to) : null;
      if (!to || found === null || found < ratio) return [];
      return [
        {
          model: { ...to, id },
          ratio: found,
          metric: null,
          quality: null,
          source: CONFIGURED,
          vendorTier: false,
        },
      ];
    })
    .slice(0, 3);
}
