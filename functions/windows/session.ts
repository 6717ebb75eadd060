/** Windows of events that follow each other closely: each key has its own. */
import type { Duration, PositiveDuration } from '../pipeline/duration.ts';
import { duration, readOption } from '../pipeline/option-rules.ts';
import { missing } from '../pipeline/problems.ts';
import { tumblingKind } from './tumbling.ts';
import { defineWindow, type Window, type WindowDefinition, type WindowKind } from './window-kind.ts';

/** What `session` returns. It adds `windowStart` and `windowEnd` to a row: ISO texts in UTC, with milliseconds. */
export type SessionWindow = WindowDefinition<{ windowStart: string; windowEnd: string }, 'event-time'> & {
  /** Always 'session'. */
  readonly kind: 'session';
  /** How long nothing has to happen for it to end, not yet checked. */
  readonly gap: string;
};

/**
 * Windows of event time that end when nothing has happened under their keys for `gap`: each begins with an event and ends `gap`
 * after its last one. An event exactly `gap` after the one before begins another. Needs `withWatermark` before `groupBy`. The row
 * has `windowStart` and `windowEnd`, and is written when the watermark reaches the window's end.
 *
 * An event that overlaps a session that is still open belongs to it, however late it comes; one that overlaps none is late if the
 * session of its own would have closed.
 *
 * @example
 * ```ts
 * pipeline('bursts')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
 *   .groupBy({ origin: (flight) => flight.origin })
 *   .window(session('15 minutes'))
 *   .aggregate({ departures: count() });
 * ```
 */
export function session<Gap extends Duration>(gap: PositiveDuration<Gap>): SessionWindow {
  return defineWindow<SessionWindow>({ kind: 'session', gap });
}

export type CheckedSession = { readonly gapMs: number };

export const sessionKind = {
  kind: 'session',
  usage: "session('30 minutes')",
  of: 'event-time',
  columnNames: tumblingKind.columnNames,
  read: ({ gap }, problems) => {
    const gapRule = duration({ atLeastMs: 1 }, undefined);
    const gapMs = readOption('window.gap', gap, gapRule, problems);
    if (gap === undefined) problems.push(missing('window.gap', gapRule.allowed));
    return { gapMs: gapMs ?? 1 };
  },
  fingerprint: ({ gapMs }) => ['session', gapMs],
  columns: tumblingKind.columns,
  assigner:
    ({ gapMs }) =>
    (eventTime) => [{ start: eventTime, end: eventTime + gapMs }],
  merge(windows) {
    const merged: Window[] = [];
    for (const { start, end } of windows) {
      const last = merged.at(-1);
      // One that begins at an end may come when that has closed: together or apart, it must not hang on where batches are cut.
      if (last === undefined || start >= last.end) merged.push({ start, end });
      else merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, end) };
    }
    return merged;
  },
  closesAt: ({ end }) => end,
  nextClose: (_, watermark) => watermark + 1,
} as const satisfies WindowKind<CheckedSession>;
