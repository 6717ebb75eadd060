/** ListShards: in pages, by filter, and as of a moment that may be past. */
import {
  type Input,
  seal,
  streamOf,
  streamParameters,
  takeInput,
  textIn,
  timeIn,
  unseal,
  type World,
  wholeIn,
} from './calls.ts';
import { expiredToken, notFound, notSimulated, refuse } from './errors.ts';
import type { StoredShard, StoredStream } from './stored-stream.ts';

const tokenMs = 300_000;
/** Whoever asks for more gets so many. */
const mostShards = 1000;

const firstPage = [
  ...streamParameters,
  'MaxResults',
  'ShardFilter',
  'ExclusiveStartShardId',
  'StreamCreationTimestamp',
];
const laterPage = ['NextToken', 'MaxResults'];

/** Everything that all pages of a listing share. */
type Listing = {
  readonly stream: StoredStream;
  /** As of when. */
  readonly at: number;
  readonly filter: string;
  /** Epoch milliseconds or a shard id, by the filter. */
  readonly of: number | string;
  readonly after: string;
};

export function listShards(world: World, given: unknown): object {
  const isFirst = (given as Input).NextToken === undefined;
  const input = takeInput(given, [...firstPage, 'NextToken']);
  const max = input.MaxResults === undefined ? mostShards : wholeIn(input, 'MaxResults', { least: 1, most: 10_000 });
  const listing = isFirst ? begin(world, input) : goOn(world, input);
  const shards = shardsOf(listing);
  const page = shards.slice(0, Math.min(max, mostShards, world.quirks.pageShards));
  const last = page.at(-1);
  return {
    Shards: page.map((shard) => describe(shard, listing.at)),
    ...(last === undefined || page.length === shards.length ? {} : { NextToken: tokenOf(listing, last, world.now()) }),
  };
}

function begin(world: World, input: Input): Listing {
  const stream = streamOf(world, input);
  if (input.StreamCreationTimestamp !== undefined) mustBeOf(stream, timeIn(input, 'StreamCreationTimestamp'));
  const { filter, of } = takeFilter(input.ShardFilter);
  const after = String(input.ExclusiveStartShardId ?? '');
  return { stream, at: world.now() - world.quirks.listingAgeMs, filter, of, after };
}

/** A shard id and a time belong to the filters that are about them, and to no others. */
function takeFilter(given: unknown): Pick<Listing, 'filter' | 'of'> {
  if (given === undefined) return { filter: 'FROM_TRIM_HORIZON', of: '' };
  const input = takeInput(given, ['Type', 'ShardId', 'Timestamp']);
  const filter = textIn(input, 'Type');
  const [isOfShard, isOfTime] = [filter === 'AFTER_SHARD_ID', filter.endsWith('_TIMESTAMP')];
  if (!isOfShard && input.ShardId !== undefined) throw refuse(`ShardId cannot be provided with ${filter}`);
  if (!isOfTime && input.Timestamp !== undefined) throw refuse(`Timestamp cannot be provided with ${filter}`);
  if (isOfShard) return { filter, of: textIn(input, 'ShardId') };
  return { filter, of: isOfTime ? timeIn(input, 'Timestamp') : '' };
}

/** A token stands for the other parameters, and comes without them. */
function goOn(world: World, input: Input): Listing {
  const other = Object.keys(input).find((name) => input[name] !== undefined && !laterPage.includes(name));
  if (other !== undefined) throw refuse(`NextToken and ${other} cannot be provided together.`);
  const [name, createdAt, at, filter, of, after, made] = unseal(textIn(input, 'NextToken'), 'NextToken');
  if (world.now() - Number(made) > tokenMs) throw expiredToken();
  const stream = streamOf(world, { StreamName: name });
  mustBeOf(stream, Number(createdAt));
  return { stream, at: Number(at), filter: String(filter), of: of!, after: String(after) };
}

const tokenOf = ({ stream, at, filter, of }: Listing, last: StoredShard, now: number): string =>
  seal('NextToken', [stream.name, stream.createdAt, at, filter, of, last.shardId, now]);

/** Tells a stream from another that had its name; to the second, since that is what the service tells. */
export function mustBeOf({ name, createdAt }: StoredStream, timestamp: number): void {
  if (Math.floor(createdAt / 1000) === Math.floor(timestamp / 1000)) return;
  throw notFound(`Stream ${name} with this creation time not found.`);
}

function shardsOf({ stream, at, filter, of, after }: Listing): StoredShard[] {
  const isListed = filterOf(filter, of, at, Math.max(at - stream.retentionMs, stream.createdAt));
  // The first shards are there with the stream itself, however old the listing.
  return stream.shards.filter(
    (shard) =>
      shard.shardId > after &&
      !shard.isExpired &&
      (shard.openedAt <= at || shard.parents.length === 0) &&
      isListed(shard),
  );
}

function filterOf(
  type: string,
  of: number | string,
  at: number,
  oldestRetainedBatch: number,
): (shard: StoredShard) => boolean {
  const since = (time: number) => (shard: StoredShard) => !isClosed(shard, at) || shard.closedAt! >= time;
  const wasOpen = (time: number) => (shard: StoredShard) => shard.openedAt <= time && since(time)(shard);
  switch (type) {
    case 'FROM_TRIM_HORIZON':
      return () => true;
    case 'AFTER_SHARD_ID':
      return ({ shardId }) => shardId > String(of);
    case 'AT_LATEST':
      return (shard) => !isClosed(shard, at);
    case 'AT_TRIM_HORIZON':
      return wasOpen(oldestRetainedBatch);
    case 'AT_TIMESTAMP':
      return wasOpen(Number(of));
    case 'FROM_TIMESTAMP':
      return since(Number(of));
    default:
      throw notSimulated(`the shard filter ${type}`);
  }
}

/** To a listing that is older than the end of a shard, the shard is open. */
const isClosed = ({ closedAt }: StoredShard, at: number): boolean => closedAt !== undefined && closedAt <= at;

function describe(shard: StoredShard, at: number): object {
  const [parent, adjacent] = shard.parents;
  return {
    ShardId: shard.shardId,
    ...(parent === undefined ? {} : { ParentShardId: parent }),
    ...(adjacent === undefined ? {} : { AdjacentParentShardId: adjacent }),
    HashKeyRange: hashKeyRangeOf(shard),
    SequenceNumberRange: {
      StartingSequenceNumber: shard.startingSequenceNumber,
      ...(isClosed(shard, at) ? { EndingSequenceNumber: shard.endingSequenceNumber } : {}),
    },
  };
}

export const hashKeyRangeOf = ({ hashRange }: StoredShard): object => ({
  StartingHashKey: String(hashRange.start),
  EndingHashKey: String(hashRange.end),
});
