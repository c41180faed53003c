/**
 * `npm run accuracy -- [DIR…]`: precision and recall by rule on real repositories, against bench/accuracy/labels/*.tsv.
 *
 *   --from FILE       a saved run of bench/ecosystem instead of linting again
 *   --rule R          only this rule
 *   --kind K          only repositories of this kind (expert, student, hobby)
 *   --sample N        print N findings nobody has judged yet, with their source, and the row to add to the labels
 *   --context N       lines of source around a sampled finding (12)
 *   --seed N          another sample
 *   --jobs N          repositories linted at a time (1)
 *   --wrong           list the labelled findings that are wrong or missed, with their notes
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../command.ts';
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
} from '../corpus.ts';
import { percent, table } from '../table.ts';
import {
  type Accuracy,
  accuracy,
  applicable,
  formatLabel,
  type Label,
  parseLabels,
  placeKey,
  sample,
} from './labels.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    from: { type: 'string' },
    rule: { type: 'string' },
    kind: { type: 'string' },
    sample: { type: 'string' },
    context: { type: 'string', default: '12' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1' },
    wrong: { type: 'boolean', default: false },
  },
});

async function theRun(): Promise<CorpusRun> {
  if (values.from) return readRun(values.from);
  const corpus = repositories(positionals.length > 0 ? positionals : [defaultCorpus]);
  const wanted = corpus.filter(({ kind }) => !values.kind || kind === values.kind);
  const args = values.rule ? ['--select', values.rule] : [];
  return lintCorpus(wanted, {
    jobs: Number(values.jobs),
    args,
    onDone: showProgress(wanted.length),
  });
}

/** The run, narrowed to what was asked for. */
function narrow(run: CorpusRun): CorpusRun {
  const kept = run.repositories.filter(({ kind }) => !values.kind || kind === values.kind);
  const names = new Set(kept.map(({ name }) => name));
  return {
    ...run,
    repositories: kept,
    findings: run.findings.filter(
      ({ repository, rule }) => names.has(repository) && (!values.rule || rule === values.rule),
    ),
  };
}

/** 95 right in 100 for warnings, 90 for the rest; a rule below stays `preview`. */
function target(severity: string | undefined): number {
  return severity === 'warning' || severity === 'error' ? 0.95 : 0.9;
}

function summary(result: readonly Accuracy[], findings: readonly Finding[]): string {
  const total = {
    rule: 'all rules',
    findings: sum(result, 'findings'),
    unlabelled: sum(result, 'unlabelled'),
    truePositives: sum(result, 'truePositives'),
    falsePositives: sum(result, 'falsePositives'),
    falseNegatives: sum(result, 'falseNegatives'),
  };
  const rows = [...result, total].map((row) => {
    const { truePositives: right, falsePositives: wrong, falseNegatives: missed } = row;
    const severity = findings.find(({ rule }) => rule === row.rule)?.severity;
    const judged = right + wrong;
    const verdict =
      judged === 0 || row === total ? '' : right / judged >= target(severity) ? 'reached' : 'below';
    const numbers = [row.findings, judged, right, wrong, missed].map(String);
    return [row.rule, ...numbers, percent(right, judged), percent(right, right + missed), verdict];
  });
  return table(
    ['rule', 'found', 'judged', 'right', 'wrong', 'missed', 'precision', 'recall', 'target'],
    rows,
  );
}

function sum(rows: readonly Accuracy[], key: Exclude<keyof Accuracy, 'rule'>): number {
  return rows.reduce((all, row) => all + row[key], 0);
}

function printSample(run: CorpusRun, labels: readonly Label[]): void {
  const labelled = new Set(labels.map(placeKey));
  const open = run.findings.filter((finding) => !labelled.has(placeKey(finding)));
  const byName = new Map(run.repositories.map((repository) => [repository.name, repository]));
  const around = Number(values.context);
  for (const finding of sample(open, Number(values.sample), Number(values.seed))) {
    const repository = byName.get(finding.repository);
    const lines = sourceLines(repository?.folder ?? '', finding);
    const from = Math.max(1, finding.line - around);
    const code = lines
      .slice(from - 1, finding.line + around)
      .map(
        (line, i) =>
          `${from + i === finding.line ? '>' : ' '} ${String(from + i).padStart(5)}  ${line.slice(0, 160)}`,
      );
    const row = formatLabel({ ...finding, commit: repository?.commit ?? '', verdict: '?', note: '' });
    console.log(
      `\n${'='.repeat(100)}\n${finding.repository}  ${place(finding)}:${finding.column}  ${finding.rule}`,
    );
    console.log(`${finding.severity}: ${finding.message}\n${code.join('\n')}\n${row}`);
  }
  console.log(`\n${open.length} findings nobody has judged yet.`);
}

/** Every row of the folder's files; what is wrong with one names the file. */
function readLabels(folder: string): Label[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.tsv'))
    .sort()
    .flatMap((name) => {
      try {
        return parseLabels(readFileSync(join(folder, name), 'utf8'));
      } catch (error) {
        throw new Error(`${name}: ${(error as Error).message}`);
      }
    });
}

const run = narrow(await theRun());
const commits = new Map(run.repositories.map(({ name, commit }) => [name, commit]));
const all = readLabels(join(root, 'bench', 'accuracy', 'labels'));
const { holding, stale } = applicable(all, commits);
const labels = holding.filter(({ rule }) => !values.rule || rule === values.rule);

if (values.sample) {
  printSample(run, labels);
} else {
  console.log(summary(accuracy(run.findings, labels), run.findings));
  const unlabelled = sum(accuracy(run.findings, labels), 'unlabelled');
  console.log(
    `\n${run.repositories.length} repositories, ${unlabelled} findings not judged, ${stale.length} stale labels.`,
  );
  for (const { name, failure } of run.repositories)
    if (failure) console.log(`could not run on ${name}: ${failure}`);
  const reported = new Set(run.findings.map(placeKey));
  const off = labels.filter((label) => (label.verdict === 'wrong') === reported.has(placeKey(label)));
  if (values.wrong) for (const label of off) console.log(formatLabel(label));
}
