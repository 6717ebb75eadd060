/** BatchWriteItem: up to 25 writes without conditions, each for itself. */
import { asRecord, takeItem } from './attribute.ts';
import { keyIn, tableOf, takeInput, takeKey, type World } from './calls.ts';
import { refuse, throttled } from './errors.ts';
import { sized } from './item-calls.ts';
import { absent, type Version } from './partition.ts';
import type { Key, StoredTable } from './stored-table.ts';

const parameters = new Set(['RequestItems']);
/** As many items of the largest size stay below the 16 MB of a request, so only the number can be too high. */
const maxWrites = 25;

type Write = {
  readonly table: StoredTable;
  readonly key: Key;
  readonly after: Version;
  readonly request: unknown;
};

/** The request as a whole is checked before its first write. */
export function batchWriteItem(world: World, given: unknown): object {
  const writes = writesOf(world, asRecord(takeInput(given, parameters).RequestItems));
  const unprocessed: Record<string, unknown[]> = {};
  let left = 0;
  for (const [index, { table, key, after, request }] of writes.entries()) {
    if (world.quirks.leavesUnprocessed(index)) {
      unprocessed[table.name] = [...(unprocessed[table.name] ?? []), request];
      left += 1;
      continue;
    }
    world.bill.write(table.bytes(key), after.bytes);
    if (after.item !== undefined || table.current(key) !== undefined) world.apply(table, key, after, 'request');
  }
  if (left === writes.length) throw throttled();
  return { UnprocessedItems: unprocessed };
}

function writesOf(world: World, requestItems: Readonly<Record<string, unknown>>): Write[] {
  const names = Object.keys(requestItems);
  const count = names.reduce((sum, name) => sum + requestsIn(requestItems[name]).length, 0);
  if (names.length === 0 || count > maxWrites) throw refuse('Too many items requested for the BatchWriteItem call');
  const seen = new Set<string>();
  return names.flatMap((name) => {
    const table = tableOf(world, { TableName: name });
    return requestsIn(requestItems[name]).map((request) => {
      const write = takeWrite(table, request);
      const id = JSON.stringify([name, write.key.pk, write.key.sk]);
      if (seen.has(id)) throw refuse('Provided list of item keys contains duplicates');
      seen.add(id);
      return write;
    });
  });
}

function requestsIn(given: unknown): readonly unknown[] {
  if (Array.isArray(given) && given.length > 0) return given;
  throw refuse("Value at 'requestItems' failed to satisfy constraint: 1 to 25 requests");
}

function takeWrite(table: StoredTable, request: unknown): Write {
  const { PutRequest, DeleteRequest } = asRecord(request);
  if ((PutRequest === undefined) === (DeleteRequest === undefined)) {
    throw refuse('Supplied WriteRequest must contain exactly one of PutRequest and DeleteRequest');
  }
  if (PutRequest === undefined) return { table, key: takeKey(asRecord(DeleteRequest).Key), after: absent, request };
  const item = takeItem(asRecord(PutRequest).Item);
  return { table, key: keyIn(item), after: sized(item), request };
}
