import { count, json, kinesis, perMicroBatch, pipeline } from 'kinesis-sluice';
import * as z from 'zod';

/** Results of odd keys are refused. */
export default pipeline('halves')
  .readStream(kinesis({ streamName: 'numbers', startingPosition: 'TRIM_HORIZON' }))
  .decode(json(z.object({ id: z.number() })))
  .groupBy({ id: (event) => event.id })
  .window(perMicroBatch())
  .aggregate({ events: count() })
  .map((row) => {
    if (row.id % 2 === 1) throw new Error(`${row.id} has no half`);
    return { ...row, half: row.id / 2 };
  })
  .writeStream(kinesis({ streamName: 'halves' }));
