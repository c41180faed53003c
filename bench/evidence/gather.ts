/** From programs to evidence: mends each, runs both forms, says what came of it, keeps what was measured. */
import { createHash } from 'node:crypto';
import type { EngineOptions } from '../../engine/types.ts';
import type { RuleDefinition } from '../../rules/rule.ts';
import { type Machine, packagesOf } from './environment.ts';
import { type Limits, type Measure, measure, type Outcome } from './measure.ts';
import { mend } from './mend.ts';
import { type Case, casesOf, formOf, type Program, subjectOf } from './program.ts';
import { type Entry, type Repeat, type RuleEvidence, spreadOf } from './result.ts';
import { Runner, type Runtime, runnerKey } from './runner.ts';
import { isWithin } from './stats.ts';

type ByLanguage<T> = Readonly<Record<Program['language'], T>>;

export interface Bench {
  readonly rules: readonly RuleDefinition[];
  readonly frontEnds: Pick<EngineOptions, 'loadPython' | 'loadTypeScript'>;
  readonly runtimes: ByLanguage<Runtime>;
  readonly machine: Machine;
  /** Of what is installed, by module; empty where nothing is. */
  readonly versions: ByLanguage<Readonly<Record<string, string>>>;
  readonly limits: Limits;
  readonly quick: boolean;
  readonly again: boolean;
  /** Whether the models that Node programs load have been built. */
  readonly hasModels?: boolean;
  /** Measures once more what has its result, and says whether both tell the same. */
  readonly compare?: boolean;
  readonly known: ReadonlyMap<string, RuleEvidence>;
  /** No further program starts once this says so. */
  isOver?(): boolean;
  /** The machine's load now. */
  load?(): number;
  keep(evidence: RuleEvidence): void;
  say(line: string): void;
}

/** A program that loads one of the models that models.py builds. */
export const NEEDS_MODELS = /\bFRUGAL_EVIDENCE_MODELS\b/;

/** Of cases. `broken`: the rule or its fix is wrong; `failed`: the program is; `differs`: from its result, measured again. */
export interface Tally {
  measured: number;
  executed: number;
  kept: number;
  differs: number;
  skipped: number;
  broken: number;
  failed: number;
}

export async function gather(programs: readonly Program[], bench: Bench): Promise<Tally> {
  const tally: Tally = { measured: 0, executed: 0, kept: 0, differs: 0, skipped: 0, broken: 0, failed: 0 };
  // those that import the same follow one another and share what has imported it
  const cases = [...programs]
    .sort((a, b) => (runnerKey(a) < runnerKey(b) ? -1 : runnerKey(a) > runnerKey(b) ? 1 : 0))
    .flatMap((program) => (bench.quick ? casesOf(program).slice(0, 1) : casesOf(program)));
  let open: { key: string; runner: Runner } | null = null;
  const runnerOf = (program: Program): Runner => {
    const key = runnerKey(program);
    if (open?.key !== key) {
      open?.runner.close();
      open = {
        key,
        runner: new Runner(program, bench.runtimes[program.language], bench.limits.timeoutSeconds),
      };
    }
    return open.runner;
  };
  const byRule = new Map<string, Entry[]>();
  for (const [at, one] of cases.entries()) {
    const { program, value } = one;
    const say = (text: string) =>
      bench.say(`[${at + 1}/${cases.length}] ${program.file}${value ? ` (${value})` : ''}: ${text}`);
    const entries = byRule.get(program.rule) ?? [];
    byRule.set(program.rule, entries);
    const old = bench.known
      .get(program.rule)
      ?.entries.find((entry) => entry.program === program.file && entry.case === value);
    const { kind, text, entry } = bench.isOver?.()
      ? ({ kind: 'skipped', text: 'skipped: the time given is up' } as Told)
      : await caseOf(one, old, bench, runnerOf);
    tally[kind]++;
    say(text);
    const kept = entry ?? (kind === 'skipped' || bench.compare ? old : undefined);
    if (kept) entries.push(kept);
    if (bench.quick) continue;
    // written after each case, with what is still to come as it was: a run that is cut off goes on from there
    const later = cases.slice(at + 1).filter((next) => next.program.rule === program.rule);
    const rest = (bench.known.get(program.rule)?.entries ?? []).filter((known) =>
      later.some((next) => next.program.file === known.program && next.value === known.case),
    );
    if (entry && entry !== old)
      bench.keep({ $schema: '../result.schema.json', rule: program.rule, entries: [...entries, ...rest] });
  }
  (open as { runner: Runner } | null)?.runner.close();
  const parts = Object.entries(tally).filter(([, count]) => count > 0);
  bench.say(
    `${cases.length} programs: ${parts.map(([name, count]) => `${count} ${name}`).join(', ') || 'none'}.`,
  );
  return tally;
}

interface Told {
  readonly kind: keyof Tally;
  readonly text: string;
  readonly entry?: Entry | undefined;
}

async function caseOf(
  one: Case,
  old: Entry | undefined,
  bench: Bench,
  runnerOf: (program: Program) => Runner,
): Promise<Told> {
  const { program, value, text } = one;
  const failed = (reason: string): Told => ({ kind: 'failed', text: `FAILED: ${reason}` });
  const rule = bench.rules.find(({ id }) => id === program.rule);
  if (!rule) return failed(`there is no rule ${program.rule}`);
  const mended = await mend(program, text, rule, bench.frontEnds).catch((error: Error) => ({
    failure: error.message,
  }));
  // the rule is silent on its own program, or its fix does not mend it: no library is needed to tell
  if ('failure' in mended) return { kind: 'broken', text: `BROKEN: ${mended.failure}` };
  const [before, after] = [formOf(one, text), formOf(one, mended.text)];
  const forms = [before, after].map((form) => `${headerOf(one)}\n${form}`);
  forms.push(...Object.entries(program.files).flat());
  const hash = createHash('sha256').update(forms.join('\0')).digest('hex').slice(0, 16);
  if (bench.compare && (old?.hash !== hash || old.status !== 'measured'))
    return { kind: 'kept', text: 'has no measure of this program and this fix to compare with', entry: old };
  if (old?.hash === hash && !bench.again && !bench.quick && !bench.compare)
    return { kind: 'kept', text: 'has its result; --again measures it again', entry: old };
  if (NEEDS_MODELS.test(text) && !bench.hasModels)
    return { kind: 'skipped', text: 'skipped: the model that it loads cannot be built here' };
  const versions = bench.versions[program.language];
  const needed = packagesOf([program], program.language);
  const lacking = needed.filter((name) => !(name in versions));
  if (lacking.length > 0)
    return { kind: 'skipped', text: `skipped: not installed here: ${lacking.join(', ')}` };
  const runner = runnerOf(program);
  const reason = await runner.ready();
  if (reason) return { kind: 'skipped', text: `skipped: what it uses cannot be imported here: ${reason}` };
  const outcome = await measure(program, before, after, runnerOf(program), bench.limits, bench.quick);
  if (outcome.kind === 'failed') return failed(outcome.reason);
  if (outcome.kind === 'broken') return { kind: 'broken', text: `BROKEN: ${outcome.reason}` };
  const date = new Date().toISOString().slice(0, 10);
  const load = Number((bench.load?.() ?? 0).toFixed(1));
  if (bench.compare && old && outcome.kind === 'measured') return compared(old, outcome, date, load);
  const runtime = program.language === 'python' ? 'python' : 'node';
  const entry: Entry = {
    program: program.file,
    case: value,
    subject: subjectOf(one),
    hash,
    fixes: mended.titles,
    findings: mended.findings,
    compared: comparisonText(program),
    status: outcome.kind,
    measure: outcome.kind === 'measured' ? program.measure : null,
    verdict: outcome.kind === 'measured' ? outcome.verdict : null,
    pairs: outcome.kind === 'measured' ? outcome.pairs : 1,
    measures: outcome.kind === 'measured' ? rounded(outcome.measures) : {},
    date,
    machine: { ...bench.machine, threads: program.threads },
    versions: Object.fromEntries([runtime, ...needed].map((name) => [name, versions[name] ?? ''])),
    load,
  };
  return { kind: outcome.kind, text: outcomeText(program, outcome), entry };
}

/** A further run beside those before, whose figures stay. */
function compared(
  old: Entry,
  outcome: Outcome & { readonly kind: 'measured' },
  date: string,
  load: number,
): Told {
  const name = old.measure ?? '';
  const [known, now] = [spreadOf(old), rounded(outcome.measures)[name]];
  if (!known || !now) return { kind: 'failed', text: `FAILED: there is no measure "${name}" to compare` };
  const { median, low, high } = now;
  const { verdict, pairs } = outcome;
  const repeat: Repeat = { median, low, high, verdict, pairs, agrees: isWithin(known, now), date, load };
  const shown = [known, now].map(
    (one) => `× ${digits(one.median)} (${digits(one.low)} to ${digits(one.high)})`,
  );
  return {
    kind: repeat.agrees ? 'measured' : 'differs',
    text: `${repeat.agrees ? 'agrees' : 'DIFFERS'}: ${name} was ${shown[0]} and is ${shown[1]}; ${old.verdict}, ${verdict}`,
    entry: { ...old, repeats: [...(old.repeats ?? []), repeat] },
  };
}

/** Without what other cases are run with: adding one leaves the results of the others standing. */
const headerOf = ({ program }: Case) => program.header.replace(/^\S+ vary: .*\n?/m, '');

function comparisonText({ comparison }: Program): string {
  if (comparison.kind === 'equal') return 'equal';
  if (comparison.kind === 'tolerance') return `equal within ${comparison.by}`;
  return `${comparison.direction} is better${comparison.by > 0 ? `, within ${comparison.by}` : ''}`;
}

function outcomeText(program: Program, outcome: Outcome & { kind: 'measured' | 'executed' }): string {
  if (outcome.kind === 'executed') return 'runs, and its output agrees';
  const shown = Object.entries(outcome.measures)
    .sort(([a], [b]) => Number(b === program.measure) - Number(a === program.measure))
    .map(
      ([name, { median, low, high }]) => `${name} × ${digits(median)} (${digits(low)} to ${digits(high)})`,
    );
  return `${outcome.verdict}: ${shown.join(', ')}; ${outcome.pairs} pairs`;
}

const digits = (value: number) => String(Number(value.toPrecision(3)));

/** Four digits: more would be noise, and would change with every run. */
function rounded(measures: Readonly<Record<string, Measure>>): Record<string, Measure> {
  const round = (value: number) => Number(value.toPrecision(4));
  return Object.fromEntries(
    Object.entries(measures).map(([name, { median, low, high, before, after }]) => [
      name,
      {
        median: round(median),
        low: round(low),
        high: round(high),
        before: round(before),
        after: round(after),
      },
    ]),
  );
}
