/**
 * The plan of 1,000 shards of which one in a hundred is hot: how long it takes, how many tasks it makes, and how much
 * their expected loads differ. Also 1,000 shards after every one of them was split. `npm run bench:packing`
 */
import Table from 'cli-table3';
import { decidePlan } from '../functions/core/decide-plan.ts';
import type { BatchBody, Head } from '../functions/core/model.ts';
import {
  type ListedShard,
  newCheckpoint,
  type ShardCheckpoint,
  takenAsRead,
} from '../functions/core/shard-checkpoint.ts';
import { noListingChange } from '../functions/core/shard-lineage.ts';
import { expectedWork } from '../functions/core/shard-load.ts';
import { bytes, kinesis, pipeline } from '../functions/index.ts';
import { requirePipeline } from '../functions/pipeline/check-pipeline.ts';
import { mainSource } from '../functions/pipeline/sources.ts';

const now = Date.UTC(2026, 0, 1);
const rounds = 200;
const largestHash = 2n ** 128n - 1n;

const checked = requirePipeline(
  pipeline('bench')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(bytes())
    .writeStream(kinesis({ streamName: 'out' })),
);

function shard(at: number, of: number, parents: readonly string[] = []): ListedShard {
  const bound = (part: number): bigint => (largestHash * BigInt(part)) / BigInt(of);
  const hashRange = { start: String(bound(at)), end: String(bound(at + 1) - 1n) };
  return { shardId: `shardId-${of}-${String(at).padStart(6, '0')}`, parents, hashRange };
}

/** 1 MB a second, or a few hundred bytes. */
function measured(listed: ListedShard, at: number): ShardCheckpoint {
  const load = at % 100 === 42 ? { records: 1_000, bytes: 1_000_000 } : { records: at % 5, bytes: 200 * (at % 5) };
  const position = { kind: 'after-sequence-number', sequenceNumber: String(at) } as const;
  const { waitsFor: _, ...begun } = newCheckpoint(listed, position);
  const read = { readThrough: now, lastArrival: now, idleSince: null };
  return { ...begun, life: 'reading', ...read, load: { ...load, at: now } };
}

const thousand = Array.from({ length: 1_000 }, (_, at) => measured(shard(at, 1_000), at));
const ended = thousand.map(
  (parent): ShardCheckpoint => ({ ...takenAsRead(parent), readThrough: now, load: parent.load }),
);
const children = Array.from({ length: 2_000 }, (_, at) =>
  newCheckpoint(shard(at, 2_000, [thousand[at >> 1]!.shardId]), { kind: 'trim-horizon' }),
);

const batch = { batchId: 0, ref: 6 };
const stream = { arn: '', name: 'in', createdAt: 1, retentionMs: 86_400_000 };
const head: Head = {
  ...{
    pipeline: 'bench',
    createdAt: now - 1,
    generation: now - 1,
    epoch: 7,
    holder: undefined,
    committed: batch,
    sealed: batch,
  },
  ...({ oldestRetainedBatch: 0, purgedBelow: 0, control: 'run', fingerprint: '', parallelism: 1 } as const),
  sources: { [mainSource]: { stream, start: { kind: 'trim-horizon' }, listedAt: now } },
};

function measure(shards: readonly ShardCheckpoint[]) {
  const committed = { shards, watermarkOut: null, states: [] } as unknown as BatchBody;
  const plan = () =>
    decidePlan(checked, head, committed, { listing: noListingChange, kind: 'read', now, maxTasks: 40 });
  const times = Array.from({ length: rounds }, () => {
    const before = performance.now();
    plan();
    return performance.now() - before;
  });
  const known = new Map(shards.map((one) => [one.shardId, one]));
  const { tasks } = plan();
  const batch = { everyMs: checked.trigger.everyMs, maxRecords: checked.source.maxFetchRecordsPerShard };
  const work = expectedWork(
    tasks.flatMap((task) => task.shards),
    known,
    batch,
  );
  const several = tasks.filter((task) => task.shards.length > 1);
  const works = several.map((task) => task.shards.reduce((sum, { shardId }) => sum + work.get(shardId)!, 0));
  return { times, tasks, several, ratio: Math.max(...works) / Math.min(...works) };
}

const table = new Table({
  head: [
    'shards',
    'tasks',
    'with one shard',
    'with several',
    'most / least work',
    'first plan',
    'median',
    'slowest after',
  ],
});
for (const [name, shards] of [
  ['1,000, 1 % hot', thousand],
  ['2,000 children of them', [...ended, ...children]],
] as const) {
  const { times, tasks, several, ratio } = measure(shards);
  const [first = 0, ...others] = times;
  const sorted = others.toSorted((one, other) => one - other);
  const ms = (value: number | undefined): string => `${(value ?? 0).toFixed(1)} ms`;
  const counts = [tasks.length, tasks.length - several.length, several.length];
  table.push([name, ...counts, ratio.toFixed(2), ms(first), ms(sorted[sorted.length >> 1]), ms(sorted.at(-1))]);
}
process.stdout.write(`${table.toString()}\n`);
