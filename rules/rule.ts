/** What a rule is. One rule, one file under rules/<phase>/, exporting `defineRule({...})` as default. */
import type { Flow, Program } from '../analysis/flow/types.ts';
import type { Call, ClassNode, FunctionNode, Language, Loop, Module, Span } from '../analysis/model.ts';

export const PHASES = ['design', 'data', 'training', 'model', 'deployment', 'operation'] as const;
export type Phase = (typeof PHASES)[number];

/** `warning`: certain waste. `information`: likely gain, depends on context. `hint`: a question worth asking. */
export type Severity = 'hint' | 'information' | 'warning' | 'error';

/** A text in both languages of the product. `{name}` is filled from a finding's data. */
export interface Text {
  readonly en: string;
  readonly fr: string;
}

export type FixSafety = 'safe' | 'suggested';

export interface Impact {
  /** What is saved first. */
  readonly resource: 'compute' | 'memory' | 'storage' | 'network' | 'carbon' | 'measurement';
  readonly band: 'high' | 'medium' | 'low';
  /** Where the band comes from: a citation, a row of rules/knowledge, or `bench/evidence`. Never a bare guess. */
  readonly source: Text;
}

export interface References {
  /** Headings or rows of the course, in French, as written there. */
  readonly course: readonly string[];
  /** RGESN 2024 criteria, such as '9.3', where one fits. */
  readonly rgesn?: readonly string[];
  readonly links?: readonly string[];
}

/** An option of a rule: a fragment of JSON schema with its default. */
export interface RuleOption {
  readonly type: 'integer' | 'number' | 'string' | 'boolean' | 'array';
  readonly items?: { readonly type: 'string' };
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default: number | string | boolean | readonly string[];
  readonly description: Text;
}

/**
 * Executed by the tests: every `bad` gives exactly one finding of this rule, every `good` none.
 * `fixed` is what applying the finding's first fix to `code` must give; leave out where there is no fix.
 */
export interface Example {
  readonly code: string;
  readonly fixed?: string;
  /** File name, when it matters (`serve.py`, `app/api/route.ts`). Default: `example.py` or `example.ts`. */
  readonly file?: string;
  /** Further files of the same workspace: path -> text. */
  readonly files?: Readonly<Record<string, string>>;
  /** One line for the docs. */
  readonly note?: Text;
}

export interface Edit extends Span {
  /** Default: the module the rule is looking at. */
  readonly module?: Module;
  readonly text: string;
}

export interface Fix {
  /** What the user reads in the light bulb: imperative, concrete. */
  readonly title: Text;
  /** Default: the rule's `fix`. */
  readonly safety?: FixSafety;
  /** Built only when asked for. Edits of one fix do not overlap. */
  readonly edits: () => readonly Edit[];
  /** Python or TypeScript import statements the new code needs; inserted once, skipped when already there. */
  readonly imports?: readonly string[];
  /** Packages the new code needs, offered as a second action on requirements.txt, pyproject.toml or package.json. */
  readonly packages?: readonly string[];
}

export interface Report {
  /** Key into the rule's `messages`; default `default`. */
  readonly message?: string;
  readonly data?: Readonly<Record<string, string | number>>;
  readonly fixes?: readonly Fix[];
}

/** A model's row in the configuration. Parameters are counts, not millions. */
export interface UserModel {
  readonly parameters?: number;
  /** Upper end, where the size is a range. */
  readonly maxParameters?: number;
  /** Of a mixture of experts: those used for one token. */
  readonly activeParameters?: number;
  readonly maxActiveParameters?: number;
  readonly task?: string;
  /** Smaller models that do the same, measured by the user. */
  readonly alternatives?: readonly string[];
  readonly provider?: string;
  readonly source?: string;
}

/** A region's or a machine room's row in the configuration. */
export interface UserRegion {
  /** gCO2e/kWh. */
  readonly intensity: number;
  /** Power usage effectiveness of the data centre. */
  readonly pue?: number;
  readonly source?: string;
}

/** Facts a user may add or override in the configuration. */
export interface UserFacts {
  readonly region: string | null;
  readonly hardware: string | null;
  readonly models: Readonly<Record<string, UserModel>>;
  readonly regions: Readonly<Record<string, UserRegion>>;
}

export interface RuleContext {
  readonly module: Module;
  readonly flow: Flow;
  readonly options: Readonly<Record<string, number | string | boolean | readonly string[]>>;
  readonly facts: UserFacts;
  /** Whether the workspace names this package in its requirements (requirements.txt, pyproject.toml, package.json …). */
  hasDependency(name: string): boolean;
  /** The practice applies here and is followed. */
  pass(site: Span): void;
  /** The practice applies here and is not followed. `site` is what gets underlined: keep it short. */
  fail(site: Span, report?: Report): void;
}

/** Each handler runs for the matching places of every analysed module. */
export interface Listeners {
  /**
   * Canonical call names (see `Flow.names`), exact or with `*` for one segment: `transformers.*.from_pretrained`.
   * A call that matches several names is visited once.
   */
  readonly calls?: { readonly names: readonly string[]; check(call: Call, context: RuleContext): void };
  /** Local classes that have one of these canonical bases. */
  readonly classes?: {
    readonly bases: readonly string[];
    check(node: ClassNode, context: RuleContext): void;
  };
  readonly loops?: (loop: Loop, context: RuleContext) => void;
  readonly functions?: (node: FunctionNode, context: RuleContext) => void;
  readonly module?: (module: Module, context: RuleContext) => void;
  /** Once per program, on its entry module. */
  readonly program?: (program: Program, context: RuleContext) => void;
}

export interface RuleDefinition {
  readonly id: string;
  readonly phase: Phase;
  readonly languages: readonly Language[];
  readonly severity: Severity;
  /** `preview` until its precision on real code is measured; such a rule runs only when asked for. */
  readonly status: 'stable' | 'preview';
  /** Safety of its fixes: `safe` keeps behaviour and joins fix-all. `none`: it offers no fix. */
  readonly fix: FixSafety | 'none';
  readonly impact: Impact;
  readonly references: References;
  /** Text that must occur in a file for the rule to matter there: library names as imported. Feeds the gate. */
  readonly libraries: readonly string[];
  /** Whether unit tests are judged as well: they exercise code, and what they leave out is seldom waste. */
  readonly judgesTests?: boolean;
  readonly title: Text;
  /** Markdown: what it finds. */
  readonly what: Text;
  /** Markdown: why it matters, with the figure and its source. */
  readonly why: Text;
  /** Markdown: what to do instead, and when to ignore the rule. */
  readonly instead: Text;
  /** One line each, for the diagnostic; `{name}` is filled from `Report.data`. */
  readonly messages: Readonly<Record<string, Text>> & { readonly default: Text };
  readonly options?: Readonly<Record<string, RuleOption>>;
  readonly on: Listeners;
  readonly examples: { readonly bad: readonly Example[]; readonly good: readonly Example[] };
}

/** Identity, for types: keeps a rule file's shape checked where it is written. */
export function defineRule<const Definition extends RuleDefinition>(definition: Definition): Definition {
  return definition;
}
