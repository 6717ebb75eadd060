/**
 * How large a record the sink takes, data and partition key together: 1 MiB, unless its stream was set to take more, and
 * never more than 10 MiB. The stream alone can say, and it is asked when there is a record of which that decides the fate.
 */
import type { Sink } from '../pipeline/pipeline.ts';

export const everyStreamTakes = 1_048_576;
export const noStreamTakesMore = 10_485_760;

/** Whoever catches it asks the sink, and does again what ended with it. */
export class RecordLimitUnknown extends Error {}

export class RecordLimit {
  #bytes: number | undefined;
  #why: string;

  constructor(bytes: number | undefined, why = '') {
    this.#bytes = bytes;
    this.#why = why;
  }

  /** `why` is told with each record that is refused. */
  learn(bytes: number, why = ''): void {
    this.#bytes = bytes;
    this.#why = why;
  }

  /** What is wrong with a record of so many bytes; undefined: nothing. */
  objection(bytes: number): string | undefined {
    if (bytes <= everyStreamTakes) return undefined;
    const most = bytes > noStreamTakesMore ? noStreamTakesMore : this.#bytes;
    if (most === undefined) throw new RecordLimitUnknown('how large a record the sink takes is not known yet');
    return bytes <= most ? undefined : `${bytes} bytes; the sink takes records of ${most}${this.#why}`;
  }
}

/** What is written on a machine of one's own is what a stream would be sent. */
export function recordLimitOf(sink: Sink): RecordLimit {
  return new RecordLimit(sink.kind === 'kinesis' ? sink.maxRecordBytes : everyStreamTakes);
}

/** Where there is no stream to ask: what it was said to take, or what every stream does. */
export function limitWithoutStream(sink: Sink): RecordLimit {
  return new RecordLimit((sink.kind === 'kinesis' ? sink.maxRecordBytes : undefined) ?? everyStreamTakes);
}
