/** A stream of many shards, some of them closed long ago, as what Kinesis says of them and as what a pipeline knows of them. */
import { afterSequenceNumber } from '../../../functions/core/position.ts';
import { type ListedShard, newCheckpoint, type ShardCheckpoint } from '../../../functions/core/shard-checkpoint.ts';
import type { ShardResult } from '../../../functions/core/shard-result.ts';
import { Random } from '../../simulation/random.ts';

const hashes = 2n ** 128n;
const idOf = (at: number): string => `shardId-${String(at).padStart(12, '0')}`;
const emptyRange = { start: '0', end: '-1' };

export type Counts = { readonly open: number; readonly ended: number };

/** Closed ones come first; each open one has one of them for a parent. */
export function listedShards({ open, ended }: Counts): readonly ListedShard[] {
  const width = hashes / BigInt(open);
  return Array.from({ length: open + ended }, (_, at) => {
    const place = BigInt(at < ended ? at % open : at - ended);
    const parent = at - open;
    const hashRange = { start: String(place * width), end: String((place + 1n) * width - 1n) };
    return { shardId: idOf(at), parents: parent < 0 ? [] : [idOf(parent)], hashRange };
  });
}

/** All open ones were read within the last ten minutes; what closed ones leave to their children is left. */
export function knownShards(counts: Counts, now: number): readonly ShardCheckpoint[] {
  const random = new Random(1);
  return listedShards(counts).map((listed, at): ShardCheckpoint => {
    const begun = newCheckpoint(listed, { kind: 'trim-horizon' });
    const { waitsFor: _, position: __, lastSubscribedAt: ___, ...known } = begun;
    const readThrough = now - random.int(0, 600_000);
    if (at < counts.ended)
      return {
        ...known,
        life: 'ended',
        hashRange: emptyRange,
        readThrough: now - random.int(6e6, 8e7),
        lastArrival: null,
      };
    const read = {
      ...known,
      life: 'reading',
      lastSubscribedAt: null,
      openAt: readThrough,
      idleSince: readThrough,
    } as const;
    return {
      ...read,
      ...{
        readThrough,
        lastArrival: readThrough - random.int(0, 1_000),
        watermark: readThrough - random.int(0, 9_000),
      },
      load: { records: random.int(0, 50), bytes: random.int(0, 20_000), at: readThrough },
      position: afterSequenceNumber(numberOf(at, readThrough, random)),
    };
  });
}

/** A read that brought some records and came to the tip. */
export function readOf(shard: ShardCheckpoint, now: number, random: Random): ShardResult {
  const records = random.int(1, 500);
  const at = Number(shard.shardId.slice('shardId-'.length));
  const to = afterSequenceNumber(numberOf(at, now, random));
  return {
    ...{ source: shard.source, shardId: shard.shardId, from: to, outcome: { kind: 'caught-up', to } },
    ...{ records, events: records, resentElsewhere: 0, bytes: records * random.int(50, 500), calls: 1, throttles: 0 },
    ...{ readThrough: now, lastArrival: now - random.int(0, 5_000), maxEventTime: now - random.int(0, 9_000) },
    ...{ tipTime: now, answeredAt: now, openAt: now, millisBehindLatest: 0, dataLoss: null, subscribedAt: null },
  };
}

/** In the fields that Kinesis makes its numbers of: when the shard was opened, a count, a time and the shard, with ten digits that are anything. */
function numberOf(shard: number, time: number, random: Random): string {
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  const opened = hex(1_700_000_000 + (shard >> 9), 9);
  const count = hex(random.int(0, 2 ** 32 - 1), 8) + hex(random.int(0, 255), 2);
  return String(BigInt(`0x2${opened}00000${count}000${hex(Math.floor(time / 1_000), 9)}${hex(shard, 8)}2`));
}
