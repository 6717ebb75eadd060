/**
 * The outbox of a stored state: to each output what is for it, side by side. Many records at a time, in order, behind what
 * earlier tries have sent.
 */
import { SluiceError } from '../../core/errors.ts';
import type { OutboxOfOutput } from '../../core/outbox.ts';
import { errorOfOutput } from '../../core/output.ts';
import type { KeyGroupState } from '../../core/reduce-key-group.ts';
import {
  afterSending,
  leftOf,
  nothingSent,
  placesToSend,
  type SentOutbox,
  type SentOutboxes,
} from '../../core/sent-outbox.ts';
import type { ReduceRuntime } from './reduce-runtime.ts';

/** One PutRecords request. */
const stepRecords = 500;

/** `progressed`: something went through, or nothing was left. */
export type Sending = { readonly left: number; readonly progressed: boolean; readonly why?: string | undefined };

/** Of one output: how far it came, and why no further, if it did not come to the end. */
type OutputProgress = {
  readonly output: string;
  readonly length: number;
  before: SentOutbox;
  sent: SentOutbox;
  why?: string;
};

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
  const sentBefore = isFresh ? {} : await ports.outboxNotes.loadSent(state);
  const outputs = outbox.map((one): OutputProgress & OutboxOfOutput => {
    const { count, ahead } = sentBefore[one.output] ?? nothingSent;
    // A note of what is done says it of rows: some may have been kept before there was this output.
    const before = { count: Math.min(count, one.records.length), ahead };
    return { ...one, length: one.records.length, before, sent: before };
  });
  try {
    // Each comes as far as it can, whatever becomes of the others.
    const ends = await Promise.allSettled(outputs.map((output) => sendUntil(deadline, ports, output)));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    return resultOf(outputs);
  } finally {
    // Written after the acknowledgement: what it counts is in the sink.
    const hasMoved = outputs.some(({ before, sent }) => sent !== before);
    if (hasMoved && !outputs.every(isWhole)) await ports.outboxNotes.putSent(state, notesOf(outputs));
  }
}

/** At once, in this very try. */
const isWhole = ({ before, sent, length }: OutputProgress): boolean =>
  sent.count === length && before.count === 0 && before.ahead.length === 0;

const notesOf = (outputs: readonly OutputProgress[]): SentOutboxes =>
  Object.fromEntries(outputs.map(({ output, sent }) => [output, sent]));

/** Notes how far it comes, also where it fails. */
async function sendUntil(
  deadline: number,
  { sink, clock }: ReduceRuntime['ports'],
  progress: OutputProgress & OutboxOfOutput,
): Promise<void> {
  const { output, records, length } = progress;
  try {
    while (progress.sent.count < length) {
      if (clock.now() >= deadline) {
        progress.why = `${leftOf(length, progress.sent)} records are left`;
        return;
      }
      const places = placesToSend(progress.sent, length, stepRecords);
      const undelivered = await sink(output).send(
        places.map((place) => records[place]!),
        deadline,
      );
      progress.sent = afterSending(progress.sent, places, undelivered?.places ?? [], length);
      if (undelivered !== undefined) throw undelivered.error;
    }
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    const named = errorOfOutput(output, error);
    if (!named.canRetry) throw named;
    progress.why = named.message;
  }
}

function resultOf(outputs: readonly OutputProgress[]): Sending {
  const sum = (sentOf: (output: OutputProgress) => SentOutbox): number =>
    outputs.reduce((left, output) => left + leftOf(output.length, sentOf(output)), 0);
  const left = sum(({ sent }) => sent);
  const why = outputs.find((output) => output.why !== undefined)?.why;
  return { left, progressed: left < sum(({ before }) => before) || left === 0, why };
}
