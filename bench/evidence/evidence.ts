/**
 * `npm run evidence`: runs the wasteful program of each rule and what Frugal's own fix makes of it, in the real
 * libraries, compares what they print, and keeps what each took in bench/evidence/results/.
 *
 *   --rule ID      this rule alone (again and again for several)
 *   --again        also what has a result for the same program and the same fix
 *   --compare      measures again what has its result, and says whether it falls within the spread known; keeps it too
 *   --quick        each form runs once, at the first of its sizes, and the outputs are compared; nothing is timed,
 *                  no file is written
 *   --seconds N    no further pair of runs of one program starts after this (60)
 *   --minutes N    how long installing may take (20)
 *   --within N     minutes after which no further program starts; those left are told and skipped
 *   --gpu          programs may use the machine's GPUs, whose joules count then; without, they see none
 *   --optional     what the machine lacks is told and skipped; only a fix that breaks its program fails
 *   --folder DIR   other programs and results than bench/evidence's own; --catalogue FILE: other rules, of a module
 *                  in JavaScript. The tests of this command bring theirs.
 *
 * Exit 1: a fix breaks its program, a program does not run, (with --quick) one is skipped, or (with --compare) a
 * second run tells another thing.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { frontEnds } from '../../cli/assets.ts';
import { rules as catalogue } from '../../rules/index.ts';
import type { RuleDefinition } from '../../rules/rule.ts';
import { root } from '../command.ts';
import { buildModels, install, machine, models, packagesOf, runtimes, versions } from './environment.ts';
import { gather, NEEDS_MODELS } from './gather.ts';
import { gpuName } from './gpu.ts';
import { type Program, readPrograms } from './program.ts';
import { readResults } from './result.ts';

const { values } = parseArgs({
  options: {
    rule: { type: 'string', multiple: true },
    again: { type: 'boolean', default: false },
    compare: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '60' },
    minutes: { type: 'string', default: '20' },
    within: { type: 'string', default: 'Infinity' },
    optional: { type: 'boolean', default: false },
    gpu: { type: 'boolean', default: false },
    folder: { type: 'string', default: join(root, 'bench', 'evidence') },
    catalogue: { type: 'string' },
  },
});

const results = join(values.folder, 'results');
const { rules } = values.catalogue
  ? ((await import(pathToFileURL(values.catalogue).href)) as { rules: readonly RuleDefinition[] })
  : { rules: catalogue };
const say = (line: string) => console.log(line);

const all = readPrograms(join(values.folder, 'programs'));
const unknown = (values.rule ?? []).filter((id) => !all.some((program) => program.rule === id));
for (const id of unknown) say(`No program for ${id} in bench/evidence/programs.`);
const programs = all.filter((program) => !values.rule || values.rule.includes(program.rule));
const languages = [...new Set(programs.map((program) => program.language))];
// Node is here already, and a program may need no more
const needsLibraries = (language: Program['language']) =>
  language === 'python' || packagesOf(programs, language).length > 0;
const missing = languages.filter(
  (language) => needsLibraries(language) && !install(language, Number(values.minutes), say),
);
for (const language of missing)
  say(`The libraries of the ${language} programs cannot be installed here: their programs are skipped.`);

process.env.FRUGAL_EVIDENCE_MODELS = models;
const gpu = values.gpu ? gpuName() : null;
if (values.gpu && gpu === null) say('No NVIDIA GPU is found: the programs run without one.');
if (gpu !== null) process.env.FRUGAL_EVIDENCE_GPU = '1';
const hasModels =
  programs.some(({ text }) => NEEDS_MODELS.test(text)) &&
  install('python', Number(values.minutes), say) &&
  buildModels(Number(values.minutes), say);

const used = (language: Program['language']) =>
  languages.includes(language) ? packagesOf(programs, language) : [];

const { broken, failed, skipped, differs } = await gather(programs, {
  rules,
  frontEnds,
  runtimes,
  machine: { ...machine(), ...(gpu !== null && { gpu }) },
  versions: { python: versions('python', used('python')), node: versions('node', used('node')) },
  limits: {
    minPairs: 3,
    maxPairs: 12,
    seconds: Number(values.seconds),
    timeoutSeconds: values.quick ? 300 : 120,
  },
  quick: values.quick,
  again: values.again,
  compare: values.compare,
  hasModels,
  known: readResults(results),
  isOver: () => performance.now() > Number(values.within) * 60_000,
  load: () => loadavg()[0] ?? 0,
  keep(evidence) {
    mkdirSync(results, { recursive: true });
    writeFileSync(join(results, `${evidence.rule}.json`), `${JSON.stringify(evidence, null, 2)}\n`);
  },
  say,
});
const isFine =
  broken === 0 &&
  differs === 0 &&
  unknown.length === 0 &&
  (values.optional || (failed === 0 && (skipped === 0 || !values.quick)));
process.exitCode = isFine ? 0 : 1;
