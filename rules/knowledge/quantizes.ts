/** What lowers the precision of a model's weights or computation. */
import { namesOf, tableOf } from './table.ts';

export interface Quantization {
  readonly name: string;
  readonly framework: string;
  /** Bits of a weight afterwards; null when an argument decides. */
  readonly bits: 16 | 8 | 4 | null;
  /** Needs a pass over sample data. */
  readonly calibrates: boolean;
}

const row = (name: string, framework: string, bits: 16 | 8 | 4 | null, calibrates = false): Quantization => ({
  name,
  framework,
  bits,
  calibrates,
});

export const QUANTIZATIONS: readonly Quantization[] = [
  row('torch.ao.quantization.quantize_dynamic', 'torch', 8),
  row('torch.ao.quantization.quantize', 'torch', 8, true),
  row('torch.ao.quantization.prepare', 'torch', 8, true),
  row('torch.ao.quantization.prepare_qat', 'torch', 8, true),
  row('torch.ao.quantization.convert', 'torch', 8, true),
  row('torch.ao.quantization.quantize_fx.prepare_fx', 'torch', 8, true),
  row('torch.ao.quantization.quantize_fx.prepare_qat_fx', 'torch', 8, true),
  row('torch.ao.quantization.quantize_fx.convert_fx', 'torch', 8, true),
  row('torch.ao.quantization.quantize_pt2e.prepare_pt2e', 'torch', 8, true),
  row('torch.ao.quantization.quantize_pt2e.convert_pt2e', 'torch', 8, true),
  row('torchao.quantization.quantize_', 'torchao', null),
  row('torchao.quantization.autoquant', 'torchao', null),
  row('torchao.autoquant', 'torchao', null),
  row('torchao.quantization.pt2e.quantize_pt2e.prepare_pt2e', 'torchao', 8, true),
  row('torchao.quantization.pt2e.quantize_pt2e.convert_pt2e', 'torchao', 8, true),
  row('torch.nn.Module.half', 'torch', 16),
  row('torch.nn.Module.bfloat16', 'torch', 16),
  row('transformers.BitsAndBytesConfig', 'transformers', null),
  row('transformers.TorchAoConfig', 'transformers', null),
  row('transformers.GPTQConfig', 'transformers', null, true),
  row('transformers.AwqConfig', 'transformers', 4),
  row('transformers.QuantoConfig', 'transformers', null),
  row('transformers.HqqConfig', 'transformers', null),
  row('transformers.EetqConfig', 'transformers', 8),
  row('transformers.FbgemmFp8Config', 'transformers', 8),
  row('transformers.FineGrainedFP8Config', 'transformers', 8),
  row('transformers.Mxfp4Config', 'transformers', 4),
  row('diffusers.BitsAndBytesConfig', 'diffusers', null),
  row('diffusers.PipelineQuantizationConfig', 'diffusers', null),
  row('optimum.quanto.quantize', 'quanto', null),
  row('auto_gptq.AutoGPTQForCausalLM.from_quantized', 'gptq', 4),
  row('gptqmodel.GPTQModel.load', 'gptq', 4),
  row('awq.AutoAWQForCausalLM.from_quantized', 'awq', 4),
  row('bitsandbytes.nn.Linear8bitLt', 'bitsandbytes', 8),
  row('bitsandbytes.nn.Linear4bit', 'bitsandbytes', 4),
  row('unsloth.FastLanguageModel.from_pretrained', 'unsloth', null),
  row('onnxruntime.quantization.quantize_dynamic', 'onnxruntime', 8),
  row('onnxruntime.quantization.quantize_static', 'onnxruntime', 8, true),
  row('optimum.onnxruntime.ORTQuantizer.quantize', 'onnxruntime', 8),
  row('onnxconverter_common.float16.convert_float_to_float16', 'onnxruntime', 16),
  row('openvino.compress_model_transformation', 'openvino', 16),
  row('nncf.compress_weights', 'openvino', null),
  row('nncf.quantize', 'openvino', 8, true),
  row('optimum.intel.OVWeightQuantizationConfig', 'openvino', null),
  row('neural_compressor.quantization.fit', 'neural_compressor', 8, true),
  row('keras.Model.quantize', 'keras', null),
  row('tensorflow_model_optimization.quantization.keras.quantize_model', 'keras', 8, true),
  row('coremltools.optimize.coreml.linear_quantize_weights', 'coreml', 8),
  row('coremltools.optimize.coreml.palettize_weights', 'coreml', null),
  row('sentence_transformers.export_dynamic_quantized_onnx_model', 'onnxruntime', 8),
  row('sentence_transformers.export_static_quantized_openvino_model', 'openvino', 8, true),
];

export const quantizationOf = tableOf(QUANTIZATIONS);
export const QUANTIZATION_NAMES = namesOf(QUANTIZATIONS);

/** Arguments of a loading call that lower precision, with the values that do. `*`: any value that is not null. */
export const PRECISION_ARGUMENTS: readonly {
  readonly argument: string;
  readonly values: readonly (string | boolean)[] | '*';
}[] = [
  { argument: 'quantization_config', values: '*' },
  { argument: 'load_in_8bit', values: [true] },
  { argument: 'load_in_4bit', values: [true] },
  { argument: 'quantization', values: '*' },
  {
    argument: 'dtype',
    values: [
      'auto',
      'float16',
      'bfloat16',
      'half',
      'fp16',
      'bf16',
      'q8',
      'int8',
      'uint8',
      'q4',
      'bnb4',
      'q4f16',
    ],
  },
  { argument: 'torch_dtype', values: ['auto', 'float16', 'bfloat16'] },
  {
    argument: 'compute_type',
    values: ['int8', 'int8_float16', 'int8_bfloat16', 'int16', 'float16', 'bfloat16'],
  },
  { argument: 'fp16', values: [true] },
  { argument: 'bf16', values: [true] },
  { argument: 'half', values: [true] },
  { argument: 'variant', values: ['fp16', 'bf16'] },
  { argument: 'quantized', values: [true] },
];

/** torch dtypes below float32, as canonical names. */
export const LOW_PRECISION_DTYPES: readonly string[] = [
  'torch.float16',
  'torch.half',
  'torch.bfloat16',
  'torch.int8',
  'torch.qint8',
  'torch.float8_e4m3fn',
];

/**
 * From how many million parameters 4-bit weights save energy on a GPU. Below, dequantization costs more than it
 * saves: NF4 raised energy by 26 to 29 % at 1.5 B and fewer, and lowered it by 11 % at 7 B (bitsandbytes issues
 * 1851 and 1867); in between nothing was measured, so the threshold is the size at which a saving was.
 */
export const FOUR_BIT_SAVES_FROM = 7000;
