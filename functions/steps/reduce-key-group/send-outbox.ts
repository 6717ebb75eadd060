/** The outbox of a stored state, to the sink: many records at a time, in order, behind what earlier tries have sent. */
import { SluiceError } from '../../core/errors.ts';
import type { KeyGroupState } from '../../core/reduce-key-group.ts';
import { afterSending, leftOf, nothingSent, placesToSend, type SentOutbox } from '../../core/sent-outbox.ts';
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
  const progress = { sent: sentBefore };
  try {
    const why = await sendUntil(deadline, ports, outbox, progress);
    return resultOf(outbox.length, sentBefore, progress.sent, why);
  } catch (error) {
    if (!(error instanceof SluiceError && error.canRetry)) throw error;
    return resultOf(outbox.length, sentBefore, progress.sent, error.message);
  } finally {
    const { sent } = progress;
    // Written after the acknowledgement: what it counts is in the sink.
    const isWhole = sent.count === outbox.length && sentBefore === nothingSent;
    if (sent !== sentBefore && !isWhole) await ports.outboxNotes.putSent(state, sent);
  }
}

/** Why records are left, if any are. `progress` says how far it came, also where it fails. */
async function sendUntil(
  deadline: number,
  { sink, clock }: ReduceRuntime['ports'],
  outbox: KeyGroupState['outbox'],
  progress: { sent: SentOutbox },
): Promise<string | undefined> {
  while (progress.sent.count < outbox.length) {
    if (clock.now() >= deadline) return `${leftOf(outbox.length, progress.sent)} records are left`;
    const places = placesToSend(progress.sent, outbox.length, stepRecords);
    const undelivered = await sink.send(
      places.map((place) => outbox[place]!),
      deadline,
    );
    progress.sent = afterSending(progress.sent, places, undelivered?.places ?? [], outbox.length);
    if (undelivered?.error.canRetry === false) throw undelivered.error;
    if (undelivered !== undefined) return undelivered.error.message;
  }
  return undefined;
}

function resultOf(length: number, before: SentOutbox, sent: SentOutbox, why: string | undefined): Sending {
  const left = leftOf(length, sent);
  return { left, progressed: left < leftOf(length, before) || left === 0, why };
}
