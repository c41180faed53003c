/**
 * FRUGAL.md: the course's questions that no code answers, as a plain Markdown task list that people edit by hand. Pure
 * functions over the file's text; every change touches only the bytes it is about.
 */
import {
  CHECKLIST_PHASE_NAMES,
  CHECKLIST_PHASES,
  type ChecklistPhase,
  QUESTIONS,
  type Question,
} from '../../rules/knowledge/checklist.ts';
import { type Language, speaker } from '../texts.ts';

/** Where it stands: at the workspace's root. */
export const CHECKLIST_FILE = 'FRUGAL.md';

const TEXTS = {
  title: { en: 'Frugal: what no code shows', fr: 'Frugal : ce que le code ne montre pas' },
  intro: {
    en: 'Questions for the team, from the course “Écoconception et IA”. Tick what holds (`[x]`) and note who says so, when and why; where a question does not apply, tick it and say why. Order, wording and further items are yours: the comment at the end of a line is how Frugal knows the question again.',
    fr: 'Questions pour l’équipe, tirées du cours « Écoconception et IA ». Cochez ce qui est acquis (`[x]`) et notez qui le dit, quand et pourquoi ; si une question ne s’applique pas, cochez-la et dites pourquoi. L’ordre, les mots et d’autres points sont à vous : le commentaire en fin de ligne permet à Frugal de reconnaître la question.',
  },
  course: { en: 'Course: {text}', fr: 'Cours : {text}' },
  who: { en: 'Who:', fr: 'Qui :' },
  when: { en: 'When:', fr: 'Quand :' },
  why: { en: 'Why:', fr: 'Pourquoi :' },
} as const;

export { TEXTS as CHECKLIST_TEXTS };

const say = speaker(TEXTS);

export type Note = 'who' | 'when' | 'why';
const NOTES = ['who', 'when', 'why'] as const;

export interface ChecklistItem {
  /** The question's id; null for an item of the team's own. */
  readonly id: string | null;
  readonly phase: ChecklistPhase | null;
  /** As the file words it, on one line. */
  readonly text: string;
  readonly done: boolean;
  readonly who: string;
  readonly when: string;
  readonly why: string;
  /** Of the task, from 1. */
  readonly line: number;
}

export interface Checklist {
  readonly items: readonly ChecklistItem[];
  readonly done: number;
  /** Of the items that are in the file. */
  readonly total: number;
  readonly phases: Readonly<Record<ChecklistPhase, { readonly done: number; readonly total: number }>>;
  /** Questions that the file does not ask (any more). */
  readonly absent: readonly Question[];
}

/** The file for a team that starts. */
export function newChecklist(language: Language): string {
  const sections = CHECKLIST_PHASES.map((phase) => {
    const items = QUESTIONS.filter((question) => question.phase === phase).map(({ id, question, course }) =>
      [
        `- [ ] ${question[language]} <!-- frugal:${id} -->`,
        `  - ${say(language, 'course', { text: `*${course.replace(/[,.]$/, '')}*` })}`,
        ...NOTES.map((note) => `  - ${say(language, note)}`),
      ].join('\n'),
    );
    return `## ${CHECKLIST_PHASE_NAMES[phase][language]}\n\n${items.join('\n')}`;
  });
  return `# ${say(language, 'title')}\n\n${say(language, 'intro')}\n\n${sections.join('\n\n')}\n`;
}

/** A line with where it starts, its end mark left out. */
interface Line {
  readonly start: number;
  readonly text: string;
}

/** What was read of an item, and where it can be changed. */
interface Place {
  readonly item: ChecklistItem;
  /** The character between the brackets. */
  readonly mark: number;
  /** Where each note's value starts and ends; absent where the file has no such line. */
  readonly notes: Readonly<Partial<Record<Note, { readonly start: number; readonly end: number }>>>;
  /** Just past the task's line and what belongs to its first paragraph: where a note may be put. */
  readonly end: number;
  readonly indent: string;
}

const TASK = /^(\s{0,40})(?:[-*+]|\d{1,9}[.)])\s{1,4}\[([ xX])\](?:\s+(.*))?$/;
const MARKER = /<!--\s{0,20}frugal:\s{0,20}([a-z0-9-]{1,60})\s{0,20}-->/;
const NOTE =
  /^(\s{0,40})(?:[-*+]\s{1,4})?(?:\*\*|__)?(who|when|why|qui|quand|pourquoi)(?:\*\*|__)?\s{0,4}:(?:\*\*|__)?(.*)$/i;
const NOTE_NAMES: Readonly<Record<string, Note>> = {
  who: 'who',
  qui: 'who',
  when: 'when',
  quand: 'when',
  why: 'why',
  pourquoi: 'why',
};
const FENCE = /^\s{0,3}(```+|~~~+)/;

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  for (const match of text.matchAll(/([^\r\n]*)(\r\n|\r|\n|$)/g)) {
    lines.push({ start: match.index, text: match[1] ?? '' });
    if (match[2] === '') break;
  }
  return lines;
}

const words = (text: string): string =>
  text
    .replace(MARKER, '')
    .replace(/[*_`’']/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();

const BY_WORDS: ReadonlyMap<string, Question> = new Map(
  QUESTIONS.flatMap((question) => [
    [words(question.question.en), question],
    [words(question.question.fr), question],
  ]),
);
const BY_ID: ReadonlyMap<string, Question> = new Map(QUESTIONS.map((question) => [question.id, question]));

function placesOf(text: string): Place[] {
  const places: Place[] = [];
  const seen = new Set<string>();
  const lines = linesOf(text);
  let fence: string | null = null;
  let open:
    | (Omit<Place, 'item' | 'notes' | 'end'> & {
        item: ChecklistItem;
        notes: Partial<Record<Note, { start: number; end: number }>>;
        end: number;
        depth: number;
      })
    | null = null;
  for (const [at, line] of lines.entries()) {
    const mark = FENCE.exec(line.text)?.[1];
    if (fence !== null) {
      if (mark?.startsWith(fence.slice(0, 3)) && mark.length >= fence.length) fence = null;
      continue;
    }
    if (mark !== undefined) {
      fence = mark;
      continue;
    }
    const task = TASK.exec(line.text);
    if (task) {
      const [, indent = '', state = ' ', content = ''] = task;
      const named = MARKER.exec(content)?.[1];
      const question = (named === undefined ? undefined : BY_ID.get(named)) ?? BY_WORDS.get(words(content));
      // A copied line is an item of its own: the first keeps the id.
      const id = question && !seen.has(question.id) ? question.id : null;
      if (id !== null) seen.add(id);
      open = {
        item: {
          id,
          phase: question?.phase ?? null,
          text: content.replace(MARKER, '').replace(/\s+/g, ' ').trim(),
          done: state !== ' ',
          who: '',
          when: '',
          why: '',
          line: at + 1,
        },
        mark: line.start + line.text.indexOf('[') + 1,
        notes: {},
        end: line.start + line.text.length,
        indent,
        depth: indent.length,
      };
      places.push(open);
      continue;
    }
    if (!open) continue;
    if (line.text.trim() === '') continue;
    const depth = line.text.length - line.text.trimStart().length;
    // What is not indented below the task belongs to something else.
    if (depth <= open.depth) {
      open = null;
      continue;
    }
    const note = NOTE.exec(line.text);
    const name = note && NOTE_NAMES[(note[2] ?? '').toLowerCase()];
    if (note && name && !open.notes[name]) {
      const value = note[3] ?? '';
      const end = line.start + line.text.length;
      open.notes[name] = { start: end - value.length, end };
      open.item = { ...open.item, [name]: value.trim() };
    }
    open.end = line.start + line.text.length;
  }
  return places;
}

/** Reads the file as it is, however it was edited. */
export function parseChecklist(text: string): Checklist {
  const items = placesOf(text).map(({ item }) => item);
  const count = (some: readonly ChecklistItem[]) => ({
    done: some.filter(({ done }) => done).length,
    total: some.length,
  });
  const phases = Object.fromEntries(
    CHECKLIST_PHASES.map((phase) => [phase, count(items.filter((item) => item.phase === phase))]),
  ) as Checklist['phases'];
  const ids = new Set(items.map(({ id }) => id));
  return { items, ...count(items), phases, absent: QUESTIONS.filter(({ id }) => !ids.has(id)) };
}

export interface Change {
  readonly done?: boolean;
  readonly who?: string;
  readonly when?: string;
  readonly why?: string;
}

/**
 * The text with one item changed and every other byte kept; null when it has no such item.
 * @param item the question's id, or the line of the task
 */
export function setItem(
  text: string,
  item: string | number,
  change: Change,
  language: Language,
): string | null {
  const place = placesOf(text).find(
    ({ item: one }) => (typeof item === 'number' ? one.line : one.id) === item,
  );
  if (!place) return null;
  const ending = /\r\n|\r|\n/.exec(text)?.[0] ?? '\n';
  const edits: { readonly start: number; readonly end: number; readonly text: string }[] = [];
  if (change.done !== undefined && change.done !== place.item.done) {
    edits.push({ start: place.mark, end: place.mark + 1, text: change.done ? 'x' : ' ' });
  }
  let added = '';
  for (const note of NOTES) {
    const value = change[note];
    if (value === undefined) continue;
    const line = plainLine(value);
    const there = place.notes[note];
    if (line === place.item[note]) continue;
    if (there) edits.push({ ...there, text: line === '' ? '' : ` ${line}` });
    else if (line !== '') added += `${ending}${place.indent}  - ${say(language, note)} ${line}`;
  }
  if (added !== '') edits.push({ start: place.end, end: place.end, text: added });
  // From the end, so that offsets hold; what is put after a value at the same place goes in before it.
  return edits
    .reverse()
    .sort((a, b) => b.start - a.start)
    .reduce((changed, edit) => changed.slice(0, edit.start) + edit.text + changed.slice(edit.end), text);
}

/** One line that ends no comment and starts no other structure. */
function plainLine(value: string): string {
  return value
    .replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/<!--|-->/g, '')
    .trim();
}
