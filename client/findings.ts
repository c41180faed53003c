/** What can be done with a finding: go there, mend it. */
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { ExecuteCommandRequest } from 'vscode-languageclient/node';
import { FIX_COMMAND, type FindingItem, type FixTarget } from '../protocol/score.ts';

/** Shows the finding in its editor, or its cell. */
export async function openFinding(finding: FindingItem): Promise<void> {
  const uri = vscode.Uri.parse(finding.uri, true);
  const { start, end } = finding.range;
  const selection = new vscode.Range(start.line, start.character, end.line, end.character);
  try {
    if (finding.cell === null) {
      await vscode.window.showTextDocument(uri, { selection });
      return;
    }
    const notebook = await vscode.workspace.openNotebookDocument(uri);
    await vscode.window.showNotebookDocument(notebook);
    const cell = notebook.getCells()[finding.cell];
    if (cell) await vscode.commands.executeCommand('vscode.open', cell.document.uri, { selection });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    void vscode.window.showErrorMessage(
      vscode.l10n.t('Frugal: {file} cannot be opened: {message}', { file: finding.path, message }),
    );
  }
}

/** Shows the finding and applies its first fix there, where it can be read and undone. */
export async function fixFinding(client: LanguageClient, finding: FindingItem): Promise<void> {
  await openFinding(finding);
  const { uri, cell, start, rule } = finding;
  const target: FixTarget = { uri, cell, start, rule };
  const applied = await client.sendRequest(ExecuteCommandRequest.type, {
    command: FIX_COMMAND,
    arguments: [target],
  });
  if (applied === false) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('Frugal: the code has changed, and the fix does not apply any more.'),
    );
  }
}
