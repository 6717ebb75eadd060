/**
 * The second of two pipelines: counts what examples/orders-once.ts writes. After a crash that may write a record again, with the
 * time that it had; here it counts once. An order that was just in time there is one whose time may lie further behind here, where
 * orders of all shards come together: so this one waits longer.
 */
import { count, json, kinesis, pipeline, sum, tumbling } from 'kinesis-sluice';
import * as z from 'zod';

const Order = z.object({ id: z.string(), date: z.string(), country: z.string(), amount: z.number() });
const country = (order: z.infer<typeof Order>): string => order.country;

export default pipeline('orders-by-country')
  .readStream(kinesis({ streamName: 'orders-once' }))
  .decode(json(Order))
  .withWatermark((order) => order.date, { delay: '1 hour' })
  .dropDuplicates({ id: (order) => order.id, country }, { within: '1 millisecond' })
  .groupBy({ country })
  .window(tumbling('1 hour'))
  .aggregate({ orders: count(), amount: sum((order) => order.amount) })
  .writeStream(kinesis({ streamName: 'orders-by-country' }));
