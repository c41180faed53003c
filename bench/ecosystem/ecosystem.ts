/**
 * `npm run ecosystem -- [DIR…]`: lints the corpus, keeps the findings in bench/results/ecosystem.json, and shows what
 * changed since the run before.
 *
 *   --against FILE    compare with this run instead of the one before
 *   --save FILE       write the run there, and leave bench/results alone
 *   --diff A B        lint nothing: compare two saved runs
 *   --rule R          show and lint only this rule (implies not replacing the kept run)
 *   --kind K          only repositories of this kind (expert, student, hobby)
 *   --jobs N          repositories linted at a time (1)
 *   --limit N         changes shown of each rule (40)
 */
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { root, userFolder } from '../command.ts';
import {
  type CorpusRun,
  defaultCorpus,
  type Finding,
  lintCorpus,
  place,
  readRun,
  repositories,
  showProgress,
  sourceLines,
  writeRun,
} from '../corpus.ts';
import { table } from '../table.ts';
import { diffRuns } from './diff.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    against: { type: 'string' },
    save: { type: 'string' },
    diff: { type: 'boolean', default: false },
    rule: { type: 'string' },
    kind: { type: 'string' },
    jobs: { type: 'string', default: '1' },
    limit: { type: 'string', default: '40' },
  },
});

function countBy(items: readonly Finding[], key: (finding: Finding) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
}

function printRun(run: CorpusRun): void {
  const kinds = new Map(run.repositories.map(({ name, kind }) => [name, kind]));
  const rules = [...countBy(run.findings, ({ rule }) => rule)].sort((a, b) => b[1] - a[1]);
  const rows = rules.map(([rule, count]) => {
    const own = run.findings.filter((finding) => finding.rule === rule);
    const byKind = countBy(own, ({ repository }) => kinds.get(repository) ?? '');
    const spread = new Set(own.map(({ repository }) => repository)).size;
    return [
      rule,
      ...[count, spread, ...['student', 'hobby', 'expert'].map((kind) => byKind.get(kind) ?? 0)].map(String),
    ];
  });
  console.log(table(['rule', 'found', 'repositories', 'student', 'hobby', 'expert'], rows));
  const total = (key: 'files' | 'analysed' | 'lines' | 'ms') =>
    run.repositories.reduce((all, repository) => all + repository[key], 0);
  console.log(
    `\n${run.repositories.length} repositories, ${total('files')} files (${total('analysed')} analysed), ` +
      `${total('lines')} lines, ${run.findings.length} findings, ${(total('ms') / 1000).toFixed(1)} s`,
  );
  for (const { name, failure } of run.repositories)
    if (failure) console.log(`could not run on ${name}: ${failure}`);
  const errors = run.repositories.flatMap(({ name, errors }) => errors.map((error) => `${name} ${error}`));
  console.log(`${errors.length} files with problems${errors.length > 0 ? ', such as' : ''}`);
  for (const error of errors.slice(0, 10)) console.log(`  ${error}`);
}

function printDiff(before: CorpusRun, after: CorpusRun): void {
  const diff = diffRuns(before, after);
  const folders = new Map(
    [...before.repositories, ...after.repositories].map(({ name, folder }) => [name, folder]),
  );
  const { added, removed, changed } = diff;
  console.log(
    `\nSince ${before.date}: ${added.length} added, ${removed.length} removed, ${changed.length} changed.`,
  );
  const marked = [
    ...added.map((finding) => ({ mark: '+', finding })),
    ...removed.map((finding) => ({ mark: '-', finding })),
    ...changed.map(({ after }) => ({ mark: '~', finding: after })),
  ].filter(({ finding }) => !values.rule || finding.rule === values.rule);
  for (const rule of [...new Set(marked.map(({ finding }) => finding.rule))].sort()) {
    const own = marked.filter(({ finding }) => finding.rule === rule);
    const count = (mark: string) => own.filter((entry) => entry.mark === mark).length;
    console.log(`\n${rule}: +${count('+')} -${count('-')} ~${count('~')}`);
    for (const { mark, finding } of own.slice(0, Number(values.limit))) {
      const line =
        sourceLines(folders.get(finding.repository) ?? '', finding)[finding.line - 1]?.trim() ?? '';
      console.log(`${mark} ${finding.repository} ${place(finding)}  ${line.slice(0, 100)}`);
    }
    if (own.length > Number(values.limit)) console.log(`  … and ${own.length - Number(values.limit)} more`);
  }
  for (const trouble of diff.broken) console.log(`+ problem: ${trouble}`);
  for (const trouble of diff.mended) console.log(`- problem: ${trouble}`);
}

const folder = join(root, 'bench', 'results');
const kept = join(folder, 'ecosystem.json');
const previous = join(folder, 'ecosystem.previous.json');

async function main(): Promise<void> {
  if (values.diff) {
    const [before, after] = positionals;
    if (!before || !after) throw new Error('--diff needs two saved runs');
    printDiff(readRun(before), readRun(after));
    return;
  }
  const corpus = repositories(positionals.length > 0 ? positionals : [defaultCorpus]);
  const wanted = corpus.filter(({ kind }) => !values.kind || kind === values.kind);
  const run = await lintCorpus(wanted, {
    jobs: Number(values.jobs),
    args: values.rule ? ['--select', values.rule] : [],
    onDone: showProgress(wanted.length),
  });
  printRun(run);
  const against = values.against ? resolve(userFolder, values.against) : kept;
  if (existsSync(against)) printDiff(narrowed(readRun(against)), run);
  mkdirSync(folder, { recursive: true });
  if (values.save) return writeRun(resolve(userFolder, values.save), run);
  // A part of the corpus, or one rule, is no new base to compare with.
  if (values.rule || values.kind || positionals.length > 0) return;
  if (existsSync(kept)) renameSync(kept, previous);
  writeRun(kept, run);
}

/** A run of one rule is compared with that rule's findings only. */
function narrowed(run: CorpusRun): CorpusRun {
  return { ...run, findings: run.findings.filter(({ rule }) => !values.rule || rule === values.rule) };
}

await main();
