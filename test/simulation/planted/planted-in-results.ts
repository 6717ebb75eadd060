/** Results: what they are called, and what stays open behind them. */
import type { PlantedFault } from './planted-faults.ts';

export const resultFaults: readonly PlantedFault[] = [
  {
    name: 'a-result-ends-where-it-begins',
    edits: [
      {
        file: 'functions/core/result-version.ts',
        from: '    window: [start, end],',
        to: '    window: [start, start + 0 * end],',
      },
    ],
  },
  {
    name: 'a-refused-row-forgets-its-version',
    edits: [
      {
        file: 'functions/steps/reduce-key-group/store-refused.ts',
        from: 'index, ...version },',
        to: 'index } as never,',
      },
    ],
  },
];
