/** HASHPACK-1 to HASHPACK-4: packs of an output, across splits and merges of the stream, for readers that go by hash ranges. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deaggregate } from '../../functions/core/aggregated-record.ts';
import { effectiveHashKey, isInRange, shardFor } from '../../functions/core/hash-key.ts';
import { packByHash } from '../../functions/core/pack-by-hash.ts';
import { resentEventsOf } from '../../functions/core/resent-events.ts';
import type { OutputRecord } from '../../functions/sinks/output-sink.ts';
import { readByAws } from '../support/aws-kinesis-agg.ts';

const md5 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('md5').update(bytes).digest());
const end = 2n ** 128n;
const decoder = new TextDecoder();

/** Of few keys, so that buckets have many, and small ones beside some that fill a pack. */
const record: fc.Arbitrary<OutputRecord> = fc
  .record({
    key: fc.nat(40),
    size: fc.oneof({ weight: 9, arbitrary: fc.nat(200) }, { weight: 1, arbitrary: fc.nat(60_000) }),
    id: fc.nat(),
  })
  .map(({ key, size, id }) => ({
    partitionKey: `key-${key}`,
    explicitHashKey: undefined,
    data: JSON.stringify({ id, key, text: 'x'.repeat(size) }),
  }));
const records = fc.array(record, { minLength: 1, maxLength: 120, size: 'max' });

/** Where a stream is split: its shards, in order. */
const shards = fc
  .uniqueArray(fc.bigInt({ min: 1n, max: end - 1n }), { maxLength: 12 })
  .map((cuts) => [0n, ...cuts.toSorted((one, other) => (one < other ? -1 : 1)), end])
  .map((bounds) =>
    bounds.slice(0, -1).map((startingHashKey, at) => ({ startingHashKey, endingHashKey: bounds[at + 1]! - 1n })),
  );
type Shard = { readonly startingHashKey: bigint; readonly endingHashKey: bigint };

const textOf = ({ data }: Pick<OutputRecord, 'data'>): string =>
  typeof data === 'string' ? data : decoder.decode(data);

/** The KCL: of an aggregated record whose partition key is whatever it is, parts outside of the shard's range are left out. */
function readByKcl(packed: OutputRecord, shard: Shard): readonly string[] {
  const read = deaggregate({ data: packed.data as Uint8Array }, md5);
  if (read.kind !== 'aggregated') return [textOf(packed)];
  return read.events.filter((event) => isInRange(effectiveHashKey(event, md5), shard)).map(textOf);
}

function readByOurs(packed: OutputRecord, { startingHashKey, endingHashKey }: Shard): readonly string[] {
  const isResent = resentEventsOf({ start: String(startingHashKey), end: String(endingHashKey) }, md5);
  const read = deaggregate({ data: packed.data as Uint8Array }, md5);
  if (read.kind !== 'aggregated') return [textOf(packed)];
  return read.events.filter((event) => !isResent(packed, event)).map(textOf);
}

describe('packs of an output', () => {
  it('are read whole by readers that go by hash ranges, wherever the stream is split before they arrive', () => {
    fc.assert(
      fc.property(records, shards, (given, stream) => {
        const packs = packByHash(given, md5).map((pack) => ({
          pack,
          shard: shardFor(effectiveHashKey(pack.record, md5), stream)!,
        }));
        const expected = given.map(textOf).toSorted();
        expect(packs.flatMap(({ pack, shard }) => readByKcl(pack.record, shard)).toSorted()).toEqual(expected);
        expect(packs.flatMap(({ pack, shard }) => readByOurs(pack.record, shard)).toSorted()).toEqual(expected);
      }),
    );
  });

  it('are of one bucket each, in their order, under its hash key; of a key all have the same', () => {
    fc.assert(
      fc.property(records, (given) => {
        const packs = packByHash(given, md5);
        expect(packs.flatMap(({ places }) => places).toSorted((one, other) => one - other)).toEqual([...given.keys()]);
        for (const { record: packed, places } of packs) {
          const bucket = BigInt(packed.explicitHashKey!) >> 120n;
          for (const place of places) expect(effectiveHashKey(given[place]!, md5) >> 120n).toBe(bucket);
          expect(places).toEqual(places.toSorted((one, other) => one - other));
        }
        const firsts = Map.groupBy(packs, (pack) => pack.record.explicitHashKey);
        for (const ofBucket of firsts.values()) {
          const order = ofBucket.flatMap(({ places }) => places);
          expect(order).toEqual(order.toSorted((one, other) => one - other));
        }
      }),
    );
  });

  it('have 51,200 bytes at most, but for a record that is alone, and are what AWS unpacks', () => {
    fc.assert(
      fc.property(records, (given) => {
        for (const { record: packed, places } of packByHash(given, md5)) {
          const data = packed.data as Uint8Array;
          if (places.length === 1) {
            expect([textOf(packed), packed.partitionKey]).toEqual([
              textOf(given[places[0]!]!),
              given[places[0]!]!.partitionKey,
            ]);
            continue;
          }
          expect(data.length).toBeLessThanOrEqual(51_200);
          expect(packed.partitionKey).toBe('a');
          const parts = readByAws(data, { checksDigest: true });
          if (parts === 'refused') throw new Error('refused');
          expect(parts.map((part) => [part.partitionKey, part.explicitHashKey, textOf(part)])).toEqual(
            places.map((place) => [given[place]!.partitionKey, packed.explicitHashKey, textOf(given[place]!)]),
          );
        }
      }),
    );
  });

  it('are the same again, byte by byte, for whoever goes on behind some of them', () => {
    fc.assert(
      fc.property(records, fc.infiniteStream(fc.nat(3)), (given, done) => {
        const packs = packByHash(given, md5);
        const left = [...Map.groupBy(packs, (pack) => pack.record.explicitHashKey).values()].flatMap((ofBucket) =>
          ofBucket.slice(done.next().value),
        );
        const places = left.flatMap((pack) => pack.places).toSorted((one, other) => one - other);
        const again = packByHash(
          places.map((place) => given[place]!),
          md5,
        ).map((pack) => ({ ...pack, places: pack.places.map((at) => places[at]!) }));
        expect(again).toEqual(left.toSorted((one, other) => one.places[0]! - other.places[0]!));
      }),
    );
  });
});
