/** Counts events per kind, unless one of them does something else to whoever runs this. */
import * as z from 'zod';
import { count, json, kinesis, perMicroBatch, pipeline } from '../../../functions/index.ts';
import { harm } from '../../adapters/pipelines/harmful.ts';

export default pipeline('deadly', { parallelism: 1 })
  .readStream(kinesis({ streamName: 'deadly-source' }))
  .decode(json(z.object({ kind: z.string() })))
  .filter(({ kind }) => {
    harm[kind]?.();
    return true;
  })
  .groupBy({ kind: ({ kind }) => kind })
  .window(perMicroBatch())
  .aggregate({ events: count() })
  .writeStream(kinesis({ streamName: 'deadly-sink' }));
