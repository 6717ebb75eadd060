/** What the head says of its lease, its batches and its source. */
import { describe, expect, it } from 'vitest';
import { heldAt, isHeld, isUnfinished, nextBatchId, sourcesAfter, unfinished } from '../../functions/core/head.ts';
import { headOf, heldUntil, holderOf, hours, noon, sourceOf, sourcesOf } from '../support/builders.ts';

describe('a lease', () => {
  const held = headOf({ holder: holderOf({ lease: heldUntil(noon) }) });

  it('is waited for until it runs out, and its end is not part of it', () => {
    expect(heldAt(held, noon - 1)).toEqual({ owner: 'run-1', execution: 'execution-1', until: noon });
    expect(heldAt(held, noon)).toBeUndefined();
    expect([noon - 1, noon].map((now) => isHeld(held, now))).toEqual([true, false]);
  });

  it('that was released, or never taken, is nobody’s', () => {
    expect(isHeld(headOf({ holder: holderOf({ lease: { kind: 'released' } }) }), 0)).toBe(false);
    expect(isHeld(headOf({ holder: undefined }), 0)).toBe(false);
  });
});

describe('a batch', () => {
  const zero = { batchId: 0, ref: 6 };
  const one = { batchId: 1, ref: 7 };

  it('is to be finished while it is sealed and not committed', () => {
    expect(unfinished({ sealed: undefined, committed: undefined })).toBeUndefined();
    expect(unfinished({ sealed: zero, committed: undefined })).toEqual(zero);
    expect(unfinished({ sealed: zero, committed: zero })).toBeUndefined();
    expect(unfinished({ sealed: one, committed: zero })).toEqual(one);
  });

  it('is the one to be finished only by its id and its ref', () => {
    const head = { sealed: one, committed: zero };
    expect(isUnfinished(head, one)).toBe(true);
    expect(isUnfinished(head, { ...one, ref: 8 })).toBe(false);
    expect(isUnfinished(head, { ...one, batchId: 2 })).toBe(false);
    expect(isUnfinished({ sealed: one, committed: one }, one)).toBe(false);
    expect(isUnfinished({ sealed: undefined, committed: undefined }, zero)).toBe(false);
  });

  it('has the id after that of the committed one; the first has 0', () => {
    expect(nextBatchId({ committed: undefined })).toBe(0);
    expect(nextBatchId({ committed: one })).toBe(2);
  });
});

describe('what a claim says of a source', () => {
  const before = sourcesOf({ listedAt: noon, runBound: { timestamp: 9, provesEndFrom: 8 } });
  const { stream } = sourceOf(headOf({ sources: before }));

  it('leaves what it does not name as it was', () => {
    expect(sourcesAfter(before, { listedAt: undefined, retentionMs: stream.retentionMs })).toEqual(before);
  });

  it('replaces what it names', () => {
    const news = {
      listedAt: noon + 1,
      retentionMs: hours(48),
      retentionStart: 5,
      runBound: { timestamp: 11, provesEndFrom: 10 },
    };
    const { retentionMs, retentionStart, ...source } = news;
    expect(sourcesAfter(before, news)).toEqual(
      sourcesOf({ ...source, stream: { ...stream, retentionMs, retentionStart } }),
    );
    expect(sourcesAfter(sourcesAfter(before, news), { listedAt: undefined, retentionMs })).toEqual(
      sourcesOf({ ...source, stream: { ...stream, retentionMs, retentionStart } }),
    );
  });
});
