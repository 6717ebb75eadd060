/** REWRITE-1: what lies in several segments of another definition is put together by the aggregates that it was saved for. */
import { expect, it } from 'vitest';
import * as z from 'zod';
import { statePacking } from '../../../functions/adapters/state-packing.ts';
import { defaultStateLimits, noManifest } from '../../../functions/core/state/manifest.ts';
import { stateAfterBatch } from '../../../functions/core/state/state-change.ts';
import type { EntryOfSlice } from '../../../functions/core/state/state-entry.ts';
import { StateOfBatch } from '../../../functions/core/state/state-of-batch.ts';
import { withoutUserCode } from '../../../functions/core/unmerged.ts';
import { avg, count, json, kinesis, max, pipeline, tumbling } from '../../../functions/index.ts';
import { requirePipeline } from '../../../functions/pipeline/check-pipeline.ts';

const grouped = pipeline('orders')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(json(z.object({ country: z.string(), at: z.string(), price: z.number() })))
  .withWatermark((order) => order.at, { delay: '1 minute' })
  .groupBy({ country: (order) => order.country })
  .window(tumbling('1 hour'));
const to = kinesis({ streamName: 'out' });
const price = (order: { readonly price: number }) => order.price;
const former = requirePipeline(
  grouped.aggregate({ mean: avg(price), most: max(price), orders: count() }).writeStream(to),
);
const current = requirePipeline(grouped.aggregate({ orders: count(), most: max(price) }).writeStream(to));

it('an aggregate that is gone leaves the others what they have', () => {
  const storing = { limits: { ...defaultStateLimits, mostInlineChars: 0 }, packing: statePacking };
  const functions = withoutUserCode(former.aggregation!);
  const entry = (most: number, orders: number): EntryOfSlice => [
    20,
    {
      canonical: '["DE"]',
      upserts: [],
      added: [[10, 20, [functions[0]!.save(functions[0]!.empty()), most, orders]]],
      removals: [],
    },
  ];
  let manifest = noManifest;
  const blobs = new Map<string, Uint8Array>();
  for (const each of [entry(7, 2), entry(5, 3)]) {
    const after = stateAfterBatch(manifest, { entries: [each], functions, ...storing });
    const refs = after.segments.map((segment) => {
      blobs.set(`${blobs.size}`, segment.bytes);
      return { ...segment, name: `${blobs.size - 1}`, chunks: 1, bytes: segment.bytes.length };
    });
    manifest = after.manifest(refs);
  }
  const { fingerprint } = former;
  const batch = { batchId: 2, keyGroup: 0, watermarkIn: null, watermarkOut: null };
  const state = new StateOfBatch({ ...current, aggregation: current.aggregation! }, batch, {
    ...{ before: { manifest, fingerprint }, brought: [], storing },
  });
  state.take(state.reads.map((range) => ({ ...range, bytes: blobs.get(range.segment.name)! })));
  expect([...state.keys]).toEqual([[['DE'], [[10, 20, [5, 7]]]]]);
});
