/**
 * The first pipeline: of all flights those that left late, as what others want to know of them. It keeps no state. A crash may send an
 * event twice; both have the same identity, in `_sluice`, by which the second pipeline knows it.
 */
import { json, kinesis, pipeline } from 'kinesis-sluice';
import type { z } from 'zod';
import { type Delay, delayedFrom, Flight, longFrom } from './events.ts';

export default pipeline('delays')
  .readStream(kinesis({ streamName: 'flights', startingPosition: 'TRIM_HORIZON' }))
  .decode(json(Flight))
  .filter((flight) => flight.delay >= delayedFrom)
  .map(
    ({ date, delay, origin }): z.input<typeof Delay> => ({
      ...{ date, airport: origin, minutes: delay },
      isLong: delay >= longFrom,
    }),
  )
  .writeStream(kinesis({ streamName: 'delays', partitionKey: (delay) => delay.airport }));
