/** Which of two places of a program runs first, followed outwards through the functions they stand in. */
import type { Flow } from '../../analysis/flow/types.ts';
import type { Node } from '../../analysis/model.ts';
import { enclosingFunction } from '../../analysis/tree.ts';

/** Two places seen from the function (or module level) that leads to both. */
export interface Meeting {
  readonly first: Node;
  readonly second: Node;
  /** Through how many calls the place is reached from there: 0 where it stands there itself. */
  readonly firstDepth: number;
  readonly secondDepth: number;
}

const MAX_DEPTH = 4;
const MAX_CALLERS = 6;

/** The node, the call of its function, the call of that one's, for every known way in. */
function pathsOut(node: Node, flow: Flow, depth = 0): Node[][] {
  const fn = enclosingFunction(node);
  const callers = fn && depth < MAX_DEPTH ? flow.callers(fn).slice(0, MAX_CALLERS) : [];
  if (callers.length === 0) return [[node]];
  return callers.flatMap((call) => pathsOut(call, flow, depth + 1).map((path) => [node, ...path]));
}

/** Where both places are led to from one function: the innermost such place for each pair of ways. */
export function meetings(first: Node, second: Node, flow: Flow): readonly Meeting[] {
  const found: Meeting[] = [];
  const seconds = pathsOut(second, flow);
  for (const left of pathsOut(first, flow)) {
    for (const right of seconds) {
      const meeting = meet(left, right, flow);
      if (meeting && !found.some((one) => one.first === meeting.first && one.second === meeting.second))
        found.push(meeting);
    }
  }
  return found;
}

function meet(left: readonly Node[], right: readonly Node[], flow: Flow): Meeting | null {
  for (const [firstDepth, first] of left.entries()) {
    for (const [secondDepth, second] of right.entries()) {
      if (first === second) continue;
      if (enclosingFunction(first) !== enclosingFunction(second)) continue;
      if (flow.moduleOf(first) !== flow.moduleOf(second)) continue;
      return { first, second, firstDepth, secondDepth };
    }
  }
  return null;
}
