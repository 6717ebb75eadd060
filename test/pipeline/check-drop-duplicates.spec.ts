/** What is wrong with a `dropDuplicates`, by name, and what becomes of one that is right. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { checkPipeline, count, type DistinctStage, json, kinesis, pipeline, tumbling } from '../../functions/index.ts';
import { fingerprintMessage, goesOn } from '../../functions/pipeline/fingerprint-change.ts';
import { openOutline, outlineOf } from '../../functions/pipeline/outline.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';

type Event = { readonly id: string; readonly at: number };
type Distinct = DistinctStage<unknown, Event>;

const events = pipeline('once')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(json(z.object({ id: z.string(), at: z.number() })));
const timed = events.withWatermark(({ at }) => at, { delay: '1 second' });
const id = (event: Event): string => event.id;
const once = timed.dropDuplicates({ id }, { within: '1 hour' });
const sink = kinesis<'sink', unknown>({ streamName: 'out' });
const written = (stage: unknown): ReturnType<Distinct['writeStream']> => (stage as Distinct).writeStream(sink);
const pipelineOf = (definition: unknown): Pipeline => {
  const checked = checkPipeline(definition);
  if (checked.kind === 'valid') return checked.pipeline;
  throw new Error(checked.problems.map(({ message }) => message).join('; '));
};
const messagesOf = (definition: unknown): readonly string[] => {
  const checked = checkPipeline(definition);
  return checked.kind === 'valid' ? [] : checked.problems.map(({ message }) => message);
};
/** As one that knows no types writes it. */
const untyped = (...given: unknown[]) => written((timed.dropDuplicates as (...all: unknown[]) => unknown)(...given));

describe('dropDuplicates', () => {
  it('keeps an event for as long as within says, in milliseconds', () => {
    const { aggregation } = pipelineOf(written(once));
    expect(aggregation).toMatchObject({ operator: 'dropDuplicates', window: { options: { withinMs: 3_600_000 } } });
    expect(aggregation?.keys).toEqual([{ name: 'id', selector: id }]);
  });

  it('is known to the steps without user code by when keys are forgotten', () => {
    const definition = written(once);
    const outline = openOutline(JSON.parse(JSON.stringify(outlineOf(definition, pipelineOf(definition)))), {});
    expect(outline.aggregation?.window).toEqual(pipelineOf(definition).aggregation?.window);
  });

  it('goes on with what is saved whatever stands before and behind it, and not with other keys or another within', () => {
    const { fingerprint } = pipelineOf(written(once));
    const goesOnWith = (stage: unknown): boolean =>
      goesOn(fingerprint, pipelineOf(written(stage)).fingerprint, 'refuse');
    const filtered = timed.filter(({ at }) => at > 0).dropDuplicates({ id }, { within: '1 hour' });
    expect(goesOnWith(filtered.map((event) => event.id))).toBe(true);
    expect(goesOnWith(timed.dropDuplicates({ id }, { within: '2 hours' }))).toBe(false);
    expect(goesOnWith(timed.dropDuplicates({ id, at: ({ at }) => at }, { within: '1 hour' }))).toBe(false);
  });

  it('comes behind withWatermark, and nowhere else', () => {
    expect(events).not.toHaveProperty('dropDuplicates');
    expect(once).not.toHaveProperty('dropDuplicates');
  });

  it('takes late events, dead letters and further outputs', () => {
    const outputs = once
      .sideOutputLate(kinesis({ streamName: 'late' }))
      .writeStream(sink)
      .writeStream(kinesis({ streamName: 'second' }), { name: 'second', filter: (event) => event.at > 0 })
      .deadLettersTo(kinesis({ streamName: 'letters' }))
      .outputMode('append');
    expect(pipelineOf(outputs).outputs.map(({ id: name, from }) => [name, from])).toEqual([
      ['main', 'results'],
      ['second', 'results'],
      ['late', 'late'],
      ['dead-letters', 'letters'],
    ]);
  });

  it.each([
    [
      'no keys',
      untyped(undefined, { within: '1 hour' }),
      /^dropDuplicates: nothing is given; use an object of named keys/,
    ],
    [
      'a key alone',
      untyped(id, { within: '1 hour' }),
      /^dropDuplicates: nothing is given; use an object of named keys/,
    ],
    ['an empty object', untyped({}, { within: '1 hour' }), /^dropDuplicates: '0 names' .* use 1 to 16 named keys/],
    ['a name as a key', untyped({ id: 'id' }, { within: '1 hour' }), /^dropDuplicates\.id: 'id' .* use a function/],
    ['a number as a name', untyped({ 1: id }, { within: '1 hour' }), /^dropDuplicates\.1: '1' is not allowed/],
    ['no within', untyped({ id }), /^dropDuplicates\.within: nothing is given; use a duration/],
    ['none at all', untyped({ id }, { within: '0 hours' }), /^dropDuplicates\.within: '0 hours' is not allowed/],
    [
      'a number as within',
      untyped({ id }, { within: 60 }),
      /^dropDuplicates\.within: 60 is not allowed; use a duration/,
    ],
    [
      'an option that is none',
      untyped({ id }, { within: '1 hour', witin: '1 hour' }),
      /^dropDuplicates\.witin: .* did you mean within\?/,
    ],
    [
      'update mode',
      written(once).outputMode('update'),
      /^outputMode: 'update' is not allowed; use 'append' with dropDuplicates\(…\): an event that passes never changes/,
    ],
    ['complete mode', written(once).outputMode('complete'), /^outputMode: 'complete' is not allowed; use 'append'/],
    [
      'discarded results',
      written(once).outputMode('append', { accumulation: 'discarding' }),
      /^accumulation: 'discarding' is not allowed; use 'accumulating' with dropDuplicates/,
    ],
    [
      'topRows behind it',
      written(
        (once.filter(() => true) as never as { topRows: (...given: unknown[]) => unknown }).topRows(1, { by: () => 1 }),
      ),
      /^topRows: 'behind dropDuplicates' is not allowed; use it behind aggregate/,
    ],
  ])('with %s is refused', (_, definition, message) => {
    expect(messagesOf(definition)).toEqual([expect.stringMatching(message)]);
  });
});

describe('groupBy behind it', () => {
  const at = (event: Event): number => event.at;
  const grouped = (keys: Readonly<Record<string, (event: Event) => number | string>>) =>
    (timed.dropDuplicates({ id, at }, { within: '1 hour' }).groupBy(keys) as ReturnType<typeof once.groupBy>)
      .window(tumbling('1 hour'))
      .aggregate({ events: count() });

  it('has the keys of its groups first in those of events', () => {
    const { aggregation } = pipelineOf(written(grouped({ at })));
    expect(aggregation?.keys).toEqual([{ name: 'at', selector: at }]);
    expect(aggregation?.distinct?.keys.map(({ name }) => name)).toEqual(['at', '', 'id']);
  });

  it('goes on with what is saved only with the same keys and within', () => {
    const { fingerprint } = pipelineOf(written(grouped({ at })));
    const another = timed.dropDuplicates({ id, at }, { within: '2 hours' }).groupBy({ at });
    const current = pipelineOf(written(another.window(tumbling('1 hour')).aggregate({ events: count() }))).fingerprint;
    expect(goesOn(fingerprint, current, 'refuse')).toBe(false);
    expect(fingerprintMessage(fingerprint, current)).toContain(
      'dropDuplicates: ["at","","id","drop-duplicates",3600000]',
    );
    const without = pipelineOf(
      written(timed.groupBy({ at }).window(tumbling('1 hour')).aggregate({ events: count() })),
    ).fingerprint;
    expect(goesOn(without, fingerprint, 'refuse')).toBe(false);
  });

  it.each([
    ['of another name', grouped({ time: at }), 'time'],
    ['of another function', grouped({ at: (event: Event) => event.at }), 'at'],
    ['that is none of its own', grouped({ hour: (event: Event) => Math.floor(event.at / 3_600_000) }), 'hour'],
  ])('by a key %s is refused, with what to do instead', (_, stage, name) => {
    expect(messagesOf(written(stage))).toEqual([
      expect.stringMatching(
        new RegExp(
          `^groupBy\\.${name}: '${name}' is not allowed; use a key of dropDuplicates.*or two pipelines: .* reads it`,
        ),
      ),
    ]);
  });

  it('with allowed lateness is refused: what comes late does not pass', () => {
    const late = timed.dropDuplicates({ id }, { within: '1 hour' }).groupBy({ id }).window(tumbling('1 hour'));
    const stage = late.allowedLateness('1 day').aggregate({ events: count() });
    expect(messagesOf(written(stage))).toEqual([
      expect.stringMatching(/^allowedLateness: '1 day' is not allowed; use none with dropDuplicates/),
    ]);
  });

  it('takes modes, the first rows, and an output of late events from either step', () => {
    const rows = grouped({ id });
    expect(messagesOf(written(rows).outputMode('update'))).toEqual([]);
    expect(messagesOf(written(rows.topRows(1, { by: ({ events: n }) => n })))).toEqual([]);
    const late = once
      .sideOutputLate(kinesis({ streamName: 'late' }))
      .groupBy({ id })
      .window(tumbling('1 hour'));
    expect(pipelineOf(written(late.aggregate({ events: count() }))).outputs.map(({ id: name }) => name)).toEqual([
      'main',
      'late',
    ]);
  });
});
