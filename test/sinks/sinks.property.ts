/** The contract, for every kind of sinks there is. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { customKind } from '../../functions/sinks/custom.ts';
import { dynamodbKind } from '../../functions/sinks/dynamodb.ts';
import { firehoseKind } from '../../functions/sinks/firehose.ts';
import { forEachBatchKind } from '../../functions/sinks/for-each-batch.ts';
import { sinkKinds } from '../../functions/sinks/index.ts';
import { objectionTo } from '../../functions/sinks/item-value.ts';
import { lambdaKind } from '../../functions/sinks/lambda.ts';
import { ndjsonKind } from '../../functions/sinks/ndjson.ts';
import { s3Kind } from '../../functions/sinks/s3.ts';
import type { SinkKind } from '../../functions/sinks/sink-kind.ts';
import { kinesisSink } from '../support/outputs.ts';
import { shelfKind } from '../toys/shelf.ts';
import { sinkContract } from './sink-contract.ts';

const stream = fc.constantFrom(
  { kind: 'name', streamName: 'out' },
  { kind: 'arn', streamArn: 'arn:aws-us-gov:kinesis:us-gov-east-1:999999999999:stream/out' },
);
const arn = 'arn:aws:iam::111122223333:role/writer';

/** Of what is named by a name, or by an ARN, which has all of the rest. */
const named = {
  name: fc.constantFrom('out', 'Out_2'),
  region: fc.constantFrom(undefined, 'us-east-1'),
  partition: fc.constantFrom(undefined, 'aws-us-gov'),
  account: fc.constantFrom(undefined, '999999999999'),
  endpointUrl: fc.constantFrom(undefined, 'http://localhost:4573'),
  identity: fc.constantFrom('field', 'none'),
  identityField: fc.constantFrom('_sluice', 'id', 'toJSON', 'a "quoted" one'),
};

const optionsOf: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  kinesis: fc.record({
    ...Object.fromEntries(Object.entries(kinesisSink).map(([name, value]) => [name, fc.constant(value)])),
    stream,
    region: fc.constantFrom(undefined, 'us-east-1'),
    role: fc.constantFrom(undefined, { arn }),
    identity: fc.constantFrom('field', 'none'),
    identityField: fc.constantFrom('_sluice', 'id', 'toJSON', 'a "quoted" one'),
    maxRecordBytes: fc.constantFrom(undefined, 1_048_576, 10_485_760),
  }),
  console: fc.constant({}),
  file: fc.record({ path: fc.string({ minLength: 1 }) }),
  custom: fc.record({
    name: fc.constantFrom('webhook', 'w-2'),
    place: fc.constantFrom('here', 'there'),
    put: fc.constant(() => undefined),
    ...{
      maxRecords: fc.constant(100),
      maxBytes: fc.constant(1_000),
      maxRecordBytes: fc.constantFrom(1_000, 10_000_000),
    },
    ...{ identity: named.identity, identityField: named.identityField },
  }),
  dynamodb: fc.record({
    table: fc.constantFrom('view', 'arn:aws-us-gov:dynamodb:us-gov-east-1:999999999999:table/view'),
    region: fc.constantFrom(undefined, 'us-east-1'),
    endpointUrl: fc.constantFrom(undefined, 'http://localhost:8000'),
    partitionKey: fc.constantFrom(undefined, ['=all'], [{ key: 0 }, '=/', 'window'] as const),
    sortKey: fc.constantFrom(undefined, [{ key: 0 }] as const),
    partitionKeyName: fc.constant('the partition'),
    sortKeyName: fc.constant('the sort key'),
    identityField: fc.constantFrom('_sluice', 'id', 'toJSON', 'a "quoted" one'),
    tombstoneTtlMs: fc.constantFrom(undefined, 86_400_000),
    ttlField: fc.constant('the end'),
  }),
  firehose: fc.record({
    ...named,
    delimiter: fc.constantFrom('newline', 'none'),
  }),
  forEachBatch: fc.record({
    callback: fc.constant(() => {}),
    number: fc.constantFrom(1, 2),
    maxRows: fc.constantFrom(1, 1_000),
  }),
  lambda: fc.record({ ...named, batchSize: fc.constantFrom(1, 100) }),
  s3: fc.record({
    bucket: fc.constant('flights'),
    prefix: fc.constantFrom('', 'a/b/'),
    region: fc.constantFrom(undefined, 'us-east-1'),
    endpointUrl: fc.constantFrom(undefined, 'http://localhost:9000'),
    role: fc.constantFrom(undefined, {
      arn,
      durationMs: 3_600_000,
      sessionName: undefined,
      externalId: undefined,
      stsRegion: undefined,
      stsEndpointUrl: undefined,
    } as never),
    format: fc.constant({ kind: ndjsonKind, options: { compression: 'gzip' } }),
    partitionBy: fc.constantFrom(undefined, [{ name: 'dt', value: 'day' }] as const),
    limits: fc.constant({ maxRows: 10, maxBytes: 1_000 }),
    identity: named.identity,
    identityField: named.identityField,
  }),
  shelf: fc.record({ name: fc.stringMatching(/^[a-z]{1,20}$/) }),
};

const apart = [
  customKind,
  dynamodbKind,
  firehoseKind,
  forEachBatchKind,
  lambdaKind,
  s3Kind,
] as unknown as readonly SinkKind[];
const kinds = sinkKinds.with(...apart, shelfKind).all;
/** Of values that JSON has. Others have refusals, which its own tests ask for. */
const takes: Readonly<Record<string, (value: unknown) => boolean>> = {
  dynamodb: (value) => objectionTo(value) === undefined,
};

it('is asked of each kind', () => {
  expect(kinds.map(({ kind }) => kind)).toEqual(Object.keys(optionsOf));
});

for (const kind of kinds) sinkContract(kind, optionsOf[kind.kind]!, takes[kind.kind]);
