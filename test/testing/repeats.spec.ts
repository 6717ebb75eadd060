/** A source with `deduplicate`, in the users' test kit: repeats of what a Sluice sink has sent are dropped, and told. */
import { describe, expect, it } from 'vitest';
import { type Duration, json, kinesis, pipeline, runPipeline } from '../../functions/index.ts';
import { resultIdentity } from '../support/builders.ts';
import { anyObject } from '../support/pipelines.ts';

const counting = (deduplicate: boolean | { readonly forgetAfter: Duration }) =>
  pipeline('second')
    .readStream(kinesis({ streamName: 'first-out', deduplicate }))
    .decode(json(anyObject))
    .map(({ flights }) => ({ flights }))
    .writeStream(kinesis({ streamName: 'out' }));

/** What the first pipeline has sent as row `index` of its batch. */
const sent = (
  index: number,
  { ref = 7, flights = index }: { readonly ref?: number; readonly flights?: number } = {},
) => ({
  flights,
  _sluice: { ...resultIdentity(), ref, batch: ref, index },
});
const flightsIn = (rows: readonly unknown[]) =>
  (rows as readonly { readonly flights: number }[]).map(({ flights }) => flights);

describe('of a source with deduplicate', () => {
  it('what came before is dropped and told as it was given, within a batch and from batch to batch', () => {
    const batches = [
      [sent(0), sent(1), sent(0)],
      [sent(1), sent(2)],
      [sent(0), sent(2), sent(3)],
    ];
    const results = runPipeline(counting(true), { batches });
    expect(results.map(({ results: rows }) => flightsIn(rows))).toEqual([[0, 1], [2], [3]]);
    expect(results.map(({ repeated }) => repeated)).toEqual([[sent(0)], [sent(1)], [sent(0), sent(2)]]);
  });

  it('it is told of all events together, too', () => {
    const { results, repeated } = runPipeline(counting(true), {
      events: [sent(0), sent(1), sent(0)],
      eventsPerBatch: 1,
    });
    expect([flightsIn(results), repeated]).toEqual([[0, 1], [sent(0)]]);
  });

  it('each shard has what came on it, and what has no identity is read as it comes', () => {
    const [first, second] = runPipeline(counting(true), {
      batches: [
        { shards: { a: [sent(0)], b: [sent(1), { flights: 9 }] } },
        { shards: { a: [sent(0)], b: [{ flights: 9 }, sent(1)] } },
      ],
    });
    expect(flightsIn(first!.results)).toEqual([0, 1, 9]);
    expect(flightsIn(second!.results)).toEqual([9]);
    expect(flightsIn(second!.repeated).toSorted()).toEqual([0, 1]);
  });

  it('what was read by who died is no repeat: it was not sealed; what was sealed is one to who comes after a cut', () => {
    const batches = [{ crash: 'reading' }, [sent(0)], 'cut', [sent(0), sent(1)]] as const;
    const results = runPipeline(counting(true), { batches });
    expect(results.map(({ results: rows }) => flightsIn(rows))).toEqual([[], [0], [], [1]]);
  });

  it('a sender of which nothing has come for as long as it says is forgotten, by the clock of the test', () => {
    const day = 86_400_000;
    const other = { flights: 8, _sluice: { ...resultIdentity({ pipeline: 'other' }), index: 0 } };
    const lastAfter = (days: number) =>
      runPipeline(counting({ forgetAfter: '2 days' }), {
        batches: [[sent(0)], { clock: days * day }, [other], [sent(0)]],
        clock: day,
      }).at(-1);
    expect(lastAfter(2)).toMatchObject({ results: [], repeated: [sent(0)] });
    expect(lastAfter(4)).toMatchObject({ results: [{ flights: 0 }], repeated: [] });
  });
});

it('without it repeats are read as they come, and nothing is told', () => {
  const { results, repeated } = runPipeline(counting(false), { events: [sent(0), sent(0)] });
  expect([flightsIn(results), repeated]).toEqual([[0, 0], []]);
});
