/** What `sluice savepoint`, `rewind` and `fork` take, and what they say of anything else: all at once, before anything is done. */
import { describe, expect, it } from 'vitest';
import { forkSettings, rewindSettings, savepointSettings } from '../../cli/operation-settings.ts';

const problemsOf = (work: () => unknown): string[] => {
  try {
    return [`took it: ${JSON.stringify(work())}`];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
};
const of = { pipeline: 'departures' };

describe('savepoint', () => {
  it('makes one, of the last batch or another, lists them, or deletes one', () => {
    expect(savepointSettings('a', of)).toEqual({ kind: 'make', pipeline: 'departures', name: 'a', batchId: undefined });
    expect(savepointSettings('a', { ...of, batch: '41' })).toMatchObject({ kind: 'make', batchId: 41 });
    expect(savepointSettings(undefined, { ...of, list: true })).toEqual({ kind: 'list', pipeline: 'departures' });
    expect(savepointSettings('a', { ...of, delete: true })).toEqual({
      kind: 'delete',
      pipeline: 'departures',
      name: 'a',
    });
  });

  it('says what is wrong', () => {
    expect(problemsOf(() => savepointSettings(undefined, {}))).toEqual([
      '--pipeline: its name is needed',
      'the name of the savepoint is needed, or --list',
    ]);
    expect(problemsOf(() => savepointSettings('a@b', { pipeline: 'p/q', batch: '-1', delete: true }))).toEqual([
      'pipeline p/q: use a name of 1 to 128 letters, digits, _ . or -',
      '--batch -1: use a whole number from 0 to 999,999,999,999',
      'savepoint a@b: use a name of 1 to 128 letters, digits, _ . or -',
      '--batch: it is not used together with --list or --delete',
    ]);
    expect(problemsOf(() => savepointSettings('a', { ...of, list: true, delete: true }))).toEqual([
      '--list: it is not used together with --delete',
      '--list: it is not used together with a name (a)',
    ]);
  });
});

describe('rewind', () => {
  it('goes to a batch, to a time in either form, or to a savepoint', () => {
    const to = (options: object) => rewindSettings({ ...of, ...options }).to;
    expect(to({ toBatch: '0' })).toEqual({ kind: 'batch', batchId: 0 });
    expect(to({ toTime: '2026-03-01T12:00:00+01:00' })).toEqual({ kind: 'time', time: Date.UTC(2026, 2, 1, 11) });
    expect(to({ toTime: '1772362800000' })).toEqual({ kind: 'time', time: 1_772_362_800_000 });
    expect(to({ toSavepoint: 'before' })).toEqual({ kind: 'savepoint', name: 'before' });
  });

  it('goes to one of them', () => {
    expect(problemsOf(() => rewindSettings(of))).toEqual([
      '--to-batch, --to-time or --to-savepoint: one of them is needed',
    ]);
    expect(problemsOf(() => rewindSettings({ ...of, toTime: '2026-03-01T12:00:00', toSavepoint: '' }))).toEqual([
      '--to-time 2026-03-01T12:00:00: use a moment with its zone, such as 2026-03-01T00:00:00Z, or epoch milliseconds',
      '--to-savepoint : use a name of 1 to 128 letters, digits, _ . or -',
      '--to-time and --to-savepoint: use one of them',
    ]);
  });
});

describe('fork', () => {
  it('begins with a savepoint or a batch, under another name', () => {
    expect(forkSettings('next', { ...of, from: 'before' }).from).toEqual({ kind: 'savepoint', name: 'before' });
    expect(forkSettings('next', { ...of, batch: '7' }).from).toEqual({ kind: 'batch', batchId: 7 });
    expect(problemsOf(() => forkSettings('departures', of))).toEqual([
      'departures: use another name than that of the pipeline',
      '--from or --batch: one of them is needed',
    ]);
  });
});
