import { describe, expect, it } from 'vitest';
import { findAccelerator, findInstance, smallerInstances } from './hardware.ts';
import { lever, levers } from './levers.ts';
import { alternatives, findModel, inferenceMemory, modelOfCall, paramsInName, paramsOf } from './models.ts';
import { countryIntensity, findRegion, greenerSisters } from './regions.ts';

describe('models', () => {
  it.each([
    ['bert-large-uncased', 'google-bert/bert-large-uncased'],
    ['google-bert/bert-large-uncased', 'google-bert/bert-large-uncased'],
    ['gpt-4o', 'gpt-4o'],
    ['openai/gpt-4o', 'gpt-4o'],
    ['models/gemini-2.5-pro', 'gemini-2.5-pro'],
    ['us.anthropic.claude-3-5-sonnet-20240620-v1:0', 'claude-3-5-sonnet-20240620'],
    ['distilbert-base-uncased', 'distilbert/distilbert-base-uncased'],
    ['yolov8x.pt', 'yolov8x'],
    ['meta-llama/Llama-3.1-8B-Instruct', 'meta-llama/Llama-3.1-8B-Instruct'],
  ])('finds %s', (id, expected) => expect(findModel(id)?.id).toBe(expected));

  it.each([
    '',
    'no-such-model',
    './checkpoints/best',
    'x'.repeat(5000),
    '__proto__',
    'constructor',
    '../../etc/passwd',
  ])('knows nothing of %.30s', (id) => {
    expect(findModel(id)).toBeUndefined();
    expect(alternatives(id)).toEqual([]);
  });

  it('sizes agree with what is published', () => {
    expect(findModel('bert-base-uncased')?.params).toBeCloseTo(109.5, 0);
    expect(findModel('vgg16', 'torchvision')?.params).toBeCloseTo(138.4, 0);
    expect(findModel('VGG16', 'keras')?.params).toBeCloseTo(138.4, 0);
    expect(findModel('openai/whisper-small')?.params).toBeCloseTo(242, 0);
  });

  it('marks sizes that a vendor does not disclose', () => {
    expect(findModel('gpt-4o')).toMatchObject({ estimated: true, framework: 'openai' });
    expect(findModel('gpt-4o')?.source).toMatch(/ecologits/i);
    expect(findModel('bert-base-uncased')?.estimated).toBe(false);
  });

  it('proposes only models that are as much smaller as asked', () => {
    for (const id of [
      'bert-large-uncased',
      'gpt-4o',
      'openai/whisper-large-v3',
      'yolov8x',
      'meta-llama/Llama-3.1-70B-Instruct',
    ]) {
      const found = alternatives(id, { ratio: 5 });
      expect(found.length, id).toBeGreaterThan(0);
      for (const one of found) expect(one.ratio, `${id} -> ${one.model.id}`).toBeGreaterThanOrEqual(5);
    }
    expect(alternatives('bert-base-uncased')).toEqual([]);
    expect(alternatives('bert-base-uncased', { ratio: 1.5 }).map((one) => one.model.id)).toEqual([
      'distilbert/distilbert-base-uncased',
    ]);
  });

  it('goes down the tiers of a vendor until the ratio is met', () => {
    expect(alternatives('claude-3-opus-20240229')[0]).toMatchObject({
      vendorTier: true,
      model: { id: 'claude-haiku-4-5' },
    });
  });

  it('compares classifiers by the accuracy they publish, without losing more than a little', () => {
    const vgg = modelOfCall('torchvision.models.vgg16');
    const found = alternatives(vgg!);
    expect(found.length).toBe(3);
    for (const one of found) {
      expect(one.metric!.to).toBeGreaterThanOrEqual(one.metric!.from - 3);
      expect(one.model.framework).toBe('torchvision');
    }
  });

  it.each([
    ['keras.applications.VGG16', undefined, 'VGG16'],
    ['torchvision.models.resnet50', undefined, 'resnet50'],
    ['timm.create_model', 'vit_large_patch16_224.augreg_in21k', 'vit_large_patch16_224'],
    ['whisper.load_model', 'large', 'openai/whisper-large'],
    [
      'sentence_transformers.SentenceTransformer',
      'all-MiniLM-L6-v2',
      'sentence-transformers/all-MiniLM-L6-v2',
    ],
    ['ultralytics.YOLO', 'yolov8x.pt', 'yolov8x'],
    ['transformers.PreTrainedModel.from_pretrained', 'roberta-large', 'FacebookAI/roberta-large'],
    ['transformers.PreTrainedModel.from_pretrained', './out', undefined],
    ['pandas.read_csv', 'roberta-large', undefined],
    ['timm.create_model', undefined, undefined],
  ])('%s(%s) builds %s', (name, id, expected) => expect(modelOfCall(name, id)?.id).toBe(expected));

  it.each([
    ['Qwen/Qwen2.5-32B-Instruct', 32_000],
    ['llama3.1:8b', 8000],
    ['facebook/nllb-200-distilled-600M', 600],
    ['TinyLlama-1.1B', 1100],
    ['bert-base-uncased', undefined],
    ['bge-m3', undefined],
    ['vit-b-16', undefined],
    ['resnet50', undefined],
  ])('reads the size in the name %s', (id, expected) => expect(paramsInName(id)).toBe(expected));

  it('reads the experts of a mixture', () => {
    const known = findModel('mistralai/Mixtral-8x7B-v0.1')!.params!;
    expect(Math.abs(paramsInName('Mixtral-8x7B-Instruct')! - known) / known).toBeLessThan(0.05);
  });

  it('prefers the catalogue to the name', () =>
    expect(paramsOf('Qwen/Qwen2.5-32B')).toBe(findModel('Qwen/Qwen2.5-32B')?.params));

  it('counts memory', () => expect(inferenceMemory(7000)).toBeCloseTo(16.8));
});

describe('regions', () => {
  it.each([
    ['us-east-1', 'aws'],
    ['us-east-1b', 'aws'],
    ['us-central1-a', 'gcp'],
    ['West Europe', 'azure'],
    ['fr-par', undefined],
    ['nowhere-9', undefined],
  ])('%s belongs to %s', (name, provider) => {
    if (provider) expect(findRegion(name)?.provider).toBe(provider);
    else expect(findRegion(name)?.provider ?? 'scaleway').toBe('scaleway');
  });

  it('names cleaner sisters of the same continent, on one basis, cleanest first', () => {
    const found = greenerSisters('aws', 'eu-central-1');
    expect(found.map((one) => one.region.region)).toContain('eu-west-3');
    for (const [index, one] of found.entries()) {
      expect(one.region.continent).toBe('Europe');
      expect(one.from / one.intensity).toBeGreaterThanOrEqual(2);
      if (index > 0) expect(one.intensity).toBeGreaterThanOrEqual(found[index - 1]!.intensity);
    }
    expect(new Set(found.map((one) => one.basis)).size).toBe(1);
  });

  it('has nothing cleaner for a clean region, and proposes no closed one', () => {
    expect(greenerSisters('aws', 'eu-west-3')).toEqual([]);
    for (const region of ['us-east-1', 'eu-west-1']) {
      for (const one of greenerSisters('aws', region)) expect(one.region.restricted).toBe(false);
    }
    expect(greenerSisters('aws', 'us-east-1').map((one) => one.region.region)).not.toContain('us-gov-west-1');
  });

  it('does not tell regions of one country apart by a country average', () => {
    const found = greenerSisters('aws', 'us-east-1', { ratio: 1.0001 });
    for (const one of found) if (one.region.country === 'USA') expect(one.basis).toBe('direct');
    // Alberta's grid is not Canada's average.
    expect(found.map((one) => one.region.region)).not.toContain('ca-west-1');
  });

  it('knows countries', () => {
    expect(countryIntensity('fra')).toBeLessThan(100);
    expect(countryIntensity('POL')).toBeGreaterThan(500);
    expect(countryIntensity('XXX')).toBeUndefined();
  });
});

describe('hardware', () => {
  it.each([
    ['A100', 400],
    ['NVIDIA A100-SXM4-80GB', 400],
    ['Tesla T4', 70],
    ['H100', 700],
    ['RTX 4090', 450],
  ])('%s draws %d W', (name, power) => expect(findAccelerator(name)?.power).toBe(power));

  it('knows what has no published power', () => {
    expect(findAccelerator('Trainium (trn1)')).toMatchObject({ power: null });
    expect(findAccelerator('abacus')).toBeUndefined();
  });

  it('proposes instances of the same provider that hold the model on one accelerator at half the power', () => {
    const large = findInstance('ml.p3.8xlarge') ?? findInstance('ml.p3.2xlarge')!;
    const found = smallerInstances(large, 8);
    expect(found.length).toBeGreaterThan(0);
    for (const one of found) {
      expect(one.provider).toBe('sagemaker');
      expect(one.power!).toBeLessThanOrEqual(large.power! / 2);
      expect(one.memory! / Math.max(1, one.count)).toBeGreaterThanOrEqual(8);
    }
    expect(smallerInstances(findInstance('p4d.24xlarge')!, 10_000)).toEqual([]);
  });
});

describe('levers', () => {
  it('have distinct ids and a source each', () => {
    const all = levers();
    expect(new Set(all.map((row) => row.id)).size).toBe(all.length);
    for (const row of all) {
      expect(row.source, row.id).not.toBe('');
      expect(row.value, row.id).not.toBe('');
      expect(lever(row.id)).toBe(row);
    }
    expect(levers('quantization').length).toBeGreaterThan(5);
    expect(lever('nothing')).toBeUndefined();
  });
});
