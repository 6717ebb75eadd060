/**
 * `sluice outputs` and `sluice purge` on a real loop of embedded services. A sink takes nothing; without its output the batch commits, and so do
 * later ones; when it is attached again, all that was kept comes in its order, each row once, and then what is new.
 */
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { count, json, kinesis, pipeline, tumbling } from 'kinesis-sluice';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { SluiceError } from '../../functions/core/errors.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { Ports } from '../../functions/ports/ports.ts';
import { runCommand } from '../support/run-command.ts';
import { useWorld } from '../support/use-world.ts';
import {
  dynamodbOf,
  makeStreams,
  publishEvents,
  readSink,
  runToEnd,
  runtimeOf,
  type StepName,
  table,
  uniqueName,
} from '../support/world.ts';

const world = useWorld();
const origins = ['ATL', 'ORD', 'DFW', 'LAX'];
const Flight = z.object({ at: z.string(), origin: z.string() });

type Places = { readonly source: string; readonly sink: string; readonly audit: string };

const twoOutputs = (name: string, { source, sink, audit }: Places) =>
  pipeline(name, { parallelism: 2, minBatchesToRetain: 2 })
    .readStream(kinesis({ streamName: source, startingPosition: 'TRIM_HORIZON' }))
    .decode(json(Flight))
    .withWatermark((flight) => flight.at, { delay: '1 day' })
    .groupBy({ origin: (flight) => flight.origin })
    .window(tumbling('1 hour'))
    .aggregate({ flights: count() })
    .writeStream(kinesis({ streamName: sink, identity: 'field' }))
    .writeStream(kinesis({ streamName: audit, identity: 'field' }), { name: 'audit' })
    .outputMode('update');

const sluice = (...args: readonly string[]) =>
  runCommand(...args, '--table', table, '--endpoint-url', world.dynamodb.endpoint);

const rowsOf = (records: readonly Record<string, unknown>[]) =>
  records.map(({ origin, flights, _sluice }) => ({ origin, flights, ...(_sluice as { batch: number; ref: number }) }));

/** Of each origin, as a reader of the stream has them. */
const inOrder = (rows: ReturnType<typeof rowsOf>) =>
  Object.fromEntries(
    origins.map((each) => [each, rows.filter(({ origin }) => origin === each).map(({ flights }) => flights)]),
  );
const ofEach = (flights: readonly number[]) => Object.fromEntries(origins.map((origin) => [origin, flights]));

test('a sink that fails is detached while its batch waits, its rows are kept, and come in order once it is attached', async () => {
  const name = uniqueName('two-outputs');
  const { source, sink } = await makeStreams(world, 1);
  const { sink: audit } = await makeStreams(world, 1);
  const runtime = runtimeOf(world, requirePipeline(twoOutputs(name, { source, sink, audit })));
  const at = ['--pipeline', name];
  let refuse: (() => Promise<void>) | undefined;
  const portsFor = (_: StepName, ports: Ports): Ports => ({
    ...ports,
    sink: (id) => {
      const given = ports.sink(id);
      if (id !== 'audit' || refuse === undefined) return given;
      return {
        ...given,
        async send(records) {
          await refuse?.();
          const error = new SluiceError('TemporaryFailure', 'the sink takes nothing');
          return { places: [...records.keys()], error, isOnlySlow: false };
        },
      };
    },
  });
  const read = async (minute: number) => {
    const data = origins.map((origin) => ({ at: `2001-01-01T10:${10 + minute}:00Z`, origin }));
    await publishEvents(
      world,
      source,
      data.map((event) => ({ key: event.origin, data: event })),
    );
    expect(await runToEnd(runtime, { untilCaughtUp: true }, { portsFor })).toMatchObject({ kind: 'succeeded' });
  };
  await read(0);
  expect(await sluice('outputs', 'detach', 'nobody', '--yes', ...at)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('has no output nobody: it has main, audit'),
  });
  expect(await sluice('outputs', 'detach', 'audit', ...at)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--yes'),
  });

  // Somebody detaches it while the batch waits for it, so that very execution goes on.
  const told: Awaited<ReturnType<typeof sluice>>[] = [];
  let asked: Promise<unknown> | undefined;
  refuse = async () => {
    asked ??= sluice('outputs', 'detach', 'audit', '--yes', '--json', ...at).then((said) => told.push(said));
    await asked;
  };
  await read(1);
  expect(told).toMatchObject([{ code: 0 }]);
  expect(JSON.parse(told[0]!.stdout)).toEqual({ pipeline: name, output: 'audit', since: 1, frees: 1 });
  refuse = async () => expect.unreachable('nothing is sent to it');
  await read(2);
  await read(3);
  expect(rowsOf(await readSink(world, sink)).filter(({ flights }) => flights === 4)).toHaveLength(4);
  expect(rowsOf(await readSink(world, audit)).map(({ flights }) => flights)).toEqual([1, 1, 1, 1]);
  const listed = JSON.parse((await sluice('outputs', 'list', '--json', ...at)).stdout);
  expect(listed.outputs).toMatchObject([
    { id: 'main', sent: 'after-seal', stand: 'attached' },
    { id: 'audit', stand: 'detached', kept: { since: 1, from: 1, rows: 12 } },
  ]);
  const head = await runtime.ports.head.load();
  expect(head!.oldestRetainedBatch).toBe(1);

  refuse = undefined;
  const attached = await sluice('outputs', 'attach', 'audit', ...at);
  expect(attached).toMatchObject({ code: 0, stdout: expect.stringContaining('12 rows') });
  await read(4);
  const [all, kept] = [rowsOf(await readSink(world, sink)), rowsOf(await readSink(world, audit))];
  expect(inOrder(kept)).toEqual(ofEach([1, 2, 3, 4, 5]));
  const identity = ({ origin, flights, batch, ref }: (typeof all)[number]) => ({ origin, flights, batch, ref });
  const sorted = (rows: typeof all) => rows.map((row) => JSON.stringify(identity(row))).sort();
  expect(sorted(kept)).toEqual(sorted(all));
  const after = await runtime.ports.head.load();
  expect(after!.detached).toBeUndefined();
  // What was kept is purged as all else.
  expect(after!.oldestRetainedBatch).toBe(after!.committed!.batchId - 1);
});

test('what was kept may be given up, with a count; and of a pipeline that is purged nothing is left', async () => {
  const name = uniqueName('given-up');
  const { source, sink } = await makeStreams(world, 1);
  const { sink: audit } = await makeStreams(world, 1);
  const runtime = runtimeOf(world, requirePipeline(twoOutputs(name, { source, sink, audit })));
  const at = ['--pipeline', name];
  const read = async (minute: number) => {
    const data = origins.map((origin) => ({ at: `2001-01-01T10:${10 + minute}:00Z`, origin }));
    await publishEvents(
      world,
      source,
      data.map((event) => ({ key: event.origin, data: event })),
    );
    expect(await runToEnd(runtime, { untilCaughtUp: true })).toMatchObject({ kind: 'succeeded' });
  };
  await read(0);
  expect((await sluice('outputs', 'detach', 'audit', '--yes', ...at)).code).toBe(0);
  await read(1);
  expect(await sluice('outputs', 'attach', 'audit', '--discard', ...at)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('4 rows that are kept for the output audit'),
  });
  const discarded = await sluice('outputs', 'attach', 'audit', '--discard', '--yes', '--json', ...at);
  expect(JSON.parse(discarded.stdout)).toMatchObject({ discarded: true, stand: 'attached', rows: 4, batches: 1 });
  await read(2);
  expect(inOrder(rowsOf(await readSink(world, audit)))).toEqual(ofEach([1, 3]));

  expect((await sluice('savepoint', 'one', ...at)).code).toBe(0);
  expect(await sluice('purge', '--no-state-bucket', '--yes', ...at)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is not stopped'),
  });
  expect((await sluice('stop', ...at)).code).toBe(0);
  expect(await sluice('purge', '--no-state-bucket', ...at)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/savepoint one, of batch 2[\s\S]*--yes/),
  });
  const itemsOf = async () => {
    const { Items = [] } = await dynamodbOf(world).send(new ScanCommand({ TableName: table }));
    return Items.filter(({ pk }) => pk!.S === name || pk!.S!.startsWith(`${name}/`) || pk!.S!.startsWith(`${name}@`));
  };
  const before = (await itemsOf()).length;
  const purged = await sluice('purge', '--no-state-bucket', '--yes', '--json', ...at);
  expect(JSON.parse(purged.stdout)).toEqual({ pipeline: name, savepoints: ['one'], items: before, objects: 0 });
  expect(await itemsOf()).toEqual([]);
  expect(await sluice('purge', '--no-state-bucket', '--yes', ...at)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('has never run on this table'),
  });
});
