/** Runs a rule's examples through the whole engine, in a workspace in memory. */

import { rules as catalogue } from '../rules/index.ts';
import type { Example, RuleDefinition } from '../rules/rule.ts';
import { createEngine } from './engine.ts';
import { withEdits } from './file-text.ts';
import { MemoryFileSystem } from './memory-file-system.ts';
import { unusedSuppression } from './suppressions.ts';
import type {
  Engine,
  EngineOptions,
  FileEdit,
  FileResult,
  Finding,
  FindingFix,
  Problem,
  RunResult,
} from './types.ts';

const ROOT = '/workspace';

type FrontEnds = Pick<EngineOptions, 'loadPython' | 'loadTypeScript'>;

export interface ExampleResult {
  readonly findings: readonly Finding[];
  /** Syntax errors, rules that threw. */
  readonly problems: readonly Problem[];
  /** The example's file after the first finding's first fix; null where there is no fix. */
  readonly fixed: string | null;
}

/** An example as a workspace: linted, mended, linted again. */
export class ExampleWorkspace {
  readonly path: string;
  readonly #files: Record<string, string>;
  readonly #engine: Engine;

  /** @param rules that run: the example's own, or the whole catalogue */
  constructor(
    example: Example,
    language: RuleDefinition['languages'][number],
    rules: readonly RuleDefinition[],
    frontEnds: FrontEnds,
  ) {
    const name = example.file ?? (language === 'python' ? 'example.py' : 'example.ts');
    this.path = `${ROOT}/${name}`;
    this.#files = { [this.path]: example.code };
    for (const [path, text] of Object.entries(example.files ?? {})) this.#files[`${ROOT}/${path}`] = text;
    const fileSystem = new MemoryFileSystem(this.#files);
    this.#engine = createEngine({ fileSystem, language: 'en', ...frontEnds }, rules);
  }

  /** All rules that run report, previews included. */
  lint(): Promise<RunResult> {
    return this.#engine.lint([ROOT], ROOT, { preview: true });
  }

  lintFile(): Promise<FileResult> {
    return this.#engine.lintFile(this.path, ROOT, { preview: true });
  }

  text(path = this.path): string {
    return this.#files[path] ?? '';
  }

  /** Applies a fix as an editor does; `undo` takes it back. */
  apply(fix: FindingFix): { readonly changed: boolean; undo(): void } {
    return this.applyEdits(fix.edits());
  }

  applyEdits(edits: readonly FileEdit[]): { readonly changed: boolean; undo(): void } {
    const before = { ...this.#files };
    for (const path of new Set(edits.map((edit) => edit.path))) {
      const own = edits.filter((edit) => edit.path === path);
      this.#set(path, withEdits(this.text(path), own));
    }
    return {
      changed: Object.entries(before).some(([path, text]) => this.#files[path] !== text),
      undo: () => {
        for (const [path, text] of Object.entries(before)) this.#set(path, text);
      },
    };
  }

  #set(path: string, text: string): void {
    this.#files[path] = text;
    this.#engine.setText(path, text);
  }
}

/** Runs one rule over one example and applies its first fix. */
export async function lintExample(
  rule: RuleDefinition,
  example: Example,
  frontEnds: FrontEnds,
  language = languageOf(rule, example),
): Promise<ExampleResult> {
  // The engine's own rule speaks of what the others found.
  const running = rule.id === unusedSuppression.id ? catalogue : [rule];
  const workspace = new ExampleWorkspace(example, language, running, frontEnds);
  const { files, problems } = await workspace.lint();
  const findings = files.flatMap((file) => file.findings).filter((finding) => finding.rule === rule.id);
  const [fix] = findings[0]?.fixes ?? [];
  if (!fix) return { findings, problems, fixed: null };
  workspace.apply(fix);
  return { findings, problems, fixed: workspace.text() };
}

/** By the example's file name, else the rule's first language. */
export function languageOf(rule: RuleDefinition, { file }: Example): RuleDefinition['languages'][number] {
  if (file) return /\.(?:py|ipynb)$/.test(file) ? 'python' : 'typescript';
  return rule.languages[0] ?? 'python';
}
