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

/** In French where the messages are French. */
async function findPage(extension: vscode.Uri, rule: string): Promise<vscode.Uri | null> {
  const setting = vscode.workspace.getConfiguration('frugal').get<string>('language', 'auto');
  const language = setting === 'auto' ? vscode.env.language : setting;
  const folders = language.toLowerCase().startsWith('fr') ? [['fr'], []] : [[]];
  for (const folder of folders) {
    const page = vscode.Uri.joinPath(extension, 'docs', 'rules', ...folder, `${rule}.md`);
    try {
      await vscode.workspace.fs.stat(page);
      return page;
    } catch {
      // Not in this language.
    }
  }
  return null;
}
