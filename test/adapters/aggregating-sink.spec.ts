/** PACKSINK-1, PACKSINK-2: what is told of packs is told of the records in them, and an outbox is packed the same again. */
import { expect, it } from 'vitest';
import { aggregatingSink, laneOfBucket } from '../../functions/adapters/kinesis/aggregating-sink.ts';
import { laneOfKey } from '../../functions/adapters/kinesis/kinesis-sink.ts';
import { openStream } from '../../functions/adapters/open-sinks.ts';
import { SluiceError } from '../../functions/core/errors.ts';
import type { OutputRecord, OutputSink } from '../../functions/sinks/output-sink.ts';
import { recordsWithin } from '../../local/services/records-within.ts';

const rows = Array.from(
  { length: 90 },
  (_, at): OutputRecord => ({
    ...{ partitionKey: `key-${at % 3}`, explicitHashKey: undefined },
    data: `{"row":${at},"text":"${'x'.repeat(5_000)}"}`,
  }),
);
const error = new SluiceError('TemporaryFailure', 'throttled');
const within = ({ data }: OutputRecord) =>
  recordsWithin(data as Uint8Array).map((part) => JSON.parse(Buffer.from(part).toString()).row as number);

/** Takes the first pack of each bucket that it is given, and leaves the others. */
function firstOfEach() {
  const taken: OutputRecord[] = [];
  const asked: number[] = [];
  const inner: OutputSink = {
    send: async (records) => {
      asked.push(records.length);
      const lanes = new Set<string>();
      const places = records.flatMap((record, at) => {
        if (lanes.has(laneOfBucket(record))) return [at];
        lanes.add(laneOfBucket(record));
        taken.push(record);
        return [];
      });
      return places.length === 0 ? undefined : { places, error, isOnlySlow: true };
    },
    maxRecordBytes: async () => 7,
  };
  return { sink: aggregatingSink(inner), taken, asked };
}

it('rows are left whose pack was not taken, and go out in the same packs when they are sent again', async () => {
  const { sink, taken, asked } = firstOfEach();
  const places = [...rows.keys()];
  let left: readonly number[] = places;
  while (left.length > 0) {
    const undelivered = await sink.send(
      left.map((place) => rows[place]!),
      0,
    );
    left = (undelivered?.places ?? []).map((at) => left[at]!);
    expect(left).toEqual(left.toSorted((one, other) => one - other));
  }
  // Three keys, and of each three packs of up to 51,200 bytes.
  expect(asked).toEqual([9, 6, 3]);
  expect(taken.flatMap(within).toSorted((one, other) => one - other)).toEqual(places);
  const whole = firstOfEach();
  const all: OutputRecord[] = [];
  await aggregatingSink({ send: async (records) => void all.push(...records) }).send(rows, 0);
  expect(taken.map(({ data }) => data).toSorted()).toEqual(all.map(({ data }) => data).toSorted());
  expect(await whole.sink.maxRecordBytes?.()).toBe(7);
});

it('of a key rows are in their order, from pack to pack', async () => {
  const { sink, taken } = firstOfEach();
  let left: readonly OutputRecord[] = rows;
  for (let round = 0; round < 3; round++) {
    const undelivered = await sink.send(left, 0);
    left = (undelivered?.places ?? []).map((at) => left[at]!);
  }
  for (const key of [0, 1, 2]) {
    const ofKey = taken.flatMap(within).filter((row) => row % 3 === key);
    expect(ofKey).toEqual(ofKey.toSorted((one, other) => one - other));
  }
});

it('an outbox is given to it eight steps at a time, and asks no more of any other sink', () => {
  expect(firstOfEach().sink.stepsAtOnce).toBe(8);
});

it.each([
  [{ aggregate: true, ordered: false }, laneOfBucket],
  [{ aggregate: true, ordered: true }, laneOfBucket],
  [{ aggregate: false, ordered: true }, laneOfKey],
  [{ aggregate: false, ordered: false }, undefined],
])('a stream of %o has one record in a request of each lane that it says', (options, expected) => {
  const lanes: unknown[] = [];
  openStream(options, (laneOf) => {
    lanes.push(laneOf);
    return { send: async () => undefined };
  });
  expect(lanes).toEqual([expected]);
});
