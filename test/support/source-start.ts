/** Where a program starts to read, and which events lie after that place. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KinesisSourceOptions } from '../../functions/index.ts';
import { Random } from '../simulation/random.ts';
import type { LedgerEvent, SourceLedger } from './source-ledger.ts';
import type { Program } from './source-program.ts';

type Parents = ReadonlyMap<string, readonly string[]>;

export type Start = {
  readonly position: NonNullable<KinesisSourceOptions['startingPosition']>;
  /** `parents` of all shards, as they are at the end. */
  readonly includes: (event: LedgerEvent, parents: Parents) => boolean;
};

/** Here and now, in a stream that lies still. */
export async function drawStart(program: Program, ledger: SourceLedger): Promise<Start> {
  const before = ledger.events.length;
  switch (program.start) {
    case 'TRIM_HORIZON':
      return { position: 'TRIM_HORIZON', includes: () => true };
    case 'LATEST':
      await untilPast(Date.now());
      return { position: 'LATEST', includes: ({ id }) => id >= before };
    case 'AT_TIMESTAMP': {
      const moment = Date.now() + 20;
      await untilPast(moment);
      const iso = new Date(moment).toISOString() as `${string}T${string}Z`;
      return { position: `AT_TIMESTAMP ${iso}`, includes: ({ id }) => id >= before };
    }
    case 'each shard':
      return eachShard(program, ledger);
  }
}

/** For the product too, which takes the service's time in full seconds, and one off: it must not be ahead of it. */
const leastAgeMs = 2_500;

async function untilPast(time: number): Promise<void> {
  while (Date.now() <= time + leastAgeMs) await sleep(time + leastAgeMs + 1 - Date.now());
}

/** Where another reader stopped: after an event of the shard, inside a record too, or before all of them. */
async function eachShard(program: Program, ledger: SourceLedger): Promise<Start> {
  const random = new Random(program.seed).fork('start');
  const places = new Map<string, LedgerEvent | undefined>();
  const open = await ledger.open();
  for (const [at, { shardId }] of open.entries()) {
    // One at least.
    if (!random.chance(program.namedShare) && !(at === open.length - 1 && places.size === 0)) continue;
    const own = ledger.events.filter((event) => event.shardId === shardId);
    places.set(shardId, own.length === 0 ? undefined : random.pick(own));
  }
  const position = Object.fromEntries([...places].map(([shardId, last]) => [shardId, placeAfter(last)]));
  return {
    position,
    includes: ({ id, shardId }, parents) => {
      if (places.has(shardId)) return id > (places.get(shardId)?.id ?? -1);
      return ![...places.keys()].some((named) => ancestorsOf(named, parents).has(shardId));
    },
  };
}

function placeAfter(last: LedgerEvent | undefined) {
  if (last === undefined) return 'TRIM_HORIZON' as const;
  const { sequenceNumber, subSequenceNumber, events } = last;
  const number = BigInt(sequenceNumber);
  return subSequenceNumber === events - 1
    ? (`AFTER_SEQUENCE_NUMBER ${number}` as const)
    : (`AFTER_SEQUENCE_NUMBER ${number}.${BigInt(subSequenceNumber)}` as const);
}

function ancestorsOf(shardId: string, parents: Parents): ReadonlySet<string> {
  const found = new Set<string>();
  const walk = (id: string): void => {
    for (const parent of parents.get(id) ?? []) {
      if (!found.has(parent)) walk(parent);
      found.add(parent);
    }
  };
  walk(shardId);
  return found;
}
