/** The outputs of a pipeline in a stack. A kind that is not listed needs nothing there but its grants. */
import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { mainOutput } from '../../functions/pipeline/outputs.ts';
import type { Output, Pipeline } from '../../functions/pipeline/pipeline.ts';
import { kinesisKind } from '../../functions/sinks/kinesis.ts';
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

/** `asked`: of the output that the chain writes. */
export function placeOutputs(
  scope: Construct,
  { name, outputs }: Pick<Pipeline, 'name' | 'outputs'>,
  pipelineFile: string,
  asked: AskedSink,
): readonly StackSink[] {
  refuseDevelopment(name, outputs, pipelineFile);
  const { source } = asked;
  return outputs.map((output) => {
    const { id, from, sink } = output;
    const isMain = id === mainOutput;
    if (isMain && !sink.kind.isStream && (asked.stream !== undefined || asked.role !== undefined)) {
      throw new Error(`sink and sinkRole are for a Kinesis sink: the pipeline ${name} writes to ${sink.kind.kind}`);
    }
    const inStack = kinds[sink.kind.kind] ?? byGrants;
    const ofOutput = isMain ? asked : { source, stream: undefined, role: undefined };
    return { id, from, ...inStack.place(scope, output, sink.options, ofOutput) };
  });
}

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
