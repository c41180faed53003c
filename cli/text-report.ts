/** Findings as text for people, in the manner of Ruff and rustc. Pure: text in, text out. */
import type { Finding } from '../engine/types.ts';
import { codeFrame } from './code-frame.ts';
import { escapeHidden } from './escape.ts';
import type { Language } from './language.ts';
import type { Style } from './style.ts';
import { colon, text } from './texts.ts';

export interface Summary {
  readonly findings: readonly Finding[];
  readonly analysed: number;
  readonly skipped: number;
  /** Findings that were mended, or would be. */
  readonly fixed: number;
  readonly packages: readonly string[];
  /** What was asked for: findings only, a diff, or fixes. */
  readonly mode: 'look' | 'diff' | 'fix';
  /** Kinds of fixes that were not asked for. */
  readonly offers: readonly ('safe' | 'suggested')[];
}

function painted({ severity }: Finding, style: Style, language: Language): string {
  const paint = { error: style.red, warning: style.yellow, information: style.blue, hint: style.cyan };
  return style.bold(paint[severity](text(language, severity)));
}

/** Where a finding is: `serve.py:12:5`, `notebooks/train.ipynb:cell 3:12:5` (cells from 1, as editors number them). */
export function place(finding: Finding, path: string, language: Language): string {
  const cell = finding.cell === null ? '' : `:${text(language, 'cell', { cell: finding.cell + 1 })}`;
  return `${escapeHidden(path)}${cell}:${finding.line}:${finding.column}`;
}

/** One finding with its code frame. `lines` are those of its file or cell; none where they are not known. */
export function renderFinding(
  finding: Finding,
  path: string,
  lines: readonly string[],
  style: Style,
  language: Language,
): string {
  const gutter = ' '.repeat(String(Math.min(lines.length, finding.line + 2)).length);
  const preview = finding.status === 'preview' ? style.dim(` ${text(language, 'preview')}`) : '';
  const out = [
    `${painted(finding, style, language)} ${style.bold(finding.rule)}${preview}: ${escapeHidden(finding.message)}`,
    `${gutter}${style.blue('-->')} ${place(finding, path, language)}`,
  ];
  if (lines.length > 0) out.push(codeFrame(lines, finding, style));
  const [fix] = finding.fixes;
  if (fix) {
    const label = text(language, fix.safety === 'safe' ? 'fix' : 'suggestedFix');
    out.push(
      `${gutter} ${style.blue('=')} ${style.green(label)}${colon(language)} ${escapeHidden(fix.title)}`,
    );
  }
  return `${out.join('\n')}\n`;
}

/** The last line: how much was found, where, and what can be mended at once. */
export function renderSummary(summary: Summary, style: Style, language: Language): string {
  const { findings, analysed, skipped, fixed, packages, mode, offers } = summary;
  const say = (key: Parameters<typeof text>[1], data?: Parameters<typeof text>[2]) =>
    text(language, key, data);
  const seen = say('seen', { analysed, skipped });
  const files = new Set(findings.map((finding) => finding.path)).size;
  const found =
    findings.length > 0
      ? style.bold(`${say('findings', { count: findings.length })} ${say('inFiles', { count: files })}`)
      : style.green(say(fixed > 0 ? 'noneLeft' : analysed > 0 ? 'noWaste' : 'noCode'));
  const mended = fixed > 0 ? say(mode === 'diff' ? 'wouldFix' : 'fixed', { count: fixed }) : '';
  const lines = [`${mended}${found} (${seen}).`];
  if (packages.length > 0) {
    lines.push(say('needs', { packages: packages.map(escapeHidden).join(', ') }));
  }
  const safe = findings.filter((finding) => finding.fixes.some((fix) => fix.safety === 'safe')).length;
  const suggested = findings.filter(
    (finding) => finding.fixes.length > 0 && finding.fixes.every((fix) => fix.safety === 'suggested'),
  ).length;
  const words: string[] = [];
  if (safe > 0 && offers.includes('safe')) {
    words.push(say('fixable', { count: safe, option: style.bold('--fix') }));
  }
  if (suggested > 0 && offers.includes('suggested')) {
    const key = words.length > 0 ? 'moreFixable' : 'fixable';
    const offer = say(key, { count: suggested, option: style.bold('--fix-suggested') });
    words.push(`${offer} ${say('readResult')}`);
  }
  if (words.length > 0) lines.push(`${words.join(', ')}.`);
  if (findings.length > 0) {
    lines.push(say('explainHint', { command: style.bold(`frugal explain ${findings[0]?.rule}`) }));
  }
  return `${lines.join('\n')}\n`;
}
