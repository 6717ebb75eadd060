/** The report of a batch, for people and alarms: from what its body and its blocks say. Decides nothing. */
import type { PipelineOutline } from '../pipeline/outline.ts';
import type { ConsumerType } from '../pipeline/pipeline.ts';
import type { BatchSizes, LimitWarning } from '../pipeline/reporter.ts';
import type { Counters } from './counters.ts';
import { lettersIn, noFates, type RowCounts, type RowFates, type Tally } from './dead-letter-tally.ts';
import { type RowsByOutput, rowsPart } from './detached.ts';
import { limitsNear, type NearestLimit, nearestLimit } from './limits-near.ts';
import type { BatchBody, BatchKind, BlockSummary, Origin } from './model.ts';
import { type OutputCounts, partOf } from './output-counts.ts';
import type { RedrivenCount, RedrivePosition } from './redrive.ts';
import { addUses, type ReferenceUses, usesPart } from './references.ts';
import { hasEnded, isWaiting } from './shard-checkpoint.ts';
import { reportShards, type ShardProgress } from './shard-progress.ts';
import type { DataLoss, ShardResult } from './shard-result.ts';
import { type ReducerMemory, type StateSizes, sizesOf } from './sizes.ts';
import type { SlowSendings } from './slow-outputs.ts';
import type { StepTime } from './step-times.ts';

export type { ShardProgress, ShardState } from './shard-progress.ts';

/** `PROGRESS#<N>#<ref>`: the report of a committed batch. Expires. */
export type BatchProgress = {
  readonly pipeline: string;
  readonly batchId: number;
  readonly ref: number;
  readonly generation: number;
  readonly kind: BatchKind;
  /** Of a restored batch: what the pipeline goes on from. */
  readonly origin?: Origin;
  readonly consumerType: ConsumerType;
  readonly committedAt: number;
  readonly counters: Counters;
  /** Dead letters of events by reason: their counts add up to `deadLettered`. Absent if there are none. */
  readonly deadLetters?: Tally;
  /** Of the events that were read, those that came from dead letters. Absent if there are none. */
  readonly redriven?: RedrivenCount;
  /** Of the request that was made last, how far it has come up to this batch. Absent: none has come to anything. */
  readonly redrive?: RedrivePosition;
  /** What became of the rows whose windows closed; absent without aggregation. */
  readonly rows?: RowCounts;
  /** Rows that a callback or the sink's limits refused, by reason: they add up to `rows.refused`. Absent if there are none. */
  readonly refusedRows?: Tally;
  /** Of each output, where there are several: of the rows, or of the events that came to them. */
  readonly outputs?: OutputCounts;
  /** By output that is detached: rows that were not sent, and are kept. They are counted as emitted. Absent: none. */
  readonly kept?: RowsByOutput;
  /** By output: rows of earlier batches that were sent, since it was attached. Absent: none. */
  readonly resent?: RowsByOutput;
  /** What events and rows were given, by name; absent if the pipeline has none. */
  readonly references?: ReferenceUses;
  readonly records: number;
  /** Events left out because their producer sends them again to the shard that owns them; in none of the counters. */
  readonly resentElsewhere: number;
  /** With `deduplicate`: events that came before, which are in none of the counters, and events without an identity. */
  readonly repeated?: number;
  readonly unidentified?: number;
  readonly bytes: number;
  readonly shards: {
    readonly read: number;
    readonly open: number;
    readonly ended: number;
    readonly waiting: number;
    readonly failed: number;
  };
  readonly failedTasks: number;
  /** Outputs that took long, or not all at once: of what is sent after the seal. Absent: none. */
  readonly slow?: SlowSendings;
  readonly millisBehindLatest: number;
  /** Of the stream, as it is known. */
  readonly retentionMs?: number;
  readonly watermark: number | null;
  readonly dataLoss: readonly DataLoss[];
  /**
   * Open shards and those that ended in this batch, in the order of their ids. Of a stream with more than 1,000 open ones: those that its executors
   * told of, and those that failed.
   */
  readonly perShard?: readonly ShardProgress[];
  /** When its steps began, and how long each took. Absent: another driver has read the batch. */
  readonly steps?: readonly StepTime[];
  /** Of what the batch has stored. */
  readonly sizes: BatchSizes;
  /** Of the limits the one of which it has used most. */
  readonly nearestLimit?: NearestLimit;
  /** Limits that it has come near to. Absent: none. */
  readonly warnings?: readonly LimitWarning[];
  /** The executors that stored something. */
  readonly perTask?: readonly TaskProgress[];
};

export type TaskProgress = {
  readonly task: number;
  readonly shards: number;
  readonly records: number;
  readonly bytes: number;
  readonly workMs: number;
};

export type ReportFacts = {
  /** Those of the body's blocks that could be read; others may be among them. */
  readonly blocks: readonly BlockSummary[];
  /** By key groups; without aggregation executors have counted. */
  readonly emitted: number;
  readonly rows?: RowFates | undefined;
  readonly outputs?: OutputCounts | undefined;
  readonly references?: ReferenceUses | undefined;
  readonly kept?: RowsByOutput | undefined;
  readonly resent?: RowsByOutput | undefined;
  /** Of the states that key groups have put. */
  readonly states?: StateSizes | undefined;
  readonly memory?: ReducerMemory | undefined;
  readonly slow?: SlowSendings | undefined;
  /** Characters of what the state machine has given the commit. */
  readonly payloadChars: number;
  readonly steps?: readonly StepTime[] | undefined;
  readonly retentionMs?: number | undefined;
  readonly now: number;
};

export function reportProgress(
  pipeline: Pick<PipelineOutline, 'name' | 'aggregation'>,
  body: BatchBody,
  facts: ReportFacts,
): BatchProgress {
  const blocks = facts.blocks.filter(({ task, nonce }) =>
    body.blocks.some((sealed) => sealed.task === task && sealed.nonce === nonce),
  );
  const known = new Map(body.shards.map((shard) => [shard.shardId, shard]));
  const ended = body.shards.filter(hasEnded).length;
  const sizes = sizesOf(body, facts.states, facts.memory);
  const near = { parallelism: body.parallelism, payloadChars: facts.payloadChars };
  const warnings = limitsNear(sizes, near);
  const waiting = body.shards.filter((shard) => !hasEnded(shard) && isWaiting(shard, known)).length;
  return {
    pipeline: pipeline.name,
    ...{ batchId: body.batchId, ref: body.ref, generation: body.generation, consumerType: body.consumerType },
    ...{ kind: body.kind, committedAt: facts.now },
    ...(body.origin === undefined ? {} : { origin: body.origin }),
    counters: pipeline.aggregation === undefined ? body.counters : countersOf(body, facts),
    ...lettersOf(body),
    ...(pipeline.aggregation === undefined ? givenUpIn(facts) : reportRows(facts)),
    ...partOf((pipeline.aggregation === undefined ? body.outputs : facts.outputs) ?? {}),
    ...rowsPart('kept', facts.kept ?? {}),
    ...rowsPart('resent', facts.resent ?? {}),
    ...usesPart(addUses(body.references ?? {}, facts.references ?? {})),
    records: body.records,
    resentElsewhere: body.resentElsewhere,
    ...(body.repeats ?? {}),
    bytes: body.bytes,
    shards: {
      ...{ read: body.shardsRead, open: body.shards.length - ended, ended, waiting },
      failed: body.failedShards.length,
    },
    failedTasks: body.failedTasks,
    ...(facts.slow === undefined ? {} : { slow: facts.slow }),
    millisBehindLatest: body.millisBehindLatest,
    ...(facts.retentionMs === undefined ? {} : { retentionMs: facts.retentionMs }),
    watermark: body.watermarkOut,
    dataLoss: body.dataLoss,
    ...(facts.steps === undefined ? {} : { steps: facts.steps }),
    sizes,
    nearestLimit: nearestLimit(sizes, near),
    ...(warnings.length === 0 ? {} : { warnings }),
    perShard: reportShards(body, blocks, known),
    perTask: reportTasks(blocks),
  };
}

const lettersOf = ({
  letters,
  redriven,
  redrive,
}: BatchBody): Pick<BatchProgress, 'deadLetters' | 'redriven' | 'redrive'> => ({
  ...(letters === undefined ? {} : { deadLetters: letters }),
  ...(redriven === undefined ? {} : { redriven }),
  ...(redrive === undefined ? {} : { redrive }),
});

/** Of windows that merge the reduce has found out which events are late: executors have counted them. */
function countersOf({ counters }: BatchBody, { emitted, rows = noFates }: ReportFacts): Counters {
  const { late = 0 } = rows;
  return { ...counters, counted: counters.counted - late, late: counters.late + late, emitted };
}

function reportRows({ emitted, rows = noFates }: ReportFacts): Pick<BatchProgress, 'rows' | 'refusedRows'> {
  const { results, filtered, refused, retracted, made } = rows;
  const taken = { ...(retracted === undefined ? {} : { retracted }), ...(made === undefined ? {} : { made }) };
  const counts = { results, emitted, filtered, refused: lettersIn(refused), ...taken };
  return { rows: counts, ...(refused.length === 0 ? {} : { refusedRows: refused }) };
}

/** Without aggregation a reducer refuses what a user's function ends it with, and nothing else: executors have counted it as emitted. */
const givenUpIn = ({ rows = noFates }: ReportFacts): Pick<BatchProgress, 'refusedRows'> =>
  rows.refused.length === 0 ? {} : { refusedRows: rows.refused };

function reportTasks(blocks: readonly BlockSummary[]): NonNullable<BatchProgress['perTask']> {
  const sum = (shards: readonly ShardResult[], of: (result: ShardResult) => number) =>
    shards.reduce((total, result) => total + of(result), 0);
  return blocks.map(({ task, shards, workMs = 0 }) => ({
    task,
    shards: shards.length,
    records: sum(shards, ({ records }) => records),
    bytes: sum(shards, ({ bytes }) => bytes),
    workMs,
  }));
}
