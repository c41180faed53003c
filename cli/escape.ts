/** Hidden characters in what comes from files must not drive the reader's terminal. */
export { escapeHidden } from '../engine/hidden.ts';
