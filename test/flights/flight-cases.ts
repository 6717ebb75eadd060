/** Pipelines over the flights, each with what a direct computation has to know of it. */
import * as z from 'zod';
import {
  avg,
  count,
  json,
  kinesis,
  max,
  type PipelineDefinition,
  pipeline,
  session,
  sliding,
  sum,
  tumbling,
} from '../../functions/index.ts';
import type { Bounds, Rules } from '../windows/direct-computation.ts';
import type { Flight } from './fetched-flights.ts';

export type Row = {
  readonly origin: string;
  readonly windowStart: string;
  readonly windowEnd: string;
  readonly departures: number;
  readonly delay: number | null;
  readonly averageDelay: number | null;
  readonly farthest: number | null;
};

export type FlightCase = {
  readonly name: string;
  readonly definition: PipelineDefinition<Flight, Row>;
  readonly rules: Rules<Flight>;
};

const minute = 60_000;
const hour = 60 * minute;

/** The watermark is this far behind. */
export const delayMs = 30 * minute;

const grouped = pipeline('flights')
  .readStream(kinesis({ streamName: 'flights' }))
  .decode(json(z.object({ at: z.number(), delay: z.number(), distance: z.number(), origin: z.string() })))
  .withWatermark(({ at }) => at, { delay: '30 minutes' })
  .groupBy({ origin: ({ origin }) => origin });
const aggregates = {
  departures: count(),
  delay: sum(({ delay }: Flight) => delay),
  averageDelay: avg(({ delay }: Flight) => delay),
  farthest: max(({ distance }: Flight) => distance),
};
const sink = kinesis({ streamName: 'results' });

const keyOf = ({ origin }: Flight): string => origin;
const hourOf = ({ at }: Flight): readonly Bounds[] => {
  const start = at - (at % hour);
  return [[start, start + hour]];
};
const sixHoursOf = (flight: Flight): readonly Bounds[] => {
  const [[last]] = hourOf(flight) as [Bounds];
  return Array.from({ length: 6 }, (_, back) => [last - back * hour, last - back * hour + 6 * hour]);
};
const visitOf = ({ at }: Flight): readonly Bounds[] => [[at, at + 30 * minute]];
const latenessMs = 3 * hour;

const sixHours = grouped.window(sliding('6 hours', '1 hour'));
const hours = grouped.window(tumbling('1 hour'));
const sessions = grouped.window(session('30 minutes'));

export const flightCases: readonly FlightCase[] = [
  {
    name: 'hours',
    definition: hours.aggregate(aggregates).writeStream(sink),
    rules: { keyOf, windowsOf: hourOf },
  },
  {
    name: 'six hours each hour',
    definition: sixHours.aggregate(aggregates).writeStream(sink),
    rules: { keyOf, windowsOf: sixHoursOf },
  },
  {
    name: 'sessions of half an hour',
    definition: sessions.aggregate(aggregates).writeStream(sink),
    rules: { keyOf, windowsOf: visitOf, merges: true },
  },
  {
    name: 'hours, update mode',
    definition: hours.aggregate(aggregates).writeStream(sink).outputMode('update'),
    rules: { keyOf, windowsOf: hourOf, mode: 'update' },
  },
  {
    name: 'hours, corrected for three',
    definition: hours.allowedLateness('3 hours').aggregate(aggregates).writeStream(sink),
    rules: { keyOf, windowsOf: hourOf, latenessMs },
  },
  {
    name: 'six hours each hour, update mode, kept for three',
    definition: sixHours.allowedLateness('3 hours').aggregate(aggregates).writeStream(sink).outputMode('update'),
    rules: { keyOf, windowsOf: sixHoursOf, latenessMs, mode: 'update' },
  },
  {
    name: 'sessions, corrected for three hours',
    definition: sessions.allowedLateness('3 hours').aggregate(aggregates).writeStream(sink),
    rules: { keyOf, windowsOf: visitOf, merges: true, latenessMs },
  },
  {
    name: 'sessions, update mode, kept for three hours',
    definition: sessions.allowedLateness('3 hours').aggregate(aggregates).writeStream(sink).outputMode('update'),
    rules: { keyOf, windowsOf: visitOf, merges: true, latenessMs, mode: 'update' },
  },
];
