/** marked-terminal ships no types. */
declare module 'marked-terminal' {
  import type { MarkedExtension } from 'marked';

  type Paint = (text: string) => string;
  export function markedTerminal(
    options?: {
      readonly width?: number;
      readonly reflowText?: boolean;
      readonly showSectionPrefix?: boolean;
      readonly emoji?: boolean;
      readonly firstHeading?: Paint;
      readonly heading?: Paint;
      readonly codespan?: Paint;
      readonly tableOptions?: { readonly style?: { readonly head?: readonly string[] } };
    },
    highlight?: { readonly theme?: object },
  ): MarkedExtension;
}
