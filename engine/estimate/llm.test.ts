/** Worked figures: fixtures/ecologits-golden-400-tokens.csv, computed from the constants that EcoLogits publishes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findServedModel, providerPue } from '../../rules/knowledge/ecologits.ts';
import { acceleratorCount, requestFigures, tokenEnergy } from './llm.ts';

const [header = '', ...lines] = readFileSync(
  join(import.meta.dirname, 'fixtures', 'ecologits-golden-400-tokens.csv'),
  'utf8',
)
  .trim()
  .split(/\r?\n/);
const names = header.split(',');
const golden = lines.map((line) => {
  const cells = line.split(',');
  return Object.fromEntries(names.map((name, at) => [name, cells[at] ?? ''])) as Record<string, string>;
});

test('there are golden figures', () => expect(golden.length).toBe(36));

test.each(golden.map((row) => [row.model, row] as const))('%s', (id, row) => {
  const model = findServedModel(id ?? '');
  const pue = providerPue(row.provider ?? '');
  if (!model || !pue) throw new Error('unknown');
  expect(model.provider).toBe(row.provider);
  const number = (name: string) => Number(row[name]);
  const figures = requestFigures(model, number('output_tokens'), pue);
  expect(figures.accelerators).toEqual({ min: number('gpus_min'), max: number('gpus_max') });
  // the table rounds to five and six decimals
  expect(figures.energy.min).toBeCloseTo(number('energy_wh_min'), 4);
  expect(figures.energy.max).toBeCloseTo(number('energy_wh_max'), 4);
  expect(figures.embodied.min).toBeCloseTo(number('embodied_gco2e_min'), 5);
  expect(figures.embodied.max).toBeCloseTo(number('embodied_gco2e_max'), 5);
});

test('the accelerator’s part for Mistral Small is what EcoLogits publishes: 0.022 Wh for 400 tokens', () => {
  expect(400 * tokenEnergy(23.6)).toBeCloseTo(0.022, 3);
});

test('energy grows with tokens and is never a point below zero', () => {
  const sizes = { total: { min: 7, max: 7 }, active: { min: 7, max: 7 } };
  const pue = { min: 1, max: 1.2 };
  const one = requestFigures(sizes, 1, pue);
  const many = requestFigures(sizes, 1000, pue);
  expect(many.energy.min).toBeCloseTo(1000 * one.energy.min, 10);
  expect(one.energy.max / one.energy.min).toBeCloseTo(1.2, 10);
  expect(requestFigures(sizes, 0, pue).energy).toEqual({ min: 0, max: 0 });
});

test('a model takes one accelerator, or a power of two', () => {
  expect([0.1, 33, 34, 70, 405].map(acceleratorCount)).toEqual([1, 1, 2, 4, 16]);
});
