/** A batch is reduced under the lateness that it was sealed under, whatever the pipeline's is by now. */
import type { SealedBatch } from '../../core/model.ts';
import { withOver } from '../../core/over-before.ts';
import type { prepareReduce } from '../../core/reduce-key-group.ts';
import { latenessIn } from '../../pipeline/fingerprint-change.ts';
import type { ReduceRuntime } from './reduce-runtime.ts';

export type Reducing = Parameters<typeof prepareReduce>[0] & Pick<ReduceRuntime['pipeline'], 'fingerprint'>;

/** What is late in a batch was decided by the lateness that it was sealed under. */
export function underSealedLateness(pipeline: Reducing, { fingerprint, ...body }: SealedBatch): Reducing {
  const aggregation = withOver(pipeline.aggregation, body);
  if (fingerprint === pipeline.fingerprint) return { ...pipeline, aggregation };
  const { latenessMs: _, ...window } = aggregation.window;
  const latenessMs = latenessIn(fingerprint);
  return {
    ...pipeline,
    aggregation: { ...aggregation, window: latenessMs === 0 ? window : { ...window, latenessMs } },
  };
}
