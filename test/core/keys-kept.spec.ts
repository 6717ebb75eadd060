/** What a table holds of its keys: the letters that they have, and not the events that they were cut out of. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { createJudge } from '../../functions/core/judge-event.ts';
import { ownText } from '../../functions/core/own-text.ts';
import { WindowTable } from '../../functions/core/window-table.ts';
import { count, csv, kinesis, pipeline, tumbling } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { decompress, noon, planned, plannedTask, utf8 } from '../support/builders.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const heldBytes = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

const lines = pipeline('lines')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(csv({ id: 'text', rest: 'text' }))
  .withWatermark(() => noon, { delay: '1 hour', maxFutureTime: '10000 days' });

it.each([
  ['a column of a line of CSV', ({ id }: { readonly id: string }) => id],
  ['a part of a text', ({ rest }: { readonly rest: string }) => rest.slice(0, 20)],
])('%s as a key does not hold its event', (_, key) => {
  const definition = requirePipeline(
    lines
      .groupBy({ key })
      .window(tumbling('1 hour'))
      .aggregate({ events: count() })
      .writeStream(kinesis({ streamName: 'out' })),
  );
  const judge = createJudge(definition, plannedTask([planned('shard')]), decompress);
  const table = new WindowTable(definition.aggregation!);
  const events = 1_000;
  const letters = 20_000;
  const before = heldBytes();
  for (let at = 0; at < events; at++) {
    const id = `identifier-é${String(at).padStart(8, '0')}`;
    const { grouped } = judge(utf8(`${id},${id}${'x'.repeat(letters)}`), undefined, 'base', noon);
    table.count(grouped!);
  }
  // All events together have twenty million letters.
  expect(heldBytes() - before).toBeLessThan(2_000_000);
  expect(table.keys()).toHaveLength(events);
  expect(table.keys()[7]!.keyValues).toEqual(['identifier-é00000007']);
});

it.each([
  '',
  'short',
  'longer than thirteen',
  '"\\\n\u0000\u2028 and more',
  'half a pair: \ud83d',
  '\ude00 and the other half',
])('a text is the same when it is copied: %j', (text) => {
  expect(ownText(text)).toBe(text);
});
