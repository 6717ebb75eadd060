/** A callback that never returns: of an event, or of a row. */
import { count, json, kinesis, perMicroBatch, pipeline } from 'kinesis-sluice';
import * as z from 'zod';

const endless = process.env.ENDLESS;

function maybeEndless(what: string): true {
  while (endless === what);
  return true;
}

export default pipeline('endless', { parallelism: 1 })
  .readStream(kinesis({ streamName: 'numbers', startingPosition: 'TRIM_HORIZON' }))
  .decode(json(z.object({ n: z.number() })))
  .filter(() => maybeEndless('event'))
  .groupBy({ n: (event) => event.n })
  .window(perMicroBatch())
  .aggregate({ count: count() })
  .filter(() => maybeEndless('row'))
  .writeStream(kinesis({ streamName: 'counts' }));
