/**
 * How large a record an output takes, as its sink counts bytes. Where the sink alone can say, it is asked when there is a
 * record of which that decides the fate.
 */
import type { Output } from '../pipeline/pipeline.ts';
import type { OutputRecord } from '../sinks/output-sink.ts';
import type { RecordLimits, SinkKind } from '../sinks/sink-kind.ts';
import type { Addressed, ForOutputs } from './output.ts';

/** Whoever catches it asks the sink, and does again what ended with it. */
export class RecordLimitUnknown extends Error {
  readonly limit: RecordLimit;

  constructor(limit: RecordLimit) {
    super(`how large a record the output ${limit.output} takes is not known yet`);
    this.limit = limit;
  }
}

export class RecordLimit {
  readonly output: string;
  readonly limits: RecordLimits;
  readonly #kind: SinkKind;
  #bytes: number | undefined;
  #why = '';

  constructor({ id, sink: { kind, options } }: Output) {
    this.output = id;
    this.limits = kind.limits(options);
    this.#kind = kind;
    this.#bytes = this.limits.said;
  }

  /** `why` is told with each record that is refused. */
  learn(bytes: number, why = ''): void {
    this.#bytes = bytes;
    this.#why = why;
  }

  /** Where nobody asks: what it was said to take, or always takes. */
  settle(): void {
    this.#bytes ??= this.limits.always;
  }

  /** What is wrong with a record, of so many bytes as its sink counts them; undefined: nothing. */
  objection(record: OutputRecord, bytes = this.#kind.bytesOf(record)): string | undefined {
    const { always, atMost } = this.limits;
    if (bytes <= always) return undefined;
    const most = bytes > atMost ? atMost : this.#bytes;
    if (most === undefined) throw new RecordLimitUnknown(this);
    return bytes <= most ? undefined : `${bytes} bytes; the sink takes records of ${most}${this.#why}`;
  }
}

/** Of some outputs. */
export class OutputLimits {
  readonly #byOutput: ReadonlyMap<string, RecordLimit>;

  constructor(limits: readonly RecordLimit[]) {
    this.#byOutput = new Map(limits.map((limit) => [limit.output, limit]));
  }

  of(output: string): RecordLimit | undefined {
    return this.#byOutput.get(output);
  }

  /**
   * Those that are too large for their output are missed there, and with one of several the others (SEVERAL-1). An output that there
   * is no more objects to nothing.
   */
  within<Record extends Addressed>(given: ForOutputs<Record>): ForOutputs<Record> {
    let within = given;
    for (const { output, record, bytes } of given.records) {
      const message = this.of(output)?.objection(record, bytes);
      if (message === undefined || !within.records.some((one) => one.output === output)) continue;
      const isOther = (one: { readonly output: string }): boolean => one.output !== output;
      const refused = { kind: 'refused', output, reason: 'output-too-large', message } as const;
      within = { records: within.records.filter(isOther), missed: [...within.missed.filter(isOther), refused] };
    }
    return within;
  }
}

export const limitsOf = (outputs: readonly Output[]): OutputLimits =>
  new OutputLimits(outputs.map((output) => new RecordLimit(output)));
