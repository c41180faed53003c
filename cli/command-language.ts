/** The language of the command itself: of the command line, else of the configuration here, else of the environment. */
import { ConfigLoader } from '../engine/config.ts';
import { allRules } from '../engine/engine.ts';
import { type Language, resolveLanguage } from './language.ts';
import { nodeFileSystem, toEnginePath } from './node-file-system.ts';
import { projectRoot } from './project-root.ts';

export async function commandLanguage(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<Language> {
  const at = argv.findIndex((one) => one === '--language' || one.startsWith('--language='));
  const asked = at < 0 ? undefined : (argv[at]?.split('=')[1] ?? argv[at + 1]);
  if (asked === 'en' || asked === 'fr') return asked;
  const folder = toEnginePath('.');
  try {
    const config = await new ConfigLoader(nodeFileSystem, allRules()).nearest(
      folder,
      projectRoot(folder, folder),
    );
    return resolveLanguage(config.language, env);
  } catch {
    // A broken configuration is told by the command that uses it.
    return resolveLanguage('auto', env);
  }
}
