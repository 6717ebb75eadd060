/** `runPipeline` on a pipeline with several outputs: what each is given, batch by batch. */
import { expect, it } from 'vitest';
import * as z from 'zod';
import { console, count, json, kinesis, perMicroBatch, pipeline, runPipeline } from '../../functions/index.ts';

const flights = pipeline('test')
  .readStream(kinesis({ streamName: 'flights' }))
  .decode(json(z.object({ origin: z.string() })));
const batches = [[{ origin: 'A' }, { origin: 'A' }, { origin: 'B' }]];

it('of rows each output has what its filter takes, as its map makes it', async () => {
  const rows = flights
    .groupBy({ origin: (flight) => flight.origin })
    .window(perMicroBatch())
    .aggregate({ departures: count() })
    .writeStream(console())
    .writeStream(console(), { name: 'busy', filter: (row) => row.departures > 1, map: (row) => row.origin });
  const [batch] = await runPipeline(rows, { batches });
  expect(batch?.results.map(({ origin }) => origin)).toEqual(['A', 'B']);
  expect(batch?.outputs.busy).toMatchObject({ results: ['A'], versions: [{ key: '["A"]', row: 0 }] });
});

it('of events, too; what one output fails on is a dead letter, and the other has it', async () => {
  const events = flights.writeStream(console()).writeStream(console(), {
    name: 'some',
    map: ({ origin }, meta) => {
      if (origin === 'B') throw new Error(`no ${origin}`);
      return `${origin} ${meta.subSequenceNumber}`;
    },
  });
  const [batch] = await runPipeline(events, { batches });
  expect(batch?.results).toEqual(batches[0]);
  expect(batch?.outputs.some?.results).toEqual(['A 0', 'A 0']);
  expect(batch?.deadLetters).toMatchObject([{ reason: 'callback-failed', message: 'output some: no B' }]);
});
