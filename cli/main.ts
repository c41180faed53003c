#!/usr/bin/env node
/** The `frugal` command. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { ConfigError } from '../engine/types.ts';
import { escapeHidden } from './escape.ts';
import { ExitCode } from './exit-code.ts';
import { createOutput } from './output.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** `a,b` and repeated options alike. */
function list(value: string, previous: readonly string[] = []): string[] {
  const names = value.split(',').map((name) => name.trim());
  if (names.some((name) => name === ''))
    throw new InvalidArgumentError('Expected names with commas between.');
  return [...previous, ...names];
}

function points(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !(number >= 0 && number <= 100)) {
    throw new InvalidArgumentError('Expected a number from 0 to 100.');
  }
  return number;
}

function isNoColor(argv: readonly string[]): boolean {
  return argv.includes('--no-color');
}

function createProgram(setCode: (code: ExitCode) => void): Command {
  const output = createOutput(isNoColor(process.argv));
  const program = new Command('frugal')
    .description('An eco-design linter for machine-learning code.')
    .version(version, '-V, --version', 'print the version')
    .option('--no-color', 'no colour, as with NO_COLOR=1')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .addHelpText(
      'after',
      '\nExit codes: 0 nothing found, 1 findings, 2 could not run (or a file named on the command line could not be linted).',
    );

  program
    .command('check', { isDefault: false })
    .description('lint files and folders')
    .argument('[paths...]', 'files and folders (default: the working directory)')
    .addOption(new Option('--format <format>', 'how to report').choices(['text', 'json']).default('text'))
    .option('--fix', 'apply safe fixes: behaviour stays the same')
    .option('--fix-suggested', 'apply suggested fixes too: read the result')
    .option('--diff', 'show what the fixes would change, write nothing')
    .option('--select <names>', 'rules or phases to run; repeat, or put commas between', list)
    .option('--ignore <names>', 'rules or phases not to run', list)
    .option('--config <file>', 'configuration to use in place of the nearest one')
    .option('--stdin-filename <file>', 'lint standard input as if it were this file')
    .option('--preview', 'also run rules whose precision on real code is not measured yet')
    .addOption(
      new Option('--language <language>', 'language of the messages')
        .choices(['auto', 'en', 'fr'])
        .default('auto'),
    )
    .option('--min-score <points>', 'fail when the score is below, instead of at any finding', points)
    .option('-v, --verbose', 'tell which files were passed over, and why')
    .option('-q, --quiet', 'findings and errors only')
    .action(async (paths, options) => {
      const { check } = await import('./check.ts');
      setCode(await check(paths, options, output, version));
    });

  program
    .command('score')
    .description('show the eco-score, and what costs points')
    .argument('[paths...]', 'files and folders (default: the working directory)')
    .addOption(new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addOption(new Option('--by <part>', 'scores of the parts too').choices(['folder', 'program']))
    .option('--badge <file>', 'write the score as an SVG badge')
    .option('--history <file>', 'append the score to a text file, one line per run')
    .option('--select <names>', 'rules or phases that count; repeat, or put commas between', list)
    .option('--ignore <names>', 'rules or phases that do not count', list)
    .option('--config <file>', 'configuration to use in place of the nearest one')
    .addOption(languageOption())
    .option('-q, --quiet', 'errors only')
    .action(async (paths, options) => {
      const { score } = await import('./score.ts');
      setCode(await score(paths, options, output, version));
    });

  program
    .command('rules')
    .description('list the rules')
    .addOption(new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'))
    .option('--phase <phase>', 'only the rules of one phase')
    .addOption(languageOption())
    .action(async (options) => {
      const { listRules } = await import('./rules.ts');
      listRules(options, output);
    });

  program
    .command('explain')
    .description('show a rule: what it finds, why it matters, what to do instead')
    .argument('<rule>')
    .addOption(languageOption())
    .action(async (rule, options) => {
      const { explain } = await import('./explain.ts');
      explain(rule, options, output);
    });

  program
    .command('lsp')
    .description('run the language server')
    .option('--stdio', 'talk over standard input and output (the only way there is)')
    .action(async () => {
      const { serve } = await import('../server/node.ts');
      serve();
    });

  return program;
}

function languageOption(): Option {
  return new Option('--language <language>', 'language of the texts')
    .choices(['auto', 'en', 'fr'])
    .default('auto');
}

async function main(): Promise<void> {
  // A reader that has seen enough (`| head`) is no error.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit();
      throw error;
    });
  }
  const program = createProgram((code) => {
    process.exitCode = code;
  });
  try {
    await program.parseAsync();
  } catch (error) {
    // Commander has said what is wrong by then.
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? ExitCode.Clean : ExitCode.Failed;
      return;
    }
    process.exitCode = ExitCode.Failed;
    const { errorStyle } = createOutput(isNoColor(process.argv));
    const isExpected = error instanceof ConfigError;
    const detail =
      error instanceof Error ? (isExpected ? error.message : (error.stack ?? error.message)) : String(error);
    process.stderr.write(`${errorStyle.red('error')}: ${detail.split('\n').map(escapeHidden).join('\n')}\n`);
  }
}

await main();
