/**
 * De-aggregation side by side with AWS's own library for it, `aws-kinesis-agg` (4.2.8, on protobufjs):
 *
 *   records of 100 events of 200 bytes, all keys different, and of 10 keys; as they came from Kinesis, with their digest
 *
 * Each variant reads the same records and looks at the key and the payload of each event. The library is given its best
 * form: a Buffer, which it copies, instead of base64, which it would have to decode; its interface with a callback per
 * event, which keeps no list; and its payloads are left in base64, as it hands them out. With its digest check switched
 * off as well, which loses what the check is for. Rates are CPU time, alternating between the variants in one run; the
 * ratio of each round is what counts. `npm run bench`
 */
import { createRequire } from 'node:module';
import Table from 'cli-table3';
import { deaggregate } from '../functions/core/aggregated-record.ts';
import { aggregate } from '../functions/core/pack-events.ts';
import { md5 } from '../functions/steps/runtime.ts';

type Library = {
  deaggregate(
    record: { readonly data: Buffer; readonly sequenceNumber: string; readonly partitionKey: string },
    computeChecksums: boolean,
    perRecord: (error: Error | null, event: { readonly partitionKey: string; readonly data: string }) => void,
    afterRecord: (error?: Error) => void,
  ): void;
};
const library = createRequire(import.meta.url)('aws-kinesis-agg') as Library;

const events = 100;
const eventBytes = 200;
const records = 200;
const warmUps = 5;
const rounds = 15;

function recordsWith(keys: number): Buffer[] {
  return Array.from({ length: records }, (_, record) => {
    const data = Array.from({ length: events }, (_, at) => ({
      partitionKey: `device-${(record * events + at) % keys}`,
      data: Uint8Array.from({ length: eventBytes }, (_, byte) => (record + at * 31 + byte * 7) & 0xff),
    }));
    return Buffer.from(aggregate(data, md5));
  });
}

let checksum = 0;

function sluice(packed: readonly Buffer[]): void {
  for (const data of packed) {
    const read = deaggregate({ data }, md5);
    if (read.kind !== 'aggregated') throw new Error(read.kind);
    for (const event of read.events) checksum += event.partitionKey.length + event.data.length;
  }
}

function awsKinesisAgg(packed: readonly Buffer[], checksDigest: boolean): void {
  for (const data of packed) {
    library.deaggregate(
      { data, sequenceNumber: '1', partitionKey: 'a' },
      checksDigest,
      (_, event) => {
        checksum += event.partitionKey.length + event.data.length;
      },
      (error) => {
        if (error !== undefined) throw error;
      },
    );
  }
}

const variants: readonly { readonly name: string; readonly run: (packed: readonly Buffer[]) => void }[] = [
  { name: 'aws-kinesis-agg, digest checked', run: (packed) => awsKinesisAgg(packed, true) },
  { name: 'aws-kinesis-agg, digest not checked', run: (packed) => awsKinesisAgg(packed, false) },
  { name: 'sluice, digest checked', run: sluice },
];

function cpuMicros(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

const inOrder = (values: readonly number[]): readonly number[] => values.toSorted((one, other) => one - other);
const least = (values: readonly number[]): number => inOrder(values)[0]!;
const median = (values: readonly number[]): number => inOrder(values)[values.length >> 1]!;
const most = (values: readonly number[]): number => inOrder(values).at(-1)!;

const table = new Table({
  head: ['keys', 'variant', 'events per CPU second', 'times aws-kinesis-agg: min', 'median', 'max'],
});
for (const keys of [events * records, 10]) {
  const packed = recordsWith(keys);
  const times = variants.map(() => [] as number[]);
  for (let round = -warmUps; round < rounds; round++) {
    for (const [at, { run }] of variants.entries()) {
      const micros = cpuMicros(() => run(packed));
      if (round >= 0) times[at]!.push(micros);
    }
  }
  for (const [at, { name }] of variants.entries()) {
    const ratios = times[at]!.map((micros, round) => times[0]![round]! / micros);
    const rate = Math.round(((events * records) / median(times[at]!)) * 1e6).toLocaleString('en');
    const spread = [least, median, most].map((of) => of(ratios).toFixed(1));
    table.push([keys === 10 ? 'ten' : 'all different', name, rate, ...spread]);
  }
}
process.stdout.write(
  `De-aggregation of ${events} events of ${eventBytes} bytes a record (${checksum} looked at)\n${table.toString()}\n`,
);
