/** Quotas of the account that stop a resharding. */
import { DescribeLimitsCommand } from '@aws-sdk/client-kinesis';
import { asked, type Check, type Checked, ok } from './check.ts';
import { notAsked } from './streams.ts';

const nearShare = 0.8;

export const quotas: Check = {
  name: 'quotas',
  looks: 'how many more shards the account may open',
  permissions: ['kinesis:DescribeLimits'],
  async run({ kinesis }) {
    if (kinesis === undefined) return [notAsked('shards of the account')];
    const found = await asked('shards of the account', 'kinesis:DescribeLimits', () =>
      kinesis.send(new DescribeLimitsCommand({})),
    );
    if ('checked' in found) return [found.checked];
    const { OpenShardCount = 0, ShardLimit = 0 } = found.answer;
    return [ofShards(OpenShardCount, ShardLimit)];
  },
};

export function ofShards(open: number, most: number): Checked {
  const subject = 'shards of the account';
  const says = `${open} of ${most} are open`;
  if (open < most * nearShare) return ok(subject, says);
  const mend = 'Ask for more in Service Quotas, under Amazon Kinesis Data Streams: shards per Region.';
  return { status: 'warning', subject, says: `${says}: a stream may not be split`, mend };
}
