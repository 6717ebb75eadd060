/**
 * VIEW-1, VIEW-2, VIEWSINK-1 to VIEWSINK-3: whatever is sent how often, in which order, and whatever becomes of the calls: the table has of
 * each result the newest version. Versions of one item come in any order, calls fail before and after they were done, and many are
 * throttled.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createViewSink } from '../../functions/adapters/dynamodb/view-sink.ts';
import { dynamodbKind } from '../../functions/sinks/dynamodb.ts';
import { Random } from '../simulation/random.ts';
import { SimulatedDynamodb } from '../simulation/services/dynamodb/simulated-dynamodb.ts';
import { serviceClient } from '../simulation/services/service-client.ts';
import { ServiceError } from '../simulation/services/service-error.ts';
import { resultIdentity } from '../support/builders.ts';
import { viewSink } from '../support/outputs.ts';

type Version = { readonly key: number; readonly row: number; readonly ref: number; readonly revision: number };
type Fate = 'done' | 'throttled' | 'lost' | 'failed';

const limit = () => new ServiceError('ProvisionedThroughputExceededException', 'slow down', 400);
const outage = () => new ServiceError('InternalServerError', 'down', 500);

function world(fates: readonly Fate[]) {
  let now = 1_000_000;
  let calls = 0;
  const underWay = new Set<string>();
  const dynamodb = new SimulatedDynamodb({ now: () => now, random: new Random(1) });
  dynamodb.createTable('view');
  const execute = async (operation: string, input: unknown): Promise<object> => {
    const fate = fates[calls++] ?? 'done';
    const { pk, sk } = (input as { readonly Item: Record<string, { readonly S: string }> }).Item;
    const item = `${pk!.S} ${sk!.S}`;
    expect(underWay).not.toContain(item);
    underWay.add(item);
    await Promise.resolve();
    underWay.delete(item);
    if (fate === 'throttled') throw limit();
    if (fate === 'failed') throw outage();
    const answer = dynamodb.execute(operation, input);
    if (fate === 'lost') throw outage();
    return answer;
  };
  const sleepers: { readonly until: number; readonly wake: () => void }[] = [];
  /** Who sleeps shortest is woken first, once nobody has anything else to do. */
  const pump = (): void => {
    const next = sleepers.sort((one, other) => one.until - other.until).shift()!;
    now = Math.max(now, next.until);
    next.wake();
  };
  const clock = {
    now: () => now,
    sleep: (ms: number) =>
      new Promise<void>((wake) => {
        sleepers.push({ until: now + ms, wake });
        setImmediate(pump);
      }),
  };
  const client = serviceClient<DynamoDBClient>(execute, { date: () => now });
  const random = new Random(2);
  const sink = createViewSink(client, viewSink, clock, () => random.next());
  const rows = () =>
    dynamodb.partitions('view').flatMap((pk) =>
      dynamodb.items('view', pk).map((item) => {
        const { M } = item._sluice!;
        return `${pk} ${M!.row!.N} ${M!.ref!.N} ${M!.revision!.N} ${M!.retracted!.BOOL} ${item.n?.N}`;
      }),
    );
  return { sink, clock, rows, calls: () => calls };
}

const isRetracted = ({ revision }: Version): boolean => revision % 3 === 2;
const numberOf = ({ ref, revision }: Version): number => ref * 100 + revision;

const recordOf = (version: Version) => {
  const { key, row, ref, revision } = version;
  const name = `k${key}`;
  return dynamodbKind.encode(viewSink, isRetracted(version) ? {} : { n: numberOf(version) }, {
    identity: resultIdentity({ key: JSON.stringify([name]), row, ref, revision, retracted: isRetracted(version) }),
    defaultKey: name,
    keyValues: [name],
  });
};

function folded(versions: readonly Version[]): readonly string[] {
  const latest = new Map<string, Version>();
  for (const version of versions) {
    const name = `${version.key} ${version.row}`;
    const known = latest.get(name);
    if (known === undefined || numberOf(version) > numberOf(known)) latest.set(name, version);
  }
  return Array.from(latest.values(), (version) => {
    const { key, row, ref, revision } = version;
    const isGone = isRetracted(version);
    return `k${key} ${row} ${ref} ${revision} ${isGone} ${isGone ? undefined : numberOf(version)}`;
  });
}

const small = (max: number) => fc.integer({ min: 0, max });
const version = fc.record({ key: small(3), row: small(1), ref: small(3), revision: small(5) });
const fate = fc.constantFrom<Fate>('done', 'done', 'throttled', 'lost', 'failed');

describe('a live view', () => {
  it('equals the fold of all versions, whatever order they come in and whatever fails', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(version, { maxLength: 12 }), { maxLength: 6 }),
        fc.array(fate),
        async (sent, fates) => {
          const { sink, clock, rows } = world(fates);
          for (const versions of sent) {
            let left = versions.map(recordOf);
            for (let attempt = 0; left.length > 0; attempt++) {
              expect(attempt).toBeLessThanOrEqual(fates.length);
              const undelivered = await sink.send(left, clock.now() + 60_000);
              left = undelivered?.places.map((place) => left[place]!) ?? [];
            }
          }
          expect(rows().toSorted()).toEqual(folded(sent.flat()).toSorted());
        },
      ),
      { numRuns: 300 },
    );
  });

  it('ends right after 500 throttled puts, with none lost and none put twice', async () => {
    const fates = Array.from({ length: 500 }, (): Fate => 'throttled');
    const { sink, clock, rows, calls } = world(fates);
    const versions = Array.from({ length: 200 }, (_, key): Version => ({ key, row: 0, ref: 1, revision: 0 }));
    expect(await sink.send(versions.map(recordOf), clock.now() + 600_000)).toBeUndefined();
    expect(rows().toSorted()).toEqual(folded(versions).toSorted());
    expect(calls()).toBe(700);
  });

  it('is only slow where limits alone are in its way at the deadline, and says what is left', async () => {
    const { sink, clock, rows } = world(
      Array.from({ length: 10_000 }, (_, at): Fate => (at < 2 ? 'done' : 'throttled')),
    );
    const versions = Array.from({ length: 50 }, (_, key): Version => ({ key, row: 0, ref: 1, revision: 0 }));
    const undelivered = await sink.send(versions.map(recordOf), clock.now() + 5_000);
    expect(undelivered).toMatchObject({ isOnlySlow: true, error: { name: 'TemporaryFailure' } });
    expect(undelivered!.places.length + rows().length).toBe(50);
    expect(undelivered!.error.message).toContain('48 of 50 were not acknowledged in time');
  });
});
