/** The outputs of a pipeline in a stack. A kind that is not listed needs nothing there but its grants. */
import { Stack } from 'aws-cdk-lib';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { Construct } from 'constructs';
import { mainOutput } from '../../functions/pipeline/outputs.ts';
import type { Output, Pipeline } from '../../functions/pipeline/pipeline.ts';
import { isSideOutput } from '../../functions/pipeline/side-outputs.ts';
import { kinesisKind } from '../../functions/sinks/kinesis.ts';
import { dynamodbInStack } from './dynamodb.ts';
import { firehoseInStack } from './firehose.ts';
import { kinesisInStack } from './kinesis.ts';
import { lambdaInStack } from './lambda.ts';
import { s3InStack } from './s3.ts';
import {
  type AskedSink,
  type PipelineSink,
  refusePlace,
  rolePropertyOf,
  type StackSink,
  type StackSinkKind,
} from './stack-sink.ts';

const kinds: Readonly<Record<string, StackSinkKind>> = {
  [kinesisKind.kind]: kinesisInStack,
  dynamodb: dynamodbInStack,
  firehose: firehoseInStack,
  lambda: lambdaInStack,
  s3: s3InStack,
};

const byGrants: StackSinkKind = {
  place(scope, output, options, { place, role, property }) {
    const { sink } = output;
    if (place !== undefined) refusePlace(property, output, place);
    if (role !== undefined)
      throw new Error(`${rolePropertyOf(property)}: the sink is ${sink.kind.kind}, and takes no role`);
    const { partition, region, account } = Stack.of(scope);
    const here = { partition, region, account };
    const grants = sink.kind.grants(options, here);
    const listGrants = sink.kind.files?.grants(options, here) ?? [];
    return { stream: undefined, told: undefined, role: undefined, grants, listGrants, statements: [] };
  },
};

/** What the stack says of the outputs, instead of the pipeline file: of the first one, and of others by their names. */
export type AskedSinks = {
  readonly sink?: PipelineSink;
  readonly sinkRole?: string | false;
  readonly sinks?: Readonly<Record<string, PipelineSink>>;
  readonly sinkRoles?: Readonly<Record<string, string | false>>;
  /** What the pipeline reads. */
  readonly source: IStream;
};

export function placeOutputs(
  scope: Construct,
  { name, outputs }: Pick<Pipeline, 'name' | 'outputs'>,
  pipelineFile: string,
  asked: AskedSinks,
): readonly StackSink[] {
  refuseDevelopment(name, outputs, pipelineFile);
  refuseUnknown(name, outputs, asked);
  const placed = outputs.map((output) => {
    const { id, sent, sink } = output;
    const inStack = kinds[sink.kind.kind] ?? byGrants;
    return { id, sent, ...inStack.place(scope, output, sink.options, askedOf(id, asked)) };
  });
  refuseRepeats(outputs, placed);
  return placed;
}

function askedOf(id: string, { source, sink, sinkRole, sinks, sinkRoles }: AskedSinks): AskedSink {
  return id === mainOutput
    ? { source, place: sink, role: sinkRole, property: 'sink' }
    : { source, place: sinks?.[id], role: sinkRoles?.[id], property: `sinks.${id}` };
}

function refuseUnknown(name: string, outputs: readonly Output[], { sinks = {}, sinkRoles = {} }: AskedSinks): void {
  const further = outputs.map(({ id }) => id).filter((id) => id !== mainOutput);
  const unknown = [...Object.keys(sinks), ...Object.keys(sinkRoles)].find((id) => !further.includes(id));
  if (unknown === undefined) return;
  const known = further.length === 0 ? 'none beside the first' : further.join(', ');
  throw new Error(`sinks and sinkRoles are by the names of outputs: ${name} has no ${unknown}, but ${known}`);
}

/** As the checker does where the file alone says where outputs go. */
function refuseRepeats(outputs: readonly Output[], placed: readonly StackSink[]): void {
  const plain = placed.filter(({ told }, at) => told?.arn !== undefined && writesWhatComes(outputs[at]!));
  for (const [at, { id, told }] of plain.entries()) {
    const same = plain.slice(0, at).find((other) => placeOf(other.told!) === placeOf(told!));
    if (same === undefined) continue;
    throw new Error(`the outputs ${same.id} and ${id} write the same to one place: use another, or a map`);
  }
}

const placeOf = ({ arn, at }: NonNullable<StackSink['told']>): string | undefined => at ?? arn;

const writesWhatComes = ({ id, map, flatMap }: Output): boolean =>
  map === undefined && flatMap === undefined && !isSideOutput(id);

/** Console and file sinks show results while a pipeline is written; a function has neither. */
function refuseDevelopment(name: string, outputs: readonly Output[], pipelineFile: string): void {
  const refused = outputs.filter(({ sink }) => sink.kind.isForDevelopment);
  if (refused.length === 0) return;
  const kinds = refused.map(({ sink }) => sink.kind.kind).join(' and ');
  throw new Error(
    `The pipeline ${name} in ${pipelineFile} can't be deployed: it writes to ${kinds}, which is for ` +
      'development. Give `writeStream` a Kinesis stream.',
  );
}
