/**
 * The engine's messages about files, in the language of the command. The engine says them in English and names the
 * place first; JSON keeps them so. A phrase that is not in the table stays English.
 */
import type { Language } from './language.ts';

/** English as the engine writes it, with `…` for what differs, and French. */
export const PHRASES: readonly (readonly [en: string, fr: string])[] = [
  ['no such file or folder', 'ni fichier ni dossier de ce nom'],
  ['no such file', 'aucun fichier de ce nom'],
  ['not a kind of file that Frugal reads', 'pas une sorte de fichier que Frugal lit'],
  [
    'left out by an ignore file or the configuration',
    'écarté par un fichier d’exclusion ou par la configuration',
  ],
  ['passed over: larger than … MB', 'passé : plus de … Mo'],
  ['passed over: a line is too long', 'passé : une ligne est trop longue'],
  ['passed over: minified code', 'passé : code minifié'],
  ['passed over: a notebook in …', 'passé : un notebook en …'],
  ['not a readable notebook: …', 'pas un notebook lisible : …'],
  ['syntax error; what stands around it is linted', 'erreur de syntaxe ; ce qui l’entoure est analysé'],
  ['could not be analysed: …', 'n’a pas pu être analysé : …'],
  ['the analysis failed in part: …', 'l’analyse a échoué en partie : …'],
  ['binary file', 'fichier binaire'],
  ['cannot be read: permission denied', 'illisible : accès refusé'],
  ['cannot be read: a link that leads to itself', 'illisible : un lien qui mène à lui-même'],
  ['is a folder', 'est un dossier'],
  ['cannot be read…', 'illisible…'],
  ['not fixed: it has changed', 'non corrigé : il a changé'],
  ['not fixed: its encoding could not be kept', 'non corrigé : son codage ne pourrait pas être conservé'],
  ['not fixed: …', 'non corrigé : …'],
];

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

const PATTERNS = PHRASES.map(
  ([en, fr]) => [new RegExp(`^(.*?): ${escaped(en).replace('…', '(.*)')}$`, 's'), fr] as const,
);

/** `path:line:column: what is wrong` with what is wrong in the language. */
export function problemText(message: string, language: Language): string {
  if (language === 'en') return message;
  for (const [pattern, french] of PATTERNS) {
    const found = pattern.exec(message);
    if (found) return `${found[1]} : ${french.replace('…', () => found[2] ?? '')}`;
  }
  return message;
}
