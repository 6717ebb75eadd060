/** Outputs as a checked pipeline has them. */
import type { Output, Pipeline } from '../../functions/pipeline/pipeline.ts';
import type { CheckedDynamodbSink } from '../../functions/sinks/dynamodb.ts';
import { type CheckedKinesisSink, kinesisKind } from '../../functions/sinks/kinesis.ts';

export const kinesisSink: CheckedKinesisSink = {
  stream: { kind: 'name', streamName: 'sink' },
  region: undefined,
  endpointUrl: undefined,
  role: undefined,
  partitionKey: undefined,
  identity: 'field',
  identityField: '_sluice',
  ordered: false,
  allowLoop: false,
};

export const kinesisOutput = (
  given: Partial<CheckedKinesisSink> = {},
  { id = 'main', from = 'results' }: Partial<Pick<Output, 'id' | 'from'>> = {},
): Output => ({ id, from, sink: { kind: kinesisKind, options: { ...kinesisSink, ...given } } });

/** The pipeline with one more output, to a stream of that name. */
export function withOutput<Given extends Pick<Pipeline, 'outputs'>>(
  pipeline: Given,
  id: string,
  given: Partial<CheckedKinesisSink> = {},
): Given {
  const { from } = pipeline.outputs[0]!;
  const stream = { kind: 'name', streamName: id } as const;
  return { ...pipeline, outputs: [...pipeline.outputs, kinesisOutput({ stream, ...given }, { id, from })] };
}

export const viewSink: CheckedDynamodbSink = {
  ...{
    table: 'view',
    region: undefined,
    endpointUrl: undefined,
    role: undefined,
    partitionKey: undefined,
    sortKey: undefined,
  },
  ...{ partitionKeyName: 'pk', sortKeyName: 'sk', identityField: '_sluice', ttlField: 'expires' },
  tombstoneTtlMs: undefined,
};
