/**
 * What a longer lateness finds: windows that were over under the shorter one.
 *
 * BEFORE-1 They stay over for good. The first plan under a longer lateness says up to which close they are, each later one says so too
 *    until they would be over anyway, and whoever asks what is late asks with that.
 * BEFORE-2 Key groups are due when their windows are over by the longer one, too: their ends are known by the shorter one.
 */
import { latenessIn } from '../pipeline/fingerprint-change.ts';
import type { Aggregation } from '../pipeline/pipeline.ts';
import type { BatchBody } from './model.ts';
import { leastOf, type OpenEnds } from './open-ends.ts';

type Over = { readonly overUpTo?: number };

/** For a batch behind `committed`. */
export function overBefore(
  committed: Pick<BatchBody, 'fingerprint' | 'watermarkOut' | 'overUpTo'> | undefined,
  fingerprint: string,
): Over {
  if (committed === undefined || committed.watermarkOut === null) return {};
  const { watermarkOut, overUpTo = -Infinity } = committed;
  const [before, now] = [latenessIn(committed.fingerprint), latenessIn(fingerprint)];
  const known = now > before ? Math.max(overUpTo, watermarkOut - before) : overUpTo;
  return known > watermarkOut - now ? { overUpTo: known } : {};
}

export const withOver = <Given extends Pick<Aggregation, 'window'>>(aggregation: Given, { overUpTo }: Over): Given =>
  overUpTo === undefined ? aggregation : { ...aggregation, window: { ...aggregation.window, overUpTo } };

/** Of ends that a body under the one has, those under the other. */
export function endsUnder<Open extends OpenEnds>(open: Open, before: string, now: string): Open {
  const longer = before === now ? 0 : latenessIn(now) - latenessIn(before);
  if (longer <= 0 || open.ends.length === 0) return open;
  const { ends, upTo: last = ends.at(-1)!, ...rest } = open;
  return { ...rest, ...leastOf([...ends, ...ends.map((end) => end + longer)], last + longer) } as Open;
}
