/**
 * Streams, tables, buckets and functions of other accounts that no role opens. Rights in this account are half of what that takes; the other half is not
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
  noteOwner(scope, { ...theirsOf(stream), arn: stream.streamArn, what: 'stream', actions });

const theirsOf = ({ env: { account } }: IStream) => ({ account, service: 'kinesis' }) as const;

export function noteSource(scope: Construct, { pipeline, source, role }: UsedSource): void {
  if (role !== undefined) return;
  noteStream(scope, source, ofKinesis([...new Set(Object.values(sourceActions).flat())]));
  if (pipeline.source.consumerType === 'GetRecords') return;
  const { consumerArn } = pipeline.source.subscribeToShard;
  if (consumerArn !== undefined) {
    const actions = ofKinesis(Object.values(givenConsumerActions).flat());
    noteOwner(scope, { ...theirsOf(source), arn: consumerArn, what: 'consumer', actions });
  } else if (isElsewhere(scope, source.env.account) && !Token.isUnresolved(Stack.of(scope).account)) {
    Annotations.of(scope).addWarningV2(
      'kinesis-sluice:consumer-of-another-account',
      `The stream ${source.streamArn} is of the account ${source.env.account}, and a resource policy can't allow others to ` +
        'register a consumer. Its owner registers one; name it as subscribeToShard.consumerArn.',
    );
  }
}

const ofKinesis = (actions: readonly string[]): readonly string[] => actions.map((action) => `kinesis:${action}`);

/** `account`: of what is used. */
export function isElsewhere(scope: Construct, account: string): boolean {
  return !Token.isUnresolved(account) && account !== Stack.of(scope).account;
}

type Used = {
  readonly arn: string;
  readonly account: string;
  readonly what: 'stream' | 'consumer' | 'table' | 'bucket';
  /** As the command line of AWS has it. */
  readonly service: keyof typeof attaching;
  /** With the service's name. */
  readonly actions: readonly string[];
  /** What the policy is about. Absent: the whole of it. */
  readonly resource?: string | undefined;
};

const putPolicy = (service: string) => (arn: string) =>
  `aws ${service} put-resource-policy --resource-arn ${arn} --policy …`;

/** How an owner attaches a policy. */
const attaching = {
  kinesis: putPolicy('kinesis'),
  dynamodb: putPolicy('dynamodb'),
  // A bucket has one policy: what it says already has to be said again.
  s3: (arn: string) => `beside what it has: aws s3api put-bucket-policy --bucket ${arn.split(':').at(-1)} --policy …`,
};

/** Names of roles begin with the stack's, so the policy outlives the roles of today. */
export function noteOwner(scope: Construct, { arn, account, what, service, actions, resource = arn }: Used): void {
  if (!isElsewhere(scope, account)) return;
  const { stackName, partition } = Stack.of(scope);
  const here = accountOf(scope);
  const aws = Token.isUnresolved(partition) ? 'aws' : partition;
  const policy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: `arn:${aws}:iam::${here}:root` },
        Action: actions,
        Resource: resource,
        Condition: { ArnLike: { 'aws:PrincipalArn': `arn:${aws}:iam::${here}:role/${stackName}-*` } },
      },
    ],
  };
  Annotations.of(scope).addInfo(
    `${arn} is of the account ${account}. Unless this stack is deployed there, this ${what} needs a resource ` +
      `policy, which its owner attaches (${attaching[service](arn)}):\n` +
      `${JSON.stringify(policy, undefined, 2)}\nSee docs/operations.md, "Streams of other accounts".`,
  );
}

/** Of a function, whose policy takes no conditions by roles. */
export function noteCaller(scope: Construct, { arn, account }: Pick<Used, 'arn' | 'account'>): void {
  Annotations.of(scope).addInfo(
    `${arn} is of the account ${account}. Unless this stack is deployed there, this function needs a permission, which its ` +
      `owner adds: aws lambda add-permission --function-name ${arn} --statement-id sluice --action lambda:InvokeFunction ` +
      `--principal ${accountOf(scope)}\nSee docs/operations.md, "Streams of other accounts".`,
  );
}

function accountOf(scope: Construct): string {
  const { account } = Stack.of(scope);
  return Token.isUnresolved(account) ? '<account of this stack>' : account;
}
