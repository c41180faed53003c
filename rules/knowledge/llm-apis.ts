/**
 * Calls of large language models: canonical names in Python and npm, where each takes its output cap, its model
 * and its prompt, and what happens without a cap.
 */
import { tableOf } from './table.ts';

/** Where an argument stands: a keyword, or a path into an options value (`config.maxOutputTokens`). */
export type ArgumentPath = string;

export interface LlmCall {
  readonly name: string;
  readonly api: string;
  /** Every spelling that caps the output, on the call itself. */
  readonly caps: readonly ArgumentPath[];
  /** The spelling to write today; null when the cap cannot stand on the call. */
  readonly cap: { readonly python: ArgumentPath | null; readonly typescript: ArgumentPath | null };
  /** Spellings that cap the output on the object's constructor, or on a `bind` between. */
  readonly constructorCaps: readonly ArgumentPath[];
  /** What caps the output when nobody says: a number of tokens, `required` (the call fails without), or null (no limit). */
  readonly defaultCap: number | 'required' | null;
  /** Where the model's id stands. `constructor.x`: on the constructor. */
  readonly model: readonly ArgumentPath[];
  /** Where the text of the prompt stands: a string, or a list of messages with `content`. */
  readonly prompt: readonly ArgumentPath[];
  /** Python: position of the prompt when it is passed without its name. TypeScript passes an object first, unless `plain`. */
  readonly promptPosition: number | null;
  /** The options are the call's first argument in TypeScript (`create({…})`); false: the prompt is (`invoke(text, options)`). */
  readonly optionsFirst: boolean;
}

type Spec = Omit<LlmCall, 'name'>;

const each = (names: readonly string[], spec: Spec): readonly LlmCall[] =>
  names.map((name) => ({ name, ...spec }));

const under = (owners: readonly string[], methods: readonly string[]): readonly string[] =>
  owners.flatMap((owner) => methods.map((method) => `${owner}.${method}`));

const OPENAI_LIKE = ['openai.OpenAI', 'groq.Groq', 'together.Together', 'web-llm.MLCEngine'];

const GENERATION = ['generation_config.max_output_tokens', 'generationConfig.maxOutputTokens'];

const LANGCHAIN_CAPS = [
  'max_tokens',
  'max_completion_tokens',
  'max_output_tokens',
  'max_tokens_to_sample',
  'max_new_tokens',
  'max_length',
  'num_predict',
  'maxTokens',
  'maxOutputTokens',
  'maxCompletionTokens',
  'numPredict',
  'model_kwargs.max_tokens',
  'model_kwargs.max_completion_tokens',
  'model_kwargs.max_new_tokens',
  'modelKwargs.max_tokens',
  'pipeline_kwargs.max_new_tokens',
];

const LANGCHAIN_METHODS = [
  'invoke',
  'ainvoke',
  'stream',
  'astream',
  'batch',
  'abatch',
  'predict',
  'apredict',
  'generate',
  'agenerate',
  'call',
  '__call__',
  'streamEvents',
  'astream_events',
];

const GENERATE_CAPS = [
  'max_new_tokens',
  'max_length',
  'generation_config.max_new_tokens',
  'generation_config.max_length',
  'generation_config',
  'stopping_criteria',
];

export const LLM_CALLS: readonly LlmCall[] = [
  // ------------------------------------------------------------ OpenAI and what speaks its language
  ...each(
    [
      ...under(OPENAI_LIKE, [
        'chat.completions.create',
        'chat.completions.parse',
        'chat.completions.stream',
        'chat.completions.runTools',
        'chat.completions.with_raw_response.create',
      ]),
      ...under(
        ['openai.OpenAI'],
        [
          'beta.chat.completions.parse',
          'beta.chat.completions.stream',
          'beta.chat.completions.runTools',
          'beta.chat.completions.create',
        ],
      ),
    ],
    {
      api: 'openai-chat',
      caps: [
        'max_completion_tokens',
        'max_tokens',
        'extra_body.max_tokens',
        'extra_body.max_completion_tokens',
      ],
      cap: { python: 'max_completion_tokens', typescript: 'max_completion_tokens' },
      constructorCaps: [],
      defaultCap: null,
      model: ['model'],
      prompt: ['messages'],
      promptPosition: null,
      optionsFirst: true,
    },
  ),
  ...each(
    [
      'openai.ChatCompletion.create',
      'openai.ChatCompletion.acreate',
      'openai.OpenAIApi.createChatCompletion',
      'openai.azure.OpenAIClient.getChatCompletions',
      'openai.azure.OpenAIClient.streamChatCompletions',
    ],
    {
      api: 'openai-chat-v0',
      caps: ['max_tokens', 'maxTokens'],
      cap: { python: 'max_tokens', typescript: 'max_tokens' },
      constructorCaps: [],
      defaultCap: null,
      model: ['model', 'engine', 'deployment_id'],
      prompt: ['messages'],
      promptPosition: null,
      optionsFirst: true,
    },
  ),
  ...each(under(['openai.OpenAI'], ['responses.create', 'responses.parse', 'responses.stream']), {
    api: 'openai-responses',
    caps: ['max_output_tokens'],
    cap: { python: 'max_output_tokens', typescript: 'max_output_tokens' },
    constructorCaps: [],
    defaultCap: null,
    model: ['model'],
    prompt: ['input', 'instructions'],
    promptPosition: null,
    optionsFirst: true,
  }),
  // Legacy completions stop at 16 tokens by themselves.
  ...each(
    [
      ...under(OPENAI_LIKE, ['completions.create']),
      'openai.Completion.create',
      'openai.Completion.acreate',
      'openai.OpenAIApi.createCompletion',
    ],
    {
      api: 'openai-completions',
      caps: ['max_tokens'],
      cap: { python: 'max_tokens', typescript: 'max_tokens' },
      constructorCaps: [],
      defaultCap: 16,
      model: ['model', 'engine'],
      prompt: ['prompt'],
      promptPosition: null,
      optionsFirst: true,
    },
  ),
  // ------------------------------------------------------------ Anthropic
  ...each(
    under(
      ['anthropic.Anthropic'],
      [
        'messages.create',
        'messages.stream',
        'messages.parse',
        'beta.messages.create',
        'beta.messages.stream',
        'beta.messages.parse',
        'beta.messages.tool_runner',
        'beta.messages.toolRunner',
      ],
    ),
    {
      api: 'anthropic-messages',
      caps: ['max_tokens'],
      cap: { python: 'max_tokens', typescript: 'max_tokens' },
      constructorCaps: [],
      defaultCap: 'required',
      model: ['model'],
      prompt: ['messages', 'system'],
      promptPosition: null,
      optionsFirst: true,
    },
  ),
  ...each(under(['anthropic.Anthropic'], ['completions.create', 'completion']), {
    api: 'anthropic-completions',
    caps: ['max_tokens_to_sample'],
    cap: { python: 'max_tokens_to_sample', typescript: 'max_tokens_to_sample' },
    constructorCaps: [],
    defaultCap: 'required',
    model: ['model'],
    prompt: ['prompt'],
    promptPosition: null,
    optionsFirst: true,
  }),
  // ------------------------------------------------------------ Google
  ...each(
    under(
      ['google.genai.Client'],
      [
        'models.generate_content',
        'models.generate_content_stream',
        'aio.models.generate_content',
        'aio.models.generate_content_stream',
        'models.generateContent',
        'models.generateContentStream',
      ],
    ),
    {
      api: 'google-genai',
      caps: ['config.max_output_tokens', 'config.maxOutputTokens'],
      cap: { python: 'config.max_output_tokens', typescript: 'config.maxOutputTokens' },
      constructorCaps: [],
      defaultCap: null,
      model: ['model'],
      prompt: ['contents', 'config.system_instruction', 'config.systemInstruction'],
      promptPosition: null,
      optionsFirst: true,
    },
  ),
  ...each(
    under(['google.genai.Chat'], ['send_message', 'send_message_stream', 'sendMessage', 'sendMessageStream']),
    {
      api: 'google-genai',
      caps: ['config.max_output_tokens', 'config.maxOutputTokens'],
      cap: { python: 'config.max_output_tokens', typescript: 'config.maxOutputTokens' },
      constructorCaps: ['config.max_output_tokens', 'config.maxOutputTokens'],
      defaultCap: null,
      model: ['constructor.model'],
      prompt: ['message'],
      promptPosition: 0,
      optionsFirst: true,
    },
  ),
  ...each(
    under(
      ['google.generativeai.GenerativeModel', 'vertexai.GenerativeModel'],
      ['generate_content', 'generate_content_async', 'generateContent', 'generateContentStream'],
    ),
    {
      api: 'google-generativeai',
      caps: GENERATION,
      cap: { python: 'generation_config.max_output_tokens', typescript: 'generationConfig.maxOutputTokens' },
      constructorCaps: GENERATION,
      defaultCap: null,
      model: ['constructor.model_name', 'constructor.model'],
      prompt: ['contents'],
      promptPosition: 0,
      optionsFirst: false,
    },
  ),
  ...each(
    under(
      ['google.generativeai.ChatSession', 'vertexai.ChatSession'],
      ['send_message', 'send_message_async', 'sendMessage', 'sendMessageStream'],
    ),
    {
      api: 'google-generativeai',
      caps: GENERATION,
      cap: { python: 'generation_config.max_output_tokens', typescript: null },
      constructorCaps: GENERATION,
      defaultCap: null,
      model: [],
      prompt: ['content'],
      promptPosition: 0,
      optionsFirst: false,
    },
  ),
  // ------------------------------------------------------------ Mistral, Cohere, Bedrock, LiteLLM
  ...each(
    under(
      ['mistralai.Mistral'],
      [
        'chat.complete',
        'chat.complete_async',
        'chat.stream',
        'chat.stream_async',
        'chat.parse',
        'chat.parse_async',
        'agents.complete',
        'agents.stream',
        'fim.complete',
      ],
    ),
    {
      api: 'mistral',
      caps: ['max_tokens', 'maxTokens'],
      cap: { python: 'max_tokens', typescript: 'maxTokens' },
      constructorCaps: [],
      defaultCap: null,
      model: ['model'],
      prompt: ['messages', 'prompt'],
      promptPosition: null,
      optionsFirst: true,
    },
  ),
  ...each(under(['mistralai.MistralClient'], ['chat', 'chat_stream', 'chatStream', 'completion']), {
    api: 'mistral-v0',
    caps: ['max_tokens', 'maxTokens'],
    cap: { python: 'max_tokens', typescript: 'maxTokens' },
    constructorCaps: [],
    defaultCap: null,
    model: ['model'],
    prompt: ['messages'],
    promptPosition: 0,
    optionsFirst: true,
  }),
  ...each(under(['cohere.Client'], ['chat', 'chat_stream', 'chatStream', 'generate']), {
    api: 'cohere',
    caps: ['max_tokens', 'maxTokens'],
    cap: { python: 'max_tokens', typescript: 'maxTokens' },
    constructorCaps: [],
    defaultCap: null,
    model: ['model'],
    prompt: ['message', 'messages', 'prompt'],
    promptPosition: null,
    optionsFirst: true,
  }),
  ...each(
    [
      'boto3.bedrock-runtime.converse',
      'boto3.bedrock-runtime.converse_stream',
      '@aws-sdk/client-bedrock-runtime.ConverseCommand',
      '@aws-sdk/client-bedrock-runtime.ConverseStreamCommand',
    ],
    {
      api: 'bedrock-converse',
      caps: ['inferenceConfig.maxTokens'],
      cap: { python: 'inferenceConfig.maxTokens', typescript: 'inferenceConfig.maxTokens' },
      constructorCaps: [],
      defaultCap: null,
      model: ['modelId'],
      prompt: ['messages', 'system'],
      promptPosition: null,
      optionsFirst: true,
    },
  ),
  // `body` is a JSON text whose key depends on the model's vendor.
  ...each(
    [
      'boto3.bedrock-runtime.invoke_model',
      'boto3.bedrock-runtime.invoke_model_with_response_stream',
      '@aws-sdk/client-bedrock-runtime.InvokeModelCommand',
      '@aws-sdk/client-bedrock-runtime.InvokeModelWithResponseStreamCommand',
    ],
    {
      api: 'bedrock-invoke',
      caps: [
        'body.max_tokens',
        'body.max_gen_len',
        'body.max_tokens_to_sample',
        'body.maxTokens',
        'body.textGenerationConfig.maxTokenCount',
        'body.inferenceConfig.maxTokens',
        'body.inferenceConfig.max_new_tokens',
        'body.generation_config.max_tokens',
      ],
      cap: { python: null, typescript: null },
      constructorCaps: [],
      defaultCap: null,
      model: ['modelId'],
      prompt: ['body.prompt', 'body.messages', 'body.inputText'],
      promptPosition: null,
      optionsFirst: true,
    },
  ),
  ...each(
    ['litellm.completion', 'litellm.acompletion', 'litellm.Router.completion', 'litellm.Router.acompletion'],
    {
      api: 'litellm',
      caps: ['max_tokens', 'max_completion_tokens'],
      cap: { python: 'max_tokens', typescript: null },
      constructorCaps: [],
      defaultCap: null,
      model: ['model'],
      prompt: ['messages'],
      promptPosition: 1,
      optionsFirst: true,
    },
  ),
  ...each(['litellm.responses', 'litellm.aresponses'], {
    api: 'litellm',
    caps: ['max_output_tokens'],
    cap: { python: 'max_output_tokens', typescript: null },
    constructorCaps: [],
    defaultCap: null,
    model: ['model'],
    prompt: ['input'],
    promptPosition: 0,
    optionsFirst: true,
  }),
  // ------------------------------------------------------------ LangChain, LlamaIndex, Vercel
  ...each(under(['langchain.BaseChatModel', 'langchain.BaseLanguageModel'], LANGCHAIN_METHODS), {
    api: 'langchain',
    caps: LANGCHAIN_CAPS,
    cap: { python: null, typescript: null },
    constructorCaps: LANGCHAIN_CAPS,
    defaultCap: null,
    model: [
      'constructor.model',
      'constructor.model_name',
      'constructor.modelName',
      'constructor.model_id',
      'constructor.deployment_name',
      'constructor.azure_deployment',
    ],
    prompt: ['input', 'messages'],
    promptPosition: 0,
    optionsFirst: false,
  }),
  ...each(
    under(
      ['llama_index.LLM'],
      [
        'complete',
        'acomplete',
        'stream_complete',
        'astream_complete',
        'chat',
        'achat',
        'stream_chat',
        'astream_chat',
        'predict',
      ],
    ),
    {
      api: 'llama-index',
      caps: ['max_tokens', 'maxTokens', 'num_predict'],
      cap: { python: null, typescript: null },
      constructorCaps: [
        'max_tokens',
        'maxTokens',
        'max_new_tokens',
        'max_output_tokens',
        'num_output',
        'additional_kwargs.max_tokens',
        'additional_kwargs.num_predict',
        'generate_kwargs.max_new_tokens',
        'generation_config.max_output_tokens',
        'options.num_predict',
      ],
      defaultCap: null,
      model: ['constructor.model', 'constructor.model_name', 'constructor.engine'],
      prompt: ['prompt', 'messages'],
      promptPosition: 0,
      optionsFirst: true,
    },
  ),
  ...each(under(['ai'], ['generateText', 'streamText', 'generateObject', 'streamObject']), {
    api: 'vercel-ai',
    caps: ['maxOutputTokens', 'maxTokens'],
    cap: { python: null, typescript: 'maxOutputTokens' },
    constructorCaps: [],
    defaultCap: null,
    model: ['model'],
    prompt: ['prompt', 'messages', 'system', 'instructions'],
    promptPosition: null,
    optionsFirst: true,
  }),
  ...each(under(['ai.ToolLoopAgent', 'ai.Experimental_Agent'], ['generate', 'stream']), {
    api: 'vercel-ai',
    caps: ['maxOutputTokens'],
    cap: { python: null, typescript: null },
    constructorCaps: ['maxOutputTokens'],
    defaultCap: null,
    model: ['constructor.model'],
    prompt: ['prompt', 'messages'],
    promptPosition: null,
    optionsFirst: true,
  }),
  // ------------------------------------------------------------ local models
  ...each(['ollama.chat', 'ollama.generate', 'ollama.Client.chat', 'ollama.Client.generate'], {
    api: 'ollama',
    caps: ['options.num_predict'],
    cap: { python: 'options.num_predict', typescript: 'options.num_predict' },
    constructorCaps: [],
    defaultCap: null,
    model: ['model'],
    prompt: ['messages', 'prompt', 'system'],
    promptPosition: null,
    optionsFirst: true,
  }),
  // 20 tokens in all, prompt included, unless the model's own generation_config.json says otherwise.
  ...each(['transformers.PreTrainedModel.generate'], {
    api: 'transformers-generate',
    caps: GENERATE_CAPS,
    cap: { python: 'max_new_tokens', typescript: null },
    constructorCaps: [],
    defaultCap: 20,
    model: [],
    prompt: [],
    promptPosition: null,
    optionsFirst: true,
  }),
  ...each(['transformersjs.PreTrainedModel.generate'], {
    api: 'transformersjs-generate',
    caps: GENERATE_CAPS,
    cap: { python: null, typescript: 'max_new_tokens' },
    constructorCaps: [],
    defaultCap: 20,
    model: [],
    prompt: [],
    promptPosition: null,
    optionsFirst: true,
  }),
  ...each(
    [
      'huggingface_hub.InferenceClient.chat_completion',
      'huggingface_hub.InferenceClient.chat.completions.create',
      'huggingface_hub.InferenceClient.chatCompletion',
      'huggingface_hub.InferenceClient.chatCompletionStream',
    ],
    {
      api: 'huggingface-inference',
      caps: ['max_tokens'],
      cap: { python: 'max_tokens', typescript: 'max_tokens' },
      constructorCaps: [],
      defaultCap: null,
      model: ['model', 'constructor.model'],
      prompt: ['messages'],
      promptPosition: 0,
      optionsFirst: true,
    },
  ),
  ...each(
    [
      'huggingface_hub.InferenceClient.text_generation',
      'huggingface_hub.InferenceClient.textGeneration',
      'huggingface_hub.InferenceClient.textGenerationStream',
    ],
    {
      api: 'huggingface-inference',
      caps: ['max_new_tokens', 'parameters.max_new_tokens'],
      cap: { python: 'max_new_tokens', typescript: 'parameters.max_new_tokens' },
      constructorCaps: [],
      defaultCap: 20,
      model: ['model', 'constructor.model'],
      prompt: ['prompt', 'inputs'],
      promptPosition: 0,
      optionsFirst: true,
    },
  ),
  ...each(['llama_cpp.Llama.create_chat_completion'], {
    api: 'llama-cpp',
    caps: ['max_tokens'],
    cap: { python: 'max_tokens', typescript: null },
    constructorCaps: [],
    defaultCap: null,
    model: ['constructor.model_path'],
    prompt: ['messages'],
    promptPosition: 0,
    optionsFirst: true,
  }),
  ...each(['llama_cpp.Llama.__call__', 'llama_cpp.Llama.create_completion'], {
    api: 'llama-cpp',
    caps: ['max_tokens'],
    cap: { python: 'max_tokens', typescript: null },
    constructorCaps: [],
    defaultCap: 16,
    model: ['constructor.model_path'],
    prompt: ['prompt'],
    promptPosition: 0,
    optionsFirst: true,
  }),
  // `SamplingParams(max_tokens=16)` by default.
  ...each(['vllm.LLM.generate', 'vllm.LLM.chat'], {
    api: 'vllm',
    caps: ['sampling_params.max_tokens'],
    cap: { python: 'sampling_params.max_tokens', typescript: null },
    constructorCaps: [],
    defaultCap: 16,
    model: ['constructor.model'],
    prompt: ['prompts', 'messages'],
    promptPosition: 0,
    optionsFirst: true,
  }),
];

export const llmCallOf = tableOf(LLM_CALLS);
export const LLM_CALL_NAMES: readonly string[] = LLM_CALLS.map((row) => row.name);

/** Wrapper classes of LangChain and LlamaIndex: the spelling of the cap that their constructor takes today. */
export const WRAPPER_CAPS: Readonly<
  Record<string, { readonly python: string | null; readonly typescript: string | null }>
> = {
  'langchain.ChatOpenAI': { python: 'max_tokens', typescript: 'maxTokens' },
  'langchain.AzureChatOpenAI': { python: 'max_tokens', typescript: 'maxTokens' },
  'langchain.ChatAnthropic': { python: 'max_tokens', typescript: 'maxTokens' },
  'langchain.ChatGoogleGenerativeAI': { python: 'max_output_tokens', typescript: 'maxOutputTokens' },
  'langchain.ChatVertexAI': { python: 'max_output_tokens', typescript: 'maxOutputTokens' },
  'langchain.ChatMistralAI': { python: 'max_tokens', typescript: 'maxTokens' },
  'langchain.ChatGroq': { python: 'max_tokens', typescript: 'maxTokens' },
  'langchain.ChatOllama': { python: 'num_predict', typescript: 'numPredict' },
  'langchain.ChatBedrock': { python: 'max_tokens', typescript: 'maxTokens' },
  'langchain.ChatBedrockConverse': { python: 'max_tokens', typescript: 'maxTokens' },
  'langchain.ChatDeepSeek': { python: 'max_tokens', typescript: 'maxTokens' },
  'langchain.ChatXAI': { python: 'max_tokens', typescript: 'maxTokens' },
  'langchain.ChatTogether': { python: 'max_tokens', typescript: null },
  'langchain.ChatFireworks': { python: 'max_tokens', typescript: 'maxTokens' },
  'langchain.BaseChatModel': { python: 'max_tokens', typescript: 'maxTokens' },
  'langchain.OllamaLLM': { python: 'num_predict', typescript: null },
  'langchain.Ollama': { python: 'num_predict', typescript: 'numPredict' },
  'langchain.HuggingFaceEndpoint': { python: 'max_new_tokens', typescript: null },
  'llama_index.OpenAI': { python: 'max_tokens', typescript: 'maxTokens' },
  'llama_index.AzureOpenAI': { python: 'max_tokens', typescript: null },
  'llama_index.GoogleGenAI': { python: 'max_tokens', typescript: null },
  'llama_index.Gemini': { python: 'max_tokens', typescript: null },
  'llama_index.Groq': { python: 'max_tokens', typescript: 'maxTokens' },
};

/**
 * Wrapper classes that cap the output by themselves, with the tokens they allow; they stand for every call on their
 * objects. Versions differ (ChatAnthropic: 1024 in Python, 2048 and later 4096 in JavaScript), so read the number as "some".
 */
export const SELF_CAPPED_CLASSES: Readonly<Record<string, number>> = {
  'langchain.ChatAnthropic': 1024,
  'langchain.ChatAnthropicMessages': 2048,
  'langchain.OpenAI': 256,
  'langchain.AzureOpenAI': 256,
  'llama_index.Anthropic': 512,
  'llama_index.MistralAI': 512,
  'llama_index.Cohere': 512,
  'llama_index.Bedrock': 512,
  'llama_index.BedrockConverse': 512,
  'llama_index.HuggingFaceLLM': 256,
  'llama_index.LlamaCPP': 256,
};

/** Provider functions of the Vercel AI SDK whose models are capped by the provider package when the call does not. */
export const SELF_CAPPED_PROVIDERS: readonly string[] = ['@ai-sdk/anthropic', '@ai-sdk/amazon-bedrock'];

/** Names that look like an output cap and are not. */
export const NOT_CAPS: readonly string[] = [
  'maxDuration',
  'stopWhen',
  'maxSteps',
  'maxRetries',
  'max_retries',
  'max_input_tokens',
];

/** Clients: cheap to build, so building one per request is no reload of a model. */
export const LLM_CLIENTS: readonly string[] = [
  'openai.OpenAI',
  'openai.AzureOpenAI',
  'openai.AsyncOpenAI',
  'anthropic.Anthropic',
  'google.genai.Client',
  'google.generativeai.GenerativeModel',
  'google.generativeai.GoogleGenerativeAI',
  'vertexai.GenerativeModel',
  'mistralai.Mistral',
  'mistralai.MistralClient',
  'cohere.Client',
  'cohere.ClientV2',
  'groq.Groq',
  'together.Together',
  'ollama.Client',
  'huggingface_hub.InferenceClient',
  'replicate.Client',
  'boto3.bedrock-runtime',
  '@aws-sdk/client-bedrock-runtime.BedrockRuntimeClient',
];

/** Embedding calls: model calls whose result depends on the text alone, hence worth caching. */
export const EMBEDDING_CALLS: readonly string[] = [
  'openai.OpenAI.embeddings.create',
  'openai.Embedding.create',
  'openai.OpenAIApi.createEmbedding',
  'azure-openai.OpenAIApi.createEmbedding',
  'cohere.Client.embed',
  'mistralai.Mistral.embeddings.create',
  'google.genai.Client.models.embed_content',
  'google.genai.Client.models.embedContent',
  'google.generativeai.embed_content',
  'langchain.Embeddings.embed_query',
  'langchain.Embeddings.embed_documents',
  'langchain.Embeddings.embedQuery',
  'langchain.Embeddings.embedDocuments',
  'ollama.embeddings',
  'ollama.embed',
  'litellm.embedding',
  'ai.embed',
  'ai.embedMany',
  'sentence_transformers.SentenceTransformer.encode',
];
