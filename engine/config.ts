/** Configuration: `frugal.json`, `[tool.frugal]` in pyproject.toml, `"frugal"` in package.json. The nearest one wins. */
import { findNodeAtLocation, type ParseError, parse, parseTree, printParseErrorCode } from 'jsonc-parser';
import { PHASES, type RuleDefinition, type Severity, type Text, type UserFacts } from '../rules/rule.ts';
import { didYouMean } from './names.ts';
import { dirname, isInside } from './paths.ts';
import { placeOf } from './positions.ts';
import { reasonOf, said, what } from './problem-texts.ts';
import { decodeText } from './read.ts';
import { configSchema } from './schema.ts';
import { parseToml, TomlError } from './toml.ts';
import { ConfigError, type FileSystem, type Overrides } from './types.ts';
import { type SchemaError, validate } from './validate.ts';

type RuleConfig = Severity | 'off' | Readonly<Record<string, unknown>>;

export interface Config {
  /** The file it came from; null for the defaults. */
  readonly path: string | null;
  /** What `exclude` is relative to. */
  readonly folder: string;
  readonly select: readonly string[];
  readonly ignore: readonly string[];
  readonly exclude: readonly string[];
  readonly rules: Readonly<Record<string, RuleConfig>>;
  readonly preview: boolean;
  readonly facts: UserFacts;
  readonly language: 'auto' | 'en' | 'fr';
}

/** A rule that runs, and how. */
export interface RuleSetting {
  readonly rule: RuleDefinition;
  readonly severity: Severity;
  readonly options: Readonly<Record<string, number | string | boolean | readonly string[]>>;
}

/** Names of files that hold a configuration, the strongest first. */
export const CONFIG_FILES = ['frugal.json', 'pyproject.toml', 'package.json'] as const;

/** What a file says of Frugal; null when it says nothing. Throws ConfigError with file and place. */
export function parseConfig(path: string, text: string, rules: readonly RuleDefinition[]): Config | null {
  const source = path.endsWith('.toml') ? readToml(path, text) : readJson(path, text);
  if (source === null) return null;
  const [error] = validate(source.value, configSchema(rules));
  if (error) {
    const place = `${path}:${placeOf(text, source.offset(error))}`;
    throw new ConfigError(said(place, error.message), path);
  }
  return toConfig(path, dirname(path), source.value);
}

export function defaultConfig(folder: string): Config {
  return toConfig(null, folder, {});
}

/** Loads and remembers the configuration of each folder. */
export class ConfigLoader {
  readonly #files = new Map<string, Promise<Config | null>>();
  readonly #nearest = new Map<string, Promise<Config>>();

  constructor(
    readonly fileSystem: FileSystem,
    readonly rules: readonly RuleDefinition[],
  ) {}

  /** The nearest configuration from `folder` up to `top`. Throws ConfigError. */
  nearest(folder: string, top: string): Promise<Config> {
    const key = `${folder}\0${top}`;
    let found = this.#nearest.get(key);
    if (!found) {
      found = this.#search(folder, top);
      found.catch(() => {}); // reported to whoever awaits it
      this.#nearest.set(key, found);
    }
    return found;
  }

  async #search(folder: string, top: string): Promise<Config> {
    for (const name of CONFIG_FILES) {
      const config = await this.#load(`${folder}/${name}`);
      if (config) return config;
    }
    // folders without one of their own share what is above them: rules are made ready once for each configuration
    if (folder !== top && isInside(folder, top)) return this.nearest(dirname(folder), top);
    return defaultConfig(top);
  }

  /** The file named on the command line. Throws ConfigError when it is missing or says nothing of Frugal. */
  async explicit(path: string): Promise<Config> {
    if ((await this.fileSystem.stat(path).catch(() => null)) === null)
      throw new ConfigError(said(path, what('noSuchFile')), path);
    const config = await this.#load(path);
    if (!config) throw new ConfigError(said(path, what('noConfig')), path);
    return config;
  }

  /** Forgets what was read. */
  clear(): void {
    this.#files.clear();
    this.#nearest.clear();
  }

  #load(path: string): Promise<Config | null> {
    let loading = this.#files.get(path);
    if (!loading) {
      loading = this.#read(path);
      loading.catch(() => {}); // reported to whoever awaits it
      this.#files.set(path, loading);
    }
    return loading;
  }

  async #read(path: string): Promise<Config | null> {
    let bytes: Uint8Array;
    try {
      bytes = await this.fileSystem.readFile(path);
    } catch (error) {
      const { code } = error as { code?: string };
      if (!path.endsWith('frugal.json') || code === undefined || /ENOENT|ENOTDIR|FileNotFound/.test(code))
        return null;
      throw new ConfigError(said(path, reasonOf(error)), path);
    }
    const decoded = decodeText(bytes);
    if (decoded.text === null) {
      if (path.endsWith('frugal.json')) throw new ConfigError(said(path, decoded.reason), path);
      return null;
    }
    return parseConfig(path, decoded.text, this.rules);
  }
}

/** The rules that run under a configuration, with the command line's or the editor's word over it. Throws ConfigError. */
export function resolveRules(
  config: Config,
  rules: readonly RuleDefinition[],
  overrides: Overrides = {},
): RuleSetting[] {
  checkOverrides(rules, overrides);
  const select = overrides.select ?? config.select;
  const ignore = overrides.ignore ?? config.ignore;
  const preview = overrides.preview ?? config.preview;
  const settings: RuleSetting[] = [];
  for (const rule of rules) {
    const named = select.includes(rule.id);
    const isSelected = named || select.includes(rule.phase) || select.includes('all');
    if (!isSelected || ignore.includes(rule.id)) continue;
    if (ignore.includes(rule.phase) && !named) continue;
    if (rule.status === 'preview' && !preview && !named) continue;
    const { severity = rule.severity, ...options } = {
      ...normalized(config.rules[rule.id]),
      ...normalized(overrides.rules?.[rule.id]),
    };
    if (severity === 'off') continue;
    const defaults = Object.entries(rule.options ?? {}).map(([name, option]) => [name, option.default]);
    settings.push({
      rule,
      severity: severity as Severity,
      options: { ...Object.fromEntries(defaults), ...(options as RuleSetting['options']) },
    });
  }
  return settings;
}

function checkOverrides(rules: readonly RuleDefinition[], overrides: Overrides): void {
  const names: readonly string[] = ['all', ...PHASES, ...rules.map((rule) => rule.id)];
  for (const list of ['select', 'ignore'] as const) {
    for (const name of overrides[list] ?? []) {
      if (!names.includes(name))
        throw new ConfigError(what('unknownSelector', { list, name, near: didYouMean(name, names) }));
    }
  }
  if (!overrides.rules) return;
  const [error] = validate({ rules: overrides.rules }, configSchema(rules));
  if (error) throw new ConfigError(what('settings', { path: error.path.join('.'), what: error.message }));
}

function normalized(config: unknown): Record<string, unknown> {
  if (typeof config === 'string') return { severity: config };
  return (config as Record<string, unknown> | undefined) ?? {};
}

function toConfig(path: string | null, folder: string, value: Record<string, unknown>): Config {
  return {
    path,
    folder,
    select: (value.select as string[] | undefined) ?? ['all'],
    ignore: (value.ignore as string[] | undefined) ?? [],
    exclude: (value.exclude as string[] | undefined) ?? [],
    rules: (value.rules as Config['rules'] | undefined) ?? {},
    preview: (value.preview as boolean | undefined) ?? false,
    facts: {
      region: (value.region as string | undefined) ?? null,
      hardware: (value.hardware as string | undefined) ?? null,
      models: (value.models as UserFacts['models'] | undefined) ?? {},
      regions: (value.regions as UserFacts['regions'] | undefined) ?? {},
    },
    language: (value.language as Config['language'] | undefined) ?? 'auto',
  };
}

interface Source {
  readonly value: Record<string, unknown>;
  /** Where in the file an error stands. */
  offset(error: SchemaError): number;
}

function readJson(path: string, text: string): Source | null {
  const isOwn = !path.endsWith('package.json');
  if (!isOwn && !text.includes('"frugal"')) return null;
  const errors: ParseError[] = [];
  const root: unknown = parse(text, errors, { allowTrailingComma: isOwn, disallowComments: !isOwn });
  const [error] = errors;
  if (error) {
    if (!isOwn) return null; // a broken package.json is its own tools' business
    throw new ConfigError(
      said(`${path}:${placeOf(text, error.offset)}`, what('notJson', { what: jsonText(error) })),
      path,
    );
  }
  const prefix = isOwn ? [] : ['frugal'];
  const value = isOwn ? root : (root as Record<string, unknown> | null)?.frugal;
  if (value === undefined) return null;
  return {
    value: objectOr(path, value),
    offset({ path: keys, isKey }) {
      const tree = parseTree(text, [], { allowTrailingComma: true });
      const steps = [...prefix, ...keys].map((key) => (/^\d+$/.test(key) ? Number(key) : key));
      const node = tree && findNodeAtLocation(tree, steps);
      return (isKey ? node?.parent?.offset : node?.offset) ?? 0;
    },
  };
}

function jsonText({ error }: ParseError): Text {
  const code = printParseErrorCode(error);
  return code === '<unknown ParseErrorCode>' ? { en: code, fr: code } : what(code);
}

function readToml(path: string, text: string): Source | null {
  if (!/\bfrugal\b/.test(text)) return null;
  try {
    const { value, places } = parseToml(text);
    const table = (value.tool as Record<string, unknown> | undefined)?.frugal;
    if (table === undefined) return null;
    return {
      value: objectOr(path, table),
      offset({ path: keys, isKey }) {
        for (let depth = keys.length; depth >= 0; depth--) {
          const place = places.get(['tool', 'frugal', ...keys.slice(0, depth)].join('\0'));
          if (place) return isKey || depth < keys.length ? place.key.start : place.value.start;
        }
        return 0;
      },
    };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    if (!/^\s*\[tool\.frugal\b/m.test(text)) return null;
    const place = `${path}:${placeOf(text, error.offset)}`;
    throw new ConfigError(said(place, what('notToml', { what: error.text })), path);
  }
}

function objectOr(path: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new ConfigError(said(path, what('notObject')), path);
}
