import { openai } from '@ai-sdk/openai';
import { convertToModelMessages, streamText, type UIMessage } from 'ai';

export async function POST(request: Request) {
  const { messages }: { messages: UIMessage[] } = await request.json();
  const result = streamText({
    model: openai('gpt-4o-mini'),
    system: 'You advise growers, with remedies that need no chemicals.',
    messages: convertToModelMessages(messages),
  });
  return result.toUIMessageStreamResponse();
}
