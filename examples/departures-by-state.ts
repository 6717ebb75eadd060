/**
 * Departures per state and hour: a table says in which state an airport lies. It is read again every hour, and flights of airports that
 * it does not have are of the state `other`. Each hour gives one row for every state: { state, windowStart, windowEnd, departures, table }.
 */
import { readFile } from 'node:fs/promises';
import { count, json, kinesis, pipeline, tumbling } from 'kinesis-sluice';
import * as z from 'zod';

const Flight = z.object({ date: z.string(), origin: z.string() });
const States = z.object({ version: z.string(), states: z.record(z.string(), z.string()) });

const loadStates = async () =>
  States.parse(JSON.parse(await readFile(process.env.STATES ?? 'examples/data/states.json', 'utf8')));

export default pipeline('departures-by-state')
  .readStream(kinesis({ streamName: 'flights', startingPosition: 'TRIM_HORIZON' }))
  .decode(json(Flight))
  .withWatermark((flight) => flight.date, { delay: '30 minutes' })
  .withReference('airports', loadStates, { every: '1 hour', version: ({ version }) => version })
  .groupBy({ state: (flight, meta) => meta.references.airports.states[flight.origin] ?? 'other' })
  .window(tumbling('1 hour'))
  .aggregate({ departures: count() })
  .map((row, meta) => ({ ...row, table: meta.references.airports.version }))
  .writeStream(kinesis({ streamName: 'departures-by-state' }));
