/** What one batch of a test has come to, from what its tasks and reducers made. */
import type { DeadLetter } from '../core/dead-letter.ts';
import type { RefusedResult } from '../core/letter-of-row.ts';
import type { OutputRecord } from '../sinks/output-sink.ts';
import type { Fates, TaskOutcome } from './read-task.ts';
import type { Reduced } from './reduced-rows.ts';

/** What one batch gave out. */
export type BatchOutcome = {
  readonly late: readonly string[];
  readonly repeated: readonly string[];
  readonly deadLetters: readonly DeadLetter[];
  readonly refused: readonly RefusedResult[];
  readonly filtered: number;
  /** By output, in the order of the sink. */
  readonly sent: ReadonlyMap<string, readonly OutputRecord[]>;
};

export function outcomeOf(tasks: readonly TaskOutcome[], reduced: readonly Reduced[]): BatchOutcome {
  const sent = new Map<string, OutputRecord[]>();
  const add = (output: string, records: readonly OutputRecord[]) =>
    sent.set(output, [...(sent.get(output) ?? []), ...records]);
  for (const { fates } of tasks) for (const [output, records] of fates.sent) add(output, records);
  for (const { state } of reduced) for (const { output, records } of state.outbox) add(output, records);
  return {
    late: tasks.flatMap(({ fates }) => [...fates.late, ...lateOf(fates, reduced)]),
    repeated: tasks.flatMap(({ fates }) => fates.repeated),
    deadLetters: tasks.flatMap(({ fates }) => fates.deadLetters),
    refused: reduced.flatMap(({ state }) => state.refused),
    filtered: tasks.reduce((sum, { block }) => sum + (block?.counters.filtered ?? 0), 0),
    sent,
  };
}

/** Windows that merge are late when all have merged: an event is, whose window lies in one of them. */
function lateOf({ mayBeLate }: Fates, reduced: readonly Reduced[]): readonly string[] {
  const lateOfKey = new Map(reduced.flatMap(({ late }) => late.map((key) => [key.canonical, key.late])));
  if (lateOfKey.size === 0) return [];
  const late = mayBeLate.flatMap(({ sequenceNumber, canonical, windows }) => {
    const isLate = windows.every((own) =>
      lateOfKey.get(canonical)?.some(({ start, end }) => start <= own.start && own.end <= end),
    );
    return isLate ? [sequenceNumber] : [];
  });
  // Of an event with several elements once.
  return [...new Set(late)];
}
