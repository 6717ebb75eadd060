/**
 * What each account pays for a day of usage. Meters report when they have a connection, some of them days later: a day is billed an
 * hour after it is over, and again for a week whenever a report of it comes. Each bill replaces the one before:
 * { account, windowStart, windowEnd, reports, units, cents }, and in `_sluice` its revision. What comes later still is kept for people.
 */
import { count, json, kinesis, pipeline, sum, tumbling } from 'kinesis-sluice';
import * as z from 'zod';

const Usage = z.object({ at: z.string(), account: z.string(), units: z.number() });

/** Of a day. */
const freeUnits = 100;
const centsPerUnit = 3;

export default pipeline('usage-billing')
  .readStream(kinesis({ streamName: 'usage', startingPosition: 'TRIM_HORIZON' }))
  .decode(json(Usage))
  .withWatermark((usage) => usage.at, { delay: '1 hour' })
  .groupBy({ account: (usage) => usage.account })
  .window(tumbling('1 day', { zone: 'Europe/Berlin' }))
  .allowedLateness('7 days')
  .sideOutputLate(kinesis({ streamName: 'unbilled-usage' }))
  .aggregate({ reports: count(), units: sum((usage) => usage.units) })
  .map((row) => ({ ...row, cents: Math.max(0, (row.units ?? 0) - freeUnits) * centsPerUnit }))
  .writeStream(kinesis({ streamName: 'bills' }))
  .trigger({ every: '1 second' });
