/**
 * The second pipeline: counts what the first one writes, per airport and hour, each delay once. An hour's rows are written as soon as a delay
 * half an hour after its end was seen: { airport, windowStart, windowEnd, delays, long, longest }.
 */
import { count, json, kinesis, max, pipeline, sum, tumbling } from 'kinesis-sluice';
import { Delay } from './events.ts';

export default pipeline('delays-by-airport')
  .readStream(kinesis({ streamName: 'delays', startingPosition: 'TRIM_HORIZON', deduplicate: true }))
  .decode(json(Delay))
  .withWatermark((delay) => delay.date, { delay: '30 minutes' })
  .groupBy({ airport: (delay) => delay.airport })
  .window(tumbling('1 hour'))
  .aggregate({
    delays: count(),
    long: sum((delay) => (delay.isLong ? 1 : 0)),
    longest: max((delay) => delay.minutes),
  })
  .writeStream(kinesis({ streamName: 'delays-by-airport' }));
