/** What a run on this machine shows of several outputs. */
import { expect, it } from 'vitest';
import { openSinks } from '../../../functions/adapters/open-sinks.ts';
import { bytes, console, kinesis, pipeline } from '../../../functions/index.ts';
import { requirePipeline } from '../../../functions/pipeline/check-pipeline.ts';
import { ShownRows } from '../../../local/session/shown-rows.ts';
import { sinkOpeners } from '../../../local/session/sinks/index.ts';

const textsIn = (shown: ShownRows) => [...shown.take()].map(([id, rows]) => [id, rows.map((row) => String(row))]);
const record = (data: string) => ({ partitionKey: 'k', explicitHashKey: undefined, data });

it('rows are by output, once each, and an output without any is not there', () => {
  const shown = new ShownRows();
  shown.add('main', [Buffer.from('a')]);
  shown.add('audit', []);
  shown.add('main', [Buffer.from('b')]);
  expect(textsIn(shown)).toEqual([['main', ['a', 'b']]]);
  expect(textsIn(shown)).toEqual([]);
});

it('each console shows its rows under the name of its output', async () => {
  const { outputs } = requirePipeline(
    pipeline('test')
      .readStream(kinesis({ streamName: 'in' }))
      .decode(bytes())
      .writeStream(console())
      .writeStream(console(), { name: 'sizes', map: (event) => event.length }),
  );
  const shown = new ShownRows();
  const clock = { now: () => 0, sleep: async () => {} };
  const environment = {
    region: undefined,
    clock,
    dynamodbClientAt: () => ({}) as never,
    kinesisClientAt: () => undefined as never,
    settingsAt: () => undefined as never,
  };
  const sinkOf = openSinks(
    outputs,
    environment,
    sinkOpeners((output, rows) => shown.add(output, rows)),
  )(clock, undefined);
  await sinkOf('sizes').send([record('3')], 1);
  await sinkOf('main').send([record('abc')], 1);
  expect(textsIn(shown)).toEqual([
    ['sizes', ['3']],
    ['main', ['abc']],
  ]);
});
