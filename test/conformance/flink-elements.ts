/**
 * Elements as Flink's tests have them: a key, a number and a time. The watermark moves by `advance` alone, since the delay is longer
 * than all of them. Flink's watermark says that all up to it has come, ours that all before it has: one more.
 */
import { expect } from 'vitest';
import * as z from 'zod';
import {
  type Duration,
  json,
  kinesis,
  type LateEvent,
  pipeline,
  type SessionWindow,
  type SlidingWindow,
  sum,
  type Transcript,
  type TumblingWindow,
  transcript,
  type VersionOptions,
} from '../../functions/index.ts';
import type { Variant } from './suite.ts';

const element = z.object({ key: z.string(), value: z.number(), time: z.number() });

type Element = z.infer<typeof element>;
const elements = pipeline('flink')
  .readStream(kinesis({ streamName: 'source' }))
  .decode(json(element));
const keyedBehind = (delay: Duration) =>
  elements.withWatermark(({ time }) => time, { delay }).groupBy({ key: ({ key }) => key });
const keyed = keyedBehind('10000 days');
const sink = kinesis({ streamName: 'sink' });
const sideOutput = kinesis({ streamName: 'late' });

export const one = (key: string, time: number, value = 1) => ({ key, value, time });

/** A result of Flink: key, sum, and the last millisecond of its window. */
type Result = { readonly key: string; readonly sum: number; readonly at: number };
export const result = (key: string, total: number, at: number): Result => ({ key, sum: total, at });
export const after = (flinkWatermark: number): number => flinkWatermark + 1;

type Lateness = readonly [Duration, VersionOptions?];
/** As with a trigger of Flink that purges: what was given out is forgotten. */
export const purging: VersionOptions = { accumulation: 'discarding' };

type Takes = (row: { readonly total: number | null }) => boolean;
type Sums = Transcript<Element, Result>;

const sumsOf = (
  grouped: typeof keyed,
  window: TumblingWindow | SlidingWindow,
  lateness: Lateness,
  takes: Takes,
): Sums =>
  transcript(
    grouped
      .window(window)
      .allowedLateness(...lateness)
      .sideOutputLate(sideOutput)
      .aggregate({ total: sum(({ value }) => value) })
      .filter(takes)
      .map(({ key, total, windowEnd }) => result(key, total ?? 0, Date.parse(windowEnd) - 1))
      .writeStream(sink),
  );

/** `takes`: what of the results goes out. */
export const sums = (
  window: TumblingWindow | SlidingWindow,
  lateness: Lateness = ['0 seconds'],
  takes: Takes = () => true,
): Sums => sumsOf(keyed, window, lateness, takes);

/** Without a delay, which would reach beyond the last time there is. */
export const sumsFromTheEndOfTime = (window: TumblingWindow, lateness: Lateness): Sums =>
  sumsOf(keyedBehind('0 seconds'), window, lateness, () => true);

/** A result over a session: key, sum, and its window, of which the end is no part. */
type SessionResult = Omit<Result, 'at'> & { readonly start: number; readonly end: number };
export const ofSession = (key: string, total: number, start: number, end: number): SessionResult => ({
  ...{ key, sum: total, start, end },
});

/** A session that was given out and is no more: it has become part of another. Flink says nothing of it. */
export const takenBack = (key: string, start: number, end: number) => ({
  ...{ key, _sluice: { window: [start, end] as const, retracted: true } },
});

export const sumsOfSessions = (
  window: SessionWindow,
  lateness: Lateness = ['0 seconds'],
): Transcript<Element, SessionResult> =>
  transcript(
    keyed
      .window(window)
      .allowedLateness(...lateness)
      .sideOutputLate(sideOutput)
      .aggregate({ total: sum(({ value }) => value) })
      .map(({ key, total, windowStart, windowEnd }) =>
        ofSession(key, total ?? 0, Date.parse(windowStart), Date.parse(windowEnd)),
      )
      .writeStream(sink),
  );

/** Runs it, and sees which elements went to the side output of late ones, by time. */
export const withSideOutput =
  <Row>(given: Transcript<Element, Row>, ...late: readonly Element[]) =>
  (variant: Variant): void => {
    const events = given.run(variant).flatMap(({ outputs }) => outputs.late!.results as readonly LateEvent[]);
    const elements = events.map(({ payload }) => JSON.parse((payload as { readonly text: string }).text) as Element);
    expect(elements.toSorted((left, right) => left.time - right.time)).toEqual(late);
  };
