/** The front ends, for faces to load with the assets of their platform. */
import type { FrontEnd } from '../analysis/front-end.ts';

export { loadPythonFrontEnd } from '../analysis/python/parser.ts';

/** A chunk of its own in the bundles: it carries the TypeScript compiler. */
export async function loadTypeScriptFrontEnd(): Promise<FrontEnd> {
  const { createTypeScriptFrontEnd } = await import('../analysis/typescript/front-end.ts');
  return createTypeScriptFrontEnd();
}
