/** Answers kept as long as the module they were drawn from. */
import type { Module } from './model.ts';

/** What a module shows by itself, without data flow: found once, however often other modules change. */
export function ofModule<R>(compute: (module: Module) => R): (module: Module) => R {
  const answers = new WeakMap<Module, { readonly answer: R }>();
  return (module) => {
    let known = answers.get(module);
    if (!known) {
      known = { answer: compute(module) };
      answers.set(module, known);
    }
    return known.answer;
  };
}
