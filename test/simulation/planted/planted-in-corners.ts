/** What only corners show: ends that are asked for, stops, far times, many shards; and what documents promise of single steps. */
import type { PlantedFault } from './planted-faults.ts';

const turn = 'functions/core/turn.ts';
const commit = 'functions/steps/commit-batch/commit-batch.ts';
const planBatch = 'functions/steps/plan-batch/plan-batch.ts';

export const cornerFaults: readonly PlantedFault[] = [
  {
    name: 'who-runs-does-not-hear-of-a-stop',
    edits: [
      { file: turn, from: "  if (facts.control === 'stop') return { kind: 'done', reason: 'stopped' };\n", to: '' },
    ],
    dimension: 'stops and starts',
  },
  {
    name: 'starts-a-stopped-pipeline',
    edits: [
      {
        file: turn,
        from: "  if (head.control === 'stop' && unfinished(head) === undefined) return { kind: 'done', reason: 'stopped' };\n",
        to: '',
      },
    ],
    dimension: 'stops and starts',
  },
  {
    name: 'closes-windows-by-what-another-read',
    edits: [{ file: commit, from: 'const isOwn = ref === epoch;', to: 'const isOwn = ref <= epoch;' }],
    dimension: 'windows closed on request',
  },
  {
    name: 'closes-windows-without-looking',
    edits: [
      {
        file: 'functions/steps/plan-batch/plan-turn.ts',
        from: 'return planNext(input, runtime, start, {',
        to: `const closes = facts.mustCloseWindows && committed?.caughtUp === true;
      return planNext(input, runtime, closes ? { ...start, lists: true, closesWindows: true } : start, {`,
      },
    ],
    dimension: 'windows closed on request',
  },
  {
    name: 'ends-one-batch-late',
    edits: [
      {
        file: turn,
        from: 'committedBatch >= untilBatch',
        to: 'committedBatch > untilBatch',
      },
    ],
    dimension: 'until a batch',
  },
  {
    name: 'reads-past-the-budget',
    edits: [
      {
        file: 'functions/core/read/page-end.ts',
        from: "const stop = remaining(task.pipeline, proven) === 0 ? 'budget-spent' : undefined;",
        to: 'const stop = undefined;',
      },
      { file: 'functions/core/read/page-end.ts', from: 'Math.max(0, source', to: 'Math.max(1, source' },
    ],
  },
  {
    name: 'keeps-one-batch-less',
    edits: [
      {
        file: commit,
        from: 'batchId - pipeline.minBatchesToRetain + 1',
        to: 'batchId - Math.max(2, pipeline.minBatchesToRetain - 1) + 1',
      },
    ],
  },
  {
    name: 'dead-letters-for-three-days',
    edits: [
      {
        file: 'functions/adapters/dynamodb/dead-letter-store.ts',
        from: 'keeping.retentionMs) / 1000',
        to: 'keeping.retentionMs / 10) / 1000',
      },
    ],
  },
  {
    name: 'reports-for-ever',
    edits: [
      {
        file: 'functions/adapters/dynamodb/report-store.ts',
        from: 'const progressDays = 30;',
        to: 'const progressDays = 300;',
      },
    ],
  },
  {
    name: 'report-forgets-shards-that-ended',
    edits: [
      {
        file: 'functions/core/shard-progress.ts',
        from: 'results.has(shard.shardId) || (tellsOfIdle ? isOpen(shard) :',
        to: '(tellsOfIdle ? isOpen(shard) :',
      },
    ],
  },
  {
    name: 'report-counts-records-for-events',
    edits: [
      {
        file: 'functions/core/shard-progress.ts',
        from: 'events: result?.events ?? 0,',
        to: 'events: result?.records ?? 0,',
      },
    ],
  },
  {
    name: 'no-batch-waits-for-its-trigger',
    edits: [
      {
        file: turn,
        from: 'return facts.turnStartedAt + triggerWaitMs(facts);',
        to: 'return facts.turnStartedAt;',
      },
    ],
  },
  {
    name: 'a-backlog-waits-for-the-trigger',
    edits: [{ file: commit, from: '  if (body.backlog) return', to: '  if (false) return' }],
  },
  {
    name: 'lists-shards-in-every-turn',
    edits: [
      { file: planBatch, from: 'const mustList = isListingDue &&', to: 'const mustList = (isListingDue || true) &&' },
    ],
  },
  {
    name: 'lease-for-an-hour',
    edits: [
      {
        file: turn,
        from: 'now + timing.sealToCommitSeconds * 1000;',
        to: 'now + 3600 * 1000;',
      },
    ],
  },
  {
    name: 'times-before-1970-are-cut-towards-it',
    edits: [
      {
        file: 'functions/pipeline/event-time.ts',
        from: 'return Math.floor(ms) + 0;',
        to: 'return Math.trunc(ms) + 0;',
      },
    ],
    dimension: 'far event times',
  },
  {
    name: 'as-many-tasks-as-shards-ask-for',
    edits: [
      {
        file: 'functions/core/pack-shards.ts',
        from: 'Math.min(maxTasks, Math.ceil(shards.length / shardsPerTask))',
        to: 'Math.ceil(shards.length / shardsPerTask)',
      },
    ],
    dimension: 'many shards and keys',
  },
];
