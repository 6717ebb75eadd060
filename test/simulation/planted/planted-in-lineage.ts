/** Deep lineages, long silences, and what retention, a purge or a stream made anew takes away. */
import type { PlantedFault } from './planted-faults.ts';

const watermark = 'functions/core/watermark.ts';
const lineage = 'functions/core/shard-lineage.ts';
const planCore = 'functions/core/decide-plan.ts';
const planStep = 'functions/steps/plan-batch/plan-batch.ts';
const superseded = 'functions/steps/superseded.ts';
const purge = 'functions/adapters/dynamodb/purge.ts';

export const lineageFaults: readonly PlantedFault[] = [
  {
    name: 'ancestors-of-a-few-generations',
    edits: [
      {
        file: lineage,
        from: 'if (ancestors.has(shardId)) continue;',
        to: 'if (ancestors.has(shardId) || ancestors.size >= 5) continue;',
      },
    ],
    dimension: 'a deep lineage',
  },
  {
    name: 'numbers-compared-as-text',
    edits: [
      {
        file: 'functions/core/position.ts',
        from: '  if (sequenceNumber.length !== other.length) return BigInt(sequenceNumber) > BigInt(other);\n',
        to: '',
      },
    ],
    dimension: 'odd sequence numbers',
  },
  {
    name: 'retention-read-once',
    edits: [
      {
        file: planStep,
        from: 'const { retentionMs } = described?.stream ?? stream;',
        to: 'const { retentionMs } = stream;',
      },
    ],
    dimension: 'retention changed',
  },
  {
    name: 'longer-retention-brings-records-back',
    edits: [
      {
        file: planStep,
        from: 'retentionStart: retentionStartAfter(stream, retentionMs, now),',
        to: 'retentionStart: undefined,',
      },
    ],
    dimension: 'retention changed',
  },
  {
    name: 'refused-loss-is-gone-over',
    edits: [
      {
        file: planCore,
        from: 'if (pipeline.source.failOnDataLoss && lost.length > 0) {',
        to: 'if (pipeline.source.failOnDataLoss && lost.length > 99) {',
      },
    ],
    dimension: 'fails on data loss',
  },
  {
    name: 'skipped-records-prove-the-tip',
    edits: [{ file: 'functions/core/read/page-end.ts', from: 'if (isTip && hasRead) return', to: 'if (isTip) return' }],
    dimension: 'keys silent for good',
  },
  {
    name: 'exact-position-is-not-written-down',
    edits: [
      {
        file: 'functions/core/read/worth-storing.ts',
        from: "outcome.kind === 'end-of-shard' || !isSamePosition(position, outcome.to);",
        to: "outcome.kind === 'end-of-shard' || (outcome.to.kind === 'at-timestamp' && !isSamePosition(position, outcome.to));",
      },
    ],
    dimension: 'keys silent for good',
  },
  {
    name: 'idle-after-half-its-time',
    edits: [
      {
        file: watermark,
        from: 'read.tipTime - idleSince >= rules.idleTimeoutMs;',
        to: 'read.tipTime - idleSince >= rules.idleTimeoutMs / 2;',
      },
    ],
  },
  {
    name: 'who-comes-after-the-purge-misses-something',
    edits: [{ file: superseded, from: 'if (!otherwise.isOver(await', to: 'if (otherwise.isOver(await' }],
  },
  {
    name: 'purge-forgets-chunks',
    edits: [
      {
        file: purge,
        from: "if (isToGo(textIn(item, 'sk'))) found.push(",
        to: "if (!/#\\d{4}$/.test(textIn(item, 'sk')) && isToGo(textIn(item, 'sk'))) found.push(",
      },
    ],
  },
  {
    name: 'purge-takes-a-few-of-each-kind',
    edits: [
      {
        file: purge,
        from: 'this.#storage.table.query(pk, where, seenOf(this.#storage, names))',
        to: 'this.#storage.table.query(pk, where, { ...seenOf(this.#storage, names), limit: 3 })',
      },
    ],
  },
];
