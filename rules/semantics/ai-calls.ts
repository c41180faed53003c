/** Calls that make a language model write, whatever the library. */
import type { Flow } from '../../analysis/flow/types.ts';
import type { Call } from '../../analysis/model.ts';
import { constructorRow, llmRequest, llmRow } from './llm.ts';

const HOOKS =
  /^(?:@ai-sdk\/(?:react|vue|svelte|rsc)|ai(?:\.react|\.rsc)?)\.(?:use\w+)\(\)\.(?:append|complete|reload|regenerate|sendMessage|submit|handleSubmit)$/;
const CHAINS = /^(?:langchain|llama_index)\..*\.(?:invoke|stream|batch|call|predict|chat|complete|query)$/;

/** Whether the call makes a language model run. */
export function isLlmCall(flow: Flow, call: Call): boolean {
  const names = flow.names(call);
  return (
    names.some((name) => HOOKS.test(name) || CHAINS.test(name)) ||
    (llmRow(flow, call) !== undefined && constructorRow(flow, call) === undefined) ||
    llmRequest(flow, call) !== undefined
  );
}
