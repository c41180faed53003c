/** Elements as data. What puts them into the page sets text as text, so nothing in it can become markup. */
import type { PanelMessage } from '../messages.ts';

/** What a click does: a message to the extension, or a change of what the page itself shows. */
export type Action = PanelMessage | { readonly type: 'toggleSteps' };

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Element {
  readonly tag: string;
  /** False and undefined: not there. */
  readonly attributes: Attributes;
  /** Of a button or a box. */
  readonly action?: Action;
  readonly children: readonly Child[];
}

export type Child = Element | string;
type Maybe = Child | null | false;

/** `element('p', { class: 'x' }, 'text')`; children that are null or false are left out. */
export function element(tag: string, attributes: Attributes, ...children: readonly Maybe[]): Element {
  return { tag, attributes, children: children.filter((child) => child !== null && child !== false) };
}

/** A box to tick. Its action says what a change of it asks for. */
export function checkbox(action: Action, attributes: Attributes): Element {
  return { ...element('input', { type: 'checkbox', ...attributes }), action };
}

export function button(action: Action, attributes: Attributes, ...children: readonly Maybe[]): Element {
  return { ...element('button', { type: 'button', ...attributes }, ...children), action };
}
