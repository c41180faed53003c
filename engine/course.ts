/** The page that maps every row of the course to what of Frugal covers it. */
import { QUESTIONS } from '../rules/knowledge/checklist.ts';
import { COURSE, type CourseRow, FEATURES } from '../rules/knowledge/course-rows.ts';
import type { RuleDefinition } from '../rules/rule.ts';
import { type Language, speaker } from './texts.ts';

const TEXTS = {
  title: { en: 'The course, row by row', fr: 'Le cours, ligne à ligne' },
  intro: {
    en: 'Frugal puts the course “Écoconception et IA” into practice. Each row of its checklists, levers, code and conversion tools stands here in the course’s own words, with the rules that look for it in code, the questions of the [checklist](checklist.md) that a team answers, and the parts of Frugal that serve it. *To come* marks a rule of the catalogue that is not written yet.',
    fr: 'Frugal met en pratique le cours « Écoconception et IA ». Chaque ligne de ses checklists, de ses leviers, de son code et de ses outils de conversion figure ici dans les mots du cours, avec les règles qui la cherchent dans le code, les questions de la [checklist](checklist.md) auxquelles une équipe répond, et les parties de Frugal qui la servent. *À venir* signale une règle du catalogue qui n’est pas encore écrite.',
  },
  row: { en: 'The course says', fr: 'Le cours dit' },
  rules: { en: 'Rules', fr: 'Règles' },
  checklist: { en: 'Checklist and features', fr: 'Checklist et fonctions' },
  later: { en: 'to come', fr: 'à venir' },
} as const;

export { TEXTS as COURSE_TEXTS };

const say = speaker(TEXTS);

/** @param rules those that exist. Links are relative to docs/, or to docs/fr/. */
export function coursePage(rules: readonly RuleDefinition[], language: Language): string {
  const known = new Set(rules.map(({ id }) => id));
  const folder = language === 'en' ? 'rules' : '../rules/fr';
  const cell = (text: string): string => text.replace(/\|/g, '\\|');
  const ruleText = (id: string): string =>
    known.has(id) ? `[\`${id}\`](${folder}/${id}.md)` : `\`${id}\` (${say(language, 'later')})`;
  const others = ({ questions = [], features = [] }: CourseRow): string[] => [
    ...questions.flatMap((id) =>
      QUESTIONS.filter((one) => one.id === id).map((one) => one.question[language]),
    ),
    ...features.map((name) => FEATURES[name][language]),
  ];
  const sections = COURSE.map(({ id, title, rows }) => {
    const isCode = id === 'snippets';
    const lines = rows.map((row) => {
      const text = isCode ? `\`${row.text}\`` : row.text;
      return `| ${cell(text)} | ${(row.rules ?? []).map(ruleText).join('<br>')} | ${others(row).map(cell).join('<br>')} |`;
    });
    const head = `| ${say(language, 'row')} | ${say(language, 'rules')} | ${say(language, 'checklist')} |`;
    return [`## ${title[language]}`, '', head, '| --- | --- | --- |', ...lines].join('\n');
  });
  return `# ${say(language, 'title')}\n\n${say(language, 'intro')}\n\n${sections.join('\n\n')}\n`;
}
