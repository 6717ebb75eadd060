/** What meets a record of which a sink's limit decides the fate asks for that limit, and is done again. */
import { type RecordLimit, RecordLimitUnknown } from '../core/record-limit.ts';
import { SluiceError } from '../pipeline/errors.ts';
import type { OutputSink } from '../sinks/output-sink.ts';

/** By an output's id. */
export type AskSink = (output: string) => Pick<OutputSink, 'maxRecordBytes'>;

/** `decide` leaves nothing done when it finds out. Of each output it finds out once. */
export async function knowingTheLimits<Result>(ask: AskSink, decide: () => Result): Promise<Result> {
  for (const known = new Set<RecordLimit>(); ; ) {
    try {
      return decide();
    } catch (error) {
      if (!(error instanceof RecordLimitUnknown) || known.has(error.limit)) throw error;
      known.add(error.limit);
      await learn(error.limit, ask(error.limit.output));
    }
  }
}

/** Where asking is not allowed, the limit is taken for what it is if nobody changed it; each letter says so. */
async function learn(limit: RecordLimit, sink: Pick<OutputSink, 'maxRecordBytes'>): Promise<void> {
  const { always, remedy } = limit.limits;
  try {
    limit.learn((await sink.maxRecordBytes?.()) ?? always);
  } catch (error) {
    if (!(error instanceof SluiceError) || error.name !== 'NotAllowed') throw error;
    limit.learn(always, `, as far as can be known (${remedy})`);
  }
}
