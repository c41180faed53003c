/** How many findings there are, and whether Frugal is at work. */
import * as vscode from 'vscode';

export class StatusBar implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem('frugal.status', vscode.StatusBarAlignment.Left);
  readonly #listener: vscode.Disposable;
  #running = 0;

  constructor() {
    this.#item.name = 'Frugal';
    this.#item.command = 'workbench.actions.view.problems';
    this.#listener = vscode.languages.onDidChangeDiagnostics(() => this.#show());
    this.#show();
    this.#item.show();
  }

  /** Shows that work is going on until it ends, however it ends. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#running += 1;
    this.#show();
    try {
      return await work;
    } finally {
      this.#running -= 1;
      this.#show();
    }
  }

  dispose(): void {
    this.#listener.dispose();
    this.#item.dispose();
  }

  #show(): void {
    const findings = vscode.languages
      .getDiagnostics()
      .reduce((sum, [, list]) => sum + list.filter(({ source }) => source === 'frugal').length, 0);
    this.#item.text = `${this.#running > 0 ? '$(loading~spin)' : '$(zap)'} Frugal: ${findings}`;
    const links = [
      `[${vscode.l10n.t('Lint Workspace')}](command:frugal.lintWorkspace)`,
      `[${vscode.l10n.t('Show Output')}](command:frugal.showOutput)`,
      `[${vscode.l10n.t('Restart Server')}](command:frugal.restart)`,
    ];
    const count = vscode.l10n.t('Frugal: {findings} findings', { findings });
    const tooltip = new vscode.MarkdownString(`${count}\n\n${links.join(' · ')}`);
    tooltip.isTrusted = {
      enabledCommands: ['frugal.lintWorkspace', 'frugal.showOutput', 'frugal.restart'],
    };
    this.#item.tooltip = tooltip;
  }
}
