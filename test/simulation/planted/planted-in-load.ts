/** Pages of thousands of records, and sinks that take less than the source gives out. */
import type { PlantedFault } from './planted-faults.ts';

const processShards = 'functions/steps/process-shards/process-shards.ts';

export const loadFaults: readonly PlantedFault[] = [
  {
    name: 'a-page-ends-with-its-first-step',
    edits: [{ file: processShards, from: '    at = next;\n', to: '    at = Math.max(next, page.records.length);\n' }],
    dimension: 'pages above a mebibyte',
  },
  {
    name: 'what-a-slow-sink-took-is-forgotten',
    edits: [{ file: processShards, from: 'shardRead.keepDelivered(missing);', to: 'shardRead.undo();' }],
    dimension: 'a narrow sink',
  },
];
