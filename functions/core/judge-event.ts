/**
 * All that user code is asked about one event: from its bytes to plain data that the engine goes on with.
 *
 * JUDGE-1 What comes out is cloneable, and says everything: the event may as well have been judged in another thread.
 * JUDGE-2 Whatever user code does, an event has exactly one verdict, and nothing of the engine has changed before it is
 *    known.
 */
import type { Decode } from '../decoders/decoder-kind.ts';
import type { EventMeta } from '../pipeline/callback.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { DeadLetterReason } from './dead-letter.ts';
import { createEmitter, type Emitter, type Place, placeOf } from './emit-event.ts';
import { createEvaluator, type EvaluateEvent } from './evaluate-event.ts';
import { type Decompress, payloadExpander } from './expand-payload.ts';
import type { GroupedEvent } from './grouped-event.ts';
import { elementsFor, type JudgedElements } from './judge-elements.ts';
import type { LateMark } from './late-mark.ts';
import { needsMeta } from './meta-of-events.ts';
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

/**
 * `meta`: undefined only where it is not needed. `arrival`: of its record, in epoch milliseconds; absent: as `meta` says. `place`: of one that
 * may be sent; absent: likewise. `data`: undefined where the event is `decoded`, which may be anything.
 */
type Judge = (
  data: Uint8Array | undefined,
  meta: EventMeta | undefined,
  base: string,
  arrival?: number,
  place?: Place,
  decoded?: unknown,
) => Judgement;

export type JudgeEvent = Judge & {
  /** Something could see the meta. */
  readonly needsMeta: boolean;
  /** As that of `EvaluateEvent`: what it says of an event is `decoded`, and nothing looks at its bytes. */
  readonly ahead?: Decode['ahead'];
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
    records: noRecords,
    missed: nothingMissed,
    expandedBytes: 0,
  };
  const asking = { evaluate, judgement, task, flattens, tellsLate };
  const ask = table === undefined || flattens ? askAtLength(asking, table, emit) : askAlone(asking, table);
  const judge: Judge = (data, facts, base, arrival = facts!.arrivalTime.getTime(), place, decoded) => {
    // Undefined only where nothing looks at it.
    const meta = (references === undefined ? facts : facts && { ...facts, references }) as EventMeta;
    judgement.records = noRecords;
    judgement.missed = nothingMissed;
    judgement.elements = undefined;
    judgement.late = noMarks;
    const evaluation = ask(data, meta, base, arrival, place, decoded);
    judgement.eventTime = evaluation.eventTime;
    judgement.reason = evaluation.reason;
    judgement.message = evaluation.message;
    judgement.expandedBytes = evaluation.expandedBytes;
    return judgement;
  };
  // What is emitted may be made of the bytes.
  const ahead = table === undefined || flattens ? undefined : evaluate.ahead;
  return Object.assign(judge, {
    promises: evaluate.promises,
    needsMeta: needsMeta(pipeline),
    ...(ahead && { ahead }),
  });
}

type Asking = {
  readonly evaluate: EvaluateEvent;
  readonly judgement: Judgement;
  readonly task: JudgedFor;
  readonly flattens: boolean;
  readonly tellsLate: boolean;
};
/** Verdict, marks and records are the judgement's then. */
type Ask = (
  data: Uint8Array | undefined,
  meta: EventMeta,
  base: string,
  arrival: number,
  place?: Place,
  decoded?: unknown,
) => Evaluation;

/** Of a pipeline that groups events as they are: hot. */
function askAlone({ evaluate, judgement, task, tellsLate }: Asking, table: WindowTable): Ask {
  return (data, meta, _base, arrival, _place, decoded) => {
    const rank = table.rankOf(meta);
    const evaluation = evaluate(data, meta, undefined, arrival, decoded);
    if (evaluation.verdict !== 'passed') {
      judgement.verdict = evaluation.verdict;
      return evaluation;
    }
    judgement.verdict = table.judge(evaluation, meta, task, rank);
    if (tellsLate) judgement.late = marksOf(table, evaluation);
    return evaluation;
  };
}

/** Of one that does not group, or makes elements. */
function askAtLength(
  { evaluate, judgement, task, flattens, tellsLate }: Asking,
  table: WindowTable | undefined,
  emit: Emitter | undefined,
): Ask {
  return (data, meta, base, arrival, place) => {
    const event = { data: data!, meta, place: emit && (place ?? placeOf(meta)), base };
    const rank = table?.rankOf(meta);
    const elements = flattens ? elementsFor({ table, emit, task, rank, tellsLate }, event) : undefined;
    const evaluation = evaluate(event.data, meta, elements?.take, arrival);
    if (evaluation.verdict !== 'passed') judgement.verdict = evaluation.verdict;
    else if (elements !== undefined) Object.assign(judgement, elements.judged());
    else {
      const { records, missed } = emit!.one(evaluation, event);
      judgement.verdict = 'counted';
      judgement.records = records;
      judgement.missed = missed;
    }
    return evaluation;
  };
}

const noRecords: readonly Encoded[] = Object.freeze([]);
const noMarks: readonly LateMark[] = Object.freeze([]);

function marksOf(table: WindowTable, { verdict, eventTime }: Evaluation): readonly LateMark[] {
  const mark = verdict === 'dead' ? undefined : table.lateMark(eventTime!);
  return mark === undefined ? noMarks : [mark];
}
