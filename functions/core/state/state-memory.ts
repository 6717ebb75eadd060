/**
 * What a state takes of memory where it has to be there as one, before it is expanded.
 *
 * FITS-1 A state that can't be there is refused by name, and before anything of its batch is written. One that may fit is tried: what is
 *    said here is the least, so nothing is refused that would go.
 */
import { SluiceError } from '../errors.ts';
import { hasSlices, type Manifest, sum } from './manifest.ts';
import type { ByteRange, SegmentReader } from './reading.ts';

/** An entry with a count alone takes 1.1 KB while it is written anew; one with more takes more. */
const leastBytesOfEntry = 900;

/**
 * Entries that a state has at least: those of its oldest run, in which nothing is removed (MERGE-3), but for what all others may have removed. What is
 * in a page with something that is over counts for nothing. `reader`: of the indexes of that run.
 */
export function leastEntries(
  { runs, overUpTo = Number.NEGATIVE_INFINITY }: Manifest,
  reader: Pick<SegmentReader, 'pagesOf'>,
): number {
  const [oldest, ...younger] = runs;
  if (oldest === undefined) return 0;
  const others = [...(oldest.rest?.runs ?? []), ...younger].flatMap(({ segments }) => segments);
  const open = oldest.segments
    .filter(({ slices }) => hasSlices(slices, 'all', overUpTo))
    .flatMap((segment) => reader.pagesOf(segment))
    .filter(({ slice }) => slice > overUpTo);
  return Math.max(0, entriesIn(open) - entriesIn(others));
}

const entriesIn = (all: readonly { readonly entries: number }[]): number => sum(all.map(({ entries }) => entries));

type Reading = {
  readonly keyGroup: number;
  readonly batchId: number;
  /** What is loaded, as it lies there: all at once. */
  readonly ranges: readonly ByteRange[];
  /** What is written anew, all at once: it has so many entries at least. Absent: nothing is. */
  readonly rewritten?: number | undefined;
};

/** @throws SluiceError StateTooLarge. `limitBytes`: undefined, nobody knows. */
export function refuseTooLarge(
  { keyGroup, batchId, ranges, rewritten: entries = 0 }: Reading,
  limitBytes: number | undefined,
): void {
  if (limitBytes === undefined) return;
  const loaded = sum(ranges.map(({ from, upTo }) => upTo - from));
  const least = loaded + entries * leastBytesOfEntry;
  if (least <= limitBytes) return;
  const what =
    entries === 0
      ? 'what is read of it at once'
      : `it was saved for other aggregates, and is written anew as a whole, which with ${entries.toLocaleString('en')} entries`;
  throw new SluiceError(
    'StateTooLarge',
    `the state of key group ${keyGroup} does not fit into a reducer: ${what} takes ${inMb(least)} at least, and the function has ` +
      `${inMb(limitBytes)}. Nothing of batch ${batchId} was given out: with more \`memorySize\` it goes on with that very batch. ` +
      'Then have more key groups (`sluice repartition`)',
  );
}

const inMb = (bytes: number): string => `${Math.ceil(bytes / 1_048_576).toLocaleString('en')} MB`;
