/** An output in a stack. */
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { Construct } from 'constructs';
import type { Output } from '../../functions/pipeline/pipeline.ts';
import type { Grant } from '../../functions/sinks/sink-kind.ts';
import type { PipelineStream } from '../pipeline-streams.ts';

export type StackSink = {
  readonly id: string;
  readonly from: Output['from'];
  /** Undefined: it is no stream. */
  readonly stream: IStream | undefined;
  /** ARN of the role that it is reached with. Undefined: the functions' own. */
  readonly role: string | undefined;
  /** What the functions that write to it may do. */
  readonly grants: readonly Grant[];
  /** Beside: with conditions, or of things that only the stack knows. */
  readonly statements: readonly PolicyStatement[];
};

/** What the stack says of an output, instead of the pipeline file. */
export type AskedSink = {
  readonly stream: PipelineStream | undefined;
  /** `false`: none. Undefined: what the file says. */
  readonly role: string | false | undefined;
  /** What the pipeline reads. */
  readonly source: IStream;
};

export type StackSinkKind<Options = unknown> = {
  place(scope: Construct, output: Output, options: Options, asked: AskedSink): Omit<StackSink, 'id' | 'from'>;
};
