/** Colour, only where it is wanted. */
import pc from 'picocolors';

export type Style = ReturnType<typeof pc.createColors>;

/** Follows NO_COLOR and FORCE_COLOR (no-color.org, force-color.org), then whether the stream is a terminal. */
export function wantsColor(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
  noColor: boolean,
): boolean {
  if (noColor || env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return Boolean(stream.isTTY) && env.TERM !== 'dumb';
}

export const createStyle = (enabled: boolean): Style => pc.createColors(enabled);
