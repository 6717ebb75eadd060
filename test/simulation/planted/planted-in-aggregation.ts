/** Several records of an output in one of the stream. */
import type { PlantedFault } from './planted-faults.ts';

const dimension = 'an aggregated output';

export const aggregationFaults: readonly PlantedFault[] = [
  {
    name: 'records-of-all-keys-share-a-bucket',
    dimension,
    edits: [
      {
        file: 'functions/core/pack-by-hash.ts',
        from: '(hashKeyOf(partitionKey, md5) >> bitsOfBucket) << bitsOfBucket',
        to: '(hashKeyOf(partitionKey, md5) >> 128n) << 128n',
      },
    ],
  },
  {
    name: 'parts-of-a-pack-go-by-their-own-keys',
    dimension,
    edits: [
      {
        file: 'functions/core/pack-by-hash.ts',
        from: 'partitionKey, explicitHashKey: hashKey, data',
        to: 'partitionKey, explicitHashKey: record.explicitHashKey, data',
      },
    ],
  },
  {
    name: 'of-a-pack-that-was-refused-the-first-record-is-open',
    dimension,
    edits: [
      {
        file: 'functions/adapters/kinesis/aggregating-sink.ts',
        from: 'packs[place]!.places)',
        to: 'packs[place]!.places.slice(0, 1))',
      },
    ],
  },
  {
    name: 'a-pack-leaves-out-its-last-record',
    dimension,
    edits: [
      {
        file: 'functions/core/pack-by-hash.ts',
        from: 'of packEvents(events, {}, md5)) {',
        to: 'of packEvents(events.length > 2 ? events.slice(0, -1) : events, {}, md5)) {',
      },
    ],
  },
];
