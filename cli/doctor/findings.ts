/** What `sluice status` finds in the pipeline. */
import { findingsOf } from '../../functions/findings/index.ts';
import { type Check, type Checked, ok } from './check.ts';

export const findings: Check = {
  name: 'findings',
  looks: 'at what `sluice status` shows: stuck shards, slow sinks, and all the others',
  permissions: ['dynamodb:GetItem', 'dynamodb:Query'],
  async run({ facts }) {
    const found = findingsOf(facts).map(
      ({ kind, severity, subject, cause, mend }): Checked => ({
        status: severity === 'info' ? 'ok' : 'warning',
        ...{ subject, says: `${kind}: ${cause}`, mend },
      }),
    );
    return found.length > 0 ? found : [ok(facts.head.pipeline, 'nothing is known to be wrong')];
  },
};
