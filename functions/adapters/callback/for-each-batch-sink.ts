/**
 * Calls the user's function with rows, and again until it has taken them, or time is over.
 *
 * CALLED-1 A part is taken when the function has answered, and is never taken in part.
 * CALLED-2 It is given rows that nobody else has: what it changes of them changes no other call.
 * CALLED-3 One call at a time. `signal` is aborted at the deadline; what has not answered a second later is left to itself.
 * CALLED-4 What it throws is told by the name of the error, its code and its place in the code: a message may quote a row.
 */
import { SluiceError } from '../../core/errors.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import { type CheckedForEachBatch, callOf, rowOf } from '../../sinks/for-each-batch.ts';
import type { OutputRecord, OutputSink, PartOfBatch } from '../../sinks/output-sink.ts';
import { fullJitter } from '../full-jitter.ts';
import { overtimeOfSinkMs } from '../given-up-after.ts';

type Parts = {
  readonly clock: Clock;
  readonly random?: Random;
  /** The step that calls it has answered. */
  readonly over?: AbortSignal | undefined;
};

/** How a call ended that took nothing. */
type Failed = { readonly why: string };

/** What is behind the function may be down for a while. */
const pauses = { firstPauseMs: 200, longestPauseMs: 4_000 };

export function createCallbackSink(
  { callback }: Pick<CheckedForEachBatch, 'callback'>,
  { clock, random = Math.random, over }: Parts,
): OutputSink {
  const call = async (records: readonly OutputRecord[], part: PartOfBatch, signal: AbortSignal): Promise<undefined> => {
    await callback(records.map(rowOf), { ...callOf(part), signal });
  };
  return {
    async send(records, deadline, part) {
      if (part === undefined) throw new Error('rows without the part of a batch that they are');
      for (let failures = 0; ; failures += 1) {
        const failed = await inTime((signal) => call(records, part, signal), { deadline, clock, over });
        if (failed === undefined) return undefined;
        const pause = fullJitter(random, failures, pauses);
        if (clock.now() + pause >= deadline)
          return { places: records.map((_, place) => place), error: errorOf(failed, part), isOnlySlow: false };
        await clock.sleep(pause);
      }
    },
  };
}

/** Undefined: it has answered. */
async function inTime(
  call: (signal: AbortSignal) => Promise<undefined>,
  { deadline, clock, over }: Pick<Parts, 'clock' | 'over'> & { readonly deadline: number },
): Promise<Failed | undefined> {
  const late = new AbortController();
  const answered = new AbortController();
  const signal = over === undefined ? late.signal : AbortSignal.any([late.signal, over]);
  const waiting = async (): Promise<Failed> => {
    await clock.sleep(Math.max(0, deadline - clock.now()), answered.signal);
    if (!answered.signal.aborted) late.abort();
    await clock.sleep(overtimeOfSinkMs, answered.signal);
    return { why: 'gave no answer in time' };
  };
  const calling = call(signal).catch((thrown: unknown): Failed => ({ why: `threw ${nameAndPlace(thrown)}` }));
  try {
    return await (Number.isFinite(deadline) ? Promise.race([calling, waiting()]) : calling);
  } finally {
    answered.abort();
  }
}

const errorOf = ({ why }: Failed, { batchId, keyGroup, part, parts }: PartOfBatch): SluiceError =>
  new SluiceError(
    'TemporaryFailure',
    `forEachBatch: the function ${why}, with part ${part + 1} of ${parts} of batch ${batchId} and key group ${keyGroup}`,
  );

/** Reading any of it may throw, since what is thrown can be whatever there is. */
function nameAndPlace(thrown: unknown): string {
  try {
    if (!(thrown instanceof Error)) return typeof thrown;
    const { code } = thrown as { readonly code?: unknown };
    const isWord = (typeof code === 'string' || typeof code === 'number') && /^[\w.-]{1,64}$/.test(String(code));
    const [place] = `${thrown.stack ?? ''}`.split('\n').filter((line) => /^\s+at \S.*:\d+:\d+\)?$/.test(line));
    const name = /^\w{1,64}$/.test(thrown.name) ? thrown.name : 'Error';
    return `${name}${isWord ? ` (${code})` : ''}${place === undefined ? '' : ` ${place.trim()}`}`;
  } catch {
    return 'something that can not be read';
  }
}
