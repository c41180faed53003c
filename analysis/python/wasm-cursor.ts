/**
 * A cursor over a tree of web-tree-sitter that asks the WebAssembly module itself. The library's own cursor writes its
 * state into the module's memory before each question and reads it back after each step; a walk that nothing else
 * interrupts finds it there anyhow, which spares two thirds of the time.
 */
import type { Tree } from 'web-tree-sitter';
import type { IdentityCursor } from './syntax-tree.ts';

/** What is used of the Emscripten module, which `Parser.init` makes of the options it is given: the C functions. */
export interface Runtime {
  wasmBinary?: Uint8Array;
  _ts_tree_root_node_wasm(tree: number): void;
  _ts_tree_cursor_new_wasm(tree: number): void;
  _ts_tree_cursor_delete_wasm(tree: number): void;
  _ts_tree_cursor_goto_first_child_wasm(tree: number): number;
  _ts_tree_cursor_goto_next_sibling_wasm(tree: number): number;
  _ts_tree_cursor_goto_parent_wasm(tree: number): number;
  _ts_tree_cursor_current_node_type_id_wasm(tree: number): number;
  _ts_tree_cursor_current_node_id_wasm(tree: number): number;
  _ts_tree_cursor_current_node_is_named_wasm(tree: number): number;
  _ts_tree_cursor_current_node_is_missing_wasm(tree: number): number;
  _ts_tree_cursor_start_index_wasm(tree: number): number;
  _ts_tree_cursor_end_index_wasm(tree: number): number;
}

/** On the root of a tree. Nothing else of the library may be used until `delete`. */
export class WasmCursor implements IdentityCursor {
  readonly #runtime: Runtime;
  readonly #types: readonly string[];
  /** Where the tree lies in the module's memory. */
  readonly #tree: number;

  constructor(runtime: Runtime, tree: Tree) {
    this.#runtime = runtime;
    this.#types = tree.language.types;
    this.#tree = (tree as unknown as readonly [number])[0];
    runtime._ts_tree_root_node_wasm(this.#tree);
    runtime._ts_tree_cursor_new_wasm(this.#tree);
  }

  delete(): void {
    this.#runtime._ts_tree_cursor_delete_wasm(this.#tree);
  }

  get nodeTypeId(): number {
    return this.#runtime._ts_tree_cursor_current_node_type_id_wasm(this.#tree);
  }

  get nodeType(): string {
    return this.#types[this.nodeTypeId] ?? 'ERROR';
  }

  get nodeIsNamed(): boolean {
    return this.#runtime._ts_tree_cursor_current_node_is_named_wasm(this.#tree) === 1;
  }

  get nodeIsMissing(): boolean {
    return this.#runtime._ts_tree_cursor_current_node_is_missing_wasm(this.#tree) === 1;
  }

  get nodeId(): number {
    return this.#runtime._ts_tree_cursor_current_node_id_wasm(this.#tree);
  }

  get startIndex(): number {
    return this.#runtime._ts_tree_cursor_start_index_wasm(this.#tree);
  }

  get endIndex(): number {
    return this.#runtime._ts_tree_cursor_end_index_wasm(this.#tree);
  }

  gotoFirstChild(): boolean {
    return this.#runtime._ts_tree_cursor_goto_first_child_wasm(this.#tree) === 1;
  }

  gotoNextSibling(): boolean {
    return this.#runtime._ts_tree_cursor_goto_next_sibling_wasm(this.#tree) === 1;
  }

  gotoParent(): boolean {
    return this.#runtime._ts_tree_cursor_goto_parent_wasm(this.#tree) === 1;
  }
}
