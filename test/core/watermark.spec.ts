/** WATERMARK-1, WATERMARK-2, WATERMARK-3 by hand; children's marks are the seal's (seal-batch.spec.ts). */
import { describe, expect, it } from 'vitest';
import { endOfTime } from '../../functions/core/end-of-time.ts';
import { advanceWatermark, earlier, later, watermarkOf } from '../../functions/core/watermark.ts';
import { checkpoint, ended } from '../support/builders.ts';

const rules = { delayMs: 100, idleTimeoutMs: 1000 };
const nothing = { maxEventTime: null, events: 0, lastArrival: null, subscribedAt: null };
const marked = (watermark: number | null, idleSince: number | null) => ({ watermark, idleSince });

describe('a mark', () => {
  it('is the greatest event time less the delay (WATERMARK-1)', () => {
    const read = { maxEventTime: 5000, events: 2, tipTime: 9000, lastArrival: 9000, subscribedAt: null };
    expect(advanceWatermark(marked(null, null), read, rules)).toEqual({ watermark: 4900, idleSince: 9000 });
  });

  it('has a date, however early the event and long the delay (WATERMARK-4)', () => {
    const read = { maxEventTime: -endOfTime + 99, events: 1, tipTime: null, lastArrival: 0, subscribedAt: null };
    expect(advanceWatermark(marked(null, null), read, rules)).toEqual({ watermark: -endOfTime, idleSince: null });
  });

  it('never goes back for an older event (WATERMARK-2)', () => {
    const read = { maxEventTime: 10, events: 1, tipTime: null, lastArrival: 9000, subscribedAt: null };
    expect(advanceWatermark(marked(4900, 1), read, rules)).toEqual({ watermark: 4900, idleSince: null });
  });

  it('and the quiet stay where events came without an event time', () => {
    const read = { maxEventTime: null, events: 3, tipTime: null, lastArrival: 9000, subscribedAt: null };
    expect(advanceWatermark(marked(4900, 1), read, rules)).toEqual({ watermark: 4900, idleSince: 1 });
    expect(advanceWatermark(marked(null, 1), read, rules)).toEqual({ watermark: null, idleSince: 1 });
  });

  it.each([
    [10_999, 4900],
    [11_000, 10_900],
    [11_001, 10_901],
  ])('of a shard at its tip and quiet since 10000 is, at %i, %i (WATERMARK-1)', (tipTime, mark) => {
    const shard = marked(4900, 10_000);
    expect(advanceWatermark(shard, { ...nothing, tipTime }, rules)).toEqual({ watermark: mark, idleSince: 10_000 });
  });

  it('counts the quiet from the first empty tip', () => {
    expect(advanceWatermark(marked(null, null), { ...nothing, tipTime: 500 }, rules)).toEqual({
      watermark: null,
      idleSince: 500,
    });
  });

  it('counts the quiet from the last record of a subscription, which proved the tip before that came (WATERMARK-1)', () => {
    const subscribed = { maxEventTime: 5000, tipTime: 9000, lastArrival: 12_058, subscribedAt: 9000 };
    const after = marked(4900, 12_058);
    expect(advanceWatermark(marked(null, null), subscribed, rules)).toEqual(after);
    expect(advanceWatermark(after, { ...nothing, tipTime: 13_057 }, rules)).toEqual(after);
    expect(advanceWatermark(after, { ...nothing, tipTime: 13_058 }, rules).watermark).toBe(12_958);
  });

  it('believes a stamp that is ahead of the clock for as long as a read may last, and by polling not at all', () => {
    const read = { maxEventTime: 5000, tipTime: 9000, lastArrival: 9000 + 107_000 };
    expect(advanceWatermark(marked(null, null), { ...read, subscribedAt: 9000 }, rules).idleSince).toBe(49_000);
    expect(advanceWatermark(marked(null, null), { ...read, subscribedAt: null }, rules).idleSince).toBe(9000);
  });

  it('is not moved by an empty read that did not reach the tip (WATERMARK-1)', () => {
    const shard = marked(7, 1);
    expect(advanceWatermark(shard, { ...nothing, tipTime: null }, rules)).toEqual({ watermark: 7, idleSince: 1 });
  });

  it('is never lowered by the idle rule', () => {
    const shard = marked(50_000, 10_000);
    expect(advanceWatermark(shard, { ...nothing, tipTime: 20_000 }, rules).watermark).toBe(50_000);
  });

  it("is not moved by any quiet with idleTimeout 'never', and at once with a timeout of 0", () => {
    const shard = marked(7, 1);
    expect(
      advanceWatermark(shard, { ...nothing, tipTime: 1e15 }, { ...rules, idleTimeoutMs: undefined }).watermark,
    ).toBe(7);
    const untouched = marked(null, null);
    expect(advanceWatermark(untouched, { ...nothing, tipTime: 500 }, { ...rules, idleTimeoutMs: 0 }).watermark).toBe(
      400,
    );
  });
});

describe('the watermark', () => {
  const at = (mark: number | null, shardId = 'a') => checkpoint(shardId, { watermark: mark });

  it('is the least mark (WATERMARK-3)', () => {
    expect(watermarkOf([at(30), at(10), at(20)], null)).toBe(10);
  });

  it('is unknown as long as one shard has said nothing (WATERMARK-3)', () => {
    expect(watermarkOf([at(30), at(null)], null)).toBeNull();
    expect(watermarkOf([at(null), at(30)], null)).toBeNull();
  });

  it('does not go back when a shard with an older mark, or none, appears (WATERMARK-2)', () => {
    expect(watermarkOf([at(5)], 10)).toBe(10);
    expect(watermarkOf([at(null)], 10)).toBe(10);
  });

  it('leaves out shards at their end, and only those (WATERMARK-3)', () => {
    expect(watermarkOf([ended('b', { watermark: 1 }), at(10)], null)).toBe(10);
    expect(watermarkOf([checkpoint('c', { watermark: 1 }), at(10)], null)).toBe(1);
  });

  it('stays when every shard has ended', () => {
    expect(watermarkOf([ended('b', { watermark: 99 })], 10)).toBe(10);
    expect(watermarkOf([], null)).toBeNull();
  });
});

it('null is minus infinity', () => {
  expect([later(null, 3), later(3, null), later(-5, -4), later(null, null)]).toEqual([3, 3, -4, null]);
  expect([earlier(null, 3), earlier(3, null), earlier(-5, -4), earlier(0, 0)]).toEqual([null, null, -5, 0]);
});
