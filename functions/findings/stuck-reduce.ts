/** Key groups that do not get through, and no output is to blame. */
import { unfinished } from '../core/head.ts';
import type { GroupTrouble } from '../core/trouble.ts';
import { wholePipeline } from './finding.ts';
import type { FindingKind } from './finding-kind.ts';
import { minuteMs, named, reduceTroubleOf, span } from './recent.ts';

const longMs = 45_000;
/** A seal and its commit are so far apart at most where nothing is slow. */
const silentMs = 10 * minuteMs;

export const stuckReduce: FindingKind = {
  kind: 'stuck-reduce',
  severities: ['warning', 'critical'],
  when: 'The reducer of a key group fails, or a batch has been sealed for more than ten minutes and is not committed.',
  mend: 'What the error asks for; see the log of ReduceKeyGroup. The batch goes on by itself.',
  find(facts) {
    const { head, reports, now } = facts;
    const trouble = reduceTroubleOf(facts);
    if (trouble !== undefined) {
      const failing = trouble.groups.filter(({ outputs = {} }) => Object.keys(outputs).length === 0);
      const severity = now - trouble.since >= longMs ? 'critical' : 'warning';
      const toFinding = ({ keyGroup, why = 'no reason given' }: GroupTrouble) => ({
        ...({ severity, subject: `key group ${keyGroup}` } as const),
        cause: `Batch ${trouble.batchId} has not got through its reducer for ${span(now - trouble.since)}: ${why}`,
        mend: mendOf(why),
      });
      return named(failing, toFinding, 'key groups');
    }
    const open = unfinished(head);
    const committedAt = reports[0]?.committedAt;
    if (open === undefined || committedAt === undefined || now - committedAt < silentMs) return [];
    if (head.holder?.lease.kind !== 'held' || head.holder.lease.until <= now) return [];
    return [
      {
        severity: 'warning',
        subject: wholePipeline,
        cause: `Batch ${open.batchId} is sealed and not committed, and the last commit was ${span(now - committedAt)} ago.`,
        mend: 'Look at the log of ReduceKeyGroup and of CommitBatch, which say what they wait for.',
      },
    ];
  },
};

function mendOf(why: string): string {
  if (why.startsWith('ReferenceUnavailable'))
    return 'Look at what `load` of the reference asks; the message says how it failed.';
  if (why.startsWith('StateTooLarge'))
    return 'Deploy with more `memorySize`; it goes on with this very batch. Then have more key groups: `sluice repartition`.';
  return 'Look at the log of ReduceKeyGroup; if its function runs out of time or memory, give it more `memorySize`. The batch goes on by itself.';
}
