import { describe, expect, it } from 'vitest';
import { readingOf } from '../../functions/core/isolated-reading.ts';
import { limitLetters } from '../../functions/core/letter-limit.ts';
import { afterSequenceNumber } from '../../functions/core/position.ts';
import {
  afterCommit,
  afterTurn,
  comesCloser,
  type DeathNote,
  noSuspicions,
  type Suspicion,
  type Suspicions,
  type TurnNews,
} from '../../functions/core/suspicions.ts';
import { named } from '../support/builders.ts';

const minute = 60_000;
const place = { sequenceNumber: '40', sub: 3 };
const news = (ref: number, given: Partial<TurnNews> = {}): TurnNews => ({
  ref,
  taskCount: 3,
  wentWell: new Set([1, 2]),
  died: new Map(),
  notes: new Map(),
  ...given,
});
const isolated: Suspicion = { ...named('a'), stage: 'isolated', among: 1, ref: 1, task: 0, quiet: 0 };
const suspicionsOf = (...shards: Suspicion[]): Suspicions => ({ shards, letters: [], through: 0 });
const died = (place_ = place): DeathNote => ({ ...named('a'), place: place_, isEvent: true, died: 'no answer' });
/** Read again in the turn `ref`, as its plan writes it down. */
const planned = ({ shards, ...rest }: Suspicions, ref: number): Suspicions => ({
  ...rest,
  shards: shards.map((one) => ({ ...one, ref, task: 0 })),
});

describe('a task that died', () => {
  it('puts each of its shards under suspicion, to be read apart from the others', () => {
    const { shards, through } = afterTurn(noSuspicions, news(1, { died: new Map([[0, ['a', 'b'].map(named)]]) }), 0);
    expect(shards.map(({ shardId, stage, among }) => [shardId, stage, among])).toEqual([
      ['a', 'apart', 2],
      ['b', 'apart', 2],
    ]);
    expect(through).toBe(1);
  });

  it('of one shard has it isolated', () => {
    const { shards } = afterTurn(noSuspicions, news(1, { died: new Map([[0, [named('a')]]]) }), 0);
    expect(shards).toMatchObject([{ ...named('a'), stage: 'isolated' }]);
  });

  it('is taken in once, however often its turn is told', () => {
    const told = news(1, { died: new Map([[0, ['a', 'b'].map(named)]]) });
    const once = afterTurn(noSuspicions, told, 0);
    expect(afterTurn(once, told, 0)).toBe(once);
  });

  it('frees what it held apart when that goes well alone', () => {
    const apart = suspicionsOf({ ...isolated, stage: 'apart', among: 2 });
    expect(afterTurn(apart, news(1, { wentWell: new Set([0]) }), 0).shards).toEqual([]);
    // An error of a service is neither.
    expect(afterTurn(apart, news(1), 0).shards).toHaveLength(1);
  });

  it('comes closer to what is to blame as long as its shards were not alone, or can be remembered', () => {
    const dead = { ref: 1, task: 0 };
    const halves = suspicionsOf({ ...isolated, stage: 'apart', among: 2 });
    expect(comesCloser(noSuspicions, dead)).toBe(true);
    expect(comesCloser(halves, dead)).toBe(true);
    expect(comesCloser(suspicionsOf(isolated), dead)).toBe(false);
    const full = suspicionsOf(...Array.from({ length: 100 }, (_, at) => ({ ...isolated, shardId: `${at}`, task: at })));
    expect(comesCloser(full, { ref: 1, task: 100 })).toBe(false);
  });

  it('never fills the head', () => {
    const shards = Array.from({ length: 1_000 }, (_, at) => named(`shard-${at}`));
    expect(afterTurn(noSuspicions, news(1, { died: new Map([[0, shards]]) }), 0).shards).toHaveLength(100);
  });
});

describe('an event that its executor died of', () => {
  const first = afterTurn(suspicionsOf(isolated), news(1, { notes: new Map([['a', died()]]) }), 1_000);

  it('is remembered by its place', () => {
    expect(first.shards).toMatchObject([{ suspect: { ...place, deaths: 1, diedAt: 1_000, othersWentOn: false } }]);
  });

  it('is not run again within a minute, nor before another task went well', () => {
    const [one] = first.shards;
    expect(readingOf(one!, 1_000 + minute)).toEqual({ holdAt: place });
    const [other] = afterTurn(planned(first, 2), news(2), 3_000).shards;
    expect(readingOf(other!, 999 + minute)).toEqual({ holdAt: place });
    expect(readingOf(other!, 1_000 + minute)).toEqual({});
  });

  it('counts where there is one task only: that one going well up to the event says that the rest works', () => {
    const alone = { taskCount: 1, wentWell: new Set([0]) };
    const [one] = afterTurn(planned(first, 2), news(2, alone), 3_000).shards;
    expect(one).toMatchObject({ suspect: { othersWentOn: true } });
  });

  it('counts where the others fail for ten minutes: its own task going well up to it says enough then', () => {
    const ownOnly = { taskCount: 2, wentWell: new Set([0]) };
    const diedAt = 1_000;
    const before = afterTurn(planned(first, 2), news(2, ownOnly), diedAt + 10 * minute - 1);
    expect(before.shards).toMatchObject([{ suspect: { othersWentOn: false } }]);
    const [one] = afterTurn(planned(before, 3), news(3, ownOnly), diedAt + 10 * minute).shards;
    expect(one).toMatchObject({ suspect: { othersWentOn: true } });
    const failing = news(3, { taskCount: 2, wentWell: new Set() });
    const [outage] = afterTurn(planned(before, 3), failing, diedAt + 60 * minute).shards;
    expect(outage).toMatchObject({ suspect: { othersWentOn: false } });
  });

  it('does not count where nothing else went well either', () => {
    const outage = { taskCount: 3, wentWell: new Set<number>() };
    let suspicions = first;
    for (let ref = 2; ref < 20; ref++) {
      suspicions = afterTurn(
        planned(suspicions, ref),
        news(ref, { ...outage, notes: new Map([['a', died()]]) }),
        ref * 2 * minute,
      );
    }
    expect(suspicions.shards).toMatchObject([{ suspect: { deaths: 1 } }]);
  });

  it('is buried after its third death, in words that say why', () => {
    let suspicions = first;
    for (const ref of [2, 4]) {
      suspicions = afterTurn(planned(suspicions, ref), news(ref), ref * minute);
      const again = news(ref + 1, { notes: new Map([['a', died()]]) });
      suspicions = afterTurn(planned(suspicions, ref + 1), again, 1_000 + (ref + 1) * minute);
    }
    expect(readingOf(suspicions.shards[0]!, 9 * minute)).toEqual({
      giveUp: { ...place, message: 'its executor died of it 3 times: no answer' },
    });
  });

  it('begins anew if it was another event', () => {
    const other = { sequenceNumber: '41', sub: 0 };
    const told = news(2, { notes: new Map([['a', died(other)]]) });
    expect(afterTurn(planned(first, 2), told, 5 * minute).shards).toMatchObject([{ suspect: { ...other, deaths: 1 } }]);
  });
});

describe('a function that died whole, in isolation', () => {
  const wholeDeath = (note: DeathNote | undefined): TurnNews =>
    news(1, { died: new Map([[0, [named('a')]]]), notes: new Map(note === undefined ? [] : [['a', note]]) });

  it('says by its note behind which place it died: events are noted one by one from there', () => {
    const { shards } = afterTurn(suspicionsOf(isolated), wholeDeath({ ...named('a'), place, isEvent: false }), 0);
    expect(shards[0]!.suspect).toBeUndefined();
    expect(readingOf(shards[0]!, 1)).toEqual({ noteFrom: place });
  });

  it('died of the event whose note it is', () => {
    const { shards } = afterTurn(suspicionsOf(isolated), wholeDeath({ ...named('a'), place, isEvent: true }), 5);
    expect(shards).toMatchObject([{ suspect: { ...place, deaths: 1, diedAt: 5 }, noteFrom: place }]);
  });

  it('without a note had given nothing to user code: it was no event', () => {
    const { shards } = afterTurn(suspicionsOf(isolated), wholeDeath(undefined), 5);
    expect(shards[0]!.suspect).toBeUndefined();
  });
});

describe('an isolated shard', () => {
  it('is free after three reads that went well', () => {
    let suspicions = suspicionsOf(isolated);
    for (const [ref, left] of [
      [1, 1],
      [2, 1],
      [3, 0],
    ] as const) {
      suspicions = afterTurn(planned(suspicions, ref), news(ref, { wentWell: new Set([0]) }), ref);
      expect(suspicions.shards).toHaveLength(left);
    }
  });

  const buried = suspicionsOf({
    ...isolated,
    suspect: { ...place, deaths: 3, diedAt: 0, othersWentOn: true, how: '' },
  });
  it.each([
    ['before the event', afterSequenceNumber('40', 2), 0],
    ['at it', afterSequenceNumber('40', 3), 1],
    ['behind its record', afterSequenceNumber('40'), 1],
    ['behind it in an empty stretch', { kind: 'at-timestamp', timestamp: 5, after: '40' } as const, 1],
    ['none any more, for it has ended', undefined, 1],
  ])('has its letter once the committed position is %s', (_, position, letters) => {
    const after = afterCommit(buried, new Map(position === undefined ? [] : [['a', position]]), 7);
    expect(after.letters).toHaveLength(letters);
    expect(after.shards[0]?.suspect === undefined).toBe(letters === 1);
  });

  it('that passed an event which died before it was buried has no letter', () => {
    const [one] = buried.shards;
    const twice = suspicionsOf({ ...one!, suspect: { ...one!.suspect!, deaths: 2 } });
    expect(afterCommit(twice, new Map([['a', afterSequenceNumber('40')]]), 7)).toMatchObject({
      letters: [],
      shards: [{ stage: 'isolated' }],
    });
  });
});

describe('letters', () => {
  const condemned = (count: number, letters: Suspicions['letters'] = []): Suspicions => ({
    letters,
    through: 0,
    shards: Array.from({ length: count }, (_, at) => ({
      ...isolated,
      shardId: `shard-${at}`,
      suspect: { ...place, deaths: 3, diedAt: at, othersWentOn: true, how: '' },
    })),
  });
  const later = { openShards: 100, isFirst: false };

  it('are written for five events an hour', () => {
    expect(limitLetters(condemned(5), later).kind).toBe('within');
    expect(limitLetters(condemned(6), later)).toEqual({ kind: 'exceeded', letters: 6, shards: 6 });
    expect(limitLetters(condemned(1, condemnedLetters(5)), later).kind).toBe('exceeded');
  });

  it('are written on a quarter of the shards, and on two in any case', () => {
    expect(limitLetters(condemned(2), { ...later, openShards: 8 }).kind).toBe('within');
    expect(limitLetters(condemned(3), { ...later, openShards: 8 }).kind).toBe('exceeded');
    expect(limitLetters(condemned(1), { ...later, openShards: 1 }).kind).toBe('within');
    expect(limitLetters(condemned(3), { ...later, openShards: 12 }).kind).toBe('within');
    for (const openShards of [2, 3, 7]) {
      expect(limitLetters(condemned(2), { ...later, openShards }).kind).toBe('within');
      expect(limitLetters(condemned(3), { ...later, openShards }).kind).toBe('exceeded');
    }
    const another = limitLetters(condemned(1, [{ ...named('a'), at: 0 }]), { ...later, openShards: 7 });
    expect(another.kind).toBe('within');
  });

  it('over the limit are tried once more in the first turn of a run: the code may have been mended', () => {
    const limited = limitLetters(condemned(6), { ...later, isFirst: true });
    expect(limited.kind).toBe('within');
    const deaths = limited.kind === 'within' ? limited.suspicions.shards.map(({ suspect }) => suspect?.deaths) : [];
    expect(deaths).toEqual([3, 3, 3, 3, 3, 2]);
  });

  it('are forgotten after an hour', () => {
    const hour = 60 * minute;
    const { letters } = afterCommit({ ...noSuspicions, letters: condemnedLetters(5) }, new Map(), hour);
    expect(letters).toEqual([]);
  });
});

function condemnedLetters(count: number): Suspicions['letters'] {
  return Array.from({ length: count }, () => ({ ...named('a'), at: 0 }));
}
