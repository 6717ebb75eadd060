/** Somebody has stopped it: nothing is read until somebody starts it. */
import { isHeld } from '../core/head.ts';
import { wholePipeline } from './finding.ts';
import type { FindingKind } from './finding-kind.ts';

export const stopped: FindingKind = {
  kind: 'stopped',
  severities: ['info'],
  when: 'Somebody has stopped the pipeline, and its last batch is over.',
  mend: '`sluice start`.',
  find({ head, now }) {
    if (head.control !== 'stop' || isHeld(head, now)) return [];
    return [
      {
        severity: 'info',
        subject: wholePipeline,
        cause: 'It was stopped with `sluice stop`: nothing is read, and what arrives waits in the stream.',
        mend: `Start it with \`sluice start --pipeline ${head.pipeline}\` before the stream's retention is over.`,
      },
    ];
  },
};
