/** Events that are whole seconds, as Spark's tests have them: counted in windows of five, ten behind. */
import * as z from 'zod';
import {
  count,
  json,
  kinesis,
  pipeline,
  type Transcript,
  type TumblingWindow,
  transcript,
  tumbling,
} from '../../functions/index.ts';

const source = kinesis({ streamName: 'source' });
export const sink = kinesis({ streamName: 'sink' });

export const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

export const seconds = pipeline('seconds').readStream(source).decode(json(z.number()));

export const timed = seconds.withWatermark((second) => second * 1000, { delay: '10 seconds' });

/** Long enough for all times that are tested: what is in it is a total from the beginning on. */
export const ofAllTime: TumblingWindow = tumbling('36500 days');

const countedOf = (given: typeof timed) =>
  given
    .groupBy({})
    .window(tumbling('5 seconds'))
    .aggregate({ count: count() })
    .map(({ windowStart, count: events }) => ({ start: Date.parse(windowStart) / 1000, count: events }))
    .writeStream(sink);
const written = countedOf(timed);

/** Of windows of five seconds. */
export const counted: Transcript<number, StartAndCount> = transcript(written);
/** Each batch gives what it has changed. */
export const countedInUpdateMode: Transcript<number, StartAndCount> = transcript(written.outputMode('update'));

type SoFar = Transcript<number, { readonly value: number; readonly count: number }>;

const soFarOf = (numbers: typeof seconds) =>
  numbers
    .withWatermark(() => 0, { delay: '0 seconds' })
    .groupBy({ value: (value) => value })
    .window(ofAllTime)
    .aggregate({ count: count() })
    .map(({ value, count: events }) => ({ value, count: events }))
    .writeStream(sink);
const soFarOfNumbers = soFarOf(seconds);
const soFarWithNext = soFarOf(seconds.flatMap((number) => [number, number + 1]));

/** All windows, in each batch. Spark keeps them whatever the watermark; so here it is too far behind to close any. */
export const countedInCompleteMode: Transcript<number, StartAndCount> = transcript(
  countedOf(seconds.withWatermark((second) => second * 1000, { delay: '10000 days' })).outputMode('complete'),
);

/** How often each number has come so far, of those that a batch has changed. */
export const countedSoFar: SoFar = transcript(soFarOfNumbers.outputMode('update'));
/** Of all, in each batch. */
export const allCountedSoFar: SoFar = transcript(soFarOfNumbers.outputMode('complete'));
/** Each stands for itself and the one above it. */
export const countedWithNext: SoFar = transcript(soFarWithNext.outputMode('update'));
export const allCountedWithNext: SoFar = transcript(soFarWithNext.outputMode('complete'));
export const soFar = (...rows: readonly (readonly [number, number])[]) =>
  rows.map(([value, events]) => ({ value, count: events }));

type StartAndCount = { readonly start: number; readonly count: number };

/** As the rows of those tests are written: start and count. */
export const row = ([start, events]: readonly [number, number]) => ({ start, count: events });

/** An open window of `counted`. */
export const openAt = (start: number) => ({ windowStart: iso(start) });
