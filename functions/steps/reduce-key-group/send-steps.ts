/** The stored steps of an output whose sink takes records one by one, many at a time and in order. */
import { recordsOf } from '../../core/outbox.ts';
import { afterSending, leftOf, placesToSend } from '../../core/sent-outbox.ts';
import type { OutputRecord } from '../../sinks/output-sink.ts';
import type { StepReader } from './outbox-reader.ts';
import type { OutputProgress } from './output-progress.ts';
import type { ReduceRuntime } from './reduce-runtime.ts';

/** One PutRecords request. */
const requestRecords = 500;

export async function sendSteps(
  ports: ReduceRuntime['ports'],
  outbox: StepReader,
  progress: OutputProgress,
  deadline: number,
): Promise<void> {
  const { ends, output } = progress;
  const { stepsAtOnce = 1 } = ports.sink(output);
  for (let from = 0; from < ends.length; from += stepsAtOnce) {
    const upTo = Math.min(ends.length, from + stepsAtOnce);
    const end = ends[upTo - 1]!;
    if (end <= progress.sent.count) continue;
    const records: OutputRecord[] = [];
    for (let number = from; number < upTo; number++)
      for (const record of recordsOf(await outbox.step(number), output)) records.push(record);
    await sendStep(ports, progress, { records, end, deadline });
    if (progress.why !== undefined) return;
  }
}

/** `end`: of its records. */
async function sendStep(
  { sink, clock }: ReduceRuntime['ports'],
  progress: OutputProgress,
  {
    records,
    end,
    deadline,
  }: { readonly records: readonly OutputRecord[]; readonly end: number; readonly deadline: number },
): Promise<void> {
  const begin = end - records.length;
  while (progress.sent.count < end) {
    if (clock.now() >= deadline) {
      progress.why = whatIsLeft(progress);
      return;
    }
    const { stepsAtOnce } = sink(progress.output);
    const most = stepsAtOnce === undefined ? requestRecords : records.length;
    const places = placesToSend(progress.sent, end, most);
    const request = places.map((place) => records[place - begin]!);
    const undelivered = await sink(progress.output).send(request, deadline);
    progress.sent = afterSending(progress.sent, places, undelivered?.places ?? [], end);
    if (undelivered !== undefined) throw undelivered.error;
  }
}

export const whatIsLeft = ({ length, sent }: OutputProgress): string => `${leftOf(length, sent)} records are left`;
