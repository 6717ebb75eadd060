/** Events that come after their windows have closed. */
import { wholePipeline } from './finding.ts';
import type { FindingKind } from './finding-kind.ts';
import { count, reportsOfToday, share } from './recent.ts';

const manyShare = 0.1;
const someShare = 0.01;
const fewEvents = 20;

export const lateEvents: FindingKind = {
  kind: 'late-events',
  severities: ['info', 'warning'],
  when: 'More than 1 % of the events of the last batches came too late for their windows; from 10 % on it is a warning.',
  mend: 'A longer delay of `withWatermark`, or `allowedLateness`; `sideOutputLate` keeps what still comes too late.',
  find(facts) {
    const reports = reportsOfToday(facts);
    const late = reports.reduce((sum, { counters }) => sum + counters.late, 0);
    const all = reports.reduce((sum, { counters }) => sum + counters.counted + counters.late, 0);
    if (all < fewEvents || late < all * someShare) return [];
    return [
      {
        severity: late >= all * manyShare ? 'warning' : 'info',
        subject: wholePipeline,
        cause: `${count(late)} of ${count(all)} events (${share(late, all)}) came after their windows had closed, and are in no result.`,
        mend: 'Set a longer delay in `withWatermark`, or `allowedLateness` for corrections; `sideOutputLate` keeps what still comes too late.',
      },
    ];
  },
};
