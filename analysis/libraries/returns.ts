/**
 * What calls of library functions and methods return. Data only: `returnType` reads it.
 * A row is `[result, owner, names]`: every `owner.name` in the blank-separated list returns `result`.
 * Results are a canonical type or one of the words explained at `returnType` in libraries.ts.
 */

type Row = readonly [result: string, owner: string, names: string];

/** Methods of both DataFrame and Series that give the same kind back. */
const SAME_KIND =
  'abs add add_prefix add_suffix asfreq asof assign astype at_time between_time bfill backfill clip combine combine_first compare convert_dtypes copy corr cov cumsum cumprod cummax cummin describe diff div divide drop drop_duplicates droplevel dropna eq explode ffill fillna filter first floordiv ge get_dummies gt head infer_objects interpolate isin isna isnull last le lt mask mod mul multiply ne nlargest notna notnull nsmallest pad pct_change pow radd rank reindex reindex_like rename rename_axis reorder_levels replace rmul round rsub sample set_axis set_flags shift sort_index sort_values sub subtract swapaxes swaplevel tail take to_period to_timestamp transform truediv truncate tz_convert tz_localize where xs';

const TENSOR_TO_PLAIN =
  'item tolist size dim ndimension numel element_size is_contiguous is_floating_point data_ptr get_device nelement stride storage storage_offset backward retain_grad register_hook equal allclose is_complex is_pinned is_shared is_signed nbytes';

export const ROWS: readonly Row[] = [
  // ---------------------------------------------------------------- PyTorch
  [
    'self',
    'torch.nn.Module',
    'to cuda cpu xpu npu hpu ipu eval train half float double bfloat16 type requires_grad_ apply share_memory to_empty',
  ],
  ['class', 'torch.nn.Module', 'from_pretrained'],
  ['each:torch.nn.Module', 'torch.nn.Module', 'modules children'],
  ['each:torch.nn.Parameter', 'torch.nn.Module', 'parameters'],
  ['torch.nn.Module', 'torch.nn.Module', 'get_submodule'],
  ['torch.nn.Parameter', 'torch.nn.Module', 'get_parameter'],
  ['torch.StateDict', 'torch.nn.Module', 'state_dict'],
  ['self', 'torch.nn.Sequential', 'append extend insert'],
  ['self', 'torch.nn.ModuleList', 'append extend insert'],
  ['arg:0', 'torch', 'compile'],
  ['arg:0', 'torch.nn', 'DataParallel'],
  ['arg:0', 'torch.nn.parallel', 'DistributedDataParallel'],
  ['arg:0', 'torch.distributed.fsdp', 'FullyShardedDataParallel fully_shard'],
  ['arg:0', 'torch.nn.SyncBatchNorm', 'convert_sync_batchnorm'],
  ['arg:0', 'torch.jit', 'script trace trace_module freeze optimize_for_inference'],
  ['torch.jit.ScriptModule', 'torch.jit', 'load'],
  ['torch.jit.ScriptFunction', 'torch.jit', 'script_method'],
  ['torch.nn.Module', 'torch.hub', 'load'],
  ['torch.StateDict', 'torch.hub', 'load_state_dict_from_url'],
  ['torch.load()', 'torch', 'load'],
  ['torch.export.ExportedProgram', 'torch.export', 'export export_for_training load'],
  ['torch.nn.Module', 'torch.export.ExportedProgram', 'module'],
  ['torch.fx.GraphModule', 'torch.fx', 'symbolic_trace'],
  ['arg:0', 'torch.fx.experimental.optimization', 'fuse'],
  ['torch.onnx.ONNXProgram', 'torch.onnx', 'export dynamo_export'],
  [
    'arg:0',
    'torch.ao.quantization',
    'quantize_dynamic quantize quantize_qat prepare prepare_qat convert fuse_modules fuse_modules_qat propagate_qconfig_ add_quant_dequant QuantWrapper',
  ],
  [
    'arg:0',
    'torch.ao.quantization.quantize_fx',
    'prepare_fx prepare_qat_fx convert_fx fuse_fx convert_to_reference_fx',
  ],
  ['arg:0', 'torch.ao.quantization.quantize_pt2e', 'prepare_pt2e prepare_qat_pt2e convert_pt2e'],
  ['arg:0', 'torchao', 'autoquant'],
  ['arg:0', 'torchao.quantization', 'autoquant'],
  ['arg:0', 'torchao.quantization.pt2e.quantize_pt2e', 'prepare_pt2e prepare_qat_pt2e convert_pt2e'],
  [
    'arg:0',
    'torch.nn.utils.prune',
    'l1_unstructured random_unstructured ln_structured random_structured custom_from_mask identity remove',
  ],
  ['arg:0', 'torch.nn.utils', 'weight_norm spectral_norm remove_weight_norm remove_spectral_norm'],
  ['arg:0', 'torch.nn.utils.parametrizations', 'weight_norm spectral_norm orthogonal'],
  ['arg:0', 'torch.nn.utils.fusion', 'fuse_conv_bn_eval'],
  ['arg:0', 'torch_tensorrt', 'compile'],
  ['arg:0', 'torch2trt', 'torch2trt'],
  ['arg:0', 'intel_extension_for_pytorch', 'optimize'],
  ['arg:0', 'optimum.bettertransformer.BetterTransformer', 'transform reverse'],
  ['arg:0', 'torch.distributed.algorithms._checkpoint.checkpoint_wrapper', 'checkpoint_wrapper'],
  ['torch.Tensor', 'torch.autograd', 'Variable'],
  [
    'torch.Tensor',
    'torch',
    'rand rand_like randn randn_like randint randint_like randperm zeros zeros_like ones ones_like empty empty_like full full_like arange linspace logspace eye tensor as_tensor from_numpy asarray cat stack hstack vstack dstack squeeze unsqueeze reshape flatten transpose permute t matmul mm bmm mv dot einsum add sub mul div pow exp log log2 log10 log1p sqrt rsqrt abs neg sign sin cos tan tanh sigmoid relu softmax log_softmax sum mean std var prod norm cumsum cumprod argmax argmin argsort where clamp clip floor ceil round eq ne lt gt le ge isnan isinf masked_select gather scatter index_select roll flip tile bernoulli multinomial normal outer diag diagonal tril triu cross logical_and logical_or logical_not bitwise_and take nonzero clone detach quantize_per_tensor dequantize bucketize histc bincount complex view_as_real view_as_complex square cdist broadcast_to atleast_1d atleast_2d addmm baddbmm inverse empty_strided scalar_tensor logsumexp erf maximum minimum',
  ],
  [
    'each:torch.Tensor',
    'torch',
    'split chunk unbind topk sort unique meshgrid tensor_split broadcast_tensors svd qr std_mean var_mean',
  ],
  [
    'torch.Tensor',
    'torch.nn.functional',
    'relu relu6 gelu silu elu selu leaky_relu softmax log_softmax softplus sigmoid tanh hardswish mish glu linear bilinear conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d max_pool1d max_pool2d max_pool3d avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d adaptive_avg_pool2d adaptive_max_pool2d dropout dropout2d dropout3d batch_norm layer_norm group_norm instance_norm normalize pad interpolate upsample grid_sample affine_grid embedding one_hot cosine_similarity pairwise_distance pixel_shuffle unfold fold scaled_dot_product_attention cross_entropy nll_loss mse_loss l1_loss smooth_l1_loss huber_loss binary_cross_entropy binary_cross_entropy_with_logits kl_div triplet_margin_loss gumbel_softmax',
  ],
  ['numpy.ndarray', 'torch.Tensor', 'numpy'],
  ['unknown', 'torch.Tensor', TENSOR_TO_PLAIN],
  ['each:torch.Tensor', 'torch.Tensor', 'split chunk unbind topk sort unique tensor_split'],
  ['each:torch.utils.data.Subset', 'torch.utils.data', 'random_split'],
  ['torch.Tensor', 'torch.amp.GradScaler', 'scale'],
  ['torch.Tensor', 'torch.nn.parallel', 'data_parallel'],
  ['torch.Tensor', 'torchvision.utils', 'make_grid'],
  ['numpy.ndarray', 'cv2', 'imread resize cvtColor GaussianBlur threshold warpAffine flip rotate Canny'],
  ['torch.Generator', 'torch.Generator', 'manual_seed'],

  [
    'torchvision.models.ResNet',
    'torchvision.models',
    'resnet18 resnet34 resnet50 resnet101 resnet152 resnext50_32x4d resnext101_32x8d resnext101_64x4d wide_resnet50_2 wide_resnet101_2',
  ],
  [
    'torchvision.models.VGG',
    'torchvision.models',
    'vgg11 vgg11_bn vgg13 vgg13_bn vgg16 vgg16_bn vgg19 vgg19_bn',
  ],
  ['torchvision.models.AlexNet', 'torchvision.models', 'alexnet'],
  ['torchvision.models.DenseNet', 'torchvision.models', 'densenet121 densenet161 densenet169 densenet201'],
  [
    'torchvision.models.EfficientNet',
    'torchvision.models',
    'efficientnet_b0 efficientnet_b1 efficientnet_b2 efficientnet_b3 efficientnet_b4 efficientnet_b5 efficientnet_b6 efficientnet_b7 efficientnet_v2_s efficientnet_v2_m efficientnet_v2_l',
  ],
  ['torchvision.models.MobileNetV2', 'torchvision.models', 'mobilenet_v2'],
  ['torchvision.models.MobileNetV3', 'torchvision.models', 'mobilenet_v3_small mobilenet_v3_large'],
  [
    'torchvision.models.VisionTransformer',
    'torchvision.models',
    'vit_b_16 vit_b_32 vit_l_16 vit_l_32 vit_h_14',
  ],
  [
    'torchvision.models.SwinTransformer',
    'torchvision.models',
    'swin_t swin_s swin_b swin_v2_t swin_v2_s swin_v2_b',
  ],
  [
    'torchvision.models.ConvNeXt',
    'torchvision.models',
    'convnext_tiny convnext_small convnext_base convnext_large',
  ],
  ['torchvision.models.GoogLeNet', 'torchvision.models', 'googlenet'],
  ['torchvision.models.Inception3', 'torchvision.models', 'inception_v3'],
  ['torchvision.models.SqueezeNet', 'torchvision.models', 'squeezenet1_0 squeezenet1_1'],
  [
    'torchvision.models.ShuffleNetV2',
    'torchvision.models',
    'shufflenet_v2_x0_5 shufflenet_v2_x1_0 shufflenet_v2_x1_5 shufflenet_v2_x2_0',
  ],
  ['torchvision.models.MNASNet', 'torchvision.models', 'mnasnet0_5 mnasnet0_75 mnasnet1_0 mnasnet1_3'],
  ['torchvision.models.MaxVit', 'torchvision.models', 'maxvit_t'],
  [
    'torchvision.models.RegNet',
    'torchvision.models',
    'regnet_y_400mf regnet_y_800mf regnet_y_1_6gf regnet_y_3_2gf regnet_y_8gf regnet_y_16gf regnet_y_32gf regnet_y_128gf regnet_x_400mf regnet_x_800mf regnet_x_1_6gf regnet_x_3_2gf regnet_x_8gf regnet_x_16gf regnet_x_32gf',
  ],
  [
    'torchvision.models.detection.FasterRCNN',
    'torchvision.models.detection',
    'fasterrcnn_resnet50_fpn fasterrcnn_resnet50_fpn_v2 fasterrcnn_mobilenet_v3_large_fpn fasterrcnn_mobilenet_v3_large_320_fpn',
  ],
  [
    'torchvision.models.detection.MaskRCNN',
    'torchvision.models.detection',
    'maskrcnn_resnet50_fpn maskrcnn_resnet50_fpn_v2',
  ],
  ['torchvision.models.detection.KeypointRCNN', 'torchvision.models.detection', 'keypointrcnn_resnet50_fpn'],
  [
    'torchvision.models.detection.RetinaNet',
    'torchvision.models.detection',
    'retinanet_resnet50_fpn retinanet_resnet50_fpn_v2',
  ],
  [
    'torchvision.models.detection.SSD',
    'torchvision.models.detection',
    'ssd300_vgg16 ssdlite320_mobilenet_v3_large',
  ],
  ['torchvision.models.detection.FCOS', 'torchvision.models.detection', 'fcos_resnet50_fpn'],
  [
    'torchvision.models.segmentation.DeepLabV3',
    'torchvision.models.segmentation',
    'deeplabv3_resnet50 deeplabv3_resnet101 deeplabv3_mobilenet_v3_large',
  ],
  ['torchvision.models.segmentation.FCN', 'torchvision.models.segmentation', 'fcn_resnet50 fcn_resnet101'],
  ['torchvision.models.segmentation.LRASPP', 'torchvision.models.segmentation', 'lraspp_mobilenet_v3_large'],
  ['torchvision.models.video.VideoResNet', 'torchvision.models.video', 'r3d_18 mc3_18 r2plus1d_18'],
  ['torch.nn.Module', 'torchvision.models', 'get_model'],
  ['torch.fx.GraphModule', 'torchvision.models.feature_extraction', 'create_feature_extractor'],
  ['torch.Tensor', 'torchvision.transforms.functional', 'to_tensor normalize pil_to_tensor'],
  ['torch.Tensor', 'torchvision.io', 'read_image decode_image'],
  ['torch.nn.Module', 'timm', 'create_model'],
  ['torch.nn.Module', 'segmentation_models_pytorch', 'create_model'],
  ['class', 'efficientnet_pytorch.EfficientNet', 'from_name'],
  ['torch.nn.Module', 'open_clip', 'create_model'],
  ['whisper.Whisper', 'whisper', 'load_model'],
  ['whisperx.FasterWhisperPipeline', 'whisperx', 'load_model'],

  // --------------------------------------------------------------- Lightning
  ['self', 'lightning.LightningModule', 'freeze'],
  ['class', 'lightning.LightningModule', 'load_from_checkpoint'],
  ['class', 'lightning.LightningDataModule', 'load_from_checkpoint'],
  ['args', 'lightning.Fabric', 'setup setup_module setup_dataloaders setup_optimizers'],

  // ----------------------------------------------------- Hugging Face family
  [
    'class',
    'transformers.PreTrainedModel',
    'from_pretrained from_config _from_config from_encoder_decoder_pretrained from_vision_text_pretrained',
  ],
  ['class', 'transformers.TFPreTrainedModel', 'from_pretrained from_config'],
  ['class', 'transformers.FlaxPreTrainedModel', 'from_pretrained from_config'],
  ['class', 'transformers.PreTrainedTokenizer', 'from_pretrained'],
  ['class', 'transformers.PretrainedConfig', 'from_pretrained from_dict from_json_file'],
  ['class', 'transformers.AutoProcessor', 'from_pretrained'],
  ['class', 'transformers.AutoImageProcessor', 'from_pretrained'],
  ['class', 'transformers.AutoFeatureExtractor', 'from_pretrained'],
  [
    'self',
    'transformers.PreTrainedModel',
    'to_bettertransformer reverse_bettertransformer merge_and_unload dequantize',
  ],
  ['torch.Tensor', 'transformers.PreTrainedModel', 'generate'],
  ['transformers.ModelOutput', 'transformers.PreTrainedModel', '__call__'],
  [
    'transformers.BatchEncoding',
    'transformers.PreTrainedTokenizer',
    '__call__ encode_plus batch_encode_plus pad prepare_for_model',
  ],
  ['self', 'transformers.BatchEncoding', 'to'],
  ['transformers.Pipeline', 'transformers', 'pipeline'],
  ['datasets.Dataset', 'datasets', 'load_from_disk concatenate_datasets interleave_datasets'],
  ['datasets.load_dataset()', 'datasets', 'load_dataset'],
  [
    'datasets.load_dataset()',
    'datasets.load_dataset()',
    'map filter shuffle select sort remove_columns rename_column rename_columns cast cast_column with_format shard flatten class_encode_column select_columns take skip flatten_indices add_column',
  ],
  ['datasets.DatasetDict', 'datasets.load_dataset()', 'train_test_split'],
  ['pandas.DataFrame', 'datasets.load_dataset()', 'to_pandas'],
  [
    'datasets.Dataset',
    'datasets.Dataset',
    'map filter shuffle select sort remove_columns rename_column rename_columns cast cast_column with_format shard flatten class_encode_column select_columns take skip flatten_indices add_column from_dict from_pandas from_list from_csv from_json from_parquet from_text from_generator',
  ],
  ['datasets.DatasetDict', 'datasets.Dataset', 'train_test_split'],
  ['pandas.DataFrame', 'datasets.Dataset', 'to_pandas'],
  ['datasets.IterableDataset', 'datasets.Dataset', 'to_iterable_dataset'],
  [
    'datasets.DatasetDict',
    'datasets.DatasetDict',
    'map filter shuffle select sort remove_columns rename_column rename_columns cast cast_column with_format flatten',
  ],
  [
    'datasets.IterableDataset',
    'datasets.IterableDataset',
    'map filter shuffle take skip remove_columns rename_column select_columns with_format batch',
  ],
  ['class', 'diffusers.DiffusionPipeline', 'from_pretrained from_single_file from_pipe'],
  ['self', 'diffusers.DiffusionPipeline', 'to'],
  ['class', 'diffusers.ModelMixin', 'from_pretrained from_single_file from_config'],
  [
    'arg:0',
    'peft',
    'get_peft_model prepare_model_for_kbit_training prepare_model_for_int8_training inject_adapter_in_model',
  ],
  ['arg:0', 'peft.PeftModel', 'from_pretrained'],
  ['self', 'peft.PeftModel', 'merge_and_unload unload get_base_model'],
  ['args', 'accelerate.Accelerator', 'prepare'],
  ['like:0', 'accelerate.Accelerator', 'gather gather_for_metrics reduce pad_across_processes'],
  [
    'torch.optim.lr_scheduler.LRScheduler',
    'transformers',
    'get_scheduler get_linear_schedule_with_warmup get_cosine_schedule_with_warmup get_constant_schedule get_constant_schedule_with_warmup get_polynomial_decay_schedule_with_warmup get_cosine_with_hard_restarts_schedule_with_warmup get_inverse_sqrt_schedule',
  ],
  ['torch.optim.lr_scheduler.LRScheduler', 'diffusers', 'get_scheduler'],
  ['torch.optim.Optimizer', 'timm', 'create_optimizer'],
  ['torch.optim.Optimizer', 'timm.optim', 'create_optimizer_v2'],
  ['class', 'keras_hub.models.Task', 'from_preset'],
  [
    'arg:0',
    'accelerate.Accelerator',
    'prepare_model prepare_data_loader prepare_optimizer prepare_scheduler unwrap_model',
  ],
  [
    'arg:0',
    'accelerate',
    'dispatch_model load_checkpoint_and_dispatch cpu_offload disk_offload extract_model_from_parallel',
  ],
  ['class', 'sentence_transformers.SentenceTransformer', 'load'],
  [
    'numpy.ndarray',
    'sentence_transformers.SentenceTransformer',
    'encode encode_multi_process encode_query encode_document',
  ],
  ['numpy.ndarray', 'sentence_transformers.CrossEncoder', 'predict'],
  ['torch.Tensor', 'sentence_transformers.util', 'cos_sim pytorch_cos_sim dot_score'],
  ['class', 'setfit.SetFitModel', 'from_pretrained'],
  ['class', 'optimum.onnxruntime.ORTModel', 'from_pretrained'],
  ['class', 'optimum.intel.OVModel', 'from_pretrained'],
  ['torch.StateDict', 'safetensors.torch', 'load_file load'],

  // ------------------------------------------------------- Keras, TensorFlow
  ['keras.Model', 'keras.models', 'load_model model_from_json model_from_yaml model_from_config'],
  ['like:0', 'keras.models', 'clone_model'],
  ['keras.Model', 'keras', 'load_model'],
  ['keras.callbacks.History', 'keras.Model', 'fit fit_generator'],
  ['numpy.ndarray', 'keras.Model', 'predict predict_on_batch predict_generator predict_proba'],
  ['keras.layers.Layer', 'keras.Model', 'get_layer'],
  ['class', 'keras.Model', 'from_config'],
  ['keras.KerasTensor', 'keras', 'Input'],
  ['keras.KerasTensor', 'keras.layers.Layer', '__call__'],
  ['keras.Model()', 'keras.Model', '__call__'],
  ['arg:0', 'tensorflow_model_optimization.sparsity.keras', 'prune_low_magnitude strip_pruning'],
  [
    'arg:0',
    'tensorflow_model_optimization.quantization.keras',
    'quantize_model quantize_apply quantize_annotate_model',
  ],
  [
    'tensorflow.data.Dataset',
    'tensorflow.data.Dataset',
    'from_tensor_slices from_tensors from_generator list_files range zip map batch padded_batch shuffle repeat cache prefetch filter take skip interleave flat_map concatenate window unbatch shard apply with_options enumerate sample_from_datasets choose_from_datasets ragged_batch rebatch save load random bucket_by_sequence_length take_while unique scan snapshot group_by_window ignore_errors rejection_resample',
  ],
  ['tensorflow.data.Dataset', 'tensorflow.data', 'TFRecordDataset TextLineDataset FixedLengthRecordDataset'],
  [
    'tensorflow.data.Dataset',
    'tensorflow.data.experimental',
    'make_csv_dataset sample_from_datasets CsvDataset load',
  ],
  [
    'tensorflow.data.Dataset',
    'keras.preprocessing',
    'image_dataset_from_directory text_dataset_from_directory timeseries_dataset_from_array',
  ],
  ['tensorflow.data.Dataset', 'keras.utils', 'audio_dataset_from_directory'],
  ['tensorflow_datasets.load()', 'tensorflow_datasets', 'load'],
  [
    'keras.preprocessing.image.DirectoryIterator',
    'keras.preprocessing.image.ImageDataGenerator',
    'flow_from_directory flow_from_dataframe flow',
  ],
  ['numpy.ndarray', 'keras.preprocessing.image', 'img_to_array'],
  ['numpy.ndarray', 'keras.preprocessing.sequence', 'pad_sequences'],
  ['numpy.ndarray', 'keras.utils', 'to_categorical'],
  ['each:numpy.ndarray', 'keras.datasets.mnist', 'load_data'],
  ['each:numpy.ndarray', 'keras.datasets.fashion_mnist', 'load_data'],
  ['each:numpy.ndarray', 'keras.datasets.cifar10', 'load_data'],
  ['each:numpy.ndarray', 'keras.datasets.cifar100', 'load_data'],
  ['each:numpy.ndarray', 'keras.datasets.imdb', 'load_data'],
  ['each:numpy.ndarray', 'keras.datasets.boston_housing', 'load_data'],
  ['each:numpy.ndarray', 'keras.datasets.california_housing', 'load_data'],
  ['each:numpy.ndarray', 'keras.datasets.reuters', 'load_data'],
  [
    'tensorflow.Tensor',
    'tensorflow',
    'constant convert_to_tensor zeros ones zeros_like ones_like fill range reshape cast concat stack expand_dims squeeze transpose matmul reduce_mean reduce_sum reduce_max reduce_min argmax argmin one_hot gather where tile pad einsum add subtract multiply divide square sqrt exp clip_by_value identity',
  ],
  ['tensorflow.Tensor', 'tensorflow.random', 'normal uniform truncated_normal'],
  ['tensorflow.Tensor', 'tensorflow.nn', 'softmax relu sigmoid log_softmax conv2d dropout'],
  ['numpy.ndarray', 'tensorflow.Tensor', 'numpy'],
  [
    'class',
    'tensorflow.lite.TFLiteConverter',
    'from_keras_model from_saved_model from_concrete_functions from_keras_model_file from_session from_frozen_graph',
  ],
  ['bytes', 'tensorflow.lite.TFLiteConverter', 'convert'],
  ['tensorflow.SavedModel', 'tensorflow.saved_model', 'load'],
  ['tensorflow_hub.load()', 'tensorflow_hub', 'load'],
  ['arg:0', 'tensorflow', 'function'],

  // ------------------------------------------------------------ scikit-learn
  ['self', 'sklearn.base.BaseEstimator', 'fit partial_fit set_params set_output'],
  [
    'numpy.ndarray',
    'sklearn.base.BaseEstimator',
    'predict predict_proba predict_log_proba decision_function transform fit_transform fit_predict inverse_transform',
  ],
  ['like:0', 'sklearn.base', 'clone'],
  ['sklearn.pipeline.Pipeline', 'sklearn.pipeline', 'make_pipeline'],
  ['sklearn.pipeline.FeatureUnion', 'sklearn.pipeline', 'make_union'],
  ['sklearn.compose.ColumnTransformer', 'sklearn.compose', 'make_column_transformer'],
  ['args:2', 'sklearn.model_selection', 'train_test_split'],
  ['numpy.ndarray', 'sklearn.model_selection', 'cross_val_score cross_val_predict'],
  ['args', 'sklearn.utils', 'shuffle resample'],
  ['xgboost.Booster', 'xgboost', 'train'],
  ['pandas.DataFrame', 'xgboost', 'cv'],
  ['lightgbm.Booster', 'lightgbm', 'train'],
  ['numpy.ndarray', 'xgboost.Booster', 'predict'],
  ['numpy.ndarray', 'lightgbm.Booster', 'predict'],
  ['catboost.CatBoost', 'catboost', 'train'],
  ['optuna.Study', 'optuna', 'create_study load_study'],

  // ---------------------------------------------------------- tables, arrays
  [
    'pandas.DataFrame',
    'pandas',
    'read_csv read_table read_fwf read_excel read_json read_parquet read_feather read_orc read_sql read_sql_query read_sql_table read_stata read_sas read_spss read_pickle read_hdf read_gbq read_clipboard read_xml concat merge merge_asof merge_ordered json_normalize get_dummies pivot pivot_table crosstab melt wide_to_long',
  ],
  [
    'pandas.DataFrame',
    'pandas.DataFrame',
    `${SAME_KIND} from_dict from_records applymap join map melt merge mode pivot pivot_table query reset_index select_dtypes set_index stack transpose unstack`,
  ],
  [
    'pandas.Series',
    'pandas.DataFrame',
    'sum mean median std var min max count nunique all any corrwith idxmax idxmin sem skew kurt duplicated pop value_counts memory_usage',
  ],
  [
    'unknown',
    'pandas.DataFrame',
    'apply agg aggregate align pipe dot squeeze quantile get items iterrows itertuples keys to_csv to_json to_parquet to_dict to_sql to_excel to_pickle to_string to_html to_markdown info plot hist boxplot insert update equals eval',
  ],
  ['numpy.ndarray', 'pandas.DataFrame', 'to_numpy to_records'],
  ['pandas.DataFrameGroupBy', 'pandas.DataFrame', 'groupby rolling expanding ewm resample'],
  [
    'pandas.DataFrame',
    'pandas.DataFrameGroupBy',
    'agg aggregate mean sum count min max first last size median std var head tail transform apply filter nunique describe cumsum cumcount rank shift fillna ffill bfill diff',
  ],
  [
    'pandas.Series',
    'pandas.Series',
    `${SAME_KIND} apply argsort autocorr between case_when duplicated map mode repeat value_counts str.lower str.upper str.strip str.replace str.split str.len str.contains str.extract dt.date dt.year dt.month dt.day dt.hour cat.codes`,
  ],
  ['pandas.DataFrame', 'pandas.Series', 'to_frame reset_index unstack'],
  ['numpy.ndarray', 'pandas.Series', 'to_numpy unique'],
  ['pandas.SeriesGroupBy', 'pandas.Series', 'groupby rolling expanding ewm resample'],
  [
    'pandas.Series',
    'pandas.SeriesGroupBy',
    'agg aggregate mean sum count min max first last size median std var head tail transform apply filter nunique describe cumsum cumcount rank shift fillna ffill bfill diff value_counts unique quantile',
  ],
  ['pandas.Series', 'pandas', 'to_numeric to_datetime cut qcut'],
  ['unknown', 'pandas.Series', 'item tolist to_list to_dict items min max sum mean'],
  [
    'numpy.ndarray',
    'numpy',
    'array asarray ascontiguousarray zeros ones empty full zeros_like ones_like empty_like full_like arange linspace logspace eye identity diag append concatenate stack vstack hstack dstack column_stack reshape ravel transpose expand_dims squeeze tile repeat where load loadtxt genfromtxt fromfile frombuffer argsort sort unique dot matmul exp log sqrt abs clip round floor ceil sum mean std var median cumsum argmax argmin maximum minimum insert delete flip roll pad copy isnan nan_to_num percentile quantile outer einsum power square add subtract multiply divide array_split meshgrid log1p sin cos tanh sign digitize histogram',
  ],
  [
    'numpy.ndarray',
    'numpy.random',
    'rand randn random random_sample normal uniform randint choice permutation binomial beta exponential standard_normal',
  ],
  [
    'numpy.ndarray',
    'numpy.ndarray',
    'reshape ravel flatten transpose astype copy squeeze repeat clip round dot cumsum sum mean std var max min argsort argmax argmin take swapaxes view T',
  ],
  ['unknown', 'numpy.ndarray', 'item tolist tobytes tofile dump sort fill'],
  [
    'jax.Array',
    'jax.numpy',
    'array asarray zeros ones zeros_like ones_like arange linspace concatenate stack dot matmul exp log sum mean where reshape',
  ],
  ['pandas.DataFrame', 'polars.DataFrame', 'to_pandas'],
  ['polars.DataFrame', 'polars', 'read_csv read_parquet read_json read_excel concat from_pandas'],
  ['polars.LazyFrame', 'polars', 'scan_csv scan_parquet'],
  ['polars.DataFrame', 'polars.LazyFrame', 'collect'],
  ['dask.dataframe.DataFrame', 'dask.dataframe', 'read_csv read_parquet from_pandas'],
  ['pandas.DataFrame', 'dask.dataframe.DataFrame', 'compute'],

  // ---------------------------------------------------------------- other ML
  [
    'fastai.Learner',
    'fastai',
    'vision_learner cnn_learner unet_learner text_classifier_learner language_model_learner tabular_learner collab_learner load_learner create_cnn',
  ],
  ['onnx.ModelProto', 'onnx', 'load load_model'],
  ['onnx.ModelProto', 'skl2onnx', 'to_onnx convert_sklearn'],
  ['coremltools.models.MLModel', 'coremltools', 'convert'],
  ['openvino.Model', 'openvino', 'convert_model'],
  ['openvino.CompiledModel', 'openvino', 'compile_model'],
  ['openvino.CompiledModel', 'openvino.Core', 'compile_model'],
  ['openvino.Model', 'openvino.Core', 'read_model'],
  ['spacy.Language', 'spacy', 'load blank'],
  ['arg:0', 'jax', 'jit'],
  ['gensim.KeyedVectors', 'gensim.downloader', 'load'],
  ['class', 'fasttext.FastText', 'load_model'],
  ['fasttext.FastText', 'fasttext', 'load_model train_supervised train_unsupervised'],
  ['llama_cpp.Llama', 'llama_cpp.Llama', 'from_pretrained'],
  ['joblib.load()', 'joblib', 'load'],
  ['pickle.load()', 'pickle', 'load loads'],
  [
    'cv2.dnn.Net',
    'cv2.dnn',
    'readNet readNetFromONNX readNetFromCaffe readNetFromTensorflow readNetFromDarknet',
  ],
  ['like:0', 'copy', 'deepcopy copy'],
  ['self', 'ultralytics.Model', 'to fuse load'],

  // ------------------------------------------------------------ model APIs
  ['self', 'openai.OpenAI', 'with_options copy'],
  ['self', 'anthropic.Anthropic', 'with_options copy'],
  ['google.generativeai.GenerativeModel', 'google.generativeai.GoogleGenerativeAI', 'getGenerativeModel'],
  ['google.generativeai.GenerativeModel', 'google.generativeai.GenerativeModel', 'from_cached_content'],
  ['google.generativeai.ChatSession', 'google.generativeai.GenerativeModel', 'start_chat startChat'],
  ['vertexai.GenerativeModel', 'vertexai.VertexAI', 'getGenerativeModel'],
  ['vertexai.ChatSession', 'vertexai.GenerativeModel', 'start_chat startChat'],
  ['class', 'vertexai.TextGenerationModel', 'from_pretrained'],
  ['google.genai.Chat', 'google.genai.Client', 'chats.create aio.chats.create'],
  [
    'self',
    'langchain.BaseLanguageModel',
    'bind bind_tools bindTools with_retry withRetry with_config withConfig with_fallbacks withFallbacks configurable_fields with_structured_output withStructuredOutput',
  ],
  ['langchain.BaseChatModel', 'langchain', 'init_chat_model initChatModel'],
  [
    'langchain.AgentExecutor',
    'langchain',
    'initialize_agent create_sql_agent create_pandas_dataframe_agent create_csv_agent initializeAgentExecutorWithOptions',
  ],
  ['langchain.AgentExecutor', 'langchain.AgentExecutor', 'from_agent_and_tools fromAgentAndTools'],
  ['class', 'langchain.Chain', 'from_chain_type from_llm fromLLM'],
  [
    'langchain.Chain',
    'langchain',
    'load_qa_chain load_summarize_chain create_retrieval_chain create_stuff_documents_chain',
  ],
  ['llama_index.QueryEngine', 'llama_index.VectorStoreIndex', 'as_query_engine asQueryEngine'],
  ['llama_index.ChatEngine', 'llama_index.VectorStoreIndex', 'as_chat_engine asChatEngine'],
  ['class', 'llama_index.VectorStoreIndex', 'from_documents fromDocuments from_vector_store'],
  ['arg:0', 'instructor', 'from_openai patch from_anthropic from_litellm'],
  ['arg:0', 'langsmith.wrappers', 'wrap_openai'],

  // --------------------------------------------------------------- servers
  ['express.Express', 'express', '__call__'],
  ['fastify.FastifyInstance', 'fastify', '__call__ fastify'],
  ['polka.Polka', 'polka', '__call__'],

  // -------------------------------------------------------- models in JavaScript
  ['tfjs.LayersModel', 'tfjs', 'loadLayersModel model'],
  ['tfjs.Sequential', 'tfjs', 'sequential'],
  ['tfjs.GraphModel', 'tfjs', 'loadGraphModel'],
  ['tfjs.Tensor', 'tfjs.LayersModel', 'predict predictOnBatch apply'],
  ['tfjs.Tensor', 'tfjs.GraphModel', 'predict execute executeAsync predictAsync'],
  [
    'tfjs.Tensor',
    'tfjs',
    'tensor tensor1d tensor2d tensor3d tensor4d tensor5d tensor6d scalar zeros zerosLike ones onesLike fill range linspace eye randomNormal randomUniform randomUniformInt truncatedNormal oneHot clone cast concat stack expandDims squeeze reshape transpose slice gather tile pad reverse matMul dot add sub mul div pow sqrt square exp log abs neg relu sigmoid tanh softmax logSoftmax sum mean max min argMax argMin where clipByValue greater less equal norm cos sin conv2d maxPool avgPool batchNorm cumsum prod variable',
  ],
  ['tfjs.Tensor', 'tfjs.browser', 'fromPixels fromPixelsAsync'],
  [
    'tfjs.Tensor',
    'tfjs.image',
    'resizeBilinear resizeNearestNeighbor cropAndResize flipLeftRight grayscaleToRGB rotateWithOffset',
  ],
  ['tfjs.Tensor', 'tfjs.node', 'decodeImage decodeJpeg decodePng decodeBmp'],
  ['each:tfjs.Tensor', 'tfjs', 'split unstack topk'],
  ['each:tfjs.Tensor', 'tfjs.Tensor', 'split unstack topk'],
  ['unknown', 'tfjs.Tensor', 'data dataSync array arraySync bytes buffer bufferSync print dispose toString'],
  ['transformersjs.Pipeline', 'transformersjs', 'pipeline'],
  ['class', 'transformersjs.PreTrainedModel', 'from_pretrained'],
  ['class', 'transformersjs.AutoTokenizer', 'from_pretrained'],
  ['class', 'transformersjs.AutoProcessor', 'from_pretrained'],
  ['onnxruntime.InferenceSession', 'onnxruntime.InferenceSession', 'create'],
  ['web-llm.MLCEngine', 'web-llm', 'CreateMLCEngine CreateWebWorkerMLCEngine CreateServiceWorkerMLCEngine'],
  ['@tensorflow-models/coco-ssd.ObjectDetection', '@tensorflow-models/coco-ssd', 'load'],
  ['@tensorflow-models/mobilenet.MobileNet', '@tensorflow-models/mobilenet', 'load'],
  ['@tensorflow-models/body-pix.BodyPix', '@tensorflow-models/body-pix', 'load'],
  ['@tensorflow-models/posenet.PoseNet', '@tensorflow-models/posenet', 'load'],
  ['@tensorflow-models/blazeface.BlazeFaceModel', '@tensorflow-models/blazeface', 'load'],
  [
    '@tensorflow-models/universal-sentence-encoder.UniversalSentenceEncoder',
    '@tensorflow-models/universal-sentence-encoder',
    'load',
  ],
  ['@tensorflow-models/toxicity.ToxicityClassifier', '@tensorflow-models/toxicity', 'load'],
  [
    '@tensorflow-models/hand-pose-detection.HandDetector',
    '@tensorflow-models/hand-pose-detection',
    'createDetector',
  ],
  ['@tensorflow-models/pose-detection.PoseDetector', '@tensorflow-models/pose-detection', 'createDetector'],
  [
    '@tensorflow-models/face-landmarks-detection.FaceLandmarksDetector',
    '@tensorflow-models/face-landmarks-detection',
    'createDetector load',
  ],
];

/** What a method returns when its owner has no row for it. */
export const DEFAULT_METHODS: Readonly<Record<string, string>> = {
  'torch.Tensor': 'torch.Tensor',
  'tfjs.Tensor': 'tfjs.Tensor',
};

/** Calling an object of these types gives a tensor. A plain `torch.nn.Module` may return anything. */
export const CALL_PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/^torch\.nn\.(?:LSTM|GRU|RNN|MultiheadAttention|AdaptiveLogSoftmaxWithLoss)$/, 'each:torch.Tensor'],
  [/^torch\.nn\.(?!Module$|Sequential$|ModuleList$|ModuleDict$|DataParallel$)[A-Z_]\w*$/, 'torch.Tensor'],
  [/^torchvision\.models\.[A-Z]\w*$/, 'torch.Tensor'],
];

/** Functions by pattern of the name. */
export const FUNCTION_PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/^torchvision\.models\.(?:[a-z_]\w*\.)*[a-z]\w*$/, 'torch.nn.Module'],
  [/^torch\.nn\.functional\.[a-z]\w*$/, 'torch.Tensor'],
  [/^timm\.models\.[a-z]\w*\d\w*$/, 'torch.nn.Module'],
  [/^torchaudio\.models\.[a-z]\w*$/, 'torch.nn.Module'],
];

const SUBMODULES =
  'features classifier fc head heads encoder decoder layer1 layer2 layer3 layer4 conv1 bn1 avgpool AuxLogits model base_model bert roberta distilbert transformer lm_head score vision_model text_model embeddings'.split(
    ' ',
  );

/** Attributes of library objects. `self`: the wrapped thing is the thing. */
export const ATTRIBUTES: Readonly<Record<string, string>> = {
  'pandas.DataFrame.values': 'numpy.ndarray',
  'pandas.DataFrame.T': 'pandas.DataFrame',
  'pandas.DataFrame.columns': 'pandas.Index',
  'pandas.DataFrame.index': 'pandas.Index',
  'pandas.Series.values': 'numpy.ndarray',
  'pandas.Series.index': 'pandas.Index',
  'numpy.ndarray.T': 'numpy.ndarray',
  'torch.Tensor.data': 'torch.Tensor',
  'torch.Tensor.grad': 'torch.Tensor',
  'torch.Tensor.T': 'torch.Tensor',
  'torch.Tensor.mT': 'torch.Tensor',
  'torch.nn.Module.module': 'self',
  ...Object.fromEntries(
    // Submodules that user code takes from library models, mostly to freeze or to replace them.
    [
      [
        'torchvision.models',
        'ResNet VGG AlexNet DenseNet EfficientNet MobileNetV2 MobileNetV3 VisionTransformer SwinTransformer ConvNeXt GoogLeNet Inception3 SqueezeNet ShuffleNetV2 MNASNet RegNet',
      ],
      ['transformers', 'PreTrainedModel'],
    ].flatMap(([library, types]) =>
      types!
        .split(' ')
        .flatMap((type) =>
          SUBMODULES.map((submodule) => [`${library}.${type}.${submodule}`, 'torch.nn.Module'] as const),
        ),
    ),
  ),
  'transformers.Trainer.model': 'transformers.PreTrainedModel',
  'transformers.Pipeline.model': 'transformers.PreTrainedModel',
  'transformers.Pipeline.tokenizer': 'transformers.PreTrainedTokenizer',
  'transformers.ModelOutput.logits': 'torch.Tensor',
  'transformers.ModelOutput.loss': 'torch.Tensor',
  'transformers.ModelOutput.last_hidden_state': 'torch.Tensor',
  'transformers.ModelOutput.pooler_output': 'torch.Tensor',
  'fastai.Learner.model': 'torch.nn.Module',
  'ultralytics.Model.model': 'torch.nn.Module',
};

/** What indexing gives: by a string key, and by anything else (a list, a mask, a slice). */
export const ITEMS: Readonly<Record<string, { readonly key: string | null; readonly other: string | null }>> =
  {
    'pandas.DataFrame': { key: 'pandas.Series', other: 'pandas.DataFrame' },
    'pandas.DataFrameGroupBy': { key: 'pandas.SeriesGroupBy', other: 'pandas.DataFrameGroupBy' },
    'pandas.Series': { key: null, other: null },
    'torch.Tensor': { key: null, other: 'torch.Tensor' },
    'numpy.ndarray': { key: null, other: 'numpy.ndarray' },
    'tensorflow.Tensor': { key: null, other: 'tensorflow.Tensor' },
    'datasets.DatasetDict': { key: 'datasets.Dataset', other: null },
    'datasets.load_dataset()': { key: 'datasets.load_dataset()', other: null },
    'torch.nn.Sequential': { key: null, other: 'torch.nn.Module' },
    'torch.nn.ModuleList': { key: null, other: 'torch.nn.Module' },
    'torch.nn.ModuleDict': { key: 'torch.nn.Module', other: null },
    'transformers.BatchEncoding': { key: 'torch.Tensor', other: null },
    'transformers.ModelOutput': { key: 'torch.Tensor', other: 'torch.Tensor' },
  };
