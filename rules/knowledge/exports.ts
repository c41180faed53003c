/** What turns a training framework's model into a form made for inference. */
import { namesOf, tableOf } from './table.ts';

export type ExportFormat =
  | 'onnx'
  | 'tensorrt'
  | 'openvino'
  | 'coreml'
  | 'litert'
  | 'executorch'
  | 'torch.compile'
  | 'torch.export'
  | 'torchscript'
  | 'bettertransformer'
  | 'tfjs'
  | 'gguf'
  | 'ctranslate2'
  | 'saved-model'
  | 'xla';

export interface Export {
  readonly name: string;
  readonly format: ExportFormat;
  /** `converts` a model into the format, `compiles` it in place, or `runs` one that was converted elsewhere. */
  readonly does: 'converts' | 'compiles' | 'runs';
  /** Argument that holds the model; null when it is the receiver or a path. */
  readonly model: { readonly name: string; readonly position: number } | null;
}

const first = (name: string): { name: string; position: number } => ({ name, position: 0 });

const row = (
  name: string,
  format: ExportFormat,
  does: 'converts' | 'compiles' | 'runs' = 'converts',
  model: { readonly name: string; readonly position: number } | null = first('model'),
): Export => ({ name, format, does, model });

export const EXPORTS: readonly Export[] = [
  row('torch.onnx.export', 'onnx'),
  row('torch.onnx.dynamo_export', 'onnx'),
  row('lightning.LightningModule.to_onnx', 'onnx', 'converts', null),
  row('lightning.LightningModule.to_torchscript', 'torchscript', 'converts', null),
  row('lightning.LightningModule.to_tensorrt', 'tensorrt', 'converts', null),
  row('tf2onnx.convert.from_keras', 'onnx'),
  row('tf2onnx.convert.from_function', 'onnx', 'converts', first('function')),
  row('keras2onnx.convert_keras', 'onnx'),
  row('skl2onnx.to_onnx', 'onnx'),
  row('skl2onnx.convert_sklearn', 'onnx'),
  row('onnxmltools.convert_xgboost', 'onnx'),
  row('onnxmltools.convert_lightgbm', 'onnx'),
  row('onnxmltools.convert_keras', 'onnx'),
  row('optimum.exporters.onnx.main_export', 'onnx', 'converts', null),
  row('optimum.onnxruntime.ORTModel.from_pretrained', 'onnx', 'runs', null),
  row('onnxruntime.InferenceSession', 'onnx', 'runs', null),
  row('onnxruntime.InferenceSession.create', 'onnx', 'runs', null),
  row('torch_tensorrt.compile', 'tensorrt', 'compiles', first('module')),
  row('torch2trt.torch2trt', 'tensorrt', 'converts', first('module')),
  row('tensorrt.Builder.build_serialized_network', 'tensorrt', 'converts', null),
  row('tensorrt.Builder.build_engine', 'tensorrt', 'converts', null),
  row('tensorrt.Runtime.deserialize_cuda_engine', 'tensorrt', 'runs', null),
  row('tensorflow.experimental.tensorrt.Converter', 'tensorrt', 'converts', null),
  row('openvino.convert_model', 'openvino', 'converts', first('input_model')),
  row('openvino.compile_model', 'openvino', 'compiles', null),
  row('openvino.Core.compile_model', 'openvino', 'runs', null),
  row('optimum.intel.OVModel.from_pretrained', 'openvino', 'runs', null),
  row('coremltools.convert', 'coreml'),
  row('tensorflow.lite.TFLiteConverter.convert', 'litert', 'converts', null),
  row('tensorflow.lite.Interpreter', 'litert', 'runs', null),
  row('ai_edge_torch.convert', 'litert'),
  row('litert_torch.convert', 'litert'),
  row('executorch.exir.to_edge', 'executorch', 'converts', null),
  row('executorch.exir.to_edge_transform_and_lower', 'executorch', 'converts', null),
  row('torch.compile', 'torch.compile', 'compiles'),
  row('torch.nn.Module.compile', 'torch.compile', 'compiles', null),
  row('torch.export.export', 'torch.export', 'converts', first('mod')),
  row('torch._export.aot_compile', 'torch.export', 'converts', first('f')),
  row('torch._inductor.aoti_compile_and_package', 'torch.export', 'converts', null),
  row('torch.jit.script', 'torchscript', 'compiles', first('obj')),
  row('torch.jit.trace', 'torchscript', 'compiles', first('func')),
  row('torch.jit.load', 'torchscript', 'runs', null),
  row('torch.utils.mobile_optimizer.optimize_for_mobile', 'torchscript', 'converts', first('script_module')),
  row('transformers.PreTrainedModel.to_bettertransformer', 'bettertransformer', 'compiles', null),
  row('optimum.bettertransformer.BetterTransformer.transform', 'bettertransformer', 'compiles'),
  row('intel_extension_for_pytorch.optimize', 'openvino', 'compiles'),
  row('tensorflowjs.converters.save_keras_model', 'tfjs'),
  row('ctranslate2.Translator', 'ctranslate2', 'runs', null),
  row('faster_whisper.WhisperModel', 'ctranslate2', 'runs', null),
  row('llama_cpp.Llama', 'gguf', 'runs', null),
  row('vllm.LLM', 'torch.compile', 'runs', null),
  row('keras.Model.export', 'saved-model', 'converts', null),
  row('tensorflow.saved_model.save', 'saved-model', 'converts', first('obj')),
  row('jax.jit', 'xla', 'compiles', first('fun')),
  row('ultralytics.Model.export', 'onnx', 'converts', null),
];

export const exportOf = tableOf(EXPORTS);
export const EXPORT_NAMES = namesOf(EXPORTS);

/** Shell commands (in a notebook or a `subprocess` call) that convert a model. */
export const EXPORT_COMMANDS: readonly string[] = [
  'tf2onnx.convert',
  'optimum-cli export',
  'trtexec',
  'tensorflowjs_converter',
  'tensorflowjs_wizard',
  'ovc ',
  'onnxsim ',
  'convert_hf_to_gguf',
  'ct2-transformers-converter',
];
