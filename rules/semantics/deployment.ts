/** Deployed programs: those that answer requests with a trained model, or run one over a batch and write the results. */
import type { Flow, ObjectValue, Program } from '../../analysis/flow/types.ts';
import { ofModule } from '../../analysis/memo.ts';
import type { Call, Expr, FunctionNode, Module, Node, Stmt } from '../../analysis/model.ts';
import { placeOf } from '../../analysis/program/place.ts';
import {
  ancestors,
  contains,
  enclosingClass,
  enclosingFunction,
  enclosingLoops,
  lastName,
  statementOf,
} from '../../analysis/tree.ts';
import { EXPORT_COMMANDS, exportOf } from '../knowledge/exports.ts';
import { inferenceOf } from '../knowledge/infers.ts';
import { loadingOf } from '../knowledge/loads-weights.ts';
import { CALLBACK_REGISTRATIONS } from '../knowledge/serves.ts';
import { type Forward, forwardOf, inferences, isLoaded, isTrained } from './forward.ts';
import { makeupOf } from './layers.ts';
import { memoized } from './memo.ts';
import { isHandler, isRerun } from './serving.ts';
import { isInvolvedInTraining, loopsOutwards } from './torch-training.ts';
import { isRun, trainingSites } from './training.ts';
import { isUnitTest } from './unit-tests.ts';

/** Whether the file answers requests or events: routes, handlers, services, a Streamlit or Gradio interface. */
export const isServer = memoized((flow, module: Module): boolean => {
  return module.language === 'python' && !isUnitTest(module) && servesRequests(module, flow);
});

function servesRequests(module: Module, flow: Flow): boolean {
  return (
    isRerun(flow, module) ||
    module.functions.some((fn) => isHandler(flow, fn)) ||
    (REGISTERS.test(module.text) &&
      module.calls.some((call) =>
        flow.names(call).some((name) => CALLBACK_REGISTRATIONS.some((row) => row.name === name)),
      ))
  );
}

/** What a file that registers a callback says somewhere. */
const REGISTERS = new RegExp(
  `\\b(?:${CALLBACK_REGISTRATIONS.map(({ name }) => name.split('.').at(-1)).join('|')})\\b`,
);

/** A trained model that a deployed program runs. */
export interface Deployed {
  readonly object: ObjectValue;
  /** What made it: a constructor, `from_pretrained`, `load_model`. */
  readonly origin: Call;
  /** What brings its weights: `load_state_dict`, `load_weights`, else its origin. */
  readonly loading: Call;
  /** First call that runs it. */
  readonly inference: Call;
  readonly framework: string;
  readonly kind: 'server' | 'batch';
}

/** What the program runs for its users, of models with weights, training steps among it; nothing for a test. */
const deployedModels = memoized((flow, program: Program): readonly Deployed[] => {
  if (isUnitTest(program.entry)) return [];
  const modules = program.modules.filter((module) => module.language === 'python');
  const serves = modules.some((module) => isServer(flow, module));
  if (serves && /\.ipynb$/i.test(program.entry.path)) return []; // an interface tried in a notebook ends with it
  const kind = serves ? 'server' : isBatchScript(program, flow) ? 'batch' : null;
  if (!kind) return [];
  return modules
    .filter((module) => !isUnitTest(module))
    .flatMap((module) => (kind === 'server' ? serverRuns(flow, module) : batchRuns(flow, module)))
    .flatMap(({ call, objects, framework }) =>
      objects.flatMap((object): Deployed[] => {
        const { origin } = object;
        if (!origin || (kind === 'server' && !isServed(origin, flow))) return [];
        if (!isTrainedBefore(object, framework, flow)) return [];
        const loading = loadingOfObject(object, origin, flow);
        return [{ object, origin, loading, inference: call, framework, kind }];
      }),
    );
});

/** Models loaded in the module, and not trained here, that a program around it deploys; each once. */
export function deployedIn(module: Module, flow: Flow): readonly Deployed[] {
  const found = new Map<Call, Deployed>();
  if (!bringsWeights(flow, module)) return [];
  for (const program of flow.programs(module)) {
    for (const one of deployedModels(flow, program)) {
      if (flow.moduleOf(one.loading) !== module || found.has(one.loading)) continue;
      // asked last: both follow what every training step here differentiates
      if (one.framework === 'torch' && isInvolvedInTraining(flow, one.inference)) continue;
      if (!isTrained(flow, one.object)) found.set(one.loading, one);
    }
  }
  return [...found.values()].sort((a, b) => a.loading.start - b.loading.start);
}

/**
 * The last statement of a model's making, where it is loaded or further out: `eval()`, `load_state_dict`, `to`. Null where
 * it is no statement of its own.
 */
export function lastSetUp(
  { object, loading }: Deployed,
  flow: Flow,
): { readonly statement: Stmt; readonly isEvaluated: boolean } | null {
  let last: Stmt = statementOf(loading);
  let isEvaluated = false;
  for (const use of flow.uses(object, SETS_UP)) {
    const isOwn = use.role === 'receiver';
    const statement = statementOf(use.call);
    const block = statement.parent;
    if (!isOwn || !block || !contains(block, loading)) continue;
    if (enclosingFunction(use.call) !== enclosingFunction(loading)) continue;
    if (use.method === 'eval') isEvaluated = true;
    if (statement.start > last.start) last = statement;
  }
  return last.kind === 'expression' || last.kind === 'assign' ? { statement: last, isEvaluated } : null;
}

const SETS_UP = /^(?:eval|load_state_dict|load_weights|to|cuda|cpu|compile)$/;

const TAKES_WEIGHTS = /^load_\w*(?:state_dict|weights)$/;

function loadingOfObject(object: ObjectValue, origin: Call, flow: Flow): Call {
  return flow.uses(object, TAKES_WEIGHTS).find(({ role }) => role === 'receiver')?.call ?? origin;
}

/** What the model is called where it is loaded: `model` in `model = Net().to(device)` and in `model.load_state_dict(…)`. */
export function nameWhereLoaded({ origin, loading }: Deployed): Expr | null {
  if (loading !== origin) return loading.callee.kind === 'member' ? loading.callee.object : null;
  for (let made: Call = origin; ; ) {
    const parent = made.parent;
    if (parent?.kind === 'assign') return parent.value === made ? (parent.targets[0] ?? null) : null;
    const outer = parent?.kind === 'member' ? parent.parent : null;
    if (parent?.kind !== 'member' || outer?.kind !== 'call') return null;
    if (!/^(?:to|eval|cuda|cpu)$/.test(parent.property)) return null;
    made = outer;
  }
}

/** Whether a server runs the node: not only the main guard of a file that it imports. */
function isServed(node: Node, flow: Flow): boolean {
  return isReached(node, flow, (fn) => answersRequests(flow, fn));
}

/** @param reaches whether a server runs the function around the node */
function isReached(node: Node, flow: Flow, reaches: (fn: FunctionNode) => boolean): boolean {
  const module = flow.moduleOf(node);
  if (isServer(flow, module)) return true;
  const fn = enclosingFunction(node);
  return fn ? reaches(fn) : !isUnderMainGuard(node, module);
}

const answersRequests = memoized((flow, fn: FunctionNode): boolean => reachesServer(fn, flow, new Set()));

/** Follows callers outwards; `seen` are the functions on the way, which lead nowhere new. */
function reachesServer(fn: FunctionNode, flow: Flow, seen: Set<FunctionNode>): boolean {
  if (seen.has(fn)) return false;
  seen.add(fn);
  if (isHandler(flow, fn) || fn.decorators.length > 0) return true;
  const isOutside = (node: Node) => isReached(node, flow, (outer) => reachesServer(outer, flow, seen));
  // a closure handed out runs for whoever asked for it
  if (enclosingFunction(fn) && isOutside(fn)) return true;
  return flow.callers(fn).some(isOutside);
}

function isUnderMainGuard(node: Node, module: Module): boolean {
  for (const parent of ancestors(node))
    if (parent.kind === 'if' && /__name__/.test(module.text.slice(parent.test.start, parent.test.end)))
      return true;
  return false;
}

interface Run {
  readonly call: Call;
  readonly objects: readonly ObjectValue[];
  readonly framework: string;
}

/** Models that answer requests: what a server makes of noise or shows on a page is a result like any other. */
const serverRuns = memoized((flow, module: Module): readonly Run[] => {
  const calls = module.calls.filter((call) => isServed(call, flow));
  const forwards = calls.flatMap((call) => {
    const owner = enclosingClass(call);
    if (owner && flow.bases(owner).includes('torch.nn.Module')) return [];
    return forwardOf(flow, call) ?? [];
  });
  return runsOf(calls, forwards, flow);
});

const batchRuns = memoized((flow, module: Module): readonly Run[] => {
  const isOurs = (call: Call) => isRun(call, flow);
  const forwards = inferences(flow, module).filter(({ call }) => isOurs(call));
  return runsOf(module.calls.filter(isOurs), forwards, flow);
});

function runsOf(calls: readonly Call[], forwards: readonly Forward[], flow: Flow): readonly Run[] {
  const torch = forwards.map(
    ({ call, model, objects }): Run => ({
      call,
      // a whole model out of `torch.load`: its class is not in sight
      objects: objects.length > 0 ? objects : flow.objects(model),
      framework: 'torch',
    }),
  );
  const others = calls.flatMap((call): Run[] => {
    const row = inferenceOf(flow.names(call));
    if (!row || (row.kind === 'forward' && row.framework !== 'keras')) return [];
    const { callee } = call;
    const receiver = flow.objects(callee).length > 0 || callee.kind !== 'member' ? callee : callee.object;
    return [{ call, objects: flow.objects(receiver), framework: row.framework }];
  });
  return [...torch, ...others];
}

/** Whether trained weights come in here: else no program is looked through for what runs them. */
const bringsWeights = memoized((flow, module: Module): boolean =>
  module.calls.some(
    (call) =>
      TAKES_WEIGHTS.test(lastName(call.callee)) ||
      loadingOf(flow.names(call)) !== undefined ||
      flow
        .objects(call)
        .some(
          (object) =>
            object.origin === call &&
            object.types.some((type) => type === 'torch.nn.Module' || type.startsWith('keras.')) &&
            isTrainedBefore(object, object.types.includes('torch.nn.Module') ? 'torch' : 'keras', flow),
        ),
  ),
);

/** Whether trained weights came from somewhere: a file, a hub, a pretrained constructor. */
function isTrainedBefore(object: ObjectValue, framework: string, flow: Flow): boolean {
  if (!object.origin) return false;
  if (loadingOf(flow.names(object.origin))) return true;
  if (framework === 'torch') return isLoaded(flow, object) || makeupOf(flow, object).isPretrained;
  return flow.uses(object, /^load/).some((use) => use.role === 'receiver');
}

/** Scoring, and loaders of labelled sets: an evaluation. */
const METRICS =
  /^(?:torch\.utils\.data\.DataLoader$|torchvision\.datasets\.|keras\.\S*(?:flow_from_directory|image_dataset_from_directory)$|sklearn\.metrics\.|torchmetrics\.|evaluate\.|keras\.metrics\.|torch\.nn\.(?:\w*Loss|functional\.\w*(?:loss|entropy))|pycocotools\.)/;
const WRITES =
  /^(?:pandas\.(?:DataFrame|Series)\.to_\w+|json\.dump|csv\.(?:writer|DictWriter)|cv2\.imwrite|cv2\.VideoWriter|numpy\.save\w*|PIL\.Image\.Image\.save|torchvision\.utils\.save_image|soundfile\.write|scipy\.io\.wavfile\.write)/;

/** Inputs that come from outside: files of a folder, a video. */
const READS =
  /^(?:glob\.|os\.(?:listdir|walk|scandir)|pathlib\.\w*Path\.(?:r?glob|iterdir)|cv2\.(?:imread|VideoCapture))/;

/** Names of helpers that score a model: the script is an evaluation then. */
const SCORES =
  /accuracy|metric|evaluat|psnr|ssim|(?:^|_)(?:fid|iou|bleu|rouge|auc|f1|loss|dice|benchmark)(?:_|$)/i;

/** The folder of a split, `"data/test/images"`: what a project's own data set holds is gone through once. */
const SPLIT = /['"](?:[^'"\n]*\/)?(?:train|valid|val|test)(?:ing|ation)?(?:_\w+)?\/[^'"\n]*['"]|\btest_dir\b/;

/** What takes its inputs from the command line is there to be run again; paths written down are gone through once. */
const ASKS = /^(?:argparse|click|typer|fire|docopt|absl(?:\..*)?|simple_parsing)$/;
const asksForInputs = ofModule(
  (module) => module.imports.some((one) => ASKS.test(one.module)) || /\bsys\.argv\b/.test(module.text),
);

/** A tool that runs a trained model over many inputs and keeps the results: no training, no scoring, no notebook. */
function isBatchScript(program: Program, flow: Flow): boolean {
  const { entry, modules } = program;
  if (entry.cells || entry.language !== 'python' || /submission/i.test(entry.text)) return false;
  if (SPLIT.test(entry.text) || !asksForInputs(entry) || /(?:^|\/)eval/i.test(placeOf(entry))) return false;
  if (modules.some(namesScores) || modules.some((module) => scores(flow, module))) return false;
  const isSome = (ask: (flow: Flow, module: Module) => boolean) =>
    modules.some((module) => ask(flow, module));
  return isSome(writes) && isSome(reads) && !isSome(trains) && isSome(runsInLoop);
}

const namesScores = ofModule((module) => module.calls.some((call) => SCORES.test(lastName(call.callee))));

const callsOf = (flow: Flow, module: Module, pattern: RegExp): readonly Call[] =>
  module.calls.filter((call) => flow.names(call).some((name) => pattern.test(name)));

const scores = memoized((flow, module: Module): boolean => callsOf(flow, module, METRICS).length > 0);

const writes = memoized((flow, module: Module): boolean =>
  callsOf(flow, module, WRITES).some((call) => isRun(call, flow)),
);

const reads = memoized((flow, module: Module): boolean =>
  callsOf(flow, module, READS).some((call) => isRun(call, flow)),
);

const trains = memoized((flow, module: Module): boolean => trainingSites(module, flow).length > 0);

const runsInLoop = memoized((flow, module: Module): boolean =>
  batchRuns(flow, module).some(
    ({ call }) => enclosingLoops(call).length > 0 || loopsOutwards(flow, call).length > 0,
  ),
);

/** What differentiates a model to show what it looked at, and trains nothing; what shows what each layer gives. */
const EXPLAINS =
  /\bGradientTape\b|\[[^\][]*\.output\b[^\][]*\bfor\b|\b(?:K|backend)\.gradients\(|\b(?:Gradient|Deep)Explainer\b/;
const EXPLAINERS = /^(?:captum|torchcam|tf_keras_vis|tf_explain)(?:\.|$)|grad_?cam/i;

/** Whether the module looks into a trained model: heat maps, saliency, the layers' outputs. A file made for inference has none. */
export const explainsItself = ofModule(
  (module) =>
    module.imports.some((one) => EXPLAINERS.test(one.module)) ||
    (EXPLAINS.test(module.text) && !/\bapply_gradients\b/.test(module.text)),
);

const OPTIMIZED_LIBRARIES =
  /^(?:onnx|onnxruntime|tensorrt|torch_tensorrt|torch2trt|openvino|coremltools|tflite_runtime|ai_edge_litert|litert_torch|ai_edge_torch|executorch|optimum|ctranslate2|faster_whisper|llama_cpp|vllm|tf2onnx|neural_compressor|nncf|deepspeed|intel_extension_for_pytorch|tvm)(?:\.|$)/;

/** Whether the module turns models into a form made for inference, or runs one that was. */
export const isOptimizedIn = memoized((flow, module: Module): boolean => {
  return (
    module.imports.some((one) => OPTIMIZED_LIBRARIES.test(one.module)) ||
    EXPORT_COMMANDS.some((command) => module.text.includes(command)) ||
    /\.(?:onnx|tflite|engine|trt|mlmodel|mlpackage|gguf|torchscript|pte)['"]|backend\s*=\s*['"](?:onnx|openvino)/.test(
      module.text,
    ) ||
    module.calls.some((call) => {
      const row = exportOf(flow.names(call));
      return row !== undefined && row.format !== 'saved-model' && row.format !== 'xla';
    })
  );
});
