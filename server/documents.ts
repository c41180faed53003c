/** The open documents and notebooks: where a URI lies in the engine's terms, and the texts handed to the engine. */
import {
  type Connection,
  NotebookCellKind,
  type NotebookDocument,
  NotebookDocuments,
  TextDocuments,
} from 'vscode-languageserver';
import { type Range, TextDocument } from 'vscode-languageserver-textdocument';
import { dirname, isInside } from '../engine/paths.ts';
import type { NotebookCell } from '../engine/types.ts';
import { toPath, toUri } from './uri.ts';

/** A document of the editor: a file, or one cell of a notebook. */
export interface Place {
  /** The engine's path, of the whole notebook for a cell. */
  readonly path: string;
  /** Index of the cell among all cells; null outside notebooks. */
  readonly cell: number | null;
  readonly document: TextDocument;
}

/** What an open file or notebook tells the engine, null once it is closed. */
export type TextListener = (path: string, content: string | readonly NotebookCell[] | null) => void;

export class Documents {
  readonly #texts = new TextDocuments(TextDocument);
  readonly #notebooks = new NotebookDocuments(TextDocument);
  /** Open paths -> the URI as the editor spells it, and the language's telling extension in the path. */
  readonly #open = new Map<string, { readonly uri: string; readonly notebook: boolean }>();
  readonly #paths = new Map<string, string>();
  #folders: readonly string[] = [];

  /** Workspace folders, as paths. */
  get folders(): readonly string[] {
    return this.#folders;
  }

  set folders(folders: readonly string[]) {
    this.#folders = folders;
  }

  /** Engine paths of all open files and notebooks. */
  get paths(): readonly string[] {
    return [...this.#open.keys()];
  }

  listen(connection: Connection, onText: TextListener): void {
    const opened = (uri: string, languageId: string | undefined, notebook: boolean): string => {
      const path = toPath(uri, languageId, this.#folders[0]);
      this.#open.set(path, { uri, notebook });
      this.#paths.set(uri, path);
      return path;
    };
    const closed = (uri: string): void => {
      const path = this.#paths.get(uri);
      this.#paths.delete(uri);
      if (path === undefined || this.#open.get(path)?.uri !== uri) return;
      this.#open.delete(path);
      onText(path, null);
    };
    this.#texts.onDidChangeContent(({ document }) => {
      onText(opened(document.uri, document.languageId, false), document.getText());
    });
    this.#texts.onDidClose(({ document }) => closed(document.uri));
    const notebookChanged = (notebook: NotebookDocument): void =>
      onText(opened(notebook.uri, undefined, true), this.#cells(notebook));
    this.#notebooks.onDidOpen(notebookChanged);
    this.#notebooks.onDidChange(({ notebookDocument }) => notebookChanged(notebookDocument));
    this.#notebooks.onDidClose((notebook) => closed(notebook.uri));
    this.#texts.listen(connection);
    this.#notebooks.listen(connection);
  }

  /** Hands all open texts over again: to an engine that just started. */
  replay(onText: TextListener): void {
    for (const [path, { uri, notebook }] of this.#open) {
      const content = notebook ? this.#notebooks.getNotebookDocument(uri) : this.#texts.get(uri);
      if (content) onText(path, 'cells' in content ? this.#cells(content) : content.getText());
    }
  }

  /** Where an open document lies; null for one that is not open. */
  place(uri: string): Place | null {
    const document = this.#texts.get(uri);
    const path = this.#paths.get(uri);
    if (document && path !== undefined) return { path, cell: null, document };
    const notebook = this.#notebooks.findNotebookDocumentForCell(uri);
    const cellDocument = this.#notebooks.cellTextDocuments.get(uri);
    const notebookPath = notebook && this.#paths.get(notebook.uri);
    if (!notebook || !cellDocument || notebookPath === undefined) return null;
    const cell = notebook.cells.findIndex(({ document }) => document === uri);
    return cell < 0 ? null : { path: notebookPath, cell, document: cellDocument };
  }

  /** The open documents that show a path: the file's, or those of the notebook's cells. */
  places(path: string): readonly Place[] {
    const open = this.#open.get(path);
    if (!open) return [];
    if (!open.notebook) return [this.place(open.uri)].filter((place) => place !== null);
    const cells = this.#notebooks.getNotebookDocument(open.uri)?.cells ?? [];
    return cells.map(({ document }) => this.place(document)).filter((place) => place !== null);
  }

  isOpen(path: string): boolean {
    return this.#open.has(path);
  }

  /** The path of an open file or notebook, or of a cell's notebook; of any other URI as it stands. */
  path(uri: string): string {
    return this.#paths.get(uri) ?? this.place(uri)?.path ?? toPath(uri, undefined, this.#folders[0]);
  }

  /** The URI of a path, as the editor spells it where the file is open. */
  uri(path: string): string {
    return this.#open.get(path)?.uri ?? toUri(path);
  }

  /** The innermost workspace folder that holds the path, else the folder of the file. */
  root(path: string): string {
    const holders = this.#folders.filter((folder) => isInside(path, folder));
    return holders.sort((a, b) => b.length - a.length)[0] ?? dirname(path);
  }

  #cells(notebook: NotebookDocument): NotebookCell[] {
    return notebook.cells.map(({ kind, document }) => {
      const text = this.#notebooks.cellTextDocuments.get(document);
      const language = text?.languageId ?? '';
      return {
        kind: kind === NotebookCellKind.Code ? 'code' : 'markup',
        language,
        text: text?.getText() ?? '',
      };
    });
  }
}

/** Range of engine offsets. `positionAt` clamps, so that no offset can lead out of the text. */
export function toRange(document: TextDocument, start: number, end: number): Range {
  return { start: document.positionAt(start), end: document.positionAt(end) };
}

/** A text that is not open, to convert offsets in. */
export function textOnly(text: string): TextDocument {
  return TextDocument.create('', '', 0, text);
}
