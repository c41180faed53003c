/** The panel in the activity bar: score, phases, next steps. The page itself is client/webview. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { FindingItem } from '../protocol/score.ts';
import { type PanelState, readMessage } from './messages.ts';
import { panelPage } from './panel-page.ts';
import type { ScoreModel } from './score-model.ts';

export const PANEL = 'frugal.score';

export interface PanelHost {
  readonly extension: vscode.Uri;
  readonly model: ScoreModel;
  server(): PanelState['server'];
  open(finding: FindingItem): Promise<void>;
  fix(finding: FindingItem): Promise<void>;
}

export class Panel implements vscode.WebviewViewProvider {
  readonly #host: PanelHost;
  #view: vscode.WebviewView | undefined;

  constructor(host: PanelHost) {
    this.#host = host;
    host.model.onDidChange(() => this.#show());
  }

  get isVisible(): boolean {
    return this.#view?.visible ?? false;
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.#view = view;
    const { extension, model } = this.#host;
    const resources = vscode.Uri.joinPath(extension, 'dist');
    const resource = (name: string): string =>
      view.webview.asWebviewUri(vscode.Uri.joinPath(resources, name)).toString();
    view.webview.options = { enableScripts: true, localResourceRoots: [resources] };
    view.webview.onDidReceiveMessage((message) => void this.#receive(message));
    view.onDidChangeVisibility(() => {
      if (view.visible) void model.refresh();
    });
    view.onDidDispose(() => {
      if (this.#view === view) this.#view = undefined;
    });
    view.webview.html = panelPage({
      cspSource: view.webview.cspSource,
      nonce: randomBytes(24).toString('base64url'),
      script: resource('panel.js'),
      style: resource('panel.css'),
      language: this.#state().language,
      title: vscode.l10n.t('Eco-score'),
    });
  }

  #state(): PanelState {
    const { model } = this.#host;
    const editor = vscode.env.language.toLowerCase().startsWith('fr') ? 'fr' : 'en';
    return {
      type: 'state',
      server: this.#host.server(),
      language: model.report?.language ?? editor,
      report: model.report,
    };
  }

  #show(): void {
    if (this.isVisible) void this.#view?.webview.postMessage(this.#state());
  }

  /** The page may say only what the panel offers, about findings that the server told of. */
  async #receive(value: unknown): Promise<void> {
    const message = readMessage(value);
    if (message === null) return;
    const { model } = this.#host;
    switch (message.type) {
      case 'ready':
        this.#show();
        return model.refresh();
      case 'scan':
        return model.scan();
      case 'stop':
        return model.stop();
      case 'method':
        return void vscode.commands.executeCommand('frugal.openScorePage');
      case 'openFolder':
        return void vscode.commands.executeCommand('vscode.openFolder');
      case 'settings':
        return void vscode.commands.executeCommand('workbench.action.openSettings', 'frugal.enable');
      case 'restart':
        return void vscode.commands.executeCommand('frugal.restart');
      default: {
        const finding = model.find(message.target);
        if (!finding) return;
        if (message.type === 'open') return this.#host.open(finding);
        if (finding.fix) return this.#host.fix(finding);
      }
    }
  }
}
