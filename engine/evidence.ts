/** What bench/evidence measured of a rule's fix, in words: pages, hover and report quote it. */
import { EVIDENCE } from '../rules/knowledge/evidence.generated.ts';
import type { Evidence, EvidenceRatio } from '../rules/knowledge/evidence.ts';
import type { Text } from '../rules/rule.ts';
import { filled, type Language, speaker } from './texts.ts';

export type EvidenceTable = Readonly<Record<string, readonly Evidence[]>>;

const text = speaker({
  gain: { en: 'measured: {figures}, {subject} ({machine})', fr: 'mesuré : {figures}, {subject} ({machine})' },
  'no gain': {
    en: 'measured, no gain: {figures}, {subject} ({machine})',
    fr: 'mesuré, sans gain : {figures}, {subject} ({machine})',
  },
  worse: {
    en: 'measured, worse: {figures}, {subject} ({machine})',
    fr: 'mesuré, en pire : {figures}, {subject} ({machine})',
  },
  executed: {
    en: 'executed, its output agrees; not timed: {subject} ({machine})',
    fr: 'exécuté, le résultat concorde ; non chronométré : {subject} ({machine})',
  },
  none: { en: 'not measured here', fr: 'non mesuré ici' },
  figure: { en: '{ratio} × {what}{spread}', fr: '{ratio} × {what}{spread}' },
  spread: { en: ' ({low} to {high})', fr: ' ({low} à {high})' },
  runs: {
    en: ' ({low} to {high} over {runs} {runs|run|runs})',
    fr: ' ({low} à {high} sur {runs} {runs|série|séries})',
  },
  withGpu: { en: '{gpu}, {machine}', fr: '{gpu}, {machine}' },
  machine: {
    en: '{cores}-core CPU, {threads} {threads|thread|threads}, {versions}',
    fr: 'CPU à {cores} {cores|cœur|cœurs}, {threads} {threads|fil|fils}, {versions}',
  },
});

const WHAT: Readonly<Record<string, Text>> = {
  cpu: { en: 'the processor time', fr: 'le temps processeur' },
  wall: { en: 'the time', fr: 'le temps' },
  memory: { en: 'the memory', fr: 'la mémoire' },
  bytes: { en: 'the bytes on disk', fr: 'les octets sur disque' },
  calls: { en: 'the calls', fr: 'les appels' },
  checkpoints: { en: 'the checkpoints', fr: 'les points de reprise' },
  copies: { en: 'the tensors kept', fr: 'les tenseurs gardés' },
  epochs: { en: 'the epochs', fr: 'les epochs' },
  joules: { en: 'the energy', fr: 'l’énergie' },
  fits: { en: 'the fits', fr: 'les entraînements' },
  loads: { en: 'the loads of the model', fr: 'les chargements du modèle' },
  operations: { en: 'the operations of the graph', fr: 'les opérations du graphe' },
  parameters: { en: 'the parameters', fr: 'les paramètres' },
  rounds: { en: 'the rounds', fr: 'les tours' },
  rows: { en: 'the rows fitted', fr: 'les lignes apprises' },
  serving: { en: 'the processor time of the requests', fr: 'le temps processeur des requêtes' },
  trainable: { en: 'the trainable weights', fr: 'les poids entraînés' },
  trees: { en: 'the trees', fr: 'les arbres' },
};

/** `0.41`, `0,41`: three significant digits, no more than two decimals above 0.1. */
export function figure(value: number, language: Language): string {
  const shown = value >= 10 ? value.toFixed(0) : value >= 0.1 ? value.toFixed(2) : value.toPrecision(2);
  const plain = String(Number(shown));
  return language === 'fr' ? plain.replace('.', ',') : plain;
}

/**
 * `0.41 × the processor time (0.39 to 0.44)`; a count that never varies has no spread.
 * @param runs how often it was measured, where that is to be said
 */
export function ratioText(name: string, ratio: EvidenceRatio, language: Language, runs = 1): string {
  const [low, median, high] = [ratio.low, ratio.median, ratio.high].map((one) => figure(one, language));
  const what = WHAT[name]?.[language] ?? name;
  const key = runs > 1 ? 'runs' : 'spread';
  const spread = low === high ? '' : text(language, key, { low: low!, high: high!, runs });
  return text(language, 'figure', { ratio: median!, what, spread });
}

/** Ratios worth quoting: the one that the rule is about, and others that clearly moved. Elapsed time says no more than processor time. */
function quoted({ measure, ratios }: Evidence): string[] {
  const moved = ([name, { median, low, high }]: [string, EvidenceRatio]) =>
    name !== 'wall' &&
    // what workers take is not in it
    !(name === 'cpu' && measure === 'wall') &&
    (high < 1 ? median < 0.95 : low > 1 && median > 1.05);
  const others = Object.entries(ratios).filter((entry) => entry[0] !== measure && moved(entry));
  return [...(measure && ratios[measure] ? [measure] : []), ...others.map(([name]) => name)].slice(0, 3);
}

/** One entry in words. */
export function evidenceText(entry: Evidence, language: Language): string {
  const { status, verdict, measure, ratios, runs, cores, threads, gpu, versions } = entry;
  // the other ratios are of the first run alone
  const figures = quoted(entry)
    .map((name) => ratioText(name, ratios[name]!, language, name === measure ? runs : 1))
    .join(', ');
  const plain = text(language, 'machine', { cores, threads, versions });
  const machine = gpu === undefined ? plain : text(language, 'withGpu', { gpu, machine: plain });
  const key = status === 'executed' ? 'executed' : (verdict ?? 'no gain');
  return text(language, key, { figures, subject: filled(entry.subject, language), machine });
}

const capitalized = (line: string) => `${line.slice(0, 1).toUpperCase()}${line.slice(1)}`;

/** What was measured of a rule, one line for each program and size; or one that says that nothing was. */
export function evidenceTexts(
  rule: string,
  language: Language,
  table: EvidenceTable = EVIDENCE,
): readonly string[] {
  const entries = Object.hasOwn(table, rule) ? (table[rule] ?? []) : [];
  if (entries.length === 0) return [capitalized(text(language, 'none'))];
  return entries.map((entry) => capitalized(evidenceText(entry, language)));
}
