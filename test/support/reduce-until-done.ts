/** A key group that is reduced as the driver does it, by processes that user code may end. */
import { newTrial } from '../../functions/core/row-trial.ts';
import type { StateName } from '../../functions/ports/state-store.ts';
import type { ReduceKeyGroupOutput } from '../../functions/steps/messages.ts';
import type { Memory } from './memory-ports.ts';

const mostRounds = 60;

/** The process is gone: nothing that waits for it comes back. */
export class Gone extends Error {}

/** One process at a time, and what user code does to it. */
export class MortalProcess {
  #die: (reason: Error) => void = () => {};

  /** Of one that ends nobody hears, and nothing that it would have noted is noted. */
  run<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const gone = new Promise<never>((_, reject) => {
      this.#die = reject;
    });
    return Promise.race([work(), gone]);
  }

  readonly end = (): Promise<never> => {
    this.#die(new Gone());
    return new Promise<never>(() => {});
  };
}

/** Notes a death, waits as it is told, and tries again. */
export async function reduceUntilDone(
  memory: Memory,
  state: StateName,
  reduce: (again: boolean) => Promise<ReduceKeyGroupOutput>,
): Promise<ReduceKeyGroupOutput> {
  for (let round = 0; round < mostRounds; round++) {
    try {
      const answer = await reduce(round > 0);
      if (answer.done) return answer;
      memory.now = Math.max(memory.now, answer.waitUntil ?? 0);
    } catch (error) {
      if (!(error instanceof Gone)) throw error;
      await noteDeath(memory, state);
      memory.now += 1_000;
    }
  }
  throw new Error('it never ends');
}

export async function noteDeath({ ports }: Memory, state: StateName): Promise<void> {
  const trial = (await ports.rows.loadTrial(state)) ?? newTrial;
  await ports.rows.putTrial(state, { ...trial, hasDied: true });
}
