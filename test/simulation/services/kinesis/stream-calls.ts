/** Streams: created, described, listed, kept for longer or shorter, deleted. Each change is done at once. */
import { streamOf, streamParameters, takeInput, textIn, type World, wholeIn } from './calls.ts';
import { inUse, refuse } from './errors.ts';
import type { NumberStyle } from './sequence-number.ts';
import { StoredStream } from './stored-stream.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Whoever asks for more gets so many. */
const mostStreams = 100;
const anyRetention = { least: 24, most: 8_760 };

export function createStream(world: World, given: unknown): object {
  const input = takeInput(given, ['StreamName', 'ShardCount']);
  const shards = wholeIn(input, 'ShardCount', { least: 1, most: 10_000 });
  addStream(world, { name: textIn(input, 'StreamName'), shards, retentionMs: dayMs });
  return {};
}

export function addStream(
  world: World,
  stream: {
    readonly name: string;
    readonly shards: number;
    readonly retentionMs: number;
    readonly recordsASecond?: number | undefined;
    readonly numbers?: NumberStyle | undefined;
  },
): void {
  const { name } = stream;
  if (!/^[\w.-]{1,128}$/.test(name)) throw refuse(`StreamName must be 1 to 128 of a-zA-Z0-9_.-, not ${name}`);
  if (world.streams.has(name)) throw inUse(`Stream ${name} under account 000000000000 already exists.`);
  const number = world.nextStream();
  const { random } = world;
  world.streams.set(name, new StoredStream({ ...stream, number, createdAt: world.now(), random }));
}

export function deleteStream(world: World, given: unknown): object {
  const input = takeInput(given, [...streamParameters, 'EnforceConsumerDeletion']);
  const stream = streamOf(world, input);
  const hasConsumers = stream.consumersAt(world.now()).length > 0;
  if (hasConsumers && input.EnforceConsumerDeletion !== true) throw inUse(`Stream ${stream.name} has consumers.`);
  world.streams.delete(stream.name);
  return {};
}

export function listStreams(world: World, given: unknown): object {
  const input = takeInput(given, ['Limit']);
  const limit = input.Limit === undefined ? mostStreams : wholeIn(input, 'Limit', { least: 1, most: 10_000 });
  const names = [...world.streams.keys()].sort();
  const page = names.slice(0, Math.min(limit, mostStreams));
  return { StreamNames: page, HasMoreStreams: page.length < names.length };
}

export function describeStreamSummary(world: World, given: unknown): object {
  const stream = streamOf(world, takeInput(given, streamParameters));
  return {
    StreamDescriptionSummary: {
      StreamName: stream.name,
      StreamARN: stream.arn,
      StreamStatus: 'ACTIVE',
      StreamModeDetails: { StreamMode: 'PROVISIONED' },
      RetentionPeriodHours: stream.retentionMs / hourMs,
      StreamCreationTimestamp: new Date(stream.createdAt),
      MaxRecordSizeInKiB: stream.maxRecordBytes / 1024,
      EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
      OpenShardCount: stream.openShards.length,
      ConsumerCount: stream.consumersAt(world.now()).length,
    },
  };
}

export function updateMaxRecordSize(world: World, given: unknown): object {
  const input = takeInput(given, ['StreamARN', 'MaxRecordSizeInKiB']);
  const stream = streamOf(world, { StreamARN: textIn(input, 'StreamARN') });
  stream.maxRecordBytes = wholeIn(input, 'MaxRecordSizeInKiB', { least: 1_024, most: 10_240 }) * 1024;
  return {};
}

export function changeRetention(world: World, given: unknown, direction: 'longer' | 'shorter'): object {
  const input = takeInput(given, [...streamParameters, 'RetentionPeriodHours']);
  const stream = streamOf(world, input);
  const retentionMs = wholeIn(input, 'RetentionPeriodHours', anyRetention) * hourMs;
  if (direction === 'longer' ? retentionMs <= stream.retentionMs : retentionMs >= stream.retentionMs) {
    throw refuse(`a retention of ${retentionMs / hourMs} hours is not ${direction}`);
  }
  stream.retentionMs = retentionMs;
  return {};
}
