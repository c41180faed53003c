/** Where a file stands in its workspace: what folders above the workspace are called says nothing about the file. */
import type { Module } from '../model.ts';

const roots = new WeakMap<Module, string>();

/** Notes the workspace that holds the module. */
export function settle(module: Module, root: string): void {
  roots.set(module, root);
}

/** The module's path below its workspace, without a leading slash; the whole path where no workspace holds it. */
export function placeOf(module: Module): string {
  const root = roots.get(module);
  return root !== undefined && module.path.startsWith(`${root}/`)
    ? module.path.slice(root.length + 1)
    : module.path;
}
