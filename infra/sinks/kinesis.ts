/** A Kinesis stream that a stack writes: given, made there, or the existing one that the pipeline file names. */
import { Stack } from 'aws-cdk-lib';
import { mainOutput } from '../../functions/pipeline/outputs.ts';
import type { CheckedKinesisSink } from '../../functions/sinks/kinesis.ts';
import { kinesisGrants } from '../../functions/sinks/kinesis.ts';
import { keyStatement } from '../key-statement.ts';
import { noteStream } from '../other-accounts.ts';
import { type PipelineStream, resolveStream } from '../pipeline-streams.ts';
import { type PipelineSink, refusePlace, type StackSinkKind } from './stack-sink.ts';

export const kinesisInStack: StackSinkKind<CheckedKinesisSink> = {
  place(scope, output, sink, asked) {
    const role = asked.role === false ? undefined : (asked.role ?? sink.role?.arn);
    const { place } = asked;
    if (place !== undefined && !isOfStream(place)) refusePlace(asked.property, output, place);
    const { id } = output;
    const stream = resolveStream(scope, id === mainOutput ? 'Sink' : `Sink-${id}`, place, { ...sink, role });
    if (asked.source.streamArn === stream.streamArn && !sink.allowLoop) {
      throw new Error('source and sink are one stream: the pipeline would read what it writes (allowLoop of the sink)');
    }
    const { partition, region, account } = Stack.of(scope);
    const placed = {
      stream: { kind: 'arn', streamArn: stream.streamArn } as const,
      region: undefined,
      role: role === undefined ? undefined : { arn: role },
    };
    const grants = kinesisGrants(placed, { partition, region, account });
    if (role === undefined)
      noteStream(
        scope,
        stream,
        grants.flatMap(({ actions }) => actions),
      );
    const { encryptionKey: key, env } = stream;
    const hasKey = role === undefined && key !== undefined;
    const ofKey = { sid: 'SinkKey', service: 'kinesis', actions: ['GenerateDataKey'], region: env.region } as const;
    const statements = hasKey ? [keyStatement({ ...ofKey, key })] : [];
    return { stream, told: { arn: stream.streamArn }, role, grants, statements };
  },
};

/** Properties of one to make have no ARN at all. */
const isOfStream = (place: PipelineSink): place is PipelineStream =>
  !('tableArn' in place || 'functionArn' in place || 'deliveryStreamArn' in place);
