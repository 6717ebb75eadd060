/** Source and sink on the embedded Kinesis, over HTTP; refusals and lost patience by a fake client. */
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { createKinesisSink } from '../../functions/adapters/kinesis/kinesis-sink.ts';
import { createPollingSource } from '../../functions/adapters/kinesis/polling-source.ts';
import type { Position } from '../../functions/core/position.ts';
import type { Clock } from '../../functions/ports.ts';
import { systemClock } from '../../functions/steps/runtime.ts';
import { startEmbeddedKinesis } from '../../local/embedded-kinesis.ts';
import { utf8 } from '../support/builders.ts';
import { mapped } from '../support/pipelines.ts';
import { kinesisOf } from '../support/world.ts';
import { kinesisContract } from './kinesis-contract.ts';

kinesisContract(async () => {
  const kinesis = await startEmbeddedKinesis();
  const client = kinesisOf({ kinesis });
  return {
    client,
    clock: systemClock,
    async stop() {
      client.destroy();
      await kinesis.stop();
    },
  };
}, ['numbers that no record has', 'time of creation']);

const options = { ...mapped().source, fetchIntervalMs: 0 };

const failure = (name: string, status = 400) =>
  Object.assign(new Error('no'), { name, $metadata: { httpStatusCode: status } });

/** Answers in order; a function sees the input. */
function fake(answers: readonly unknown[]) {
  const inputs: Record<string, unknown>[] = [];
  const send = async ({ input }: { input: Record<string, unknown> }) => {
    const answer = answers[inputs.push(input) - 1];
    if (answer instanceof Error) throw answer;
    return typeof answer === 'function' ? answer(input) : answer;
  };
  return { client: { send } as unknown as KinesisClient, inputs };
}

function manualClock() {
  const slept: number[] = [];
  let now = 0;
  const clock: Clock = {
    now: () => now,
    sleep: async (ms) => {
      slept.push(ms);
      now += ms;
    },
  };
  return { clock, slept };
}

describe('a cursor', () => {
  const records = [
    { SequenceNumber: '7', PartitionKey: 'k', Data: utf8('x'), ApproximateArrivalTimestamp: new Date(0) },
  ];

  it('whose iterator expired goes on behind the last record it gave', async () => {
    const { client: faked, inputs } = fake([
      { ShardIterator: 'i1' },
      { Records: records, NextShardIterator: 'i2', MillisBehindLatest: 5 },
      failure('ExpiredIteratorException'),
      { ShardIterator: 'i3' },
      { Records: [], NextShardIterator: 'i4', MillisBehindLatest: 0 },
    ]);
    const cursor = await createPollingSource(faked, options, manualClock().clock).open('s', { kind: 'trim-horizon' });
    await cursor.next(10);
    expect(await cursor.next(10)).toMatchObject({ records: [], end: undefined });
    expect(inputs[3]).toMatchObject({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: '7' });
    expect(inputs[4]).toMatchObject({ ShardIterator: 'i3' });
  });

  it('waits a little, and says so where the wait would cost', async () => {
    const large = (bytes: number) => ({
      Records: [{ ...records[0], Data: new Uint8Array(bytes) }],
      NextShardIterator: 'i',
      MillisBehindLatest: 1,
    });
    const { client: faked } = fake([{ ShardIterator: 'i1' }, large(2_097_152 / 4), large(2_097_152 / 4 + 4_096)]);
    const { clock, slept } = manualClock();
    const cursor = await createPollingSource(faked, options, clock).open('s', { kind: 'trim-horizon' });
    await cursor.next(1);
    await cursor.next(1);
    expect(slept).toEqual([250]);
    expect(await cursor.next(1)).toBe('would-wait');
  });

  it.each<[string, Position, string]>([
    ['InvalidArgumentException', { kind: 'at-timestamp', timestamp: 1 }, 'TemporaryFailure'],
    ['InvalidArgumentException', { kind: 'after-sequence-number', sequenceNumber: '5' }, 'CorruptCheckpoint'],
    ['ResourceNotFoundException', { kind: 'trim-horizon' }, 'StreamNotFound'],
    ['AccessDeniedException', { kind: 'trim-horizon' }, 'NotAllowed'],
    ['ProvisionedThroughputExceededException', { kind: 'trim-horizon' }, 'TemporaryFailure'],
    ['SomethingNew', { kind: 'trim-horizon' }, 'TemporaryFailure'],
  ])('that Kinesis refuses with %s at %j is %s', async (name, position, expected) => {
    const { client: faked } = fake([failure(name)]);
    await expect(createPollingSource(faked, options, systemClock).open('s', position)).rejects.toMatchObject({
      name: expected,
    });
  });
});

describe('the sink', () => {
  const stream = { kind: 'name', streamName: 'sink' } as const;
  const output = (data: string | Uint8Array) => ({ partitionKey: 'k', explicitHashKey: undefined, data });
  const ok = { SequenceNumber: '1', ShardId: 's' };
  const refused = { ErrorCode: 'ProvisionedThroughputExceededException' };
  type Entries = { readonly Records: readonly { readonly Data: Uint8Array }[] };
  const sent = (inputs: readonly unknown[]) =>
    inputs.map((input) => (input as Entries).Records.map(({ Data }) => Buffer.from(Data).toString()));

  it('sends again what was refused, in its order, until all is acknowledged', async () => {
    const { client: faked, inputs } = fake([
      { Records: [refused, ok, refused] },
      { Records: [ok, refused] },
      { Records: [ok] },
    ]);
    const { clock, slept } = manualClock();
    await createKinesisSink(faked, stream, clock).send(['a', 'b', 'c'].map(output), 10_000);
    expect(sent(inputs)).toEqual([['a', 'b', 'c'], ['a', 'c'], ['c']]);
    expect(slept).toEqual([50, 100]);
  });

  it('takes an answer that is missing for no acknowledgement', async () => {
    const { client: faked, inputs } = fake([{}, { Records: [ok] }, { Records: [ok] }]);
    await createKinesisSink(faked, stream, manualClock().clock).send(['a', 'b'].map(output), 10_000);
    expect(sent(inputs)).toEqual([['a', 'b'], ['a', 'b'], ['b']]);
  });

  it('gives up at the deadline with an error worth another try, which says what was in the way', async () => {
    const { client: faked } = fake(Array(50).fill({ Records: [refused, { ErrorCode: 'InternalFailure' }, ok] }));
    const sending = createKinesisSink(faked, stream, manualClock().clock).send(['a', 'b', 'c'].map(output), 500);
    await expect(sending).rejects.toMatchObject({
      name: 'TemporaryFailure',
      message:
        'stream sink: put records: 2 of 3 were not acknowledged in time (InternalFailure, ProvisionedThroughputExceededException)',
    });
  });

  it('puts at most 500 records and 9 MB into a request, one after the other', async () => {
    const { client: faked, inputs } = fake(
      Array(9).fill(({ Records }: Entries) => ({ Records: Records.map(() => ok) })),
    );
    const sink = createKinesisSink(faked, stream, manualClock().clock);
    await sink.send(
      Array.from({ length: 1001 }, (_, at) => output(String(at))),
      1,
    );
    expect(sent(inputs).map((request) => request.length)).toEqual([500, 500, 1]);
    expect(sent(inputs).flat()).toEqual(Array.from({ length: 1001 }, (_, at) => String(at)));
    // With its key of one byte, nine of these are 9 MB exactly.
    await sink.send(Array(10).fill(output(new Uint8Array(999_999))), 1);
    expect(inputs.slice(3).map((input) => (input as Entries).Records.length)).toEqual([9, 1]);
  });
});
