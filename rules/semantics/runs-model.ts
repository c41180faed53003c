/** Calls that run a trained model in this process, whatever the library and the language. */
import type { Flow } from '../../analysis/flow/types.ts';
import type { Call } from '../../analysis/model.ts';
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
