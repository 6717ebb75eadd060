import type { Random } from '../ports/clock.ts';

/**
 * How long to wait before a try, in milliseconds: anything up to twice as much as before the last one, so that many who were refused
 * together do not come again together. `attempt`: 0 before the second try. Source: "Exponential Backoff And Jitter", AWS Architecture Blog.
 */
export const fullJitter = (
  random: Random,
  attempt: number,
  { firstPauseMs, longestPauseMs }: { readonly firstPauseMs: number; readonly longestPauseMs: number },
): number => random() * Math.min(longestPauseMs, firstPauseMs * 2 ** attempt);
