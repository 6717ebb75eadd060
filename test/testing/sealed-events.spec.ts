/** `runPipeline` on a pipeline without `groupBy` whose sinks are sent to after the seal: what they get is what others would. */
import { expect, it } from 'vitest';
import {
  bytes,
  count,
  type DeadLetterRecord,
  dynamodb,
  forEachBatch,
  json,
  kinesis,
  type LateEvent,
  runPipeline,
  tumbling,
} from '../../functions/index.ts';
import { anyObject } from '../support/pipelines.ts';
import { pipelineOfSealed, sealed } from '../support/sealed-streams.ts';

const source = pipelineOfSealed('test').readStream(kinesis({ streamName: 'in' }));

it('outputs that are sent to after the seal have their events, beside one that is sent to while reading', () => {
  const events = source
    .decode(json(anyObject))
    .filter(({ id }) => id !== 2)
    .writeStream(sealed({ streamName: 'kept' }))
    .writeStream(kinesis({ streamName: 'copied' }), { name: 'copy' })
    .writeStream(sealed({ streamName: 'odd' }), { name: 'odd', map: ({ id }) => ({ odd: Number(id) % 2 === 1 }) });
  const batches = [
    [{ id: 1 }, { id: 2 }],
    [{ id: 3 }, { id: 4 }],
  ];
  const [first, second] = runPipeline(events, { batches });
  expect(first).toMatchObject({ results: [{ id: 1 }], filtered: 1, outputs: { copy: { results: [{ id: 1 }] } } });
  expect(second?.results).toEqual([{ id: 3 }, { id: 4 }]);
  expect(second?.outputs.odd?.results).toEqual([{ odd: true }, { odd: false }]);
});

it('bytes come as they are, through a crash too', () => {
  const copied = source.decode(bytes()).writeStream(sealed({ streamName: 'kept' }));
  const given = [Uint8Array.of(1, 255), Uint8Array.of(0)];
  const [, batch] = runPipeline(copied, { batches: [{ crash: 'reducing' }, given] });
  expect(batch?.results).toEqual(given);
});

it('an event of which a view could make no key is a dead letter here, too', () => {
  const view = source
    .decode(json(anyObject))
    .writeStream(dynamodb({ tableName: 'last', partitionKey: '{user}', sortKey: '{at}' }));
  const given = [{ user: 'u', at: 1 }, { user: null, at: 2 }, { user: 'u' }];
  const { results, deadLetters } = runPipeline(view, { events: given });
  expect(results).toEqual([given[0]]);
  expect(deadLetters.map(({ event, reason }) => [event, reason])).toEqual([
    [given[1], 'invalid-result'],
    [given[2], 'invalid-result'],
  ]);
});

it('late events and dead letters for a function are what it would be given as values', () => {
  const never = () => {
    throw new Error('a test calls nobody');
  };
  const departures = source
    .decode(json(anyObject))
    .withWatermark(({ at }) => at as number, { delay: '0 seconds' })
    .groupBy({})
    .window(tumbling('10 milliseconds'))
    .sideOutputLate(forEachBatch(never))
    .aggregate({ events: count() })
    .writeStream(kinesis({ streamName: 'out' }))
    .deadLettersTo(forEachBatch(never));
  const [, second] = runPipeline(departures, { batches: [[{ at: 50 }], [{ at: 7 }, 'no object' as never]] });
  const late = second?.outputs.late?.results as readonly LateEvent[];
  expect(late).toMatchObject([{ payload: { text: '{"at":7}' }, lateByMs: 40 }]);
  const letters = second?.outputs['dead-letters']?.results as readonly DeadLetterRecord[];
  expect(letters).toMatchObject([{ reason: 'schema-mismatch', payload: { text: '"no object"' } }]);
});
