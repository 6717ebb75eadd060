/**
 * Cards that have paid more than 1,000 within an hour, looked at every five minutes: { card, windowStart, windowEnd, payments, total }.
 * A card is told again every five minutes, for as long as its last hour is above.
 */
import { count, json, kinesis, pipeline, sliding, sum } from 'kinesis-sluice';
import * as z from 'zod';

const Payment = z.object({ at: z.string(), card: z.string(), amount: z.number() });

export default pipeline('card-totals')
  .readStream(kinesis({ streamName: 'payments', startingPosition: 'TRIM_HORIZON' }))
  .decode(json(Payment))
  .withWatermark((payment) => payment.at, { delay: '5 minutes' })
  .groupBy({ card: (payment) => payment.card })
  .window(sliding('1 hour', '5 minutes'))
  .aggregate({ payments: count(), total: sum((payment) => payment.amount) })
  .filter((row) => row.total !== null && row.total > 1_000)
  .writeStream(kinesis({ streamName: 'card-alerts' }));
