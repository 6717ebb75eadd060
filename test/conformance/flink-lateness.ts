/** What Flink's tests of its window operator say of late elements: how long they are taken, and what becomes of those that are not. */
import { type Duration, session, sliding, tumbling, type VersionOptions } from '../../functions/index.ts';
import {
  after,
  ofSession,
  one,
  purging,
  result,
  sums,
  sumsFromTheEndOfTime,
  sumsOfSessions,
  takenBack,
  withSideOutput,
} from './flink-elements.ts';
import { type Case, passes, type Variant } from './suite.ts';

const corrected = sums(tumbling('2 seconds'), ['500 milliseconds', purging])
  .add(one('key2', 500))
  .advance(after(1500))
  .add(one('key2', 1300))
  .advance(after(2300))
  .expect(result('key2', 2, 1999))
  .add(one('key2', 1997))
  // One, not three: what was given out is forgotten.
  .expect({ ...result('key2', 1, 1999), _sluice: { revision: 1, timing: 'late' } })
  .advance(after(6000))
  .add(one('key2', 1998))
  .expectLate(one('key2', 1998))
  .advance(after(7000));

/** The last times there are: the lateness of the window reaches beyond them. */
const lastTime = 8_640_000_000_000_000;
const atTheEndOfTime = sumsFromTheEndOfTime(tumbling('1 second'), ['2 seconds'])
  .add(one('key2', lastTime - 1750))
  .advance(after(lastTime - 1500))
  .expectOpen({ windowStart: new Date(lastTime - 2000).toISOString() })
  .advance(lastTime - 1000)
  .expect(result('key2', 1, lastTime - 1001));

const withoutLateness = sums(tumbling('2 seconds'))
  .add(one('key2', 1000))
  .advance(after(1985))
  .add(one('key2', 1980))
  .advance(after(1999))
  .expect(result('key2', 2, 1999))
  .add(one('key2', 1998))
  .expectLate(one('key2', 1998))
  .add(one('key2', 2001))
  .advance(after(2999))
  .advance(after(3999))
  .expect(result('key2', 1, 3999));

const slidingWithoutLateness = sums(sliding('3 seconds', '1 second'))
  .add(one('key2', 1000))
  .advance(after(1999))
  .expect(result('key2', 1, 1999))
  .add(one('key2', 2000))
  .advance(after(3000))
  .expect(result('key2', 2, 2999))
  .add(one('key1', 3001))
  // The first of their three windows has closed.
  .add(one('key2', 2400), one('key2', 2400))
  .add(one('key1', 3001), one('key2', 3900))
  .advance(after(6000))
  .expect(
    ...[result('key2', 5, 3999), result('key1', 2, 3999)],
    ...[result('key2', 4, 4999), result('key1', 2, 4999)],
    ...[result('key2', 1, 5999), result('key1', 2, 5999)],
  )
  .add(one('key1', 3001))
  .expectLate(one('key1', 3001))
  .advance(after(25_000));

const merged = (given: ReturnType<typeof sumsOfSessions>) =>
  given
    .add(one('key2', 1000))
    .advance(after(1999))
    .add(one('key2', 2000))
    .advance(after(4998))
    // In time by the session that it is added to.
    .add(one('key2', 4500))
    .add(one('key2', 8500))
    .advance(after(7400))
    // Makes one of two.
    .add(one('key2', 7000))
    .advance(after(11_501))
    .expect(ofSession('key2', 5, 1000, 11_500))
    .add(one('key2', 11_600))
    .advance(after(14_600))
    .expect(ofSession('key2', 1, 11_600, 14_600));
const mergedSessions = merged(sumsOfSessions(session('3 seconds')));
const lateSessions = mergedSessions
  .add(one('key2', 10_000))
  .expectLate(one('key2', 10_000))
  .add(one('key2', 14_500))
  .advance(after(20_000))
  .expect(ofSession('key2', 1, 14_500, 17_500))
  .advance(after(100_000));
const twoLateSessions = mergedSessions
  .add(one('key2', 10_000), one('key2', 10_100))
  .expectLate(one('key2', 10_000), one('key2', 10_100))
  .add(one('key2', 14_500))
  .advance(after(20_000))
  .expect(ofSession('key2', 1, 14_500, 17_500))
  .advance(after(100_000));

/** As `mergedSessions`, where late elements are taken for so long. */
const mergedFor = (...lateness: readonly [Duration, VersionOptions?]) =>
  merged(sumsOfSessions(session('3 seconds'), lateness));

/** The late element reaches the session that has just been given out, and no other. */
const extended = mergedFor('10 milliseconds')
  .add(one('key2', 10_000))
  .expect(ofSession('key2', 2, 10_000, 14_600), takenBack('key2', 11_600, 14_600))
  .add(one('key2', 14_500))
  .expect(takenBack('key2', 10_000, 14_600))
  .advance(after(20_000))
  .expect(ofSession('key2', 3, 10_000, 17_500))
  .expectOpen()
  .advance(after(100_000));
/** The late element joins both sessions that have been given out. */
const joined = mergedFor('10 seconds')
  .add(one('key2', 10_000))
  .expect(ofSession('key2', 7, 1000, 14_600), takenBack('key2', 1000, 11_500), takenBack('key2', 11_600, 14_600))
  .add(one('key2', 14_500))
  .expect(takenBack('key2', 1000, 14_600))
  .advance(after(20_000))
  .expect(ofSession('key2', 8, 1000, 17_500))
  .advance(after(100_000))
  .expectOpen();

/** The same, of the elements that are new each time. Of parts none is taken back. */
const extendedPurging = mergedFor('10 milliseconds', purging)
  .add(one('key2', 10_000))
  .expect(ofSession('key2', 1, 10_000, 14_600))
  .add(one('key2', 14_500))
  .advance(after(20_000))
  .expect(ofSession('key2', 1, 10_000, 17_500))
  .advance(after(100_000));
const joinedPurging = mergedFor('10 seconds', purging)
  .add(one('key2', 10_000))
  .expect(ofSession('key2', 1, 1000, 14_600))
  .add(one('key2', 14_500))
  .advance(after(20_000))
  .expect(ofSession('key2', 1, 1000, 17_500))
  .advance(after(100_000));

/** Given out once, kept for as long as it may be corrected, and then gone: one more element shows which. */
const keptFor = (lateness: Duration, gone: number) => (variant: Variant) => {
  const given = sums(tumbling('2 seconds'), [lateness])
    .add(one('key2', 1000))
    .advance(after(1599))
    .advance(after(1999))
    .expect(result('key2', 1, 1999));
  const isGone = given.advance(after(gone));
  isGone.advance(after(5000)).run(variant);
  given
    .add(one('key2', 1000))
    .expect(result('key2', 2, 1999))
    .run(variant);
  isGone.add(one('key2', 1000)).expectLate(one('key2', 1000)).run(variant);
};
const sessionKept = (variant: Variant) => {
  const given = sumsOfSessions(session('3 seconds'), ['10 milliseconds'])
    .add(one('key2', 1000))
    .advance(after(4998))
    .expect(ofSession('key2', 1, 1000, 4000));
  given.advance(after(14_600)).run(variant);
  given.add(one('key2', 1000)).expectLate(one('key2', 1000)).run(variant);
};
/** A filter takes no result before the window is gone. */
const keptWithoutResult = (variant: Variant) => {
  const given = sums(tumbling('2 seconds'), ['1 millisecond'], ({ total }) => total !== 1)
    .add(one('test_key', 1000))
    .advance(after(1599))
    .advance(after(1699))
    .advance(after(1799))
    .advance(after(1999));
  const isGone = given.advance(after(2000));
  isGone.advance(after(5000)).run(variant);
  given
    .add(one('test_key', 1000))
    .expect(result('test_key', 2, 1999))
    .run(variant);
  isGone.add(one('test_key', 1000)).expectLate(one('test_key', 1000)).run(variant);
};

const takesBack = 'Flink does not say that the sessions it has merged are no more; they are taken back here';
const discards = "`accumulation: 'discarding'` is what a purging trigger is";

export const flinkLateness: Readonly<Record<string, Case>> = {
  testLateness: passes(withSideOutput(corrected, one('key2', 1998)), discards),
  testCleanupTimeOverflow: passes(atTheEndOfTime, 'at the end of the times there are here'),
  testSideOutputDueToLatenessTumbling: passes(withSideOutput(withoutLateness, one('key2', 1998))),
  testSideOutputDueToLatenessSliding: passes(withSideOutput(slidingWithoutLateness, one('key1', 3001))),
  testSideOutputDueToLatenessSessionZeroLatenessPurgingTrigger: passes(
    withSideOutput(twoLateSessions, one('key2', 10_000), one('key2', 10_100)),
  ),
  testSideOutputDueToLatenessSessionZeroLateness: passes(withSideOutput(lateSessions, one('key2', 10_000))),
  testDropDueToLatenessSessionWithLatenessPurgingTrigger: passes(withSideOutput(extendedPurging), discards),
  testNotSideOutputDueToLatenessSessionWithLateness: passes(withSideOutput(extended), takesBack),
  testNotSideOutputDueToLatenessSessionWithHugeLatenessPurgingTrigger: passes(withSideOutput(joinedPurging), discards),
  testNotSideOutputDueToLatenessSessionWithHugeLateness: passes(withSideOutput(joined), takesBack),
  testCleanupTimerWithEmptyListStateForTumblingWindows2: passes(keptFor('100 milliseconds', 2100)),
  testCleanupTimerWithEmptyListStateForTumblingWindows: passes(keptFor('1 millisecond', 2000)),
  testCleanupTimerWithEmptyReduceStateForTumblingWindows: passes(keptFor('1 millisecond', 2000)),
  testCleanupTimerWithEmptyListStateForSessionWindows: passes(sessionKept),
  testCleanupTimerWithEmptyReduceStateForSessionWindows: passes(sessionKept),
  testCleanupTimerWithEmptyStateNoResultForTumblingWindows: passes(keptWithoutResult, 'a filter takes no row'),
};
