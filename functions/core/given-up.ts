/**
 * Tries of batches that do not count although states of them may be there: one that was sealed and that a rewind gave up, and one that a command
 * has begun and not sealed.
 *
 * GIVEN-UP-1 A try of a command is noted with its claim, before anything of it is put, and counts from its seal on. So wherever a command ends, the head
 *    says of every state whether a purge may go by it. Reducers put states of sealed batches alone.
 */
import type { BatchName, Head } from './model.ts';

type Known = Pick<Head, 'givenUp' | 'purgedBelow'>;

/** Those of which anything may be left. */
export const givenUpOf = ({ givenUp = [], purgedBelow }: Known): readonly BatchName[] =>
  givenUp.filter(({ batchId }) => batchId >= purgedBelow);

export const givenUpWith = (head: Known, more: BatchName): readonly BatchName[] => [...givenUpOf(head), more];

/** Once `counts` is sealed. */
export const givenUpAfter = (head: Known, counts: BatchName, gaveUp: BatchName | undefined): readonly BatchName[] => [
  ...givenUpOf(head).filter(({ ref }) => ref !== counts.ref),
  ...(gaveUp === undefined ? [] : [gaveUp]),
];
