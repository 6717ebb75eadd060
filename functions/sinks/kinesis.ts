/**
 * A Kinesis data stream that is written. Its constructor is `kinesis` of `functions/pipeline/kinesis.ts`, as for one that is
 * read; `functions/adapters/kinesis/kinesis-sink.ts` opens it.
 */
import { callback, oneOf, readOptions, text, trueOrFalse, wholeNumber } from '../pipeline/option-rules.ts';
import { isPlainObject, type RawOptions } from '../pipeline/options.ts';
import { notAllowed, type Problem } from '../pipeline/problems.ts';
import { checkLoop } from '../pipeline/same-stream.ts';
import { locationRules, resolveLocation, type StreamLocation, streamOptions } from '../pipeline/stream-location.ts';
import type { AboutOutput, AwsAccount, Grant, SinkKind, SinkSpec } from './sink-kind.ts';
import { everyStreamTakes, noStreamTakesMore, streamBytes, streamLimits, streamRecord } from './stream-record.ts';

export type CheckedKinesisSink = StreamLocation & {
  /** Undefined: the group key, or the source record's partition key. */
  readonly partitionKey: ((row: never) => string) | undefined;
  /** Always 'none' where bytes pass through: neither grouping nor `map`. Else for JSON objects; nothing else can carry one. */
  readonly identity: 'field' | 'none';
  readonly identityField: string;
  /** Undefined: what the stream says. */
  readonly maxRecordBytes?: number | undefined;
  /** Of a key, one record in a request at most. */
  readonly ordered: boolean;
  /** Whether it may be the stream that is read. */
  readonly allowLoop: boolean;
};

const rules = {
  ...locationRules,
  partitionKey: callback<(row: never) => string>(),
  identity: oneOf(['field', 'none'], 'field'),
  identityField: text(
    'a field name of 1 to 64 characters',
    (value) => value.length >= 1 && value.length <= 64 && value !== '__proto__',
    '_sluice',
  ),
  maxRecordBytes: wholeNumber({ atLeast: everyStreamTakes, atMost: noStreamTakesMore }, undefined),
  ordered: trueOrFalse(false),
  allowLoop: trueOrFalse(false),
};

export const kinesisKind: SinkKind<CheckedKinesisSink> = {
  kind: 'kinesis',
  usage: 'kinesis({ streamName: … })',
  isForDevelopment: false,
  isStream: true,
  allowsLoop: ({ allowLoop }) => allowLoop,
  read(given, about, problems) {
    const { path, override, source } = about;
    const options = streamOptions(path, given, override, problems);
    const { partitionKey, identity, identityField, maxRecordBytes, ordered, allowLoop } = readOptions(
      path,
      options,
      rules,
      problems,
    );
    const location = resolveLocation(path, options, override, problems);
    const checked = { ...location, partitionKey, identity, identityField, maxRecordBytes, ordered, allowLoop };
    const sink = withPossibleIdentity(checked, given, about, problems);
    if (source !== undefined) checkLoop(source, sink, path, problems);
    return sink;
  },
  destination: ({ stream, region = '', endpointUrl = '', role }) =>
    // With another role the same name may be a stream of another account.
    [stream.kind === 'name' ? stream.streamName : stream.streamArn, region, endpointUrl, role?.arn ?? ''].join(' '),
  runsUserCode: ({ partitionKey }) => partitionKey !== undefined,
  encode: ({ partitionKey, identity, identityField }, value, about) =>
    streamRecord({ partitionKey, identityField: identity === 'field' ? identityField : undefined }, value, about),
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
  if (role !== undefined) return [{ sid: 'AssumeSinkRole', actions: ['sts:AssumeRole'], resources: [role.arn] }];
  const arn =
    stream.kind === 'arn'
      ? stream.streamArn
      : `arn:${account.partition}:kinesis:${region ?? account.region}:${account.account}:stream/${stream.streamName}`;
  // How large a record it takes is asked.
  return [{ sid: 'WriteSink', actions: ['kinesis:PutRecords', 'kinesis:DescribeStreamSummary'], resources: [arn] }];
}

/** An identity needs bytes of Sluice's own making, and a field that no column has. */
function withPossibleIdentity(
  sink: CheckedKinesisSink,
  given: RawOptions,
  { path, passesThrough, columns }: AboutOutput,
  problems: Problem[],
): CheckedKinesisSink {
  if (passesThrough) {
    if (isPlainObject(given.options) && given.options.identity === 'field')
      problems.push(
        notAllowed(`${path}.identity`, 'field', "'none', or a map(…): bytes that pass through are not changed"),
      );
    return { ...sink, identity: 'none' };
  }
  const { identity, identityField } = sink;
  // The field's usual name is reserved: a column that has it was refused as a column.
  if (identity === 'field' && identityField !== '_sluice' && columns?.includes(identityField))
    problems.push(notAllowed(`${path}.identityField`, identityField, 'a name that is not a column of the result'));
  return sink;
}
