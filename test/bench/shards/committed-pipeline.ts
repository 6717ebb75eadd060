/** A pipeline of many shards as its last commit left it, on the stores that are deployed, with tables in memory that count; and what a step asks of them. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { openStorage, type StorageParts } from '../../../functions/adapters/dynamodb/storage.ts';
import { createStores } from '../../../functions/adapters/dynamodb/stores.ts';
import { Table } from '../../../functions/adapters/dynamodb/table.ts';
import { trimHorizon } from '../../../functions/core/position.ts';
import type { Pipeline } from '../../../functions/pipeline/pipeline.ts';
import { mainSource } from '../../../functions/pipeline/sources.ts';
import { serviceClient } from '../../simulation/services/service-client.ts';
import { batchBody, headOf } from '../../support/builders.ts';
import { Services, tableName } from '../state/services.ts';
import { type Counts, knownShards, listedShards } from './stream.ts';

const stream = { arn: 'arn:in', name: 'in', createdAt: 1, retentionMs: 86_400_000 };
const noLog = { info: () => {}, warn: () => {} };

/** `time` is moved by who measures. */
export async function committedPipeline(pipeline: Pipeline, counts: Counts, shardParts?: StorageParts['shardParts']) {
  const time = { now: Date.UTC(2026, 0, 1) };
  const now = () => time.now;
  const services = new Services(now);
  const client = serviceClient<DynamoDBClient>((operation, input) => services.execute('dynamodb', operation, input), {
    date: now,
  });
  const clock = { now, sleep: async () => {} };
  const newId = () => crypto.randomUUID();
  const table = new Table(client, tableName, clock);
  const stores = createStores(openStorage({ table, pipeline: pipeline.name, clock, newId, shardParts }));
  const listed = listedShards(counts);
  const source = { describe: async () => ({ stream, serverTime: time.now }), listShards: async () => listed };
  const ports = { ...stores, clock, newId, source, objectsAt: () => ({ putIfAbsent: async () => {} }) };
  const committed = { batchId: 0, ref: 6 };
  const { fingerprint, parallelism } = pipeline;
  const states = Array.from({ length: parallelism }, () => null);
  await stores.seals.putBody(
    batchBody({ ...committed, fingerprint, parallelism, states, shards: knownShards(counts, time.now) }),
  );
  await stores.head.create(
    headOf({
      ...{
        pipeline: pipeline.name,
        epoch: 6,
        holder: undefined,
        committed,
        sealed: committed,
        fingerprint,
        parallelism,
      },
      sources: { [mainSource]: { stream, start: trimHorizon, listedAt: time.now } },
    }),
  );
  return { time, services, stores, newId, runtime: { pipeline, ports, log: noLog } };
}

export type Asked = {
  readonly requests: number;
  readonly readUnits: number;
  readonly writeUnits: number;
  /** The tables in memory included. */
  readonly cpuMs: number;
};

export async function asking<Value>(services: Services, work: () => Promise<Value>): Promise<readonly [Value, Asked]> {
  const before = services.usage;
  const begun = process.cpuUsage();
  const value = await work();
  const { user, system } = process.cpuUsage(begun);
  const { requests, readUnits, writeUnits } = services.usage;
  return [
    value,
    {
      requests: requests - before.requests,
      readUnits: readUnits - before.readUnits,
      writeUnits: writeUnits - before.writeUnits,
      cpuMs: (user + system) / 1_000,
    },
  ];
}
