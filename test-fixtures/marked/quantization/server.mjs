// On Node the default is 32 bits.
import express from 'express';
import { pipeline } from '@huggingface/transformers';

const classifier = await pipeline('text-classification', 'Xenova/distilbert-base-uncased-finetuned-sst-2-english'); // ~ full-precision-js-model
const small = await pipeline('feature-extraction', 'Xenova/all-MiniLM-L6-v2', { dtype: 'q8' });

const app = express();
app.use(express.json());
app.post('/label', async (request, response) => {
  response.json({ label: await classifier(request.body.text), vector: await small(request.body.text) });
});
app.listen(3000);
