/** Expected outputs of Arroyo's SQL tests. Arroyo runs each whole and again with stops; so they are here, cut otherwise, too. */
import { expect } from 'vitest';
import * as z from 'zod';
import {
  count,
  json,
  kinesis,
  max,
  min,
  type PipelineDefinition,
  pipeline,
  session,
  sliding,
  topK,
  tumbling,
} from '../../functions/index.ts';
import { givesEveryAggregate } from './arroyo-every-aggregate.ts';
import { inAllWays } from './arroyo-runs.ts';
import { readLines } from './shared.ts';
import { noCounterpart, passes, passesInPart, type Suite, type Variant, variants } from './suite.ts';

const car = z.object({ timestamp: z.string(), driver_id: z.number(), event_type: z.string(), location: z.string() });

const cars = pipeline('cars')
  .readStream(kinesis({ streamName: 'cars' }))
  .decode(json(car))
  .withWatermark(({ timestamp }) => timestamp, { delay: '0 seconds' });
const sink = kinesis({ streamName: 'sink' });

/** As Arroyo writes times. */
const withoutZone = (iso: string): string => iso.replace('.000Z', '');

const hourlyByEventType = cars
  .groupBy({ event_type: (each) => each.event_type })
  .window(tumbling('1 hour'))
  .aggregate({ count: count() })
  .map(({ event_type, windowStart, count: events }) => ({ event_type, hour: withoutZone(windowStart), count: events }))
  .writeStream(sink);
const tightWatermark = cars
  .groupBy({})
  .window(tumbling('1 hour'))
  .aggregate({ count: count() })
  .map(({ windowEnd, count: events }) => ({ count: events, timestamp: withoutZone(windowEnd) }))
  .writeStream(sink);
/** Of drivers with equally many events the one with the highest number: so they are counted by what it lacks to a thousand. */
const mostActiveDriver = pipeline('cars')
  .readStream(kinesis({ streamName: 'cars' }))
  .decode(json(car))
  .withWatermark(({ timestamp }) => timestamp, { delay: '1 hour' })
  .groupBy({})
  .window(sliding('1 hour', '1 minute'))
  .aggregate({ top: topK((each) => 1_000 - each.driver_id, 1) })
  .map(({ windowStart, windowEnd, top: [most] }) => ({
    count: most?.count,
    driver_id: 1_000 - (most?.value ?? 0),
    ...{ end: withoutZone(windowEnd), row_number: 1, start: withoutZone(windowStart) },
  }))
  .writeStream(sink);

/** Arroyo writes no milliseconds where there are none. */
const briefly = (iso: string): string => iso.replace('.000Z', '').replace('Z', '');
const impulse = pipeline('impulse')
  .readStream(kinesis({ streamName: 'impulse' }))
  .decode(json(z.object({ timestamp: z.string(), counter: z.number() })))
  .withWatermark(({ timestamp }) => timestamp, { delay: '0 seconds' });

const slidingWindowEnd = impulse
  .groupBy({})
  .window(sliding('10 seconds', '2 seconds'))
  .aggregate({ count: count(), max: max(({ counter }) => counter), min: min(({ counter }) => counter) })
  .map(({ windowStart, windowEnd, count: events, max: most, min: least }) => ({
    ...{ count: events, end: briefly(windowEnd), max: most, min: least, start: briefly(windowStart) },
  }))
  .writeStream(sink);
const sessionWindow = impulse
  .groupBy({ user_id: ({ counter }) => (counter % 10 === 0 ? 0 : counter) })
  .window(session('20 seconds'))
  .aggregate({ rows: count() })
  .map(({ windowStart, windowEnd, rows, user_id }) => ({
    ...{ end: briefly(windowEnd), rows, start: briefly(windowStart), user_id },
  }))
  .writeStream(sink);

const inOrder = (rows: readonly unknown[]): unknown[] => rows.map((row) => JSON.stringify(row)).toSorted();

/** Every row that is expected, once, and no other. */
const gives =
  <Input, Row>(input: string, definition: PipelineDefinition<Input, Row>, expected: string) =>
  (variant: Variant): void =>
    inAllWays(input, definition, variant, (batches) =>
      expect(inOrder(batches.flatMap(({ results }) => results))).toEqual(inOrder(readLines(expected))),
    );

export const arroyoSql: Suite = {
  name: 'Arroyo: SQL tests',
  source: 'Arroyo addb390, expected outputs of its SQL tests',
  variants,
  // Each runs thousands of lines a dozen times.
  timeoutMs: 60_000,
  cases: {
    hourly_by_event_type: passes(gives('arroyo/cars.json.gz', hourlyByEventType, 'arroyo/hourly_by_event_type.json')),
    tight_watermark: passes(gives('arroyo/cars.json.gz', tightWatermark, 'arroyo/tight_watermark.json')),
    sliding_window_end: passes(gives('arroyo/impulse.json', slidingWindowEnd, 'arroyo/sliding_window_end.json')),
    session_window: passes(gives('arroyo/impulse.json', sessionWindow, 'arroyo/session_window.json')),
    most_active_driver_last_hour: passes(
      gives('arroyo/cars.json.gz', mostActiveDriver, 'arroyo/most_active_driver_last_hour.json'),
      'the top of a window, as `topK` of one group',
    ),
    every_aggregate: passesInPart(
      givesEveryAggregate,
      'the last totals of each, in one window of all time; those that are not there as aggregates of the test, and without weights and ' +
        'booleans, of which the file does not say what they are of',
    ),
    windowed_inner_join: noCounterpart('joins'),
  },
};
