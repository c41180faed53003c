/**
 * Language models built once and called at many places: where their constructor (or factory) takes the output cap.
 * The calls themselves are in llm-apis.ts.
 */
import { tableOf } from './table.ts';

export interface LlmConstructor {
  /** Canonical name of the call that builds it. */
  readonly name: string;
  readonly api: string;
  /** Every spelling that caps the output on the constructor; a key of nested options after a dot. */
  readonly caps: readonly string[];
  /** The spelling to write; null when it is better not written for the user. */
  readonly cap: { readonly python: string | null; readonly typescript: string | null };
  /** Spellings that cap one call, a chat or a binding of the object. */
  readonly callCaps: readonly string[];
  /** Methods that generate: the object must be seen in use through one of them; empty: wherever it goes, it generates. */
  readonly methods: readonly string[];
  /** Methods that make another object which generates (`start_chat`). */
  readonly chats: readonly string[];
  /** Constant first argument, or argument `task`, that it must have. */
  readonly task?: string;
}

/** Python packages of LangChain that hold models, as a gate must name them: whole words. */
export const LANGCHAIN_PACKAGES: readonly string[] = [
  'langchain_anthropic',
  'langchain_aws',
  'langchain_cohere',
  'langchain_community',
  'langchain_core',
  'langchain_deepseek',
  'langchain_fireworks',
  'langchain_google_genai',
  'langchain_google_vertexai',
  'langchain_groq',
  'langchain_huggingface',
  'langchain_mistralai',
  'langchain_ollama',
  'langchain_openai',
  'langchain_together',
  'langchain_xai',
];

/** Strings of which a file that speaks to a language model names one: SDKs, frameworks, addresses. */
export const LLM_LIBRARIES: readonly string[] = [
  'openai',
  'OpenAI',
  'anthropic',
  'genai',
  'generativeai',
  'generative-ai',
  'vertexai',
  'mistralai',
  'cohere',
  'groq',
  'from together',
  'import together',
  'together-ai',
  'bedrock',
  'litellm',
  'langchain',
  ...LANGCHAIN_PACKAGES,
  'llama_index',
  'llamaindex',
  'ollama',
  '@ai-sdk',
  "'ai'",
  '"ai"',
  'chat/completions',
  'chat.completions',
  'generateContent',
  'generativelanguage',
  'api/generate',
  'api/chat',
];

const LANGCHAIN_CAPS = [
  'max_tokens',
  'max_completion_tokens',
  'max_output_tokens',
  'max_tokens_to_sample',
  'max_new_tokens',
  'num_predict',
  'maxTokens',
  'maxCompletionTokens',
  'maxOutputTokens',
  'maxTokensToSample',
  'numPredict',
  'model_kwargs.max_tokens',
  'model_kwargs.max_completion_tokens',
  'model_kwargs.max_new_tokens',
  'model_kwargs.max_output_tokens',
  'modelKwargs.max_tokens',
  'modelKwargs.max_completion_tokens',
  'extra_body.max_tokens',
  'generation_config.max_output_tokens',
];

const langchain = (
  names: readonly string[],
  python: string | null,
  typescript: string | null,
): readonly LlmConstructor[] =>
  names.map((name) => ({
    name: `langchain.${name}`,
    api: 'langchain',
    caps: LANGCHAIN_CAPS,
    cap: { python, typescript },
    callCaps: [...LANGCHAIN_CAPS, 'options.num_predict', 'config.max_tokens'],
    methods: [],
    chats: [],
  }));

const LLAMA_INDEX_CAPS = [
  'max_tokens',
  'maxTokens',
  'max_new_tokens',
  'max_output_tokens',
  'num_output',
  'additional_kwargs.max_tokens',
  'additional_kwargs.max_completion_tokens',
  'additional_kwargs.num_predict',
  'additionalChatOptions.max_tokens',
  'generate_kwargs.max_new_tokens',
  'generation_config.max_output_tokens',
  'options.num_predict',
];

const llamaIndex = (
  names: readonly string[],
  python: string | null,
  typescript: string | null,
): readonly LlmConstructor[] =>
  names.map((name) => ({
    name: `llama_index.${name}`,
    api: 'llama-index',
    caps: LLAMA_INDEX_CAPS,
    cap: { python, typescript },
    callCaps: LLAMA_INDEX_CAPS,
    methods: [],
    chats: [],
  }));

const GENERATION = [
  'generation_config.max_output_tokens',
  'generationConfig.maxOutputTokens',
  'generation_config.maxOutputTokens',
];

const google = (name: string): LlmConstructor => ({
  name,
  api: 'google-generativeai',
  caps: GENERATION,
  cap: { python: 'generation_config.max_output_tokens', typescript: 'generationConfig.maxOutputTokens' },
  callCaps: GENERATION,
  methods: [
    'generate_content',
    'generate_content_async',
    'generateContent',
    'generateContentStream',
    'send_message',
    'send_message_async',
    'sendMessage',
    'sendMessageStream',
  ],
  chats: ['start_chat', 'startChat'],
});

export const LLM_CONSTRUCTORS: readonly LlmConstructor[] = [
  ...langchain(
    ['ChatOpenAI', 'AzureChatOpenAI', 'ChatGroq', 'ChatMistralAI', 'ChatDeepSeek', 'ChatTogether'],
    'max_tokens',
    'maxTokens',
  ),
  ...langchain(['ChatTogetherAI', 'ChatFireworks', 'ChatXAI', 'ChatPerplexity'], 'max_tokens', 'maxTokens'),
  ...langchain(['ChatBedrockConverse', 'ChatBedrock'], 'max_tokens', 'maxTokens'),
  ...langchain(
    ['ChatGoogleGenerativeAI', 'ChatVertexAI', 'ChatGoogle'],
    'max_output_tokens',
    'maxOutputTokens',
  ),
  ...langchain(['ChatOllama', 'Ollama', 'OllamaLLM'], 'num_predict', 'numPredict'),
  ...langchain(['init_chat_model', 'initChatModel'], 'max_tokens', 'maxTokens'),
  ...llamaIndex(
    [
      'OpenAI',
      'AzureOpenAI',
      'OpenAILike',
      'Groq',
      'TogetherLLM',
      'DeepSeek',
      'Gemini',
      'GoogleGenAI',
      'Vertex',
    ],
    'max_tokens',
    'maxTokens',
  ),
  // what the packages of LlamaIndex.TS offer beside their classes
  ...llamaIndex(['openai', 'groq', 'deepseek', 'gemini'], null, 'maxTokens'),
  ...llamaIndex(['Ollama', 'ollama'], 'additional_kwargs.num_predict', 'options.num_predict'),
  google('google.generativeai.GenerativeModel'),
  google('google.generativeai.GoogleGenerativeAI.getGenerativeModel'),
  google('vertexai.GenerativeModel'),
  google('vertexai.VertexAI.getGenerativeModel'),
  {
    name: 'google.genai.Client.chats.create',
    api: 'google-genai',
    caps: ['config.max_output_tokens', 'config.maxOutputTokens'],
    cap: { python: 'config.max_output_tokens', typescript: 'config.maxOutputTokens' },
    callCaps: ['config.max_output_tokens', 'config.maxOutputTokens'],
    methods: ['send_message', 'send_message_stream', 'sendMessage', 'sendMessageStream'],
    chats: [],
  },
  // The library's own limit has moved from 20 to 256 tokens; a checkpoint's generation_config.json overrides either.
  {
    name: 'transformers.pipeline',
    api: 'transformers',
    caps: [
      'max_new_tokens',
      'max_length',
      'generation_config',
      'model_kwargs.max_new_tokens',
      'model_kwargs.max_length',
      'generate_kwargs.max_new_tokens',
    ],
    cap: { python: 'max_new_tokens', typescript: null },
    callCaps: ['max_new_tokens', 'max_length', 'generation_config', 'generate_kwargs', 'stopping_criteria'],
    methods: ['__call__'],
    chats: [],
    task: 'text-generation',
  },
];

export const llmConstructorOf = tableOf(LLM_CONSTRUCTORS);

/** Models whose hidden reasoning counts against the cap: a small one would leave no room for the answer. */
export const REASONING_MODELS =
  /(?:^|[/:])(?:o[134](?:-|$)|gpt-5|gemini-(?:2\.5|[3-9])|deepseek-(?:reasoner|r1)|qwq|qwen3|magistral|grok-[34]|gpt-oss)/i;

/** Model families whose wrappers and APIs demand or set a cap by themselves. */
export const SELF_CAPPED_MODELS = /(?:^|[/:.])(?:anthropic[/:.]|claude)/i;

/** Models whose `config.json` sets 50 tokens for text-generation pipelines (`task_specific_params`). */
export const SHORT_PIPELINES = /(?:^|\/)(?:distil)?gpt2(?:-(?:medium|large|xl))?$/;

/** Models of the same APIs that answer with speech, music, pictures or films. */
export const SPEAKING_OR_DRAWING = /(?:^|[-/_])(?:tts|audio|image|imagen|veo|lyria)(?:$|[-/_:@])/i;

/** HTTP addresses of generation APIs called by hand, and where the body takes the cap. */
export const LLM_ADDRESSES: readonly {
  readonly pattern: RegExp;
  readonly api: string;
  readonly caps: readonly string[];
  readonly cap: string;
  /** Keys of which the body must show one, so that a proxy's own address is not mistaken for the API. */
  readonly keys: readonly string[];
}[] = [
  {
    pattern: /\/chat\/completions(?:$|[?#])/,
    api: 'openai-chat',
    caps: ['max_tokens', 'max_completion_tokens'],
    cap: 'max_tokens',
    keys: ['messages'],
  },
  {
    pattern: /\bapi\.openai\.com\/v1\/responses(?:$|[?#])/,
    api: 'openai-responses',
    caps: ['max_output_tokens'],
    cap: 'max_output_tokens',
    keys: ['input'],
  },
  {
    pattern: /\bapi\.anthropic\.com\/v1\/messages(?:$|[?#])/,
    api: 'anthropic-messages',
    caps: ['max_tokens'],
    cap: 'max_tokens',
    keys: ['messages'],
  },
  {
    pattern: /:(?:stream)?generateContent\b/i,
    api: 'google-generativeai',
    caps: ['generationConfig.maxOutputTokens', 'generation_config.max_output_tokens'],
    cap: 'generationConfig.maxOutputTokens',
    keys: ['contents'],
  },
  {
    pattern: /\b11434\/api\/(?:generate|chat)(?:$|[?#])/,
    api: 'ollama',
    caps: ['options.num_predict'],
    cap: 'options.num_predict',
    keys: ['prompt', 'messages'],
  },
];
