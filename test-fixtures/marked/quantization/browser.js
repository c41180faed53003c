// transformers.js in a browser takes 8-bit weights by itself.
import { pipeline } from '@huggingface/transformers';

const status = document.getElementById('status');
const classifier = await pipeline('text-classification', 'Xenova/distilbert-base-uncased-finetuned-sst-2-english');
status.textContent = 'ready';
document.getElementById('go').addEventListener('click', async () => {
  const [{ label }] = await classifier(document.getElementById('text').value);
  status.textContent = label;
});
