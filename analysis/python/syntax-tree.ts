/**
 * The concrete syntax tree as lowering reads it: a preorder table of rows instead of node objects, because each
 * question to a tree-sitter node crosses into WebAssembly. One pass fills it, then the tree-sitter tree is freed.
 */
import type { Span } from '../model.ts';
import { firstFrom } from '../tree.ts';

/** Grammar nodes that lowering tells apart. Their place in this list is their number in `kinds`. */
const NODES = [
  ...['(dropped)', '(other)', 'ERROR', '(missing)'],
  ...['module', 'block', 'comment', 'line_continuation'],
  // leaves: nothing below them is read
  ...['identifier', 'integer', 'float', 'true', 'false', 'none', 'ellipsis', 'dotted_name', 'import_prefix'],
  ...['wildcard_import', 'pass_statement', 'break_statement', 'continue_statement', 'keyword_separator'],
  ...['positional_separator', 'type_conversion', 'string_start', 'string_content', 'string_end'],
  // expressions
  ...['attribute', 'call', 'subscript', 'slice', 'string', 'concatenated_string', 'interpolation'],
  ...['format_specifier', 'format_expression', 'unary_operator', 'not_operator', 'binary_operator'],
  ...['boolean_operator', 'comparison_operator', 'lambda', 'conditional_expression', 'named_expression'],
  ...['as_pattern', 'as_pattern_target', 'await', 'yield', 'list', 'set', 'tuple', 'dictionary', 'pair'],
  ...['list_comprehension', 'set_comprehension', 'dictionary_comprehension', 'generator_expression'],
  ...['for_in_clause', 'if_clause', 'list_splat', 'dictionary_splat', 'parenthesized_expression'],
  ...['parenthesized_list_splat', 'expression_list', 'pattern_list', 'tuple_pattern', 'list_pattern'],
  ...['list_splat_pattern', 'dictionary_splat_pattern', 'argument_list', 'keyword_argument', 'type'],
  ...['splat_type', 'generic_type', 'union_type', 'constrained_type', 'member_type', 'type_parameter'],
  ...['assignment', 'augmented_assignment', 'chevron'],
  // patterns of `match`
  ...['case_pattern', 'keyword_pattern', 'splat_pattern', 'class_pattern', 'dict_pattern', 'union_pattern'],
  ...['complex_pattern'],
  // parameters
  ...['parameters', 'lambda_parameters', 'typed_parameter', 'default_parameter', 'typed_default_parameter'],
  // statements and their parts
  ...['expression_statement', 'import_statement', 'import_from_statement', 'future_import_statement'],
  ...['relative_import', 'aliased_import', 'print_statement', 'exec_statement', 'assert_statement'],
  ...['return_statement', 'delete_statement', 'raise_statement', 'global_statement', 'nonlocal_statement'],
  ...['type_alias_statement', 'if_statement', 'elif_clause', 'else_clause', 'for_statement'],
  ...['while_statement', 'try_statement', 'except_clause', 'finally_clause', 'with_statement', 'with_clause'],
  ...['with_item', 'function_definition', 'class_definition', 'decorated_definition', 'decorator'],
  ...['match_statement', 'case_clause'],
] as const;

/** Tokens that carry meaning beyond their place. The others (brackets, most keywords) get no row. */
const TOKENS = [
  ...['+', '-', '*', '/', '%', '//', '**', '@', '|', '&', '^', '<<', '>>', '~'],
  ...['<', '<=', '==', '!=', '>=', '>', '<>', 'in', 'not in', 'is', 'is not', 'and', 'or', 'not'],
  ...['+=', '-=', '*=', '/=', '@=', '//=', '%=', '**=', '>>=', '<<=', '&=', '^=', '|='],
  ...[':', '=', ',', 'async', 'from', '_', '->'],
] as const;

export type KindName = (typeof NODES)[number];
export type TokenText = (typeof TOKENS)[number];

export const FIRST_TOKEN: number = NODES.length;

/** The number of a grammar node. */
export function kindOf(name: KindName): number {
  return NODES.indexOf(name);
}

export function tokenKind(text: TokenText): number {
  return FIRST_TOKEN + TOKENS.indexOf(text);
}

export function tokenText(kind: number): string {
  return TOKENS[kind - FIRST_TOKEN] ?? '';
}

/** A table for dispatch by kind. */
export function byKind<T>(entries: Partial<Record<KindName, T>>, fallback: T): T[] {
  return [...NODES.map((name) => entries[name] ?? fallback), ...TOKENS.map(() => fallback)];
}

const DROPPED = kindOf('(dropped)');
const OTHER = kindOf('(other)');
const ERROR = kindOf('ERROR');
const MISSING = kindOf('(missing)');
const MODULE = kindOf('module');
const BLOCK = kindOf('block');
const COMMENT = kindOf('comment');
const CONTINUATION = kindOf('line_continuation');
const STRING = kindOf('string');
const SUBSCRIPT = kindOf('subscript');
const COMMA = tokenKind(',');
const FIRST_LEAF = kindOf('identifier');
const LAST_LEAF = kindOf('string_end');

/** Row `n` covers rows `n + 1` to `nexts[n] - 1`; row 0 is the module. Token rows have no span of their own. */
export interface SyntaxTree {
  readonly kinds: Uint8Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly nexts: Uint32Array;
  readonly comments: readonly Span[];
  /** Spans of ERROR and MISSING nodes, outermost only, in source order. */
  readonly errors: readonly Span[];
}

export interface PythonParser {
  /** Null when the parser gives up: the text costs too much to parse. */
  parse(text: string): SyntaxTree | null;
}

/** Texts beyond this are data, not programs; parsing them would need gigabytes. */
export const MAX_LENGTH = 2_000_000;

/**
 * tree-sitter reports every 100 steps. Code, dense as it may be, takes one report per 20 characters, and broken code
 * a handful while recovering; only what is no Python at all takes more. The result says at each report whether that
 * point is reached.
 */
export function patience(length: number): (hasError: boolean) => boolean {
  let reports = 1000 + length / 5;
  let recovering = 300 + length / 1000;
  return (hasError) => --reports < 0 || (hasError && --recovering < 0);
}

/**
 * Where the statements of a tree lie in its table, told by the identity of their nodes: tree-sitter keeps the nodes that
 * an edit leaves alone, so that their rows can be copied from the table before the edit.
 */
export interface Statements {
  readonly table: SyntaxTree;
  /** Identities of the statements of modules and blocks, in the order of rows, and those rows. */
  readonly ids: number[];
  readonly rows: number[];
  /** Place in `ids` of an identity. */
  readonly places: Map<number, number>;
}

/** The part of tree-sitter's cursor that both its WebAssembly and its native binding have. */
export interface Cursor {
  readonly nodeTypeId: number;
  readonly nodeType: string;
  readonly nodeIsNamed: boolean;
  readonly nodeIsMissing: boolean;
  readonly startIndex: number;
  readonly endIndex: number;
  gotoFirstChild(): boolean;
  gotoNextSibling(): boolean;
  gotoParent(): boolean;
}

const ERROR_TYPE_ID = 65535;

const UNSEEN = 255;
const NODE_KINDS = new Map<string, number>(NODES.map((name, index) => [name, index]));
const TOKEN_KINDS = new Map<string, number>(TOKENS.map((text, index) => [text, FIRST_TOKEN + index]));

/** From a grammar's type ids to our kinds, for one language object; filled in as types turn up. */
export function kindTable(): Uint8Array {
  const table = new Uint8Array(ERROR_TYPE_ID + 1).fill(UNSEEN);
  table[ERROR_TYPE_ID] = ERROR;
  return table;
}

/** Kind of the node under the cursor, when its type is met for the first time. */
function learnKind(cursor: Cursor, table: Uint8Array): number {
  const type = cursor.nodeType;
  const kind = cursor.nodeIsNamed ? (NODE_KINDS.get(type) ?? OTHER) : (TOKEN_KINDS.get(type) ?? DROPPED);
  table[cursor.nodeTypeId] = kind;
  return kind;
}

/** Whether the string literal at `start` can hold expressions. */
function isFormatted(text: string, start: number): boolean {
  for (let i = start; i < start + 3; i++) {
    const code = text.charCodeAt(i) | 32;
    if (code === 102 || code === 116) return true; // f, t
  }
  return false;
}

/** A cursor that tells one node from another, which only the WebAssembly binding can. */
export interface IdentityCursor extends Cursor {
  readonly nodeId: number;
}

/** The table while it is filled. */
class Rows {
  kinds: Uint8Array;
  starts: Uint32Array;
  ends: Uint32Array;
  nexts: Uint32Array;
  size = 0;

  constructor(capacity: number) {
    this.kinds = new Uint8Array(capacity);
    this.starts = new Uint32Array(capacity);
    this.ends = new Uint32Array(capacity);
    this.nexts = new Uint32Array(capacity);
  }

  reserve(count: number): void {
    if (this.size + count <= this.kinds.length) return;
    const capacity = 2 * this.kinds.length + count;
    this.kinds = grow(this.kinds, new Uint8Array(capacity));
    this.starts = grow(this.starts, new Uint32Array(capacity));
    this.ends = grow(this.ends, new Uint32Array(capacity));
    this.nexts = grow(this.nexts, new Uint32Array(capacity));
  }

  /** Appends a row with all below it, from a table of a text in which it stood `shift` characters earlier. */
  copy(from: SyntaxTree, row: number, shift: number): void {
    const next = from.nexts[row]!;
    this.reserve(next - row);
    const at = this.size;
    this.kinds.set(from.kinds.subarray(row, next), at);
    const rows = at - row;
    for (let i = row; i < next; i++) {
      // Token rows have no span; what stands there is not read.
      this.starts[i + rows] = from.starts[i]! + shift;
      this.ends[i + rows] = from.ends[i]! + shift;
      this.nexts[i + rows] = from.nexts[i]! + rows;
    }
    this.size = next + rows;
  }
}

/** Reads the whole tree under a cursor that stands on its root. */
export function flatten(cursor: Cursor, text: string, table: Uint8Array, hasErrors: boolean): SyntaxTree {
  return read(cursor, text, table, hasErrors, null, null);
}

/** The same for a tree without errors, copying the statements it shares with the tree before an edit, if there is one. */
export function flattenEdited(
  cursor: IdentityCursor,
  text: string,
  table: Uint8Array,
  before: Statements | null,
): Statements {
  const seen = { ids: [], rows: [], places: new Map() };
  return { table: read(cursor, text, table, false, seen, before), ...seen };
}

function read(
  cursor: Cursor | IdentityCursor,
  text: string,
  table: Uint8Array,
  hasErrors: boolean,
  seen: Omit<Statements, 'table'> | null,
  before: Statements | null,
): SyntaxTree {
  const rows = new Rows(before ? before.table.kinds.length + 64 : (text.length >> 1) + 64);
  const comments: Span[] = [];
  const errors: Span[] = [];
  const open: number[] = []; // rows whose children are being read
  let parentKind = DROPPED;
  let errorDepth = -1; // how deep the ERROR node around us lies

  for (;;) {
    let kind = table[cursor.nodeTypeId]!;
    if (kind === UNSEEN) kind = learnKind(cursor, table);
    let descend = false;
    let start = 0;
    let end = 0;
    if (kind >= FIRST_TOKEN || kind === DROPPED) {
      if (hasErrors && cursor.nodeIsMissing && errorDepth < 0) {
        errors.push({ start: cursor.startIndex, end: cursor.endIndex });
      }
      if (kind === COMMA && parentKind !== SUBSCRIPT) kind = DROPPED;
    } else {
      start = cursor.startIndex;
      if (
        seen &&
        (parentKind === MODULE || parentKind === BLOCK) &&
        kind !== COMMENT &&
        kind !== CONTINUATION
      ) {
        const id = (cursor as IdentityCursor).nodeId;
        const place = before?.places.get(id);
        if (before && place !== undefined) {
          copyStatement(before, place, start, rows, seen, comments);
          kind = DROPPED;
        } else note(seen, id, rows.size);
      }
      end = kind === DROPPED ? 0 : cursor.endIndex;
      if (kind === COMMENT) {
        // The grammar's comment runs up to the newline, a carriage return before it included.
        comments.push({ start, end: text[end - 1] === '\r' ? end - 1 : end });
        kind = DROPPED;
      } else if (kind === CONTINUATION) {
        kind = DROPPED;
      } else if (kind !== DROPPED) {
        descend = kind < FIRST_LEAF || kind > LAST_LEAF;
        if (kind === STRING && !hasErrors && !isFormatted(text, start)) descend = false;
        if (hasErrors) {
          const missing = start === end && cursor.nodeIsMissing;
          if (missing) kind = MISSING;
          if ((missing || kind === ERROR) && errorDepth < 0) {
            errors.push({ start, end });
            if (!missing) errorDepth = open.length;
          }
        }
      }
    }
    if (kind !== DROPPED) {
      rows.reserve(1);
      const row = rows.size++;
      rows.kinds[row] = kind;
      rows.starts[row] = start;
      rows.ends[row] = end;
      rows.nexts[row] = row + 1;
      if (descend && cursor.gotoFirstChild()) {
        open.push(row);
        parentKind = kind;
        continue;
      }
      if (errorDepth === open.length) errorDepth = -1;
    }
    while (!cursor.gotoNextSibling()) {
      if (!cursor.gotoParent()) {
        const { kinds, starts, ends, nexts } = rows;
        return { kinds, starts, ends, nexts, comments, errors };
      }
      rows.nexts[open.pop()!] = rows.size;
      parentKind = open.length ? rows.kinds[open[open.length - 1]!]! : DROPPED;
      if (errorDepth === open.length) errorDepth = -1;
    }
  }
}

function note(seen: Omit<Statements, 'table'>, id: number, row: number): void {
  seen.places.set(id, seen.ids.length);
  seen.ids.push(id);
  seen.rows.push(row);
}

/** Copies the statement at `place` of the tree before to where it starts now, with its comments and inner statements. */
function copyStatement(
  before: Statements,
  place: number,
  start: number,
  rows: Rows,
  seen: Omit<Statements, 'table'>,
  comments: Span[],
): void {
  const { table } = before;
  const row = before.rows[place]!;
  const shift = start - table.starts[row]!;
  const moved = rows.size - row;
  for (let i = place; i < before.rows.length && before.rows[i]! < table.nexts[row]!; i++) {
    note(seen, before.ids[i]!, before.rows[i]! + moved);
  }
  for (let i = firstFrom(table.comments, table.starts[row]!); i < table.comments.length; i++) {
    const comment = table.comments[i]!;
    if (comment.start >= table.ends[row]!) break;
    comments.push({ start: comment.start + shift, end: comment.end + shift });
  }
  rows.copy(table, row, shift);
}

function grow<T extends Uint8Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
