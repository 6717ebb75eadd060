/** The enhanced fan-out consumer of a pipeline, made and removed with its stack. */
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import { CfnStreamConsumer } from 'aws-cdk-lib/aws-kinesis';
import type { Construct } from 'constructs';
import { consumerNameOf, consumerTag, type Pipeline } from '../functions/pipeline/pipeline.ts';

/** None for a pipeline that polls, and none where one that exists is to be adopted. */
export function makeStreamConsumer(
  scope: Construct,
  pipeline: Pipeline,
  source: IStream,
): CfnStreamConsumer | undefined {
  const { consumerType, subscribeToShard } = pipeline.source;
  if (consumerType === 'GetRecords' || subscribeToShard.adopt) return undefined;
  return new CfnStreamConsumer(scope, 'Consumer', {
    streamArn: source.streamArn,
    consumerName: consumerNameOf(pipeline),
    // By this the functions know it for theirs.
    tags: [{ key: consumerTag, value: pipeline.name }],
  });
}
