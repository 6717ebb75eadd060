/** A delivery stream of Firehose: given, or the existing one that the pipeline file names. */
import { Annotations, Stack, Token } from 'aws-cdk-lib';
import type { IDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import type { Construct } from 'constructs';
import type { CheckedFirehoseSink } from '../../functions/sinks/firehose.ts';
import { type Elsewhere, namedInStack } from './named-in-stack.ts';
import { rolePropertyOf } from './stack-sink.ts';

export const firehoseInStack = namedInStack<IDeliveryStream, CheckedFirehoseSink>({
  isOne: (place) => 'deliveryStreamArn' in place,
  arnOf: ({ deliveryStreamArn }) => deliveryStreamArn,
  writtenArn: ({ name, partition, region, account }) =>
    account === undefined ? undefined : `arn:${partition}:firehose:${region}:${account}:deliverystream/${name}`,
  refuse: refuseReader,
  noteElsewhere: refuseElsewhere,
});

/** One that reads a stream of its own takes records from nobody else. */
function refuseReader({ node }: IDeliveryStream, _: CheckedFirehoseSink, property: string): void {
  const { deliveryStreamType: type } = (node.defaultChild ?? {}) as { readonly deliveryStreamType?: string };
  if (type === undefined || type === 'DirectPut') return;
  throw new Error(
    `${property} is a delivery stream that reads (${type}), and takes no records: use one without a source, or write to what it reads`,
  );
}

/** It has no resource policies, and a request has a name and no ARN: it would go to the stream of that name of this account. */
function refuseElsewhere(scope: Construct, { arn, account, property }: Elsewhere): void {
  const text =
    `${property} is ${arn}, a delivery stream of the account ${account}, which opens to nobody by itself: ` +
    `name a role of that account as ${rolePropertyOf(property)}, or as role of the sink`;
  if (!Token.isUnresolved(Stack.of(scope).account)) throw new Error(text);
  Annotations.of(scope).addWarningV2(
    'kinesis-sluice:delivery-stream-of-another-account',
    `Unless this stack is deployed there: ${text}`,
  );
}
