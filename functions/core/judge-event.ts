/**
 * All that user code is asked about one event: from its bytes to plain data that the engine goes on with.
 *
 * JUDGE-1 What comes out is cloneable, and says everything: the event may as well have been judged in another thread.
 * JUDGE-2 Whatever user code does, an event has exactly one verdict, and nothing of the engine has changed before it is
 *    known.
 */
import type { EventRank } from '../aggregates/event-rank.ts';
import type { EventMeta } from '../pipeline/callback.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { DeadLetterReason } from './dead-letter.ts';
import { createEmitter, type JudgedEvent, placeOf } from './emit-event.ts';
import { createEvaluator } from './evaluate-event.ts';
import { type Decompress, payloadExpander } from './expand-payload.ts';
import type { GroupedEvent } from './grouped-event.ts';
import { elementsFor, type JudgedElements } from './judge-elements.ts';
import type { LateMark } from './late-mark.ts';
import type { PlannedTask } from './model.ts';
import { type Encoded, type Missed, nothingMissed } from './output.ts';
import { withOver } from './over-before.ts';
import type { References } from './references.ts';
import type { Evaluation } from './run-operation.ts';
import { WindowTable } from './window-table.ts';

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
  /** Of 'counted' and 'late', of a pipeline with `flatMap`: what has come of it, in the place of `grouped`. Else absent. */
  elements: JudgedElements | undefined;
  /** Of a pipeline with an output for late events: of what is late, or may be, in which windows. */
  late: readonly LateMark[];
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
export type JudgedFor = Pick<PlannedTask, 'batchId' | 'ref' | 'watermark' | 'generation' | 'overUpTo' | 'letters'>;

/** `references`: what callbacks find in their meta; absent: nothing. */
export function createJudge(
  pipeline: Pipeline,
  task: JudgedFor,
  decompress: Decompress,
  references?: References,
): JudgeEvent {
  const { source } = pipeline;
  const maxBytes = source.maxDecompressedBytes;
  const inflate = Object.assign((data: Uint8Array) => decompress('zlib', data, maxBytes), { maxBytes });
  const evaluate = createEvaluator(pipeline, payloadExpander(source, decompress), inflate);
  const { aggregation } = pipeline;
  const table = aggregation === undefined ? undefined : new WindowTable(withOver(aggregation, task));
  const emit = table === undefined ? createEmitter(pipeline, task) : undefined;
  const tellsLate = pipeline.outputs.some(({ from }) => from === 'late');
  const flattens = pipeline.operations.some(({ kind }) => kind === 'flatMap');
  const judgement: Judgement = {
    verdict: 'counted',
    eventTime: undefined,
    reason: 'callback-failed',
    message: '',
    grouped: flattens ? undefined : table?.grouped,
    elements: undefined,
    late: noMarks,
    records: [],
    missed: nothingMissed,
    expandedBytes: 0,
  };
  const judgePassed = (
    evaluation: Evaluation,
    { data, meta, place, base }: JudgedEvent,
    rank: EventRank | undefined,
  ) => {
    if (table !== undefined) {
      judgement.verdict = table.judge(evaluation, meta, task, rank);
      if (tellsLate) judgement.late = marksOf(table, evaluation);
      return;
    }
    const { records, missed } = emit!.one(evaluation, { data, meta, place, base });
    judgement.records = records;
    judgement.missed = missed;
    judgement.verdict = 'counted';
  };
  const judge = (data: Uint8Array, facts: EventMeta, base: string): Judgement => {
    const meta = references === undefined ? facts : { ...facts, references };
    const place = emit === undefined ? undefined : placeOf(meta);
    const rank = table?.rankOf(meta);
    const event = { data, meta, place, base };
    const elements = flattens ? elementsFor({ table, emit, task, rank, tellsLate }, event) : undefined;
    const evaluation = evaluate(data, meta, elements?.take);
    if (judgement.records.length > 0 || judgement.missed.length > 0) {
      judgement.records = [];
      judgement.missed = nothingMissed;
    }
    judgement.elements = undefined;
    judgement.late = noMarks;
    if (evaluation.verdict !== 'passed') judgement.verdict = evaluation.verdict;
    else if (elements !== undefined) Object.assign(judgement, elements.judged());
    else judgePassed(evaluation, event, rank);
    judgement.eventTime = evaluation.eventTime;
    judgement.reason = evaluation.reason;
    judgement.message = evaluation.message;
    judgement.expandedBytes = evaluation.expandedBytes;
    return judgement;
  };
  return Object.assign(judge, { promises: evaluate.promises });
}

const noMarks: readonly LateMark[] = Object.freeze([]);

function marksOf(table: WindowTable, { verdict, eventTime }: Evaluation): readonly LateMark[] {
  const mark = verdict === 'dead' ? undefined : table.lateMark(eventTime!);
  return mark === undefined ? noMarks : [mark];
}
