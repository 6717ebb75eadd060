/** Windows one after the other, each event in one of them. */
import { type Duration, dayMs, type PositiveDuration } from '../pipeline/duration.ts';
import { duration, readOption, readOptions, text } from '../pipeline/option-rules.ts';
import { frozenCopy, isPlainObject, type RawOptions } from '../pipeline/options.ts';
import { missing, notAllowed, type Problem } from '../pipeline/problems.ts';
import { zoneClock } from './local-days.ts';
import { defineWindow, type Window, type WindowDefinition, type WindowKind } from './window-kind.ts';
import { localWindows } from './windows-of-days.ts';

/** Where windows begin: the second argument of `tumbling`. */
export type TumblingOptions = {
  /**
   * Moves all windows by this much: with '6 hours' days begin at 6:00. Shorter than the window.
   * @default '0 seconds'
   */
  readonly offset?: Duration | undefined;
  /**
   * Windows are days of this time zone, such as 'Europe/Berlin': they begin at its midnight, and have 23 or 25 hours where
   * its clocks change. The size is a number of whole days, and `offset` what its clocks show when a window begins.
   * @default UTC
   */
  readonly zone?: string | undefined;
};

/** What `tumbling` returns. It adds `windowStart` and `windowEnd` to a row: ISO texts in UTC, with milliseconds. */
export type TumblingWindow = WindowDefinition<{ windowStart: string; windowEnd: string }, 'event-time'> & {
  /** Always 'tumbling'. */
  readonly kind: 'tumbling';
  /** How long each window is, not yet checked. */
  readonly size: string;
  /** What `tumbling` was given beside the size, not yet checked. */
  readonly options: RawOptions;
};

/**
 * Windows of event time of one size, one after the other: each event is in one of them. They are counted from 1970-01-01T00:00Z,
 * moved by `offset`, or from that midnight of a `zone`; a window's end is no part of it. Needs `withWatermark` before `groupBy`.
 * The row has `windowStart` and `windowEnd`, in UTC, and is written when the watermark reaches the window's end.
 *
 * @example
 * ```ts
 * pipeline('departures')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
 *   .groupBy({ origin: (flight) => flight.origin })
 *   .window(tumbling('1 day', { offset: '6 hours' }))
 *   .aggregate({ departures: count() });
 * ```
 *
 * @example
 * ```ts
 * // Days of Berlin: the one from 2026-03-28T23:00:00.000Z ends at 2026-03-29T22:00:00.000Z, since clocks are put forward.
 * pipeline('departures-a-day')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
 *   .groupBy({ origin: (flight) => flight.origin })
 *   .window(tumbling('1 day', { zone: 'Europe/Berlin' }))
 *   .aggregate({ departures: count() });
 * ```
 */
export function tumbling<Size extends Duration>(
  size: PositiveDuration<Size>,
  options?: TumblingOptions,
): TumblingWindow {
  return defineWindow<TumblingWindow>({ kind: 'tumbling', size, options: frozenCopy(options) });
}

/** With a zone, what windows have by its clocks. */
export type CheckedTumbling = { readonly sizeMs: number; readonly offsetMs: number; readonly zone?: string };

export const tumblingKind = {
  kind: 'tumbling',
  usage: "tumbling('1 hour')",
  of: 'event-time',
  columnNames: ['windowStart', 'windowEnd'],
  read: (given, problems) =>
    isPlainObject(given.options) ? readTumbling(given.size, given.options, problems) : undefined,
  fingerprint: ({ sizeMs, offsetMs, zone }) => ['tumbling', sizeMs, offsetMs, ...(zone === undefined ? [] : [zone])],
  columns: ({ start, end }) => ({ windowStart: new Date(start).toISOString(), windowEnd: new Date(end).toISOString() }),
  assigner: ({ sizeMs, offsetMs, zone }) => {
    const local = zone === undefined ? undefined : localWindows({ sizeMs, offsetMs, zone });
    let last: readonly [Window] = [{ start: 0, end: 0 }];
    return (eventTime) => {
      const [{ start: lastStart, end: lastEnd }] = last;
      // Most events are in the window of the one before.
      if (eventTime >= lastStart && eventTime < lastEnd) return last;
      if (local !== undefined) {
        last = [local.at(eventTime)];
        return last;
      }
      const start = Math.floor((eventTime - offsetMs) / sizeMs) * sizeMs + offsetMs;
      last = [{ start, end: start + sizeMs }];
      return last;
    };
  },
  closesAt: ({ end }) => end,
  nextClose: ({ sizeMs, offsetMs, zone }, watermark) =>
    zone === undefined
      ? Math.floor((watermark - offsetMs) / sizeMs) * sizeMs + offsetMs + sizeMs
      : localWindows({ sizeMs, offsetMs, zone }).at(watermark).end,
} as const satisfies WindowKind<CheckedTumbling>;

const zoneRule = text(
  "the name of a time zone, such as 'Europe/Berlin'",
  (zone) => zoneClock(zone) !== undefined,
  undefined,
);

function readTumbling(size: unknown, options: RawOptions, problems: Problem[]): CheckedTumbling {
  const sizeRule = duration({ atLeastMs: 1 }, undefined);
  const sizeMs = readOption('window.size', size, sizeRule, problems);
  if (size === undefined) problems.push(missing('window.size', sizeRule.allowed));
  const rules = { offset: duration({ atLeastMs: 0 }, 0), zone: zoneRule };
  const { offset, zone } = readOptions('window', options, rules, problems);
  if (sizeMs !== undefined && offset >= sizeMs) {
    problems.push(
      notAllowed('window.offset', options.offset, `a duration shorter than the window, which is '${size}'`),
    );
  }
  if (zone === undefined) return { sizeMs: sizeMs ?? 1, offsetMs: offset };
  if (sizeMs !== undefined && sizeMs % dayMs !== 0)
    problems.push(notAllowed('window.size', size, "a number of whole days, such as '1 day', with a zone"));
  return { sizeMs: sizeMs ?? dayMs, offsetMs: offset, zone };
}
