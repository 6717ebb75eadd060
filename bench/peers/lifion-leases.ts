/**
 * The lease manager of lifion-kinesis (1.3.3): the share of one consumer of as many as Sluice has tasks. Its stream and its state lie in memory, so no
 * request is part of it.
 */
import { createRequire } from 'node:module';
import type { Variant } from '../side-by-side/scenario.ts';
import { openShards, shardsPerTask } from '../side-by-side/shards.ts';

type ShardState = { leaseOwner: string | null; leaseExpiration: string | null; version: string; depleted: boolean };

const require = createRequire(import.meta.url);
const consumerId = 'consumer-0';
const logger = {
  debug: () => {},
  error: (...words: readonly unknown[]) => process.stderr.write(`${words.join(' ')}\n`),
};
const described = { StreamARN: 'arn:in', StreamStatus: 'ACTIVE', StreamCreationTimestamp: new Date('2026-01-01') };
const later = new Date('2100-01-01').toISOString();

const variant: Variant<{ readonly shards: number }> = async (_, { shards: count }) => {
  const LeaseManager = require('lifion-kinesis/lib/lease-manager.js');
  const Shards = openShards(count);
  const active = { isActive: true, isStandalone: false };
  const others = Math.ceil(count / shardsPerTask);
  const consumers = Object.fromEntries(Array.from({ length: others }, (__, at) => [`consumer-${at}`, active]));
  const client = {
    describeStream: async () => ({ StreamDescription: described }),
    describeStreamSummary: async () => ({ StreamDescriptionSummary: described }),
    listShards: async () => ({ Shards }),
  };
  const shareOf = async (): Promise<number> => {
    const shards: Record<string, ShardState> = {};
    for (const { ShardId } of Shards)
      shards[ShardId!] = { leaseOwner: null, leaseExpiration: null, version: 'v', depleted: false };
    const stateStore = {
      getShardAndStreamState: async (id: string) => ({ shardState: shards[id], streamState: { consumers, shards } }),
      lockShardLease: async (id: string) => {
        Object.assign(shards[id]!, { leaseOwner: consumerId, leaseExpiration: later });
        return true;
      },
    };
    const manager = new LeaseManager({
      ...{ client, consumerId, logger, stateStore, streamName: 'in', useAutoShardAssignment: true },
      ...{ useEnhancedFanOut: false, consumersManager: { reconcile: async () => {}, stop: () => {} } },
    });
    await manager.start();
    manager.stop();
    return Object.values(shards).filter(({ leaseOwner }) => leaseOwner === consumerId).length;
  };
  return {
    run: async (calls) => {
      for (let call = 0; call < calls; call++) {
        const share = await shareOf();
        if (share !== shardsPerTask)
          throw new Error(`a consumer was to have ${shardsPerTask} shards, and has ${share}`);
      }
      return { units: calls * count };
    },
  };
};

export default variant;
