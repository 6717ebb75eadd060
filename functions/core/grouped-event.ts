/** What an event that was judged counts with, until it is counted. */
import type { EventRank } from '../aggregates/event-rank.ts';
import type { KeyValue } from '../pipeline/pipeline.ts';
import type { Window } from '../windows/window-kind.ts';

/** What counts of one event, in which windows and under which key. Reused from event to event. */
export type GroupedEvent = {
  windows: readonly Window[];
  readonly keyValues: KeyValue[];
  /** Of each aggregate, in their order; undefined where there is nothing to select. Ranked where their order counts. */
  readonly values: unknown[];
  /** Where it counts only if it passes. Else undefined. */
  rank: EventRank | undefined;
};

export const cloneGrouped = ({ windows, keyValues, values, rank }: GroupedEvent): GroupedEvent => ({
  windows,
  keyValues: [...keyValues],
  values: [...values],
  rank: rank && { ...rank },
});
