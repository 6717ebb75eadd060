/**
 * Streams of other accounts that no role opens. Rights in this account are half of what that takes; the other half is not
 * this stack's to give, so the synthesis prints it, for the owner to attach.
 */
import { Annotations, Stack, Token } from 'aws-cdk-lib';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { Construct } from 'constructs';
import type { Pipeline } from '../functions/pipeline/pipeline.ts';
import { givenConsumerActions, sourceActions } from './permissions.ts';

export type UsedSource = {
  readonly pipeline: Pick<Pipeline, 'source'>;
  readonly source: IStream;
  /** ARN of the role that it is reached with. */
  readonly role: string | undefined;
};

/** `actions`: with the service's name. */
export const noteStream = (scope: Construct, stream: IStream, actions: readonly string[]): void =>
  note(scope, stream, { arn: stream.streamArn, actions });

export function noteSource(scope: Construct, { pipeline, source, role }: UsedSource): void {
  if (role !== undefined) return;
  noteStream(scope, source, ofKinesis([...new Set(Object.values(sourceActions).flat())]));
  if (pipeline.source.consumerType === 'GetRecords') return;
  const { consumerArn } = pipeline.source.subscribeToShard;
  if (consumerArn !== undefined) {
    note(scope, source, { arn: consumerArn, actions: ofKinesis(Object.values(givenConsumerActions).flat()) });
  } else if (isElsewhere(scope, source) && !Token.isUnresolved(Stack.of(scope).account)) {
    Annotations.of(scope).addWarningV2(
      'kinesis-sluice:consumer-of-another-account',
      `The stream ${source.streamArn} is of the account ${source.env.account}, and a resource policy can't allow others to ` +
        'register a consumer. Its owner registers one; name it as subscribeToShard.consumerArn.',
    );
  }
}

const ofKinesis = (actions: readonly string[]): readonly string[] => actions.map((action) => `kinesis:${action}`);

function isElsewhere(scope: Construct, { env: { account } }: IStream): boolean {
  return !Token.isUnresolved(account) && account !== Stack.of(scope).account;
}

/** Names of roles begin with the stack's, so the policy outlives the roles of today. */
function note(
  scope: Construct,
  stream: IStream,
  { arn, actions }: { readonly arn: string; readonly actions: readonly string[] },
): void {
  if (!isElsewhere(scope, stream)) return;
  const { account, stackName, partition } = Stack.of(scope);
  const here = Token.isUnresolved(account) ? '<account of this stack>' : account;
  const aws = Token.isUnresolved(partition) ? 'aws' : partition;
  const policy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: `arn:${aws}:iam::${here}:root` },
        Action: actions,
        Resource: arn,
        Condition: { ArnLike: { 'aws:PrincipalArn': `arn:${aws}:iam::${here}:role/${stackName}-*` } },
      },
    ],
  };
  const what = arn === stream.streamArn ? 'stream' : 'consumer';
  Annotations.of(scope).addInfo(
    `${arn} is of the account ${stream.env.account}. Unless this stack is deployed there, this ${what} needs a resource ` +
      `policy, which its owner attaches (aws kinesis put-resource-policy --resource-arn ${arn} --policy …):\n` +
      `${JSON.stringify(policy, undefined, 2)}\nSee docs/operations.md, "Streams of other accounts".`,
  );
}
