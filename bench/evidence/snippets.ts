/**
 * `npm run evidence:snippets`: the course's snippets, each run as written and in today's form, in the installed
 * libraries. Writes bench/evidence/snippets/results.json: works, warns (with what it says), gone (with the error), or
 * not installed here. With names, those alone are run again.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../command.ts';
import { install, packageOf, runtimes, versions } from './environment.ts';
import { type Program, parseProgram } from './program.ts';
import { Runner } from './runner.ts';
import type { SnippetResult } from './snippet-result.ts';

const folder = join(root, 'bench', 'evidence', 'snippets');

/** Put behind a snippet: calls one of its forms and prints what came of it. */
const CALL = `

import json as _json, warnings as _warnings
with _warnings.catch_warnings(record=True) as _told:
    _warnings.simplefilter("always")
    try:
        _answer = {"status": "works", "says": FORM()}
    except ImportError as _error:
        _answer = {"status": "absent" if "No module named" in str(_error) else "gone", "says": str(_error)}
    except (Exception, SystemExit) as _error:
        _answer = {"status": "gone", "says": f"{type(_error).__name__}: {_error}".splitlines()[0]}
_outdated = [w for w in _told if issubclass(w.category, (DeprecationWarning, FutureWarning, UserWarning))]
if _answer["status"] == "works" and _outdated:
    _shown = sorted({f"{w.category.__name__}: {str(w.message).splitlines()[0][:200]}" for w in _outdated})
    _answer = {"status": "warns", "says": "; ".join(_shown)}
print()
print(_json.dumps({"result": _answer}))
`;

function header(text: string, key: string): string {
  return new RegExp(`^# ${key}: (.+)$`, 'm').exec(text)?.[1] ?? '';
}

if (!install('python', 20, console.log)) throw new Error('the Python libraries cannot be installed here');
const file = join(folder, 'results.json');
const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as SnippetResult[]) : [];
const asked = process.argv.slice(2);
const results = known.filter(({ snippet }) => asked.length > 0 && !asked.includes(snippet));
for (const name of readdirSync(folder)
  .filter((one) => one.endsWith('.py'))
  .sort()) {
  if (asked.length > 0 && !asked.includes(name.replace('.py', ''))) continue;
  const text = readFileSync(join(folder, name), 'utf8');
  const uses = header(text, 'uses').split(' ');
  const packages = [...new Set(uses.map((module) => packageOf(module, 'python')))];
  const program: Program = {
    ...parseProgram(name, '# subject: x\n# sujet: x\n# compare: equal\n# measure: none\n'),
    uses,
  };
  const runner = new Runner(program, runtimes.python, 180);
  const forms: Record<string, { status: SnippetResult['written']['status']; says: string }> = {};
  for (const form of ['as_written', 'as_today']) {
    const run = await runner.run(name, text + CALL.replace('FORM', form));
    forms[form] =
      run instanceof Error
        ? { status: 'gone', says: run.message }
        : (run.result as { status: SnippetResult['written']['status']; says: string });
    console.log(`${name} ${form}: ${forms[form]?.status}: ${forms[form]?.says}`);
  }
  runner.close();
  results.push({
    snippet: name.replace('.py', ''),
    course: header(text, 'course'),
    today: { en: header(text, 'today'), fr: header(text, 'aujourdhui') },
    written: forms.as_written!,
    now: forms.as_today!,
    versions: versions('python', packages),
  });
}
results.sort((a, b) => (a.snippet < b.snippet ? -1 : 1));
writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
