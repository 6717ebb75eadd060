/**
 * Repeats among the events of a shard, as they are read. An interface, so that a pipeline that does not look for them has none of
 * what does in its bundle.
 *
 * REPEAT-1 An event is a repeat if its identity was taken before it: at an earlier position of the shard, of its ancestors, or of this
 *    step. It is not read: no user code sees it, it raises no watermark, and is counted as `repeated`.
 * REPEAT-2 An event without an identity is read as any other, and counted as `unidentified`.
 * REPEAT-3 What was taken in a step counts for what was kept of the step, as counts and positions do (READ-1).
 */
export type Repeats = {
  begin(): RepeatsOfStep;
};

export type RepeatsOfStep = {
  /** How many were taken. */
  readonly taken: number;
  /** What the event is, whatever becomes of it. */
  meet(data: Uint8Array, arrivedAt: number): Met;
  /** The event that was met last has its fate. */
  take(): void;
  /** The step was delivered, up to so many of those that were taken. */
  keep(taken: number): void;
};

export type Met = 'first' | 'repeated' | 'unidentified';
