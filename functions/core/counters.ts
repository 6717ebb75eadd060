/** What became of events: read = counted + filtered + late + deadLettered. */

export type Counters = {
  readonly read: number;
  readonly counted: number;
  readonly filtered: number;
  readonly late: number;
  readonly deadLettered: number;
  /** Records sent to a sink by executors; a reduce counts its own. */
  readonly emitted: number;
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
  };
}
