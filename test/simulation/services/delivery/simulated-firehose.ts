/**
 * PutRecordBatch as AWS documents it: an answer for each record, in the order of the request. Odd answers lack what the API always
 * gives, or count wrongly; the records that they are silent of were taken all the same.
 */
import { ServiceError } from '../service-error.ts';
import type { Delivered, DeliveryParts, DeliveryService } from './delivered.ts';

const maxRecords = 500;
const maxRecordBytes = 1_024_000;
const maxRequestBytes = 4 * 1_048_576;

type Entry = { readonly RecordId?: string; readonly ErrorCode?: string; readonly ErrorMessage?: string };
type Answer = { readonly FailedPutCount?: number; readonly Encrypted?: boolean; readonly RequestResponses?: unknown };
type Given = { readonly responses: readonly Entry[]; readonly isTaken: readonly boolean[] };

export class SimulatedFirehose implements DeliveryService {
  readonly #parts: DeliveryParts;
  readonly #name: string;
  #second = 0;
  #left = 0;
  #records = 0;
  /** Requests that are refused from here on: the SDK tries some of them again. */
  #unavailable = 0;

  constructor(name: string, parts: DeliveryParts) {
    this.#name = name;
    this.#parts = parts;
  }

  take(operation: string, input: unknown, refusedShare: number): Delivered {
    const records = recordsIn(operation, input, this.#name);
    const { random, now, oddUntil, oddShare } = this.#parts;
    const odd = now() < oddUntil && random.chance(oddShare) ? random.pick(oddities) : undefined;
    if (odd === 'unavailable') this.#unavailable = random.int(1, 8);
    if (this.#unavailable-- > 0) throw new ServiceError(unavailable, 'injected', 503);
    const given = this.#putAll(records, refusesSome.has(odd ?? '') ? 0.5 : refusedShare);
    const entries = records.map((Data, at) => ({
      entry: { PartitionKey: undefined, Data },
      isTaken: given.isTaken[at]!,
    }));
    const output = odd === undefined ? answerOf(given) : this.#oddAnswer(odd, given);
    return { output, entries, mayRepeat: saysLess.has(odd ?? '') };
  }

  #putAll(records: readonly Uint8Array[], refusedShare: number): Given {
    const { random } = this.#parts;
    const responses = records.map((): Entry => {
      if (random.chance(refusedShare)) return refusedAs(random.pick([unavailable, 'InternalFailure']));
      if (!this.#hasRoom()) return refusedAs(unavailable);
      return { RecordId: `record-${this.#records++}` };
    });
    return { responses, isTaken: responses.map(({ ErrorCode }) => ErrorCode === undefined) };
  }

  #hasRoom(): boolean {
    const { now, recordsASecond } = this.#parts;
    if (recordsASecond === undefined) return true;
    const second = Math.floor(now() / 1_000);
    if (second !== this.#second) this.#left = recordsASecond;
    this.#second = second;
    this.#left -= 1;
    return this.#left >= 0;
  }

  #oddAnswer(odd: Oddity, given: Given): Answer {
    const { random } = this.#parts;
    const { responses } = given;
    const answer = answerOf(given);
    switch (odd) {
      case 'no ids':
        return { ...answer, RequestResponses: responses.map((each) => (random.chance(0.5) ? {} : each)) };
      case 'holes':
        return { ...answer, RequestResponses: responses.map((each) => (random.chance(0.5) ? null : each)) };
      case 'cut short':
        return { ...answer, RequestResponses: responses.slice(0, random.int(0, responses.length - 1)) };
      case 'nothing':
        return {};
      case 'no list':
        return { FailedPutCount: 0 };
      case 'ids of what was refused':
        return { ...answer, RequestResponses: responses.map((each) => ({ RecordId: 'none', ...each })) };
      default:
        return { ...answer, ...random.pick([{ FailedPutCount: 0 }, { FailedPutCount: undefined }]) };
    }
  }
}

const oddities = [
  ...(['refusals', 'refusals', 'unavailable', 'no ids', 'holes', 'cut short', 'nothing', 'no list'] as const),
  ...(['ids of what was refused', 'wrong count'] as const),
];
type Oddity = (typeof oddities)[number];
const refusesSome: ReadonlySet<string> = new Set<Oddity>([
  'refusals',
  'ids of what was refused',
  'wrong count',
  'holes',
]);
/** Of what was taken they do not say so. */
const saysLess: ReadonlySet<string> = new Set<Oddity>(['no ids', 'holes', 'cut short', 'nothing', 'no list']);

const unavailable = 'ServiceUnavailableException';
const refusedAs = (ErrorCode: string): Entry => ({ ErrorCode, ErrorMessage: 'injected' });

const answerOf = ({ responses, isTaken }: Given): Answer => ({
  FailedPutCount: isTaken.filter((taken) => !taken).length,
  Encrypted: false,
  RequestResponses: responses,
});

/** A request with anything wrong in it is refused whole. */
function recordsIn(operation: string, input: unknown, name: string): readonly Uint8Array[] {
  const { DeliveryStreamName, Records = [] } = input as {
    readonly DeliveryStreamName?: string;
    readonly Records?: readonly { readonly Data?: Uint8Array }[];
  };
  if (operation !== 'PutRecordBatch' || DeliveryStreamName !== name)
    throw new Error(`firehose: unknown ${operation} of ${DeliveryStreamName}`);
  const data = Records.map(({ Data }) => Data ?? new Uint8Array());
  const bytes = data.reduce((sum, { length }) => sum + length, 0);
  const isLegal = data.length >= 1 && data.length <= maxRecords && bytes <= maxRequestBytes;
  if (isLegal && data.every(({ length }) => length >= 1 && length <= maxRecordBytes)) return data;
  throw new ServiceError('InvalidArgumentException', `${data.length} records of ${bytes} bytes`);
}
