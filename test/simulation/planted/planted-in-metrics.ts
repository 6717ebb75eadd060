/** What a batch gives out as metrics. */
import type { PlantedFault } from './planted-faults.ts';

const measured = 'functions/reporters/measured.ts';

export const metricFaults: readonly PlantedFault[] = [
  {
    name: 'a-metric-counts-late-events-twice',
    edits: [
      {
        file: measured,
        from: 'EventsCounted: ({ counters }) => counters.counted,',
        to: 'EventsCounted: ({ counters }) => counters.counted + counters.late,',
      },
    ],
  },
  {
    name: 'a-reason-counts-once-in-metrics',
    edits: [{ file: 'functions/core/batch-report.ts', from: '({ reason, count }))', to: '({ reason, count: 1 }))' }],
  },
];
