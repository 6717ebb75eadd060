/** Windows one after the other, each event in one of them. */
import type { Duration, PositiveDuration } from '../pipeline/duration.ts';
import { duration, readOption, readOptions } from '../pipeline/option-rules.ts';
import { frozenCopy, isPlainObject, type RawOptions } from '../pipeline/options.ts';
import { missing, notAllowed, type Problem } from '../pipeline/problems.ts';
import { defineWindow, type Window, type WindowDefinition, type WindowKind } from './window-kind.ts';

/** Where windows begin: the second argument of `tumbling`. */
export type TumblingOptions = {
  /**
   * Moves all windows by this much, for example to a local midnight. Shorter than the window.
   * @default '0 seconds'
   */
  readonly offset?: Duration | undefined;
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
 * moved by `offset`; a window's end is no part of it. Needs `withWatermark` before `groupBy`. The row has `windowStart` and
 * `windowEnd`, and is written when the watermark reaches the window's end.
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
 */
export function tumbling<Size extends Duration>(
  size: PositiveDuration<Size>,
  options?: TumblingOptions,
): TumblingWindow {
  return defineWindow<TumblingWindow>({ kind: 'tumbling', size, options: frozenCopy(options) });
}

export type CheckedTumbling = { readonly sizeMs: number; readonly offsetMs: number };

export const tumblingKind = {
  kind: 'tumbling',
  usage: "tumbling('1 hour')",
  of: 'event-time',
  columnNames: ['windowStart', 'windowEnd'],
  read: (given, problems) =>
    isPlainObject(given.options) ? readTumbling(given.size, given.options, problems) : undefined,
  fingerprint: ({ sizeMs, offsetMs }) => ['tumbling', sizeMs, offsetMs],
  columns: ({ start, end }) => ({ windowStart: new Date(start).toISOString(), windowEnd: new Date(end).toISOString() }),
  assigner: ({ sizeMs, offsetMs }) => {
    let last: readonly [Window] = [{ start: 0, end: 0 }];
    return (eventTime) => {
      const [{ start: lastStart, end: lastEnd }] = last;
      // Most events are in the window of the one before.
      if (eventTime >= lastStart && eventTime < lastEnd) return last;
      const start = Math.floor((eventTime - offsetMs) / sizeMs) * sizeMs + offsetMs;
      last = [{ start, end: start + sizeMs }];
      return last;
    };
  },
  closesAt: ({ end }) => end,
  nextClose: ({ sizeMs, offsetMs }, watermark) =>
    Math.floor((watermark - offsetMs) / sizeMs) * sizeMs + offsetMs + sizeMs,
} as const satisfies WindowKind<CheckedTumbling>;

function readTumbling(size: unknown, options: RawOptions, problems: Problem[]): CheckedTumbling {
  const sizeRule = duration({ atLeastMs: 1 }, undefined);
  const sizeMs = readOption('window.size', size, sizeRule, problems);
  if (size === undefined) problems.push(missing('window.size', sizeRule.allowed));
  const { offset } = readOptions('window', options, { offset: duration({ atLeastMs: 0 }, 0) }, problems);
  if (sizeMs !== undefined && offset >= sizeMs) {
    problems.push(
      notAllowed('window.offset', options.offset, `a duration shorter than the window, which is '${size}'`),
    );
  }
  return { sizeMs: sizeMs ?? 1, offsetMs: offset };
}
