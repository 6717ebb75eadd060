/**
 * Calls the user's function with rows, and again until it has taken them, or time is over.
 *
 * CALLED-1 A part is taken when the function has answered, and is never taken in part.
 * CALLED-2 It is given rows that nobody else has: what it changes of them changes no other call.
 * CALLED-3 One call at a time, each in its time (INTIME-1, INTIME-2).
 */
import { SluiceError } from '../../core/errors.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import { type CheckedForEachBatch, callOf, rowOf } from '../../sinks/for-each-batch.ts';
import type { OutputRecord, OutputSink, PartOfBatch } from '../../sinks/output-sink.ts';
import { fullJitter } from '../full-jitter.ts';
import { inTime } from './in-time.ts';

type Parts = {
  readonly clock: Clock;
  readonly random?: Random;
  /** The step that calls it has answered. */
  readonly over?: AbortSignal | undefined;
};

/** What is behind the function may be down for a while. */
const pauses = { firstPauseMs: 200, longestPauseMs: 4_000 };

export function createCallbackSink(
  { callback }: Pick<CheckedForEachBatch, 'callback'>,
  { clock, random = Math.random, over }: Parts,
): OutputSink {
  const call = async (records: readonly OutputRecord[], part: PartOfBatch, signal: AbortSignal): Promise<undefined> => {
    await callback(records.map(rowOf) as never[], { ...callOf(part), signal });
  };
  return {
    async send(records, deadline, part) {
      if (part === undefined) throw new Error('rows without the part of a batch that they are');
      for (let failures = 0; ; failures += 1) {
        const end = await inTime((signal) => call(records, part, signal), { deadline, clock, over });
        if (end.kind === 'answered') return undefined;
        const pause = fullJitter(random, failures, pauses);
        if (clock.now() + pause >= deadline)
          return { places: records.map((_, place) => place), error: errorOf(end.why, part), isOnlySlow: false };
        await clock.sleep(pause);
      }
    },
  };
}

const errorOf = (why: string, { batchId, keyGroup, part, parts }: PartOfBatch): SluiceError =>
  new SluiceError(
    'TemporaryFailure',
    `forEachBatch: the function ${why}, with part ${part + 1} of ${parts} of batch ${batchId} and key group ${keyGroup}`,
  );
