/** An aggregate whose functions do to whoever runs them what an event says: alone, or with what others brought. */
import * as z from 'zod';
import { aggregate, json, kinesis, perMicroBatch, pipeline } from '../../../functions/index.ts';
import { harm } from './harmful.ts';

const Order = z.object({ where: z.string(), harm: z.string() });
type Order = z.infer<typeof Order>;

const doing = (place: string, orders: readonly Order[]): void => {
  for (const order of orders) if (order.where === place) harm[order.harm]?.();
};

export default pipeline('harmful-aggregate')
  .readStream(kinesis({ streamName: 'harmful-source' }))
  .decode(json(Order))
  .groupBy({})
  .window(perMicroBatch())
  .aggregate({
    orders: aggregate({
      name: 'orders',
      version: 1,
      empty: () => [] as readonly Order[],
      add: (orders, order: Order) => {
        doing('add', [order]);
        return [...orders, order];
      },
      merge: (one, other) => {
        doing('merge', other);
        if (one.length > 0) doing('merge of two', other);
        return [...one, ...other];
      },
      result: (orders) => {
        doing('result', orders);
        return orders.length;
      },
    }),
  })
  .writeStream(kinesis({ streamName: 'harmful-sink' }));
