/** What the last batch has come near to. */
import { wholePipeline } from './finding.ts';
import type { FindingKind } from './finding-kind.ts';
import { reportsOfToday } from './recent.ts';

const nextShare = 0.95;

export const nearLimit: FindingKind = {
  kind: 'near-limit',
  severities: ['warning', 'critical'],
  when: 'The last batch has warned of a limit, from 70 % of it on; from 95 % on it is critical.',
  mend: 'What the warning says; most often `sluice repartition` for more key groups, or more `memorySize`.',
  find(facts) {
    const [newest] = reportsOfToday(facts);
    return (newest?.warnings ?? []).map(({ size, most, message, limit }) => {
      const at = message.indexOf(': ');
      const [cause, todo] = at < 0 ? [message, ''] : [message.slice(0, at), message.slice(at + 2)];
      return {
        severity: size >= most * nextShare ? 'critical' : 'warning',
        subject: wholePipeline,
        cause: `${cause} (${limit}).`,
        mend: todo === '' ? 'See the limits in docs/operations.md.' : `Have ${todo}.`,
      };
    });
  },
};
