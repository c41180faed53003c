// Kept on globalThis, loaded once; a client per request is no model.
import OpenAI from 'openai';
import { pipeline } from '@huggingface/transformers';

const load = () => pipeline('text-classification');

export async function POST(request: Request) {
  const { text } = await request.json();
  globalThis.classifier ??= await load();
  const client = new OpenAI();
  const answer = await client.responses.create({ model: 'gpt-4o-mini', input: text, max_output_tokens: 50 });
  return Response.json({ label: await globalThis.classifier(text), answer: answer.output_text });
}
