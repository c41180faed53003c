/** FRUGAL.md from the panel: made, opened, ticked with who, when and why. */
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { type ChecklistEdit, EDIT_CHECKLIST, NEW_CHECKLIST } from '../protocol/beside.ts';
import { difference } from './difference.ts';
import type { BesideMessage } from './panel.ts';

const WHO = 'frugal.who';

/** Does what the panel asks for; gives up silently where the user does. */
export async function handleBeside(
  client: LanguageClient,
  memory: vscode.Memento,
  message: BesideMessage,
): Promise<void> {
  const uri = vscode.Uri.parse(message.uri, true);
  try {
    if (message.type === 'tick') await tick(client, memory, uri, message);
    else if (message.type === 'newChecklist') await create(client, uri);
    else await vscode.window.showTextDocument(uri);
  } catch (error) {
    void vscode.window.showErrorMessage(`Frugal: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function create(client: LanguageClient, uri: vscode.Uri): Promise<void> {
  const text = await client.sendRequest<string>(NEW_CHECKLIST);
  const edit = new vscode.WorkspaceEdit();
  // Fails where the file is there meanwhile: nothing is overwritten.
  edit.createFile(uri, { contents: new TextEncoder().encode(text) });
  await vscode.workspace.applyEdit(edit);
  await vscode.window.showTextDocument(uri);
}

async function tick(
  client: LanguageClient,
  memory: vscode.Memento,
  uri: vscode.Uri,
  { item, done }: Extract<BesideMessage, { type: 'tick' }>,
): Promise<void> {
  const notes = done ? await askNotes(memory, item.text) : {};
  if (notes === null) return;
  const document = await vscode.workspace.openTextDocument(uri);
  const before = document.getText();
  const wasSaved = !document.isDirty;
  const edit: ChecklistEdit = { text: before, item, done, ...notes };
  const after = await client.sendRequest<string | null>(EDIT_CHECKLIST, edit);
  if (after === null || document.getText() !== before) {
    void vscode.window.showInformationMessage(vscode.l10n.t('Frugal: FRUGAL.md has changed; try again.'));
    return;
  }
  const { start, end, text } = difference(before, after);
  const change = new vscode.WorkspaceEdit();
  change.replace(uri, new vscode.Range(document.positionAt(start), document.positionAt(end)), text);
  await vscode.workspace.applyEdit(change);
  // What the user has not saved is left for the user to save.
  if (wasSaved) await document.save();
}

/** Who says so (remembered), when, and why; null where the user gives up. */
async function askNotes(
  memory: vscode.Memento,
  question: string,
): Promise<Pick<ChecklistEdit, 'who' | 'when' | 'why'> | null> {
  const who = await vscode.window.showInputBox({
    title: question,
    prompt: vscode.l10n.t('Who says so?'),
    value: memory.get<string>(WHO, ''),
  });
  if (who === undefined) return null;
  await memory.update(WHO, who);
  const why = await vscode.window.showInputBox({
    title: question,
    prompt: vscode.l10n.t('Why, in a line? (optional)'),
  });
  if (why === undefined) return null;
  const now = new Date();
  const two = (number: number): string => String(number).padStart(2, '0');
  const when = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return { ...(who === '' ? {} : { who }), when, ...(why === '' ? {} : { why }) };
}
