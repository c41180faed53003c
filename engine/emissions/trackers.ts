/** Where code measures itself, and whether what it measured is there and fresh. */
import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, Module, Span } from '../../analysis/model.ts';
import { TRACKER_LIBRARIES, trackerOf } from '../../rules/knowledge/trackers.ts';
import type { MeasuredFile, Tool } from './types.ts';

/** Whether the tracker writes a file: `unknown` where arguments cannot be seen. */
export type Writes = 'yes' | 'no' | 'unknown';

export interface TrackerCall {
  readonly library: string;
  readonly span: Span;
  readonly writes: Writes;
}

/** A tracker in the workspace, and what became of its measurements. */
export interface TrackerState {
  readonly path: string;
  /** From 1; in a notebook, of the cell. */
  readonly line: number;
  readonly cell: number | null;
  readonly library: string;
  /**
   * `measured`: its output is there. `missing`: it is not. `stale`: the program changed after the last measurement.
   * `no-output`: as it is called, it writes no file. `unread`: Frugal does not read this tracker's files.
   */
  readonly state: 'measured' | 'missing' | 'stale' | 'no-output' | 'unread';
  /** When the newest run was, as its log says. */
  readonly last: string | null;
}

const MENTION = new RegExp(TRACKER_LIBRARIES.join('|'), 'i');

/** A quick look at the text: whether it names a tracker at all. */
export const mentionsTracker = (text: string): boolean => MENTION.test(text);

/** Trackers that a module builds, calls or puts on a function. */
export function trackerCalls(module: Module, flow: Flow): TrackerCall[] {
  const found: TrackerCall[] = [];
  for (const call of module.calls) {
    const row = trackerOf(flow.names(call));
    if (row)
      found.push({ library: row.library, span: call.callee, writes: writesOf(flow, call, row.library) });
  }
  for (const { decorators } of module.functions) {
    for (const decorator of decorators) {
      if (decorator.kind === 'call') continue;
      const row = trackerOf(libraryNames(flow, decorator));
      if (row)
        found.push({
          library: row.library,
          span: decorator,
          writes: row.library === 'codecarbon' ? 'yes' : 'unknown',
        });
    }
  }
  return found;
}

function libraryNames(flow: Flow, expr: Expr): string[] {
  return flow.values(expr).flatMap((value) => (value.kind === 'library' ? [value.name] : []));
}

/** What each library must be told to write a file; CodeCarbon must be told not to. */
function writesOf(flow: Flow, call: Call, library: string): Writes {
  const given = (name: string): unknown => {
    const found = flow.argument(call, name);
    if (found.state === 'absent') return undefined;
    return found.state === 'given' ? (flow.constant(found.value) ?? UNSEEN) : UNSEEN;
  };
  if (library === 'codecarbon') {
    const saves = given('save_to_file');
    return saves === false ? 'no' : saves === UNSEEN ? 'unknown' : 'yes';
  }
  const place = given(library === 'carbontracker' ? 'log_dir' : 'log_file');
  if (library !== 'carbontracker' && library !== 'zeus') return 'unknown';
  return place === undefined || place === null ? 'no' : place === UNSEEN ? 'unknown' : 'yes';
}

const UNSEEN = Symbol('an argument that cannot be seen');

/** Files of one checkout have about the same time, whatever changed when. */
const CHECKOUT_MS = 3_600_000;

const TOOLS: Readonly<Record<string, Tool>> = {
  codecarbon: 'codecarbon',
  carbontracker: 'carbontracker',
  zeus: 'zeus',
};

/**
 * @param mtime when the file that holds the call last changed, in milliseconds
 * @param files what was measured in the workspace
 */
export function stateOf(
  { library, writes }: Pick<TrackerCall, 'library' | 'writes'>,
  mtime: number,
  files: readonly MeasuredFile[],
): Pick<TrackerState, 'state' | 'last'> {
  const tool = Object.hasOwn(TOOLS, library) ? TOOLS[library] : undefined;
  if (tool === undefined) return { state: 'unread', last: null };
  const outputs = files.filter((file) => file.tool === tool && file.runs.length > 0);
  if (outputs.length === 0) return { state: writes === 'yes' ? 'missing' : 'no-output', last: null };
  const newest = Math.max(...outputs.map((file) => file.mtime));
  const dates = outputs.flatMap((file) => file.runs.flatMap(({ at }) => (at === null ? [] : [at])));
  const last = dates.sort().at(-1) ?? null;
  return { state: mtime > newest + CHECKOUT_MS ? 'stale' : 'measured', last };
}
