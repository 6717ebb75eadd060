/** The fold of what `flatMap` gives out of rows, with what is taken back, is a direct computation: in every output. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { collect, json, kinesis, pipeline, type ResultVersion, runPipeline, tumbling } from '../../functions/index.ts';

const Reading = z.object({ at: z.number(), key: z.string(), value: z.number() });
type Reading = z.infer<typeof Reading>;
type Row = { readonly key: string; readonly windowStart: string; readonly value: number };

/** A filter that takes rows back, too: values that are there twice count as none. */
const once = (values: readonly number[]) =>
  values.filter((value, at) => values.indexOf(value) === values.lastIndexOf(value) && at >= 0);
const evenOnly = (value: number) => value % 2 === 0;

const definitionOf = (mode: 'append' | 'update') =>
  pipeline('rows')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(json(Reading))
    .withWatermark(({ at }) => at, { delay: '5 milliseconds' })
    .groupBy({ key: ({ key }) => key })
    .window(tumbling('10 milliseconds'))
    .allowedLateness('1 second')
    .aggregate({ values: collect(({ value }) => value) })
    .flatMap(({ key, windowStart, values }) => once(values.values).map((value) => ({ key, windowStart, value })))
    .writeStream(kinesis({ streamName: 'out' }))
    .writeStream(kinesis({ streamName: 'even' }), { name: 'even', filter: ({ value }) => evenOnly(value) })
    .writeStream(kinesis({ streamName: 'twice' }), {
      name: 'twice',
      flatMap: (row) => (row.value === 1 ? [] : [row, row]),
    })
    .outputMode(mode);

const computations: Readonly<Record<string, (value: number) => readonly number[]>> = {
  main: (value) => [value],
  even: (value) => (evenOnly(value) ? [value] : []),
  twice: (value) => (value === 1 ? [] : [value, value]),
};

const reading: fc.Arbitrary<Reading> = fc.record({
  at: fc.nat({ max: 40 }),
  key: fc.constantFrom('a', 'b'),
  value: fc.nat({ max: 5 }),
});
const batches = fc.array(fc.array(reading, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 });

function direct(all: readonly Reading[], output: string): readonly string[] {
  const windows = Map.groupBy(all, ({ at, key }) => `${key} ${new Date(at - (at % 10)).toISOString()}`);
  return [...windows]
    .flatMap(([window, events]) =>
      once(events.map(({ value }) => value))
        .flatMap(computations[output]!)
        .map((value) => `${window} ${value}`),
    )
    .sort();
}

function folded(given: readonly { readonly row: Row; readonly version: ResultVersion }[]): readonly string[] {
  const latest = new Map(
    given.map(({ row, version }) => [JSON.stringify([version.window, version.key, version.row]), { row, version }]),
  );
  return [...latest.values()]
    .filter(({ version }) => !version.retracted)
    .map(({ row: { key, windowStart, value } }) => `${key} ${windowStart} ${value}`)
    .sort();
}

it.each(['append', 'update'] as const)('in %s mode, however events are cut into batches and shards', (mode) => {
  const definition = definitionOf(mode);
  const property = fc.property(batches, fc.integer({ min: 1, max: 3 }), (given, parallelism) => {
    const results = runPipeline(definition, { batches: [...given, { watermark: 100 }], parallelism });
    for (const output of Object.keys(computations)) {
      const all = results.flatMap(({ outputs }) => {
        const { results: rows, versions } = outputs[output]!;
        return rows.map((row, at) => ({ row: row as Row, version: versions[at]! }));
      });
      expect(folded(all)).toEqual(direct(given.flat(), output));
    }
  });
  fc.assert(property, { numRuns: 300 });
});
