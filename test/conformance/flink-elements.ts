/**
 * Elements as Flink's tests have them: a key, a number and a time. The watermark moves by `advance` alone, since the delay is longer
 * than all of them. Flink's watermark says that all up to it has come, ours that all before it has: one more.
 */
import * as z from 'zod';
import {
  json,
  kinesis,
  pipeline,
  type SessionWindow,
  type SlidingWindow,
  sum,
  type Transcript,
  type TumblingWindow,
  transcript,
} from '../../functions/index.ts';

const element = z.object({ key: z.string(), value: z.number(), time: z.number() });

const keyed = pipeline('flink')
  .readStream(kinesis({ streamName: 'source' }))
  .decode(json(element))
  .withWatermark(({ time }) => time, { delay: '10000 days' })
  .groupBy({ key: ({ key }) => key });
const sink = kinesis({ streamName: 'sink' });

export const one = (key: string, time: number, value = 1) => ({ key, value, time });

/** A result of Flink: key, sum, and the last millisecond of its window. */
type Result = { readonly key: string; readonly sum: number; readonly at: number };
export const result = (key: string, total: number, at: number): Result => ({ key, sum: total, at });
export const after = (flinkWatermark: number): number => flinkWatermark + 1;

export const sums = (window: TumblingWindow | SlidingWindow): Transcript<z.infer<typeof element>, Result> =>
  transcript(
    keyed
      .window(window)
      .aggregate({ total: sum(({ value }) => value) })
      .map(({ key, total, windowEnd }) => result(key, total ?? 0, Date.parse(windowEnd) - 1))
      .writeStream(sink),
  );

/** A result over a session: key, sum, and its window, of which the end is no part. */
type SessionResult = Omit<Result, 'at'> & { readonly start: number; readonly end: number };
export const ofSession = (key: string, total: number, start: number, end: number): SessionResult => ({
  ...{ key, sum: total, start, end },
});

export const sumsOfSessions = (window: SessionWindow): Transcript<z.infer<typeof element>, SessionResult> =>
  transcript(
    keyed
      .window(window)
      .aggregate({ total: sum(({ value }) => value) })
      .map(({ key, total, windowStart, windowEnd }) =>
        ofSession(key, total ?? 0, Date.parse(windowStart), Date.parse(windowEnd)),
      )
      .writeStream(sink),
  );
