/** The enhanced fan-out consumer of a pipeline, made and removed with its stack. */
import { Stack, Token, TokenComparison } from 'aws-cdk-lib';
import { CfnStreamConsumer, type IStream } from 'aws-cdk-lib/aws-kinesis';
import type { Construct } from 'constructs';
import { consumerNameOf, type Pipeline } from '../functions/pipeline/pipeline.ts';

/**
 * Without a tag: CloudFormation replaces a consumer whose tags change, and there can be no second one of the name meanwhile,
 * so a pipeline that is renamed under a fixed `consumerName` could not be deployed. The functions are told its ARN instead.
 *
 * None for a pipeline that polls, none where one that exists is to be adopted or is named by its ARN, and none for a stream of another region or
 * account, which CloudFormation does not reach: the first plan registers that one.
 */
export function makeStreamConsumer(
  scope: Construct,
  pipeline: Pipeline,
  source: IStream,
): CfnStreamConsumer | undefined {
  const { consumerType, subscribeToShard } = pipeline.source;
  const isThere = subscribeToShard.adopt || subscribeToShard.consumerArn !== undefined;
  if (consumerType === 'GetRecords' || isThere || isElsewhere(Stack.of(scope), source)) return undefined;
  const consumer = new CfnStreamConsumer(scope, 'Consumer', {
    streamArn: source.streamArn,
    consumerName: consumerNameOf(pipeline),
  });
  // Also none of the tags that an app gives all its stacks.
  consumer.addPropertyDeletionOverride('Tags');
  return consumer;
}

function isElsewhere(stack: Stack, { env }: IStream): boolean {
  const differs = (one: string, other: string) => Token.compareStrings(one, other) === TokenComparison.DIFFERENT;
  return differs(env.region, stack.region) || differs(env.account, stack.account);
}
