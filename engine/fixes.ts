/** From what a rule proposes to edits of files, and from many fixes to one set of edits. */
import type { Edit, Fix, FixSafety } from '../rules/rule.ts';
import { type Document, toFileEdits } from './document.ts';
import { importEdits } from './imports.ts';
import { lineEnding } from './read.ts';
import type { FileEdit, Finding, FindingFix } from './types.ts';

/** What a fix is built with. */
export interface FixContext {
  /** The file that the finding is in. */
  readonly document: Document;
  /** Other files of the workspace, by path. */
  documentOf(path: string): Document | undefined;
  readonly language: 'en' | 'fr';
  /** Whether the workspace names this package already. */
  hasDependency(name: string): boolean;
  /** Safety where the fix itself says nothing. */
  readonly safety: FixSafety;
}

export function toFindingFix(fix: Fix, context: FixContext): FindingFix {
  let edits: readonly FileEdit[] | null = null;
  return {
    title: fix.title[context.language],
    safety: fix.safety ?? context.safety,
    packages: (fix.packages ?? []).filter((name) => !context.hasDependency(name)),
    edits() {
      edits ??= buildEdits(fix, context);
      return edits;
    },
  };
}

/** Empty when the fix cannot be applied as a whole. */
function buildEdits(fix: Fix, context: FixContext): readonly FileEdit[] {
  let proposed: readonly Edit[];
  try {
    proposed = fix.edits();
  } catch {
    return []; // a fix that cannot be built is no fix
  }
  const [first] = proposed;
  if (!first) return [];
  const edits: FileEdit[] = [];
  for (const edit of proposed) {
    const document = edit.module ? context.documentOf(edit.module.path) : context.document;
    if (!document || edit.start < 0 || edit.end < edit.start || edit.end > document.source.length) return [];
    const text = edit.text.replace(/\r?\n/g, lineEnding(document.source));
    edits.push(...toFileEdits(document, { start: edit.start, end: edit.end, text }));
  }
  if (!isDisjoint(edits)) return [];
  if (!fix.imports || fix.imports.length === 0) return edits;

  // The imports go to the file of the first edit, above everything that is edited there.
  const home = first.module ?? context.document.module;
  // the finding's own file as it was linted: the workspace may hold a newer text by now
  const document =
    (home === context.document.module ? null : context.documentOf(home.path)) ?? context.document;
  const own = proposed.filter((edit) => (edit.module ?? context.document.module).path === home.path);
  const imports = importEdits(document, fix.imports, Math.min(...own.map((edit) => edit.start)));
  if (!imports) return [];
  const importing = imports.flatMap((edit) =>
    toFileEdits(document, edit).map((one) => ({ ...one, import: edit.import })),
  );
  return isDisjoint([...importing, ...edits]) ? [...importing, ...edits] : [];
}

/** Fixes of many findings as one set of edits, with what they bring. */
export interface MergedFixes {
  readonly edits: readonly FileEdit[];
  readonly packages: readonly string[];
  /** Findings whose fix is part of `edits`. */
  readonly fixed: readonly Finding[];
}

/**
 * Joins the fixes of findings, the first by position first; a fix that overlaps one already taken is left out whole.
 * `suggested` takes safe and suggested fixes, and of several alternatives the first.
 */
export function mergeFixes(findings: readonly Finding[], safety: FixSafety): MergedFixes {
  const taken = new Map<string, FileEdit[]>();
  const edits: FileEdit[] = [];
  const fixed: Finding[] = [];
  const packages = new Set<string>();
  const imported = new Set<string>();
  const ordered = [...findings].sort(byPosition);
  const joined: FileEdit[][] = [];
  for (const finding of ordered) {
    const fix = finding.fixes.find((one) => safety === 'suggested' || one.safety === 'safe');
    if (!fix) continue;
    const all = fix.edits();
    const own = all.filter(
      (edit) => edit.import === undefined || !imported.has(`${edit.path}|${edit.import}`),
    );
    if (own.length === 0 || own.some((edit) => conflicts(edit, taken.get(placeKey(edit)) ?? []))) continue;
    if (joined.some((one) => indents(one, own) || indents(own, one))) continue;
    joined.push(own);
    for (const edit of own) {
      taken.set(placeKey(edit), [...(taken.get(placeKey(edit)) ?? []), edit]);
      if (edit.import !== undefined) imported.add(`${edit.path}|${edit.import}`);
      edits.push(edit);
    }
    for (const name of fix.packages) packages.add(name);
    fixed.push(finding);
  }
  return { edits, packages: [...packages], fixed };
}

/** Applies edits of one text. They must not overlap; insertions at one place keep their order. */
export function applyEdits(text: string, edits: readonly Pick<FileEdit, 'start' | 'end' | 'text'>[]): string {
  const ordered = edits.map((edit, order) => ({ edit, order }));
  ordered.sort((a, b) => a.edit.start - b.edit.start || a.edit.end - b.edit.end || a.order - b.order);
  let output = '';
  let done = 0;
  for (const { edit } of ordered) {
    if (edit.start < done) throw new Error('edits overlap');
    output += text.slice(done, edit.start) + edit.text;
    done = edit.end;
  }
  return output + text.slice(done);
}

/** Order of findings in a file and across files. */
export function byPosition(a: Finding, b: Finding): number {
  return (
    compare(a.path, b.path) ||
    (a.cell ?? 0) - (b.cell ?? 0) ||
    a.start - b.start ||
    compare(a.rule, b.rule) ||
    a.end - b.end
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function placeKey({ path, cell }: FileEdit): string {
  return `${path}|${cell ?? ''}`;
}

function isDisjoint(edits: readonly FileEdit[]): boolean {
  return edits.every(
    (edit, at) => !edits.slice(0, at).some((one) => placeKey(one) === placeKey(edit) && overlaps(one, edit)),
  );
}

/** Two fixes that insert at one place would depend on their order; imports do not. */
function conflicts(edit: FileEdit, taken: readonly FileEdit[]): boolean {
  return taken.some(
    (one) =>
      overlaps(one, edit) ||
      (one.start === edit.start &&
        one.end === one.start &&
        edit.end === edit.start &&
        !(one.import && edit.import)),
  );
}

/** Whether a fix moves lines to the right among which another adds lines: these would stay where they were. */
function indents(fix: readonly FileEdit[], other: readonly FileEdit[]): boolean {
  const moved = fix.filter(({ start, end, text }) => start === end && /^[ \t]+$/.test(text));
  return other.some(
    (edit) =>
      edit.import === undefined &&
      edit.text.includes('\n') &&
      moved.some((one) => placeKey(one) === placeKey(edit) && one.start <= edit.start) &&
      // up to the end of the last moved line, which no edit tells: what follows it is left for the next round
      moved.some((one) => placeKey(one) === placeKey(edit) && edit.start - one.start < LONGEST_LINE),
  );
}

/** Characters a line is expected to have at most. */
const LONGEST_LINE = 400;

function overlaps(a: FileEdit, b: FileEdit): boolean {
  return a.start < b.end && b.start < a.end;
}
