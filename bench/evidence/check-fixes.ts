/**
 * `npm run evidence:check`: every fix of every rule's examples against the installed Python libraries, without
 * running it. Imports must resolve, names must be there, arguments must fit the signatures, and nothing that the fix
 * brings may call itself deprecated. Exit 1 where one does not; --optional as for `npm run evidence`.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { frontEnds } from '../../cli/assets.ts';
import { ExampleWorkspace, languageOf } from '../../engine/rule-tester.ts';
import { rules } from '../../rules/index.ts';
import { root } from '../command.ts';
import { install, runtimes } from './environment.ts';

const { values } = parseArgs({
  options: {
    rule: { type: 'string', multiple: true },
    minutes: { type: 'string', default: '20' },
    optional: { type: 'boolean', default: false },
  },
});

interface Mended {
  readonly where: string;
  readonly code: string;
  readonly fixed: string;
}

/** Problems that are known and why the fix stands all the same. They are told, and do not fail the check. */
const KNOWN: readonly { readonly rule: string; readonly problem: string; readonly why: string }[] = [
  {
    rule: 'unquantized-deployment',
    problem: '`torch.ao.quantization.quantize_dynamic` is deprecated',
    why: 'its successor is in torchao, a further package; this one still works in the newest torch',
  },
];

/** What check-fixes.py says of one. */
interface Judgement {
  readonly problems: readonly string[];
  /** Packages that the fix brings and that are not installed; `lacking`: also the example's own. */
  readonly absent: readonly string[];
  readonly lacking: readonly string[];
  readonly checked: number;
  readonly open: number;
}

/** Each fix of each example's finding, alternatives too, applied to the example. */
async function mendedExamples(): Promise<Mended[]> {
  const found: Mended[] = [];
  for (const rule of rules) {
    if (values.rule && !values.rule.includes(rule.id)) continue;
    for (const [at, example] of rule.examples.bad.entries()) {
      const language = languageOf(rule, example);
      if (language !== 'python' || example.file?.endsWith('.ipynb')) continue;
      const workspace = new ExampleWorkspace(example, language, [rule], frontEnds);
      const { files } = await workspace.lint();
      const [finding] = files.flatMap((file) => file.findings).filter((one) => one.rule === rule.id);
      for (const [choice, fix] of (finding?.fixes ?? []).entries()) {
        const { undo } = workspace.apply(fix);
        found.push({
          where: `${rule.id}, example ${at + 1}, fix ${choice + 1} (${fix.title})`,
          code: example.code,
          fixed: workspace.text(),
        });
        undo();
      }
    }
  }
  return found;
}

if (!install('python', Number(values.minutes), console.log)) {
  console.log('The Python libraries cannot be installed here: no fix was checked.');
  process.exitCode = values.optional ? 0 : 1;
} else {
  const mended = await mendedExamples();
  const result = spawnSync(runtimes.python.command, [join(root, 'bench', 'evidence', 'check-fixes.py')], {
    input: JSON.stringify(mended),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    timeout: 600_000,
  });
  if (result.status !== 0) throw new Error(`check-fixes.py: ${result.stderr.slice(-2000)}`);
  const judgements = JSON.parse(result.stdout) as Judgement[];
  let wrong = 0;
  let unseen = 0;
  for (const [at, { where }] of mended.entries()) {
    const { problems, absent, checked, open } = judgements[at]!;
    const isNew = (problem: string) =>
      !KNOWN.some((known) => where.startsWith(`${known.rule},`) && problem.startsWith(known.problem));
    for (const problem of problems)
      console.log(`${isNew(problem) ? 'WRONG' : 'known'} ${where}: ${problem.split('\n')[0]}`);
    if (absent.length > 0)
      console.log(`not checked in full: ${where}: not installed here: ${absent.join(', ')}`);
    wrong += problems.filter(isNew).length;
    unseen += absent.length > 0 || checked + open === 0 ? 1 : 0;
  }
  const sum = (key: 'checked' | 'open') => judgements.reduce((total, one) => total + one[key], 0);
  console.log(
    `${mended.length} fixes: ${wrong} problems; ${sum('checked')} calls fit their signatures, ${sum('open')} take any argument or have no signature; ${unseen} fixes with nothing that could be checked.`,
  );
  process.exitCode = wrong > 0 ? 1 : 0;
}
