/** Sessions by hand: what touches, what joins two, and what is late. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { count, json, kinesis, pipeline, runPipeline, session, sum, transcript } from '../../functions/index.ts';
import { sessionKind } from '../../functions/windows/session.ts';

const visits = pipeline('visits')
  .readStream(kinesis({ streamName: 'visits' }))
  .decode(json(z.object({ at: z.number(), user: z.string() })))
  .withWatermark((visit) => visit.at, { delay: '10000 days' })
  .groupBy({ user: (visit) => visit.user })
  .window(session('10 milliseconds'))
  .aggregate({ visits: count(), times: sum((visit) => visit.at) })
  .map(({ user, windowStart, windowEnd, visits: events }) => ({
    user,
    window: [Date.parse(windowStart), Date.parse(windowEnd)],
    visits: events,
  }))
  .writeStream(kinesis({ streamName: 'sessions' }));
const sessions = transcript(visits);
const ann = (at: number) => ({ at, user: 'ann' });
const row = (start: number, end: number, events: number) => ({ user: 'ann', window: [start, end], visits: events });

describe('a session', () => {
  it('begins with an event, and ends the gap after its last one', () => {
    sessions
      .add(ann(5), ann(12), ann(21))
      .advance(31)
      .expect(row(5, 31, 3))
      .run();
  });

  it('is another one where the next event comes the gap after the last, wherever batches are cut', () => {
    const both = [row(0, 10, 1), row(10, 20, 1)];
    sessions.add(ann(0), ann(10)).advance(100).expect(both[0]!, both[1]!).run();
    sessions.add(ann(0)).advance(10).expect(both[0]!).add(ann(10)).advance(20).expect(both[1]!).run();
  });

  it('is the one that two were which a third event joins, whichever batch it comes in', () => {
    sessions
      .add(ann(0), ann(15))
      .add(ann(8))
      .advance(25)
      .expect(row(0, 25, 3))
      .run();
  });

  it('is given out when the watermark reaches the end that it has come to', () => {
    sessions
      .add(ann(0))
      .add(ann(9))
      .advance(10)
      .advance(18)
      .advance(19)
      .expect(row(0, 19, 2))
      .run();
  });

  it('is one of a key', () => {
    const bob = { at: 3, user: 'bob' };
    const ofBob = { ...row(3, 13, 1), user: 'bob' };
    sessions
      .add(ann(0), bob)
      .advance(20)
      .expect(row(0, 10, 1), ofBob)
      .run();
  });
});

describe('an event that comes late', () => {
  const late = (batches: Parameters<typeof runPipeline<{ at: number; user: string }, unknown>>[1]) => {
    const results = runPipeline(visits, batches as never) as unknown as readonly {
      late: readonly unknown[];
      results: readonly unknown[];
    }[];
    return { late: results.flatMap((each) => each.late), rows: results.flatMap((each) => each.results) };
  };

  it('belongs to the session that it overlaps, if that is open', () => {
    const batches = [[ann(16)], { watermark: 20 }, [ann(8)], { watermark: 26 }];
    expect(late({ batches })).toEqual({ late: [], rows: [row(8, 26, 2)] });
  });

  it('joins one of the same batch, which is in time', () => {
    const batches = [{ watermark: 20 }, [ann(8), ann(16)], { watermark: 26 }];
    expect(late({ batches })).toEqual({ late: [], rows: [row(8, 26, 2)] });
  });

  it('is late where it overlaps none, with all that it overlaps', () => {
    const batches = [[ann(19)], { watermark: 20 }, [ann(0), ann(5), ann(9)], { watermark: 40 }];
    expect(late({ batches })).toEqual({ late: [ann(0), ann(5), ann(9)], rows: [row(19, 29, 1)] });
  });

  it('does not bring back a session that has closed', () => {
    const batches = [[ann(0)], { watermark: 10 }, [ann(9)], [ann(0)], { watermark: 30 }];
    expect(late({ batches })).toEqual({ late: [], rows: [row(0, 10, 1), row(0, 19, 2)] });
  });
});

it('says which gap it takes', () => {
  const problems: unknown[] = [];
  sessionKind.read({ gap: '0 seconds' }, problems as never);
  expect(problems).toMatchObject([{ option: 'window.gap' }]);
  expect(() =>
    runPipeline({ ...visits, grouping: { ...visits.grouping!, window: { kind: 'session' } } }, { events: [] }),
  ).toThrow('window.gap: nothing is given; use a duration of at least 1 millisecond');
});
