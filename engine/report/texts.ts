/** What the report says by itself. */
import { speaker } from '../texts.ts';

export const REPORT_TEXTS = {
  title: { en: 'Eco-design report: {project}', fr: 'Rapport d’écoconception : {project}' },
  made: {
    en: 'Written on {date} with Frugal {version}: {analysed} ML {analysed|file|files} of {files} analysed, {lines} lines.',
    fr: 'Écrit le {date} avec Frugal {version} : {analysed} {analysed|fichier|fichiers} ML sur {files} analysés, {lines} lignes.',
  },
  score: { en: 'Eco-score', fr: 'Éco-score' },
  scoreValue: { en: '{value} out of 100, grade {grade}', fr: '{value} sur 100, note {grade}' },
  noScore: {
    en: 'No score: no rule that counts has anything to judge here.',
    fr: 'Pas de score : aucune règle qui compte n’a quoi que ce soit à juger ici.',
  },
  scoreMeaning: {
    en: 'The share of practices followed in the code, weighted by impact and phase. It measures neither energy nor carbon; checklist and measurements stand beside it, never in it.',
    fr: 'La part des pratiques suivies dans le code, pondérée par impact et par phase. Elle ne mesure ni énergie ni carbone ; la checklist et les mesures sont à côté, jamais dedans.',
  },
  byPhase: { en: 'By phase', fr: 'Par phase' },
  phase: { en: 'Phase', fr: 'Phase' },
  grade: { en: 'Grade', fr: 'Note' },
  followed: { en: 'Followed', fr: 'Suivi' },
  notFollowed: { en: 'Not followed', fr: 'Non suivi' },
  noSite: { en: 'nothing to judge', fr: 'rien à juger' },
  costs: { en: 'What costs points', fr: 'Ce qui coûte des points' },
  rule: { en: 'Rule', fr: 'Règle' },
  points: { en: 'Points', fr: 'Points' },
  findings: { en: 'Findings', fr: 'Constats' },
  noFindings: { en: 'No finding.', fr: 'Aucun constat.' },
  place: { en: 'Place', fr: 'Endroit' },
  message: { en: 'What was found', fr: 'Ce qui a été trouvé' },
  fix: { en: 'Fix on offer', fr: 'Correction proposée' },
  costsPoints: { en: 'costs {points} points', fr: 'coûte {points} points' },
  notCounted: { en: 'preview: does not count', fr: 'aperçu : ne compte pas' },
  impact: { en: 'Impact: {source}', fr: 'Impact : {source}' },
  course: { en: 'Course: {rows}', fr: 'Cours : {rows}' },
  cell: { en: 'cell {cell}', fr: 'cellule {cell}' },
  checklist: { en: 'Checklist', fr: 'Checklist' },
  checklistState: {
    en: '{done} of {total} {total|item|items} ticked in FRUGAL.md.',
    fr: '{done} {done|point coché|points cochés} sur {total} dans FRUGAL.md.',
  },
  noChecklist: {
    en: 'The project has no FRUGAL.md; `frugal checklist --init` creates it.',
    fr: 'Le projet n’a pas de FRUGAL.md ; `frugal checklist --init` le crée.',
  },
  ticked: { en: 'ticked', fr: 'coché' },
  open: { en: 'open', fr: 'à faire' },
  state: { en: 'State', fr: 'État' },
  question: { en: 'Question', fr: 'Question' },
  who: { en: 'Who', fr: 'Qui' },
  when: { en: 'When', fr: 'Quand' },
  why: { en: 'Why', fr: 'Pourquoi' },
  ownItems: { en: 'The team’s own', fr: 'Ajouts de l’équipe' },
  absent: { en: 'Not asked in the file: {list}', fr: 'Absentes du fichier : {list}' },
  measured: { en: 'Measured runs', fr: 'Exécutions mesurées' },
  overTime: {
    en: 'Energy of each run, oldest first, in kWh',
    fr: 'Énergie de chaque exécution, de la plus ancienne à la plus récente, en kWh',
  },
  onlyLast: {
    en: 'The chart shows the last {count} runs.',
    fr: 'Le graphique montre les {count} dernières exécutions.',
  },
  where: { en: 'Where', fr: 'Où' },
  problems: { en: 'Not analysed', fr: 'Non analysés' },
  method: { en: 'Method and sources', fr: 'Méthode et sources' },
  methodScore: {
    en: 'Score: for each rule the share of its sites where the practice is followed; the mean of these shares, weighted by the rule’s impact (4, 2, 1) and its phase (design 4; data and operation 3; training, model, deployment 2), rounded down. Formula version {version}. Rules in preview do not count.',
    fr: 'Score : pour chaque règle, la part de ses sites où la pratique est suivie ; la moyenne de ces parts, pondérée par l’impact de la règle (4, 2, 1) et par sa phase (conception 4 ; données et exploitation 3 ; entraînement, modèle, déploiement 2), arrondie par défaut. Version {version} de la formule. Les règles en aperçu ne comptent pas.',
  },
  methodMeasured: {
    en: 'Measurements: as CodeCarbon, Carbontracker and Zeus wrote them. Trackers measure different things, so figures of different trackers are never added. A run that CodeCarbon flushed several times counts once. Predictions are left out.',
    fr: 'Mesures : telles que CodeCarbon, Carbontracker et Zeus les ont écrites. Les traceurs mesurent des choses différentes, donc les chiffres de traceurs différents ne s’additionnent jamais. Une exécution que CodeCarbon a écrite plusieurs fois compte une fois. Les prédictions sont laissées de côté.',
  },
  methodFindings: {
    en: 'Findings: static analysis of the source code. A figure stands in a message only where it follows from stated inputs by a cited formula or was measured. Sources of the rules that found something:',
    fr: 'Constats : analyse statique du code source. Un chiffre ne figure dans un message que s’il découle d’entrées données par une formule citée, ou s’il a été mesuré. Sources des règles qui ont trouvé quelque chose :',
  },
  methodChecklist: {
    en: 'Checklist: the questions of the course “Écoconception et IA” that no code answers, as the team answered them.',
    fr: 'Checklist : les questions du cours « Écoconception et IA » auxquelles aucun code ne répond, telles que l’équipe y a répondu.',
  },
} as const;

export const reportText = speaker(REPORT_TEXTS);
