/**
 * What became of events: read = counted + filtered + late + deadLettered. With `flatMap` read = passed + filtered + deadLettered,
 * and counted + late are the elements that came of those that passed.
 */

export type Counters = {
  readonly read: number;
  readonly counted: number;
  readonly filtered: number;
  readonly late: number;
  readonly deadLettered: number;
  /** Records sent to a sink by executors; a reduce counts its own. */
  readonly emitted: number;
  /** Events of which something came through, of a pipeline with `flatMap`. Absent: none, or each is what counts. */
  readonly passed?: number;
};

export const noCounts: Counters = { read: 0, counted: 0, filtered: 0, late: 0, deadLettered: 0, emitted: 0 };

export function addCounters(one: Counters, other: Counters): Counters {
  return {
    read: one.read + other.read,
    counted: one.counted + other.counted,
    filtered: one.filtered + other.filtered,
    late: one.late + other.late,
    deadLettered: one.deadLettered + other.deadLettered,
    emitted: one.emitted + other.emitted,
    ...passedOf((one.passed ?? 0) + (other.passed ?? 0)),
  };
}

const passedOf = (passed: number): Pick<Counters, 'passed'> => (passed === 0 ? {} : { passed });
