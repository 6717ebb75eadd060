/** Nobody goes on, though there is something to do. */
import { isHeld, unfinished } from '../core/head.ts';
import { mainSource } from '../pipeline/sources.ts';
import type { PipelineFacts } from './facts.ts';
import { wholePipeline } from './finding.ts';
import type { FindingKind } from './finding-kind.ts';
import { minuteMs, span } from './recent.ts';

/** A schedule that comes each minute, and is late by one, has come. */
const soonMs = 3 * minuteMs;
const longMs = 15 * minuteMs;

export const noDriver: FindingKind = {
  kind: 'no-driver',
  severities: ['warning', 'critical'],
  when: 'The lease has run out, or was released with something left to do, and no execution has begun for three minutes (from 15 on: critical).',
  mend: 'Look whether the schedule is on and whether executions fail; `sluice start` begins one at once.',
  find(facts) {
    const { head, now } = facts;
    if (head.control === 'stop' || isHeld(head, now)) return [];
    const since = idleSince(facts);
    if (since === undefined || now - since.at < soonMs) return [];
    const { name } = head.sources[mainSource].stream;
    return [
      {
        severity: now - since.at >= longMs ? 'critical' : 'warning',
        subject: wholePipeline,
        cause: `${since.why} ${span(now - since.at)} ago, and no execution has gone on since; what arrives waits in ${name}.`,
        mend: `Look whether the schedule is on and why the last executions ended (\`aws stepfunctions list-executions\`, or the log of the state machine); \`sluice start --pipeline ${head.pipeline}\` begins one at once.`,
      },
    ];
  },
};

/** Undefined: nothing is known that somebody should have done. */
function idleSince({ head, reports }: PipelineFacts): { readonly at: number; readonly why: string } | undefined {
  const { holder } = head;
  if (holder?.lease.kind === 'held') return { at: holder.lease.until, why: `The lease of ${holder.execution} ran out` };
  const [newest] = reports;
  if (newest === undefined) return undefined;
  const open = unfinished(head);
  if (open !== undefined)
    return { at: newest.committedAt, why: `Batch ${open.batchId} is sealed; the last commit was` };
  const left = (newest.perShard ?? []).some(({ state }) => state === 'reading' || state === 'throttled');
  return left ? { at: newest.committedAt, why: 'The last batch left records to read; it was committed' } : undefined;
}
