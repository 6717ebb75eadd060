/** What is wrong with a `topRows`, by name, and what becomes of one that is right. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { versionRulesOf } from '../../functions/core/sealed-versions.ts';
import {
  checkPipeline,
  count,
  globalWindow,
  json,
  kinesis,
  perMicroBatch,
  pipeline,
  type RowStage,
  session,
  tumbling,
} from '../../functions/index.ts';
import { openOutline, outlineOf } from '../../functions/pipeline/outline.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';

type Row = { readonly key: string; readonly events: number };
type Rows = RowStage<unknown, Row>;

const keyed = pipeline('top')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(json(z.object({ key: z.string(), at: z.number() })))
  .withWatermark(({ at }) => at, { delay: '1 second' })
  .groupBy({ key: ({ key }) => key });
const hourly = keyed.window(tumbling('1 hour'));
const counted = hourly.aggregate({ events: count() });
const sink = kinesis<'sink', unknown>({ streamName: 'out' });
const by = (row: Row): number => row.events;

const written = (rows: unknown): ReturnType<Rows['writeStream']> => (rows as Rows).writeStream(sink);
const messagesOf = (definition: unknown): readonly string[] => {
  const checked = checkPipeline(definition);
  return checked.kind === 'valid' ? [] : checked.problems.map(({ message }) => message);
};
/** As one that knows no types writes it. */
const untyped = (...given: unknown[]) => written((counted.topRows as (...all: unknown[]) => unknown)(...given));

describe('topRows', () => {
  it('ranks by the highest number if nothing else is said, and gives no column', () => {
    const checked = checkPipeline(written(counted.topRows(3, { by })));
    const { aggregation } = (checked as { readonly pipeline: Pipeline }).pipeline;
    expect(aggregation?.top).toEqual({ n: 3, order: 'highest', by, filters: [] });
  });

  it('is known to the steps without user code by its number and order', () => {
    const definition = written(counted.topRows(3, { by, order: 'lowest', rankAs: 'place' }));
    const { pipeline: checked } = checkPipeline(definition) as { readonly pipeline: Pipeline };
    const outline = openOutline(JSON.parse(JSON.stringify(outlineOf(definition, checked))), {});
    for (const { aggregation } of [outline, checked])
      expect(versionRulesOf(aggregation!)).toEqual({ top: { n: 3, order: 'lowest' } });
  });

  it('stands behind filters and before everything else', () => {
    const rows = counted
      .filter(({ events }) => events > 1)
      .topRows(3, { by, order: 'lowest', rankAs: 'place' })
      .filter(({ place }) => place < 3)
      .map(({ key }) => key);
    const checked = checkPipeline(written(rows));
    const { aggregation } = (checked as { readonly pipeline: Pipeline }).pipeline;
    expect(aggregation?.top).toMatchObject({ order: 'lowest', rankAs: 'place', filters: [{ kind: 'filter' }] });
    expect(aggregation?.rowOperations.map(({ kind }) => kind)).toEqual(['filter', 'map']);
  });

  it.each([
    ['no number', untyped(undefined, { by }), /^topRows: nothing is given; use a whole number from 1 to 1000/],
    ['a number that is none', untyped(0, { by }), /^topRows: 0 is not allowed; use a whole number from 1 to 1000/],
    ['nothing to rank by', untyped(3, {}), /^topRows\.by: nothing is given; use a function/],
    ['no options', untyped(3), /^topRows\.by: nothing is given; use a function/],
    ['a column to rank by', untyped(3, { by: 'events' }), /^topRows\.by: 'events' is not allowed; use a function/],
    ['an order that is none', untyped(3, { by, order: 'desc' }), /^topRows\.order: 'desc' is not allowed/],
    [
      'the name of a key',
      untyped(3, { by, rankAs: 'key' }),
      /^topRows\.rankAs: 'key' .* no other column of the row has/,
    ],
    ['the name of an aggregate', untyped(3, { by, rankAs: 'events' }), /^topRows\.rankAs: 'events' is not allowed/],
    ['the name of a window column', untyped(3, { by, rankAs: 'windowStart' }), /^topRows\.rankAs: 'windowStart'/],
    ['a name that is a number', untyped(3, { by, rankAs: '1' }), /^topRows\.rankAs: '1' is not allowed; use a name of/],
    ['an option that is none', untyped(3, { by, rankas: 'place' }), /^topRows\.rankas: .* did you mean rankAs\?/],
    [
      'a map before it',
      written((counted.map((row) => row) as Rows).topRows(3, { by })),
      /^topRows: 'behind map of rows' is not allowed; use it before map\(…\): only filter may come first/,
    ],
    ['another one', written(counted.topRows(3, { by }).topRows(2, { by })), /^topRows: '2 times' .* it once/],
    [
      'sessions',
      written(keyed.window(session('1 minute')).aggregate({ events: count() }).topRows(3, { by })),
      /^topRows: 'session' is not allowed; use windows that all keys have in common, such as tumbling\(…\)/,
    ],
    [
      'update mode',
      written(counted.topRows(3, { by })).outputMode('update'),
      /^outputMode: 'update' is not allowed; use 'append' with topRows\(…\), whose rows are given out once/,
    ],
    [
      'complete mode',
      written(counted.topRows(3, { by })).outputMode('complete'),
      /^outputMode: 'complete' is not allowed; use 'append' with topRows/,
    ],
    [
      'discarded results',
      written(counted.topRows(3, { by })).outputMode('append', { accumulation: 'discarding' }),
      /^accumulation: 'discarding' is not allowed; use 'accumulating' with topRows/,
    ],
    [
      'allowed lateness',
      written(hourly.allowedLateness('1 day').aggregate({ events: count() }).topRows(3, { by })),
      /^allowedLateness: '1 day' is not allowed; use none with topRows\(…\).*a longer delay of withWatermark/,
    ],
  ])('with %s is refused', (_, definition, message) => {
    expect(messagesOf(definition)).toEqual([expect.stringMatching(message)]);
  });

  it('of running totals is refused with the mode that they need', () => {
    const totals = keyed.window(globalWindow({ ttl: '1 day' })).aggregate({ events: count() });
    const messages = messagesOf(written(totals.topRows(3, { by })).outputMode('update'));
    expect(messages).toEqual([expect.stringMatching(/^topRows: /), expect.stringMatching(/^outputMode: 'update'/)]);
  });

  it('goes with windows of a batch, no lateness, late events and dead letters on their way', () => {
    const ofBatch = keyed.window(perMicroBatch()).aggregate({ events: count() });
    expect(messagesOf(written(ofBatch.topRows(3, { by })))).toEqual([]);
    const late = hourly.allowedLateness('0 seconds').sideOutputLate(kinesis({ streamName: 'late' }));
    const rows = late.aggregate({ events: count() }).topRows(3, { by });
    expect(messagesOf(written(rows).deadLettersTo(kinesis({ streamName: 'letters' })))).toEqual([]);
  });
});
