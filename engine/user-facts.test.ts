/** The configuration's own `models` and `regions` rows, as the rules read them. */
import { expect, test } from 'vitest';
import highCarbonRegion from '../rules/design/high-carbon-region.ts';
import oversizedModel from '../rules/design/oversized-model.ts';
import { workspace } from './testing.ts';
import type { Finding } from './types.ts';

const rules = [oversizedModel, highCarbonRegion];

async function lint(files: Readonly<Record<string, string>>, config: object): Promise<readonly Finding[]> {
  const text = JSON.stringify({ preview: true, ...config });
  const { engine } = workspace({ ...files, 'frugal.json': text }, rules);
  const { files: results, problems } = await engine.lint(['/workspace'], '/workspace');
  expect(problems).toEqual([]);
  return results.flatMap(({ findings }) => findings);
}

const load = (id: string, more = '') => ({
  'load.py': `from transformers import AutoModelForSequenceClassification\n\nmodel = AutoModelForSequenceClassification.from_pretrained("${id}")\n${more}`,
});

const client = (region: string) => ({
  'client.py': `import boto3\n\nruntime = boto3.client("bedrock-runtime", region_name="${region}")\n`,
});

test('a model that the catalogue does not know, with its alternatives', async () => {
  const models = {
    'acme/large': { parameters: 2e9, alternatives: ['acme/small', 'distilbert-base-uncased', 'acme/near'] },
    'acme/small': { parameters: 5e7 },
    'acme/near': { parameters: 1.5e9 },
  };
  expect(await lint(load('acme/large'), {})).toEqual([]);
  const [finding, ...others] = await lint(load('acme/large'), { models });
  expect(others).toEqual([]);
  expect(finding?.message).toMatch(/`acme\/large` has 2000 M.*`acme\/small`.*50 M, 40 times/);
  expect(finding?.fixes.map(({ title }) => title)).toEqual([
    'Use `acme/small`: 50 M',
    'Use `distilbert-base-uncased`: 66 M',
  ]);
});

test('alternatives of unknown size, or not small enough, are none', async () => {
  const models = { 'acme/large': { parameters: 2e9, alternatives: ['acme/unheard-of', 'acme/half-1b'] } };
  expect(await lint(load('acme/large'), { models })).toEqual([]);
});

test('a row comes before the catalogue’s, whichever way the model is spelled', async () => {
  const found = (config: object, id: string) => lint(load(id), config);
  expect(await found({}, 'bert-large-uncased')).toHaveLength(1);
  expect(await found({}, 'google-bert/bert-large-uncased')).toHaveLength(1);
  const pruned = { models: { 'bert-large-uncased': { parameters: 6e7 } } };
  expect(await found(pruned, 'bert-large-uncased')).toEqual([]);
  // the alternative is not as small as the catalogue says
  const models = { 'distilbert/distilbert-base-uncased': { parameters: 3e8 } };
  const [finding] = await found({ models }, 'bert-large-uncased');
  expect(finding?.message ?? '').not.toContain('distilbert');
});

test('the task of a row is what decides whether size alone may judge', async () => {
  expect(
    await lint(load('bert-large-uncased'), { models: { 'bert-large-uncased': { task: 'text-generation' } } }),
  ).toEqual([]);
});

test('constructors have rows too', async () => {
  const files = {
    'net.py':
      'import torch\nfrom torchvision.models import vgg16\n\nnet = vgg16(weights="DEFAULT")\nnet.eval()\nprint(net(torch.load("leaf.pt")))\n',
  };
  expect(await lint(files, {})).toHaveLength(1);
  expect(await lint(files, { models: { vgg16: { parameters: 9e6 } } })).toEqual([]);
});

test('a changed row is seen in the next run', async () => {
  const files = { ...load('bert-large-uncased'), 'frugal.json': '{ "preview": true }' };
  const { engine, fileSystem } = workspace(files, rules);
  const count = async () => {
    const { files: results } = await engine.lint(['/workspace'], '/workspace');
    return results.flatMap(({ findings }) => findings).length;
  };
  expect(await count()).toBe(1);
  fileSystem.write(
    '/workspace/frugal.json',
    '{ "preview": true, "models": { "bert-large-uncased": { "parameters": 6e7 } } }',
  );
  engine.invalidate('/workspace/frugal.json');
  expect(await count()).toBe(0);
});

test('an own intensity of a region comes before the tables’', async () => {
  expect(await lint(client('eu-west-1'), {})).toHaveLength(1);
  expect(await lint(client('eu-west-1'), { regions: { 'eu-west-1': { intensity: 20 } } })).toEqual([]);
  const [finding] = await lint(client('eu-north-1'), {
    regions: { 'eu-north-1': { intensity: 900 }, 'eu-west-3': { intensity: 10.4 } },
  });
  expect(finding?.message).toMatch(/`eu-north-1`: 900 gCO2e\/kWh; `eu-west-3` \(.+\) has 10, 86 times less/);
});

test('regions that the tables lack are compared where their continent is plain', async () => {
  const regions = { 'eu-moon-1': { intensity: 800 }, 'our-cellar': { intensity: 1 } };
  expect(await lint(client('eu-moon-1'), {})).toEqual([]);
  const [finding] = await lint(client('eu-moon-1'), { regions });
  expect(finding?.message).toContain('`eu-moon-1`: 800 gCO2e/kWh');
  expect(finding?.message).not.toContain('our-cellar');
  expect(await lint(client('our-cellar'), { regions })).toEqual([]);
});
