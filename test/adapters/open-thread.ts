/** A thread that runs user code of one of the pipelines here, and an event for it. */
import { createThreadIsolation, type ThreadSettings } from '../../functions/adapters/isolation/thread-isolation.ts';
import type { EventInput } from '../../functions/core/judge-event.ts';

const entry = new URL('../../local/session/isolate.ts', import.meta.url);

type Limits = Pick<ThreadSettings, 'timeLimitMs' | 'startLimitMs'>;

/** `pipelineName`: of a file in `pipelines`, or a URL. */
export const openThread = (pipelineName: string, limits: Limits = {}) =>
  isolationOf(pipelineName, limits).open('event', { batchId: 0, watermark: null, generation: 1, ref: 1 });

/** Of a pipeline with `withReference`. */
export const openEquippedThread = (pipelineName: string) =>
  isolationOf(pipelineName, {}).open(
    'event',
    { batchId: 0, ref: 1, watermark: null, generation: 1 },
    { values: {}, uses: {} },
  );

export const openRowThread = (pipelineName: string, limits: Limits = {}) =>
  isolationOf(pipelineName, limits).open('row', { batchId: 0, ref: 1, generation: 1, keyGroup: 0 });

function isolationOf(pipelineName: string, limits: Limits) {
  const pipelineFile = new URL(
    pipelineName.includes(':') ? pipelineName : `pipelines/${pipelineName}.ts`,
    import.meta.url,
  );
  return createThreadIsolation({
    entry,
    data: { pipelineFile: pipelineFile.href },
    memoryMb: 128,
    ...limits,
  });
}

export const eventOf = (text: string): EventInput => ({
  data: new TextEncoder().encode(text),
  base: 'trim-horizon',
  meta: {
    streamName: 'in',
    shardId: 'shardId-0',
    partitionKey: 'p',
    explicitHashKey: undefined,
    sequenceNumber: '1',
    subSequenceNumber: 0,
    arrivalTime: new Date(0),
  },
});
