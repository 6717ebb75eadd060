/** The enhanced fan-out consumer of a pipeline, made and removed with its stack. */
import { Stack, Token, TokenComparison } from 'aws-cdk-lib';
import { CfnStreamConsumer, type IStream } from 'aws-cdk-lib/aws-kinesis';
import type { Construct } from 'constructs';
import { consumerNameOf, consumerTag, type Pipeline } from '../functions/pipeline/pipeline.ts';

/**
 * None for a pipeline that polls, none where one that exists is to be adopted, and none for a stream of another region or
 * account, which CloudFormation does not reach: the first plan registers that one.
 */
export function makeStreamConsumer(
  scope: Construct,
  pipeline: Pipeline,
  source: IStream,
): CfnStreamConsumer | undefined {
  const { consumerType, subscribeToShard } = pipeline.source;
  if (consumerType === 'GetRecords' || subscribeToShard.adopt || isElsewhere(Stack.of(scope), source)) return undefined;
  return new CfnStreamConsumer(scope, 'Consumer', {
    streamArn: source.streamArn,
    consumerName: consumerNameOf(pipeline),
    // By this the functions know it for theirs.
    tags: [{ key: consumerTag, value: pipeline.name }],
  });
}

function isElsewhere(stack: Stack, { env }: IStream): boolean {
  const differs = (one: string, other: string) => Token.compareStrings(one, other) === TokenComparison.DIFFERENT;
  return differs(env.region, stack.region) || differs(env.account, stack.account);
}
