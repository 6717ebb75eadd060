/** What a commit says of dead letters: which ones count from now on, and which ones have been taken and go. */
import type { BatchBody } from '../../core/model.ts';
import { shardKey } from '../../core/shard-name.ts';
import type { LetterPlace, ListedBatch } from '../../ports/letter-lists.ts';
import type { CommitRuntime } from './commit-runtime.ts';

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
 * is not taken again, since the lists say so, and goes with the next command that looks at them, or when it expires.
 */
export async function deleteTaken({ ports, log }: CommitRuntime, body: BatchBody): Promise<void> {
  if (body.redriven === undefined) return;
  try {
    const facts = await ports.letterLists.factsOf(batchOf(body));
    const dead = new Set(facts.filter(({ fact }) => fact === 'dead').map(({ place }) => nameOf(place)));
    const taken = facts.filter(({ fact, place }) => fact === 'taken' && !dead.has(nameOf(place)));
    await ports.letterLists.deleteLetters(taken.map(({ place, payloadBytes }) => ({ ...place, payloadBytes })));
    log.info('redriven', { ...body.redriven, deleted: taken.length });
  } catch (error) {
    log.warn('redriven letters were not deleted', { error: error instanceof Error ? error.name : 'unknown' });
  }
}
