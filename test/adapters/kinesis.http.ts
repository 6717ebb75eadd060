/** Source and sink on the embedded Kinesis, over HTTP; lost patience of the sink by a fake client. */
import { describe, expect, it } from 'vitest';
import { createKinesisSink } from '../../functions/adapters/kinesis/kinesis-sink.ts';
import { systemClock } from '../../functions/steps/runtime.ts';
import { startEmbeddedKinesis } from '../../local/embedded-kinesis.ts';
import { kinesisOf } from '../support/world.ts';
import { fake, manualClock } from './fake-kinesis.ts';
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
