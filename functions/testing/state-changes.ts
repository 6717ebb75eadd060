/** What changed between the states of two batches of a test. */
import { changeOf, type StateChange } from '../core/state/state-changes.ts';
import type { StateRow } from '../core/state/state-row.ts';

export type { StateChange } from '../core/state/state-changes.ts';
export type { StateRow, StateRowKind } from '../core/state/state-row.ts';

/**
 * Which windows of keys are another one in a later state than they were in an earlier one: added, changed or removed, as
 * `sluice state --changes --json` shows them. First those that are there after, in their order, then those that are no more. Both states
 * are of one pipeline and parallelism. See docs/guides/testing-a-pipeline.md.
 *
 * @example
 * ```ts
 * const definition = pipeline('departures')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
 *   .groupBy({ origin: (flight) => flight.origin })
 *   .window(tumbling('1 hour'))
 *   .aggregate({ departures: count() })
 *   .writeStream(kinesis({ streamName: 'departures' }));
 * const flight = { date: '2026-01-01T13:05:00Z', delay: 3, distance: 405, origin: 'ORD', destination: 'MCI' };
 *
 * const [earlier, later] = runPipeline(definition, { batches: [[flight], [flight]] });
 * const [change] = stateChanges(earlier!.state, later!.state);
 * // { change: 'changed', key: { origin: 'ORD' }, before: { values: { departures: 1 } }, after: { values: { departures: 2 } }, … }
 * ```
 */
export function stateChanges(before: readonly StateRow[], after: readonly StateRow[]): readonly StateChange[] {
  const left = new Map(before.map((row) => [placeOf(row), row]));
  const changes = after.flatMap((row) => {
    const place = placeOf(row);
    const was = left.get(place);
    left.delete(place);
    return changeOf(was, row) ?? [];
  });
  return [...changes, ...[...left.values()].flatMap((row) => changeOf(row, undefined) ?? [])];
}

/** There is one row of each. What is given out in windows that overlap has a kind of its own. */
const placeOf = ({ kind, group, key, start, end }: StateRow): string => JSON.stringify([kind, group, key, start, end]);
