/** The language of the messages. */
import type { Language } from '../engine/texts.ts';

export type { Language };

/** `auto` follows the environment as POSIX programs do: LC_ALL, then LC_MESSAGES, then LANG. */
export function resolveLanguage(
  wanted: 'auto' | Language,
  env: Readonly<Record<string, string | undefined>>,
): Language {
  if (wanted !== 'auto') return wanted;
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || '';
  return /^fr([_.@-]|$)/i.test(locale) ? 'fr' : 'en';
}
