/**
 * What each bundle can send against what its role allows. A bundle has a command of the SDK only if something in it names the command: what is allowed
 * and is not there could never be used, and what is there and is not allowed is listed here, with the reason why it is never sent. What is really
 * sent is in granted-calls.spec.ts.
 */
import { resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { bundleOptions } from '../../infra/bundle-step.ts';
import { filesLoaded } from '../../infra/bundled-files.ts';
import { readPipeline } from '../../infra/read-pipeline.ts';
import { type Step, type StepKey, steps } from '../../infra/steps.ts';
import { actionsOf, examples, statements, synthesise } from './stack.ts';

type Variant = {
  readonly pipeline: string;
  readonly hasStateBucket: boolean;
  /** Not a stream: it exists already. */
  readonly writesElsewhere?: true;
};

const variants: Readonly<Record<string, Variant>> = {
  'aggregates, polls, and has a bucket': { pipeline: examples.departures, hasStateBucket: true },
  'maps, and reads by fan-out': { pipeline: examples.fanOut, hasStateBucket: false },
  'writes files': { pipeline: 'test/infra/pipelines/files.ts', hasStateBucket: false, writesElsewhere: true },
};

/** Of a command of another name than its action. `undefined`: the SDK's own, for servers and buckets of a kind that no pipeline has. */
const actions: Readonly<Record<string, string | undefined>> = {
  'lambda:Invoke': 'lambda:InvokeFunction',
  's3:DeleteObjects': 's3:DeleteObject',
  's3:ListObjectsV2': 's3:ListBucket',
  's3:CreateSession': undefined,
  'dynamodb:DescribeEndpoints': undefined,
};

const never = (why: string, ...actions: readonly string[]) => actions.map((action) => [action, why] as const);
const ofTable = 'comes with the table';
const ofBucket = 'comes with the bucket';
const ofSource = 'comes with the source, for the plan';
const ofSink = 'comes with the sink: this pipeline sends from the other step, or not to a stream';

/** In a bundle and never sent by its step, with the reason. */
const neverSent: { readonly [Key in StepKey]: ReadonlyMap<string, string> } = {
  planBatch: new Map([
    ...never(ofTable, 'dynamodb:BatchWriteItem'),
    ...never(ofBucket, 's3:DeleteObject', 's3:PutObject'),
    ...never('only `sluice dev` takes away what it registered', 'kinesis:DeregisterStreamConsumer'),
  ]),
  processShards: new Map([
    ...never(ofTable, 'dynamodb:Query', 'dynamodb:UpdateItem'),
    ...never(ofBucket, 's3:DeleteObject'),
    ...never(ofSource, 'kinesis:DeregisterStreamConsumer', 'kinesis:DescribeStreamConsumer'),
    ...never(ofSource, 'kinesis:ListTagsForResource', 'kinesis:RegisterStreamConsumer'),
    ...never(ofSink, 'kinesis:DescribeStreamSummary', 'kinesis:PutRecords', 's3:PutObject'),
  ]),
  sealBatch: new Map([
    ...never(ofTable, 'dynamodb:BatchWriteItem', 'dynamodb:Query'),
    ...never(ofBucket, 's3:DeleteObject'),
    ...never(ofSource, 'kinesis:ListShards'),
  ]),
  reduceKeyGroup: new Map([
    ...never(ofTable, 'dynamodb:UpdateItem'),
    ...never(ofBucket, 's3:DeleteObject'),
    ...never(ofSink, 'kinesis:DescribeStreamSummary', 'kinesis:PutRecords'),
  ]),
  commitBatch: new Map(),
};

/** Without a command of their own. */
const partOfAnother: Readonly<Record<string, string>> = {
  'kinesis:TagResource': 'kinesis:RegisterStreamConsumer',
};

/** As actions. */
function sendable({ folder }: Step, { pipeline, hasStateBucket }: Variant): readonly string[] {
  const pipelineFile = resolve(pipeline);
  const { outline, bringsSdk } = readPipeline(pipelineFile, false);
  const options = bundleOptions({
    ...{ step: folder, pipelineFile, outline, bringsSdk, hasStateBucket },
    assumesRole: false,
  });
  const built = buildSync({ ...options, sourcemap: false, outdir: 'bundle', write: false, metafile: true });
  const loaded = [...filesLoaded(built.metafile, 'ever')];
  const inputs = loaded.flatMap((path) => Object.entries(built.metafile.outputs[path]!.inputs));
  const commands = inputs.flatMap(([file, { bytesInOutput }]) => {
    const [, service, command] = /(?:client-|submodules\/)([a-z0-9]+)\/.*commands\/(\w+)Command\.js$/.exec(file) ?? [];
    return bytesInOutput === 0 || command === undefined ? [] : [`${service}:${command}`];
  });
  const named = commands.map((command) => (command in actions ? actions[command] : command));
  return [...new Set(named.filter((action) => action !== undefined))].toSorted();
}

function grantedOf(variant: Variant) {
  const { pipeline, hasStateBucket, writesElsewhere } = variant;
  const { template } = synthesise({
    pipeline,
    ...(hasStateBucket ? { stateBucket: undefined } : {}),
    ...(writesElsewhere ? { sink: undefined } : {}),
  } as Parameters<typeof synthesise>[0]);
  const all = statements(template);
  return ({ id }: Step): readonly string[] =>
    all
      .filter(({ role }) => role.includes(`${id}Role`))
      .flatMap(({ statement }) => actionsOf(statement))
      .filter((action) => /^(dynamodb|kinesis|firehose|lambda|s3|sts|states):/.test(action));
}

const seen = new Set<string>();

describe.each(Object.entries(variants))('of a pipeline that %s', (_, variant) => {
  const granted = grantedOf(variant);

  test.each(steps)('$id can send all that it may, and may send all that it can', (step) => {
    const [may, can] = [granted(step), sendable(step, variant)];
    expect(may.filter((action) => !can.includes(partOfAnother[action] ?? action))).toEqual([]);
    const refused = can.filter((action) => !may.includes(action));
    expect(refused.filter((action) => !neverSent[step.key].has(action))).toEqual([]);
    for (const action of refused) seen.add(`${step.key} ${action}`);
  });
});

test('nothing is listed that no bundle has', () => {
  const listed = steps.flatMap(({ key }) => [...neverSent[key].keys()].map((action) => `${key} ${action}`));
  expect(listed.filter((entry) => !seen.has(entry))).toEqual([]);
});
