import type { Call, Expr, Module } from '../../analysis/model.ts';
import { enclosingFunction, statementOf } from '../../analysis/tree.ts';
import { addArgument, insertAfter, insertBefore, startsLine, textOf } from '../edits.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { statedInProgram } from '../semantics/memo.ts';
import { statedIn } from '../semantics/text.ts';

export default defineRule({
  id: 'unoptimized-conversion',
  phase: 'deployment',
  languages: ['python'],
  severity: 'information',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'high',
    source: {
      en: 'rules/knowledge levers: TFLite dynamic range quantization 4x smaller, 2-3x faster on CPU (ai.google.dev/edge/litert, post-training quantization)',
      fr: 'rules/knowledge, levers : quantification dynamique de TFLite 4x plus petit, 2 à 3x plus rapide sur CPU (ai.google.dev/edge/litert, post-training quantization)',
    },
  },
  references: {
    course: [
      "Conversion — Étape 3. Application d'optimisations structurelles : « Quantization post-training (réduction des poids en int8 ou float16) »",
      'Optimisation : Gains typiques — « un modèle TensorFlow de 300 Mo converti en TFLite quantifié peut descendre à 25 Mo »',
    ],
    links: ['https://ai.google.dev/edge/litert/models/post_training_quantization'],
  },
  libraries: ['tensorflow', 'torch_tensorrt', 'torch2trt', 'tensorrt'],
  title: {
    en: 'Model converted with no optimization',
    fr: 'Modèle converti sans optimisation',
  },
  what: {
    en: 'A converter runs at full precision: `TFLiteConverter.convert()` with no `optimizations`, `torch_tensorrt.compile` with neither `enable_autocast` nor `enabled_precisions`, `torch2trt` with neither `fp16_mode` nor `int8_mode`, a TensorRT builder with no FP16 or INT8 flag.',
    fr: 'Un convertisseur travaille en pleine précision : `TFLiteConverter.convert()` sans `optimizations`, `torch_tensorrt.compile` sans `enable_autocast` ni `enabled_precisions`, `torch2trt` sans `fp16_mode` ni `int8_mode`, un builder TensorRT sans drapeau FP16 ni INT8.',
  },
  why: {
    en: 'The conversion is where precision costs nothing to lower: TFLite’s dynamic range quantization makes a model 4 times smaller and 2 to 3 times as fast on a CPU (LiteRT documentation), in one line and with no data.',
    fr: 'C’est à la conversion que baisser la précision ne coûte rien : la quantification « dynamic range » de TFLite rend un modèle 4 fois plus petit et 2 à 3 fois plus rapide sur CPU (documentation LiteRT), en une ligne et sans données.',
  },
  instead: {
    en: 'Set `converter.optimizations = [tf.lite.Optimize.DEFAULT]` before `convert()`; give TensorRT FP16. Check the accuracy of the result. Ignore this where the target runs floats only, or where a float file is wanted as a reference.',
    fr: 'Écrivez `converter.optimizations = [tf.lite.Optimize.DEFAULT]` avant `convert()` ; donnez FP16 à TensorRT. Vérifiez la précision du résultat. À ignorer si la cible n’exécute que des flottants, ou si un fichier en flottants sert de référence.',
  },
  messages: {
    default: {
      en: 'The TFLite model keeps 32-bit weights: no optimizations are set before convert().',
      fr: 'Le modèle TFLite garde des poids sur 32 bits : aucune optimisation n’est demandée avant convert().',
    },
    tensorrt: {
      en: 'TensorRT compiles this model in 32 bits: no reduced precision is allowed.',
      fr: 'TensorRT compile ce modèle en 32 bits : aucune précision réduite n’est autorisée.',
    },
  },
  on: {
    module(module, context) {
      const { flow } = context;
      for (const call of module.calls) {
        const names = flow.names(call);
        if (names.includes('tensorflow.lite.TFLiteConverter.convert')) checkLite(call, context);
        else if (names.includes('torch_tensorrt.compile'))
          checkArgument(call, TORCH_PRECISIONS, lowerPrecision(call, context.module), context);
        else if (names.includes('torch2trt.torch2trt'))
          checkArgument(call, ['fp16_mode', 'int8_mode'], 'fp16_mode=True', context);
        else if (names.includes('tensorrt.Builder.create_builder_config')) checkBuilder(call, context);
        else if (names.includes('tensorrt.Builder.build_cuda_engine')) checkOldBuilder(call, context);
      }
    },
  },
  examples: {
    bad: [
      {
        code: 'import tensorflow as tf\n\nmodel = tf.keras.models.load_model("wildlife.h5")\nconverter = tf.lite.TFLiteConverter.from_keras_model(model)\ntflite_model = converter.convert()\n\nwith open("wildlife.tflite", "wb") as f:\n    f.write(tflite_model)\n',
        fixed:
          'import tensorflow as tf\n\nmodel = tf.keras.models.load_model("wildlife.h5")\nconverter = tf.lite.TFLiteConverter.from_keras_model(model)\nconverter.optimizations = [tf.lite.Optimize.DEFAULT]\ntflite_model = converter.convert()\n\nwith open("wildlife.tflite", "wb") as f:\n    f.write(tflite_model)\n',
      },
      {
        code: 'from pathlib import Path\nimport tensorflow as tf\n\n\ndef export(folder):\n    converter = tf.lite.TFLiteConverter.from_saved_model(folder)\n    converter.target_spec.supported_types = [tf.float16]\n    Path("model.tflite").write_bytes(converter.convert())\n\n\nexport("saved")\n',
        fixed:
          'from pathlib import Path\nimport tensorflow as tf\n\n\ndef export(folder):\n    converter = tf.lite.TFLiteConverter.from_saved_model(folder)\n    converter.target_spec.supported_types = [tf.float16]\n    converter.optimizations = [tf.lite.Optimize.DEFAULT]\n    Path("model.tflite").write_bytes(converter.convert())\n\n\nexport("saved")\n',
        note: {
          en: '`supported_types` has no effect without `optimizations`.',
          fr: '`supported_types` n’a pas d’effet sans `optimizations`.',
        },
      },
      {
        code: 'import torch\nimport torch_tensorrt\nfrom torchvision.models import resnet50\n\nmodel = resnet50(weights="DEFAULT").eval().cuda()\ncompiled = torch_tensorrt.compile(model, inputs=[torch_tensorrt.Input((1, 3, 224, 224))])\n',
        fixed:
          'import torch\nimport torch_tensorrt\nfrom torchvision.models import resnet50\n\nmodel = resnet50(weights="DEFAULT").eval().cuda()\ncompiled = torch_tensorrt.compile(model, inputs=[torch_tensorrt.Input((1, 3, 224, 224))], enable_autocast=True, autocast_low_precision_type=torch.half)\n',
        note: {
          en: 'Torch-TensorRT has dropped `enabled_precisions` from this path and ignores it there.',
          fr: 'Torch-TensorRT a retiré `enabled_precisions` de ce chemin et l’y ignore.',
        },
      },
      {
        code: 'import torch\nimport torch_tensorrt\n\nscripted = torch.jit.load("eye.pt").eval().cuda()\nfast = torch_tensorrt.compile(scripted, ir="ts", inputs=[torch_tensorrt.Input((1, 3, 64, 64))])\n',
        fixed:
          'import torch\nimport torch_tensorrt\n\nscripted = torch.jit.load("eye.pt").eval().cuda()\nfast = torch_tensorrt.compile(scripted, ir="ts", inputs=[torch_tensorrt.Input((1, 3, 64, 64))], enabled_precisions={torch.half})\n',
        note: { en: 'TorchScript’s path still takes it.', fr: 'Le chemin de TorchScript le prend encore.' },
      },
      {
        code: 'import tensorrt as trt\n\nlogger = trt.Logger(trt.Logger.WARNING)\nbuilder = trt.Builder(logger)\nnetwork = builder.create_network(1)\nparser = trt.OnnxParser(network, logger)\nparser.parse_from_file("net.onnx")\nconfig = builder.create_builder_config()\nengine = builder.build_serialized_network(network, config)\n',
        fixed:
          'import tensorrt as trt\n\nlogger = trt.Logger(trt.Logger.WARNING)\nbuilder = trt.Builder(logger)\nnetwork = builder.create_network(1)\nparser = trt.OnnxParser(network, logger)\nparser.parse_from_file("net.onnx")\nconfig = builder.create_builder_config()\nconfig.set_flag(trt.BuilderFlag.FP16)\nengine = builder.build_serialized_network(network, config)\n',
      },
      {
        code: 'import tensorflow as tf\n\nconverter = tf.lite.TFLiteConverter.from_saved_model("saved")\nconverter.optimizations = []\nmodel = converter.convert()\n',
        fixed:
          'import tensorflow as tf\n\nconverter = tf.lite.TFLiteConverter.from_saved_model("saved")\nconverter.optimizations = []\nconverter.optimizations = [tf.lite.Optimize.DEFAULT]\nmodel = converter.convert()\n',
        note: { en: 'An empty list asks for nothing.', fr: 'Une liste vide ne demande rien.' },
      },
      {
        code: 'import tensorrt as trt\n\nlogger = trt.Logger()\n\n\ndef build(path):\n    builder = trt.Builder(logger)\n    network = builder.create_network(1)\n    trt.OnnxParser(network, logger).parse_from_file(path)\n    config = builder.create_builder_config()\n    # config.set_flag(trt.BuilderFlag.FP16)\n    return builder.build_engine(network, config)\n',
        fixed:
          'import tensorrt as trt\n\nlogger = trt.Logger()\n\n\ndef build(path):\n    builder = trt.Builder(logger)\n    network = builder.create_network(1)\n    trt.OnnxParser(network, logger).parse_from_file(path)\n    config = builder.create_builder_config()\n    config.set_flag(trt.BuilderFlag.FP16)\n    # config.set_flag(trt.BuilderFlag.FP16)\n    return builder.build_engine(network, config)\n',
        note: { en: 'The flag is commented out.', fr: 'Le drapeau est en commentaire.' },
      },
      {
        code: 'import tensorrt as trt\n\nlogger = trt.Logger()\nwith trt.Builder(logger) as builder, builder.create_network() as network, trt.OnnxParser(network, logger) as parser:\n    builder.max_batch_size = 1\n    parser.parse(open("net.onnx", "rb").read())\n    engine = builder.build_cuda_engine(network)\n',
        fixed:
          'import tensorrt as trt\n\nlogger = trt.Logger()\nwith trt.Builder(logger) as builder, builder.create_network() as network, trt.OnnxParser(network, logger) as parser:\n    builder.max_batch_size = 1\n    parser.parse(open("net.onnx", "rb").read())\n    builder.fp16_mode = True\n    engine = builder.build_cuda_engine(network)\n',
        note: { en: 'An engine of TensorRT 7.', fr: 'Un moteur de TensorRT 7.' },
      },
    ],
    good: [
      {
        code: 'import tensorflow as tf\n\nconverter = tf.lite.TFLiteConverter.from_saved_model("saved")\nconverter.optimizations = [tf.lite.Optimize.DEFAULT]\nopen("model.tflite", "wb").write(converter.convert())\n',
      },
      {
        code: 'import tensorflow as tf\n\nconverter = tf.lite.TFLiteConverter.from_saved_model("saved")\nfloat_model = converter.convert()\nconverter.optimizations = [tf.lite.Optimize.DEFAULT]\nquantized = converter.convert()\nprint(len(float_model), len(quantized))\n',
        note: {
          en: 'The float file is a reference for the quantized one.',
          fr: 'Le fichier en flottants sert de référence au fichier quantifié.',
        },
      },
      {
        code: 'import tensorflow as tf\n\n\ndef tune(converter):\n    converter.optimizations = [tf.lite.Optimize.DEFAULT]\n\n\nconverter = tf.lite.TFLiteConverter.from_saved_model("saved")\ntune(converter)\nmodel = converter.convert()\n',
      },
      {
        code: 'import torch\nimport torch_tensorrt\n\nmodel = build().half().cuda()\ncompiled = torch_tensorrt.compile(model, inputs=[torch.randn(1, 3, 224, 224).half().cuda()])\n',
        note: { en: 'The model is in half precision already.', fr: 'Le modèle est déjà en demi-précision.' },
      },
      {
        code: 'import torch_tensorrt\n\ncompiled = torch_tensorrt.compile(model, inputs=[example], enable_autocast=True)\n',
        note: { en: 'Autocast lowers the precision.', fr: 'Autocast abaisse la précision.' },
      },
      {
        code: 'from torch2trt import torch2trt\n\nengine = torch2trt(model, [example], fp16_mode=True)\n',
      },
      {
        code: 'import pandas as pd\n\nconverter = build_converter()\nframe = converter.convert()\n',
        note: { en: 'Some other converter.', fr: 'Un tout autre convertisseur.' },
      },
    ],
  },
});

/** Assignments to an attribute, and calls that set one by name. */
function setsAttribute(module: Module, attribute: RegExp): boolean {
  return (
    module.assigns.some(
      (assign) =>
        // an empty list asks for nothing
        !(assign.value?.kind === 'sequence' && assign.value.items.length === 0) &&
        assign.targets.some((target) => target.kind === 'member' && attribute.test(target.property)),
    ) ||
    module.calls.some(
      ({ callee, args }) =>
        callee.kind === 'name' &&
        callee.name === 'setattr' &&
        args[1]?.value.kind === 'literal' &&
        attribute.test(String(args[1].value.value)),
    )
  );
}

const optimizes = statedInProgram((one) => setsAttribute(one, /^(?:optimizations|post_training_quantize)$/));

const lowersPrecision = statedInProgram((one) =>
  /\b(?:FP16|INT8|BF16|FP8|STRONGLY_TYPED|fp16_mode|int8_mode)\b/.test(statedIn(one)),
);

function checkLite(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  const { callee } = call;
  if (callee.kind !== 'member') return;
  // some converter here is optimized: this one, or one that it is the reference for
  if (optimizes(module, flow)) return context.pass(callee);
  const converter = callee.object;
  const origin = flow.objects(converter).find((one) => one.origin)?.origin;
  const fix = origin ? liteFix(converter, origin, call, module) : null;
  context.fail(callee, { fixes: fix ? [fix] : [] });
}

function liteFix(converter: Expr, origin: Call, call: Call, module: Module): Fix | null {
  const statement = statementOf(call);
  if ((converter.kind !== 'name' && converter.kind !== 'member') || !startsLine(module, statement))
    return null;
  const made = textOf(module, origin.callee);
  const prefix = /^(.*\blite)\.TFLiteConverter\.\w+$/.exec(made)?.[1];
  return {
    title: {
      en: 'Quantize the weights at conversion',
      fr: 'Quantifier les poids à la conversion',
    },
    edits: () => [
      insertBefore(module, statement, [
        `${textOf(module, converter)}.optimizations = [${prefix ?? 'tf.lite'}.Optimize.DEFAULT]`,
      ]),
    ],
    imports: prefix ? [] : ['import tensorflow as tf'],
  };
}

const TORCH_PRECISIONS = [
  'enable_autocast',
  'autocast_low_precision_type',
  'enabled_precisions',
  'use_explicit_typing',
];

/** TorchScript's path takes precisions; Dynamo's has autocast and ignores them (Torch-TensorRT since April 2026). */
function lowerPrecision(call: Call, module: Module): string {
  return /\bir\s*=\s*['"](?:ts|torchscript)['"]/.test(textOf(module, call))
    ? 'enabled_precisions={torch.half}'
    : 'enable_autocast=True, autocast_low_precision_type=torch.half';
}

function checkArgument(call: Call, names: readonly string[], argument: string, context: RuleContext): void {
  const { flow, module } = context;
  const lookups = names.map((name) => flow.argument(call, name));
  if (lookups.some((one) => one.state === 'unknown')) return;
  if (lookups.some((one) => one.state === 'given')) return context.pass(call.callee);
  // the model itself may be in half precision
  if (/\.half\(|float16|bfloat16|torch\.half/.test(module.text)) return;
  const edit = addArgument(module, call, argument);
  context.fail(call.callee, {
    message: 'tensorrt',
    fixes: edit
      ? [
          {
            title: { en: 'Allow half precision', fr: 'Autoriser la demi-précision' },
            edits: () => [edit],
            imports: argument.includes('torch.') ? ['import torch'] : [],
          },
        ]
      : [],
  });
}

/** Before version 8 the builder itself had the modes. */
function checkOldBuilder(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  if (lowersPrecision(module, flow)) return context.pass(call.callee);
  const statement = statementOf(call);
  const builder = call.callee.kind === 'member' ? call.callee.object : null;
  context.fail(call.callee, {
    message: 'tensorrt',
    fixes:
      builder?.kind === 'name' && startsLine(module, statement)
        ? [
            {
              title: { en: 'Allow half precision', fr: 'Autoriser la demi-précision' },
              edits: () => [insertBefore(module, statement, [`${builder.name}.fp16_mode = True`])],
            },
          ]
        : [],
  });
}

/** A builder's configuration that never gets a precision flag, in a file that builds an engine with it. */
function checkBuilder(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  const assign = call.parent;
  const target = assign?.kind === 'assign' ? assign.targets[0] : undefined;
  if (assign?.kind !== 'assign' || target?.kind !== 'name' || !startsLine(module, assign)) return;
  if (lowersPrecision(module, flow)) return context.pass(call.callee);
  const builds = module.calls.some(
    (one) =>
      enclosingFunction(one) === enclosingFunction(call) &&
      one.callee.kind === 'member' &&
      /^build_(?:serialized_network|engine)$/.test(one.callee.property) &&
      one.args.some(({ value }) => value.kind === 'name' && value.name === target.name),
  );
  if (!builds) return;
  const alias = module.imports.flatMap((one) => (one.module === 'tensorrt' ? one.bindings : []))[0]?.local;
  context.fail(call.callee, {
    message: 'tensorrt',
    fixes: alias
      ? [
          {
            title: { en: 'Allow half precision', fr: 'Autoriser la demi-précision' },
            edits: () => [
              insertAfter(module, assign, [`${target.name}.set_flag(${alias}.BuilderFlag.FP16)`]),
            ],
          },
        ]
      : [],
  });
}
