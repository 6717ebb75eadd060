/** The outbox of a stored state, to the sink: many records at a time, in order, behind what earlier tries have sent. */
import { SluiceError } from '../../core/errors.ts';
import type { KeyGroupState } from '../../core/reduce-key-group.ts';
import { afterSending, leftOf, nothingSent, placesToSend } from '../../core/sent-outbox.ts';
import type { ReduceRuntime } from './reduce-runtime.ts';

/** One PutRecords request. */
const stepRecords = 500;

/** `progressed`: something went through, or nothing was left. */
export type Sending = { readonly left: number; readonly progressed: boolean; readonly why?: string | undefined };

/**
 * As far as the time goes, from where the last try stopped. A sink that takes nothing now is no failure of this function:
 * the driver, which hears of all groups, decides whether to come back.
 */
export async function sendOutbox(
  { ports }: ReduceRuntime,
  state: KeyGroupState,
  { isFresh, deadline }: { readonly isFresh: boolean; readonly deadline: number },
): Promise<Sending> {
  const { outbox } = state;
  if (outbox.length === 0) return { left: 0, progressed: true };
  const sentBefore = isFresh ? nothingSent : await ports.outboxNotes.loadSent(state);
  let sent = sentBefore;
  let why: string | undefined;
  try {
    while (sent.count < outbox.length && why === undefined && ports.clock.now() < deadline) {
      const places = placesToSend(sent, outbox.length, stepRecords);
      const undelivered = await ports.sink.send(
        places.map((place) => outbox[place]!),
        deadline,
      );
      sent = afterSending(sent, places, undelivered?.places ?? [], outbox.length);
      if (undelivered?.error.canRetry === false) throw undelivered.error;
      why = undelivered?.error.message;
    }
    if (sent.count < outbox.length) why ??= `${leftOf(outbox.length, sent)} records are left`;
  } catch (error) {
    if (!(error instanceof SluiceError && error.canRetry)) throw error;
    why = error.message;
  } finally {
    // Written after the acknowledgement: what it counts is in the sink.
    const isWhole = sent.count === outbox.length && sentBefore === nothingSent;
    if (sent !== sentBefore && !isWhole) await ports.outboxNotes.putSent(state, sent);
  }
  const left = leftOf(outbox.length, sent);
  const progressed = left < leftOf(outbox.length, sentBefore) || left === 0;
  return { left, progressed, why };
}
