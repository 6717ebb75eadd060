/** What a commit says of dead letters: which ones count from now on, and which ones have been taken and go. */
import type { BatchBody } from '../../core/model.ts';
import { shardKey } from '../../core/shard-name.ts';
import type { LetterPlace, ListedBatch } from '../../ports/letter-lists.ts';
import type { CommitRuntime } from './commit-runtime.ts';

/** A commit has five seconds in all, and a delete is billed, and throttled, by the size of what goes. */
const deleteMs = 1_500;
const atOnce = 100;

const batchOf = ({ batchId, ref, blocks, origin }: BatchBody): ListedBatch => ({
  ...{ batchId, ref, tasks: blocks.map(({ task, nonce }) => ({ task, nonce })) },
  ...(origin === undefined ? {} : { origin }),
});

/** Before the commit. By restored batches it is known which ones before them are left behind. */
export async function listLetters({ ports }: CommitRuntime, body: BatchBody): Promise<void> {
  if (body.letters === undefined && body.redriven === undefined && body.kind !== 'restored') return;
  await ports.letterLists.putBatch(batchOf(body));
}

const nameOf = (place: LetterPlace): string => `${shardKey(place)}#${place.sequenceNumber}#${place.subSequenceNumber}`;

/**
 * Behind the commit: letters whose events are counted now. Those that are dead again stay. It never fails a batch that is committed: what is not deleted
 * is not taken again, since the lists say so, and goes when it expires.
 */
export async function deleteTaken({ ports, log }: CommitRuntime, body: BatchBody): Promise<void> {
  if (body.redriven === undefined) return;
  try {
    const facts = await ports.letterLists.factsOf(batchOf(body));
    const dead = new Set(facts.filter(({ fact }) => fact === 'dead').map(({ place }) => nameOf(place)));
    const taken = facts.filter(({ fact, place }) => fact === 'taken' && !dead.has(nameOf(place)));
    const deadline = ports.clock.now() + deleteMs;
    let deleted = 0;
    for (; deleted < taken.length && ports.clock.now() < deadline; deleted += atOnce) {
      const some = taken.slice(deleted, deleted + atOnce);
      await ports.letterLists.deleteLetters(some.map(({ place, payloadBytes }) => ({ ...place, payloadBytes })));
    }
    log.info('redriven', { ...body.redriven, deleted: Math.min(deleted, taken.length), taken: taken.length });
  } catch (error) {
    log.warn('redriven letters were not deleted', { error: error instanceof Error ? error.name : 'unknown' });
  }
}
