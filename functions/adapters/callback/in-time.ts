/**
 * One call of a function of the user's own, which has until a deadline.
 *
 * INTIME-1 Its signal is aborted at the deadline, or when the step is over. What has not answered a second later is left to itself.
 * INTIME-2 What it throws is told by the name of the error, its code and its place in the code: a message may quote a row.
 */
import type { Clock } from '../../ports/clock.ts';
import { overtimeOfSinkMs } from '../given-up-after.ts';

export type Answered<Answer> =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly why: string };

export type TimeOfCall = {
  readonly deadline: number;
  readonly clock: Clock;
  /** The step that calls it has answered. */
  readonly over: AbortSignal | undefined;
};

export async function inTime<Answer>(
  call: (signal: AbortSignal) => Promise<Answer>,
  { deadline, clock, over }: TimeOfCall,
): Promise<Answered<Answer>> {
  const late = new AbortController();
  const answered = new AbortController();
  const signal = over === undefined ? late.signal : AbortSignal.any([late.signal, over]);
  const waiting = async (): Promise<Answered<Answer>> => {
    await clock.sleep(Math.max(0, deadline - clock.now()), answered.signal);
    if (!answered.signal.aborted) late.abort();
    await clock.sleep(overtimeOfSinkMs, answered.signal);
    return { kind: 'failed', why: 'gave no answer in time' };
  };
  const calling = call(signal).then(
    (answer): Answered<Answer> => ({ kind: 'answered', answer }),
    (thrown: unknown): Answered<Answer> => ({ kind: 'failed', why: `threw ${nameAndPlace(thrown)}` }),
  );
  try {
    return await (Number.isFinite(deadline) ? Promise.race([calling, waiting()]) : calling);
  } finally {
    answered.abort();
  }
}

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
