/** An output in a stack. */
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { IDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Output } from '../../functions/pipeline/pipeline.ts';
import type { Grant } from '../../functions/sinks/sink-kind.ts';
import type { PipelineStream } from '../pipeline-streams.ts';

/**
 * What a sink writes to, in the place of what the pipeline file names: for `kinesis` an existing stream or the properties of one to
 * make, for `dynamodb` a table, for `firehose` a delivery stream, for `lambda` a function, its version or its alias, for `s3` a bucket.
 */
export type PipelineSink = PipelineStream | ITable | IDeliveryStream | IFunction | IBucket;

export type StackSink = {
  readonly id: string;
  readonly sent: Output['sent'];
  /** Undefined: it is no stream. */
  readonly stream: IStream | undefined;
  /** What the functions are told of it, which counts more than what the file says. Undefined: nothing. */
  readonly told:
    | {
        readonly arn: string | undefined;
        /** What names the place, where several are in one such thing. Absent: the ARN does. */
        readonly at?: string;
      }
    | undefined;
  /** ARN of the role that it is reached with. Undefined: the functions' own. */
  readonly role: string | undefined;
  /** What the functions that write to it may do. */
  readonly grants: readonly Grant[];
  /** What the one that commits may do. Absent: nothing. */
  readonly listGrants?: readonly Grant[];
  /** Beside: with conditions, or of things that only the stack knows. */
  readonly statements: readonly PolicyStatement[];
  /** Likewise of the one that commits. */
  readonly listStatements?: readonly PolicyStatement[];
};

/** What the stack says of an output, instead of the pipeline file. */
export type AskedSink = {
  readonly place: PipelineSink | undefined;
  /** `false`: none. Undefined: what the file says. */
  readonly role: string | false | undefined;
  /** What the pipeline reads. */
  readonly source: IStream;
  /** The property that has the place: `sink`, or `sinks.audit`. */
  readonly property: string;
};

export type StackSinkKind<Options = unknown> = {
  place(scope: Construct, output: Output, options: Options, asked: AskedSink): Omit<StackSink, 'id' | 'sent'>;
};

/** The property that has the role: `sinkRole`, or `sinkRoles.audit`. */
export const rolePropertyOf = (property: string): string => property.replace(/^sink/, 'sinkRole');

export function refusePlace(property: string, { sink }: Output, place: PipelineSink): never {
  throw new Error(
    `${property} is ${whatIs(place)}: the sink is ${sink.kind.kind}, for which it takes ${sink.kind.place ?? 'nothing'}`,
  );
}

function whatIs(place: PipelineSink): string {
  const kinds = {
    tableArn: 'a DynamoDB table',
    functionArn: 'a function',
    deliveryStreamArn: 'a delivery stream',
    bucketArn: 'a bucket',
  };
  const [, what] = Object.entries(kinds).find(([arn]) => arn in place) ?? [];
  return what ?? ('streamArn' in place ? 'a Kinesis stream' : 'the properties of a Kinesis stream');
}
