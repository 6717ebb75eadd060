/**
 * Visits to a site: the clicks of a user that follow each other within half an hour. A visit gives one row when the watermark
 * has reached half an hour after its last click: { user, windowStart, windowEnd, clicks, pages, landedOn, leftFrom, path }.
 */
import { collect, count, countDistinct, first, json, kinesis, last, pipeline, session } from 'kinesis-sluice';
import * as z from 'zod';

const Click = z.object({ at: z.string(), user: z.string(), page: z.string() });

export default pipeline('clickstream-sessions')
  .readStream(kinesis({ streamName: 'clicks', startingPosition: 'TRIM_HORIZON' }))
  .decode(json(Click))
  .withWatermark((click) => click.at, { delay: '30 minutes' })
  .groupBy({ user: (click) => click.user })
  .window(session('30 minutes'))
  .aggregate({
    clicks: count(),
    pages: countDistinct((click) => click.page),
    landedOn: first((click) => click.page),
    leftFrom: last((click) => click.page),
    path: collect((click) => click.page, { limit: 20 }),
  })
  .writeStream(kinesis({ streamName: 'visits' }));
