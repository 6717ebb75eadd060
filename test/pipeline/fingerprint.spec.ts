import { describe, expect, it } from 'vitest';
import { avg, bytes, count, max, perMicroBatch, sum, tumbling } from '../../functions/index.ts';
import { pipeline } from '../../functions/pipeline/chain.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { kinesis } from '../../functions/pipeline/kinesis.ts';

const raw = pipeline('test')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(bytes());
const timed = raw.withWatermark(() => 0, { delay: '1 minute' });
const origin = () => 'a';
const out = kinesis({ streamName: 'out' });
const base = timed
  .groupBy({ origin })
  .window(tumbling('1 hour'))
  .aggregate({ n: count(), mean: avg(() => 1) });
const fingerprint = (definition: unknown) => requirePipeline(definition).fingerprint;
const expected =
  '{"v":1,"keys":["origin"],"window":["tumbling",3600000,0],"aggregates":[["n","count"],["mean","avg"]]}';

describe('the fingerprint', () => {
  it('is written so that people can read it, and never changes for one format version', () => {
    expect(fingerprint(base.writeStream(out))).toBe(expected);
    expect(
      fingerprint(raw.groupBy({ origin }).window(perMicroBatch()).aggregate({ n: count() }).writeStream(out)),
    ).toBe('{"v":1,"keys":["origin"],"window":["per-micro-batch"],"aggregates":[["n","count"]]}');
    expect(fingerprint(raw.writeStream(out))).toBe('{"v":1}');
  });

  it('does not change with what saved state does not depend on', () => {
    const same = pipeline('other', { parallelism: 4 })
      .readStream(kinesis({ streamName: 'elsewhere', maxFetchRecordsPerShard: 5 }))
      .decode(bytes())
      .filter(() => true)
      .map((event) => event.length)
      .withWatermark(() => 1, { delay: '5 minutes' })
      .groupBy({ origin: () => 'b' })
      .window(tumbling('60 minutes', { offset: '0 seconds' }))
      .aggregate({ n: count(), mean: avg((length) => length) })
      .filter((row) => row.n > 1)
      .map((row) => row.n)
      .writeStream(kinesis({ streamName: 'somewhere-else' }))
      .trigger({ every: '1 minute' });
    expect(fingerprint(same)).toBe(expected);
  });

  it.each([
    [
      'the name of a key',
      timed
        .groupBy({ from: origin })
        .window(tumbling('1 hour'))
        .aggregate({ n: count(), mean: avg(() => 1) }),
    ],
    [
      'one more key',
      timed
        .groupBy({ origin, to: origin })
        .window(tumbling('1 hour'))
        .aggregate({ n: count(), mean: avg(() => 1) }),
    ],
    [
      'the size of windows',
      timed
        .groupBy({ origin })
        .window(tumbling('2 hours'))
        .aggregate({ n: count(), mean: avg(() => 1) }),
    ],
    [
      'their offset',
      timed
        .groupBy({ origin })
        .window(tumbling('1 hour', { offset: '1 minute' }))
        .aggregate({ n: count(), mean: avg(() => 1) }),
    ],
    [
      'their kind',
      timed
        .groupBy({ origin })
        .window(perMicroBatch())
        .aggregate({ n: count(), mean: avg(() => 1) }),
    ],
    [
      'the name of an aggregate',
      timed
        .groupBy({ origin })
        .window(tumbling('1 hour'))
        .aggregate({ n: count(), average: avg(() => 1) }),
    ],
    [
      'its kind',
      timed
        .groupBy({ origin })
        .window(tumbling('1 hour'))
        .aggregate({ n: count(), mean: max(() => 1) }),
    ],
    [
      'one more aggregate',
      timed
        .groupBy({ origin })
        .window(tumbling('1 hour'))
        .aggregate({ n: count(), mean: avg(() => 1), total: sum(() => 1) }),
    ],
  ])('changes with %s', (_, changed) => {
    expect(fingerprint(changed.writeStream(out))).not.toBe(expected);
  });

  it('depends on the order of keys', () => {
    const keyed = (keys: Record<string, () => string>) =>
      fingerprint(timed.groupBy(keys).window(perMicroBatch()).aggregate({ n: count() }).writeStream(out));
    expect(keyed({ a: origin, b: origin })).not.toBe(keyed({ b: origin, a: origin }));
  });
});
