/** What a change of the rules did to the findings on real repositories. */
import type { CorpusRun, Finding } from '../corpus.ts';

export interface RunDiff {
  readonly added: readonly Finding[];
  readonly removed: readonly Finding[];
  /** Same place and rule, other words or severity. */
  readonly changed: readonly { readonly before: Finding; readonly after: Finding }[];
  /** Files that could not be linted, and repositories that could not be run: new ones, and mended ones. */
  readonly broken: readonly string[];
  readonly mended: readonly string[];
}

const key = (finding: Finding) =>
  [finding.repository, finding.path, finding.cell ?? '-', finding.line, finding.column, finding.rule].join(
    '\t',
  );

/** Only repositories that both runs know, at the same commit, are compared. */
export function diffRuns(before: CorpusRun, after: CorpusRun): RunDiff {
  const commits = new Map(before.repositories.map(({ name, commit }) => [name, commit]));
  const shared = new Set(
    after.repositories.filter(({ name, commit }) => commits.get(name) === commit).map(({ name }) => name),
  );
  const ours = (run: CorpusRun) =>
    new Map(run.findings.filter(inShared).map((finding) => [key(finding), finding]));
  const inShared = ({ repository }: Finding) => shared.has(repository);
  const old = ours(before);
  const now = ours(after);
  const troubles = (run: CorpusRun) =>
    new Set(
      run.repositories
        .filter(({ name }) => shared.has(name))
        .flatMap(({ name, failure, errors }) => [
          ...(failure ? [`${name}: ${failure}`] : []),
          ...errors.map((error) => `${name}: ${error}`),
        ]),
    );
  const [oldTroubles, newTroubles] = [troubles(before), troubles(after)];
  return {
    added: [...now.values()].filter((finding) => !old.has(key(finding))),
    removed: [...old.values()].filter((finding) => !now.has(key(finding))),
    changed: [...now.values()].flatMap((after) => {
      const before = old.get(key(after));
      const same = !before || (before.message === after.message && before.severity === after.severity);
      return same ? [] : [{ before, after }];
    }),
    broken: [...newTroubles].filter((trouble) => !oldTroubles.has(trouble)),
    mended: [...oldTroubles].filter((trouble) => !newTroubles.has(trouble)),
  };
}
