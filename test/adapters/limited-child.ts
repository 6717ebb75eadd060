/** A process with Lambda's flags that runs user code apart: what its own heap may hold, and what the thread's. */
import { getHeapStatistics } from 'node:v8';
import { eventOf, openThread } from './open-thread.ts';

const megabyte = 1_048_576;
const heapLimitMb = (): number => getHeapStatistics().heap_size_limit / megabyte;

const before = heapLimitMb();
const isolate = openThread('heap-limit');
const answer = isolate.run(eventOf(''));
isolate.close();
// Numbers of a double each, in a heap that may hold them: three times what the thread's may.
const kept = Array.from({ length: 24 }, (_, at) => Array.from({ length: megabyte }, (__, next) => at + next + 0.5));
const used = getHeapStatistics().used_heap_size / megabyte;
const thread = answer.kind === 'answered' ? answer.output.records[0]?.record.data : answer.message;
process.stdout.write(JSON.stringify({ before, after: heapLimitMb(), used, kept: kept.length, thread }));
