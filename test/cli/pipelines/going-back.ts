/** Counts by hour and origin, given out in each batch: to a stream and to a live view. Each test names streams and view of its own. */
import { count, dynamodb, json, kinesis, max, pipeline, tumbling } from 'kinesis-sluice';
import * as z from 'zod';

const Flight = z.object({ at: z.string(), origin: z.string(), delay: z.number() });

export type Places = {
  readonly source: string;
  readonly sink: string;
  readonly view: string;
  readonly endpointUrl: string;
};

/** `changed`: another definition that goes on with what this one has saved: its aggregates stand in another order. */
export const goingBack = (
  name: string,
  parallelism: number,
  { source, sink, view, endpointUrl }: Places,
  changed = false,
) =>
  pipeline(name, { parallelism, minBatchesToRetain: 20 })
    .readStream(kinesis({ streamName: source, startingPosition: 'TRIM_HORIZON' }))
    .decode(json(Flight))
    .withWatermark((flight) => flight.at, { delay: '1 day' })
    .groupBy({ origin: (flight) => flight.origin })
    .window(tumbling('1 hour'))
    .aggregate(
      changed
        ? { longest: max((flight) => flight.delay), flights: count() }
        : { flights: count(), longest: max((flight) => flight.delay) },
    )
    .writeStream(kinesis({ streamName: sink, identity: 'field' }))
    .writeStream(dynamodb({ tableName: view, endpointUrl }), { name: 'view' })
    .outputMode('update');

export default goingBack('going-back', 4, {
  ...{ source: 'flights', sink: 'counts', view: 'counts', endpointUrl: 'http://127.0.0.1:8000' },
});
