/** Both pipelines on values, alone and one behind the other: no service, clock or network. */
import { runPipeline, transcript } from 'kinesis-sluice';
import { expect, test } from 'vitest';
import delays from './delays.ts';
import delaysByAirport from './delays-by-airport.ts';

const flight = (date: string, delay: number, origin = 'ORD') => ({ date, delay, origin, destination: 'MCI' });

test('a flight is delayed from a quarter of an hour on, and long so from an hour on', () => {
  const events = [14, 15, 59, 60].map((delay) => flight('2026-03-01T13:05:00Z', delay));
  expect(runPipeline(delays, { events }).results).toMatchObject([
    { airport: 'ORD', minutes: 15, isLong: false },
    { airport: 'ORD', minutes: 59, isLong: false },
    { airport: 'ORD', minutes: 60, isLong: true },
  ]);
});

test('what the first one writes the second one reads', () => {
  const flights = [
    flight('2026-03-01T13:05:00Z', 3),
    flight('2026-03-01T13:10:00Z', 20),
    flight('2026-03-01T13:50:00Z', 95),
    flight('2026-03-01T13:55:00Z', 30, 'JFK'),
  ];
  const { results: events } = runPipeline(delays, { events: flights });
  const { results, deadLetters } = runPipeline(delaysByAirport, { events });
  expect(deadLetters).toEqual([]);
  expect(results).toMatchObject([
    { airport: 'JFK', windowStart: '2026-03-01T13:00:00.000Z', delays: 1, long: 0, longest: 30 },
    { airport: 'ORD', windowStart: '2026-03-01T13:00:00.000Z', delays: 2, long: 1, longest: 95 },
  ]);
});

test('an hour is written when it is over by half an hour, whatever crashes or scales meanwhile', () => {
  const delay = (date: string, minutes: number) => ({ date, airport: 'ORD', minutes, isLong: minutes >= 60 });
  const late = delay('2026-03-01T13:59:00Z', 40);
  transcript(delaysByAirport)
    .add(delay('2026-03-01T13:10:00Z', 20), delay('2026-03-01T14:29:59Z', 70))
    .expect()
    .add(delay('2026-03-01T14:30:00Z', 15))
    .expect({ airport: 'ORD', delays: 1, long: 0, longest: 20 })
    .add(late)
    .expectLate(late)
    .run({ parallelism: 4, cuts: 'everywhere' });
});
