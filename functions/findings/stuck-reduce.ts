/** Key groups that do not get through, and no output is to blame. */
import { isHeld } from '../core/head.ts';
import type { GroupTrouble } from '../core/trouble.ts';
import { wholePipeline } from './finding.ts';
import type { FindingKind } from './finding-kind.ts';
import { minuteMs, named, reduceTroubleOf, span } from './recent.ts';

const longMs = 45_000;
/** So long it may go on in rounds that blame nobody: a large batch takes several. */
const silentMs = 10 * minuteMs;

export const stuckReduce: FindingKind = {
  kind: 'stuck-reduce',
  severities: ['warning', 'critical'],
  when: 'The reducer of a key group fails, or a batch has gone back to its reducers for ten minutes, and no output has rows left to take.',
  mend: 'What the error asks for; see the log of ReduceKeyGroup. The batch goes on by itself.',
  find(facts) {
    const { head, now } = facts;
    // When a batch was sealed is kept nowhere. The last commit says nothing of it: between the two lies the trigger, however long that is.
    const trouble = reduceTroubleOf(facts);
    if (trouble === undefined) return [];
    const failing = trouble.groups.filter(({ outputs = {} }) => Object.keys(outputs).length === 0);
    if (failing.length > 0) {
      const severity = now - trouble.since >= longMs ? 'critical' : 'warning';
      const toFinding = ({ keyGroup, why = 'no reason given' }: GroupTrouble) => ({
        ...({ severity, subject: `key group ${keyGroup}` } as const),
        cause: `Batch ${trouble.batchId} has not got through its reducer for ${span(now - trouble.since)}: ${why}`,
        mend: mendOf(why),
      });
      return named(failing, toFinding, 'key groups');
    }
    if (now - trouble.since < silentMs || !isHeld(head, now) || trouble.groups.some(waitsForOutput)) return [];
    return [
      {
        severity: 'warning',
        subject: wholePipeline,
        cause: `Batch ${trouble.batchId} is sealed and not committed, and has gone back to its reducers for ${span(now - trouble.since)}.`,
        mend: 'Look at the log of ReduceKeyGroup and of CommitBatch, which say what they wait for.',
      },
    ];
  },
};

/** That is a finding of its own: `slow-sink`. */
const waitsForOutput = ({ outputs = {} }: GroupTrouble): boolean =>
  Object.values(outputs).some(({ left = 0 }) => left > 0);

function mendOf(why: string): string {
  if (why.startsWith('ReferenceUnavailable'))
    return 'Look at what `load` of the reference asks; the message says how it failed.';
  if (why.startsWith('StateTooLarge'))
    return 'Deploy with more `memorySize`; it goes on with this very batch. Then have more key groups: `sluice repartition`.';
  return 'Look at the log of ReduceKeyGroup; if its function runs out of time or memory, give it more `memorySize`. The batch goes on by itself.';
}
