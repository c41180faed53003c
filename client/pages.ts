/** The rules' bundled pages, shown in the Markdown preview: no network. */
import * as vscode from 'vscode';

/** Opens `vscode://frugal.frugal-lint/rules/<rule>`, the link that diagnostics carry. */
export class PageUriHandler implements vscode.UriHandler {
  readonly #extension: vscode.Uri;

  constructor(extension: vscode.Uri) {
    this.#extension = extension;
  }

  async handleUri(uri: vscode.Uri): Promise<void> {
    const rule = /^\/rules\/([^/]+)$/.exec(uri.path)?.[1];
    if (rule !== undefined) await openPage(this.#extension, rule);
  }
}

/** Shows a rule's page. The name comes from outside: only one that has a page opens anything. */
export async function openPage(extension: vscode.Uri, rule: string): Promise<void> {
  const page = /^[a-z\d-]+$/.test(rule) ? await findPage(extension, rule) : null;
  if (page) await vscode.commands.executeCommand('markdown.showPreview', page);
  else void vscode.window.showWarningMessage(vscode.l10n.t('Frugal has no page for {rule}.', { rule }));
}

/** Lets the user choose a rule. */
export async function pickPage(extension: vscode.Uri): Promise<void> {
  const entries = await vscode.workspace.fs.readDirectory(vscode.Uri.joinPath(extension, 'docs', 'rules'));
  const names = entries.map(([name]) => /^(.+)\.md$/.exec(name)?.[1]);
  const rules = names.filter((name) => name !== undefined && name !== 'index');
  const rule = await vscode.window.showQuickPick(rules.sort() as string[], {
    placeHolder: vscode.l10n.t('Choose a rule'),
  });
  if (rule !== undefined) await openPage(extension, rule);
}

/** Shows how the score is computed. */
export async function openScorePage(extension: vscode.Uri): Promise<void> {
  const page = await firstOf(isFrench() ? [['fr', 'score.md'], ['score.md']] : [['score.md']], extension);
  if (page) await vscode.commands.executeCommand('markdown.showPreview', page);
}

/** Whether the messages are French. */
function isFrench(): boolean {
  const setting = vscode.workspace.getConfiguration('frugal').get<string>('language', 'auto');
  return (setting === 'auto' ? vscode.env.language : setting).toLowerCase().startsWith('fr');
}

function findPage(extension: vscode.Uri, rule: string): Promise<vscode.Uri | null> {
  const folders = isFrench() ? [['rules', 'fr'], ['rules']] : [['rules']];
  return firstOf(
    folders.map((folder) => [...folder, `${rule}.md`]),
    extension,
  );
}

/** The first of the pages that is there, below docs. */
async function firstOf(pages: readonly string[][], extension: vscode.Uri): Promise<vscode.Uri | null> {
  for (const path of pages) {
    const page = vscode.Uri.joinPath(extension, 'docs', ...path);
    try {
      await vscode.workspace.fs.stat(page);
      return page;
    } catch {
      // Not in this language.
    }
  }
  return null;
}
