/** The test kit with reference data. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { count, json, kinesis, perMicroBatch, pipeline, runPipeline } from '../../functions/index.ts';

const Flight = z.object({ origin: z.string() });
const sink = kinesis({ streamName: 'out' });
const airports = new Map([['ORD', 'Chicago']]);
const loaded = (load: () => Map<string, string> | Promise<Map<string, string>>) =>
  pipeline('p')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(json(Flight))
    .withReference('airports', load, { every: '1 hour' });
const cities = (load: Parameters<typeof loaded>[0]) =>
  loaded(load)
    .map(({ origin }, meta) => ({ city: meta.references.airports.get(origin) ?? 'none' }))
    .writeStream(sink);
const counted = loaded(async () => airports)
  .filter((flight, meta) => meta.references.airports.has(flight.origin))
  .groupBy({ city: ({ origin }, meta) => meta.references.airports.get(origin) ?? null })
  .window(perMicroBatch())
  .aggregate({ flights: count() })
  .map((row, meta) => ({ ...row, known: meta.references.airports.size }))
  .writeStream(sink)
  .writeStream(kinesis({ streamName: 'other' }), {
    name: 'sizes',
    filter: (_, meta) => meta.references.airports.size > 1,
    map: (_, meta) => ({ size: meta.references.airports.size }),
  });

describe('runPipeline', () => {
  it('calls a load that answers at once', () => {
    const { results } = runPipeline(
      cities(() => airports),
      { events: [{ origin: 'ORD' }, { origin: 'X' }] },
    );
    expect(results).toEqual([{ city: 'Chicago' }, { city: 'none' }]);
  });

  it('takes a value in its place, which a load that promises needs', () => {
    const events = [{ origin: 'ORD' }];
    expect(
      runPipeline(
        cities(async () => airports),
        { events, references: { airports } },
      ).results,
    ).toEqual([{ city: 'Chicago' }]);
    expect(() =>
      runPipeline(
        cities(async () => airports),
        { events },
      ),
    ).toThrow(
      'references.airports: nothing is given, and its load returned a promise, which a test does not wait for; give its value',
    );
  });

  it('gives events, keys, rows and outputs the same, and another from a batch on', () => {
    const more = new Map([...airports, ['MCI', 'Kansas City']]);
    const events = [{ origin: 'ORD' }, { origin: 'MCI' }];
    const [first, , second] = runPipeline(counted, {
      references: { airports },
      batches: [events, { references: { airports: more } }, events],
    });
    expect(first).toMatchObject({ filtered: 1, results: [{ city: 'Chicago', flights: 1, known: 1 }] });
    expect(first?.outputs.sizes?.results).toEqual([]);
    expect(second?.results).toMatchObject([
      { city: 'Chicago', known: 2 },
      { city: 'Kansas City', known: 2 },
    ]);
    expect(second?.outputs.sizes?.results).toEqual([{ size: 2 }, { size: 2 }]);
  });

  it.each([
    [{ references: { carriers: 1 } }, 'references.carriers: the pipeline has no such reference; use airports'],
    [{ references: 7 as never }, 'references: it is not allowed; use values by name'],
  ])('refuses %o', (options, message) => {
    expect(() =>
      runPipeline(
        cities(() => airports),
        { events: [], ...options },
      ),
    ).toThrow(message);
  });
});
