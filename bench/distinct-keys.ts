/**
 * What an executor takes for a batch of so many distinct keys: the whole of `processShards`, from pages of records to the block in
 * the table, which counts bytes and keeps none.
 *
 *   npm run bench:distinct-keys -- [keys] [--windows 1] [--groups 4] [--json]
 *
 * Each line is a process of its own. `reading` decodes and evaluates the same events, of which a filter lets none pass; the difference is what the table, its saving and
 * its storing take. CPU is that of all threads, memory the largest the process ever had.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import Table from 'cli-table3';
import * as z from 'zod';
import { decompress } from '../functions/adapters/decompress.ts';
import { createBlockStore } from '../functions/adapters/dynamodb/block-store.ts';
import { openStorage } from '../functions/adapters/dynamodb/storage.ts';
import { Table as StoredTable } from '../functions/adapters/dynamodb/table.ts';
import { md5 } from '../functions/adapters/md5-lanes.ts';
import type { PlannedTask } from '../functions/core/model.ts';
import type { KinesisRecord, Page } from '../functions/core/record.ts';
import { newCheckpoint } from '../functions/core/shard-checkpoint.ts';
import { count, json, kinesis, pipeline, sum, tumbling } from '../functions/index.ts';
import { requirePipeline } from '../functions/pipeline/check-pipeline.ts';
import type { ProcessRuntime } from '../functions/steps/process-shards/process-runtime.ts';
import { processShards } from '../functions/steps/process-shards/process-shards.ts';

const { values, positionals } = parseArgs({
  options: {
    windows: { type: 'string', default: '1' },
    groups: { type: 'string', default: '4' },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
  allowPositionals: true,
});
const [keys, windows, groups] = [positionals[0] ?? 1_000_000, values.windows, values.groups].map(Number) as [
  number,
  number,
  number,
];
const start = Date.UTC(2026, 0, 1);
const perPage = 10_000;
const hourMs = 3_600_000;
const arrivalMs = start + hourMs;
const rest = '"ok":true,"ref":"https://example.com/search?q=shoes","tags":["a","b"]}';

type Figures = { cpuSeconds: number; peakMb: number; storedMb: number; puts: number };

if (values.only === undefined) compare();
else process.stdout.write(JSON.stringify(await measured(values.only === 'reading')));

function compare(): void {
  const of = (only: string): Figures => {
    const given = ['--conditions=sluice-source', '--no-warnings', fileURLToPath(import.meta.url)];
    const options = ['--only', only, '--windows', String(windows), '--groups', String(groups)];
    const { stdout, stderr, status } = spawnSync(process.execPath, [...given, String(keys), ...options]);
    if (status !== 0) throw new Error(stderr.toString());
    return JSON.parse(stdout.toString()) as Figures;
  };
  const reading = of('reading');
  const whole = of('whole');
  const counting = whole.cpuSeconds - reading.cpuSeconds;
  if (values.json) {
    process.stdout.write(
      `${JSON.stringify({ keys, windows, groups, ...whole, readingCpuSeconds: reading.cpuSeconds })}\n`,
    );
    return;
  }
  const table = new Table({ head: ['', 'CPU s', 'µs a key', 'peak MB', 'stored MB', 'puts'] });
  const row = (name: string, cpu: number, { peakMb, storedMb, puts }: Partial<Figures>) =>
    table.push([name, cpu.toFixed(1), ((cpu * 1e6) / keys).toFixed(1), peakMb ?? '', storedMb ?? '', puts ?? '']);
  row('reading', reading.cpuSeconds, { peakMb: reading.peakMb });
  row('counting and storing', counting, {});
  row('whole', whole.cpuSeconds, whole);
  process.stdout.write(`${table.toString()}\n`);
}

async function measured(isReadOnly: boolean): Promise<Figures> {
  const { client, stored } = countingClient();
  const checked = requirePipeline(
    pipeline('bench', { parallelism: groups })
      .readStream(kinesis({ streamName: 'in', maxFetchRecordsPerShard: keys }))
      .decode(json(z.looseObject({ user: z.string(), at: z.number(), amount: z.number() })))
      .withWatermark((event) => event.at, { delay: '1 day' })
      .filter(() => !isReadOnly)
      .groupBy({ user: (event) => event.user })
      .window(tumbling('1 hour'))
      .aggregate({ events: count(), total: sum((event) => event.amount) })
      .writeStream(kinesis({ streamName: 'out' })),
  );
  const shard = {
    ...newCheckpoint(
      { shardId: 'shardId-0', parents: [], hashRange: { start: '0', end: '1' } },
      { kind: 'trim-horizon' as const },
    ),
    isNew: true,
    start: 'continue' as const,
  };
  const task: PlannedTask = {
    ...{ ref: 1, generation: 1, batchId: 0, task: 0, shards: [shard], parallelism: groups },
    ...{ fingerprint: checked.fingerprint, watermark: null, nextWindowClose: null },
    ...{ consumerArn: null, nextTurnAt: null, refreshAfterMs: 1 },
  } as never;
  const clock = { now: () => start, sleep: async () => {} };
  const newId = () => 'nonce-0';
  const storage = openStorage({ table: new StoredTable(client, 'table', clock), pipeline: 'bench', clock, newId });
  const ports = {
    ...{ clock, newId, source: { open: async () => cursor() }, blocks: createBlockStore(storage) },
    plans: { loadTask: async () => task },
    references: { take: async () => undefined },
    sentPlaces: { loadSentNotes: async () => [] },
  } as unknown as ProcessRuntime['ports'];
  const log = { info: () => {}, warn: () => {} };
  const before = process.cpuUsage();
  await processShards(
    { run: 'run', epoch: 1, batchId: 0, task: 0, readSeconds: 10_000 },
    { pipeline: checked, ports, md5, decompress, log },
  );
  const { user, system } = process.cpuUsage(before);
  return {
    cpuSeconds: (user + system) / 1e6,
    peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
    storedMb: Math.round(stored.bytes / 1e5) / 10,
    puts: stored.puts,
  };
}

function cursor() {
  let from = 0;
  return {
    next: async (): Promise<Page> => {
      const upTo = Math.min(keys, from + perPage);
      const records = Array.from({ length: upTo - from }, (_, at) => recordOf(from + at));
      from = upTo;
      return { records, millisBehindLatest: upTo < keys ? 1_000 : 0, serverTime: start + hourMs, end: undefined };
    },
  };
}

/** In no order of keys, each key once: what an odd number multiplies modulo 2 to the 32. */
function recordOf(at: number): KinesisRecord {
  const user = `user-${(Math.imul(at, 2_654_435_761) >>> 0).toString(16).padStart(8, '0')}`;
  const [time, amount] = [start + (at % windows) * hourMs + (at % 3_000), at % 997];
  const data = `{"user":"${user}","at":${time},"amount":${amount},"page":"/products/${at % 311}/details",${rest}`;
  return {
    sequenceNumber: `1${String(at).padStart(55, '0')}`,
    partitionKey: user,
    data: Buffer.from(data),
    arrivalMs,
  };
}

function countingClient(): { client: DynamoDBClient; stored: { bytes: number; puts: number } } {
  const stored = { bytes: 0, puts: 0 };
  const send = async ({ input }: { input: { Item?: { data?: { B?: Uint8Array } } } }) => {
    stored.puts += 1;
    stored.bytes += input.Item?.data?.B?.length ?? 0;
    return {};
  };
  return { client: { send } as unknown as DynamoDBClient, stored };
}
