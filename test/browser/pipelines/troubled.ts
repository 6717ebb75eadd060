import { existsSync } from 'node:fs';
import { count, forEachBatch, json, kinesis, perMicroBatch, pipeline } from 'kinesis-sluice';
import * as z from 'zod';

/** Fails as long as this file is there. */
const brokenBy = process.env.WAREHOUSE_IS_DOWN ?? '';

async function save(): Promise<void> {
  if (existsSync(brokenBy)) throw new Error('the warehouse does not take rows');
}

/** One shard is read a few records at a time, so whichever gets most of them falls behind. */
export default pipeline('orders', { parallelism: 2 })
  .readStream(kinesis({ streamName: 'orders', startingPosition: 'TRIM_HORIZON', maxFetchRecordsPerShard: 40 }))
  .decode(json(z.object({ country: z.string(), amount: z.number() })))
  .groupBy({ country: (order) => order.country })
  .window(perMicroBatch())
  .aggregate({ orders: count() })
  .writeStream(kinesis({ streamName: 'orders-per-country' }))
  .writeStream(forEachBatch(save), { name: 'warehouse' })
  .trigger({ every: '500 milliseconds' });
