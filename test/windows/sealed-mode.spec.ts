/** SEALED-1: another mode than that of whoever began the batch. */
import { expect, it } from 'vitest';
import * as z from 'zod';
import { reduceKeyGroup } from '../../functions/core/reduce-key-group.ts';
import type { SavedWindows } from '../../functions/core/saved-windows.ts';
import type { VersionRules } from '../../functions/core/sealed-versions.ts';
import { count, json, kinesis, pipeline, sum, tumbling } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { ResultVersion } from '../../functions/sinks/identity.ts';
import { batchBody } from '../support/builders.ts';

type Sale = { readonly at: number; readonly value: number };
const pipelineIn = (mode: 'append' | 'update') => {
  const checked = requirePipeline(
    pipeline('sales')
      .readStream(kinesis({ streamName: 'in' }))
      .decode(json(z.object({ at: z.number(), value: z.number() })))
      .withWatermark((sale) => sale.at, { delay: '1 minute' })
      .groupBy({})
      .window(tumbling('10 milliseconds'))
      .aggregate({ n: count(), total: sum((sale: Sale) => sale.value) })
      .filter((row) => row.total! > 5)
      .writeStream(kinesis({ streamName: 'out' }))
      .outputMode(mode),
  );
  return { ...checked, aggregation: checked.aggregation! };
};

/** In update mode the first window has given out a row; the second one is open, and has more. The watermark closes the first. */
const before: SavedWindows = [[[], [[0, 10, [1, [1, 7]], [1, 1]]]]];
const blocks = (value: number) =>
  [
    [
      [
        [],
        [
          [0, 10, [1, [1, value]]],
          [10, 20, [1, [1, 9]]],
        ],
      ],
    ],
  ] as const;

function given(mode: 'append' | 'update', value: number, gives?: VersionRules) {
  const body = batchBody({ watermarkIn: 5, watermarkOut: 10, ...(gives === undefined ? {} : { gives }) });
  const { outbox } = reduceKeyGroup(pipelineIn(mode), body, { keyGroup: 0, before, blocks: blocks(value) });
  return (outbox[0]?.records ?? []).map(({ data }) => {
    const { _sluice, total } = JSON.parse(data as string) as { _sluice: ResultVersion; total?: number };
    return `[${_sluice.window}] ${_sluice.revision} ${_sluice.retracted ? 'taken back' : total}`;
  });
}

it('a batch that other code goes on with gives what its seal says, whatever the mode of that code', () => {
  const inUpdateMode = ['[0,10] 1 10', '[10,20] 0 9'];
  expect(given('update', 3)).toEqual(inUpdateMode);
  expect(given('append', 3, { mode: 'update' })).toEqual(inUpdateMode);
  expect(given('update', 3, {})).toEqual(['[0,10] 1 10']);
});
