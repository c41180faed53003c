/** What the panel's page and the extension say to each other. What the page sends is read as a stranger's. */
import type { FixTarget, ScoreReport } from '../protocol/score.ts';

/** What the page shows. */
export interface PanelState {
  readonly type: 'state';
  /** `starting`: no word from the server yet. `failed`: there will be none. */
  readonly server: 'starting' | 'running' | 'failed';
  readonly language: 'en' | 'fr';
  readonly report: ScoreReport | null;
}

export type PanelMessage =
  | { readonly type: 'ready' | 'scan' | 'stop' | 'method' | 'openFolder' | 'settings' | 'restart' }
  | { readonly type: 'open' | 'fix'; readonly target: FixTarget };

const PLAIN = ['ready', 'scan', 'stop', 'method', 'openFolder', 'settings', 'restart'] as const;

/** A message of the page; null for anything else. */
export function readMessage(value: unknown): PanelMessage | null {
  if (!isObject(value)) return null;
  const plain = PLAIN.find((one) => one === value.type);
  if (plain) return { type: plain };
  if (value.type !== 'open' && value.type !== 'fix') return null;
  const target = readTarget(value.target);
  return target && { type: value.type, target };
}

function readTarget(value: unknown): FixTarget | null {
  if (!isObject(value)) return null;
  const { uri, cell, start, rule } = value;
  if (typeof uri !== 'string' || typeof rule !== 'string') return null;
  if (!isIndex(start) || (cell !== null && !isIndex(cell))) return null;
  return { uri, cell, start, rule };
}

const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
