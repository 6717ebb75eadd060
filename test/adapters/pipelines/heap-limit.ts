/** Says what the heap that it runs in may hold. */
import { getHeapStatistics } from 'node:v8';
import { bytes, kinesis, pipeline } from '../../../functions/index.ts';

export default pipeline('heap-limit')
  .readStream(kinesis({ streamName: 'limit-source' }))
  .decode(bytes())
  .map(() => ({ heapLimitMb: getHeapStatistics().heap_size_limit / 1_048_576 }))
  .writeStream(kinesis({ streamName: 'limit-sink' }));
