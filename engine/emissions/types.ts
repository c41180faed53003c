/** What energy trackers measured, one shape for all of them. Kilowatt-hours and grams of CO2e. */

export type Tool = 'codecarbon' | 'carbontracker' | 'zeus';

/** A part of a run that the tracker measured by itself: a task, an epoch, a window. */
export interface Step {
  readonly name: string;
  /** Seconds. */
  readonly duration: number | null;
  readonly energy: number | null;
  readonly emissions: number | null;
}

export interface MeasuredRun {
  readonly tool: Tool;
  /** Files that tell of it, the first the main one. */
  readonly path: string;
  readonly id: string | null;
  readonly project: string | null;
  /** As written, without a time zone where the tracker writes none; null when it says none, or none that exists. */
  readonly at: string | null;
  readonly duration: number | null;
  /** kWh. */
  readonly energy: number | null;
  /** gCO2e; null where the tracker measures energy only. */
  readonly emissions: number | null;
  /** What the figure counts: the whole machine, or accelerators only. */
  readonly scope: 'machine' | 'accelerators';
  readonly place: string | null;
  readonly hardware: string | null;
  readonly epochs: number | null;
  /** kWh per epoch; null where the log does not tell epochs. */
  readonly energyPerEpoch: number | null;
  /** gCO2e per epoch. */
  readonly emissionsPerEpoch: number | null;
  readonly steps: readonly Step[];
}

/** What was wrong with a file that was read nevertheless, or not. */
export interface Fault {
  readonly kind: 'unreadable' | 'encoding' | 'too-large' | 'no-header' | 'rows-skipped' | 'too-many-rows';
  /** Rows, for the last two. */
  readonly count: number;
}

export interface MeasuredFile {
  readonly path: string;
  readonly tool: Tool;
  readonly runs: readonly MeasuredRun[];
  readonly faults: readonly Fault[];
  /** Milliseconds since 1970. */
  readonly mtime: number;
}

/** What one parser makes of one text. */
export interface Parsed {
  readonly runs: readonly MeasuredRun[];
  readonly faults: readonly Fault[];
}
