/** Passes events on to the console; the trigger is long, so most of the time nothing runs. */
import { console, json, kinesis, pipeline } from 'kinesis-sluice';
import * as z from 'zod';

export default pipeline('console-errors')
  .readStream(kinesis({ streamName: 'logs', startingPosition: 'TRIM_HORIZON' }))
  .decode(json(z.object({ level: z.string(), n: z.number() })))
  .filter((event) => event.level === 'error')
  .map((event) => ({ n: event.n, level: event.level }))
  .writeStream(console())
  .trigger({ every: '1 hour' });
