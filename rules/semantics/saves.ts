/** Where a torch model is written to a file or exported, to be used as it is. */
import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, Module } from '../../analysis/model.ts';
import { enclosingFunction } from '../../analysis/tree.ts';

export interface Save {
  readonly call: Call;
  /** What is written: the model, its state dict, or a dict that holds one of them. */
  readonly content: Expr;
  readonly kind: 'weights' | 'exported';
}

const EXPORTERS = /^torch\.(?:onnx\.(?:export|dynamo_export)|jit\.(?:trace|script)|export\.export)$/;
const SAVERS =
  /^(?:torch\.save|safetensors\.torch\.save_file|safetensors\.torch\.save_model|joblib\.dump|pickle\.dump)$/;
const SAVING_METHODS = new Set(['save_pretrained', 'push_to_hub', 'to_onnx', 'to_torchscript']);

/** Saves of the module, in source order; those that are only weighed and those for resuming are left out. */
export function savesOf(module: Module, flow: Flow): readonly Save[] {
  return module.calls.flatMap((call): Save[] => {
    const names = flow.names(call);
    const first = call.args[0];
    if (first && first.spread === null && names.some((name) => EXPORTERS.test(name)))
      return [{ call, content: first.value, kind: 'exported' }];
    if (first && first.spread === null && names.some((name) => SAVERS.test(name)))
      return isTemporary(call, module, flow) || isForResuming(first.value, flow)
        ? []
        : [{ call, content: first.value, kind: 'weights' }];
    const { callee } = call;
    if (
      callee.kind === 'member' &&
      SAVING_METHODS.has(callee.property) &&
      flow.isA(callee.object, 'torch.nn.Module')
    )
      return [{ call, content: callee.object, kind: 'weights' }];
    return [];
  });
}

/** Expressions of the models that a save writes. */
export function modelsSaved(save: Save, flow: Flow): readonly Expr[] {
  return modelsIn(save.content, flow, 0);
}

function modelsIn(expr: Expr, flow: Flow, depth: number): Expr[] {
  if (depth > 5) return [];
  switch (expr.kind) {
    case 'call': {
      const { callee } = expr;
      if (callee.kind === 'member' && /^(?:state_dict|cpu|eval|to|half|float)$/.test(callee.property))
        return modelsIn(callee.object, flow, depth + 1);
      const argument = expr.args[0];
      return argument && flow.names(expr).some((name) => /^copy\.(?:deep)?copy$/.test(name))
        ? modelsIn(argument.value, flow, depth + 1)
        : [expr];
    }
    case 'dict':
      return expr.entries.flatMap((entry) => modelsIn(entry.value, flow, depth + 1));
    case 'member':
      return expr.property === 'module' ? modelsIn(expr.object, flow, depth + 1) : [expr];
    case 'name': {
      const displays = flow
        .values(expr)
        .flatMap((value) =>
          value.kind === 'display' && value.node.kind === 'dict' ? modelsIn(value.node, flow, depth + 1) : [],
        );
      return [expr, ...displays];
    }
    default:
      return [];
  }
}

/** A dict with an optimizer's state beside the weights: training goes on from it. */
export function isForResuming(content: Expr, flow: Flow): boolean {
  const dicts =
    content.kind === 'dict'
      ? [content]
      : flow
          .values(content)
          .flatMap((value) => (value.kind === 'display' && value.node.kind === 'dict' ? [value.node] : []));
  return dicts.some((dict) =>
    dict.entries.some((entry) => {
      const key = entry.key ? flow.constant(entry.key) : undefined;
      return typeof key === 'string' && /optim|^opt$|sched|scaler/i.test(key);
    }),
  );
}

/** Written to a buffer, or removed again by the same function: to be weighed or sent, not kept. */
function isTemporary(call: Call, module: Module, flow: Flow): boolean {
  const target = call.args[1];
  if (target) {
    const types = flow.objects(target.value).flatMap((object) => object.types);
    if (types.some((type) => /BytesIO|tempfile/.test(type))) return true;
  }
  const fn = enclosingFunction(call);
  return module.calls.some(
    (one) =>
      one.start > call.end &&
      enclosingFunction(one) === fn &&
      flow.names(one).some((name) => /^(?:os\.(?:remove|unlink)|pathlib\.Path\.unlink)$/.test(name)) &&
      sameConstant(one, call, flow),
  );
}

function sameConstant(removal: Call, save: Call, flow: Flow): boolean {
  const removed = removal.args[0];
  const saved = save.args[1];
  if (!removed || !saved) return true; // path.unlink()
  const text = (expr: Expr) => flow.moduleOf(expr).text.slice(expr.start, expr.end);
  return (
    text(removed.value) === text(saved.value) || flow.constant(removed.value) === flow.constant(saved.value)
  );
}
