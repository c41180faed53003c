/** The score as an SVG badge, for a README: one file that needs no server. */
import { GRADE_COLORS, type Score } from '../engine/score.ts';
import type { Language } from './language.ts';
import { text } from './score-texts.ts';

const HEIGHT = 20;
const PADDING = 6;
/** Of an average character at 11 px; `textLength` makes the text that wide, whatever the font. */
const CHARACTER = 6.6;
const NO_SCORE = '#595959';

/** Value and letter are written out, and said to a screen reader: nothing is told by colour alone. */
export function badge(score: Score | null, language: Language): string {
  const label = text(language, 'score').toLowerCase();
  const shown = score ? `${score.value} ${score.grade}` : '–';
  const title = score
    ? text(language, 'badge', { value: score.value, grade: score.grade })
    : text(language, 'noBadge');
  const left = widthOf(label) + 2 * PADDING;
  const right = widthOf(shown) + 2 * PADDING;
  const width = left + right;
  const word = (content: string, x: number): string =>
    `<text x="${x + PADDING}" y="14" textLength="${widthOf(content)}" lengthAdjust="spacingAndGlyphs">${content}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" role="img" aria-label="${title}">`,
    `<title>${title}</title>`,
    `<clipPath id="frame"><rect width="${width}" height="${HEIGHT}" rx="3"/></clipPath>`,
    '<g clip-path="url(#frame)">',
    `<rect width="${left}" height="${HEIGHT}" fill="#3d3d3d"/>`,
    `<rect x="${left}" width="${right}" height="${HEIGHT}" fill="${score ? GRADE_COLORS[score.grade] : NO_SCORE}"/>`,
    '</g>',
    '<g fill="#fff" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11" aria-hidden="true">',
    word(label, 0),
    word(shown, left),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

const widthOf = (content: string): number => Math.ceil(content.length * CHARACTER);
