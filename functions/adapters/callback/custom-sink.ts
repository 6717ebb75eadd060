/** Sends to a sink of the user's own: request by request, as to any other service. */
import { SluiceError } from '../../core/errors.ts';
import { RequestShare } from '../../core/request-share.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import { type CheckedCustomSink, customKind } from '../../sinks/custom.ts';
import type { OutputRecord, OutputSink } from '../../sinks/output-sink.ts';
import { deliverAll, type Refusal, type Service } from '../delivery.ts';
import { inTime } from './in-time.ts';

type Parts = {
  readonly clock: Clock;
  readonly random?: Random;
  readonly share?: RequestShare;
  readonly over?: AbortSignal | undefined;
};

export function createCustomSink(
  { name, put, maxRecords, maxBytes }: CheckedCustomSink,
  { clock, random = Math.random, share = new RequestShare(), over }: Parts,
): OutputSink {
  const doing = `sink ${name}: put`;
  const serviceUntil = (deadline: number): Service => ({
    ...{ doing, maxRecords, maxBytes, bytesOf: customKind.bytesOf },
    async put(records) {
      const given = records.map(({ partitionKey: key, data }) => ({
        key,
        // What is done to them is not to be there when they come again.
        data: typeof data === 'string' ? data : new Uint8Array(data),
      }));
      const end = await inTime(async (signal) => put(given, { signal }), { deadline, clock, over });
      if (end.kind === 'failed') return records.map(() => ({ code: end.why, isLimit: false }));
      return refusalsIn(end.answer, records, doing);
    },
  });
  return {
    send: (records, deadline) =>
      deliverAll({ service: serviceUntil(deadline), clock, random, share }, records, deadline),
  };
}

/** With one that was not taken, what stands behind it with its key comes again. */
function refusalsIn(answer: unknown, records: readonly OutputRecord[], doing: string): (Refusal | undefined)[] {
  const places = new Set<unknown>(Array.isArray(answer) ? answer : []);
  const isList = answer === undefined || Array.isArray(answer);
  if (!isList || [...places].some((place) => !Number.isInteger(place) || records[place as number] === undefined))
    throw new SluiceError(
      'InvalidPipeline',
      `${doing} answered with something else than nothing, or a list of places of records that it was given, which are to come again`,
    );
  const keys = new Set<string>();
  return records.map(({ partitionKey }, place) => {
    if (places.has(place)) keys.add(partitionKey);
    return keys.has(partitionKey) ? { code: 'not taken', isLimit: false } : undefined;
  });
}
