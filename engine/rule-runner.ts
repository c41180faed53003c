/** Runs rules over a module in one pass, whatever their number. */
import type { Flow } from '../analysis/flow/types.ts';
import type { Module, Span } from '../analysis/model.ts';
import type { Report, RuleContext, RuleDefinition, UserFacts } from '../rules/rule.ts';
import { isTestCode, isUnitTest } from '../rules/semantics/unit-tests.ts';
import type { RuleSetting } from './config.ts';
import type { SiteCount } from './types.ts';

/** A place where a rule failed. */
export interface Failure {
  readonly setting: RuleSetting;
  readonly span: Span;
  readonly report: Report;
}

export interface ModuleResult {
  /** In source order. */
  readonly failures: readonly Failure[];
  readonly sites: Record<string, SiteCount>;
  /** Rules that ran to their end. */
  readonly completed: ReadonlySet<string>;
  /** Rules that threw; null is the analysis itself. */
  readonly crashes: readonly { readonly rule: RuleDefinition | null; readonly error: unknown }[];
}

/** What rules may know besides the code. */
export interface RuleEnvironment {
  readonly facts: UserFacts;
  hasDependency(name: string): boolean;
}

/** Rules by what they listen to. Made once for a set of settings, used for many modules. */
export class RuleIndex {
  readonly #exact = new Map<string, number[]>();
  readonly #patterns: { readonly pattern: RegExp; readonly rule: number }[] = [];
  readonly #byName = new Map<string, readonly number[]>();
  readonly #listeners = new Map<string, readonly number[]>();

  constructor(readonly settings: readonly RuleSetting[]) {
    for (const [index, { rule }] of settings.entries()) {
      for (const name of rule.on.calls?.names ?? []) {
        if (name.includes('*')) this.#patterns.push({ pattern: namePattern(name), rule: index });
        else this.#exact.set(name, [...(this.#exact.get(name) ?? []), index]);
      }
    }
  }

  /** Indexes of the rules that want a call of this canonical name. */
  rulesOf(name: string): readonly number[] {
    let found = this.#byName.get(name);
    if (!found) {
      const matching = this.#patterns.filter(({ pattern }) => pattern.test(name)).map(({ rule }) => rule);
      found = [...new Set([...(this.#exact.get(name) ?? []), ...matching])];
      if (this.#byName.size > 20_000) this.#byName.clear(); // names come from the code: bounded in a long session
      this.#byName.set(name, found);
    }
    return found;
  }

  /** Indexes of the rules for a language that listen to something. */
  listeners(to: keyof RuleDefinition['on'], language: Module['language']): readonly number[] {
    const key = `${to} ${language}`;
    let found = this.#listeners.get(key);
    if (!found) {
      found = this.settings.flatMap(({ rule }, at) =>
        rule.on[to] && rule.languages.includes(language) ? [at] : [],
      );
      this.#listeners.set(key, found);
    }
    return found;
  }

  /** Of the rules that want a call of one of these names, each once. */
  rulesOfAny(names: readonly string[]): Iterable<number> {
    const [only] = names;
    if (only !== undefined && names.length === 1) return this.rulesOf(only);
    return new Set(names.flatMap((name) => this.rulesOf(name)));
  }
}

/** `transformers.*.from_pretrained`: a star stands for one segment. */
function namePattern(name: string): RegExp {
  const segments = name.split('.').map((segment) =>
    segment
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('[^.]*'),
  );
  return new RegExp(`^${segments.join('\\.')}$`);
}

/** Runs the rules on one module; on its unit tests those that judge such. A rule that throws is noted and left; the others go on. */
export function runRules(
  index: RuleIndex,
  module: Module,
  flow: Flow,
  environment: RuleEnvironment,
): ModuleResult {
  const sites = new Map<string, { setting: RuleSetting; span: Span; report: Report | null }>();
  const crashes = new Map<RuleDefinition | null, unknown>();

  const record = (setting: RuleSetting, span: Span, report: Report | null) => {
    if (!setting.rule.judgesTests && isTestCode(module, span)) return;
    const key = `${setting.rule.id}:${span.start}:${span.end}`;
    const known = sites.get(key);
    if (!known || (known.report === null && report !== null)) sites.set(key, { setting, span, report });
  };
  const contexts = index.settings.map(
    (setting): RuleContext => ({
      module,
      flow,
      options: setting.options,
      facts: environment.facts,
      hasDependency: (name) => environment.hasDependency(name),
      pass: (span) => record(setting, span, null),
      fail: (span, report = {}) => record(setting, span, report),
    }),
  );
  const isTest = isUnitTest(module);
  const isActive = (rule: RuleDefinition) =>
    rule.languages.includes(module.language) && (!isTest || rule.judgesTests === true) && !crashes.has(rule);
  const guard = (rule: RuleDefinition | null, run: () => void) => {
    try {
      run();
    } catch (error) {
      if (!crashes.has(rule)) crashes.set(rule, error);
    }
  };
  /** Runs one listener of every rule that has it. */
  const each = (
    to: keyof RuleDefinition['on'],
    run: (on: RuleDefinition['on'], context: RuleContext) => void,
  ) => {
    for (const at of index.listeners(to, module.language)) {
      const { rule } = index.settings[at] as RuleSetting;
      if (isActive(rule)) guard(rule, () => run(rule.on, contexts[at] as RuleContext));
    }
  };

  for (const call of module.calls) {
    let names: readonly string[] = [];
    guard(null, () => {
      names = flow.names(call);
    });
    for (const at of index.rulesOfAny(names)) {
      const { rule } = index.settings[at] as RuleSetting;
      if (isActive(rule)) guard(rule, () => rule.on.calls?.check(call, contexts[at] as RuleContext));
    }
  }
  for (const node of module.classes) {
    let bases: readonly string[] = [];
    guard(null, () => {
      bases = flow.bases(node);
    });
    if (bases.length === 0) continue;
    each('classes', (on, context) => {
      if (on.classes?.bases.some((base) => bases.includes(base))) on.classes.check(node, context);
    });
  }
  each('loops', (on, context) => {
    for (const loop of module.loops) on.loops?.(loop, context);
  });
  each('functions', (on, context) => {
    for (const node of module.functions) on.functions?.(node, context);
  });
  each('module', (on, context) => on.module?.(module, context));
  each('program', (on, context) => {
    for (const program of flow.programs(module)) if (program.entry === module) on.program?.(program, context);
  });

  const counts: Record<string, SiteCount> = {};
  const failures: Failure[] = [];
  for (const { setting, span, report } of sites.values()) {
    counts[setting.rule.id] ??= { pass: 0, fail: 0 };
    const count = counts[setting.rule.id] as SiteCount;
    if (report) {
      count.fail++;
      failures.push({ setting, span, report });
    } else count.pass++;
  }
  failures.sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
  const completed = index.settings
    .map(({ rule }) => rule)
    .filter((rule) => isActive(rule) && !crashes.has(null));
  return {
    failures,
    sites: counts,
    completed: new Set(completed.map((rule) => rule.id)),
    crashes: [...crashes].map(([rule, error]) => ({ rule, error })),
  };
}
