/** The table of checkpoints: its keys, and what keeps it small and brings it back. */
import {
  DescribeContinuousBackupsCommand,
  type DescribeContinuousBackupsCommandOutput,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type TableDescription,
  type TimeToLiveDescription,
} from '@aws-sdk/client-dynamodb';
import { asked, type Check, type Checked, ok } from './check.ts';

export const table: Check = {
  name: 'table',
  looks:
    'whether the table is active, has the keys pk and sk, deletes what has expired, can be restored, and how it is encrypted',
  permissions: ['dynamodb:DescribeTable', 'dynamodb:DescribeTimeToLive', 'dynamodb:DescribeContinuousBackups'],
  async run({ table: name, dynamodb }) {
    const TableName = name;
    const [described, ttl, backups] = await Promise.all([
      asked(name, 'dynamodb:DescribeTable', () => dynamodb.send(new DescribeTableCommand({ TableName }))),
      asked(name, 'dynamodb:DescribeTimeToLive', () => dynamodb.send(new DescribeTimeToLiveCommand({ TableName }))),
      asked(name, 'dynamodb:DescribeContinuousBackups', () =>
        dynamodb.send(new DescribeContinuousBackupsCommand({ TableName })),
      ),
    ]);
    return [
      ...('checked' in described ? [described.checked] : ofTable(name, described.answer.Table)),
      'checked' in ttl ? ttl.checked : ofTimeToLive(name, ttl.answer.TimeToLiveDescription),
      'checked' in backups ? backups.checked : ofBackups(name, backups.answer.ContinuousBackupsDescription),
    ];
  },
};

export function ofTable(name: string, given: TableDescription | undefined): readonly Checked[] {
  const { TableStatus, KeySchema = [], AttributeDefinitions = [], SSEDescription } = given ?? {};
  const keys = KeySchema.map(({ AttributeName, KeyType }) => `${AttributeName} ${KeyType}`).join(', ');
  const isText = ['pk', 'sk'].every((key) =>
    AttributeDefinitions.some(({ AttributeName, AttributeType }) => AttributeName === key && AttributeType === 'S'),
  );
  const hasKeys = keys === 'pk HASH, sk RANGE' && isText;
  return [
    TableStatus === 'ACTIVE'
      ? ok(name, 'active')
      : {
          status: 'failed',
          subject: name,
          says: `it is ${TableStatus}`,
          mend: 'Wait until it is active, or restore it.',
        },
    hasKeys
      ? ok(name, 'keys pk and sk, both text')
      : {
          ...{ status: 'failed', subject: name, says: `its keys are ${keys}, and not pk HASH, sk RANGE, both text` },
          mend: 'Use a table that the construct has made; the keys of one can not be changed.',
        },
    ok(
      name,
      SSEDescription?.Status === 'ENABLED' ? 'encrypted with a KMS key' : 'encrypted with the key that DynamoDB owns',
    ),
  ];
}

export function ofTimeToLive(subject: string, given: TimeToLiveDescription | undefined): Checked {
  const { TimeToLiveStatus, AttributeName } = given ?? {};
  const isOn = TimeToLiveStatus === 'ENABLED' || TimeToLiveStatus === 'ENABLING';
  if (isOn && AttributeName === 'expires') return ok(subject, 'what has expired is deleted (TTL on expires)');
  const mend = `aws dynamodb update-time-to-live --table-name ${subject} --time-to-live-specification Enabled=true,AttributeName=expires`;
  const says = isOn
    ? `TTL is on ${AttributeName}, and not on expires`
    : 'TTL is off: reports and dead letters are never deleted';
  return { status: 'warning', subject, says, mend };
}

export function ofBackups(
  subject: string,
  given: DescribeContinuousBackupsCommandOutput['ContinuousBackupsDescription'],
): Checked {
  if (given?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED')
    return ok(subject, 'it can be restored to any moment (point-in-time recovery)');
  return {
    ...{ status: 'warning', subject, says: 'point-in-time recovery is off: a table that is lost is lost' },
    mend: `aws dynamodb update-continuous-backups --table-name ${subject} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true`,
  };
}
