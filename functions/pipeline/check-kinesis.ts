/** Options of a Kinesis stream, as source and as sink. */
import { checkEndingPosition, checkOrder, checkStartingPosition } from './check-positions.ts';
import { checkRole } from './check-role.ts';
import { compressions } from './compression.ts';
import { endpointRule, regionOfEndpoint, regionRule } from './endpoint.ts';
import {
  anything,
  callback,
  duration,
  nested,
  oneOf,
  readOptions,
  text,
  trueOrFalse,
  wholeNumber,
} from './option-rules.ts';
import { isPlainObject, type RawOptions } from './options.ts';
import type { ConsumerType, KinesisSource, Sink, StreamReference, SubscribeToShardSettings } from './pipeline.ts';
import { missing, notAllowed, type Problem } from './problems.ts';
import { streamNameOf } from './same-stream.ts';

/** Settings from outside that count more than those in the file. */
export type StreamOverride = {
  /** The name or ARN of the stream to use instead. */
  readonly stream: string | undefined;
  readonly region: string | undefined;
  readonly endpointUrl: string | undefined;
  /** The ARN of the role to assume instead, or 'none'. */
  readonly role: string | undefined;
};

const arnPattern = /^arn:aws[a-z-]*:kinesis:([a-z0-9-]+):\d{12}:stream\/[A-Za-z0-9_.-]{1,128}$/;
const nameAllowed = 'a stream name of 1 to 128 letters, digits, _ . or -';
const arnAllowed = 'a stream ARN such as arn:aws:kinesis:eu-west-1:123456789012:stream/flights';

const consumerArnPattern =
  /^(arn:aws[a-z-]*:kinesis:[a-z0-9-]+:\d{12}:stream\/[A-Za-z0-9_.-]{1,128})\/consumer\/[A-Za-z0-9_.-]{1,128}:\d+$/;
const consumerArnAllowed =
  'the ARN of a consumer, such as arn:aws:kinesis:eu-west-1:123456789012:stream/flights/consumer/departures:1764288000';

const locationRules = {
  streamName: text(nameAllowed, isStreamName, undefined),
  streamArn: text(arnAllowed, (value) => arnPattern.test(value), undefined),
  region: regionRule,
  endpointUrl: endpointRule,
  role: nested(),
};

const sourceRules = {
  ...locationRules,
  consumerType: oneOf<ConsumerType>(['GetRecords', 'SubscribeToShard'], 'GetRecords'),
  startingPosition: anything(),
  endingPosition: anything(),
  describeShardInterval: duration({ atLeastMs: 0 }, 1_000),
  maxFetchRecordsPerShard: wholeNumber({ atLeast: 1 }, 10_000),
  maxFetchTimePerShard: duration({ atLeastMs: 1 }, undefined),
  getRecords: nested(),
  subscribeToShard: nested(),
  failOnDataLoss: trueOrFalse(false),
  compression: oneOf(compressions, 'none'),
  maxDecompressedBytes: wholeNumber({ atLeast: 1, atMost: 104_857_600 }, 10_485_760),
};

const getRecordsRules = {
  numberOfRecordsPerFetch: wholeNumber({ atLeast: 1, atMost: 10_000 }, 10_000),
  fetchInterval: duration({ atLeastMs: 0 }, 200),
};

const subscribeToShardRules = {
  consumerName: text('a consumer name of 1 to 128 letters, digits, _ . or -', isStreamName, undefined),
  consumerArn: text(consumerArnAllowed, (value) => consumerArnPattern.test(value), undefined),
  adopt: trueOrFalse(false),
  fallBack: oneOf<SubscribeToShardSettings['fallBack']>(['fail', 'polling'], 'fail'),
  httpVersion: oneOf<SubscribeToShardSettings['httpVersion']>(['auto', '1.1', '2'], 'auto'),
};

type PartitionKey = (row: never) => string;

const sinkRules = {
  ...locationRules,
  partitionKey: callback<PartitionKey>(),
  identity: oneOf(['field', 'none'], 'field'),
  identityField: text(
    'a field name of 1 to 64 characters',
    (value) => value.length >= 1 && value.length <= 64 && value !== '__proto__',
    '_sluice',
  ),
  maxRecordBytes: wholeNumber({ atLeast: 1_048_576, atMost: 10_485_760 }, undefined),
  allowLoop: trueOrFalse(false),
};

export type KinesisSink = Extract<Sink, { kind: 'kinesis' }>;

export function checkKinesisSource(given: unknown, override: StreamOverride, problems: Problem[]): KinesisSource {
  const options = kinesisOptions('source', given, override, problems);
  const read = readOptions('source', options, sourceRules, problems);
  const getRecords = readOptions('source.getRecords', read.getRecords, getRecordsRules, problems);
  const location = resolveLocation('source', options, override, problems);
  const positionOf = (option: string) => ({ option: `source.${option}`, streamName: streamNameOf(location.stream) });
  const startingPosition = checkStartingPosition(read.startingPosition, positionOf('startingPosition'), problems);
  const endingPosition = checkEndingPosition(read.endingPosition, positionOf('endingPosition'), problems);
  checkOrder(startingPosition, endingPosition, positionOf('endingPosition'), problems);
  return {
    ...location,
    consumerType: read.consumerType,
    startingPosition,
    endingPosition,
    describeShardIntervalMs: read.describeShardInterval,
    maxFetchRecordsPerShard: read.maxFetchRecordsPerShard,
    maxFetchTimePerShardMs: read.maxFetchTimePerShard,
    numberOfRecordsPerFetch: getRecords.numberOfRecordsPerFetch,
    fetchIntervalMs: getRecords.fetchInterval,
    subscribeToShard: checkSubscribeToShard(read.subscribeToShard, location.stream, problems),
    failOnDataLoss: read.failOnDataLoss,
    compression: read.compression,
    maxDecompressedBytes: read.maxDecompressedBytes,
  };
}

/** A consumer belongs to one stream, and says by its ARN to which. */
function checkSubscribeToShard(
  given: RawOptions,
  stream: StreamReference,
  problems: Problem[],
): SubscribeToShardSettings {
  const settings = readOptions('source.subscribeToShard', given, subscribeToShardRules, problems);
  const { consumerArn, consumerName, adopt } = settings;
  if (consumerArn === undefined) return settings;
  const path = 'source.subscribeToShard';
  if (consumerName !== undefined)
    problems.push(notAllowed(`${path}.consumerName`, consumerName, 'either consumerName or consumerArn'));
  if (adopt) problems.push(notAllowed(`${path}.adopt`, true, 'adopt with consumerName only: consumerArn is adopted'));
  const theirs = consumerArnPattern.exec(consumerArn)?.[1];
  const isOurs = stream.kind === 'arn' ? stream.streamArn === theirs : theirs?.endsWith(`:stream/${stream.streamName}`);
  if (theirs !== undefined && isOurs !== true) {
    const ours = stream.kind === 'arn' ? stream.streamArn : stream.streamName;
    problems.push(notAllowed(`${path}.consumerArn`, consumerArn, `a consumer of the source stream, ${ours}`));
  }
  return settings;
}

export function checkKinesisSink(given: unknown, override: StreamOverride, problems: Problem[]): KinesisSink {
  const options = kinesisOptions('sink', given, override, problems);
  const read = readOptions('sink', options, sinkRules, problems);
  return {
    kind: 'kinesis',
    ...resolveLocation('sink', options, override, problems),
    partitionKey: read.partitionKey,
    identity: read.identity,
    identityField: read.identityField,
    maxRecordBytes: read.maxRecordBytes,
    allowLoop: read.allowLoop,
  };
}

/** Where another stream takes its place, the stream in the file need not even be a valid one. */
function kinesisOptions(path: string, given: unknown, override: StreamOverride, problems: Problem[]): RawOptions {
  if (isPlainObject(given) && given.kind === 'kinesis' && isPlainObject(given.options)) {
    return override.stream === undefined
      ? given.options
      : { ...given.options, streamName: undefined, streamArn: undefined };
  }
  problems.push(notAllowed(path, given, 'kinesis({ streamName: … })'));
  return { streamName: `any-${path}` }; // there is nothing more to say about it
}

type Location = Pick<KinesisSource, 'stream' | 'region' | 'endpointUrl' | 'role'>;

/** A region that stands in an ARN is part of the stream's identity, so it counts more than any other. An endpoint's counts least. */
function resolveLocation(path: string, options: RawOptions, override: StreamOverride, problems: Problem[]): Location {
  const stream =
    override.stream === undefined
      ? ownStream(path, options, problems)
      : overridingStream(path, override.stream, problems);
  const arnRegion = stream.kind === 'arn' ? arnPattern.exec(stream.streamArn)?.[1] : undefined;
  const ownRegion = typeof options.region === 'string' ? options.region : undefined;
  if (override.stream === undefined && arnRegion !== undefined && ownRegion !== undefined && ownRegion !== arnRegion) {
    problems.push(notAllowed(`${path}.region`, ownRegion, `'${arnRegion}', the region of streamArn, or leave it out`));
  }
  const endpointUrl =
    override.endpointUrl ?? (typeof options.endpointUrl === 'string' ? options.endpointUrl : undefined);
  const region = arnRegion ?? override.region ?? ownRegion;
  const endpointRegion = endpointUrl === undefined ? undefined : regionOfEndpoint(endpointUrl, 'kinesis');
  // Requests are signed for a region, and an endpoint of another one refuses them.
  if (endpointRegion !== undefined && region !== undefined && endpointRegion !== region) {
    problems.push(notAllowed(`${path}.endpointUrl`, endpointUrl, `an endpoint of ${region}, the stream's region`));
  }
  return {
    stream,
    region: region ?? endpointRegion,
    endpointUrl,
    role: checkRole(`${path}.role`, options.role, override.role, problems),
  };
}

function ownStream(path: string, options: RawOptions, problems: Problem[]): StreamReference {
  const { streamName, streamArn } = options;
  if (streamName !== undefined && streamArn !== undefined) {
    problems.push(notAllowed(`${path}.streamArn`, streamArn, 'either streamName or streamArn'));
  }
  if (streamName === undefined && streamArn === undefined) {
    problems.push(missing(`${path}.streamName`, `${nameAllowed} (or streamArn)`));
  }
  return typeof streamArn === 'string'
    ? { kind: 'arn', streamArn }
    : { kind: 'name', streamName: typeof streamName === 'string' ? streamName : '' };
}

function overridingStream(path: string, stream: string, problems: Problem[]): StreamReference {
  if (arnPattern.test(stream)) return { kind: 'arn', streamArn: stream };
  if (!isStreamName(stream))
    problems.push(notAllowed(`override of ${path}`, stream, `${nameAllowed}, or ${arnAllowed}`));
  return { kind: 'name', streamName: stream };
}

/** Region and endpoint that were given from outside, once for source and sink. */
export function checkStreamSettings(
  given: { readonly region?: unknown; readonly endpointUrl?: unknown },
  problems: Problem[],
) {
  return readOptions('override', given, { region: regionRule, endpointUrl: endpointRule }, problems);
}

function isStreamName(value: string): boolean {
  return /^[A-Za-z0-9_.-]{1,128}$/.test(value);
}
