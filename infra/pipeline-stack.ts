/** A stack with one pipeline and both of its streams, shaped by context. */
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { StreamProps } from 'aws-cdk-lib/aws-kinesis';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { SluicePipeline } from './sluice-pipeline.ts';

export class PipelineStack extends Stack {
  readonly pipeline: SluicePipeline;

  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const context = (key: string): string | undefined => this.node.tryGetContext(key);
    this.pipeline = new SluicePipeline(this, 'Pipeline', {
      pipeline: context('pipeline') ?? 'examples/departures.ts',
      source: streamProps('sourceShards', context('sourceShards')),
      sink: streamProps('sinkShards', context('sinkShards')),
      stateMachineType: oneOf('stateMachineType', context('stateMachineType') ?? 'EXPRESS', ['EXPRESS', 'STANDARD']),
      architecture: architectures[oneOf('architecture', context('architecture') ?? 'arm64', ['arm64', 'x86_64'])],
      ...(oneOf('schedule', context('schedule') ?? 'on', ['on', 'off']) === 'off' ? { schedule: false } : {}),
    });
    const { stateMachine, table, source, sink } = this.pipeline;
    new CfnOutput(this, 'StateMachineArn', { value: stateMachine.stateMachineArn });
    new CfnOutput(this, 'TableName', { value: table.tableName });
    new CfnOutput(this, 'SourceStreamName', { value: source.streamName });
    new CfnOutput(this, 'SinkStreamName', { value: sink.streamName });
  }
}

const architectures = { arm64: Architecture.ARM_64, x86_64: Architecture.X86_64 };

function streamProps(key: string, shards: string | undefined): StreamProps {
  if (shards === undefined) return {};
  if (!/^[1-9]\d*$/.test(shards)) throw new Error(`-c ${key}=${shards}: a number of shards, from 1`);
  return { shardCount: Number(shards) };
}

function oneOf<const Word extends string>(key: string, value: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === value);
  if (found === undefined) throw new Error(`-c ${key}=${value}: one of ${words.join(', ')}`);
  return found;
}
