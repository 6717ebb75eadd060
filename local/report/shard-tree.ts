/** All shards that a pipeline knows, parents before children: the tree through splits and merges, with where each stands. */
import type { Position } from '../../functions/core/position.ts';
import type { BatchProgress } from '../../functions/core/progress-report.ts';
import {
  isWaiting,
  lastArrivalOf,
  readThroughOf,
  type ShardCheckpoint,
} from '../../functions/core/shard-checkpoint.ts';
import { plainTable } from './text-table.ts';

export type ShardRow = {
  readonly shardId: string;
  readonly parents: readonly string[];
  readonly children: readonly string[];
  /** How many generations it is below the first that are known. */
  readonly depth: number;
  /** `ended`, `waiting` for a parent, `unread`, or as the last batch that read it says. */
  readonly state: string;
  readonly position: string;
  /** Epoch milliseconds up to which everything was read; null: nobody knows. */
  readonly readThrough: number | null;
  readonly lastArrival: number | null;
  readonly watermark: number | null;
  /** Of the last batch that told of it. Null: none did. */
  readonly millisBehindLatest: number | null;
};

/** Each parent is followed by its children; what has two stands behind the one that comes first. `reports`: the newest first. */
export function shardRows(shards: readonly ShardCheckpoint[], reports: readonly BatchProgress[]): readonly ShardRow[] {
  const known = new Map(shards.map((shard) => [shard.shardId, shard]));
  const children = new Map<string, string[]>();
  for (const { shardId, parents } of shards)
    for (const parent of parents)
      if (known.has(parent)) children.set(parent, [...(children.get(parent) ?? []), shardId]);
  const rows: ShardRow[] = [];
  const seen = new Set<string>();
  const add = (shardId: string, depth: number): void => {
    const shard = known.get(shardId);
    if (shard === undefined || seen.has(shardId)) return;
    seen.add(shardId);
    rows.push(rowOf(shard, { depth, children: children.get(shardId) ?? [], known, reports }));
    for (const child of children.get(shardId) ?? []) add(child, depth + 1);
  };
  for (const { shardId, parents } of shards) if (!parents.some((parent) => known.has(parent))) add(shardId, 0);
  return rows;
}

function rowOf(
  shard: ShardCheckpoint,
  of: Pick<ShardRow, 'depth' | 'children'> & {
    readonly known: ReadonlyMap<string, ShardCheckpoint>;
    readonly reports: readonly BatchProgress[];
  },
): ShardRow {
  const { shardId, parents, watermark } = shard;
  const { depth, children, known, reports } = of;
  const told = reports.flatMap(({ perShard = [] }) => perShard.filter((one) => one.shardId === shardId));
  const [last] = told.filter(({ state }) => state !== 'unchanged');
  return {
    ...{ shardId, parents, children, depth, watermark },
    state: stateOf(shard, last?.state, known),
    position: shard.life === 'ended' ? 'end' : positionText(shard.position),
    readThrough: readThroughOf(shard),
    lastArrival: lastArrivalOf(shard),
    millisBehindLatest: shard.life === 'ended' ? null : (last?.millisBehindLatest ?? null),
  };
}

function stateOf(
  shard: ShardCheckpoint,
  told: string | undefined,
  known: ReadonlyMap<string, ShardCheckpoint>,
): string {
  if (shard.life === 'ended') return 'ended';
  if (isWaiting(shard, known)) return 'waiting';
  return told ?? (shard.life === 'unread' ? 'unread' : 'unchanged');
}

function positionText(position: Position): string {
  if (position.kind === 'trim-horizon') return 'TRIM_HORIZON';
  if (position.kind === 'at-timestamp') return new Date(position.timestamp).toISOString();
  const { sequenceNumber, subSequenceNumber } = position;
  return `after ${sequenceNumber}${subSequenceNumber === undefined ? '' : `/${subSequenceNumber}`}`;
}

export function shardTreeTable(rows: readonly ShardRow[]): string {
  const table = plainTable(['shard', 'parents', 'state', 'behind', 'last arrival', 'watermark', 'position']);
  for (const { shardId, parents, depth, state, millisBehindLatest, lastArrival, watermark, position } of rows)
    table.push([
      `${'  '.repeat(depth)}${depth > 0 ? '└ ' : ''}${shardId}`,
      parents.join(' + '),
      state,
      millisBehindLatest === null ? '' : `${(millisBehindLatest / 1_000).toFixed(1)} s`,
      lastArrival === null ? 'never' : new Date(lastArrival).toISOString(),
      watermark === null ? 'none' : watermarkText(watermark),
      position,
    ]);
  return table.toString();
}

const watermarkText = (watermark: number): string =>
  Number.isNaN(new Date(watermark).getTime()) ? 'at the end' : new Date(watermark).toISOString();
