/** Events that are whole seconds, as Spark's tests have them: counted in windows of five, ten behind. */
import * as z from 'zod';
import { count, json, kinesis, pipeline, transcript, tumbling } from '../../functions/index.ts';

const source = kinesis({ streamName: 'source' });
export const sink = kinesis({ streamName: 'sink' });

export const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

export const seconds = pipeline('seconds').readStream(source).decode(json(z.number()));

export const timed = seconds.withWatermark((second) => second * 1000, { delay: '10 seconds' });

/** Of windows of five seconds. */
export const counted = transcript(
  timed
    .groupBy({})
    .window(tumbling('5 seconds'))
    .aggregate({ count: count() })
    .map(({ windowStart, count: events }) => ({ start: Date.parse(windowStart) / 1000, count: events }))
    .writeStream(sink),
);

/** As the rows of those tests are written: start and count. */
export const row = ([start, events]: readonly [number, number]) => ({ start, count: events });

/** An open window of `counted`. */
export const openAt = (start: number) => ({ windowStart: iso(start) });
