/**
 * De-aggregation side by side with AWS's own library for it, `aws-kinesis-agg` (4.2.8, on protobufjs): pages of records of
 * 100 events of 200 bytes, with all keys different and with ten. Each variant looks at key and payload of each event.
 *
 *   aws-kinesis-agg   its best form, the one that counts: a Buffer, which it copies, instead of base64, which it would
 *                     have to decode; a callback for each event, so that it keeps no list; payloads left in base64, as
 *                     it gives them out, though a consumer would have to decode them
 *   … to bytes        the same, and payloads decoded: what Sluice gives out
 *   … unchecked       the best form with its digest check switched off
 *   … SDK records     records as GetRecords of the AWS SDK gives them, which the library translates one by one
 *   sluice            the executor's way: digests of a page's records side by side, then one record after the other
 *
 * The figure is CPU time, alternating between the variants in one run; the ratio of each round is what counts, the rates
 * are this machine's. `npm run bench`
 */
import { createRequire } from 'node:module';
import Table from 'cli-table3';
import { md5 } from '../functions/adapters/md5-lanes.ts';
import { openAggregate } from '../functions/core/aggregated-record.ts';
import { DigestsAhead } from '../functions/core/digests-ahead.ts';
import { aggregate } from '../functions/core/pack-events.ts';

type Given = { readonly data: Buffer; readonly sequenceNumber: string; readonly partitionKey: string };
type GivenBySdk = { readonly Data: Buffer; readonly SequenceNumber: string; readonly PartitionKey: string };
type Taken = { readonly partitionKey: string; readonly data: string };
type TakenBySdk = { readonly PartitionKey: string; readonly Data: string };

const { deaggregate: deaggregateByAws } = createRequire(import.meta.url)('aws-kinesis-agg') as {
  deaggregate(
    record: Given | GivenBySdk,
    checksDigest: boolean,
    perEvent: (error: Error | null, event: Taken & TakenBySdk) => void,
    afterRecord: (error?: Error) => void,
  ): void;
};

const events = 100;
const eventBytes = 200;
const records = 200;
const passes = 5;
const warmUps = 3;
const rounds = 15;

function recordsWith(keys: number): Buffer[] {
  return Array.from({ length: records }, (_, record) => {
    const given = Array.from({ length: events }, (_, at) => ({
      partitionKey: `device-${(record * events + at) % keys}`,
      data: Uint8Array.from({ length: eventBytes }, (_, byte) => (record + at * 31 + byte * 7) & 0xff),
    }));
    return Buffer.from(aggregate(given, md5));
  });
}

/** So that nothing can be left out as unused. */
let seen = 0;

function sluice(page: readonly Buffer[]): void {
  const given = page.map((data) => ({ data }));
  const digests = new DigestsAhead(given, md5);
  for (let at = 0; at < given.length; at++) {
    const read = openAggregate(given[at]!, () => digests.of(at));
    if (read.kind !== 'aggregated') throw new Error(read.kind);
    for (let index = 0; index < read.events.length; index++) {
      const { partitionKey, data } = read.events.at(index);
      seen += partitionKey.length + data.length;
    }
  }
}

const done = (error?: Error): void => {
  if (error !== undefined) throw error;
};

function byAws(page: readonly Buffer[], checksDigest: boolean, payloads: 'base64' | 'bytes'): void {
  for (const data of page) {
    const take = (_: unknown, event: Taken): void => {
      seen += event.partitionKey.length;
      seen += payloads === 'bytes' ? Buffer.from(event.data, 'base64').length : event.data.length;
    };
    deaggregateByAws({ data, sequenceNumber: '1', partitionKey: 'a' }, checksDigest, take, done);
  }
}

function byAwsFromSdk(page: readonly Buffer[]): void {
  for (const Data of page) {
    const take = (_: unknown, event: TakenBySdk): void => {
      seen += event.PartitionKey.length + event.Data.length;
    };
    deaggregateByAws({ Data, SequenceNumber: '1', PartitionKey: 'a' }, true, take, done);
  }
}

const variants: readonly { readonly name: string; readonly run: (page: readonly Buffer[]) => void }[] = [
  { name: 'aws-kinesis-agg', run: (page) => byAws(page, true, 'base64') },
  { name: '… to bytes', run: (page) => byAws(page, true, 'bytes') },
  { name: '… unchecked', run: (page) => byAws(page, false, 'base64') },
  { name: '… SDK records', run: byAwsFromSdk },
  { name: 'sluice', run: sluice },
];

function cpuMicros(run: () => void): number {
  const before = process.cpuUsage();
  for (let pass = 0; pass < passes; pass++) run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function spreadOf(values: readonly number[]): {
  readonly least: number;
  readonly median: number;
  readonly most: number;
} {
  const sorted = values.toSorted((one, other) => one - other);
  return { least: sorted[0]!, median: sorted[sorted.length >> 1]!, most: sorted.at(-1)! };
}

const table = new Table({
  head: ['keys', 'variant', 'events per CPU second', 'times aws-kinesis-agg: least', 'median', 'most'],
});
for (const [name, keys] of [
  ['all different', events * records],
  ['ten', 10],
] as const) {
  const page = recordsWith(keys);
  const times = variants.map(() => [] as number[]);
  for (let round = -warmUps; round < rounds; round++) {
    for (const [at, { run }] of variants.entries()) {
      const micros = cpuMicros(() => run(page));
      if (round >= 0) times[at]!.push(micros);
    }
  }
  for (const [at, variant] of variants.entries()) {
    const rate = Math.round(((events * records * passes) / spreadOf(times[at]!).median) * 1e6);
    const { least, median, most } = spreadOf(times[at]!.map((micros, round) => times[0]![round]! / micros));
    const ratios = [least, median, most].map((ratio) => ratio.toFixed(1));
    table.push([name, variant.name, rate.toLocaleString('en'), ...ratios]);
  }
}
process.stdout.write(
  `Aggregated records of ${events} events of ${eventBytes} bytes; ${seen} bytes looked at\n${table.toString()}\n`,
);
