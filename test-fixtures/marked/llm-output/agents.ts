import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { generateObject, generateText, stepCountIs } from 'ai';

const openai = createOpenAI({ apiKey: process.env.KEY });
const anthropic = createAnthropic();

export const maxDuration = 30;

export async function answer(prompt: string, schema: any, model: any) {
  await generateText({ model: openai('gpt-4o'), prompt, stopWhen: stepCountIs(5) }); // ~ uncapped-llm-output
  await generateText({ model: anthropic('claude-sonnet-4-5'), prompt });
  await generateText({ model, prompt });
  return generateObject({ model: openai('gpt-4o'), prompt, schema, maxOutputTokens: 400 });
}
