/**
 * `sluice dead-letters export` and `redrive` between the batches of a real loop on embedded services: what was bad counts once its code is mended, and
 * counts once, whatever dies in between.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { deadLetterKey } from '../../functions/adapters/dynamodb/keys.ts';
import { Table } from '../../functions/adapters/dynamodb/table.ts';
import { count, json, kinesis, pipeline, sum, tumbling } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import { systemClock } from '../../functions/steps/runtime.ts';
import { afterWrite, Crash } from '../support/faults.ts';
import { runCommand } from '../support/run-command.ts';
import { useWorld } from '../support/use-world.ts';
import {
  dynamodbOf,
  letLeaseRunOut,
  makeStreams,
  publishEvents,
  readSink,
  runToEnd,
  runtimeOf,
  table,
  uniqueName,
} from '../support/world.ts';

const world = useWorld();

type Flight = { readonly at: string; readonly origin: string; readonly delay: number | string };

/** Every third has its delay as a text. */
const flights: readonly Flight[] = Array.from({ length: 60 }, (_, at) => ({
  at: new Date(Date.UTC(2001, 0, 1, 0, at * 2)).toISOString(),
  origin: ['ATL', 'ORD', 'SEA', 'JFK'][at % 4]!,
  delay: at % 3 === 0 ? `${at % 7}` : at % 7,
}));
const bad = flights.filter(({ delay }) => typeof delay === 'string');

const strict = z.object({ at: z.string(), origin: z.string(), delay: z.number() });
const mended = z.object({ at: z.string(), origin: z.string(), delay: z.coerce.number() });

type Streams = { readonly source: string; readonly sink: string };

const counting = (name: string, { source, sink }: Streams, schema: z.ZodType<z.infer<typeof strict>>): Pipeline =>
  requirePipeline(
    pipeline(name, { parallelism: 2 })
      .readStream(kinesis({ streamName: source, startingPosition: 'TRIM_HORIZON' }))
      .decode(json(schema))
      .withWatermark(({ at }) => at, { delay: '1 day' })
      .groupBy({ origin: ({ origin }) => origin })
      .window(tumbling('1 hour'))
      .aggregate({ flights: count(), delay: sum(({ delay }) => delay) })
      .writeStream(kinesis({ streamName: sink })),
  );

const mapping = (name: string, { source, sink }: Streams, schema: z.ZodType<z.infer<typeof strict>>): Pipeline =>
  requirePipeline(
    pipeline(name, { parallelism: 2 })
      .readStream(kinesis({ streamName: source, startingPosition: 'TRIM_HORIZON' }))
      .decode(json(schema))
      .map(({ at, origin, delay }) => ({ at, origin, delay }))
      .writeStream(kinesis({ streamName: sink })),
  );

function counted(events: readonly Flight[]): readonly string[] {
  const windows = new Map<string, { flights: number; delay: number }>();
  for (const { at, origin, delay } of events) {
    const name = `${origin} ${at.slice(0, 13)}`;
    const { flights = 0, delay: before = 0 } = windows.get(name) ?? {};
    windows.set(name, { flights: flights + 1, delay: before + Number(delay) });
  }
  return [...windows].map(([name, each]) => `${name} ${each.flights} ${each.delay}`).sort();
}

const rowsIn = async (sink: string) =>
  (await readSink(world, sink))
    .map((row) => `${row.origin} ${String(row.windowStart).slice(0, 13)} ${row.flights} ${row.delay}`)
    .sort();

const deadLetters = (command: string, name: string, ...more: readonly string[]) => {
  const at = ['--pipeline', name, '--table', table, '--endpoint-url', world.dynamodb.endpoint];
  return runCommand('dead-letters', command, ...at, ...more);
};

const allReadable = { unreadable: { count: 0, examples: [] } };

const idsIn = (stdout: string): readonly string[] =>
  stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).id);

const published = flights.map((data) => ({ key: data.origin, data }));

async function makeCase(of: typeof counting) {
  const streams = await makeStreams(world, 2);
  await publishEvents(world, streams.source, published, 5);
  const name = uniqueName('letters');
  const [before, after] = [strict, mended].map((schema) => runtimeOf(world, of(name, streams, schema)));
  expect(await runToEnd(before!, { untilCaughtUp: true })).toMatchObject({ kind: 'succeeded' });
  return { streams, name, before: before!, after: after! };
}

describe('dead-letters redrive', () => {
  test('counts each event of a letter once, though drivers die behind the body, the seal and the commit', async () => {
    const { streams, name, after } = await makeCase(counting);
    expect(idsIn((await deadLetters('export', name)).stdout)).toHaveLength(bad.length);

    const asked = await deadLetters('redrive', name);
    expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    const redriven = await deadLetters('redrive', name, '--reason', 'schema-mismatch', '--yes', '--json');
    expect(redriven.code).toBe(0);
    expect(JSON.parse(redriven.stdout)).toMatchObject({
      pipeline: name,
      letters: bad.length,
      late: 'output',
      left: {},
    });
    // The pipeline has not run since.
    const again = await deadLetters('redrive', name, '--yes');
    expect(again).toMatchObject({ code: 4, stderr: expect.stringContaining(`0 of ${bad.length} letters are taken`) });

    for (const method of ['seals.putBody', 'head.seal', 'head.commit']) {
      let died = false;
      const dying = await runToEnd(
        after,
        { untilCaughtUp: true },
        {
          portsFor: (_, ports) =>
            afterWrite(ports, (done) => {
              if (done !== method) return;
              died = true;
              throw new Crash(method);
            }),
        },
      ).catch(() => undefined);
      expect(died, method).toBe(true);
      expect(dying?.kind).not.toBe('succeeded');
      await letLeaseRunOut(after);
    }
    expect(await runToEnd(after, { untilCaughtUp: true, closeWindows: true })).toMatchObject({ kind: 'succeeded' });
    expect(await rowsIn(streams.sink)).toEqual(counted(flights));

    // The command that looks at them finds what the dead commit left, and takes none of it again.
    const left = await deadLetters('redrive', name, '--yes', '--json');
    expect(JSON.parse(left.stdout)).toMatchObject({ request: null, letters: 0 });
    expect(await runToEnd(after, { untilCaughtUp: true })).toMatchObject({ kind: 'succeeded' });
    expect(await rowsIn(streams.sink)).toEqual(counted(flights));
  });

  test('what is still bad is a letter again, under its id; the batch tells both', async () => {
    const { name, before, after } = await makeCase(counting);
    const ids = idsIn((await deadLetters('export', name, '--payload', 'none')).stdout);
    await deadLetters('redrive', name, ids[0]!, '--yes');
    await runToEnd(before, { untilCaughtUp: true });
    const reportOf = async () => {
      const { committed } = (await before.ports.head.load())!;
      return before.ports.reports.loadProgress(committed!.batchId, committed!.ref);
    };
    expect(await reportOf()).toMatchObject({
      redriven: { letters: 1, missing: 0 },
      counters: { read: 1, deadLettered: 1, counted: 0 },
    });
    expect(idsIn((await deadLetters('export', name)).stdout)).toEqual(ids);

    await deadLetters('redrive', name, ids[0]!, ids[1]!, '--yes');
    await runToEnd(after, { untilCaughtUp: true });
    expect(await reportOf()).toMatchObject({
      redriven: { letters: 2, missing: 0 },
      counters: { read: 2, deadLettered: 0, counted: 2 },
    });
    expect(idsIn((await deadLetters('export', name)).stdout)).toEqual(ids.slice(2));
  });

  test('without groupBy an event goes out under its own place, of a source of its own', async () => {
    const { streams, name, after } = await makeCase(mapping);
    const letters = (await deadLetters('export', name)).stdout;
    const { stdout } = await deadLetters('redrive', name, '--yes', '--json');
    const { request } = JSON.parse(stdout);
    await runToEnd(after, { untilCaughtUp: true });
    const rows = await readSink(world, streams.sink);
    expect(rows.map(({ at, origin, delay }) => `${at} ${origin} ${delay}`).sort()).toEqual(
      flights.map(({ at, origin, delay }) => `${at} ${origin} ${delay}`).sort(),
    );
    const identities = rows.map(
      ({ _sluice }) => _sluice as { source: string; shard: string; sequence: string; sub: number },
    );
    const redriven = identities.filter(({ source }) => source === `letters/${request}`);
    expect(redriven.map(({ shard, sequence, sub }) => `main/${shard}/${sequence}/${sub}`).sort()).toEqual(
      [...idsIn(letters)].sort(),
    );
  });

  test('that is called off takes nothing more; status tells both', async () => {
    const { name, before } = await makeCase(counting);
    const ids = idsIn((await deadLetters('export', name, '--payload', 'none')).stdout);
    const none = await deadLetters('redrive', name, '--cancel');
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('none was ever made') });
    const { request } = JSON.parse((await deadLetters('redrive', name, '--yes', '--json')).stdout);
    const statusOf = async () => {
      const at = ['--pipeline', name, '--table', table, '--endpoint-url', world.dynamodb.endpoint];
      return JSON.parse((await runCommand('status', ...at, '--json')).stdout);
    };
    const underWay = await statusOf();
    expect(underWay.redrive).toMatchObject({ request, state: 'under-way', taken: 0, count: bad.length });
    expect(underWay.findings).toContainEqual(
      expect.objectContaining({ kind: 'redrive', cause: expect.stringContaining(`0 of ${bad.length} dead letters`) }),
    );
    const mixed = await deadLetters('redrive', name, '--cancel', '--reason', 'schema-mismatch');
    expect(mixed).toMatchObject({ code: 2, stderr: expect.stringContaining('leave out --reason') });
    const cancelled = await deadLetters('redrive', name, '--cancel', '--json');
    expect(JSON.parse(cancelled.stdout)).toEqual({ pipeline: name, request, taken: 0, left: bad.length });
    expect((await statusOf()).redrive).toMatchObject({ state: 'called-off', calledOffAt: expect.any(Number) });
    await runToEnd(before, { untilCaughtUp: true });
    expect(idsIn((await deadLetters('export', name)).stdout)).toEqual(ids);

    // Another one may follow.
    expect((await deadLetters('redrive', name, ids[0]!, '--yes')).code).toBe(0);
  });

  test('a letter that no committed batch counts, and one that is none, are refused by name', async () => {
    const { name, after } = await makeCase(counting);
    const [first] = idsIn((await deadLetters('export', name)).stdout);
    const [, shardId] = first!.split('/');
    const stray = { source: 'main', shardId: shardId!, sequenceNumber: '7', subSequenceNumber: 0 };
    const letter = { ...stray, partitionKey: 'k', arrivalTime: 1, message: 'left by a try', payload: new Uint8Array() };
    await after.ports.deadLetters.put([{ ...letter, reason: 'invalid-json' }], Date.now() + 10_000);
    const refused = await deadLetters('redrive', name, `main/${shardId}/7/0`, '--yes');
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('no committed batch counts') });
    const unknown = await deadLetters('redrive', name, `main/${shardId}/8/0`, '--yes');
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('has no dead letter') });
    const all = await deadLetters('redrive', name, '--yes', '--json');
    expect(JSON.parse(all.stdout)).toMatchObject({ letters: bad.length, left: { uncounted: 1 } });
  });

  test('one that lacks what each has is told, and the others are listed, exported and redriven', async () => {
    const { name, after } = await makeCase(counting);
    const [first] = idsIn((await deadLetters('export', name)).stdout);
    const [, shardId] = first!.split('/');
    const place = { source: 'main', shardId: shardId!, sequenceNumber: '7', subSequenceNumber: 0 };
    const letter = { ...place, partitionKey: 'k', arrivalTime: 1, reason: 'invalid-json', message: '' } as const;
    await after.ports.deadLetters.put([{ ...letter, payload: new Uint8Array() }], Date.now() + 10_000);
    const items = new Table(dynamodbOf(world), table, systemClock);
    const { message: _, ...lacking } = (await items.get(deadLetterKey(name, place)))!;
    await items.put(lacking);

    const told = { count: 1, examples: [expect.stringMatching(/lacks message/)] };
    const listed = JSON.parse((await deadLetters('list', name, '--limit', '100', '--json')).stdout);
    expect(listed).toMatchObject({ hasMore: false, unreadable: told });
    expect(listed.deadLetters).toHaveLength(bad.length);
    expect(await deadLetters('list', name, '--limit', '100')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/\n1 dead letter can't be read, for example:\n {2}.*lacks message/),
    });
    const exported = await deadLetters('export', name);
    expect(exported).toMatchObject({ code: 1, stderr: expect.stringContaining("1 dead letter can't be read and") });
    expect(idsIn(exported.stdout)).toHaveLength(bad.length);
    const redriven = await deadLetters('redrive', name, '--yes', '--json');
    expect(JSON.parse(redriven.stdout)).toMatchObject({ letters: bad.length, left: { unreadable: 1 } });
  });

  test.each([
    [['--late', 'never'], '--late never: use one of count, output'],
    [['--reason', 'sad'], '--reason sad: use one of'],
    [['--source', 'results'], 'rows that were refused'],
    [['main/s/1/0', '--shard', 's'], 'not both'],
    [['s/1'], 's/1 is no dead letter'],
  ])('refuses %j before anything is done', async (more, message) => {
    const { code, stderr } = await deadLetters('redrive', 'nobody', ...more, '--yes');
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

test('dead-letters export writes one object on each line, in the form that was asked for, and overwrites nothing', async () => {
  const { name } = await makeCase(counting);
  const folder = mkdtempSync(path.join(tmpdir(), 'letters-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const output = path.join(folder, 'letters.ndjson');
  const written = await deadLetters('export', name, '--output', output, '--payload', 'base64', '--json');
  expect(JSON.parse(written.stdout)).toEqual({ pipeline: name, output, deadLetters: bad.length, ...allReadable });
  const letters = readFileSync(output, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const events = letters.map(({ payload }) => JSON.parse(Buffer.from(payload.base64, 'base64').toString('utf8')));
  expect(events.map(({ at }) => at).sort()).toEqual(bad.map(({ at }) => at));

  const [text] = (await deadLetters('export', name, '--reason', 'schema-mismatch')).stdout.split('\n');
  expect(JSON.parse(JSON.parse(text!).payload.text)).toMatchObject({ delay: expect.any(String) });
  const [none] = (await deadLetters('export', name, '--payload', 'none')).stdout.split('\n');
  expect(JSON.parse(none!)).not.toHaveProperty('payload');
  expect((await deadLetters('export', name, '--reason', 'invalid-json')).stdout).toBe('');

  const twice = await deadLetters('export', name, '--output', output);
  expect(twice).toMatchObject({ code: 2, stderr: expect.stringContaining('it is there already') });
  const wrong = await deadLetters('export', name, '--payload', 'hex');
  expect(wrong).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--payload hex: use one of none, text, base64'),
  });
});
