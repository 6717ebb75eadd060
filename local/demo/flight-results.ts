/** Departures per origin and hour: as the sink holds them, and computed straight from the file. */
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import * as z from 'zod';
import { readInputFile } from '../publish/input-file.ts';
import { readStream } from '../services/stream-reader.ts';

const rowSchema = z.object({
  origin: z.string(),
  windowStart: z.iso.datetime(),
  windowEnd: z.iso.datetime(),
  departures: z.int(),
  averageDelay: z.number(),
});

const sinkRowSchema = rowSchema.extend({ _sluice: z.looseObject({}) });
const flightSchema = z.object({ date: z.iso.datetime({ offset: true }), delay: z.number(), origin: z.string() });

export type FlightResult = z.infer<typeof rowSchema> & {
  /** Origin and hour. */
  readonly key: string;
  /** The identity of its record in the sink; undefined for a computed one. */
  readonly identity: string | undefined;
};

const hourMs = 3_600_000;
/** Sums of the same numbers in another order differ in their last bits. */
const tolerance = 1e-9;

export async function readResults(client: KinesisClient, streamName: string): Promise<readonly FlightResult[]> {
  const results: FlightResult[] = [];
  for await (const records of readStream(client, { StreamName: streamName })) {
    for (const { data } of records) results.push(resultOf(Buffer.from(data).toString('utf8')));
  }
  return results;
}

/** Of a record of the sink. */
export function resultOf(record: string): FlightResult & { readonly identity: string } {
  const { _sluice, ...row } = sinkRowSchema.parse(JSON.parse(record));
  return { ...row, key: `${row.origin} ${row.windowStart}`, identity: JSON.stringify(_sluice) };
}

export const computeDirectly = (file: string): Promise<readonly FlightResult[]> =>
  computeFrom(readInputFile({ path: file }));

/** Of flights that lie there in chunks. */
export async function computeFrom(
  chunks:
    | AsyncIterable<readonly { readonly data: Uint8Array }[]>
    | readonly (readonly { readonly data: Uint8Array }[])[],
): Promise<readonly FlightResult[]> {
  const groups = new Map<string, { origin: string; start: number; departures: number; totalDelay: number }>();
  for await (const events of chunks) {
    for (const { data } of events) {
      const { date, delay, origin } = flightSchema.parse(JSON.parse(Buffer.from(data).toString('utf8')));
      const start = Math.floor(Date.parse(date) / hourMs) * hourMs;
      const key = `${origin} ${start}`;
      const group = groups.get(key) ?? { origin, start, departures: 0, totalDelay: 0 };
      groups.set(key, group);
      group.departures++;
      group.totalDelay += delay;
    }
  }
  return [...groups.values()].map(({ origin, start, departures, totalDelay }) => {
    const windowStart = new Date(start).toISOString();
    const windowEnd = new Date(start + hourMs).toISOString();
    const averageDelay = totalDelay / departures;
    return {
      key: `${origin} ${windowStart}`,
      identity: undefined,
      origin,
      windowStart,
      windowEnd,
      departures,
      averageDelay,
    };
  });
}

/** Everything in which the results are not what they should be, in words. */
export function* differences(expected: readonly FlightResult[], results: readonly FlightResult[]): Generator<string> {
  const open = new Map(expected.map((result) => [result.key, result]));
  const identities = new Set<string>();
  for (const result of results) {
    if (result.identity !== undefined && identities.has(result.identity))
      yield `${result.identity} is in the sink twice`;
    if (result.identity !== undefined) identities.add(result.identity);
    const wanted = open.get(result.key);
    open.delete(result.key);
    if (wanted === undefined) yield `${result.key} was not expected, or is there twice`;
    else if (!isEqual(wanted, result)) yield `${result.key}: expected ${describe(wanted)}, found ${describe(result)}`;
  }
  for (const key of open.keys()) yield `${key} is missing`;
}

function isEqual(one: FlightResult, other: FlightResult): boolean {
  const isClose =
    Math.abs(one.averageDelay - other.averageDelay) <= tolerance * Math.max(1, Math.abs(one.averageDelay));
  return one.departures === other.departures && one.windowEnd === other.windowEnd && isClose;
}

function describe({ departures, averageDelay, windowEnd }: FlightResult): string {
  return `${departures} departures, average delay ${averageDelay}, until ${windowEnd}`;
}
