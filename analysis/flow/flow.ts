/**
 * Data flow over the CodeModel: what an expression may hold, which library call a call is, where an object goes.
 *
 * Values are found on demand, from use back to definition, and memoised for one snapshot of the project. The
 * analysis joins what several callers pass (context-insensitive); order is honoured within a function body.
 */
import type { Project } from '../program/project.ts';
import { argument } from './arguments.ts';
import { bases } from './classes.ts';
import { iterations } from './iterations.ts';
import { callers, names, targets } from './names.ts';
import { moduleOf, takeSnapshot } from './snapshot.ts';
import type { Flow } from './types.ts';
import { uses } from './uses.ts';
import { constant, constants, objectsOf, values } from './values.ts';

export function createFlow(project: Project): Flow {
  const s = takeSnapshot(project);
  return {
    values: (expr) => values(s, expr),
    constants: (expr) => constants(s, expr),
    constant: (expr) => constant(s, expr),
    names: (call) => names(s, call),
    objects: (expr) => objectsOf(s, expr),
    isA: (expr, type) =>
      values(s, expr).some((value) => value.kind === 'object' && value.types.includes(type)),
    bases: (node) => bases(s, node),
    uses: (value, names) => uses(s, value, names ?? null),
    callers: (node) => callers(s, node),
    targets: (call) => targets(s, call),
    argument: (call, name, position) => argument(s, call, name, position),
    iterations: (loop) => iterations(s, loop),
    moduleOf: (node) => moduleOf(s, node),
    programs: s.graph.programs,
    related: s.graph.related,
    component: s.graph.component,
    modules: s.modules,
  };
}
