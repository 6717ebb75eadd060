/** What the types of files allow: columns that a row has, of what it has in them. */
import { bytes, count, kinesis, ndjson, parquet, pipeline, s3, tumbling } from '../../functions/index.ts';

const rows = pipeline('flights')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(bytes())
  .withWatermark(() => 0, { delay: '1 second' })
  .groupBy({ country: () => 'DE' })
  .window(tumbling('1 hour'))
  .aggregate({ flights: count() });
const bucket = 'flights';

rows.writeStream(s3({ bucket }));
rows.writeStream(s3({ bucket, format: ndjson() }));
rows.writeStream(s3({ bucket, format: parquet({ columns: { country: 'string', windowStart: 'timestamp' } }) }));
rows
  .map(({ country }) => ({ country, when: new Date(), any: [1] }))
  .writeStream(s3({ bucket, format: parquet({ columns: { when: 'timestamp', any: 'json' } }) }));
// @ts-expect-error a count is no text
rows.writeStream(s3({ bucket, format: parquet({ columns: { flights: 'string' } }) }));
// @ts-expect-error a row has no such field
rows.writeStream(s3({ bucket, format: parquet({ columns: { flight: 'int64' } }) }));
// @ts-expect-error there is no such type
parquet({ columns: { flights: 'int' } });
// @ts-expect-error files need a bucket
s3({ prefix: 'a' });
