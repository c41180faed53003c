/** Code actions: the findings' fixes, ignoring a finding, its rule's page, and fix-all. */
import {
  type ClientCapabilities,
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import { dependencyEdit } from '../engine/dependency-edits.ts';
import { mergeFixes } from '../engine/fixes.ts';
import type { FileEdit, FileResult, Finding } from '../engine/types.ts';
import type { FixTarget } from '../protocol/score.ts';
import { findingsAt, type PageOf, toDiagnostic } from './diagnostics.ts';
import { type Documents, type Place, textOnly, toRange } from './documents.ts';
import { suppressionEdit } from './suppress.ts';
import { type Language, text } from './texts.ts';

const FIX_ALL = 'source.fixAll.frugal';
const NOTEBOOK_FIX_ALL = 'notebook.source.fixAll.frugal';
export const FIX_ALL_KINDS = [FIX_ALL, NOTEBOOK_FIX_ALL] as const;

export interface ActionContext {
  readonly client: ClientCapabilities;
  readonly language: Language;
  readonly documents: Documents;
  readonly pageOf: PageOf;
  readonly readText: (path: string) => Promise<string>;
  /** Command that opens a rule's page, given its id; null when the client cannot show one. */
  readonly openPageCommand: string | null;
}

/** What an unresolved action carries, to find its finding again. */
type ActionData =
  | { readonly do: 'fix-all'; readonly path: string }
  | {
      readonly do: 'fix';
      readonly path: string;
      /** Left out outside notebooks: some clients lose nulls on the way. */
      readonly cell?: number;
      readonly start: number;
      readonly rule: string;
      readonly fix: number;
    };

/** The actions for a range of an open document. Their edits are built on `resolve` where the client can. */
export async function codeActions(
  context: ActionContext,
  result: FileResult,
  place: Place,
  { range, context: { only } }: CodeActionParams,
): Promise<CodeAction[]> {
  const actions: CodeAction[] = [];
  const wants = (kind: string): boolean =>
    only === undefined || only.some((one) => kind === one || one === '' || kind.startsWith(`${one}.`));
  if (wants(CodeActionKind.QuickFix)) {
    const from = place.document.offsetAt(range.start);
    const to = place.document.offsetAt(range.end);
    for (const finding of findingsAt(result, place)) {
      if (finding.start > to || finding.end < from) continue;
      actions.push(...(await findingActions(context, finding, place)));
    }
  }
  // Nobody asked for a kind: a menu of everything, where fix-all of a whole notebook is one entry too many.
  const fixAllKinds = FIX_ALL_KINDS.filter((kind) => wants(kind) && (only !== undefined || kind === FIX_ALL));
  const [kind] = fixAllKinds;
  if (kind !== undefined && result.findings.some(hasSafeFix)) {
    const data: ActionData = { do: 'fix-all', path: result.path };
    actions.push({ title: text(context.language, 'fixAll'), kind, data });
  }
  if (canResolve(context.client)) return actions;
  return Promise.all(actions.map((action) => resolveCodeAction(context, action, async () => result)));
}

async function findingActions(context: ActionContext, finding: Finding, place: Place): Promise<CodeAction[]> {
  const { language, pageOf, openPageCommand } = context;
  const { path, cell, start, rule } = finding;
  const kind = CodeActionKind.QuickFix;
  const diagnostics = [toDiagnostic(finding, place.document, pageOf)];
  const preferred = finding.fixes.findIndex(({ safety }) => safety === 'safe');
  const actions: CodeAction[] = [];
  for (const [index, fix] of finding.fixes.entries()) {
    const data: ActionData = { do: 'fix', path, start, rule, fix: index, ...(cell === null ? {} : { cell }) };
    actions.push({
      title: fix.title,
      kind,
      diagnostics,
      data,
      ...(index === preferred ? { isPreferred: true } : {}),
    });
  }
  const isPython = place.document.languageId === 'python';
  const packages = [...new Set(finding.fixes.flatMap((fix) => fix.packages))];
  if (packages.length > 0) {
    const root = context.documents.root(path);
    const read = (file: string): Promise<string | null> => context.readText(file).catch(() => null);
    const addition = await dependencyEdit(packages, path, root, isPython ? 'python' : 'typescript', read);
    const edit = addition && (await toWorkspaceEdit(context, [addition]));
    if (addition && edit) {
      const file = addition.path.slice(root.length + 1);
      const title = text(language, 'addPackages', { packages: packages.join(', '), file });
      actions.push({ title, kind, diagnostics, edit });
    }
  }
  const suppression = suppressionEdit(place.document, start, rule, isPython);
  if (suppression) {
    const edit = workspaceEdit(context, [{ document: place.document, edits: [suppression] }]);
    actions.push({ title: text(language, 'suppress', { rule }), kind, diagnostics, edit });
  }
  if (openPageCommand !== null && pageOf(rule) !== null) {
    const title = text(language, 'openPage', { rule });
    const command = { title, command: openPageCommand, arguments: [rule] };
    actions.push({ title, kind, diagnostics, command });
  }
  return actions;
}

/** Fills in an action's edit. An action whose finding is gone comes back as it was: it does nothing. */
export async function resolveCodeAction(
  context: ActionContext,
  action: CodeAction,
  lint: (path: string) => Promise<FileResult>,
): Promise<CodeAction> {
  const data = action.data as ActionData | undefined;
  if (action.edit !== undefined || typeof data?.path !== 'string' || !context.documents.isOpen(data.path)) {
    return action;
  }
  const result = await lint(data.path);
  const edit =
    data.do === 'fix-all' ? await fixAllEdit(context, result) : await fixEdit(context, result, data);
  return edit === null ? action : { ...action, edit };
}

async function fixEdit(
  context: ActionContext,
  result: FileResult,
  data: Pick<Extract<ActionData, { do: 'fix' }>, 'rule' | 'cell' | 'start' | 'fix'>,
): Promise<WorkspaceEdit | null> {
  const finding = result.findings.find(
    ({ rule, cell, start }) =>
      rule === data.rule && (cell ?? undefined) === data.cell && start === data.start,
  );
  const edits = finding?.fixes[data.fix]?.edits() ?? [];
  return toWorkspaceEdit(context, edits);
}

/** What a client sent as a finding; null when it is none. */
export function readTarget(value: unknown): FixTarget | null {
  const target = value as Partial<FixTarget> | null | undefined;
  if (typeof target?.uri !== 'string' || typeof target.rule !== 'string') return null;
  if (typeof target.start !== 'number') return null;
  const { uri, rule, start, cell } = target;
  return { uri, rule, start, cell: typeof cell === 'number' ? cell : null };
}

/** The first fix of a finding; null when the finding is gone or has none. */
export async function findingEdit(
  context: ActionContext,
  result: FileResult,
  { rule, cell, start }: FixTarget,
): Promise<WorkspaceEdit | null> {
  return fixEdit(context, result, { rule, start, fix: 0, ...(cell === null ? {} : { cell }) });
}

function hasSafeFix(finding: Finding): boolean {
  return finding.fixes.some(({ safety }) => safety === 'safe');
}

/** All safe fixes of a file or notebook at once; null when there is nothing to do. */
export async function fixAllEdit(context: ActionContext, result: FileResult): Promise<WorkspaceEdit | null> {
  return toWorkspaceEdit(context, mergeFixes(result.findings, 'safe').edits);
}

interface DocumentEdits {
  readonly document: { readonly uri: string; readonly version: number | null };
  readonly edits: TextEdit[];
}

async function toWorkspaceEdit(
  context: ActionContext,
  edits: readonly FileEdit[],
): Promise<WorkspaceEdit | null> {
  const documents = new Map<string, DocumentEdits>();
  for (const { path, cell, start, end, text: newText } of edits) {
    const key = `${cell ?? ''} ${path}`;
    const place = context.documents.places(path).find((one) => one.cell === cell);
    // A cell of a notebook that is not open is nowhere an editor could edit.
    if (!place && cell !== null) return null;
    const document = place?.document ?? textOnly(await context.readText(path));
    const known = documents.get(key) ?? {
      document: place ? place.document : { uri: context.documents.uri(path), version: null },
      edits: [],
    };
    documents.set(key, known);
    known.edits.push({ range: toRange(document, start, end), newText });
  }
  return documents.size === 0 ? null : workspaceEdit(context, [...documents.values()]);
}

/** With versions where the client knows them, so that an edit never lands in a text that has moved on. */
function workspaceEdit({ client }: ActionContext, changes: readonly DocumentEdits[]): WorkspaceEdit {
  if (client.workspace?.workspaceEdit?.documentChanges) {
    return {
      documentChanges: changes.map(({ document: { uri, version }, edits }) => ({
        textDocument: { uri, version },
        edits,
      })),
    };
  }
  return { changes: Object.fromEntries(changes.map(({ document, edits }) => [document.uri, edits])) };
}

function canResolve(client: ClientCapabilities): boolean {
  return client.textDocument?.codeAction?.resolveSupport?.properties.includes('edit') ?? false;
}
