/** Options of a Kinesis stream that is read. */
import { checkDeduplicate } from './check-deduplicate.ts';
import { checkEndingPosition, checkOrder, checkStartingPosition } from './check-positions.ts';
import { compressions } from './compression.ts';
import { anything, duration, nested, oneOf, readOptions, text, trueOrFalse, wholeNumber } from './option-rules.ts';
import type { RawOptions } from './options.ts';
import type { ConsumerType, KinesisSource, SubscribeToShardSettings } from './pipeline.ts';
import { notAllowed, type Problem } from './problems.ts';
import { streamNameOf } from './same-stream.ts';
import type { StreamOverride, StreamReference } from './stream.ts';
import { isStreamName, locationRules, resolveLocation, streamOptions } from './stream-location.ts';

const consumerArnPattern =
  /^(arn:aws[a-z-]*:kinesis:[a-z0-9-]+:\d{12}:stream\/[A-Za-z0-9_.-]{1,128})\/consumer\/[A-Za-z0-9_.-]{1,128}:\d+$/;
const consumerArnAllowed =
  'the ARN of a consumer, such as arn:aws:kinesis:eu-west-1:123456789012:stream/flights/consumer/departures:1764288000';

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
  deduplicate: anything(),
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

export function checkKinesisSource(given: unknown, override: StreamOverride, problems: Problem[]): KinesisSource {
  const options = streamOptions('source', given, override, problems);
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
    deduplicate: checkDeduplicate(read.deduplicate, problems),
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
