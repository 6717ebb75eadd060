/** A process with Lambda's flags that runs user code apart: what its own heap may hold, and what the thread's. */
import { getHeapStatistics } from 'node:v8';
import { createThreadIsolation } from '../../functions/adapters/isolation/thread-isolation.ts';

const megabyte = 1_048_576;
const heapLimitMb = (): number => getHeapStatistics().heap_size_limit / megabyte;

const before = heapLimitMb();
const isolate = createThreadIsolation({
  entry: new URL('../../local/isolate.ts', import.meta.url),
  data: { pipelineFile: new URL('pipelines/heap-limit.ts', import.meta.url).href },
  memoryMb: 128,
}).open('event', { batchId: 0, watermark: null, generation: 1 });
const answer = isolate.run({
  data: new Uint8Array(),
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
isolate.close();
// Numbers of a double each, in a heap that may hold them: three times what the thread's may.
const kept = Array.from({ length: 24 }, (_, at) => Array.from({ length: megabyte }, (__, next) => at + next + 0.5));
const used = getHeapStatistics().used_heap_size / megabyte;
const thread = answer.kind === 'answered' ? answer.output.output?.data : answer.message;
process.stdout.write(JSON.stringify({ before, after: heapLimitMb(), used, kept: kept.length, thread }));
