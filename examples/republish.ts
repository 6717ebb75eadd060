/**
 * Publishes flights that were an hour late or more to a stream of their own. Nothing is mapped, so each record keeps its
 * bytes and its partition key.
 */
import { json, kinesis, pipeline } from 'kinesis-sluice';
import * as z from 'zod';

const Flight = z.object({ origin: z.string(), destination: z.string(), delay: z.number() });

export default pipeline('republish')
  .readStream(kinesis({ streamName: 'flights', startingPosition: 'TRIM_HORIZON' }))
  .decode(json(Flight))
  .filter((flight) => flight.delay >= 60)
  .writeStream(kinesis({ streamName: 'delayed-flights' }));
