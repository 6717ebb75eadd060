/** SINK-2: in which order records of a key arrive where a stream refuses parts of requests. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createKinesisSink, laneOfKey } from '../../functions/adapters/kinesis/kinesis-sink.ts';
import { fake, manualClock } from './fake-kinesis.ts';

type Input = { readonly Records: readonly { readonly PartitionKey: string; readonly Data: Uint8Array }[] };
type Refuses = { readonly keys: number; readonly records: number; readonly refuses: readonly boolean[] };

/** What arrives of records 0, 1, 2 … under some keys, by a stream that refuses what it is told to, and takes all in the end. */
async function sendAll({ keys, records, refuses }: Refuses, isOrdered: boolean) {
  const arrived: { readonly key: string; readonly number: number }[] = [];
  let asked = 0;
  const answer = ({ Records }: Input) => ({
    Records: Records.map(({ PartitionKey: key, Data }) => {
      if (refuses[asked++] === true) return { ErrorCode: 'ProvisionedThroughputExceededException' };
      arrived.push({ key, number: Number(Buffer.from(Data)) });
      return { SequenceNumber: '1' };
    }),
  });
  const { client, inputs } = fake(Array(1_000).fill(answer));
  const sink = createKinesisSink(client, { kind: 'name', streamName: 's' }, manualClock().clock, () => 0, {
    laneOf: isOrdered ? laneOfKey : undefined,
  });
  const given = Array.from({ length: records }, (_, number) => {
    return { partitionKey: `k${(number * 7) % keys}`, explicitHashKey: undefined, data: String(number) };
  });
  expect(await sink.send(given, 1e9)).toBeUndefined();
  return {
    arrived,
    requests: (inputs as unknown as Input[]).map(({ Records }) => Records.map((one) => one.PartitionKey)),
  };
}

const isInOrder = (arrived: Awaited<ReturnType<typeof sendAll>>['arrived']): boolean => {
  const last = new Map<string, number>();
  return arrived.every(({ key, number }) => {
    const isNext = number > (last.get(key) ?? -1);
    last.set(key, number);
    return isNext;
  });
};

const refusing = fc.record({
  keys: fc.integer({ min: 1, max: 6 }),
  records: fc.integer({ min: 1, max: 40 }),
  refuses: fc.array(fc.boolean(), { maxLength: 60 }),
});

it('with order asked for, all of each key arrive in their order, and no request has two of a key', async () => {
  await fc.assert(
    fc.asyncProperty(refusing, async (given) => {
      const { arrived, requests } = await sendAll(given, true);
      expect(arrived).toHaveLength(given.records);
      expect(isInOrder(arrived)).toBe(true);
      for (const keys of requests) expect(new Set(keys).size).toBe(keys.length);
    }),
  );
});

it('without, a record that a request took may be ahead of one that it refused', async () => {
  const given = { keys: 1, records: 3, refuses: [true, false, false] };
  expect((await sendAll(given, false)).arrived.map(({ number }) => number)).toEqual([1, 2, 0]);
  expect((await sendAll(given, true)).arrived.map(({ number }) => number)).toEqual([0, 1, 2]);
});

it('keys that come once lose nothing by it: they share a request', async () => {
  const { requests } = await sendAll({ keys: 500, records: 500, refuses: [] }, true);
  expect(requests.map(({ length }) => length)).toEqual([500]);
});
