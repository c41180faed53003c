/** The editor's `frugal.*` settings, as the engine's overrides. What an editor sends may be anything. */
import type { Overrides } from '../engine/types.ts';

export interface Settings {
  readonly enable: boolean;
  readonly language: 'auto' | 'en' | 'fr';
  readonly overrides: Overrides;
}

/** What is read of `frugal.*`; the manifest declares the same, and what the client reads itself. */
export const SETTING_NAMES = [
  'enable',
  'select',
  'ignore',
  'rules',
  'preview',
  'configPath',
  'language',
] as const;

export const DEFAULTS: Settings = { enable: true, language: 'auto', overrides: {} };

/** Empty lists and objects, empty strings and null mean "not set": the workspace's configuration decides. A relative path starts at the root. */
export function readSettings(value: unknown, root: string): Settings {
  if (!isObject(value)) return DEFAULTS;
  const overrides: { -readonly [Key in keyof Overrides]: Overrides[Key] } = {};
  const select = strings(value.select);
  const ignore = strings(value.ignore);
  if (select.length > 0) overrides.select = select;
  if (ignore.length > 0) overrides.ignore = ignore;
  if (typeof value.preview === 'boolean') overrides.preview = value.preview;
  if (typeof value.configPath === 'string' && value.configPath !== '') {
    overrides.configPath = absolute(value.configPath.replace(/\\/g, '/'), root);
  }
  if (isObject(value.rules) && Object.keys(value.rules).length > 0) overrides.rules = value.rules;
  const language = value.language === 'en' || value.language === 'fr' ? value.language : 'auto';
  return { enable: value.enable !== false, language, overrides };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

function absolute(path: string, root: string): string {
  return /^(?:\/|[a-z]:)/i.test(path) ? path : `${root}/${path}`;
}
