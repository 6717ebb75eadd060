/** What meets a record of which the sink's limit decides the fate asks for that limit, and is done again. */
import { everyStreamTakes, type RecordLimit, RecordLimitUnknown } from '../core/record-limit.ts';
import { SluiceError } from '../pipeline/errors.ts';
import type { OutputSink } from '../ports/output-sink.ts';

/** `decide` leaves nothing done when it finds out. */
export async function knowingTheLimit<Result>(
  { limit, sink }: { readonly limit: RecordLimit; readonly sink: Pick<OutputSink, 'maxRecordBytes'> },
  decide: () => Result,
): Promise<Result> {
  try {
    return decide();
  } catch (error) {
    if (!(error instanceof RecordLimitUnknown)) throw error;
    await learn(limit, sink);
    return decide();
  }
}

/** Where asking is not allowed, the limit is taken for what it is if nobody changed it; each letter says so. */
async function learn(limit: RecordLimit, sink: Pick<OutputSink, 'maxRecordBytes'>): Promise<void> {
  try {
    limit.learn((await sink.maxRecordBytes?.()) ?? everyStreamTakes);
  } catch (error) {
    if (!(error instanceof SluiceError) || error.name !== 'NotAllowed') throw error;
    const remedy = 'allow kinesis:DescribeStreamSummary, or say it as maxRecordBytes of the sink';
    limit.learn(everyStreamTakes, `, as far as can be known (${remedy})`);
  }
}
