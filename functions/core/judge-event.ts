/**
 * All that user code is asked about one event: from its bytes to plain data that the engine goes on with.
 *
 * JUDGE-1 What comes out is cloneable, and says everything: the event may as well have been judged in another thread.
 * JUDGE-2 Whatever user code does, an event has exactly one verdict, and nothing of the engine has changed before it is
 *    known.
 */
import type { EventMeta } from '../pipeline/callback.ts';
import { outputsFrom } from '../pipeline/outputs.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { mainSource } from '../pipeline/sources.ts';
import type { DeadLetterReason } from './dead-letter.ts';
import { createEvaluator, type Evaluation } from './evaluate-event.ts';
import { type Decompress, payloadExpander } from './expand-payload.ts';
import type { PlannedTask } from './model.ts';
import { type Encoded, encodeFor, type ForOutputs, type Missed, nothingMissed } from './output.ts';
import { type GroupedEvent, WindowTable } from './window-table.ts';

export type EventInput = {
  readonly data: Uint8Array;
  readonly meta: EventMeta;
  /** From where the read started that met the event. */
  readonly base: string;
};

/** Reused from event to event: read it before the next call. */
export type Judgement = {
  verdict: 'counted' | 'filtered' | 'late' | 'dead';
  /** Undefined before the pipeline declares an event time. */
  eventTime: number | undefined;
  /** Of 'dead'. */
  reason: DeadLetterReason;
  message: string;
  /** Of 'counted', with aggregation: where it counts, and with what. */
  grouped: GroupedEvent | undefined;
  /** Without: of what came through to the outputs, a record for each that takes it, and which ones do not. */
  records: readonly Encoded[];
  missed: readonly Missed[];
  /** What the event's payload became; 0 if it was not compressed. */
  expandedBytes: number;
};

export type JudgeEvent = {
  (data: Uint8Array, meta: EventMeta, base: string): Judgement;
  /** What schemas promised instead of answering; see `isAsynchronous`. */
  readonly promises: readonly Promise<unknown>[];
};

/** What an event is judged by, beside the pipeline. */
export type JudgedFor = Pick<PlannedTask, 'batchId' | 'watermark' | 'generation'>;

export function createJudge(pipeline: Pipeline, task: JudgedFor, decompress: Decompress): JudgeEvent {
  const evaluate = createEvaluator(pipeline, payloadExpander(pipeline.source, decompress));
  const table = pipeline.aggregation === undefined ? undefined : new WindowTable(pipeline.aggregation);
  const emit = table === undefined ? createEmitter(pipeline, task) : undefined;
  const judgement: Judgement = {
    verdict: 'counted',
    eventTime: undefined,
    reason: 'callback-failed',
    message: '',
    grouped: table?.grouped,
    records: [],
    missed: nothingMissed,
    expandedBytes: 0,
  };
  const judge = (data: Uint8Array, meta: EventMeta, base: string): Judgement => {
    const place = emit === undefined ? undefined : placeOf(meta);
    const rank = table?.rankOf(meta);
    const evaluation = evaluate(data, meta);
    if (judgement.records.length > 0 || judgement.missed.length > 0) {
      judgement.records = [];
      judgement.missed = nothingMissed;
    }
    if (evaluation.verdict !== 'passed') judgement.verdict = evaluation.verdict;
    else if (table !== undefined) judgement.verdict = table.judge(evaluation, meta, task, rank);
    else {
      const { records, missed } = emit!(evaluation, data, place!, meta, base);
      judgement.records = records;
      judgement.missed = missed;
      judgement.verdict = 'counted';
    }
    judgement.eventTime = evaluation.eventTime;
    judgement.reason = evaluation.reason;
    judgement.message = evaluation.message;
    judgement.expandedBytes = evaluation.expandedBytes;
    return judgement;
  };
  return Object.assign(judge, { promises: evaluate.promises });
}

/** What the engine itself needs of the meta, which user code holds and may change. */
type Place = Omit<EventMeta, 'streamName' | 'arrivalTime'>;

const placeOf = ({ shardId, partitionKey, explicitHashKey, sequenceNumber, subSequenceNumber }: EventMeta): Place => ({
  shardId,
  partitionKey,
  explicitHashKey,
  sequenceNumber,
  subSequenceNumber,
});

type Emit = (
  evaluation: Evaluation,
  data: Uint8Array,
  place: Place,
  meta: EventMeta,
  base: string,
) => ForOutputs<Encoded>;

/** Without aggregation each event is a record of each output that takes it. */
function createEmitter(pipeline: Pipeline, task: JudgedFor): Emit {
  const outputs = outputsFrom(pipeline, 'events');
  const passesThrough = !pipeline.operations.some((operation) => operation.kind === 'map');
  return ({ value }, data, place, meta, base) =>
    encodeFor(
      outputs,
      { value, meta, bytes: passesThrough ? data : undefined },
      {
        identityFor: (output) => ({
          v: 1,
          pipeline: pipeline.name,
          output,
          generation: task.generation,
          source: mainSource,
          shard: place.shardId,
          sequence: place.sequenceNumber,
          sub: place.subSequenceNumber,
          index: 0,
          base,
        }),
        // Streams with automatic distribution deliver no keys: spread, instead of all to one shard.
        defaultKey: place.partitionKey || place.sequenceNumber,
        explicitHashKey: place.explicitHashKey,
      },
    );
}
