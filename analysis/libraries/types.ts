/** What library types are made of. Data only: `basesOf` and `isClass` read it. Names are canonical. */

/** Direct bases of single types. */
export const BASES: Readonly<Record<string, readonly string[]>> = {
  'keras.Sequential': ['keras.Model'],
  'keras.Model': ['keras.layers.Layer'],
  'keras.layers.Layer': [],
  'keras_tuner.HyperModel': [],

  'torch.nn.Module': [],
  'torch.nn.Parameter': ['torch.Tensor'],
  'torch.nn.Buffer': ['torch.Tensor'],
  'torch.nn.UninitializedParameter': ['torch.Tensor'],
  'torch.nn.ParameterList': ['torch.nn.Module'],
  'torch.jit.ScriptModule': ['torch.nn.Module'],
  'torch.jit.TopLevelTracedModule': ['torch.jit.ScriptModule'],
  'torch.fx.GraphModule': ['torch.nn.Module'],
  'torch.nn._Loss': ['torch.nn.Module'],
  'torch.nn.SyncBatchNorm': ['torch.nn.BatchNorm'],
  'torch.utils.data.Dataset': [],
  'torch.utils.data.IterableDataset': ['torch.utils.data.Dataset'],
  'torch.utils.data.TensorDataset': ['torch.utils.data.Dataset'],
  'torch.utils.data.ConcatDataset': ['torch.utils.data.Dataset'],
  'torch.utils.data.Subset': ['torch.utils.data.Dataset'],
  'torch.distributed.fsdp.FullyShardedDataParallel': ['torch.nn.Module'],
  'torch.nn.parallel.DistributedDataParallel': ['torch.nn.Module'],
  'torch.autograd.Function': [],
  'torch.optim.Optimizer': [],
  'torch.optim.lr_scheduler.LRScheduler': [],
  'torch.optim.swa_utils.AveragedModel': ['torch.nn.Module'],
  'torch_geometric.loader.DataLoader': ['torch.utils.data.DataLoader'],

  'lightning.LightningModule': ['torch.nn.Module'],
  'lightning.callbacks.ModelCheckpoint': ['lightning.Callback'],
  'lightning.LightningDataModule': [],
  'lightning.Callback': [],

  'transformers.PreTrainedModel': ['torch.nn.Module'],
  'transformers.TFPreTrainedModel': ['keras.Model'],
  'transformers.FlaxPreTrainedModel': [],
  'transformers.AdamW': ['torch.optim.Optimizer'],
  'transformers.Adafactor': ['torch.optim.Optimizer'],
  'transformers.Seq2SeqTrainer': ['transformers.Trainer'],
  'transformers.Seq2SeqTrainingArguments': ['transformers.TrainingArguments'],
  'transformers.TFTrainer': [],
  'transformers.DefaultFlowCallback': ['transformers.TrainerCallback'],
  'transformers.EarlyStoppingCallback': ['transformers.TrainerCallback'],
  'setfit.SetFitTrainer': ['setfit.Trainer'],
  'peft.PeftModel': ['torch.nn.Module'],
  'sentence_transformers.SentenceTransformer': ['torch.nn.Module'],
  'sentence_transformers.SparseEncoder': ['torch.nn.Module'],
  'sentence_transformers.CrossEncoder': ['torch.nn.Module'],
  'sentence_transformers.SentenceTransformerTrainer': ['transformers.Trainer'],
  'sentence_transformers.SentenceTransformerTrainingArguments': ['transformers.TrainingArguments'],
  'diffusers.ModelMixin': ['torch.nn.Module'],
  'diffusers.DiffusionPipeline': [],

  'whisper.Whisper': ['torch.nn.Module'],
  'ultralytics.YOLO': ['ultralytics.Model'],
  'ultralytics.RTDETR': ['ultralytics.Model'],
  'ultralytics.SAM': ['ultralytics.Model'],
  'ultralytics.FastSAM': ['ultralytics.Model'],
  'ultralytics.YOLOWorld': ['ultralytics.Model'],
  'ultralytics.YOLOE': ['ultralytics.Model'],

  'xgboost.XGBModel': ['sklearn.base.BaseEstimator'],
  'lightgbm.LGBMModel': ['sklearn.base.BaseEstimator'],
  'catboost.CatBoost': ['sklearn.base.BaseEstimator'],

  'codecarbon.OfflineEmissionsTracker': ['codecarbon.EmissionsTracker'],

  'openai.AsyncOpenAI': ['openai.OpenAI'],
  'openai.AzureOpenAI': ['openai.OpenAI'],
  'openai.AsyncAzureOpenAI': ['openai.AzureOpenAI'],
  'openai.azure.OpenAIClient': [],
  'anthropic.AsyncAnthropic': ['anthropic.Anthropic'],
  'anthropic.AnthropicBedrock': ['anthropic.Anthropic'],
  'anthropic.AsyncAnthropicBedrock': ['anthropic.AnthropicBedrock'],
  'anthropic.AnthropicVertex': ['anthropic.Anthropic'],
  'anthropic.AsyncAnthropicVertex': ['anthropic.AnthropicVertex'],
  'mistralai.MistralAsyncClient': ['mistralai.MistralClient'],
  'cohere.AsyncClient': ['cohere.Client'],
  'cohere.ClientV2': ['cohere.Client'],
  'cohere.AsyncClientV2': ['cohere.ClientV2'],
  'groq.AsyncGroq': ['groq.Groq'],
  'together.AsyncTogether': ['together.Together'],
  'ollama.AsyncClient': ['ollama.Client'],
  'huggingface_hub.AsyncInferenceClient': ['huggingface_hub.InferenceClient'],
  'huggingface_hub.InferenceEndpoint': [],

  'fastapi.FastAPI': ['starlette.Starlette'],
  'quart.Quart': ['flask.Flask'],
  'quart.Blueprint': ['flask.Blueprint'],

  'tfjs.Sequential': ['tfjs.LayersModel'],
  'tfjs.Variable': ['tfjs.Tensor'],
  'transformersjs.Pipeline': [],

  'pandas.DataFrame': [],
  'pandas.Series': [],
  'geopandas.GeoDataFrame': ['pandas.DataFrame'],
  'dask.dataframe.DataFrame': [],

  'datasets.IterableDataset': [],
  'datasets.DatasetDict': [],
};

/**
 * Bases by pattern of the name, tried in order where `BASES` has no row; the first match wins. A pattern spells out the
 * library's root name, by which it is looked up.
 */
export const BASE_PATTERNS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^keras\.applications\.[A-Z]\w*$/, ['keras.Model']],
  [/^keras\.layers\.[A-Z]\w*$/, ['keras.layers.Layer']],
  [/^keras\.callbacks\.(?!Callback$)[A-Z]\w*$/, ['keras.callbacks.Callback']],
  [/^keras\.optimizers\.(?!Optimizer$)[A-Z]\w*$/, ['keras.optimizers.Optimizer']],
  [/^tensorflow\.train\.(?!Optimizer$)\w+Optimizer$/, ['tensorflow.train.Optimizer']],
  [/^tensorflow\.estimator\.\w+(?:Classifier|Regressor|Estimator)$/, ['tensorflow.estimator.Estimator']],
  [/^keras_tuner\.(?!HyperModel|HyperParameters|Objective|Tuner$|Oracle)[A-Z]\w*$/, ['keras_tuner.Tuner']],
  [
    /^(?:keras_hub|keras_nlp|keras_cv)\.models\.[A-Z]\w*(?<!Tokenizer|Preprocessor|Converter)$/,
    ['keras.Model'],
  ],
  [/^segmentation_models\.[A-Z]\w*$/, ['keras.Model']],

  [/^torch\.nn\.(?:Lazy)?BatchNorm\dd$/, ['torch.nn.BatchNorm']],
  [/^torch\.nn\.BatchNorm$/, ['torch.nn.Module']],
  [/^torch\.nn\.[A-Z]\w*Loss$/, ['torch.nn._Loss']],
  [/^torch\.nn\.(?:LSTM|GRU|RNN)$/, ['torch.nn.RNNBase']],
  [/^torch\.nn\.[A-Z]\w*$/, ['torch.nn.Module']],
  [
    /^torch\.(?:ao\.)?nn\.(?!utils|attention|parallel|cpp|_functions)(?:[a-z_]\w*\.)+[A-Z]\w*$/,
    ['torch.nn.Module'],
  ],
  [/^torch\.optim\.lr_scheduler\.[A-Z]\w*$/, ['torch.optim.lr_scheduler.LRScheduler']],
  [/^torch\.optim\.[A-Z]\w*$/, ['torch.optim.Optimizer']],
  [
    /^torch\.(?:cuda\.)?(?:Float|Double|Half|BFloat16|Long|Int|Short|Byte|Char|Bool)Tensor$/,
    ['torch.Tensor'],
  ],
  [
    /^torchvision\.(?:models|ops)\.(?:[a-z_]\w*\.)*[A-Z]\w*(?<!Weights|Generator|Head\w*_Weights)$/,
    ['torch.nn.Module'],
  ],
  [/^torchvision\.transforms\.(?:v2\.)?[A-Z]\w*$/, ['torchvision.transforms.Transform']],
  [/^torchvision\.datasets\.ImageFolder$/, ['torchvision.datasets.DatasetFolder']],
  [/^torchvision\.datasets\.[A-Z]\w*$/, ['torch.utils.data.Dataset']],
  [/^torchaudio\.models\.[A-Z]\w*$/, ['torch.nn.Module']],
  [/^torch_geometric\.nn\.(?:[a-z_]\w*\.)*[A-Z]\w*$/, ['torch.nn.Module']],
  [
    /^(?:monai|segmentation_models_pytorch|pytorch_metric_learning|kornia|timm|sentence_transformers)\.loss(?:es)?\.(?:[a-z_]\w*\.)*[A-Z]\w*$/,
    ['torch.nn._Loss'],
  ],
  [/^segmentation_models_pytorch\.(?:utils|metrics|datasets|encoders)\./, []],
  [/^torchmetrics\.(?!Metric$)(?:[a-z_]\w*\.)*[A-Z]\w*$/, ['torchmetrics.Metric']],
  [/^monai\.data\.\w*DataLoader$/, ['torch.utils.data.DataLoader']],
  [
    /^(?:timm\.models|timm\.layers|segmentation_models_pytorch|efficientnet_pytorch|monai\.networks\.(?:nets|blocks|layers)|open_clip|pytorchvideo\.models)\.(?:[a-z_]\w*\.)*[A-Z]\w*$/,
    ['torch.nn.Module'],
  ],
  [/^facenet_pytorch\.(?:InceptionResnetV1|MTCNN)$/, ['torch.nn.Module']],

  [
    /^(?:timm\.optim|bitsandbytes\.optim|torch_optimizer|apex\.optimizers|deepspeed\.ops\.\w+)\.[A-Z]\w*$/,
    ['torch.optim.Optimizer'],
  ],
  [/^lightning\.callbacks\.[A-Z]\w*$/, ['lightning.Callback']],

  [
    /^transformers\.TF\w+(?<!Trainer|TrainingArguments|Output|MainLayer|Processor)$/,
    ['transformers.TFPreTrainedModel'],
  ],
  [/^transformers\.Flax\w+(?<!Output|Processor)$/, ['transformers.FlaxPreTrainedModel']],
  [/^transformers\.(?!DataCollator)\w*Pipeline$/, ['transformers.Pipeline']],
  [/^transformers\.\w+(?:TokenizerFast|Tokenizer)$/, ['transformers.PreTrainedTokenizer']],
  [/^transformers\.\w+Config$/, ['transformers.PretrainedConfig']],
  [/^transformers\.\w+Callback$/, ['transformers.TrainerCallback']],
  [
    /^transformers\.(?!DataCollator|Trainer|TextDataset)[A-Z]\w*?(?:Model|LMHeadModel|ForPreTraining|For[A-Z]\w*|Model(?:With|For)\w+|WithLMHead\w*|Backbone|DoubleHeads\w*)(?<!Output|Callback|Processor|Extractor|Config|Tokenizer|TokenizerFast|Dataset|Args|Arguments|Collator|Kwargs\w*|Template|Mixin)$/,
    ['transformers.PreTrainedModel'],
  ],
  [/^transformers\.(?!Flax|TF)\w+(?:Encoder|Decoder)$/, ['torch.nn.Module']],
  [/^trl\.(?!Model|Dataset|DatasetMixture|Merge)\w+Config$/, ['transformers.TrainingArguments']],
  [/^trl\.AutoModelFor\w+$/, ['transformers.PreTrainedModel']],
  [/^trl\.\w+(?<!PPO)Trainer$/, ['transformers.Trainer']],
  [/^peft\.(?:Auto)?Peft(?:Mixed)?Model\w*$/, ['peft.PeftModel']],
  [
    /^optimum\.(?:intel|bettertransformer|habana|neuron)\.\w+ForSentence\w+$/,
    ['transformers.PreTrainedModel'],
  ],
  [/^optimum\.onnxruntime\.ORTModel\w+$/, ['optimum.onnxruntime.ORTModel']],
  [/^optimum\.intel\.OVModel\w+$/, ['optimum.intel.OVModel']],
  [/^diffusers\.\w+Pipeline\w*(?<!Output)$/, ['diffusers.DiffusionPipeline']],
  [/^diffusers\.(?:AutoPipelineFor\w+)$/, ['diffusers.DiffusionPipeline']],
  [
    /^diffusers\.(?:UNet\w*|Autoencoder\w*|ControlNetModel|\w*Transformer\w*Model|VQModel|AutoModel)(?<!Output)$/,
    ['diffusers.ModelMixin'],
  ],
  [/^unsloth\.Fast\w*Model$/, ['transformers.PreTrainedModel']],

  [/^fastai\.\w*Learner$/, ['fastai.Learner']],

  [/^xgboost\.XGB\w+$/, ['xgboost.XGBModel']],
  [/^lightgbm\.LGBM\w+$/, ['lightgbm.LGBMModel']],
  [/^catboost\.CatBoost(?:Classifier|Regressor|Ranker)$/, ['catboost.CatBoost']],
  [
    /^sklearn\.model_selection\.(?:\w+SearchCV|\w+ThresholdClassifier(?:CV)?)$/,
    ['sklearn.base.BaseEstimator'],
  ],
  [/^sklearn\.model_selection\.[A-Z]\w*$/, ['sklearn.model_selection.BaseCrossValidator']],
  [
    /^sklearn\.(?:metrics|inspection|gaussian_process\.kernels|utils|datasets|exceptions|externals|_loss|callback)\.(?:[a-z_]\w*\.)*[A-Z]\w*$/,
    [],
  ],
  [/^sklearn\.base\.\w+$/, []],
  [
    /^sklearn\.(?:[a-z_]\w*\.)+[A-Z]\w*(?<!Mixin|Display|Tree|Predictor|Grower)$/,
    ['sklearn.base.BaseEstimator'],
  ],
  [/^imblearn\.(?:[a-z_]\w*\.)+[A-Z]\w*$/, ['sklearn.base.BaseEstimator']],
  [
    /^(?:scikeras\.wrappers|keras\.wrappers\.(?:scikit_learn|sklearn))\.(?:Keras|SKLearn)\w+$/,
    ['sklearn.base.BaseEstimator'],
  ],
  [/^skorch\.NeuralNet\w*$/, ['sklearn.base.BaseEstimator']],

  [/^langchain\.(?:Azure)?Chat(?!Prompt|Message|Generation|Result)[A-Z]\w*$/, ['langchain.BaseChatModel']],
  [/^langchain\.BaseChatModel$/, ['langchain.BaseLanguageModel']],
  [
    /^langchain\.(?:OpenAI|AzureOpenAI|Ollama|OllamaLLM|HuggingFacePipeline|HuggingFaceHub|HuggingFaceEndpoint|LlamaCpp|Cohere|Anthropic|Bedrock|BedrockLLM|VertexAI|GooglePalm|GoogleGenerativeAI|Replicate|CTransformers|GPT4All|MistralAI|Together|Fireworks|VLLM|BaseLLM|LLM)$/,
    ['langchain.BaseLanguageModel'],
  ],
  [
    /^langchain\.(?:LLMChain|ConversationChain|RetrievalQA\w*|ConversationalRetrievalChain|\w+Chain)$/,
    ['langchain.Chain'],
  ],
  [/^langchain\.\w*Embeddings$/, ['langchain.Embeddings']],
  [
    /^llama_index\.(?:OpenAI|AzureOpenAI|OpenAILike|Anthropic|Ollama|Gemini|GoogleGenAI|MistralAI|Mistral|Cohere|Groq|HuggingFaceLLM|HuggingFaceInferenceAPI|LlamaCPP|Bedrock|BedrockConverse|Vertex|TogetherLLM|LiteLLM|Replicate|DeepSeek|Fireworks|OpenRouter|VLLM|Vllm)$/,
    ['llama_index.LLM'],
  ],
  [/^llama_index\.\w*(?:Embedding|Embeddings)$/, ['llama_index.BaseEmbedding']],

  [/^flax\.linen\.(?!Module$)[A-Z]\w*$/, ['flax.linen.Module']],
  [/^flax\.nnx\.(?!Module$|Param$|Rngs$|Optimizer$|Variable$)[A-Z]\w*$/, ['flax.nnx.Module']],
];

/** Classes whose name starts in lower case: calling them makes an instance. */
export const LOWERCASE_CLASSES: ReadonlySet<string> = new Set([
  'torch.amp.autocast',
  'torch.no_grad',
  'torch.enable_grad',
  'torch.inference_mode',
  'torch.set_grad_enabled',
  'torch.device',
  'torch.profiler.profile',
  'torch.autograd.profiler.profile',
  'torch.autograd.detect_anomaly',
  'torch.autograd.set_detect_anomaly',
  'torch.autograd.forward_ad.dual_level',
  'numpy.ndarray',
  'numpy.matrix',
]);

/** Capitalised names that are functions, not classes. */
export const CAPITALISED_FUNCTIONS: ReadonlySet<string> = new Set([
  'keras.Input',
  'tensorflow.Print',
  'tensorflow.Assert',
  'torch.autograd.Variable',
  'ctypes.POINTER',
  'typing.TypeVar',
  'pydantic.Field',
  'fastapi.Depends',
  'fastapi.File',
  'fastapi.Form',
  'fastapi.Body',
  'fastapi.Query',
  'fastapi.Header',
  'fastapi.Path',
]);
