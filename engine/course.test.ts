/** Every row of the course is covered by something that is there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rules } from '../rules/index.ts';
import { QUESTIONS } from '../rules/knowledge/checklist.ts';
import { CATALOGUE, COURSE, FEATURES } from '../rules/knowledge/course-rows.ts';
import { coursePage } from './course.ts';

const rows = COURSE.flatMap((section) => section.rows.map((row) => ({ ...row, section: section.id })));
const known = new Set(rules.map(({ id }) => id));
const questions = new Set(QUESTIONS.map(({ id }) => id));

test.each(rows.map((row) => [`${row.section}: ${row.text}`, row] as const))('%s', (_, row) => {
  for (const id of row.rules ?? []) expect(CATALOGUE, id).toContain(id);
  for (const id of row.questions ?? []) expect(questions, id).toContain(id);
  const there = (row.rules ?? []).filter((id) => known.has(id)).length + (row.questions ?? []).length;
  expect(there, 'nothing that exists covers this row').toBeGreaterThan(0);
});

test('the catalogue is whole, and every rule of it that exists is known to it', () => {
  expect(new Set(CATALOGUE).size).toBe(75);
  for (const id of known) expect(CATALOGUE).toContain(id);
  for (const { id, course } of QUESTIONS) {
    const row = rows.find(
      ({ text }) => normal(course).startsWith(normal(text)) || normal(text).startsWith(normal(course)),
    );
    expect(row?.questions ?? [], `${id}: the row of the course that it quotes`).toContain(id);
  }
});

test('the page names every row, and says what is still to come', () => {
  const page = coursePage(rules, 'en');
  for (const { text } of rows) expect(normal(page)).toContain(normal(text.replace(/[|]/g, '\\|')));
  const some = coursePage([], 'fr');
  expect(some).toContain('`oversized-model` (à venir)');
  for (const { fr } of Object.values(FEATURES)) expect(some).toContain(fr);
});

/** Spaces, quotes and marks as the extraction of the slides happened to leave them. */
function normal(text: string): string {
  return text
    .replace(/<[^>]+>/g, ' ')
    .replace(/\*\*|__|`|\\/g, '')
    .replace(/[’‘]/g, "'")
    .replace(/[“”]/g, '"')
    .replace(/\s+/g, ' ')
    .replace(/[\s,.;:]+$/, '')
    .trim()
    .toLowerCase();
}

const file = join(import.meta.dirname, '..', '..', 'shared', 'course', 'ecoconception-et-ia.md');

describe.skipIf(!existsSync(file))('beside the text of the course', () => {
  const course = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const plain = normal(course);

  test('each row is written there', () => {
    for (const { text } of rows) expect(plain).toContain(normal(text));
  });

  /** Rows as the slides have them: cells of the checklists, bullets of the lists, tables, code. */
  function courseRows(): string[] {
    const found: string[] = [];
    const parts = course.split(/^#{1,3} (?!!)/m);
    for (const part of parts) {
      const isLevers =
        /Sobriété par l'usage\*{3}|Suppression des couches ou paramètres inutiles|Recommandations aux développeurs|Leviers d'écoconception pour l'IA vers/.test(
          part,
        );
      for (const line of part.split('\n')) {
        const cells = line.split('\t').map((cell) => cell.trim());
        if (cells.length === 2 && /^(?:<ul>.*)?-|<li>-/.test(cells[1] ?? '')) {
          for (const item of (cells[1] ?? '').replace(/<[^>]+>/g, ' ').split(/(?:^|(?<=[.?]))\s*- /))
            found.push(item);
        }
        if (!isLevers) continue;
        // The slide on use has prose in its outer bullets.
        const bullet = (/✓/.test(part) ? /^\s*- ✓\s*(.+)$/ : /^\s*- \s*(.+)$/).exec(line)?.[1];
        if (bullet) found.push(/^\*\*(.+?)\*\*/.exec(bullet)?.[1] ?? bullet);
      }
      if (/Quand faire quoi/.test(part)) {
        for (const line of part.split('\n')) {
          const cells = line.split('\t');
          if (cells.length === 4 && cells[1] !== 'Question clé') found.push(cells[1] ?? '');
        }
      }
      if (/Typologie des suppressions|Frameworks de conversion/.test(part)) {
        for (const line of part.split('\n')) {
          const name = /^<b>(.+?)<\/b>\t/.exec(line)?.[1];
          if (name) found.push(name);
        }
      }
      for (const code of part.matchAll(
        /^`?((?:optimized_model = )?(?:model\.eval|torch\.|tf\.compat|python -m|tensorflowjs_converter)[^`#\\\n]*)/gm,
      ))
        found.push(code[1] ?? '');
    }
    return found.map((text) => text.replace(/^- /, '').trim()).filter((text) => text.length > 3);
  }

  test('the extraction sees the rows', () => expect(courseRows().length).toBeGreaterThan(75));

  test.each(courseRows())('covered: %s', (text) => {
    const wanted = normal(text);
    const covered = rows.some(
      (row) => wanted.includes(normal(row.text)) || normal(row.text).includes(wanted),
    );
    expect(covered).toBe(true);
  });
});
