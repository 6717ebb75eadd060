/** What a synthesis says of files: how many a day there may be. */
import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { filesADay, filesText } from '../functions/pipeline/files-a-day.ts';
import type { Pipeline } from '../functions/pipeline/pipeline.ts';

export function noteFiles(scope: Construct, pipeline: Pipeline): void {
  for (const output of pipeline.outputs)
    if (output.files !== undefined) Annotations.of(scope).addInfo(filesText(output.id, filesADay(pipeline, output)));
}
