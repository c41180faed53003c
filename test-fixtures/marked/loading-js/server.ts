// A helper of the project's own, called in the route; node's stream pipeline is none.
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline as stream } from 'node:stream/promises';
import { pipeline } from '@huggingface/transformers';
import express from 'express';

const app = express();

async function loadModel() {
  return pipeline('sentiment-analysis', 'Xenova/distilbert-base-uncased-finetuned-sst-2-english'); // ~ model-loaded-per-request
}

app.post('/label', async (request, response) => {
  const classify = await loadModel();
  response.json(await classify(request.body.text));
});

app.get('/copy', async (_request, response) => {
  await stream(createReadStream('a'), createWriteStream('b'));
  response.end();
});

class Lazy {
  private model: unknown;

  async get() {
    this.model ??= await pipeline('feature-extraction');
    return this.model;
  }
}

const lazy = new Lazy();
app.get('/vector', async (_request, response) => {
  response.json(Boolean(await lazy.get()));
});
