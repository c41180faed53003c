/** What the command itself says, in both languages of the product. Rules bring their own texts. JSON stays English. */
import { speaker } from '../engine/texts.ts';

export const TEXTS = {
  findings: { en: '{count} {count|finding|findings}', fr: '{count} {count|constat|constats}' },
  inFiles: { en: 'in {count} {count|file|files}', fr: 'dans {count} {count|fichier|fichiers}' },
} as const;

/** `text(language, 'findings', { count: 3 })` */
export const text = speaker(TEXTS);
