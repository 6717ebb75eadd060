/** The pipeline on values: no service, clock or network. */
import { runPipeline, transcript } from 'kinesis-sluice';
import { expect, test } from 'vitest';
import departures from './departures.ts';

const flight = (date: string, delay: number) => ({ date, delay, distance: 405, origin: 'ORD', destination: 'MCI' });

test('averages the delay of an hour', () => {
  const events = [flight('2001-01-01T13:05:00Z', 3), flight('2001-01-01T13:55:00Z', 5)];
  const { results } = runPipeline(departures, { events });
  expect(results).toEqual([
    {
      origin: 'ORD',
      windowStart: '2001-01-01T13:00:00.000Z',
      windowEnd: '2001-01-01T14:00:00.000Z',
      departures: 2,
      averageDelay: 4,
    },
  ]);
});

test('keeps what is no flight as a dead letter', () => {
  const payload = new TextEncoder().encode('{"origin":"ORD"}');
  const { results, deadLetters } = runPipeline(departures, { events: [payload] });
  expect(results).toEqual([]);
  expect(deadLetters).toMatchObject([{ reason: 'schema-mismatch' }]);
});

test('leaves out what comes after its hour was closed, whatever crashes or scales meanwhile', () => {
  const late = flight('2001-01-01T13:30:00Z', 9);
  transcript(departures)
    .add(flight('2001-01-01T13:05:00Z', 3))
    .advance('2001-01-01T14:00:00Z')
    .expect({ origin: 'ORD', departures: 1, averageDelay: 3 })
    .add(late)
    .expectLate(late)
    .run({ parallelism: 4, cuts: 'everywhere' });
});
