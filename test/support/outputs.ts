/** Outputs as a checked pipeline has them. */
import type { Output, Pipeline } from '../../functions/pipeline/pipeline.ts';
import type { CheckedDynamodbSink } from '../../functions/sinks/dynamodb.ts';
import type { FileFormatKind } from '../../functions/sinks/file-format.ts';
import { type CheckedKinesisSink, kinesisKind } from '../../functions/sinks/kinesis.ts';
import { ndjsonKind } from '../../functions/sinks/ndjson.ts';
import type { FilePlace } from '../../functions/sinks/output-file.ts';
import { type CheckedS3Sink, s3Kind } from '../../functions/sinks/s3.ts';
import type { SinkKind } from '../../functions/sinks/sink-kind.ts';

export const kinesisSink: CheckedKinesisSink = {
  stream: { kind: 'name', streamName: 'sink' },
  region: undefined,
  endpointUrl: undefined,
  role: undefined,
  partitionKey: undefined,
  identity: 'field',
  identityField: '_sluice',
  ordered: false,
  aggregate: false,
  allowLoop: false,
};

const whenSent = (from: Output['from']): Output['sent'] => (from === 'events' ? 'while-reading' : 'after-seal');

export const kinesisOutput = (
  given: Partial<CheckedKinesisSink> = {},
  { id = 'main', from = 'results', sent = whenSent(from) }: Partial<Pick<Output, 'id' | 'from' | 'sent'>> = {},
): Output => ({ id, from, sent, sink: { kind: kinesisKind, options: { ...kinesisSink, ...given } } });

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

const nowhere = { region: undefined, endpointUrl: undefined, role: undefined };

/** Lines of JSON, as they are, below `rows/`. */
export function filesOutput(
  {
    limits = { maxRows: 100_000, maxBytes: 1_000_000 },
    ...at
  }: Partial<Pick<CheckedS3Sink, 'limits'> & FilePlace> = {},
  id = 'main',
): Output {
  const place: FilePlace = { bucket: 'flights', prefix: 'rows/', ...nowhere, ...at };
  const options: CheckedS3Sink = {
    ...place,
    format: { kind: ndjsonKind as FileFormatKind, options: { compression: 'none' } },
    ...{ partitionBy: undefined, limits, identity: 'none', identityField: '_sluice' },
  };
  return { id, from: 'results', sent: 'after-seal', sink: { kind: s3Kind as SinkKind, options }, files: place };
}
