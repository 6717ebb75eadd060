/** Pages of thousands of records, and sinks that take less than the source gives out. */
import type { PlantedFault } from './planted-faults.ts';

export const loadFaults: readonly PlantedFault[] = [
  {
    name: 'a-page-ends-with-its-first-step',
    edits: [
      {
        file: 'functions/steps/process-shards/take-page.ts',
        from: '    at = next;\n',
        to: '    at = Math.max(next, page.records.length);\n',
      },
    ],
    dimension: 'pages above a mebibyte',
  },
  {
    name: 'what-a-slow-sink-took-is-forgotten',
    edits: [
      {
        file: 'functions/steps/process-shards/take-page.ts',
        from: 'open.state = applied(step, page, missing);',
        to: 'if (missing === undefined) open.state = applied(step, page);',
      },
    ],
    dimension: 'a narrow sink',
  },
];
