/**
 * A Kinesis data stream that is written. Its constructor is `kinesis` of `functions/pipeline/kinesis.ts`, as for one that is
 * read; `functions/adapters/kinesis/kinesis-sink.ts` opens it.
 */
import { callback, readOptions, trueOrFalse, wholeNumber } from '../pipeline/option-rules.ts';
import { isPlainObject } from '../pipeline/options.ts';
import { checkLoop } from '../pipeline/same-stream.ts';
import { locationRules, resolveLocation, type StreamLocation, streamOptions } from '../pipeline/stream-location.ts';
import { fieldOf, identityRules, type RecordIdentity, withPossibleIdentity } from './record-identity.ts';
import { type AwsAccount, assumeGrant, type Grant, type SinkKind, type SinkSpec } from './sink-kind.ts';
import { everyStreamTakes, noStreamTakesMore, streamBytes, streamLimits, streamRecord } from './stream-record.ts';

export type CheckedKinesisSink = StreamLocation &
  RecordIdentity & {
    /** Undefined: the group key, or the source record's partition key. */
    readonly partitionKey: ((row: never) => string) | undefined;
    /** Undefined: what the stream says. */
    readonly maxRecordBytes?: number | undefined;
    /** Of a key, one record in a request at most. */
    readonly ordered: boolean;
    /** Several in one record of the stream, as the KPL does. */
    readonly aggregate: boolean;
    /** Whether it may be the stream that is read. */
    readonly allowLoop: boolean;
  };

const rules = {
  ...locationRules,
  partitionKey: callback<(row: never) => string>(),
  ...identityRules,
  maxRecordBytes: wholeNumber({ atLeast: everyStreamTakes, atMost: noStreamTakesMore }, undefined),
  ordered: trueOrFalse(false),
  aggregate: trueOrFalse(false),
  allowLoop: trueOrFalse(false),
};

export const kinesisKind: SinkKind<CheckedKinesisSink> = {
  kind: 'kinesis',
  usage: 'kinesis({ streamName: … })',
  isForDevelopment: false,
  isStream: true,
  place: 'a Kinesis stream',
  allowsLoop: ({ allowLoop }) => allowLoop,
  read(given, about, problems) {
    const { path, override, source } = about;
    const options = streamOptions(path, given, override, problems);
    const { partitionKey, identity, identityField, maxRecordBytes, ordered, aggregate, allowLoop } = readOptions(
      path,
      options,
      rules,
      problems,
    );
    const location = resolveLocation(path, options, override, problems);
    const checked = {
      ...location,
      partitionKey,
      identity,
      identityField,
      maxRecordBytes,
      ordered,
      aggregate,
      allowLoop,
    };
    const sink = withPossibleIdentity(checked, isPlainObject(given.options) ? given.options : {}, about, problems);
    if (source !== undefined) checkLoop(source, sink, path, problems);
    return sink;
  },
  destination: ({ stream, region = '', endpointUrl = '', role }) =>
    // With another role the same name may be a stream of another account.
    [stream.kind === 'name' ? stream.streamName : stream.streamArn, region, endpointUrl, role?.arn ?? ''].join(' '),
  runsUserCode: ({ partitionKey }) => partitionKey !== undefined,
  encode: (sink, value, about) =>
    streamRecord({ partitionKey: sink.partitionKey, identityField: fieldOf(sink) }, value, about),
  bytesOf: streamBytes,
  limits: ({ maxRecordBytes }) => streamLimits(maxRecordBytes),
  takesRetractions: ({ identity }) => identity === 'field',
  grants: kinesisGrants,
};

/** The sink's options, if it is one of these. */
export const kinesisSinkOf = ({ kind, options }: SinkSpec): CheckedKinesisSink | undefined =>
  kind.kind === kinesisKind.kind ? (options as CheckedKinesisSink) : undefined;

/** With a role they are the role's, like all rights to the stream. */
export function kinesisGrants(
  {
    stream,
    region,
    role,
  }: Pick<CheckedKinesisSink, 'stream' | 'region'> & { readonly role?: { readonly arn: string } | undefined },
  account: AwsAccount,
): readonly Grant[] {
  if (role !== undefined) return [assumeGrant(role)];
  const arn =
    stream.kind === 'arn'
      ? stream.streamArn
      : `arn:${account.partition}:kinesis:${region ?? account.region}:${account.account}:stream/${stream.streamName}`;
  // How large a record it takes is asked.
  return [{ sid: 'WriteSink', actions: ['kinesis:PutRecords', 'kinesis:DescribeStreamSummary'], resources: [arn] }];
}
