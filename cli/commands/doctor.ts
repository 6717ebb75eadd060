/**
 * `sluice doctor`: whether a pipeline has what it needs (cli/doctor/, a check a file), whether everything is there that it names, and what was deleted
 * since its table was what it is.
 */
import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { createRequestHandler } from '../../functions/adapters/aws-client.ts';
import { openStorage } from '../../functions/adapters/dynamodb/storage.ts';
import { createStores } from '../../functions/adapters/dynamodb/stores.ts';
import { createBucket } from '../../functions/adapters/s3/bucket.ts';
import { createDeletedObjects } from '../../functions/adapters/s3/deleted-objects.ts';
import type { PipelineFacts } from '../../functions/findings/facts.ts';
import { checkObjects, healing } from '../../functions/operations/check-objects.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import { mainSource } from '../../functions/pipeline/sources.ts';
import { systemClock } from '../../functions/steps/runtime.ts';
import { LocalProblem } from '../../local/local-problem.ts';
import { oneLine } from '../../local/report/letter-text.ts';
import type { AddCommand } from '../command.ts';
import type { Patient } from '../doctor/check.ts';
import { checks, type Result, runChecks } from '../doctor/index.ts';
import type { Flags } from '../flags.ts';
import { examples } from '../help-examples.ts';
import { bucketClient } from '../local-state.ts';
import { loadPipeline, nameOrDefined, textOf } from '../option-values.ts';
import { readManifest } from '../package-root.ts';
import { loadFacts, openKnown } from '../pipeline-facts.ts';
import { print } from '../print.ts';
import { clientSettings, openTable, requestTimeoutMs } from '../table-access.ts';
import { atTable, verbose, withBucket } from '../table-options.ts';

export const addDoctor: AddCommand = (program) => {
  const description = 'look whether a pipeline has all that it needs, and whether everything is there that it names';
  withBucket(atTable(program.command('doctor').description(description)))
    .argument(
      '[file]',
      "the pipeline's module: with it what it defines is compared with what is saved, and its outputs are looked at",
    )
    .option('--restore', 'bring back what was deleted from the bucket since, of which a version is kept')
    .option(...verbose)
    .addHelpText(
      'after',
      `
It changes nothing, but with --restore. The exit code is 1 if a check failed or something is missing; warnings leave it 0.

Checks:
${checks.map(({ name, looks }) => `  ${name.padEnd(11)} ${looks}`).join('\n')}
  objects     whether everything is there that the head names, in the table and in the bucket
${examples(
  'npx sluice doctor departures.ts --table <TableName> --state-bucket <BucketName>',
  'npx sluice doctor --pipeline departures --table <TableName> --json | jq \'.checks[] | select(.status != "ok")\'',
  'npx sluice doctor --pipeline departures --table <RestoredTable> --state-bucket <BucketName> --restore',
)}`,
    )
    .action(async (file: string | undefined, options: Flags) => doctor(file, options));
};

async function doctor(file: string | undefined, options: Flags): Promise<void> {
  const problems: string[] = [];
  const defined = file === undefined ? undefined : await loadPipeline(file, options, problems);
  const pipeline = nameOrDefined(options, defined, problems);
  const bucketName = textOf(options, 'stateBucket');
  if (options.restore === true && bucketName === undefined)
    problems.push('--restore: name the bucket as well, with --state-bucket');
  if (problems.length > 0 || pipeline === undefined) throw new LocalProblem('usage', problems.join('\n'));
  const { bucket, broughtBack } = openBucket(bucketName, options);
  const table = openTable(options);
  const facts = await loadFacts(openKnown(table, bucket, pipeline));
  const results = await runChecks(patientOf(facts, defined, options));
  const stores = createStores(openStorage({ table, bucket, pipeline, clock: systemClock, newId: randomUUID }));
  const { head } = facts;
  const { batches, found, missing } = await checkObjects({ ...stores, table, name: pipeline }, head);
  const { committed, oldestRetainedBatch } = head;
  print(
    options.json === true
      ? JSON.stringify({
          pipeline,
          committedBatch: committed?.batchId ?? null,
          oldestRetainedBatch,
          checks: results,
          batches,
          found,
          broughtBack,
          missing,
        })
      : [
          ...resultLines(results),
          `pipeline     ${pipeline}`,
          `batches      ${batches} looked at${committed === undefined ? '' : `, ${committed.batchId} is the last one committed, ${oldestRetainedBatch} the oldest retained`}`,
          `found        ${found} bodies, states, segments and other values`,
          `brought back ${broughtBack.length} objects`,
          ...missing.map((message) => `missing      ${message}`),
        ].join('\n'),
  );
  const failed = results.filter(({ status }) => status === 'failed');
  const told = [
    ...(failed.length > 0 ? [`${failed.length} of ${results.length} checks failed.`] : []),
    ...(missing.length > 0 ? [whatToDo(pipeline, missing.length, options)] : []),
  ];
  if (told.length > 0) throw new LocalProblem('wrong-result', told.join('\n'));
}

const resultLines = (results: readonly Result[]): readonly string[] =>
  results.flatMap(({ check, status, subject, says, mend }) => [
    `${status.toUpperCase().padEnd(12)} ${check}: ${oneLine(subject)}: ${oneLine(says)}`,
    ...(mend === undefined || status === 'ok' ? [] : [`${' '.repeat(13)}Do: ${oneLine(mend)}`]),
  ]);

function patientOf(facts: PipelineFacts, pipeline: Pipeline | undefined, options: Flags): Patient {
  const requestHandler = createRequestHandler(requestTimeoutMs);
  const bucketName = textOf(options, 'stateBucket');
  const { version, engines } = readManifest();
  return {
    ...{ facts, pipeline, table: textOf(options, 'table') ?? 'sluice', version, nodeRange: engines.node },
    dynamodb: new DynamoDBClient({ requestHandler, ...clientSettings(options) }),
    kinesis: kinesisOf(facts, options),
    bucket: bucketName === undefined ? undefined : { name: bucketName, client: bucketClient(options) },
    node: process.versions.node,
  };
}

/** Nobody's keys go to AWS for a pipeline that is on a server of this machine. */
function kinesisOf({ head }: PipelineFacts, options: Flags): KinesisClient | undefined {
  const endpointUrl = process.env.AWS_ENDPOINT_URL_KINESIS || undefined;
  const isElsewhere = textOf(options, 'endpointUrl') !== undefined || Boolean(process.env.AWS_ENDPOINT_URL_DYNAMODB);
  if (endpointUrl === undefined && isElsewhere) return undefined;
  const [, , , ofStream] = head.sources[mainSource].stream.arn.split(':');
  const region = textOf(options, 'region') ?? ofStream;
  // HTTP/1.1, which every server speaks.
  const requestHandler = createRequestHandler(requestTimeoutMs);
  return new KinesisClient({ requestHandler, ...clientSettings({ ...options, region, endpointUrl }) });
}

function openBucket(name: string | undefined, options: Flags) {
  if (name === undefined) return { bucket: undefined, broughtBack: [] };
  const parts = { client: bucketClient(options), clock: systemClock };
  const bucket = createBucket(name, parts);
  return options.restore === true ? healing(bucket, createDeletedObjects(name, parts)) : { bucket, broughtBack: [] };
}

const whatToDo = (pipeline: string, count: number, { restore }: Flags): string =>
  restore === true
    ? `${count} values of ${pipeline} are missing for good: no version of them is kept.`
    : `${count} values of ${pipeline} are missing. With --restore those are brought back of which a version is kept.`;
