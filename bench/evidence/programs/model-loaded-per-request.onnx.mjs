// subject: ONNX Runtime in Node’s HTTP server, BERT of 2 layers of 64, random weights, 30 requests of 16 words
// sujet: ONNX Runtime dans le serveur HTTP de Node, BERT de 2 couches de 64, poids aléatoires, 30 requêtes de 16 mots
// compare: tolerance 1e-5
// measure: cpu
// uses: onnxruntime-node
import { createServer } from 'node:http';
import * as ort from 'onnxruntime-node';

const server = createServer(async (request, response) => {
  const session = await ort.InferenceSession.create(`${process.env.FRUGAL_EVIDENCE_MODELS}/bert-2x64/onnx/model.onnx`);
  const start = Number(request.url.slice(1));
  const ids = BigInt64Array.from({ length: 16 }, (_, at) => BigInt((start * 31 + at * 7) % 500));
  const { logits } = await session.run({
    input_ids: new ort.Tensor('int64', ids, [1, 16]),
    attention_mask: new ort.Tensor('int64', new BigInt64Array(16).fill(1n), [1, 16]),
  });
  response.end(JSON.stringify(Array.from(logits.data)));
});

// --- run, not linted
await new Promise((resolve) => server.listen(0, resolve));
const answers = [];
for (let at = 0; at < 30; at++) {
  const response = await fetch(`http://localhost:${server.address().port}/${at}`);
  answers.push(await response.json());
}
server.closeAllConnections();
server.close();
console.log(JSON.stringify({ result: answers }));
