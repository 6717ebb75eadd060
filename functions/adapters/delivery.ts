/**
 * Records to a service, request by request, until it has acknowledged all of them, or time is over.
 *
 * DELIVERY-1 Acknowledged is what the service said so of, and nothing else.
 * DELIVERY-2 One request at a time, and what was refused goes first.
 * DELIVERY-3 A limit of throughput is no failure: requests become smaller, and pauses longer, with full jitter. Requests become smaller
 *    for a slow service too, and for one that refuses.
 * DELIVERY-4 It is slow, and does not fail, if time was over and nothing but limits is said of what is left.
 */
import { SluiceError } from '../core/errors.ts';
import type { RequestShare } from '../core/request-share.ts';
import type { Clock, Random } from '../ports/clock.ts';
import type { OutputRecord, Undelivered } from '../sinks/output-sink.ts';
import { fullJitter } from './full-jitter.ts';

/** Why a record was not taken. `code`: a word, without anything of what the record holds. */
export type Refusal = { readonly code: string; readonly isLimit: boolean };

export type Service = {
  /** For messages: "delivery stream flights: put records". */
  readonly doing: string;
  readonly maxRecords: number;
  readonly maxBytes: number;
  readonly bytesOf: (record: OutputRecord) => number;
  /**
   * One request. Of each record why it was not taken, undefined if it was. Throws a `SluiceError` if there is no answer, or none that
   * another try could change.
   */
  readonly put: (records: readonly OutputRecord[]) => Promise<readonly (Refusal | undefined)[]>;
};

export type DeliveryParts = {
  readonly service: Service;
  readonly clock: Clock;
  readonly random: Random;
  /** What is known of the service outlasts a step. */
  readonly share: RequestShare;
};

const pauses = { firstPauseMs: 50, longestPauseMs: 1_000 };
/** A service that takes so long for a request gets a smaller one: several should fit into a function's time. */
const slowAnswerMs = 3_000;

type Open = { readonly place: number; readonly record: OutputRecord; refusal: Refusal | undefined };

export async function deliverAll(
  { service, clock, random, share }: DeliveryParts,
  records: readonly OutputRecord[],
  deadline: number,
): Promise<Undelivered | undefined> {
  let open: readonly Open[] = records.map((record, place) => ({ place, record, refusal: undefined }));
  /** In a row, of requests of which nothing was taken. */
  let failures = 0;
  while (open.length > 0) {
    const asked = share.share;
    const request = firstOf(open, service, asked);
    const askedAt = clock.now();
    let refusals: readonly (Refusal | undefined)[];
    try {
      refusals = await service.put(request.map(({ record }) => record));
    } catch (error) {
      share.tell(asked, false);
      return undelivered(open, error as SluiceError, false);
    }
    const left = leftOf(request, refusals);
    share.tell(asked, left.length === 0 && clock.now() - askedAt < slowAnswerMs);
    failures = left.length === request.length ? failures + 1 : 0;
    open = [...left, ...open.slice(request.length)];
    if (open.length === 0) break;
    const pause = left.length === 0 ? 0 : fullJitter(random, failures, pauses);
    if (clock.now() + pause >= deadline) return late(service, open, records.length);
    if (pause > 0) await clock.sleep(pause);
  }
  return undefined;
}

/** At least one. */
function firstOf(open: readonly Open[], { maxRecords, maxBytes, bytesOf }: Service, share: number): readonly Open[] {
  const most = Math.ceil(maxRecords * share);
  const room = maxBytes * share;
  let bytes = 0;
  let count = 0;
  for (const { record } of open) {
    if (count === most) break;
    bytes += bytesOf(record);
    if (bytes > room && count > 0) break;
    count++;
  }
  return open.slice(0, count);
}

function leftOf(request: readonly Open[], refusals: readonly (Refusal | undefined)[]): readonly Open[] {
  return request.filter((open, at) => {
    open.refusal = refusals[at];
    return open.refusal !== undefined;
  });
}

function late({ doing }: Service, open: readonly Open[], of: number): Undelivered {
  const codes = new Set(open.flatMap(({ refusal }) => (refusal === undefined ? [] : [refusal.code])));
  const why = codes.size === 0 ? '' : ` (${[...codes].toSorted().join(', ')})`;
  const error = new SluiceError(
    'TemporaryFailure',
    `${doing}: ${open.length} of ${of} were not acknowledged in time${why}`,
  );
  return undelivered(
    open,
    error,
    open.every(({ refusal }) => refusal === undefined || refusal.isLimit),
  );
}

const undelivered = (open: readonly Open[], error: SluiceError, isOnlySlow: boolean): Undelivered => ({
  places: open.map(({ place }) => place),
  error,
  isOnlySlow,
});
