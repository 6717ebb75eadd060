/** FILES-A-DAY-1: how many files a day a definition makes at most. */
import { expect, it } from 'vitest';
import {
  bytes,
  count,
  kinesis,
  perMicroBatch,
  pipeline,
  s3,
  session,
  sliding,
  tumbling,
} from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { PipelineDefinition } from '../../functions/pipeline/definition.ts';
import { filesADay, filesText } from '../../functions/pipeline/files-a-day.ts';

const events = (parallelism = 1) =>
  pipeline('flights', { parallelism })
    .readStream(kinesis({ streamName: 'in' }))
    .decode(bytes());
const grouped = (parallelism?: number) =>
  events(parallelism)
    .withWatermark(() => 0, { delay: '1 second' })
    .groupBy({ country: () => 'DE' });
const sink = s3({ bucket: 'flights', identity: 'field' });
const of = (definition: PipelineDefinition<never, never>) => {
  const checked = requirePipeline(definition);
  return filesADay(checked, checked.outputs[0]!);
};
const written = (stage: { aggregate(of: object): unknown }, to = sink) =>
  (stage.aggregate({ n: count() }) as ReturnType<ReturnType<typeof hourly>['aggregate']>).writeStream(to);
const hourly = (parallelism?: number) => grouped(parallelism).window(tumbling('1 hour'));

it('is one for each end of windows and key group', () => {
  expect(of(written(hourly(4)) as never)).toEqual({ batches: 24, groups: 4, folders: [] });
  expect(of(written(grouped().window(sliding('1 hour', '5 minutes'))) as never).batches).toBe(288);
  expect(of(written(grouped().window(tumbling('7 days'))) as never).batches).toBe(1);
});

it('is one for each batch where any may have rows: in other modes, of corrections, of sessions, of micro-batches, of events', () => {
  const tenSeconds = 8_640;
  expect(of(written(hourly()).outputMode('update') as never).batches).toBe(tenSeconds);
  expect(of(written(hourly().allowedLateness('1 day')) as never).batches).toBe(tenSeconds);
  expect(of(written(grouped().window(session('1 hour'))) as never).batches).toBe(tenSeconds);
  expect(of(written(grouped().window(perMicroBatch())) as never).batches).toBe(tenSeconds);
  expect(of(events(2).writeStream(s3({ bucket: 'flights' })) as never)).toMatchObject({
    batches: tenSeconds,
    groups: 2,
  });
  expect(of(written(hourly()).outputMode('update').trigger({ every: '1 hour' }) as never).batches).toBe(24);
});

it('is never more than there are batches', () => {
  const byTheSecond = written(grouped().window(tumbling('1 second')));
  expect(of(byTheSecond.trigger({ every: '1 minute' }) as never).batches).toBe(1_440);
});

it('says of which values of the key there are so many', () => {
  const folders = of(
    written(hourly(2), s3({ bucket: 'flights', partitionBy: 'dt={window.day}/land={country}' })) as never,
  );
  expect(filesText('main', folders)).toBe(
    'Output main makes up to 48 files a day, for each land: 2 key groups in each of 24 batches that may have rows for it.',
  );
  expect(filesText('late', { batches: 10, groups: 1, folders: [] })).toBe(
    'Output late makes up to 10 files a day: one in each of 10 batches that may have rows for it.',
  );
});
