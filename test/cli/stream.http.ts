/** `sluice generate`, `tail` and `sample` on an embedded Kinesis, in this process. */
import { readFileSync } from 'node:fs';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { PutRecordCommand, SplitShardCommand } from '@aws-sdk/client-kinesis';
import { expect, test, vi } from 'vitest';
import { eventsWithin } from '../../local/services/events-within.ts';
import { createStream, listShards, waitUntilActive } from '../../local/services/streams.ts';
import { tailStream } from '../../local/services/tail-stream.ts';
import { runCommand } from '../support/run-command.ts';
import { useWorld } from '../support/use-world.ts';
import { kinesisOf, publishEvents, uniqueName } from '../support/world.ts';

const world = useWorld();

async function newStream(shards: number): Promise<string> {
  const name = uniqueName('stream');
  await createStream(kinesisOf(world), name, shards);
  return name;
}

const at = (stream: string) => ['--stream', stream, '--endpoint-url', world.kinesis.endpoint];
const fromStart = ['--from', 'trim-horizon', '--until-caught-up'];
const lines = (text: string) => text.trim().split('\n');

test('what is generated is tailed: each event with its shard, sequence number and key, out of the aggregates', async () => {
  const stream = await newStream(2);
  const template = '{"n":{{random.number(9)}},"city":"{{random.arrayElement(["Rome","Oslo"])}}"}';
  const made = await runCommand(
    'generate',
    ...at(stream),
    '--generate',
    template,
    '--count',
    '40',
    '--rate',
    '4000',
    '--partition-key',
    'city',
    '--json',
  );
  expect(made.code).toBe(0);
  const report = JSON.parse(made.stdout);
  expect(report).toMatchObject({ stream, events: 40, end: 'finished' });
  expect(report.records).toBeLessThan(40);

  const { code, stdout, stderr } = await runCommand('tail', ...at(stream), ...fromStart, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: `Following ${stream}.\n` });
  const events = lines(stdout).map((line) => JSON.parse(line));
  expect(events).toHaveLength(40);
  for (const event of events) {
    const payload = JSON.parse(event.payload.text);
    expect(event.partitionKey).toBe(payload.city);
    expect(event).toMatchObject({
      shardId: expect.stringMatching(/^shardId-0{11}[01]$/),
      sequenceNumber: expect.stringMatching(/^\d+$/),
    });
  }
  // Of a record each event has a place of its own.
  expect(
    new Set(
      events.map(
        ({ shardId, sequenceNumber, subSequenceNumber }) => `${shardId}/${sequenceNumber}/${subSequenceNumber}`,
      ),
    ).size,
  ).toBe(40);
  const shown = await runCommand('tail', ...at(stream), ...fromStart, '--count', '3');
  expect(lines(shown.stdout)).toHaveLength(3);
  expect(lines(shown.stdout)[0]).toMatch(/^shardId-\d+ \d+\/0 (Rome|Oslo) \{"n":\d,"city":"(Rome|Oslo)"\}$/);
});

test('a file is published, compressed as is said, and comes back as its lines', async () => {
  const stream = await newStream(1);
  const input = 'template/flights.ndjson';
  const made = await runCommand(
    'generate',
    ...at(stream),
    '--input',
    input,
    '--partition-key',
    'origin',
    '--compression',
    'zstd',
  );
  expect(made).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Published 113 events in \d+ records/) });
  const { stdout } = await runCommand('tail', ...at(stream), ...fromStart, '--output', 'payload');
  expect(stdout).toBe(readFileSync(input, 'utf8'));
});

test('gzip and zstd are expanded, what is no text is shown in base64, and what is broken says so', async () => {
  const stream = await newStream(1);
  const payloads = [
    Buffer.from('plain'),
    gzipSync('zipped'),
    zstdCompressSync('z'),
    Buffer.from([0, 1, 255]),
    Buffer.from([0x1f, 0x8b, 8, 1]),
  ];
  for (const Data of payloads)
    await kinesisOf(world).send(new PutRecordCommand({ StreamName: stream, PartitionKey: 'k\n', Data }));
  const { stdout } = await runCommand('tail', ...at(stream), ...fromStart);
  expect(lines(stdout).map((line) => line.replace(/^\S+ \d+\//, ''))).toEqual([
    '0 k  plain',
    '0 k  zipped',
    '0 k  z',
    '0 k  (base64) AAH/',
    expect.stringMatching(/^0 k {2}\(base64; can't be read: .+\) H4sIAQ==$/),
  ]);
});

test('across a split each key comes in its order, from the parent first, and from the children what follows', async () => {
  const stream = await newStream(1);
  const client = kinesisOf(world);
  const put = (from: number) =>
    publishEvents(
      world,
      stream,
      Array.from({ length: 20 }, (_, index) => ({ key: `key-${index % 5}`, data: { n: from + index } })),
      3,
    );
  await put(0);
  const stop = new AbortController();
  const seen: { key: string; n: number; shardId: string }[] = [];
  const target = { StreamName: stream };
  const options = { from: { kind: 'trim-horizon' }, signal: stop.signal, pauseMs: 20 } as const;
  for await (const records of tailStream(client, target, options)) {
    for (const { partitionKey, data, shardId } of records.flatMap(eventsWithin))
      seen.push({ key: partitionKey, n: JSON.parse(Buffer.from(data).toString()).n, shardId });
    if (seen.length === 20) {
      const middle = (2n ** 127n).toString();
      await client.send(
        new SplitShardCommand({ ...target, ShardToSplit: 'shardId-000000000000', NewStartingHashKey: middle }),
      );
      await vi.waitFor(async () => expect(await listShards(client, target)).toHaveLength(3), { timeout: 20_000 });
      await waitUntilActive(client, target);
      await put(100);
    }
    if (seen.length === 40) stop.abort();
  }
  expect(seen.slice(0, 20).every(({ shardId }) => shardId === 'shardId-000000000000')).toBe(true);
  expect(new Set(seen.slice(20).map(({ shardId }) => shardId))).toEqual(
    new Set(['shardId-000000000001', 'shardId-000000000002']),
  );
  for (const key of ['key-0', 'key-1', 'key-2', 'key-3', 'key-4']) {
    const numbers = seen.filter((each) => each.key === key).map(({ n }) => n);
    expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
    expect(numbers).toHaveLength(8);
  }
});

test('from the tip only what comes later is seen', async () => {
  const stream = await newStream(1);
  await publishEvents(world, stream, [{ key: 'k', data: { n: 1 } }]);
  const placed = Promise.withResolvers<void>();
  const stop = new AbortController();
  const options = { from: { kind: 'latest' }, signal: stop.signal, pauseMs: 20, onPlaced: placed.resolve } as const;
  const later = placed.promise.then(() => publishEvents(world, stream, [{ key: 'k', data: { n: 2 } }]));
  const seen: unknown[] = [];
  for await (const records of tailStream(kinesisOf(world), { StreamName: stream }, options)) {
    seen.push(...records.flatMap(eventsWithin).map(({ data }) => JSON.parse(Buffer.from(data).toString())));
    stop.abort();
  }
  await later;
  expect(seen).toEqual([{ n: 2 }]);
});

test('a sample of all shards makes a draft, with what is in each field beside it', async () => {
  const stream = await newStream(2);
  const events = Array.from({ length: 30 }, (_, n) => ({
    key: `k${n}`,
    data: n === 7 ? Buffer.from('no JSON') : { n, ...(n % 2 ? { at: '2026-03-01T09:05:00Z' } : {}) },
  }));
  await publishEvents(world, stream, events, 2);
  const { code, stdout, stderr } = await runCommand('sample', ...at(stream));
  expect(code).toBe(0);
  expect(stdout).toBe(`import * as z from 'zod';

export const Event = z.object({
  n: z.number(),
  at: z.iso.datetime({ offset: true }).optional(),
});
`);
  expect(stderr).toContain('1 of 30 events are no JSON.');
  expect(stderr).toMatch(/│ at +│ 48.2 % +│ string/);
  const told = JSON.parse((await runCommand('sample', ...at(stream), '--json', '--count', '10')).stdout);
  expect(told).toMatchObject({ stream, events: 10 });
  expect(told.fields[0]).toMatchObject({ field: 'n', present: 1, notes: ['whole'] });
  expect(told.fields[0]).not.toHaveProperty('examples');
});

test('a stream without events, or without JSON, has no draft', async () => {
  const stream = await newStream(1);
  expect(await runCommand('sample', ...at(stream))).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('has no events there'),
  });
  await publishEvents(world, stream, [{ key: 'k', data: Buffer.from('a,b') }]);
  expect(await runCommand('sample', ...at(stream))).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('None of 1 events'),
  });
});

test('all that is wrong is told at once, before anything is asked', async () => {
  expect(
    await runCommand('generate', '--endpoint-url', 'nowhere', '--rate', '0', '--compression', 'auto'),
  ).toMatchObject({
    code: 2,
    stderr: [
      '--stream: the name or ARN of a stream is needed',
      '--endpoint-url nowhere: use a URL such as http://127.0.0.1:4567',
      '--rate 0: use a number above 0 and up to 100,000',
      '--rate: it belongs to --generate',
      '--compression auto: use none, gzip, zstd',
      '--generate or --input: one of them is needed\n',
    ].join('\n'),
  });
  expect(await runCommand('tail', '--stream', 'a b', '--from', 'now', '--count', '0', '--output', 'xml')).toMatchObject(
    {
      code: 2,
      stderr: expect.stringMatching(
        /--stream a b: .*\n--from now: .*\n--count 0: .*\n--output xml: use text or payload\n/,
      ),
    },
  );
  expect(await runCommand('tail', ...at('nowhere'), '--json', '--output', 'text')).toMatchObject({ code: 2 });
  expect(await runCommand('sample', ...at('nowhere'), '--from', 'latest')).toMatchObject({ code: 2 });
});

test('a stream that is not there is told with exit code 3', async () => {
  for (const command of ['tail', 'sample'])
    expect(await runCommand(command, ...at('nowhere'))).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('nowhere'),
    });
  expect(await runCommand('generate', ...at('nowhere'), '--generate', '{}')).toMatchObject({
    code: 3,
    stderr: 'There is no stream nowhere.\n',
  });
});
