/** `runPipeline` on a pipeline without `groupBy` whose sinks are sent to after the seal: what they get is what others would. */
import { expect, it } from 'vitest';
import { bytes, dynamodb, json, kinesis, runPipeline } from '../../functions/index.ts';
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
