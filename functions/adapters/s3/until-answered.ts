/**
 * A request to S3, until it is answered or time is over.
 *
 * OBJECT-2 Another write of the same name that is under way (409), and a limit of requests (503), are no failures: it is tried again,
 *    with full jitter.
 */
import { SluiceError } from '../../core/errors.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import { fromAws } from '../aws-errors.ts';
import { fullJitter } from '../full-jitter.ts';
import { givenUpAfter, overtimeOfSinkMs } from '../given-up-after.ts';

const pauses = { firstPauseMs: 50, longestPauseMs: 2_000 };

/** The same request is good later. */
const limits = new Set(['ConditionalRequestConflict', 'OperationAborted', 'SlowDown', 'ServiceUnavailable']);
export const isLimit = ({ name }: Error): boolean => limits.has(name);

const fatal = { NoSuchBucket: 'NotAllowed', PermanentRedirect: 'NotAllowed', AllAccessDisabled: 'NotAllowed' } as const;

export type Asking = {
  /** For people: what is asked, and of which bucket. */
  readonly doing: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Epoch milliseconds. */
  readonly deadline: number;
  /** Whether another try may go well. @default `isLimit` */
  readonly passes?: (error: Error) => boolean;
};

type Options = ReturnType<typeof givenUpAfter>;

export async function untilAnswered<Answer>(
  { doing, clock, random, deadline, passes = isLimit }: Asking,
  ask: (options: Options) => Promise<Answer>,
): Promise<Answer> {
  for (let attempt = 0; ; attempt++) {
    let why: Error;
    try {
      return await ask(givenUpAfter(deadline, clock, overtimeOfSinkMs));
    } catch (error) {
      why = error as Error;
    }
    if (!passes(why)) throw fromAws(why, doing, fatal);
    const pause = fullJitter(random, attempt, pauses);
    if (clock.now() + pause >= deadline)
      throw new SluiceError('TemporaryFailure', `${doing}: was not acknowledged in time (${why.name})`);
    await clock.sleep(pause);
  }
}
