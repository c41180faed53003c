/** Grade and number of findings, and whether Frugal is at work. */
import * as vscode from 'vscode';
import type { ScoreBrief } from '../protocol/score.ts';

export class StatusBar implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem('frugal.status', vscode.StatusBarAlignment.Left);
  readonly #listener: vscode.Disposable;
  #running = 0;
  #brief: ScoreBrief | null = null;

  constructor() {
    this.#item.name = 'Frugal';
    this.#item.command = 'frugal.showScore';
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

  /** The score of the workspace; null while nothing is known of it. */
  set brief(brief: ScoreBrief | null) {
    this.#brief = brief;
    this.#show();
  }

  dispose(): void {
    this.#listener.dispose();
    this.#item.dispose();
  }

  #show(): void {
    const brief = this.#brief;
    const score = brief?.score ?? null;
    const isBusy = this.#running > 0 || brief?.state === 'scanning';
    const isWorkspace = brief !== null && brief.state !== 'no-folder' && brief.state !== 'off';
    const findings = isWorkspace ? brief.findingCount : shownFindings();
    const grade = score ? ` ${score.grade}` : '';
    this.#item.text = `${isBusy ? '$(loading~spin)' : '$(zap)'} Frugal${grade}: ${findings}`;
    const links = [
      `[${vscode.l10n.t('Show Eco-Score')}](command:frugal.showScore)`,
      `[${vscode.l10n.t('Lint Workspace')}](command:frugal.lintWorkspace)`,
      `[${vscode.l10n.t('Show Output')}](command:frugal.showOutput)`,
      `[${vscode.l10n.t('Restart Server')}](command:frugal.restart)`,
    ];
    const count = vscode.l10n.t('Frugal: {findings} findings', { findings });
    const points = score
      ? vscode.l10n.t('Eco-score {value} out of 100, grade {grade}', {
          value: score.value,
          grade: score.grade,
        })
      : null;
    const lines = [...(points ? [points] : []), count, links.join(' · ')];
    const tooltip = new vscode.MarkdownString(lines.join('\n\n'));
    tooltip.isTrusted = {
      enabledCommands: ['frugal.showScore', 'frugal.lintWorkspace', 'frugal.showOutput', 'frugal.restart'],
    };
    this.#item.tooltip = tooltip;
    this.#item.accessibilityInformation = {
      label: points ? `Frugal: ${points}. ${count}` : count,
      role: 'button',
    };
  }
}

/** Without a workspace, what the open files show. */
function shownFindings(): number {
  return vscode.languages
    .getDiagnostics()
    .reduce((sum, [, list]) => sum + list.filter(({ source }) => source === 'frugal').length, 0);
}
