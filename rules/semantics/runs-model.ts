/** Calls that run a trained model in this process, whatever the library and the language. */
import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, FunctionNode, Node } from '../../analysis/model.ts';
import { descendants } from '../../analysis/tree.ts';
import { inferenceOf } from '../knowledge/infers.ts';
import { forwardOf } from './forward.ts';
import { isLocalInference } from './javascript.ts';
import { isInvolvedInTraining } from './torch-training.ts';

/** A model that was unpickled, and predicts. */
const UNPICKLED =
  /^(?:joblib|pickle|cloudpickle|dill)\.loads?\(\)\.(?:predict\w*|decision_function|kneighbors)$/;

/** Whether the call runs a trained model in this process: no API of a provider, no step of a training. */
export function runsModel(flow: Flow, call: Call): boolean {
  if (isLocalInference(flow, call)) return true;
  const names = flow.names(call);
  if (inferenceOf(names)?.kind === 'predict' || names.some((name) => UNPICKLED.test(name))) return true;
  return forwardOf(flow, call) !== null && !isInvolvedInTraining(flow, call);
}

/** The code of a tick, a timer or a handler: its body and those of the functions that it calls, a dozen at most. */
export function reach(body: Node, flow: Flow): readonly Node[] {
  const found: Node[] = [body];
  const seen = new Set<FunctionNode>();
  for (let at = 0; at < found.length && found.length < 12; at++) {
    for (const call of descendants(found[at] as Node, 'call')) {
      for (const target of flow.targets(call)) {
        if (seen.has(target)) continue;
        seen.add(target);
        found.push(target.body);
      }
    }
  }
  return found;
}
