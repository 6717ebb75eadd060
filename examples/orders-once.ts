/**
 * The first of two pipelines that count orders which producers may send several times: writes each order once. What it writes
 * examples/orders-by-country.ts counts.
 *
 *   {"id": "4711", "date": "2026-03-01T09:02:00Z", "country": "DE", "amount": 12.5}
 */
import { json, kinesis, pipeline } from 'kinesis-sluice';
import * as z from 'zod';

const Order = z.object({ id: z.string(), date: z.string(), country: z.string(), amount: z.number() });

export default pipeline('orders-once', { parallelism: 4 })
  .readStream(kinesis({ streamName: 'orders' }))
  .decode(json(Order))
  .withWatermark((order) => order.date, { delay: '30 minutes' })
  .dropDuplicates({ id: (order) => order.id }, { within: '1 day' })
  .writeStream(kinesis({ streamName: 'orders-once' }));
