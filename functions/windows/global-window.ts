/** No window: each key has one result, which goes on for as long as the key comes. */
import type { Duration, PositiveDuration } from '../pipeline/duration.ts';
import { duration, readOption, readOptions } from '../pipeline/option-rules.ts';
import { frozenCopy, isPlainObject, type RawOptions } from '../pipeline/options.ts';
import { missing } from '../pipeline/problems.ts';
import { defineWindow, type WindowDefinition, type WindowKind } from './window-kind.ts';

/** When keys are forgotten: the argument of `globalWindow`. */
export type GlobalWindowOptions = {
  /** How long a key is kept after its latest event, by event time: until the watermark has gone on by so much. */
  readonly ttl: Duration;
};

/** What `globalWindow` returns. It adds no column to a row. */
export type GlobalWindow = WindowDefinition<object, 'event-time'> & {
  /** Always 'global'. */
  readonly kind: 'global';
  /** What `globalWindow` was given, not yet checked. */
  readonly options: RawOptions;
};

/**
 * One window of all time: the result of a key is its running total. It never closes, so it is given out with
 * `outputMode('update')` or `outputMode('complete')` only. The row has no columns of a window, and its identity names all time.
 *
 * A key of which nothing came for `ttl` is forgotten: when the watermark reaches the time of its latest event and `ttl` more, its row is
 * taken back. When it comes again it begins anew. An event counts however old it is, as long as its key is known; else it is late if it
 * is older than `ttl` by the watermark. Needs `withWatermark` before `groupBy`.
 *
 * @example
 * ```ts
 * pipeline('departures-so-far')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
 *   .groupBy({ origin: (flight) => flight.origin })
 *   .window(globalWindow({ ttl: '30 days' }))
 *   .aggregate({ departures: count() })
 *   .writeStream(kinesis({ streamName: 'departures-so-far' }))
 *   .outputMode('update');
 * ```
 */
export function globalWindow<Ttl extends Duration>(
  options: GlobalWindowOptions & { readonly ttl: PositiveDuration<Ttl> },
): GlobalWindow {
  return defineWindow<GlobalWindow>({ kind: 'global', options: frozenCopy(options) });
}

export type CheckedGlobal = { readonly ttlMs: number };

const noColumns = {};

/** What an event opens is how long its key is known for: it ends `ttl` after the event. */
export const globalKind = {
  kind: 'global',
  usage: "globalWindow({ ttl: '30 days' })",
  of: 'event-time',
  columnNames: [],
  read: ({ options }, problems) => {
    if (!isPlainObject(options)) return undefined;
    const rule = duration({ atLeastMs: 1 }, undefined);
    readOptions('window', { ...options, ttl: undefined }, { ttl: rule }, problems);
    const ttlMs = readOption('window.ttl', options.ttl, rule, problems);
    if (options.ttl === undefined) problems.push(missing('window.ttl', rule.allowed));
    return { ttlMs: ttlMs ?? 1 };
  },
  fingerprint: ({ ttlMs }) => ['global', ttlMs],
  columns: () => noColumns,
  assigner:
    ({ ttlMs }) =>
    (eventTime) => [{ start: eventTime, end: eventTime + ttlMs }],
  merge(windows) {
    const [first] = windows;
    const end = windows.reduce((latest, window) => Math.max(latest, window.end), -Infinity);
    return first === undefined ? [] : [{ start: first.start, end }];
  },
  isTotal: true,
  closesAt: ({ end }) => end,
  nextClose: (_, watermark) => watermark + 1,
} as const satisfies WindowKind<CheckedGlobal>;
