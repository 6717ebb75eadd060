/** The guide from Spark: its script and its example work, and the tests that it names exist. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { bytes, kinesis, pipeline, type SparkCheckpoint } from '../../functions/pipeline/index.ts';
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

describe('the script that reads a checkpoint', () => {
  /** Two committed batches and one that was only begun, as Spark and the connector leave them. */
  function checkpointIn(folder: string): void {
    const offset = (batchId: number, position: string) =>
      JSON.stringify({
        metadata: { batchId: String(batchId), streamName: 'flights' },
        'shardId-000000000000': {
          iteratorType: 'TRIM_HORIZON',
          iteratorPosition: '',
          subSequenceNumber: '-1',
          isLast: 'true',
        },
        'shardId-000000000001': {
          iteratorType: 'AFTER_SEQUENCE_NUMBER',
          iteratorPosition: position,
          subSequenceNumber: '-1',
          isLast: 'true',
        },
      });
    for (const name of ['commits', 'offsets', 'shard-source/7'])
      mkdirSync(path.join(folder, name), { recursive: true });
    for (const batch of [8, 9]) writeFileSync(path.join(folder, `commits/${batch}`), 'v1\n{"nextBatchWatermarkMs":0}');
    writeFileSync(path.join(folder, 'commits/.9.crc'), '');
    for (const [batch, id] of [
      [8, 6],
      [9, 7],
      [10, 8],
    ] as const)
      writeFileSync(path.join(folder, `offsets/${batch}`), `v1\n{"batchWatermarkMs":0}\n${offset(id, String(id))}`);
    for (const [shardId, end] of Object.entries(example).filter(([name]) => name !== 'metadata'))
      writeFileSync(path.join(folder, `shard-source/7/${shardId}`), JSON.stringify({ shardId, ...end }));
  }

  test.each(['HDFS', 'DynamoDB'])('gives the places at which the last committed batch ended (%s)', (committer) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sluice-spark-'));
    try {
      checkpointIn(folder);
      writeFileSync(path.join(folder, 'positions.mjs'), fenceNoted(guide, 'positions.mjs'));
      const args = [path.join(folder, 'positions.mjs'), folder];
      if (committer === 'DynamoDB') {
        const read = (number: number) =>
          readFileSync(path.join(folder, `shard-source/7/shardId-00000000000${number}`), 'utf8');
        const Items = [0, 1].map((number) => ({ metadataValue: { S: read(number) } }));
        writeFileSync(path.join(folder, 'ends.json'), JSON.stringify({ Items }));
        rmSync(path.join(folder, 'shard-source'), { recursive: true });
        args.push(path.join(folder, 'ends.json'));
      }
      const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(startOf(JSON.parse(stdout))).toEqual(startOf(example));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
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
