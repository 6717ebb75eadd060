/** The pipeline file against what is saved: whether the next deployment goes on. */
import { isHeld } from '../../functions/core/head.ts';
import { fingerprintMessage, goesOn } from '../../functions/pipeline/fingerprint-change.ts';
import { type Check, type Checked, ok } from './check.ts';

export const definition: Check = {
  name: 'definition',
  looks: 'with the file, whether what it defines can go on with what the pipeline has saved',
  permissions: ['dynamodb:GetItem'],
  async run({ pipeline, facts: { head, now } }) {
    if (pipeline === undefined) return [];
    return [
      ofFingerprint(pipeline, head.fingerprint),
      ofParallelism(pipeline, head.parallelism, { hasState: head.committed !== undefined, isHeld: isHeld(head, now) }),
    ];
  },
};

type Defined = Pick<
  NonNullable<Parameters<Check['run']>[0]['pipeline']>,
  'name' | 'fingerprint' | 'newAggregates' | 'parallelism' | 'aggregation'
>;

export function ofFingerprint({ name, fingerprint, newAggregates }: Defined, saved: string): Checked {
  if (fingerprint === saved) return ok(name, 'the file defines what is saved');
  if (goesOn(saved, fingerprint, newAggregates))
    return ok(name, 'the file defines something else, which can go on with what is saved');
  return {
    ...{ status: 'failed', subject: name, says: fingerprintMessage(saved, fingerprint, newAggregates) },
    mend: 'Deploy the former definition, or give this one another name.',
  };
}

export function ofParallelism(
  { name, parallelism, aggregation }: Defined,
  saved: number,
  { hasState, isHeld: isRunning }: { readonly hasState: boolean; readonly isHeld: boolean },
): Checked {
  if (aggregation === undefined || !hasState || parallelism === saved) return ok(name, `${saved} key groups`);
  return {
    ...{ status: 'failed', subject: name, says: `the file has ${parallelism} key groups, and ${saved} are saved` },
    mend: `${isRunning ? '`sluice stop`, then ' : ''}\`sluice repartition --groups ${parallelism}\` before you deploy it.`,
  };
}
