/**
 * `npm run evidence:check`: every fix of every rule's examples against the installed libraries, without running it:
 * Python by their signatures, TypeScript by their types. Imports must resolve, names must be there, arguments must
 * fit, and nothing that the fix brings may call itself deprecated. Exit 1 where one does not; --minutes, --optional as
 * for `npm run evidence`; --within N: minutes after which the Python side is given up, and told.
 */
import { spawn } from 'node:child_process';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { frontEnds } from '../../cli/assets.ts';
import { ExampleWorkspace, languageOf } from '../../engine/rule-tester.ts';
import { rules } from '../../rules/index.ts';
import { root } from '../command.ts';
import { checkTypeScript, type Judgement, type Pair } from './check-typescript.ts';
import { installChecks, installTypes } from './environment.ts';

const { values } = parseArgs({
  options: {
    rule: { type: 'string', multiple: true },
    minutes: { type: 'string', default: '20' },
    within: { type: 'string', default: '10' },
    optional: { type: 'boolean', default: false },
  },
});

/** Problems that are known and why the fix stands all the same. They are told, and do not fail the check. */
const KNOWN: readonly { readonly rule: string; readonly problem: string; readonly why: string }[] = [
  {
    rule: 'unquantized-deployment',
    problem: '`torch.ao.quantization.quantize_dynamic` is deprecated',
    why: 'its successor is in torchao, a further package; this one still works in the newest torch',
  },
  {
    rule: 'leaked-tensors',
    problem: "Property 'dispose' does not exist on type 'Tensor<Rank> | Tensor<Rank>[]'",
    why: 'the example is untyped: `guess.data()` beside it is told the same',
  },
  {
    rule: 'uncapped-llm-output',
    problem:
      "Object literal may only specify known properties, and 'maxTokens' does not exist in type 'CallSettings",
    why: 'the example is written for AI SDK 4, where the cap has this name; the types installed are those of a later one',
  },
];

interface Mended extends Pair {
  readonly where: string;
  readonly language: 'python' | 'typescript';
}

/** Each fix of each example's finding, alternatives too, applied to the example. Notebooks are as their cells' code. */
async function mendedExamples(): Promise<Mended[]> {
  const found: Mended[] = [];
  for (const rule of rules) {
    if (values.rule && !values.rule.includes(rule.id)) continue;
    for (const [at, example] of rule.examples.bad.entries()) {
      const language = languageOf(rule, example);
      if (example.file?.endsWith('.ipynb')) continue;
      const workspace = new ExampleWorkspace(example, language, [rule], frontEnds);
      const { files } = await workspace.lint();
      const [finding] = files.flatMap((file) => file.findings).filter((one) => one.rule === rule.id);
      for (const [choice, fix] of (finding?.fixes ?? []).entries()) {
        const { undo } = workspace.apply(fix);
        found.push({
          where: `${rule.id}, example ${at + 1}, fix ${choice + 1} (${fix.title})`,
          language,
          file: basename(workspace.path),
          code: example.code,
          fixed: workspace.text(),
          files: example.files ?? {},
        });
        undo();
      }
    }
  }
  return found;
}

/** Null where it does not end in time. */
function checkPython(mended: readonly Mended[], python: string): Promise<Judgement[] | null> {
  const child = spawn(python, [join(root, 'bench', 'evidence', 'check-fixes.py')], {
    timeout: Number(values.within) * 60_000,
  });
  const [out, error]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (data: Buffer) => out.push(data));
  child.stderr.on('data', (data: Buffer) => error.push(data));
  child.stdin.on('error', () => {});
  child.stdin.end(JSON.stringify(mended));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => {
      if (signal) resolve(null);
      else if (status === 0) resolve(JSON.parse(String(Buffer.concat(out))) as Judgement[]);
      else reject(new Error(`check-fixes.py: ${String(Buffer.concat(error)).slice(-2000)}`));
    });
  });
}

/** Tells what is wrong, and of which fixes not all could be checked; the number of problems nobody knows of. */
function tell(name: string, mended: readonly Mended[], judgements: readonly Judgement[]): number {
  let wrong = 0;
  let inPart = 0;
  for (const [at, { where }] of mended.entries()) {
    const { problems, absent: brought, lacking, untold = [] } = judgements[at]!;
    const absent = untold.length > 0 ? lacking : brought;
    const isNew = (problem: string) =>
      !KNOWN.some((known) => where.startsWith(`${known.rule},`) && problem.startsWith(known.problem));
    for (const problem of problems)
      console.log(`${isNew(problem) ? 'WRONG' : 'known'} ${where}: ${problem.split('\n')[0]?.slice(0, 300)}`);
    wrong += problems.filter(isNew).length;
    if (absent.length + untold.length === 0) continue;
    inPart++;
    const reasons = [
      ...(absent.length > 0 ? [`not installed here: ${absent.join(', ')}`] : []),
      ...(untold.length > 0 ? [`nothing is known of ${untold.map((call) => `${call}(…)`).join(', ')}`] : []),
    ];
    console.log(`not checked in full: ${where}: ${reasons.join('; ')}`);
  }
  const sum = (key: 'checked' | 'open') => judgements.reduce((total, one) => total + one[key], 0);
  const idle = judgements.filter(({ checked, open, absent, untold = [], problems }) => {
    return checked + open + absent.length + untold.length + problems.length === 0;
  }).length;
  console.log(
    `${name}: ${mended.length} fixes: ${wrong} problems; ${sum('checked')} calls fit their signatures, ${sum('open')} take any argument or have no signature; ${idle} fixes change values or move lines alone; ${inPart} fixes with something that could not be checked.`,
  );
  return wrong;
}

const mended = await mendedExamples();
/** Installing may take what is left of the minutes given. */
const minutes = () => Math.max(0.05, Number(values.minutes) - performance.now() / 60_000);
let isFine = true;
const python = mended.filter(({ language }) => language === 'python');
const typescript = mended.filter(({ language }) => language === 'typescript');
const interpreter = python.length > 0 ? installChecks(minutes(), console.log) : null;
const types = typescript.length > 0 ? installTypes(minutes(), console.log) : null;
// the one waits for a process, the other computes
const judging = interpreter ? checkPython(python, interpreter) : null;
const typed = types ? checkTypeScript(typescript, types) : null;
for (const [name, some, judged] of [
  ['Python', python, await judging],
  ['TypeScript', typescript, typed],
] as const) {
  if (some.length === 0) console.log(`No fix in ${name}.`);
  else if (judged) isFine = tell(name, some, judged) === 0 && isFine;
  else {
    console.log(
      `The ${name} libraries cannot be installed here, or time is up: no fix in ${name} was checked.`,
    );
    isFine = values.optional && isFine;
  }
}
process.exitCode = isFine ? 0 : 1;
