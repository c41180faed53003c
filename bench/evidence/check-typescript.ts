/** Checks fixes in TypeScript and JavaScript against the libraries' own types, without running them. */
import { join } from 'node:path';
import { Project, ts } from 'ts-morph';

/** A text before and after a fix, as a file of a workspace. */
export interface Pair {
  readonly file: string;
  readonly code: string;
  readonly fixed: string;
  /** Other files of the workspace, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

/** What is wrong with the second text that is not wrong with the first. */
export interface Judgement {
  readonly problems: readonly string[];
  /** Packages that the fix brings and that are not installed; `lacking`: also the example's own. */
  readonly absent: readonly string[];
  readonly lacking: readonly string[];
  /** Calls whose arguments fit a signature that is typed, and calls of anything. */
  readonly checked: number;
  readonly open: number;
  /** Calls of which nothing can be said. */
  readonly untold?: readonly string[];
}

/** As loose as a checker can be: examples are excerpts; what must hold is that the libraries take what they are given. */
const OPTIONS: ts.CompilerOptions = {
  allowJs: true,
  checkJs: true,
  strict: false,
  noEmit: true,
  skipLibCheck: true,
  esModuleInterop: true,
  resolveJsonModule: true,
  jsx: ts.JsxEmit.Preserve,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  types: [],
};

/** Cannot find a module; a module has no types. */
const NO_MODULE = new Set([2307, 2792, 7016]);
/** Something calls itself deprecated: a declaration, a signature. */
const DEPRECATED = new Set([6385, 6387]);

interface Told {
  readonly problems: ReadonlySet<string>;
  readonly absent: ReadonlySet<string>;
  readonly checked: number;
  readonly open: number;
}

/** One checker for all pairs: libraries are parsed once. `packages` holds `node_modules`, or lies below it. */
export function checkTypeScript(pairs: readonly Pair[], packages: string): Judgement[] {
  const project = new Project({ compilerOptions: OPTIONS, skipAddingFilesFromTsConfig: true });
  const place = (home: string, file: string, text: string, others: Pair['files']): string => {
    for (const [name, content] of Object.entries(others ?? {}))
      project.createSourceFile(join(home, name), content);
    // a text without imports is a script, whose names would be those of all others
    const isModule = /^\s*(?:import|export)\b|\brequire\s*\(/m.test(text);
    const path = join(home, file);
    project.createSourceFile(path, isModule ? text : `${text}\nexport {};\n`);
    return path;
  };
  // each pair in folders of its own, which are nowhere but in memory
  const placed = pairs.map(({ file, code, fixed, files }, at) => ({
    before: place(join(packages, `checked-${at}-before`), file, code, files),
    after: place(join(packages, `checked-${at}-after`), file, fixed, files),
  }));
  const service = project.getLanguageService().compilerObject;
  const program = project.getProgram().compilerObject;
  return placed.map(({ before, after }): Judgement => {
    const [old, now] = [judge(service, program, before), judge(service, program, after)];
    const told = new Set([...old.problems].map(gist));
    return {
      problems: [...now.problems].filter((problem) => !told.has(gist(problem))).sort(),
      absent: [...now.absent].filter((name) => !old.absent.has(name)).sort(),
      lacking: [...now.absent].sort(),
      checked: now.checked,
      open: now.open,
    };
  });
}

/** Without the types of whole objects, which a fix changes: the same complaint of the same call is no new one. */
function gist(problem: string): string {
  return problem.replace(/'\{[^']*(?:'|$)/g, "'{…}'");
}

function judge(service: ts.LanguageService, program: ts.Program, path: string): Told {
  const problems = new Set<string>();
  const absent = new Set<string>();
  const found = [
    ...service.getSyntacticDiagnostics(path),
    ...service.getSemanticDiagnostics(path),
    ...service.getSuggestionDiagnostics(path).filter(({ code }) => DEPRECATED.has(code)),
  ];
  for (const { code, messageText } of found) {
    const text = ts.flattenDiagnosticMessageText(messageText, ' ').split('\n')[0]!;
    const name = /'([^']+)'/.exec(text)?.[1] ?? '';
    if (!NO_MODULE.has(code)) problems.add(text);
    else if (!name.startsWith('.') && !name.startsWith('/')) absent.add(name);
  }
  const source = program.getSourceFile(path);
  let [checked, open] = [0, 0];
  const checker = program.getTypeChecker();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const type = checker.getTypeAtLocation(node.expression);
      if (type.flags & ts.TypeFlags.Any) open++;
      else checked++;
    }
    ts.forEachChild(node, visit);
  };
  if (source) visit(source);
  return { problems, absent, checked, open };
}
