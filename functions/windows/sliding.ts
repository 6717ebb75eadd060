/** Windows that overlap: one begins each so often. */
import { type Duration, formatDuration, type PositiveDuration } from '../pipeline/duration.ts';
import { duration, readOption, readOptions } from '../pipeline/option-rules.ts';
import { frozenCopy, isPlainObject, type RawOptions } from '../pipeline/options.ts';
import { missing, notAllowed, type Problem } from '../pipeline/problems.ts';
import { firstEndAfter } from './panes.ts';
import { tumblingKind } from './tumbling.ts';
import { defineWindow, type Panes, type WindowDefinition, type WindowKind } from './window-kind.ts';

/** Where windows begin: the third argument of `sliding`. */
export type SlidingOptions = {
  /**
   * Moves all windows by this much. Shorter than `every`.
   * @default '0 seconds'
   */
  readonly offset?: Duration | undefined;
};

/** What `sliding` returns. It adds `windowStart` and `windowEnd` to a row: ISO texts in UTC, with milliseconds. */
export type SlidingWindow = WindowDefinition<{ windowStart: string; windowEnd: string }, 'event-time'> & {
  /** Always 'sliding'. */
  readonly kind: 'sliding';
  /** How long each window is, not yet checked. */
  readonly size: string;
  /** From the start of one window to the start of the next, not yet checked. */
  readonly every: string;
  /** What `sliding` was given beside them, not yet checked. */
  readonly options: RawOptions;
};

/**
 * Windows of event time of one size that overlap: one begins each `every`, and each event is in all that cover its time. They are
 * counted from 1970-01-01T00:00Z, moved by `offset`; a window's end is no part of it. Needs `withWatermark` before `groupBy`. The
 * row has `windowStart` and `windowEnd`, and is written when the watermark reaches the window's end. An event is late when the
 * last of its windows has closed; until then it counts in those that have not.
 *
 * An event is counted once, whatever the number of its windows: in a pane as long as the greatest common divisor of `size` and
 * `every`, of which a window has 1,440 at most. `every` need not divide `size`, and is no longer.
 *
 * @example
 * ```ts
 * // At each full minute the departures of the last hour.
 * pipeline('departures-lately')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .withWatermark((flight) => flight.date, { delay: '5 minutes' })
 *   .groupBy({ origin: (flight) => flight.origin })
 *   .window(sliding('1 hour', '1 minute'))
 *   .aggregate({ departures: count() });
 * ```
 */
export function sliding<Size extends Duration, Every extends Duration>(
  size: PositiveDuration<Size>,
  every: PositiveDuration<Every>,
  options?: SlidingOptions,
): SlidingWindow {
  return defineWindow<SlidingWindow>({ kind: 'sliding', size, every, options: frozenCopy(options) });
}

/** A day by the minute. */
export const mostPanes = 1_440;

export type CheckedSliding = { readonly sizeMs: number; readonly everyMs: number; readonly offsetMs: number };

const panesOf = ({ sizeMs, everyMs, offsetMs }: CheckedSliding): Panes => ({
  paneMs: commonDivisor(sizeMs, everyMs),
  sizeMs,
  everyMs,
  offsetMs,
});

export const slidingKind = {
  kind: 'sliding',
  usage: "sliding('1 hour', '5 minutes')",
  of: 'event-time',
  columnNames: tumblingKind.columnNames,
  read: (given, problems) => (isPlainObject(given.options) ? readSliding(given, given.options, problems) : undefined),
  fingerprint: ({ sizeMs, everyMs, offsetMs }) => ['sliding', sizeMs, everyMs, offsetMs],
  columns: tumblingKind.columns,
  assigner: (options) => tumblingKind.assigner({ sizeMs: panesOf(options).paneMs, offsetMs: options.offsetMs }),
  panes: panesOf,
  closesAt: ({ end }) => end,
  nextClose: (options, watermark) => firstEndAfter(panesOf(options), watermark),
} as const satisfies WindowKind<CheckedSliding>;

function commonDivisor(one: number, other: number): number {
  let [greater, less] = [one, other];
  while (less > 0) [greater, less] = [less, greater % less];
  return greater;
}

function readSliding({ size, every }: RawOptions, options: RawOptions, problems: Problem[]): CheckedSliding {
  const rule = duration({ atLeastMs: 1 }, undefined);
  const sizeMs = readOption('window.size', size, rule, problems);
  if (size === undefined) problems.push(missing('window.size', rule.allowed));
  const everyMs = readOption('window.every', every, rule, problems);
  if (every === undefined) problems.push(missing('window.every', rule.allowed));
  const { offset } = readOptions('window', options, { offset: duration({ atLeastMs: 0 }, 0) }, problems);
  if (everyMs !== undefined && offset >= everyMs)
    problems.push(notAllowed('window.offset', options.offset, `a duration shorter than every, which is '${every}'`));
  const checked = { sizeMs: sizeMs ?? 1, everyMs: everyMs ?? 1, offsetMs: offset };
  if (sizeMs === undefined || everyMs === undefined) return checked;
  if (everyMs > sizeMs) {
    problems.push(notAllowed('window.every', every, `a duration no longer than the window, which is '${size}'`));
  } else if (sizeMs / panesOf(checked).paneMs > mostPanes) {
    const least = formatDuration(Math.ceil(sizeMs / mostPanes));
    const allowed = `a duration that has a common divisor of at least '${least}' with the window, which is '${size}': panes are as long as that, and a window has 1,440 at most`;
    problems.push(notAllowed('window.every', every, allowed));
  }
  return checked;
}
