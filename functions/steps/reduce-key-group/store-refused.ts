/**
 * The rows that the user's code or the sink's limits refused, as dead letters: many at a time, and where time runs out the
 * next try goes on behind those that are stored.
 */
import { lettersIn } from '../../core/dead-letter-tally.ts';
import type { RefusedResult } from '../../core/letter-of-row.ts';
import { letterOfRow } from '../../core/letter-of-row.ts';
import type { KeyGroupState } from '../../core/reduction.ts';
import type { OutboxReader } from './outbox-reader.ts';
import type { ReduceRuntime } from './reduce-runtime.ts';
import type { Sending } from './send-outbox.ts';

const stepLetters = 1_000;

export async function storeRefused(
  { pipeline, ports }: ReduceRuntime,
  outbox: OutboxReader,
  {
    state,
    isFresh,
    deadline,
  }: {
    readonly state: KeyGroupState;
    /** No try before this one can have stored any. */
    readonly isFresh: boolean;
    readonly deadline: number;
  },
): Promise<Sending> {
  const all = lettersIn(state.fates.refused);
  if (all === 0) return { left: 0, progressed: true };
  const before = isFresh ? 0 : await ports.outboxNotes.loadRefused(state);
  let stored = before;
  let why: string | undefined;
  while (stored < all && why === undefined) {
    const letters = (await lettersFrom(outbox, state, stored)).map((row) => letterOfRow(pipeline.name, state, row));
    const unstored = await ports.deadLetters.put(letters, deadline);
    stored += unstored?.places[0] ?? letters.length;
    if (unstored?.error.canRetry === false) throw unstored.error;
    why = unstored?.error.message ?? (ports.clock.now() >= deadline ? 'the table took too long' : undefined);
  }
  // Written after the letters: what it counts is stored.
  if (stored > before) await ports.outboxNotes.putRefused(state, stored);
  const left = all - stored;
  if (left === 0) return { left, progressed: true };
  return { left, progressed: stored > before, why: `${left} refused rows are left: ${why}` };
}

/** The next ones, of one step. */
async function lettersFrom(
  outbox: OutboxReader,
  state: KeyGroupState,
  from: number,
): Promise<readonly RefusedResult[]> {
  let begin = 0;
  const number = state.steps.findIndex(({ refused }) => {
    if (from < begin + refused) return true;
    begin += refused;
    return false;
  });
  const { refused } = await outbox.step(number);
  return refused.slice(from - begin, from - begin + stepLetters);
}
