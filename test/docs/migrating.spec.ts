/** The guide from Spark: its script and its example work, and the tests that it names exist. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, test } from 'vitest';
import * as z from 'zod';
import {
  bytes,
  count,
  json,
  kinesis,
  pipeline,
  runPipeline,
  type SparkCheckpoint,
  tumbling,
} from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { fenceNoted, readDocument, section, tableIn } from './documents.ts';

const guide = readDocument('docs/migrating-from-spark.md');
const example = JSON.parse(fenceNoted(guide, 'positions.json')) as SparkCheckpoint;

const startOf = (startingPosition: SparkCheckpoint) =>
  requirePipeline(
    pipeline('taken-over')
      .readStream(kinesis({ streamName: 'flights', startingPosition }))
      .decode(bytes())
      .writeStream(kinesis({ streamName: 'out' })),
  ).source.startingPosition;

type Place = { iteratorType: string; iteratorPosition: string; subSequenceNumber: string; isLast: string };
const place = (iteratorType: string, iteratorPosition = ''): Place => ({
  iteratorType,
  iteratorPosition,
  subSequenceNumber: '-1',
  isLast: 'true',
});
const idOf = (number: number): string => `shardId-00000000000${number}`;
const byId = (places: Readonly<Record<number, Place>>): Record<string, Place> =>
  Object.fromEntries(Object.entries(places).map(([number, at]) => [idOf(Number(number)), at]));

/** A batch as Spark's log has it, and the connector's metadata: where its shards began and, if it got so far, ended. */
type Batch = {
  readonly starts: Readonly<Record<number, Place>>;
  readonly ends?: Readonly<Record<string, object>>;
  readonly isCommitted?: boolean;
};

/** Where the HDFS committer puts its files; 'table': the DynamoDB committer's items, as the AWS command prints them. */
type Layout = 'checkpoint' | 'metadataPath' | 'table';

function checkpointOf(folder: string, batches: Readonly<Record<number, Batch>>, layout: Layout): string[] {
  const put = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  };
  const Items: object[] = [];
  for (const [number, { starts, ends, isCommitted = true }] of Object.entries(batches)) {
    // The connector counts its batches by itself.
    const batchId = String(Number(number) - 2);
    const offset = { metadata: { batchId, streamName: 'flights' }, ...byId(starts) };
    put(`checkpoint/offsets/${number}`, `v1\n{"batchWatermarkMs":0}\n${JSON.stringify(offset)}`);
    put(`checkpoint/offsets/.${number}.crc`, '');
    if (isCommitted) put(`checkpoint/commits/${number}`, 'v1\n{"nextBatchWatermarkMs":0}');
    put(`checkpoint/commits/.${number}.crc`, '');
    const base = layout === 'metadataPath' ? 'metadata' : 'checkpoint/sources/0';
    for (const [shardId, end] of Object.entries(ends ?? {})) {
      const text = JSON.stringify({ shardId, ...end });
      if (layout !== 'table') put(`${base}/shard-source/${batchId}/${shardId}`, text);
      else Items.push({ metadataKey: { S: batchId }, metadataSortKey: { S: shardId }, metadataValue: { S: text } });
    }
  }
  const checkpoint = path.join(folder, 'checkpoint');
  if (layout === 'metadataPath') return [checkpoint, path.join(folder, 'metadata')];
  if (layout === 'checkpoint') return [checkpoint];
  put('ends.json', JSON.stringify({ Items }));
  return [checkpoint, path.join(folder, 'ends.json')];
}

function positionsOf(batches: Readonly<Record<number, Batch>>, layout: Layout = 'checkpoint') {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-spark-'));
  try {
    writeFileSync(path.join(folder, 'positions.mjs'), fenceNoted(guide, 'positions.mjs'));
    const args = [path.join(folder, 'positions.mjs'), ...checkpointOf(folder, batches, layout)];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    return { stderr, positions: stdout === '' ? undefined : (JSON.parse(stdout) as SparkCheckpoint) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { metadata: _, ...exampleEnds } = example;
const horizon = place('TRIM_HORIZON');
const behind = (sequenceNumber: number): Place => place('AFTER_SEQUENCE_NUMBER', String(sequenceNumber));

describe('the script that reads a checkpoint', () => {
  it.each<Layout>(['checkpoint', 'metadataPath', 'table'])(
    'gives the places at which the last committed batch ended (metadata: %s)',
    (layout) => {
      const batches = {
        8: { starts: { 0: horizon, 1: horizon }, ends: byId({ 0: behind(5), 1: behind(6) }) },
        9: { starts: { 0: behind(5), 1: behind(6) }, ends: exampleEnds },
        10: { starts: { 1: behind(7) }, isCommitted: false },
      };
      const { positions, stderr } = positionsOf(batches, layout);
      expect(stderr).toBe('');
      expect(positions!.metadata).toEqual({ batchId: '7', streamName: 'flights' });
      expect(startOf(positions!)).toEqual(startOf(example));
    },
  );

  it("takes an idle shard up at Spark's own place: LATEST, which is saved for it, is none", () => {
    const started = place('AT_TIMESTAMP', '1764288000000');
    const latest = place('LATEST');
    const { positions } = positionsOf({
      2: { starts: { 0: started, 1: started, 2: started }, ends: byId({ 0: latest, 1: behind(3), 2: latest }) },
      3: { starts: { 0: latest, 1: behind(3), 2: latest }, ends: byId({ 0: latest, 1: latest, 2: behind(9) }) },
    });
    expect(startOf(positions!)).toMatchObject({
      shards: {
        [idOf(0)]: { kind: 'at-timestamp', timestamp: 1_764_288_000_000 },
        [idOf(1)]: { kind: 'after-sequence-number', sequenceNumber: '3' },
        [idOf(2)]: { kind: 'after-sequence-number', sequenceNumber: '9' },
      },
    });
  });

  it('leaves LATEST where no batch that is kept had a place: the pipeline refuses it, with what to write', () => {
    const latest = place('LATEST');
    const { positions } = positionsOf({ 3: { starts: { 0: latest }, ends: byId({ 0: latest }) } });
    expect(() => startOf(positions!)).toThrow(/LATEST names no place: use AT_TIMESTAMP/);
  });

  it('names a parent that Spark left out unread, at the place it had, beside the children', () => {
    const { positions } = positionsOf({
      2: { starts: { 0: horizon }, ends: byId({ 0: behind(40) }) },
      3: { starts: { 1: horizon, 2: horizon }, ends: byId({ 1: behind(70), 2: behind(71) }) },
    });
    expect(startOf(positions!)).toMatchObject({
      shards: {
        [idOf(0)]: { kind: 'after-sequence-number', sequenceNumber: '40' },
        [idOf(1)]: { kind: 'after-sequence-number', sequenceNumber: '70' },
        [idOf(2)]: { kind: 'after-sequence-number', sequenceNumber: '71' },
      },
    });
  });

  it('says so where it finds no metadata, instead of giving the beginning of the batch for its end', () => {
    const { positions, stderr } = positionsOf({ 9: { starts: { 0: horizon } } });
    expect(positions).toBeUndefined();
    expect(stderr).toContain('there is no metadata of batch 7: see step 2');
  });
});

it('an event that arrives one batch after its window closed is late here, as the example says', () => {
  const counted = pipeline('counted')
    .readStream(kinesis({ streamName: 'flights' }))
    .decode(json(z.object({ at: z.string() })))
    .withWatermark((event) => event.at, { delay: '0 seconds' })
    .groupBy({ all: () => true })
    .window(tumbling('1 minute'))
    .aggregate({ events: count() })
    .writeStream(kinesis({ streamName: 'out' }));
  const events = ['12:00:30', '12:01:30', '12:00:40'].map((time) => ({ at: `2026-03-01T${time}Z` }));
  const { results, late } = runPipeline(counted, { events, eventsPerBatch: 2, closeWindows: false });
  expect(results).toMatchObject([{ windowStart: '2026-03-01T12:00:00.000Z', events: 1 }]);
  expect(late).toEqual([events[2]]);
});

test('the example is taken as a start, inside an aggregated record', () => {
  expect(startOf(example)).toEqual({
    kind: 'per-shard',
    others: { kind: 'trim-horizon' },
    shards: {
      'shardId-000000000000': { kind: 'shard-end' },
      'shardId-000000000001': {
        kind: 'after-sequence-number',
        sequenceNumber: '49605240428222307037115827613554798409561082419642105874',
        subSequenceNumber: 3,
      },
    },
  });
});

const shown = tableIn(section(guide, '## What goes wrong there, and the test that shows it does not here'));

test.each(shown.map(([wrong, title, file]) => ({ wrong, title: title!, file: file!.replaceAll('`', '') })))(
  'a test shows: $title',
  ({ title, file }) => {
    expect(readFileSync(file, 'utf8')).toContain(`'${title}'`);
  },
);
