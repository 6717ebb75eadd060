/** A client that answers from a list, and a clock that moves only while somebody sleeps. */
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { Clock } from '../../functions/ports/clock.ts';

/** Answers in order; a function sees the input. */
export function fake(answers: readonly unknown[]) {
  const inputs: Record<string, unknown>[] = [];
  const send = async ({ input }: { input: Record<string, unknown> }) => {
    const answer = answers[inputs.push(input) - 1];
    if (answer instanceof Error) throw answer;
    return typeof answer === 'function' ? answer(input) : answer;
  };
  return { client: { send } as unknown as KinesisClient, inputs };
}

export function manualClock() {
  const slept: number[] = [];
  let now = 0;
  const clock: Clock = {
    now: () => now,
    sleep: async (ms) => {
      slept.push(ms);
      now += ms;
    },
  };
  return { clock, slept };
}

export const failure = (name: string, status = 400) =>
  Object.assign(new Error('no'), { name, $metadata: { httpStatusCode: status } });
