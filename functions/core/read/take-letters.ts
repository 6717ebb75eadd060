/**
 * Dead letters as a read: event by event, as `takeStep` takes those of a page, and with the same effects (READ-1, READ-2). What comes of a letter follows
 * from the code as it is now; what an event is called stays.
 *
 * LETTERS-1 A letter is one event: it is neither cut, nor taken apart, nor looked for among repeats, since its identity was taken when it was read.
 */
import type { DeadLetter } from '../dead-letter.ts';
import type { PlannedShard } from '../model.ts';
import { trimHorizon } from '../position.ts';
import type { KinesisRecord } from '../record.ts';
import { newCheckpoint } from '../shard-checkpoint.ts';
import type { OpenRecord } from './open-record.ts';
import type { ReadState } from './read-state.ts';
import type { ShardReader } from './shard-reader.ts';
import { Step } from './step.ts';
import { takeEvent } from './take-event.ts';

const allKeys = { start: '0', end: String(2n ** 128n - 1n) };

/** What stands for the shard of letters: nothing of it is told. */
export const shardOfLetters = (shardId: string): PlannedShard => ({
  ...newCheckpoint({ shardId, parents: [], hashRange: allKeys }, trimHorizon),
  isNew: false,
  start: 'continue',
});

/** Letters of one shard, from this one on, for as many as a step holds. */
export function takeLetters(
  reader: ShardReader,
  state: ReadState,
  letters: readonly DeadLetter[],
  from: number,
  mostEvents: number,
): Step {
  const step = new Step(reader, state, from, mostEvents);
  while (step.next < letters.length && step.goesOn) {
    const open = openLetter(letters[step.next]!);
    takeEvent(step, open);
    if (open.next < open.end) break;
    step.next += 1;
  }
  return step;
}

function openLetter(letter: DeadLetter): OpenRecord {
  const { sequenceNumber, subSequenceNumber, partitionKey, payload, arrivalTime } = letter;
  const arrived = arrivalTime ?? 0;
  const record: KinesisRecord = {
    sequenceNumber,
    partitionKey,
    data: payload,
    arrivalMs: arrived,
  };
  const events: KinesisRecord[] = [];
  events[subSequenceNumber] = record;
  return {
    ...{ record, events, resent: undefined, corrupt: undefined, next: subSequenceNumber, end: subSequenceNumber + 1 },
    opens: { through: arrived, loss: undefined },
    closes: { position: undefined, through: arrived, ends: false },
  };
}
