/** What stands beside the score, never in it: the team's checklist, and what trackers measured. */

/** Client to server, no parameters: gives a `BesideReport`. */
export const BESIDE_REQUEST = 'frugal/beside';
/** Client to server, no parameters: gives the text of a new FRUGAL.md. */
export const NEW_CHECKLIST = 'frugal/newChecklist';
/** Client to server, a `ChecklistEdit`: gives the text changed, or null where the item is not there (any more). */
export const EDIT_CHECKLIST = 'frugal/editChecklist';

export interface BesideReport {
  readonly folders: readonly FolderBeside[];
}

export interface FolderBeside {
  readonly name: string;
  readonly checklist: ChecklistReport;
  /** Null where nothing was measured and no tracker is called. */
  readonly measured: MeasuredReport | null;
}

export interface ChecklistReport {
  /** Of FRUGAL.md, there or not. */
  readonly uri: string;
  readonly exists: boolean;
  readonly done: number;
  readonly total: number;
  readonly groups: readonly { readonly name: string; readonly items: readonly ChecklistLine[] }[];
}

export interface ChecklistLine {
  /** The question's; null for an item of the team's own. */
  readonly id: string | null;
  /** From 1. */
  readonly line: number;
  readonly text: string;
  readonly done: boolean;
  /** Who, when and why, as the file says. */
  readonly note: string;
}

export interface ChecklistEdit {
  /** The file's text, saved or not. */
  readonly text: string;
  readonly item: Pick<ChecklistLine, 'id' | 'line' | 'text'>;
  readonly done: boolean;
  readonly who?: string;
  readonly when?: string;
  readonly why?: string;
}

export interface MeasuredReport {
  /** One line per tracker: what trackers measure differs, and is not added up. */
  readonly totals: readonly string[];
  readonly runCount: number;
  /** The newest first, a few. */
  readonly runs: readonly RunLine[];
  /** What a reader must know: output that is missing or stale, files that cannot be read. */
  readonly notes: readonly string[];
}

export interface RunLine {
  readonly uri: string;
  /** From the workspace folder. */
  readonly path: string;
  readonly date: string;
  readonly project: string;
  /** Tracker, energy, carbon, energy per epoch: what the log tells. */
  readonly figures: string;
  /** Of the largest energy among the runs of the same tracker, 0 to 100; null where no energy is told. */
  readonly share: number | null;
}
