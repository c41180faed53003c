/** What became of a snippet of the course in today's libraries. */
import type { Text } from '../../rules/rule.ts';

interface Form {
  /** `absent`: a package that it needs is not installed here. */
  readonly status: 'works' | 'warns' | 'gone' | 'absent';
  readonly says: string;
}

export interface SnippetResult {
  readonly snippet: string;
  /** As the course writes it. */
  readonly course: string;
  readonly today: Text;
  readonly written: Form;
  readonly now: Form;
  readonly versions: Readonly<Record<string, string>>;
}
