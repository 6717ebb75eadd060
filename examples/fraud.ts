/**
 * Cards that pay more than 1,000 within an hour, told at once, and taken back where a payment turns out to be none: a reversal comes later,
 * with the time of its payment and its amount below zero. A row is { card, windowStart, windowEnd, payments, total }; one that is taken
 * back says so in `_sluice`.
 */
import { json, kinesis, pipeline, sliding, sum } from 'kinesis-sluice';
import * as z from 'zod';

const Payment = z.object({ at: z.string(), card: z.string(), amount: z.number() });

export default pipeline('fraud')
  .readStream(kinesis({ streamName: 'payments', startingPosition: 'TRIM_HORIZON' }))
  .decode(json(Payment))
  .withWatermark((payment) => payment.at, { delay: '5 minutes' })
  .groupBy({ card: (payment) => payment.card })
  .window(sliding('1 hour', '10 minutes'))
  .allowedLateness('1 day')
  .aggregate({
    payments: sum((payment) => Math.sign(payment.amount)),
    total: sum((payment) => payment.amount),
  })
  .filter((row) => (row.total ?? 0) > 1_000)
  .writeStream(kinesis({ streamName: 'fraud-alerts' }))
  .outputMode('update')
  .trigger({ every: '1 second' });
