/** What a function may do with a key: through one service only. */
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';

type KeyUse = {
  readonly sid: string;
  readonly key: IKey;
  readonly service: 'dynamodb' | 'kinesis' | 'lambda' | 's3';
  readonly actions: readonly string[];
  readonly region: string;
};

/** Of a table that is written or read with it. */
export const tableKeyStatement = (use: Pick<KeyUse, 'sid' | 'key' | 'region'>): PolicyStatement =>
  keyStatement({
    ...use,
    service: 'dynamodb',
    actions: ['Decrypt', 'DescribeKey', 'Encrypt', 'GenerateDataKey', 'ReEncryptFrom', 'ReEncryptTo'],
  });

export function keyStatement({ sid, key, service, actions, region }: KeyUse): PolicyStatement {
  const { urlSuffix } = Stack.of(key);
  return new PolicyStatement({
    sid,
    actions: actions.map((action) => `kms:${action}`),
    resources: [key.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `${service}.${region}.${urlSuffix}` } },
  });
}
