import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deaggregate } from '../../../functions/core/aggregated-record.ts';
import { identifyFile, readInputFile } from '../../../local/publish/input-file.ts';
import { openJournal, type PublishJournal } from '../../../local/publish/publish-journal.ts';
import { type EventToPublish, publish } from '../../../local/publish/publisher.ts';
import { md5 } from '../../../local/publish/shard-queues.ts';
import { kinesisClient, localCredentials } from '../../../local/services/clients.ts';
import { type EmbeddedKinesis, startEmbeddedKinesis } from '../../../local/services/embedded-kinesis.ts';
import { readStream } from '../../../local/services/stream-reader.ts';
import { createStream } from '../../../local/services/streams.ts';
import { collect } from './collect.ts';

let server: EmbeddedKinesis;
let client: KinesisClient;
let directory: string;
let streams = 0;

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'sluice-'));
  server = await startEmbeddedKinesis();
  client = kinesisClient({
    region: 'us-east-1',
    credentials: localCredentials,
    endpoint: server.endpoint,
    maxAttempts: 1,
  });
});

afterAll(async () => {
  client.destroy();
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function newStream(shards: number): Promise<{ StreamName: string }> {
  const StreamName = `stream-${streams++}`;
  await createStream(client, StreamName, shards);
  return { StreamName };
}

const keys = ['ATL', 'BOS', 'DEN', 'JFK', 'LAX', 'ORD', 'SEA'];

async function* numbered(count: number, chunkSize = 70): AsyncGenerator<readonly EventToPublish[]> {
  for (let start = 0; start < count; start += chunkSize) {
    const size = Math.min(chunkSize, count - start);
    yield Array.from({ length: size }, (_, i) => event(start + i));
  }
}

function event(n: number): EventToPublish {
  return { data: Buffer.from(JSON.stringify({ n })), partitionKey: keys[n % keys.length]! };
}

/** Per shard, in its order: the records, and the numbers of the events in them. */
async function contentOf(stream: { StreamName: string }) {
  const shards = new Map<string, { records: number; numbers: number[] }>();
  for (const record of (await collect(readStream(client, stream))).flat()) {
    const shard = shards.get(record.shardId) ?? { records: 0, numbers: [] };
    shards.set(record.shardId, shard);
    shard.records++;
    const content = deaggregate(record, md5);
    const events = content.kind === 'aggregated' ? content.events : [record];
    for (const { data } of events) shard.numbers.push((JSON.parse(Buffer.from(data).toString()) as { n: number }).n);
  }
  return [...shards.values()];
}

const allNumbers = (shards: readonly { numbers: number[] }[]) =>
  shards.flatMap(({ numbers }) => numbers).sort((one, other) => one - other);

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

describe('publishing', () => {
  test('packs about a hundred events in a record and keeps their order per shard', async () => {
    const stream = await newStream(4);
    const report = await publish({ client, stream, events: numbered(5_000) });
    const shards = await contentOf(stream);

    expect(report).toMatchObject({ kind: 'finished', events: 5_000, eventsBefore: 0 });
    expect(allNumbers(shards)).toEqual(upTo(5_000));
    for (const { numbers } of shards) expect(numbers).toEqual([...numbers].sort((one, other) => one - other));
    expect(shards.reduce((sum, { records }) => sum + records, 0)).toBeLessThan(5_000 / 100 + 2 * shards.length);
  });

  test('sends a refused record again before the next one of its shard', async () => {
    const stream = await newStream(2);
    let requests = 0;
    const refusing = Object.create(client, {
      send: {
        value: async (command: { input: { Records?: { Data: Uint8Array; PartitionKey: string }[] } }) => {
          const records = command.input.Records;
          if (records === undefined || requests++ % 3 !== 0) return client.send(command as never);
          const [, ...others] = records;
          const answer =
            others.length === 0 ? undefined : await client.send(new PutRecordsCommand({ ...stream, Records: others }));
          return {
            FailedRecordCount: 1,
            Records: [
              { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'slow down' },
              ...(answer?.Records ?? []),
            ],
          };
        },
      },
    }) as KinesisClient;
    await publish({ client: refusing, stream, events: numbered(1_500) });
    const shards = await contentOf(stream);
    expect(allNumbers(shards)).toEqual(upTo(1_500));
    for (const { numbers } of shards) expect(numbers).toEqual([...numbers].sort((one, other) => one - other));
  });

  test('does not repeat a record whose answer was lost', async () => {
    const stream = await newStream(2);
    let requests = 0;
    const losing = Object.create(client, {
      send: {
        value: async (command: { input: { Records?: unknown[] } }) => {
          const answer = await client.send(command as never);
          if (command.input.Records !== undefined && requests++ % 4 === 1) throw new Error('socket hang up');
          return answer;
        },
      },
    }) as KinesisClient;
    const report = await publish({ client: losing, stream, events: numbered(2_000) });
    expect(report.events).toBe(2_000);
    expect(allNumbers(await contentOf(stream))).toEqual(upTo(2_000));
  });

  test('goes on as long as something arrives, however many answers in a row are lost (PUBLISH-4)', async () => {
    const stream = await newStream(1);
    let lost = 0;
    const losing = Object.create(client, {
      send: {
        value: async (command: { input: { Records?: unknown[] } }) => {
          const answer = await client.send(command as never);
          if (command.input.Records === undefined) return answer;
          lost += 1;
          throw new Error('socket hang up');
        },
      },
    }) as KinesisClient;
    const report = await publish({ client: losing, stream, events: numbered(500), maxEventsPerRecord: 10 });
    expect(report.events).toBe(500);
    expect(lost).toBeGreaterThan(40);
    expect(allNumbers(await contentOf(stream))).toEqual(upTo(500));
  });
});

describe('publishing with a journal', () => {
  /** Fails at the given save: what was acknowledged just before is not written. */
  function dyingAfter(journal: PublishJournal, saves: number): PublishJournal {
    return {
      load: journal.load,
      save(progress) {
        if (saves-- <= 0) throw new Error('killed');
        journal.save(progress);
      },
    };
  }

  test('goes on where a killed run stopped, wherever that was, and repeats nothing', async () => {
    const stream = await newStream(3);
    const journal = openJournal(path.join(directory, 'killed'), [stream.StreamName]);
    let published = 0;
    for (const saves of [1, 3, 2, 7]) {
      const events = numbered(4_000);
      const run = publish({ client, stream, events, journal: dyingAfter(journal, saves), onPublished: (n) => void n });
      await expect(run).rejects.toThrow('killed');
      published = journal.load()?.events ?? 0;
    }
    expect(published).toBeGreaterThan(0);
    const last = await publish({ client, stream, events: numbered(4_000, 33), journal });
    expect(last.kind).toBe('finished');
    expect(allNumbers(await contentOf(stream))).toEqual(upTo(4_000));
  });

  test('publishes nothing a second time after it has finished', async () => {
    const stream = await newStream(1);
    const journal = openJournal(path.join(directory, 'finished'), [stream.StreamName]);
    await publish({ client, stream, events: numbered(300), journal });
    const again = await publish({ client, stream, events: numbered(300), journal });
    expect(again).toEqual({ kind: 'finished', events: 0, records: 0, eventsBefore: 300 });
    expect(allNumbers(await contentOf(stream))).toEqual(upTo(300));
  });

  test('stops between two records when asked to, and goes on later', async () => {
    const stream = await newStream(2);
    const journal = openJournal(path.join(directory, 'stopped'), [stream.StreamName]);
    const stop = new AbortController();
    const onPublished = (events: number) => events > 500 && stop.abort();
    const first = await publish({ client, stream, events: numbered(3_000), journal, signal: stop.signal, onPublished });
    expect(first.kind).toBe('stopped');
    expect(first.events).toBeLessThan(3_000);
    const rest = await publish({ client, stream, events: numbered(3_000), journal });
    expect(rest.events + first.events).toBe(3_000);
    expect(allNumbers(await contentOf(stream))).toEqual(upTo(3_000));
  });
});

describe('an input file', () => {
  test('gives its lines as events, plain or gzipped, with the field asked for as their key', async () => {
    const text = '{"origin":"ORD","n":1}\r\n\n{"n":2}\n   \nnot json\n{"origin":7,"n":4}';
    for (const [name, bytes] of [
      ['a.ndjson', Buffer.from(text)],
      ['a.ndjson.gz', gzipSync(text)],
    ] as const) {
      const file = path.join(directory, name);
      writeFileSync(file, bytes);
      const events = (await collect(readInputFile({ path: file, partitionKey: 'origin' }))).flat();
      expect(events.map(({ data, partitionKey }) => [partitionKey, Buffer.from(data).toString()])).toEqual([
        ['ORD', '{"origin":"ORD","n":1}'],
        ['line-3', '{"n":2}'],
        ['line-5', 'not json'],
        ['7', '{"origin":7,"n":4}'],
      ]);
    }
  });

  test('is told apart from another by its content', async () => {
    const files = ['one', 'two', 'one'].map((content, i) => {
      const file = path.join(directory, `identity-${i}`);
      writeFileSync(file, content);
      return file;
    });
    const [first, second, third] = await Promise.all(files.map(identifyFile));
    expect(first).toBe(third);
    expect(first).not.toBe(second);
  });

  test('that is missing or broken is reported with its name', async () => {
    const broken = path.join(directory, 'broken.ndjson.gz');
    writeFileSync(broken, gzipSync(Buffer.from('{"n":1}\n'.repeat(1_000))).subarray(0, 30));
    await expect(collect(readInputFile({ path: broken }))).rejects.toThrow(broken);
    await expect(collect(readInputFile({ path: '/nowhere.ndjson' }))).rejects.toThrow('/nowhere.ndjson');
  });
});
