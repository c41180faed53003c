import { expect, it } from 'vitest';
import { canonicalName } from '../../analysis/libraries/libraries.ts';
import { EARLY_STOPPING_ARGUMENTS, EARLY_STOPPING_CALLBACKS } from './early-stopping.ts';
import { EXPORTS } from './exports.ts';
import { dependsOnMode, INFERENCES, inferenceOf } from './infers.ts';
import {
  EMBEDDING_CALLS,
  LLM_CALLS,
  LLM_CLIENTS,
  llmCallOf,
  SELF_CAPPED_CLASSES,
  WRAPPER_CAPS,
} from './llm-apis.ts';
import { LOADINGS } from './loads-weights.ts';
import { QUANTIZATIONS } from './quantizes.ts';
import { APPLICATIONS, HANDLER_DECORATORS, MEMOISERS } from './serves.ts';
import { TRACKERS } from './trackers.ts';
import { BACKWARD_CALLS, STEP_CALLS, TRAININGS, trainingOf } from './trains.ts';

const tables = {
  trainings: TRAININGS,
  trackers: TRACKERS,
  earlyStopping: EARLY_STOPPING_CALLBACKS,
  inferences: INFERENCES,
  loadings: LOADINGS,
  exports: EXPORTS,
  quantizations: QUANTIZATIONS,
  llmCalls: LLM_CALLS,
};

it.each(Object.entries(tables))('%s: names are canonical and occur once', (_, rows) => {
  const names = rows.map((row) => row.name);
  expect(names.filter((name) => canonicalName(name) !== name)).toEqual([]);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

it('writes the other lists in canonical names too', () => {
  const names = [
    ...BACKWARD_CALLS,
    ...STEP_CALLS,
    ...LLM_CLIENTS,
    ...EMBEDDING_CALLS,
    ...Object.keys(SELF_CAPPED_CLASSES),
    ...Object.keys(WRAPPER_CAPS),
    ...APPLICATIONS,
    ...HANDLER_DECORATORS,
    ...MEMOISERS,
    ...EARLY_STOPPING_ARGUMENTS.flatMap((row) => row.on),
  ];
  expect(names.filter((name) => canonicalName(name) !== name)).toEqual([]);
});

it('finds a row by the most specific name that has one', () => {
  expect(trainingOf(['keras.Sequential.fit', 'keras.Model.fit'])?.framework).toBe('keras');
  expect(trainingOf('pandas.DataFrame.fit')).toBeUndefined();
  expect(
    inferenceOf([
      'transformers.BertModel.__call__',
      'transformers.PreTrainedModel.__call__',
      'torch.nn.Module.__call__',
    ])?.framework,
  ).toBe('transformers');
});

it('gives every capped API a spelling that it also accepts', () => {
  for (const row of LLM_CALLS) {
    for (const cap of [row.cap.python, row.cap.typescript]) if (cap !== null) expect(row.caps).toContain(cap);
  }
  expect(llmCallOf('openai.OpenAI.responses.create')?.cap.python).toBe('max_output_tokens');
});

it('knows which layers depend on the mode', () => {
  expect(dependsOnMode('torch.nn.Dropout')).toBe(true);
  expect(dependsOnMode('torch.nn.BatchNorm2d')).toBe(true);
  expect(dependsOnMode('torchvision.models.ResNet')).toBe(true);
  expect(dependsOnMode('torch.nn.Linear')).toBe(false);
  expect(dependsOnMode('torch.nn.LSTM')).toBe(false);
  expect(dependsOnMode('torch.nn.LayerNorm')).toBe(false);
});
