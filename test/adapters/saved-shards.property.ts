/** Shards as columns: whatever a checkpoint has comes back as it was, and many take few bytes. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encode } from '../../functions/adapters/dynamodb/packed-json.ts';
import { fromSavedShards, toSavedShards } from '../../functions/adapters/dynamodb/saved-shards.ts';
import { checkpoint, ended, noon } from '../support/builders.ts';

const id = fc.oneof(
  fc.nat(30_000).map((number) => `shardId-${String(number).padStart(12, '0')}`),
  fc.string({ minLength: 1 }),
  fc.constantFrom('shardId-1', 'shardId-0000000000001', 'shardId-00000000000x'),
);
const number = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 186n }).map(String),
  fc.constantFrom('', '007', '-1', 'none', '0'),
);
const time = fc.oneof(
  fc.integer({ min: noon - 1e9, max: noon + 1e9 }),
  fc.constantFrom(0, 0.5, -8.64e15, 8.64e15, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
);
const maybe = <Value>(of: fc.Arbitrary<Value>) => fc.option(of, { nil: undefined });
const whenever = fc.option(time);
const range = fc.oneof(
  fc
    .record({ start: fc.bigInt({ min: 0n, max: 2n ** 128n }), wide: fc.bigInt({ min: 1n, max: 2n ** 128n }) })
    .map(({ start, wide }) => ({ start: String(start), end: String(start + wide - 1n) })),
  fc.record({ start: number, end: number }),
  fc.constant({ start: '0', end: '-1' }),
);
const position = fc.oneof(
  fc.record({ kind: fc.constant('trim-horizon'), after: maybe(number) }),
  fc.record({ kind: fc.constant('at-timestamp'), timestamp: time, after: maybe(number) }),
  fc.record({
    kind: fc.constant('after-sequence-number'),
    sequenceNumber: number,
    subSequenceNumber: maybe(fc.integer()),
  }),
);
const anything = fc.oneof(fc.jsonValue(), fc.constantFrom('', [''], [], [[]], null, [1]));
const shard = fc.record({
  source: fc.constantFrom('main', 'other'),
  shardId: id,
  parents: fc.array(id, { maxLength: 2 }),
  hashRange: range,
  load: fc.record({ records: fc.nat(), bytes: fc.nat(), at: maybe(time) }),
  position: maybe(position),
  life: fc.constantFrom('unread', 'reading', 'ended'),
  readThrough: maybe(whenever),
  watermark: whenever,
  lastArrival: maybe(whenever),
  sentAhead: maybe(fc.array(anything, { maxLength: 2 })),
  endedAt: maybe(anything),
  waitsFor: maybe(fc.array(id, { maxLength: 2 })),
});

/** As JSON has it: without what is undefined. */
const asJson = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

describe('shards as columns', () => {
  it('come back as they were, in their order, whatever form their ids, numbers and ranges have', () => {
    fc.assert(
      fc.property(fc.array(shard, { maxLength: 8 }), (shards) => {
        expect(fromSavedShards(asJson(toSavedShards(shards)))).toEqual(asJson(shards));
      }),
    );
  });

  it('of the first form, with sequence numbers as texts, are read as they were', () => {
    const shards = [
      checkpoint('a', { position: { kind: 'after-sequence-number', sequenceNumber: '255' } }),
      checkpoint('b', { position: { kind: 'at-timestamp', timestamp: noon, after: '007' } }),
      checkpoint('c', { position: { kind: 'trim-horizon' } }),
    ];
    const { known, ...saved } = toSavedShards(shards);
    const { digits: _, odd: __, ...former } = known;
    expect(fromSavedShards({ ...saved, known: { ...former, number: ['ff', ['007'], ''] } })).toEqual(shards);
  });

  it('take a few bytes each where they have ended, and no more than twenty where they are read', () => {
    const wide = 2n ** 128n / 2_000n;
    const idOf = (at: number) => `shardId-${String(at).padStart(12, '0')}`;
    const bytesEach = (of: (at: number) => object) => {
      const shards = Array.from({ length: 2_000 }, (_, at) => of(at));
      return encode(toSavedShards(shards)).length / shards.length;
    };
    const left = bytesEach((at) =>
      ended(idOf(at), {
        readThrough: noon + at * 7_919,
        parents: [idOf(at >> 1)],
        hashRange: { start: '0', end: '-1' },
      }),
    );
    const idle = bytesEach((at) => {
      const readThrough = noon + ((at * 7_919) % 600_000);
      const start = BigInt(at) * wide;
      const sequence = (2n << 180n) + (BigInt(at) << 100n) + BigInt(at) * 48_271n;
      return checkpoint(idOf(at), {
        ...{ readThrough, openAt: readThrough, lastArrival: readThrough - (at % 900), watermark: readThrough - 5_000 },
        hashRange: { start: String(start), end: String(start + wide - 1n) },
        position: { kind: 'at-timestamp', timestamp: readThrough - 120_000, after: String(sequence) },
        load: { records: at % 9, bytes: (at % 9) * 300, at: readThrough },
      });
    });
    expect(left).toBeLessThan(9);
    expect(idle).toBeLessThan(20);
  });
});
