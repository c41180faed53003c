import type { ParsedModule } from './model.ts';

/** Lowers source text into the CodeModel. Never throws on bad input: what does not parse is `unknown` and in `errors`. */
export interface FrontEnd {
  /** `path` tells the dialect (`.tsx`, `.js`); nothing is read from disk. */
  parse(path: string, text: string): ParsedModule;
}
