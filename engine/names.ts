/** "Did you mean …?" */
import { closest, distance } from 'fastest-levenshtein';

/** ` (did you mean "x"?)`, or nothing when no known name is near. */
export function didYouMean(name: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const nearest = closest(name, known as string[]);
  const isNear = distance(name, nearest) <= Math.max(2, Math.floor(nearest.length / 3));
  return isNear ? ` (did you mean "${nearest}"?)` : '';
}
