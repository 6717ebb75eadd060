/** Source and sink on the embedded Kinesis, over HTTP; lost patience of the sink by a fake client. */
import { describe, expect, it } from 'vitest';
import { createKinesisSink } from '../../functions/adapters/kinesis/kinesis-sink.ts';
import { systemClock } from '../../functions/steps/runtime.ts';
import { startEmbeddedKinesis } from '../../local/services/embedded-kinesis.ts';
import { kinesisOf } from '../support/world.ts';
import { failure, fake, manualClock } from './fake-kinesis.ts';
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
    await createKinesisSink(faked, stream, clock, () => 1).send(['a', 'b', 'c'].map(output), 10_000);
    expect(sent(inputs)).toEqual([['a', 'b', 'c'], ['a', 'c'], ['c']]);
    expect(slept).toEqual([50, 50]);
  });

  it('takes an answer that is missing for no acknowledgement', async () => {
    const { client: faked, inputs } = fake([{}, { Records: [ok] }, { Records: [ok] }]);
    await createKinesisSink(faked, stream, manualClock().clock).send(['a', 'b'].map(output), 10_000);
    expect(sent(inputs)).toEqual([['a', 'b'], ['a', 'b'], ['b']]);
  });

  it('pauses for longer the longer nothing is taken, and never for a fixed time', async () => {
    const { client: faked } = fake(Array(50).fill({ Records: [refused] }));
    const { clock, slept } = manualClock();
    await createKinesisSink(faked, stream, clock, () => 0.5).send([output('a')], 3_000);
    expect(slept).toEqual([50, 100, 200, 400, 500, 500, 500, 500]);
  });

  it('says at the deadline which records were not taken, and what was in the way', async () => {
    const { client: faked } = fake(Array(50).fill({ Records: [refused, { ErrorCode: 'InternalFailure' }, ok] }));
    const sink = createKinesisSink(faked, stream, manualClock().clock, () => 1);
    const undelivered = await sink.send(['a', 'b', 'c'].map(output), 500);
    expect(undelivered).toMatchObject({ places: [0, 1], isOnlySlow: true });
    expect(undelivered?.error).toMatchObject({
      name: 'TemporaryFailure',
      message:
        'stream sink: put records: 2 of 3 were not acknowledged in time (InternalFailure, ProvisionedThroughputExceededException)',
    });
  });

  it('is slow where nothing but limits refuse, and fails where nothing is taken for another reason', async () => {
    const answered = async (answer: unknown) =>
      (
        await createKinesisSink(fake(Array(50).fill(answer)).client, stream, manualClock().clock, () => 1).send(
          [output('a')],
          500,
        )
      )?.isOnlySlow;
    expect(await answered({ Records: [refused] })).toBe(true);
    expect(await answered(failure('ProvisionedThroughputExceededException'))).toBe(true);
    expect(await answered({ Records: [{ ErrorCode: 'InternalFailure' }] })).toBe(false);
    expect(await answered(failure('InternalFailure', 500))).toBe(false);
  });

  it('says what was taken before a request failed', async () => {
    const { client: faked } = fake([
      ({ Records }: Entries) => ({ Records: Records.map(() => ok) }),
      failure('AccessDeniedException'),
    ]);
    const records = Array.from({ length: 502 }, (_, at) => output(String(at)));
    const undelivered = await createKinesisSink(faked, stream, manualClock().clock).send(records, 500);
    expect(undelivered).toMatchObject({ places: [500, 501], error: { name: 'NotAllowed' } });
  });

  it('asks for less where something is refused, what was refused first, and for more again', async () => {
    let room = 300;
    const { client: faked, inputs } = fake(
      Array(60).fill(({ Records }: Entries) => {
        const taken = Math.min(room, Records.length);
        room = inputs.length >= 2 ? 10_000 : 0;
        return { Records: Records.map((_, at) => (at < taken ? ok : refused)) };
      }),
    );
    const records = Array.from({ length: 1_000 }, (_, at) => output(String(at)));
    expect(await createKinesisSink(faked, stream, manualClock().clock).send(records, 60_000)).toBeUndefined();
    expect(sent(inputs).map((request) => [request.length, request[0]])).toEqual([
      [500, '0'],
      [250, '300'],
      [125, '300'],
      [157, '425'],
      [196, '582'],
      [222, '778'],
    ]);
  });

  it('puts at most 500 records and 9 MB into a request, one after the other', async () => {
    const { client: faked, inputs } = fake(
      Array(9).fill(({ Records }: Entries) => ({ Records: Records.map(() => ok) })),
    );
    const sink = createKinesisSink(faked, stream, manualClock().clock);
    await sink.send(
      Array.from({ length: 1001 }, (_, at) => output(String(at))),
      60_000,
    );
    expect(sent(inputs).map((request) => request.length)).toEqual([500, 500, 1]);
    expect(sent(inputs).flat()).toEqual(Array.from({ length: 1001 }, (_, at) => String(at)));
    // With its key of one byte, nine of these are 9 MB exactly.
    await sink.send(Array(10).fill(output(new Uint8Array(999_999))), 60_000);
    expect(inputs.slice(3).map((input) => (input as Entries).Records.length)).toEqual([9, 1]);
  });
});
