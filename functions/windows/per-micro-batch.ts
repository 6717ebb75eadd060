/** The events of one micro-batch, whenever they happened. */
import { defineWindow, type WindowDefinition, type WindowKind } from './window-kind.ts';

export type PerMicroBatchWindow = WindowDefinition<{ batchId: number }, 'micro-batch'> & {
  readonly kind: 'per-micro-batch';
};

/** One result for each key in each micro-batch, whenever its events happened. */
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
