import { describe, expect, test } from 'vitest';
import { workspace } from '../testing.ts';
import { describe as inWords } from './describe.ts';

/** What is known where `|` stands in the file. */
async function at(code: string, file = 'main.py', config: object = {}) {
  const offset = code.indexOf('|');
  const text = code.slice(0, offset) + code.slice(offset + 1);
  const { engine } = workspace({ [file]: text, 'frugal.json': JSON.stringify(config) });
  const found = await engine.factsAt(`/workspace/${file}`, '/workspace', { cell: null, offset });
  return found && { ...found, of: text.slice(found.start, found.end) };
}

describe('models', () => {
  test('the id that a loader takes', async () => {
    const found = await at(
      "from transformers import AutoModel\nm = AutoModel.from_pretrained('bert-large|-uncased')\n",
    );
    expect(found).toMatchObject({ of: "'bert-large-uncased'", facts: { kind: 'model' } });
    expect(found && inWords(found.facts, 'en')).toMatch(/335 million parameters[\s\S]*16 bit 0.67 GB/);
  });

  test('short names only where a model belongs', async () => {
    const code = "import whisper\nm = whisper.load_model('lar|ge')\n";
    expect(await at(code)).toMatchObject({ facts: { id: 'openai/whisper-large' } });
    expect(await at("import torch\nsize = 'lar|ge'\nprint(torch, size)\n")).toBeNull();
    expect(await at("import torch\nprint(torch, 'img-2|24m')\n")).toBeNull();
  });

  test('an own row of the configuration comes first', async () => {
    const config = { models: { 'acme/tiny': { parameters: 4e6, source: 'our <b>card</b>' } } };
    const found = await at("import torch\nmodel = 'acme/ti|ny'\nprint(torch)\n", 'main.py', config);
    expect(found).toMatchObject({ facts: { parameters: { min: 4e6, max: 4e6 } } });
    expect(found && inWords(found.facts, 'fr')).toContain('our \\<b\\>card\\</b\\>');
  });
});

describe('one answer', () => {
  const call = (cap: string) =>
    `from openai import OpenAI\nclient = OpenAI()\nclient.chat.completions.cre|ate(model='gpt-4o', messages=[]${cap})\n`;

  test('the cap of the call, the region of the configuration', async () => {
    const found = await at(call(', max_completion_tokens=400'), 'main.py', { region: 'eu-west-3' });
    expect(found).toMatchObject({ facts: { kind: 'answer', tokens: 400, missing: [] } });
    expect(found && inWords(found.facts, 'en')).toContain('Energy: **0.85–1.5 Wh**');
  });

  test('what is missing is named', async () => {
    const found = await at(call(''));
    expect(found).toMatchObject({
      facts: { tokens: null, per: 1000, missing: ['tokens', 'region'], use: [] },
    });
    expect(found && inWords(found.facts, 'en')).toMatch(/Missing: the length of the answer.*where it runs/);
  });

  test('of a model built before, and in TypeScript', async () => {
    const python = `from langchain_openai import ChatOpenAI\nllm = ChatOpenAI(model='gpt-4o-mini', max_tokens=100)\nllm.inv|oke('x')\n`;
    expect(await at(python)).toMatchObject({ facts: { model: 'gpt-4o-mini', tokens: 100 } });
    const script = `import { generateText } from 'ai';\nimport { openai } from '@ai-sdk/openai';\nawait gener|ateText({ model: openai('gpt-4o'), prompt: 'x', maxOutputTokens: 50 });\n`;
    expect(await at(script, 'main.ts')).toMatchObject({ facts: { model: 'gpt-4o', tokens: 50 } });
  });

  test('none for a model on the own machine', async () => {
    const code = `import ollama\nollama.ch|at(model='llama3.1:8b', messages=[])\n`;
    expect(await at(code)).toBeNull();
  });
});

test('regions, and instances', async () => {
  const code = (argument: string) => `import boto3\nboto3.client('sagemaker', ${argument})\n`;
  expect(await at(code("region_name='us-ea|st-1'"))).toMatchObject({
    facts: { kind: 'place', name: 'us-east-1' },
  });
  expect(await at(code("instance_type='ml.p4d.|24xlarge'"))).toMatchObject({
    facts: { kind: 'machine', watts: 3200 },
  });
  const config = { regions: { cellar: { intensity: 12 } } };
  expect(await at(code("region_name='cel|lar'"), 'main.py', config)).toMatchObject({
    facts: { intensities: [{ value: 12, basis: 'stated' }] },
  });
});

test('in a notebook, by the cell', async () => {
  const cells = [
    '# Title',
    'import torch\nx = 1',
    "from transformers import AutoModel\nm = AutoModel.from_pretrained('gpt2-large')",
  ];
  const notebook = {
    nbformat: 4,
    nbformat_minor: 4,
    metadata: {},
    cells: cells.map((source, at) => ({
      cell_type: at === 0 ? 'markdown' : 'code',
      metadata: {},
      source,
      ...(at === 0 ? {} : { outputs: [], execution_count: null }),
    })),
  };
  const { engine } = workspace({ 'a.ipynb': JSON.stringify(notebook) });
  const offset = cells[2]?.indexOf('gpt2') ?? 0;
  const ask = (cell: number | null) => engine.factsAt('/workspace/a.ipynb', '/workspace', { cell, offset });
  expect(await ask(2)).toMatchObject({ cell: 2, start: offset - 1, facts: { kind: 'model' } });
  expect(await ask(1)).toBeNull();
  expect(await ask(0)).toBeNull();
  expect(await ask(null)).toBeNull();
});

test('nothing elsewhere, and outside the file', async () => {
  expect(await at("import torch\npr|int('x')\n")).toBeNull();
  const { engine } = workspace({ 'main.py': 'import torch\n' });
  for (const offset of [-5, 0, 1e9]) {
    expect(await engine.factsAt('/workspace/main.py', '/workspace', { cell: null, offset })).toBeNull();
  }
  expect(await engine.factsAt('/workspace/none.py', '/workspace', { cell: 3, offset: 0 })).toBeNull();
});
