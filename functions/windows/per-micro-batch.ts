/** The events of one micro-batch, whenever they happened. */
import { defineWindow, type WindowDefinition, type WindowKind } from './window-kind.ts';

/** What `perMicroBatch` returns. It adds `batchId` to a row: a number, one higher with each batch. */
export type PerMicroBatchWindow = WindowDefinition<{ batchId: number }, 'micro-batch'> & {
  /** Always 'per-micro-batch'. */
  readonly kind: 'per-micro-batch';
};

/**
 * One result for each combination of keys in each micro-batch, whenever its events happened. It needs no `withWatermark`, and no
 * event is late. The row has `batchId`.
 *
 * @example
 * ```ts
 * pipeline('departures')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .groupBy({ origin: (flight) => flight.origin })
 *   .window(perMicroBatch())
 *   .aggregate({ departures: count() });
 * ```
 */
export function perMicroBatch(): PerMicroBatchWindow {
  return defineWindow<PerMicroBatchWindow>({ kind: 'per-micro-batch' });
}

const noOptions = {};

export const perMicroBatchKind = {
  kind: 'per-micro-batch',
  usage: 'perMicroBatch()',
  of: 'micro-batch',
  columnNames: ['batchId'],
  read: () => noOptions,
  fingerprint: () => ['per-micro-batch'],
  columns: ({ start }) => ({ batchId: start }),
  assigner: () => (_, batchId) => [{ start: batchId, end: batchId + 1 }],
  closesAt: () => undefined,
  nextClose: () => undefined,
} as const satisfies WindowKind<typeof noOptions>;
