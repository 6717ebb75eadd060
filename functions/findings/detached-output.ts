/** An output that somebody has detached: its rows are kept, and sent once it is attached again. */
import { mostKeptBatches } from '../core/detached.ts';
import type { FindingKind } from './finding-kind.ts';
import { count, span } from './recent.ts';

const manyShare = 0.5;
const mostShare = 0.9;

export const detachedOutput: FindingKind = {
  kind: 'detached-output',
  severities: ['info', 'warning', 'critical'],
  when: 'An output is detached, and its rows are kept: a warning from half of the batches on that rows are kept for, critical from 90 %.',
  mend: '`sluice outputs attach <name>` once what it writes to takes rows again.',
  find({ head, now }) {
    return Object.entries(head.detached ?? {})
      .filter(([, { attach }]) => attach === undefined)
      .map(([subject, { at, next, kept }]) => {
        const batches = Math.max(0, (head.committed?.batchId ?? -1) + 1 - next);
        const part = batches / mostKeptBatches;
        return {
          severity: part >= mostShare ? 'critical' : part >= manyShare ? 'warning' : 'info',
          subject,
          cause: `It has been detached for ${span(now - at)}: ${count(kept)} rows of ${count(batches)} batches are kept, of ${count(mostKeptBatches)} at most.`,
          mend: `\`sluice outputs attach ${subject} --pipeline ${head.pipeline}\` sends them once what it writes to takes rows again.`,
        };
      });
  },
};
