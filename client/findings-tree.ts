/** The findings of the workspace as a tree, grouped by phase, rule or file. */
import * as vscode from 'vscode';
import type { FindingItem } from '../protocol/score.ts';
import type { ScoreModel } from './score-model.ts';
import { GROUPINGS, type Group, type Grouping, groupFindings } from './tree-groups.ts';

export const TREE = 'frugal.findings';
const GROUPING_KEY = 'frugal.groupBy';

const ICONS: Readonly<Record<FindingItem['severity'], string>> = {
  error: 'error',
  warning: 'warning',
  information: 'info',
  hint: 'lightbulb',
};

type Node = Group | FindingItem;

export class FindingsTree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #model: ScoreModel;
  readonly #memory: vscode.Memento;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly view: vscode.TreeView<Node>;
  #by: Grouping;

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(model: ScoreModel, memory: vscode.Memento) {
    this.#model = model;
    this.#memory = memory;
    const kept = memory.get(GROUPING_KEY);
    this.#by = GROUPINGS.find((one) => one === kept) ?? 'phase';
    this.view = vscode.window.createTreeView(TREE, { treeDataProvider: this, showCollapseAll: true });
    this.view.onDidChangeVisibility(({ visible }) => {
      if (visible) void model.refresh();
    });
    let shown = model.report?.findings;
    model.onDidChange(() => {
      if (model.report?.findings === shown) return;
      shown = model.report?.findings;
      this.#refresh();
    });
    this.groupBy(this.#by);
  }

  dispose(): void {
    this.view.dispose();
    this.#changed.dispose();
  }

  groupBy(by: Grouping): void {
    this.#by = by;
    void this.#memory.update(GROUPING_KEY, by);
    void vscode.commands.executeCommand('setContext', GROUPING_KEY, by);
    this.#refresh();
  }

  #refresh(): void {
    const { report } = this.#model;
    const isEmpty = report?.state === 'done' && report.findingCount === 0;
    this.view.message = isEmpty ? vscode.l10n.t('No findings.') : undefined;
    this.view.description = report && report.findingCount > 0 ? String(report.findingCount) : undefined;
    this.#changed.fire();
  }

  getChildren(node?: Node): Node[] {
    if (!node) return this.#model.report ? groupFindings(this.#model.report, this.#by) : [];
    return 'findings' in node ? [...node.findings] : [];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return 'findings' in node ? this.#groupItem(node) : this.#findingItem(node);
  }

  #groupItem({ id, label, findings }: Group): vscode.TreeItem {
    const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Collapsed);
    item.id = `${this.#by} ${id}`;
    item.description = String(findings.length);
    item.accessibilityInformation = {
      label: vscode.l10n.t('{label}: {count} findings', { label, count: findings.length }),
    };
    if (this.#by === 'file') {
      item.resourceUri = vscode.Uri.parse(id);
      item.iconPath = vscode.ThemeIcon.File;
    }
    return item;
  }

  #findingItem(finding: FindingItem): vscode.TreeItem {
    const { path, cell, range, severity, message, rule, title } = finding;
    const line = range.start.line + 1;
    const place =
      cell === null
        ? `${path}:${line}`
        : vscode.l10n.t('{path}, cell {cell}:{line}', { path, cell: cell + 1, line });
    const item = new vscode.TreeItem(this.#by === 'rule' ? place : title);
    item.description = this.#by === 'rule' ? message : place;
    // Plain text: a message quotes the code it is about.
    item.tooltip = `${message}\n${rule}\n${place}`;
    item.iconPath = new vscode.ThemeIcon(ICONS[severity]);
    item.accessibilityInformation = { label: `${title}, ${place}. ${message}` };
    item.contextValue = finding.fix ? 'fixable' : 'finding';
    item.command = { command: 'frugal.openFinding', title: '', arguments: [finding] };
    return item;
  }
}
