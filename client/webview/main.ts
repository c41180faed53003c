/** The panel's script: shows what the extension sends, and sends what the user does. */
import type { PanelState } from '../messages.ts';
import type { Action, Child, Element as Description } from './elements.ts';
import { news, type View, view } from './view.ts';

declare function acquireVsCodeApi(): {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
};

const SVG = 'http://www.w3.org/2000/svg';
const SVG_TAGS = new Set(['svg', 'path', 'rect']);

const api = acquireVsCodeApi();
const panel = document.getElementById('panel') as HTMLElement;
const newsLine = document.getElementById('news') as HTMLElement;
const actions = new WeakMap<Element, Action>();
let state: PanelState | null = null;
let local: View = { allSteps: (api.getState() as Partial<View> | undefined)?.allSteps === true };

/** Makes the children of `parent` as described. What is there already stays, and so do focus and scroll position. */
function update(parent: Element, children: readonly Child[]): void {
  for (const [index, child] of children.entries()) {
    const there = parent.childNodes[index];
    if (typeof child === 'string') {
      if (there instanceof Text) {
        if (there.data !== child) there.data = child;
      } else insert(parent, document.createTextNode(child), there);
      continue;
    }
    let node: Element;
    if (there instanceof Element && there.localName === child.tag) node = there;
    else {
      node = SVG_TAGS.has(child.tag)
        ? document.createElementNS(SVG, child.tag)
        : document.createElement(child.tag);
      insert(parent, node, there);
    }
    describe(node, child);
    update(node, child.children);
  }
  while (parent.childNodes.length > children.length) parent.lastChild?.remove();
}

function insert(parent: Element, node: Node, there: Node | undefined): void {
  if (there) parent.replaceChild(node, there);
  else parent.append(node);
}

function describe(node: Element, { attributes, action }: Description): void {
  for (const { name } of [...node.attributes]) {
    const value = attributes[name];
    // What the user unfolded stays so.
    if ((value === undefined || value === false) && name !== 'open') node.removeAttribute(name);
  }
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    const wanted = value === true ? '' : String(value);
    if (node.getAttribute(name) !== wanted) node.setAttribute(name, wanted);
  }
  // The attribute is only where a box begins.
  if (node instanceof HTMLInputElement) node.checked = attributes.checked === true;
  if (action) actions.set(node, action);
  else actions.delete(node);
}

function show(): void {
  if (state) update(panel, view(state, local));
}

panel.addEventListener('click', (event) => {
  const target = event.target instanceof Element ? event.target.closest('button') : null;
  const action = target && actions.get(target);
  if (!action) return;
  if (action.type !== 'toggleSteps') return api.postMessage(action);
  local = { allSteps: !local.allSteps };
  api.setState(local);
  show();
});

panel.addEventListener('change', ({ target }) => {
  const action = target instanceof Element ? actions.get(target) : undefined;
  if (action) api.postMessage(action);
});

window.addEventListener('message', ({ data }: MessageEvent<PanelState>) => {
  if (data?.type !== 'state') return;
  const said = news(state, data);
  state = data;
  document.documentElement.lang = state.language;
  show();
  if (said !== '') newsLine.textContent = said;
});

api.postMessage({ type: 'ready' });
