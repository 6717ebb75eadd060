/**
 * What an executor makes of a page of records, side by side with the loop one would write by hand:
 *
 *   by hand    JSON.parse, a template-string key per event, one Map
 *   sluice     the engine's own path: de-aggregation, schema, watermark, windows, exact sums, partial aggregates
 *   counting   the same of events that are ready: all of the engine but bytes, JSON and schema
 *
 * Both count 10,000 events of about 200 bytes per key and hour. The figure is CPU time, alternating between the two in
 * one run; the ratio is what counts, the rates are this machine's. `npm run bench`
 */
import Table from 'cli-table3';
import * as z from 'zod';
import { decompress } from '../functions/adapters/decompress.ts';
import { md5 } from '../functions/adapters/md5-lanes.ts';
import type { PlannedShard, PlannedTask } from '../functions/core/model.ts';
import { packEvents } from '../functions/core/pack-events.ts';
import { beginRead } from '../functions/core/read/read-state.ts';
import { ShardReader } from '../functions/core/read/shard-reader.ts';
import { applied, takeStep } from '../functions/core/read/take-step.ts';
import { TaskRead } from '../functions/core/read/task-read.ts';
import type { KinesisRecord, Page } from '../functions/core/record.ts';
import { newCheckpoint } from '../functions/core/shard-checkpoint.ts';
import { type Decoder, type DecoderKind, defineDecoder } from '../functions/decoders/decoder-kind.ts';
import { checkPipeline, count, json, kinesis, pipeline, sum, tumbling } from '../functions/index.ts';
import type { Pipeline } from '../functions/pipeline/pipeline.ts';
import { fieldsOf } from './side-by-side/answers.ts';

const events = 10_000;
const rounds = 15;
const start = Date.UTC(2026, 0, 1);
const encoder = new TextEncoder();

const payloads = Array.from({ length: events }, (_, at) =>
  encoder.encode(JSON.stringify({ ...fieldsOf(at, 50), at: start + at * 1_000 })),
);

const toRecord = (data: Uint8Array, at: number): KinesisRecord => ({
  sequenceNumber: String(10n ** 55n + BigInt(at)),
  partitionKey: 'key',
  data,
  arrivalMs: start + 86_400_000,
});
const toPage = (records: readonly KinesisRecord[]): Page => ({
  records,
  millisBehindLatest: 0,
  serverTime: start + 86_400_000,
  end: undefined,
});
const plain = toPage(payloads.map(toRecord));
const packs = packEvents(
  payloads.map((data) => ({ data, partitionKey: 'key', explicitHashKey: undefined })),
  { maxEvents: 250 },
  md5,
);
const aggregated = toPage(packs.map(({ data }, at) => toRecord(data, at)));

type Event = { readonly country: string; readonly at: number; readonly amount: number };
/** In the order of the page, again and again. */
let ready = 0;
const readyKind: DecoderKind = {
  kind: 'ready',
  usage: 'ready',
  sharesBytes: false,
  read: () => ({}),
  open: () => () => eventAt(ready++ % events),
};
const countries = Array.from({ length: 50 }, (_, at) => `country-${at}`);
const eventAt = (at: number): Event => ({ country: countries[at % 50]!, at: start + at * 1_000, amount: at % 97 });

const counted = (decoder: Decoder<Event, Event>): Pipeline => {
  const checked = checkPipeline(
    pipeline('bench')
      .readStream(kinesis({ streamName: 'in' }))
      .decode(decoder)
      .withWatermark((event) => event.at, { delay: '1 hour' })
      .groupBy({ country: (event) => event.country })
      .window(tumbling('1 hour'))
      .aggregate({ events: count(), total: sum((event) => event.amount) })
      .writeStream(kinesis({ streamName: 'out' })),
  );
  if (checked.kind === 'invalid') throw new Error('the pipeline of the benchmark is not valid');
  return checked.pipeline;
};
const withSchema = counted(json(z.looseObject({ country: z.string(), at: z.number(), amount: z.number() })));
const withReady = counted(defineDecoder<Decoder<Event, Event>>(readyKind, {}));
const shard: PlannedShard = {
  ...newCheckpoint(
    { shardId: 'shardId-0', parents: [], hashRange: { start: '0', end: '1' } },
    { kind: 'trim-horizon' },
  ),
  isNew: true,
  start: 'continue',
};
const task = { v: 1, ref: 1, generation: 1, batchId: 0, task: 0, shards: [shard], parallelism: 1 };
const planned: PlannedTask = {
  ...task,
  fingerprint: '',
  watermark: null,
  nextWindowClose: null,
  consumerArn: null,
  nextTurnAt: null,
  refreshAfterMs: 1,
};

function byHand(): number {
  const counts = new Map<string, { events: number; total: number }>();
  const decoder = new TextDecoder();
  for (const { data } of plain.records) {
    const event = JSON.parse(decoder.decode(data)) as { country: string; at: number; amount: number };
    const key = `${event.country}|${new Date(event.at).toISOString().slice(0, 13)}`;
    const found = counts.get(key) ?? { events: 0, total: 0 };
    counts.set(key, { events: found.events + 1, total: found.total + event.amount });
  }
  return counts.size;
}

function sluice(counting: Pipeline, page: Page): number {
  const read = new TaskRead({ pipeline: counting, task: planned, streamName: 'in', md5, decompress });
  const reader = new ShardReader(read, shard);
  let state = beginRead(reader);
  for (let at = 0; at < page.records.length; ) {
    const step = takeStep(reader, state, page, at);
    state = applied(step, page);
    at = step.next;
  }
  return read.table?.saveByKeyGroup(1).size ?? 0;
}

const variants: readonly { readonly name: string; readonly run: () => number }[] = [
  { name: 'by hand', run: byHand },
  { name: 'sluice, plain records', run: () => sluice(withSchema, plain) },
  { name: 'sluice, aggregated records', run: () => sluice(withSchema, aggregated) },
  { name: 'counting, plain records', run: () => sluice(withReady, plain) },
  { name: 'counting, aggregated records', run: () => sluice(withReady, aggregated) },
];

const times = variants.map(() => [] as number[]);
for (let round = 0; round < rounds; round++) {
  for (const [at, { run }] of variants.entries()) {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    // The first rounds warm up.
    if (round >= 5) times[at]!.push(user + system);
  }
}
const median = (values: readonly number[]): number => values.toSorted((one, other) => one - other)[values.length >> 1]!;
const base = median(times[0]!);
const table = new Table({ head: ['variant', 'events per CPU second', 'ratio to by hand'] });
for (const [at, { name }] of variants.entries()) {
  const micros = median(times[at]!);
  table.push([name, Math.round((events / micros) * 1e6).toLocaleString('en'), (base / micros).toFixed(2)]);
}
process.stdout.write(`${table.toString()}\n`);
