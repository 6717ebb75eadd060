/** What becomes of an event that `flatMap` has made elements of: each is judged as an event, and all have one fate (ELEMENT-1). */
import type { EventRank } from '../aggregates/event-rank.ts';
import type { Emitter, JudgedEvent } from './emit-event.ts';
import type { TakeElement } from './evaluate-elements.ts';
import { cloneGrouped, type GroupedEvent } from './grouped-event.ts';
import type { LateMark } from './late-mark.ts';
import { type Encoded, type Missed, nothingMissed } from './output.ts';
import type { SeveralRecords } from './several-records.ts';
import type { BatchBegin, WindowTable } from './window-table.ts';

/** What has come of an event through the steps of the pipeline, where that may be several. */
export type JudgedElements = {
  /** Of them in time; without aggregation all. */
  readonly counted: number;
  readonly late: number;
  /** With aggregation: each of those that count. */
  readonly grouped: readonly GroupedEvent[];
  /** Without: how many some output takes. */
  readonly emitted: number;
};

export type ElementsOfEvent = {
  readonly take: TakeElement;
  /** When all have come. */
  judged(): {
    readonly verdict: 'counted' | 'late';
    readonly elements: JudgedElements;
    readonly records: readonly Encoded[];
    readonly missed: readonly Missed[];
    readonly late: readonly LateMark[];
  };
};

type ElementsFor = {
  readonly table: WindowTable | undefined;
  readonly emit: Emitter | undefined;
  readonly task: BatchBegin;
  readonly rank: EventRank | undefined;
  readonly tellsLate: boolean;
};

/** Of one event. Where it dies nobody asks what was judged. */
export function elementsFor(given: ElementsFor, event: JudgedEvent): ElementsOfEvent {
  const { table, emit } = given;
  return table === undefined ? sentElements(emit!.several(event), event) : countedElements(table, given, event);
}

function sentElements(records: SeveralRecords, { meta }: JudgedEvent): ElementsOfEvent {
  let counted = 0;
  return {
    take({ value, eventTime }) {
      counted += 1;
      records.take({ value, meta, eventTime });
    },
    judged: () => ({
      ...records.result(),
      verdict: 'counted',
      elements: { counted, late: 0, grouped: [], emitted: records.taken },
      late: [],
    }),
  };
}

function countedElements(
  table: WindowTable,
  { task, rank, tellsLate }: ElementsFor,
  { meta }: JudgedEvent,
): ElementsOfEvent {
  const grouped: GroupedEvent[] = [];
  const marks: LateMark[] = [];
  let late = 0;
  return {
    take(element, at) {
      const fate = table.judge(element, meta, task, rank && { ...rank, at });
      if (fate === 'dead') return;
      if (fate === 'counted') grouped.push(cloneGrouped(table.grouped));
      else late += 1;
      const mark = tellsLate ? table.lateMark(element.eventTime!) : undefined;
      if (mark !== undefined) marks.push({ ...mark, at });
    },
    judged: () => ({
      verdict: grouped.length > 0 ? 'counted' : 'late',
      elements: { counted: grouped.length, late, grouped, emitted: 0 },
      records: [],
      missed: nothingMissed,
      late: marks,
    }),
  };
}
