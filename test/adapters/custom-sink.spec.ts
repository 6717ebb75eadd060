/** A sink of the user's own: what it is given, and what follows from its answers. */
import { describe, expect, it, test } from 'vitest';
import { createCustomSink } from '../../functions/adapters/callback/custom-sink.ts';
import {
  bytes,
  checkPipeline,
  count,
  customSink,
  kinesis,
  type PutRecords,
  perMicroBatch,
  pipeline,
} from '../../functions/index.ts';
import type { Clock } from '../../functions/ports/clock.ts';

const records = ['a', 'b', 'a', 'c'].map((partitionKey, at) => ({
  partitionKey,
  explicitHashKey: undefined,
  data: `{"at":${at}}`,
}));
const settings = {
  name: 'webhook',
  place: 'https://example.com',
  maxRecords: 3,
  maxBytes: 1_000,
  maxRecordBytes: 1_000,
};
const identity = { identity: 'field', identityField: '_sluice' } as const;

async function send(put: PutRecords, { maxBytes = 1_000, deadline = 5_000 } = {}) {
  let now = 0;
  const clock: Clock = {
    now: () => now,
    // What a call's time ends never comes here.
    sleep: async (ms, cut) => {
      if (cut !== undefined) return new Promise(() => {});
      now += ms;
    },
  };
  const requests: string[] = [];
  const counted: PutRecords = (given, about) => {
    requests.push(given.map(({ key, data }) => `${key}${String(data).slice(6, -1)}`).join(' '));
    return put(given, about);
  };
  const sink = createCustomSink({ ...settings, ...identity, maxBytes, put: counted }, { clock, random: () => 0.5 });
  return { undelivered: await sink.send(records, deadline), requests };
}

describe('records', () => {
  it('come in requests of so many at most, in their order', async () => {
    const { undelivered, requests } = await send(async () => {});
    expect([undelivered, requests]).toEqual([undefined, ['a0 b1 a2', 'c3']]);
  });

  it('come in requests of so many bytes at most', async () => {
    expect((await send(() => undefined, { maxBytes: 20 })).requests).toEqual(['a0 b1', 'a2 c3']);
  });

  it('that are not taken come again first, and with them what stands behind them with their key', async () => {
    let calls = 0;
    const { undelivered, requests } = await send(() => (calls++ === 0 ? [0] : []));
    expect(undelivered).toBeUndefined();
    expect(requests[0]).toBe('a0 b1 a2');
    expect(requests.slice(1).join(' ')).toBe('a0 a2 c3');
  });

  it('come again as they were, whatever was done to their bytes', async () => {
    const seen: string[] = [];
    const put: PutRecords = async ([record]) => {
      const bytes = record!.data as Uint8Array;
      seen.push(String(Buffer.from(bytes)));
      bytes.fill(0);
      return seen.length === 1 ? [0] : undefined;
    };
    let now = 0;
    const clock: Clock = {
      now: () => now,
      sleep: async (ms, cut) => {
        if (cut !== undefined) return new Promise(() => {});
        now += ms;
      },
    };
    const sink = createCustomSink({ ...settings, ...identity, put }, { clock });
    await sink.send([{ partitionKey: 'a', explicitHashKey: undefined, data: Uint8Array.of(0x61) }], 5_000);
    expect(seen).toEqual(['a', 'a']);
  });

  it('of a request that throws come again, in smaller ones, until time is over; nothing of them is told', async () => {
    const { undelivered, requests } = await send(async () => {
      throw Object.assign(new RangeError('no room for {"at":0}'), { code: 503 });
    });
    expect(requests[0]).toBe('a0 b1 a2');
    expect(requests.at(-1)).toBe('a0');
    expect(undelivered).toMatchObject({ places: [0, 1, 2, 3], isOnlySlow: false, error: { name: 'TemporaryFailure' } });
    expect(undelivered!.error.message).toMatch(
      /^sink webhook: put: 4 of 4 were not acknowledged in time \(threw RangeError \(503\) at .*custom-sink\.spec\.ts:\d+:\d+\)*$/,
    );
  });

  it.each([[{ failed: 1 }], [[7]], [['0']], [[-1]], [null]])(
    'are all open where the answer is %j, and the pipeline stops',
    async (answer) => {
      const { undelivered } = await send((async () => answer) as unknown as PutRecords);
      expect(undelivered).toMatchObject({ places: [0, 1, 2, 3], error: { name: 'InvalidPipeline', canRetry: false } });
    },
  );
});

const rows = (options: object) =>
  pipeline('test')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(bytes())
    .groupBy({ key: (_, meta) => meta.partitionKey })
    .window(perMicroBatch())
    .aggregate({ events: count() })
    .writeStream(customSink({ name: 'webhook', place: 'here', put: () => undefined, ...options } as never));
const messagesOf = (options: object) => {
  const checked = checkPipeline(rows(options));
  return checked.kind === 'valid' ? [] : checked.problems.map(({ message }) => message);
};

test('what it takes is checked', () => {
  expect(messagesOf({})).toEqual([]);
  expect(messagesOf({ maxRecords: 10_000, identity: 'none' })).toEqual([]);
});

test.each([
  [{ name: undefined }, /^sink\.name: nothing is given; use a name of 1 to 32/],
  [{ name: 'a b' }, /^sink\.name: 'a b' is not allowed/],
  [{ place: undefined }, /^sink\.place: nothing is given; use a text without line breaks/],
  [{ put: undefined }, /^sink\.put: nothing is given; use a function, such as/],
  [{ put: 'post' }, /^sink\.put: 'post' is not allowed/],
  [{ maxRecords: 0 }, /^sink\.maxRecords: 0 is not allowed; use a whole number from 1 to 10000/],
  [{ batchSize: 5 }, /^sink\.batchSize: there is no such option/],
])('%o is refused, and with one problem', (options, message) => {
  const [problem, ...others] = messagesOf(options);
  expect(problem).toMatch(message);
  expect(others).toEqual([]);
});
