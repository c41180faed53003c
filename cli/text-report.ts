/** Findings as text for people, in the manner of Ruff and rustc. Pure: text in, text out. */
import type { Finding } from '../engine/types.ts';
import { codeFrame } from './code-frame.ts';
import { escapeHidden } from './escape.ts';
import type { Style } from './style.ts';

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

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;

function painted(finding: Finding, style: Style): string {
  const paint = { error: style.red, warning: style.yellow, information: style.blue, hint: style.cyan };
  return style.bold(paint[finding.severity](finding.severity));
}

/** Where a finding is: `serve.py:12:5`, `notebooks/train.ipynb:cell 3:12:5` (cells from 1, as editors number them). */
export function place(finding: Finding, path: string): string {
  const cell = finding.cell === null ? '' : `:cell ${finding.cell + 1}`;
  return `${escapeHidden(path)}${cell}:${finding.line}:${finding.column}`;
}

/** One finding with its code frame. `lines` are those of its file or cell; none where they are not known. */
export function renderFinding(
  finding: Finding,
  path: string,
  lines: readonly string[],
  style: Style,
): string {
  const gutter = ' '.repeat(String(Math.min(lines.length, finding.line + 2)).length);
  const preview = finding.status === 'preview' ? style.dim(' (preview)') : '';
  const out = [
    `${painted(finding, style)} ${style.bold(finding.rule)}${preview}: ${escapeHidden(finding.message)}`,
    `${gutter}${style.blue('-->')} ${place(finding, path)}`,
  ];
  if (lines.length > 0) out.push(codeFrame(lines, finding, style));
  const [fix] = finding.fixes;
  if (fix) {
    const label = fix.safety === 'safe' ? 'fix' : 'suggested fix';
    out.push(`${gutter} ${style.blue('=')} ${style.green(label)}: ${escapeHidden(fix.title)}`);
  }
  return `${out.join('\n')}\n`;
}

/** The last line: how much was found, where, and what can be mended at once. */
export function renderSummary(summary: Summary, style: Style): string {
  const { findings, analysed, skipped, fixed, packages, mode, offers } = summary;
  const seen = `${count(analysed, 'ML file')} analysed, ${skipped} without ML code skipped`;
  const files = new Set(findings.map((finding) => finding.path)).size;
  const found =
    findings.length > 0
      ? style.bold(`${count(findings.length, 'finding')} in ${count(files, 'file')}`)
      : style.green(fixed > 0 ? 'none left' : analysed > 0 ? 'No waste found' : 'No ML code found');
  const mended = `${mode === 'diff' ? 'Would fix' : 'Fixed'} ${count(fixed, 'finding')}; `;
  const lines = [`${fixed > 0 ? mended : ''}${found} (${seen}).`];
  if (packages.length > 0) lines.push(`The fixed code needs: ${packages.map(escapeHidden).join(', ')}.`);
  const safe = findings.filter((finding) => finding.fixes.some((fix) => fix.safety === 'safe')).length;
  const suggested = findings.filter(
    (finding) => finding.fixes.length > 0 && finding.fixes.every((fix) => fix.safety === 'suggested'),
  ).length;
  const words: string[] = [];
  if (safe > 0 && offers.includes('safe')) words.push(`${safe} fixable with ${style.bold('--fix')}`);
  if (suggested > 0 && offers.includes('suggested')) {
    const more = words.length > 0 ? 'more' : 'fixable';
    words.push(`${suggested} ${more} with ${style.bold('--fix-suggested')} (read the result)`);
  }
  if (words.length > 0) lines.push(`${words.join(', ')}.`);
  if (findings.length > 0) {
    lines.push(`Why, and what to do instead: ${style.bold(`frugal explain ${findings[0]?.rule}`)}`);
  }
  return `${lines.join('\n')}\n`;
}
