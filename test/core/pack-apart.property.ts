import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packApart, withTasks } from '../../functions/core/pack-apart.ts';
import { afterTurn, noSuspicions, type Suspicion, type Suspicions } from '../../functions/core/suspicions.ts';
import { named } from '../support/builders.ts';

type Shard = { readonly shardId: string };
const shardsOf = (count: number): Shard[] =>
  Array.from({ length: count }, (_, at) => ({ shardId: `shard-${String(at).padStart(3, '0')}` }));

/** All in as few tasks as there may be. */
const pack = (shards: readonly Shard[], maxTasks: number): Shard[][] =>
  shards.length === 0
    ? []
    : Array.from(
        { length: Math.min(maxTasks, 2, shards.length) },
        (_, task, tasks = Math.min(maxTasks, 2, shards.length)) => shards.filter((_, at) => at % tasks === task),
      );

const known = (shards: readonly Suspicion[], othersRef: number | undefined) => ({
  shards,
  ...(othersRef === undefined ? {} : { othersRef }),
});

const suspicion = fc.record({
  stage: fc.constantFrom<Suspicion['stage']>('apart', 'isolated'),
  among: fc.integer({ min: 2, max: 30 }),
  ref: fc.integer({ min: 0, max: 9 }),
});
const turn = fc.record({
  count: fc.integer({ min: 1, max: 60 }),
  maxTasks: fc.integer({ min: 1, max: 40 }),
  othersRef: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
  suspicions: fc.array(suspicion, { maxLength: 60 }),
});

describe('packing apart', () => {
  it('has each shard in one task or postponed, and no more tasks than there may be', () => {
    fc.assert(
      fc.property(turn, ({ count, maxTasks, othersRef, suspicions }) => {
        const shards = shardsOf(count);
        const given = suspicions
          .slice(0, count)
          .map((one, at): Suspicion => ({ ...one, ...named(shards[at]!.shardId), task: 0, quiet: 0 }));
        const { tasks, postponed } = packApart(shards, known(given, othersRef), { maxTasks, epoch: 10, pack });
        const packed = tasks.flatMap((task) => task.shards.map(({ shardId }) => shardId));
        expect(new Set(packed).size).toBe(packed.length);
        expect(packed.length + postponed).toBe(count);
        expect(tasks.length).toBeLessThanOrEqual(maxTasks);
        expect(tasks.length).toBeGreaterThan(0);
        expect(tasks.every((task) => task.shards.length > 0)).toBe(true);
      }),
    );
  });

  it('K4, APART-2: leaves an isolated shard alone, and suspects with no stranger and half of their number', () => {
    fc.assert(
      fc.property(turn, ({ count, maxTasks, othersRef, suspicions }) => {
        const shards = shardsOf(count);
        const given = new Map(
          suspicions
            .slice(0, count)
            .map((one, at) => [shards[at]!.shardId, { ...one, ...named(shards[at]!.shardId), task: 0, quiet: 0 }]),
        );
        for (const { shards: together, isolated } of packApart(shards, known([...given.values()], othersRef), {
          maxTasks,
          epoch: 10,
          pack,
        }).tasks) {
          const suspects = together.map(({ shardId }) => given.get(shardId));
          if (suspects.every((one) => one === undefined)) continue;
          expect(suspects.every((one) => one !== undefined)).toBe(true);
          if (isolated !== undefined) expect(together).toHaveLength(1);
          else for (const one of suspects) expect(together.length).toBeLessThanOrEqual(Math.ceil(one!.among / 2));
        }
      }),
    );
  });

  it('K6, APART-4: reads each shard within as many turns as there are that wait, and knows which are unread until then', () => {
    const worlds = fc.record({
      count: fc.integer({ min: 1, max: 20 }),
      maxTasks: fc.integer({ min: 1, max: 6 }),
      suspicions: fc.array(suspicion, { minLength: 1, maxLength: 12 }),
      epochs: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 40, maxLength: 40 }),
    });
    fc.assert(
      fc.property(worlds, ({ count, maxTasks, suspicions, epochs }) => {
        const shards = shardsOf(count);
        const suspected = suspicions
          .slice(0, count)
          .map((one, at): Suspicion => ({ ...one, ...named(shards[at]!.shardId), task: 0, quiet: 0 }));
        // All that is not suspected is read together.
        const waiting = suspected.length + (count > suspected.length ? 1 : 0);
        let state: Suspicions = { ...noSuspicions, shards: suspected };
        let roundBegan = 0;
        const lastRead = new Map(shards.map(({ shardId }) => [shardId, 0]));
        let epoch = 10;
        for (const [turn, plans] of epochs.entries()) {
          // All plans but the last of these only pause.
          epoch += plans;
          const packing = packApart(shards, state, { maxTasks, epoch, pack });
          const read = packing.tasks.flatMap((task) => task.shards.map(({ shardId }) => shardId));
          for (const shardId of read) lastRead.set(shardId, turn + 1);
          for (const [shardId, at] of lastRead)
            expect(turn + 1 - at, `turns that ${shardId} waits`).toBeLessThan(waiting);
          state = withTasks(state, packing, epoch);
          const notInRound = [...lastRead.values()].filter((at) => at <= roundBegan);
          expect(packing.unread).toBe(notInRound.length);
          if (packing.unread === 0) roundBegan = turn + 1;
        }
      }),
    );
  });

  it('finds the shards to blame in a few turns, whatever room there is, and frees all others', () => {
    const worlds = fc.record({
      count: fc.integer({ min: 1, max: 60 }),
      maxTasks: fc.integer({ min: 1, max: 40 }),
      bad: fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { minLength: 1, maxLength: 3 }),
    });
    fc.assert(
      fc.property(worlds, ({ count, maxTasks, bad }) => {
        const shards = shardsOf(count);
        const isBad = new Set(bad.map((at) => shards[at % count]!.shardId));
        let suspicions: Suspicions = noSuspicions;
        const turns = 24 * Math.ceil(60 / maxTasks) + 8;
        for (let ref = 1; ref <= turns; ref++) {
          const packing = packApart(shards, suspicions, { maxTasks, epoch: ref, pack });
          const { tasks } = packing;
          const dies = tasks.map((task) => task.shards.some(({ shardId }) => isBad.has(shardId)));
          const planned = withTasks(suspicions, packing, ref);
          suspicions = afterTurn(
            planned,
            {
              ref,
              taskCount: tasks.length,
              wentWell: new Set(tasks.flatMap((_, at) => (dies[at] ? [] : [at]))),
              died: new Map(
                tasks.flatMap((task, at) =>
                  dies[at] ? [[at, task.shards.map(({ shardId }) => named(shardId))] as const] : [],
                ),
              ),
              notes: new Map(),
            },
            ref,
          );
          const found = suspicions.shards.filter(({ stage }) => stage === 'isolated').map(({ shardId }) => shardId);
          if (found.length === isBad.size && suspicions.shards.length === isBad.size) {
            expect(new Set(found)).toEqual(isBad);
            return;
          }
        }
        expect.fail(`not found in ${turns} turns: ${JSON.stringify(suspicions.shards)}`);
      }),
    );
  });
});
