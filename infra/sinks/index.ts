/** The outputs of a pipeline in a stack. A kind that is not listed needs nothing there but its grants. */
import { Stack } from 'aws-cdk-lib';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { Construct } from 'constructs';
import { mainOutput } from '../../functions/pipeline/outputs.ts';
import type { Output, Pipeline } from '../../functions/pipeline/pipeline.ts';
import { isSideOutput } from '../../functions/pipeline/side-outputs.ts';
import { kinesisKind } from '../../functions/sinks/kinesis.ts';
import type { PipelineStream } from '../pipeline-streams.ts';
import { kinesisInStack } from './kinesis.ts';
import type { AskedSink, StackSink, StackSinkKind } from './stack-sink.ts';

const kinds: Readonly<Record<string, StackSinkKind>> = { [kinesisKind.kind]: kinesisInStack };

const byGrants: StackSinkKind = {
  place(scope, { sink }, options) {
    const { partition, region, account } = Stack.of(scope);
    const grants = sink.kind.grants(options, { partition, region, account });
    return { stream: undefined, role: undefined, grants, statements: [] };
  },
};

/** What the stack says of the outputs, instead of the pipeline file: of the first one, and of others by their names. */
export type AskedSinks = {
  readonly sink?: PipelineStream;
  readonly sinkRole?: string | false;
  readonly sinks?: Readonly<Record<string, PipelineStream>>;
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
    const { id, from, sink } = output;
    const isMain = id === mainOutput;
    const ofOutput = askedOf(id, asked);
    if (!sink.kind.isStream && (ofOutput.stream !== undefined || ofOutput.role !== undefined)) {
      const options = isMain ? 'sink and sinkRole' : `sinks.${id} and sinkRoles.${id}`;
      throw new Error(`${options} are for a Kinesis sink: the pipeline ${name} writes to ${sink.kind.kind}`);
    }
    const inStack = kinds[sink.kind.kind] ?? byGrants;
    return { id, from, ...inStack.place(scope, output, sink.options, ofOutput) };
  });
  refuseRepeats(outputs, placed);
  return placed;
}

function askedOf(id: string, { source, sink, sinkRole, sinks, sinkRoles }: AskedSinks): AskedSink {
  return id === mainOutput
    ? { source, stream: sink, role: sinkRole }
    : { source, stream: sinks?.[id], role: sinkRoles?.[id] };
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
  const plain = placed.filter(({ stream }, at) => stream !== undefined && writesWhatComes(outputs[at]!));
  for (const [at, { id, stream }] of plain.entries()) {
    const same = plain.slice(0, at).find((other) => other.stream!.streamArn === stream!.streamArn);
    if (same === undefined) continue;
    throw new Error(`the outputs ${same.id} and ${id} write the same to one stream: use another, or a map`);
  }
}

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
