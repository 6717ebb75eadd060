/** Records that left the stream before they were read. */
import { mainSource } from '../pipeline/sources.ts';
import type { FindingKind } from './finding-kind.ts';
import { instant, named, reportsOfToday } from './recent.ts';

export const dataLoss: FindingKind = {
  kind: 'data-loss',
  severities: ['critical'],
  when: "Records left the stream's retention before they were read, within the last day.",
  mend: 'Raise the retention; bring what is lost back from its source, if there is one.',
  find(facts) {
    const lost = reportsOfToday(facts).flatMap((report) => report.dataLoss.map((loss) => ({ ...loss, report })));
    const { name } = facts.head.sources[mainSource].stream;
    return named(
      lost,
      ({ shardId, readThrough, firstAvailable, report }) => ({
        severity: 'critical',
        subject: shardId,
        cause: `What arrived ${readThrough === null ? '' : `after ${instant(readThrough)} `}${firstAvailable === null ? 'is gone' : `and before ${instant(firstAvailable.arrivalTime)} is gone`}: the stream kept it no longer when batch ${report.batchId} read on.`,
        mend: `Raise the retention (\`aws kinesis increase-stream-retention-period --stream-name ${name} --retention-period-hours …\`), and bring what is lost back from its source; \`failOnDataLoss: true\` stops before anything is read past a gap.`,
      }),
      'shards',
    );
  },
};
