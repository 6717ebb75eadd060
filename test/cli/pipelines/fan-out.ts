/** The example, by enhanced fan-out. */
import { count, json, kinesis, pipeline, tumbling } from 'kinesis-sluice';
import * as z from 'zod';

const Flight = z.object({ date: z.string(), delay: z.number(), origin: z.string() });

export default pipeline('fan-out')
  .readStream(kinesis({ streamName: 'flights', startingPosition: 'TRIM_HORIZON', consumerType: 'SubscribeToShard' }))
  .decode(json(Flight))
  .withWatermark((flight) => flight.date, { delay: '30 minutes' })
  .groupBy({ origin: (flight) => flight.origin })
  .window(tumbling('1 hour'))
  .aggregate({ departures: count() })
  .writeStream(kinesis({ streamName: 'departures' }))
  .trigger({ every: '1 second' });
