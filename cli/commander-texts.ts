/** What commander says by itself, in the language of the command. English stays as commander has it. */
import type { Command, Option } from 'commander';
import type { Language } from './language.ts';
import { colon, text } from './texts.ts';

const TITLES = {
  'Usage:': 'titleUsage',
  'Arguments:': 'titleArguments',
  'Options:': 'titleOptions',
  'Global Options:': 'titleGlobal',
  'Commands:': 'titleCommands',
} as const;

/** Titles of the help, and what it says of an option's values. */
export function localizeHelp(command: Command, language: Language): void {
  command.configureHelp({
    showGlobalOptions: true,
    styleTitle: (title) =>
      Object.hasOwn(TITLES, title) ? text(language, TITLES[title as keyof typeof TITLES]) : title,
    optionDescription: (option) => describeOption(option, language),
  });
  command.configureOutput({
    outputError: (message, write) => write(localizedError(message, language)),
  });
}

function describeOption(
  { description, argChoices, defaultValue, required, optional }: Option,
  language: Language,
): string {
  const more: string[] = [];
  if (argChoices) more.push(text(language, 'choices', { list: argChoices.join(', ') }));
  if (defaultValue !== undefined && (required || optional)) {
    more.push(text(language, 'byDefault', { value: String(defaultValue) }));
  }
  return more.length > 0 ? `${description} (${more.join(', ')})` : description;
}

const QUOTED = "'([^']*)'";

/** The messages of commander 14, as patterns. One that is not known stays English. */
const ERRORS: readonly (readonly [RegExp, (language: Language, found: readonly string[]) => string])[] = [
  [
    new RegExp(`^unknown option ${QUOTED}`),
    (language, [, name = '']) => text(language, 'unknownOption', { name }),
  ],
  [
    new RegExp(`^unknown command ${QUOTED}`),
    (language, [, name = '']) => text(language, 'unknownCommand', { name }),
  ],
  [
    new RegExp(`^missing required argument ${QUOTED}`),
    (language, [, name = '']) => text(language, 'missingArgument', { name }),
  ],
  [
    new RegExp(`^option ${QUOTED} argument missing`),
    (language, [, name = '']) => text(language, 'optionMissing', { name }),
  ],
  [
    /^option '([^']*)' argument '(.*)' is invalid\. ?([\s\S]*)$/,
    (language, [, name = '', value = '', reason = '']) => {
      const list = /^Allowed choices are (.*)\.$/.exec(reason.trim())?.[1];
      return text(language, 'optionInvalid', {
        name,
        value,
        reason: list ? text(language, 'allowed', { list }) : reason,
      });
    },
  ],
  [
    /^too many arguments(?: for '([^']*)')?\. Expected (\d+) arguments? but got (\d+)/,
    (language, [, command = '', expected = '0', given = '0']) =>
      text(language, 'tooMany', { command: command && ` (${command})`, expected: Number(expected), given }),
  ],
];

export function localizedError(message: string, language: Language): string {
  const body = /^error: ([\s\S]*?)(?:\n\(Did you mean (?:one of )?(.*)\?\))?\n?$/.exec(message);
  if (language === 'en' || !body) return message;
  const [, said = '', near] = body;
  let words = said;
  for (const [pattern, say] of ERRORS) {
    const found = pattern.exec(said);
    if (!found) continue;
    words = say(language, found);
    break;
  }
  const suggestion = near === undefined ? '' : `\n${text(language, 'didYouMean', { name: near })}`;
  return `${text(language, 'error')}${colon(language)} ${words.trimEnd()}${suggestion}\n`;
}
