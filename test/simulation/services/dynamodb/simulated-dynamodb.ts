/**
 * DynamoDB on virtual time, in memory: the calls, expressions and errors that the adapters rely on. The same calls at
 * the same times give the same answers. What it does not know ends the test and is never passed over.
 */
import type { Random } from '../../random.ts';
import type { StoredItem } from './attribute.ts';
import { batchWriteItem } from './batch-write-call.ts';
import { Bill, type BilledUnits } from './billed-units.ts';
import type { Quirks, World } from './calls.ts';
import { notSimulated } from './errors.ts';
import { deleteItem, getItem, putItem, updateItem } from './item-calls.ts';
import { absent, type Version } from './partition.ts';
import { query } from './query-call.ts';
import { type Change, type Key, StoredTable } from './stored-table.ts';
import { createTable, describeTable, describeTimeToLive, ttlAttribute, updateTimeToLive } from './table-calls.ts';

export type { Attribute, StoredItem } from './attribute.ts';
export type { Quirks } from './calls.ts';
export type { Change } from './stored-table.ts';

export class SimulatedDynamodb {
  readonly quirks: Quirks = { staleReadMs: 0, leavesUnprocessed: () => false };
  readonly #now: () => number;
  readonly #tables = new Map<string, StoredTable>();
  readonly #observers: ((change: Change) => void)[] = [];
  readonly #world: World;
  readonly #bill = new Bill();

  constructor(parts: { readonly now: () => number; readonly random: Random }) {
    this.#now = parts.now;
    this.#world = {
      tables: this.#tables,
      quirks: this.quirks,
      bill: this.#bill,
      now: parts.now,
      draw: () => parts.random.next(),
      apply: (table, key, after, by) => this.#apply(table, key, after, by),
    };
  }

  /** Table with string keys pk and sk, and TTL by `expires` (epoch seconds). */
  createTable(name: string): void {
    if (this.#tables.has(name)) throw new Error(`the table ${name} is there already`);
    const table = new StoredTable(name);
    table.hasTtl = true;
    this.#tables.set(name, table);
  }

  /** One call, in the shapes of @aws-sdk/client-dynamodb with raw attribute values. Throws ServiceError. */
  execute(operation: string, input: unknown): object {
    switch (operation) {
      case 'GetItem':
        return getItem(this.#world, input);
      case 'PutItem':
        return putItem(this.#world, input);
      case 'UpdateItem':
        return updateItem(this.#world, input);
      case 'DeleteItem':
        return deleteItem(this.#world, input);
      case 'Query':
        return query(this.#world, input);
      case 'BatchWriteItem':
        return batchWriteItem(this.#world, input);
      case 'CreateTable':
        return createTable(this.#tables, input);
      case 'DescribeTable':
        return describeTable(this.#world, input);
      case 'UpdateTimeToLive':
        return updateTimeToLive(this.#world, input);
      case 'DescribeTimeToLive':
        return describeTimeToLive(this.#world, input);
      default:
        throw notSimulated(operation);
    }
  }

  /** Deletes what has expired before `minAgeMs` ago, as the TTL sweeper does at a time of its own; returns how many. */
  sweepExpired(minAgeMs: number): number {
    const before = this.#now() - minAgeMs;
    let swept = 0;
    for (const table of this.#tables.values()) {
      if (!table.hasTtl) continue;
      for (const key of expiredKeys(table, before)) {
        this.#apply(table, key, absent, 'ttl');
        swept += 1;
      }
    }
    return swept;
  }

  /** Told of every change at once, after it is applied. */
  observe(observer: (change: Change) => void): void {
    this.#observers.push(observer);
  }

  /** What all calls so far are billed. */
  get billed(): BilledUnits {
    const { writeUnits, readUnits } = this.#bill;
    return { writeUnits, readUnits };
  }

  /** For the checks: what is stored now, without a call. */
  item(table: string, pk: string, sk: string): StoredItem | undefined {
    return this.#table(table).current({ pk, sk });
  }

  /** In order of sk. */
  items(table: string, pk: string): readonly StoredItem[] {
    const entries = [...(this.#table(table).partition(pk)?.entries() ?? [])];
    return entries.map(({ current }) => current.item).filter((item) => item !== undefined);
  }

  partitions(table: string): readonly string[] {
    return this.#table(table).partitionKeys;
  }

  #table(name: string): StoredTable {
    const table = this.#tables.get(name);
    if (table === undefined) throw new Error(`no table ${name}`);
    return table;
  }

  #apply(table: StoredTable, key: Key, after: Version, by: Change['by']): void {
    const before = table.write(key, after, { now: this.#now(), keepMs: this.quirks.staleReadMs });
    const change: Change = { table: table.name, pk: key.pk, sk: key.sk, before, after: after.item, by };
    for (const observer of this.#observers) observer(change);
  }
}

/** What expired longer ago is taken for a mistake and kept. */
const oldestMs = 5 * 365 * 86_400_000;

function expiredKeys(table: StoredTable, before: number): Key[] {
  return table.partitionKeys.flatMap((pk) =>
    [...table.partition(pk)!.entries()]
      .filter(({ current }) => {
        const expires = Number(current.item?.[ttlAttribute]?.N) * 1000;
        return expires < before && expires > before - oldestMs;
      })
      .map(({ sk }) => ({ pk, sk })),
  );
}
