import { describe, expect, it } from 'vitest';
import { type LetterDeaths, letterDeathsAfter, mostDeadlyLetters } from '../../functions/core/letter-deaths.ts';
import {
  calledOff,
  lettersOfBatch,
  type OpenRedrive,
  openRedrive,
  type RedrivePosition,
  type RedriveRequest,
  redriveAfter,
  standOfRedrive,
} from '../../functions/core/redrive.ts';

const request: RedriveRequest = { request: 'r', generation: 1, count: 1_500, late: 'count', madeAt: 0 };
const head = { redrive: request, generation: 1 };
const nothing = { letters: 0, dead: 0, missing: 0, unreadable: 0, deadly: [] };
const at = (next: number, soFar: Partial<RedrivePosition['soFar']> = {}) => ({
  redrive: { request: 'r', next, soFar: { ...nothing, ...soFar } },
});
const letter = { source: 'main', shardId: 'a', sequenceNumber: '7', subSequenceNumber: 0 };
const counters = (deadLettered: number) => ({ deadLettered });

/** Turn by turn, with one letter that ends whoever takes it, and whatever it is given in: how each turn took letters, until none is left. */
function turnsWith(deadlyAt: number, count = request.count) {
  const turns: { from: number; through: number; how: 'in place' | 'in a thread' | 'passes over'; died: boolean }[] = [];
  let [from, deaths]: [number, LetterDeaths | undefined] = [0, undefined];
  while (from < count && turns.length < 100) {
    const open: OpenRedrive = { ...request, count, from };
    const letters = lettersOfBatch(open, deaths);
    const how = letters.passesOver ? 'passes over' : letters.isIsolated ? 'in a thread' : 'in place';
    const died = how !== 'passes over' && deadlyAt >= from && deadlyAt < letters.through;
    turns.push({ from, through: letters.through, how, died });
    deaths = letterDeathsAfter(deaths, open, died ? letters : undefined, turns.length);
    if (!died) from = letters.through;
  }
  return { turns, deaths };
}

describe('letters whose executor dies', () => {
  it('are taken a thousand at a time, in place, as long as none does', () => {
    expect(turnsWith(-1).turns).toEqual([
      { from: 0, through: 1_000, how: 'in place', died: false },
      { from: 1_000, through: 1_500, how: 'in place', died: false },
    ]);
  });

  it.each([0, 1, 124, 125, 700, 999, 1_000, 1_499])(
    'end with letter %i passed over, after seven deaths at most, and all others taken (DEATHS-2)',
    (deadly) => {
      const { turns, deaths } = turnsWith(deadly);
      expect(turns.at(-1)).toMatchObject({ through: 1_500, died: false });
      expect(turns.filter(({ how }) => how === 'passes over')).toEqual([
        { from: deadly, through: deadly + 1, how: 'passes over', died: false },
      ]);
      expect(deaths!.deaths).toBeLessThanOrEqual(7);
      expect(turns.length).toBeLessThan(40);
    },
  );

  it('are taken a thousand at a time again behind that, in a thread', () => {
    const { turns } = turnsWith(3, 3_000);
    expect(turns.at(-1)).toMatchObject({ how: 'in a thread', through: 3_000 });
    expect(turns.some(({ from, through }) => from >= 1_000 && through - from === 1_000)).toBe(true);
  });

  it('say nothing of another request, and are forgotten with their own (DEATHS-1)', () => {
    const died = { request: 'r', from: 0, through: 1_000 };
    const known = letterDeathsAfter(undefined, { request: 'r' }, died, 5)!;
    expect(known).toEqual({ request: 'r', before: 1_000, most: 125, deaths: 1, diedAt: 5 });
    expect(letterDeathsAfter(known, { request: 'r' }, undefined, 6)).toBe(known);
    expect(letterDeathsAfter(known, { request: 'other' }, undefined, 6)).toBeUndefined();
    expect(letterDeathsAfter(known, undefined, died, 6)).toBeUndefined();
    expect(lettersOfBatch({ ...request, request: 'other', from: 0 }, known)).toEqual({
      ...{ request: 'other', late: 'count', from: 0, through: 1_000 },
    });
  });
});

describe('what a batch says of letters', () => {
  it('adds up: taken, dead again, gone, and those that stay for what lies in them', () => {
    const plan = { redrive: { ...request, from: 10 } };
    const read = { request: 'r', from: 10, to: 20, missing: 2, unreadable: 1 };
    const before = at(10, { letters: 8, dead: 1, missing: 2 });
    const after = redriveAfter(plan, before, [{ counters: counters(9) }, { redrive: read, counters: counters(3) }]);
    expect(after).toEqual({
      redrive: { request: 'r', next: 20, soFar: { letters: 15, dead: 4, missing: 4, unreadable: 1, deadly: [] } },
      redriven: { letters: 7, missing: 2, passedOver: 1 },
    });
    const passed = { request: 'r', from: 20, to: 21, missing: 0, deadly: letter };
    expect(
      redriveAfter({ redrive: { ...request, from: 20 } }, after, [{ redrive: passed, counters: counters(0) }]),
    ).toMatchObject({
      redrive: { next: 21, soFar: { letters: 15, deadly: [letter] } },
      redriven: { letters: 0, missing: 0, passedOver: 1 },
    });
  });

  it('begins anew with another request', () => {
    const read = { request: 'r', from: 0, to: 1, missing: 0 };
    const other = { redrive: { request: 'q', next: 5, soFar: { ...nothing, letters: 5 } } };
    const { redrive } = redriveAfter({ redrive: { ...request, from: 0 } }, other, [
      { redrive: read, counters: counters(0) },
    ]);
    expect(redrive).toEqual(at(1, { letters: 1 }).redrive);
  });
});

describe('how a redrive stands', () => {
  const deadly = Array.from({ length: mostDeadlyLetters }, () => letter);
  const day = 86_400_000;

  it.each([
    ['under-way', head, undefined, 0],
    ['under-way', head, at(1_000), 0],
    ['done', head, at(1_500), 0],
    // DEATHS-4
    ['given-up', head, at(1_000, { deadly }), 0],
    ['under-way', head, at(1_000, { deadly: deadly.slice(1) }), 0],
    ['void', { ...head, generation: 2 }, at(1_000), 0],
    ['void', head, at(1_000), 30 * day],
    ['called-off', { ...head, redrive: calledOff(request, 1_000, 5) }, at(1_000), 0],
    ['done', { ...head, redrive: calledOff(request, 1_500, 5) }, at(1_500), 0],
  ] as const)('%s, and letters are taken only while it is', (state, of, body, now) => {
    expect(standOfRedrive(of, body, now)).toMatchObject({ state, taken: body?.redrive.next ?? 0, count: 1_500 });
    expect(openRedrive(of, body ?? {}, now) === undefined).toBe(state !== 'under-way');
  });

  it('is nothing where none was ever made', () => {
    expect(standOfRedrive({ generation: 1 }, undefined, 0)).toBeUndefined();
  });
});
